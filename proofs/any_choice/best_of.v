(* Hard best of K: the winner has the largest reward of the K candidates. What becomes of ties is
   left open (they may be broken by chance, by place or by any other reason) unless best_of is said,
   which shares them equally. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation choices.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q r : T -> R).

(* The rule c chooses a candidate only if no other has a larger reward. *)
Definition picks_best K r (c : {ffun 'I_K -> T} -> 'I_K -> R) :=
  forall x k, 0 < c x k -> forall j, r (x j) <= r (x k).

(* The places of the best candidates, ... *)
Definition best_places K r (x : {ffun 'I_K -> T}) : pred 'I_K :=
  fun k => [forall j, r (x j) <= r (x k)].

(* ... and the rule that chooses each of them with the same probability. *)
Definition best_of K r (x : {ffun 'I_K -> T}) (k : 'I_K) : R :=
  if best_places r x k then #|best_places r x|%:R^-1 else 0.

(* A set of answers that has with each one all those of no larger reward: {r <= b} and {r < b}. *)
Definition lower_set r (L : pred T) := forall x y, L x -> r y <= r x -> L y.

(* How often a sample of q is better than one of p, ties counted half. *)
Definition win_rate r q p :=
  mean q (fun x => mean p (fun y => (r y < r x)%R%:R + (r y == r x)%:R / 2%:R)).

End Definitions.

Section BestOf.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q r : T -> R) (L : pred T).

Lemma best_exists K r (x : {ffun 'I_K -> T}) : (0 < K)%N -> exists k, best_places r x k.
Proof.
case: K x => // n x _; have [k _ largest] := arg_maxP (fun k => r (x k)) (erefl : predT ord0).
by exists k; apply/forallP => j; apply: largest.
Qed.

Lemma best_of_is_rule K r : (0 < K)%N -> is_rule (@best_of R T K r).
Proof.
move=> K0 x; have [k0 best0] := best_exists r x K0.
have many : #|best_places r x|%:R != 0 :> R.
  by rewrite pnatr_eq0 -lt0n; apply/card_gt0P; exists k0.
split=> [k|]; first by rewrite /best_of; case: ifP; rewrite ?invr_ge0 ?ler0n.
by rewrite -big_mkcond sumr_const -[LHS]mulr_natl divff.
Qed.

Lemma best_of_picks_best K r : picks_best r (@best_of R T K r).
Proof. by move=> x k; rewrite /best_of; case: ifP; rewrite ?ltxx // => /forallP. Qed.

Lemma lower_le r b : lower_set r (fun x => r x <= b).
Proof. by move=> x y xb yx; apply: le_trans yx xb. Qed.

Lemma lower_lt r b : lower_set r (fun x => r x < b).
Proof. by move=> x y xb yx; apply: le_lt_trans yx xb. Qed.

(* The best is in a lower set if and only if all are. *)
Lemma best_of_lower_set K r (c : {ffun 'I_K -> T} -> 'I_K -> R) p L :
  is_law p -> is_rule c -> picks_best r c -> lower_set r L ->
  mass (chosen p c) L = mass p L ^+ K.
Proof.
move=> lawp rule_c best lower.
have -> : mass p L ^+ K = mean (draws p) (fun x : {ffun 'I_K -> T} => \prod_k (L (x k))%:R).
  rewrite (mean_draws_prod p (fun _ y => (L y)%:R)).
  by under eq_bigr do rewrite mean_indicator; rewrite prodr_const card_ord.
rewrite -mean_indicator mean_chosen; apply: eq_mean => // x; have [c0 sumc] := rule_c x.
have [/forallP inside|/forallPn[j out]] := boolP [forall k, L (x k)].
  under eq_bigr do rewrite inside mulr1; rewrite sumc big1 // => k _.
  by rewrite inside.
rewrite [RHS](bigD1 j) //= (negPf out) mul0r big1 // => k _.
have := c0 k; rewrite le_eqVlt => /orP[/eqP <-|ck]; first by rewrite mul0r.
have -> : L (x k) = false by apply: contraNF out => /lower; apply; apply: best.
by rewrite mulr0.
Qed.

(* I6. Hard best of K, ties broken in any way: T(p)(r <= b) = p(r <= b)^K. *)
Theorem best_of_k K r (c : {ffun 'I_K -> T} -> 'I_K -> R) p b :
  is_law p -> is_rule c -> picks_best r c ->
  mass (chosen p c) (fun x => r x <= b) = mass p (fun x => r x <= b) ^+ K.
Proof. by move=> lawp rule_c best; apply: best_of_lower_set (@lower_le r b). Qed.

Section Loop.
Variables (K : nat) (r : T -> R) (p : nat -> T -> R).
Variable c : nat -> {ffun 'I_K -> T} -> 'I_K -> R.
Hypotheses (law0 : is_law (p 0%N)) (rule_c : forall t, is_rule (c t)).
Hypotheses (best : forall t, picks_best r (c t)) (step : forall t, p t.+1 =1 chosen (p t) (c t)).

Lemma best_loop_is_law t : is_law (p t).
Proof.
elim: t => [//|t /chosen_is_law/(_ (rule_c t))[c0 sumc]].
by split=> [x|]; [rewrite step|under eq_bigr do rewrite step].
Qed.

Lemma best_loop_lower_set L t : lower_set r L -> mass (p t) L = mass (p 0%N) L ^+ (K ^ t).
Proof.
move=> lower; elim: t => [|t IH]; first by rewrite expr1.
have -> : mass (p t.+1) L = mass (chosen (p t) (c t)) L by apply: eq_bigr => x _; apply: step.
by rewrite (best_of_lower_set (best_loop_is_law t) (rule_c t) (@best t) lower) IH -exprM expnSr.
Qed.

(* t pure steps of the best of K are as one choice of the best of K^t from p_0: the rewards have the
   same distribution function,
     p_t(r <= b) = p_0(r <= b)^(K^t) = T(p_0)(r <= b), T the best of K^t.
   Ties may be broken in any way, another one at each t. *)
Theorem best_of_k_steps t b :
  mass (p t) (fun x => r x <= b) = mass (p 0%N) (fun x => r x <= b) ^+ (K ^ t)
  /\ forall d : {ffun 'I_(K ^ t) -> T} -> 'I_(K ^ t) -> R, is_rule d -> picks_best r d ->
     mass (p t) (fun x => r x <= b) = mass (chosen (p 0%N) d) (fun x => r x <= b).
Proof.
have E := best_loop_lower_set t (@lower_le r b); split=> // d rule_d best_d.
by rewrite E (best_of_lower_set law0 rule_d best_d (@lower_le r b)).
Qed.

End Loop.

(* f depends on the reward only. *)
Definition of_reward r (f : T -> R) := forall x y, r x = r y -> f x = f y.

(* If ties are shared equally, all answers of one reward gain by the same factor. *)
Lemma ties_shared K r p : (0 < K)%N ->
  exists2 f, of_reward r f & forall x, chosen p (@best_of R T K r) x = p x * f x.
Proof.
case: K => // n _.
exists (fun z => \sum_k mean (draws (K := n) p) (fun c => best_of r (insert k z c) k)).
  move=> x y rxy; apply: eq_bigr => k _; apply: eq_mean => // c.
  have same j : r (insert k x c j) = r (insert k y c j) by rewrite !ffunE; case: unlift.
  have best : best_places r (insert k x c) =1 best_places r (insert k y c).
    by move=> i; apply: eq_forallb => j; rewrite !same.
  by rewrite /best_of best (eq_card best).
move=> z; rewrite mulr_sumr /chosen; under eq_bigr do rewrite big_mkcond mulr_sumr.
rewrite exchange_big; apply: eq_bigr => k _ /=.
rewrite (bigID (fun c : {ffun 'I_n.+1 -> T} => c k == z)) /= [X in _ + X]big1 ?addr0.
  rewrite sum_candidate_is mulr_sumr; apply: eq_bigr => c _.
  by rewrite insert_at eqxx draws_insert mulrA.
by move=> c /negPf ->; rewrite mulr0.
Qed.

(* Such a law is known from the masses of all sets {r <= b} and {r < b}. *)
Lemma same_rewards_same_law r p f1 f2 : is_law p -> of_reward r f1 -> of_reward r f2 ->
  (forall L, lower_set r L ->
     mass (fun x => p x * f1 x) L = mass (fun x => p x * f2 x) L) ->
  forall x, p x * f1 x = p x * f2 x.
Proof.
move=> [p0 _] of1 of2 same z; have [->|pz] := eqVneq (p z) 0; first by rewrite !mul0r.
pose level := fun x => r x == r z.
have level_mass q : mass q (fun x => r x <= r z) = mass q (fun x => r x < r z) + mass q level.
  rewrite /mass (bigID (fun x => r x == r z)) /= addrC; congr (_ + _); apply: eq_bigl => x.
    by rewrite lt_neqAle andbC.
  by apply: andb_idl => /eqP ->.
have levels : mass (fun x => p x * f1 x) level = mass (fun x => p x * f2 x) level.
  apply: (@addrI _ (mass (fun x => p x * f1 x) (fun x => r x < r z))).
  rewrite -level_mass (same _ (@lower_lt r (r z))) (same _ (@lower_le r (r z))).
  exact: level_mass.
have factor f : of_reward r f -> mass (fun x => p x * f x) level = mass p level * f z.
  by move=> of_f; rewrite /mass mulr_suml; apply: eq_bigr => x /eqP/of_f ->.
have pl : mass p level != 0.
  rewrite gt_eqF // /mass (bigD1 z) /level //= ltr_pwDl ?sumr_ge0 //.
  by rewrite lt_neqAle eq_sym pz p0.
by congr (_ * _); apply: (mulfI pl); rewrite -!factor.
Qed.

(* With ties shared equally the laws themselves are the same: t pure steps of the best of K, and one
   choice of the best of K^t from p_0. *)
Theorem best_of_k_one_choice K r (p : nat -> T -> R) : (0 < K)%N -> is_law (p 0%N) ->
  (forall t, p t.+1 =1 chosen (p t) (@best_of R T K r)) ->
  forall t, p t =1 chosen (p 0%N) (@best_of R T (K ^ t) r).
Proof.
move=> K0 law0 step t; have Kt0 : (0 < K ^ t)%N by rewrite expn_gt0 K0.
have [f1 of1 E1] : exists2 f, of_reward r f & forall x, p t x = p 0%N x * f x.
  elim: t {Kt0} => [|t [f of_f E]]; first by exists (fun=> 1) => // x; rewrite mulr1.
  have [g of_g E'] := ties_shared r (p t) K0.
  exists (fun x => f x * g x) => [x y rxy|x]; first by rewrite (of_f x y) // (of_g x y).
  by rewrite step E' E mulrA.
have [f2 of2 E2] := ties_shared r (p 0%N) Kt0.
move=> x; rewrite E1 E2; apply: (same_rewards_same_law law0 of1 of2) => L lower {x}.
transitivity (mass (p t) L); first by apply: eq_bigr => x _; rewrite E1.
have rule_b s := best_of_is_rule r (K := s); have best_b s := @best_of_picks_best s r.
rewrite (best_loop_lower_set law0 (fun=> rule_b K K0) (fun=> best_b K) step t lower).
rewrite -(best_of_lower_set law0 (rule_b _ Kt0) (best_b _) lower).
by apply: eq_bigr => x _; rewrite E2.
Qed.

End BestOf.

Section WinRate.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q r : T -> R).

(* Of n + 1 samples, each is the best (ties counted half) with the same probability, and one is. *)
Lemma one_is_best n r p : is_law p -> 1 <= n.+1%:R * mean p (fun y =>
  (mass p (fun x => r x <= r y) ^+ n + mass p (fun x => r x < r y) ^+ n) / 2%:R).
Proof.
move=> lawp; have lawd := draws_is_law n.+1 lawp.
pose beats (s : rel R) k (x : {ffun 'I_n.+1 -> T}) : R :=
  \prod_i (s (r (x (lift k i))) (r (x k)))%:R.
have at_place (s : rel R) k : mean (draws p) (beats s k)
    = mean p (fun y => mass p (fun x => s (r x) (r y)) ^+ n).
  rewrite [LHS]/mean (partition_big (fun x : {ffun 'I_n.+1 -> T} => x k) predT) //=.
  apply: eq_bigr => y _; rewrite sum_candidate_is.
  have -> : mass p (fun x => s (r x) (r y)) ^+ n
      = mean (draws p) (fun c : {ffun 'I_n -> T} => \prod_i (s (r (c i)) (r y))%:R).
    rewrite (mean_draws_prod p (fun _ x => (s (r x) (r y))%:R)).
    by under eq_bigr do rewrite mean_indicator; rewrite prodr_const card_ord.
  rewrite mulr_sumr; apply: eq_bigr => c _; rewrite draws_insert -mulrA; congr (_ * (_ * _)).
  by apply: eq_bigr => i _; rewrite insert_at insert_lift.
have -> : n.+1%:R * mean p (fun y =>
      (mass p (fun x => r x <= r y) ^+ n + mass p (fun x => r x < r y) ^+ n) / 2%:R)
    = mean (draws p) (fun x => \sum_k (beats <=%R k x + beats <%R k x) / 2%:R).
  rewrite mean_sum -[n.+1 in LHS]card_ord -sumr_const mulr_suml; apply: eq_bigr => k _.
  rewrite mul1r.
  rewrite (@eq_mean _ _ (draws p) _ _ (fun x => 2%:R^-1 * (beats <=%R k x + beats <%R k x))
    (frefl _) (fun x => mulrC _ _)) meanZ meanD !at_place -meanD -meanZ.
  by apply: eq_mean => // y; rewrite mulrC.
rewrite -[leLHS](mean_const 1 lawd); apply: le_mean => [|x _]; first by case: lawd.
have beats0 s k : 0 <= beats s k x by apply: prodr_ge0 => i _; rewrite ler0n.
have term0 k : 0 <= (beats <=%R k x + beats <%R k x) / 2%:R.
  by rewrite divr_ge0 ?ler0n ?addr_ge0.
have beaten (s : rel R) k : (forall i, s (r (x (lift k i))) (r (x k))) -> beats s k x = 1.
  by move=> all_s; rewrite /beats big1 // => i _; rewrite all_s.
have half : 1 = (1 + 1) / 2%:R :> R by rewrite -(natrD _ 1 1) divff ?pnatr_eq0.
have [k /forallP best] := best_exists r x (ltn0Sn n).
rewrite (bigD1 k) //= (beaten _ k) //.
have [/forallP strict|/forallPn[i]] := boolP [forall i, r (x (lift k i)) < r (x k)].
  by rewrite (beaten _ k) // -half lerDl sumr_ge0.
rewrite -leNgt => tie; rewrite (bigD1 (lift k i)) ?[_ == k]eq_sym ?neq_lift //=.
rewrite (beaten <=%R (lift k i)) => [|j]; last exact: le_trans (best _) tie.
rewrite addrA -mulrDl; apply: ler_wpDr; first exact: sumr_ge0.
by rewrite {1}half ler_wpM2r ?invr_ge0 ?ler0n // addrACA lerDl addr_ge0.
Qed.

(* If q has the rewards of the best of N samples of p, it wins against p at most N/(N + 1) times. *)
Lemma win_rate_le N r p q : is_law p -> is_law q ->
  (forall L, lower_set r L -> mass q L = mass p L ^+ N) ->
  win_rate r q p <= N%:R / N.+1%:R.
Proof.
move=> lawp lawq best; have := one_is_best N r lawp.
set loss := mean p _; have N1 : 0 < N.+1%:R :> R by rewrite ltr0n.
have -> : win_rate r q p = 1 - loss.
  rewrite /win_rate /mean; under eq_bigr do rewrite mulr_sumr.
  rewrite exchange_big /= -[X in _ = X - _](proj2 lawp) -sumrB; apply: eq_bigr => y _.
  have le_lt b : mass q (fun x => r x <= b)
      = mass q (fun x => r x < b) + mass q (fun x => r x == b).
    rewrite /mass (bigID (fun x => r x == b)) /= addrC; congr (_ + _); apply: eq_bigl => x.
      by rewrite lt_neqAle andbC.
    by apply: andb_idl => /eqP ->.
  rewrite -!best; try exact: lower_lt; try exact: lower_le.
  have gt_le : mass q (fun x => r y < r x) = 1 - mass q (fun x => r x <= r y).
    by rewrite -massC //; apply: eq_bigl => x; rewrite /= -ltNge.
  have -> : \sum_x q x * (p y * ((r y < r x)%R%:R + (r y == r x)%:R / 2%:R))
      = p y * (mass q (fun x => r y < r x) + mass q (fun x => r x == r y) / 2%:R).
    rewrite -!mean_indicator /mean mulr_suml -big_split mulr_sumr; apply: eq_bigr => x _ /=.
    by rewrite [r y == r x]eq_sym mulrCA mulrDr mulrA.
  by rewrite gt_le le_lt; field.
move=> le; rewrite ler_pdivlMr // mulrBl mul1r [loss * _]mulrC lerBlDr.
by rewrite {1}mulrS addrC lerD2l.
Qed.

(* I6, the win rate: after t pure steps of the best of K, a sample of p_t is better than a fresh one
   of p_0 (ties counted half) with probability at most K^t/(K^t + 1). Ties may be broken in any way.
   On a finite law the same answer may be drawn twice, which is a tie: equality is for densities. *)
Theorem best_of_k_win_rate K r (p : nat -> T -> R)
  (c : nat -> {ffun 'I_K -> T} -> 'I_K -> R) : is_law (p 0%N) ->
  (forall t, is_rule (c t)) -> (forall t, picks_best r (c t)) ->
  (forall t, p t.+1 =1 chosen (p t) (c t)) ->
  forall t, win_rate r (p t) (p 0%N) <= (K ^ t)%:R / (K ^ t).+1%:R.
Proof.
move=> law0 rule_c best step t.
apply: win_rate_le => // [|L lower]; first exact: best_loop_is_law law0 rule_c step t.
exact: (best_loop_lower_set law0 rule_c best step).
Qed.

End WinRate.

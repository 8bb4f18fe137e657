(* A rule that sees the candidates only is Lipschitz in total variation, whatever it is: if two laws
   are close, K candidates from the one and from the other are mostly the same, and so is the
   choice. So the loop with enough real data contracts, and has at most one fixed point. That it has
   one is in contraction_limit.v: it needs limits. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation choices loops total_variation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Contraction.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q pref : T -> R).
Notation TV := total_variation.

(* K candidates from p and from q: all the same with probability (1 - TV(p, q))^K at least. *)
Lemma TV_draws K p q : is_law p -> is_law q ->
  TV (draws (K := K) p) (draws q) <= 1 - (1 - TV p q) ^+ K.
Proof.
move=> lawp lawq; rewrite TV_overlap; try exact: draws_is_law.
rewrite TV_overlap // subKr lerD2l lerN2.
have -> : (\sum_x Num.min (p x) (q x)) ^+ K
    = \sum_(c : {ffun 'I_K -> T}) \prod_k Num.min (p (c k)) (q (c k)).
  by rewrite -(bigA_distr_bigA (fun (_ : 'I_K) x => Num.min (p x) (q x))) prodr_const card_ord.
apply: ler_sum => c _; rewrite le_minr; apply/andP; split; apply: ler_prod => k _.
  by rewrite le_minr (proj1 lawp) (proj1 lawq) le_minl lexx.
by rewrite le_minr (proj1 lawp) (proj1 lawq) le_minl lexx orbT.
Qed.

(* A choice after the draws brings laws no further apart. *)
Lemma TV_chosen_draws K (c : {ffun 'I_K -> T} -> 'I_K -> R) p q : is_rule c ->
  TV (chosen p c) (chosen q c) <= TV (draws (K := K) p) (draws q).
Proof.
move=> rule_c; rewrite ler_wpM2r ?invr_ge0 ?ler0n //.
apply: (@le_trans _ _
  (\sum_y \sum_(x : {ffun 'I_K -> T}) `|draws p x - draws q x| * \sum_(k | x k == y) c x k)).
  apply: ler_sum => y _; rewrite /chosen -sumrB; apply: le_trans (ler_norm_sum _ _ _) _.
  apply: ler_sum => x _; rewrite -mulrBl normrM [X in _ * X]ger0_norm //.
  by apply: sumr_ge0 => k _; case: (rule_c x).
rewrite exchange_big /=; apply: ler_sum => x _; rewrite -mulr_sumr.
have -> : \sum_y \sum_(k | x k == y) c x k = 1.
  by rewrite -(proj2 (rule_c x)) [RHS](partition_big (fun k => x k) predT).
by rewrite mulr1.
Qed.

(* I4. TV(T(p), T(q)) <= 1 - (1 - TV(p, q))^K <= K TV(p, q), for any rule of choice among K (so
   K >= 1) and laws p and q. The rule c is the same on both sides: it sees the candidates, and
   not the law that they come from. *)
Theorem any_choice_contraction K (c : {ffun 'I_K -> T} -> 'I_K -> R) p q :
  is_law p -> is_law q -> is_rule c ->
  TV (chosen p c) (chosen q c) <= 1 - (1 - TV p q) ^+ K
  /\ 1 - (1 - TV p q) ^+ K <= K%:R * TV p q.
Proof.
move=> lawp lawq rule_c; split; last by apply: one_of_K_le; rewrite TV_ge0 TV_le1.
exact: le_trans (TV_chosen_draws p q rule_c) (TV_draws K lawp lawq).
Qed.

Section Loop.
Variables (K : nat) (c : {ffun 'I_K -> T} -> 'I_K -> R) (lam : R) (pref : T -> R).
Hypotheses (rule_c : is_rule c) (lam_ge0 : 0 <= lam).
Notation a := (lam / (1 + lam)).
Notation fixed := (is_fixed_point lam pref (fun p => chosen p c)).

Let a_ge0 : 0 <= a := synthetic_share_ge0 lam_ge0.

(* One step of the loop, from two laws. *)
Lemma contraction_step p q p' q' : is_law p -> is_law q ->
  (forall x, p' x = pref x / (1 + lam) + a * chosen p c x) ->
  (forall x, q' x = pref x / (1 + lam) + a * chosen q c x) ->
  TV p' q' <= a * K%:R * TV p q.
Proof.
move=> lawp lawq stepp stepq; have [le1 le2] := any_choice_contraction lawp lawq rule_c.
apply: (@le_trans _ _ (a * TV (chosen p c) (chosen q c))); last first.
  by rewrite -[leRHS]mulrA ler_wpM2l // (le_trans le1).
rewrite mulrA ler_wpM2r ?invr_ge0 ?ler0n // mulr_sumr; apply: ler_sum => x _.
by rewrite stepp stepq opprD addrACA subrr add0r -mulrBr normrM [`|a|]ger0_norm.
Qed.

(* If a K < 1, a = lam/(1 + lam), there is at most one fixed point among the laws. *)
Theorem any_choice_unique_fixed_point p q : a * K%:R < 1 ->
  is_law p -> is_law q -> fixed p -> fixed q -> p =1 q.
Proof.
move=> small lawp lawq fixp fixq; apply: TV_eq0; apply/eqP; rewrite eq_le TV_ge0 andbT.
have le := contraction_step lawp lawq fixp fixq.
rewrite -(pmulr_lle0 (x := 1 - a * K%:R)) ?subr_gt0 //.
by rewrite mulrBr mulr1 subr_le0 mulrC.
Qed.

(* The loop stays among the laws. *)
Lemma chosen_loop_is_law (p : nat -> T -> R) : is_law pref -> is_law (p 0%N) ->
  (forall t x, p t.+1 x = pref x / (1 + lam) + a * chosen (p t) c x) -> forall t, is_law (p t).
Proof.
move=> [r0 sumr] law0 step; elim=> [//|t lawt]; have [c0 sumc] := chosen_is_law lawt rule_c.
have l1 := real_share_gt0 lam_ge0; split=> [x|].
  by rewrite step addr_ge0 ?mulr_ge0 // invr_ge0 ltW.
under eq_bigr do rewrite step.
by rewrite big_split -mulr_suml -mulr_sumr /= sumr sumc mulr1 mul1r; field; rewrite gt_eqF.
Qed.

(* The loop comes nearer to a fixed point by the factor a K at least:
     TV(p_t, p_inf) <= (a K)^t TV(p_0, p_inf),   a = lam/(1 + lam).
   p t is p_t of the loop with the rule c, the same for all t, from any law p_0. *)
Theorem any_choice_loop_contracts (p : nat -> T -> R) pinf :
  is_law pref -> is_law (p 0%N) ->
  (forall t x, p t.+1 x = pref x / (1 + lam) + a * chosen (p t) c x) ->
  is_law pinf -> fixed pinf ->
  forall t, TV (p t) pinf <= (a * K%:R) ^+ t * TV (p 0%N) pinf.
Proof.
move=> law_ref law0 step lawinf fixinf.
have law := chosen_loop_is_law law_ref law0 step.
elim=> [|t le_t]; first by rewrite expr0 mul1r.
apply: le_trans (contraction_step (law t) lawinf (step t) fixinf) _.
by rewrite exprS -[leRHS]mulrA; apply: ler_wpM2l => //; rewrite mulr_ge0 ?ler0n.
Qed.

End Loop.
End Contraction.

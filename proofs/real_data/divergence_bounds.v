(* Divergences from the reference in the mixed loop: Theorem 2.4 of the paper, and the other way
   round. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops divergence mixed_loop.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Bounds.
Variables (R : realType) (T : finType).

Section MixedLoop.
Variables (K : nat) (lam : R) (pref w : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam).
Hypotheses (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Notation p := (mixed_loop K lam pref w).

(* Theorem 2.4 of the paper: KL(p_t||p_ref) <= -ln(1 - lam (K-1)) if lam < 1/(K-1).
   p t is p_t of the mixed loop from p_0 = p_ref = pref; w is any positive weight, bounded or not
   in the paper. lam < 1/(K-1) is asked as lam (K-1) < 1, so that K = 1 is admitted. *)
Theorem theorem_2_4 t : lam * (K%:R - 1) < 1 ->
  absolutely_continuous (p t) pref /\ KL (p t) pref <= - ln (1 - lam * (K%:R - 1)).
Proof.
move=> small; have c0 : 0 < 1 - lam * (K%:R - 1) by rewrite subr_gt0.
have ct : absolutely_continuous (p t) pref by apply: mixed_loop_continuous.
split=> //; rewrite -lnV ?posrE //; apply: KL_le_density; rewrite ?invr_gt0 //.
  exact: mixed_loop_is_law.
by move=> x; apply: theorem_2_4_density.
Qed.

(* KL(p_ref||p_t) <= ln(1 + lam), for every lam >= 0, K >= 1 and t. *)
Theorem reference_divergence t :
  absolutely_continuous pref (p t) /\ KL pref (p t) <= ln (1 + lam).
Proof.
have l1 := real_share_gt0 lam_ge0; have lawt := mixed_loop_is_law K_gt0 lam_ge0 w_gt0 law_ref t.
have share x : pref x <= p t x * (1 + lam).
  by rewrite -ler_pdivrMr //; apply: reference_share.
have ct : absolutely_continuous pref (p t).
  move=> x ptx; apply/eqP; rewrite eq_le (proj1 law_ref) andbT.
  by have := share x; rewrite ptx mul0r.
by split=> //; apply: KL_le_density.
Qed.

End MixedLoop.

End Bounds.

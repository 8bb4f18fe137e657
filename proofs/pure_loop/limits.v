(* Limits of the pure loop: Theorem 2.1 of the paper with a rate, and the limits in Lemma 2.2. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype.
From mathcomp Require Import sequences exp.
From Recurate Require Import compatibility finite_law curation loops concentration divergence.
From Recurate Require Import pure_loop speed limit_law.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Limits.
Variables (R : realType) (T : finType) (K : nat).
Variables (p0 w : T -> R) (bound : R).
Hypotheses (K_gt0 : (0 < K)%N) (law0 : is_law p0) (w_gt0 : forall x, 0 < w x).
Hypothesis le_bound : bounded_on_support p0 w bound.
Notation A := (top w bound).
Hypothesis top_mass_gt0 : 0 < mass p0 A.
Notation p := (pure_loop K w p0).
Notation limit := (conditioned p0 A).

Let law t : is_law (p t) := pure_loop_is_law K_gt0 w_gt0 law0 t.
Let mt_gt0 t : 0 < mass (p t) A := top_mass_pure_gt0 K_gt0 law0 w_gt0 top_mass_gt0 t.

(* The loop multiplies all of A by one factor. *)
Lemma density_on_top t : exists d, forall x, A x -> p t x = p0 x * d.
Proof.
elim: t => [|t [d on_top]]; first by exists 1 => x _; rewrite pure_loop0 mulr1.
exists (d * mean (draws (K := K.-1) (p t))
  (fun c => K%:R * bound / (bound + total_weight w c))) => x Ax.
rewrite pure_loopS lemma_2_1 // on_top // -mulrA; congr (_ * (_ * _)).
by apply: eq_mean => // c; rewrite (eqP Ax).
Qed.

Lemma limit_is_law : is_law limit.
Proof.
split=> [x|]; first rewrite /conditioned.
  case: ifP => // _; apply: divr_ge0 (ltW top_mass_gt0); exact: (proj1 law0).
by rewrite -big_mkcond -mulr_suml divff // gt_eqF.
Qed.

Lemma limit_continuous t : absolutely_continuous limit (p t).
Proof.
have [d on_top] := density_on_top t.
have md : mass (p t) A = mass p0 A * d.
  by rewrite /mass mulr_suml; apply: eq_bigr => x Ax; apply: on_top.
have d_gt0 : 0 < d by have := mt_gt0 t; rewrite md pmulr_rgt0.
move=> x; rewrite /conditioned; case: ifP => // Ax; rewrite on_top // => /eqP.
by rewrite mulf_eq0 (gt_eqF d_gt0) orbF => /eqP ->; rewrite mul0r.
Qed.

(* KL(p_*||p_t) = -ln p_t(A): an equation of finite numbers, as p_* << p_t and p_t(A) > 0. *)
Theorem KL_limit t : [/\ absolutely_continuous limit (p t), 0 < mass (p t) A
  & KL limit (p t) = - ln (mass (p t) A)].
Proof.
split; [exact: limit_continuous|exact: mt_gt0|].
have [d on_top] := density_on_top t.
have md : mass (p t) A = mass p0 A * d.
  by rewrite /mass mulr_suml; apply: eq_bigr => x Ax; apply: on_top.
have d_gt0 : 0 < d by have := mt_gt0 t; rewrite md pmulr_rgt0.
rewrite -lnV ?posrE //.
transitivity (\sum_(x | A x) p0 x * (ln (mass (p t) A)^-1 / mass p0 A)); last first.
  by rewrite -mulr_suml mulrCA divff ?mulr1 // gt_eqF.
rewrite [RHS]big_mkcond /KL; apply: eq_bigr => x _.
rewrite /conditioned; case: ifP => [Ax|_]; last by rewrite mul0r.
have := proj1 law0 x; rewrite le_eqVlt => /orP[/eqP <-|px]; first by rewrite !mul0r.
have -> : p0 x / mass p0 A / p t x = (mass (p t) A)^-1.
  by rewrite on_top // md; field; rewrite !gt_eqF.
by rewrite mulrAC mulrA.
Qed.

Section Rate.
Variable rho : R.
Hypotheses (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1) (gap : gap_below_top p0 w bound rho).

(* Theorem 2.1, with a rate: KL(p_*||p_t) <= (1/K + (1 - 1/K) rho)^t (1 - q)/q.
   p t is p_t of the pure loop from p0, limit is p_* = p0 given A = {w = w_*}, q = p0(A),
   and rho w_* bounds all other weights on the support of p0. *)
Theorem theorem_2_1_rate t : absolutely_continuous limit (p t) /\
  KL limit (p t) <= odds_factor K rho ^+ t * ((1 - mass p0 A) / mass p0 A).
Proof.
split; first exact: limit_continuous.
have m1 := mass_le1 A (law t); have m0 := mt_gt0 t.
apply: (@le_trans _ _ ((1 - mass (p t) A) / mass (p t) A)); last exact: odds_pure.
have [_ _ ->] := KL_limit t; rewrite -lnV ?posrE //.
set odds := (1 - _) / _.
have -> : (mass (p t) A)^-1 = 1 + odds by rewrite /odds; field; rewrite gt_eqF.
by rewrite le_ln1Dx // divr_ge0 ?subr_ge0 ?(ltW m0).
Qed.

End Rate.

(* No faster than this: -ln(1 - p_t(A)) <= -K^t ln(1 - q), for q = p0(A) < 1, and p_t(A) < 1. *)
Theorem theorem_2_1_speed_limit t : mass p0 A < 1 ->
  mass (p t) A < 1 /\ - ln (1 - mass (p t) A) <= - ((K ^ t)%:R * ln (1 - mass p0 A)).
Proof.
move=> q1; have u0 : 0 < 1 - mass p0 A by rewrite subr_gt0.
have faster := speed_limit K_gt0 w_gt0 law0 t A.
have ut0 : 0 < 1 - mass (p t) A by apply: lt_le_trans faster; rewrite exprn_gt0.
split; first by rewrite -subr_gt0.
by rewrite lerN2 mulr_natl -lnX // ler_ln ?posrE ?exprn_gt0.
Qed.

(* Hence the limits, for K >= 2. *)
Section SeveralCandidates.
Hypothesis K_ge2 : (1 < K)%N.

(* The geometric bound on everything below, for the rho that finitely many weights have. *)
Lemma geometric : exists rho, [/\ 0 < rho, rho <= 1, gap_below_top p0 w bound rho
  & (fun t => odds_factor K rho ^+ t * ((1 - mass p0 A) / mass p0 A)) --> (0 : R)].
Proof.
have [rho [rho_gt0 rho_lt1 gap]] := gap_exists law0 w_gt0 le_bound.
exists rho; split=> //; first exact: ltW.
by apply: geometric_null; rewrite odds_factor_ge0 ?odds_factor_lt1.
Qed.

(* Theorem 2.1 of the paper: KL(p_*||p_t) -> 0, for K >= 2 and positive mass at the maximum. *)
Theorem theorem_2_1 : (forall t, absolutely_continuous limit (p t)) /\
  (fun t => KL limit (p t)) --> (0 : R).
Proof.
split; first exact: limit_continuous.
have [rho [rho_gt0 rho_le1 gap to0]] := geometric.
apply: null_below to0 => t; rewrite (proj2 (theorem_2_1_rate _ _ _ _)) // andbT.
by apply: KL_ge0; [apply: limit_is_law|apply: law|apply: limit_continuous].
Qed.

Lemma mass_off_top_limit : (fun t => 1 - mass (p t) A) --> (0 : R).
Proof.
have [rho [rho_gt0 rho_le1 gap to0]] := geometric.
apply: null_below to0 => t; rewrite subr_ge0 mass_le1 //=.
exact: mass_off_top_pure.
Qed.

(* ... and p_t(A) -> 1. *)
Theorem top_mass_limit : (fun t => mass (p t) A) --> (1 : R).
Proof.
have -> : (fun t => mass (p t) A) = (fun t => 1 - (1 - mass (p t) A)).
  by apply: funext => t; rewrite subKr.
by rewrite -[X in _ --> X]subr0; apply: cvgB; [apply: cvg_cst|apply: mass_off_top_limit].
Qed.

(* The limits in Lemma 2.2 of the paper: E_t w -> w_* and Var_t w -> 0. On a finite law the
   essential supremum w_* is the largest weight with mass: w <= w_* on the support, p0(A) > 0. *)
Theorem lemma_2_2_limits : (fun t => mean (p t) w) --> bound
  /\ (fun t => variance (p t) w) --> (0 : R).
Proof.
have scaled c : (fun t => c * (1 - mass (p t) A)) --> (0 : R).
  exact: null_scaled mass_off_top_limit.
have b0 := bound_gt0 law0 w_gt0 le_bound.
split; last first.
  apply: null_below (scaled (bound ^+ 2)) => t; rewrite variance_ge0 //=.
  exact: variance_off_top.
have to0 : (fun t => bound - mean (p t) w) --> (0 : R).
  apply: null_below (scaled bound) => t; rewrite subr_ge0 mean_pure_le //=.
  exact: mean_off_top.
have -> : (fun t => mean (p t) w) = (fun t => bound - (bound - mean (p t) w)).
  by apply: funext => t; rewrite subKr.
by rewrite -[X in _ --> X]subr0; apply: cvgB => //; apply: cvg_cst.
Qed.

End SeveralCandidates.
End Limits.

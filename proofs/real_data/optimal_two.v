(* theorem-2.4-optimal in closed form for K = 2. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops divergence choices.
From Recurate Require Import power_primitive optimal_evidence optimal_divergence.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section TwoCandidates.
Variables (R : realType) (lam : R).
Hypotheses (lam_gt0 : 0 < lam) (lam_le1 : lam <= 1).

Let v (y : R) := 1 + lam - (lam * 2%:R) * y.
Let L y := (lam * 2%:R)^-1 * (v y - v y * ln (v y)).

Let l2 : lam * 2%:R != 0. Proof. by rewrite mulf_neq0 ?gt_eqF ?ltr0n. Qed.
Let l1 : 0 < 1 + lam. Proof. by rewrite addr_gt0. Qed.

Let slopeE y : most_real_slope lam 2 y = v y.
Proof. by rewrite /most_real_slope expr1 mulrA. Qed.

Let v_gt0 y : 0 <= y -> y < 1 -> 0 < v y.
Proof.
move=> y0 y1; rewrite -slopeE; apply: most_real_slope_gt0 => //; first exact: ltW.
have -> : 2%:R - 1 = 1 :> R by rewrite mulrS addrC addKr.
by rewrite mulr1.
Qed.

Let dv (y : R) : is_derive y (1 : R) v (- (lam * 2%:R)).
Proof.
have -> : v = cst (1 + lam) - cst (lam * 2%:R) * (id : R -> R) by [].
by apply: is_derive_eq; rewrite /GRing.scale /= !mulr0 mulr1 !addr0 sub0r.
Qed.

Let dL y : 0 < y < 1 -> is_derive y (1 : R) L (ln (most_real_slope lam 2 y)).
Proof.
move=> /andP[y0 y1]; have vy := v_gt0 (ltW y0) y1; rewrite slopeE.
have dln : is_derive y (1 : R) (@ln R \o v) (- (lam * 2%:R) * (v y)^-1).
  by have := is_derive1_comp (is_derive1_ln vy) (dv y); rewrite mulrC.
have -> : L = cst (lam * 2%:R)^-1 * (v - v * (@ln R \o v)) by [].
have dvy := dv y; apply: is_derive_eq; rewrite /cst /GRing.scale /= !mulr0 !addr0.
have v0 : v y != 0 by rewrite gt_eqF.
by move: l2 (ln _) v0; move: (v y) (lam * 2%:R) => b a a0 l b0; field; rewrite a0 b0.
Qed.

Let xlnx_continuous (x : R) : 0 <= x -> {for x, continuous (fun x => x * ln x)}.
Proof.
rewrite le_eqVlt => /orP[/eqP <-|x0]; last first.
  by apply: cvgM; [exact: cvg_id|exact: continuous_ln].
have := @xlnx_cvg0 R; rewrite -[X in (_ --> X)%classic](mul0r (ln (0 : R))); exact.
Qed.

Lemma two_primitive : primitive_of_ln_slope lam 2 L.
Proof.
split=> //; apply: continuous_in_subspaceT => y; rewrite inE /= in_itv /= => /andP[y0 y1].
have cv : {for y, continuous v}.
  by apply/differentiable_continuous/derivable1_diffP; case: (dv y).
have vy : 0 <= v y.
  move: y1; rewrite le_eqVlt => /orP[/eqP ->|y1]; last exact/ltW/v_gt0.
  by rewrite /v mulr1 mulr_natr mulr2n opprD addrA addrK subr_ge0.
have cxlnx := continuous_comp cv (xlnx_continuous vy).
exact: (cvgMr (a := (lam * 2%:R)^-1) (cvgB cv cxlnx)).
Qed.

(* S*(lam, 2) *)
Lemma two_value : L 0 - L 1
  = 1 - ln (1 + lam) + (1 - lam) / (2%:R * lam) * ln ((1 - lam) / (1 + lam)).
Proof.
have v0E : v 0 = 1 + lam by rewrite /v mulr0 subr0.
have v1E : v 1 = 1 - lam by rewrite /v mulr1 mulr_natr mulr2n opprD addrA addrK.
rewrite /L v0E v1E; have l0 : lam != 0 by rewrite gt_eqF.
have := lam_le1; rewrite le_eqVlt => /orP[/eqP ->|lt1].
  rewrite subrr !mul0r addr0 subr0 mulr0 subr0 mul1r.
  by move: (ln _) => a; field.
rewrite ln_div ?posrE ?subr_gt0 //; move: (ln _) (ln _) => a b; field.
by rewrite l0.
Qed.

Lemma two_closed_form : exists2 M, primitive_of_ln_slope lam 2 M
  & M 0 - M 1 = 1 - ln (1 + lam) + (1 - lam) / (2%:R * lam) * ln ((1 - lam) / (1 + lam)).
Proof. by exists L; [exact: two_primitive|exact: two_value]. Qed.

End TwoCandidates.

Section Loops.
Variables (R : realType) (T : finType) (lam : R) (pref : T -> R).
Hypotheses (lam_gt0 : 0 < lam) (lam_le1 : lam <= 1) (law_ref : is_law pref).

Let small : lam * (2%:R - 1) <= 1.
Proof. by have -> : 2%:R - 1 = 1 :> R; rewrite ?mulr1 // mulrS addrC addKr. Qed.

(* theorem-2.4-optimal for K = 2 and 0 < lam <= 1: in the paper's mixed loop, for every positive
   weight w and every t,
     KL(p_t||p_ref) <= 1 - ln(1 + lam) + (1 - lam)/(2 lam) ln((1 - lam)/(1 + lam)).
   For lam = 1 it is 1 - ln 2: the last term is 0, also in the library. (For lam = 0 p_t = p_ref.)
   *)
Theorem theorem_2_4_optimal_two w t : (forall x, 0 < w x) ->
  let p := mixed_loop 2 lam pref w in
  absolutely_continuous (p t) pref /\
  KL (p t) pref <= 1 - ln (1 + lam) + (1 - lam) / (2%:R * lam) * ln ((1 - lam) / (1 + lam)).
Proof.
move=> w0; have [L primitive <-] := two_closed_form lam_gt0 lam_le1.
exact: (theorem_2_4_optimal_integral (isT : (0 < 2)%N) (ltW lam_gt0) small law_ref primitive t w0).
Qed.

(* The same for any choice between two: rules c_t that may change with t and look at p_t. *)
Theorem any_choice_optimal_two (p : nat -> T -> R) (c : nat -> {ffun 'I_2 -> T} -> 'I_2 -> R) t :
  p 0%N =1 pref -> (forall t, is_rule (c t)) ->
  (forall t x, p t.+1 x = pref x / (1 + lam) + lam / (1 + lam) * chosen (p t) (c t) x) ->
  absolutely_continuous (p t) pref /\
  KL (p t) pref <= 1 - ln (1 + lam) + (1 - lam) / (2%:R * lam) * ln ((1 - lam) / (1 + lam)).
Proof.
move=> start rules step; have [L primitive <-] := two_closed_form lam_gt0 lam_le1.
exact: (any_choice_optimal_integral (isT : (0 < 2)%N) (ltW lam_gt0) small law_ref primitive t
  start rules step).
Qed.

End Loops.

(* Bounded rewards keep the loop near the reference: the bound on the divergence. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype.
From mathcomp Require Import sequences exp.
From Recurate Require Import compatibility finite_law loops winner ceiling divergence jensen.
From Recurate Require Import bounded_weights.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Chord.
Variable R : realType.
Implicit Types (d m D : R).

(* x ln x lies below its chord over [m, D]. *)
Lemma xlnx_chord d m D : 0 < m -> m <= d -> d <= D ->
  (D - m) * (d * ln d) <= (D - d) * (m * ln m) + (d - m) * (D * ln D).
Proof.
move=> m0 md dD; have d0 := lt_le_trans m0 md; have D0 := lt_le_trans d0 dD.
have step x : 0 < x -> x * ln d <= x * ln x + (x * (d / x) - x).
  move=> x0; apply: le_trans (ler_wpM2l (ltW x0) (ln_tangent d0 x0)) _.
  by rewrite mulrDr mulrBr mulr1.
have sm := step m m0; have sD := step D D0; rewrite [m * (d / m)]mulrC divfK ?gt_eqF // in sm.
rewrite [D * (d / D)]mulrC divfK ?gt_eqF // in sD.
have -> : (D - m) * (d * ln d) = (D - d) * (m * ln d) + (d - m) * (D * ln d).
  by move: (ln d) => l; ring.
move: (m * ln d) (D * ln d) (m * ln m) (D * ln D) sm sD => ad bd am bD sm sD.
apply: le_trans (lerD (ler_wpM2l _ sm) (ler_wpM2l _ sD)) _; rewrite ?subr_ge0 //.
by rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

End Chord.

Section BoundedWeights.
Variables (R : realType) (T : finType).
Implicit Types (p q pref w : T -> R).

(* What bounds m <= q/p <= D say about the divergence: no more than D ln D with probability
   (1 - m)/(D - m), and else m ln m. *)
Lemma KL_le_chord q p m D : is_law q -> is_law p -> 0 < m -> m <= D ->
  (forall x, m * p x <= q x <= D * p x) ->
  (D - m) * KL q p <= (D - 1) * (m * ln m) + (1 - m) * (D * ln D).
Proof.
move=> [q0 sumq] [p0 sump] m0 mD between.
set a := m * ln m; set b := D * ln D.
have -> : (D - 1) * a + (1 - m) * b = \sum_x ((D * p x - q x) * a + (q x - m * p x) * b).
  by rewrite big_split /= -!mulr_suml !sumrB -!mulr_sumr sumq sump !mulr1.
rewrite /KL mulr_sumr; apply: ler_sum => x _.
have /andP[lo hi] := between x; have := p0 x; rewrite le_eqVlt => /orP[/eqP px|px].
  have -> : q x = 0 by apply/eqP; rewrite eq_le q0 andbT (le_trans hi) // -px mulr0.
  by rewrite -px !mulr0 subrr !mul0r mulr0 addr0.
have qE : q x = p x * (q x / p x) by rewrite mulrC divfK // gt_eqF.
have := @xlnx_chord _ (q x / p x) m D m0; rewrite ler_pdivlMr // ler_pdivrMr // => /(_ lo hi).
move: (q x / p x) qE => d ->; rewrite -/a -/b => /(ler_wpM2l (ltW px)).
by move: (ln d) (p x) => l y chord; apply: le_trans (le_trans _ chord) _;
  rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

(* theorem-2.4-bounded-weights: if lam (h - 1) < 1, then at every t
     KL(p_t||p_ref) <= (- ln(1 - lam (h - 1)) - (h - 1) ln(1 + lam))/h,
   h = (1 - (1 - mu/w_* )^K) w_*/mu; w_*/mu for K = infinity. That sup H_t <= h and that
   m <= d_t <= D is in bounded_weights.v.
   p is p_t of the mixed loop from p_0 = p_ref = pref, K is Some K with K >= 1 or None for infinity,
   mu the mean of w under the reference, bound is w_*, of which only w <= w_* on the support of
   p_ref is asked. *)
Theorem theorem_2_4_bounded_weights (K : option nat) lam pref w bound t :
  let p := winner_loop K lam pref w pref t in
  let h := largest_ratio K (mean pref w / bound) in
  at_least 1 K -> 0 <= lam -> (forall x, 0 < w x) -> is_law pref ->
  bounded_on_support pref w bound -> lam * (h - 1) < 1 ->
  absolutely_continuous p pref
  /\ KL p pref <= (- ln (1 - lam * (h - 1)) - (h - 1) * ln (1 + lam)) / h.
Proof.
move=> p h K0 lam0 w0 lawr le_b small.
have cont : absolutely_continuous p pref by apply: winner_loop_continuous.
have lawp : is_law p by apply: winner_loop_is_law.
split=> //; have l1 := real_share_gt0 lam0; have c0 : 0 < 1 - lam * (h - 1) by rewrite subr_gt0.
have h1 : 1 <= h by apply: largest_ratio_ge1 => //; apply: theta_unit.
have h0 : 0 < h := lt_le_trans ltr01 h1.
have dens x : (1 + lam)^-1 * pref x <= p x <= (1 - lam * (h - 1))^-1 * pref x.
  by rewrite ![_^-1 * _]mulrC; apply: bounded_weights_density.
move: h h1 h0 small c0 dens => h h1 h0 small c0 dens; have := lam0.
rewrite le_eqVlt => /orP[/eqP lamE|lam_gt0].
  rewrite -lamE !mul0r subr0 addr0 ln1 oppr0 mulr0 subr0 mul0r.
  have same x : p x = pref x.
    apply/eqP; rewrite eq_le; have := dens x.
    by rewrite -lamE !mul0r subr0 addr0 invr1 !mul1r andbC.
  rewrite le_eqVlt /KL big1 ?eqxx // => x _; rewrite same.
  have [->|x0] := eqVneq (pref x) 0; first by rewrite mul0r.
  by rewrite divff // ln1 mulr0.
have mD : (1 + lam)^-1 < (1 - lam * (h - 1))^-1.
  rewrite ltr_pV2 ?inE ?unitfE ?gt_eqF // ltrBlDr -addrA ltrDl.
  by rewrite ltr_pwDl // mulr_ge0 ?(ltW lam_gt0) // subr_ge0.
have chord := KL_le_chord lawp lawr (_ : 0 < (1 + lam)^-1) (ltW mD) dens.
have d0 : 0 < (1 - lam * (h - 1))^-1 - (1 + lam)^-1 by rewrite subr_gt0.
have dE : (1 - lam * (h - 1))^-1 - (1 + lam)^-1 = lam * h / ((1 - lam * (h - 1)) * (1 + lam)).
  by field; rewrite !gt_eqF.
move: chord; rewrite -(ler_pdivl_mull _ _ d0) dE !lnV ?posrE // => chord.
apply: le_trans (chord _) _; first by rewrite invr_gt0.
move: (ln _) (ln _) => L1 L2; rewrite le_eqVlt; apply/orP; left; apply/eqP.
by field; rewrite !gt_eqF.
Qed.

End BoundedWeights.

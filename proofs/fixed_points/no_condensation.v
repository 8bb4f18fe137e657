(* Where no atom appears at the largest weight: a fixed point of the loop has no mass there if the
   real data have none and the synthetic share a = lam/(1 + lam) is at most
   1/K + (1 - 1/K) mu/w_*.

   With an atom there, a H_p(w_* ) = 1. Then two means of Z = S/((w_* + S)(W + S)), W a candidate's
   weight and S that of the K - 1 others, are known, and Cauchy-Schwarz gives E Z a floor that is
   above its ceiling. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner winner_ratio ceiling.
From Recurate Require Import concentration one_and_others.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).

(* 1/K + (1 - 1/K) mu/w_*, which is mu/w_* for K = infinity. *)
Definition largest_share (K : option nat) (mu bound : R) :=
  if K is Some K then K%:R^-1 + (1 - K%:R^-1) * (mu / bound) else mu / bound.

End Definitions.

Section NoCondensation.
Variables (R : realFieldType) (T : finType).
Variables (K : option nat) (lam bound : R) (pref w p : T -> R).
Hypotheses (K_ge2 : at_least 2 K) (lam_ge0 : 0 <= lam) (w_gt0 : forall x, 0 < w x).
Hypotheses (law_ref : is_law pref) (law_p : is_law p).
Hypothesis fixed : is_fixed_point lam pref (winner K w) p.
Hypothesis le_bound : bounded_on_support p w bound.
Hypothesis none : mass pref (top w bound) = 0.
Notation a := (lam / (1 + lam)).
Notation mu := (mean pref w).

Let K_gt0 : at_least 1 K. Proof. by case: K K_ge2 => // k; apply: ltnW. Qed.
Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.
Let b0 : 0 < bound := bound_gt0 law_p w_gt0 le_bound.

Lemma ref_top x : w x = bound -> pref x = 0.
Proof.
move=> wx; have [r0 _] := law_ref; apply/eqP; rewrite eq_le r0 andbT -none /mass (bigD1 x) //=.
  by rewrite lerDl sumr_ge0.
by rewrite /top wx.
Qed.

Lemma mean_ref_lt : mu < bound.
Proof.
have [x rx] := law_has_support law_ref; have [r0 _] := law_ref.
have [t0 _] := winner_is_law K_gt0 law_p w_gt0.
have below y : 0 < pref y -> 0 < bound - w y.
  move=> ry; rewrite subr_gt0 lt_neqAle; apply/andP; split.
    by apply: contraTneq ry => /ref_top ->; rewrite ltxx.
  apply: le_bound; rewrite fixed ltr_pwDl ?divr_gt0 //.
  by rewrite mulr_ge0 ?synthetic_share_ge0.
rewrite -subr_gt0 -{1}(mean_const bound law_ref) -meanB /mean (bigD1 x) //= ltr_pwDl //.
  by rewrite mulr_gt0 ?below.
apply: sumr_ge0 => y _; have := r0 y; rewrite le_eqVlt => /orP[/eqP <-|ry]; first by rewrite mul0r.
by rewrite mulr_ge0 // ltW // below.
Qed.

(* Where an atom is, a H_p(w_* ) = 1. *)
Lemma atom_ratio x : 0 < p x -> w x = bound -> a * winner_ratio K w p bound = 1.
Proof.
move=> px wx; apply: (mulIf (lt0r_neq0 px)); rewrite mul1r {2}fixed ref_top // mul0r add0r.
by rewrite winnerE // wx mulrAC -mulrA.
Qed.

Lemma mean_fixed : mean p w = mu / (1 + lam) + a * mean (winner K w p) w.
Proof. by rewrite -mean_winner_step; apply: eq_mean => // x; apply: fixed. Qed.

(* An atom at the largest weight needs more synthetic data than that. *)
Lemma atom_needs_share x : 0 < p x -> w x = bound -> largest_share K mu bound < a.
Proof.
move=> px wx; have aH := atom_ratio px wx; have mu_lt := mean_ref_lt; move: aH mean_fixed.
have aE : a = 1 - (1 + lam)^-1 by rewrite (shares lam_ge0) mul1r.
have m0 : 0 < (1 + lam)^-1 by rewrite invr_gt0.
rewrite aE; move: (1 + lam)^-1 m0 => m m0.
case: K K_ge2 => [[|n]|] // n0; last first.
  move=> /= aH eE; have e0 := mean_gt0 law_p w_gt0; rewrite ltr_pdivrMr //.
  move: aH eE; rewrite mean_tilted; have := covarianceE w w law_p; rewrite -/(variance p w).
  have v0 : 0 < variance p w \/ bound = mean p w.
    have [->|eb] := eqVneq bound (mean p w); [by right|left].
    rewrite /variance /covariance /mean (bigD1 x) //= wx ltr_pwDl //.
      by rewrite mulr_gt0 // -expr2 lt_neqAle sqr_ge0 eq_sym expf_eq0 /= subr_eq0 eb.
    by apply: sumr_ge0 => y _; rewrite mulr_ge0 ?(proj1 law_p) // -expr2 sqr_ge0.
  move: (variance p w) (mean p w) (mean p (fun x => w x * w x)) e0 v0 => V e e2 e0 v0 VE aH eE.
  have eb : e = (1 - m) * bound.
    have -> : (1 - m) * bound = (1 - m) * (bound / e) * e by rewrite -mulrA divfK // gt_eqF.
    by rewrite aH mul1r.
  have {}v0 : 0 < V.
    case: v0 => // be; move: eb; rewrite -be => /eqP; rewrite -subr_eq0.
    have -> : bound - (1 - m) * bound = m * bound by ring.
    by rewrite mulf_eq0 !gt_eqF.
  rewrite -eb -subr_gt0 -(pmulr_rgt0 _ m0) -(pmulr_rgt0 _ b0).
  suff -> : bound * (m * (e - mu)) = V by [].
  have muE : mu * m = e - (1 - m) * (e2 / e) by rewrite {1}eE addrK.
  have -> : bound * (m * (e - mu)) = bound * (m * e) - bound * (mu * m) by move: (mu) => u; ring.
  rewrite muE VE; transitivity (e2 * ((1 - m) * bound / e) - e * ((1 - m) * bound)); first by ring.
  by rewrite -eb divff ?mulr1 // gt_eqF.
have k0 : 0 < n.+1%:R :> R by rewrite ltr0n.
have H0 := winner_ratio_gt0 (isT : at_least 1 (Some n.+1)) law_p w_gt0 b0.
have Zle := mean_Z_le n law_p w_gt0 le_bound.
have R1 := ratio_E n p w bound (fun=> 1); rewrite (mean_const _ law_p) mul1r in R1.
have Rw := ratio_E n p w bound id.
have law_T : is_law (curated n.+1 p w) by apply: curated_is_law.
have T1 := mean_curated_E n p w (fun=> 1); rewrite (mean_const _ law_T) in T1.
have Tw := mean_curated_E n p w id.
pose E := mean_one_and_others n p w; pose k : R := n.+1%:R.
pose Z v s := s / ((bound + s) * (v + s)).
have pos : 0 < k * E (fun v s => Z v s * (v - mu) ^+ 2).
  rewrite mulr_gt0 //; apply: (E_gt0 law_p w_gt0 n0 px) => [v s v0 s0|s s0]; rewrite /Z.
    by rewrite mulr_ge0 ?sqr_ge0 // ltW // divr_gt0 // mulr_gt0 // addr_gt0.
  by rewrite wx mulr_gt0 ?exprn_gt0 ?subr_gt0 // divr_gt0 // mulr_gt0 ?addr_gt0.
have expand : k * E (fun v s => Z v s * (v - mu) ^+ 2)
    = (bound - 2 * (bound - mu)) * (k * E (fun v s => 1 * (bound / (bound + s))))
      - k * E (fun v s => id v * (bound / (bound + s)))
      - (bound - 2 * (bound - mu)) * (k * E (fun v s => 1 * (v / (v + s))))
      + k * E (fun v s => id v * (v / (v + s))) + (bound - mu) ^+ 2 * (k * E Z).
  set c := bound - 2 * _; set d := _ ^+ 2.
  have -> : E (fun v s => Z v s * (v - mu) ^+ 2) = c * E (fun v s => 1 * (bound / (bound + s)))
      - E (fun v s => id v * (bound / (bound + s))) - c * E (fun v s => 1 * (v / (v + s)))
      + E (fun v s => id v * (v / (v + s))) + d * E Z.
    rewrite /E -!E_Z -!E_B -!E_D; apply: (eq_E _ _ w_gt0) => v s v0 s0.
    have bs : 0 < bound + s by rewrite ltr_pwDl.
    have vs : 0 < v + s by rewrite ltr_pwDl.
    by rewrite /Z /c /d /=; move: (mu) => u; field; rewrite !gt_eqF.
  by move: (E _) (E _) (E _) (E _) (E _) => e1 e2 e3 e4 e5; ring.
move: pos Zle; rewrite expand R1 Rw -T1 -Tw -/Z -/E -/k.
move: (winner_ratio _ _ _ _) (k * _) (mean p _) (mean (curated _ _ _) _) H0 => H EZ e e' H0.
move=> pos Zle aH eE; rewrite /largest_share -/k.
have : 0 < (bound - mu) * ((bound - mu) * EZ - m * H).
  have eH : e * H = m * mu * H + e'.
    have -> : e * H = mu * m * H + (1 - m) * H * e' by rewrite {1}eE; ring.
    by rewrite aH mul1r [mu * m]mulrC.
  have -> : (bound - mu) * ((bound - mu) * EZ - m * H)
      = (bound - 2 * (bound - mu)) * H - (m * mu * H + e') - (bound - 2 * (bound - mu)) * 1
        + e' + (bound - mu) ^+ 2 * EZ + (bound - 2 * (bound - mu)) * (1 - (1 - m) * H).
    by move: (mu) => u; ring.
  by rewrite aH subrr mulr0 addr0 -eH.
rewrite pmulr_rgt0 ?subr_gt0 // => lo.
have : m * H < (bound - mu) * ((1 - k^-1) * (H / bound)).
  by apply: lt_le_trans lo _; rewrite ler_wpM2l // subr_ge0 ltW.
have -> : (bound - mu) * ((1 - k^-1) * (H / bound)) = (1 - k^-1) * (1 - mu / bound) * H.
  by move: (mu) (k^-1) => u i; field; rewrite gt_eqF.
rewrite ltr_pmul2r // => {}lo; rewrite -subr_gt0.
have -> : 1 - m - (k^-1 + (1 - k^-1) * (mu / bound)) = (1 - k^-1) * (1 - mu / bound) - m.
  by move: (mu / bound) (k^-1) => u i; ring.
by rewrite subr_gt0.
Qed.

(* no-condensation-sharp: if p_ref has no mass at w_* and
     a <= 1/K + (1 - 1/K) mu/w_*   (a <= mu/w_* for K = infinity)
   then the loop's fixed point p has none.
   a is lam/(1 + lam), K is Some K with K >= 2 or None for infinity, mu is the mean of w under the
   reference, bound is w_*, of which only w <= w_* on the support of p is asked; top w bound is
   {w = w_* }. p may have atoms where p_ref has none. Nothing else is asked of w: were it constant,
   p_ref would have all mass at w_*. For lam = 0 it is trivial. *)
Theorem no_condensation_sharp : a <= largest_share K mu bound -> mass p (top w bound) = 0.
Proof.
move=> small; apply: big1 => x /eqP wx; apply/eqP; apply: contraT => x0.
have px : 0 < p x by rewrite lt_neqAle eq_sym x0 (proj1 law_p).
by have := le_lt_trans small (atom_needs_share px wx); rewrite ltxx.
Qed.

(* The same condition as the docs write it in lam. *)
Lemma largest_share_lam (k : nat) : (0 < k)%N -> (a <= largest_share (Some k) mu bound)
  = (lam * ((k%:R - 1) * (bound - mu)) <= bound + (k%:R - 1) * mu).
Proof.
move=> k_gt0; have k0 : 0 < k%:R :> R by rewrite ltr0n.
rewrite ler_pdivrMr // -[LHS]subr_ge0 -[RHS]subr_ge0 -[LHS](pmulr_rge0 _ (mulr_gt0 k0 b0)).
congr (0 <= _); rewrite /largest_share; move: (mu) k%:R k0 => u i i0.
by field; rewrite !gt_eqF.
Qed.

(* no-condensation: if p_ref has no mass at w_*, and lam (K - 1) <= 1 for a finite K or
   lam (w_* - mu) <= mu for any K, then the loop's fixed point p has none. The letters are
   no_condensation_sharp's. *)
Theorem no_condensation :
  (if K is Some k then lam * (k%:R - 1) <= 1 else false) \/ lam * (bound - mu) <= mu ->
  mass p (top w bound) = 0.
Proof.
move=> small; apply: no_condensation_sharp; have mu0 := mean_gt0 law_ref w_gt0.
have ub : mu / bound <= 1 by rewrite ler_pdivrMr // mul1r ltW // mean_ref_lt.
have : (if K is Some k then a <= k%:R^-1 else false) \/ a <= mu / bound.
  case: small => small; [left|right].
    case: K K_gt0 small => // k k0 small; rewrite ler_pdivrMr // mulrC ler_pdivlMr ?ltr0n //.
    by rewrite -lerBlDr -{2}[lam]mulr1 -mulrBr.
  rewrite ler_pdivrMr // mulrAC ler_pdivlMr // mulrDr mulr1 -lerBlDr [mu * _]mulrC -mulrBr.
  exact: small.
rewrite /largest_share; case: K K_gt0 => [k k_gt0|_ []] // le_a.
have k0 : 0 < k%:R :> R by rewrite ltr0n.
have k1 : k%:R^-1 <= 1 :> R by rewrite invf_le1 // ler1n.
case: le_a => le_a; apply: le_trans le_a _.
  by rewrite lerDl mulr_ge0 ?subr_ge0 // divr_ge0 ?(ltW mu0) ?(ltW b0).
rewrite -subr_ge0; have -> : k%:R^-1 + (1 - k%:R^-1) * (mu / bound) - mu / bound
  = k%:R^-1 * (1 - mu / bound) by move: (mu / bound) k%:R^-1 => v i; ring.
by rewrite mulr_ge0 ?subr_ge0 ?invr_ge0 ?(ltW k0).
Qed.

End NoCondensation.

(* K = infinity: an atom at the largest weight has the mass that the real data leave to it. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law loops winner concentration no_condensation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (pref w : T -> R) (lam bound : R).

(* m/(1 - w/w_* ), the density over the reference below the largest weight. *)
Definition density_below lam w bound x : R := (1 + lam)^-1 / (1 - w x / bound).

(* m E_ref 1/(1 - w/w_* ), the mass that the fixed point has below; x/0 = 0 in the library. *)
Definition mass_below lam pref w bound := mean pref (density_below lam w bound).

(* The fixed points of K = infinity with a mass at w_*, p a law on weights up to w_*. *)
Definition condensed lam pref w bound p := [/\ is_law p, bounded_on_support p w bound,
  is_fixed_point lam pref (winner None w) p & 0 < mass p (top w bound)].

End Definitions.

Section Condensation.
Variables (R : realFieldType) (T : finType) (lam bound : R) (pref w : T -> R).
Hypotheses (lam_ge0 : 0 <= lam) (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Hypothesis le_bound : bounded_on_support pref w bound.
Hypothesis none : mass pref (top w bound) = 0.
Notation a := (lam / (1 + lam)).
Notation below := (mass_below lam pref w bound).
Notation top := (top w bound).

Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.
Let b0 : 0 < bound := bound_gt0 law_ref w_gt0 le_bound.

Lemma off_top x : ~~ top x -> 1 - w x / bound != 0.
Proof.
apply: contra; rewrite subr_eq0 => /eqP e.
by rewrite /concentration.top -[w x](divfK (lt0r_neq0 b0)) -e mul1r.
Qed.

(* With an atom there, its mass is 1 - m E_ref 1/(1 - w/w_* ), the mean weight is a w_*, and below
   w_* the density over the reference is m/(1 - w/w_* ). *)
Theorem atom_mass p : condensed lam pref w bound p ->
  [/\ mass p top = 1 - below, mean p w = a * bound
    & forall x, ~~ top x -> p x = pref x * density_below lam w bound x].
Proof.
case=> law_p le_b fixed atom; have e0 := mean_gt0 law_p w_gt0.
have [x /andP[px /eqP wx]] : exists x, (0 < p x) && (w x == bound).
  apply/existsP; apply: contraTT atom => /existsPn no.
  rewrite -leNgt /mass big1 // => x wx; apply/eqP; rewrite eq_le (proj1 law_p) andbT.
  by have := no x; rewrite -/(concentration.top w bound x) wx andbT -leNgt.
have aH := atom_ratio (K := None) isT law_ref fixed none px wx.
have meanE : mean p w = a * bound.
  by have := congr1 (fun z => z * mean p w) aH; rewrite /= mul1r -mulrA divfK ?gt_eqF.
have aw : a * bound != 0 by rewrite -meanE gt_eqF.
have dens y : ~~ top y -> p y = pref y * density_below lam w bound y.
  move=> /off_top ny; rewrite mulrA; apply: (mulIf ny); rewrite divfK //.
  rewrite mulrBr mulr1 {1}fixed /= /tilted meanE -[RHS]addr0 -addrA; congr (_ + _).
  have a0 : a != 0 by apply: contraNneq aw => ->; rewrite mul0r.
  by move: (a) a0 (p y) (w y) => c c0 q v; field; rewrite c0 gt_eqF.
split=> //; rewrite /mass_below /mean (bigID top) /= big1 ?add0r => [|y /eqP wy]; last first.
  by rewrite (ref_top law_ref none wy) mul0r.
by rewrite -(eq_bigr _ dens) -(proj2 law_p) (bigID top) /= addrK.
Qed.

(* The law that has this density below w_*, and the rest at x. *)
Definition condensed_law x y := pref y * density_below lam w bound y + (1 - below) * (y == x)%:R.

Theorem condensed_law_fixed x : w x = bound -> below < 1 ->
  condensed lam pref w bound (condensed_law x) /\ mass (condensed_law x) top = 1 - below.
Proof.
move=> wx small; have rest : 0 < 1 - below by rewrite subr_gt0.
have [r0 sumr] := law_ref; have ref0 := ref_top law_ref none.
have dens_ge0 y : 0 <= pref y * density_below lam w bound y.
  have := r0 y; rewrite le_eqVlt => /orP[/eqP <-|ry]; first by rewrite mul0r.
  rewrite mulr_ge0 // divr_ge0 ?invr_ge0 ?(ltW l1) // subr_ge0 ler_pdivrMr // mul1r.
  exact: le_bound.
have one : \sum_y (y == x)%:R = 1 :> R.
  by rewrite (bigD1 x) //= eqxx big1 ?addr0 // => y /negPf ->.
have lawq : is_law (condensed_law x).
  split=> [y|]; first by rewrite addr_ge0 // mulr_ge0 ?ler0n ?(ltW rest).
  by rewrite big_split /= -mulr_sumr one mulr1 -/(mean pref _) -/below addrC subrK.
have wE y : pref y * density_below lam w bound y * w y
    = bound * (pref y * density_below lam w bound y) - bound / (1 + lam) * pref y.
  have [/eqP wy|/off_top ny] := boolP (top y); first by rewrite ref0 // !mul0r !mulr0 subrr.
  have ny' : bound - w y != 0.
    by apply: contra ny; rewrite !subr_eq0 => /eqP <-; rewrite divff // gt_eqF.
  rewrite /density_below; move: (w y) ny ny' => v ny ny'; field.
  by rewrite ny' (gt_eqF l1) (gt_eqF b0).
have meanE : mean (condensed_law x) w = a * bound.
  rewrite /mean /condensed_law.
  under eq_bigr do rewrite mulrDl wE.
  rewrite big_split /= sumrB -!mulr_sumr sumr -/(mean pref _) -/below.
  under eq_bigr do rewrite -mulrA; rewrite -mulr_sumr.
  have -> : \sum_y (y == x)%:R * w y = w x.
    by rewrite (bigD1 x) //= eqxx mul1r big1 ?addr0 // => y /negPf ->; rewrite mul0r.
  by rewrite wx shares //; move: (below) => u; ring.
have aw : a * bound != 0 by rewrite -meanE gt_eqF // mean_gt0.
have topE : mass (condensed_law x) top = 1 - below.
  rewrite /mass /condensed_law big_split /= big1 ?add0r => [|y /eqP wy]; last first.
    by rewrite ref0 // mul0r.
  rewrite (bigD1 x) /= ?/concentration.top ?wx // eqxx mulr1 big1 ?addr0 // => y.
  by case/andP=> _ /negPf ->; rewrite mulr0.
split=> //; split=> // [y qy|y|]; last by rewrite topE.
  have [->|yx] := eqVneq y x; first by rewrite wx.
  apply: le_bound; rewrite lt_neqAle r0 andbT eq_sym; apply: contraTneq qy => ry.
  by rewrite /condensed_law ry mul0r add0r (negPf yx) mulr0 ltxx.
have a0 : a != 0 by apply: contraNneq aw => ->; rewrite mul0r.
rewrite /= /tilted meanE.
have -> : a * (condensed_law x y * (w y / (a * bound))) = condensed_law x y * w y / bound.
  by move: (a) a0 (condensed_law x y) => c c0 q; field; rewrite c0 gt_eqF.
have -> : condensed_law x y * w y
    = bound * condensed_law x y - bound / (1 + lam) * pref y.
  rewrite /condensed_law mulrDl wE mulrDr [in RHS]addrAC; congr (_ + _).
  have [->|_] := eqVneq y x; first by rewrite wx mulrC.
  by rewrite !mulr0 mul0r.
by move: (condensed_law x y) => q; field; rewrite !gt_eqF.
Qed.

(* condensation-threshold: for K = infinity, if p_ref has no mass at w_*, then the loop has a fixed
   point with mass there if and only if m E_ref 1/(1 - w/w_* ) < 1, and its mass there is what is
   missing. On finite laws p_ref's weights end below w_*: so an answer of weight w_* is asked for,
   and there may be other fixed points, without that atom. *)
Theorem condensation_threshold : (exists x, w x = bound) ->
  ((exists p, condensed lam pref w bound p) <-> below < 1)
  /\ forall p, condensed lam pref w bound p -> mass p top = 1 - below.
Proof.
case=> x wx; split=> [|p /atom_mass[]//]; split=> [[p cond]|small].
  by have [e _ _] := atom_mass cond; case: cond => _ _ _; rewrite e subr_gt0.
by exists (condensed_law x); case: (condensed_law_fixed wx small).
Qed.

End Condensation.

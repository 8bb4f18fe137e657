(* fixed-point-two-point: with two weights and real data at the top there is exactly one fixed
   point, to which the mass at the top tends from every start; for K = 2 it solves a quadratic
   equation. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops floor_functions winner.
From Recurate Require Import gap_win bounded_gap_integral two_point two_point_loop.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Root.
Variables (R : realType) (K : option nat) (lam rho q : R).
Hypotheses (K1 : at_least 1 K) (lam_ge0 : 0 <= lam) (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1).
Hypothesis q01 : 0 <= q <= 1.
Notation a := (lam / (1 + lam)).
Notation f := (gap_win K rho^-1).

Let gap_ge1 : 1 <= rho^-1. Proof. by rewrite invf_ge1. Qed.

(* The equation of the mass at the top has a root: F(0) >= 0 >= F(1). *)
Lemma two_point_root : exists2 P, 0 <= P <= 1 & P = q / (1 + lam) + a * gap_win K rho P.
Proof.
have [f0 f1 _] := gap_win_function gap_ge1 K1.
have [/andP[q0 q1] l1] := (q01, real_share_gt0 lam_ge0).
pose h (y : R) := a * f y - y.
have ch : {within `[0, 1], continuous h}.
  apply: continuous_in_subspaceT => y; rewrite inE /= in_itv /= => y01.
  have cf : {for y, continuous f}.
    by apply/differentiable_continuous/derivable1_diffP; case: (is_derive_gap_win gap_ge1 K y01).
  exact: (cvgB (cvgMr (a := a) cf) cvg_id).
have h0 : h 0 = 0 by rewrite /h f0 mulr0 subrr.
have h1 : h 1 = - (1 + lam)^-1.
  by rewrite /h f1 mulr1 (shares lam_ge0) mul1r addrAC subrr sub0r.
have [|y] := @IVT _ h 0 1 (- ((1 - q) / (1 + lam))) ler01 ch.
  rewrite h0 h1 le_minl le_maxr; apply/andP; split; apply/orP; [right|left].
    rewrite lerN2 -[leRHS]mul1r ler_wpM2r ?invr_ge0 ?(ltW l1) //.
    by rewrite lerBlDr lerDl.
  by rewrite oppr_le0 divr_ge0 ?subr_ge0 ?(ltW l1).
rewrite in_itv /= => /andP[y0 y1]; rewrite /h => root.
have P01 : 0 <= 1 - y <= 1 by rewrite subr_ge0 y1 lerBlDr lerDl.
exists (1 - y) => //; rewrite (gap_winC K1 rho_gt0 P01) opprB addrCA subrr addr0.
have -> : a * (1 - f y) = a - y + (1 - q) / (1 + lam).
  have <- : y - a * f y = (1 - q) / (1 + lam) by rewrite -[LHS]opprB root opprK.
  by move: (f y) => g; ring.
by rewrite (shares lam_ge0); move: (f y) => g; field; rewrite gt_eqF.
Qed.

End Root.

Section FixedPoint.
Variables (R : realType) (T : finType) (K : option nat) (lam rho : R) (pref w : T -> R).
Variable A : pred T.
Implicit Types p : T -> R.
Hypotheses (K1 : at_least 1 K) (lam_ge0 : 0 <= lam) (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1).
Hypotheses (w_gt0 : forall x, 0 < w x).
Hypotheses (law_ref : is_law pref) (two_ref : two_weights pref w A rho) (q_gt0 : 0 < mass pref A).
Notation a := (lam / (1 + lam)).
Notation q := (mass pref A).
Notation fixed := (is_fixed_point lam pref (winner K w)).

Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.

Lemma two_point_exists : exists p, [/\ is_law p, two_weights p w A rho & fixed p].
Proof.
have q01 : 0 <= q <= 1 by rewrite (ltW q_gt0) mass_le1.
have [P /andP[P0 P1] root] := two_point_root K1 lam_ge0 rho_gt0 rho_le1 q01.
have [r0 r1] := law_ref.
pose p x := if A x then pref x * (P / q) else pref x * ((1 - P) / (1 - q)).
have p_ge0 x : 0 <= p x.
  by rewrite /p; case: (A x); rewrite mulr_ge0 // divr_ge0 ?subr_ge0 ?mass_le1 // ltW.
have a0 := synthetic_share_ge0 lam_ge0; have P_gt0 : 0 < P.
  have P01 : 0 <= P <= 1 by rewrite P0.
  have /andP[W0 _] := top_unit K1 rho_gt0 rho_le1 P01.
  by rewrite root ltr_pwDl ?divr_gt0 // mulr_ge0.
have q1_P1 : q = 1 -> P = 1.
  move=> q1; have P01 : 0 < P <= 1 by rewrite P_gt0.
  have one : 0 <= (1 : R) <= 1 by rewrite ler01 lexx.
  have := top_step K1 rho_gt0 rho_le1 a0 P01 one root.
  rewrite top1 // mulr1 q1 (shares lam_ge0) addrCA subrr addr0 subrr mulr0.
  rewrite pmulr_rle0 ?divr_gt0 // => /(conj (sqr_ge0 _))/andP/le_anti/esym/eqP.
  by rewrite sqrf_eq0 subr_eq0 => /eqP.
have massA : mass p A = P.
  rewrite /mass (eq_bigr (fun x => pref x * (P / q))) => [|x Ax]; last by rewrite /p Ax.
  by rewrite -mulr_suml mulrCA divff ?mulr1 // gt_eqF.
have massN : mass p (predC A) = 1 - P.
  rewrite /mass (eq_bigr (fun x => pref x * ((1 - P) / (1 - q)))) => [|x /negPf Ax]; last first.
    by rewrite /p Ax.
  rewrite -mulr_suml -/(mass pref (predC A)) massC //.
  have [q1|q1] := eqVneq q 1; last by rewrite mulrCA divff ?mulr1 // subr_eq0 eq_sym.
  by rewrite q1_P1 // q1 subrr !mul0r.
have lawp : is_law p.
  split=> //; rewrite (bigID A) /=; transitivity (mass p A + mass p (predC A)) => //.
  by rewrite massA massN addrC subrK.
have two : two_weights p w A rho.
  move=> x px; apply: two_ref; rewrite lt_neqAle r0 andbT eq_sym; apply: contraTneq px.
  by rewrite /p => ->; rewrite !mul0r; case: (A x); rewrite ltxx.
exists p; split=> // x.
have [on [off [winE winA winC]]] := two_point_ratios K1 rho_gt0 w_gt0 lawp two.
rewrite winE; rewrite massA in winA winC.
have l0 : 1 + lam != 0 by rewrite gt_eqF.
have q0 : q != 0 by rewrite gt_eqF.
rewrite /p; case: (boolP (A x)) => Ax.
  have -> : a * (pref x * (P / q) * on) = pref x / q * (a * (P * on)) by ring.
  have -> : a * (P * on) = P - q / (1 + lam) by rewrite winA [in RHS]root addrAC subrr add0r.
  by field; rewrite q0 l0.
have [q1|q1] := eqVneq q 1.
  have -> : pref x = 0; last by rewrite !mul0r mulr0 addr0.
  have := massC A law_ref; rewrite q1 subrr /mass (bigD1 x) //= => /eqP.
  by rewrite paddr_eq0 ?sumr_ge0 // => /andP[/eqP].
have q1' : 1 - q != 0 by rewrite subr_eq0 eq_sym.
have -> : a * (pref x * ((1 - P) / (1 - q)) * off) = pref x / (1 - q) * (a * ((1 - P) * off)).
  by ring.
have -> : a * ((1 - P) * off) = 1 - P - (1 - q) / (1 + lam).
  by rewrite winC [in RHS]root; move: (gap_win _ _ _) => W; field.
by field; rewrite q1' l0.
Qed.

(* fixed-point-two-point, all of it: if the reference has two weights, 1 on A and rho <= 1 off A,
   and mass on A, then for every K >= 1, infinity included, and every finite lam >= 0 there is
   exactly one fixed point on two weights, and from every start on two weights p_t(A) tends to its
   mass on A. *)
Theorem two_point_limit : exists pinf, [/\ is_law pinf /\ two_weights pinf w A rho, fixed pinf,
    forall p, is_law p -> two_weights p w A rho -> fixed p -> p =1 pinf
  & forall p0, is_law p0 -> two_weights p0 w A rho ->
    (fun t => mass (winner_loop K lam pref w p0 t) A) --> mass pinf A].
Proof.
have [pinf [law_inf two_inf fix_inf]] := two_point_exists; exists pinf; split=> //.
  move=> p lawp two fix_p.
  exact: (two_point_unique K1 lam_ge0 rho_gt0 rho_le1 w_gt0 law_ref two_ref q_gt0).
move=> p0 law0 two0; have rate := two_point_rate K1 lam_ge0 rho_gt0 rho_le1 w_gt0 law_ref two_ref
  law_inf two_inf fix_inf q_gt0 law0 two0.
have /andP[k0 k1] := two_point_factor K1 lam_ge0 rho_gt0 rho_le1 law_inf two_inf fix_inf q_gt0.
set k := 1 - _ / _ in rate k0 k1; set x := fun t => mass _ A; set P := mass pinf A in rate *.
have to0 : (fun t => k ^+ t * `|P - mass p0 A|) --> (0 : R).
  rewrite -[X in _ --> X](mul0r `|P - mass p0 A|); apply: cvgMl.
  by apply: cvg_expr; rewrite ger0_norm.
have dist0 : (fun t => `|P - x t|) --> (0 : R).
  apply: (squeeze_cvgr (f := cst 0) (h := fun t => k ^+ t * `|P - mass p0 A|)) => //.
    by apply: nearW => t; rewrite normr_ge0 rate.
  exact: cvg_cst.
have back : x = (fun t => P - (P - x t)) by apply: funext => t; rewrite opprB addrC subrK.
rewrite back -[X in _ --> X]subr0; apply: cvgB; [exact: cvg_cst|exact: norm_cvg0].
Qed.

End FixedPoint.

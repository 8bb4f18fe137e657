(* fixed-point-k-inf: on finite laws there is always a fixed point, since the reference has mass at
   the largest weight on its support: E_ref 1/(1 - z w) passes 1 + lam before its pole. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype.
From Recurate Require Import compatibility finite_law curation loops winner k_inf.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Existence.
Variables (R : realType) (T : finType) (lam : R) (pref w : T -> R).
Hypotheses (lam_ge0 : 0 <= lam) (law_ref : is_law pref) (w_gt0 : forall x, 0 < w x).
Notation fixed := (is_fixed_point lam pref (winner None w)).
Notation pole := (mean_pole pref w).

Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.
Let r0 x : 0 <= pref x. Proof. by case: law_ref. Qed.

Lemma mean_pole_continuous z : below_pole pref w z -> {for z, continuous pole}.
Proof.
move=> [z0 small]; pose F u (y : R) := pref u * (1 - y * w u)^-1.
have cF u : F u y @[y --> z] --> F u z.
  have := r0 u; rewrite /F le_eqVlt => /orP[/eqP <-|ru].
    rewrite mul0r; have -> : (fun y : R => 0 * (1 - y * w u)^-1) = fun=> 0.
      by apply: funext => y; rewrite mul0r.
    exact: cst_continuous.
  have d0 : 1 - z * w u != 0 by rewrite gt_eqF // subr_gt0 small.
  have line : (1 - y * w u) @[y --> z] --> 1 - z * w u.
    apply: cvgB; first exact: cst_continuous.
    by apply: cvgMl; exact: cvg_id.
  exact: (cvgMr (a := pref u) (cvgV d0 line)).
suff : \sum_(u <- index_enum T) F u y @[y --> z] --> \sum_(u <- index_enum T) F u z by [].
elim: (index_enum T) => [|u s IH].
  have -> : (fun y => \sum_(u <- [::]) F u y) = (fun=> 0); last first.
    by rewrite big_nil; exact: cst_continuous.
  by apply: funext => y; rewrite big_nil.
have -> : (fun y => \sum_(v <- u :: s) F v y) = (fun y => F u y + \sum_(v <- s) F v y).
  by apply: funext => y; rewrite big_cons.
rewrite big_cons; exact: (cvgD (cF u) IH).
Qed.

Lemma k_inf_exists_z : exists2 z, below_pole pref w z & pole z = 1 + lam.
Proof.
have [x0 px0] := law_has_support law_ref.
have [x px top] := arg_maxP (fun x => w x) (px0 : (fun x => 0 < pref x) x0).
set q := pref x in px; pose z1 := (1 - q / (1 + lam)) / w x.
have q1 : q <= 1 by have [_ <-] := law_ref; rewrite (bigD1 x) //= lerDl sumr_ge0.
have e0 : 0 < q / (1 + lam) by rewrite divr_gt0.
have e1 : q / (1 + lam) <= 1 by rewrite ler_pdivrMr // mul1r (le_trans q1) // lerDl.
have z1_ge0 : 0 <= z1 by rewrite divr_ge0 ?subr_ge0 // ltW.
have z1E : z1 * w x = 1 - q / (1 + lam) by rewrite divfK // gt_eqF.
have below z : 0 <= z -> z <= z1 -> below_pole pref w z.
  move=> z0 zz1; split=> // u pu; apply: (@le_lt_trans _ _ (z1 * w x)).
    by apply: ler_pM => //; [exact: ltW|exact: top].
  by rewrite z1E ltrBlDr ltrDl.
have at0 : pole 0 = 1.
  have [_ <-] := law_ref; apply: eq_bigr => u _; by rewrite mul0r subr0 invr1 mulr1.
have at1 : 1 + lam <= pole z1.
  rewrite /mean_pole /mean (bigD1 x) //= z1E subKr -/q.
  have -> : q / (q / (1 + lam)) = 1 + lam by field; rewrite !gt_eqF.
  rewrite lerDl sumr_ge0 // => u _; have := r0 u; rewrite le_eqVlt => /orP[/eqP <-|ru].
    by rewrite mul0r.
  have [_ small] := below z1 z1_ge0 (lexx z1).
  by rewrite divr_ge0 ?r0 // subr_ge0 ltW // small.
have cpole : {within `[0, z1]%classic, continuous pole}.
  apply: continuous_in_subspaceT => z; rewrite inE /= in_itv /= => /andP[z0 zz1].
  exact/mean_pole_continuous/below.
have [|z] := @IVT _ pole 0 z1 (1 + lam) z1_ge0 cpole.
  by rewrite le_minl le_maxr at0 lerDl lam_ge0 at1 orbT.
rewrite in_itv /= => /andP[z0 zz1] E; exists z => //.
exact: below.
Qed.

(* For K = infinity and every finite lam there is exactly one fixed point among the laws without
   mass where p_ref has none: m p_ref/(1 - z w), z the only solution of E_ref 1/(1 - z w) = 1 + lam
   with 0 <= z < 1/w_*. *)
Theorem fixed_point_k_inf_exists : exists z, [/\ below_pole pref w z, pole z = 1 + lam,
    is_law (house_of_cards lam pref w z), fixed (house_of_cards lam pref w z)
  & forall p, is_law p -> absolutely_continuous p pref -> fixed p ->
      p =1 house_of_cards lam pref w z].
Proof.
have [z bz ez] := k_inf_exists_z; exists z.
have [law_c cont_c fix_c _] := fixed_point_k_inf_converse lam_ge0 law_ref w_gt0 bz ez.
split=> // p lawp cont fix_p; exact: (k_inf_unique lam_ge0 law_ref w_gt0).
Qed.

End Existence.

(* S*(lam, K) as a number, for every K: the series that theorem-2.4-optimal's integral has. It
   gives an L with the derivative ln U', so that the bound holds without a condition. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Logarithm.
Variable R : realType.

(* z + z^2/2 + ... + z^J/J *)
Definition log_sum J (z : R) := \sum_(j < J) z ^+ j.+1 / j.+1%:R.

Lemma is_derive_log_sum J (z : R) : is_derive z (1 : R) (log_sum J) (\sum_(j < J) z ^+ j).
Proof.
elim: J => [|J IH].
  have -> : log_sum 0 = cst 0 by apply: funext => x; rewrite /log_sum big_ord0.
  by rewrite big_ord0; apply: is_derive_cst.
have -> : log_sum J.+1 = log_sum J + (fun x => x ^+ J.+1 / J.+1%:R).
  by apply: funext => x; rewrite /log_sum big_ord_recr.
rewrite big_ord_recr /=; apply: is_deriveD.
have dX : is_derive z (1 : R) (fun x : R => x ^+ J.+1) (J.+1%:R * z ^+ J).
  by have := is_deriveX J (is_derive_id z (1 : R)); rewrite exprfctE /GRing.scale /= mulr1.
have -> : (fun x : R => x ^+ J.+1 / J.+1%:R) = cst J.+1%:R^-1 * (fun x : R => x ^+ J.+1).
  by apply: funext => x; rewrite !fctE mulrC.
by apply: is_derive_eq; rewrite /cst /GRing.scale /= mulr0 addr0 mulrA mulVf ?mul1r //.
Qed.

(* 0 <= - ln(1 - z) - (z + ... + z^J/J) <= z^J z/(1 - z) *)
Lemma log_sum_close J (z : R) : 0 <= z -> z < 1 ->
  0 <= - ln (1 - z) - log_sum J z <= z * (z ^+ J / (1 - z)).
Proof.
rewrite le_eqVlt => /orP[/eqP <- _|z0 z1].
  rewrite subr0 ln1 oppr0 sub0r mul0r /log_sum big1 ?oppr0 ?lexx // => j _.
  by rewrite expr0n mul0r.
pose f := (fun x : R => - ln (1 - x)) - log_sum J.
have df x : 0 <= x -> x < 1 -> is_derive x (1 : R) f (x ^+ J / (1 - x)).
  move=> x0 x1; have d0 : 0 < 1 - x by rewrite subr_gt0.
  pose g (y : R) := 1 - y; have dl : is_derive x (1 : R) g (-1).
    have -> : g = cst 1 - (id : R -> R) by [].
    by apply: is_derive_eq; rewrite sub0r.
  have dln : is_derive x (1 : R) (fun y : R => - ln (1 - y)) ((1 - x)^-1).
    have dg : is_derive (g x) (1 : R) (@ln R) (1 - x)^-1 by apply: is_derive1_ln.
    by have := is_deriveN (is_derive1_comp dg dl); rewrite mulrN1 opprK.
  have dS := is_derive_log_sum J x.
  apply: is_derive_eq.
  apply: (mulIf (lt0r_neq0 d0)); rewrite divfK ?gt_eqF // mulrBl mulVf ?gt_eqF //.
  by rewrite mulrC -[1 - x]opprB mulNr -subrX1 opprB subKr.
have cf : {within `[0, z], continuous f}.
  apply: continuous_in_subspaceT => x; rewrite inE /= in_itv /= => /andP[x0 xz].
  apply/differentiable_continuous/derivable1_diffP.
  by case: (df x x0 (le_lt_trans xz z1)).
have df' x : x \in `]0, z[%R -> is_derive x (1 : R) f (x ^+ J / (1 - x)).
  by rewrite in_itv /= => /andP[x0 xz]; apply: df; [exact: ltW|exact: lt_trans z1].
have [x] := MVT z0 df' cf; rewrite in_itv /= => /andP[x0 xz].
have f0 : f 0 = 0.
  rewrite /f !fctE subr0 ln1 oppr0 sub0r /log_sum big1 ?oppr0 // => j _.
  by rewrite expr0n mul0r.
rewrite f0 !subr0 => E; have -> : - ln (1 - z) - log_sum J z = f z by [].
have d0 : 0 < 1 - x by rewrite subr_gt0 (lt_trans xz).
have dz : 0 < 1 - z by rewrite subr_gt0.
rewrite E mulrC mulr_ge0 ?divr_ge0 ?exprn_ge0 ?(ltW d0) ?(ltW x0) ?(ltW z0) //=.
rewrite ler_wpM2l ?(ltW z0) // ler_pM ?exprn_ge0 ?invr_ge0 ?(ltW d0) ?(ltW x0) //.
  by rewrite lerXn2r ?nnegrE ?(ltW x0) ?(ltW z0) // ltW.
by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF // lerD2l lerN2 ltW.
Qed.

Lemma log_sum_cvg (z : R) : 0 <= z -> z < 1 -> (fun J => log_sum J z) --> - ln (1 - z).
Proof.
move=> z0 z1; have to0 : (fun J => z * (z ^+ J / (1 - z))) --> (0 : R).
  rewrite -[X in _ --> X](mulr0 z); apply: cvgMr; rewrite -[X in _ --> X](mul0r (1 - z)^-1).
  by apply: cvgMl; apply: cvg_expr; rewrite ger0_norm.
have gap0 : (fun J => - ln (1 - z) - log_sum J z) --> (0 : R).
  apply: (squeeze_cvgr (f := cst 0) (h := fun J => z * (z ^+ J / (1 - z)))) => //.
    by apply: nearW => J; apply: log_sum_close.
  exact: cvg_cst.
have -> : (fun J => log_sum J z) = (fun J => - ln (1 - z) - (- ln (1 - z) - log_sum J z)).
  by apply: funext => J; rewrite subKr.
by rewrite -[X in _ --> X]subr0; apply: cvgB; [exact: cvg_cst|].
Qed.

End Logarithm.

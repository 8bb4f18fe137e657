(* The loop with real data mixed in, from the reference: Theorems 2.3 and 2.4 of the paper as far
   as they need no logarithm, and the sharpened Theorem 2.3. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section MixedLoop.
Variables (R : realFieldType) (T : finType).
Variables (K : nat) (lam bound : R) (pref w : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam).
Hypotheses (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Notation p := (mixed_loop K lam pref w).

Section RewardGain.
Hypothesis le_bound : bounded_on_support pref w bound.

(* gap_{t+1} >= a (gap_t + c Var_t), a = lam/(1+lam), c = ((K-1)/K)/w_*. *)
Lemma gap_step t :
  lam / (1 + lam) * (mean (p t) w - mean pref w
      + (K%:R - 1) / K%:R * (variance (p t) w / bound))
    <= mean (p t.+1) w - mean pref w.
Proof.
have l1 := real_share_gt0 lam_ge0.
have gain := lemma_2_2 K_gt0 (mixed_loop_is_law K_gt0 lam_ge0 w_gt0 law_ref t) w_gt0
  (mixed_loop_bounded (t := t) K_gt0 lam_ge0 w_gt0 law_ref le_bound).
rewrite mean_mixed //; set next := mean (curated _ _ _) _ in gain *.
have -> : mean pref w / (1 + lam) + lam / (1 + lam) * next - mean pref w
    = lam / (1 + lam) * (next - mean pref w) by field; rewrite gt_eqF.
by rewrite ler_wpM2l ?synthetic_share_ge0 // addrAC lerD2r.
Qed.

(* Theorem 2.3, with lam/(1+lam) in place of lam/(1+lam)^3: for every t >= 1,
     E_t w >= mu + lam/(1+lam) ((K-1)/K) V / w_*.
   p t.+1 is p_{t+1} of the mixed loop from p_0 = p_ref = pref, mu and V are mean and variance of
   w = e^r under the reference, bound is w_*. *)
Theorem theorem_2_3_sharp t :
  mean pref w + lam / (1 + lam) * ((K%:R - 1) / K%:R * (variance pref w / bound))
    <= mean (p t.+1) w.
Proof.
have l1 := real_share_gt0 lam_ge0; have b0 := bound_gt0 law_ref w_gt0 le_bound.
have K1 : 0 < K%:R :> R by rewrite ltr0n.
have Kc : 0 <= (K%:R - 1) / K%:R :> R by rewrite divr_ge0 ?(ltW K1) // subr_ge0 ler1n.
rewrite -lerBrDl.
elim: t => [|t gap_t]; apply: le_trans (gap_step _); first by rewrite mixed_loop0 subrr add0r.
rewrite ler_wpM2l ?synthetic_share_ge0 //.
set cV := _ / K%:R * _ in gap_t *.
apply: (@le_trans _ _ (lam / (1 + lam) * cV + cV / (1 + lam))).
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; field; rewrite gt_eqF.
rewrite lerD //.
by rewrite /cV -mulrA ler_wpM2l // mulrAC ler_wpM2r ?invr_ge0 ?(ltW b0) // variance_mixed.
Qed.

(* Theorem 2.3 of the paper: for every t >= 1,
     E_t w >= mu + lam/(1+lam)^3 ((K-1)/K) V / w_*. *)
Theorem theorem_2_3 t :
  mean pref w + lam / (1 + lam) ^+ 3 * ((K%:R - 1) / K%:R * (variance pref w / bound))
    <= mean (p t.+1) w.
Proof.
have l1 := real_share_gt0 lam_ge0; have b0 := bound_gt0 law_ref w_gt0 le_bound.
apply: le_trans (theorem_2_3_sharp t); rewrite lerD2l ler_wpM2r //.
  rewrite mulr_ge0 ?divr_ge0 ?variance_ge0 ?(ltW b0) ?ler0n // subr_ge0 ler1n //.
rewrite ler_wpM2l // ler_pV2 ?inE ?unitfE ?gt_eqF ?exprn_gt0 //.
by rewrite ler_eXnr // lerDl.
Qed.

End RewardGain.

Section DensityBound.
Hypothesis lam_small : lam * (K%:R - 1) < 1.

(* Theorem 2.4 of the paper, the bound on the density: d_t <= 1/(1 - lam (K-1)), written without
   dividing by p_ref(x), which may be 0. lam < 1/(K-1) is asked as lam (K-1) < 1, so that K = 1
   is admitted. *)
Theorem theorem_2_4_density t x : p t x <= pref x / (1 - lam * (K%:R - 1)).
Proof.
have l1 := real_share_gt0 lam_ge0; have c0 : 0 < 1 - lam * (K%:R - 1) by rewrite subr_gt0.
have K1 : 1 <= K%:R :> R by rewrite ler1n.
have r0 : 0 <= pref x by case: law_ref.
elim: t => [|t dt]; first rewrite mixed_loop0.
  by rewrite ler_pdivlMr // ler_piMr // lerBlDr ler_wpDr // mulr_ge0 // subr_ge0.
rewrite mixed_loopS lemma_2_1 //.
apply: (@le_trans _ _ (pref x / (1 + lam)
    + lam / (1 + lam) * (pref x / (1 - lam * (K%:R - 1)) * K%:R))).
  rewrite lerD2l ler_wpM2l ?synthetic_share_ge0 // ler_pM ?ratio_ge0 ?ratio_bound //.
  - by case: (mixed_loop_is_law K_gt0 lam_ge0 w_gt0 law_ref t).
  - exact: mixed_loop_is_law.
  - exact: mixed_loop_is_law.
by rewrite le_eqVlt; apply/orP; left; apply/eqP; field; rewrite !gt_eqF.
Qed.

End DensityBound.
End MixedLoop.

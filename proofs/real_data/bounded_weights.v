(* Bounded rewards keep the loop near the reference, for any number of candidates: the bound on the
   density. What it says of the divergence is in bounded_weights_divergence.v. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner winner_gain.
From Recurate Require Import winner_ratio ceiling.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section BoundedWeights.
Variables (R : realFieldType) (T : finType).
Variables (K : option nat) (lam bound : R) (pref w : T -> R).
Hypotheses (K_gt0 : at_least 1 K) (lam_ge0 : 0 <= lam).
Hypotheses (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Hypothesis le_bound : bounded_on_support pref w bound.
Notation p := (winner_loop K lam pref w pref).
Notation h := (largest_ratio K (mean pref w / bound)).

Let lawt t : is_law (p t) := winner_loop_is_law t K_gt0 lam_ge0 law_ref w_gt0 law_ref.

Lemma winner_loop_bounded t : bounded_on_support (p t) w bound.
Proof.
apply: (absolutely_continuous_bound law_ref (lawt t)) le_bound.
exact: winner_loop_continuous.
Qed.

(* Steps (1) and (2) of theorem-2.4-bounded-weights: H_t(v) <= h at every t, for every weight v up
   to w_*, with h = (1 - (1 - mu/w_* )^K) w_*/mu; w_*/mu for K = infinity.
   p t is p_t of the mixed loop from p_0 = p_ref = pref, K is Some K with K >= 1 or None for
   infinity, mu the mean of w under the reference, bound is w_*, of which only w <= w_* on the
   support of p_ref is asked. *)
Theorem ratio_ceiling t v : 0 < v -> v <= bound -> winner_ratio K w (p t) v <= h.
Proof.
move=> v0 v_le; apply: le_trans (winner_ratio_increases K (lawt t) w_gt0 v0 v_le) _.
apply: ceiling => //; [exact: winner_loop_bounded|exact: mean_gt0|].
exact: mean_winner_loop_ge.
Qed.

(* Step (3): m <= d_t <= D = 1/(1 - lam (h - 1)) at every t, if lam (h - 1) < 1, written without
   dividing by p_ref(x), which may be 0. *)
Theorem bounded_weights_density t x : lam * (h - 1) < 1 ->
  pref x / (1 + lam) <= p t x <= pref x / (1 - lam * (h - 1)).
Proof.
move=> small; have l1 := real_share_gt0 lam_ge0; have r0 : 0 <= pref x by case: law_ref.
have c0 : 0 < 1 - lam * (h - 1) by rewrite subr_gt0.
have c1 : 1 - lam * (h - 1) <= 1.
  by rewrite lerBlDr lerDl mulr_ge0 // subr_ge0 largest_ratio_ge1 ?theta_unit.
elim: t => [|t /andP[_ dt]].
  rewrite winner_loop0 ler_pdivrMr // ler_pdivlMr // ler_piMr // mulrDr mulr1.
  by rewrite lerDl mulr_ge0.
have [t0 _] := winner_is_law K_gt0 (lawt t) w_gt0.
rewrite winner_loopS /winner_step lerDl mulr_ge0 ?synthetic_share_ge0 //=.
have [x0|x0] := eqVneq (p t x) 0.
  rewrite winnerE // x0 mul0r mulr0 addr0 ler_wpM2l // ler_pV2 ?inE ?unitfE ?gt_eqF //.
  by apply: le_trans c1 _; rewrite lerDl.
have px : 0 < p t x by rewrite lt_neqAle eq_sym x0 (proj1 (lawt t)).
rewrite winnerE //; apply: (@le_trans _ _ (pref x / (1 + lam)
    + lam / (1 + lam) * (pref x / (1 - lam * (h - 1)) * h))).
  rewrite lerD2l ler_wpM2l ?synthetic_share_ge0 // ler_pM // ?(ltW px) //.
    by rewrite ltW // winner_ratio_gt0.
  by apply: ratio_ceiling => //; apply: winner_loop_bounded px.
move: (h) c0 => k c0; rewrite le_eqVlt; apply/orP; left; apply/eqP.
by field; rewrite !gt_eqF.
Qed.

End BoundedWeights.

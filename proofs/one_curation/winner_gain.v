(* The winner's mean weight is no smaller than a candidate's, for any number of candidates. So the
   loop never falls below the real data's mean weight, if it does not start below it. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section WinnerGain.
Variables (R : realFieldType) (T : finType).
Implicit Types (p pref w : T -> R) (lam : R) (K : option nat).

(* The mean weight does not fall. *)
Lemma mean_winner_ge K w p : at_least 1 K -> is_law p -> (forall x, 0 < w x) ->
  mean p w <= mean (winner K w p) w.
Proof.
move=> K0 lawp w0; have W0 := mean_gt0 lawp w0; have v0 := variance_ge0 w lawp.
case: K K0 => [K|] /= K0; last first.
  rewrite mean_tilted ler_pdivlMr //.
  by rewrite -subr_ge0 -(covarianceE w w lawp).
pose bound := \sum_x w x.
have le_bound : bounded_on_support p w bound.
  move=> x _; rewrite /bound (bigD1 x) //= ler_wpDr //.
  by apply: sumr_ge0 => y _; apply: ltW.
apply: le_trans (lemma_2_2 K0 lawp w0 le_bound); rewrite ler_wpDr // mulr_ge0 //.
  by rewrite divr_ge0 ?ler0n // subr_ge0 ler1n.
by rewrite divr_ge0 // ltW // (bound_gt0 lawp w0 le_bound).
Qed.

(* From laws whose mean weight is at least p_ref's the loop never gets to others. *)
Lemma mean_winner_loop_ge K lam pref w p0 t : at_least 1 K -> 0 <= lam -> is_law pref ->
  (forall x, 0 < w x) -> is_law p0 -> mean pref w <= mean p0 w ->
  mean pref w <= mean (winner_loop K lam pref w p0 t) w.
Proof.
move=> K0 lam0 lawr w0 law0 mu_le; elim: t => // t IH.
have l1 := real_share_gt0 lam0; rewrite winner_loopS mean_winner_step.
have := mean_winner_ge K0 (winner_loop_is_law t K0 lam0 lawr w0 law0) w0.
move: (mean (winner_loop _ _ _ _ _ _) _) IH (mean (winner _ _ _) _) => e e_ge e' e'_ge.
rewrite (shares lam0); move: (mean pref w) e_ge => mu e_ge.
have -> : mu / (1 + lam) + (1 - 1 / (1 + lam)) * e' = mu + (1 - 1 / (1 + lam)) * (e' - mu).
  by move: (1 + lam)^-1 => m; ring.
by rewrite lerDl -(shares lam0) mulr_ge0 ?synthetic_share_ge0 // subr_ge0 (le_trans e_ge).
Qed.

(* So every fixed point has at least p_ref's mean weight. *)
Lemma mean_fixed_point_ge K lam pref w p : at_least 1 K -> 0 <= lam -> is_law pref ->
  (forall x, 0 < w x) -> is_law p -> is_fixed_point lam pref (winner K w) p ->
  mean pref w <= mean p w.
Proof.
move=> K0 lam0 lawr w0 lawp fixed; have l1 := real_share_gt0 lam0.
have fixed' : mean p w = mean pref w / (1 + lam) + lam / (1 + lam) * mean (winner K w p) w.
  by rewrite -mean_winner_step; apply: eq_mean => // x; apply: fixed.
have a0 := synthetic_share_ge0 lam0; have := mean_winner_ge K0 lawp w0.
move: fixed' a0; rewrite (shares lam0) mul1r; set m := (1 + lam)^-1.
have m0 : 0 < m by rewrite invr_gt0.
move: (mean p w) (mean pref w) (mean (winner K w p) w) => e mu e' eE a0 ee'.
rewrite -(ler_pM2l m0) -subr_ge0.
have -> : m * e - m * mu = e - mu * m - (1 - m) * e by ring.
have -> : e - mu * m - (1 - m) * e = (1 - m) * (e' - e) by rewrite {1}eE; ring.
by rewrite mulr_ge0 // subr_ge0.
Qed.

End WinnerGain.

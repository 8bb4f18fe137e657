(* Instances of what is said of bounded weights, atoms at the largest weight, wrong rewards and
   empirical laws: numbers that compute, and equality where the bounds are attained. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner total_variation.
From Recurate Require Import ceiling bounded_weights concentration one_and_others no_condensation.
From Recurate Require Import condensation wrong_rewards training_sets empirical_law sanity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Local Lemma up_to_2 p : bounded_on_support p one_or_two 2.
Proof. by case. Qed.

(* Weights 1 and 2 of mass 1/2: theta = 3/4, and h = 1 + 1/4 for K = 2, 4/3 for K = infinity. *)
Theorem largest_ratio_five_quarters : mean halves one_or_two / 2 = 3%:R / 4%:R
  /\ largest_ratio (Some 2%N) (3%:R / 4%:R : rat) = 5%:R / 4%:R
  /\ largest_ratio None (3%:R / 4%:R : rat) = 4%:R / 3%:R.
Proof. by rewrite /mean big_bool /= !big_ord_recl big_ord0. Qed.

(* H(2) = (4/3 + 1)/2 = 7/6 is below 5/4, and 2/(3/2) = 4/3 is attained for K = infinity. *)
Theorem ratio_seven_sixths : winner_ratio (Some 2%N) one_or_two halves 2 = 7%:R / 6%:R
  /\ winner_ratio None one_or_two halves 2 = 4%:R / 3%:R.
Proof.
split; last by rewrite /= /mean big_bool.
by have := two_candidates halves one_or_two true; rewrite /ratio /= => ->; rewrite big_bool.
Qed.

(* lam = 1 is where the paper's bound for K = 2 ends; here d_t <= 1/(1 - 1/4) = 4/3 for ever. *)
Theorem density_four_thirds t x :
  winner_loop (Some 2%N) 1 halves one_or_two halves t x <= 2%:R / 3%:R.
Proof.
have [thetaE [hE _]] := largest_ratio_five_quarters.
have := bounded_weights_density (isT : at_least 1 (Some 2%N)) (isT : (0 : rat) <= 1) one_or_two_gt0
  halves_is_law (@up_to_2 halves) t x.
by rewrite thetaE hE => /(_ isT) /andP[_]; case: x.
Qed.

(* All real data at weight 1. *)
Definition at_one (x : bool) : rat := (~~ x)%:R.

(* Then for lam = 6 and K = 2 the law of equal masses is a fixed point, with an atom at weight 2
   that the real data do not have: 6/7 7/12 = 1/2. *)
Theorem atom_of_one_half :
  is_fixed_point 6%:R at_one (winner (Some 2%N) one_or_two) halves
  /\ mass at_one (top one_or_two 2) = 0 /\ mass halves (top one_or_two 2) = 1 / 2.
Proof.
split; first by case; rewrite /= ?seven_twelfths ?five_twelfths.
by split; rewrite /mass big_mkcond big_bool.
Qed.

(* The condition there is a <= 1/2 + 1/2 1/2 = 3/4, that is lam <= 3; and it is exact: for every
   lam > 3 the law of mass 1 - 3/lam at weight 2 is a fixed point. *)
Theorem share_three_quarters : mean at_one one_or_two = 1
  /\ largest_share (Some 2%N) 1 2 = 3%:R / 4%:R :> rat.
Proof. by rewrite /mean big_bool. Qed.

Definition beyond_three (lam : rat) (x : bool) := if x then 1 - 3%:R / lam else 3%:R / lam.

Theorem atom_beyond_three (lam : rat) : 3%:R < lam -> is_law (beyond_three lam)
  /\ is_fixed_point lam at_one (winner (Some 2%N) one_or_two) (beyond_three lam).
Proof.
move=> l3; have l0 : 0 < lam by apply: lt_trans l3.
have l1 : 0 < 1 + lam by rewrite addr_gt0.
split; [split=> [[]|]|case].
- by rewrite /= subr_ge0 ler_pdivrMr // mul1r ltW.
- by rewrite /= divr_ge0 // ltW.
- by rewrite big_bool /= subrK.
- by rewrite /winner lemma_2_1 // two_candidates big_bool /at_one /=; field; rewrite !gt_eqF.
by rewrite /winner lemma_2_1 // two_candidates big_bool /at_one /=; field; rewrite !gt_eqF.
Qed.

(* The mean for K = 2 in which one of the candidates wins, E W/(W + S) = 1/2: all are alike. *)
Theorem one_of_two_wins :
  mean_one_and_others 1 halves one_or_two (fun v s => v / (v + s)) = 1 / 2.
Proof.
have two : (2 : rat) != 0 by [].
apply: (mulfI two); have e := exchangeable 1 halves one_or_two_gt0 (fun=> 1).
transitivity (2 * mean_one_and_others 1 halves one_or_two (fun v s => v / (v + s) * 1)).
  by congr (_ * _); apply: eq_mean => // x; apply: eq_mean => // c; rewrite mulr1.
rewrite e; transitivity (mean halves (fun=> 1)); last by rewrite (mean_const _ halves_is_law).
by apply: eq_mean => // x; rewrite (mean_const _ (draws_is_law 1 halves_is_law)).
Qed.

(* K = infinity and lam = 3: m E 1/(1 - 1/2) = 1/4 2 = 1/2, and an atom of 1/2 is left. The law of
   equal masses is the fixed point that has it. *)
Theorem atom_left : mass_below 3%:R at_one one_or_two 2 = 1 / 2
  /\ condensed_law 3%:R 2 at_one one_or_two true =1 halves.
Proof.
have belowE : mass_below 3%:R at_one one_or_two 2 = 1 / 2 by rewrite /mass_below /mean big_bool.
by split=> // x; rewrite /condensed_law belowE; case: x.
Qed.

(* e^delta = 2: tanh(delta/2) = 1/3. Weights 2 and 1 for 1 and 2 move K = infinity by so much, and
   K = 2 by half of it, (1 - 2^-1)/3 = 1/6 = 7/12 - 5/12. *)
Definition two_or_one (x : bool) : rat := if x then 1 else 2.

Theorem wrong_rewards_attained : within 2 halves one_or_two two_or_one
  /\ half_tanh (2 : rat) = 1 / 3%:R
  /\ total_variation (winner None one_or_two halves) (winner None two_or_one halves) = 1 / 3%:R
  /\ total_variation (curated 2 halves one_or_two) (curated 2 halves two_or_one) = 1 / 6%:R.
Proof.
split; first by case.
split=> //; split; first by rewrite /total_variation /= /tilted /mean !big_bool.
rewrite /total_variation big_bool !lemma_2_1 ?two_candidates ?big_bool //.
Qed.

(* One draw from two atoms of mass 1/2 is off by 1/2, the root of (2 - 1)/(4 1). *)
Theorem one_draw_is_off : mean (draws halves)
    (fun y : {ffun 'I_1 -> bool} => total_variation (empirical _ y) halves) = 1 / 2
  /\ (#|{: bool}|%:R - 1) / (4%:R * 1%:R) = (1 / 2 : rat) ^+ 2.
Proof.
split; last by rewrite card_bool.
rewrite -[RHS](mean_const _ (draws_is_law 1 halves_is_law)); apply: eq_mean => // y.
rewrite /total_variation big_bool /empirical !big_ord1.
by case: (y ord0).
Qed.

(* Instances of the orders and of the loop from the reference that compute, over the rationals, with
   the two answers of sanity.v, of equal masses and with the weights 1 and 2. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner binomial.
From Recurate Require Import orders curation_order first_step reward_monotone sanity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* E 1/(1 + w) = (1/2 + 1/3)/2. *)
Theorem inverse_mean_one : inverse_mean 1 halves one_or_two 1 = 5%:R / 12%:R.
Proof.
rewrite inverse_meanS /mean big_bool /= !inverse_mean0 //; exact: halves_is_law.
Qed.

(* Curation of two moves the law up from 1/2 to 7/12 at the larger weight. Equal masses are not
   above the point mass there. *)
Definition at_two (x : bool) : rat := (x : nat)%:R.

Theorem seven_twelfths_dominate :
  lr_order one_or_two halves (curated 2 halves one_or_two)
  /\ ~ lr_order one_or_two at_two halves.
Proof.
split; last by move=> /(_ false true isT).
by case; case=> //= _; rewrite ?seven_twelfths ?five_twelfths.
Qed.

(* Candidates: 1/2, 7/12, 2/3 at the larger weight for K = 1, 2, infinity. *)
Theorem two_thirds : winner None one_or_two halves true = 2%:R / 3%:R.
Proof. by rewrite /winner /tilted /mean big_bool. Qed.

(* The loop with lam = 1: 1/2, 13/24 for K = 2, and 1/2, 7/12, 47/76 for K = infinity. *)
Notation two_loop := (winner_loop (Some 2%N) 1 halves one_or_two halves).
Notation tilted_loop := (winner_loop None 1 halves one_or_two halves).

Theorem two_loop_step : two_loop 1 true = 13%:R / 24%:R.
Proof. by rewrite winner_loopS winner_loop0 /winner_step /= seven_twelfths. Qed.

Theorem tilted_loop_steps :
  tilted_loop 1 true = 7%:R / 12%:R /\ tilted_loop 2 true = 47%:R / 76%:R.
Proof.
have first : tilted_loop 1 true = 7%:R / 12%:R /\ tilted_loop 1 false = 5%:R / 12%:R.
  by rewrite !winner_loopS !winner_loop0 /winner_step /winner /tilted /mean big_bool.
split; first by case: first.
rewrite winner_loopS /winner_step /winner /tilted /mean big_bool /= (proj1 first) (proj2 first).
by rewrite /halves; field.
Qed.

(* Its weights are at most three, so that the mean weight never falls. *)
Theorem two_loop_rises t : mean (two_loop t) one_or_two <= mean (two_loop t.+1) one_or_two.
Proof.
have two x : one_or_two x \in [:: 1; 2] by case: x.
apply: (reward_monotone_two_weights _ _ _ _ t (fun x _ => two x)) => // [x|].
  exact: one_or_two_gt0.
exact: halves_is_law.
Qed.

(* From another start it may fall: from the larger weight, 2, to 7/4. *)
Theorem from_elsewhere_it_falls :
  mean (winner_loop (Some 2%N) 1 halves one_or_two at_two 1) one_or_two
    = 7%:R / 4%:R.
Proof.
rewrite /mean big_bool winner_loopS winner_loop0 /winner_step /= !lemma_2_1 // !two_candidates.
by rewrite !big_bool.
Qed.

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

Theorem two_winner_steps : winner_step (Some 2%N) 1 halves one_or_two halves true = 13%:R / 24%:R
  /\ winner_step None 1 halves one_or_two halves true = 7%:R / 12%:R.
Proof. by rewrite /winner_step two_thirds /= seven_twelfths. Qed.

(* What is 1 at the larger weight and 0 at the smaller one increases, what is 0 and 1 does not. *)
Theorem indicators_increase : increasing one_or_two at_two
  /\ ~ increasing one_or_two (fun x => (~~ x : nat)%:R : rat).
Proof. by split=> [[] []|/(_ false true isT)]. Qed.

(* The curated law is above equal masses stochastically, but not below: the means are 19/12 and
   3/2. *)
Theorem st_order_up_only : st_order one_or_two halves (curated 2 halves one_or_two)
  /\ ~ st_order one_or_two (curated 2 halves one_or_two) halves.
Proof.
split; last first.
  move=> /(_ one_or_two (fun _ _ => id)); have [-> ->] := mean_goes_up.
  by apply/negP; exact: isT.
move=> f /(_ false true isT); rewrite -(subr_ge0 (f false)) => up.
rewrite -subr_ge0 /mean !big_bool /= seven_twelfths five_twelfths /halves.
have -> : 7%:R / 12%:R * f true + 5%:R / 12%:R * f false - (1 / 2 * f true + 1 / 2 * f false)
    = (f true - f false) / 12%:R by field.
by apply: divr_ge0.
Qed.

(* With three answers the two orders differ: from masses 1/3 each to 0, 2/3, 1/3 each increasing
   function gains, but the density falls from 2 to 1 at the largest weight. *)
Definition thirds (x : 'I_3) : rat := 1 / 3%:R.
Definition without_first (x : 'I_3) : rat := nth 0 [:: 0; 2%:R / 3%:R; 1 / 3%:R] x.
Definition one_three_four (x : 'I_3) : rat := nth 0 [:: 1; 3%:R; 4%:R] x.
Notation first := (ord0 : 'I_3).
Notation middle := (lift ord0 ord0 : 'I_3).
Notation last := (lift ord0 (lift ord0 ord0) : 'I_3).

Theorem st_without_lr : st_order one_three_four thirds without_first
  /\ ~ lr_order one_three_four thirds without_first.
Proof.
split; last by move=> /(_ middle last isT).
move=> f /(_ first middle isT); rewrite -(subr_ge0 (f first)) => up.
rewrite -subr_ge0 /mean !big_ord_recl !big_ord0 /thirds /without_first /=.
move: (f first) (f middle) (f last) up => a b c up.
have -> : 0 * a + (2%:R / 3%:R * b + (1 / 3%:R * c + 0))
    - (1 / 3%:R * a + (1 / 3%:R * b + (1 / 3%:R * c + 0))) = (b - a) / 3%:R by field.
by apply: divr_ge0.
Qed.

(* The loop above is one from the reference, a = 1/2, and equal masses for ever are not. Its density
   is (13/24)/(1/2) after a step. *)
Theorem loop_and_density :
  [/\ loop_from_reference (Some 2%N) (1 / 2) halves one_or_two two_loop,
      ~ loop_from_reference (Some 2%N) (1 / 2) halves one_or_two (fun=> halves)
    & density (Some 2%N) (1 / 2) one_or_two two_loop 1 true = 13%:R / 12%:R].
Proof.
split.
- split=> [//|t x]; rewrite winner_loopS /winner_step; move: (winner _ _ _ _) => v.
  by rewrite /halves; field.
- by case=> _ /(_ 0%N true); rewrite /= seven_twelfths => /eqP; apply/negP; exact: isT.
have := two_candidates halves one_or_two true; rewrite /ratio /density /= => ->.
by rewrite big_bool.
Qed.

(* Weights 1, 3, 4, a third each, K = infinity: the mean is 8/3, so that the middle one gains at
   first, as 3 > 8/3. Weights 1, 2, 4 of mean 7/3: there it loses. *)
Definition one_two_four (x : 'I_3) : rat := nth 0 [:: 1; 2%:R; 4%:R] x.

Theorem middle_gains_or_loses :
  ~ only_largest_gains thirds one_three_four (winner_loop None 1 thirds one_three_four thirds) 0
  /\ only_largest_gains thirds one_two_four (winner_loop None 1 thirds one_two_four thirds) 0.
Proof.
have step w x : winner_loop None 1 thirds w thirds 1 x
    = thirds x / (1 + 1) + 1 / (1 + 1) * (thirds x * (w x / mean thirds w)) by [].
split.
  move=> /(_ middle last isT isT isT); rewrite step /mean !big_ord_recl big_ord0.
  by apply/negP; exact: isT.
move=> x y _ _; rewrite step /mean !big_ord_recl big_ord0; apply/implyP.
by case: x y => [[|[|[|//]]] ?] [[|[|[|//]]] ?]; exact: isT.
Qed.

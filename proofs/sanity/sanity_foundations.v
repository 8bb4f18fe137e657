(* Instances that compute, of what all chapters use: moments, choices, orders of functions, loops
   and draws, over the rationals, with the two answers of sanity.v, of equal masses and with the
   weights 1 and 2. Of what is a property there is one that has it and one that does not. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import finite_law curation covariance_gain loops winner binomial draw_moments.
From Recurate Require Import concentration accumulation_rate winner_derivative winner_form sanity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition is_true_one (x : bool) : rat := if x then 1 else 0.
Definition is_false_one (x : bool) : rat := if x then 0 else 1.
Definition up_and_down (x : bool) : rat := if x then 1 else -1.

(* E w g - E w E g = 1 - 3/2 1/2 for the indicator g of the better answer; E w^2 = (1 + 4)/2. *)
Theorem covariance_one_quarter : covariance halves one_or_two is_true_one = 1 / 4%:R
  /\ moment halves one_or_two 2 = 5%:R / 2%:R.
Proof. by split; rewrite /covariance /moment /mean !big_bool; exact: erefl. Qed.

Theorem indicators_ordered : ordered_alike halves is_true_one one_or_two
  /\ ~ ordered_alike halves is_false_one one_or_two.
Proof.
split; first by case; case=> _ _; exact: isT.
by move=> /(_ true false isT isT); apply/negP; exact: isT.
Qed.

(* The candidates true and false, in this order: true is chosen with 2/3. If the first is drawn from
   (1, -1) and the second from equal masses, this has the weight 1/2. *)
Definition true_false : {ffun 'I_2 -> bool} := [ffun i => i == ord0].

Theorem choice_two_thirds : choice one_or_two true_false true = 2%:R / 3%:R
  /\ choice one_or_two true_false false = 1 / 3%:R.
Proof.
have total : total_weight one_or_two true_false = 3%:R.
  by rewrite /total_weight !big_ord_recl big_ord0 !ffunE.
by rewrite /choice total; split; rewrite big_mkcond !big_ord_recl big_ord0 !ffunE; exact: erefl.
Qed.

Theorem draws_with_halves : draws_with ord0 halves up_and_down true_false = 1 / 2
  /\ draws_with (lift ord0 ord0) halves up_and_down true_false = - (1 / 2).
Proof. by split; rewrite /draws_with !big_ord_recl big_ord0 !ffunE; exact: erefl. Qed.

Theorem massless_or_not : massless up_and_down /\ ~ massless is_true_one.
Proof. by split; rewrite /massless big_bool. Qed.

(* K = 2, lam = infinity: 1/2, 7/12, and then 7/12 (7/12 + 5/12 4/3) = 287/432. *)
Theorem pure_loop_two_steps :
  pure_loop 2 one_or_two halves 1 true = 7%:R / 12%:R
  /\ pure_loop 2 one_or_two halves 2 true = 287%:R / 432%:R.
Proof.
split; first exact: seven_twelfths.
rewrite -[pure_loop _ _ _ 2]/(curated 2 (curated 2 halves one_or_two) one_or_two).
have cE x : curated 2 halves one_or_two x = if x then 7%:R / 12%:R else 5%:R / 12%:R.
  by case: x; rewrite ?seven_twelfths ?five_twelfths.
by rewrite lemma_2_1 // two_candidates big_bool !cE /one_or_two /=; field.
Qed.

Theorem continuous_one_way : absolutely_continuous is_true_one halves
  /\ ~ absolutely_continuous halves is_true_one.
Proof. by split=> [x|/(_ false erefl)]. Qed.

(* E J^2 = K x (1-x) + (K x)^2 = 1/2 + 1, and 3/8 + 9/16 for x = 1/4. *)
Theorem binomial_squares :
  binomial_mean 2 (fun j => j%:R ^+ 2) (1 / 2) = 3%:R / 2%:R :> rat
  /\ binomial_mean 2 (fun j => j%:R ^+ 2) (1 / 4%:R) = 5%:R / 8%:R :> rat.
Proof. by split; rewrite /binomial_mean !big_ord_recl big_ord0; exact: erefl. Qed.

Theorem at_least_two : [/\ at_least 2 (Some 2%N), at_least 2 None & ~~ at_least 2 (Some 1%N)].
Proof. by []. Qed.

(* The weight 1 is half of w_* = 2: rho = 1/2 will do, 1/3 not. (1 + 1/2)/2 = 3/4, and the least
   advantage of the top weight is 2/(1 + 1/2) = 4/3. *)
Theorem gap_of_one_half :
  [/\ gap_below_top halves one_or_two 2%:R (1 / 2),
      ~ gap_below_top halves one_or_two 2%:R (1 / 3%:R),
      odds_factor 2 (1 / 2) = 3%:R / 4%:R :> rat
    & advantage 2 (1 / 2) = 4%:R / 3%:R :> rat].
Proof.
split; [|by move=> /(_ false isT isT); apply/negP; exact: isT|exact: erefl|exact: erefl].
by case=> _ off; [move: off|exact: isT].
Qed.

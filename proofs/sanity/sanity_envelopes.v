(* Instances of the envelopes that compute, over the rationals, with the two answers of sanity.v. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops choices density_order.
From Recurate Require Import envelopes share_envelope training_sets binomial winner gap_win.
From Recurate Require Import bounded_gap bounded_gap_divergence share_envelope_attained.
From Recurate Require Import floor_functions sanity sanity_choices.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Lemma avoided_twice p : chosen p (@avoiding _ _ 2 (pred1 true)) true = p true ^+ 2 :> rat.
Proof.
by have := @mass_avoiding _ _ 2 (pred1 true) p isT; rewrite /mass !big_pred1_eq.
Qed.

(* Half of real data, and people who avoid true: 1/2, 3/8, 41/128. That is the floor, ... *)
Definition avoiding_step p x : rat :=
  1 / 2%:R * halves x + (1 - 1 / 2%:R) * chosen p (@avoiding _ _ 2 (pred1 true)) x.

Theorem avoiding_two_rounds :
  avoiding_step (avoiding_step halves) true = 41%:R / 128%:R
  /\ share_floor (fun=> 1 / 2%:R) (fun=> 2%N) 2 (1 / 2%:R) = 41%:R / 128%:R :> rat.
Proof. by rewrite /avoiding_step !avoided_twice. Qed.

(* ... and if a quarter of the data are kept as they are, and a quarter chosen, it is 7/16 after one
   round. *)
Theorem kept_and_chosen :
  are_shares (fun=> 1 / 2%:R) (fun=> 1 / 4%:R) (fun _ (_ : unit) => 1 / 4%:R : rat)
  /\ power_floor (fun=> 1 / 2%:R) (fun=> 1 / 4%:R) (fun _ (_ : unit) => 1 / 4%:R) (fun _ _ => 2%N)
      1 (1 / 2%:R) = 7%:R / 16%:R :> rat.
Proof.
split=> [t|]; last by rewrite /power_floor /= big_const card_unit.
split; [exact: isT|exact: isT|by move=> u; exact: isT|by rewrite (big_pred1 tt) => [|[]]].
Qed.

(* Training sets of one winner each, of people who avoid true, with half of real data: p_1(true) is
   1/4 or, once in four times, 3/4; in the mean p_2(true) is 11/32, above the floor 41/128. *)
Definition half_of_one (n : nat) : rat := 1 / 2%:R.
Notation one := (fun=> 1%N : nat).
Notation after_round t y := (@trained _ _ half_of_one one halves t y).

Lemma one_winner (G : rat -> rat) p t : is_law p ->
  mean (draws (chosen p (@avoiding _ _ 2 (pred1 true)))) (fun y => G (after_round t y true))
    = p true ^+ 2 * G (3%:R / 4%:R) + (1 - p true ^+ 2) * G (1 / 4%:R).
Proof.
move=> lawp; have rule := @avoiding_is_rule [realFieldType of rat] _ 2 (pred1 true) isT.
have [_] := chosen_is_law lawp rule.
rewrite big_bool avoided_twice => /(canRL (addKr _)); rewrite addrC => other.
pose F b := G (1 / 2%:R * (1 / 2%:R) + (1 - 1 / 2%:R) * (b == true)%:R).
transitivity (mean (draws (K := 1) (chosen p (@avoiding _ _ 2 (pred1 true))))
  (fun y => F (y ord0))).
  by apply: eq_mean => // y; rewrite /trained /empirical big_ord1 divr1.
by rewrite sum_draws1 big_bool avoided_twice other.
Qed.

Theorem one_winner_each :
  expectation half_of_one one halves (fun _ _ => @avoiding _ _ 2 (pred1 true)) 2
    (fun h => now halves h true) = 11%:R / 32%:R.
Proof.
rewrite /expectation; pose G (x : rat) := 1 / 4%:R + 1 / 2%:R * x ^+ 2.
transitivity (mean (draws (chosen halves (@avoiding _ _ 2 (pred1 true))))
  (fun y => G (after_round 0%N y true))).
  apply: eq_mean => [//|y]; rewrite (one_winner id) /G; first by move: (_ ^+ 2) => x /=; field.
  by apply: trained_is_law => //; apply: halves_is_law.
by rewrite (one_winner G) //; apply: halves_is_law.
Qed.

(* Hard best of two, twice: the masses 1/16 and 15/16 of sanity_choices.v are what G_2 adds. *)
Theorem best_increments (i : 'I_2) :
  increments (share_floor (fun=> 0) (fun=> 2%N) 2) (fun _ : 'I_2 => 1 / 2%:R) i
    = nth 0 [:: 1 / 16%:R; 15%:R / 16%:R] i :> rat.
Proof.
have sum k : running (fun _ : 'I_2 => 1 / 2%:R : rat) k
    = (0 < k)%N%:R / 2%:R + (1 < k)%N%:R / 2%:R.
  by rewrite /running big_mkcond !big_ord_recl big_ord0; case: k => [|[|k]].
by rewrite /increments !sum; case: i => [[|[|//]] ?].
Qed.

(* Weights 1 and 2 differ by R = 2 at most: of two candidates false wins with 5/12, and with 1/3 of
   infinitely many, which is the least there may be, ... *)
Theorem gap_five_twelfths :
  [/\ spans halves one_or_two 2%:R,
      gap_win (Some 2%N) 2%:R (1 / 2%:R) = 5%:R / 12%:R :> rat,
      winner (Some 2%N) one_or_two halves false = 5%:R / 12%:R,
      gap_win None 2%:R (1 / 2%:R) = 1 / 3%:R :> rat
    & winner None one_or_two halves false = 1 / 3%:R].
Proof.
split; first by do 2!case.
- by rewrite /gap_win /binomial_mean !big_ord_recl big_ord0.
- exact: five_twelfths.
- by [].
by rewrite /= /tilted /mean big_bool.
Qed.

(* ... and with half of real data 11/24 are left after one round. *)
Theorem gap_floor_attained_once :
  [/\ gap_floor (fun=> 1 / 2%:R) (Some 2%N) 2%:R 1 (1 / 2%:R) = 11%:R / 24%:R :> rat,
      mixed_loop 2 1 halves one_or_two 1 false = 11%:R / 24%:R
    & most_multiplied (Some 2%N) 2%:R = 4%:R / 3%:R :> rat].
Proof.
split=> //; last by rewrite mixed_loopS mixed_loop0 five_twelfths.
by rewrite /gap_floor; have [_ -> _ _ _] := gap_five_twelfths.
Qed.

(* x^2 is a floor function: its tangents support it. 2 x - x^2 is not, though it increases from 0
   to 1: at 1/2, where it is 3/4, a supporting line would have a slope of 3/2 at least to the left
   and of 1/2 at most to the right. *)
Theorem square_is_floor : floor_function (fun x : rat => x ^+ 2)
  /\ ~ floor_function (fun x : rat => 2%:R * x - x ^+ 2).
Proof.
split; first exact: (power_floor_function _ (K := 2)).
case=> _ _ /(_ (1 / 2%:R) isT)[s _ line].
have := lerD (line 0 isT) (line 1 isT).
have -> : 2%:R * (1 / 2%:R) - (1 / 2%:R) ^+ 2 + s * (0 - 1 / 2%:R)
    + (2%:R * (1 / 2%:R) - (1 / 2%:R) ^+ 2 + s * (1 - 1 / 2%:R)) = 3%:R / 2%:R :> rat by field.
by apply/negP; exact: isT.
Qed.

(* A law that is (1/2, 1/2) with 2/3 and has all on true with 1/3: 2/3 in the mean. *)
Theorem expected_two_thirds : expected_law two_thirds
  (fun o x => if o then halves x else (x : nat)%:R) true = 2%:R / 3%:R.
Proof. by rewrite /expected_law /mean big_bool; exact: erefl. Qed.

(* After a best of two the densities are 1/2 at false and 3/2 at true, which is the order, and the
   other way round it is not. *)
Definition true_last (i : 'I_2) := i != ord0.
Definition true_first (i : 'I_2) := i == ord0.

Theorem ordered_after_best : ordered_by_density (best_step halves) halves true_last
  /\ ~ ordered_by_density (best_step halves) halves true_first.
Proof.
have [t f] := best_stepE halves; split; last first.
  by case=> _ /(_ ord0 (lift ord0 ord0) isT); rewrite /true_first /= t f; apply/negP; exact: isT.
split; first by exists (fun x : bool => if x then lift ord0 ord0 else ord0) => [[[|[|//]] ?]|[]];
  first exact: val_inj; try exact: val_inj.
by case=> [[|[|//]] ?] [[|[|//]] ?] //= _; rewrite /true_last /= ?t ?f; exact: isT.
Qed.

Theorem two_at_most_infinity : [/\ at_most (Some 2%N) None, at_most None None,
  ~~ at_most None (Some 2%N), ~~ at_most (Some 3%N) (Some 2%N) & ~~ at_most (Some 0%N) None].
Proof. by []. Qed.

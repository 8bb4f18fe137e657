(* Instances of the envelopes that compute, over the rationals, with the two answers of sanity.v. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import finite_law curation loops choices density_order envelopes.
From Recurate Require Import share_envelope training_sets binomial winner gap_win bounded_gap.
From Recurate Require Import bounded_gap_divergence share_envelope_attained sanity sanity_choices.

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
(* The term isT spares the search of the library's hints for positive reals. *)
by split; [exact: isT|exact: isT|move=> j; exact: isT|rewrite (big_pred1 tt) => [|[]]].
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

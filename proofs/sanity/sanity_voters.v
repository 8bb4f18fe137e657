(* Instances that compute, for many voters and for preferences that go round in a circle. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import finite_law winner preference_game voters sanity sanity_choices.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* Two voters, of shares 3/4 and 1/4, who like opposite answers twice as much as the others. *)
Definition majority_share (u : bool) : rat := if u then 3%:R / 4%:R else 1 / 4%:R.
Definition liked (u x : bool) : rat := if u == x then 2 else 1.

(* From equal masses the winner's law has 3/4 2/3 + 1/4 1/3 = 7/12 of the majority's answer, ... *)
Theorem two_voters : voted majority_share liked halves true = 7%:R / 12%:R.
Proof. by rewrite /voted big_bool /tilted /mean !big_bool. Qed.

(* ... and a step with half of real data, of equal masses, (1/2 + 7/12)/2 = 13/24. *)
Theorem two_voters_step :
  voting_step (1 / 2) halves majority_share liked halves true = 13%:R / 24%:R.
Proof. by rewrite /voting_step two_voters. Qed.

(* The majority gains, 19/12 - 3/2 = 1/12, and the minority loses as much. *)
Theorem two_voters_gain :
  mean (voted majority_share liked halves) (liked true) - mean halves (liked true) = 1 / 12%:R
  /\ mean (voted majority_share liked halves) (liked false) - mean halves (liked false)
    = - (1 / 12%:R).
Proof. by split; rewrite /mean !big_bool /voted !big_bool /tilted /mean !big_bool. Qed.

(* With 20/27 of their choices, and 7/27 of real data of equal masses, (2/3, 1/3) is a fixed point. *)
Theorem two_voters_fixed : is_law two_thirds
  /\ voting_step (20%:R / 27%:R) halves majority_share liked two_thirds =1 two_thirds.
Proof.
split; first by split; [case|rewrite big_bool].
by case; rewrite /voting_step /voted !big_bool /tilted /mean !big_bool.
Qed.

(* Without real data, and with shares 3/5 and 2/5, the welfare is largest at (4/5, 1/5): each answer
   has sum_u pi_u w_u/W_u = 1. With the shares above it is largest where all mass is on the majority's
   answer: there that sum is 1, and 7/8 at the other one. *)
Definition narrow_share (u : bool) : rat := if u then 3%:R / 5%:R else 2%:R / 5%:R.
Definition four_fifths (x : bool) : rat := if x then 4%:R / 5%:R else 1 / 5%:R.
Definition only_true (x : bool) : rat := x%:R.

Theorem two_voters_nash :
  (forall x, \sum_u narrow_share u * (liked u x / mean four_fifths (liked u)) = 1)
  /\ (forall x, \sum_u majority_share u * (liked u x / mean only_true (liked u))
        = if x then 1 else 7%:R / 8%:R).
Proof. by split; case; rewrite !big_bool /mean !big_bool. Qed.

(* One Bradley-Terry voter of weights 1 and 2 and K = 2: true beats false by a majority of 1/3. From
   equal masses 5/12 = (1 - 1/2) (1 - 1/3 1/2) are left of false, as condorcet_winner has it. *)
Theorem beats_by_a_third : let P := electorate (fun _ : unit => 1) (fun=> one_or_two) in
  majority P true false = 1 / 3%:R
  /\ preferred P halves false = (1 - 1 / 2%:R) * (1 - 1 / 3%:R * (1 / 2%:R)).
Proof.
have law_one : is_law (fun _ : unit => 1 : rat) by split=> //; rewrite big_const card_unit.
have w0 (u : unit) x : 0 < one_or_two x by case: x.
have [_ majorityE preferredE] := bradley_terry_voters law_one w0.
rewrite /= majorityE preferredE !big_const card_unit /=.
by rewrite five_twelfths.
Qed.

Section Circle.
Variable R : realFieldType.

(* Rock, paper, scissors: each of three answers is always chosen over the one before it. *)
Definition circle (x y : 'I_3) : R :=
  if x == y then 1 / 2 else ((x == y.+1 %% 3 :> nat)%N)%:R.

Theorem circle_is_preference : is_preference circle.
Proof.
move=> x y; rewrite /circle eq_sym; have [_|] := eqVneq y x.
  by split; [rewrite divr_ge0 ?ler01 ?ler0n|field].
by case: x y => [[|[|[|//]]] ?] [[|[|[|//]]] ?] //= _; rewrite ?add0r ?addr0 ?ler0n.
Qed.

(* All answers tie with a third of each. *)
Theorem circle_balance (p : 'I_3 -> R) : balance circle p (fun=> 1 / 3%:R).
Proof.
split=> [|y _].
  by split=> [x|]; [rewrite divr_ge0 ?ler01 ?ler0n|rewrite !big_ord_recl big_ord0; field].
rewrite !big_ord_recl big_ord0 /majority /circle.
by case: y => [[|[|[|//]]] ?] /=; field.
Qed.

End Circle.

(* From (1/2, 1/4, 1/4) one curation leads to (1/2, 5/16, 3/16). *)
Definition half_and_quarters (x : 'I_3) : rat := if x == 0%N :> nat then 1 / 2 else 1 / 4%:R.

Theorem circle_step (x : 'I_3) : preferred (@circle _) half_and_quarters x
  = nth 0 [:: 1 / 2; 5%:R / 16%:R; 3%:R / 16%:R] x.
Proof.
rewrite preferredE; last by split=> [[[|[|[|//]]] ?]|] //; rewrite !big_ord_recl big_ord0.
rewrite /mean !big_ord_recl big_ord0 /circle.
by case: x => [[|[|[|//]]] ?].
Qed.

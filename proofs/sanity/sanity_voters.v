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

(* With 20/27 of their choices, and 7/27 of real data of equal masses, (2/3, 1/3) is a fixed point.
   *)
Theorem two_voters_fixed : is_law two_thirds
  /\ voting_step (20%:R / 27%:R) halves majority_share liked two_thirds =1 two_thirds.
Proof.
split; first by split; [case|rewrite big_bool].
by case; rewrite /voting_step /voted !big_bool /tilted /mean !big_bool.
Qed.

(* Without real data, and with shares 3/5 and 2/5, the welfare is largest at (4/5, 1/5): each
   answer has sum_u pi_u w_u/W_u = 1. With the shares above it is largest where all mass is on the
   majority's answer: there that sum is 1, and 7/8 at the other one. *)
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

Lemma circle_lead_thirds x : lead circle (fun=> 1 / 3%:R) x = 0.
Proof.
rewrite /lead !big_ord_recl big_ord0 /majority /circle.
by case: x => [[|[|[|//]]] ?] /=; field.
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

(* Without real data two steps lead the two voters to 7/12 and to 7/12 (3/4 24/19 + 1/4 12/17) =
   847/1292; with half of real data one leads to 13/24, which is H = 13/12 times 1/2. *)
Theorem two_voters_loops :
  [/\ nash_loop majority_share liked halves 2 true = 847%:R / 1292%:R,
      voting_loop (1 / 2) halves majority_share liked halves 1 true = 13%:R / 24%:R
    & voting_ratio (1 / 2) halves majority_share liked halves true = 13%:R / 12%:R].
Proof.
have first x : nash_loop majority_share liked halves 1 x
    = if x then 7%:R / 12%:R else 5%:R / 12%:R.
  rewrite -[nash_loop _ _ _ 1]/(voted majority_share liked halves) voted_ratio big_bool.
  by case: x; rewrite /mean !big_bool; exact: erefl.
split; [|exact: two_voters_step|by rewrite /voting_ratio /mean !big_bool; exact: erefl].
rewrite -[nash_loop _ _ _ 2]/(voted _ _ (nash_loop majority_share liked halves 1)) voted_ratio.
by rewrite big_bool /mean !big_bool !first /majority_share /liked /=; field.
Qed.

(* Voters who want one answer only are served by equal masses, but not both by one answer. With half
   of real data, of equal masses, the law of one answer is not feasible, without them it is: each of
   the first two voters likes each answer. *)
Definition only_one (u x : bool) : rat := (u == x)%:R.

Theorem served_or_not :
  [/\ served majority_share only_one halves, ~ served majority_share only_one only_true,
      ~ feasible (1 / 2) halves majority_share liked only_true
    & feasible 1 halves majority_share liked only_true].
Proof.
have law_true : is_law only_true by split; [case|rewrite big_bool].
split.
- split; first exact: halves_is_law.
  by case=> _; rewrite /mean big_bool; exact: isT.
- by case=> _ /(_ false isT); rewrite /mean big_bool.
- by case=> _ /(_ isT false erefl).
by split=> // -[] _; rewrite /mean big_bool; exact: isT.
Qed.

(* From (1/2, 1/4, 1/4) the second answer gains by 1/4, the third loses by as much, and the first
   neither. So this is not an equilibrium of the game, and equal masses are one. *)
Theorem circle_lead (x : 'I_3) :
  preference_loop (@circle _) half_and_quarters 1 x = half_and_quarters x
    * (1 + nth 0 [:: 0; 1 / 4%:R; - (1 / 4%:R)] x)
  /\ lead (@circle _) half_and_quarters x = nth 0 [:: 0; 1 / 4%:R; - (1 / 4%:R)] x.
Proof.
rewrite -[preference_loop _ _ 1]/(preferred (@circle _) half_and_quarters) circle_step.
rewrite /lead !big_ord_recl big_ord0 /majority /circle.
by case: x => [[|[|[|//]]] ?]; split; exact: erefl.
Qed.

Theorem circle_equilibrium :
  [/\ payoff (@circle _) (fun x : 'I_3 => (x == 1%N :> nat)%:R) half_and_quarters = 1 / 4%:R,
      ~ equilibrium (@circle _) half_and_quarters
    & equilibrium (@circle _) (fun=> 1 / 3%:R : rat)].
Proof.
have pref := circle_is_preference [realFieldType of rat]; split.
- rewrite payoffE !big_ord_recl big_ord0 !(proj2 (circle_lead _)); exact: erefl.
- move=> /(equilibriumP pref)[_ /(_ (lift ord0 ord0))]; rewrite (proj2 (circle_lead _)).
  by apply/negP; exact: isT.
apply/(equilibriumP pref); split; first by split=> //; rewrite !big_ord_recl big_ord0.
by move=> x; rewrite circle_lead_thirds.
Qed.

(* Of the first two answers, in this order, the second place is chosen for sure. *)
Theorem circle_pairwise (k : 'I_2) : let c : {ffun 'I_2 -> 'I_3} :=
    [ffun i => if i == ord0 then ord0 else lift ord0 ord0] in
  pairwise (@circle [realFieldType of rat]) c k = (k != ord0)%:R.
Proof.
by rewrite /pairwise !ffunE; case: k => [[|[|//]] ?]; rewrite /circle.
Qed.

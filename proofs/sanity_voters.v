(* Instances that compute, for many voters and for preferences that go round in a circle. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops sanity voters preference_game.

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

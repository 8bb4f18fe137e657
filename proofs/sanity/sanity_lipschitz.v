(* An instance of the bound on how far curation drives two laws apart, in numbers, where it is
   attained. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import finite_law curation loops winner total_variation excess sanity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* All the mass at the weight 1, where halves moves half of it to the weight 2. *)
Definition all_at_one (x : bool) : rat := if x then 0 else 1.

Lemma all_at_one_law : is_law all_at_one.
Proof. by split=> [[]|]; rewrite ?big_bool. Qed.

(* What halves has more is 1/2 at the weight 2, ... *)
Theorem excess_at_two : excess halves all_at_one true = 1 / 2%:R
  /\ excess halves all_at_one false = 0.
Proof. by []. Qed.

(* ... so c = 2: the differing masses have the mean weights 2 and 1. *)
Theorem mean_of_what_differs :
  \sum_x excess halves all_at_one x * (one_or_two x - 2%:R) = 0
  /\ \sum_x excess all_at_one halves x * (one_or_two x - 2%:R) <= 0.
Proof. by rewrite !big_bool. Qed.

(* K = 2: TV(p, q) = 1/2, H_p(2) = 1/2 4/3 + 1/2 1 = 7/6, and TV(Tp, Tq) = 7/12 = 7/6 1/2, as Tq = q
   and Tp has the mass 7/12 at the weight 2. *)
Theorem seven_sixths : total_variation halves all_at_one = 1 / 2%:R
  /\ winner_ratio (Some 2%N) one_or_two halves 2%:R = 7%:R / 6%:R
  /\ total_variation (winner (Some 2%N) one_or_two halves) (winner (Some 2%N) one_or_two all_at_one)
     = 7%:R / 12%:R.
Proof.
have [Tq1 Tq2] : curated 2 all_at_one one_or_two true = 0
    /\ curated 2 all_at_one one_or_two false = 1.
  by split; rewrite lemma_2_1 // two_candidates big_bool /=.
split; first by rewrite /total_variation big_bool.
split; last first.
  by rewrite /total_variation big_bool /= seven_twelfths five_twelfths Tq1 Tq2.
have -> : winner_ratio (Some 2%N) one_or_two halves 2%:R = ratio 2 halves one_or_two true by [].
by rewrite two_candidates big_bool.
Qed.

(* K = infinity: p w/E_p w has 2/3 at the weight 2, and 2/3 = 4/3 1/2. *)
Theorem two_thirds_apart : winner_ratio None one_or_two halves 2%:R = 4%:R / 3%:R
  /\ total_variation (winner None one_or_two halves) (winner None one_or_two all_at_one)
     = 2%:R / 3%:R.
Proof.
have [Wp Wq] : mean halves one_or_two = 3%:R / 2%:R /\ mean all_at_one one_or_two = 1.
  by split; rewrite /mean big_bool.
by split; rewrite /winner_ratio /total_variation ?big_bool /= /tilted Wp ?Wq.
Qed.

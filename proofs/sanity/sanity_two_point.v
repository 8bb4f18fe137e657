(* Instances that compute, of fixed-point-two-point and fixed-point-k-inf: the examples of
   docs/mathematics.md, rho = 1/2, q = 1/3, p = 1/2. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner gap_win sanity.
From Recurate Require Import two_point k_inf.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition third_at_top (x : bool) : rat := if x then 1 / 3%:R else 2%:R / 3%:R.
Definition one_or_half (x : bool) : rat := if x then 1 else 1 / 2%:R.

Lemma third_is_law : is_law third_at_top.
Proof. by split=> [[]|]; rewrite ?big_bool. Qed.

Lemma halves_two_weights (p : bool -> rat) : two_weights p one_or_half id (1 / 2%:R).
Proof. by case. Qed.

(* K = 2, lam = 2: at equal masses a top one wins with 7/12, and 1/3 (1/3) + 2/3 (7/12) = 1/2. *)
Theorem halves_fixed_two :
  [/\ winner (Some 2%N) one_or_half halves true = 7%:R / 12%:R,
      gap_win (Some 2%N) (1 / 2%:R) (1 / 2%:R) = 7%:R / 12%:R :> rat
    & is_fixed_point 2%:R third_at_top (winner (Some 2%N) one_or_half) halves].
Proof.
have win x : winner (Some 2%N) one_or_half halves x = if x then 7%:R / 12%:R else 5%:R / 12%:R.
  by rewrite /= lemma_2_1 // two_candidates big_bool; case: x.
split; [exact: win|by rewrite /gap_win /binomial.binomial_mean !big_ord_recl big_ord0|].
by move=> x; rewrite win; case: x.
Qed.

(* K = infinity, lam = 1: z = (1/2)/(3/4) = 2/3, E_ref 1/(1 - z w) = 1 + 1 = 2; p = 1/2 again. *)
Theorem halves_fixed_inf :
  [/\ below_pole third_at_top one_or_half (2%:R / 3%:R),
      mean_pole third_at_top one_or_half (2%:R / 3%:R) = 2%:R,
      house_of_cards 1 third_at_top one_or_half (2%:R / 3%:R) =1 halves
    & is_fixed_point 1 third_at_top (winner None one_or_half) halves].
Proof.
split; first by split=> // -[].
- by rewrite /mean_pole /mean big_bool.
- by case.
by case; rewrite /= /tilted /mean big_bool.
Qed.

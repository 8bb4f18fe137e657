(* Instances that compute, of theorem-2.4-optimal. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops choices sanity.
From Recurate Require Import sanity_choices sanity_envelopes.
From Recurate Require Import optimal_evidence optimal_divergence optimal_series optimal_value.
From Recurate Require Import optimal optimal_attained optimal_steep.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

(* A group of half of the real data that is avoided by all who choose between two, lam = 1: after a
   round its share is P = 1/2 (1/2) + 1/2 (1/4) = 3/8, and 1/2 <= 2 P - P^2 = 39/64. *)
Theorem half_is_evidenced :
  [/\ avoiding_step halves true = 3%:R / 8%:R,
      most_real 1 2 (3%:R / 8%:R) = 39%:R / 64%:R :> rat,
      1 / 2%:R <= 39%:R / 64%:R :> rat
    & most_real_slope 1 2 (1 / 2%:R) = 1 :> rat].
Proof.
split; [by rewrite /avoiding_step avoided_twice; apply: erefl|exact: erefl|exact: isT|exact: erefl].
Qed.

(* K = 1, where nothing is curated: S* = 0. *)
Theorem one_candidate_stays (R : realType) (lam : R) : 0 <= lam -> best_divergence lam 1 = 0.
Proof.
move=> l0; rewrite -(@theorem_2_4_optimal_value _ lam 1 isT l0 _ (fun _ : R => 0 : R)) ?subrr //.
  by rewrite mulr0 ler01.
split=> [y _|].
  have -> : most_real_slope lam 1 y = 1 by rewrite /most_real_slope expr0 !mulr1 addrK.
  by rewrite ln1; apply: is_derive_cst.
by apply: continuous_subspaceT => y; exact: cst_continuous.
Qed.

(* K = 2, lam = 1, at the threshold where the paper's bound is infinite: S* = 1 - ln 2 = .3069. *)
Theorem two_candidates_at_threshold (R : realType) : best_divergence (1 : R) 2 = 1 - ln 2%:R.
Proof.
rewrite best_divergence_two ?ltr01 ?lexx // subrr mul0r mul0r addr0.
by rewrite -[1 + 1]mulr2n.
Qed.

(* The first two terms of the series: 1/2 + 1/8 of the logarithm's at 1/2; 1/2 + 1/6 of S*(1, 2), c = 1.
   The law on which S* is approached: U = 2 y - y^2 at 0, 1/2, 1 has the steps 3/4 and 1/4. Weights
   1, 2, 4. *)
Theorem first_terms (R : realType) :
  [/\ log_sum 2 (1 / 2%:R) = 5%:R / 8%:R :> R, best_sum 1 2 2 1 = 2%:R / 3%:R :> R,
      forall i : 'I_2, step_law 1 2 i = nth 0 [:: 3%:R / 4%:R; 1 / 4%:R] i :> R
    & forall i : 'I_3, steep R 1 i = nth 0 [:: 1; 2%:R; 4%:R] i].
Proof.
split.
- by rewrite /log_sum !big_ord_recr big_ord0 /=; field.
- rewrite /best_sum !big_ord_recr big_ord0 /= !expr1n.
  have -> : 1 * 2%:R / (1 + 1) = 1 :> R by field.
  by rewrite !expr1n; field.
- by case=> [[|[|//]] ?]; rewrite /step_law /most_real /=; field.
case=> [[|[|[|//]]] ?]; rewrite /steep /= ?expr0 ?expr1 //.
by rewrite expr2 -natrM.
Qed.

(* theorem-2.4-optimal: the largest divergence from the reference that any reward, or any choice,
   can lead to, for every K and every t. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets reals signed topology normedtype sequences exp.
From Recurate Require Import compatibility finite_law curation loops divergence choices.
From Recurate Require Import optimal_evidence optimal_divergence optimal_two optimal_value.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Loops.
Variables (R : realType) (T : finType) (lam : R) (K : nat) (pref : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).
Hypothesis law_ref : is_law pref.

(* theorem-2.4-optimal: in the paper's mixed loop from p_0 = p_ref, for K >= 1, lam >= 0 with
   lam (K-1) <= 1, every positive weight w (e^r of any reward) and every t,
     KL(p_t||p_ref) <= S*(lam, K) = - ln(1 + lam) - (the integral of ln(1 - c x^(K-1)) from 0 to 1),
   c = lam K/(1 + lam). S* is best_divergence, the integral's series: theorem_2_4_optimal_value.
   No smaller number will do for all p_ref and w: theorem_2_4_optimal_best_possible. *)
Theorem theorem_2_4_optimal w t : (forall x, 0 < w x) ->
  let p := mixed_loop K lam pref w in
  absolutely_continuous (p t) pref /\ KL (p t) pref <= best_divergence lam K.
Proof.
move=> w0; rewrite -best_primitive_gain //.
exact: (theorem_2_4_optimal_integral K_gt0 lam_ge0 lam_small law_ref
  (best_primitive_is K_gt0 lam_ge0 lam_small) t w0).
Qed.

(* The same whatever people choose: rules c_t among K that may change with t and look at p_t. *)
Theorem any_choice_optimal (p : nat -> T -> R) (c : nat -> {ffun 'I_K -> T} -> 'I_K -> R) t :
  p 0%N =1 pref -> (forall t, is_rule (c t)) ->
  (forall t x, p t.+1 x = pref x / (1 + lam) + lam / (1 + lam) * chosen (p t) (c t) x) ->
  absolutely_continuous (p t) pref /\ KL (p t) pref <= best_divergence lam K.
Proof.
move=> start rules step; rewrite -best_primitive_gain //.
exact: (any_choice_optimal_integral K_gt0 lam_ge0 lam_small law_ref
  (best_primitive_is K_gt0 lam_ge0 lam_small) t start rules step).
Qed.

End Loops.

(* For K = 2 S* is the number of optimal_two.v. *)
Theorem best_divergence_two (R : realType) (lam : R) : 0 < lam -> lam <= 1 ->
  best_divergence lam 2
    = 1 - ln (1 + lam) + (1 - lam) / (2%:R * lam) * ln ((1 - lam) / (1 + lam)).
Proof.
move=> l0 l1; have [L primitive <-] := two_closed_form l0 l1; apply/esym.
apply: theorem_2_4_optimal_value primitive => //; first exact: ltW.
by have -> : 2%:R - 1 = 1 :> R; rewrite ?mulr1 // mulrS addrC addKr.
Qed.

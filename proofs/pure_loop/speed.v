(* How fast the pure loop can be: its variances have a finite sum, and no rate is faster than the speed
   limit. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law loops concentration covariance_gain.
From Recurate Require Import pure_loop.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Speed.
Variables (R : realFieldType) (T : finType) (K : nat) (w : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (w_gt0 : forall x, 0 < w x).
Variables (p0 : T -> R) (bound : R).
Hypotheses (law0 : is_law p0) (le_bound : bounded_on_support p0 w bound).
Notation p := (pure_loop K w p0).

(* Along the pure loop, sum_{s < t} Var_s w <= w_* (w_* - E_0 w) / (1 - 1/K), for K >= 2. *)
Theorem lemma_2_2_variance_sum t : (1 < K)%N ->
  \sum_(s < t) variance (p s) w <= bound * (bound - mean p0 w) / ((K%:R - 1) / K%:R).
Proof.
move=> K1; have b0 := bound_gt0 law0 w_gt0 le_bound.
have K0 : 0 < K%:R :> R by rewrite ltr0n.
have c0 : 0 < (K%:R - 1) / K%:R :> R by rewrite divr_gt0 // subr_gt0 ltr1n.
have gained : (K%:R - 1) / K%:R * ((\sum_(s < t) variance (p s) w) / bound)
    <= mean (p t) w - mean p0 w.
  elim: t => [|t sum_t]; first by rewrite big_ord0 mul0r mulr0 subrr.
  rewrite big_ord_recr /= [_ / bound]mulrDl mulrDr pure_loopS.
  have gain := lemma_2_2 K_gt0 (pure_loop_is_law K_gt0 w_gt0 law0 t) w_gt0
    (pure_loop_bounded (t := t) K_gt0 w_gt0 law0 le_bound).
  apply: le_trans (lerD sum_t (lexx _)) _.
  by rewrite addrAC lerD2r.
rewrite ler_pdivlMr //; set S := \sum_(s < t) _ in gained *; set c := _ / _ in gained c0 *.
have -> : S * c = bound * (c * (S / bound)) by field; rewrite gt_eqF.
rewrite ler_wpM2l ?(ltW b0) //; apply: le_trans gained _; rewrite lerD2r.
exact: mean_pure_le.
Qed.

(* The speed limit: 1 - p_t(A) >= (1 - q)^(K^t). *)
Theorem speed_limit t (A : pred T) :
  (1 - mass p0 A) ^+ (K ^ t) <= 1 - mass (p t) A.
Proof.
have lawt s := pure_loop_is_law K_gt0 w_gt0 law0 s.
rewrite -!massC //; elim: t => [|t step]; first by rewrite expn0 expr1.
rewrite expnSr exprM pure_loopS.
apply: le_trans (all_candidates_inside _ K_gt0 (lawt t) w_gt0).
by rewrite lerXn2r ?nnegrE ?exprn_ge0 ?mass_ge0 //; [case: law0|case: (lawt t)].
Qed.

End Speed.

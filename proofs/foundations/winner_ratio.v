(* H_p(v) for any number of candidates, infinity included: positive, and increasing with the weight
   v, be it the weight of an answer or not. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation winner.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section WinnerRatio.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R) (v : R) (K : option nat).

Lemma winner_ratio_gt0 K w p v : at_least 1 K -> is_law p -> (forall x, 0 < w x) -> 0 < v ->
  0 < winner_ratio K w p v.
Proof.
case: K => [K|] /= K0 lawp w0 v0; last by rewrite divr_gt0 // mean_gt0.
apply: mean_gt0 => [|c]; first exact: draws_is_law.
by rewrite divr_gt0 ?mulr_gt0 ?ltr0n // ltr_pwDl // total_weight_ge0.
Qed.

(* H_p(v) increases with v, ... *)
Lemma winner_ratio_increases K w p v v' : is_law p -> (forall x, 0 < w x) -> 0 < v -> v <= v' ->
  winner_ratio K w p v <= winner_ratio K w p v'.
Proof.
move=> lawp w0 v0 vv; have v'0 := lt_le_trans v0 vv.
case: K => [K|] /=; last by rewrite ler_wpM2r // invr_ge0 ltW // mean_gt0.
apply: le_mean => [|c _]; first by case: (draws_is_law K.-1 lawp).
have S0 := total_weight_ge0 c w0; set S := total_weight w c in S0 *.
rewrite -!mulrA ler_wpM2l ?ler0n // ler_pdivrMr ?ltr_pwDl // mulrAC ler_pdivlMr ?ltr_pwDl //.
by rewrite !mulrDr [v' * v]mulrC lerD2l ler_wpM2r.
Qed.

(* ... strictly for K >= 2. *)
Lemma winner_ratio_strict K w p v v' : at_least 2 K -> is_law p -> (forall x, 0 < w x) ->
  0 < v -> v < v' -> winner_ratio K w p v < winner_ratio K w p v'.
Proof.
move=> K2 lawp w0 v0 vv; have v'0 := lt_trans v0 vv.
case: K K2 => [K|] /= K2; last by rewrite ltr_pmul2r // invr_gt0 mean_gt0.
have lawd := draws_is_law K.-1 lawp; rewrite -subr_gt0 -meanB; apply: mean_gt0 => // c.
have S0 : 0 < total_weight w c by apply: total_weight_gt0; case: K K2 {lawd c} => [|[]].
set S := total_weight w c in S0 *; have K0 : 0 < K%:R :> R by rewrite ltr0n (ltn_trans _ K2).
rewrite subr_gt0 -!mulrA ltr_pM2l // ltr_pdivrMr ?addr_gt0 // mulrAC ltr_pdivlMr ?addr_gt0 //.
by rewrite !mulrDr [v' * v]mulrC ltr_add2l ltr_pmul2r.
Qed.

End WinnerRatio.

(* Consequences that are short: the ratio and the density increase with the weight, the variances
   of the pure loop have a finite sum, and no rate is faster than the speed limit. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops.
From Recurate Require Import concentration pure_loop.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Monotone.
Variables (R : realFieldType) (T : finType) (K : nat) (w : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (w_gt0 : forall x, 0 < w x).

(* H^K_p is increasing in the weight. *)
Theorem ratio_monotone p x y : is_law p -> w x <= w y -> ratio K p w x <= ratio K p w y.
Proof.
move=> lawp wxy; apply: le_mean => [|c _]; first by case: (draws_is_law K.-1 lawp).
have S0 := total_weight_ge0 c w_gt0; set S := total_weight w c in S0 *.
have dx : 0 < w x + S by rewrite ltr_pwDl.
have dy : 0 < w y + S by rewrite ltr_pwDl.
rewrite -!mulrA ler_wpM2l ?ler0n // ler_pdivrMr // mulrAC ler_pdivlMr //.
by rewrite !mulrDr [w y * w x]mulrC lerD2l ler_wpM2r.
Qed.

(* Strictly, if there is another candidate: K >= 2. *)
Theorem ratio_strictly_monotone p x y : (1 < K)%N -> is_law p -> w x < w y ->
  ratio K p w x < ratio K p w y.
Proof.
move=> K2 lawp wxy; have lawd := draws_is_law K.-1 lawp.
have K0 : 0 < K%:R :> R by rewrite ltr0n (ltn_trans _ K2).
rewrite -subr_gt0 -meanB; apply: mean_gt0 => // c.
have S0 : 0 < total_weight w c.
  by apply: total_weight_gt0; rewrite // -ltnS prednK // (ltn_trans _ K2).
set S := total_weight w c in S0 *.
have dx : 0 < w x + S by rewrite addr_gt0.
have dy : 0 < w y + S by rewrite addr_gt0.
have -> : K%:R * w y / (w y + S) - K%:R * w x / (w x + S)
    = K%:R * ((w y - w x) * S) / ((w y + S) * (w x + S)) by field; rewrite !gt_eqF.
by rewrite divr_gt0 ?mulr_gt0 // subr_gt0.
Qed.

(* So is d_t = p_t/p_ref in the mixed loop, written without dividing by p_ref, which may be 0. *)
Theorem density_monotone lam pref t x y : 0 <= lam -> is_law pref -> w x <= w y ->
  mixed_loop K lam pref w t x * pref y <= mixed_loop K lam pref w t y * pref x.
Proof.
move=> lam0 law_ref wxy; elim: t => [|t step]; first by rewrite mixed_loop0 mulrC.
have lawt := mixed_loop_is_law K_gt0 lam0 w_gt0 law_ref t.
rewrite !mixed_loopS !lemma_2_1 // !mulrDl; apply: lerD.
  by rewrite mulrAC [leRHS]mulrAC [pref y * pref x]mulrC.
rewrite -!mulrA ler_wpM2l // ler_wpM2l ?invr_ge0 ?(ltW (real_share_gt0 lam0)) //.
rewrite ![_ * (ratio _ _ _ _ * _)]mulrCA; apply: ler_pM step.
- exact: ratio_ge0.
- by apply: mulr_ge0; [case: lawt|case: law_ref].
exact: ratio_monotone.
Qed.

Section PureLoop.
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

End PureLoop.
End Monotone.

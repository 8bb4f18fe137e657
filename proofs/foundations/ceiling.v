(* The largest curation ratio that weights up to w_* with a mean of at least mu allow: step (2) of
   theorem-2.4-bounded-weights.

   1/x is convex: in the weight of one candidate after another it lies below its chord over the
   weights from 0 to w_*. So the ratio is largest where they are w_* with probability
   theta = mu/w_* and else 0, and there it is E K/(1 + J), J ~ Bin(K - 1, theta), which is
   (1 - (1 - theta)^K)/theta. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation winner binomial.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variable R : realFieldType.

(* h = 1 + (1 - theta) + ... + (1 - theta)^(K-1) = (1 - (1 - theta)^K)/theta, theta = mu/w_*;
   1/theta for K = infinity. *)
Definition largest_ratio (K : option nat) (theta : R) :=
  if K is Some K then \sum_(i < K) (1 - theta) ^+ i else theta^-1.

End Definitions.

Section LargestRatio.
Variable R : realFieldType.
Implicit Types (theta : R) (K : option nat).

Lemma largest_ratio_closed (K : nat) theta :
  theta * largest_ratio (Some K) theta = 1 - (1 - theta) ^+ K.
Proof.
have := subrX1 (1 - theta) K; have -> : 1 - theta - 1 = - theta by rewrite addrAC subrr add0r.
by rewrite mulNr => /eqP; rewrite -eqr_oppLR opprB => /eqP.
Qed.

(* h = (1 - (1 - theta)^K)/theta *)
Lemma largest_ratioE (K : nat) theta : 0 < theta ->
  largest_ratio (Some K) theta = (1 - (1 - theta) ^+ K) / theta.
Proof. by move=> t0; rewrite -largest_ratio_closed mulrC mulrA mulVf ?mul1r // gt_eqF. Qed.

(* 1 <= h <= 1/theta = w_*/mu, ... *)
Lemma largest_ratio_ge1 K theta : at_least 1 K -> 0 < theta <= 1 -> 1 <= largest_ratio K theta.
Proof.
case: K => [[|K]|] //= _ /andP[t0 t1]; last by rewrite invf_ge1.
rewrite big_ord_recl expr0 lerDl; apply: sumr_ge0 => i _.
by rewrite exprn_ge0 // subr_ge0.
Qed.

Lemma largest_ratio_le_inv K theta : 0 < theta <= 1 -> largest_ratio K theta <= theta^-1.
Proof.
case: K => [K|] //= /andP[t0 t1]; rewrite -[leRHS]mul1r ler_pdivlMr // mulrC.
by rewrite largest_ratio_closed lerBlDr lerDl exprn_ge0 // subr_ge0.
Qed.

(* ... strictly for finite K if theta < 1, ... *)
Lemma largest_ratio_lt_inv (K : nat) theta : 0 < theta < 1 ->
  largest_ratio (Some K) theta < theta^-1.
Proof.
move=> /andP[t0 t1]; rewrite -[ltRHS]mul1r ltr_pdivlMr // mulrC.
by rewrite largest_ratio_closed ltrBlDr ltrDl exprn_gt0 // subr_gt0.
Qed.

(* ... and h <= K. *)
Lemma largest_ratio_le_K (K : nat) theta : 0 <= theta <= 1 ->
  largest_ratio (Some K) theta <= K%:R.
Proof.
move=> /andP[t0 t1]; rewrite -[in K%:R](card_ord K) -sum1_card natr_sum.
by apply: ler_sum => i _; rewrite exprn_ile1 ?subr_ge0 // lerBlDr lerDl.
Qed.

(* The larger the mean weight, the smaller the largest ratio. *)
Lemma largest_ratio_anti K theta theta' : 0 < theta -> theta <= theta' -> theta' <= 1 ->
  largest_ratio K theta' <= largest_ratio K theta.
Proof.
move=> t0 tt t1; case: K => [K|] /=; last first.
  by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF // (lt_le_trans t0).
apply: ler_sum => i _; rewrite lerXn2r ?nnegrE ?subr_ge0 ?lerD2l ?lerN2 //.
exact: le_trans tt t1.
Qed.

(* E (K + 1)/(1 + J) for J ~ Bin(K, theta). *)
Lemma binomial_mean_inverse (K : nat) theta : 0 < theta ->
  K.+1%:R * binomial_mean K (fun j => j.+1%:R^-1) theta = largest_ratio (Some K.+1) theta.
Proof.
move=> t0; apply: (mulfI (lt0r_neq0 t0)); rewrite binomial_mean_absorb largest_ratio_closed.
transitivity (binomial_mean K.+1 (fun j => 1 + -1 * (j == 0%N)%:R) theta).
  apply: eq_binomial_mean => -[|j] _ /=; first by rewrite mul0r mulr1 subrr.
  by rewrite divff ?pnatr_eq0 // mulr0 addr0.
rewrite binomial_meanD binomial_meanZ mulN1r; congr (_ - _).
  rewrite (eq_binomial_mean (c := fun j => 1 + 0 * j%:R)) => [|j _]; last by rewrite mul0r addr0.
  by rewrite binomial_mean_affine mul0r addr0.
rewrite /binomial_mean big_ord_recl /= bin0 expr0 !mul1r mulr1 subn0 big1 ?addr0 // => j _.
by rewrite mulr0.
Qed.

End LargestRatio.

Section Ceiling.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R) (bound c mu v : R) (K : option nat).

Lemma mean_le_bound p w bound : is_law p -> bounded_on_support p w bound -> mean p w <= bound.
Proof. by move=> lawp le_b; rewrite -(mean_const bound lawp); apply: le_mean => //; case: lawp. Qed.

(* theta = E_p w/w_* is in (0, 1]. *)
Lemma theta_unit p w bound : is_law p -> (forall x, 0 < w x) -> bounded_on_support p w bound ->
  0 < mean p w / bound <= 1.
Proof.
move=> lawp w0 le_b; have b0 := bound_gt0 lawp w0 le_b.
by rewrite divr_gt0 ?mean_gt0 //= ler_pdivrMr // mul1r mean_le_bound.
Qed.

(* The chord of s -> 1/(c + s) over [0, w_*], in one candidate's weight after the other. *)
Lemma mean_inverse_le (K : nat) p w bound c : is_law p -> (forall x, 0 < w x) ->
  bounded_on_support p w bound -> 0 < c ->
  mean (draws (K := K) p) (fun y => (c + total_weight w y)^-1)
    <= binomial_mean K (fun j => (c + j%:R * bound)^-1) (mean p w / bound).
Proof.
move=> lawp w0 le_b c0; have b0 := bound_gt0 lawp w0 le_b.
have unit : 0 <= mean p w / bound <= 1 by have /andP[/ltW -> ->] := theta_unit lawp w0 le_b.
elim: K c c0 => [|K IH] c c0.
  rewrite binomial_mean0 mul0r addr0 -[leRHS](mean_const _ (draws_is_law 0 lawp)).
  apply: le_mean => [|y _]; first by case: (draws_is_law 0 lawp).
  by rewrite /total_weight big_ord0 addr0.
rewrite mean_draws_first binomial_meanS.
set A := binomial_mean K _ _; set B := binomial_mean K _ _.
have -> : (1 - mean p w / bound) * A + mean p w / bound * B
    = mean p (fun x => A + (B - A) / bound * w x).
  by rewrite meanD mean_const // meanZ; move: (mean p w) (bound^-1) => u v; ring.
apply: le_mean => [|x px]; first by case: lawp.
have wx := le_b x px; have cw : 0 < c + w x by rewrite addr_gt0.
apply: le_trans (_ : _ <= mean (draws p) (fun y : {ffun 'I_K -> T} =>
   (c + w x + total_weight w y)^-1)) _.
  by rewrite le_eqVlt; apply/orP/or_introl/eqP/eq_mean => // y; rewrite total_weight_insert addrA.
apply: le_trans (IH _ cw) _.
have -> : A + (B - A) / bound * w x
    = binomial_mean K (fun j => (1 - w x / bound) * (c + j%:R * bound)^-1
        + w x / bound * (c + j.+1%:R * bound)^-1) (mean p w / bound).
  by rewrite binomial_meanD !binomial_meanZ -/A -/B; move: (bound^-1) => v; ring.
apply: le_binomial_mean => // j _.
have d0 : 0 < c + j%:R * bound by rewrite ltr_pwDl // mulr_ge0 ?ler0n ?(ltW b0).
have -> : c + w x + j%:R * bound = (c + j%:R * bound) + w x by rewrite addrAC.
have -> : c + j.+1%:R * bound = (c + j%:R * bound) + bound by rewrite mulrS; ring.
have v0 := w0 x; move: (c + _) (w x) d0 v0 wx => d v d0 v0 vb.
have dv : 0 < d + v by rewrite addr_gt0.
have db : 0 < d + bound by rewrite addr_gt0.
rewrite -subr_ge0; have -> : (1 - v / bound) / d + v / bound / (d + bound) - (d + v)^-1
    = v * (bound - v) / (d * (d + v) * (d + bound)) by field; rewrite !gt_eqF.
by rewrite divr_ge0 ?mulr_ge0 ?subr_ge0 ?(ltW v0) ?(ltW d0) ?(ltW dv) ?(ltW db).
Qed.

(* The ceiling: H_p(v) <= h for every v <= w_*, if E_p w >= mu.
   K is Some K with K >= 1, or None for infinity; winner_ratio K w p v is H_p(v), bound is w_*, of
   which only w <= w_* on the support of p is asked; h is largest_ratio K of theta = mu/w_*. It is
   at least 1, at most K and at most w_*/mu (largest_ratio_ge1, _le_K, _le_inv). *)
Theorem ceiling K w p bound mu : at_least 1 K -> is_law p -> (forall x, 0 < w x) ->
  bounded_on_support p w bound -> 0 < mu -> mu <= mean p w ->
  winner_ratio K w p bound <= largest_ratio K (mu / bound).
Proof.
move=> K0 lawp w0 le_b mu0 mu_le; have b0 := bound_gt0 lawp w0 le_b.
have W0 := mean_gt0 lawp w0; have Wb := mean_le_bound lawp le_b.
apply: le_trans (_ : _ <= largest_ratio K (mean p w / bound)) _; last first.
  apply: largest_ratio_anti; rewrite ?divr_gt0 //; last by rewrite ler_pdivrMr // mul1r.
  by rewrite ler_wpM2r // invr_ge0 ltW.
case: K K0 => [[|K]|] // _; last by rewrite /= invf_div.
rewrite -(binomial_mean_inverse K (divr_gt0 W0 b0)).
have -> : binomial_mean K (fun j => j.+1%:R^-1) (mean p w / bound)
    = bound * binomial_mean K (fun j => (bound + j%:R * bound)^-1) (mean p w / bound).
  rewrite -binomial_meanZ; apply: eq_binomial_mean => j _.
  have j0 : 0 < j.+1%:R :> R by rewrite ltr0n.
  have -> : bound + j%:R * bound = j.+1%:R * bound by rewrite mulrS mulrDl mul1r.
  by rewrite invfM mulrCA divff ?mulr1 // gt_eqF.
rewrite mulrA /winner_ratio meanZ ler_wpM2l ?mulr_ge0 ?ler0n ?(ltW b0) //.
exact: mean_inverse_le.
Qed.

End Ceiling.

(* How far curation by K candidates is from curation by infinitely many: by C/K at most, where C
   depends only on how far the weights are apart. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import total_variation draw_moments.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Series.
Variables (R : realFieldType) (T : finType).
Variables (p w : T -> R) (v : R).
Hypotheses (law_p : is_law p) (w_gt0 : forall x, 0 < w x) (v_gt0 : 0 < v).
Notation mu := (mean p w).
Notation x0 K := (v + K%:R * mu).
Notation d c := (total_weight (centred p w) c).

Let mu_gt0 : 0 < mu := mean_gt0 law_p w_gt0.
Let law_d K : is_law (draws (K := K) p) := draws_is_law K law_p.

Lemma centre_gt0 K : 0 < x0 K.
Proof. by rewrite ltr_pwDl // mulr_ge0 ?ler0n // ltW. Qed.

Lemma candidates_gt0 K (c : {ffun 'I_K -> T}) : 0 < v + total_weight w c.
Proof. by rewrite ltr_pwDl // total_weight_ge0. Qed.

(* 1/x = sum_{j < n} (-d)^j/x0^{j+1} + (-d)^n/(x0^n x), x = x0 + d *)
Lemma inverse_series (x y d : R) n : y != 0 -> x != 0 -> x = y + d ->
  x^-1 = \sum_(j < n) (- d) ^+ j / y ^+ j.+1 + (- d) ^+ n / (y ^+ n * x).
Proof.
move=> y0 x0 xE; rewrite xE in x0 *.
elim: n => [|n IH]; first by rewrite big_ord0 add0r !expr0 !mul1r.
rewrite big_ord_recr /= {1}IH -addrA; congr (_ + _); rewrite !exprS.
have yn : y ^+ n != 0 by rewrite expf_neq0.
by move: (y ^+ n) ((- d) ^+ n) yn => Y D Y0; field; rewrite y0 x0 Y0.
Qed.

(* H^{K+1}(v), expanded about x0 = v + K E_p w, where d is the sum of K weights less its mean:
   exact, with the last term as the remainder. *)
Lemma winner_ratio_series n K : winner_ratio (Some K.+1) w p v = K.+1%:R * v *
  (\sum_(j < n) (- 1) ^+ j * draws_moment K p (centred p w) j / x0 K ^+ j.+1
    + mean (draws (K := K) p) (fun c => (- d c) ^+ n / (v + total_weight w c)) / x0 K ^+ n).
Proof.
have y0 := lt0r_neq0 (centre_gt0 K).
have x1 (c : {ffun 'I_K -> T}) := lt0r_neq0 (candidates_gt0 c).
have split (c : {ffun 'I_K -> T}) : v + total_weight w c = x0 K + d c.
  by rewrite total_weight_centred; ring.
transitivity (mean (draws (K := K) p) (fun c => K.+1%:R * v * (
  (\sum_(j < n) ((- 1) ^+ j / x0 K ^+ j.+1) * d c ^+ j)
  + (x0 K ^+ n)^-1 * ((- d c) ^+ n / (v + total_weight w c))))).
  apply: eq_mean => // c; congr (_ * _); rewrite [LHS](inverse_series n y0 (x1 c) (split c)).
  congr (_ + _); last by rewrite invfM mulrCA.
  by apply: eq_bigr => j _; rewrite [in LHS]exprNn mulrAC.
rewrite meanZ meanD mean_sum meanZ; congr (_ * (_ + _)); last by rewrite mulrC.
by apply: eq_bigr => j _; rewrite meanZ mulrAC.
Qed.

(* Two terms, for the limit. *)
Lemma winner_ratio_two_terms K : winner_ratio (Some K.+1) w p v = K.+1%:R * v *
  ((x0 K)^-1
    + mean (draws (K := K) p) (fun c => d c ^+ 2 / (v + total_weight w c)) / x0 K ^+ 2).
Proof.
rewrite (winner_ratio_series 2) !big_ord_recr big_ord0 /= draws_moment1 ?mean_centred //.
rewrite mulr0 mul0r addr0 add0r draws_moment0 // expr0 !mul1r expr1; congr (_ * (_ + _ / _)).
by apply: eq_mean => // c; rewrite sqrrN.
Qed.

(* H^{K+1}(v) >= (K+1) v/(v + K E_p w), by the tangent at the mean, ... *)
Theorem winner_ratio_below K :
  K.+1%:R * v / (v + K%:R * mu) <= winner_ratio (Some K.+1) w p v.
Proof.
rewrite winner_ratio_two_terms mulrDr lerDl; apply: mulr_ge0; first by rewrite mulr_ge0 ?ler0n ?ltW.
rewrite divr_ge0 ?exprn_ge0 ?(ltW (centre_gt0 K)) //; apply: sumr_ge0 => c _.
by rewrite mulr_ge0 ?(proj1 (law_d K)) // divr_ge0 ?sqr_ge0 // ltW // candidates_gt0.
Qed.

(* ... and what it is more is at most (K+1) v K Var_p w/(x0^2 (v + K low)), x0 = v + K E_p w, for
   weights >= low >= 0. *)
Theorem winner_ratio_above K low : 0 <= low -> (forall x, 0 < p x -> low <= w x) ->
  winner_ratio (Some K.+1) w p v <= K.+1%:R * v / (v + K%:R * mu)
    + K.+1%:R * v * (K%:R * variance p w) / ((v + K%:R * mu) ^+ 2 * (v + K%:R * low)).
Proof.
move=> low0 le_low; have y0 := centre_gt0 K.
have x1 : 0 < v + K%:R * low by rewrite ltr_pwDl // mulr_ge0 ?ler0n.
rewrite winner_ratio_two_terms mulrDr lerD2l -[leRHS]mulrA.
rewrite ler_wpM2l ?mulr_ge0 ?ler0n ?(ltW v_gt0) // [(_ ^+ 2 * _)^-1]invfM.
rewrite [leRHS]mulrA [leRHS]mulrAC.
rewrite ler_wpM2r ?invr_ge0 ?exprn_ge0 ?(ltW y0) //.
have -> : K%:R * variance p w = mean (draws (K := K) p) (fun c => d c ^+ 2).
  by rewrite -central_moment2 -draws_moment2 ?mean_centred.
rewrite mulrC -meanZ; apply: le_mean => [|c pc]; first by case: (law_d K).
rewrite mulrC ler_wpM2r ?sqr_ge0 // ler_pV2 ?inE ?unitfE ?gt_eqF ?candidates_gt0 //.
rewrite lerD2l /total_weight -[in K%:R](card_ord K) mulr_natl -sumr_const.
by apply: ler_sum => k _; apply: le_low; apply: (draws_gt0 (c := c)).
Qed.

End Series.

Section Uniform.
Variables (R : realFieldType) (T : finType).
Variables (w : T -> R) (low high : R).
Hypotheses (low_gt0 : 0 < low) (w_gt0 : forall x, 0 < w x).
Notation C := ((high / low) ^+ 2 + (high / low) ^+ 3).

(* |H^K_p(v) - v/E_p w| <= C/K, C = (high/low)^2 + (high/low)^3, for all laws p with weights between
   low and high, and v between them too. *)
Theorem many_candidates_ratio K p v : (0 < K)%N -> is_law p ->
  (forall x, 0 < p x -> low <= w x <= high) -> low <= v <= high ->
  `|winner_ratio (Some K) w p v - winner_ratio None w p v| <= C / K%:R.
Proof.
case: K => // K _ lawp between /andP[low_v v_high].
have v0 : 0 < v := lt_le_trans low_gt0 low_v.
have high0 : 0 < high := lt_le_trans v0 v_high.
have [p0 _] := lawp; have K0 : 0 < K.+1%:R :> R by rewrite ltr0n.
set mu := mean p w; have mu_low : low <= mu.
  by rewrite -(mean_const low lawp); apply: le_mean => // x /between/andP[].
have mu_high : mu <= high.
  by rewrite -(mean_const high lawp); apply: le_mean => // x /between/andP[].
have mu0 : 0 < mu := lt_le_trans low_gt0 mu_low.
have scale y : low <= y -> K.+1%:R * low <= v + K%:R * y.
  by move=> low_y; rewrite mulrS mulrDl mul1r lerD // ler_wpM2l ?ler0n.
have x0_low := scale mu mu_low; have x1_low := scale low (lexx low).
have Klow : 0 < K.+1%:R * low by rewrite mulr_gt0.
have x0_gt0 := lt_le_trans Klow x0_low; have x1_gt0 := lt_le_trans Klow x1_low.
have below := winner_ratio_below lawp w_gt0 v0 K.
have above := winner_ratio_above lawp w_gt0 v0 K (ltW low_gt0)
  (fun x px => proj1 (andP (between x px))).
rewrite -/mu in below above *; rewrite [winner_ratio None _ _ _]/(v / mu).
move: (winner_ratio _ _ _ _) below above => H below above.
set near := K.+1%:R * v / (v + K%:R * mu) in below above.
apply: le_trans (ler_dist_add near _ _) _; rewrite addrC [leRHS]mulrDl; apply: lerD.
  have -> : near - v / mu = v * (mu - v) / (mu * (v + K%:R * mu)).
    by rewrite /near mulrS; field; rewrite !gt_eqF.
  have -> : (high / low) ^+ 2 / K.+1%:R = high * high / (low * (K.+1%:R * low)).
    by move: (K.+1%:R) K0 => k k0; field; rewrite !gt_eqF.
  rewrite normrM normrV ?unitfE ?gt_eqF ?mulr_gt0 // normrM.
  rewrite (gtr0_norm v0) (gtr0_norm (mulr_gt0 mu0 x0_gt0)).
  apply: ler_pM; first by rewrite mulr_ge0 ?normr_ge0 ?(ltW v0).
  - by rewrite invr_ge0 mulr_ge0 // ltW.
  - apply: ler_pM; rewrite ?(ltW v0) ?normr_ge0 // ler_distl.
    rewrite (le_trans mu_high) ?lerDr ?(ltW v0) // andbT lerBlDr.
    by rewrite (le_trans v_high) // lerDr ltW.
  by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?mulr_gt0 // ler_pM // ltW.
rewrite ger0_norm ?subr_ge0 // lerBlDl; apply: le_trans above _; rewrite lerD2l.
have V_high : variance p w <= high ^+ 2.
  apply: le_trans (variance_le w 0 lawp) _; rewrite -(mean_const (high ^+ 2) lawp).
  apply: le_mean => // x px; rewrite subr0; have /andP[_ w_high] := between x px.
  by rewrite lerXn2r ?nnegrE ?(ltW (w_gt0 x)) ?(ltW high0).
have -> : (high / low) ^+ 3 / K.+1%:R
    = K.+1%:R * high * (K.+1%:R * high ^+ 2) / ((K.+1%:R * low) ^+ 2 * (K.+1%:R * low)).
  by move: (K.+1%:R) K0 => k k0; field; rewrite !gt_eqF.
have V0 := variance_ge0 w lawp.
apply: ler_pM.
- by rewrite !mulr_ge0 ?ler0n ?(ltW v0).
- by rewrite invr_ge0 mulr_ge0 ?exprn_ge0 // ltW.
- apply: ler_pM; rewrite ?mulr_ge0 ?ler0n ?(ltW v0) //; first by rewrite ler_wpM2l ?ler0n.
  by apply: ler_pM; rewrite ?ler0n // ler_nat.
rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?mulr_gt0 ?exprn_gt0 //.
apply: ler_pM x1_low; rewrite ?exprn_ge0 ?(ltW Klow) //.
by rewrite lerXn2r ?nnegrE ?(ltW Klow) ?(ltW x0_gt0).
Qed.

(* So for the winner's laws, at each answer ... *)
Theorem many_candidates_law K p x : (0 < K)%N -> is_law p ->
  (forall y, 0 < p y -> low <= w y <= high) ->
  `|winner (Some K) w p x - winner None w p x| <= p x * (C / K%:R).
Proof.
move=> K0 lawp between; have := proj1 lawp x; rewrite !winnerE // -mulrBr normrM.
rewrite le_eqVlt => /orP[/eqP <-|px]; first by rewrite normr0 !mul0r.
by rewrite gtr0_norm // ler_pM2l // many_candidates_ratio // between.
Qed.

(* ... and for all sets. *)
Theorem many_candidates_variation K p : (0 < K)%N -> is_law p ->
  (forall y, 0 < p y -> low <= w y <= high) ->
  total_variation (winner (Some K) w p) (winner None w p) <= C / (2%:R * K%:R).
Proof.
move=> K0 lawp between; rewrite /total_variation invfM mulrA mulrAC.
rewrite ler_pM2r ?invr_gt0 ?ltr0n //; apply: (@le_trans _ _ (\sum_x p x * (C / K%:R))).
  by apply: ler_sum => x _; apply: many_candidates_law.
by rewrite -mulr_suml (proj2 lawp) mul1r.
Qed.

End Uniform.

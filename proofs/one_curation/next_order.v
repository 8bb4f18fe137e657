(* How fast curation by K candidates tends to that by infinitely many: K (H^K - H^inf) converges. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import draw_moments limit_law cluster.
From Recurate Require Import many_candidates_bound many_candidates.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section NextOrder.
Variables (R : realType) (T : finType).
Variables (p w : T -> R) (v : R).
Hypotheses (law_p : is_law p) (w_gt0 : forall x, 0 < w x) (v_gt0 : 0 < v).
Notation mu := (mean p w).
Notation x0 K := (v + K%:R * mu).
Notation d c := (total_weight (centred p w) c).
Notation V := (variance p w).

Let mu_gt0 : 0 < mu := mean_gt0 law_p w_gt0.
Let centre_gt0 K : 0 < x0 K. Proof. exact: centre_gt0. Qed.

(* The remainder of the series. *)
Let rest K := mean (draws (K := K) p) (fun c => (- d c) ^+ 4 / (v + total_weight w c)).

Let series K : winner_ratio (Some K.+1) w p v = K.+1%:R * v *
  ((x0 K)^-1 + K%:R * V / x0 K ^+ 3 - K%:R * central_moment p w 3 / x0 K ^+ 4
    + rest K / x0 K ^+ 4).
Proof.
have c0 := mean_centred w law_p.
rewrite (winner_ratio_series law_p w_gt0 v_gt0 4 K) !big_ord_recr big_ord0 /=.
rewrite draws_moment0 // draws_moment1 // draws_moment2 // draws_moment3 // -/(rest K).
rewrite -/(central_moment p w 3) -/(central_moment p w 2) central_moment2.
congr (_ * (_ + _)); rewrite !exprS expr0; move: (x0 K) (lt0r_neq0 (centre_gt0 K)) => y y0.
by field.
Qed.

Let inverse_small a : 0 < a -> (fun K => (v + K%:R * a)^-1) --> (0 : R).
Proof.
move=> a0; apply/(@cvg_within _ _ (cst 0) _ a^-1); last exact: cvg_cst.
move=> K K0; have K1 : 0 < K%:R :> R by rewrite ltr0n.
have x1 : 0 < v + K%:R * a by rewrite addr_gt0 ?mulr_gt0.
rewrite subr0 ger0_norm ?invr_ge0 ?(ltW x1) // -invfM.
by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?mulr_gt0 // mulrC lerDr ltW.
Qed.

(* a_K = (K+1)/x0 and b_K = K/x0 tend to 1/mu. *)
Let b_limit : (fun K => K%:R / x0 K) --> mu^-1.
Proof.
have -> : (fun K => K%:R / x0 K) = (fun K => mu^-1 - v / mu * (x0 K)^-1).
  apply/funext => K; have := centre_gt0 K; move: (K%:R) => k x1; field.
  by rewrite !gt_eqF.
rewrite -[X in _ --> X]subr0 -[X in _ - X](mulr0 (v / mu)); apply: cvgB; first exact: cvg_cst.
by apply: cvgMr; apply: inverse_small.
Qed.

Let a_limit : (fun K => K.+1%:R / x0 K) --> mu^-1.
Proof.
have -> : (fun K => K.+1%:R / x0 K) = (fun K => K%:R / x0 K + (x0 K)^-1).
  by apply/funext => K; rewrite mulrS mulrDl mul1r addrC.
by rewrite -[X in _ --> X]addr0; apply: cvgD; [exact: b_limit|apply: inverse_small].
Qed.

Let rest_small : (fun K => K.+1%:R ^+ 2 * rest K / x0 K ^+ 4) --> (0 : R).
Proof.
have [low [high [low0 _ between]]] := weights_between w_gt0 v_gt0.
have le_low x : low <= w x by case/andP: (between x).
pose C := moment p (centred p w) 4 + 3%:R * V ^+ 2.
pose bound K := C * ((K.+1%:R / x0 K) ^+ 2 * (K%:R / x0 K) ^+ 2 * (v + K%:R * low)^-1).
apply: (null_below (g := bound)) => [K|]; last first.
  rewrite -[X in _ --> X](mulr0 C); apply: cvgMr.
  rewrite -[X in _ --> X](mulr0 (mu^-1 ^+ 2 * mu^-1 ^+ 2)); apply: cvgM; last exact: inverse_small.
  by apply: cvgM; apply: cvgM.
have [d0 _] := draws_is_law K law_p.
have x1 (c : {ffun 'I_K -> T}) : 0 < v + total_weight w c by apply: candidates_gt0.
have xl : 0 < v + K%:R * low by rewrite ltr_pwDl // mulr_ge0 ?ler0n ?ltW.
have rest0 : 0 <= rest K.
  by apply: sumr_ge0 => c _; rewrite mulr_ge0 // divr_ge0 ?exprn_even_ge0 // ltW.
have rest_le : rest K <= K%:R ^+ 2 * C / (v + K%:R * low).
  apply: (@le_trans _ _ ((v + K%:R * low)^-1 * draws_moment K p (centred p w) 4)).
    rewrite -meanZ; apply: le_mean => // c _.
    rewrite exprNn -signr_odd mul1r; move: (d c) => D; rewrite mulrC.
    rewrite ler_wpM2r ?exprn_even_ge0 // ler_pV2 ?inE ?unitfE ?gt_eqF ?x1 ?xl //.
    rewrite lerD2l /total_weight -[in K%:R](card_ord K) mulr_natl -sumr_const.
    by apply: ler_sum => k _; apply: le_low.
  rewrite mulrC ler_wpM2r ?invr_ge0 ?(ltW xl) // draws_moment4 ?mean_centred //.
  rewrite -/(central_moment p w 2) central_moment2 /C [leRHS]mulrDr; apply: lerD.
    rewrite ler_wpM2r //; last first.
      by rewrite -natrX ler_nat; case: (K) => // k; rewrite expnS leq_pmulr.
    by apply: sumr_ge0 => x _; rewrite mulr_ge0 ?exprn_even_ge0 ?(proj1 law_p).
  rewrite [leRHS]mulrA ler_wpM2r ?sqr_ge0 // [leRHS]mulrC ler_wpM2l ?ler0n //.
  by rewrite expr2 ler_wpM2l ?ler0n // lerBlDr lerDl.
have y0 := centre_gt0 K; have y4 : 0 <= x0 K ^+ 4 by rewrite exprn_ge0 // ltW.
rewrite mulr_ge0 ?invr_ge0 ?y4 ?mulr_ge0 ?sqr_ge0 //=.
have -> : bound K = K.+1%:R ^+ 2 * (K%:R ^+ 2 * C / (v + K%:R * low)) / x0 K ^+ 4.
  rewrite /bound; move: (K.+1%:R) (K%:R) y0 xl => k1 k y0 xl; field.
  by rewrite !gt_eqF.
by rewrite ler_wpM2r ?invr_ge0 ?y4 // ler_wpM2l ?sqr_ge0.
Qed.

(* The error of Lemma 2.1's limit is of order 1/K: for v > 0,
     K (H^K_p(v) - v/mu) -> (v/mu) (E_p w^2/mu^2 - v/mu),  mu = E_p w. *)
Theorem lemma_2_1_next_order :
  (fun K => K%:R * (winner_ratio (Some K) w p v - winner_ratio None w p v))
    --> v / mu * (mean p (fun x => w x ^+ 2) / mu ^+ 2 - v / mu).
Proof.
set G := fun K => _; set l := v / mu * _.
suff : (fun K => G K.+1) --> l by rewrite (cvg_shiftS G).
pose a K := K.+1%:R / x0 K; pose b K := K%:R / x0 K; pose e K := (x0 K)^-1.
pose r K := K.+1%:R ^+ 2 * rest K / x0 K ^+ 4; pose k3 := central_moment p w 3.
have -> : (fun K => G K.+1) = (fun K => v * (mu - v) / mu * a K + v * V * (a K * a K * b K)
    - v * k3 * (a K * a K * b K * e K) + v * r K).
  apply/funext => K; rewrite /G series /= /a /b /e /r -/k3 mulrS.
  have := centre_gt0 K; move: (K%:R) (rest K) => k s x1; field.
  by rewrite !gt_eqF.
have -> : l = v * (mu - v) / mu * mu^-1 + v * V * (mu^-1 * mu^-1 * mu^-1)
      - v * k3 * (mu^-1 * mu^-1 * mu^-1 * 0) + v * 0.
  rewrite /l /variance covarianceE //.
  rewrite (@eq_mean _ _ p p (fun x => w x * w x) (fun x => w x ^+ 2)) //.
  by set m2 := mean p (fun x => w x ^+ 2); field; rewrite gt_eqF.
have aab : (fun K => a K * a K * b K) --> mu^-1 * mu^-1 * mu^-1.
  exact: (cvgM (cvgM a_limit a_limit) b_limit).
apply: cvgD; last by apply: cvgMr; exact: rest_small.
apply: cvgB; last by apply: cvgMr; exact: (cvgM aab (inverse_small mu_gt0)).
by apply: cvgD; apply: cvgMr => //; exact: a_limit.
Qed.

End NextOrder.

(* So for the mean of any g under the winner's law: the error is of order 1/K and, where this limit
   is not 0, no better. *)
Theorem next_order_mean (R : realType) (T : finType) (p w g : T -> R) :
  is_law p -> (forall x, 0 < w x) -> let mu := mean p w in
  (fun K => K%:R * (mean (curated K p w) g - mean (tilted w p) g))
    --> mean p (fun x => w x / mu * (mean p (fun y => w y ^+ 2) / mu ^+ 2 - w x / mu) * g x).
Proof.
move=> lawp w0 mu; set G := fun K => K%:R * _; set l := mean p _.
pose F x K := K%:R * (winner_ratio (Some K) w p (w x) - winner_ratio None w p (w x)).
have one x : (fun K => F x K.+1) --> w x / mu * (mean p (fun y => w y ^+ 2) / mu ^+ 2 - w x / mu).
  by rewrite (cvg_shiftS (F x)); apply: lemma_2_1_next_order.
suff : (fun K => G K.+1) --> l by rewrite (cvg_shiftS G).
have -> : (fun K => G K.+1) = (fun K => \sum_x p x * (F x K.+1 * g x)).
  apply/funext => K; rewrite /G /mean -sumrB mulr_sumr; apply: eq_bigr => x _.
  rewrite -[curated _ _ _ x]/(winner (Some K.+1) w p x) -[tilted _ _ x]/(winner None w p x).
  rewrite !winnerE // /F; move: (winner_ratio _ _ _ _) (winner_ratio _ _ _ _) => h h'.
  by ring.
apply: (@cvg_sum R T (fun x K => p x * (F x K.+1 * g x))) => x.
by apply: cvgMr; apply: cvgMl; exact: one.
Qed.

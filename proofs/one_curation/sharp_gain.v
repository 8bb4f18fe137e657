(* The gain of one curation by the weight's mean, variance and third central moment: Lemma 2.2 of
   the paper, sharpened. No square root and no integral is needed: for candidates with total weight
   S and any real c,
     1/S >= 2 c - c^2 S. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops.
From Recurate Require Import winner binomial draw_moments.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Centred.
Variables (R : realFieldType) (T : finType) (p d : T -> R).
Hypotheses (law_p : is_law p) (mean0 : mean p d = 0).

(* Of independent candidates the mixed terms vanish. *)
Lemma mean_squares_total K :
  mean (draws (K := K) p) (fun c => (\sum_k d (c k) * d (c k)) * total_weight d c)
  = K%:R * moment p d 3.
Proof.
rewrite (@eq_mean _ _ _ (draws (K := K) p) _
  (fun c => \sum_i \sum_j (d (c i) * d (c i)) * d (c j))) //; last first.
  by move=> c; rewrite mulr_suml; apply: eq_bigr => i _; rewrite mulr_sumr.
rewrite mean_sum -[in K%:R](card_ord K) mulr_natl -sumr_const; apply: eq_bigr => i _.
rewrite mean_sum (bigD1 i) //= big1 ?addr0 => [|j ji]; last first.
  by rewrite (@mean_draws_two _ _ K p (fun x => d x * d x) d) // 1?eq_sym // mean0 mulr0.
rewrite (@mean_draws_one _ _ K p (fun x => d x * d x * d x)) //.
by apply: eq_mean => // x; rewrite !exprS expr0 mulr1 mulrA.
Qed.

End Centred.

Section SharpGain.
Variables (R : realFieldType) (T : finType) (K : nat) (p w : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (law_p : is_law p) (w_gt0 : forall x, 0 < w x).
Notation mu := (mean p w).
Notation V := (variance p w).
Notation kappa3 := (central_moment p w 3).
Notation d := (centred p w).
Notation gain := (mean (curated K p w) w - mu).

Let mean0 : mean p d = 0 := mean_centred w law_p.
Let mu_gt0 : 0 < mu := mean_gt0 law_p w_gt0.
Let V_ge0 : 0 <= V := variance_ge0 w law_p.
Let K1_ge0 : 0 <= K%:R - 1 :> R. Proof. by rewrite subr_ge0 ler1n. Qed.
Let KR_gt0 : 0 < K%:R :> R. Proof. by rewrite ltr0n. Qed.

(* E D S, S the total weight and D = sum_{i,j} (w_i - w_j)^2, each pair of places counted twice. *)
Lemma mean_spread_total : mean (draws (K := K) p) (fun c => spread w w c * total_weight w c)
  = K%:R * (K%:R - 1) * (K%:R * mu * V + kappa3) *+ 2.
Proof.
transitivity (mean (draws (K := K) p) (fun c => K%:R * mu * spread w w c
    + 2%:R * (K%:R * ((\sum_k d (c k) * d (c k)) * total_weight d c)
              - total_weight d c ^+ 3))).
  apply: eq_mean => // c.
  have -> : spread w w c = spread d d c.
    by apply: eq_bigr => i _; apply: eq_bigr => j _; rewrite /centred; ring.
  rewrite -[total_weight w c](subrK (K%:R * mu)) -total_weight_centred.
  rewrite spreadE -/(total_weight d c); move: (\sum_k _) (total_weight d c) => A B.
  by ring.
rewrite meanD !meanZ meanB meanZ mean_squares_total // mean_spread //.
rewrite -/(draws_moment K p d 3) draws_moment3 //.
by rewrite -[variance p w]/(covariance p w w) -/kappa3; ring.
Qed.

Lemma gain_spread : gain = (2 * K%:R)^-1
  * mean (draws (K := K) p) (fun c => spread w w c / total_weight w c).
Proof. by rewrite gain_of_curation // addrAC subrr add0r. Qed.

(* By the tangent of 1/S at any 1/c. *)
Lemma gain_ge_tangent c :
  (K%:R - 1) * (2%:R * c * V - c ^+ 2 * (K%:R * mu * V + kappa3)) <= gain.
Proof.
rewrite gain_spread.
have -> : (K%:R - 1) * (2%:R * c * V - c ^+ 2 * (K%:R * mu * V + kappa3))
    = (2 * K%:R)^-1 * mean (draws (K := K) p)
        (fun x => 2%:R * c * spread w w x - c ^+ 2 * (spread w w x * total_weight w x)).
  rewrite meanB !meanZ mean_spread_total mean_spread // -[covariance p w w]/V.
  by move: (_ + kappa3) => D; field; rewrite gt_eqF.
rewrite ler_pM2l ?invr_gt0 ?mulr_gt0 ?ltr0n //; apply: le_mean => [|x px].
  by case: (draws_is_law K law_p).
have D0 := spread_ge0 law_p (@ordered_alike_refl _ _ p w) px.
have S0 := total_weight_gt0 x K_gt0 w_gt0.
move: (spread _ _ _) (total_weight _ _) D0 S0 => D S D0 S0.
rewrite -subr_ge0.
have -> : D / S - (2%:R * c * D - c ^+ 2 * (D * S)) = D / S * (1 - c * S) ^+ 2.
  by field; rewrite gt_eqF.
by rewrite mulr_ge0 ?sqr_ge0 // divr_ge0 // ltW.
Qed.

(* K mu V + kappa3 = E (w + (K-1) mu) (w - mu)^2, so it is positive if V is, and then no quotient
   below is by zero. *)
Lemma moments_gt0 : 0 < V -> 0 < K%:R * mu * V + kappa3.
Proof.
move=> V0.
have -> : K%:R * mu * V + kappa3 = mean p (fun x => (w x + (K%:R - 1) * mu) * (d x * d x)).
  rewrite -[V]/(mean p (fun x => d x * d x)) -meanZ -meanD; apply: eq_mean => // x.
  by rewrite /centred; ring.
have [p0 _] := law_p.
have c0 x : 0 < w x + (K%:R - 1) * mu by rewrite ltr_pwDl // mulr_ge0 // ltW.
rewrite lt_neqAle andbC sumr_ge0 => [|x _]; last first.
  by rewrite mulr_ge0 // mulr_ge0 ?(ltW (c0 x)) // -expr2 sqr_ge0.
apply: contraTneq V0 => /esym/eqP; rewrite psumr_eq0 => [/allP none|x _]; last first.
  by rewrite mulr_ge0 // mulr_ge0 ?(ltW (c0 x)) // -expr2 sqr_ge0.
rewrite -leNgt le_eqVlt; apply/orP; left; apply/eqP/big1 => x _.
have /eqP := none x (mem_index_enum x); rewrite mulrCA => /eqP.
by rewrite mulf_eq0 (gt_eqF (c0 x)) => /eqP.
Qed.

(* The gain of one curation by the moments of the weight:
     E_{T(p)} w - mu >= (K-1) V^2 / (K mu V + kappa3),
   mu, V and kappa3 being mean, variance and third central moment of w under p. It asks for no upper
   bound on w. If V = 0 both sides are 0, whatever x/0 is; if V > 0 the denominator is positive. *)
Theorem gain_by_moments :
  (K%:R - 1) * V ^+ 2 / (K%:R * mu * V + kappa3) <= gain
  /\ (0 < V -> 0 < K%:R * mu * V + kappa3).
Proof.
split; last exact: moments_gt0.
have [V0|] := boolP (0 < V); last first.
  rewrite -leNgt => Vle; have V0 : V = 0 by apply/eqP; rewrite eq_le Vle V_ge0.
  by apply: le_trans (gain_ge_tangent 0); rewrite V0 expr0n /= !mulr0 !mul0r subrr mulr0.
have D0 := moments_gt0 V0; have := gain_ge_tangent (V / (K%:R * mu * V + kappa3)).
move: (_ + kappa3) D0 => D D0; apply: le_trans; rewrite le_eqVlt; apply/orP; left; apply/eqP.
by move: (variance p w) => v; field; rewrite gt_eqF.
Qed.

Variable bound : R.
Hypothesis le_bound : bounded_on_support p w bound.
Let b_gt0 : 0 < bound := bound_gt0 law_p w_gt0 le_bound.

Let mean_le_bound : mu <= bound.
Proof. by rewrite -[leRHS](mean_const bound law_p); apply: le_mean => //; case: law_p. Qed.

(* E (w_* - w)(w - mu)^2 >= 0 *)
Lemma third_moment_bound : kappa3 <= (bound - mu) * V.
Proof.
rewrite -[V]/(mean p (fun x => d x * d x)) -meanZ; apply: le_mean => [|x px]; first by case: law_p.
by rewrite /centred exprS expr2 ler_wpM2r ?lerD2r ?le_bound // -expr2 sqr_ge0.
Qed.

(* Lemma 2.2 of the paper, sharpened:
     E_{T(p)} w - mu >= (K-1) V^2/(K mu V + kappa3) >= (K-1) V/(w_* + (K-1) mu)
                     >= ((K-1)/K) V/w_*.
   p is p_t, curated K p w is T(p) = p_{t+1}, w is e^r; mu, V and kappa3 are mean, variance and
   third central moment of w under p; bound is w_*, of which only w <= w_* on the support of p is
   asked. K is finite. w may be constant: then every expression in the chain is 0. *)
Theorem lemma_2_2_sharp :
  [/\ (K%:R - 1) * V ^+ 2 / (K%:R * mu * V + kappa3) <= gain,
      (K%:R - 1) * V / (bound + (K%:R - 1) * mu)
        <= (K%:R - 1) * V ^+ 2 / (K%:R * mu * V + kappa3)
    & (K%:R - 1) / K%:R * (V / bound) <= (K%:R - 1) * V / (bound + (K%:R - 1) * mu)].
Proof.
have e0 : 0 < bound + (K%:R - 1) * mu by rewrite ltr_pwDl // mulr_ge0 // ltW.
split; first by case: gain_by_moments.
  have [V0|] := boolP (0 < V); last first.
    rewrite -leNgt => Vle; have -> : V = 0 by apply/eqP; rewrite eq_le Vle V_ge0.
    by rewrite expr0n /= !mulr0 !mul0r.
  have D0 := moments_gt0 V0; rewrite ler_pdivlMr // mulrAC ler_pdivrMr //.
  rewrite expr2 -!mulrA ler_wpM2l // ler_pM2l //.
  have := third_moment_bound; rewrite -(lerD2l (K%:R * (mu * V))) => /le_trans -> //.
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
have -> : (K%:R - 1) / K%:R * (V / bound) = (K%:R - 1) * V / (K%:R * bound).
  by field; rewrite !gt_eqF.
rewrite ler_wpM2l ?mulr_ge0 // ler_pV2 ?inE ?unitfE ?gt_eqF ?mulr_gt0 //.
have -> : K%:R * bound = bound + (K%:R - 1) * bound by ring.
by rewrite lerD2l ler_wpM2l // mean_le_bound.
Qed.

End SharpGain.

(* K = infinity, T(p) = p w/mu: the gain is V/mu. *)
Theorem gain_many_candidates (R : realFieldType) (T : finType) (p w : T -> R) :
  is_law p -> (forall x, 0 < w x) ->
  mean (winner None w p) w - mean p w = variance p w / mean p w.
Proof.
move=> lawp w0; have mu0 := mean_gt0 lawp w0.
rewrite mean_tilted /variance covarianceE //; move: (mean p w) mu0 => mu mu0.
by field; rewrite gt_eqF.
Qed.

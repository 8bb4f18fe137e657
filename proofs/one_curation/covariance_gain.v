(* What one curation gains: the covariance inequality, and Lemma 2.2 of the paper.

   For candidates c with total weight W, the winner's g exceeds the candidates' average by
     sum_k g_k w_k / W - (1/K) sum_k g_k = (1/(2 K W)) sum_{i,j} (g_i - g_j)(w_i - w_j),
   and W <= K w_*. No exchangeability is used. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Spread.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w g : T -> R).

(* sum_{i,j} (g_i - g_j)(w_i - w_j) *)
Definition spread K g w (c : {ffun 'I_K -> T}) :=
  \sum_i \sum_j (g (c i) - g (c j)) * (w (c i) - w (c j)).

Lemma spreadE K g w (c : {ffun 'I_K -> T}) :
  spread g w c
    = (K%:R * (\sum_k g (c k) * w (c k)) - (\sum_i g (c i)) * total_weight w c) *+ 2.
Proof.
rewrite /total_weight; set S := \sum_k g _ * _; set A := \sum_i g _; set B := \sum_k w _.
have row i : \sum_j (g (c i) - g (c j)) * (w (c i) - w (c j))
    = K%:R * (g (c i) * w (c i)) - g (c i) * B - w (c i) * A + S.
  rewrite -[in K%:R](card_ord K) mulr_natl -sumr_const !mulr_sumr -!sumrB -big_split /=.
  by apply: eq_bigr => j _; ring.
rewrite /spread (eq_bigr _ (fun i _ => row i)) big_split /= 2!sumrB.
rewrite -mulr_sumr -!mulr_suml sumr_const card_ord -/S -/A -/B -[S *+ K]mulr_natl.
ring.
Qed.

Lemma spread_ge0 K p g w (c : {ffun 'I_K -> T}) :
  is_law p -> ordered_alike p g w -> 0 < draws p c -> 0 <= spread g w c.
Proof.
move=> lawp alike pc; apply: sumr_ge0 => i _; apply: sumr_ge0 => j _.
by apply: alike; apply: (draws_gt0 (c := c)).
Qed.

(* E sum_{i,j} (g_i - g_j)(w_i - w_j) = 2 K (K-1) Cov_p(g, w) *)
Lemma mean_spread K p g w : is_law p ->
  mean (draws (K := K) p) (spread g w) = K%:R * (K%:R - 1) * covariance p g w *+ 2.
Proof.
move=> lawp; rewrite covarianceE //; set cross := mean p _; set product := _ * mean p w.
have pairs : mean (draws (K := K) p) (fun c => (\sum_i g (c i)) * total_weight w c)
    = K%:R * (cross + (K%:R - 1) * product).
  rewrite (@eq_mean _ _ _ (draws (K := K) p) _ (fun c => \sum_i \sum_j g (c i) * w (c j))) //;
    last by move=> c; rewrite mulr_suml; apply: eq_bigr => i _; rewrite mulr_sumr.
  rewrite mean_sum -[in K%:R](card_ord K) mulr_natl -sumr_const; apply: eq_bigr => i _.
  rewrite mean_sum (bigD1 i) //=; congr (_ + _).
    exact: (@mean_draws_one _ _ K p (fun x => g x * w x)).
  rewrite (eq_bigr (fun=> product)); last first.
    by move=> j ji; apply: mean_draws_two; rewrite // eq_sym.
  rewrite sumr_const cardC1 card_ord -mulr_natl.
  by case: K i => [[]|n] // _; rewrite [n.+1%:R]mulrS addrC addKr.
have same : mean (draws (K := K) p) (fun c => \sum_k g (c k) * w (c k)) = K%:R * cross.
  rewrite mean_sum -[in K%:R](card_ord K) mulr_natl -sumr_const; apply: eq_bigr => i _.
  exact: (@mean_draws_one _ _ K p (fun x => g x * w x)).
transitivity (mean (draws (K := K) p) (fun c => 2 *
   (K%:R * (\sum_k g (c k) * w (c k)) - (\sum_i g (c i)) * total_weight w c))).
  by apply: eq_mean => // c; rewrite spreadE -mulr_natl.
by rewrite meanZ meanB meanZ same pairs; ring.
Qed.

(* What the winner's g exceeds the candidates' average by. *)
Lemma gain_of_candidates K g w (c : {ffun 'I_K -> T}) : (0 < K)%N -> (forall x, 0 < w x) ->
  (\sum_k g (c k) * w (c k) / total_weight w c) - K%:R^-1 * (\sum_k g (c k))
    = (2 * K%:R)^-1 * (spread g w c / total_weight w c).
Proof.
move=> K0 w0; have W0 : total_weight w c != 0 by rewrite gt_eqF ?total_weight_gt0.
have K1 : K%:R != 0 :> R by rewrite pnatr_eq0 -lt0n.
by rewrite -mulr_suml spreadE; field; rewrite W0 K1.
Qed.

(* So the gain of a curation is an expectation over the candidates: an equality. *)
Lemma gain_of_curation K p g w : (0 < K)%N -> is_law p -> (forall x, 0 < w x) ->
  mean (curated K p w) g = mean p g
    + (2 * K%:R)^-1 * mean (draws (K := K) p) (fun c => spread g w c / total_weight w c).
Proof.
move=> K0 lawp w0; have K1 : K%:R != 0 :> R by rewrite pnatr_eq0 -lt0n.
have average : mean (draws (K := K) p) (fun c => K%:R^-1 * \sum_k g (c k)) = mean p g.
  rewrite meanZ mean_sum (eq_bigr (fun=> mean p g)); last first.
    by move=> i _; apply: mean_draws_one.
  by rewrite sumr_const card_ord -[mean p g *+ K]mulr_natl mulKf.
apply/eqP; rewrite addrC -subr_eq -average mean_curated -meanB -meanZ; apply/eqP.
by apply: eq_mean => // c; apply: gain_of_candidates.
Qed.

Lemma total_weight_le K p w bound (c : {ffun 'I_K -> T}) :
  is_law p -> bounded_on_support p w bound -> 0 < draws p c ->
  total_weight w c <= K%:R * bound.
Proof.
move=> lawp le_bound pc; rewrite -[in K%:R](card_ord K) mulr_natl -sumr_const.
by apply: ler_sum => k _; apply: le_bound; apply: (draws_gt0 (c := c)).
Qed.

(* The covariance inequality: any g ordered like w gains at least (K-1)/K Cov_p(g, w) / w_*.
   p is p_t, curated K p w is p_{t+1}, bound is w_*, of which only w <= w_* on the support of p
   is asked. *)
Theorem curation_covariance K p g w bound :
  (0 < K)%N -> is_law p -> (forall x, 0 < w x) ->
  bounded_on_support p w bound -> ordered_alike p g w ->
  mean p g + (K%:R - 1) / K%:R * (covariance p g w / bound) <= mean (curated K p w) g.
Proof.
move=> K0 lawp w0 le_bound alike; have lawd := draws_is_law K lawp.
have b0 := bound_gt0 lawp w0 le_bound.
have K1 : 0 < K%:R :> R by rewrite ltr0n.
rewrite gain_of_curation // lerD2l.
have -> : (K%:R - 1) / K%:R * (covariance p g w / bound)
    = (2 * K%:R)^-1 * mean (draws (K := K) p) (fun c => (K%:R * bound)^-1 * spread g w c).
  by rewrite meanZ mean_spread //; field; rewrite !gt_eqF.
rewrite ler_pM2l ?invr_gt0 ?mulr_gt0 ?ltr0n //; apply: le_mean => [|c pc]; first by case: lawd.
rewrite mulrC ler_wpM2l ?(spread_ge0 lawp alike pc) //.
by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?mulr_gt0 ?total_weight_gt0 // (total_weight_le lawp).
Qed.

(* Lemma 2.2 of the paper: E_{t+1} w >= E_t w + ((K-1)/K) Var_t w / w_*.
   p is p_t, curated K p w is p_{t+1}, w is e^r, bound is w_*. *)
Theorem lemma_2_2 K p w bound :
  (0 < K)%N -> is_law p -> (forall x, 0 < w x) -> bounded_on_support p w bound ->
  mean p w + (K%:R - 1) / K%:R * (variance p w / bound) <= mean (curated K p w) w.
Proof.
move=> K0 lawp w0 le_bound; apply: curation_covariance => //.
exact: ordered_alike_refl.
Qed.

End Spread.

(* The top weight gains in the pure loop: the odds factor behind Theorem 2.1 of the paper, and
   the speed limit. A is {x | w x = w_*}, its mass under p is q.

   Given the candidates, the top wins most rarely if all others weigh as much as they may, rho w_*.
   For that law of two weights the curation ratios are compared by Lemma 2.1. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R).

(* A = {w = w_*} *)
Definition top w (bound : R) : pred T := fun x => w x == bound.

(* All other weights are at most rho w_*, wherever p has mass. *)
Definition gap_below_top p w (bound rho : R) :=
  forall x, 0 < p x -> ~~ top w bound x -> w x <= rho * bound.

End Definitions.

Section Winner.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R) (A L : pred T).

(* The mass that the curated law gives a set: that of the winner being in it. *)
Lemma mass_curated K p w A : mass (curated K p w) A = mean (draws (K := K) p)
  (fun c => (\sum_k (A (c k))%:R * w (c k)) / total_weight w c).
Proof.
rewrite -mean_indicator mean_curated; apply: eq_mean => // c.
by rewrite mulr_suml; apply: eq_bigr => k _.
Qed.

(* T(p)(L) >= p(L)^K for any set L: the winner is in L when all candidates are.
   K is finite, the candidates are independent; L is any subset of T. *)
Theorem all_candidates_inside K p w L : (0 < K)%N -> is_law p -> (forall x, 0 < w x) ->
  mass p L ^+ K <= mass (curated K p w) L.
Proof.
move=> K0 lawp w0; rewrite mass_curated.
have -> : mass p L ^+ K = mean (draws (K := K) p) (fun c => \prod_k (L (c k))%:R).
  rewrite (mean_draws_prod p (fun _ x => (L x)%:R)).
  by under eq_bigr do rewrite mean_indicator; rewrite prodr_const card_ord.
apply: le_mean => [|c _]; first by case: (draws_is_law K lawp).
have W0 := total_weight_gt0 c K0 w0.
case: (boolP [forall k, L (c k)]) => [/forallP inside|/forallPn[k /negPf out]]; last first.
  rewrite (bigD1 k) //= out mul0r divr_ge0 ?(ltW W0) //; apply: sumr_ge0 => j _.
  by rewrite mulr_ge0 ?ler0n // ltW.
rewrite big1 => [|k _]; last by rewrite inside.
by under eq_bigr do rewrite inside mul1r; rewrite divff // gt_eqF.
Qed.

End Winner.

Section TwoWeights.
Variables (R : realFieldType) (T : finType) (K : nat).
Variables (p w : T -> R) (bound rho : R).
Hypotheses (K_gt0 : (0 < K)%N) (law_p : is_law p) (w_gt0 : forall x, 0 < w x).
Hypothesis le_bound : bounded_on_support p w bound.
Hypotheses (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1).
Hypothesis gap : gap_below_top p w bound rho.
Notation A := (top w bound).

Let bound_gt0 : 0 < bound := bound_gt0 law_p w_gt0 le_bound.

(* The worst weights: w_* on A and rho w_* elsewhere. *)
Definition raised x := if A x then bound else rho * bound.

Lemma raised_gt0 x : 0 < raised x.
Proof. by rewrite /raised; case: (A x); rewrite ?mulr_gt0. Qed.

Lemma raised_ge x : rho * bound <= raised x.
Proof. by rewrite /raised; case: (A x); rewrite // ler_piMl // ltW. Qed.

Lemma le_raised x : 0 < p x -> w x <= raised x.
Proof.
move=> px; rewrite /raised; have [_|notA] := boolP (A x); first exact: le_bound.
exact: gap.
Qed.

Lemma raised_wins_less : mass (curated K p raised) A <= mass (curated K p w) A.
Proof.
rewrite !mass_curated; apply: le_mean => [|c pc]; first by case: (draws_is_law K law_p).
have -> : \sum_k (A (c k))%:R * raised (c k) = \sum_k (A (c k))%:R * w (c k).
  apply: eq_bigr => k _; rewrite /raised; have [/eqP ->|_] := boolP (A (c k)) => //.
  by rewrite !mul0r.
rewrite ler_wpM2l //.
  by apply: sumr_ge0 => k _; rewrite mulr_ge0 ?ler0n // ltW.
rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?total_weight_gt0 //; try exact: raised_gt0.
by apply: ler_sum => k _; apply: le_raised; apply: (draws_gt0 (c := c)).
Qed.

(* 1/K + (1 - 1/K) rho *)
Definition odds_factor := (1 + (K%:R - 1) * rho) / K%:R.

(* The ratio where the weight is v. *)
Let ratio_at v := mean (draws (K := K.-1) p) (fun c => K%:R * v / (v + total_weight raised c)).

Lemma ratio_at_ge0 v : 0 < v -> 0 <= ratio_at v.
Proof.
move=> v0; apply: sumr_ge0 => c _; apply: mulr_ge0; first by case: (draws_is_law K.-1 law_p).
have S0 := total_weight_ge0 c raised_gt0.
by rewrite divr_ge0 ?mulr_ge0 ?ler0n ?addr_ge0 // ltW.
Qed.

Lemma ratio_off_top : ratio_at (rho * bound) <= odds_factor * ratio_at bound.
Proof.
rewrite -meanZ; apply: le_mean => [|c _]; first by case: (draws_is_law K.-1 law_p).
have K0 : 0 < K%:R :> R by rewrite ltr0n.
have S_ge : (K%:R - 1) * (rho * bound) <= total_weight raised c.
  have -> : K%:R - 1 = K.-1%:R :> R by rewrite -[in LHS](prednK K_gt0) mulrS addrC addKr.
  rewrite -[in K.-1%:R](card_ord K.-1) mulr_natl -sumr_const.
  by apply: ler_sum => k _; apply: raised_ge.
have S0 := total_weight_ge0 c raised_gt0; set S := total_weight _ _ in S_ge S0 *.
have rb0 : 0 < rho * bound by rewrite mulr_gt0.
have d0 : 0 < rho * bound + S by rewrite ltr_pwDl.
have d1 : 0 < bound + S by rewrite ltr_pwDl.
rewrite -subr_ge0.
have -> : odds_factor * (K%:R * bound / (bound + S)) - K%:R * (rho * bound) / (rho * bound + S)
    = bound * (1 - rho) * (S - (K%:R - 1) * (rho * bound))
      / ((bound + S) * (rho * bound + S)).
  by rewrite /odds_factor; field; rewrite !gt_eqF.
by rewrite divr_ge0 ?mulr_ge0 ?subr_ge0 ?(ltW d0) ?(ltW d1) ?(ltW bound_gt0).
Qed.

Lemma mass_raised : mass (curated K p raised) A = mass p A * ratio_at bound.
Proof.
rewrite /mass mulr_suml; apply: eq_bigr => x Ax.
by rewrite lemma_2_1 // /ratio; congr (_ * _); apply: eq_mean => // c; rewrite /raised Ax.
Qed.

Lemma mass_off_raised :
  mass (curated K p raised) (predC A) = mass p (predC A) * ratio_at (rho * bound).
Proof.
rewrite /mass mulr_suml; apply: eq_bigr => x /= /negPf Ax.
by rewrite lemma_2_1 // /ratio; congr (_ * _); apply: eq_mean => // c; rewrite /raised Ax.
Qed.

(* The odds against A, without dividing: (1 - q') q <= factor (1 - q) q'. *)
Lemma odds_step :
  (1 - mass (curated K p w) A) * mass p A
    <= odds_factor * ((1 - mass p A) * mass (curated K p w) A).
Proof.
have K0 : 0 < K%:R :> R by rewrite ltr0n.
have law_r := curated_is_law K_gt0 law_p raised_gt0.
have less := raised_wins_less.
have m0 : 0 <= mass p A by apply: mass_ge0; case: law_p.
have m1 := mass_le1 A law_p.
have f0 : 0 <= odds_factor.
  rewrite /odds_factor; apply: divr_ge0 (ltW K0); apply: (addr_ge0 ler01).
  by apply: mulr_ge0 (ltW rho_gt0); rewrite subr_ge0 ler1n.
apply: (@le_trans _ _ ((1 - mass (curated K p raised) A) * mass p A)).
  by rewrite ler_wpM2r // lerD2l lerN2.
apply: (@le_trans _ _ (odds_factor * ((1 - mass p A) * mass (curated K p raised) A))).
  rewrite -massC // mass_off_raised massC // mass_raised.
  have -> : odds_factor * ((1 - mass p A) * (mass p A * ratio_at bound))
    = (1 - mass p A) * (mass p A * (odds_factor * ratio_at bound)) by ring.
  rewrite -mulrA [X in _ * X]mulrC ler_wpM2l ?subr_ge0 // ler_wpM2l //.
  exact: ratio_off_top.
by rewrite !ler_wpM2l // subr_ge0.
Qed.

(* One step of Theorem 2.1, sharpened: odds_{t+1}(not A) <= (1/K + (1 - 1/K) rho) odds_t(not A).
   p is p_t, curated K p w is p_{t+1}, A = top w bound is {w = w_*}, rho w_* bounds all other
   weights on the support of p. Both odds divide by a positive mass: x/0 = 0 in the library. *)
Theorem theorem_2_1_odds : 0 < mass p A ->
  0 < mass (curated K p w) A /\
  (1 - mass (curated K p w) A) / mass (curated K p w) A
    <= odds_factor * ((1 - mass p A) / mass p A).
Proof.
move=> m_gt0; have m'_gt0 : 0 < mass (curated K p w) A.
  apply: lt_le_trans (all_candidates_inside A K_gt0 law_p w_gt0).
  by rewrite exprn_gt0.
split=> //; rewrite ler_pdivrMr //; set m := mass p A in m_gt0 *; set m' := mass _ A.
have -> : odds_factor * ((1 - m) / m) * m' = odds_factor * ((1 - m) * m') / m by ring.
rewrite ler_pdivlMr //; exact: odds_step.
Qed.

End TwoWeights.

(* Rewards off by delta move one curation by tanh(delta/2) at most, in total variation: the odds
   that the winner is in a set change by a factor e^(2 delta) at most, and the chance changes most
   where they go from e^delta to e^-delta. What it does to the loop's end is another file's. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation winner total_variation.
From Recurate Require Import concentration floor_functions.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R) (u : R).

(* |r - r'| <= delta wherever p has mass, for w = e^r, w' = e^r' and u = e^delta. *)
Definition within u p w w' := forall x, 0 < p x -> w x <= u * w' x /\ w' x <= u * w x.

(* tanh(delta/2) = (e^delta - 1)/(e^delta + 1), for u = e^delta. *)
Definition half_tanh u := (u - 1) / (u + 1).

End Definitions.

Section Odds.
Variable R : realFieldType.
Implicit Types (u x y : R).

(* Weights x in a set and y off it, and x', y': the chance of the set falls by no more than that. *)
Lemma chance_falls u x y x' y' : 1 <= u -> 0 <= x -> 0 <= y -> 0 <= x' -> 0 <= y' ->
  0 < x + y -> 0 < x' + y' -> x <= u * x' -> y' <= u * y ->
  x / (x + y) - x' / (x' + y') <= half_tanh u.
Proof.
move=> u1 x0 y0 x'0 y'0 s0 s'0 xx yy; have u0 : 0 < u := lt_le_trans ltr01 u1.
have v0 : 0 < u + 1 by rewrite addr_gt0 ?ltr01.
have d0 : 0 < x + u ^+ 2 * y.
  by apply: lt_le_trans s0 _; rewrite lerD2l ler_pemull // exprn_ege1.
rewrite -subr_ge0 /half_tanh.
have -> : (u - 1) / (u + 1) - (x / (x + y) - x' / (x' + y'))
  = ((u - 1) * (x - u * y) ^+ 2 * (x' + y') + (u + 1) * (u ^+ 2 * (x' * y) - x * y') * (x + y))
    / ((u + 1) * (x + u ^+ 2 * y) * ((x + y) * (x' + y'))).
  by field; rewrite !gt_eqF.
apply: divr_ge0; last by rewrite ltW // !mulr_gt0.
have odds : x * y' <= u ^+ 2 * (x' * y).
  have -> : u ^+ 2 * (x' * y) = (u * x') * (u * y) by ring.
  exact: ler_pM.
apply: addr_ge0; first by apply: mulr_ge0 (ltW s'0); rewrite mulr_ge0 ?sqr_ge0 ?subr_ge0.
by apply: mulr_ge0 (ltW s0); rewrite mulr_ge0 ?subr_ge0 ?(ltW v0).
Qed.

(* b^K + (1 - b)^K >= 2^(1 - K) *)
Lemma alike_ge (K : nat) (b : R) : (0 < K)%N -> 0 <= b <= 1 ->
  2%:R^-1 ^+ K.-1 <= b ^+ K + (1 - b) ^+ K.
Proof.
move=> K0 /andP[b0 b1]; have half0 : 0 <= 2%:R^-1 :> R by rewrite invr_ge0 ler0n.
have c0 : 0 <= 1 - b by rewrite subr_ge0.
apply: le_trans (lerD (power_tangent K half0 b0) (power_tangent K half0 c0)).
rewrite -{1}(prednK K0) /=; case: K K0 => // n _ /=; rewrite exprS.
move: (_ ^+ n) => z; rewrite le_eqVlt; apply/orP; left; apply/eqP.
by field.
Qed.

End Odds.

Section WrongRewards.
Variables (R : realFieldType) (T : finType).
Variables (u : R) (p w w' : T -> R).
Hypotheses (law_p : is_law p) (w_gt0 : forall x, 0 < w x) (w'_gt0 : forall x, 0 < w' x).
Hypothesis near : within u p w w'.

Lemma within_ge1 : 1 <= u.
Proof.
have [x px] := law_has_support law_p; have [le_w le_w'] := near px.
have u0 : 0 < u by rewrite -(pmulr_lgt0 _ (w'_gt0 x)) (lt_le_trans (w_gt0 x)).
have : w x <= u * (u * w x) by apply: le_trans le_w _; rewrite ler_wpM2l // ltW.
rewrite mulrA ler_pmull // -expr2 => u2; rewrite leNgt; apply: contraTN u2 => u1.
by rewrite -ltNge exprn_ilt1 // ltW.
Qed.

(* The winner's law is in B with chance x/(x + y), x and y the weights in and off B. *)
Lemma winner_inf_falls B :
  mass (winner None w p) B - mass (winner None w' p) B <= half_tanh u.
Proof.
have tiltedE v : mass (tilted v p) B = mean p (fun x => (B x)%:R * v x)
    / (mean p (fun x => (B x)%:R * v x) + mean p (fun x => (~~ B x)%:R * v x)).
  rewrite -mean_indicator mean_tilted -meanD; congr (_ / _); apply: eq_mean => // x.
    by rewrite mulrC.
  by case: (B x); rewrite ?mul1r ?mul0r ?addr0 ?add0r.
have part_ge0 (B' : pred T) v : (forall x, 0 < v x) -> 0 <= mean p (fun x => (B' x)%:R * v x).
  by move=> v0; apply: sumr_ge0 => x _; rewrite !mulr_ge0 ?ler0n ?(proj1 law_p) ?(ltW (v0 x)).
have part_le (B' : pred T) v v' : (forall x, 0 < p x -> v x <= u * v' x) ->
    mean p (fun x => (B' x)%:R * v x) <= u * mean p (fun x => (B' x)%:R * v' x).
  move=> vv; rewrite -meanZ; apply: le_mean => [|x px]; first by case: law_p.
  by rewrite mulrCA ler_wpM2l ?ler0n ?vv.
have all_gt0 v : (forall x, 0 < v x) ->
    0 < mean p (fun x => (B x)%:R * v x) + mean p (fun x => (~~ B x)%:R * v x).
  move=> v0; rewrite -meanD; apply: mean_gt0 => // x.
  by case: (B x); rewrite ?mul1r ?mul0r ?addr0 ?add0r.
rewrite /= !tiltedE; apply: chance_falls; rewrite ?part_ge0 ?all_gt0 ?within_ge1 //.
  by apply: part_le => x /near[].
by apply: (part_le (predC B)) => x /near[].
Qed.

Lemma winner_finite_falls (K : nat) B : (0 < K)%N ->
  mass (curated K p w) B - mass (curated K p w') B
    <= (1 - (mass p B ^+ K + (1 - mass p B) ^+ K)) * half_tanh u.
Proof.
move=> K0; have lawd := draws_is_law K law_p; rewrite !mass_curated -meanB.
have all_in (L : pred T) : mass p L ^+ K = mean (draws (K := K) p) (fun c => \prod_k (L (c k))%:R).
  rewrite (mean_draws_prod p (fun _ x => (L x)%:R)).
  by under eq_bigr do rewrite mean_indicator; rewrite prodr_const card_ord.
have -> : 1 - (mass p B ^+ K + (1 - mass p B) ^+ K) = mean (draws (K := K) p)
    (fun c => 1 - (\prod_k (B (c k))%:R + \prod_k (~~ B (c k))%:R)).
  by rewrite meanB (mean_const _ lawd) meanD -massC // !all_in.
rewrite mulrC -meanZ.
apply: le_mean => [|c pc]; first by case: lawd.
have part_ge0 (L : pred T) (v : T -> R) : (forall x, 0 < v x) -> 0 <= \sum_k (L (c k))%:R * v (c k).
  by move=> v0; apply: sumr_ge0 => k _; rewrite mulr_ge0 ?ler0n // ltW.
have part_le (L : pred T) (v v' : T -> R) : (forall x, 0 < p x -> v x <= u * v' x) ->
    \sum_k (L (c k))%:R * v (c k) <= u * \sum_k (L (c k))%:R * v' (c k).
  move=> vv; rewrite mulr_sumr; apply: ler_sum => k _; rewrite mulrCA ler_wpM2l ?ler0n ?vv //.
  exact: draws_gt0 pc.
have split_total (v : T -> R) : total_weight v c
    = \sum_k (B (c k))%:R * v (c k) + \sum_k (~~ B (c k))%:R * v (c k).
  rewrite -big_split; apply: eq_bigr => k _.
  by case: (B (c k)) => /=; rewrite ?mul1r ?mul0r ?addr0 ?add0r.
have W0 := total_weight_gt0 c K0 w_gt0; have W'0 := total_weight_gt0 c K0 w'_gt0.
have u1 := within_ge1; have t0 : 0 <= half_tanh u.
  by rewrite divr_ge0 ?subr_ge0 // addr_ge0 ?ler01 // (le_trans ler01).
have no_prod (L : pred T) k : ~~ L (c k) -> \prod_k (L (c k))%:R = 0 :> R.
  by move=> /negPf out; rewrite (bigD1 k) //= out mul0r.
have [/forallP inside|/forallPn[i off]] := boolP [forall k, B (c k)].
  have all_of (v : T -> R) : \sum_k (B (c k))%:R * v (c k) = total_weight v c.
    by apply: eq_bigr => k _; rewrite inside mul1r.
  rewrite !all_of !divff ?gt_eqF // subrr [X in 1 - (X + _)]big1 => [|k _]; last by rewrite inside.
  by rewrite (no_prod (predC B) (Ordinal K0)) /= ?inside // addr0 subrr mulr0.
have [/forallP outside|/forallPn[j on]] := boolP [forall k, ~~ B (c k)].
  have none_of (v : T -> R) : \sum_k (B (c k))%:R * v (c k) = 0.
    by apply: big1 => k _; rewrite (negPf (outside k)) mul0r.
  rewrite !none_of !mul0r subrr [X in _ - (_ + X)]big1 => [|k _]; last by rewrite /= outside.
  by rewrite (no_prod B i off) add0r subrr mulr0.
rewrite (no_prod B i off) (no_prod (predC B) j on) addr0 subr0 mulr1.
rewrite !split_total; rewrite !split_total in W0 W'0.
apply: chance_falls; rewrite ?part_ge0 // ?(part_ge0 (predC B)) //.
  by apply: part_le => x /near[].
by apply: (part_le (predC B)) => x /near[].
Qed.

(* For finite K, tanh(delta/2) may be multiplied by 1 - 2^(1 - K). *)
Theorem wrong_rewards_finite (K : nat) : (0 < K)%N ->
  total_variation (curated K p w) (curated K p w') <= (1 - 2%:R^-1 ^+ K.-1) * half_tanh u.
Proof.
move=> K0; have [law1 law2] := (curated_is_law K0 law_p w_gt0, curated_is_law K0 law_p w'_gt0).
have [-> _] := TV_positive_part law1 law2; rewrite sumrB.
apply: le_trans (winner_finite_falls _ K0) _; rewrite ler_wpM2r //.
  have u1 := within_ge1.
  by rewrite divr_ge0 ?subr_ge0 // addr_ge0 ?ler01 // (le_trans ler01).
rewrite lerD2l lerN2 alike_ge //.
by rewrite mass_le1 // mass_ge0 //; case: law_p.
Qed.

(* wrong-rewards, one curation: TV(T_r p, T_r' p) <= tanh(delta/2), for every K.
   w = e^r, w' = e^r', u = e^delta: within u p w w' says that |r - r'| <= delta on the support of p,
   half_tanh u is tanh(delta/2); K is Some K with K >= 1, or None for infinity. *)
Theorem wrong_rewards (K : option nat) : at_least 1 K ->
  total_variation (winner K w p) (winner K w' p) <= half_tanh u.
Proof.
have u1 := within_ge1; case: K => [K|] /= K0.
  apply: le_trans (wrong_rewards_finite K0) _; rewrite ler_piMl //.
    by rewrite divr_ge0 ?subr_ge0 // addr_ge0 ?ler01 // (le_trans ler01).
  by rewrite lerBlDr lerDl exprn_ge0 // invr_ge0 ler0n.
have law1 : is_law (tilted w p) by apply: (winner_is_law (K := None)).
have law2 : is_law (tilted w' p) by apply: (winner_is_law (K := None)).
by have [-> _] := TV_positive_part law1 law2; rewrite sumrB; apply: winner_inf_falls.
Qed.

End WrongRewards.

(* Instances that compute, of many candidates and of K = infinity: weights 1 and 3 of equal masses,
   the example of docs/mathematics.md in lemma-2.1 and lemma-2.1-next-order. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences exp.
From Recurate Require Import compatibility finite_law curation loops winner sanity divergence.
From Recurate Require Import draw_moments many_candidates_bound many_candidates next_order.
From Recurate Require Import concentration limits infinite_candidates regularised_reward.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section OneAndThree.
Variable R : realType.
Let half (x : bool) : R := 1 / 2%:R.
Let w (x : bool) : R := if x then 3%:R else 1.

Lemma half_is_law : is_law half.
Proof. by split=> [x|]; rewrite /half ?divr_ge0 ?ler0n // big_bool /=; field. Qed.

Lemma one_or_three_gt0 x : 0 < w x.
Proof. by case: x; rewrite /w ?ltr0n. Qed.

Let mean2 : mean half w = 2%:R.
Proof. by rewrite /mean big_bool /= /half /w; field. Qed.

(* K = 2: H(3) = 1/2 6/(3 + 3) + 1/2 6/(3 + 1) = 5/4; K = infinity: 3/2. The former is at least
   2 3/(3 + 2) = 6/5, the bound of winner_ratio_below. *)
Theorem ratio_five_quarters : winner_ratio (Some 2%N) w half 3%:R = 5%:R / 4%:R
  /\ winner_ratio None w half 3%:R = 3%:R / 2%:R.
Proof.
split; last by rewrite /= mean2.
rewrite -[LHS]/(ratio 2 half w true) two_candidates big_bool /= /half /w.
by field.
Qed.

(* The central moments are 0, 1, 0, 1; of the sum of two weights 0, 2, 0, 2 + 6 = 8. *)
Theorem fourth_moment_eight : central_moment half w 4 = 1
  /\ draws_moment 2 half (centred half w) 4 = 8%:R.
Proof.
have c x : centred half w x = if x then 1 else - 1.
  by rewrite /centred mean2; case: x; rewrite /w; ring.
have m k : central_moment half w k = (1 + (- 1) ^+ k) / 2%:R.
  rewrite /central_moment /moment /mean big_bool /= !c expr1n /half.
  by move: ((- 1) ^+ k) => s; field.
have m4 : central_moment half w 4 = 1 by rewrite m -signr_odd /=; field.
split=> //; rewrite draws_moment4 ?mean_centred //; try exact: half_is_law.
rewrite -/(central_moment half w 4) -/(central_moment half w 2) m4 m.
by field.
Qed.

(* The example of the prose: E_p w -> 5/2 at K = infinity, and K (E_{T_K(p)} w - 5/2) -> -3/8. *)
Theorem minus_three_eighths : mean (tilted w half) w = 5%:R / 2%:R
  /\ (fun K => K%:R * (mean (curated K half w) w - 5%:R / 2%:R)) --> - (3%:R / 8%:R : R).
Proof.
have five : mean (tilted w half) w = 5%:R / 2%:R.
  by rewrite mean_tilted mean2 /mean big_bool /= /half /w; field.
split=> //; have := @next_order_mean R _ half w w half_is_law one_or_three_gt0; rewrite five mean2.
have -> : mean half (fun x => w x ^+ 2) = 5%:R by rewrite /mean big_bool /= /half /w; field.
rewrite [X in _ --> X -> _](_ : _ = - (3%:R / 8%:R)) //.
by rewrite /mean big_bool /= /half /w; field.
Qed.

(* K = infinity, two steps: masses 1 : 9, so p_2 = (1/10, 9/10); KL(p_*||p_t) = ln(1 + (1/3)^t),
   p_* all on the weight 3. *)
Theorem one_tenth : pure_winner_loop None w half 2 false = 1 / 10%:R.
Proof.
rewrite pure_infinite_loop; [|exact: half_is_law|exact: one_or_three_gt0].
by rewrite /tilted /mean big_bool /= /half /w; field.
Qed.

Theorem ln_one_and_third t : KL (conditioned half (top w 3%:R)) (pure_winner_loop None w half t)
  = ln (1 + (1 / 3%:R) ^+ t).
Proof.
have q : mass half (top w 3%:R) = 1 / 2%:R.
  by rewrite /mass big_mkcond big_bool /= /top /w eqxx [1 == _]eq_sym pnatr_eq1 addr0.
have le3 : bounded_on_support half w 3%:R by case=> _; rewrite /w ?ler1n.
have [|_ _ ->] := @theorem_2_1_k_inf R _ half w 3%:R half_is_law one_or_three_gt0 le3 _ t.
  by rewrite q divr_gt0 ?ltr0n.
rewrite q /below_top big_mkcond big_bool /= /w ltxx ltr1n add0r /half.
by congr (ln (1 + _)); move: (_ ^+ t) => s; field.
Qed.

(* RLHF from p_0 of equal masses with rewards 0 and ln 3, beta = 1: Z = 2, p' = (1/4, 3/4), and the
   optimum is ln 2. *)
Theorem optimum_ln_two : let r x := ln (w x) in [/\ partition_function 1 r half = 2%:R,
  reward_tilted 1 r half true = 3%:R / 4%:R
  & regularised_reward 1 r half (reward_tilted 1 r half) = ln 2%:R].
Proof.
move=> r; have e x : expR (r x / 1) = w x by rewrite divr1 lnK ?posrE ?one_or_three_gt0.
have Z : partition_function 1 r half = 2%:R by rewrite /partition_function -mean2; apply: eq_mean.
split=> //; first by rewrite /reward_tilted Z e /half /w; field.
have [//|_ _ _ -> _] := @kl_regularised_reward R _ 1 r half ltr01 half_is_law half half_is_law.
by rewrite Z mul1r.
Qed.

(* h of p = (1/2, 1/2) and p' = (1/50, 49/50): 1/2 (1 - 1/5)^2 + 1/2 (1 - 7/5)^2 = 2/5. *)
Theorem root_gap_two_fifths :
  root_gap half (fun x : bool => (if x then 7%:R else 1) ^+ 2 / 50%:R) = 2%:R / 5%:R.
Proof.
rewrite /root_gap /mean big_bool /= /half.
have root (a : R) : 0 <= a -> Num.sqrt (a ^+ 2 / 50%:R / (1 / 2%:R)) = a / 5%:R.
  move=> a0; have -> : a ^+ 2 / 50%:R / (1 / 2%:R) = (a / 5%:R) ^+ 2 by field.
  by rewrite sqrtr_sqr ger0_norm // divr_ge0 ?ler0n.
by rewrite !root ?ler0n //; field.
Qed.

End OneAndThree.

(* How far the empirical law of N draws is from the law they are drawn from: in total variation, in
   the mean, by no more than ((n - 1)/N)^(1/2)/2 on n atoms. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation total_variation draw_moments.
From Recurate Require Import training_sets.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section EmpiricalLaw.
Variables (R : realFieldType) (T : finType) (N : nat) (q : T -> R).
Hypotheses (N_gt0 : (0 < N)%N) (law_q : is_law q).
Notation n := (#|T|%:R : R).

Let N0 : 0 < N%:R :> R. Proof. by rewrite ltr0n. Qed.
Let n0 : 0 < n.
Proof. by rewrite ltr0n; apply/card_gt0P; have [x _] := law_has_support law_q; exists x. Qed.

(* E (Q(x) - q(x))^2 = q(x) (1 - q(x))/N: the number of draws at x is binomial. *)
Lemma empirical_variance x : mean (draws q)
    (fun y : {ffun 'I_N -> T} => (empirical R y x - q x) ^+ 2) = q x * (1 - q x) / N%:R.
Proof.
pose at_x y : R := (y == x)%:R.
have meanE : mean q at_x = q x.
  by rewrite (mean_indicator q (pred1 x)) /mass (big_pred1 x).
transitivity (N%:R ^- 2 * draws_moment N q (centred q at_x) 2).
  rewrite -meanZ; apply: eq_mean => // y; rewrite total_weight_centred meanE.
  rewrite /empirical -[\sum_i _]/(total_weight at_x y); move: (total_weight at_x y) => S.
  by field; rewrite gt_eqF.
rewrite draws_moment2 //; last exact: mean_centred.
have := central_moment2 q at_x; rewrite /central_moment => ->.
rewrite /variance covarianceE // meanE.
have -> : mean q (fun y => at_x y * at_x y) = q x.
  by rewrite -[RHS]meanE; apply: eq_mean => // y; rewrite /at_x -natrM mulnb andbb.
by move: (q x) => v; field; rewrite gt_eqF.
Qed.

(* (sum of n numbers)^2 <= n (sum of their squares) *)
Lemma sum_square_le (f : T -> R) : (\sum_x f x) ^+ 2 <= n * \sum_x f x ^+ 2.
Proof.
set S := \sum_x f x; rewrite -subr_ge0 -(pmulr_rge0 _ n0).
have -> : n * (n * (\sum_x f x ^+ 2) - S ^+ 2) = \sum_x (n * f x - S) ^+ 2; last first.
  by apply: sumr_ge0 => x _; apply: sqr_ge0.
transitivity (\sum_x (n ^+ 2 * f x ^+ 2 - 2%:R * n * S * f x + S ^+ 2)); last first.
  by apply: eq_bigr => x _; ring.
rewrite big_split /= sumrB -!mulr_sumr -/S sumr_const -[S *+ _]mulr_natl.
have -> : #|xpredT : pred T| = #|T| by apply: eq_card.
by move: n (\sum_x _) => k s; ring.
Qed.

(* (E TV(Q, q))^2 <= (n - 1)/(4 N), without a root. *)
Theorem empirical_law_square : mean (draws q)
    (fun y : {ffun 'I_N -> T} => total_variation (empirical R y) q) ^+ 2 <= (n - 1) / (4%:R * N%:R).
Proof.
have lawd := draws_is_law N law_q; set tv := (X in mean _ X ^+ 2).
apply: (@le_trans _ _ (mean (draws q) (fun y => tv y ^+ 2))).
  have := variance_ge0 tv lawd; rewrite /variance covarianceE // subr_ge0 -expr2.
  by move/le_trans; apply; rewrite le_eqVlt; apply/orP/or_introl/eqP/eq_mean.
apply: (@le_trans _ _ (mean (draws q) (fun y : {ffun 'I_N -> T} =>
    n / 4%:R * \sum_x (empirical R y x - q x) ^+ 2))).
  apply: le_mean => [|y _]; first by case: lawd.
  rewrite /tv /total_variation exprMn exprVn -natrX [leRHS]mulrAC ler_pM2r ?invr_gt0 ?ltr0n //.
  apply: le_trans (sum_square_le _) _; rewrite le_eqVlt; apply/orP; left; apply/eqP.
  by congr (_ * _); apply: eq_bigr => x _; rewrite real_normK ?num_real.
rewrite meanZ mean_sum; under eq_bigr do rewrite empirical_variance mulrBr mulr1.
rewrite -mulr_suml sumrB (proj2 law_q).
have squares : n^-1 <= \sum_x q x * q x.
  have := sum_square_le q; rewrite (proj2 law_q) expr1n -ler_pdivr_mull // mulr1 => sq.
  by apply: le_trans sq _; apply: ler_sum => x _; rewrite expr2.
have -> : (n - 1) / (4%:R * N%:R) = n / 4%:R * ((1 - n^-1) / N%:R).
  by move: n n0 => k k0; field; rewrite !gt_eqF ?ltr0n.
rewrite ler_wpM2l ?divr_ge0 ?ler0n ?(ltW n0) // ler_wpM2r ?invr_ge0 ?(ltW N0) //.
by rewrite lerD2l lerN2.
Qed.

End EmpiricalLaw.

(* finite-sample-loop, one round: E TV(Q, T) <= ((n - 1)/N)^(1/2)/2.
   q is T, the law of the winners or any other, on n = #|T| atoms, some of which may have no mass;
   Q is the empirical law of N >= 1 independent draws y from it. *)
Theorem empirical_law_distance (R : rcfType) (T : finType) (N : nat) (q : T -> R) :
  (0 < N)%N -> is_law q -> mean (draws q)
    (fun y : {ffun 'I_N -> T} => total_variation (empirical R y) q)
    <= Num.sqrt ((#|T|%:R - 1) / N%:R) / 2%:R.
Proof.
move=> N_gt0 law_q; have sq := empirical_law_square N_gt0 law_q.
have e0 : 0 <= mean (draws q) (fun y : {ffun 'I_N -> T} => total_variation (empirical R y) q).
  by apply: sumr_ge0 => y _; rewrite mulr_ge0 ?TV_ge0 ?(proj1 (draws_is_law N law_q)).
rewrite ler_pdivlMr ?ltr0n // -[leLHS]ger0_norm ?mulr_ge0 ?ler0n // -sqrtr_sqr ler_wsqrtr //.
have N0 : 0 < N%:R :> R by rewrite ltr0n.
rewrite exprMn -ler_pdivlMr ?exprn_gt0 ?ltr0n //; apply: le_trans sq _.
by rewrite le_eqVlt; apply/orP; left; apply/eqP; field; rewrite gt_eqF.
Qed.

(* Instances that compute, of sums of exponentials and of the surplus: equal masses, weights 1 and
   2, at s = ln 2, where e^{-s} = 1/2. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops winner sanity sanity_moments.
From Recurate Require Import exponential_sums partial_ratio surplus.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section OneAndTwo.
Variable R : realType.
Let half (x : bool) : R := 1 / 2%:R.
Let w (x : bool) : R := if x then 2%:R else 1.
Let r (x : bool) : R := if x then ln 2%:R else 0.

Let exp_ln2 n : expR (- (ln 2%:R * n%:R)) = (1 / 2%:R) ^+ n :> R.
Proof.
elim: n => [|n IH]; first by rewrite mulr0 oppr0 expR0 expr0.
rewrite -[n.+1]addn1 natrD mulrDr mulr1 opprD expRD IH expRN lnK ?posrE ?ltr0n //.
by rewrite addn1 exprSr div1r.
Qed.

Let weightsE x : weights r x = w x.
Proof. by rewrite /weights /r /w; case: x; rewrite ?expR0 // lnK // posrE ltr0n. Qed.

(* 1/2 (1/4) + 1/2 (1/2) = 3/8. For a = 2, b = 1 and n = 3: b^2 + 2 a b + 3 a^2 = 1 + 4 + 12. *)
Theorem exponential_sum_three_eighths : exponential_sum half w (ln 2%:R) = 3%:R / 8%:R
  /\ power_gap 3 2%:R 1 = 17%:R :> R.
Proof.
split; last by rewrite /power_gap; ring.
rewrite /exponential_sum big_bool /w /= exp_ln2.
have -> : expR (- (ln 2%:R * 1)) = (1 / 2%:R) ^+ 1 :> R by rewrite -(exp_ln2 1).
by rewrite /half; field.
Qed.

(* K = 2, v = 1: 1/2 (2/3) (1 - 1/8) + 1/2 1 (1 - 1/4) = 2/3. *)
Theorem partial_ratio_two_thirds : partial_ratio 1 w half 1 (ln 2%:R) = 2%:R / 3%:R.
Proof.
have H : winner_ratio (Some 2%N) w half 1 = \sum_y half y * (2%:R * 1 / (1 + w y)).
  rewrite -(sum_draws1 half (fun y => 2%:R * 1 / (1 + w y))) /=.
  by apply: eq_mean => // c; rewrite /total_weight big_ord1.
pose F y := 2%:R * 1 / (1 + w y) * expR (- (ln 2%:R * (1 + w y))).
rewrite /partial_ratio H; set rest := exponential_sum _ _ _.
have -> : rest = mean (draws (K := 1) half) (fun c => F (c ord0)).
  by apply: eq_bigr => c _; rewrite /total_weight big_ord1 [RHS]mulrA.
have e n : expR (- (ln 2%:R * (1 + n%:R))) = (1 / 2%:R) ^+ n.+1 :> R.
  by rewrite -(exp_ln2 n.+1) -[n.+1]add1n natrD.
have [e1 e2] := (e 1%N, e 2%N).
by rewrite sum_draws1 !big_bool /F /w /= e1 e2 /half; field.
Qed.

(* E r = (ln 2)/2 for K = 1; for K = 2 the sums 4, 3 and 2 have the probabilities 1/4, 1/2, 1/4;
   for K = infinity it is the logarithm of the mean weight. *)
Theorem surplus_values :
  [/\ surplus (Some 1%N) half r = ln 2%:R / 2%:R,
      surplus (Some 2%N) half r = 3%:R / 4%:R * ln 2%:R + ln 3%:R / 2%:R
    & surplus None half r = ln (3%:R / 2%:R)].
Proof.
have mean_w : mean half w = 3%:R / 2%:R by rewrite /mean big_bool /half /w /=; field.
split; last by rewrite /= -mean_w; congr (ln _); apply: eq_mean.
  transitivity (mean (draws (K := 1) half) (fun c => ln (w (c ord0)))).
    by apply: eq_mean => // c; rewrite /total_weight big_ord1 weightsE.
  by rewrite (sum_draws1 half (fun x => ln (w x))) big_bool /= /w ln1 /half; field.
have ln4 : ln 4%:R = 2%:R * ln 2%:R :> R.
  have -> : 4%:R = 2%:R * 2%:R :> R by ring.
  by rewrite lnM ?posrE ?ltr0n //; ring.
rewrite /surplus /mean sum_pairs !big_bool /draws /total_weight.
rewrite !big_ord_recl !big_ord0 !ffunE !weightsE /= /w.
have -> : 2%:R + (2%:R + 0) = 4%:R :> R by ring.
have -> : 2%:R + (1 + 0) = 3%:R :> R by ring.
have -> : 1 + (2%:R + 0) = 3%:R :> R by ring.
have -> : 1 + (1 + 0) = 2%:R :> R by ring.
rewrite ln4 /half; move: (ln _) (ln _) => a b.
by field.
Qed.

(* The reward of the better answer is what 0 becomes if it is raised by ln 2. *)
Theorem raised_by_ln_two : raised_in (pred1 true) (ln 2%:R) (fun=> 0) =1 r.
Proof. by case; rewrite /raised_in /r ?mulr1 ?mulr0 add0r. Qed.

End OneAndTwo.

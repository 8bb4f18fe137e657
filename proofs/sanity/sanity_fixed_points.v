(* Instances of fixed points that compute: two weights 1/2 and 1, of which the reference gives 1/3
   to the larger. docs/mathematics.md, fixed-point-two-point: the fixed point has mass 1/2 there for
   K = 2 and lam = 2, and for K = infinity and lam = 1. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals.
From Recurate Require Import compatibility finite_law curation loops winner total_variation.
From Recurate Require Import concentration ceiling choices training_sets attraction.
From Recurate Require Import finite_samples winner_derivative winner_form spectrum interlacing
  sanity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Definition half_or_one (x : bool) : rat := if x then 1 else 1 / 2.
Definition a_third (x : bool) : rat := if x then 1 / 3%:R else 2 / 3%:R.
Notation A := (top half_or_one 1).

Lemma mass_A (p : bool -> rat) : mass p A = p true.
Proof. by apply: big_pred1; case. Qed.

(* (The terms isT and erefl spare the search of the library's hints for positive reals.) *)
Lemma a_third_is_law : is_law a_third.
Proof. by split=> [[]|]; [exact: isT|exact: isT|rewrite big_bool; exact: erefl]. Qed.

Lemma half_or_one_gt0 x : 0 < half_or_one x.
Proof. by case: x; exact: isT. Qed.

(* The hypotheses of global_attraction are met: q = 1/3, and both are laws on weights up to 1. *)
Theorem a_third_at_the_top :
  [/\ law_below half_or_one 1 a_third, law_below half_or_one 1 halves & mass a_third A = 1 / 3%:R].
Proof.
rewrite mass_A; split; [split; first exact: a_third_is_law|split; first exact: halves_is_law|by []].
  by case.
by case.
Qed.

Theorem half_for_two :
  is_fixed_point 2 a_third (winner (Some 2%N) half_or_one) halves.
Proof. by case; rewrite /winner lemma_2_1 // two_candidates big_bool /=. Qed.

Theorem half_for_infinity : is_fixed_point 1 a_third (winner None half_or_one) halves.
Proof. by case; rewrite /winner /tilted /mean big_bool /=. Qed.

(* c = 1 - m q/p(A) = 7/9 = a H(1), as 1/3 (1/3)/(1/2) = 2/9 and (2/3)(7/6) = 7/9. *)
Theorem seven_ninths : 1 - mass a_third A / (1 + 2) / mass halves A = 7%:R / 9%:R
  /\ winner_ratio (Some 2%N) half_or_one halves 1 = 7%:R / 6%:R.
Proof.
split; first by rewrite !mass_A.
by rewrite -[1]/(half_or_one true) -[winner_ratio _ _ _ _]/(ratio 2 _ _ _) two_candidates big_bool.
Qed.

(* loop_contraction's hypothesis is met, too: mu = 2/3, h = 1 + 1/3, lam (h - 1) = 2/3 < 1. *)
Theorem four_thirds : mean a_third half_or_one = 2 / 3%:R
  /\ largest_ratio (Some 2%N) (mean a_third half_or_one / 1) = 4%:R / 3%:R.
Proof.
have mu : mean a_third half_or_one = 2 / 3%:R by rewrite /mean big_bool.
by split=> //; rewrite mu /largest_ratio !big_ord_recl big_ord0.
Qed.

(* One round with one winner, K = 1, lam = 1, from equal masses that are real data and fixed point:
   p_1 is (3/4, 1/4) or (1/4, 3/4), at a distance of a/2 = 1/4. The bound of finite_sample_loop is
   (1 - c) lam (p(A)/q) 1/2 = 1/4, as q = p(A), c = a = 1/2. *)
Theorem one_winner_quarter : mean_after (N := 1) (winner (Some 1%N) half_or_one)
  (retrained_on 1 halves) 1 (fun p => total_variation p halves) halves = 1 / 4%:R.
Proof.
pose G x := total_variation (fun z => halves z / (1 + 1) + 1 / (1 + 1) * (x == z)%:R) halves.
transitivity (mean (draws (winner (Some 1%N) half_or_one halves))
    (fun y : {ffun 'I_1 -> bool} => G (y ord0))).
  apply: eq_mean => // y; apply: eq_TV => // x.
  by rewrite /retrained_on /empirical big_ord1 divr1.
rewrite (sum_draws1 _ G).
have e x : winner (Some 1%N) half_or_one halves x = halves x.
  exact: one_candidate half_or_one_gt0 halves_is_law.
by rewrite big_bool !e /G /total_variation !big_bool.
Qed.

(* The means of finite_sample_loop are those of training_sets.v, which goes through all histories
   from p_0 = p_ref on. *)
Theorem mean_after_expectation (R : realType) (T : finType) (K N t : nat) (lam : R)
    (pref w : T -> R) (G : (T -> R) -> R) : 0 <= lam ->
  expectation (fun=> 1 / (1 + lam)) (fun=> N) pref (fun _ _ => bradley_terry (K := K) w) t
      (fun h => G (now pref h))
    = mean_after (N := N) (winner (Some K) w) (retrained_on lam pref) t G pref.
Proof.
move=> lam0; set E := expectation _ _ _ _.
pose M s := mean_after (N := N) (winner (Some K) w) (retrained_on lam pref) s G.
have made y : trained (fun=> 1 / (1 + lam)) (N := fun=> N) pref (t := 0%N) y
    = retrained_on (N := N) lam pref y.
  apply: boolp.funext => x; rewrite /trained /retrained_on (shares lam0); congr (_ + _).
  by rewrite mul1r mulrC.
have gen s : E t (fun h => M s (now pref h)) = M (t + s)%N pref.
  elim: t s => [//|n IH] s; rewrite addSnnS -IH /=; apply: eq_expectation => h.
  apply: eq_mean => [c|y]; last by rewrite -made.
  by apply: eq_bigr => k _; rewrite /winner curated_chosen.
by have := gen 0%N; rewrite addn0.
Qed.

(* K = infinity, weights 1 and 2 of equal masses: mass moved to the better answer keeps 8/9 of
   itself, and 2/3 = H(1) <= 8/9 <= H(2) = 4/3. The hypotheses of eigenvalues_interlace are met. *)
Definition even_two (x : 'I_2) : rat := 1 / 2.
Definition one_two (x : 'I_2) : rat := if x == ord0 then 1 else 2.
Definition moved (x : 'I_2) : rat := if x == ord0 then -1 else 1.

Theorem eight_ninths : (forall x, 1 * winner_derivative None one_two even_two moved x
    = 8%:R / 9%:R * moved x)
  /\ winner_ratio None one_two even_two 1 <= 8%:R / 9%:R <= winner_ratio None one_two even_two 2.
Proof.
have eigen x : 1 * winner_derivative None one_two even_two moved x = 8%:R / 9%:R * moved x.
  rewrite /winner_derivative /mean !big_ord_recl !big_ord0.
  by case: x => [[|[|//]] ?].
split=> //; have law2 : is_law even_two by split=> [x //|]; rewrite !big_ord_recl big_ord0.
have w0 x : 0 < one_two x by rewrite /one_two; case: ifP.
have w_up (x y : 'I_2) : (x <= y)%N -> one_two x <= one_two y.
  by case: x y => [[|[|//]] ?] [[|[|//]] ?].
have massless_moved (j : 'I_1) : massless moved by rewrite /massless !big_ord_recl big_ord0.
have nonzero (j : 'I_1) : exists x, moved x != 0 by exists ord0.
have := @eigenvalues_interlace _ 0 None even_two one_two isT law2 (fun=> isT) w0 w_up 1
  (fun=> moved) (fun=> 8%:R / 9%:R) ler01 massless_moved nonzero _ (fun=> eigen) _ ord0.
by rewrite !mul1r; apply=> // i j; rewrite !ord1 eqxx.
Qed.

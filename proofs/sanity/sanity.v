(* Instances that compute, so that a definition that says something else would be noticed. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import finite_law curation loops.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section OneOtherCandidate.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w g : T -> R) (x : T).

Lemma sum_draws1 p (F : T -> R) :
  mean (draws (K := 1) p) (fun c => F (c ord0)) = \sum_y p y * F y.
Proof.
have one_place : bijective (fun y : T => [ffun _ : 'I_1 => y]).
  exists (fun c : {ffun 'I_1 -> T} => c ord0) => [y|c]; first by rewrite ffunE.
  by apply/ffunP => i; rewrite ffunE (ord1 i).
rewrite /mean (reindex (fun y : T => [ffun _ : 'I_1 => y])); last exact: onW_bij.
by apply: eq_bigr => y _; rewrite /draws big_ord1 !ffunE.
Qed.

(* K = 2: H^2_p(x) = sum_y p(y) 2 w(x)/(w(x) + w(y)). *)
Theorem two_candidates p w x : ratio 2 p w x = \sum_y p y * (2 * w x / (w x + w y)).
Proof.
rewrite -sum_draws1; apply: eq_bigr => c _.
by rewrite /total_weight big_ord1.
Qed.

(* K = 1: nothing is curated. *)
Theorem one_candidate p w x : (forall y, 0 < w y) -> is_law p -> curated 1 p w x = p x.
Proof.
move=> w0 lawp; rewrite lemma_2_1 // /ratio -[RHS]mulr1; congr (_ * _).
rewrite -[RHS](mean_const 1 (draws_is_law 0 lawp)); apply: eq_mean => // c.
by rewrite /total_weight big_ord0 addr0 mul1r divff // gt_eqF.
Qed.

End OneOtherCandidate.

(* The two-point law of equal masses with weights 1 and 2, over the rationals. *)
Definition halves (x : bool) : rat := 1 / 2.
Definition one_or_two (x : bool) : rat := if x then 2 else 1.

Lemma halves_is_law : is_law halves.
Proof. by split=> [x //|]; rewrite big_bool. Qed.

Lemma one_or_two_gt0 x : 0 < one_or_two x.
Proof. by case: x. Qed.

(* K = 2: the better point is chosen with probability 1/4 + 2/4 (2/3) = 7/12, ... *)
Theorem seven_twelfths : curated 2 halves one_or_two true = 7%:R / 12%:R.
Proof. by rewrite lemma_2_1 // two_candidates big_bool /=. Qed.

(* ... the other with 5/12, ... *)
Theorem five_twelfths : curated 2 halves one_or_two false = 5%:R / 12%:R.
Proof. by rewrite lemma_2_1 // two_candidates big_bool /=. Qed.

(* ... and a step of the mixed loop with lam = 1 gives (1/2 + 7/12)/2 = 13/24. *)
Theorem thirteen_twentyfourths : mixed_loop 2 1 halves one_or_two 1 true = 13%:R / 24%:R.
Proof. by rewrite mixed_loopS mixed_loop0 seven_twelfths. Qed.

(* The mean weight goes from 3/2 to 19/12. *)
Theorem mean_goes_up : mean halves one_or_two = 3%:R / 2%:R
  /\ mean (curated 2 halves one_or_two) one_or_two = 19%:R / 12%:R.
Proof.
by split; rewrite /mean big_bool //= seven_twelfths five_twelfths.
Qed.

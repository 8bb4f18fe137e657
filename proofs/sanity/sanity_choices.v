(* Instances of rules of choice that compute, so that a definition that says something else would be
   noticed. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import finite_law curation loops accumulation_rate choices best_of.
From Recurate Require Import total_variation noise share_envelope_attained sanity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section TwoPlaces.
Variables (R : realFieldType) (T : finType).
Implicit Types (p r : T -> R) (c : {ffun 'I_2 -> T} -> 'I_2 -> R).
Notation first := (ord0 : 'I_2).
Notation second := (lift ord0 ord0 : 'I_2).

(* The candidates a and b, in this order. *)
Definition pair_of (a b : T) : {ffun 'I_2 -> T} := [ffun i => if i == first then a else b].

(* A rule among two, from the probabilities of the first place, and of the second. *)
Definition rule_of (c1 c2 : T -> T -> R) (x : {ffun 'I_2 -> T}) (k : 'I_2) :=
  if k == first then c1 (x first) (x second) else c2 (x first) (x second).

(* K = 2: T(p)(y) is the sum over candidates a and b of p(a) p(b) times the probability that y is
   chosen, as the first or as the second. *)
Theorem chosen_two p c y : chosen p c y = \sum_a \sum_b p a * p b
  * (c (pair_of a b) first * (a == y)%:R + c (pair_of a b) second * (b == y)%:R).
Proof.
rewrite pair_big /= /chosen (reindex (fun ab : T * T => pair_of ab.1 ab.2)) /=; last first.
  exists (fun x : {ffun 'I_2 -> T} => (x first, x second)) => [[a b]|x] _.
    by rewrite !ffunE.
  by apply/ffunP; elim/two_places; rewrite !ffunE.
apply: eq_bigr => -[a b] _ /=; rewrite /draws !big_ord_recl big_ord0 mulr1 !ffunE /=.
congr (_ * _); rewrite big_mkcond !big_ord_recl big_ord0 /= addr0 !ffunE /=.
by do 2![case: eqP => _]; rewrite ?mulr1 ?mulr0.
Qed.

(* Hard best of two: the larger reward wins, and either place with probability 1/2 if they are
   equal. *)
Theorem best_of_two r a b :
  best_of r (pair_of a b) first = (r b < r a)%R%:R + (r a == r b)%:R / 2%:R
  /\ best_of r (pair_of a b) second = (r a < r b)%R%:R + (r a == r b)%:R / 2%:R.
Proof.
have [pa pb] : pair_of a b first = a /\ pair_of a b second = b by rewrite !ffunE.
have places k : best_places r (pair_of a b) k
    = (r a <= r (pair_of a b k)) && (r b <= r (pair_of a b k)).
  apply/forallP/andP => [all_le|[lea leb]].
    by split; [have := all_le first|have := all_le second]; rewrite ?pa ?pb.
  by elim/two_places; rewrite ?pa ?pb.
have many : #|best_places r (pair_of a b)|
    = (best_places r (pair_of a b) first + best_places r (pair_of a b) second)%N.
  rewrite -sum1_card big_mkcond !big_ord_recl big_ord0 /= addn0 !unfold_in.
  by rewrite /best_places; do 2!case: [forall _, _].
rewrite /best_of many !places pa pb /= !lexx andbT /=.
by case: (ltgtP (r a) (r b)) => _ /=; rewrite ?invr1 ?mul0r ?addr0 ?add0r ?mul1r.
Qed.

End TwoPlaces.

(* Over the rationals, two answers: one_or_two, the weights above, are now rewards as well. *)
Notation first := (ord0 : 'I_2).
Notation second := (lift ord0 ord0 : 'I_2).

(* A rule by place: the first candidate is chosen, whoever that is. It selects nothing. *)
Theorem first_one_half : chosen halves (rule_of (fun _ _ => 1) (fun _ _ => 0)) true = 1 / 2%:R.
Proof. by rewrite chosen_two !big_bool /= /rule_of /= !mulr1. Qed.

(* A deterministic rule: the first candidate that is true, else the first of all. True is chosen
   unless both are false. *)
Definition first_true := rule_of (fun a b => (a || ~~ b)%:R : rat) (fun a b => (~~ a && b)%:R).

Theorem first_true_is_rule : is_rule first_true.
Proof.
move=> x; split=> [k|]; first by rewrite /first_true /rule_of; case: ifP => _; rewrite ler0n.
by rewrite !big_ord_recl big_ord0 /first_true /rule_of /=; do 2!case: (x _).
Qed.

Theorem first_true_three_quarters : chosen halves first_true true = 3%:R / 4%:R.
Proof. by rewrite chosen_two !big_bool /= /first_true /rule_of /= !ffunE. Qed.

(* The rule that avoids true: true is chosen if both candidates are true. *)
Theorem avoiding_one_quarter : chosen halves (@avoiding _ _ 2 (pred1 true)) true = 1 / 4%:R.
Proof.
have := @mass_avoiding _ _ 2 (pred1 true) halves isT; rewrite /mass !big_pred1_eq => ->.
by [].
Qed.

(* Hard best of two: the better answer with probability 3/4, after two steps with 15/16. *)
Definition best_step p : bool -> rat := chosen p (@best_of _ _ 2 one_or_two).

Lemma best_stepE p : best_step p true = p true * p true + 2%:R * (p true * p false)
  /\ best_step p false = p false * p false.
Proof.
rewrite /best_step !chosen_two !big_bool /=.
have best a b := best_of_two one_or_two a b.
by rewrite !(proj1 (best _ _)) !(proj2 (best _ _)) /=; split; field.
Qed.

Theorem best_three_quarters : best_step halves true = 3%:R / 4%:R.
Proof. by rewrite (proj1 (best_stepE _)). Qed.

Theorem best_fifteen_sixteenths : best_step (best_step halves) true = 15%:R / 16%:R.
Proof. by rewrite (proj1 (best_stepE _)) !(proj1 (best_stepE _)) !(proj2 (best_stepE _)). Qed.

(* The winner is better than a fresh sample of halves with probability 5/8 (ties counted half),
   which is less than 2/3; if nobody chooses, with 1/2. *)
Theorem win_rate_five_eighths : win_rate one_or_two (best_step halves) halves = 5%:R / 8%:R
  /\ win_rate one_or_two halves halves = 1 / 2%:R.
Proof.
split; rewrite /win_rate /mean !big_bool //=.
by rewrite (proj1 (best_stepE _)) (proj2 (best_stepE _)).
Qed.

(* The contraction in total variation is attained: laws at distance 1/2 go to laws at distance
   3/4 = 1 - (1 - 1/2)^2. *)
Definition only_false (x : bool) : rat := (~~ x)%:R.

Theorem total_variation_attained : total_variation halves only_false = 1 / 2%:R
  /\ total_variation (best_step halves) (best_step only_false) = 3%:R / 4%:R.
Proof.
split; first by rewrite /total_variation big_bool.
by rewrite /total_variation big_bool /= !(proj1 (best_stepE _)) !(proj2 (best_stepE _)).
Qed.

(* A rule that sees the law may have several fixed points though a K < 1: if people prefer the
   answer that has more mass, lam = 3/4 and K = 2 (a K = 6/7), halves is one, and so is (2/3, 1/3). *)
Definition two_thirds (x : bool) : rat := if x then 2%:R / 3%:R else 1 / 3%:R.

Definition popular (p : bool -> rat) : {ffun 'I_2 -> bool} -> 'I_2 -> rat := best_of p.

Theorem two_fixed_points :
  [/\ 3%:R / 4%:R / (1 + 3%:R / 4%:R) * 2%:R < 1 :> rat,
      is_law halves /\ is_fixed_point (3%:R / 4%:R) halves (fun p => chosen p (popular p)) halves
    & is_law two_thirds
      /\ is_fixed_point (3%:R / 4%:R) halves (fun p => chosen p (popular p)) two_thirds].
Proof.
have best a b r := best_of_two (r : bool -> rat) a b.
split=> //; split; try (by split; [case|rewrite big_bool]); case;
  rewrite /popular chosen_two !big_bool /=;
  by rewrite !(proj1 (best _ _ _)) !(proj2 (best _ _ _)).
Qed.

(* Noise: (2/3, 1/3) is a fixed point of the best of two for lam = 3/4, and for lam = 3/2 if half of the
   choices are random clicks. *)
Theorem noise_two_thirds : is_fixed_point (3%:R / 4%:R) halves best_step two_thirds
  /\ is_fixed_point (3%:R / 2%:R) halves (diluted (1 / 2%:R) best_step) two_thirds.
Proof. by split; case; rewrite /diluted ?(proj1 (best_stepE _)) ?(proj2 (best_stepE _)). Qed.

(* A quarter of the votes flipped: 2/4 1/2 + (1 - 2/4) 3/4 = 5/8. *)
Theorem flipped_five_eighths :
  chosen halves (flipped (1 / 4%:R) (@best_of _ _ 2 one_or_two)) true = 5%:R / 8%:R.
Proof.
rewrite chosen_flipped; [|exact: halves_is_law|exact: best_of_is_rule].
by rewrite -/(best_step halves) best_three_quarters.
Qed.

(* Accumulation, one real sample and one curated in the first round: half of all is new,
   p_1(true) = (1/2 + 7/12)/2 = 13/24. The bound is 11/24 <= 13/28: kappa = 1/7 for rho = 1/2. *)
Theorem accumulation_first_round :
  [/\ new_share 1 1 0 = 1 / 2%:R :> rat,
      halves true + new_share 1 1 0 * (curated 2 halves one_or_two true - halves true)
        = 13%:R / 24%:R,
      rate 2 (1 / 2%:R) (1 / 2%:R) = 1 / 7%:R :> rat
    & 11%:R / 24%:R <= (1 - 1 / 2%:R) * (1 - 1 / 7%:R * (1 / 2%:R)) :> rat].
Proof. by rewrite seven_twelfths. Qed.

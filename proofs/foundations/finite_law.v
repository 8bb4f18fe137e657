(* Laws on a finite type, and their means, masses, covariances and variances.

   R is any ordered field (rationals, algebraic numbers, reals), T any finite type. A law is a
   function p : T -> R with is_law p. Nothing is asked of the order of T or of its size. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p f g w : T -> R) (A : pred T).

(* p is a probability: nonnegative, of total mass one. *)
Definition is_law p := (forall x, 0 <= p x) /\ \sum_x p x = 1.

(* E_p g *)
Definition mean p g := \sum_x p x * g x.

(* p(A) *)
Definition mass p A := \sum_(x | A x) p x.

(* p given A, a law if p(A) > 0. *)
Definition conditioned p A x := if A x then p x / mass p A else 0.

(* Cov_p(f, g) = E_p (f - E_p f)(g - E_p g) *)
Definition covariance p f g := mean p (fun x => (f x - mean p f) * (g x - mean p g)).

(* Var_p g = E_p (g - E_p g)^2 *)
Definition variance p g := covariance p g g.

(* w is at most the bound wherever p has mass: the bound need not be the maximum. *)
Definition bounded_on_support p w (bound : R) := forall x, 0 < p x -> w x <= bound.

(* g is ordered like w: (g - g')(w - w') >= 0 for all pairs on the support of p. *)
Definition ordered_alike p g w :=
  forall x y, 0 < p x -> 0 < p y -> 0 <= (g x - g y) * (w x - w y).

End Definitions.

Section Means.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q f g w : T -> R) (A : pred T).

Lemma eq_mean p q f g : p =1 q -> f =1 g -> mean p f = mean q g.
Proof. by move=> pq fg; apply: eq_bigr => x _; rewrite pq fg. Qed.

Lemma meanD p f g : mean p (fun x => f x + g x) = mean p f + mean p g.
Proof. by rewrite -big_split; apply: eq_bigr => x _; rewrite mulrDr. Qed.

Lemma meanZ p c f : mean p (fun x => c * f x) = c * mean p f.
Proof. by rewrite /mean mulr_sumr; apply: eq_bigr => x _; rewrite mulrCA. Qed.

Lemma meanB p f g : mean p (fun x => f x - g x) = mean p f - mean p g.
Proof. by rewrite -sumrB; apply: eq_bigr => x _; rewrite mulrBr. Qed.

Lemma mean_sum (I : finType) p (F : I -> T -> R) :
  mean p (fun x => \sum_i F i x) = \sum_i mean p (F i).
Proof. by rewrite /mean exchange_big; apply: eq_bigr => x _; rewrite mulr_sumr. Qed.

Lemma mean_const p c : is_law p -> mean p (fun=> c) = c.
Proof. by case=> _ sum1; rewrite /mean -mulr_suml sum1 mul1r. Qed.

Lemma mean_indicator p A : mean p (fun x => (A x)%:R) = mass p A.
Proof.
rewrite /mass big_mkcond; apply: eq_bigr => x _.
by case: (A x); rewrite ?mulr1 ?mulr0.
Qed.

Lemma le_mean p f g : (forall x, 0 <= p x) -> (forall x, 0 < p x -> f x <= g x) ->
  mean p f <= mean p g.
Proof.
move=> p0 fg; apply: ler_sum => x _.
have [px|] := boolP (0 < p x); first by rewrite ler_pM2l ?fg.
by rewrite lt_neqAle p0 andbT negbK => /eqP <-; rewrite !mul0r.
Qed.

(* A law has mass somewhere, so that its positive weights have a positive mean. *)
Lemma law_has_support p : is_law p -> exists x, 0 < p x.
Proof.
case=> p0 sum1; apply/existsP; apply: contraT => /existsPn none.
have: \sum_x p x = 0.
  by apply: big1 => x _; apply/eqP; rewrite eq_le p0 andbT leNgt none.
by rewrite sum1 => /eqP; rewrite oner_eq0.
Qed.

(* So an upper bound of positive weights on the support is positive. *)
Lemma bound_gt0 p w bound : is_law p -> (forall x, 0 < w x) -> bounded_on_support p w bound ->
  0 < bound.
Proof. by move=> /law_has_support[x px] w0 /(_ x px); apply: lt_le_trans. Qed.

Lemma mean_gt0 p w : is_law p -> (forall x, 0 < w x) -> 0 < mean p w.
Proof.
move=> lawp w0; have [x px] := law_has_support lawp; case: lawp => p0 _.
rewrite /mean (bigD1 x) //= ltr_pwDl ?mulr_gt0 //.
by apply: sumr_ge0 => y _; rewrite mulr_ge0 // ltW.
Qed.

Lemma mass_ge0 p A : (forall x, 0 <= p x) -> 0 <= mass p A.
Proof. by move=> p0; apply: sumr_ge0. Qed.

Lemma massC p A : is_law p -> mass p (predC A) = 1 - mass p A.
Proof. by case=> _ <-; rewrite (bigID A) /= addrC addKr. Qed.

Lemma mass_le1 p A : is_law p -> mass p A <= 1.
Proof.
move=> lawp; rewrite -subr_ge0 -massC //.
by apply: mass_ge0; case: lawp.
Qed.

Lemma covarianceE p f g : is_law p ->
  covariance p f g = mean p (fun x => f x * g x) - mean p f * mean p g.
Proof.
move=> lawp; set a := mean p f; set b := mean p g.
have -> : covariance p f g = mean p (fun x => f x * g x - b * f x - a * g x + a * b).
  by apply: eq_mean => // x; rewrite -/a -/b; ring.
by rewrite meanD 2!meanB !meanZ mean_const // -/a -/b; ring.
Qed.

Lemma variance_ge0 p g : is_law p -> 0 <= variance p g.
Proof. by case=> p0 _; apply: sumr_ge0 => x _; rewrite mulr_ge0 // -expr2 sqr_ge0. Qed.

(* The variance is the least mean square distance to a point. *)
Lemma variance_le p g c : is_law p -> variance p g <= mean p (fun x => (g x - c) ^+ 2).
Proof.
move=> lawp; have e1 := mean_const 1 lawp.
have -> : mean p (fun x => (g x - c) ^+ 2) = variance p g + (mean p g - c) ^+ 2.
  rewrite /variance covarianceE //.
  rewrite (@eq_mean _ p _ (fun x => g x * g x - (c *+ 2) * g x + c ^+ 2)) //; last first.
    by move=> x; ring.
  by rewrite meanD meanB meanZ mean_const //; ring.
by rewrite ler_wpDr // sqr_ge0.
Qed.

(* Every quantity is ordered like itself. *)
Lemma ordered_alike_refl p w : ordered_alike p w w.
Proof. by move=> x y _ _; rewrite -expr2 sqr_ge0. Qed.

End Means.

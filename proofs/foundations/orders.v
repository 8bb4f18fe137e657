(* Orders of laws by the weight. In likelihood ratio: the density of one law over the other
   increases with the weight. Stochastically: each increasing function has the larger mean. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q w f : T -> R).

(* q/p increases with the weight: q dominates p. Written without dividing, as p and q may have
   zeros. Answers of equal weight have equal densities. *)
Definition lr_order w p q := forall x y, w x <= w y -> q x * p y <= q y * p x.

(* f increases with the weight, not strictly: answers of equal weight have equal values. *)
Definition increasing w f := forall x y, w x <= w y -> f x <= f y.

(* Each increasing function has a mean that is no smaller under q; so has each upper set a mass. *)
Definition st_order w p q := forall f, increasing w f -> mean p f <= mean q f.

End Definitions.

Section Sums.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q w f g : T -> R).

(* A double sum whose pairs, each taken in both orders, are nonnegative. *)
Lemma sum_pairs_ge0 (I : finType) (F : I -> I -> R) :
  (forall x y, 0 <= F x y + F y x) -> 0 <= \sum_x \sum_y F x y.
Proof.
move=> F0; rewrite -(pmulr_lge0 _ (ltr0n R 2)) mulr_natr mulr2n {2}exchange_big -big_split /=.
apply: sumr_ge0 => x _; rewrite -big_split; apply: sumr_ge0 => y _; exact: F0.
Qed.

(* With the smaller of two weights first. *)
Lemma sum_weights_ge0 w (F : T -> T -> R) :
  (forall x y, w x <= w y -> 0 <= F x y + F y x) -> 0 <= \sum_x \sum_y F x y.
Proof.
move=> F0; apply: sum_pairs_ge0 => x y.
by case: (lerP (w x) (w y)) => [/F0//|/ltW /F0]; rewrite addrC.
Qed.

Lemma sumM_mean p q f g : mean p f * mean q g = \sum_x \sum_y p x * f x * (q y * g y).
Proof. by rewrite /mean mulr_suml; apply: eq_bigr => x _; rewrite mulr_sumr. Qed.

(* Likelihood-ratio order gives stochastic order. *)
Lemma lr_st_order w p q : is_law p -> is_law q -> lr_order w p q -> st_order w p q.
Proof.
move=> lawp lawq pq f incr.
have -> : mean q f = mean q f * mean p (fun=> 1) by rewrite mean_const ?mulr1.
have -> : mean p f = mean q (fun=> 1) * mean p f by rewrite mean_const ?mul1r.
rewrite -subr_ge0 !sumM_mean -sumrB.
under eq_bigr do rewrite -sumrB; apply: (@sum_weights_ge0 w) => x y wxy.
have -> : q x * f x * (p y * 1) - q x * 1 * (p y * f y)
    + (q y * f y * (p x * 1) - q y * 1 * (p x * f x))
    = (q y * p x - q x * p y) * (f y - f x) by ring.
by rewrite mulr_ge0 ?subr_ge0 ?pq ?incr.
Qed.

(* Upper sets gain mass. *)
Lemma st_order_mass w p q (A : pred T) : st_order w p q ->
  (forall x y, w x <= w y -> A x -> A y) -> mass p A <= mass q A.
Proof.
move=> pq up; rewrite -!mean_indicator; apply: pq => x y wxy.
by case: (boolP (A x)) => [/(up _ _ wxy) ->//|_]; rewrite ler0n.
Qed.

(* If no answer loses mass whose weight is at least that of one that gains, the law moves up. *)
Lemma st_order_crossing w p q : is_law p -> is_law q ->
  (forall x y, w x <= w y -> p x < q x -> p y <= q y) -> st_order w p q.
Proof.
move=> [_ p1] [_ q1] cross f incr.
suff [c c0] : exists c, forall x, 0 <= (q x - p x) * (f x - c).
  have : 0 <= \sum_x (q x - p x) * (f x - c) by apply: sumr_ge0 => x _.
  under eq_bigr do rewrite mulrBr mulrBl; rewrite 2!sumrB -mulr_suml sumrB p1 q1 subrr mul0r subr0.
  by rewrite subr_ge0.
case: (pickP (fun x => p x < q x)) => [x0 gain0|none]; last first.
  exists (\sum_x `|f x|) => x; apply: mulr_le0; rewrite subr_le0; first by rewrite leNgt none.
  by apply: le_trans (ler_norm _) _; rewrite (bigD1 x) //= lerDl sumr_ge0.
pose x1 := [arg min_(x < x0 | p x < q x) w x]%O.
have [gain1 least] : p x1 < q x1 /\ forall x, p x < q x -> w x1 <= w x.
  by rewrite /x1; case: arg_minP => // x gain le; split.
exists (f x1) => x; case: (ltP (p x) (q x)) => [gain|loss].
  by rewrite mulr_ge0 ?subr_ge0 ?incr ?least // ltW.
case: (lerP (w x1) (w x)) => [le|/ltW lt].
  suff -> : q x = p x by rewrite subrr mul0r.
  by apply/eqP; rewrite eq_le loss (cross _ _ le gain1).
by apply: mulr_le0; rewrite subr_le0 // incr.
Qed.

End Sums.

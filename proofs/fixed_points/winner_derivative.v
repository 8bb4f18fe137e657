(* The derivative DT of the winner's law: what it is, and that it is the derivative. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops.
From Recurate Require Import winner binomial.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w f g : T -> R).

(* The candidates c if place i has f and the others p. *)
Definition draws_with K (i : 'I_K) p f (c : {ffun 'I_K -> T}) :=
  \prod_j (if j == i then f (c j) else p (c j)).

(* The derivative of T at p in the direction f: f for p in each of the K draws. For K = infinity,
   f w/W - p w E_f w/W^2 with W = E_p w. *)
Definition winner_derivative K w p f x :=
  if K is Some K then \sum_(i < K) mean (draws_with i p f) (fun c => choice w c x)
  else f x * (w x / mean p w) - p x * w x * mean f w / mean p w ^+ 2.

End Definitions.

Section Expansion.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w f g : T -> R).

(* A product of sums, to first order. *)
Lemma prod_expansion n (a b : 'I_n -> R) : exists q : {poly R}, forall e,
  \prod_i (a i + e * b i) = \prod_i a i
    + e * (\sum_i \prod_j (if j == i then b j else a j)) + e ^+ 2 * q.[e].
Proof.
elim: n a b => [|n IH] a b.
  by exists 0 => e; rewrite !big_ord0 horner0 !mulr0 !addr0.
have [q E] := IH (fun i => a (lift ord0 i)) (fun i => b (lift ord0 i)).
pose A := \prod_i a (lift ord0 i).
pose S := \sum_i \prod_j (if j == i then b (lift ord0 j) else a (lift ord0 j)).
have -> : \sum_i \prod_j (if j == i then b j else a j) = b ord0 * A + a ord0 * S.
  rewrite big_ord_recl big_ord_recl eqxx; congr (_ * _ + _).
  by rewrite mulr_sumr; apply: eq_bigr => i _; rewrite big_ord_recl.
exists (((a ord0)%:P + b ord0 *: 'X) * q + (b ord0 * S)%:P) => e.
rewrite big_ord_recl E [\prod_i a i]big_ord_recl -/A -/S !hornerE.
by move: (a ord0) (b ord0) (q.[e]) A S => a0 b0 q0 A S; ring.
Qed.

(* DT is the derivative of T: T(p + e f) = T(p) + e DT f + e^2 (...), the rest being a polynomial in
   e for finite K, ... *)
Theorem winner_expansion K p w f : exists q : T -> {poly R}, forall e x,
  winner (Some K) w (fun y => p y + e * f y) x
  = winner (Some K) w p x + e * winner_derivative (Some K) w p f x + e ^+ 2 * (q x).[e].
Proof.
have [q E] := fin_all_exists (fun c : {ffun 'I_K -> T} =>
  prod_expansion (fun i => p (c i)) (fun i => f (c i))).
exists (fun x => \sum_c choice w c x *: q c) => e x.
have -> : winner_derivative (Some K) w p f x
    = mean (fun c => \sum_i draws_with (K := K) i p f c) (fun c => choice w c x).
  by rewrite /mean /= exchange_big; apply: eq_bigr => c _ /=; rewrite mulr_suml.
rewrite /= /curated /mean horner_sum !mulr_sumr -!big_split; apply: eq_bigr => c _ /=.
rewrite /draws E hornerZ -/(draws p c); change (\sum_i \prod_j _) with (\sum_i draws_with i p f c).
move: (\sum_i _) (draws p c) (choice w c x) (_.[e]) => s d h r; ring.
Qed.

(* ... and this quotient for K = infinity, where W = E_p w and F = E_f w. *)
Theorem tilt_expansion p w f e x :
  let W := mean p w in let F := mean f w in W != 0 -> W + e * F != 0 ->
  winner None w (fun y => p y + e * f y) x
  = winner None w p x + e * winner_derivative None w p f x
    + e ^+ 2 * (F * w x * (p x * F - f x * W) / (W ^+ 2 * (W + e * F))).
Proof.
move=> W F W0 WF0; rewrite /= /tilted -/W.
have -> : mean (fun y => p y + e * f y) w = W + e * F.
  by rewrite /W /F /mean mulr_sumr -big_split; apply: eq_bigr => y _; rewrite mulrDl mulrA.
by rewrite -/F; move: W F W0 WF0 => W F W0 WF0; field; rewrite W0 WF0.
Qed.

End Expansion.

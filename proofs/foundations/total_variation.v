(* Total variation between laws. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).

(* TV(p, q): half the l1 distance. *)
Definition total_variation (p q : T -> R) := (\sum_x `|p x - q x|) / 2%:R.

End Definitions.

Section TotalVariation.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q : T -> R).
Notation TV := total_variation.

Let two_gt0 : 0 < 2%:R :> R. Proof. by rewrite ltr0n. Qed.

Lemma TV_ge0 p q : 0 <= TV p q.
Proof. by apply: divr_ge0 (ltW two_gt0); apply: sumr_ge0 => x _; apply: normr_ge0. Qed.

Lemma TVC p q : TV p q = TV q p.
Proof. by congr (_ / _); apply: eq_bigr => x _; apply: distrC. Qed.

Lemma eq_TV p p' q q' : p =1 p' -> q =1 q' -> TV p q = TV p' q'.
Proof. by move=> pp qq; congr (_ / _); apply: eq_bigr => x _; rewrite pp qq. Qed.

Lemma TV_triangle p q p' : TV p q <= TV p p' + TV p' q.
Proof.
rewrite -mulrDl ler_wpM2r ?invr_ge0 ?ler0n // -big_split; apply: ler_sum => x _ /=.
exact: ler_dist_add.
Qed.

(* Two laws mixed with the same third: only their share of the distance is left. *)
Lemma TV_mixed (g : T -> R) (a : R) p q : 0 <= a ->
  TV (fun x => g x + a * p x) (fun x => g x + a * q x) = a * TV p q.
Proof.
move=> a0; rewrite /TV mulrA mulr_sumr; congr (_ / _); apply: eq_bigr => x _.
by rewrite opprD addrACA subrr add0r -mulrBr normrM ger0_norm.
Qed.

Lemma TV_eq0 p q : TV p q = 0 -> p =1 q.
Proof.
move/eqP; rewrite mulf_eq0 invr_eq0 (gt_eqF two_gt0) orbF.
rewrite psumr_eq0 => [/allP same x|x _]; last exact: normr_ge0.
by apply/eqP; rewrite -subr_eq0 -normr_eq0; apply: same; rewrite mem_index_enum.
Qed.

Lemma le_dist_TV p q x : `|p x - q x| <= TV p q * 2%:R.
Proof.
rewrite divfK ?gt_eqF // (bigD1 x) //= lerDl.
by apply: sumr_ge0 => y _; apply: normr_ge0.
Qed.

(* Twice the smaller of two numbers. *)
Let twice_min (u v : R) : Num.min u v * 2%:R = u + v - `|u - v|.
Proof.
by case: (lerP u v) => _; ring.
Qed.

(* Of two laws: what they do not share, ... *)
Lemma TV_overlap p q : is_law p -> is_law q -> TV p q = 1 - \sum_x Num.min (p x) (q x).
Proof.
move=> [_ sump] [_ sumq]; apply: (mulIf (lt0r_neq0 two_gt0)); rewrite divfK ?gt_eqF //.
rewrite mulrBl mulr_suml.
under [in RHS]eq_bigr do rewrite twice_min.
by rewrite sumrB big_split /= sump sumq mul1r opprB addrCA subrr addr0.
Qed.

(* ... or what the one has more than the other, summed: the largest difference that p and q can
   give to one set. *)
Theorem TV_positive_part p q : is_law p -> is_law q ->
  TV p q = \sum_(x | q x <= p x) (p x - q x)
  /\ forall A : pred T, mass p A - mass q A <= TV p q.
Proof.
move=> lawp lawq.
have E : TV p q = \sum_(x | q x <= p x) (p x - q x).
  rewrite TV_overlap // -(proj2 lawp) -sumrB [RHS]big_mkcond /=; apply: eq_bigr => x _.
  by case: (leP (q x) (p x)) => _ //; rewrite subrr.
split=> // A; rewrite E /mass -sumrB big_mkcond [leRHS]big_mkcond /=; apply: ler_sum => x _.
by case: (A x); case: (leP (q x) (p x)) => /= [|/ltW] h; rewrite ?subr_ge0 ?subr_le0.
Qed.

Lemma TV_le1 p q : is_law p -> is_law q -> TV p q <= 1.
Proof.
move=> lawp lawq; rewrite TV_overlap // lerBlDr lerDl; apply: sumr_ge0 => x _.
by rewrite le_minr (proj1 lawp) (proj1 lawq).
Qed.

End TotalVariation.

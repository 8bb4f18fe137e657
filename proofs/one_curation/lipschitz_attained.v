(* Where the bound on how far curation drives two laws apart is attained: mass moved to a weight
   that had none, and laws that differ at one weight only. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import total_variation winner_ratio excess exponential_sums partial_ratio.
From Recurate Require Import lipschitz.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section MovedMass.
Variables (R : realType) (T : finType).
Implicit Types (K : option nat) (p q w : T -> R) (v : R).
Notation TV := total_variation.

(* If q has no mass at the weight v, and p is q with some of its mass moved there, of a mean weight
   of at most v, then TV(Tp, Tq) = H_p(v) TV(p, q). So no smaller factor will do that depends on p,
   v and K alone. *)
Theorem curation_lipschitz_attained K p q w v :
  at_least 1 K -> is_law p -> is_law q -> (forall x, 0 < w x) -> 0 < v ->
  (forall x, w x = v -> q x = 0) -> (forall x, w x <> v -> p x <= q x) ->
  \sum_x excess q p x * (w x - v) <= 0 ->
  TV (winner K w p) (winner K w q) = winner_ratio K w p v * TV p q.
Proof.
move=> K0 lawp lawq w0 v0 none less moved.
have off x : w x <> v -> excess p q x = 0.
  by move=> /less le; rewrite /excess max_r // subr_le0.
have at_v x : w x = v -> excess p q x = p x.
  by move=> /none q_x; rewrite /excess q_x subr0 max_l ?(proj1 lawp).
apply/eqP; rewrite eq_le; apply/andP; split.
  apply: curation_lipschitz_sharp => //; rewrite big1 // => x _.
  by case: (eqVneq (w x) v) => [->|/eqP/off ->]; rewrite ?subrr ?mulr0 ?mul0r.
pose A x := w x == v.
have -> : winner_ratio K w p v * TV p q = mass (winner K w p) A - mass (winner K w q) A.
  rewrite -(sum_excess lawp lawq) (bigID A) /= [X in _ + X]big1 ?addr0 => [|x /eqP/off //].
  rewrite /mass -sumrB mulr_sumr; apply: eq_bigr => x /eqP wv.
  by rewrite !winnerE // (none x wv) mul0r subr0 wv at_v // mulrC.
have lawT r : is_law r -> is_law (winner K w r) by move=> lawr; apply: winner_is_law.
by have [_] := TV_positive_part (lawT p lawp) (lawT q lawq); apply.
Qed.

End MovedMass.

Section OneWeight.
Variables (R : realType) (T : finType).
Implicit Types (K : option nat) (p q w : T -> R) (v s : R).
Notation TV := total_variation.

(* A ratio depends on the weight's transform only. *)
Lemma ratio_by_transform n p q w v : is_law p -> is_law q -> (forall x, 0 < w x) -> 0 < v ->
  exponential_sum p w =1 exponential_sum q w ->
  winner_ratio (Some n.+1) w p v <= winner_ratio (Some n.+1) w q v.
Proof.
move=> lawp lawq w0 v0 same; apply/ler_addgt0Pr => e e0.
have K0 : 0 < n.+1%:R :> R by rewrite ltr0n.
have s0 : 0 < n.+1%:R / (e * v) by rewrite divr_gt0 ?mulr_gt0.
set s := n.+1%:R / (e * v) in s0.
have eE : e = n.+1%:R / (s * v).
  rewrite /s [(e * v)^-1]invfM mulrA divfK ?gt_eqF // invf_div.
  by rewrite mulrCA divff ?mulr1 // gt_eqF.
have dD z : is_derive z 1 (partial_ratio n w p v - partial_ratio n w q v) 0.
  have dp := is_derive_partial_ratio n w0 p z v0; have dq := is_derive_partial_ratio n w0 q z v0.
  by apply: is_derive_eq; rewrite same subrr.
have := is_derive_0_is_cst s 0 dD; rewrite !fctE !partial_ratio0 subrr => /eqP.
rewrite subr_eq0 => /eqP same_partial.
have := partial_ratio_limit n w0 lawp v0 s0; rewrite -eE same_partial lerBlDr => /le_trans -> //.
by rewrite lerD2r le_partial_ratio.
Qed.

(* If p and q differ only among answers of one weight v, then TV(Tp, Tq) = H_p(v) TV(p, q). *)
Theorem curation_lipschitz_one_weight K p q w v :
  at_least 1 K -> is_law p -> is_law q -> (forall x, 0 < w x) -> 0 < v ->
  (forall x, w x <> v -> p x = q x) ->
  TV (winner K w p) (winner K w q) = winner_ratio K w p v * TV p q.
Proof.
move=> K0 lawp lawq w0 v0 same.
have by_weight (F : R -> R) : mean p (fun x => F (w x)) = mean q (fun x => F (w x)).
  apply/eqP; rewrite -subr_eq0; apply/eqP; transitivity ((\sum_x (p x - q x)) * F v).
    rewrite /mean -sumrB mulr_suml; apply: eq_bigr => x _; rewrite -mulrBl.
    by case: (eqVneq (w x) v) => [->//|/eqP/same ->]; rewrite subrr !mul0r.
  by rewrite sumrB (proj2 lawp) (proj2 lawq) subrr mul0r.
have ratios u : 0 < u -> winner_ratio K w p u = winner_ratio K w q u.
  case: K K0 => [[//|n]|] _ u0; last by rewrite /= (by_weight id).
  have transforms s : exponential_sum p w s = exponential_sum q w s.
    exact: (by_weight (fun u => expR (- (s * u)))).
  apply/eqP; rewrite eq_le; apply/andP; split; exact: ratio_by_transform.
rewrite /total_variation mulrA; congr (_ / _); rewrite mulr_sumr; apply: eq_bigr => x _.
rewrite !winnerE // -ratios // -mulrBl normrM mulrC.
case: (eqVneq (w x) v) => [->|/eqP/same ->]; last by rewrite subrr normr0 !mulr0.
congr (_ * _); rewrite ger0_norm //.
by rewrite ltW // winner_ratio_gt0.
Qed.

End OneWeight.

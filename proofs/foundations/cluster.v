(* Laws on a finite type are a compact set: every sequence of them has a subsequence that converges,
   to a law; and what is continuous in a law. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence limit_law.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Limits.
Variables (R : realType) (T : finType).
Implicit Types (p q l f g : T -> R) (P : nat -> T -> R).

(* A sequence of laws that converges everywhere converges to a law. *)
Lemma limit_of_laws P l : (forall n, is_law (P n)) -> (forall x, (fun n => P n x) --> l x) ->
  is_law l.
Proof.
move=> lawP Pl; split=> [x|].
  by apply: cvgr_to_ge (Pl x) _; apply: nearW => n; case: (lawP n).
have sums : (fun n => \sum_x P n x) --> \sum_x l x by apply: cvg_sum.
have ones : (fun n => \sum_x P n x) --> (1 : R).
  have -> : (fun n => \sum_x P n x) = cst 1 by apply/funext => n; case: (lawP n).
  exact: cvg_cst.
exact: (cvg_unique _ sums ones).
Qed.

(* Of the laws of a sequence that are met again and again (S) some converge. *)
Theorem bolzano_weierstrass P (S : nat -> Prop) :
  (forall n, is_law (P n)) -> (forall N, exists2 n, (N <= n)%N & S n) ->
  exists l (k : nat -> nat), [/\ forall n, (n <= k n)%N, forall n, S (k n), is_law l
    & forall x, (fun n => P (k n) x) --> l x].
Proof.
move=> lawP often.
pose F := [set A : set (T -> R) | exists N, forall n, (N <= n)%N -> S n -> A (P n)].
have FF : ProperFilter F.
  apply: Build_ProperFilter => [A [N inA]|].
    by have [n Nn Sn] := often N; exists (P n); apply: inA.
  split=> [|A B [N inA] [M inB]|A B AB [N inA]]; first by exists 0%N.
  - exists (maxn N M) => n; rewrite geq_max => /andP[Nn Mn] Sn.
    by split; [apply: inA|apply: inB].
  - by exists N => n Nn Sn; apply: AB; apply: inA.
have unit (x : T) : compact (`[0, 1] : set R) by exact: segment_compact.
have := @tychonoff T (fun=> [topologicalType of R]) _ unit F FF.
case=> [|l [_ meets]].
  exists 0%N => n _ _ x /=; have [P0 sum1] := lawP n; rewrite in_itv /= P0 /=.
  by rewrite -sum1 (bigD1 x) //= lerDl sumr_ge0.
have near_l n : exists t, [/\ (n <= t)%N, S t & forall x, `|l x - P t x| < n.+1%:R^-1].
  pose A := [set f | exists t, [/\ (n <= t)%N, S t & f = P t]].
  have FA : F A by exists n => t nt St; exists t.
  pose B := [set f : T -> R | forall x, `|l x - f x| < n.+1%:R^-1].
  have nB : nbhs (l : product_topologicalType (fun=> [topologicalType of R])) B.
    apply: (@filter_forall _ T (fun x (f : T -> R) => `|l x - f x| < n.+1%:R^-1) _
      (@nbhs_filter (product_topologicalType (fun=> [topologicalType of R])) l)) => x.
    have := @proj_continuous T (fun=> [topologicalType of R]) x l.
    by move/cvgrPdist_lt; apply; rewrite invr_gt0.
  have [f [[t [nt St ->]] Bt]] := meets A B FA nB.
  by exists t.
have [k kP] := boolp.choice near_l; exists l, k.
have conv x : (fun n => P (k n) x) --> l x.
  apply/cvgrPdist_lt => e e0; near=> n.
  have [_ _ /(_ x)] := kP n; move=> /lt_trans; apply.
  by near: n; exact: (near_infty_natSinv_lt (PosNum e0)).
split=> // [n|n|]; [by case: (kP n)|by case: (kP n)|].
apply: (@limit_of_laws (fun n => P (k n))) conv => n; apply: lawP.
Unshelve. all: by end_near. Qed.

(* Means are continuous in the law, ... *)
Lemma cvg_mean P l g : (forall x, (fun n => P n x) --> l x) ->
  (fun n => mean (P n) g) --> mean l g.
Proof.
by move=> Pl; apply: (@cvg_sum R T (fun x n => P n x * g x)) => x; apply: cvgMl; apply: Pl.
Qed.

(* ... and so is a divergence from r, where the limit has the mass that r has. *)
Lemma cvg_KL P l r : is_law r -> is_law l -> absolutely_continuous r l ->
  (forall x, (fun n => P n x) --> l x) -> (fun n => KL r (P n)) --> KL r l.
Proof.
move=> [r0 _] [l0 _] rl Pl; apply: (@cvg_sum R T (fun x n => r x * ln (r x / P n x))) => x.
have := r0 x; rewrite le_eqVlt => /orP[/eqP rx|rx].
  rewrite -rx mul0r; have -> : (fun n => 0 * ln (0 / P n x)) = cst 0; last exact: cvg_cst.
  by apply/funext => n; rewrite mul0r.
have lx : 0 < l x.
  by rewrite lt_neqAle l0 andbT eq_sym; apply: contraTneq rx => /rl ->; rewrite ltxx.
have pos : 0 < r x / l x by rewrite divr_gt0.
have ratio : (fun n => r x / P n x) --> r x / l x.
  by apply: cvgMr; apply: cvgV; rewrite ?gt_eqF //; apply: Pl.
by apply: cvgMr; apply: cvg_comp ratio (continuous_ln pos).
Qed.

Lemma KL_same q : is_law q -> KL q q = 0.
Proof.
move=> [q0 _]; apply: big1 => x _; have := q0 x; rewrite le_eqVlt => /orP[/eqP <-|qx].
  by rewrite mul0r.
by rewrite divff ?ln1 ?mulr0 // gt_eqF.
Qed.

End Limits.

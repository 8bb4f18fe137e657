(* The mixed loop with finite real data has exactly one fixed point on their support, whatever K and
   lam are, and converges to it: every finite law has mass at its largest weight (attraction.v). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences.
From Recurate Require Import compatibility finite_law curation loops winner total_variation.
From Recurate Require Import limit_law concentration attraction.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Unique.
Variables (R : realType) (T : finType) (K : option nat) (lam : R) (pref w : T -> R).
Hypotheses (K_ge1 : at_least 1 K) (lam_ge0 : 0 <= lam) (law_ref : is_law pref).
Hypothesis w_gt0 : forall x, 0 < w x.
Implicit Types (p q : T -> R).
Notation TV := total_variation.
Notation fixed := (is_fixed_point lam pref (winner K w)).
Notation on_support p := (is_law p /\ absolutely_continuous p pref).

(* There is at most one fixed point among the laws on weights w <= w_*, the largest weight that the
   reference has: bound is w_*. K >= 1 or infinity, lam >= 0 is finite. (For K = 1 it is p_ref.) *)
Theorem fixed_point_unique bound p q : bounded_on_support pref w bound ->
  0 < mass pref (top w bound) -> law_below w bound p -> law_below w bound q ->
  fixed p -> fixed q -> p =1 q.
Proof.
move=> le_bound top_gt0 bp bq fixp fixq.
have [pinf [_ _ only _]] := global_attraction K_ge1 lam_ge0 law_ref w_gt0 le_bound top_gt0.
by move=> x; rewrite (only p bp fixp) (only q bq fixq).
Qed.

(* So there is among the laws on the reference's support: nothing else is asked. *)
Theorem fixed_point_unique_on_support p q : on_support p -> on_support q ->
  fixed p -> fixed q -> p =1 q.
Proof.
move=> [lawp cp] [lawq cq]; have [bound [le_bound top_gt0]] := largest_weight w law_ref.
by apply: (fixed_point_unique le_bound top_gt0); split=> //;
  apply: absolutely_continuous_bound law_ref _ _ le_bound.
Qed.

(* Every finite reference has exactly one fixed point on its support, p_inf; its support is all of
   the reference's; and from every start on the support the loop tends to it geometrically: there is
   a c < 1, the same for all starts, with TV(p_t, p_inf) <= c^t TV(p_0, p_inf). (c is that of
   global_attraction, 1 - m q/p_inf(A), with the largest weight for w_* .) *)
Theorem fixed_point_attracts : exists pinf, [/\ on_support pinf, absolutely_continuous pref pinf,
    fixed pinf, forall p, on_support p -> fixed p -> p =1 pinf
  & exists2 c, 0 <= c < 1 & forall p0, on_support p0 -> let p := winner_loop K lam pref w p0 in
    [/\ forall t, TV (p t) pinf <= c ^+ t * TV p0 pinf, (fun t => TV (p t) pinf) --> (0 : R)
      & forall x, p ^~ x --> pinf x]].
Proof.
have [bound [le_bound top_gt0]] := largest_weight w law_ref.
have below p : on_support p -> law_below w bound p.
  by move=> [lawp cp]; split=> //; apply: absolutely_continuous_bound law_ref _ _ le_bound.
have [pinf [b_inf fixinf only attr]] :=
  global_attraction K_ge1 lam_ge0 law_ref w_gt0 le_bound top_gt0.
have [law_inf _] := b_inf.
have on_ref : on_support pref by split.
have c_inf : absolutely_continuous pinf pref.
  move=> x px0; have [_ to0 _] := attr pref (below _ on_ref).
  by apply: (limit_zero _ to0) => t; apply: winner_loop_continuous.
exists pinf; split=> // [x pinf0|p bp|]; last 1 first.
- exists (1 - mass pref (top w bound) / (1 + lam) / mass pinf (top w bound)) => [|p0 bp0].
    exact: fixed_rate_unit b_inf fixinf.
  by have [le_t to0 to_inf] := attr p0 (below _ bp0); split=> // t; case: (le_t t).
- have [r0 _] := law_ref; have l1 := real_share_gt0 lam_ge0.
  apply/eqP; rewrite eq_le r0 andbT -(@pmulr_lle0 _ (1 + lam)^-1) ?invr_gt0 // -pinf0 fixinf.
  rewrite lerDl mulr_ge0 ?synthetic_share_ge0 //.
  by case: (winner_is_law K_ge1 law_inf w_gt0).
by apply: only; apply: below.
Qed.

End Unique.

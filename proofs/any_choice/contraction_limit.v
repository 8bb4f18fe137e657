(* With enough real data the loop of a rule that sees the candidates only has a fixed point, which
   it tends to from every start (limit_law.v). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences.
From Recurate Require Import compatibility finite_law loops choices total_variation contraction.
From Recurate Require Import limit_law.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section FixedPoint.
Variables (R : realType) (T : finType).
Variables (K : nat) (c : {ffun 'I_K -> T} -> 'I_K -> R) (lam : R) (pref : T -> R).
Hypotheses (rule_c : is_rule c) (lam_ge0 : 0 <= lam) (law_ref : is_law pref).
Notation TV := total_variation.
Notation a := (lam / (1 + lam)).
Hypothesis small : a * K%:R < 1.
Notation fixed := (is_fixed_point lam pref (fun p => chosen p c)).

Let r_ge0 : 0 <= a * K%:R. Proof. by rewrite mulr_ge0 ?synthetic_share_ge0. Qed.

(* The loop from the reference, to have some loop. *)
Let step p x := pref x / (1 + lam) + a * chosen p c x.
Let p t := iter t step pref.

Let law t : is_law (p t).
Proof. by apply: (chosen_loop_is_law rule_c lam_ge0 law_ref). Qed.

Let nearer q q' : is_law q -> is_law q' -> TV (step q) (step q') <= a * K%:R * TV q q'.
Proof. by move=> lawq lawq'; apply: (contraction_step (pref := pref) rule_c lam_ge0). Qed.

Let increments t : TV (p t.+1) (p t) <= TV (p 1%N) (p 0%N) * (a * K%:R) ^+ t.
Proof.
elim: t => [|t le_t]; first by rewrite expr0 mulr1.
apply: le_trans (nearer (law t.+1) (law t)) _.
by rewrite exprS [leRHS]mulrCA; apply: ler_wpM2l.
Qed.

(* I4, its consequence for the loop: if a K < 1, a = lam/(1 + lam), there is exactly one fixed point
   among the laws, and every loop with this rule tends to it,
     TV(p_t, p_inf) <= (a K)^t TV(p_0, p_inf) -> 0,
   from any law p_0. c is a rule of choice among K that sees the candidates only, the same for
   all t; lam >= 0 is finite. *)
Theorem any_choice_fixed_point : exists pinf, [/\ is_law pinf, fixed pinf,
    forall q, is_law q -> fixed q -> q =1 pinf
  & forall p : nat -> T -> R, is_law (p 0%N) ->
    (forall t x, p t.+1 x = pref x / (1 + lam) + a * chosen (p t) c x) ->
    (forall t, TV (p t) pinf <= (a * K%:R) ^+ t * TV (p 0%N) pinf)
    /\ (fun t => TV (p t) pinf) --> (0 : R)].
Proof.
have r_unit : 0 <= a * K%:R < 1 by apply/andP.
have [pinf [law_inf to_inf]] := limit_law r_unit law increments.
have fixed_inf : pinf =1 step pinf.
  by apply: (limit_is_fixed (fun t => frefl (p t.+1)) _ to_inf) => t; apply: nearer.
exists pinf; split=> // [q lawq fixq|s law0 loop].
  exact: (any_choice_unique_fixed_point rule_c lam_ge0 small lawq law_inf).
split; first exact: (any_choice_loop_contracts rule_c lam_ge0 law_ref law0 loop law_inf).
apply: (attracting_limit (good := @is_law R T) r_unit fixed_inf _ _ loop) => [q lawq|].
  exact: nearer.
exact: (chosen_loop_is_law rule_c lam_ge0 law_ref law0 loop).
Qed.

End FixedPoint.

(* How far the pure loop moves, whatever people choose among K: not further than t ln K - 1 + K^-t,
   what one choice of the best of K^t does if there are no ties. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import reals exp.
From Recurate Require Import finite_law loops choices divergence envelope_integral power_primitive.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section PureLoop.
Variables (R : realType) (T : finType) (K : nat) (p : nat -> T -> R).
Variable c : nat -> {ffun 'I_K -> T} -> 'I_K -> R.
Hypotheses (law0 : is_law (p 0%N)) (rule_c : forall t, is_rule (c t)).
Hypothesis step : forall t, p t.+1 =1 chosen (p t) (c t).

Let K_gt0 : (0 < K)%N := rule_gt0 law0 (rule_c 0).

(* I6, the divergence: t pure steps move the law no further than
     KL(p_t||p_0) <= t ln K - 1 + K^-t,
   whatever people choose among K, and so by the best of K: c t is any rule of choice, another one
   at each t if one likes, p_0 any law. *)
Theorem pure_choice_divergence t : absolutely_continuous (p t) (p 0%N) /\
  KL (p t) (p 0%N) <= t%:R * ln K%:R - 1 + (K%:R ^+ t)^-1.
Proof.
have still (s : nat) : 0 <= (0 : R) <= 1 by rewrite lexx ler01.
have [|cont le] := any_choice_divergence_integral (m := fun=> 0) (K := fun=> K) (c := c) still
  law0 (frefl _) rule_c _ (pure_primitive R K_gt0 t).
  by move=> s x; rewrite mul0r add0r subr0 mul1r; apply: step.
split=> //; apply: le_trans le _; have N0 : (0 < K ^ t)%N by rewrite expn_gt0 K_gt0.
rewrite power_primitive_gain prednK // natrX lnX ?mulr_natl //.
by rewrite ltr0n.
Qed.

End PureLoop.

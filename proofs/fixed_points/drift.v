(* Steps that are inexact, by finite samples or otherwise: each is off by at most eps, and all of
   them together by at most eps/(1 - a H), H the top ratio at the loop's fixed point. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import reals.
From Recurate Require Import compatibility finite_law curation loops winner total_variation.
From Recurate Require Import concentration attraction.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* e_{t+1} <= eps + c e_t gives e_t <= c^t e_0 + eps (1 - c^t)/(1 - c). *)
Lemma linear_recursion (R : realFieldType) (e : nat -> R) (c eps : R) : 0 <= c < 1 ->
  (forall t, e t.+1 <= eps + c * e t) ->
  forall t, e t <= c ^+ t * e 0%N + eps * (1 - c ^+ t) / (1 - c).
Proof.
move=> /andP[c0 c1] step; elim=> [|t IH].
  by rewrite expr0 subrr mulr0 mul0r addr0 mul1r.
apply: le_trans (step t) _; apply: le_trans (lerD (lexx eps) (ler_wpM2l c0 IH)) _.
rewrite exprS le_eqVlt; apply/orP; left; apply/eqP; move: (c ^+ t) (e 0%N) => x e0.
by field; rewrite gt_eqF // subr_gt0.
Qed.

Section Drift.
Variables (R : realType) (T : finType) (K : option nat) (lam : R) (pref w : T -> R) (bound : R).
Hypotheses (K_ge1 : at_least 1 K) (lam_ge0 : 0 <= lam) (law_ref : is_law pref).
Hypotheses (w_gt0 : forall x, 0 < w x) (top_gt0 : 0 < mass pref (top w bound)).
Implicit Types (p q : T -> R).
Notation TV := total_variation.
Notation a := (lam / (1 + lam)).
Notation F := (winner_step K lam pref w).
Notation A := (top w bound).
Notation below := (law_below w bound).
Variable pinf : T -> R.
Hypotheses (below_inf : below pinf).
Hypothesis fixed_inf : is_fixed_point lam pref (winner K w) pinf.

(* c = 1 - m q/p_inf(A), m = 1/(1 + lam) *)
Notation c := (1 - mass pref A / (1 + lam) / mass pinf A).

Let c_unit : 0 <= c < 1. Proof. exact: fixed_rate_unit fixed_inf. Qed.

(* c is a H(bound) at p_inf, and 1/(1 - c) = p_inf(A)/(m q). *)
Lemma drift_rate : c = a * winner_ratio K w pinf bound
  /\ (1 - c)^-1 = mass pinf A / (mass pref A / (1 + lam)).
Proof.
have [_ e _] := fixed_rate K_ge1 lam_ge0 w_gt0 top_gt0 below_inf fixed_inf.
by split; [rewrite e|rewrite subKr invf_div].
Qed.

(* An inexact step p', off by what it is. *)
Lemma inexact_step p p' : below p -> TV p' pinf <= TV p' (F p) + c * TV p pinf.
Proof.
move=> bp; apply: le_trans (TV_triangle _ _ (F p)) _; rewrite lerD2l.
by rewrite (eq_TV (frefl (F p)) fixed_inf); apply: fixed_nearer.
Qed.

(* Let p_0, p_1, ... be laws on weights w <= w_* with TV(p_{t+1}, F(p_t)) <= eps for every t, F the
   loop's step. Then
     TV(p_t, p_inf) <= c^t TV(p_0, p_inf) + eps (1 - c^t)/(1 - c),
   with c = a H(bound) = 1 - m q/p_inf(A) and 1/(1 - c) = p_inf(A)/(m q) (drift_rate). p_inf is the
   loop's fixed point, q = p_ref(A) > 0, A = {w = w_* }; bound is w_*, K >= 1 or infinity. *)
Theorem finite_sample_drift (p : nat -> T -> R) eps : (forall t, below (p t)) ->
  (forall t, TV (p t.+1) (F (p t)) <= eps) ->
  forall t, TV (p t) pinf <= c ^+ t * TV (p 0%N) pinf + eps * (1 - c ^+ t) / (1 - c).
Proof.
move=> bp off; apply: linear_recursion c_unit _ => t.
by apply: le_trans (inexact_step _ (bp t)) _; rewrite lerD2r.
Qed.

(* So in the end the loop is within eps p_inf(A)/(m q) of p_inf, whatever its start. *)
Theorem finite_sample_drift_end (p : nat -> T -> R) eps : (forall t, below (p t)) ->
  (forall t, TV (p t.+1) (F (p t)) <= eps) ->
  forall t, TV (p t) pinf
    <= c ^+ t * TV (p 0%N) pinf + eps * (mass pinf A / (mass pref A / (1 + lam))).
Proof.
move=> bp off t; apply: le_trans (finite_sample_drift bp off t) _; have [_ <-] := drift_rate.
have /andP[c0 c1] := c_unit; have e0 := le_trans (TV_ge0 _ _) (off 0%N).
rewrite lerD2l -mulrA ler_wpM2l // ler_piMl ?invr_ge0 ?subr_ge0 ?(ltW c1) //.
by rewrite lerBlDr lerDl exprn_ge0.
Qed.

(* If the steps are random and off by eps at most in the mean, the same holds in the mean. The law
   p_t depends on an outcome o of a finite probability space (Omega, P); the mean is over all
   outcomes. *)
Theorem finite_sample_drift_mean (Omega : finType) (P : Omega -> R)
    (p : nat -> Omega -> T -> R) eps :
  is_law P -> (forall t o, below (p t o)) ->
  (forall t, mean P (fun o => TV (p t.+1 o) (F (p t o))) <= eps) ->
  forall t, mean P (fun o => TV (p t o) pinf)
    <= c ^+ t * mean P (fun o => TV (p 0%N o) pinf) + eps * (1 - c ^+ t) / (1 - c).
Proof.
move=> lawP bp off.
apply: (linear_recursion (e := fun t => mean P (fun o => TV (p t o) pinf))) c_unit _ => t.
apply: (@le_trans _ _ (mean P (fun o => TV (p t.+1 o) (F (p t o)) + c * TV (p t o) pinf))).
  by apply: le_mean => [|o _]; [case: lawP|apply: inexact_step].
by rewrite meanD meanZ lerD2r.
Qed.

End Drift.

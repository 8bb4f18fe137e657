(* The pure loop with infinitely many candidates in closed form, and its distance to its limit. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import concentration divergence limits limit_law cluster.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section ClosedForm.
Variables (R : realFieldType) (T : finType).
Variables (p0 w : T -> R).
Hypotheses (law0 : is_law p0) (w_gt0 : forall x, 0 < w x).
Notation power t := (fun x => w x ^+ t).

Lemma power_mean_gt0 t : 0 < mean p0 (power t).
Proof. by apply: mean_gt0 => // x; rewrite exprn_gt0. Qed.

(* p_t = p_0 w^t/E_0 w^t: t steps with K = infinity are one, with w^t for w. *)
Theorem pure_infinite_loop t : pure_winner_loop None w p0 t =1 tilted (power t) p0.
Proof.
elim: t => [|t IH] x.
  rewrite /tilted expr0; have -> : mean p0 (power 0%N) = 1; last by rewrite divr1 mulr1.
  by rewrite -[RHS](mean_const 1 law0); apply: eq_mean => // y; rewrite expr0.
rewrite pure_winner_loopS /= /tilted IH.
rewrite (eq_mean IH (frefl w)) mean_tilted.
have -> : mean p0 (fun y => w y ^+ t * w y) = mean p0 (power t.+1).
  by apply: eq_mean => // y; rewrite exprSr.
have := power_mean_gt0 t; have := power_mean_gt0 t.+1; rewrite /tilted.
move: (mean _ _) (mean _ _) => Z' Z Z'0 Z0; rewrite exprSr; move: (w x ^+ t) => W.
by field; rewrite !gt_eqF.
Qed.

End ClosedForm.

Section Limit.
Variables (R : realType) (T : finType).
Variables (p0 w : T -> R) (bound : R).
Hypotheses (law0 : is_law p0) (w_gt0 : forall x, 0 < w x).
Hypothesis le_bound : bounded_on_support p0 w bound.
Notation A := (top w bound).
Hypothesis top_mass_gt0 : 0 < mass p0 A.
Notation p := (pure_winner_loop None w p0).
Notation limit := (conditioned p0 A).
Notation q := (mass p0 A).

(* E_0[(w/w_* )^t; w < w_*] *)
Definition below_top t := \sum_(x | w x < bound) p0 x * (w x / bound) ^+ t.

Let bound0 : 0 < bound := bound_gt0 law0 w_gt0 le_bound.

(* E_0 w^t = w_*^t (q + E_0[(w/w_* )^t; w < w_*]) *)
Lemma power_mean_split t : mean p0 (fun x => w x ^+ t) = bound ^+ t * (q + below_top t).
Proof.
rewrite /mass /below_top big_mkcond [X in _ + X]big_mkcond -big_split mulr_sumr /=.
apply: eq_bigr => x _; rewrite /top; have := proj1 law0 x; rewrite le_eqVlt => /orP[/eqP <-|px].
  by case: ifP; case: ifP; rewrite !mul0r addr0 mulr0.
have := le_bound px; rewrite le_eqVlt => /orP[/eqP ->|below].
  by rewrite eqxx ltxx addr0 mulrC.
by rewrite below lt_eqF // add0r mulrCA -exprMn [bound * _]mulrCA divff ?mulr1 // gt_eqF.
Qed.

Lemma below_top_ge0 t : 0 <= below_top t.
Proof.
apply: sumr_ge0 => x _; rewrite mulr_ge0 ?(proj1 law0) // exprn_ge0 // divr_ge0 // ltW //.
Qed.

(* On A the loop multiplies p_0 by one factor. *)
Lemma infinite_on_top t x : A x -> p t x = p0 x / (q + below_top t).
Proof.
move=> /eqP wx; rewrite pure_infinite_loop // /tilted power_mean_split wx invfM mulrA mulrA.
by rewrite mulfK // expf_neq0 // gt_eqF.
Qed.

(* With K = infinity, the pure loop: p_t = p_0 w^t/E_0 w^t, and
     KL(p_*||p_t) = ln(1 + E_0[(w/w_* )^t; w < w_*]/q).
   limit is p_* = p_0 given A = {w = w_*}, q = p_0(A) > 0; bound is w_*, at least w wherever p_0
   has mass; below_top t is the mean in the formula. *)
Theorem theorem_2_1_k_inf t :
  [/\ forall x, p t x = p0 x * (w x ^+ t / mean p0 (fun y => w y ^+ t)),
      absolutely_continuous limit (p t)
    & KL limit (p t) = ln (1 + below_top t / q)].
Proof.
have qB0 : 0 < q + below_top t by rewrite ltr_pwDl // below_top_ge0.
split=> [x|x|]; first exact: pure_infinite_loop.
  rewrite /conditioned; case: ifP => // Ax; rewrite infinite_on_top // => /eqP.
  by rewrite mulf_eq0 invr_eq0 (gt_eqF qB0) orbF => /eqP ->; rewrite mul0r.
have -> : 1 + below_top t / q = (q + below_top t) / q by field; rewrite gt_eqF.
rewrite -[RHS](mean_const _ (limit_is_law law0 top_mass_gt0)); apply: eq_bigr => x _.
rewrite /conditioned; case: ifP => [Ax|_]; last by rewrite !mul0r.
have := proj1 law0 x; rewrite le_eqVlt => /orP[/eqP <-|px]; first by rewrite !mul0r.
congr (_ * ln _); rewrite infinite_on_top //; move: (below_top t) qB0 => B qB0.
by field; rewrite !gt_eqF.
Qed.

(* It tends to 0. *)
Theorem theorem_2_1_k_inf_limit : (fun t => KL limit (p t)) --> (0 : R).
Proof.
have -> : (fun t => KL limit (p t)) = (fun t => ln (1 + below_top t / q)).
  by apply/funext => t; have [_ _] := theorem_2_1_k_inf t.
have B0 : below_top --> (0 : R).
  have -> : below_top = fun t => \sum_x (w x < bound)%R%:R * (p0 x * (w x / bound) ^+ t).
    apply/funext => t; rewrite /below_top big_mkcond; apply: eq_bigr => x _.
    by case: ifP; rewrite ?mul1r ?mul0r.
  have := @cvg_sum R T (fun x t => (w x < bound)%R%:R * (p0 x * (w x / bound) ^+ t)) (fun=> 0).
  rewrite big1 //; apply=> x.
  have [below|_] := boolP (w x < bound); last first.
    have -> : (fun t => 0%:R * (p0 x * (w x / bound) ^+ t)) = cst 0; last exact: cvg_cst.
    by apply/funext => t; rewrite mul0r.
  rewrite -[X in _ --> X](mulr0 1); apply: cvgMr.
  rewrite -[X in _ --> X](mulr0 (p0 x)); apply: cvgMr.
  by apply: cvg_expr; rewrite ger0_norm ?divr_ge0 ?ltW // ltr_pdivrMr // mul1r.
have to1 : (fun t => 1 + below_top t / q) --> (1 : R).
  rewrite -[X in _ --> X]addr0 -[X in _ + X](mul0r q^-1); apply: cvgD; first exact: cvg_cst.
  exact: cvgMl.
by rewrite -(@ln1 R); exact: (cvg_comp to1 (continuous_ln ltr01)).
Qed.

End Limit.

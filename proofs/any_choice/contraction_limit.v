(* With enough real data the loop of a rule that sees the candidates only has a fixed point, which
   it tends to from every start: the limit of a Cauchy sequence, coordinate by coordinate. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences.
From Recurate Require Import compatibility finite_law loops choices total_variation contraction.

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

Lemma sum_cvg (f : T -> nat -> R) (l : T -> R) : (forall x, f x --> l x) ->
  (fun t => \sum_x f x t) --> \sum_x l x.
Proof.
move=> to_l; elim: (index_enum T) => [|x s IH].
  have -> : (fun t => \sum_(x <- [::]) f x t) = cst 0 by apply: funext => t; rewrite big_nil.
  by rewrite big_nil; apply: cvg_cst.
have -> : (fun t => \sum_(y <- x :: s) f y t) = (fun t => f x t + \sum_(y <- s) f y t).
  by apply: funext => t; rewrite big_cons.
by rewrite big_cons; exact: (cvgD (to_l x) IH).
Qed.

(* The loop from the reference, to have some loop. *)
Let step p x := pref x / (1 + lam) + a * chosen p c x.
Let p t := iter t step pref.

Let law t : is_law (p t).
Proof. by apply: (chosen_loop_is_law rule_c lam_ge0 law_ref). Qed.

Let increments t : TV (p t.+1) (p t) <= (a * K%:R) ^+ t * TV (p 1%N) (p 0%N).
Proof.
elim: t => [|t le_t]; first by rewrite expr0 mul1r.
apply: le_trans (contraction_step rule_c lam_ge0 (law t.+1) (law t) (frefl _) (frefl _)) _.
by rewrite exprS -[leRHS]mulrA; apply: ler_wpM2l.
Qed.

Let converges x : cvg (fun t => p t x).
Proof.
have -> : (fun t => p t x) = (fun t => p 0%N x + series (telescope (fun t => p t x)) t).
  by apply: funext => t; rewrite (eq_sum_telescope (fun t => p t x)).
apply: is_cvgD; first exact: is_cvg_cst.
apply: normed_cvg; set C := TV (p 1%N) (p 0%N) * 2%:R.
apply: (@series_le_cvg _ _ (geometric C (a * K%:R))) => [t|t|t|]; first exact: normr_ge0.
- by rewrite /= mulr_ge0 ?exprn_ge0 // mulr_ge0 ?TV_ge0.
- rewrite /telescope /=; apply: le_trans (le_dist_TV _ _ _) _.
  rewrite /C [leRHS]mulrAC; apply: ler_wpM2r; rewrite ?ler0n // [leRHS]mulrC.
  exact: increments.
- by apply: is_cvg_geometric_series; rewrite ger0_norm.
Qed.

Let pinf x : R := lim (fun t => p t x).

Let to_pinf x : (fun t => p t x) --> pinf x. Proof. exact: converges. Qed.

Let to_pinf_dist x : (fun t => `|p t x - pinf x|) --> (0 : R).
Proof.
rewrite -(@normr0 _ R) -(subrr (pinf x)).
exact: (cvg_norm (cvgB (@to_pinf x) (cvg_cst (pinf x)))).
Qed.

Let law_inf : is_law pinf.
Proof.
split=> [x|]; first by apply: (limr_ge (@converges x)); exists 0%N => // t _; case: (law t).
have := sum_cvg to_pinf; have -> : (fun t => \sum_x p t x) = fun=> 1.
  by apply: funext => t; case: (law t).
by move/(cvg_lim (@Rhausdorff R)) <-; apply: (cvg_lim (@Rhausdorff R)); apply: cvg_cst.
Qed.

Let TV_to0 : (fun t => TV (p t) pinf) --> (0 : R).
Proof.
rewrite -[X in _ --> X](mul0r 2%:R^-1); apply: cvgMl.
have : (fun t => \sum_x `|p t x - pinf x|) --> \sum_(x : T) (0 : R).
  apply: (@sum_cvg (fun x t => `|p t x - pinf x|)) => x.
  exact: to_pinf_dist.
by rewrite big1_eq.
Qed.

Let fixed_inf : fixed pinf.
Proof.
move=> x; apply/eqP; rewrite -subr_eq0 -normr_eq0 eq_le normr_ge0 andbT.
have to0 : (fun t => `|p t.+1 x - pinf x| + a * K%:R * TV (p t) pinf * 2%:R) --> (0 : R).
  have two : (fun t => a * K%:R * TV (p t) pinf * 2%:R) --> (a * K%:R * 0 * 2%:R : R).
    by apply: cvgMl; apply: cvgMr; apply: TV_to0.
  have one : (fun t => `|p t.+1 x - pinf x|) --> (0 : R).
    by rewrite (cvg_shiftS (fun t => `|p t x - pinf x|)); apply: to_pinf_dist.
  by have := cvgD one two; rewrite mulr0 mul0r addr0; apply.
rewrite -(cvg_lim (@Rhausdorff R) to0); apply: (limr_ge (cvgP _ to0)); apply: nearW => t.
have close : `|p t.+1 x - step pinf x| <= a * K%:R * TV (p t) pinf * 2%:R.
  apply: le_trans (le_dist_TV _ _ x) _; rewrite ler_wpM2r ?ler0n //.
  by apply: (contraction_step (pref := pref) rule_c lam_ge0).
apply: le_trans (ler_dist_add (p t.+1 x) _ _) _.
by rewrite distrC lerD.
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
exists pinf; split=> // [q lawq fixq|s law0 loop].
  exact: (any_choice_unique_fixed_point rule_c lam_ge0 small lawq law_inf).
have le := any_choice_loop_contracts rule_c lam_ge0 law_ref law0 loop law_inf fixed_inf.
split=> //; apply: (squeeze_cvgr (f := cst 0)
  (h := fun t => (a * K%:R) ^+ t * TV (s 0%N) pinf)); last 2 first.
- exact: cvg_cst.
- rewrite -[X in _ --> X](mul0r (TV (s 0%N) pinf)); apply: cvgMl.
  by apply: cvg_expr; rewrite ger0_norm.
by apply: nearW => t; rewrite TV_ge0 le.
Qed.

End FixedPoint.

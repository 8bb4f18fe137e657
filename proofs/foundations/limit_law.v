(* Laws whose steps shrink geometrically have a limit: coordinate by coordinate they are Cauchy. If
   they are the laws of a loop, the limit is a fixed point of it; and a fixed point that every step
   comes nearer to by some factor below one attracts the loop. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences.
From Recurate Require Import compatibility finite_law total_variation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section LimitLaw.
Variables (R : realType) (T : finType).
Implicit Types (p q : T -> R) (r : nat -> T -> R) (F : (T -> R) -> T -> R).
Notation TV := total_variation.

Lemma cvg_sum (I : finType) (F : I -> nat -> R) (G : I -> R) :
  (forall i, F i --> G i) -> (fun n => \sum_i F i n) --> \sum_i G i.
Proof.
move=> FG; have -> : (fun n => \sum_i F i n) = \sum_i F i.
  by apply/funext => n; rewrite fct_sumE.
by elim/big_ind2: _ => [|f a g b|i _]; [exact: cvg_cst|exact: cvgD|exact: FG].
Qed.

(* What is at most a null sequence is not positive. *)
Lemma le_null (a : R) (f : nat -> R) : (forall t, a <= f t) -> f --> (0 : R) -> a <= 0.
Proof.
move=> le_f to0; rewrite -(cvg_lim (@Rhausdorff R) to0).
by apply: (limr_ge (cvgP _ to0)); apply: nearW.
Qed.

(* What lies between 0 and a null sequence is one. *)
Lemma null_below (f g : nat -> R) : (forall t, 0 <= f t <= g t) -> g --> (0 : R) ->
  f --> (0 : R).
Proof.
by move=> le_g; apply: (squeeze_cvgr (f := cst 0)); [apply: nearW|apply: cvg_cst].
Qed.

Lemma null_scaled (a : R) (f : nat -> R) : f --> (0 : R) -> (fun t => a * f t) --> (0 : R).
Proof. by move=> to0; rewrite -[X in _ --> X](mulr0 a); apply: cvgMr. Qed.

Lemma geometric_null (c C : R) : 0 <= c < 1 -> (fun t => c ^+ t * C) --> (0 : R).
Proof.
move=> /andP[c0 c1]; rewrite -[X in _ --> X](mul0r C); apply: cvgMl.
by apply: cvg_expr; rewrite ger0_norm.
Qed.

(* Near in total variation is near at each answer. *)
Lemma pointwise_limit r p : (fun t => TV (r t) p) --> (0 : R) -> forall x, r ^~ x --> p x.
Proof.
move=> to0 x; rewrite -[X in _ --> X]addr0.
have -> : r ^~ x = (fun t => p x + (r t x - p x)) by apply: funext => t; rewrite addrC subrK.
apply: cvgD; first exact: cvg_cst.
apply: norm_cvg0; apply: (null_below (g := fun t => 2%:R * TV (r t) p)); last exact: null_scaled.
by move=> t; rewrite normr_ge0 mulrC le_dist_TV.
Qed.

Section Steps.
Variables (r : nat -> T -> R) (c C : R).
Hypotheses (c_unit : 0 <= c < 1) (law : forall t, is_law (r t)).
Hypothesis steps : forall t, TV (r t.+1) (r t) <= C * c ^+ t.

Let converges x : cvg (r ^~ x).
Proof.
have -> : r ^~ x = (fun t => r 0%N x + series (telescope (r ^~ x)) t).
  by apply: funext => t; rewrite (eq_sum_telescope (r ^~ x)).
apply: is_cvgD; first exact: is_cvg_cst.
have /andP[c0 c1] := c_unit.
have C0 : 0 <= C by have := le_trans (TV_ge0 _ _) (steps 0); rewrite expr0 mulr1.
apply: normed_cvg; apply: (@series_le_cvg _ _ (geometric (C * 2%:R) c)) => [t|t|t|].
- exact: normr_ge0.
- by rewrite /= !mulr_ge0 ?exprn_ge0.
- rewrite /telescope /=; apply: le_trans (le_dist_TV _ _ _) _.
  by rewrite [leRHS]mulrAC; apply: ler_wpM2r; rewrite ?ler0n.
- by apply: is_cvg_geometric_series; rewrite ger0_norm.
Qed.

(* If TV(r_{t+1}, r_t) <= C c^t, 0 <= c < 1, the laws r_t have a limit in total variation, a law. *)
Theorem limit_law : exists p, is_law p /\ (fun t => TV (r t) p) --> (0 : R).
Proof.
pose p x : R := lim (r ^~ x); have to_p x : r ^~ x --> p x := @converges x.
exists p; split; [split=> [x|]|].
- by apply: (limr_ge (@converges x)); apply: nearW => t; case: (law t).
- have := cvg_sum to_p; have -> : (fun t => \sum_x r t x) = fun=> 1.
    by apply: funext => t; case: (law t).
  by move/(cvg_lim (@Rhausdorff R)) <-; apply: (cvg_lim (@Rhausdorff R)); apply: cvg_cst.
have : (fun t => \sum_x `|r t x - p x|) --> \sum_(x : T) (0 : R).
  apply: (@cvg_sum T (fun x t => `|r t x - p x|)) => x.
  by rewrite -(@normr0 _ R) -(subrr (p x)); exact: (cvg_norm (cvgB (to_p x) (cvg_cst (p x)))).
by rewrite big1_eq -[X in _ -> _ --> X](mul0r 2%:R^-1); apply: cvgMl.
Qed.

End Steps.

(* The limit of a loop r_{t+1} = F(r_t) is a fixed point, if F is continuous there. *)
Lemma limit_is_fixed F r p L : (forall t, r t.+1 =1 F (r t)) ->
  (forall t, TV (F (r t)) (F p) <= L * TV (r t) p) -> (fun t => TV (r t) p) --> (0 : R) ->
  p =1 F p.
Proof.
move=> loop lipschitz to0; apply/TV_eq0/eqP; rewrite eq_le TV_ge0 andbT.
apply: (le_null (f := fun t => TV (r t.+1) p + L * TV (r t) p)) => [t|].
  rewrite (le_trans (TV_triangle _ _ (r t.+1))) // (TVC p) lerD2l.
  by rewrite (eq_TV (loop t) (frefl (F p))).
rewrite -[X in _ --> X]addr0; apply: cvgD; last exact: null_scaled.
by rewrite (cvg_shiftS (fun t => TV (r t) p)).
Qed.

(* What is zero at all r_t is so at their limit. *)
Lemma limit_zero r p x : (forall t, r t x = 0) -> (fun t => TV (r t) p) --> (0 : R) -> p x = 0.
Proof.
move=> r0 /pointwise_limit/(_ x); have -> : r ^~ x = cst 0 by apply: funext => t; rewrite r0.
by move/(cvg_lim (@Rhausdorff R)) <-; apply: (cvg_lim (@Rhausdorff R)); apply: cvg_cst.
Qed.

(* So a bound on the weights is kept in the limit. *)
Lemma limit_bounded r p w bound : (forall t, is_law (r t)) -> is_law p ->
  (forall t, bounded_on_support (r t) w bound) -> (fun t => TV (r t) p) --> (0 : R) ->
  bounded_on_support p w bound.
Proof.
move=> lawr lawp le_bound to0 x; apply: contraTT; rewrite -ltNge => above.
rewrite (limit_zero _ to0) ?ltxx // => t; apply/eqP; rewrite eq_le (proj1 (lawr t)) andbT leNgt.
by apply: contraTN above => /(le_bound t); rewrite leNgt.
Qed.

(* A fixed point p that every step brings laws nearer to by a factor c < 1: it is the only one, and
   every loop tends to it. "good" says which laws, a class that the step stays in. *)
Section Attracting.
Variables (F : (T -> R) -> T -> R) (good : (T -> R) -> Prop) (p : T -> R) (c : R).
Hypotheses (c_unit : 0 <= c < 1) (fixed : p =1 F p).
Hypothesis nearer : forall q, good q -> TV (F q) (F p) <= c * TV q p.

Lemma attracting_unique q : good q -> q =1 F q -> q =1 p.
Proof.
move=> goodq fixq; apply/TV_eq0/eqP; rewrite eq_le TV_ge0 andbT.
have /andP[c0 c1] := c_unit; have := nearer goodq.
rewrite -(eq_TV fixq fixed) -subr_le0 -[X in X - _]mul1r -mulrBl pmulr_rle0 //.
by rewrite subr_gt0.
Qed.

Lemma attracting_rate r : (forall t, good (r t)) -> (forall t, r t.+1 =1 F (r t)) ->
  forall t, TV (r t) p <= c ^+ t * TV (r 0%N) p.
Proof.
move=> good_r loop; elim=> [|t IH]; first by rewrite expr0 mul1r.
have /andP[c0 _] := c_unit.
rewrite (eq_TV (loop t) fixed) (le_trans (nearer (good_r t))) // exprS -mulrA.
by rewrite ler_wpM2l.
Qed.

Lemma attracting_limit r : (forall t, good (r t)) -> (forall t, r t.+1 =1 F (r t)) ->
  (fun t => TV (r t) p) --> (0 : R).
Proof.
move=> good_r loop; apply: (null_below (g := fun t => c ^+ t * TV (r 0%N) p)) => [t|].
  by rewrite TV_ge0 attracting_rate.
exact: geometric_null.
Qed.

End Attracting.
End LimitLaw.

(* The pure loop, from any law with mass at the top weight: geometric rates that need no logarithm
   and no limit. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law loops concentration.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section PureLoop.
Variables (R : realFieldType) (T : finType) (K : nat).
Variables (p0 w : T -> R) (bound : R).
Hypotheses (K_gt0 : (0 < K)%N) (law0 : is_law p0) (w_gt0 : forall x, 0 < w x).
Hypothesis le_bound : bounded_on_support p0 w bound.
Notation A := (top w bound).
Hypothesis top_mass_gt0 : 0 < mass p0 A.
Notation p := (pure_loop K w p0).

Let law t : is_law (p t) := pure_loop_is_law K_gt0 w_gt0 law0 t.
Let bounded t : bounded_on_support (p t) w bound :=
  pure_loop_bounded (t := t) K_gt0 w_gt0 law0 le_bound.
Let positive_bound : 0 < bound := bound_gt0 law0 w_gt0 le_bound.

Lemma top_mass_pure_gt0 t : 0 < mass (p t) A.
Proof.
elim: t => [//|t mt]; rewrite pure_loopS.
by apply: lt_le_trans (all_candidates_inside A K_gt0 (law t) w_gt0); rewrite exprn_gt0.
Qed.

(* There are finitely many weights: those below the top are at most rho w_*, for a rho < 1. *)
Lemma gap_exists : exists rho, [/\ 0 < rho, rho < 1 & gap_below_top p0 w bound rho].
Proof.
pose below := [pred x | (0 < p0 x) && ~~ A x].
have [/existsP[x0 below_x0]|/existsPn none] := boolP [exists x, below x]; last first.
  exists (2^-1); split; rewrite ?invr_gt0 ?invf_lt1 ?ltr0n ?ltr1n // => x px notA.
  by have := none x; rewrite /= px notA.
have [x /andP[px notA] largest] := arg_maxP w below_x0.
exists (w x / bound); split; first by rewrite divr_gt0.
  by rewrite ltr_pdivrMr // mul1r lt_neqAle notA le_bound.
move=> y py nAy; rewrite divfK ?gt_eqF //.
by apply: largest; rewrite /= py nAy.
Qed.

Section Rate.
Variable rho : R.
Hypotheses (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1) (gap : gap_below_top p0 w bound rho).
Notation factor := (odds_factor K rho).

Lemma gap_pure t : gap_below_top (p t) w bound rho.
Proof.
move=> x px; apply: gap; rewrite lt_neqAle (proj1 law0) andbT eq_sym.
apply: contraTneq px => px0; rewrite pure_loop_continuous ?ltxx //.
Qed.

Lemma odds_factor_ge0 : 0 <= factor.
Proof.
rewrite /odds_factor divr_ge0 ?ler0n //; apply: (addr_ge0 ler01).
by apply: mulr_ge0 (ltW rho_gt0); rewrite subr_ge0 ler1n.
Qed.

(* (1 - p_t(A))/p_t(A) <= (1/K + (1 - 1/K) rho)^t (1 - q)/q *)
Theorem odds_pure t :
  (1 - mass (p t) A) / mass (p t) A <= factor ^+ t * ((1 - mass p0 A) / mass p0 A).
Proof.
elim: t => [|t odds_t]; first by rewrite pure_loop0 expr0 mul1r.
rewrite pure_loopS exprS -mulrA.
have [_ step] := theorem_2_1_odds K_gt0 (law t) w_gt0 (@bounded t) rho_gt0 rho_le1
  (@gap_pure t) (top_mass_pure_gt0 t).
apply: le_trans step _.
by rewrite ler_wpM2l // odds_factor_ge0.
Qed.

(* The geometric rate of Theorem 2.1: 1 - p_t(A) <= (1/K + (1 - 1/K) rho)^t (1 - q)/q. *)
Theorem mass_off_top_pure t :
  1 - mass (p t) A <= factor ^+ t * ((1 - mass p0 A) / mass p0 A).
Proof.
apply: le_trans (odds_pure t); have m0 := top_mass_pure_gt0 t.
rewrite ler_pdivlMr // ler_piMr ?mass_le1 //.
by rewrite subr_ge0 mass_le1.
Qed.

Lemma odds_factor_lt1 : (1 < K)%N -> rho < 1 -> factor < 1.
Proof.
move=> K1 rho1; have K0 : 0 < K%:R :> R by rewrite ltr0n.
rewrite /odds_factor ltr_pdivrMr // mul1r -subr_gt0.
have -> : K%:R - (1 + (K%:R - 1) * rho) = (K%:R - 1) * (1 - rho) by ring.
by rewrite mulr_gt0 // subr_gt0 // ltr1n.
Qed.

End Rate.

(* 0 <= w_* - E_t w <= w_* (1 - p_t(A)) *)
Lemma mean_pure_le t : mean (p t) w <= bound.
Proof.
rewrite -[leRHS](mean_const bound (law t)); apply: le_mean; last exact: bounded.
by case: (law t).
Qed.

Lemma mean_off_top t : bound - mean (p t) w <= bound * (1 - mass (p t) A).
Proof.
rewrite -massC // -(mean_indicator (p t) (predC A)) -meanZ.
rewrite -{1}(mean_const bound (law t)) -meanB; apply: le_mean; first by case: (law t).
move=> x _ /=; have [/eqP ->|_] := boolP (A x); first by rewrite subrr mulr0.
by rewrite mulr1 lerBlDr ler_wpDr // ltW.
Qed.

(* Var_t <= w_*^2 (1 - p_t(A)) *)
Lemma variance_off_top t : variance (p t) w <= bound ^+ 2 * (1 - mass (p t) A).
Proof.
apply: le_trans (variance_le w bound (law t)) _.
rewrite -massC // -(mean_indicator (p t) (predC A)) -meanZ; apply: le_mean; first by case: (law t).
move=> x px /=; have [/eqP ->|_] := boolP (A x); first by rewrite subrr expr0n mulr0.
rewrite mulr1 -sqrrN opprB lerXn2r ?nnegrE ?subr_ge0 ?(ltW positive_bound) //.
  exact: (@bounded t).
by rewrite lerBlDr ler_wpDr // ltW.
Qed.

End PureLoop.

(* The law of the winner is the gradient, in the rewards, of the surplus U = E ln sum_k e^(r_k). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import divergence jensen.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (T : finType).
Implicit Types (p r : T -> R) (B : pred T).

(* e^r *)
Definition weights r (x : T) := expR (r x).

(* E ln(e^(r_1) + ... + e^(r_K)), K candidates from p; ln E_p e^r for K = infinity, where this is
   what E ln((e^(r_1) + ... + e^(r_K))/K) tends to. *)
Definition surplus (K : option nat) p r :=
  if K is Some K then mean (draws (K := K) p) (fun c => ln (total_weight (weights r) c))
  else ln (mean p (weights r)).

(* The rewards with those in B raised by eps. *)
Definition raised_in B (eps : R) r x := r x + eps * (B x)%:R.

End Definitions.

Section Surplus.
Variables (R : realType) (T : finType).
Implicit Types (p r : T -> R) (B : pred T).

Lemma weights_gt0 r x : 0 < weights r x. Proof. exact: expR_gt0. Qed.

Section Sums.
Variables (I : finType) (v : I -> R).
Hypothesis v_ge0 : forall i, 0 <= v i.
Notation S := (\sum_i v i).
Hypothesis S_gt0 : 0 < S.

Lemma shares_are_law : is_law (fun i => v i / S).
Proof.
split=> [i|]; first by rewrite divr_ge0 // ltW.
by rewrite -mulr_suml divff // gt_eqF.
Qed.

Lemma mean_shares e : mean (fun i => v i / S) e = (\sum_i v i * e i) / S.
Proof. by rewrite /mean mulr_suml; apply: eq_bigr => i _; rewrite mulrAC. Qed.

Lemma exp_sum_gt0 e : 0 < \sum_i v i * expR (e i).
Proof.
have := mean_gt0 shares_are_law (fun i => expR_gt0 (e i)).
by rewrite mean_shares pmulr_lgt0 ?invr_gt0.
Qed.

(* The logarithm of a sum grows at least by the mean growth of its terms' logarithms, ... *)
Lemma ln_sum_ge e : (\sum_i v i * e i) / S <= ln (\sum_i v i * expR (e i)) - ln S.
Proof.
rewrite -ln_div ?posrE ?exp_sum_gt0 // -!mean_shares.
apply: le_trans (jensen_ln shares_are_law (fun i _ => expR_gt0 (e i))).
by rewrite le_eqVlt; apply/orP; left; apply/eqP/eq_mean => // i; rewrite expK.
Qed.

(* ... and if some terms are multiplied by e^eps then by eps e^eps times their share at most. *)
Lemma ln_sum_le (B : pred I) eps : ln (\sum_i v i * expR (eps * (B i)%:R)) - ln S
  <= eps * expR eps * ((\sum_i v i * (B i)%:R) / S).
Proof.
rewrite lerBlDl; apply: le_trans (ln_tangent (exp_sum_gt0 _) S_gt0) _; rewrite lerD2l.
rewrite -[X in _ - X <= _](divff (lt0r_neq0 S_gt0)) -mulrBl mulrA.
rewrite ler_wpM2r ?invr_ge0 ?(ltW S_gt0) //.
rewrite -sumrB mulr_sumr; apply: ler_sum => i _; rewrite mulrCA -[X in _ - X]mulr1 -mulrBr.
rewrite ler_wpM2l //; case: (B i); rewrite ?mulr0 ?mulr1 ?expR0 ?subrr //.
have := ler_wpM2r (ltW (expR_gt0 eps)) (expR_ge_tangent (- eps)).
by rewrite -expRD addNr expR0 mulrBl mul1r lerBlDr -lerBlDl.
Qed.

End Sums.

(* Bounds on the growth of ln of a sum become bounds on U, for all K. *)
Lemma surplus_le K p r r' g (s : R) : at_least 1 K -> is_law p ->
  (forall (I : finType) (v : I -> R) (y : I -> T), (forall i, 0 <= v i) -> 0 < \sum_i v i ->
     0 <= (\sum_i v i * g (y i)) / (\sum_i v i)
          + s * (ln (\sum_i v i * expR (r' (y i) - r (y i))) - ln (\sum_i v i))) ->
  0 <= mean (winner K (weights r) p) g + s * (surplus K p r' - surplus K p r).
Proof.
move=> K0 [p0 sum1] bound; have lawp : is_law p by [].
have raise x : weights r' x = weights r x * expR (r' x - r x).
  by rewrite /weights -expRD addrC subrK.
case: K K0 => [K|_] /=.
  move=> K0; rewrite mean_curated -meanB -meanZ -meanD; apply: sumr_ge0 => c _.
  rewrite mulr_ge0 ?(proj1 (draws_is_law K lawp)) //.
  have := bound _ (fun k => weights r (c k)) c (fun k => ltW (weights_gt0 r (c k))).
  move/(_ (total_weight_gt0 c K0 (weights_gt0 r))).
  rewrite -/(total_weight (weights r) c) mulr_suml.
  have -> : \sum_k weights r (c k) * expR (r' (c k) - r (c k)) = total_weight (weights r') c.
    by apply: eq_bigr => k _; rewrite raise.
  rewrite (eq_bigr (fun k => g (c k) * weights r (c k) / total_weight (weights r) c)) => [h|k _].
    exact: h.
  by rewrite [g _ * _]mulrC.
have := bound _ (fun x => p x * weights r x) id.
rewrite -/(mean p (weights r)) => /(_ _ (mean_gt0 lawp (weights_gt0 r))).
have -> : \sum_x p x * weights r x * expR (r' x - r x) = mean p (weights r').
  by apply: eq_bigr => x _; rewrite raise mulrA.
rewrite mean_tilted.
have -> : \sum_x p x * weights r x * g x = mean p (fun x => weights r x * g x).
  by apply: eq_bigr => x _; rewrite mulrA.
by apply=> x; rewrite mulr_ge0 // ltW ?weights_gt0.
Qed.

(* For all directions at once: U lies above its tangent,
     U(r') - U(r) >= sum_x T_r(p)(x) (r'(x) - r(x)),
   T_r(p) being the law of the winner for the rewards r. K >= 1, or infinity (None). *)
Theorem surplus_subgradient K p r r' : at_least 1 K -> is_law p ->
  mean (winner K (weights r) p) (fun x => r' x - r x) <= surplus K p r' - surplus K p r.
Proof.
move=> K0 lawp; rewrite -subr_ge0.
have := @surplus_le K p r r' (fun x => - (r' x - r x)) 1 K0 lawp.
have -> : mean (winner K (weights r) p) (fun x => - (r' x - r x))
    = - mean (winner K (weights r) p) (fun x => r' x - r x).
  by rewrite /mean -sumrN; apply: eq_bigr => x _; rewrite mulrN.
rewrite mul1r addrC; apply=> I v y v0 S0; rewrite mul1r.
have -> : (\sum_i v i * - (r' (y i) - r (y i))) / (\sum_i v i)
    = - ((\sum_i v i * (r' (y i) - r (y i))) / \sum_i v i).
  by rewrite -mulNr -sumrN; congr (_ / _); apply: eq_bigr => i _; rewrite mulrN.
by rewrite addrC subr_ge0; apply: ln_sum_ge.
Qed.

(* So T_r(p) is monotone in the rewards r, and cyclically: round any cycle of rewards r_0, ..., r_n,
   r_0 the sum of T_(r_i)(p) (r_(i+1) - r_i) is at most 0. *)
Theorem surplus_cycle K p n (r : nat -> T -> R) : at_least 1 K -> is_law p -> r n = r 0%N ->
  \sum_(i < n) mean (winner K (weights (r i)) p) (fun x => r i.+1 x - r i x) <= 0.
Proof.
pose rise i := surplus K p (r i.+1) - surplus K p (r i).
move=> K0 lawp cycle; apply: (@le_trans _ _ (\sum_(i < n) rise i)).
  by apply: ler_sum => i _; apply: surplus_subgradient.
by rewrite -(big_mkord predT rise) telescope_sumr // cycle subrr.
Qed.

Lemma raised_in0 K p r B : surplus K p (raised_in B 0 r) = surplus K p r.
Proof.
have sameW : weights (raised_in B 0 r) =1 weights r.
  by move=> x; rewrite /weights /raised_in mul0r addr0.
case: K => [K|] /=; last by congr ln; apply: eq_mean.
by apply: eq_mean => // c; congr ln; apply: eq_bigr => k _.
Qed.

(* If the rewards in a set B are raised by eps, then
     eps T(p)(B) <= U(eps) - U(0) <= eps e^eps T(p)(B).
   winner K (weights r) p is T(p), surplus K p (raised_in B eps r) is U(eps); B is any set (one
   answer, for a partial derivative), eps any real number, K >= 1 or infinity (None). *)
Theorem surplus_gradient K p r B eps : at_least 1 K -> is_law p ->
  let U e := surplus K p (raised_in B e r) in
  eps * mass (winner K (weights r) p) B <= U eps - U 0
  /\ U eps - U 0 <= eps * expR eps * mass (winner K (weights r) p) B.
Proof.
move=> K0 lawp; rewrite /= raised_in0 -mean_indicator; set W := winner _ _ _.
have diff x : raised_in B eps r x - r x = eps * (B x)%:R by rewrite /raised_in addrAC subrr add0r.
split.
  apply: le_trans (surplus_subgradient r (raised_in B eps r) K0 lawp).
  rewrite -meanZ; apply: le_mean => [|x _]; last by rewrite diff.
  by case: (winner_is_law K0 lawp (weights_gt0 r)).
rewrite -subr_ge0 -[X in _ + X]mulN1r -meanZ; apply: surplus_le => // I v y v0 S0.
rewrite mulN1r subr_ge0; under eq_bigr do rewrite diff.
apply: le_trans (ln_sum_le v0 S0 (fun i => B (y i)) eps) _.
rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite mulrA mulr_sumr; congr (_ / _).
by apply: eq_bigr => i _; rewrite mulrCA.
Qed.

Local Open Scope classical_set_scope.

(* So U'(0) = T(p)(B). *)
Theorem surplus_derivative K p r B : at_least 1 K -> is_law p ->
  is_derive (0 : R) (1 : R) (fun e => surplus K p (raised_in B e r) : R)
    (mass (winner K (weights r) p) B).
Proof.
move=> K0 lawp; set m := mass _ B; pose U e := surplus K p (raised_in B e r).
have gap h : h != 0 -> m - m * `|expR h - 1| <= h^-1 * (U h - U 0) <= m + m * `|expR h - 1|.
  have [lo hi] := surplus_gradient r B h K0 lawp; move: lo hi; rewrite -/(U h) -/(U 0) -/m => lo hi.
  have m0 : 0 <= m by apply: mass_ge0 => x; case: (winner_is_law K0 lawp (weights_gt0 r)).
  have slack : 0 <= m * `|expR h - 1| by rewrite mulr_ge0.
  have E e : m * expR e = m + m * (expR e - 1) by rewrite mulrBr mulr1 addrC subrK.
  have swap : m * expR h * h = h * expR h * m by rewrite [RHS]mulrAC [h * m]mulrC mulrAC.
  rewrite neq_lt [h^-1 * _]mulrC => /orP[h0|h0].
    rewrite ler_ndivl_mulr // ler_ndivr_mulr // ltr0_norm ?subr_lt0 ?expR_lt1 // mulrN opprK -E.
    rewrite swap hi /=; apply: le_trans lo; rewrite mulrC ler_wnmul2l ?(ltW h0) //.
    by rewrite lerDl -mulrN mulr_ge0 // opprB subr_ge0 ltW // expR_lt1.
  rewrite ler_pdivlMr // ler_pdivrMr // gtr0_norm ?subr_gt0 ?expR_gt1 // -E.
  rewrite swap hi andbT; apply: le_trans lo; rewrite mulrC ler_wpM2l ?(ltW h0) //.
  by rewrite lerBlDr lerDl mulr_ge0 // subr_ge0 ltW // expR_gt1.
have cvgU : h^-1 *: ((U \o shift 0) (h *: 1) - U 0) @[h --> 0^'] --> m.
  have slack : (m * `|expR h - 1|) @[h --> 0^'] --> (0 : R).
    have exp1 : expR h @[h --> 0^'] --> (1 : R).
      by rewrite -[X in _ --> X]expR0; apply/continuous_withinNx/continuous_expR.
    rewrite -[X in _ --> X](mulr0 m) -[X in _ --> m * X](@normr0 _ R).
    rewrite -[X in _ --> m * `|X|](subrr 1).
    by apply: cvgM (cvg_cst _) _; apply: cvg_norm; apply: cvgB exp1 (cvg_cst _).
  apply: (@squeeze_cvgr _ _ _ _ (fun h => m - m * `|expR h - 1|) _
    (fun h => m + m * `|expR h - 1|)).
  - near=> h => /=; rewrite addr0 /GRing.scale /= mulr1.
    by apply: gap; near: h; exact: withinT.
  - by rewrite -[X in _ --> X]subr0; apply: cvgB slack; apply: cvg_cst.
  by rewrite -[X in _ --> X]addr0; apply: cvgD slack; apply: cvg_cst.
by split; [apply: cvgP cvgU|apply: cvg_lim].
Unshelve. all: by end_near. Qed.

End Surplus.

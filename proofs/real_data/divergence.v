(* Kullback-Leibler divergences, in nats: KL >= 0, and Theorem 2.4 of the paper. In the library
   ln 0 = 0, so that a bound on KL alone means nothing: absolute continuity stands beside each. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops mixed_loop.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (T : finType).

(* KL(q||p) = E_q ln(q/p) *)
Definition KL (q p : T -> R) := \sum_x q x * ln (q x / p x).

End Definitions.

Section Logarithm.
Variable R : realType.
Implicit Types x : R.

Lemma expR_ge_tangent x : 1 + x <= expR x.
Proof.
case: (leP 0 x) => [x0|x_lt0]; first exact: expR_ge1Dx.
have [|c] := MVT x_lt0 (fun z _ => is_derive_expR z).
  by apply: continuous_subspaceT => z; apply: continuous_expR.
rewrite in_itv /= expR0 sub0r => /andP[_ c_lt0] slope.
have e1 : expR c <= 1 by rewrite ltW // expR_lt1.
rewrite -lerBrDl -lerN2 opprB slope ler_piMl // oppr_ge0; exact: ltW.
Qed.

Lemma ln_le_tangent x : 0 < x -> ln x <= x - 1.
Proof.
move=> x0; have := expR_ge_tangent (ln x).
by rewrite lnK ?posrE // lerBrDl.
Qed.

End Logarithm.

Section Divergence.
Variables (R : realType) (T : finType).
Implicit Types (p q pref w : T -> R).

(* A bound on the density bounds the divergence. *)
Lemma KL_le_density q p C : is_law q -> is_law p -> absolutely_continuous q p -> 0 < C ->
  (forall x, q x <= p x * C) -> KL q p <= ln C.
Proof.
move=> lawq [p0 _] qp C0 le_C; rewrite -(mean_const (ln C) lawq).
apply: le_mean => [|x qx]; first by case: lawq.
have px : 0 < p x.
  by rewrite lt_neqAle p0 andbT eq_sym; apply: contraTneq qx => /qp ->; rewrite ltxx.
by rewrite ler_ln ?posrE ?divr_gt0 // ler_pdivrMr // mulrC.
Qed.

(* KL(q||p) >= 0 for laws q << p. *)
Theorem KL_ge0 q p : is_law q -> is_law p -> absolutely_continuous q p -> 0 <= KL q p.
Proof.
move=> [q0 sumq] [p0 sump] qp.
apply: (@le_trans _ _ (\sum_x (q x - p x))); first by rewrite sumrB sumq sump subrr.
apply: ler_sum => x _; have := q0 x; rewrite le_eqVlt => /orP[/eqP <-|qx].
  by rewrite mul0r sub0r oppr_le0.
have px : 0 < p x.
  by rewrite lt_neqAle p0 andbT eq_sym; apply: contraTneq qx => /qp ->; rewrite ltxx.
have -> : q x / p x = (p x / q x)^-1 by rewrite invf_div.
rewrite lnV ?posrE ?divr_gt0 // mulrN -lerN2 opprK opprB.
apply: (@le_trans _ _ (q x * (p x / q x - 1))).
  by rewrite ler_wpM2l // ln_le_tangent // divr_gt0.
by rewrite mulrBr mulr1 mulrCA divff ?mulr1 // gt_eqF.
Qed.

Section MixedLoop.
Variables (K : nat) (lam : R) (pref w : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam).
Hypotheses (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Notation p := (mixed_loop K lam pref w).

(* Theorem 2.4 of the paper: KL(p_t||p_ref) <= -ln(1 - lam (K-1)) if lam < 1/(K-1).
   p t is p_t of the mixed loop from p_0 = p_ref = pref; w is any positive weight, bounded or not
   in the paper. lam < 1/(K-1) is asked as lam (K-1) < 1, so that K = 1 is admitted. *)
Theorem theorem_2_4 t : lam * (K%:R - 1) < 1 ->
  absolutely_continuous (p t) pref /\ KL (p t) pref <= - ln (1 - lam * (K%:R - 1)).
Proof.
move=> small; have c0 : 0 < 1 - lam * (K%:R - 1) by rewrite subr_gt0.
have ct : absolutely_continuous (p t) pref by apply: mixed_loop_continuous.
split=> //; rewrite -lnV ?posrE //; apply: KL_le_density; rewrite ?invr_gt0 //.
  exact: mixed_loop_is_law.
by move=> x; apply: theorem_2_4_density.
Qed.

(* KL(p_ref||p_t) <= ln(1 + lam), for every lam >= 0, K >= 1 and t. *)
Theorem reference_divergence t :
  absolutely_continuous pref (p t) /\ KL pref (p t) <= ln (1 + lam).
Proof.
have l1 := real_share_gt0 lam_ge0; have lawt := mixed_loop_is_law K_gt0 lam_ge0 w_gt0 law_ref t.
have share x : pref x <= p t x * (1 + lam).
  by rewrite -ler_pdivrMr //; apply: reference_share.
have ct : absolutely_continuous pref (p t).
  move=> x ptx; apply/eqP; rewrite eq_le (proj1 law_ref) andbT.
  by have := share x; rewrite ptx mul0r.
by split=> //; apply: KL_le_density.
Qed.

End MixedLoop.

(* Lemma 2.2 in the paper's own form: weights are e^r of a reward r. *)
Theorem lemma_2_2_reward K p (r : T -> R) bound :
  (0 < K)%N -> is_law p -> (forall x, 0 < p x -> expR (r x) <= bound) ->
  mean p (fun x => expR (r x))
    + (K%:R - 1) / K%:R * (variance p (fun x => expR (r x)) / bound)
    <= mean (curated K p (fun x => expR (r x))) (fun x => expR (r x)).
Proof. by move=> K0 lawp le_bound; apply: lemma_2_2 => // x; apply: expR_gt0. Qed.

End Divergence.

(* theorem-2.4-optimal: with lam (K-1) <= 1 the loop from p_0 = p_ref never diverges from the
   reference by more than S* = - (the integral of ln U' from 0 to 1), U'(y) = 1 + lam - lam K
   y^(K-1), whatever people choose. The integral is written as the gain L(1) - L(0) of any L with
   the derivative ln U'.

   Order the answers by d = p_t/p_ref, with running sums u_i of p_ref and P_i of p_t. The evidence
   says u_i <= U(P_i). So the law of the masses r_i = U(P_{i+1}) - U(P_i) has more than p_ref where
   d is small, and E_{p_t} ln(r/p_ref) <= sum_i d_i (r_i - p_ref,i) <= 0 by summation by parts.
   What is left, E_{p_t} ln(p_t/r), is a sum over intervals. Neither the inverse of U nor
   majorisation is needed. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops divergence jensen choices.
From Recurate Require Import density_order floor_divergence optimal_evidence.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variable R : realType.

(* L has the derivative ln U' between 0 and 1, and is continuous up to there. *)
Definition primitive_of_ln_slope lam K (L : R -> R) :=
  (forall y, 0 < y < 1 -> is_derive y (1 : R) L (ln (most_real_slope lam K y)))
  /\ {within `[0, 1]%classic, continuous L}.

End Definitions.

Section Interval.
Variables (R : realType) (lam : R) (K : nat).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).
Notation U := (most_real lam K).
Notation U' := (most_real_slope lam K).

Lemma is_derive_most_real (y : R) : is_derive y 1 U (U' y).
Proof.
have dX : is_derive y 1 (fun x : R => x ^+ K) (K%:R * y ^+ K.-1).
  case: (K) K_gt0 => // k _.
  by have := is_deriveX k (is_derive_id y (1 : R)); rewrite exprfctE /GRing.scale /= mulr1.
have -> : U = cst (1 + lam) * (id : R -> R) - cst lam * (fun x : R => x ^+ K) by [].
by apply: is_derive_eq; rewrite /GRing.scale /= !mulr0 !addr0 mulr1.
Qed.

Lemma most_real_continuous : {within `[0, 1]%classic, continuous U}.
Proof.
apply: continuous_subspaceT => x; apply/differentiable_continuous/derivable1_diffP.
by case: (is_derive_most_real x).
Qed.

(* What one interval gives to the sum is at most what it gives to the integral. *)
Lemma optimal_interval (L : R -> R) (y z : R) : primitive_of_ln_slope lam K L ->
  0 <= y -> y < z -> z <= 1 -> (z - y) * ln ((z - y) / (U z - U y)) <= L y - L z.
Proof.
move=> [dL cL] y0 yz z1; have d0 : 0 < z - y by rewrite subr_gt0.
have u0 : 0 < U z - U y by rewrite subr_gt0; apply: most_real_lt.
set s := (U z - U y) / (z - y); have s0 : 0 < s by rewrite divr_gt0.
have -> : (z - y) / (U z - U y) = s^-1 by rewrite invf_div.
rewrite lnV ?posrE // mulrN -lerN2 opprK opprB.
have inside x : x \in `]y, z[ -> 0 < x < 1.
  by rewrite in_itv /= => /andP[yx xz]; rewrite (le_lt_trans y0) ?(lt_le_trans xz).
have sub : (`[y, z] `<=` `[0, 1])%classic.
  move=> x /=; rewrite !in_itv /= => /andP[yx xz].
  by rewrite (le_trans y0) ?(le_trans xz).
pose curve := cst s^-1 * U - L.
have dcurve x : x \in `]y, z[ -> is_derive x 1 curve (s^-1 * U' x - ln (U' x)).
  move=> /inside xin; have dLx := dL x xin; have dUx := is_derive_most_real x.
  by apply: is_derive_eq; rewrite /GRing.scale /= mulr0 addr0.
have ccurve : {within `[y, z]%classic, continuous curve}.
  move=> x; apply: cvgB; last exact: (continuous_subspaceW sub cL).
  by apply: cvgM; [exact: cvg_cst|exact: (continuous_subspaceW sub most_real_continuous)].
have [x xin E] := MVT yz dcurve ccurve.
have /andP[x0 x1] := inside x xin.
have slope0 : 0 < U' x by apply: most_real_slope_gt0 => //; apply: ltW.
have : (1 - ln s) * (z - y) <= curve z - curve y.
  have tangent := ln_tangent slope0 s0; rewrite -subr_ge0 in tangent.
  rewrite E ler_wpM2r ?(ltW d0) // -subr_ge0; move: tangent; congr (0 <= _).
  by move: (ln s) (ln _) (U' x) s^-1 => a b c i; ring.
have -> : curve z - curve y = s^-1 * (U z - U y) - (L z - L y) by rewrite /curve !fctE; ring.
have -> : s^-1 * (U z - U y) = z - y by rewrite /s invf_div divfK // gt_eqF.
by rewrite mulrBl mul1r lerD2l lerN2 mulrC.
Qed.

End Interval.

Section Evidence.
Variables (R : realType) (T : finType) (n : nat) (lam : R) (K : nat).
Variables (pref p : T -> R) (e : 'I_n -> T).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).
Hypotheses (law_ref : is_law pref) (law_p : is_law p) (order : ordered_by_density p pref e).
Notation U := (most_real lam K).
Hypothesis evidence : forall L : pred T, mass pref L <= U (mass p L).

Let pe i := p (e i).
Let re i := pref (e i).
Let r := increments U pe.

Let p_ge0 x : 0 <= p x. Proof. by case: law_p. Qed.
Let ref_ge0 x : 0 <= pref x. Proof. by case: law_ref. Qed.
Let sum_pe : \sum_i pe i = 1. Proof. by rewrite (sum_placed order p); case: law_p. Qed.
Let pe_ge0 i : 0 <= pe i. Proof. exact: p_ge0. Qed.

Let U0 : U 0 = 0. Proof. exact: most_real0. Qed.

Lemma evidence_continuous : absolutely_continuous p pref.
Proof.
move=> x px0; have one (v : T -> R) : mass v (pred1 x) = v x by apply: big_pred1_eq.
apply/eqP; rewrite eq_le p_ge0 andbT leNgt; apply/negP => x_gt0.
have := evidence (predC (pred1 x)); rewrite !massC // !one px0 subr0 leNgt => /negP; apply.
have x1 : p x <= 1 by rewrite -one mass_le1.
rewrite -[X in _ < X](most_real1 lam K); apply: most_real_lt => //; first by rewrite subr_ge0.
by rewrite ltrBlDr ltrDl.
Qed.

Lemma running_evidence k : running re k <= U (running pe k).
Proof.
have [[g eK gK] _] := order.
have placed (v : T -> R) : running (fun i => v (e i)) k = mass v (fun x => (g x < k)%N).
  rewrite /mass (reindex e) /=; last by apply: onW_bij; case: order.
  by apply: eq_bigl => i; rewrite eK.
by rewrite !placed.
Qed.

Let interval i : 0 < pe i -> [/\ 0 <= running pe i, running pe i < running pe i.+1
  & running pe i.+1 <= 1].
Proof.
move=> pi; split; first exact: running_ge0.
  by rewrite runningS ltrDl.
by rewrite -sum_pe running_le.
Qed.

Let r_gt0 i : 0 < pe i -> 0 < r i.
Proof. by move=> /interval[P0 up P1]; rewrite subr_gt0; apply: most_real_lt. Qed.

(* The finite sum: KL(p||p_ref) <= sum_i p_i ln(p_i/(U(P_{i+1}) - U(P_i))). *)
Lemma evidence_divergence : KL p pref <= KL pe r.
Proof.
have -> : KL p pref = \sum_i pe i * ln (pe i / re i).
  by rewrite /KL (reindex e) //; apply: onW_bij; case: order.
have parts : 0 <= \sum_i (re i - r i) * (pe i / re i).
  apply: abel => [i j ij|]; last first.
    rewrite sumrB (sum_placed order pref) -(running_all r) running_increments //.
    by rewrite running_all sum_pe most_real1; case: law_ref => _ ->; rewrite subrr.
  rewrite running_sub running_increments // mulr_le0_ge0 // ?subr_le0 ?running_evidence //.
  by rewrite subr_ge0; have [_] := order; apply; rewrite ij.
rewrite -subr_ge0; apply: le_trans parts _; rewrite -sumrB; apply: ler_sum => i _.
have := pe_ge0 i; rewrite le_eqVlt => /orP[/eqP <-|pi]; first by rewrite !mul0r mulr0 subrr.
have ri := r_gt0 pi.
have refi : 0 < re i.
  rewrite lt_neqAle ref_ge0 andbT eq_sym; apply: contraTneq pi => /evidence_continuous.
  by rewrite /pe => ->; rewrite ltxx.
have tangent := ler_wpM2l (ltW pi) (ln_tangent ri refi); rewrite -subr_ge0 in tangent.
rewrite -subr_ge0; move: tangent; congr (0 <= _); rewrite !ln_div ?posrE //.
move: (ln _) (ln _) (ln _) => a b c; field.
by rewrite gt_eqF.
Qed.

End Evidence.

Section Integral.
Variables (R : realType) (T : finType) (lam : R) (K : nat) (pref : T -> R) (L : R -> R).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).
Hypotheses (law_ref : is_law pref) (primitive : primitive_of_ln_slope lam K L).
Notation U := (most_real lam K).

(* All that is used of p: for each group L, p_ref(L) <= U(p(L)). *)
Lemma evidence_integral p : is_law p -> (forall A : pred T, mass pref A <= U (mass p A)) ->
  absolutely_continuous p pref /\ KL p pref <= L 0 - L 1.
Proof.
move=> law_p evidence; have [e order] := order_by_density p pref.
split; first exact: (evidence_continuous K_gt0 lam_ge0 lam_small law_ref law_p evidence).
apply: le_trans (evidence_divergence K_gt0 lam_ge0 lam_small law_ref law_p order evidence) _.
have [p0 sump] := law_p; set v := fun i => p (e i); have v0 i : 0 <= v i by apply: p0.
have sumv : \sum_i v i = 1 by rewrite (sum_placed order p).
have <- : \sum_i - increments L v i = L 0 - L 1.
  pose M y := L y - L 0; have M0 : M 0 = 0 by apply: subrr.
  rewrite sumrN -[RHS]opprB; congr (- _).
  have <- : running (increments M v) #|T| = L 1 - L 0.
    by rewrite running_increments // running_all sumv.
  by rewrite running_all; apply: eq_bigr => i _; rewrite /increments /M opprB addrA subrK.
apply: ler_sum => i _; rewrite /increments opprB runningS.
have := v0 i; rewrite le_eqVlt => /orP[/eqP <-|vi]; first by rewrite addr0 !subrr !mul0r.
have up : running v i < running v i + v i by rewrite ltrDl.
have P1 : running v i + v i <= 1 by rewrite -runningS -sumv running_le.
have := optimal_interval K_gt0 lam_ge0 lam_small primitive (running_ge0 i v0) up P1.
by rewrite [_ + _ - running v i]addrAC subrr add0r.
Qed.

(* theorem-2.4-optimal for any choice: rules c_t among K that may change with t and look at p_t. *)
Theorem any_choice_optimal_integral (p : nat -> T -> R)
    (c : nat -> {ffun 'I_K -> T} -> 'I_K -> R) t :
  p 0%N =1 pref -> (forall t, is_rule (c t)) ->
  (forall t x, p t.+1 x = pref x / (1 + lam) + lam / (1 + lam) * chosen (p t) (c t) x) ->
  absolutely_continuous (p t) pref /\ KL (p t) pref <= L 0 - L 1.
Proof.
move=> start rules step; apply: evidence_integral => [|A].
  exact: (optimal_any_law lam_ge0 law_ref start rules step).
rewrite -!mean_indicator.
have u := indicator_unit R A.
exact: (any_choice_evidence K_gt0 lam_ge0 lam_small law_ref start rules step t u).
Qed.

(* theorem-2.4-optimal for the paper's mixed loop: for K >= 1, lam >= 0 with lam (K-1) <= 1, every
   positive weight w and every t,
     KL(p_t||p_ref) <= L(0) - L(1) = - (the integral of ln(1 + lam - lam K y^(K-1)) from 0 to 1). *)
Theorem theorem_2_4_optimal_integral w t : (forall x, 0 < w x) ->
  let p := mixed_loop K lam pref w in
  absolutely_continuous (p t) pref /\ KL (p t) pref <= L 0 - L 1.
Proof.
move=> w0; apply: (@any_choice_optimal_integral _ (fun=> @bradley_terry R T K w)) => //.
by move=> s; apply: bradley_terry_is_rule.
Qed.

End Integral.

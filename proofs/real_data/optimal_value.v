(* S*(lam, K) as a number, for every K: with c = lam K/(1 + lam), which lam (K-1) <= 1 makes <= 1,
     S* = - ln(1 + lam) - (the integral of ln(1 - c x^(K-1)) from 0 to 1)
        = - ln(1 + lam) + sum over j >= 1 of c^j/(j (1 + (K-1) j)).
   The series, with powers of y, is a function L with the derivative ln U': so the bound of
   theorem-2.4-optimal holds without a condition. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops floor_functions.
From Recurate Require Import optimal_evidence optimal_divergence optimal_series.
From Recurate Require Import optimal_series.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Definitions.
Variable R : realType.
Implicit Types (lam y : R) (K J : nat).

(* The first J terms of the sum of c^j y^(1 + (K-1) j)/(j (1 + (K-1) j)), c = lam K/(1 + lam). *)
Definition best_sum lam K J y := \sum_(j < J)
  (lam * K%:R / (1 + lam)) ^+ j.+1 * y ^+ (K.-1 * j.+1).+1 / (j.+1%:R * (K.-1 * j.+1).+1%:R).

(* S*(lam, K) *)
Definition best_divergence lam K := lim (fun J => best_sum lam K J 1) - ln (1 + lam).

(* L(y) = y ln(1 + lam) - sum over j >= 1 of c^j y^(1 + (K-1) j)/(j (1 + (K-1) j)) *)
Definition best_primitive lam K y := y * ln (1 + lam) - lim (fun J => best_sum lam K J y).

End Definitions.

Section Primitive.
Variables (R : realType) (lam : R) (K : nat).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).
Implicit Types (y z : R) (j J : nat).
Let c := lam * K%:R / (1 + lam).
Let n := K.-1.
Notation A_ := (best_sum lam K).

Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.

Let c_ge0 : 0 <= c. Proof. by rewrite divr_ge0 ?mulr_ge0 // ltW. Qed.

Let c_le1 : c <= 1.
Proof.
by rewrite ler_pdivrMr // mul1r -lerBlDr -[X in _ - X]mulr1 -mulrBr.
Qed.

Let term j y := c ^+ j.+1 * y ^+ (n * j.+1).+1 / (j.+1%:R * (n * j.+1).+1%:R).

Let sumE J y : A_ J y = \sum_(j < J) term j y. Proof. by []. Qed.

Let coefficient_ge0 j : 0 <= c ^+ j.+1 / (j.+1%:R * (n * j.+1).+1%:R).
Proof. by apply: divr_ge0; [exact: exprn_ge0|apply: mulr_ge0; exact: ler0n]. Qed.

Let termE j y : term j y = c ^+ j.+1 / (j.+1%:R * (n * j.+1).+1%:R) * y ^+ (n * j.+1).+1.
Proof. by rewrite /term mulrAC. Qed.

Let term_le j y z : 0 <= y -> y <= z -> term j y <= term j z.
Proof.
move=> y0 yz; rewrite !termE ler_wpM2l // lerXn2r ?nnegrE //.
exact: le_trans yz.
Qed.

Let sumS J y : A_ J.+1 y = A_ J y + term J y. Proof. by rewrite !sumE big_ord_recr. Qed.

Let sum0 J : A_ J 0 = 0.
Proof. by rewrite sumE big1 // => j _; rewrite termE expr0n mulr0. Qed.

(* Each partial sum is convex: its slope is that of the logarithm's series. *)
Lemma best_sum_tangent J y z : 0 <= y -> 0 <= z ->
  A_ J y + log_sum J (c * y ^+ n) * (z - y) <= A_ J z.
Proof.
move=> y0 z0; rewrite !sumE /log_sum mulr_suml -big_split /=; apply: ler_sum => j _.
rewrite !termE; set b := c ^+ _ / _; have b0 : 0 <= b by apply: coefficient_ge0.
apply: le_trans (ler_wpM2l b0 (power_tangent (n * j.+1).+1 y0 z0)).
rewrite [leRHS]mulrDr lerD2l le_eqVlt; apply/orP; left; apply/eqP.
rewrite exprMn -exprM /= /b; set d := (n * j.+1).+1%:R; set e := j.+1%:R.
have d0 : d != 0 by rewrite pnatr_eq0.
have e0 : e != 0 by rewrite pnatr_eq0.
by move: (y ^+ _) (c ^+ _) => u v; field; rewrite e0 d0.
Qed.

Let bounded : exists M, forall J, A_ J 1 <= M.
Proof.
have [n0|n0] := posnP n.
  exists (- ln (1 - c)) => J.
  have c1 : c < 1.
    have K1 : K = 1%N by rewrite -(prednK K_gt0) -/n n0.
    by rewrite /c K1 mulr1 ltr_pdivr_mulr // mul1r ltr_addr ltr01.
  have := best_sum_tangent J ler01 (lexx (0 : R)); rewrite sum0 sub0r mulrN1 subr_le0.
  rewrite expr1n mulr1 => /le_trans; apply.
  by have /andP[+ _] := log_sum_close J c_ge0 c1; rewrite subr_ge0.
exists 1 => J; apply: (@le_trans _ _ (1 - J.+1%:R^-1)); last first.
  by rewrite lerBlDr lerDl invr_ge0 ler0n.
elim: J => [|J IH]; first by rewrite sumE big_ord0 invr1 subrr.
rewrite sumS; apply: le_trans (lerD IH (lexx _)) _.
have J1 : J.+1%:R != 0 :> R by rewrite pnatr_eq0.
have J2 : J.+2%:R != 0 :> R by rewrite pnatr_eq0.
have -> : 1 - J.+2%:R^-1 = 1 - J.+1%:R^-1 + (J.+1%:R * J.+2%:R)^-1 :> R.
  by move: J1 J2; rewrite [J.+2%:R]mulrS; move: (J.+1%:R) => x x0 x1; field; rewrite x0 x1.
rewrite lerD2l termE expr1n mulr1 -[leRHS]mul1r; apply: ler_pM.
- exact: exprn_ge0.
- by rewrite invr_ge0 mulr_ge0 ?ler0n.
- exact: exprn_ile1.
rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?mulr_gt0 ?ltr0n // ler_wpM2l ?ler0n // ler_nat ltnS.
by rewrite leq_pmull.
Qed.

Section Limit.
Variable y : R.
Hypotheses (y0 : 0 <= y) (y1 : y <= 1).

Let increases : nondecreasing_seq (fun J => A_ J y).
Proof.
apply/nondecreasing_seqP => J; rewrite sumS lerDl termE mulr_ge0 ?exprn_ge0 //.
Qed.

Lemma best_sum_cvg : cvg (fun J => A_ J y).
Proof.
have [M le_M] := bounded; apply: nondecreasing_is_cvg => //; exists M => _ [J _ <-].
apply: le_trans (le_M J); rewrite !sumE; apply: ler_sum => j _; exact: term_le.
Qed.

Lemma best_sum_le J : A_ J y <= lim (fun J => A_ J y).
Proof. exact: nondecreasing_cvg_le increases best_sum_cvg J. Qed.

End Limit.

Let A y : R := lim (fun J => A_ J y).

Let A_cvg y : 0 <= y -> y <= 1 -> (fun J => A_ J y) --> A y. Proof. exact: best_sum_cvg. Qed.

(* The rest of the series is largest at 1. *)
Let rest J y : 0 <= y -> y <= 1 -> 0 <= A y - A_ J y <= A 1 - A_ J 1.
Proof.
move=> y0 y1; rewrite subr_ge0 best_sum_le //=.
have both : (fun J => A_ J 1 - A_ J y) --> A 1 - A y.
  by apply: cvgB; apply: A_cvg => //; apply: ler01.
have up : nondecreasing_seq (fun J => A_ J 1 - A_ J y).
  apply/nondecreasing_seqP => i; rewrite !sumS -subr_ge0.
  have -> : A_ i 1 + term i 1 - (A_ i y + term i y) - (A_ i 1 - A_ i y) = term i 1 - term i y.
    by ring.
  by rewrite subr_ge0 term_le.
have le_J := nondecreasing_cvg_le up (cvgP _ both) J.
rewrite (cvg_lim (@Rhausdorff R) both) -subr_ge0 in le_J; rewrite -subr_ge0; move: le_J.
by congr (0 <= _); ring.
Qed.

(* The series is continuous on [0, 1], as the sums tend to it uniformly. *)
Let A_continuous : {within `[0, 1], continuous A}.
Proof.
have cA (J : nat) : continuous (A_ J).
  elim: J => [|J IH] y.
    have -> : A_ 0 = fun=> 0 by apply: funext => z; rewrite sumE big_ord0.
    exact: cst_continuous.
  pose b := c ^+ J.+1 / (J.+1%:R * (n * J.+1).+1%:R); pose power (z : R) := b * z ^+ (n * J.+1).+1.
  have -> : A_ J.+1 = A_ J + power by apply: funext => z; rewrite sumS termE.
  have cp : {for y, continuous power}.
    exact: (cvgMr (a := b) (@exprn_continuous R (n * J.+1).+1 y)).
  exact: (cvgD (IH y) cp).
apply: (@uniform_limit_continuous_subspace _ _ _ ((fun J => A_ J) @ \oo)).
  by exists 0%N => // J _; apply: continuous_subspaceT; exact: cA.
move=> P /uniform_nbhs[E [entE sub]]; move: entE; rewrite -entourage_ballE => -[e /= e0 ballE].
have to1 := A_cvg ler01 (lexx (1 : R)).
have /cvgrPdist_lt/(_ e e0) close := to1; apply: filterS close => J close; apply: sub => y.
rewrite /= in_itv /= => /andP[y0 y1]; apply: ballE => /=; rewrite /ball /=.
have /andP[r0 r1] := rest J y0 y1; rewrite ger0_norm //; apply: le_lt_trans r1 _.
exact: le_lt_trans (ler_norm _) close.
Qed.

Let log_slope y := - ln (1 - c * y ^+ n).

Let small y : 0 <= y -> y < 1 -> 0 <= c * y ^+ n < 1.
Proof.
move=> y0 y1; rewrite mulr_ge0 ?exprn_ge0 //=.
have s0 := most_real_slope_gt0 K_gt0 lam_ge0 lam_small y0 y1.
rewrite -subr_gt0 -(pmulr_rgt0 _ l1); move: s0; congr (0 < _).
rewrite /most_real_slope /c -/n; move: (y ^+ n) => u; field; rewrite gt_eqF //.
Qed.

(* In the limit: its slope is - ln(1 - c y^(K-1)). *)
Let A_tangent y z : 0 <= y -> y < 1 -> 0 <= z -> z <= 1 -> A y + log_slope y * (z - y) <= A z.
Proof.
move=> y0 y1 z0 z1; have /andP[s0 s1] := small y0 y1.
have left : (fun J => A_ J y + log_sum J (c * y ^+ n) * (z - y)) --> A y + log_slope y * (z - y).
  apply: cvgD; first exact: A_cvg (ltW y1).
  by apply: cvgMl; apply: log_sum_cvg.
rewrite -(cvg_lim (@Rhausdorff R) left); apply: ler_lim.
- exact: cvgP left.
- exact: best_sum_cvg.
by apply: nearW => J; apply: best_sum_tangent.
Qed.

Let log_slope_continuous y : 0 <= y -> y < 1 -> {for y, continuous log_slope}.
Proof.
move=> y0 y1; have /andP[_ s1] := small y0 y1; have d0 : 0 < 1 - c * y ^+ n by rewrite subr_gt0.
pose d (x : R) := 1 - c * x ^+ n.
have ci : {for y, continuous d}.
  have cp : {for y, continuous (fun x : R => c * x ^+ n)}.
    exact: (cvgMr (a := c) (@exprn_continuous R n y)).
  have -> : d = cst 1 - (fun x : R => c * x ^+ n) by [].
  apply: cvgB cp; exact: cst_continuous.
exact: (cvgN (continuous_comp ci (continuous_ln d0))).
Qed.

Let A_derive y : 0 < y < 1 -> is_derive y (1 : R) A (log_slope y).
Proof.
move=> /andP[y0 y1].
have to_slope : (fun h : R => h^-1 *: ((A \o shift y) (h *: 1) - A y)) @ 0^' --> log_slope y.
  apply/cvgrPdist_lt => e e0.
  have /cvgrPdist_lt/(_ e e0)[d /= d0 close] := log_slope_continuous (ltW y0) y1.
  pose r := Num.min d (Num.min y (1 - y)).
  have r0 : 0 < r by rewrite !lt_minr d0 y0 subr_gt0.
  exists r => //= h; rewrite /= sub0r normrN => hr h0.
  move: hr; rewrite !lt_minr => /and3P[hd hy h1].
  rewrite /GRing.scale /= mulr1; set z := h + y.
  have zy : z - y = h by rewrite addrK.
  have yz : y - z = - h by rewrite -zy opprB.
  have /andP[{}hy _] : - y < h < y by rewrite -ltr_norml.
  have /andP[_ {}h1] : - (1 - y) < h < 1 - y by rewrite -ltr_norml.
  have z0 : 0 <= z by rewrite /z -lerBlDr sub0r ltW.
  have z1 : z < 1 by rewrite /z -ltr_subr_addr.
  have t1 := A_tangent (ltW y0) y1 z0 (ltW z1); have t2 := A_tangent z0 z1 (ltW y0) (ltW y1).
  rewrite zy in t1; rewrite yz mulrN in t2.
  apply: (@le_lt_trans _ _ `|log_slope y - log_slope z|); last first.
    by apply: close; rewrite /ball /= -normrN opprB zy.
  have h0' : 0 < `|h| by rewrite normr_gt0.
  rewrite -(ler_pM2r h0') -!normrM !mulrBl [h^-1 * _ * h]mulrAC mulVf // mul1r.
  move: t1 t2; set u := log_slope y * h; set v := log_slope z * h => t1 t2.
  have uD : u - (A z - A y) <= 0 by rewrite subr_le0 lerBrDl.
  have Dv : A z - A y <= v by rewrite lerBlDr addrC -lerBlDr.
  have uv : u - v <= 0 by rewrite subr_le0 (le_trans _ Dv) // lerBrDl.
  by rewrite (ler0_norm uD) (ler0_norm uv) lerN2 lerD2l lerN2.
by apply: DeriveDef; [exact: cvgP to_slope|exact: (cvg_lim (@Rhausdorff R) to_slope)].
Qed.

(* There is an L as the integral form asks, ... *)
Lemma best_primitive_is : primitive_of_ln_slope lam K (best_primitive lam K).
Proof.
pose linear (y : R) := y * ln (1 + lam); pose whole := linear - A.
have -> : best_primitive lam K = whole by [].
split=> [y y01|]; last first.
  have c_linear : {within `[0, 1], continuous linear}.
    by apply: continuous_subspaceT => y; exact: (cvgMl (b := ln (1 + lam)) cvg_id).
  move=> y; apply: cvgB; last exact: A_continuous.
    exact: nbhs_subspace_filter.
  exact: c_linear.
have /andP[y0 y1] := y01; have /andP[s0 s1] := small (ltW y0) y1.
have -> : ln (most_real_slope lam K y) = ln (1 + lam) - log_slope y.
  have d0 : 0 < 1 - c * y ^+ n by rewrite subr_gt0.
  rewrite /log_slope opprK -lnM ?posrE //; congr ln.
  rewrite /most_real_slope /c -/n; move: (y ^+ n) => u; field.
  by rewrite gt_eqF.
have dl (x : R) : is_derive x (1 : R) linear (ln (1 + lam)).
  have -> : linear = cst (ln (1 + lam)) * (id : R -> R) by apply: funext => z; rewrite !fctE mulrC.
  by apply: is_derive_eq; rewrite /GRing.scale /= mulr0 mulr1 addr0.
exact: (is_deriveB (dl y) (A_derive y01)).
Qed.

(* ... and its gain is S*. *)
Lemma best_primitive_gain : best_primitive lam K 0 - best_primitive lam K 1 = best_divergence lam K.
Proof.
have zero : lim (fun J => A_ J 0) = 0.
  have -> : (fun J => A_ J 0) = cst 0 by apply: funext => J; rewrite sum0.
  exact: lim_cst.
by rewrite /best_primitive zero mul0r mul1r subrr sub0r opprB.
Qed.

(* S* is the integral: every L with the derivative ln U' has this gain. *)
Theorem theorem_2_4_optimal_value L : primitive_of_ln_slope lam K L ->
  L 0 - L 1 = best_divergence lam K.
Proof.
move=> [dL cL]; have [dB cB] := best_primitive_is; rewrite -best_primitive_gain.
pose gap := L - best_primitive lam K.
have dgap x : x \in `]0, 1[%R -> is_derive x (1 : R) gap 0.
  rewrite in_itv /= => x01; have dx := is_deriveB (dL x x01) (dB x x01).
  by rewrite subrr in dx.
have cgap : {within `[0, 1], continuous gap}.
  move=> y; apply: cvgB; last exact: cB.
    exact: nbhs_subspace_filter.
  exact: cL.
have [x _] := MVT ltr01 dgap cgap; rewrite mul0r /gap !fctE => /eqP.
rewrite subr_eq0 => /eqP same.
have -> : L 0 = L 1 - best_primitive lam K 1 + best_primitive lam K 0.
  by rewrite same subrK.
by ring.
Qed.

End Primitive.

(* theorem-2.4-optimal is best possible among all choices: whatever is less than S*(lam, K) is
   passed by the hard best of K on some finite law, at some t. The law has the masses U(y_{i+1}) -
   U(y_i), y_i = i/n, in the order of the reward; there the loop tends to equal masses 1/n. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops divergence choices best_of.
From Recurate Require Import floor_functions density_order share_envelope envelope_attained.
From Recurate Require Import envelope_limit limit_law.
From Recurate Require Import optimal_evidence optimal_divergence optimal_value.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Steps.
Variables (R : realType) (lam : R) (K N : nat).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).
Notation U := (most_real lam K).
Notation U' := (most_real_slope lam K).
Notation n := N.+1.
Notation m := (1 / (1 + lam)).

Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.

Let y k : R := k%:R / n%:R.

Let n_gt0 : 0 < n%:R :> R. Proof. by rewrite ltr0n. Qed.

Let y0 k : 0 <= y k. Proof. by rewrite divr_ge0 ?ler0n. Qed.

Let y_le1 k : (k <= n)%N -> y k <= 1.
Proof. by move=> kn; rewrite ler_pdivrMr // mul1r ler_nat. Qed.

Let y_lt1 k : (k < n)%N -> y k < 1.
Proof. by move=> kn; rewrite ltr_pdivr_mulr // mul1r ltr_nat. Qed.

Let yS k : y k.+1 - y k = n%:R^-1.
Proof. by rewrite /y -mulrBl mulrS addrK mul1r. Qed.

Let y_lt k : y k < y k.+1. Proof. by rewrite -subr_gt0 yS invr_gt0. Qed.

(* The law: U(y_{i+1}) - U(y_i). *)
Definition step_law (i : 'I_n) := U (y i.+1) - U (y i).

Lemma step_law_gt0 i : 0 < step_law i.
Proof. by rewrite subr_gt0; apply: most_real_lt => //; apply: y_le1; apply: ltn_ord. Qed.

Let running_y k : (k <= n)%N -> running (fun _ : 'I_n => n%:R^-1) k = y k.
Proof.
elim: k => [_|k IH kn]; first by rewrite running0 /y mul0r.
have := runningS (fun _ : 'I_n => n%:R^-1 : R) (Ordinal kn) => /= ->.
by rewrite IH ?(ltnW kn) // -(yS k) addrC subrK.
Qed.

Let stepE : step_law = increments U (fun _ : 'I_n => n%:R^-1).
Proof.
by apply: funext => i; rewrite /increments !running_y // ltnW // ltn_ord.
Qed.

Lemma running_step k : (k <= n)%N -> running step_law k = U (y k).
Proof. by move=> kn; rewrite stepE running_increments ?running_y // most_real0. Qed.

Lemma step_law_is_law : is_law step_law.
Proof.
split=> [i|]; first exact/ltW/step_law_gt0.
by rewrite -running_all running_step // /y divff ?gt_eqF // most_real1.
Qed.

Let m01 : 0 <= m <= 1.
Proof.
by rewrite divr_ge0 ?ler01 ?(ltW l1) //= ler_pdivrMr // mul1r lerDl.
Qed.

(* The floors of U(y_k) tend to y_k. *)
Let floor_cvg k : (k <= n)%N ->
  (fun t => share_floor (fun=> m) (fun=> K) t (U (y k))) --> y k.
Proof.
move=> kn; have yk1 := y_le1 kn.
have u01 : 0 <= U (y k) <= 1.
  have low : U 0 <= U (y k) by apply: most_real_le.
  have high : U (y k) <= U 1 by apply: most_real_le.
  by rewrite most_real0 // in low; rewrite most_real1 in high; rewrite low.
have [z [/andP[z0 zu] root _ to_z]] := share_floor_limit K_gt0 m01 u01.
have Uz : U z = U (y k).
  move: root; set u := U (y k) => root.
  have E : (1 + lam) * z = u + lam * z ^+ K.
    by rewrite {1}root; field; rewrite gt_eqF.
  by rewrite /most_real E addrK.
have z1 : z <= 1 by apply: le_trans zu _; case/andP: u01.
have zE : z = y k; last by rewrite zE in to_z.
apply/esym/eqP; case: (ltrgtP (y k) z) => // lt.
  by have := most_real_lt K_gt0 lam_ge0 lam_small (y0 k) lt z1; rewrite Uz ltxx.
by have := most_real_lt K_gt0 lam_ge0 lam_small z0 lt yk1; rewrite Uz ltxx.
Qed.

(* The loop of the hard best of K, the reward is the place. *)
Let reward (i : 'I_n) : R := i%:R.
Definition best_loop_step (p : 'I_n -> R) i :=
  m * step_law i + (1 - m) * chosen p (@best_of R _ K reward) i.
Notation p := (fun t => iter t best_loop_step step_law).

Let loop_cvg i : (fun t => p t i) --> n%:R^-1.
Proof.
have rules (s : nat) := best_of_is_rule reward K_gt0.
have best (s : nat) := @best_of_picks_best R _ K reward.
have inj : injective reward by move=> i1 i2 /eqP; rewrite eqr_nat => /eqP/val_inj.
have sorted (i1 i2 : 'I_n) : (i1 <= i2)%N -> reward i1 <= reward i2 by rewrite ler_nat.
have bij : bijective (fun i : 'I_n => i) by exists id.
have same t : p t i = share_floor (fun=> m) (fun=> K) t (U (y i.+1))
    - share_floor (fun=> m) (fun=> K) t (U (y i)).
  have [E _ _] := any_choice_divergence_attained (m := fun=> m) (K := fun=> K) (p := p)
    (fun=> m01) step_law_is_law (frefl _) rules best (fun _ _ => erefl) t inj bij sorted.
  by rewrite E /increments !running_step // ltnW // ltn_ord.
have -> : (fun t => p t i) = (fun t => share_floor (fun=> m) (fun=> K) t (U (y i.+1))
    - share_floor (fun=> m) (fun=> K) t (U (y i))) by apply: funext.
by rewrite -(yS i); apply: cvgB; apply: floor_cvg; rewrite // ltnW // ltn_ord.
Qed.

Let KL_cvg : (fun t => KL (p t) step_law) --> KL (fun=> n%:R^-1) step_law.
Proof.
apply: (@cvg_sum _ _ (fun i t => p t i * ln (p t i / step_law i))) => i.
apply: cvgM; first exact: loop_cvg.
have r0 := step_law_gt0 i; have q0 : 0 < n%:R^-1 / step_law i by rewrite divr_gt0 ?invr_gt0.
apply: (continuous_cvg _ (continuous_ln q0)).
exact: (cvgMl (b := (step_law i)^-1) (@loop_cvg i)).
Qed.

Variable L : R -> R.
Hypothesis primitive : primitive_of_ln_slope lam K L.

Let slope_gt0 k : (k < n)%N -> 0 < U' (y k).
Proof. by move=> kn; apply: most_real_slope_gt0 => //; apply: y_lt1. Qed.

(* One interval of the integral is at most its length times the largest - ln U'. *)
Let interval k : (k.+1 < n)%N -> L (y k) - L (y k.+1) <= - (n%:R^-1 * ln (U' (y k.+1))).
Proof.
move=> kn; have [dL cL] := primitive.
have inside x : y k < x -> x < y k.+1 -> 0 < x < 1.
  by move=> kx xk; rewrite (le_lt_trans (y0 k) kx) (lt_trans xk (y_lt1 kn)).
have dL' x : x \in `]y k, y k.+1[%R -> is_derive x (1 : R) L (ln (U' x)).
  by rewrite in_itv /= => /andP[kx xk]; apply/dL/inside.
have sub : `[y k, y k.+1] `<=` `[0, 1].
  move=> x /=; rewrite !in_itv /= => /andP[kx xk].
  by rewrite (le_trans (y0 k) kx) (le_trans xk (ltW (y_lt1 kn))).
have [x] := MVT (y_lt k) dL' (continuous_subspaceW sub cL).
rewrite in_itv /= => /andP[kx xk] E; have /andP[x0 x1] := inside x kx xk.
rewrite -lerN2 opprK opprB E yS mulrC ler_wpM2r ?invr_ge0 ?ler0n //.
rewrite ler_ln ?posrE ?slope_gt0 //; last by apply: most_real_slope_gt0 => //; apply: ltW.
rewrite lerD2l lerN2 ler_wpM2l // ler_wpM2l ?ler0n //.
by rewrite lerXn2r ?nnegrE ?(ltW x0) // ltW.
Qed.

Let term (i : 'I_n) : - (n%:R^-1 * ln (U' (y i))) <= n%:R^-1 * ln (n%:R^-1 / step_law i).
Proof.
have r0 := step_law_gt0 i; have s0 := slope_gt0 (ltn_ord i); have v0 : 0 < n%:R^-1 :> R.
  by rewrite invr_gt0.
rewrite -mulrN ler_pM2l // -lnV ?posrE // ler_ln ?posrE ?invr_gt0 ?divr_gt0 //.
rewrite ler_pdivlMr // mulrC ler_pdivrMr // /step_law lerBlDl mulrC -(yS i).
exact: most_real_tangent.
Qed.

Lemma riemann_below : L 0 - L (y N) - n%:R^-1 * ln (U' 0) <= KL (fun=> n%:R^-1) step_law.
Proof.
apply: (@le_trans _ _ (\sum_(i < n) - (n%:R^-1 * ln (U' (y i))))); last first.
  by apply: ler_sum => i _; apply: term.
rewrite big_ord_recl addrC; have -> : y (@ord0 N) = 0 by rewrite /y mul0r.
rewrite lerD2l.
have <- : \sum_(i < N) (L (y i) - L (y i.+1)) = L 0 - L (y N).
  have := telescope_sumr (fun k => - L (y k)) (leq0n N); rewrite big_mkord => E.
  transitivity (\sum_(i < N) (- L (y i.+1) - - L (y i))).
    by apply: eq_bigr => i _; rewrite opprK addrC.
  by rewrite E opprK addrC /y mul0r.
apply: ler_sum => i _; have -> : lift ord0 i = i.+1 :> nat by rewrite lift0.
by apply: interval; rewrite ltnS.
Qed.

(* So the loop passes whatever is less than that. *)
Lemma best_loop_passes s : s < L 0 - L (y N) - n%:R^-1 * ln (U' 0) ->
  exists t, s < KL (p t) step_law.
Proof.
move=> /lt_le_trans/(_ riemann_below) s_lt.
have /cvgrPdist_lt/(_ (KL (fun=> n%:R^-1) step_law - s)) := KL_cvg.
rewrite subr_gt0 => /(_ s_lt)[t _ /(_ t (leqnn t))] /= close; exists t.
have := le_lt_trans (ler_norm _) close.
by rewrite ltr_add2l ltr_opp2.
Qed.

End Steps.

Section Best.
Variables (R : realType) (lam : R) (K : nat).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).

(* Fine steps come as near to S* as one likes. *)
Let fine (L : R -> R) s : primitive_of_ln_slope lam K L -> s < L 0 - L 1 ->
  exists N, s < L 0 - L (N%:R / N.+1%:R) - N.+1%:R^-1 * ln (most_real_slope lam K 0).
Proof.
move=> [_ cL] s_lt; set c := ln _; pose e := (L 0 - L 1 - s) / 2%:R.
have e0 : 0 < e by rewrite divr_gt0 ?subr_gt0 ?ltr0n.
have in1 : `[0 : R, 1]%classic 1 by rewrite /= in_itv /= ler01 lexx.
have /subspace_continuousP cW := cL; have /cvgrPdist_lt/(_ e e0) near1 := cW 1 in1.
have [d /= d0 close] : exists2 d : R, 0 < d
    & forall x, `|1 - x| < d -> 0 <= x <= 1 -> `|L 1 - L x| < e.
  have [d d0 close] := near1; exists d; first exact: d0.
  by move=> x xd x01; apply: (close x xd); rewrite /= in_itv.
have c1 : 0 < `|c| + 1 by rewrite ltr_paddl ?ltr01.
have b0 : 0 < Num.min d (e / (`|c| + 1)) by rewrite lt_minr d0 divr_gt0.
have [N _ /(_ N (leqnn N))] := near_infty_natSinv_lt (PosNum b0).
rewrite /= lt_minr => /andP[Nd Ne].
exists N; have n0 : 0 < N.+1%:R :> R by rewrite ltr0n.
have yE : 1 - N%:R / N.+1%:R = N.+1%:R^-1 :> R.
  by rewrite -{1}(divff (lt0r_neq0 n0)) -mulrBl [N.+1%:R]mulrS addrK mul1r.
have y01 : 0 <= (N%:R / N.+1%:R : R) <= 1.
  by rewrite divr_ge0 ?ler0n //= -subr_ge0 yE invr_ge0 ler0n.
have near_L : `|L 1 - L (N%:R / N.+1%:R)| < e.
  by apply: close => //; rewrite yE ger0_norm // invr_ge0 ler0n.
have small_c : N.+1%:R^-1 * c < e.
  apply: le_lt_trans (_ : N.+1%:R^-1 * (`|c| + 1) < e); last by rewrite -ltr_pdivl_mulr.
  by rewrite ler_wpM2l ?invr_ge0 ?ler0n // ler_wpDr // ler_norm.
have far : L (N%:R / N.+1%:R) - L 1 < e by apply: le_lt_trans (ler_norm _) _; rewrite distrC.
have -> : s = L 0 - L 1 - e - e by rewrite /e; field.
rewrite -subr_gt0; set y := L (_ / _) in far *; set z := _ * c in small_c *.
have -> : L 0 - y - z - (L 0 - L 1 - e - e) = (e - (y - L 1)) + (e - z) by ring.
by rewrite addr_gt0 // subr_gt0.
Qed.

Lemma best_loop_attains s : s < best_divergence lam K -> exists N t,
  s < KL (iter t (@best_loop_step R lam K N) (@step_law R lam K N)) (@step_law R lam K N).
Proof.
move=> s_lt; have primitive := best_primitive_is K_gt0 lam_ge0 lam_small.
rewrite -best_primitive_gain in s_lt; have [N passes] := fine primitive s_lt; exists N.
exact: best_loop_passes primitive _ passes.
Qed.

(* theorem-2.4-optimal, best possible: for every s < S*(lam, K) there are a finite law p_ref with
   mass everywhere and a rule of choice c among K, the hard best of K of a reward without ties,
   whose loop from p_0 = p_ref has KL(p_t||p_ref) > s at some t. So no number below S* will do for
   all choices. *)
Theorem any_choice_optimal_best_possible s : s < best_divergence lam K ->
  exists n (pref : 'I_n -> R) (c : {ffun 'I_K -> 'I_n} -> 'I_K -> R) (p : nat -> 'I_n -> R),
  [/\ is_law pref /\ (forall x, 0 < pref x), is_rule c, p 0%N =1 pref,
      forall t x, p t.+1 x = pref x / (1 + lam) + lam / (1 + lam) * chosen (p t) c x
    & exists t, s < KL (p t) pref].
Proof.
move=> /best_loop_attains[N passes].
exists N.+1, (@step_law R lam K N), (@best_of R _ K (fun i : 'I_N.+1 => i%:R)).
exists (fun t => iter t (@best_loop_step R lam K N) (@step_law R lam K N)); split=> //.
- by split=> [|x]; [exact: step_law_is_law|exact: step_law_gt0].
- exact: best_of_is_rule.
by move=> t x; rewrite [in LHS]/= /best_loop_step (shares lam_ge0) mul1r mulrC.
Qed.

End Best.

(* The exact evidence behind theorem-2.4-optimal: with p_0 = p_ref and lam (K-1) <= 1 a group of
   share P in the model has a share of at most U(P) = (1 + lam) P - lam P^K in the real data, at
   every t and whatever people choose. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops choices floor_functions.
From Recurate Require Import share_envelope.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variable R : realFieldType.
Implicit Types (lam y : R) (K : nat).

(* U(y) = (1 + lam) y - lam y^K *)
Definition most_real lam K y := (1 + lam) * y - lam * y ^+ K.

(* U'(y) = 1 + lam - lam K y^(K-1) *)
Definition most_real_slope lam K y := 1 + lam - lam * (K%:R * y ^+ K.-1).

End Definitions.

Section Increasing.
Variables (R : realFieldType) (lam : R) (K : nat).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).
Notation U := (most_real lam K).
Notation U' := (most_real_slope lam K).

Lemma most_real0 : U 0 = 0.
Proof. by rewrite /most_real expr0n (gtn_eqF K_gt0) !mulr0 subrr. Qed.

Lemma most_real1 : U 1 = 1.
Proof. by rewrite /most_real expr1n !mulr1 addrK. Qed.

Let slope_at1 : 0 <= 1 + lam - lam * K%:R.
Proof.
have -> : 1 + lam - lam * K%:R = 1 - lam * (K%:R - 1) by ring.
by rewrite subr_ge0.
Qed.

Lemma most_real_slope_ge0 y : 0 <= y -> y <= 1 -> 0 <= U' y.
Proof.
move=> y0 y1; apply: le_trans slope_at1 _; rewrite lerD2l lerN2 ler_wpM2l //.
by rewrite ler_piMr ?ler0n // exprn_ile1.
Qed.

Lemma most_real_slope_gt0 y : 0 <= y -> y < 1 -> 0 < U' y.
Proof.
move=> y0 y1; have := lam_ge0; rewrite /most_real_slope le_eqVlt => /orP[/eqP <-|l0].
  by rewrite mul0r addr0 subr0 ltr01.
case: K K_gt0 slope_at1 => [|[|n]] // _ at1; first by rewrite expr0 !mulr1 addrK ltr01.
apply: le_lt_trans at1 _; rewrite ltr_add2l ltr_opp2 ltr_pM2l // gtr_pMr ?ltr0n //.
by rewrite exprn_ilt1.
Qed.

(* U is concave: it lies below its tangents. *)
Lemma most_real_tangent x y : 0 <= x -> 0 <= y -> U x <= U y + U' y * (x - y).
Proof.
move=> x0 y0; have := ler_wpM2l lam_ge0 (power_tangent K y0 x0); rewrite -subr_ge0 => tangent.
rewrite -subr_ge0; move: tangent; congr (0 <= _).
by rewrite /most_real /most_real_slope; move: (y ^+ _) (y ^+ _) (x ^+ _) => a b c; ring.
Qed.

Lemma most_real_lt x y : 0 <= x -> x < y -> y <= 1 -> U x < U y.
Proof.
have below_1 z : 0 <= x -> x < z -> z < 1 -> U x < U z.
  move=> x0 xz z1; have z0 := le_trans x0 (ltW xz).
  apply: le_lt_trans (most_real_tangent x0 z0) _; rewrite gtr_addl.
  by rewrite nmulr_llt0 ?subr_lt0 // most_real_slope_gt0.
move=> x0 xy; rewrite le_eqVlt => /orP[/eqP yE|]; last exact: below_1.
rewrite yE in xy *; have [xz z1] := midf_lt xy; set z := (x + 1) / 2%:R in xz z1.
have z0 := le_trans x0 (ltW xz).
apply: lt_le_trans (below_1 z x0 xz z1) _; apply: le_trans (most_real_tangent z0 ler01) _.
by rewrite ger_addl mulr_ge0_le0 ?subr_le0 ?(ltW z1) // most_real_slope_ge0.
Qed.

Lemma most_real_le x y : 0 <= x -> x <= y -> y <= 1 -> U x <= U y.
Proof.
move=> x0; rewrite le_eqVlt => /orP[/eqP -> //|xy] y1.
exact/ltW/most_real_lt.
Qed.

(* The induction, for numbers: a share P' >= m u + a P^K of a group of real share u. *)
Lemma evidence_step u P P' : 0 <= P <= 1 -> 0 <= P' <= 1 ->
  u / (1 + lam) + lam / (1 + lam) * P ^+ K <= P' -> u <= U P -> u <= U P'.
Proof.
move=> /andP[P0 P1] /andP[P'0 P'1]; have l1 := real_share_gt0 lam_ge0.
rewrite mulrAC -mulrDl ler_pdivrMr // [P' * _]mulrC => step le_u.
have [up|down] := leP P P'; first exact: le_trans le_u (most_real_le P0 up P'1).
rewrite lerBrDr; apply: le_trans step; rewrite lerD2l ler_wpM2l //.
by rewrite lerXn2r ?nnegrE // ltW.
Qed.

End Increasing.

Section Evidence.
Variables (R : realFieldType) (T : finType) (lam : R) (K : nat) (pref : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).
Hypothesis law_ref : is_law pref.

(* For all laws p_t from p_0 = p_ref of which each p_{t+1} keeps at least m u + a p_t(phi)^K of
   every phi: T -> [0, 1], u = E_ref phi, m = 1/(1 + lam), a = lam/(1 + lam). *)
Lemma evidence_of_steps (p : nat -> T -> R) :
  p 0%N =1 pref -> (forall t, is_law (p t)) ->
  (forall t phi, unit_valued phi ->
    mean pref phi / (1 + lam) + lam / (1 + lam) * mean (p t) phi ^+ K <= mean (p t.+1) phi) ->
  forall t phi, unit_valued phi -> mean pref phi <= most_real lam K (mean (p t) phi).
Proof.
move=> start lawp step t phi uphi; have unit s := mean_unit (lawp s) uphi.
elim: t => [|t IH]; last exact: evidence_step (unit t) (unit t.+1) (step t phi uphi) IH.
have uu := mean_unit law_ref uphi; have /andP[u0 u1] := uu.
rewrite (eq_mean start (frefl phi)); set u := mean pref phi in uu u0 u1 *.
rewrite /most_real mulrDl mul1r -addrA -mulrBr lerDl mulr_ge0 // subr_ge0.
by rewrite -(prednK K_gt0) exprS ler_piMr // exprn_ile1.
Qed.

Section AnyChoice.
Variables (p : nat -> T -> R) (c : nat -> {ffun 'I_K -> T} -> 'I_K -> R).
Hypothesis start : p 0%N =1 pref.
Hypothesis rules : forall t, is_rule (c t).
Hypothesis step : forall t x,
  p t.+1 x = pref x / (1 + lam) + lam / (1 + lam) * chosen (p t) (c t) x.

Let m_unit (t : nat) : 0 <= (1 + lam)^-1 <= 1.
Proof.
have l1 := real_share_gt0 lam_ge0.
by rewrite invr_ge0 (ltW l1) invf_le1 // lerDl.
Qed.

Let step_m t x : p t.+1 x
  = (1 + lam)^-1 * pref x + (1 - (1 + lam)^-1) * chosen (p t) (c t) x.
Proof. by rewrite step [pref x / _]mulrC (shares lam_ge0) mul1r. Qed.

Lemma optimal_any_law t : is_law (p t).
Proof. exact: (any_loop_is_law m_unit law_ref start rules step_m). Qed.

(* Whatever people choose among K candidates, by rules c_t that may change with t and look at p_t:
   with p_0 = p_ref, p_{t+1} = p_ref/(1 + lam) + lam/(1 + lam) T_t(p_t) and lam (K-1) <= 1, at
   every t and for every phi: T -> [0, 1] (the indicator of a group),
     E_ref phi <= U(P) = (1 + lam) P - lam P^K,  P = E_t phi. *)
Theorem any_choice_evidence t phi : unit_valued phi ->
  mean pref phi <= most_real lam K (mean (p t) phi).
Proof.
apply: evidence_of_steps start optimal_any_law _ t phi => t phi uphi.
rewrite (mean_any_step step_m) [_ / (1 + lam)]mulrC (shares lam_ge0) mul1r lerD2l ler_wpM2l //.
  by rewrite subr_ge0; case/andP: (m_unit t).
exact: chosen_ge (optimal_any_law t) (rules t) uphi.
Qed.

End AnyChoice.

(* The same of the paper's mixed loop, for every positive weight w. *)
Theorem theorem_2_4_optimal_evidence w t phi : (forall x, 0 < w x) -> unit_valued phi ->
  mean pref phi <= most_real lam K (mean (mixed_loop K lam pref w t) phi).
Proof.
move=> w0 uphi; apply: (@any_choice_evidence _ (fun=> @bradley_terry R T K w)) => //.
by move=> s; apply: bradley_terry_is_rule.
Qed.

End Evidence.

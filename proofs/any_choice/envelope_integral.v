(* The bound on the divergence (I3) with its integral: S_t is that of g ln g from 0 to 1, where g is
   the derivative of the floor G_t. It is written as the gain Phi(1) - Phi(0) of any function Phi with
   the derivative g ln g, so that no theory of integration is needed. *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops choices divergence density_order.
From Recurate Require Import floor_divergence share_envelope envelope_divergence.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variable R : realType.

(* Phi has the derivative g ln g between 0 and 1, and is continuous up to there. *)
Definition primitive_of_g_ln_g (g Phi : R -> R) :=
  (forall x, 0 < x < 1 -> is_derive x (1 : R) Phi (g x * ln (g x)))
  /\ {within `[0, 1]%classic, continuous Phi}.

(* g_t = G_t': g_0 = 1, g_{t+1} = m_t + (1 - m_t) K_t G_t^(K_t - 1) g_t *)
Fixpoint share_density (m : nat -> R) (K : nat -> nat) t u :=
  if t is s.+1 then
    m s + (1 - m s) * ((K s)%:R * share_floor m K s u ^+ (K s).-1 * share_density m K s u)
  else 1.

End Definitions.

Section Interval.
Variable R : realType.

(* The line that touches g ln g at s stays below it. *)
Lemma touching_line (g s : R) : 0 < g -> 0 < s -> 0 <= g * ln g - (1 + ln s) * g + s.
Proof.
move=> g0 s0; have := ln_le_tangent (divr_gt0 s0 g0).
rewrite ln_div ?posrE // => /(ler_wpM2l (ltW g0)).
rewrite !mulrBr mulrCA divff ?gt_eqF // !mulr1 -subr_ge0.
by set lhs := (X in 0 <= X -> _); have -> : lhs = g * ln g - (1 + ln s) * g + s
  by rewrite /lhs; ring.
Qed.

(* What one interval gives to the sum is at most what it gives to the integral. *)
Lemma interval_le (G g Phi : R -> R) (u v : R) : u < v ->
  (forall x, x \in `]u, v[ -> is_derive x 1 G (g x)) ->
  (forall x, x \in `]u, v[ -> 0 < g x) ->
  (forall x, x \in `]u, v[ -> is_derive x 1 Phi (g x * ln (g x))) ->
  {within `[u, v]%classic, continuous G} -> {within `[u, v]%classic, continuous Phi} ->
  (G v - G u) * ln ((G v - G u) / (v - u)) <= Phi v - Phi u.
Proof.
move=> uv dG g_gt0 dPhi cG cPhi; have d0 : 0 < v - u by rewrite subr_gt0.
set s := (G v - G u) / (v - u).
have s0 : 0 < s.
  have [z zin E] := MVT uv dG cG.
  by rewrite /s E mulfK ?gt_eqF // g_gt0.
pose curve := Phi - cst (1 + ln s) * G + cst s * (id : R -> R).
have dcurve x : x \in `]u, v[ ->
    is_derive x 1 curve (g x * ln (g x) - (1 + ln s) * g x + s).
  move=> xin; have dGx := dG x xin; have dPx := dPhi x xin.
  by apply: is_derive_eq; rewrite /GRing.scale /= !mulr0 !addr0 mulr1.
have ccurve : {within `[u, v]%classic, continuous curve}.
  have clinear : {within `[u, v]%classic, continuous (cst s * (id : R -> R))}.
    by apply: continuous_subspaceT => x; apply: (cvgM (cvg_cst s) cvg_id).
  move=> x; apply: (cvgD (cvgB (cPhi x) (cvgM (cvg_cst (1 + ln s)) (cG x))) (clinear x)).
have [z zin E] := MVT uv dcurve ccurve.
have : 0 <= curve v - curve u by rewrite E mulr_ge0 ?(ltW d0) // touching_line // g_gt0.
have -> : curve v - curve u = Phi v - Phi u - (G v - G u) * ln s.
  have touch : s * v = G v - G u + s * u.
    apply: (canRL (subrK _)); rewrite -mulrBr.
    by have /(_ (G v - G u)) := divfK (lt0r_neq0 d0).
  rewrite /curve !fctE touch; ring.
by rewrite subr_ge0.
Qed.

End Interval.

Section Sum.
Variables (R : realType) (G g Phi : R -> R).
Hypothesis dG : forall x : R, 0 < x < 1 -> is_derive x 1 G (g x).
Hypothesis g_gt0 : forall x, 0 < x < 1 -> 0 < g x.
Hypothesis G_continuous : {within `[0, 1]%classic, continuous G}.
Hypothesis primitive : primitive_of_g_ln_g g Phi.

(* The finite sum of I3 is at most the integral. *)
Lemma increments_le n (v : 'I_n -> R) : is_law v ->
  KL (increments G v) v <= Phi 1 - Phi 0.
Proof.
move=> [v0 sumv]; have [dPhi cPhi] := primitive.
have <- : \sum_i increments Phi v i = Phi 1 - Phi 0.
  pose Psi u := Phi u - Phi 0; have Psi0 : Psi 0 = 0 by apply: subrr.
  have <- : running (increments Psi v) n = Phi 1 - Phi 0.
    by rewrite running_increments // running_all sumv.
  by rewrite running_all; apply: eq_bigr => i _; rewrite /increments /Psi opprB addrA subrK.
apply: ler_sum => i _; rewrite /increments runningS.
have := v0 i; rewrite le_eqVlt => /orP[/eqP <-|vi]; first by rewrite addr0 !subrr mul0r.
have u0 := running_ge0 i v0; have w1 : running v i + v i <= 1.
  by rewrite -runningS -sumv running_le.
have up : running v i < running v i + v i by rewrite addrC; apply: ltr_pwDl.
have inside x : x \in `]running v i, (running v i + v i)[ -> 0 < x < 1.
  rewrite in_itv /= => /andP[ux xw].
  by rewrite (le_lt_trans u0 ux) (lt_le_trans xw w1).
have sub : (`[running v i, running v i + v i] `<=` `[0, 1])%classic.
  move=> x /=; rewrite !in_itv /= => /andP[ux xw].
  by rewrite (le_trans u0 ux) (le_trans xw w1).
have := interval_le up (fun x xin => dG (inside x xin)) (fun x xin => g_gt0 (inside x xin))
  (fun x xin => dPhi x (inside x xin)) (continuous_subspaceW sub G_continuous)
  (continuous_subspaceW sub cPhi).
by rewrite [_ + _ - running v i]addrAC subrr add0r.
Qed.

End Sum.

Section Floors.
Variables (R : realType) (m : nat -> R) (K : nat -> nat).
Hypotheses (real_share : forall t, 0 <= m t <= 1) (K_gt0 : forall t, (0 < K t)%N).

(* g_t is the derivative of G_t, ... *)
Lemma is_derive_share_floor t (x : R) :
  is_derive x 1 (share_floor m K t) (share_density m K t x).
Proof.
elim: t => [|t IH]; first exact: is_derive_id.
have dX : is_derive x 1 (fun y => share_floor m K t y ^+ K t)
    ((K t)%:R * share_floor m K t x ^+ (K t).-1 * share_density m K t x).
  case: (K t) => [|k]; last by have := is_deriveX k IH; rewrite exprfctE /GRing.scale.
  rewrite !mul0r; have -> : (fun y => share_floor m K t y ^+ 0) = cst 1 by [].
  exact: is_derive_cst.
have -> : share_floor m K t.+1 = cst (m t) * (id : R -> R)
    + cst (1 - m t) * (fun y => share_floor m K t y ^+ K t) by [].
by apply: is_derive_eq; rewrite /GRing.scale /= !mulr0 !addr0 mulr1.
Qed.

Lemma share_floor_continuous t : {within `[0, 1]%classic, continuous (share_floor m K t)}.
Proof.
apply: continuous_subspaceT => x; apply/differentiable_continuous/derivable1_diffP.
by case: (is_derive_share_floor t x).
Qed.

(* ... and positive. *)
Lemma share_floor_gt0 t x : 0 < x -> 0 < share_floor m K t x.
Proof.
move=> x0; elim: t => [//|t IH] /=; have /andP[m0 m1] := real_share t.
have G0 := exprn_gt0 (K t) IH; move: m0; rewrite le_eqVlt => /orP[/eqP <-|m0].
  by rewrite mul0r add0r subr0 mul1r.
by rewrite ltr_pwDl ?mulr_gt0 // mulr_ge0 ?subr_ge0 ?(ltW G0).
Qed.

Lemma share_density_gt0 t x : 0 < x -> 0 < share_density m K t x.
Proof.
move=> x0; elim: t => [|t IH] /=; first exact: ltr01.
have /andP[m0 m1] := real_share t.
have g0 : 0 < (K t)%:R * share_floor m K t x ^+ (K t).-1 * share_density m K t x.
  by rewrite !mulr_gt0 ?ltr0n ?K_gt0 ?exprn_gt0 ?share_floor_gt0.
move: m0; rewrite le_eqVlt => /orP[/eqP <-|m0]; first by rewrite add0r subr0 mul1r.
by rewrite ltr_pwDl // mulr_ge0 ?subr_ge0 ?(ltW g0).
Qed.

End Floors.

Section AnyChoice.
Variables (R : realType) (T : finType).
Variables (m : nat -> R) (K : nat -> nat) (pref : T -> R) (p : nat -> T -> R).
Variable c : forall t, {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis law_ref : is_law pref.
Hypothesis start : p 0%N =1 pref.
Hypothesis rules : forall t, is_rule (@c t).
Hypothesis step : forall t x, p t.+1 x = m t * pref x + (1 - m t) * chosen (p t) (@c t) x.

(* I3, with the integral. In the loop of I2, whatever people choose,
     KL(p_t||p_ref) <= S_t = Phi(1) - Phi(0),
   for any Phi that is continuous on [0, 1] and has there, but for the ends, the derivative
   g_t ln g_t, where g_t = share_density m K t is the derivative of the floor G_t. So S_t is the integral of
   g_t ln g_t from 0 to 1. *)
Theorem any_choice_divergence_integral t Phi : primitive_of_g_ln_g (share_density m K t) Phi ->
  absolutely_continuous (p t) pref /\ KL (p t) pref <= Phi 1 - Phi 0.
Proof.
move=> primitive; have [e order] := order_by_density (p t) pref.
have [cont le] := any_choice_divergence real_share law_ref start rules step order.
split=> //; apply: le_trans le _.
have K_gt0 s : (0 < K s)%N := rule_gt0 law_ref (@rules s).
apply: (increments_le _ _ (@share_floor_continuous R m K t) primitive).
- by move=> x _; apply: is_derive_share_floor.
- by move=> x /andP[x0 _]; apply: share_density_gt0.
have [r0 sumr] := law_ref; split=> [i|]; first exact: r0.
by rewrite (sum_placed order).
Qed.

End AnyChoice.

(* The bound on the divergence with its integral, for voters whose rewards span little (T2). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence floor_functions envelopes.
From Recurate Require Import envelope_integral binomial winner gap_win bounded_gap.
From Recurate Require Import envelope_integral_general.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variable R : realType.
Implicit Types (gap x u : R).

(* f'(x) *)
Definition gap_slope (K : option nat) gap x :=
  if K is Some K then K%:R * binomial_mean K.-1 (rise (win K gap)) x
  else gap / (x + (1 - x) * gap) ^+ 2.

(* g_t = G_t': g_0 = 1, g_{t+1} = m_t + (1 - m_t) f'(G_t) g_t *)
Fixpoint gap_density (m : nat -> R) (K : option nat) gap t u :=
  if t is s.+1 then
    m s + (1 - m s) * (gap_slope K gap (gap_floor m K gap s u) * gap_density m K gap s u)
  else 1.

End Definitions.

Section Slope.
Variables (R : realType) (gap : R).
Hypothesis gap_ge1 : 1 <= gap.

Let gap_gt0 : 0 < gap. Proof. exact: lt_le_trans ltr01 gap_ge1. Qed.

Lemma is_derive_binomial_mean K (b : nat -> R) (x : R) :
  is_derive x 1 (binomial_mean K b) (K%:R * binomial_mean K.-1 (rise b) x).
Proof.
elim: K b => [|K IH] b.
  have -> : binomial_mean 0 b = cst (b 0%N) by apply: funext => y; rewrite binomial_mean0.
  by rewrite mul0r; exact: is_derive_cst.
pose b' j := b j.+1.
have -> : binomial_mean K.+1 b
    = (cst 1 - (id : R -> R)) * binomial_mean K b + (id : R -> R) * binomial_mean K b'.
  by apply: funext => y; rewrite !fctE binomial_meanS.
have -> : K.+1%:R * binomial_mean K.+1.-1 (rise b) x
  = ((1 - x) * (K%:R * binomial_mean K.-1 (rise b) x) + binomial_mean K b x * (0 - 1))
    + (x * (K%:R * binomial_mean K.-1 (rise b') x) + binomial_mean K b' x * 1).
  have KD : K%:R * binomial_mean K (rise b) x = K%:R * ((1 - x) * binomial_mean K.-1 (rise b) x
      + x * binomial_mean K.-1 (rise b') x).
    by case: (K) => [|k]; rewrite ?mul0r // binomial_meanS.
  rewrite /= mulrS mulrDl mul1r KD binomial_mean_rise -/b'; ring.
exact: (is_deriveD (is_deriveM (is_deriveB (is_derive_cst (1 : R) x 1) (is_derive_id x 1)) (IH b))
  (is_deriveM (is_derive_id x 1) (IH b'))).
Qed.

Let d_gt0 x : 0 <= x <= 1 -> 0 < x + (1 - x) * gap.
Proof.
move=> /andP[x0 x1]; apply: (@lt_le_trans _ _ (x + (1 - x) * 1)).
  by rewrite mulr1 addrC subrK ltr01.
by rewrite lerD2l ler_wpM2l // subr_ge0.
Qed.

Let is_derive_inverse (d : R -> R) (dd x : R) : d x != 0 -> is_derive x 1 d dd ->
  is_derive x 1 (fun y => (d y)^-1) (- (d x) ^- 2 * dd).
Proof.
by move=> d0 [der val]; apply: DeriveDef; [apply: derivableV|rewrite deriveV // val].
Qed.

(* f' is the derivative of f, ... *)
Lemma is_derive_gap_win K (x : R) : 0 <= x <= 1 ->
  is_derive x 1 (gap_win K gap) (gap_slope K gap x).
Proof.
move=> x01; case: K => [K|] /=; first exact: is_derive_binomial_mean.
have d0 : x + (1 - x) * gap != 0 by rewrite gt_eqF // d_gt0.
pose d y : R := y + (1 - y) * gap.
have -> : gap_win None gap = (id : R -> R) * (fun y => (d y)^-1) by [].
have -> : gap / (x + (1 - x) * gap) ^+ 2
    = x * (- (d x) ^- 2 * (1 + ((1 - x) * 0 + gap * (0 - 1)))) + (d x)^-1 * 1.
  by rewrite /d; field.
have dd := is_deriveD (is_derive_id x 1) (is_deriveM (is_deriveB (is_derive_cst (1 : R) x 1)
  (is_derive_id x 1)) (is_derive_cst gap x 1)).
have di := @is_derive_inverse d _ x d0 dd.
exact: (is_deriveM (is_derive_id x 1) di).
Qed.

(* ... and positive. *)
Lemma gap_slope_gt0 K x : at_least 1 K -> 0 <= x <= 1 -> 0 < gap_slope K gap x.
Proof.
move=> K0 x01; case: K K0 => [K|] /= K0; last by rewrite divr_gt0 // exprn_gt0 // d_gt0.
have K_gt0 : 0 < K%:R :> R by rewrite ltr0n.
pose c := K%:R * gap / (K%:R * gap * (K%:R * gap)).
have c0 : 0 < c by rewrite divr_gt0 ?mulr_gt0.
rewrite mulr_gt0 //; apply: lt_le_trans c0 _.
have -> : c = binomial_mean K.-1 (fun j => c + 0 * j%:R) x.
  by rewrite binomial_mean_affine mul0r addr0.
apply: le_binomial_mean => // j jK; have {jK} jK : (j < K)%N by rewrite -(prednK K0) ltnS.
have weights i : (i <= K)%N -> i%:R + (K%:R - i%:R) * gap <= K%:R * gap.
  move=> iK; rewrite -subr_ge0.
  have -> : K%:R * gap - (i%:R + (K%:R - i%:R) * gap) = i%:R * (gap - 1) by ring.
  by rewrite mulr_ge0 ?ler0n ?subr_ge0.
have d0 := weights_gt0 gap_ge1 K0 (ltnW jK); have d1 := weights_gt0 gap_ge1 K0 jK.
rewrite mul0r addr0 rise_win // /c ler_wpM2l ?mulr_ge0 ?ler0n ?(ltW gap_gt0) //.
rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?mulr_gt0 //.
by apply: ler_pM; rewrite ?(ltW d0) ?(ltW d1) ?weights // ltnW.
Qed.

Section Floor.
Variables (m : nat -> R) (K : option nat).
Hypotheses (real_share : forall t, 0 <= m t <= 1) (K_gt0 : at_least 1 K).
Notation G := (gap_floor m K gap).
Notation g := (gap_density m K gap).

Let floor_G t : floor_function (G t).
Proof.
have one_way : are_shares m (fun=> 0) (fun t (j : 'I_1) => 1 - m t).
  move=> s; have /andP[m0 m1] := real_share s; split=> // [j|]; first by rewrite subr_ge0.
  by rewrite big_ord1 addr0 addrC subrK.
have f_gap (s : nat) (j : 'I_1) := gap_win_function gap_ge1 K_gt0.
have [G0 G1 sG] := mixture_floor_function one_way f_gap t.
have E s u : G s u = mixture_floor m (fun=> 0) (fun t (j : 'I_1) => 1 - m t)
    (fun _ _ => gap_win K gap) s u.
  by elim: s => [//|s /= ->]; rewrite big_ord1 mul0r addr0.
by split; rewrite ?E //; apply: eq_supported sG => u; rewrite E.
Qed.

Let G_unit t x : 0 <= x <= 1 -> 0 <= G t x <= 1.
Proof. exact: floor_function_unit (floor_G t). Qed.

Lemma is_derive_gap_floor t (x : R) : 0 <= x <= 1 -> is_derive x 1 (G t) (g t x).
Proof.
move=> x01; elim: t => [|t IH]; first exact: is_derive_id.
have df := is_derive1_comp (is_derive_gap_win K (G_unit t x01)) IH.
have -> : G t.+1 = cst (m t) * (id : R -> R) + cst (1 - m t) * (gap_win K gap \o G t) by [].
by apply: is_derive_eq; rewrite /GRing.scale /= !mulr0 !addr0 mulr1.
Qed.

Lemma gap_density_gt0 t x : 0 <= x <= 1 -> 0 < g t x.
Proof.
move=> x01; elim: t => [|t IH] /=; first exact: ltr01.
have /andP[m0 m1] := real_share t.
have fg : 0 < gap_slope K gap (G t x) * g t x by rewrite mulr_gt0 // gap_slope_gt0 // G_unit.
move: m0; rewrite le_eqVlt => /orP[/eqP <-|m0]; first by rewrite add0r subr0 mul1r.
by rewrite ltr_pwDl // mulr_ge0 ?subr_ge0 ?(ltW fg).
Qed.

End Floor.
End Slope.

Section Voters.
Variables (R : realType) (T V : finType).
Variables (m : nat -> R) (pi : nat -> V -> R) (w : nat -> V -> T -> R) (gap : R).
Variables (Kv : nat -> V -> option nat) (K : option nat).
Variables (pref : T -> R) (p : nat -> T -> R).
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis law_ref : is_law pref.
Hypothesis voters : forall t, is_law (pi t).
Hypothesis w_gt0 : forall t v x, 0 < w t v x.
Hypothesis little : forall t v, spans pref (w t v) gap.
Hypothesis candidates : forall t v, at_most (Kv t v) K.
Hypothesis start : p 0%N =1 pref.
Hypothesis step : forall t x,
  p t.+1 x = m t * pref x + (1 - m t) * \sum_v pi t v * winner (Kv t v) (w t v) (p t) x.

(* T2, the divergence with the integral: KL(p_t||p_ref) <= Phi(1) - Phi(0) for any Phi with the
   derivative g_t ln g_t between 0 and 1 that is continuous on [0, 1], in the loop of
   bounded_gap_envelope. g_t = gap_density m K gap t is the derivative of the floor G_t. *)
Theorem bounded_gap_integral t Phi : primitive_of_g_ln_g (gap_density m K gap t) Phi ->
  absolutely_continuous (p t) pref /\ KL (p t) pref <= Phi 1 - Phi 0.
Proof.
move=> primitive; have gap1 := gap_voters_ge1 law_ref voters w_gt0 little.
have K_gt0 := largest_gt0 voters candidates.
apply: (floor_integral _ (is_derive_gap_floor gap1 real_share K_gt0 t) _ primitive law_ref)
  => [|x /andP[x0 x1]||L].
- exact: (gap_floor_function real_share law_ref voters w_gt0 little candidates).
- by apply: gap_density_gt0 => //; rewrite !ltW.
- by have [] := gap_loop_law real_share law_ref voters w_gt0 candidates start step t.
by have /andP[] :=
  bounded_gap_envelope real_share law_ref voters w_gt0 little candidates start step t L.
Qed.

End Voters.

(* The divergence that Bradley-Terry voters allow whose rewards span little (the last part of T2). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import reals exp.
From Recurate Require Import compatibility finite_law curation loops divergence density_order.
From Recurate Require Import floor_divergence winner gap_win bounded_gap.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variable R : realFieldType.
Implicit Types gap : R.

(* h = K R/(K - 1 + R), the most that a choice among K multiplies a mass by; R for K = inf. *)
Definition most_multiplied (K : option nat) gap :=
  if K is Some K then K%:R * gap / (K%:R - 1 + gap) else gap.

End Definitions.

Section Density.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w pref : T -> R) (gap : R).

Lemma most_multiplied_mono gap (K' K : option nat) : 1 <= gap -> at_most K' K ->
  most_multiplied K' gap <= most_multiplied K gap.
Proof.
move=> gap1; have g0 : 0 < gap := lt_le_trans ltr01 gap1.
have d_gt0 i : (0 < i)%N -> 0 < i%:R - 1 + gap by move=> i0; rewrite addrC ltr_pwDl ?subr_ge0 ?ler1n.
case: K' K => [i|] [k|] //=.
  move=> /andP[i0 ik]; have k0 := leq_trans i0 ik.
  have di := d_gt0 i i0; have dk := d_gt0 k k0.
  rewrite ler_pdivrMr // mulrAC ler_pdivlMr // -subr_ge0.
  have -> : k%:R * gap * (i%:R - 1 + gap) - i%:R * gap * (k%:R - 1 + gap)
    = gap * (gap - 1) * (k%:R - i%:R) by ring.
  by rewrite mulr_ge0 ?subr_ge0 ?ler_nat // mulr_ge0 ?(ltW g0) // subr_ge0.
move=> i0; rewrite ler_pdivrMr ?d_gt0 // mulrC ler_wpM2l ?(ltW g0) //.
by rewrite -addrA lerDl addrC subr_ge0.
Qed.

Lemma winner_le (K : option nat) w p gap x : at_least 1 K -> is_law p -> (forall y, 0 < w y) ->
  1 <= gap -> spans p w gap -> winner K w p x <= most_multiplied K gap * p x.
Proof.
move=> K0 lawp w0 gap1 sp; have g0 : 0 < gap := lt_le_trans ltr01 gap1.
have [p0 _] := lawp; have := p0 x; rewrite le_eqVlt => /orP[/eqP px|px].
  have cont : absolutely_continuous p p by [].
  by rewrite (winner_continuous w K0 cont (esym px)) -px mulr0.
rewrite mulrC; case: K K0 => [K|] /= K0; last first.
  rewrite ler_wpM2l // ler_pdivrMr ?mean_gt0 // -meanZ -[leLHS](mean_const (w x) lawp).
  by apply: le_mean => // y py; apply: sp.
rewrite lemma_2_1 // ler_wpM2l //; have lawd := draws_is_law K.-1 lawp.
have K1 : 0 <= K%:R - 1 :> R by rewrite subr_ge0 ler1n.
have d0 : 0 < K%:R - 1 + gap by rewrite addrC ltr_pwDl.
rewrite -[leRHS](mean_const _ lawd); apply: le_mean => [|c pc]; first by case: lawd.
have W0 : 0 < w x + total_weight w c by rewrite ltr_pwDl // total_weight_ge0.
rewrite ler_pdivrMr // mulrAC ler_pdivlMr // -!mulrA ler_wpM2l ?ler0n //.
rewrite mulrDr [w x * gap]mulrC [gap * (_ + _)]mulrDr addrC lerD2l.
have -> : K%:R - 1 = K.-1%:R :> R by rewrite -[in LHS](prednK K0) mulrS addrC addKr.
rewrite mulrC -[in K.-1%:R](card_ord K.-1) mulr_natl -sumr_const /total_weight mulr_sumr.
by apply: ler_sum => k _; apply: sp => //; apply: (draws_gt0 (c := c)).
Qed.

Section Voters.
Variable V : finType.
Variables (lam gap : R) (pi : nat -> V -> R) (w : nat -> V -> T -> R).
Variables (Kv : nat -> V -> option nat) (K : option nat).
Variables (pref : T -> R) (p : nat -> T -> R).
Hypothesis lam_ge0 : 0 <= lam.
Hypothesis law_ref : is_law pref.
Hypothesis voters : forall t, is_law (pi t).
Hypothesis w_gt0 : forall t v x, 0 < w t v x.
Hypothesis little : forall t v, spans pref (w t v) gap.
Hypothesis candidates : forall t v, at_most (Kv t v) K.
Hypothesis start : p 0%N =1 pref.
Hypothesis step : forall t x, p t.+1 x = 1 / (1 + lam) * pref x
  + (1 - 1 / (1 + lam)) * \sum_v pi t v * winner (Kv t v) (w t v) (p t) x.
Notation h := (most_multiplied K gap).
Hypothesis small : lam * (h - 1) < 1.

Let l1 : 0 < 1 + lam. Proof. exact: real_share_gt0. Qed.

Let real_share (t : nat) : 0 <= 1 / (1 + lam) <= 1.
Proof. by rewrite divr_ge0 ?ler01 ?(ltW l1) //= ler_pdivrMr // mul1r lerDl. Qed.

Let gap1 : 1 <= gap := gap_voters_ge1 law_ref voters w_gt0 little.

Lemma most_multiplied_ge1 : 1 <= h.
Proof.
have K0 := largest_gt0 voters candidates.
apply: (@le_trans _ _ (most_multiplied (Some 1%N) gap)).
  by rewrite /= mul1r subrr add0r divff // gt_eqF // (lt_le_trans ltr01).
by apply: most_multiplied_mono => //; case: K K0.
Qed.

(* T2, the density: d_t <= 1/(1 - lam (h - 1)) if lam (h - 1) < 1, h = K R/(K - 1 + R), written without
   dividing by p_ref. *)
Theorem bounded_gap_density t x : p t x <= pref x / (1 - lam * (h - 1)).
Proof.
have c0 : 0 < 1 - lam * (h - 1) by rewrite subr_gt0.
have h1 := most_multiplied_ge1; have r0 : 0 <= pref x by case: law_ref.
elim: t => [|t dt]; first rewrite start.
  by rewrite ler_pdivlMr // ler_piMr // lerBlDr lerDl mulr_ge0 // subr_ge0.
have [lawt _] := gap_loop_law real_share law_ref voters w_gt0 candidates start step t.
have a0 : 0 <= 1 - 1 / (1 + lam) by rewrite subr_ge0; case/andP: (real_share 0).
rewrite step; apply: (@le_trans _ _ (1 / (1 + lam) * pref x
    + (1 - 1 / (1 + lam)) * (h * (pref x / (1 - lam * (h - 1)))))).
  rewrite lerD2l ler_wpM2l // -[leRHS](mean_const _ (voters t)).
  apply: le_mean => [|v _]; first by case: (voters t).
  have sp : spans (p t) (w t v) gap.
    exact: (spans_loop real_share law_ref voters w_gt0 little candidates start step).
  apply: le_trans (winner_le x (at_most_inf (candidates t v)) lawt (w_gt0 t v) gap1 sp) _.
  apply: ler_pM dt; rewrite ?(proj1 lawt) //; last exact: most_multiplied_mono.
  rewrite (le_trans ler01) // (le_trans _ (most_multiplied_mono gap1 (_ : at_most (Some 1%N) _))) //.
    by rewrite /= mul1r subrr add0r divff // gt_eqF // (lt_le_trans ltr01).
  by move: (candidates t v); case: (Kv t v) => [i|] //; case: K => [k|] //= /andP[].
by rewrite le_eqVlt; apply/orP; left; apply/eqP; field; rewrite !gt_eqF.
Qed.

End Voters.
End Density.

Section Divergence.
Variables (R : realType) (T V : finType).
Variables (gap : R) (pi : nat -> V -> R) (w : nat -> V -> T -> R).
Variables (Kv : nat -> V -> option nat) (K : option nat).
Variables (pref : T -> R) (p : nat -> T -> R).
Hypothesis law_ref : is_law pref.
Hypothesis voters : forall t, is_law (pi t).
Hypothesis w_gt0 : forall t v x, 0 < w t v x.
Hypothesis little : forall t v, spans pref (w t v) gap.
Hypothesis candidates : forall t v, at_most (Kv t v) K.
Hypothesis start : p 0%N =1 pref.

(* T2, the divergence: KL(p_t||p_ref) <= -ln(1 - lam (h - 1)) if lam (h - 1) < 1, h = K R/(K - 1 + R),
   and h = R for K = inf. The voters are those of bounded_gap_envelope, any and changing, who see at
   most K candidates; the share of real data is 1/(1 + lam) at each step. *)
Theorem bounded_gap_divergence (lam : R) t : 0 <= lam ->
  (forall t x, p t.+1 x = 1 / (1 + lam) * pref x
    + (1 - 1 / (1 + lam)) * \sum_v pi t v * winner (Kv t v) (w t v) (p t) x) ->
  lam * (most_multiplied K gap - 1) < 1 ->
  absolutely_continuous (p t) pref /\
  KL (p t) pref <= - ln (1 - lam * (most_multiplied K gap - 1)).
Proof.
move=> lam0 step small; have l1 := real_share_gt0 lam0.
have real_share (s : nat) : 0 <= 1 / (1 + lam) <= 1.
  by rewrite divr_ge0 ?ler01 ?(ltW l1) //= ler_pdivrMr // mul1r lerDl.
have [lawt ct] := gap_loop_law real_share law_ref voters w_gt0 candidates start step t.
have c0 : 0 < 1 - lam * (most_multiplied K gap - 1) by rewrite subr_gt0.
split=> //; rewrite -lnV ?posrE //; apply: KL_le_density; rewrite ?invr_gt0 //.
move=> x.
exact: (bounded_gap_density lam0 law_ref voters w_gt0 little candidates start step small).
Qed.

(* T2, the divergence for any shares m_t of real data, as I3 with the floors G_t of T2, in an order e in
   which the density of p_t increases. *)
Theorem bounded_gap_envelope_divergence (m : nat -> R) n (e : 'I_n -> T) t :
  (forall t, 0 <= m t <= 1) ->
  (forall t x, p t.+1 x = m t * pref x
    + (1 - m t) * \sum_v pi t v * winner (Kv t v) (w t v) (p t) x) ->
  ordered_by_density (p t) pref e ->
  absolutely_continuous (p t) pref /\
  KL (p t) pref
    <= KL (increments (gap_floor m K gap t) (fun i => pref (e i))) (fun i => pref (e i)).
Proof.
move=> real_share step order.
have [lawt _] := gap_loop_law real_share law_ref voters w_gt0 candidates start step t.
apply: (floor_divergence _ law_ref lawt _ order) => [|L].
  exact: (gap_floor_function real_share law_ref voters w_gt0 little candidates).
by have /andP[] := bounded_gap_envelope real_share law_ref voters w_gt0 little candidates start step t L.
Qed.

End Divergence.

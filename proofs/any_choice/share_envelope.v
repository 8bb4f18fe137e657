(* What is left of a group if at each t any rule chooses among K_t candidates and any share m_t of the
   training set is real (I2): the floor, the ceiling, and what is kept for ever. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law choices floor_functions envelopes.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType).
Implicit Types (m : nat -> R) (u : R) (t : nat).

(* G_0(u) = u, G_{t+1}(u) = m_t u + (1 - m_t) G_t(u)^K_t. In a loop with lam real data is the share
   m = 1/(1 + lam) of each training set, and m = 0 for lam = inf. *)
Fixpoint share_floor m (K : nat -> nat) t u :=
  if t is s.+1 then m s * u + (1 - m s) * share_floor m K s u ^+ K s else u.

End Definitions.

Section AnyChoice.
Variables (R : realFieldType) (T : finType).
Variables (m : nat -> R) (K : nat -> nat) (pref : T -> R) (p : nat -> T -> R).
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis law_ref : is_law pref.
Hypothesis start : p 0%N =1 pref.

Let alpha_beta_gamma : are_shares m (fun=> 0) (fun t (j : 'I_1) => 1 - m t).
Proof.
move=> t; have /andP[m0 m1] := real_share t; split=> // [j|]; first by rewrite subr_ge0.
by rewrite big_ord1 addr0 addrC subrK.
Qed.

Lemma share_floorE t u : share_floor m K t u
  = power_floor m (fun=> 0) (fun t (j : 'I_1) => 1 - m t) (fun t _ => K t) t u.
Proof. by elim: t => [//|t /= ->]; rewrite /power_floor /= big_ord1 mul0r addr0. Qed.

(* G_t maps [0, 1] to itself, is convex, and increases from 0 to 1. *)
Lemma share_floor_function t : (forall t, (0 < K t)%N) -> floor_function (share_floor m K t).
Proof.
move=> K0; have fl := mixture_floor_function alpha_beta_gamma
  (fun s (j : 'I_1) => @power_floor_function R _ (K0 s)) t.
have [G0 G1 sG] := fl; split; rewrite ?share_floorE //.
by apply: eq_supported sG => u; rewrite share_floorE.
Qed.

Section Rules.
Variable c : forall t, {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Hypothesis rules : forall t, is_rule (@c t).
Hypothesis step : forall t x, p t.+1 x = m t * pref x + (1 - m t) * chosen (p t) (@c t) x.

Lemma mean_any_step t g : mean (p t.+1) g
  = m t * mean pref g + (1 - m t) * mean (chosen (p t) (@c t)) g.
Proof.
rewrite /mean !mulr_sumr -big_split; apply: eq_bigr => x _ /=.
by rewrite step; ring.
Qed.

Lemma any_loop_is_law t : is_law (p t).
Proof.
elim: t => [|t lawt].
  have [r0 r1] := law_ref; split=> [x|]; first by rewrite start.
  by under eq_bigr do rewrite start.
have /andP[mt0 mt1] := real_share t; have law_c := chosen_is_law lawt (@rules t).
split=> [x|].
  by rewrite step addr_ge0 ?mulr_ge0 ?subr_ge0 //; [case: law_ref|case: law_c].
transitivity (mean (p t.+1) (fun=> 1)); first by apply: eq_bigr => x _; rewrite mulr1.
by rewrite mean_any_step !mean_const // !mulr1 addrC subrK.
Qed.

Lemma any_loop_K_gt0 t : (0 < K t)%N.
Proof. exact: rule_gt0 law_ref (@rules t). Qed.

(* I2. Whatever people choose: a loop from p_0 = p_ref whose training sets have any shares m_t of
   real data, from 0 (pure, lam = inf) to 1, and in which at each t any rule c_t chooses among any
   number K_t >= 1 of candidates from p_t,
     p_{t+1} = m_t p_ref + (1 - m_t) T_t(p_t).
   c_t may be any rule, so it may depend on t, on p_t and on all that went before. Then, for every phi:
   T -> [0, 1] (the indicator of a group),
     G_t(u) <= E_t phi <= 1 - G_t(1 - u),  u = E_ref phi,
   G_0(u) = u, G_{t+1}(u) = m_t u + (1 - m_t) G_t(u)^K_t. *)
Theorem share_envelope t phi : unit_valued phi ->
  share_floor m K t (mean pref phi) <= mean (p t) phi
    <= 1 - share_floor m K t (1 - mean pref phi).
Proof.
rewrite !share_floorE; apply: (share_envelope_general alpha_beta_gamma law_ref) => //.
- by move=> s _; apply: any_loop_K_gt0.
- exact: any_loop_is_law.
move=> s psi upsi; rewrite big_ord1 mul0r addr0 mean_any_step lerD2l ler_wpM2l //.
  by rewrite subr_ge0; case/andP: (real_share s).
exact: chosen_ge (any_loop_is_law s) (@rules s) upsi.
Qed.

(* The same for the share of a group. *)
Theorem share_envelope_set t (L : pred T) :
  share_floor m K t (mass pref L) <= mass (p t) L <= 1 - share_floor m K t (1 - mass pref L).
Proof. by rewrite -!mean_indicator; apply/share_envelope/indicator_unit. Qed.

End Rules.
End AnyChoice.

Section ForEver.
Variable R : realFieldType.
Implicit Types (lam u y : R).

(* A floor for ever, in closed form: if y is at most u, the group's real share, and
     lam (y - y^K) <= u - y,
   then no choice among K brings the group below y, at any t. For K >= 2 and 0 < y < 1 the largest lam
   that this admits is (u - y)/(y - y^K). *)
Theorem share_floor_for_ever K lam u y t : 0 <= lam -> 0 <= y -> y <= u ->
  lam * (y - y ^+ K) <= u - y -> y <= share_floor (fun=> 1 / (1 + lam)) (fun=> K) t u.
Proof.
move=> lam0 y0 yu small; have l1 : 0 < 1 + lam := ltr_pwDl ltr01 lam0.
elim: t => [//|t IH] /=; set G := share_floor _ _ t u in IH *.
apply: (@le_trans _ _ (1 / (1 + lam) * u + (1 - 1 / (1 + lam)) * y ^+ K)).
  have -> : 1 / (1 + lam) * u + (1 - 1 / (1 + lam)) * y ^+ K = (u + lam * y ^+ K) / (1 + lam).
    by field; rewrite gt_eqF.
  rewrite ler_pdivlMr // mulrDr mulr1 [y * lam]mulrC -lerBlDr -addrA -mulrBr.
  by rewrite addrC -lerBrDr.
rewrite lerD2l ler_wpM2l //; last by rewrite lerXn2r ?nnegrE // (le_trans y0).
by rewrite subr_ge0 ler_pdivrMr // mul1r lerDl.
Qed.

Lemma share_floorS (m : nat -> R) K t u :
  share_floor m K t.+1 u = m t * u + (1 - m t) * share_floor m K t u ^+ K t.
Proof. by []. Qed.

(* A longer loop has a lower floor, if neither m nor K changes. *)
Lemma share_floor_decreases (m u : R) K t : (0 < K)%N -> 0 <= m <= 1 -> 0 <= u <= 1 ->
  share_floor (fun=> m) (fun=> K) t.+1 u <= share_floor (fun=> m) (fun=> K) t u.
Proof.
move=> K0 /andP[m0 m1] /andP[u0 u1]; have m1' : 0 <= 1 - m by rewrite subr_ge0.
have unit s : 0 <= share_floor (fun=> m) (fun=> K) s u <= 1.
  apply: floor_function_unit; last by rewrite u0.
  by apply: share_floor_function => // _; rewrite m0.
elim: t => [|t IH].
  apply: (@le_trans _ _ (m * u + (1 - m) * u)); last by rewrite -mulrDl addrC subrK mul1r.
  by rewrite /= lerD2l ler_wpM2l // -(prednK K0) exprS ler_piMr // exprn_ile1.
have [/andP[G0 _] /andP[G1 _]] := (unit t, unit t.+1).
rewrite [leLHS]share_floorS [leRHS]share_floorS lerD2l ler_wpM2l //.
by rewrite lerXn2r ?nnegrE.
Qed.

(* The floor is at most the group's real share. *)
Lemma share_floor_le (m : nat -> R) (K : nat -> nat) u t : (forall s, (0 < K s)%N) ->
  (forall s, 0 <= m s <= 1) -> 0 <= u <= 1 -> share_floor m K t u <= u.
Proof.
move=> K0 ms uu; have [u0 u1] := andP uu; elim: t => [//|t IH]; rewrite share_floorS.
have /andP[G0 G1] := floor_function_unit (share_floor_function ms t K0) uu.
have /andP[m0 m1] := ms t.
apply: (@le_trans _ _ (m t * u + (1 - m t) * u)); last by rewrite -mulrDl addrC subrK mul1r.
rewrite lerD2l ler_wpM2l ?subr_ge0 //; apply: le_trans IH.
by rewrite -(prednK (K0 t)) exprS ler_piMr // exprn_ile1.
Qed.

(* The real data alone keep m u. *)
Lemma share_floor_ge (m : nat -> R) (K : nat -> nat) u t : (forall s, (0 < K s)%N) ->
  (forall s, 0 <= m s <= 1) -> 0 <= u <= 1 -> m t * u <= share_floor m K t.+1 u.
Proof.
move=> K0 ms uu; rewrite /= lerDl mulr_ge0 ?subr_ge0 ?exprn_ge0 //; first by case/andP: (ms t).
by have /andP[] := floor_function_unit (share_floor_function ms t K0) uu.
Qed.

End ForEver.

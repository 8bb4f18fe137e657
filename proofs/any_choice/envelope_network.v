(* The floor and the ceiling of I2 in a network of models that train on each other's winners. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law choices floor_functions share_envelope.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Networks.
Variables (R : realFieldType) (T I : finType).
Variables (m : nat -> I -> R) (K : nat -> I -> nat) (share : nat -> I -> I -> R).
Variables (pref : T -> R) (p : nat -> I -> T -> R).
Variable c : forall t i, {ffun 'I_(K t i) -> T} -> 'I_(K t i) -> R.
Variables (least : nat -> R) (most : nat -> nat).
Hypothesis law_ref : is_law pref.
Hypothesis rules : forall t i, is_rule (@c t i).
Hypothesis start : forall i, p 0%N i =1 pref.
Hypothesis share_is_law : forall t j, is_law (share t j).
Hypothesis step : forall t j x,
  p t.+1 j x = m t j * pref x + (1 - m t j) * \sum_i share t j i * chosen (p t i) (@c t i) x.
Hypothesis least_real : forall t j, 0 <= least t /\ least t <= m t j <= 1.
Hypothesis most_candidates : forall t i, (K t i <= most t)%N.

Lemma mean_network_step t j g : mean (p t.+1 j) g = m t j * mean pref g
  + (1 - m t j) * mean (share t j) (fun i => mean (chosen (p t i) (@c t i)) g).
Proof.
transitivity (\sum_x (m t j * (pref x * g x)
    + (1 - m t j) * \sum_i share t j i * (chosen (p t i) (@c t i) x * g x))).
  apply: eq_bigr => x _; rewrite step mulrDl -!mulrA; congr (_ + _ * _).
  by rewrite mulr_suml; apply: eq_bigr => i _; rewrite mulrA.
rewrite big_split -!mulr_sumr /=; congr (_ + _ * _).
by rewrite exchange_big; apply: eq_bigr => i _; rewrite mulr_sumr.
Qed.

Lemma network_is_law t j : is_law (p t j).
Proof.
elim: t j => [|t IH] j.
  have [r0 r1] := law_ref; split=> [x|]; first by rewrite start.
  by under eq_bigr do rewrite start.
have [l0 /andP[lm m1]] := least_real t j; have m0 := le_trans l0 lm.
have law_c i := chosen_is_law (IH i) (@rules t i).
split=> [x|].
  rewrite step addr_ge0 ?mulr_ge0 ?subr_ge0 //; first by case: law_ref.
  apply: sumr_ge0 => i _; rewrite mulr_ge0 //; first by case: (share_is_law t j).
  by case: (law_c i).
transitivity (mean (p t.+1 j) (fun=> 1)); first by apply: eq_bigr => x _; rewrite mulr1.
rewrite mean_network_step mean_const // mulr1.
rewrite (eq_mean (q := share t j) (g := fun=> 1)) // => [|i]; last exact: mean_const.
by rewrite mean_const // mulr1 addrC subrK.
Qed.

(* I2 in a network. Models i all start at p_ref. Model j trains on a share m_{t,j} of real data, and
   of what was chosen from model i's candidates, by any rule c_{t,i} among K_{t,i}, on a share
   share_{t,j,i} of the rest (sum_i share_{t,j,i} = 1, i = j or not). If m_{t,j} >= least_t and
   K_{t,i} <= most_t, every model has the floor and ceiling of a single loop with least_t, most_t. *)
Theorem share_envelope_network t j phi : unit_valued phi ->
  share_floor least most t (mean pref phi) <= mean (p t j) phi
    <= 1 - share_floor least most t (1 - mean pref phi).
Proof.
have [i0 _] := law_has_support (share_is_law 0 j); have [x0 _] := law_has_support law_ref.
have least_unit s : 0 <= least s <= 1.
  by have [l0 /andP[lm m1]] := least_real s j; rewrite l0 (le_trans lm).
have K0 s i : (0 < K s i)%N := rule_gt0 law_ref (@rules s i).
have most0 s : (0 < most s)%N := leq_trans (K0 s i0) (most_candidates s i0).
have floor psi s i : unit_valued psi -> share_floor least most s (mean pref psi) <= mean (p s i) psi.
  move=> upsi; have uu := mean_unit law_ref upsi; have /andP[u0 u1] := uu.
  elim: s i => [|s IH] i.
    by rewrite le_eqVlt; apply/orP; left; apply/eqP/eq_mean => // x; rewrite start.
  set G := share_floor least most s (mean pref psi) in IH.
  have [l0 /andP[lm m1]] := least_real s i.
  have /andP[G0 G1] : 0 <= G <= 1.
    exact: floor_function_unit (share_floor_function least_unit s most0) uu.
  have G_le : G ^+ most s <= mean pref psi.
    apply: le_trans (share_floor_le s most0 least_unit uu); rewrite -/G.
    by rewrite -(prednK (most0 s)) exprS ler_piMr // exprn_ile1.
  rewrite mean_network_step share_floorS -/G.
  apply: (@le_trans _ _ (m s i * mean pref psi + (1 - m s i) * G ^+ most s)).
    rewrite -subr_ge0.
    have -> : m s i * mean pref psi + (1 - m s i) * G ^+ most s
        - (least s * mean pref psi + (1 - least s) * G ^+ most s)
      = (m s i - least s) * (mean pref psi - G ^+ most s) by ring.
    by rewrite mulr_ge0 ?subr_ge0.
  rewrite lerD2l ler_wpM2l ?subr_ge0 // -[leLHS](mean_const _ (share_is_law s i)).
  apply: le_mean => [|k _]; first by case: (share_is_law s i).
  apply: le_trans (chosen_ge (network_is_law s k) (@rules s k) upsi).
  apply: (@le_trans _ _ (G ^+ K s k)); first exact: ler_wiexpn2l.
  by rewrite lerXn2r ?nnegrE // (le_trans G0).
move=> uphi; rewrite floor //= lerBrDr addrC -lerBrDr -(meanC phi law_ref).
by rewrite -(meanC phi (network_is_law t j)) floor //; apply: unit_valuedC.
Qed.

End Networks.

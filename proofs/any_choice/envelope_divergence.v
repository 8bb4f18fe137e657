(* How far any choice can move a model: the divergence that a floor allows (I3). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype.
From mathcomp Require Import sequences exp.
From Recurate Require Import finite_law loops choices divergence density_order floor_functions.
From Recurate Require Import envelopes floor_divergence share_envelope training_sets.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section AnyChoice.
Variables (R : realType) (T : finType).
Variables (m : nat -> R) (K : nat -> nat) (pref : T -> R) (p : nat -> T -> R).
Variable c : forall t, {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis law_ref : is_law pref.
Hypothesis start : p 0%N =1 pref.
Hypothesis rules : forall t, is_rule (@c t).
Hypothesis step : forall t x, p t.+1 x = m t * pref x + (1 - m t) * chosen (p t) (@c t) x.

Let G t := share_floor m K t.

Let floor_G t : floor_function (G t).
Proof. by apply: share_floor_function => // s; apply: rule_gt0 law_ref (@rules s). Qed.

Let law_p t : is_law (p t) := any_loop_is_law real_share law_ref start rules step t.

Let floor t (L : pred T) : G t (mass pref L) <= mass (p t) L.
Proof. by have /andP[] := share_envelope_set real_share law_ref start rules step t L. Qed.

(* I3. Whatever people choose (the loop of I2: any rules c_t, any K_t >= 1, any shares m_t of real data
   from 0 to 1), KL(p_t||p_ref) is at most what the floors G_t of I2 allow:
     KL(p_t||p_ref) <= sum_i q_i ln(q_i/p_i),  q_i = G_t(u_{i+1}) - G_t(u_i),  u_i = p_0 + ... + p_{i-1},
   p_0, p_1, ... = pref (e 0), pref (e 1), ... the masses of the reference in an order e in which the
   density of p_t increases: order_by_density says that there is one. *)
Theorem any_choice_divergence n (e : 'I_n -> T) t : ordered_by_density (p t) pref e ->
  absolutely_continuous (p t) pref /\
  KL (p t) pref <= KL (increments (share_floor m K t) (fun i => pref (e i))) (fun i => pref (e i)).
Proof. exact: (floor_divergence (floor_G t) law_ref (law_p t) (floor t)). Qed.

(* Sharper: KL(p_t||p_ref) + KL(q||p_t) <= KL(q||p_ref), q the law of the q_i; all three divergences
   are of laws without mass where the other has none. *)
Theorem any_choice_divergence_sharp n (e : 'I_n -> T) t : ordered_by_density (p t) pref e ->
  let q := increments (share_floor m K t) (fun i => pref (e i)) in
  [/\ is_law q,
      absolutely_continuous (p t) pref,
      absolutely_continuous q (fun i => p t (e i)),
      absolutely_continuous q (fun i => pref (e i))
    & KL (p t) pref + KL q (fun i => p t (e i)) <= KL q (fun i => pref (e i))].
Proof.
move=> order; split.
- exact: (increments_law (floor_G t) law_ref order).
- exact: (floor_continuous (floor_G t) law_ref (law_p t) (floor t)).
- exact: (increments_continuous (floor_G t) law_ref (law_p t) (floor t) order).
- exact: increments_continuous_ref.
exact: (floor_divergence_sharp (floor_G t) law_ref (law_p t) (floor t) order).
Qed.

(* I3 for the other f-divergences: E_ref f(d_t) <= sum_i p_i f(q_i/p_i), f convex with a line of finite
   slope below it at each x >= 0. *)
Theorem any_choice_f_divergence (f slope : R -> R) n (e : 'I_n -> T) t :
  (forall x y, 0 <= x -> 0 <= y -> f x + slope x * (y - x) <= f y) ->
  ordered_by_density (p t) pref e ->
  \sum_x pref x * f (p t x / pref x)
    <= \sum_i pref (e i) * f (increments (share_floor m K t) (fun i => pref (e i)) i / pref (e i)).
Proof.
move=> line order.
exact: (floor_f_divergence (floor_G t) law_ref (law_p t) (floor t) order line).
Qed.

End AnyChoice.

Section General.
Variables (R : realType) (T J : finType).
Variables (alpha beta : nat -> R) (gamma : nat -> J -> R) (K : nat -> J -> nat).
Hypothesis shares : are_shares alpha beta gamma.
Hypothesis K_gt0 : forall t j, (0 < K t j)%N.
Variable pref : T -> R.
Hypothesis law_ref : is_law pref.

(* The part of T1 about divergences, with chance: the mean law E p_t of T1 (share_envelope_expected)
   diverges from p_ref by at most what the floors G_t of T1 allow, in the order of its density. *)
Theorem share_envelope_expected_divergence (Omega : finType) (P : Omega -> R)
    (p : nat -> Omega -> T -> R) n (e : 'I_n -> T) t :
  is_law P -> expected_law P (p 0%N) =1 pref -> (forall t o, is_law (p t o)) ->
  (forall s phi, (s < t)%N -> unit_valued phi ->
    mean P (fun o => alpha s * mean pref phi + beta s * mean (p s o) phi
        + \sum_j gamma s j * mean (p s o) phi ^+ K s j)
      <= mean P (fun o => mean (p s.+1 o) phi)) ->
  ordered_by_density (expected_law P (p t)) pref e ->
  absolutely_continuous (expected_law P (p t)) pref /\
  KL (expected_law P (p t)) pref
    <= KL (increments (power_floor alpha beta gamma K t) (fun i => pref (e i))) (fun i => pref (e i)).
Proof.
move=> lawP start lawp step order; apply: floor_divergence order => //.
- by apply: mixture_floor_function => // s j; apply: power_floor_function.
- exact: expected_law_is_law.
move=> L; rewrite -!mean_indicator mean_expected.
have uL : unit_valued (fun x => (L x)%:R : R) by apply: indicator_unit.
by have /andP[] := share_envelope_expected shares law_ref lawP K_gt0 start lawp step (leqnn t) uL.
Qed.

(* Without chance. *)
Theorem share_envelope_general_divergence (p : nat -> T -> R) n (e : 'I_n -> T) t :
  p 0%N =1 pref -> (forall t, is_law (p t)) ->
  (forall t phi, unit_valued phi ->
    alpha t * mean pref phi + beta t * mean (p t) phi + \sum_j gamma t j * mean (p t) phi ^+ K t j
      <= mean (p t.+1) phi) ->
  ordered_by_density (p t) pref e ->
  absolutely_continuous (p t) pref /\
  KL (p t) pref
    <= KL (increments (power_floor alpha beta gamma K t) (fun i => pref (e i))) (fun i => pref (e i)).
Proof.
move=> start lawp step order; apply: floor_divergence order => //.
  by apply: mixture_floor_function => // s j; apply: power_floor_function.
move=> L; rewrite -!mean_indicator; have uL := indicator_unit R L.
by have /andP[] := share_envelope_general shares law_ref K_gt0 start lawp step t uL.
Qed.

End General.

Section TrainingSets.
Variables (R : realType) (T : finType).
Variables (m : nat -> R) (K N : nat -> nat) (pref : T -> R).
Variable c : forall t, seq (T -> R) -> {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Hypothesis law_ref : is_law pref.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis N_gt0 : forall t, (0 < N t)%N.
Hypothesis rules : forall t h, is_rule (@c t h).

(* The mean law E p_t of the loop of training_sets_envelope, of training sets of any finite sizes N_t,
   diverges from p_ref by no more than I3 says. *)
Theorem training_sets_divergence n (e : 'I_n -> T) t :
  ordered_by_density (mean_law m N pref c t) pref e ->
  absolutely_continuous (mean_law m N pref c t) pref /\
  KL (mean_law m N pref c t) pref
    <= KL (increments (share_floor m K t) (fun i => pref (e i))) (fun i => pref (e i)).
Proof.
move=> order; apply: (floor_divergence _ law_ref _ _ order) => [||L].
- by apply: share_floor_function => // s; apply: rule_gt0 law_ref (@rules s [::]).
- exact: (mean_law_is_law law_ref real_share N_gt0 rules).
have uL := indicator_unit R L; rewrite -!mean_indicator (mean_mean_law law_ref real_share N_gt0 rules).
by have /andP[] := training_sets_envelope law_ref real_share N_gt0 rules t uL.
Qed.

End TrainingSets.

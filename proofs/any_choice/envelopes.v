(* What is left of a group, whatever people choose: floors and ceilings of its share at every t.

   A floor is a function G_t on [0, 1], from the group's share u of the real data to the least share
   that it can have at t. The ceiling is 1 - G_t(1 - u): the floor of everybody else. Here for any
   step that keeps enough of each group (T1); share_envelope.v has one rule at each t (I2). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law choices floor_functions.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType).
Implicit Types (alpha beta : nat -> R) (u : R) (t : nat).

(* What p_{t+1} consists of: a share alpha_t of real data, beta_t of p_t as it is, and gamma_{t,j} of
   what is left by each of finitely many ways j of curating. *)
Definition are_shares (J : finType) alpha beta (gamma : nat -> J -> R) := forall t,
  [/\ 0 <= alpha t, 0 <= beta t, forall j, 0 <= gamma t j
    & alpha t + beta t + \sum_j gamma t j = 1].

(* G_0(u) = u, G_{t+1}(u) = alpha_t u + beta_t G_t(u) + sum_j gamma_{t,j} f_{t,j}(G_t(u)) *)
Fixpoint mixture_floor (J : finType) alpha beta (gamma : nat -> J -> R) (f : nat -> J -> R -> R) t u :=
  if t is s.+1 then
    let g := mixture_floor alpha beta gamma f s u in
    alpha s * u + beta s * g + \sum_j gamma s j * f s j g
  else u.

(* The same with f_{t,j}(x) = x^K_{t,j}: G_{t+1} = alpha u + beta G_t + sum_j gamma_j G_t^K_j. *)
Definition power_floor (J : finType) alpha beta (gamma : nat -> J -> R) (K : nat -> J -> nat) :=
  mixture_floor alpha beta gamma (fun t j x => x ^+ K t j).

End Definitions.

Section Floors.
Variables (R : realFieldType) (J : finType).
Variables (alpha beta : nat -> R) (gamma : nat -> J -> R) (f : nat -> J -> R -> R).
Hypothesis shares : are_shares alpha beta gamma.
Hypothesis floors : forall t j, floor_function (f t j).
Notation G := (mixture_floor alpha beta gamma f).

Let step t u g := alpha t * u + beta t * g + \sum_j gamma t j * f t j g.

Lemma mixture_step_le t u u' g g' : u <= u' -> 0 <= g -> g <= g' -> g' <= 1 ->
  step t u g <= step t u' g'.
Proof.
move=> uu g0 gg g1; have [a0 b0 c0 _] := shares t; rewrite /step.
apply: lerD; first by apply: lerD; apply: ler_wpM2l.
apply: ler_sum => j _; apply: ler_wpM2l => //; have [_ _ sf] := floors t j.
exact: supported_mono.
Qed.

(* G_t maps [0, 1] to itself, is convex and increases from 0 to 1. *)
Theorem mixture_floor_function t : floor_function (G t).
Proof.
elim: t => [|t IH]; first exact: floor_function_id.
have [G0 G1 _] := IH; have [a0 b0 c0 sum1] := shares t; split=> /=.
- rewrite G0 !mulr0 !add0r big1 // => j _.
  by have [-> _ _] := floors t j; rewrite mulr0.
- rewrite G1 !mulr1 -[RHS]sum1; congr (_ + _); apply: eq_bigr => j _.
  by have [_ -> _] := floors t j; rewrite mulr1.
have [_ _ s_id] := floor_function_id R; have [_ _ sG] := IH.
apply: (@supportedD _ (fun u => alpha t * u + beta t * G t u)).
  by apply: (@supportedD _ (fun u => alpha t * u)); apply: supportedZ.
apply: (@supported_sum _ _ (fun j u => gamma t j * f t j (G t u))) => j.
apply: supportedZ => //; apply: supported_comp IH; by have [] := floors t j.
Qed.

Lemma mixture_floor_unit t u : 0 <= u <= 1 -> 0 <= G t u <= 1.
Proof. exact/floor_function_unit/mixture_floor_function. Qed.

Lemma mixture_floor_mono t u v : 0 <= u -> u <= v -> v <= 1 -> G t u <= G t v.
Proof. by apply: supported_mono; have [] := mixture_floor_function t. Qed.

(* The induction behind all floors, for numbers, up to any horizon: x_t is the share of a group. *)
Lemma floor_of_numbers (x : nat -> R) u horizon : 0 <= u <= 1 -> u <= x 0%N ->
  (forall t, (t <= horizon)%N -> 0 <= x t <= 1) ->
  (forall t, (t < horizon)%N ->
    alpha t * u + beta t * x t + \sum_j gamma t j * f t j (x t) <= x t.+1) ->
  forall t, (t <= horizon)%N -> G t u <= x t.
Proof.
move=> uu u_le xu next; elim=> [//|t IH] lt_t; apply: le_trans (next t lt_t).
have /andP[G0 _] := mixture_floor_unit t uu; have /andP[_ x1] := xu t (ltnW lt_t).
exact: mixture_step_le (IH (ltnW lt_t)) x1.
Qed.

End Floors.

Section GeneralEnvelope.
Variables (R : realFieldType) (T J : finType).
Variables (alpha beta : nat -> R) (gamma : nat -> J -> R).
Hypothesis shares : are_shares alpha beta gamma.
Variable pref : T -> R.
Hypothesis law_ref : is_law pref.

(* One group is enough: who keeps this much of phi and of 1 - phi at each step keeps it for ever. *)
Lemma envelope_of_steps (f : nat -> J -> R -> R) (p : nat -> T -> R) phi horizon :
  (forall t j, floor_function (f t j)) -> unit_valued phi ->
  p 0%N =1 pref -> (forall t, is_law (p t)) ->
  (forall t psi, (t < horizon)%N -> psi = phi \/ psi = (fun x => 1 - phi x) ->
    alpha t * mean pref psi + beta t * mean (p t) psi + \sum_j gamma t j * f t j (mean (p t) psi)
      <= mean (p t.+1) psi) ->
  forall t, (t <= horizon)%N ->
    mixture_floor alpha beta gamma f t (mean pref phi) <= mean (p t) phi
    <= 1 - mixture_floor alpha beta gamma f t (1 - mean pref phi).
Proof.
move=> floors uphi p0 lawp step t le_t.
have floor psi : unit_valued psi -> (psi = phi \/ psi = (fun x => 1 - phi x)) ->
    mixture_floor alpha beta gamma f t (mean pref psi) <= mean (p t) psi.
  move=> upsi is_psi.
  apply: (floor_of_numbers shares floors (x := fun s => mean (p s) psi) _ _ _ _ le_t).
  - exact: mean_unit.
  - by rewrite le_eqVlt; apply/orP; left; apply/eqP/eq_mean => // x; rewrite p0.
  - by move=> s _; apply: mean_unit.
  - by move=> s lt_s; apply: step.
apply/andP; split; first by apply: floor => //; left.
rewrite lerBrDr addrC -lerBrDr -(meanC phi law_ref) -(meanC phi (lawp t)).
by apply: floor; [apply: unit_valuedC|right].
Qed.

(* T1. Let p_t be laws from p_0 = p_ref such that, for each t and each phi: T -> [0, 1],
     p_{t+1}(phi) >= alpha_t p_ref(phi) + beta_t p_t(phi) + sum_j gamma_{t,j} p_t(phi)^K_{t,j},
   p(phi) the mean E_p phi, shares alpha + beta + sum_j gamma_j = 1 that change with t as they will,
   any finite set of ways j, any K_{t,j} >= 1. Then at every t
     G_t(p_ref(phi)) <= p_t(phi) <= 1 - G_t(1 - p_ref(phi)),
   G_0(u) = u, G_{t+1}(u) = alpha_t u + beta_t G_t(u) + sum_j gamma_{t,j} G_t(u)^K_{t,j}.
   Nothing is asked of how p_{t+1} comes about. For an indicator phi the means are a group's shares. *)
Theorem share_envelope_general (K : nat -> J -> nat) (p : nat -> T -> R) :
  (forall t j, (0 < K t j)%N) -> p 0%N =1 pref -> (forall t, is_law (p t)) ->
  (forall t phi, unit_valued phi ->
    alpha t * mean pref phi + beta t * mean (p t) phi + \sum_j gamma t j * mean (p t) phi ^+ K t j
      <= mean (p t.+1) phi) ->
  forall t phi, unit_valued phi ->
    power_floor alpha beta gamma K t (mean pref phi) <= mean (p t) phi
      <= 1 - power_floor alpha beta gamma K t (1 - mean pref phi).
Proof.
move=> K0 p0 lawp step t phi uphi; apply: (envelope_of_steps (horizon := t)) => //.
  by move=> s j; apply: power_floor_function.
by move=> s psi _ [->|->]; apply: step => //; apply: unit_valuedC.
Qed.

(* The mean law of random laws: E p_t over a finite probability space. *)
Definition expected_law (Omega : finType) (P : Omega -> R) (p : Omega -> T -> R) x :=
  mean P (fun o => p o x).

Lemma mean_expected (Omega : finType) (P : Omega -> R) (p : Omega -> T -> R) g :
  mean (expected_law P p) g = mean P (fun o => mean (p o) g).
Proof.
rewrite /expected_law /mean; under eq_bigr do rewrite mulr_suml.
rewrite exchange_big; apply: eq_bigr => o _; rewrite mulr_sumr.
by apply: eq_bigr => x _; rewrite mulrA.
Qed.

Lemma expected_law_is_law (Omega : finType) (P : Omega -> R) (p : Omega -> T -> R) :
  is_law P -> (forall o, is_law (p o)) -> is_law (expected_law P p).
Proof.
move=> lawP lawp; split=> [x|].
  by apply: sumr_ge0 => o _; rewrite mulr_ge0 //; [case: lawP|case: (lawp o)].
have -> : \sum_x expected_law P p x = mean (expected_law P p) (fun=> 1).
  by apply: eq_bigr => x _; rewrite mulr1.
rewrite mean_expected -[RHS](mean_const 1 lawP); apply: eq_mean => // o.
exact: mean_const.
Qed.

(* T1 with chance, up to any horizon. p_t depends on an outcome o of a finite probability space
   (Omega, P): on what was drawn, on who voted. The step is asked only in the mean over all outcomes,
   which is less than to ask it given each past. Then E p_t(phi) has the same floor and ceiling (Jensen:
   powers are convex). *)
Theorem share_envelope_expected (Omega : finType) (P : Omega -> R) (K : nat -> J -> nat)
    (p : nat -> Omega -> T -> R) (horizon : nat) :
  is_law P -> (forall t j, (0 < K t j)%N) ->
  expected_law P (p 0%N) =1 pref -> (forall t o, is_law (p t o)) ->
  (forall t phi, (t < horizon)%N -> unit_valued phi ->
    mean P (fun o => alpha t * mean pref phi + beta t * mean (p t o) phi
        + \sum_j gamma t j * mean (p t o) phi ^+ K t j)
      <= mean P (fun o => mean (p t.+1 o) phi)) ->
  forall t phi, (t <= horizon)%N -> unit_valued phi ->
    power_floor alpha beta gamma K t (mean pref phi) <= mean P (fun o => mean (p t o) phi)
      <= 1 - power_floor alpha beta gamma K t (1 - mean pref phi).
Proof.
move=> lawP K0 p0 lawp step t phi le_t uphi; rewrite -mean_expected.
apply: (envelope_of_steps (p := fun s => expected_law P (p s)) _ uphi p0 _ _ le_t) => [s j|s|s psi lt_s is_psi].
- exact: power_floor_function.
- exact: expected_law_is_law.
have upsi : unit_valued psi by case: is_psi => -> //; apply: unit_valuedC.
rewrite !mean_expected; apply: le_trans (step s psi lt_s upsi).
have [_ _ c0 _] := shares s.
rewrite !meanD mean_const // meanZ.
rewrite (mean_sum P (fun j o => gamma s j * mean (p s o) psi ^+ K s j)) lerD2l.
apply: ler_sum => j _.
rewrite meanZ ler_wpM2l //; have [_ _ sf] := @power_floor_function R _ (K0 s j).
by apply: (jensen (X := fun o => mean (p s o) psi) lawP sf) => o; apply: mean_unit.
Qed.

End GeneralEnvelope.

Section Mixtures.
Variables (R : realFieldType) (T J : finType).
Variables (alpha beta : nat -> R) (gamma : nat -> J -> R) (K : nat -> J -> nat).
Variables (pref : T -> R) (p : nat -> T -> R).
Variable c : forall t j, {ffun 'I_(K t j) -> T} -> 'I_(K t j) -> R.
Hypothesis shares : are_shares alpha beta gamma.
Hypothesis law_ref : is_law pref.
Hypothesis start : p 0%N =1 pref.
Hypothesis rules : forall t j, is_rule (@c t j).
Hypothesis step : forall t x, p t.+1 x
  = alpha t * pref x + beta t * p t x + \sum_j gamma t j * chosen (p t) (@c t j) x.

Lemma mean_mixture_step t g : mean (p t.+1) g = alpha t * mean pref g + beta t * mean (p t) g
  + \sum_j gamma t j * mean (chosen (p t) (@c t j)) g.
Proof.
transitivity (\sum_x (alpha t * (pref x * g x) + beta t * (p t x * g x)
    + \sum_j gamma t j * (chosen (p t) (@c t j) x * g x))).
  apply: eq_bigr => x _; rewrite step !mulrDl -!mulrA; congr (_ + _).
  by rewrite mulr_suml; apply: eq_bigr => j _; rewrite mulrA.
rewrite !big_split -!mulr_sumr /=; congr (_ + _).
by rewrite exchange_big; apply: eq_bigr => j _; rewrite mulr_sumr.
Qed.

Lemma mixture_is_law t : is_law (p t).
Proof.
elim: t => [|t lawt].
  have [r0 r1] := law_ref; split=> [x|]; first by rewrite start.
  by under eq_bigr do rewrite start.
have [a0 b0 c0 sum1] := shares t; have [r0 _] := law_ref; have [p0 _] := lawt.
have lawc j := chosen_is_law lawt (@rules t j); split=> [x|].
  rewrite step addr_ge0 //; first by rewrite addr_ge0 // mulr_ge0.
  by apply: sumr_ge0 => j _; rewrite mulr_ge0 //; case: (lawc j).
transitivity (mean (p t.+1) (fun=> 1)); first by apply: eq_bigr => x _; rewrite mulr1.
rewrite mean_mixture_step !mean_const // !mulr1 -[RHS]sum1; congr (_ + _).
by apply: eq_bigr => j _; rewrite mean_const // mulr1.
Qed.

(* T1 for a loop as it is run: p_{t+1} consists of a share alpha_t of real data, a share beta_t of p_t as
   it is (samples kept uncurated, random clicks, or with accumulating data all that was there before),
   and shares gamma_{t,j} of what is chosen from p_t by any rules c_{t,j} among any numbers K_{t,j}
   (groups of users who are shown different numbers of candidates). *)
Theorem share_envelope_mixture t phi : unit_valued phi ->
  power_floor alpha beta gamma K t (mean pref phi) <= mean (p t) phi
    <= 1 - power_floor alpha beta gamma K t (1 - mean pref phi).
Proof.
apply: (share_envelope_general shares law_ref) => //.
- by move=> s j; apply: rule_gt0 law_ref (@rules s j).
- exact: mixture_is_law.
move=> s psi u; rewrite mean_mixture_step lerD2l; have [_ _ c0 _] := shares s.
by apply: ler_sum => j _; rewrite ler_wpM2l //; apply: chosen_ge (mixture_is_law s) (@rules s j) u.
Qed.

End Mixtures.

(* The bound on the divergence with its integral (envelope_integral.v) for the envelope in general
   (T1): data kept in part, unequal numbers of candidates, and training sets of any finite size. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import finite_law loops choices divergence density_order floor_functions.
From Recurate Require Import envelopes floor_divergence share_envelope training_sets.
From Recurate Require Import envelope_integral.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (J : finType).

(* g_t = G_t': g_0 = 1, and g_{t+1} = alpha + beta g_t + sum_j gamma_j K_j G_t^(K_j - 1) g_t with the
   shares and numbers of step t. *)
Fixpoint power_density alpha beta (gamma : nat -> J -> R) (K : nat -> J -> nat) t u :=
  if t is s.+1 then
    let G := power_floor alpha beta gamma K s u in
    let g := power_density alpha beta gamma K s u in
    alpha s + beta s * g + \sum_j gamma s j * ((K s j)%:R * G ^+ (K s j).-1 * g)
  else 1.

End Definitions.

Section Integral.
Variables (R : realType) (T : finType).
Variables (G g Phi : R -> R) (pref p : T -> R).
Hypothesis floor_G : floor_function G.
Hypothesis dG : forall x : R, 0 <= x <= 1 -> is_derive x 1 G (g x).
Hypothesis g_gt0 : forall x, 0 < x < 1 -> 0 < g x.
Hypothesis primitive : primitive_of_g_ln_g g Phi.
Hypotheses (law_ref : is_law pref) (law_p : is_law p).
Hypothesis floor : forall L : pred T, G (mass pref L) <= mass p L.

(* What any floor with a derivative allows. *)
Lemma floor_integral : absolutely_continuous p pref /\ KL p pref <= Phi 1 - Phi 0.
Proof.
have [e order] := order_by_density p pref.
have [cont le] := floor_divergence floor_G law_ref law_p floor order.
have G_continuous : {within `[0, 1]%classic, continuous G}.
  apply: continuous_in_subspaceT => x; rewrite inE /= in_itv /= => x01.
  by apply/differentiable_continuous/derivable1_diffP; case: (dG x01).
split=> //; apply: le_trans le _.
have inside (x : R) : 0 < x < 1 -> 0 <= x <= 1 by move=> /andP[x0 x1]; rewrite !ltW.
apply: (increments_le (fun x x01 => dG (inside x x01)) g_gt0 G_continuous primitive).
have [r0 sumr] := law_ref; split=> [i|]; first exact: r0.
by rewrite (sum_placed order).
Qed.

End Integral.

Section Powers.
Variables (R : realType) (J : finType).
Variables (alpha beta : nat -> R) (gamma : nat -> J -> R) (K : nat -> J -> nat).
Hypothesis shares : are_shares alpha beta gamma.
Hypothesis K_gt0 : forall t j, (0 < K t j)%N.
Notation G := (power_floor alpha beta gamma K).
Notation g := (power_density alpha beta gamma K).

Let is_derive_sums (h dh : J -> R -> R) (x : R) :
  (forall j, is_derive x 1 (h j) (dh j x)) ->
  is_derive x 1 (fun y => \sum_j h j y) (\sum_j dh j x).
Proof.
move=> dhj; elim: (index_enum J) => [|j r IH].
  rewrite big_nil; have -> : (fun y => \sum_(j <- [::]) h j y) = cst 0.
    by apply: funext => y; rewrite big_nil.
  exact: is_derive_cst.
have -> : (fun y => \sum_(i <- j :: r) h i y) = h j + (fun y => \sum_(i <- r) h i y).
  by apply: funext => y; rewrite big_cons.
by rewrite big_cons; exact: (is_deriveD (dhj j) IH).
Qed.

Let is_derive_scaled (h : R -> R) (dh a x : R) :
  is_derive x 1 h dh -> is_derive x 1 (fun y => a * h y) (a * dh).
Proof. exact: is_deriveZ. Qed.

Let is_derive_power (h : R -> R) (dh x : R) k : (0 < k)%N ->
  is_derive x 1 h dh -> is_derive x 1 (fun y => h y ^+ k) (k%:R * h x ^+ k.-1 * dh).
Proof.
by case: k => [//|k] _ d; have := is_deriveX k d; rewrite exprfctE /GRing.scale.
Qed.

(* g_t is the derivative of G_t, ... *)
Lemma is_derive_power_floor t (x : R) : is_derive x 1 (G t) (g t x).
Proof.
elim: t => [|t IH]; first exact: is_derive_id.
have -> : G t.+1 = (fun y => alpha t * y) + (fun y => beta t * G t y)
  + (fun y => \sum_j gamma t j * G t y ^+ K t j) by [].
rewrite /= -[alpha t in X in is_derive _ _ _ X]mulr1.
exact: (is_deriveD (is_deriveD (is_derive_scaled (alpha t) (is_derive_id x 1))
  (is_derive_scaled (beta t) IH)) (@is_derive_sums (fun j y => gamma t j * G t y ^+ K t j)
  (fun j y => gamma t j * ((K t j)%:R * G t y ^+ (K t j).-1 * g t y)) x
  (fun j => is_derive_scaled (gamma t j) (is_derive_power (K_gt0 t j) IH)))).
Qed.

(* Of positive numbers a mean is positive. *)
Let mix_gt0 t (a b : R) (c : J -> R) : 0 < a -> 0 < b -> (forall j, 0 < c j) ->
  0 < alpha t * a + beta t * b + \sum_j gamma t j * c j.
Proof.
move=> a_gt0 b_gt0 c_gt0; have [alpha0 beta0 gamma0 sum1] := shares t.
have ta : 0 <= alpha t * a by rewrite mulr_ge0 // ltW.
have tb : 0 <= beta t * b by rewrite mulr_ge0 // ltW.
have tc j : 0 <= gamma t j * c j by rewrite mulr_ge0 // ltW.
have tS : 0 <= \sum_j gamma t j * c j by apply: sumr_ge0.
rewrite lt_neqAle eq_sym addr_ge0 ?addr_ge0 // andbT; apply/negP.
rewrite !paddr_eq0 ?addr_ge0 // => /andP[/andP[]].
rewrite !mulf_eq0 (gt_eqF a_gt0) (gt_eqF b_gt0) !orbF => /eqP alpha_eq0 /eqP beta_eq0.
rewrite psumr_eq0 // => /allP none.
move: sum1; rewrite alpha_eq0 beta_eq0 !add0r big1 => [/eqP|j _]; first by rewrite eq_sym oner_eq0.
have := none j (mem_index_enum j); rewrite /= mulf_eq0 (gt_eqF (c_gt0 j)) orbF.
by move=> /eqP.
Qed.

Lemma power_floor_gt0 t x : 0 < x -> 0 < G t x.
Proof.
move=> x0; elim: t => [//|t IH]; apply: (mix_gt0 t x0 IH) => j.
exact: exprn_gt0.
Qed.

(* ... and positive. *)
Lemma power_density_gt0 t x : 0 < x -> 0 < g t x.
Proof.
move=> x0; elim: t => [|t IH] /=; first exact: ltr01.
rewrite -[alpha t]mulr1; apply: mix_gt0 => // j.
by rewrite !mulr_gt0 ?ltr0n ?K_gt0 ?exprn_gt0 ?power_floor_gt0.
Qed.

Variables (T : finType) (pref : T -> R).
Hypothesis law_ref : is_law pref.

(* T1, its divergence with the integral: KL(E p_t||p_ref) <= Phi(1) - Phi(0) for any Phi with the
   derivative g_t ln g_t between 0 and 1 that is continuous on [0, 1]. So it is at most the integral of
   g_t ln g_t from 0 to 1, g_t = power_density alpha beta gamma K t the derivative of the floor G_t. *)
Theorem share_envelope_expected_integral (Omega : finType) (P : Omega -> R)
    (p : nat -> Omega -> T -> R) t Phi :
  is_law P -> expected_law P (p 0%N) =1 pref -> (forall t o, is_law (p t o)) ->
  (forall s phi, (s < t)%N -> unit_valued phi ->
    mean P (fun o => alpha s * mean pref phi + beta s * mean (p s o) phi
        + \sum_j gamma s j * mean (p s o) phi ^+ K s j)
      <= mean P (fun o => mean (p s.+1 o) phi)) ->
  primitive_of_g_ln_g (g t) Phi ->
  absolutely_continuous (expected_law P (p t)) pref
  /\ KL (expected_law P (p t)) pref <= Phi 1 - Phi 0.
Proof.
move=> lawP start lawp step primitive.
apply: (floor_integral _ (fun x _ => is_derive_power_floor t x) _ primitive law_ref) => [|x /andP[x0 _]||L].
- by apply: mixture_floor_function => // s j; apply: power_floor_function.
- exact: power_density_gt0.
- exact: expected_law_is_law.
rewrite -!mean_indicator mean_expected; have uL := indicator_unit R L.
by have /andP[] := share_envelope_expected shares law_ref lawP K_gt0 start lawp step (leqnn t) uL.
Qed.

End Powers.

Section TrainingSets.
Variables (R : realType) (T : finType).
Variables (m : nat -> R) (K N : nat -> nat) (pref : T -> R).
Variable c : forall t, seq (T -> R) -> {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Hypothesis law_ref : is_law pref.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis N_gt0 : forall t, (0 < N t)%N.
Hypothesis rules : forall t h, is_rule (@c t h).

(* For training sets of any finite sizes N_t the mean law E p_t diverges by at most the S_t of I3. *)
Theorem training_sets_integral t Phi : primitive_of_g_ln_g (share_density m K t) Phi ->
  absolutely_continuous (mean_law m N pref c t) pref
  /\ KL (mean_law m N pref c t) pref <= Phi 1 - Phi 0.
Proof.
move=> primitive; have K_gt0 s : (0 < K s)%N := rule_gt0 law_ref (@rules s [::]).
apply: (floor_integral _ (fun x _ => is_derive_share_floor m K t x) _ primitive law_ref) => [|x /andP[x0 _]||L].
- exact: share_floor_function.
- exact: share_density_gt0.
- exact: (mean_law_is_law law_ref real_share N_gt0 rules).
have uL := indicator_unit R L; rewrite -!mean_indicator.
rewrite (mean_mean_law law_ref real_share N_gt0 rules).
by have /andP[] := training_sets_envelope law_ref real_share N_gt0 rules t uL.
Qed.

End TrainingSets.

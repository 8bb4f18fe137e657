(* What is left of a group, whatever people choose: floors and ceilings of its share at every t.

   A floor is a function G_t on [0, 1], from the group's share u of the real data to the least share
   that it can have at t. The ceiling is 1 - G_t(1 - u): the floor of everybody else. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation choices.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType).
Implicit Types (alpha beta m : nat -> R) (u : R) (t : nat).

(* f is convex and nondecreasing on [0, 1]: at each point a line of slope s >= 0 supports it. *)
Definition supported (f : R -> R) := forall a, 0 <= a <= 1 ->
  exists2 s, 0 <= s & forall x, 0 <= x <= 1 -> f a + s * (x - a) <= f x.

(* ... and it maps [0, 1] onto [0, 1]: x^K, for example. *)
Definition floor_function (f : R -> R) := [/\ f 0 = 0, f 1 = 1 & supported f].

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

(* G_0(u) = u, G_{t+1}(u) = m_t u + (1 - m_t) G_t(u)^K_t. In a loop with lam real data is the share
   m = 1/(1 + lam) of each training set, and m = 0 for lam = inf. *)
Fixpoint share_floor m (K : nat -> nat) t u :=
  if t is s.+1 then m s * u + (1 - m s) * share_floor m K s u ^+ K s else u.

End Definitions.

Section Functions.
Variables (R : realFieldType).
Implicit Types (f : R -> R).

Lemma supported_mono f x y : supported f -> 0 <= x -> x <= y -> y <= 1 -> f x <= f y.
Proof.
move=> sf x0 xy y1; have xu : 0 <= x <= 1 by rewrite x0 (le_trans xy).
have yu : 0 <= y <= 1 by rewrite y1 (le_trans x0).
have [s s0 line] := sf x xu; apply: le_trans (line y yu).
by rewrite lerDl mulr_ge0 // subr_ge0.
Qed.

(* Convexity in its usual form. *)
Lemma supported_convex f l x y : supported f -> 0 <= l <= 1 -> 0 <= x <= 1 -> 0 <= y <= 1 ->
  f (l * x + (1 - l) * y) <= l * f x + (1 - l) * f y.
Proof.
move=> sf /andP[l0 l1] xu yu; have l1' : 0 <= 1 - l by rewrite subr_ge0.
have [/andP[x0 x1] /andP[y0 y1]] := (xu, yu); set z := l * x + _.
have zu : 0 <= z <= 1.
  rewrite addr_ge0 ?mulr_ge0 //= /z; apply: (@le_trans _ _ (l * 1 + (1 - l) * 1)).
    by rewrite lerD // ler_wpM2l.
  by rewrite !mulr1 addrC subrK.
have [s s0 line] := sf z zu.
apply: (@le_trans _ _ (l * (f z + s * (x - z)) + (1 - l) * (f z + s * (y - z)))).
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite /z; ring.
by rewrite lerD // ler_wpM2l // line.
Qed.

Lemma floor_function_unit f x : floor_function f -> 0 <= x <= 1 -> 0 <= f x <= 1.
Proof.
move=> [f0 f1 sf] /andP[x0 x1]; apply/andP; split.
  by rewrite -f0; apply: supported_mono.
by rewrite -f1; apply: supported_mono.
Qed.

Lemma floor_function_id : floor_function (fun x : R => x).
Proof.
split=> // a _; exists 1 => // x _; by rewrite mul1r addrC subrK.
Qed.

Lemma eq_supported f g : f =1 g -> supported f -> supported g.
Proof.
move=> fg sf a au; have [s s0 line] := sf a au; exists s => // x xu.
by rewrite -!fg line.
Qed.

Lemma supportedD f g : supported f -> supported g -> supported (fun x => f x + g x).
Proof.
move=> sf sg a au; have [s s0 fline] := sf a au; have [r r0 gline] := sg a au.
exists (s + r); first exact: addr_ge0.
by move=> x xu; rewrite mulrDl addrACA lerD ?fline ?gline.
Qed.

Lemma supportedZ c f : 0 <= c -> supported f -> supported (fun x => c * f x).
Proof.
move=> c0 sf a au; have [s s0 line] := sf a au; exists (c * s); first exact: mulr_ge0.
by move=> x xu; rewrite -mulrA -mulrDr ler_wpM2l // line.
Qed.

Lemma supported_sum (I : finType) (F : I -> R -> R) :
  (forall i, supported (F i)) -> supported (fun x => \sum_i F i x).
Proof.
move=> sF; elim: (index_enum I) => [|i r IH].
  by move=> a _; exists 0 => // x _; rewrite !big_nil mul0r addr0.
by apply: eq_supported (supportedD (sF i) IH) => x; rewrite big_cons.
Qed.

Lemma supported_comp f g : supported f -> floor_function g -> supported (fun x => f (g x)).
Proof.
move=> sf flg a au; have [_ _ sg] := flg.
have [s s0 fline] := sf _ (floor_function_unit flg au); have [r r0 gline] := sg a au.
exists (s * r) => [|x xu]; first exact: mulr_ge0.
apply: le_trans (fline _ (floor_function_unit flg xu)); rewrite lerD2l -mulrA ler_wpM2l //.
by rewrite lerBrDl gline.
Qed.

(* Jensen's inequality on a finite probability space. *)
Lemma jensen (Omega : finType) (P : Omega -> R) (X : Omega -> R) f :
  is_law P -> supported f -> unit_valued X -> f (mean P X) <= mean P (fun o => f (X o)).
Proof.
move=> lawP sf uX; have [s _ line] := sf _ (mean_unit lawP uX).
apply: (@le_trans _ _ (mean P (fun o => f (mean P X) + s * (X o - mean P X)))).
  by rewrite meanD mean_const // meanZ meanB mean_const // subrr mulr0 addr0.
by apply: le_mean => [|o _]; [case: lawP|apply: line].
Qed.

(* x^K >= a^K + K a^(K-1) (x - a) *)
Lemma power_tangent (a x : R) K : 0 <= a -> 0 <= x ->
  a ^+ K + K%:R * a ^+ K.-1 * (x - a) <= x ^+ K.
Proof.
move=> a0 x0; elim: K => [|K step]; first by rewrite !expr0 !mul0r addr0.
rewrite [x ^+ _]exprS; apply: le_trans (ler_wpM2l x0 step); rewrite -subr_ge0 /=.
have -> : x * (a ^+ K + K%:R * a ^+ K.-1 * (x - a)) - (a ^+ K.+1 + K.+1%:R * a ^+ K * (x - a))
    = K%:R * a ^+ K.-1 * (x - a) ^+ 2.
  by case: K {step} => [|K] /=; rewrite ?expr0 ?expr1 !exprS !mulrS ?expr0; ring.
by apply: mulr_ge0; [apply: mulr_ge0; [exact: ler0n|exact: exprn_ge0]|exact: sqr_ge0].
Qed.

Lemma power_floor_function K : (0 < K)%N -> floor_function (fun x : R => x ^+ K).
Proof.
move=> K0; split; rewrite ?expr1n ?expr0n ?(gtn_eqF K0) // => a /andP[a0 _].
exists (K%:R * a ^+ K.-1) => [|x /andP[x0 _]]; first by rewrite mulr_ge0 ?exprn_ge0.
exact: power_tangent.
Qed.

End Functions.

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

Section Attained.
Variables (R : realFieldType) (T : finType).

(* The rule that avoids L whenever it can: each candidate outside L is as likely as another, and only
   if all are in L one of them is chosen, each as likely as another. *)
Definition avoiding K (L : pred T) (x : {ffun 'I_K -> T}) (k : 'I_K) : R :=
  if [forall j, L (x j)] then K%:R^-1 else (~~ L (x k))%:R / (\sum_j (~~ L (x j))%:R).

Lemma avoiding_is_rule K L : (0 < K)%N -> is_rule (@avoiding K L).
Proof.
move=> K0 x; rewrite /avoiding; case: (boolP [forall j, L (x j)]) => [_|/forallPn[k out]].
  split=> [k|]; first by rewrite invr_ge0 ler0n.
  by rewrite sumr_const card_ord -[X in X *+ _]mul1r -mulrnAl divff // pnatr_eq0 -lt0n.
have S0 : 0 < \sum_j (~~ L (x j))%:R :> R.
  rewrite (bigD1 k) //= out ltr_pwDl ?ltr01 //.
  by apply: sumr_ge0 => j _; rewrite ler0n.
split=> [j|]; first by rewrite divr_ge0 ?ler0n ?(ltW S0).
by rewrite -mulr_suml divff // gt_eqF.
Qed.

(* It takes a member of L only if there is nobody else: T(p)(L) = p(L)^K. *)
Lemma mass_avoiding K (L : pred T) (p : T -> R) : (0 < K)%N ->
  mass (chosen p (@avoiding K L)) L = mass p L ^+ K.
Proof.
move=> K0; rewrite -!mean_indicator mean_chosen.
have -> : mean p (fun x => (L x)%:R) ^+ K
    = mean (draws p) (fun x : {ffun 'I_K -> T} => \prod_k (L (x k))%:R).
  by rewrite (mean_draws_prod p (fun _ x => (L x)%:R)) prodr_const card_ord.
apply: eq_mean => // x; have [_ sum1] := avoiding_is_rule L K0 x.
case: (boolP [forall j, L (x j)]) => [/forallP inside|not_all].
  rewrite [RHS]big1 => [|k _]; last by rewrite inside.
  by rewrite -[RHS]sum1; apply: eq_bigr => k _; rewrite inside mulr1.
rewrite big1 => [|k _]; last first.
  by rewrite /avoiding (negPf not_all); case: (L (x k)); rewrite ?mul0r ?mulr0.
by have /forallPn[k /negPf out] := not_all; rewrite (bigD1 k) //= out mul0r.
Qed.

Variables (m : nat -> R) (K : nat -> nat) (pref : T -> R) (p : nat -> T -> R) (L : pred T).
Hypothesis K_gt0 : forall t, (0 < K t)%N.
Hypothesis law_ref : is_law pref.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis start : p 0%N =1 pref.

(* The floor of I2 is attained at every t by the rule that avoids the group whenever it can. *)
Theorem share_floor_attained :
  (forall t x, p t.+1 x = m t * pref x + (1 - m t) * chosen (p t) (@avoiding (K t) L) x) ->
  forall t, mass (p t) L = share_floor m K t (mass pref L).
Proof.
move=> step; elim=> [|t IH] /=; first by apply: eq_bigr => x _.
rewrite -IH -mass_avoiding // /mass !mulr_sumr -big_split.
by apply: eq_bigr => x _; rewrite step.
Qed.

End Attained.

Section CeilingAttained.
Variables (R : realFieldType) (T : finType).
Variables (m : nat -> R) (K : nat -> nat) (pref : T -> R) (p : nat -> T -> R) (L : pred T).
Hypothesis K_gt0 : forall t, (0 < K t)%N.
Hypothesis law_ref : is_law pref.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis start : p 0%N =1 pref.

(* The ceiling is attained at every t by the rule that prefers the group, that is, avoids all others,
   whenever it can. *)
Theorem share_ceiling_attained :
  (forall t x, p t.+1 x = m t * pref x + (1 - m t) * chosen (p t) (@avoiding R T (K t) (predC L)) x) ->
  forall t, mass (p t) L = 1 - share_floor m K t (1 - mass pref L).
Proof.
move=> step t; have rules s := avoiding_is_rule R (predC L) (K_gt0 s).
have lawt := any_loop_is_law real_share law_ref start rules step t.
rewrite -(massC L law_ref) -(share_floor_attained K_gt0 start step) massC //.
by rewrite opprB addrC subrK.
Qed.

End CeilingAttained.

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

(* Training sets of any finite size: the envelope of I2 holds for one real run, in the mean.

   A model is not trained on T(p_t) but on N winners drawn from it, so that p_1, p_2, ... are random. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation choices floor_functions.
From Recurate Require Import share_envelope.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Variables (m : nat -> R) (K N : nat -> nat) (pref : T -> R).
Variable c : forall t, seq (T -> R) -> {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Implicit Types (h : seq (T -> R)).

(* The law of one of the n answers y, each as likely as another. *)
Definition empirical n (y : {ffun 'I_n -> T}) x : R := (\sum_i (y i == x)%:R) / n%:R.

(* A history is the list of the laws so far, the last one first. *)
Definition now h := head pref h.

(* The next law, if the N_t winners are y: m_t p_ref + (1 - m_t) times the law of y. *)
Definition trained t (y : {ffun 'I_(N t) -> T}) x := m t * pref x + (1 - m t) * empirical y x.

(* E F(p_t, ..., p_0): p_0 = p_ref, and in each round K_t candidates are drawn from p_t and the rule
   c_t chooses among them, N_t times, independently; the rule may look at all laws so far. *)
Fixpoint expectation t (F : seq (T -> R) -> R) : R :=
  if t is s.+1 then
    expectation s (fun h => mean (draws (chosen (now h) (@c s h)))
      (fun y : {ffun 'I_(N s) -> T} => F (trained y :: h)))
  else F [:: pref].

End Definitions.

Section TrainingSets.
Variables (R : realFieldType) (T : finType).
Variables (m : nat -> R) (K N : nat -> nat) (pref : T -> R).
Variable c : forall t, seq (T -> R) -> {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Hypothesis law_ref : is_law pref.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis N_gt0 : forall t, (0 < N t)%N.
Hypothesis rules : forall t h, is_rule (@c t h).
Notation E := (expectation m N pref c).
Notation now := (now pref).
Implicit Types (F : seq (T -> R) -> R) (phi : T -> R).

Lemma mean_empirical n (y : {ffun 'I_n -> T}) phi :
  mean (empirical R y) phi = (\sum_i phi (y i)) / n%:R.
Proof.
rewrite /mean /empirical.
under eq_bigr do rewrite mulrAC mulr_suml.
rewrite -mulr_suml exchange_big /=; congr (_ / _); apply: eq_bigr => i _.
rewrite (bigD1 (y i)) //= eqxx mul1r big1 ?addr0 // => x.
by rewrite eq_sym => /negPf ->; rewrite mul0r.
Qed.

Lemma empirical_is_law n (y : {ffun 'I_n -> T}) : (0 < n)%N -> is_law (empirical R y).
Proof.
move=> n0; split=> [x|].
  by rewrite divr_ge0 ?ler0n // sumr_ge0 // => i _; rewrite ler0n.
transitivity (mean (empirical R y) (fun=> 1)); first by apply: eq_bigr => x _; rewrite mulr1.
by rewrite mean_empirical sumr_const card_ord divff // pnatr_eq0 -lt0n.
Qed.

Lemma mean_trained t (y : {ffun 'I_(N t) -> T}) phi :
  mean (trained m pref y) phi = m t * mean pref phi + (1 - m t) * mean (empirical R y) phi.
Proof.
rewrite /mean !mulr_sumr -big_split; apply: eq_bigr => x _ /=.
by rewrite /trained; ring.
Qed.

Lemma trained_is_law t (y : {ffun 'I_(N t) -> T}) : is_law (trained m pref y).
Proof.
have [r0 r1] := law_ref; have [e0 e1] := empirical_is_law y (N_gt0 t).
have /andP[m0 m1] := real_share t; split=> [x|].
  by rewrite /trained addr_ge0 // mulr_ge0 // subr_ge0.
by rewrite big_split /= -!mulr_sumr r1 e1 !mulr1 addrC subrK.
Qed.

(* The mean of a training set's law is what it is drawn from. *)
Lemma mean_draws_empirical n (q : T -> R) phi : (0 < n)%N -> is_law q ->
  mean (draws q) (fun y : {ffun 'I_n -> T} => mean (empirical R y) phi) = mean q phi.
Proof.
move=> n0 lawq; have n1 : n%:R != 0 :> R by rewrite pnatr_eq0 -lt0n.
transitivity (mean (draws q) (fun y : {ffun 'I_n -> T} => n%:R^-1 * \sum_i phi (y i))).
  by apply: eq_mean => // y; rewrite mean_empirical mulrC.
rewrite meanZ (mean_sum (draws q) (fun i (y : {ffun 'I_n -> T}) => phi (y i))).
under eq_bigr do rewrite mean_draws_one //.
by rewrite sumr_const card_ord -[X in _ * X]mulr_natl mulKf.
Qed.

(* Histories in which the last law is a law. *)
Let lawful h := is_law (now h).

Lemma expectation_le t F F' : (forall h, lawful h -> F h <= F' h) -> E t F <= E t F'.
Proof.
elim: t F F' => [|t IH] F F' le_F /=; first exact: le_F.
apply: IH => h lawh; have lawc := chosen_is_law lawh (@rules t h).
apply: le_mean => [|y _]; first by case: (draws_is_law (N t) lawc).
by apply: le_F; apply: trained_is_law.
Qed.

Lemma expectation_affine t F a b : E t (fun h => a + b * F h) = a + b * E t F.
Proof.
elim: t F => [//|t IH] F /=; rewrite -IH; apply/eqP; rewrite eq_le.
have same h : lawful h -> mean (draws (chosen (now h) (@c t h)))
    (fun y : {ffun 'I_(N t) -> T} => a + b * F (trained m pref y :: h))
  = a + b * mean (draws (chosen (now h) (@c t h)))
    (fun y : {ffun 'I_(N t) -> T} => F (trained m pref y :: h)).
  move=> lawh; have lawc := chosen_is_law lawh (@rules t h).
  by rewrite meanD mean_const ?meanZ //; apply: draws_is_law.
by apply/andP; split; apply: expectation_le => h lawh; rewrite same.
Qed.

Lemma expectation_unit t phi : unit_valued phi -> 0 <= E t (fun h => mean (now h) phi) <= 1.
Proof.
move=> u; have const a : E t (fun=> a) = a.
  rewrite -[RHS]addr0 -(mul0r (E t (fun=> 0))) -expectation_affine.
  by apply/eqP; rewrite eq_le; apply/andP; split; apply: expectation_le => h _; rewrite mul0r addr0.
apply/andP; split; [rewrite -{1}(const 0)|rewrite -[leRHS]const]; apply: expectation_le => h lawh.
  by have /andP[] := mean_unit lawh u.
by have /andP[] := mean_unit lawh u.
Qed.

Lemma jensen_expectation t phi f : supported f -> unit_valued phi ->
  f (E t (fun h => mean (now h) phi)) <= E t (fun h => f (mean (now h) phi)).
Proof.
move=> sf u; have eu := expectation_unit t u; set e := E t _ in eu *.
have [s _ line] := sf e eu.
have -> : f e = E t (fun h => f e - s * e + s * mean (now h) phi).
  by rewrite expectation_affine -/e subrK.
apply: expectation_le => h lawh; apply: le_trans (line _ (mean_unit lawh u)).
by rewrite mulrBr addrAC addrA.
Qed.

Lemma expectationC t phi :
  E t (fun h => mean (now h) (fun x => 1 - phi x)) = 1 - E t (fun h => mean (now h) phi).
Proof.
have := expectation_affine t (fun h => mean (now h) phi) 1 (-1); rewrite mulN1r => <-.
by apply/eqP; rewrite eq_le; apply/andP; split; apply: expectation_le => h lawh; rewrite mulN1r meanC.
Qed.

Lemma eq_expectation t F F' : (forall h, F h = F' h) -> E t F = E t F'.
Proof.
elim: t F F' => [|t IH] F F' eq_F /=; first exact: eq_F.
by apply: IH => h; apply: eq_mean => // y; apply: eq_F.
Qed.

Lemma expectation_sum (I : finType) t (F : I -> seq (T -> R) -> R) :
  E t (fun h => \sum_i F i h) = \sum_i E t (F i).
Proof.
elim: t F => [//|t IH] F /=; rewrite -IH; apply: eq_expectation => h.
by rewrite mean_sum.
Qed.

(* E p_t, a law. *)
Definition mean_law t x := E t (fun h => now h x).

Lemma mean_mean_law t phi : mean (mean_law t) phi = E t (fun h => mean (now h) phi).
Proof.
rewrite expectation_sum; apply: eq_bigr => x _; rewrite mulrC /mean_law.
rewrite -[LHS]add0r -expectation_affine; apply: eq_expectation => h.
by rewrite add0r mulrC.
Qed.

Lemma mean_law_is_law t : is_law (mean_law t).
Proof.
split=> [x|].
  have := expectation_unit t (indicator_unit R (pred1 x)); rewrite -mean_mean_law mean_indicator.
  by rewrite /mass big_pred1_eq => /andP[].
transitivity (mean (mean_law t) (fun=> 1)); first by apply: eq_bigr => x _; rewrite mulr1.
have := expectationC t (fun=> 0); rewrite -!mean_mean_law.
have zero : mean (mean_law t) (fun=> 0) = 0 by rewrite /mean big1 // => x _; rewrite mulr0.
by rewrite zero subr0 => one; rewrite -[RHS]one; apply: eq_mean => // x; rewrite subr0.
Qed.

(* One round, in the mean. *)
Lemma expectation_next t phi : unit_valued phi ->
  m t * mean pref phi + (1 - m t) * E t (fun h => mean (now h) phi) ^+ K t
    <= E t.+1 (fun h => mean (now h) phi).
Proof.
move=> u; have /andP[m0 m1] := real_share t.
have K0 : (0 < K t)%N := rule_gt0 law_ref (@rules t [::]).
have [_ _ sf] := @power_floor_function R _ K0.
apply: (@le_trans _ _ (m t * mean pref phi + (1 - m t) * E t (fun h => mean (now h) phi ^+ K t))).
  by rewrite lerD2l ler_wpM2l ?subr_ge0 //; apply: (jensen_expectation t sf u).
rewrite -expectation_affine /=; apply: expectation_le => h lawh.
have lawc := chosen_is_law lawh (@rules t h).
apply: (@le_trans _ _ (m t * mean pref phi + (1 - m t) * mean (chosen (now h) (@c t h)) phi)).
  by rewrite lerD2l ler_wpM2l ?subr_ge0 //; apply: chosen_ge lawh (@rules t h) u.
rewrite le_eqVlt; apply/orP; left; apply/eqP.
rewrite -(mean_draws_empirical phi (N_gt0 t) lawc) -[(1 - m t) * _]meanZ.
rewrite -{1}(mean_const (m t * mean pref phi) (draws_is_law (N t) lawc)) -meanD.
by apply: eq_mean => // y; rewrite mean_trained.
Qed.

(* T1 for training sets of any finite size. The loop of I2, but for what each model is trained on: a
   share m_t of real data, and N_t >= 1 answers that the rules chose, each among K_t fresh candidates
   from p_t. The rule may depend on t and on all models so far. Then, in the mean over all that chance
   does, a group keeps what I2 says, whatever the N_t: for phi: T -> [0, 1] and u = E_ref phi,
     G_t(u) <= E p_t(phi) <= 1 - G_t(1 - u),   G_t = share_floor m K t. *)
Theorem training_sets_envelope t phi : unit_valued phi ->
  share_floor m K t (mean pref phi) <= E t (fun h => mean (now h) phi)
    <= 1 - share_floor m K t (1 - mean pref phi).
Proof.
have floor psi : unit_valued psi -> share_floor m K t (mean pref psi) <= E t (fun h => mean (now h) psi).
  move=> u; have uu := mean_unit law_ref u.
  elim: t => [|s IH]; first by rewrite /= lexx.
  apply: le_trans (expectation_next s u); rewrite share_floorS lerD2l ler_wpM2l //.
    by rewrite subr_ge0; case/andP: (real_share s).
  have K0 i : (0 < K i)%N := rule_gt0 law_ref (@rules i [::]).
  have /andP[G0 _] := floor_function_unit (share_floor_function real_share s K0) uu.
  by rewrite lerXn2r ?nnegrE //; case/andP: (expectation_unit s u).
move=> u; rewrite floor //= lerBrDr addrC -lerBrDr -expectationC -meanC //.
exact/floor/unit_valuedC.
Qed.

End TrainingSets.

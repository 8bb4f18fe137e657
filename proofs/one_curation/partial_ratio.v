(* The curation ratio as an integral, without integrals: H_r(v) = E K v/(v + S) is what the function
   B(s) = E K v/(v + S) (1 - e^{-s(v + S)}) tends to as s grows, S = w_1 + ... + w_{K-1}, and
   B'(s) = K v e^{-sv} M_r(s)^{K-1}, where M_r(s) = E_r e^{-sw}. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import divergence exponential_sums.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (T : finType).

(* E K v/(v + S) (1 - e^{-s(v + S)}) for K = n + 1, of n draws from r *)
Definition partial_ratio n (w r : T -> R) (v s : R) := winner_ratio (Some n.+1) w r v
  - exponential_sum
      (fun c : {ffun 'I_n -> T} => draws r c * (n.+1%:R * v / (v + total_weight w c)))
      (fun c => v + total_weight w c) s.

End Definitions.

Section PartialRatio.
Variables (R : realType) (T : finType) (n : nat) (w : T -> R).
Hypothesis w_gt0 : forall x, 0 < w x.
Implicit Types (r : T -> R) (s v : R).
Notation K := n.+1.
Notation M r := (exponential_sum r w).

(* M_r^n = E e^{-s(w_1 + ... + w_n)} *)
Lemma transform_power r s :
  exponential_sum (draws (K := n) r) (total_weight w) s = M r s ^+ n.
Proof.
rewrite /exponential_sum; under eq_bigr => c _.
  rewrite (_ : expR _ = \prod_k expR (- (s * w (c k)))).
    over.
  rewrite /total_weight mulr_sumr -sumrN.
  by apply: (big_morph (@expR R) (@expRD R)); rewrite expR0.
rewrite -/(mean (draws r) (fun c : {ffun 'I_n -> T} => \prod_k expR (- (s * w (c k))))).
by rewrite (mean_draws_prod r (fun _ x => expR (- (s * w x)))) prodr_const card_ord.
Qed.

Let total_gt0 v (c : {ffun 'I_n -> T}) : 0 < v -> 0 < v + total_weight w c.
Proof. by move=> v0; rewrite ltr_pwDl // total_weight_ge0. Qed.

Lemma partial_ratio0 r v : partial_ratio n w r v 0 = 0.
Proof.
rewrite /partial_ratio /exponential_sum; apply/eqP; rewrite subr_eq0; apply/eqP.
by apply: eq_bigr => c _; rewrite mul0r oppr0 expR0 mulr1.
Qed.

Lemma is_derive_partial_ratio r v s : 0 < v ->
  is_derive s 1 (partial_ratio n w r v) (K%:R * (v * expR (- (s * v)) * M r s ^+ n)).
Proof.
move=> v0.
set a := fun c : {ffun 'I_n -> T} => draws r c * (K%:R * v / (v + total_weight w c)).
set b := fun c : {ffun 'I_n -> T} => v + total_weight w c.
have -> : partial_ratio n w r v = cst (winner_ratio (Some K) w r v) - exponential_sum a b by [].
have de := is_derive_exponential_sum a b s.
apply: is_derive_eq; rewrite sub0r opprK -transform_power /exponential_sum !mulr_sumr.
apply: eq_bigr => c _; rewrite /a /b [s * _]mulrDr opprD expRD.
rewrite -[draws r c * _ * _]mulrA divfK ?gt_eqF ?total_gt0 //.
rewrite -!mulrA mulrCA; congr (_ * _); rewrite mulrCA; congr (_ * _); exact: mulrCA.
Qed.

Lemma le_partial_ratio r v s : is_law r -> 0 < v ->
  partial_ratio n w r v s <= winner_ratio (Some K) w r v.
Proof.
move=> lawr v0; rewrite lerBlDr lerDl; apply: sumr_ge0 => c _.
rewrite mulr_ge0 ?(ltW (expR_gt0 _)) // mulr_ge0 ?(proj1 (draws_is_law n lawr)) //.
by rewrite divr_ge0 ?mulr_ge0 ?ler0n ?ltW // total_gt0.
Qed.

(* What is missing is at most K/(s v). *)
Lemma partial_ratio_limit r v s : is_law r -> 0 < v -> 0 < s ->
  winner_ratio (Some K) w r v - K%:R / (s * v) <= partial_ratio n w r v s.
Proof.
move=> lawr v0 s0; rewrite /partial_ratio lerD2l lerN2.
have lawd := draws_is_law n lawr; rewrite -[leRHS](mean_const _ lawd) /exponential_sum /mean.
apply: ler_sum => c _; rewrite -[leLHS]mulrA ler_wpM2l ?(proj1 lawd) //.
have W0 := total_gt0 c v0; set W := v + _ in W0 *.
have vW : v <= W by rewrite lerDl total_weight_ge0.
rewrite mulrC -[leRHS]mulrC; apply: ler_pM; rewrite ?(ltW (expR_gt0 _)) //.
- by rewrite divr_ge0 ?mulr_ge0 ?ler0n ?ltW.
- rewrite expRN ler_pV2 ?inE ?unitf_gt0 ?mulr_gt0 ?expR_gt0 //.
  apply: le_trans (expR_ge_tangent _); apply: (@le_trans _ _ (s * W)); last by rewrite lerDr.
  by rewrite ler_pM2l.
by rewrite ler_pdivrMr // ler_wpM2l ?ler0n.
Qed.

(* By the tangent, e^{-sc} is at most the transform of a law whose mean weight is at most c. *)
Lemma exponential_le_transform r c s : 0 <= s -> (forall x, 0 <= r x) ->
  \sum_x r x * (w x - c) <= 0 -> (\sum_x r x) * expR (- (s * c)) <= M r s.
Proof.
move=> s0 r0 mean_le.
apply: (@le_trans _ _ (\sum_x r x * (expR (- (s * c)) * (1 - s * (w x - c))))); last first.
  apply: ler_sum => x _; rewrite ler_wpM2l //.
  have -> : - (s * w x) = - (s * c) + - (s * (w x - c)) by ring.
  rewrite expRD ler_wpM2l ?(ltW (expR_gt0 _)) //; exact: expR_ge_tangent.
have -> : \sum_x r x * (expR (- (s * c)) * (1 - s * (w x - c)))
    = expR (- (s * c)) * (\sum_x r x - s * \sum_x r x * (w x - c)).
  rewrite mulr_sumr -sumrB mulr_sumr; apply: eq_bigr => x _.
  by move: (expR _) (w x - c) => e d; ring.
rewrite mulrC ler_wpM2l ?(ltW (expR_gt0 _)) // -[leLHS]subr0 lerD2l lerN2.
exact: mulr_ge0_le0.
Qed.

End PartialRatio.

(* The functions of s whose growth is the result, and their derivatives. *)
Section Balance.
Variables (R : realType) (k : nat) (tau c s : R).
Variables (Mp Mq B E BA : R -> R) (mp mq dBA : R).
Notation n := k.+1.
Notation K := k.+2.
Hypothesis dMp : is_derive s 1 Mp (- mp).
Hypothesis dMq : is_derive s 1 Mq (- mq).
Hypothesis dE : is_derive s 1 E (- c * E s).
Hypothesis dB : is_derive s 1 B (K%:R * (c * E s * Mp s ^+ n)).
Hypothesis dBA' : is_derive s 1 BA dBA.

Definition potential (N : R -> R) :=
  cst tau * (B + cst K%:R * (E * Mp ^+ n)) - cst K%:R * (N * Mp ^+ n) - BA.

Lemma is_derive_potential N dN : is_derive s 1 N (- dN) ->
  is_derive s 1 (potential N)
   (K%:R * (n%:R * Mp s ^+ k * mp * (N s - tau * E s)) + K%:R * (dN * Mp s ^+ n) - dBA).
Proof.
move=> DN; apply: is_derive_eq; rewrite /GRing.scale /= !fctE !mulr0 !addr0.
move: (k.+1%:R : R) (k.+2%:R : R) (E s) (N s) => n' K' e N'.
rewrite !exprS; move: (Mp s) (Mp s ^+ k) => m mk.
by ring.
Qed.

Lemma is_derive_potential_powers N dN : is_derive s 1 N (- dN) ->
  is_derive s 1 (potential N + (Mp ^+ K - Mq ^+ K))
   (K%:R * (n%:R * Mp s ^+ k * mp * (N s - tau * E s))
     + K%:R * (dN * Mp s ^+ n + (mq * Mq s ^+ n - mp * Mp s ^+ n)) - dBA).
Proof.
move=> DN; have db := is_derive_potential DN; apply: is_derive_eq.
rewrite /GRing.scale /=.
move: (k.+2%:R : R) => K'; move: (K' * _) => x.
move: (Mp s ^+ k.+1) (Mq s ^+ k.+1) => m m'; by ring.
Qed.

End Balance.

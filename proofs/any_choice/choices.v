(* Whatever people choose. A rule of choice among K candidates is any function that gives each place
   among them a probability: it may be random or not, may favour places, may have ties or none. One
   that changes with t, or that looks at p_t, is another rule at each t: theorems about sequences
   of rules cover it. Only what the candidates may look like is the same for all: K independent
   draws from p. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w phi : T -> R).

(* c x k is the probability that place k is chosen if the candidates are x. K >= 1 follows. *)
Definition is_rule K (c : {ffun 'I_K -> T} -> 'I_K -> R) :=
  forall x, (forall k, 0 <= c x k) /\ \sum_k c x k = 1.

(* T(p) under the rule c: K draws from p, then the choice. *)
Definition chosen K p (c : {ffun 'I_K -> T} -> 'I_K -> R) (y : T) :=
  \sum_x draws p x * \sum_(k | x k == y) c x k.

(* The Bradley-Terry choice, w_k / (w_1 + ... + w_K), as a rule. *)
Definition bradley_terry K w (x : {ffun 'I_K -> T}) (k : 'I_K) := w (x k) / total_weight w x.

(* phi is everywhere in [0, 1]: the indicator of a group, for example, or the share of each answer
   that counts as one of the group's. *)
Definition unit_valued phi := forall x : T, 0 <= phi x <= 1.

End Definitions.

Section Rules.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w g phi : T -> R).

Lemma rule_gt0 K (c : {ffun 'I_K -> T} -> 'I_K -> R) p : is_law p -> is_rule c -> (0 < K)%N.
Proof.
move=> lawp; have [x0 _] := law_has_support lawp.
case: K c => // c rule_c; have [_] := rule_c [ffun=> x0].
by rewrite big_ord0 => /eqP; rewrite eq_sym oner_eq0.
Qed.

Lemma mean_chosen K (c : {ffun 'I_K -> T} -> 'I_K -> R) p g :
  mean (chosen p c) g = mean (draws p) (fun x => \sum_k c x k * g (x k)).
Proof.
rewrite /mean; under eq_bigr do rewrite /chosen mulr_suml.
rewrite exchange_big /=; apply: eq_bigr => x _.
under eq_bigr do rewrite -mulrA.
rewrite -mulr_sumr; congr (_ * _).
rewrite [RHS](partition_big (fun k => x k) predT) //=; apply: eq_bigr => y _.
by rewrite mulr_suml; apply: eq_bigr => k /eqP ->.
Qed.

(* T(p) is a law. *)
Theorem chosen_is_law K (c : {ffun 'I_K -> T} -> 'I_K -> R) p :
  is_law p -> is_rule c -> is_law (chosen p c).
Proof.
move=> lawp rule_c; have lawd := draws_is_law K lawp; split=> [y|].
  apply: sumr_ge0 => x _; rewrite mulr_ge0 ?(proj1 lawd) //; apply: sumr_ge0 => k _.
  by case: (rule_c x).
have -> : \sum_y chosen p c y = mean (chosen p c) (fun=> 1).
  by apply: eq_bigr => y _; rewrite mulr1.
rewrite mean_chosen -[RHS](mean_const 1 lawd); apply: eq_mean => // x.
by under eq_bigr do rewrite mulr1; case: (rule_c x).
Qed.

(* The Bradley-Terry choice is a rule, and the paper's T(p) is what it chooses. *)
Lemma bradley_terry_is_rule K w : (0 < K)%N -> (forall x, 0 < w x) ->
  is_rule (@bradley_terry R T K w).
Proof.
move=> K0 w0 x; split=> [k|]; last exact: sum_choice.
by rewrite divr_ge0 ?total_weight_ge0 // ltW.
Qed.

Lemma curated_chosen K p w : curated K p w =1 chosen p (@bradley_terry R T K w).
Proof. by move=> y; rewrite /curated /mean. Qed.

Lemma unit_valuedC phi : unit_valued phi -> unit_valued (fun x => 1 - phi x).
Proof. by move=> u x; have /andP[u0 u1] := u x; rewrite subr_ge0 u1 lerBlDr lerDl. Qed.

Lemma meanC p phi : is_law p -> mean p (fun x => 1 - phi x) = 1 - mean p phi.
Proof. by move=> lawp; rewrite meanB mean_const. Qed.

Lemma mean_unit p phi : is_law p -> unit_valued phi -> 0 <= mean p phi <= 1.
Proof.
move=> lawp u; have [p0 _] := lawp; apply/andP; split.
  by apply: sumr_ge0 => x _; rewrite mulr_ge0 //; case/andP: (u x).
by rewrite -[leRHS](mean_const 1 lawp); apply: le_mean => // x _; case/andP: (u x).
Qed.

Lemma indicator_unit (A : pred T) : unit_valued (fun x => (A x)%:R : R).
Proof. by move=> x; case: (A x); rewrite ?lexx ?ler01. Qed.

Lemma unit_prod (I : finType) (F : I -> R) (P : pred I) :
  (forall i, 0 <= F i <= 1) -> 0 <= \prod_(i | P i) F i <= 1.
Proof.
move=> u; elim/big_ind: _ => [|a b /andP[a0 a1] /andP[b0 b1]|i _]; rewrite ?ler01 ?lexx //.
by rewrite mulr_ge0 // mulr_ile1.
Qed.

(* If all candidates are in the group then so is the winner. *)
Lemma chosen_ge K (c : {ffun 'I_K -> T} -> 'I_K -> R) p phi :
  is_law p -> is_rule c -> unit_valued phi -> mean p phi ^+ K <= mean (chosen p c) phi.
Proof.
move=> lawp rule_c u; rewrite mean_chosen.
have -> : mean p phi ^+ K = mean (draws p) (fun x : {ffun 'I_K -> T} => \prod_k phi (x k)).
  by rewrite (mean_draws_prod p (fun _ => phi)) prodr_const card_ord.
apply: le_mean => [|x _]; first by case: (draws_is_law K lawp).
have [c0 c1] := rule_c x; rewrite -[leLHS]mul1r -[X in X * _]c1 mulr_suml; apply: ler_sum => k _.
rewrite ler_wpM2l // (bigD1 k) //=; have /andP[phi0 _] := u (x k); rewrite ler_piMr //.
by have /andP[] := unit_prod (fun j => j != k) (fun j : 'I_K => u (x j)).
Qed.

(* 1 - (1 - u)^K <= K u *)
Lemma one_of_K_le K (u : R) : 0 <= u <= 1 -> 1 - (1 - u) ^+ K <= K%:R * u.
Proof.
move=> /andP[u0 u1]; elim: K => [|K step]; first by rewrite expr0 subrr mul0r.
have v0 : 0 <= 1 - u by rewrite subr_ge0.
rewrite exprS.
have -> : 1 - (1 - u) * (1 - u) ^+ K = u + (1 - u) * (1 - (1 - u) ^+ K) by ring.
rewrite mulrS [leRHS]mulrDl mul1r lerD2l; apply: le_trans step.
rewrite ler_piMl ?subr_ge0 ?exprn_ile1 ?lerBlDr ?lerDl //.
Qed.

(* I1. Whatever people choose, the winner is in the group if all K candidates are, and only if one
   is:
     (E_p phi)^K <= E_{T(p)} phi <= 1 - (1 - E_p phi)^K <= K E_p phi.
   c is any rule of choice among K (so K >= 1), p any law, chosen p c is T(p), phi any function into
   [0, 1]: for the indicator of a set L the means are p(L) and T(p)(L). *)
Theorem any_choice_bound K (c : {ffun 'I_K -> T} -> 'I_K -> R) p phi :
  is_law p -> is_rule c -> unit_valued phi ->
  [/\ mean p phi ^+ K <= mean (chosen p c) phi,
      mean (chosen p c) phi <= 1 - (1 - mean p phi) ^+ K
    & 1 - (1 - mean p phi) ^+ K <= K%:R * mean p phi].
Proof.
move=> lawp rule_c u; split; [exact: chosen_ge| |exact/one_of_K_le/mean_unit].
have := chosen_ge lawp rule_c (unit_valuedC u).
rewrite !meanC //; last exact: chosen_is_law.
by rewrite lerBrDr addrC -lerBrDr.
Qed.

(* The same of a set L of answers: p(L)^K <= T(p)(L) <= 1 - (1 - p(L))^K <= K p(L). *)
Theorem any_choice_bound_set K (c : {ffun 'I_K -> T} -> 'I_K -> R) p (L : pred T) :
  is_law p -> is_rule c ->
  [/\ mass p L ^+ K <= mass (chosen p c) L,
      mass (chosen p c) L <= 1 - (1 - mass p L) ^+ K
    & 1 - (1 - mass p L) ^+ K <= K%:R * mass p L].
Proof.
move=> lawp rule_c; rewrite -!mean_indicator.
exact: any_choice_bound (indicator_unit L).
Qed.

End Rules.

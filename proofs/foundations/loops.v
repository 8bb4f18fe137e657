(* The retraining loops: laws again, whose support never grows. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q pref w : T -> R) (lam : R).

(* p_t of the pure loop: curated t times, from p_0. *)
Definition pure_loop K w p0 t := iter t (fun p => curated K p w) p0.

(* A retraining step: p_ref/(1 + lam) + lam/(1 + lam) T(p). *)
Definition retrained K lam pref w p x :=
  pref x / (1 + lam) + lam / (1 + lam) * curated K p w x.

(* p_t of the mixed loop, from p_0 = p_ref. *)
Definition mixed_loop K lam pref w t := iter t (retrained K lam pref w) pref.

(* p = p_ref/(1 + lam) + lam/(1 + lam) W(p): a fixed point of the loop that makes W(p) of p, be it
   by a choice or otherwise. lam is finite: the pure loop's fixed points are p = W(p). *)
Definition is_fixed_point lam pref (W : (T -> R) -> T -> R) p :=
  forall x, p x = pref x / (1 + lam) + lam / (1 + lam) * W p x.

(* q has mass only where p has: q << p. *)
Definition absolutely_continuous q p := forall x, p x = 0 -> q x = 0.

End Definitions.

Arguments pure_loop : simpl never.
Arguments mixed_loop : simpl never.

Section Loops.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q pref w g : T -> R) (lam : R).

(* The loops' equations, so that nothing below needs to unfold an iteration. *)
Lemma pure_loop0 K w p0 : pure_loop K w p0 0 = p0.
Proof. by []. Qed.

Lemma pure_loopS K w p0 t : pure_loop K w p0 t.+1 = curated K (pure_loop K w p0 t) w.
Proof. by []. Qed.

Lemma mixed_loop0 K lam pref w : mixed_loop K lam pref w 0 = pref.
Proof. by []. Qed.

Lemma mixed_loopS K lam pref w t x : mixed_loop K lam pref w t.+1 x
  = pref x / (1 + lam) + lam / (1 + lam) * curated K (mixed_loop K lam pref w t) w x.
Proof. by []. Qed.

Lemma absolutely_continuous_bound p q w bound :
  is_law p -> is_law q -> absolutely_continuous q p ->
  bounded_on_support p w bound -> bounded_on_support q w bound.
Proof.
move=> [p0 _] _ qp le_bound x qx; apply: le_bound; rewrite lt_neqAle p0 andbT eq_sym.
by apply: contraTneq qx => /qp ->; rewrite ltxx.
Qed.

Lemma curated_continuous K p q w : (0 < K)%N ->
  absolutely_continuous q p -> absolutely_continuous (curated K q w) p.
Proof. by move=> K0 qp x px0; rewrite lemma_2_1 // qp // mul0r. Qed.

Section Pure.
Variables (K : nat) (w p0 : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (w_gt0 : forall x, 0 < w x) (law0 : is_law p0).
Notation p := (pure_loop K w p0).

Lemma pure_loop_is_law t : is_law (p t).
Proof. by elim: t => [//|t lawt]; rewrite pure_loopS; apply: curated_is_law. Qed.

Lemma pure_loop_continuous t : absolutely_continuous (p t) p0.
Proof. by elim: t => [//|t ct]; rewrite pure_loopS; apply: curated_continuous. Qed.

Lemma pure_loop_bounded bound t :
  bounded_on_support p0 w bound -> bounded_on_support (p t) w bound.
Proof.
apply: (absolutely_continuous_bound law0 (pure_loop_is_law t)).
exact: pure_loop_continuous.
Qed.

End Pure.

Section Mixed.
Variables (K : nat) (lam : R) (pref w : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam).
Hypotheses (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Notation p := (mixed_loop K lam pref w).

Lemma real_share_gt0 : 0 < 1 + lam.
Proof. exact: ltr_pwDl ltr01 lam_ge0. Qed.

(* 1/(1 + lam) + lam/(1 + lam) = 1 *)
Lemma shares : lam / (1 + lam) = 1 - 1 / (1 + lam).
Proof. by have l1 := real_share_gt0; field; rewrite gt_eqF. Qed.

Lemma synthetic_share_ge0 : 0 <= lam / (1 + lam).
Proof. by rewrite divr_ge0 // ltW // real_share_gt0. Qed.

Lemma mean_mixed t g : mean (p t.+1) g
  = mean pref g / (1 + lam) + lam / (1 + lam) * mean (curated K (p t) w) g.
Proof.
rewrite /mean mulr_suml mulr_sumr -big_split; apply: eq_bigr => x _ /=.
by rewrite mixed_loopS; ring.
Qed.

Lemma mixed_loop_is_law t : is_law (p t).
Proof.
elim: t => [//|t lawt]; have [c0 _] := curated_is_law K_gt0 lawt w_gt0; split=> [x|].
  rewrite mixed_loopS addr_ge0 // ?divr_ge0 ?(ltW real_share_gt0) //; first by case: law_ref.
  exact: mulr_ge0 synthetic_share_ge0 (c0 x).
transitivity (mean (p t.+1) (fun=> 1)); first by apply: eq_bigr => x _; rewrite mulr1.
rewrite mean_mixed !mean_const //; last exact: curated_is_law.
by have l1 := real_share_gt0; field; rewrite gt_eqF.
Qed.

Lemma mixed_loop_continuous t : absolutely_continuous (p t) pref.
Proof.
elim: t => [//|t ct] x px0.
by rewrite mixed_loopS (curated_continuous w K_gt0 ct) // px0 mul0r mulr0 addr0.
Qed.

Lemma mixed_loop_bounded bound t :
  bounded_on_support pref w bound -> bounded_on_support (p t) w bound.
Proof.
apply: (absolutely_continuous_bound law_ref (mixed_loop_is_law t)).
exact: mixed_loop_continuous.
Qed.

(* The loop keeps at least its share of the reference, ... *)
Lemma reference_share t x : pref x / (1 + lam) <= p t x.
Proof.
have l1 := real_share_gt0; case: law_ref => r0 _.
case: t => [|t]; last first.
  rewrite mixed_loopS ler_wpDr // mulr_ge0 ?synthetic_share_ge0 //.
  by case: (curated_is_law K_gt0 (mixed_loop_is_law t) w_gt0).
by rewrite mixed_loop0 ler_pdivrMr // mulrDr mulr1 ler_wpDr // mulr_ge0.
Qed.

(* ... and so at least that share of its variance. *)
Lemma variance_mixed t g : variance pref g / (1 + lam) <= variance (p t) g.
Proof.
have l1 := real_share_gt0; set e := mean (p t) g.
have -> : variance (p t) g = mean (p t) (fun x => (g x - e) ^+ 2).
  by apply: eq_mean => // x; rewrite expr2.
apply: (@le_trans _ _ (mean pref (fun x => (g x - e) ^+ 2) / (1 + lam))).
  by rewrite ler_wpM2r ?invr_ge0 ?(ltW l1) // variance_le.
rewrite /mean mulr_suml; apply: ler_sum => x _; rewrite mulrAC.
by rewrite ler_wpM2r ?sqr_ge0 // reference_share.
Qed.

End Mixed.
End Loops.

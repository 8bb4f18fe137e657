(* N choices a round: in the mean the loop stays within order N^(-1/2) of its limit.

   The rounds are random: each is a step that is off by what N winners differ from their law. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import reals.
From Recurate Require Import compatibility finite_law curation loops winner total_variation.
From Recurate Require Import concentration training_sets empirical_law attraction drift.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType) (N : nat).
Implicit Types (p : T -> R) (y : {ffun 'I_N -> T}) (G : (T -> R) -> R).

(* E G(p_t), if p_0 = p: in each round N answers y are drawn from the law "source" of the model so
   far, independently, and the next model is "made" of them. *)
Fixpoint mean_after (source : (T -> R) -> T -> R) (made : {ffun 'I_N -> T} -> T -> R) t G p : R :=
  if t is s.+1 then mean (draws (source p)) (fun y => mean_after source made s G (made y)) else G p.

(* p_ref/(1 + lam) + lam/(1 + lam) Q, Q the empirical law of y. *)
Definition retrained_on lam pref y x := pref x / (1 + lam) + lam / (1 + lam) * empirical R y x.

End Definitions.

Section FiniteSamples.
Variables (R : realType) (T : finType) (K : option nat) (lam : R) (pref w : T -> R) (bound : R).
Hypotheses (K_ge1 : at_least 1 K) (lam_ge0 : 0 <= lam) (law_ref : is_law pref).
Hypotheses (w_gt0 : forall x, 0 < w x) (le_bound : bounded_on_support pref w bound).
Hypothesis top_gt0 : 0 < mass pref (top w bound).
Variables (N : nat) (pinf : T -> R).
Hypothesis N_gt0 : (0 < N)%N.
Implicit Types (p q : T -> R) (y : {ffun 'I_N -> T}).
Notation TV := total_variation.
Notation a := (lam / (1 + lam)).
Notation F := (winner_step K lam pref w).
Notation A := (top w bound).
Notation below := (law_below w bound).
Hypotheses (below_inf : below pinf).
Hypothesis fixed_inf : is_fixed_point lam pref (winner K w) pinf.
Notation c := (1 - mass pref A / (1 + lam) / mass pinf A).

(* Rounds that are off by eps at most, in the mean given the model so far. *)
Lemma mean_after_drift source (made : {ffun 'I_N -> T} -> T -> R) eps :
  (forall p, below p -> is_law (source p)) ->
  (forall p y, below p -> 0 < draws (source p) y -> below (made y)) ->
  (forall p, below p -> mean (draws (source p)) (fun y => TV (made y) (F p)) <= eps) ->
  forall t p, below p -> mean_after source made t (fun q => TV q pinf) p
    <= c ^+ t * TV p pinf + eps * (1 - c ^+ t) / (1 - c).
Proof.
have /andP[c0 c1] := fixed_rate_unit K_ge1 lam_ge0 law_ref w_gt0 top_gt0 below_inf fixed_inf.
move=> law_source below_made off; elim=> [|t IH] p bp /=.
  by rewrite expr0 subrr mulr0 mul0r addr0 mul1r.
have lawd := draws_is_law N (law_source p bp).
apply: (@le_trans _ _ (mean (draws (source p)) (fun y => c ^+ t * TV (made y) (F p)
    + (c ^+ t * (c * TV p pinf) + eps * (1 - c ^+ t) / (1 - c))))).
  apply: le_mean => [|y py]; first by case: lawd.
  have by_ := below_made p y bp py; apply: le_trans (IH _ by_) _.
  rewrite addrA lerD2r -mulrDr ler_wpM2l ?exprn_ge0 //.
  exact: (inexact_step K_ge1 lam_ge0 w_gt0 top_gt0 below_inf fixed_inf).
rewrite meanD meanZ mean_const //.
apply: le_trans (lerD (ler_wpM2l (exprn_ge0 t c0) (off p bp)) (lexx _)) _.
rewrite exprS le_eqVlt; apply/orP; left; apply/eqP.
move: (c ^+ t) (TV p pinf) => x d; have : 1 - c != 0 by rewrite gt_eqF // subr_gt0.
by move: (c) => k k1; field.
Qed.

(* A law made of N draws is one on weights w <= w_*, too. *)
Lemma empirical_below q y : below q -> 0 < draws q y -> below (empirical R y).
Proof.
move=> [lawq le_q] qy; split=> [|x]; first exact: empirical_is_law.
rewrite /empirical; case: (pickP (fun i => y i == x)) => [i /eqP <- _|none].
  by apply: le_q; apply: draws_gt0 qy.
by rewrite big1 ?mul0r ?ltxx // => i _; rewrite none.
Qed.

Notation n := #|T|.
Notation sigma := (Num.sqrt ((n%:R - 1) / N%:R) / 2%:R).

(* Let p_0 be any law on weights w <= w_*, and p_{t+1} = m p_ref + a Q_t, Q_t the empirical law of
   the winners of N >= 1 independent choices among K candidates from p_t. Then
     E TV(p_t, p_inf) <= c^t TV(p_0, p_inf) + (1 - c^t) lam (p_inf(A)/q) ((n - 1)/N)^(1/2)/2,
   with c = 1 - m q/p_inf(A), p_inf the fixed point of the loop without chance, q = p_ref(A) > 0,
   A = {w = w_* }, n the number of answers in T. bound is w_*, m = 1/(1 + lam), a = lam/(1 + lam),
   K >= 1 or infinity (a choice among infinitely many is a draw from p w/E_p w). *)
Theorem finite_sample_loop t p0 : below p0 ->
  mean_after (N := N) (winner K w) (retrained_on lam pref) t (fun q => TV q pinf) p0
    <= c ^+ t * TV p0 pinf + (1 - c ^+ t) * (lam * (mass pinf A / mass pref A)) * sigma.
Proof.
move=> b0; have a0 := synthetic_share_ge0 lam_ge0.
have l1 := real_share_gt0 lam_ge0.
have source p : below p -> is_law (winner K w p) by move=> [lawp _]; apply: winner_is_law.
apply: le_trans (mean_after_drift (eps := a * sigma) source _ _ t b0) _ => [p y bp py|p bp|].
- by apply: mixed_below => //; apply: empirical_below py; apply: winner_below.
- have -> : mean (draws (winner K w p)) (fun y => TV (retrained_on lam pref y) (F p))
    = a * mean (draws (winner K w p)) (fun y => TV (empirical R y) (winner K w p)).
    by rewrite -meanZ; apply: eq_mean => // y; rewrite TV_mixed.
  by rewrite ler_wpM2l //; apply: empirical_law_distance; rewrite ?N_gt0 //; apply: source.
have [_ e] := drift_rate K_ge1 lam_ge0 w_gt0 top_gt0 below_inf fixed_inf.
rewrite lerD2l e; move: (c ^+ t) (mass pref A) top_gt0 => x q q0.
by rewrite le_eqVlt; apply/orP; left; apply/eqP; field; rewrite !gt_eqF.
Qed.

(* If the real data are drawn again each round too, N training samples from m p_ref + a T(p_t), the
   same holds with 1 + lam for lam. *)
Theorem finite_sample_loop_all_drawn t p0 : below p0 ->
  mean_after F (@empirical R T N) t (fun q => TV q pinf) p0
    <= c ^+ t * TV p0 pinf + (1 - c ^+ t) * ((1 + lam) * (mass pinf A / mass pref A)) * sigma.
Proof.
move=> b0; have l1 := real_share_gt0 lam_ge0.
have below_F p : below p -> below (F p) by apply: step_below.
apply: le_trans (mean_after_drift (eps := sigma) _ _ _ t b0) _ => [p bp|p y bp py|p bp|].
- by case: (below_F p bp).
- exact: empirical_below (below_F p bp) py.
- by apply: empirical_law_distance; rewrite ?N_gt0 //; case: (below_F p bp).
have [_ e] := drift_rate K_ge1 lam_ge0 w_gt0 top_gt0 below_inf fixed_inf.
rewrite lerD2l e; move: (c ^+ t) (mass pref A) top_gt0 => x q q0.
by rewrite le_eqVlt; apply/orP; left; apply/eqP; field; rewrite !gt_eqF.
Qed.

End FiniteSamples.

(* Curation by infinitely many candidates is the optimum of RLHF: of the mean reward less a multiple
   of the divergence from the law before. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import divergence jensen infinite_candidates.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (T : finType).
Implicit Types (p q r : T -> R) (beta : R).

(* E_p r - beta KL(p||p_0), what RLHF maximises. *)
Definition regularised_reward beta r p0 p := mean p r - beta * KL p p0.

(* Its optimum p' = p_0 e^{r/beta}/Z, Z = E_0 e^{r/beta}. *)
Definition partition_function beta r p0 := mean p0 (fun x => expR (r x / beta)).
Definition reward_tilted beta r p0 x := p0 x * expR (r x / beta) / partition_function beta r p0.

(* h = E_p (1 - (p'/p)^{1/2})^2 *)
Definition root_gap p q := mean p (fun x => (1 - Num.sqrt (q x / p x)) ^+ 2).

End Definitions.

Section RootGap.
Variables (R : realType) (T : finType).
Implicit Types (p q : T -> R).

Lemma root_gap_ge0 p q : is_law p -> 0 <= root_gap p q.
Proof. by case=> p0 _; apply: sumr_ge0 => x _; rewrite mulr_ge0 ?sqr_ge0. Qed.

Let term p q x : 0 < p x ->
  p x * (1 - Num.sqrt (q x / p x)) ^+ 2 = (Num.sqrt (p x) - Num.sqrt (q x)) ^+ 2.
Proof.
move=> px; have -> : Num.sqrt (q x) = Num.sqrt (p x) * Num.sqrt (q x / p x).
  by rewrite -sqrtrM ?(ltW px) // mulrCA divff ?mulr1 // gt_eqF.
by rewrite -{1}(sqr_sqrtr (ltW px)) -exprMn mulrBr mulr1.
Qed.

(* h <= KL(p||q) *)
Lemma root_gap_le_KL p q : is_law p -> is_law q -> absolutely_continuous p q ->
  root_gap p q <= KL p q.
Proof.
move=> lawp lawq pq; apply: le_trans (KL_ge_roots lawp lawq pq); apply: ler_sum => x _.
have := proj1 lawp x; rewrite le_eqVlt => /orP[/eqP <-|px]; first by rewrite mul0r sqr_ge0.
by rewrite term.
Qed.

(* h = 0 for q = p only. *)
Lemma root_gap_eq0 p q : is_law p -> is_law q -> (root_gap p q = 0 <-> p =1 q).
Proof.
move=> lawp lawq; have [p0 sump] := lawp; have [q0 sumq] := lawq; split=> [gap0|same]; last first.
  apply: big1 => x _; rewrite -same; have := p0 x; rewrite le_eqVlt => /orP[/eqP <-|px].
    by rewrite mul0r.
  by rewrite divff ?gt_eqF // sqrtr1 subrr expr0n mulr0.
have le_q x : p x <= q x.
  have := p0 x; rewrite le_eqVlt => /orP[/eqP <-|px] //.
  have /eqP := gap0; rewrite /root_gap /mean psumr_eq0 => [/allP/(_ x)|y _]; last first.
    by rewrite mulr_ge0 ?sqr_ge0.
  rewrite mem_index_enum term // => /(_ isT); rewrite /= sqrf_eq0 subr_eq0 => /eqP same.
  by rewrite -(sqr_sqrtr (ltW px)) same sqr_sqrtr.
have /eqP : \sum_x (q x - p x) = 0 by rewrite sumrB sump sumq subrr.
rewrite psumr_eq0 => [/allP same x|x _]; last by rewrite subr_ge0.
by apply/eqP; rewrite eq_sym -subr_eq0; apply: same; rewrite mem_index_enum.
Qed.

End RootGap.

Section RegularisedReward.
Variables (R : realType) (T : finType).
Implicit Types (p r : T -> R).

Section Optimum.
Variables (beta : R) (r p0 : T -> R).
Hypotheses (beta_gt0 : 0 < beta) (law0 : is_law p0).
Notation J := (regularised_reward beta r p0).
Notation p' := (reward_tilted beta r p0).
Notation Z := (partition_function beta r p0).

Let Z_gt0 : 0 < Z. Proof. by apply: mean_gt0 => // x; apply: expR_gt0. Qed.

Lemma reward_tiltedE : p' = tilted (fun x => expR (r x / beta)) p0.
Proof. by apply/funext => x; rewrite /reward_tilted -mulrA. Qed.

Lemma reward_tilted_is_law : is_law p'.
Proof. by rewrite reward_tiltedE; apply: tilted_is_law => // x; apply/ltW/expR_gt0. Qed.

Lemma reward_tilted_continuous p : absolutely_continuous p p0 -> absolutely_continuous p p'.
Proof.
move=> pp0 x /eqP; rewrite /reward_tilted !mulf_eq0 invr_eq0 (gt_eqF (expR_gt0 _)).
by rewrite (gt_eqF Z_gt0) !orbF => /eqP/pp0.
Qed.

(* E_p r - beta KL(p||p_0) = beta ln Z - beta KL(p||p') *)
Lemma regularised_rewardE p : is_law p -> absolutely_continuous p p0 ->
  J p = beta * ln Z - beta * KL p p'.
Proof.
move=> lawp pp0; rewrite /regularised_reward -(mean_const (beta * ln Z) lawp) /KL !mulr_sumr.
rewrite -!sumrB; apply: eq_bigr => x _; have := proj1 lawp x.
rewrite le_eqVlt => /orP[/eqP <-|px]; first by rewrite !mul0r !mulr0.
have p0x : 0 < p0 x.
  rewrite lt_neqAle (proj1 law0) andbT eq_sym.
  by apply: contraTneq px => /pp0 ->; rewrite ltxx.
have e0 := expR_gt0 (r x / beta).
have -> : p x / p' x = p x / p0 x / expR (r x / beta) * Z.
  by rewrite /reward_tilted; field; rewrite !gt_eqF.
have d0 : 0 < p x / p0 x by rewrite divr_gt0.
have -> : ln (p x / p0 x / expR (r x / beta) * Z) = ln (p x / p0 x) - r x / beta + ln Z.
  by rewrite [LHS]lnM ?posrE ?divr_gt0 // [ln (_ / expR _)]ln_div ?posrE // expK.
by move: (ln (_ / _)) (ln Z) => l z; field; rewrite gt_eqF.
Qed.

(* The optimum of RLHF. For every beta > 0, every reward r, and laws p_0 and p << p_0 (so that
   KL(p||p_0) is finite), with p' = p_0 e^{r/beta}/Z, Z = E_0 e^{r/beta}:
     E_p r - beta KL(p||p_0) + beta h <= E_{p'} r - beta KL(p'||p_0),
   h = E_p (1 - (p'/p)^{1/2})^2 >= 0, and h = 0 for p = p' only; the right-hand side is
   beta ln Z. *)
Theorem kl_regularised_reward p : is_law p -> absolutely_continuous p p0 ->
  [/\ is_law p', absolutely_continuous p' p0,
      J p + beta * root_gap p p' <= J p', J p' = beta * ln Z
    & 0 <= root_gap p p' /\ (root_gap p p' = 0 <-> p =1 p')].
Proof.
move=> lawp pp0; have law' := reward_tilted_is_law.
have ac' : absolutely_continuous p' p0 by move=> x p0x; rewrite /reward_tilted p0x !mul0r.
have top : J p' = beta * ln Z.
  rewrite regularised_rewardE // (_ : KL p' p' = 0) ?mulr0 ?subr0 //.
  apply: big1 => x _; have [->|px] := eqVneq (p' x) 0; first by rewrite mul0r.
  by rewrite divff // ln1 mulr0.
split=> //; last by split; [exact: root_gap_ge0|exact: root_gap_eq0].
rewrite top regularised_rewardE // -addrA ger_addl addrC subr_le0 ler_pM2l //.
by apply: root_gap_le_KL => //; apply: reward_tilted_continuous.
Qed.

(* So p' is the only optimum. *)
Theorem kl_regularised_argmax p : is_law p -> absolutely_continuous p p0 ->
  J p <= J p' /\ (J p = J p' -> p =1 p').
Proof.
move=> lawp pp0; have [_ _ le_J _ [h0 h_eq0]] := kl_regularised_reward lawp pp0.
have bh : 0 <= beta * root_gap p p' by rewrite mulr_ge0 // ltW.
split=> [|same]; first by apply: le_trans le_J; rewrite lerDl.
apply/h_eq0/eqP; rewrite eq_le h0 andbT -(pmulr_rle0 _ beta_gt0).
by move: le_J; rewrite same ger_addl.
Qed.

End Optimum.

(* So the step of K = infinity with weights e^r is the only optimum of E_p r - KL(p||p_t), among the
   laws p << p_t. q is p_t, winner None w q is p_{t+1}. *)
Theorem infinite_candidates_argmax r q p : is_law q -> is_law p -> absolutely_continuous p q ->
  let next := winner None (fun x => expR (r x)) q in
  mean p r - KL p q <= mean next r - KL next q
  /\ (mean p r - KL p q = mean next r - KL next q -> p =1 next).
Proof.
move=> lawq lawp pq next; have := kl_regularised_argmax r ltr01 lawq lawp pq.
have -> : reward_tilted 1 r q = next.
  rewrite reward_tiltedE; congr (tilted _ _); apply/funext => x.
  by rewrite divr1.
by rewrite /regularised_reward !mul1r.
Qed.

(* And t >= 1 steps of the pure loop are the only optimum for the coefficient 1/t from p_0. *)
Theorem infinite_loop_argmax r p0 p t : (0 < t)%N -> is_law p0 -> is_law p ->
  absolutely_continuous p p0 ->
  let pt := pure_winner_loop None (fun x => expR (r x)) p0 t in
  mean p r - KL p p0 / t%:R <= mean pt r - KL pt p0 / t%:R
  /\ (mean p r - KL p p0 / t%:R = mean pt r - KL pt p0 / t%:R -> p =1 pt).
Proof.
move=> t0 law0 lawp pp0 pt; have b0 : 0 < t%:R^-1 :> R by rewrite invr_gt0 ltr0n.
have := kl_regularised_argmax r b0 law0 lawp pp0.
have -> : reward_tilted t%:R^-1 r p0 = pt.
  rewrite reward_tiltedE; apply/funext => x; rewrite /pt pure_infinite_loop //; last first.
    by move=> y; apply: expR_gt0.
  congr (tilted _ _ _); apply/funext => y.
  by rewrite invrK mulrC expRMm.
by rewrite /regularised_reward ![t%:R^-1 * _]mulrC.
Qed.

End RegularisedReward.

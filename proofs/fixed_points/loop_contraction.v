(* The loop contracts if there is little synthetic data: whether the reference has mass at the top
   weight or not, lam (h - 1) < 1 is enough, with h the largest curation ratio that its mean weight
   allows (ceiling.v). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences.
From Recurate Require Import compatibility finite_law curation loops winner winner_gain.
From Recurate Require Import total_variation limit_law concentration lipschitz ceiling attraction.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Contraction.
Variables (R : realType) (T : finType) (K : option nat) (lam : R) (pref w : T -> R) (bound : R).
Hypotheses (K_ge1 : at_least 1 K) (lam_ge0 : 0 <= lam) (law_ref : is_law pref).
Hypothesis w_gt0 : forall x, 0 < w x.
Implicit Types (p q : T -> R) (mu : R).
Notation TV := total_variation.
Notation a := (lam / (1 + lam)).
Notation F := (winner_step K lam pref w).
Notation h mu := (largest_ratio K (mu / bound)).
Notation below := (law_below w bound).
Notation fixed := (is_fixed_point lam pref (winner K w)).

(* Curation, from two laws p and q on weights w <= w_*, one of which, p, has a mean weight of at
   least mu > 0: TV(T(p), T(q)) <= h TV(p, q), h = 1 + (1-theta) + ... + (1-theta)^(K-1) with
   theta = mu/w_*, and 1/theta for K = infinity. bound is w_*. (p and q may be exchanged: TVC.) *)
Theorem curation_contraction mu p q : below p -> below q -> 0 < mu -> mu <= mean p w ->
  TV (winner K w p) (winner K w q) <= h mu * TV p q.
Proof.
move=> [lawp le_p] [lawq le_q] mu0 mu_le.
apply: le_trans (curation_lipschitz K_ge1 lawp lawq w_gt0 le_p le_q) _.
by rewrite ler_wpM2r ?TV_ge0 // ceiling.
Qed.

(* So a step of the loop: TV(F(p), F(q)) <= a h TV(p, q), a = lam/(1 + lam). *)
Theorem step_contraction mu p q : below p -> below q -> 0 < mu -> mu <= mean p w ->
  TV (F p) (F q) <= a * h mu * TV p q.
Proof.
move=> bp bq mu0 mu_le; rewrite TV_mixed ?synthetic_share_ge0 // -[leRHS]mulrA.
by rewrite ler_wpM2l ?synthetic_share_ge0 // curation_contraction.
Qed.

Section LittleSyntheticData.
Hypothesis le_bound : bounded_on_support pref w bound.
Notation mu := (mean pref w).
Hypothesis small : lam * (h mu - 1) < 1.

Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.

Let mu_gt0 : 0 < mu. Proof. exact: mean_gt0. Qed.

(* a h = 1 - m (1 - lam (h - 1)) < 1 *)
Lemma contraction_rate : 0 <= a * h mu < 1.
Proof.
have h1 := largest_ratio_ge1 K_ge1 (theta_unit law_ref w_gt0 le_bound).
rewrite mulr_ge0 ?synthetic_share_ge0 ?(le_trans ler01 h1) //=.
by rewrite mulrAC ltr_pdivrMr // mul1r -ltrBlDr -[X in _ - X]mulr1 -mulrBr.
Qed.

Notation r := (winner_loop K lam pref w pref).

Let below_r t : below (r t). Proof. exact: loop_below. Qed.

Let mean_r t : mu <= mean (r t) w. Proof. exact: mean_winner_loop_ge. Qed.

Let steps t : TV (r t.+1) (r t) <= TV (r 1%N) (r 0%N) * (a * h mu) ^+ t.
Proof.
have /andP[rate0 _] := contraction_rate.
elim: t => [|t IH]; first by rewrite expr0 mulr1.
rewrite exprS [leRHS]mulrCA (le_trans _ (ler_wpM2l rate0 IH)) //.
exact: step_contraction (mean_r t.+1).
Qed.

(* If lam (h - 1) < 1 the mixed loop has exactly one fixed point p_inf among the laws on weights
   w <= w_*, and converges to it from every start p_0 there, geometrically:
     TV(p_t, p_inf) <= (a h)^t TV(p_0, p_inf) -> 0,   a = lam/(1 + lam), a h < 1 (contraction_rate),
   for every K >= 1, infinity included. h is as in curation_contraction, with
   mu = E_ref w; bound is w_*, any upper bound of the weights on p_ref's support: nothing needs to
   have mass there. Neither p_0's support nor its mean weight is restricted. *)
Theorem loop_contraction : exists pinf, [/\ below pinf, fixed pinf,
    forall p, below p -> fixed p -> p =1 pinf
  & forall p0, below p0 -> let p := winner_loop K lam pref w p0 in
    [/\ forall t, TV (p t) pinf <= (a * h mu) ^+ t * TV p0 pinf,
        (fun t => TV (p t) pinf) --> (0 : R)
      & forall x, p ^~ x --> pinf x]].
Proof.
have law_r t : is_law (r t) by case: (below_r t).
have [pinf [law_inf to_inf]] := limit_law contraction_rate law_r steps.
have below_inf : below pinf.
  by split=> //; apply: limit_bounded law_r law_inf _ to_inf => t; case: (below_r t).
have fixed_inf : fixed pinf.
  apply: (limit_is_fixed (F := F) (fun t => frefl (r t.+1)) _ to_inf) => t.
  exact: step_contraction (mean_r t).
have mu_inf : mu <= mean pinf w by apply: mean_fixed_point_ge fixed_inf.
have nearer q : below q -> TV (F q) (F pinf) <= a * h mu * TV q pinf.
  by move=> bq; rewrite TVC (TVC q); apply: step_contraction mu_inf.
exists pinf; split=> // [p bp fixp|p0 bp0 p].
  exact: (attracting_unique contraction_rate fixed_inf nearer bp fixp).
have bp t : below (p t) by apply: loop_below.
have loop t : p t.+1 =1 F (p t) by [].
have to0 := attracting_limit contraction_rate fixed_inf nearer bp loop.
split=> // [|x]; last exact: pointwise_limit to0 x.
exact: (attracting_rate contraction_rate fixed_inf nearer bp loop).
Qed.

End LittleSyntheticData.

(* In particular if lam (K - 1) < 1, for finite K. *)
Lemma few_candidates (n : nat) : bounded_on_support pref w bound ->
  lam * (n%:R - 1) < 1 -> lam * (largest_ratio (Some n) (mean pref w / bound) - 1) < 1.
Proof.
move=> le_bound; apply: le_lt_trans; rewrite ler_wpM2l // lerD2r largest_ratio_le_K //.
by have /andP[/ltW -> ->] := theta_unit law_ref w_gt0 le_bound.
Qed.

End Contraction.

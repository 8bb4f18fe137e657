(* The loop with real data, from the reference: no later step has a lower mean of an increasing
   function than the first, for any number of candidates, infinity included.

   The loop is a sequence of laws with p_0 = p_ref and p_{t+1} = (1 - a) p_ref + a T(p_t): a is
   lam/(1 + lam), and 1 in the pure loop. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner winner_ratio orders.
From Recurate Require Import curation_order.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (K : option nat) (a : R) (pref w : T -> R) (p : nat -> T -> R).

(* p is the loop from the reference, with the share a of synthetic data. *)
Definition loop_from_reference K a pref w p :=
  p 0%N =1 pref /\ forall t x, p t.+1 x = (1 - a) * pref x + a * winner K w (p t) x.

(* d_t = p_t/p_ref, by its recursion d_{t+1} = 1 - a + a d_t H_t, so that it is positive, and
   increases with the weight, where p_ref is 0, too. *)
Fixpoint density K a w p t x : R :=
  if t is t'.+1 then 1 - a + a * (density K a w p t' x * winner_ratio K w (p t') (w x)) else 1.

End Definitions.

Section Loop.
Variables (R : realFieldType) (T : finType).
Variables (K : option nat) (a : R) (pref w : T -> R) (p : nat -> T -> R).
Hypotheses (K_gt0 : at_least 1 K) (a_share : 0 <= a <= 1).
Hypotheses (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Hypothesis loop : loop_from_reference K a pref w p.
Notation d := (density K a w p).
Notation H t x := (winner_ratio K w (p t) (w x)).

Let a_ge0 : 0 <= a. Proof. by case/andP: a_share. Qed.
Let rest_ge0 : 0 <= 1 - a. Proof. by rewrite subr_ge0; case/andP: a_share. Qed.

Lemma loop_is_law t : is_law (p t).
Proof.
have [start step] := loop; have [r0 sumr] := law_ref; elim: t => [|t lawt].
  by split=> [x|]; [rewrite start|rewrite (eq_bigr _ (fun x _ => start x))].
have [c0 sumc] := winner_is_law K_gt0 lawt w_gt0; split=> [x|].
  by rewrite step addr_ge0 ?mulr_ge0.
rewrite (eq_bigr _ (fun x _ => step t x)) big_split /= -!mulr_sumr sumr sumc.
by rewrite !mulr1 subrK.
Qed.

Lemma mean_loop t f :
  mean (p t.+1) f = (1 - a) * mean pref f + a * mean (winner K w (p t)) f.
Proof.
rewrite /mean !mulr_sumr -big_split; apply: eq_bigr => x _ /=.
by rewrite (proj2 loop) mulrDl !mulrA.
Qed.

Lemma H_gt0 t x : 0 < H t x.
Proof. by apply: winner_ratio_gt0 => //; apply: loop_is_law. Qed.

Lemma density_gt0 t x : 0 < d t x.
Proof.
elim: t => [|t d0] /=; first exact: ltr01.
have := mulr_gt0 d0 (H_gt0 t x); move: (d t x * _) => e e0.
have [-> |a0] := eqVneq a 0; first by rewrite mul0r addr0 subr0 ltr01.
by rewrite addrC ltr_pwDl // mulr_gt0 // lt_neqAle eq_sym a0.
Qed.

(* p_t = p_ref d_t *)
Lemma densityE t x : p t x = pref x * d t x.
Proof.
have [start step] := loop; elim: t => [|t IH] /=; first by rewrite start mulr1.
by rewrite step winnerE // IH; ring.
Qed.

Lemma density_increases t : increasing w (d t).
Proof.
move=> x y wxy; elim: t => //= t dxy; rewrite lerD2l ler_wpM2l //; apply: ler_pM => //.
- exact: ltW (density_gt0 t x).
- exact: ltW (H_gt0 t x).
- by apply: winner_ratio_increases => //; apply: loop_is_law.
Qed.

Lemma loop_dominates_reference t : lr_order w pref (p t).
Proof.
move=> x y wxy; rewrite !densityE mulrAC [leRHS]mulrAC [pref y * pref x]mulrC.
by rewrite ler_wpM2l ?density_increases // mulr_ge0 ?(proj1 law_ref).
Qed.

(* What a step does to the order: if T(p_t) moves up then so does the next law. *)
Lemma step_st_order s t : st_order w (winner K w (p s)) (winner K w (p t)) ->
  st_order w (p s.+1) (p t.+1).
Proof. by move=> st f incr; rewrite !mean_loop lerD2l ler_wpM2l ?st. Qed.

(* If p_t dominates p_s in likelihood-ratio order, then p_{t+1} dominates p_{s+1} stochastically. *)
Lemma step_lr_st_order s t : lr_order w (p s) (p t) -> st_order w (p s.+1) (p t.+1).
Proof.
move=> lr; apply: step_st_order; have lawp u := loop_is_law u.
have lawT u := winner_is_law K_gt0 (lawp u) w_gt0.
exact: lr_st_order (lawT s) (lawT t) (curation_order w_gt0 K_gt0 (lawp s) (lawp t) lr).
Qed.

(* No later law is below the first step's. *)
Theorem first_step t : st_order w (p 1%N) (p t.+1).
Proof.
apply: step_lr_st_order => x y wxy; rewrite !(proj1 loop).
exact: loop_dominates_reference.
Qed.

End Loop.

Section MixedLoop.
Variables (R : realFieldType) (T : finType).
Variables (K : option nat) (lam : R) (pref w : T -> R).
Hypotheses (K_gt0 : at_least 1 K) (lam_ge0 : 0 <= lam).
Hypotheses (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Notation p := (winner_loop K lam pref w pref).

Lemma synthetic_share : 0 <= lam / (1 + lam) <= 1.
Proof.
have l1 := real_share_gt0 lam_ge0.
by rewrite divr_ge0 ?(ltW l1) //= ler_pdivrMr // mul1r lerDr ler01.
Qed.

Lemma mixed_from_reference : loop_from_reference K (lam / (1 + lam)) pref w p.
Proof.
have l1 := real_share_gt0 lam_ge0; split=> // t x; rewrite winner_loopS /winner_step; congr (_ + _).
by field; rewrite gt_eqF.
Qed.

Lemma pure_from_reference : loop_from_reference K 1 pref w (pure_winner_loop K w pref).
Proof. by split=> // t x; rewrite subrr mul0r add0r mul1r. Qed.

(* For every f that increases with the weight, every t >= 1 and every number of candidates K,
     E_t f >= E_1 f
   in the loop with real data from p_0 = p_ref = pref. Finite K gives the paper's mixed_loop. *)
Theorem theorem_2_3_optimal t f : increasing w f -> mean (p 1%N) f <= mean (p t.+1) f.
Proof. exact: (first_step K_gt0 synthetic_share w_gt0 law_ref mixed_from_reference t). Qed.

(* In particular, with G_K = E w - mu, the mean under T(p_ref), and a = lam/(1 + lam),
     E_t w >= mu + a G_K for every t >= 1, ... *)
Theorem theorem_2_3_optimal_reward t :
  mean pref w + lam / (1 + lam) * (mean (winner K w pref) w - mean pref w) <= mean (p t.+1) w.
Proof.
apply: le_trans (theorem_2_3_optimal t (f := w) _) => [|x y //].
by rewrite (mean_loop mixed_from_reference) winner_loop0 le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

(* ... with equality at t = 1: no larger constant holds for all t >= 1. *)
Theorem theorem_2_3_optimal_attained :
  mean (p 1%N) w = mean pref w + lam / (1 + lam) * (mean (winner K w pref) w - mean pref w).
Proof. by rewrite (mean_loop mixed_from_reference) winner_loop0; ring. Qed.

(* The same with lam = infinity: the pure loop. *)
Theorem theorem_2_3_optimal_pure t f : increasing w f ->
  mean (winner K w pref) f <= mean (pure_winner_loop K w pref t.+1) f.
Proof.
have share : 0 <= (1 : R) <= 1 by rewrite ler01 lexx.
exact: (first_step K_gt0 share w_gt0 law_ref pure_from_reference t).
Qed.

End MixedLoop.

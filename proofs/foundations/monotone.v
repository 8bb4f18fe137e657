(* The ratio and the density increase with the weight. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner_ratio.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Monotone.
Variables (R : realFieldType) (T : finType) (K : nat) (w : T -> R).
Hypotheses (K_gt0 : (0 < K)%N) (w_gt0 : forall x, 0 < w x).

(* H^K_p is increasing in the weight. *)
Theorem ratio_monotone p x y : is_law p -> w x <= w y -> ratio K p w x <= ratio K p w y.
Proof. by move=> lawp; apply: (winner_ratio_increases (Some K)). Qed.

(* Strictly, if there is another candidate: K >= 2. *)
Theorem ratio_strictly_monotone p x y : (1 < K)%N -> is_law p -> w x < w y ->
  ratio K p w x < ratio K p w y.
Proof. by move=> K2 lawp; apply: (winner_ratio_strict (K := Some K)). Qed.

(* So is d_t = p_t/p_ref in the mixed loop, written without dividing by p_ref, which may be 0. *)
Theorem density_monotone lam pref t x y : 0 <= lam -> is_law pref -> w x <= w y ->
  mixed_loop K lam pref w t x * pref y <= mixed_loop K lam pref w t y * pref x.
Proof.
move=> lam0 law_ref wxy; elim: t => [|t step]; first by rewrite mixed_loop0 mulrC.
have lawt := mixed_loop_is_law K_gt0 lam0 w_gt0 law_ref t.
rewrite !mixed_loopS !lemma_2_1 // !mulrDl; apply: lerD.
  by rewrite mulrAC [leRHS]mulrAC [pref y * pref x]mulrC.
rewrite -!mulrA ler_wpM2l // ler_wpM2l ?invr_ge0 ?(ltW (real_share_gt0 lam0)) //.
rewrite ![_ * (ratio _ _ _ _ * _)]mulrCA; apply: ler_pM step.
- exact: ratio_ge0.
- by apply: mulr_ge0; [case: lawt|case: law_ref].
exact: ratio_monotone.
Qed.

End Monotone.

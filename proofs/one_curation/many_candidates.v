(* The limits of many candidates: Lemma 2.1 of the paper for K to infinity, and the loops with K
   candidates, which tend to the loop of K = infinity. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import total_variation limit_law many_candidates_bound cluster.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section ManyCandidates.
Variables (R : realType) (T : finType) (w : T -> R).
Hypothesis w_gt0 : forall x, 0 < w x.
Implicit Types (p q pref : T -> R) (v lam : R).

(* What is within C/K of a sequence's limit. *)
Lemma cvg_within (f g : nat -> R) (l C : R) : (forall K, (0 < K)%N -> `|f K - g K| <= C / K%:R) ->
  g --> l -> f --> l.
Proof.
move=> close to_l; suff : (fun K => f K.+1) --> l by rewrite (cvg_shiftS f).
have next : (fun K => g K.+1) --> l by rewrite (cvg_shiftS g).
have -> : (fun K => f K.+1) = (fun K => g K.+1) + (fun K => f K.+1 - g K.+1).
  by apply/funext => K; rewrite !fctE addrC subrK.
rewrite -[l]addr0; apply: cvgD => //.
apply: norm_cvg0; apply: (null_below (g := fun K => C * harmonic K)) => [K|].
  by rewrite normr_ge0 close.
by apply: null_scaled; exact: cvg_harmonic.
Qed.

(* Weights on a finite type, and any one more, are between two positive numbers. *)
Lemma weights_between v : 0 < v ->
  exists low high, [/\ 0 < low, low <= v <= high & forall x, low <= w x <= high].
Proof.
have total (g : T -> R) u : (forall x, 0 < g x) -> 0 < u ->
  0 < u + \sum_x g x /\ forall x, g x <= u + \sum_x g x.
  move=> g0 u0; have sum0 : 0 <= \sum_x g x by apply: sumr_ge0 => x _; apply: ltW.
  split=> [|x]; first by rewrite ltr_pwDl.
  rewrite (bigD1 x) //= addrCA lerDl addr_ge0 ?(ltW u0) //.
  by apply: sumr_ge0 => y _; apply: ltW.
move=> v0; have iv0 : 0 < v^-1 by rewrite invr_gt0.
have iw0 x : 0 < (w x)^-1 by rewrite invr_gt0.
have [high0 le_high] := total w v w_gt0 v0; have [low0 le_low] := total _ v^-1 iw0 iv0.
exists (v^-1 + \sum_x (w x)^-1)^-1, (v + \sum_x w x); split; first by rewrite invr_gt0.
  rewrite lerDl sumr_ge0 ?andbT => [|x _]; last exact: ltW.
  rewrite -[leRHS]invrK ler_pV2 ?inE ?unitfE ?gt_eqF // lerDl.
  by apply: sumr_ge0 => x _; apply: ltW.
move=> x; rewrite le_high andbT -[leRHS]invrK ler_pV2 ?inE ?unitfE ?gt_eqF ?iw0 ?low0 ?le_low //.
Qed.

Let between : exists low high, 0 < low /\ forall x, low <= w x <= high.
Proof. by have [low [high []]] := weights_between ltr01; exists low, high. Qed.

(* Lemma 2.1 of the paper, K to infinity: H^K_p(v) -> v/E_p w, for every law p, all positive weights
   w, and every v > 0, be it the weight of an answer or not. winner_ratio (Some K) w p v is
   H^K_p(v) = E K v/(v + w_1 + ... + w_{K-1}), winner_ratio None w p v is v/E_p w. *)
Theorem lemma_2_1_limit p v : is_law p -> 0 < v ->
  (fun K => winner_ratio (Some K) w p v) --> winner_ratio None w p v.
Proof.
move=> lawp v0; have [low [high [low0 low_v low_w]]] := weights_between v0.
apply: (@cvg_within _ (cst (winner_ratio None w p v)) _ ((high / low) ^+ 2 + (high / low) ^+ 3)).
  by move=> K K0; apply: many_candidates_ratio.
exact: cvg_cst.
Qed.

(* The laws p_K may depend on K, if they tend to a law p: T_K(p_K) -> p w/E_p w. *)
Lemma winner_limit_along (P : nat -> T -> R) p :
  (forall K, (0 < K)%N -> is_law (P K)) -> is_law p -> (forall x, (fun K => P K x) --> p x) ->
  forall x, (fun K => winner (Some K) w (P K) x) --> winner None w p x.
Proof.
move=> lawP lawp Pp x; have [low [high [low0 low_w]]] := between.
apply: (@cvg_within _ (fun K => winner None w (P K) x) _ ((high / low) ^+ 2 + (high / low) ^+ 3)).
  move=> K K0; have lawK := lawP K K0.
  apply: le_trans (many_candidates_law low0 w_gt0 x K0 lawK (fun y _ => low_w y)) _.
  have le1 : P K x <= 1.
    by have := mass_le1 (pred1 x) lawK; rewrite /mass big_pred1_eq.
  have ratio0 : 0 <= high / low.
    by rewrite divr_ge0 ?(ltW low0) // (le_trans (ltW (w_gt0 x))) //; case/andP: (low_w x).
  by rewrite ler_piMl // divr_ge0 ?ler0n // addr_ge0 ?exprn_ge0.
apply: cvgM; first exact: Pp.
by apply: cvgMr; apply: cvgV; [rewrite gt_eqF ?mean_gt0|apply: cvg_mean].
Qed.

(* So the winner's law among K candidates, as it is defined, tends to p w/E_p w at every answer. *)
Theorem winner_limit p x : is_law p ->
  (fun K => curated K p w x) --> tilted w p x.
Proof.
move=> lawp; apply: (@winner_limit_along (fun=> p) p) => // y; exact: cvg_cst.
Qed.

(* ... and in total variation. *)
Theorem winner_limit_variation p : is_law p ->
  (fun K => total_variation (curated K p w) (tilted w p)) --> (0 : R).
Proof.
move=> lawp; have [low [high [low0 low_w]]] := between.
apply: (@cvg_within _ (cst 0) _ (((high / low) ^+ 2 + (high / low) ^+ 3) / 2%:R)); last first.
  exact: cvg_cst.
move=> K K0; rewrite subr0 ger0_norm ?TV_ge0 // -mulrA -invfM.
by apply: (many_candidates_variation low0 w_gt0 K0 lawp) => x _.
Qed.

(* p_t of the mixed loop of K candidates, from any p_0, tends to that of K = infinity. *)
Theorem mixed_loop_limit lam pref p0 t x : 0 <= lam -> is_law pref -> is_law p0 ->
  (fun K => winner_loop (Some K) lam pref w p0 t x) --> winner_loop None lam pref w p0 t x.
Proof.
move=> lam0 law_ref law0; elim: t x => [|t IH] x; first exact: cvg_cst.
apply: cvgD; first exact: cvg_cst.
apply: cvgMr; apply: winner_limit_along IH x => [K K0|]; exact: winner_loop_is_law.
Qed.

(* So does p_t of the pure loop. *)
Theorem pure_loop_limit p0 t x : is_law p0 ->
  (fun K => pure_winner_loop (Some K) w p0 t x) --> pure_winner_loop None w p0 t x.
Proof.
move=> law0; elim: t x => [|t IH] x; first exact: cvg_cst.
apply: winner_limit_along IH x => [K K0|]; exact: pure_winner_loop_is_law.
Qed.

End ManyCandidates.

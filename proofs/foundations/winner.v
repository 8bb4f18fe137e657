(* The winner's law for any number of candidates, infinity included: K is Some K, or None for
   K = infinity. There the law is p w/E_p w by definition; that the curated laws of K candidates
   tend to it as K grows is a theorem (many_candidates.v). The loops of such a K, from any start. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p pref w : T -> R) (lam v : R) (K : option nat).

(* K = infinity: p w/E_p w. *)
Definition tilted w p x := p x * (w x / mean p w).

(* T(p), the law of the Bradley-Terry winner among K candidates from p. *)
Definition winner K w p := if K is Some K then curated K p w else tilted w p.

(* H_p(v) = E K v/(v + w_1 + ... + w_{K-1}), K - 1 others drawn from p; v/E_p w for K = infinity.
   v is any weight, one that an answer has or not. *)
Definition winner_ratio K w p v :=
  if K is Some K then mean (draws (K := K.-1) p) (fun c => K%:R * v / (v + total_weight w c))
  else v / mean p w.

(* K >= n; infinity is. *)
Definition at_least n K := if K is Some K then (n <= K)%N else true.

(* A retraining step, p_ref/(1 + lam) + lam/(1 + lam) T(p), and p_t from any p_0. *)
Definition winner_step K lam pref w p x :=
  pref x / (1 + lam) + lam / (1 + lam) * winner K w p x.

Definition winner_loop K lam pref w p0 t := iter t (winner_step K lam pref w) p0.

(* p_t of the pure loop, lam = infinity. *)
Definition pure_winner_loop K w p0 t := iter t (winner K w) p0.

End Definitions.

Arguments winner_loop : simpl never.
Arguments pure_winner_loop : simpl never.

Section Winner.
Variables (R : realFieldType) (T : finType).
Implicit Types (p q pref w g v : T -> R) (lam : R) (K : option nat).

Lemma mean_tilted v p g : mean (tilted v p) g = mean p (fun x => v x * g x) / mean p v.
Proof.
rewrite /mean mulr_suml; apply: eq_bigr => x _.
by rewrite -!mulrA; congr (_ * (_ * _)); rewrite mulrC.
Qed.

Lemma tilted_is_law v p : is_law p -> (forall x, 0 <= v x) -> 0 < mean p v -> is_law (tilted v p).
Proof.
move=> lawp v0 W0; split=> [x|]; first by rewrite mulr_ge0 ?divr_ge0 ?(proj1 lawp) // ltW.
transitivity (mean (tilted v p) (fun=> 1)); first by apply: eq_bigr => x _; rewrite mulr1.
rewrite mean_tilted; have -> : mean p (fun x => v x * 1) = mean p v.
  by apply: eq_mean => // x; rewrite mulr1.
by rewrite divff // gt_eqF.
Qed.

Lemma winner_is_law K w p : at_least 1 K -> is_law p -> (forall x, 0 < w x) ->
  is_law (winner K w p).
Proof.
case: K => [K|] /= K0 lawp w0; first exact: curated_is_law.
by apply: tilted_is_law => // [x|]; [apply: ltW|apply: mean_gt0].
Qed.

Lemma winner_continuous K w p pref : at_least 1 K ->
  absolutely_continuous p pref -> absolutely_continuous (winner K w p) pref.
Proof.
case: K => [K|] /= K0 cont x px0; first exact: curated_continuous px0.
by rewrite /tilted cont // mul0r.
Qed.

(* Lemma 2.1 of the paper for every K: T(p) = p H_p. *)
Lemma winnerE K w p x : at_least 1 K -> winner K w p x = p x * winner_ratio K w p (w x).
Proof. by case: K => [K|] //= K0; apply: lemma_2_1. Qed.

(* The loops' equations. *)
Lemma winner_loop0 K lam pref w p0 : winner_loop K lam pref w p0 0 = p0.
Proof. by []. Qed.

Lemma winner_loopS K lam pref w p0 t :
  winner_loop K lam pref w p0 t.+1 = winner_step K lam pref w (winner_loop K lam pref w p0 t).
Proof. by []. Qed.

Lemma pure_winner_loopS K w p0 t :
  pure_winner_loop K w p0 t.+1 = winner K w (pure_winner_loop K w p0 t).
Proof. by []. Qed.

Lemma winner_step_is_law K lam pref w p : at_least 1 K -> 0 <= lam -> is_law pref ->
  (forall x, 0 < w x) -> is_law p -> is_law (winner_step K lam pref w p).
Proof.
move=> K0 lam0 [r0 sumr] w0 lawp; have [t0 sumt] := winner_is_law K0 lawp w0.
have l1 := real_share_gt0 lam0; split=> [x|].
  by rewrite addr_ge0 ?mulr_ge0 ?invr_ge0 ?(ltW l1).
by rewrite big_split /= -mulr_suml -mulr_sumr sumr sumt !mulr1; field; rewrite gt_eqF.
Qed.

Lemma winner_loop_is_law K lam pref w p0 t : at_least 1 K -> 0 <= lam -> is_law pref ->
  (forall x, 0 < w x) -> is_law p0 -> is_law (winner_loop K lam pref w p0 t).
Proof.
move=> K0 lam0 lawr w0 law0; elim: t => // t IH.
by rewrite winner_loopS; apply: winner_step_is_law.
Qed.

Lemma pure_winner_loop_is_law K w p0 t : at_least 1 K -> (forall x, 0 < w x) -> is_law p0 ->
  is_law (pure_winner_loop K w p0 t).
Proof.
move=> K0 w0 law0; elim: t => // t IH.
by rewrite pure_winner_loopS; apply: winner_is_law.
Qed.

Lemma mean_winner_step K lam pref w p g : mean (winner_step K lam pref w p) g
  = mean pref g / (1 + lam) + lam / (1 + lam) * mean (winner K w p) g.
Proof.
rewrite /mean mulr_suml mulr_sumr -big_split; apply: eq_bigr => x _ /=.
by rewrite /winner_step; ring.
Qed.

Lemma winner_loop_continuous K lam pref w p0 t : at_least 1 K ->
  absolutely_continuous p0 pref -> absolutely_continuous (winner_loop K lam pref w p0 t) pref.
Proof.
move=> K0 cont0; elim: t => // t cont x px0; rewrite winner_loopS /winner_step px0 mul0r add0r.
by rewrite (winner_continuous w K0 cont) // mulr0.
Qed.

(* The paper's mixed loop starts at p_ref. *)
Lemma mixed_winner_loop (K : nat) lam pref w t :
  mixed_loop K lam pref w t = winner_loop (Some K) lam pref w pref t.
Proof. by []. Qed.

End Winner.

(* Lemma 2.2 with the reward itself. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Reward.
Variables (R : realType) (T : finType).

(* Lemma 2.2 in the paper's own form: weights are e^r of a reward r. *)
Theorem lemma_2_2_reward K (p r : T -> R) bound :
  (0 < K)%N -> is_law p -> (forall x, 0 < p x -> expR (r x) <= bound) ->
  mean p (fun x => expR (r x))
    + (K%:R - 1) / K%:R * (variance p (fun x => expR (r x)) / bound)
    <= mean (curated K p (fun x => expR (r x))) (fun x => expR (r x)).
Proof. by move=> K0 lawp le_bound; apply: lemma_2_2 => // x; apply: expR_gt0. Qed.

End Reward.

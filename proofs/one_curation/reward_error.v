(* How far wrong rewards move one curation, in rewards: weights are e^r. *)
From mathcomp Require Import all_ssreflect all_algebra.
From mathcomp Require Import boolp reals signed topology normedtype.
From mathcomp Require Import sequences exp.
From Recurate Require Import compatibility finite_law winner total_variation wrong_rewards.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* wrong-rewards, one curation: if |r - r'| <= delta on the support of p, then
     TV(T_r p, T_r' p) <= tanh(delta/2) = (e^delta - 1)/(e^delta + 1).
   K is Some K with K >= 1, or None for infinity. *)
Theorem wrong_rewards_reward (R : realType) (T : finType) (K : option nat) (p r r' : T -> R) delta :
  at_least 1 K -> is_law p -> (forall x, 0 < p x -> `|r x - r' x| <= delta) ->
  total_variation (winner K (fun x => expR (r x)) p) (winner K (fun x => expR (r' x)) p)
    <= (expR delta - 1) / (expR delta + 1).
Proof.
move=> K0 lawp close; apply: wrong_rewards => // [x|x|x px]; try exact: expR_gt0.
have := close x px; rewrite ler_norml -!expRD !ler_expR => /andP[lo hi].
by split; rewrite -lerBlDr // -lerN2 opprB.
Qed.

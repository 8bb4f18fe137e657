(* Two candidates and preferences that go round in a circle: the pure loop moves away from every law
   that all answers tie with, and never settles. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops choices.
From Recurate Require Import divergence jensen preference_game.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).

(* A balance: sum_x q(x) A(x, y) = 0 for every y. *)
Definition balance (P : T -> T -> R) (q : T -> R) :=
  is_law q /\ forall y, \sum_x q x * majority P x y = 0.

End Definitions.

Section Cycle.
Variables (R : realType) (T : finType) (P : T -> T -> R).
Hypothesis pref : is_preference P.
Implicit Types (p q : T -> R) (x y : T).
Notation A := (majority P).

(* All answers tie with a balance. *)
Lemma balanceP q : balance P q <-> is_law q /\ forall x, advantage P q x = 0.
Proof.
have same y : \sum_x q x * A x y = - advantage P q y.
  rewrite /advantage -sumrN; apply: eq_bigr => x _.
  by rewrite (majority_antisymmetric pref y x) mulrN mulrC.
split=> -[lawq zero]; split=> // x.
  by apply/eqP; rewrite -oppr_eq0 -same zero.
by rewrite same zero oppr0.
Qed.

(* And it gains nothing from any law. *)
Lemma balance_gain q p : balance P q -> mean q (advantage P p) = 0.
Proof.
move=> [_ zero]; rewrite -[LHS]payoffE /payoff exchange_big; apply: big1 => y _ /=.
by rewrite -mulr_suml zero mul0r.
Qed.

(* K3, one step. If all answers tie with q, a step of the pure loop moves away from q:
     KL(q||T(p)) >= KL(q||p),
   strictly unless A p = 0 on the support of q. Asked of p is mass where q has. *)
Theorem condorcet_cycle q p : balance P q -> is_law p -> absolutely_continuous q p ->
  [/\ absolutely_continuous q (preferred P p), KL q p <= KL q (preferred P p)
    & (exists2 x, 0 < q x & advantage P p x != 0) -> KL q p < KL q (preferred P p)].
Proof.
move=> bq lawp qp; have [lawq _] := bq; have [q0 _] := lawq; have [step _] := preference_game pref lawp.
have cases x : q x = 0 \/ 0 < q x.
  by have := q0 x; rewrite le_eqVlt => /orP[/eqP|]; [left|right].
have psup x : 0 < q x -> 0 < p x.
  move=> qx; rewrite lt_neqAle (proj1 lawp) andbT eq_sym.
  by apply: contraTneq qx => /qp ->; rewrite ltxx.
have factor x : 0 < q x -> 0 < 1 + advantage P p x.
  by move=> /psup; apply: advantage_gt.
have away : KL q (preferred P p) = KL q p - mean q (fun x => ln (1 + advantage P p x)).
  rewrite -sumrB; apply: eq_bigr => x _; have [->|qx] := cases x; first by rewrite !mul0r subrr.
  rewrite -mulrBr -ln_div ?posrE ?divr_gt0 ?psup ?factor // step.
  have px := psup x qx; have fx := factor x qx.
  by congr (_ * ln _); field; rewrite !gt_eqF.
have tangent x : q x * ln (1 + advantage P p x) <= q x * advantage P p x.
  have [->|qx] := cases x; first by rewrite !mul0r.
  rewrite ler_pM2l //; apply: le_trans (ln_le_tangent (factor x qx)) _.
  by rewrite addrAC subrr add0r.
split=> [x||[x qx ax]].
- rewrite step => /eqP; have [//|qx] := cases x.
  by rewrite mulf_eq0 !gt_eqF ?psup ?factor.
- rewrite away lerBrDr -lerBrDl subrr -(balance_gain p bq).
  by apply: ler_sum => y _; apply: tangent.
rewrite away -subr_gt0 addrAC subrr add0r oppr_gt0 -(balance_gain p bq) /mean.
rewrite (bigD1 x) //= [ltRHS](bigD1 x) //=; apply: ltr_leD; last first.
  by apply: ler_sum => y _; apply: tangent.
rewrite ltr_pM2l //; apply: (@lt_le_trans _ _ (1 + advantage P p x - 1)).
  apply: ln_lt_tangent; first exact: factor.
  by rewrite -subr_eq0 addrAC subrr add0r.
by rewrite addrAC subrr add0r.
Qed.

Section Loop.
Variable p0 : T -> R.
Hypothesis law0 : is_law p0.
Notation p := (preference_loop P p0).

Let law t : is_law (p t). Proof. exact: preference_loop_is_law. Qed.

(* K3, along the loop: it never comes nearer to q again. *)
Theorem condorcet_cycle_loop q t u : balance P q -> absolutely_continuous q p0 -> (t <= u)%N ->
  absolutely_continuous q (p u) /\ KL q (p t) <= KL q (p u).
Proof.
move=> bq qp.
have cont v : absolutely_continuous q (p v).
  by elim: v => [//|v IH]; have [] := condorcet_cycle bq (law v) IH.
move=> tu; split; first exact: cont.
have: {homo (fun v => KL q (p v)) : v v' / (v <= v')%N >-> v <= v'}.
  apply: homo_leq => [x|x y z|v]; [exact: lexx|exact: le_trans|].
  by have [] := condorcet_cycle bq (law v) (@cont v).
exact.
Qed.

End Loop.
End Cycle.

(* Without real data the loop of many voters climbs the Nash welfare, and comes nearer to each law that
   maximises it (J3). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence voters welfare.
From Recurate Require Import welfare_maximisers.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Electorate.
Variables (R : realType) (T V : finType).
Implicit Types (p q : T -> R).
Variables (s : V -> R) (w : V -> T -> R).
Hypotheses (law_s : is_law s) (w_ge0 : forall v x, 0 <= w v x).

Notation served := (served s w).
Let H p x := \sum_v s v * (w v x / mean p (w v)).


Section Loop.
Variable p0 : T -> R.
Hypothesis start : served p0.
Notation p := (nash_loop s w p0).

Let served_t t : served (p t).
Proof. exact: nash_loop_served. Qed.

Lemma nash_loop_ascent t : KL (p t.+1) (p t) <= welfare s w (p t.+1) - welfare s w (p t).
Proof. exact: welfare_ascent (served_t t). Qed.

Lemma nash_loop_rises t : welfare s w (p t) <= welfare s w (p t.+1).
Proof.
rewrite -subr_ge0; apply: le_trans (nash_loop_ascent t); apply: KL_ge0.
- by case: (served_t t.+1).
- by case: (served_t t).
- exact: step_continuous.
Qed.

Lemma nash_loop_nondecreasing : {homo p : t u / (t <= u)%N >-> welfare s w t <= welfare s w u}.
Proof. exact: homo_leq (fun _ => lexx _) (fun _ _ _ => @le_trans _ _ _ _ _) nash_loop_rises. Qed.

Section Rate.
Variable ps : T -> R.
Hypotheses (served_ps : served ps) (inside : absolutely_continuous ps p0).
Hypothesis fixed : forall x, 0 < ps x -> H ps x = 1.

Lemma nash_loop_continuous t : absolutely_continuous ps (p t).
Proof.
elim: t => [//|t ct].
by have [] := welfare_nearer law_s w_ge0 served_ps (served_t t) ct fixed.
Qed.

Lemma nash_loop_nearer t : KL ps (p t.+1) + (welfare s w ps - welfare s w (p t)) <= KL ps (p t).
Proof.
by have [] := welfare_nearer law_s w_ge0 served_ps (served_t t) (nash_loop_continuous (t := t)) fixed.
Qed.

Lemma nash_loop_rate t : welfare s w ps - welfare s w (p t) <= KL ps p0 / t.+1%:R.
Proof.
have total n : \sum_(i < n) (welfare s w ps - welfare s w (p i)) + KL ps (p n) <= KL ps p0.
  elim: n => [|n step_n]; first by rewrite big_ord0 add0r.
  apply: le_trans step_n; rewrite big_ord_recr /= -addrA lerD2l addrC.
  exact: nash_loop_nearer.
rewrite ler_pdivlMr ?ltr0n // mulrC mulr_natl.
apply: le_trans (total t.+1); rewrite -[leLHS]addr0 lerD //; last first.
  apply: KL_ge0; last exact: nash_loop_continuous.
    by case: served_ps.
  by case: (served_t t.+1).
rewrite -[X in _ *+ X](card_ord t.+1) -sumr_const; apply: ler_sum => i _.
by rewrite lerD2l lerN2 nash_loop_nondecreasing // -ltnS.
Qed.

End Rate.
End Loop.

(* J3. For lam = infinity the weighted Nash welfare sum_u pi_u ln E_p w_u never falls along the loop
   p_{t+1} = p_t sum_u pi_u w_u/W_u; and a law ps that maximises it, among the laws with mass only
   where p_0 has, comes nearer with each step: for every t,
     KL(ps||p_{t+1}) <= KL(ps||p_t)  and  welfare(ps) - welfare(p_t) <= KL(ps||p_0)/(t+1).
   s are the voters' shares pi, of sum 1; weights w >= 0. *)
Theorem nash_welfare p0 ps t : served p0 ->
  [/\ served (nash_loop s w p0 t),
      welfare s w (nash_loop s w p0 t) <= welfare s w (nash_loop s w p0 t.+1)
    & maximises_welfare s w p0 ps ->
      [/\ absolutely_continuous ps (nash_loop s w p0 t),
          KL ps (nash_loop s w p0 t.+1) <= KL ps (nash_loop s w p0 t)
        & welfare s w ps - welfare s w (nash_loop s w p0 t) <= KL ps p0 / t.+1%:R]].
Proof.
move=> start; have served_t := nash_loop_served law_s w_ge0 t start; split=> //.
  exact: nash_loop_rises.
move=> top; have [sps inside best] := top; have fixed := maximiser_fixed law_s w_ge0 top.
split; [exact: nash_loop_continuous| |exact: nash_loop_rate].
apply: le_trans (nash_loop_nearer start sps inside fixed t).
rewrite lerDl subr_ge0 best //; elim: t {served_t} => [//|t IH] x /IH.
exact: step_continuous.
Qed.

(* J3, who maximises the Nash welfare on the support of p0: exactly the laws there with
   sum_u pi_u w_u(x)/W_u <= 1 for every answer x that p0 has; and then this is 1 for every x that
   they have. *)
Theorem nash_welfare_maximiser p0 ps : is_law p0 -> served ps -> absolutely_continuous ps p0 ->
  (maximises_welfare s w p0 ps
    <-> forall x, 0 < p0 x -> \sum_v s v * (w v x / mean ps (w v)) <= 1)
  /\ (maximises_welfare s w p0 ps ->
      forall x, 0 < ps x -> \sum_v s v * (w v x / mean ps (w v)) = 1).
Proof. by move=> law0 sps inside; split; [apply: maximises_welfareP|apply: maximiser_fixed]. Qed.

End Electorate.

(* Two candidates and preferences that go round in a circle: the pure loop moves away from every law
   that all answers tie with, and never settles. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence jensen limit_law cluster.
From Recurate Require Import preference_game.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Cycle.
Variables (R : realType) (T : finType) (P : T -> T -> R).
Hypothesis pref : is_preference P.
Implicit Types (p q : T -> R) (x y : T).
Notation A := (majority P).

(* If no answer beats q then all tie with it. *)
Lemma tie_is_balance q p : is_law q -> (forall x, lead P q x = 0) -> balance P p q.
Proof.
move=> lawq zero; split=> // y _; transitivity (- lead P q y).
  rewrite /lead -sumrN; apply: eq_bigr => x _.
  by rewrite (majority_antisymmetric pref y x) mulrN mulrC.
by rewrite zero oppr0.
Qed.

(* A balance gains nothing from p. *)
Lemma balance_gain q p : is_law p -> balance P p q -> mean q (lead P p) = 0.
Proof.
move=> [p0 _] [_ zero]; rewrite -[LHS]payoffE /payoff exchange_big; apply: big1 => y _ /=.
rewrite -mulr_suml; have := p0 y; rewrite le_eqVlt => /orP[/eqP <-|py]; first by rewrite mulr0.
by rewrite zero // mul0r.
Qed.

(* A step of the pure loop moves away from q by the mean of - ln(1 + A p) under q. *)
Lemma cycle_growth q p : is_law p -> is_law q -> absolutely_continuous q p ->
  (forall x, 0 < q x -> 0 < 1 + lead P p x)
  /\ KL q (preferred P p) = KL q p - mean q (fun x => ln (1 + lead P p x)).
Proof.
move=> lawp [q0 _] qp; have [step _] := preference_game pref lawp.
have psup x : 0 < q x -> 0 < p x.
  move=> qx; rewrite lt_neqAle (proj1 lawp) andbT eq_sym.
  by apply: contraTneq qx => /qp ->; rewrite ltxx.
have factor x : 0 < q x -> 0 < 1 + lead P p x.
  by move=> /psup; apply: lead_gt.
split=> //; rewrite -sumrB; apply: eq_bigr => x _.
have := q0 x; rewrite le_eqVlt => /orP[/eqP <-|qx]; first by rewrite !mul0r subrr.
rewrite -mulrBr -ln_div ?posrE ?divr_gt0 ?psup ?factor // step.
have px := psup x qx; have fx := factor x qx.
by congr (_ * ln _); field; rewrite !gt_eqF.
Qed.

(* K3, one step. If all answers of p tie with q, a step of the pure loop moves away from q:
     KL(q||T(p)) >= KL(q||p),
   strictly unless A p = 0 on the support of q. Asked of p is mass where q has. *)
Theorem condorcet_cycle q p : is_law p -> balance P p q -> absolutely_continuous q p ->
  [/\ absolutely_continuous q (preferred P p), KL q p <= KL q (preferred P p)
    & (exists2 x, 0 < q x & lead P p x != 0) -> KL q p < KL q (preferred P p)].
Proof.
move=> lawp bq qp; have [lawq _] := bq; have [q0 _] := lawq.
have [step _] := preference_game pref lawp.
have cases x : q x = 0 \/ 0 < q x.
  by have := q0 x; rewrite le_eqVlt => /orP[/eqP|]; [left|right].
have psup x : 0 < q x -> 0 < p x.
  move=> qx; rewrite lt_neqAle (proj1 lawp) andbT eq_sym.
  by apply: contraTneq qx => /qp ->; rewrite ltxx.
have [factor away] := cycle_growth lawp lawq qp.
have tangent x : q x * ln (1 + lead P p x) <= q x * lead P p x.
  have [->|qx] := cases x; first by rewrite !mul0r.
  rewrite ler_pM2l //; apply: le_trans (ln_le_tangent (factor x qx)) _.
  by rewrite addrAC subrr add0r.
split=> [x||[x qx ax]].
- rewrite step => /eqP; have [//|qx] := cases x.
  by rewrite mulf_eq0 !gt_eqF ?psup ?factor.
- rewrite away lerBrDr -lerBrDl subrr -(balance_gain lawp bq).
  by apply: ler_sum => y _; apply: tangent.
rewrite away -subr_gt0 addrAC subrr add0r oppr_gt0 -(balance_gain lawp bq) /mean.
rewrite (bigD1 x) //= [ltRHS](bigD1 x) //=; apply: ltr_leD; last first.
  by apply: ler_sum => y _; apply: tangent.
rewrite ltr_pM2l //; apply: (@lt_le_trans _ _ (1 + lead P p x - 1)).
  apply: ln_lt_tangent; first exact: factor.
  by rewrite -subr_eq0 addrAC subrr add0r.
by rewrite addrAC subrr add0r.
Qed.

Section Loop.
Variable p0 : T -> R.
Hypothesis law0 : is_law p0.
Notation p := (preference_loop P p0).

Let law t : is_law (p t). Proof. exact: preference_loop_is_law. Qed.

Let balance_t q t : balance P p0 q -> balance P (p t) q.
Proof. by move=> [lawq zero]; split=> // y; rewrite preference_loop_support //; apply: zero. Qed.

(* K3, along the loop: it never comes nearer to q again. *)
Theorem condorcet_cycle_loop q t u : balance P p0 q -> absolutely_continuous q p0 -> (t <= u)%N ->
  absolutely_continuous q (p u) /\ KL q (p t) <= KL q (p u).
Proof.
move=> bq qp.
have cont v : absolutely_continuous q (p v).
  by elim: v => [//|v IH]; have [] := condorcet_cycle (law v) (balance_t v bq) IH.
move=> tu; split; first exact: cont.
have: {homo (fun v => KL q (p v)) : v v' / (v <= v')%N >-> v <= v'}.
  apply: homo_leq => [x|x y z|v]; [exact: lexx|exact: le_trans|].
  by have [] := condorcet_cycle (law v) (balance_t v bq) (@cont v).
exact.
Qed.

(* K2, in the limit: the Condorcet winner takes all, if p_0 has it. *)
Theorem condorcet_winner_limit x alpha : 0 < alpha -> 0 < p0 x ->
  (forall y, y != x -> 0 < p0 y -> alpha <= A x y) -> (fun t => p t x) --> (1 : R).
Proof.
move=> alpha0 start beats.
have bound t := condorcet_winner pref law0 t (ltW alpha0) beats.
have p1 t : p t x <= 1.
  by have [p0' <-] := law t; rewrite (bigD1 x) //= lerDl sumr_ge0.
have [full|small] := leP (alpha * p0 x) 1; last first.
  have one : p0 x = 1.
    apply/eqP; rewrite eq_le (p1 0%N) -subr_le0 /=.
    have [first _ _] := bound 0%N.
    have : 0 <= (1 - p0 x) * (1 - alpha * p0 x) by apply: le_trans first; rewrite subr_ge0.
    by rewrite nmulr_lge0 // subr_lt0.
  have -> : (fun t => p t x) = cst 1; last exact: cvg_cst.
  by apply/funext => t; apply/eqP; rewrite eq_le p1 -{1}one; have [] := bound t.
have to0 : (fun t => (1 - p0 x) * (1 - alpha * p0 x) ^+ t) --> (0 : R).
  rewrite -[X in _ --> X](mulr0 (1 - p0 x)); apply: cvgMr; apply: cvg_expr.
  by rewrite ger0_norm ?subr_ge0 // ltrBlDr ltrDl mulr_gt0.
have -> : (fun t => p t x) = (fun t => 1 - (1 - p t x)) by apply/funext => t; rewrite subKr.
rewrite -[X in _ --> X]subr0; apply: cvgB; first exact: cvg_cst.
apply: (squeeze_cvgr (f := cst 0) (h := fun t => (1 - p0 x) * (1 - alpha * p0 x) ^+ t)) => //.
  by apply: nearW => t; rewrite subr_ge0 p1; have [] := bound t.
exact: cvg_cst.
Qed.

(* A balance that the loop comes near again and again was there from the start. *)
Lemma balance_met l (k : nat -> nat) : balance P p0 l -> absolutely_continuous l p0 ->
  (forall n, (n <= k n)%N) -> (forall x, (fun n => p (k n) x) --> l x) -> p0 =1 l.
Proof.
move=> bl lp late conv x; have [lawl _] := bl; apply: esym; apply: KL_eq0 => //.
have to0 : (fun n => KL l (p (k n))) --> KL l l by apply: cvg_KL.
rewrite -(KL_same lawl); apply: cvgr_to_ge to0 _; apply: nearW => n.
by have [] := condorcet_cycle_loop bl lp (leq0n (k n)).
Qed.

Let cvg_lead (Q : nat -> T -> R) l y : (forall x, (fun n => Q n x) --> l x) ->
  (fun n => lead P (Q n) y) --> lead P l y.
Proof.
move=> Ql; apply: (@cvg_sum _ T (fun x n => A y x * Q n x)) => x.
by apply: cvgMr; apply: Ql.
Qed.

Let cvg_step (Q : nat -> T -> R) l x : (forall x, (fun n => Q n x) --> l x) ->
  (fun n => Q n x * (1 + lead P (Q n) x)) --> l x * (1 + lead P l x).
Proof.
move=> Ql; apply: cvgM; first exact: Ql.
by apply: cvgD; [apply: cvg_cst|apply: cvg_lead].
Qed.

(* K3, the loop never settles: if all answers tie with a law q of full support, and p_0, of full
   support too, is not itself such a law, then p_t converges to no law at all, ... *)
Theorem never_settles q : balance P p0 q -> (forall x, 0 < q x) -> (forall x, 0 < p0 x) ->
  (exists x, lead P p0 x != 0) ->
  ~ exists l : T -> R, forall x, (fun t => p t x) --> l x.
Proof.
move=> bq full start [x0 unbalanced] [l conv].
have lawl : is_law l by apply: limit_of_laws conv.
have pt_gt0 t x : 0 < p t x by rewrite preference_loop_support.
have fixed x : l x * lead P l x = 0.
  have next : (fun t => p t.+1 x) --> l x * (1 + lead P l x).
    under eq_fun do rewrite preference_loopS //; exact: cvg_step.
  have same : (fun t => p t.+1 x) --> l x by have := conv x; rewrite -cvg_shiftS.
  have /eqP : l x * (1 + lead P l x) = l x by exact: cvg_unique next same.
  by rewrite mulrDr mulr1 -subr_eq0 addrAC subrr add0r => /eqP.
have le0 y : lead P l y <= 0.
  rewrite leNgt; apply/negP => ay.
  have /cvgr_gt/(_ 0 ay) [N _ grows] := @cvg_lead p l y conv.
  have up n : p N y <= p (n + N)%N y.
    elim: n => [//|n IH]; apply: le_trans IH _.
    rewrite addSn preference_loopS // ler_pMr // lerDl ltW //; apply: grows => /=.
    exact: leq_addl.
  have ly : 0 < l y.
    apply: lt_le_trans (pt_gt0 N y) _; apply: cvgr_to_ge (conv y) _.
    by exists N => // n /= Nn; rewrite -(subnK Nn).
  by have /eqP := fixed y; rewrite mulf_eq0 !gt_eqF.
have zero y : lead P l y = 0.
  have bl' : balance P l q by case: bq => lawq bq; split=> // x _; apply: bq.
  have /eqP := balance_gain lawl bl'; rewrite -oppr_eq0 /mean -sumrN psumr_eq0 => [|x _];
    last first.
    by rewrite oppr_ge0 mulr_ge0_le0 // ltW.
  by move=> /allP/(_ y (mem_index_enum y)); rewrite /= oppr_eq0 mulf_eq0 gt_eqF // => /eqP.
have bl : balance P p0 l by apply: tie_is_balance.
have same : p0 =1 l.
  apply: (balance_met (k := id)) => // x p_0; by have := start x; rewrite p_0 ltxx.
by move: unbalanced; rewrite (_ : p0 = l) ?zero ?eqxx //; apply/funext.
Qed.

(* ... and it comes to the edge: some answer is left with less than any share, for ever. *)
Theorem min_mass_vanishes q : balance P p0 q -> (forall x, 0 < q x) -> (forall x, 0 < p0 x) ->
  (exists x, lead P p0 x != 0) ->
  forall e, 0 < e -> exists N, forall t, (N <= t)%N -> exists x, p t x < e.
Proof.
move=> bq full start [x0 unbalanced] e e0; have [lawq _] := bq.
have qp0 : absolutely_continuous q p0 by move=> x p_0; have := start x; rewrite p_0 ltxx.
apply/not_existsP => never.
pose inside t := forall x, e <= p t x.
have often N : exists2 t, (N <= t)%N & inside t.
  have /existsNP[t /not_implyP[Nt /forallNP out]] := never N.
  by exists t => // x; rewrite leNgt; apply/negP; apply: out.
have [l [k [late stay lawl conv]]] := bolzano_weierstrass law often.
have l_gt0 x : 0 < l x.
  apply: lt_le_trans e0 _; apply: cvgr_to_ge (conv x) _.
  by apply: nearW => n; apply: stay.
have ac (r m : T -> R) : (forall x, 0 < m x) -> absolutely_continuous r m.
  by move=> m0 x m_0; have := m0 x; rewrite m_0 ltxx.
have away t : KL q (p t) <= KL q l.
  have to : (fun n => KL q (p (k n))) --> KL q l by apply: cvg_KL => //; apply: ac.
  apply: cvgr_to_ge to _; exists t => // n /= tn.
  by have [] := condorcet_cycle_loop bq qp0 (leq_trans tn (late n)).
have bl' : balance P l q by case: bq => _ bq; split=> // x _; apply: bq.
have [_ _ strict] := condorcet_cycle lawl bl' (ac q l l_gt0).
have next : KL q (preferred P l) <= KL q l.
  have lawn := preferred_is_law pref lawl.
  have [stepl _] := preference_game pref lawl.
  have to : (fun n => KL q (p (k n).+1)) --> KL q (preferred P l).
    apply: cvg_KL => // [|x].
      by apply: ac => x; rewrite stepl mulr_gt0 // lead_gt.
    rewrite stepl; under eq_fun do rewrite preference_loopS //.
    exact: (@cvg_step (fun n => p (k n))).
  by apply: cvgr_to_le to _; apply: nearW => n; apply: away.
have zero x : lead P l x = 0.
  apply/eqP; apply: contraT => ax; have := strict (ex_intro2 _ _ x (full x) ax).
  by rewrite ltNge next.
have bl : balance P p0 l by apply: tie_is_balance.
have same : p0 =1 l by apply: (balance_met (k := k)) => //; apply: ac.
by move: unbalanced; rewrite (_ : p0 = l) ?zero ?eqxx //; apply/funext.
Qed.

End Loop.
End Cycle.

(* For infinitely many candidates the loop of many voters converges, to a law that maximises what it
   climbs. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence jensen limit_law cluster voters.
From Recurate Require Import welfare welfare_maximisers nash_welfare pluralistic.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Nash.
Variables (R : realType) (T V : finType).
Variables (s : V -> R) (w : V -> T -> R).
Hypotheses (law_s : is_law s) (w_ge0 : forall v x, 0 <= w v x).
Variable p0 : T -> R.
Hypothesis start : served s w p0.
Notation p := (nash_loop s w p0).
Notation F := (welfare s w).
Let H q x := \sum_v s v * (w v x / mean q (w v)).

Let served_t t : served s w (p t). Proof. exact: nash_loop_served. Qed.
Let law t : is_law (p t). Proof. by case: (served_t t). Qed.

(* No voter's W_u goes to zero: the welfare would go to -infinity. *)
Lemma weights_stay v : 0 < s v -> exists2 c, 0 < c & forall t, c <= mean (p t) (w v).
Proof.
move=> sv; have [s0 sum1] := law_s.
pose M := 1 + \sum_u \sum_x w u x.
have M1 : 1 <= M by rewrite lerDl; apply: sumr_ge0 => u _; apply: sumr_ge0.
have M0 : 0 < M by apply: lt_le_trans M1.
have le_M t u : mean (p t) (w u) <= M.
  rewrite -[leRHS](mean_const M (law t)); apply: le_mean => [|x _]; first by case: (law t).
  rewrite /M (bigD1 u) //= (bigD1 x) //= addrCA -addrA lerDl.
  apply: addr_ge0; last apply: (addr_ge0 ler01); apply: sumr_ge0 => // u' _.
  exact: sumr_ge0.
have lnM0 : 0 <= ln M by apply: ln_ge0.
pose B := (F p0 - ln M) / s v; exists (expR B); first exact: expR_gt0.
move=> t; have [_ /(_ v sv) Wv] := served_t t.
rewrite -[leRHS]lnK ?posrE // ler_expR /B ler_pdivrMr // lerBlDr mulrC.
apply: le_trans (nash_loop_nondecreasing law_s w_ge0 start (leq0n t)) _.
rewrite /F (bigD1 v) //= lerD2l -[leRHS]mul1r -sum1 mulr_suml [leRHS](bigD1 v) //=.
rewrite ler_wpDl ?mulr_ge0 //; apply: ler_sum => u _.
have [->|su] := share_cases law_s u; first by rewrite !mul0r.
by rewrite ler_wpM2l // ler_ln ?posrE // (proj2 (served_t t)).
Qed.

Let cvg_H (Q : nat -> T -> R) l x : served s w l -> (forall y, (fun n => Q n y) --> l y) ->
  (fun n => H (Q n) x) --> H l x.
Proof.
move=> [_ Wl] Ql; apply: (@cvg_sum _ V (fun v n => s v * (w v x / mean (Q n) (w v)))) => v.
have [s_0|sv] := share_cases law_s v.
  rewrite s_0 mul0r; have -> : (fun n => 0 * (w v x / mean (Q n) (w v))) = cst 0.
    by apply/funext => n; rewrite mul0r.
  exact: cvg_cst.
apply: cvgMr; apply: cvgMr; apply: cvgV; first by rewrite gt_eqF ?Wl.
exact: cvg_mean.
Qed.

Let cvg_F (Q : nat -> T -> R) l : served s w l -> (forall y, (fun n => Q n y) --> l y) ->
  (fun n => F (Q n)) --> F l.
Proof.
move=> [_ Wl] Ql; apply: (@cvg_sum _ V (fun v n => s v * ln (mean (Q n) (w v)))) => v.
have [s_0|sv] := share_cases law_s v.
  rewrite s_0 mul0r; have -> : (fun n => 0 * ln (mean (Q n) (w v))) = cst 0.
    by apply/funext => n; rewrite mul0r.
  exact: cvg_cst.
apply: cvgMr; have means : (fun n => mean (Q n) (w v)) --> mean l (w v) by apply: cvg_mean.
exact: cvg_comp means (continuous_ln (Wl v sv)).
Qed.

Let loopS t x : p t.+1 x = p t x * H (p t) x. Proof. exact: voted_ratio. Qed.

(* The pure loop converges: to a law that serves each voter, with H = 1 on its support and H <= 1
   wherever p_0 has mass. *)
Lemma nash_loop_limit : exists l, [/\ served s w l, absolutely_continuous l p0,
  forall x, (fun t => p t x) --> l x, forall x, 0 < l x -> H l x = 1
  & forall x, 0 < p0 x -> H l x <= 1].
Proof.
have [l [k [late _ lawl conv]]] := @bolzano_weierstrass R T p (fun=> True) law
  (fun N => ex_intro2 _ _ N (leqnn N) I).
have sl : served s w l.
  split=> // v sv; have [c c0 stay] := weights_stay sv; apply: lt_le_trans c0 _.
  have means : (fun n => mean (p (k n)) (w v)) --> mean l (w v).
    exact: (@cvg_mean _ _ (fun n => p (k n))).
  by apply: cvgr_to_ge means _; apply: nearW => n; apply: stay.
have below t : F (p t) <= F l.
  have values : (fun n => F (p (k n))) --> F l by exact: (@cvg_F (fun n => p (k n))).
  apply: cvgr_to_ge values _; exists t => // n /= tn; apply: nash_loop_nondecreasing => //.
  exact: leq_trans tn (late n).
have fixed : forall x, 0 < l x -> H l x = 1.
  apply: welfare_fixed => //.
  have values : (fun n => F (p (k n).+1)) --> F (voted s w l); last first.
    by apply: cvgr_to_le values _; apply: nearW => n.
  apply: (@cvg_F (fun n => p (k n).+1)) => [|x]; first exact: served_step.
  have -> : voted s w l x = l x * H l x by exact: voted_ratio.
  under eq_fun do rewrite loopS.
  exact: (cvgM (conv x) (@cvg_H (fun n => p (k n)) l x sl conv)).
have inside : absolutely_continuous l p0.
  move=> x p_0; have zero t : p t x = 0.
    by elim: t => [//|t IH]; rewrite loopS IH mul0r.
  have zeros : (fun n => p (k n) x) --> (0 : R).
    have -> : (fun n => p (k n) x) = cst 0 by apply/funext => n; apply: zero.
    exact: cvg_cst.
  exact: cvg_unique (conv x) zeros.
have nearer t u : (t <= u)%N -> KL l (p u) <= KL l (p t).
  elim: u => [|u IH]; first by rewrite leqn0 => /eqP ->.
  rewrite leq_eqVlt => /orP[/eqP -> //|/IH]; apply: le_trans.
  apply: le_trans (nash_loop_nearer law_s w_ge0 start sl inside fixed u).
  by rewrite lerDl subr_ge0.
have ac t : absolutely_continuous l (p t) by apply: nash_loop_continuous.
have whole x : (fun t => p t x) --> l x.
  apply/cvgrPdist_lt => e e0.
  have to0 : (fun n => KL l (p (k n))) --> (0 : R).
    by rewrite -(KL_same lawl); apply: cvg_KL.
  have e1 : 0 < e ^+ 2 / 4 by rewrite divr_gt0 ?exprn_gt0 ?ltr0n.
  have /cvgr_lt/(_ _ e1)[N _ small] := to0.
  exists (k N) => // t /= kt; rewrite -(@ltr_pexpn2r _ 2) ?nnegrE ?(ltW e0) //.
  rewrite real_normK ?num_real //; apply: le_lt_trans (KL_ge_square x lawl (law t) (ac t)) _.
  rewrite mulrC -ltr_pdivlMr ?ltr0n //; apply: le_lt_trans (nearer _ _ kt) _.
  by apply: small => /=.
exists l; split=> // x px; rewrite leNgt; apply/negP => H1.
have [v sv wv] : exists2 v, 0 < s v & 0 < w v x.
  have H0 : H l x != 0 by rewrite gt_eqF // (lt_trans ltr01).
  have [/existsP[v /andP[sv wv]]|/existsPn none] := boolP [exists v, (0 < s v) && (0 < w v x)].
    by exists v.
  move: H0; rewrite /H big1 ?eqxx // => v _; have := none v; rewrite negb_and -!leNgt.
  case/orP=> [le0|le0].
    by rewrite (_ : s v = 0) ?mul0r //; apply/eqP; rewrite eq_le le0 (proj1 law_s).
  by rewrite (_ : w v x = 0) ?(mul0r, mulr0) //; apply/eqP; rewrite eq_le le0 w_ge0.
have pt_gt0 t : 0 < p t x.
  elim: t => [//|t IH]; rewrite loopS mulr_gt0 //.
  have [_ Wt] := served_t t; rewrite /H (bigD1 v) //= ltr_pwDl ?mulr_gt0 ?invr_gt0 ?Wt //.
  apply: sumr_ge0 => u _; rewrite mulr_ge0 ?(proj1 law_s) // divr_ge0 //.
  by apply: mean_weight_ge0.
have /cvgr_gt/(_ 1 H1)[N _ grows] := @cvg_H p l x sl whole.
have up n : p N x <= p (n + N)%N x.
  elim: n => [//|n IH]; apply: le_trans IH _; rewrite addSn loopS ler_pMr // ltW //.
  by apply: grows => /=; apply: leq_addl.
have lx : 0 < l x.
  apply: lt_le_trans (pt_gt0 N) _; apply: cvgr_to_ge (whole x) _.
  by exists N => // n /= Nn; rewrite -(subnK Nn).
by move: H1; rewrite fixed // ltxx.
Qed.

(* J3. The pure loop of many voters converges, from every law p_0 that serves each voter; and its
   limit maximises the welfare among the laws with mass only where p_0 has. *)
Theorem nash_welfare_limit :
  exists l, maximises_welfare s w p0 l /\ forall x, (fun t => p t x) --> l x.
Proof.
have [l [sl inside conv _ H1]] := nash_loop_limit; exists l; split=> //.
by apply/maximises_welfareP => //; case: start.
Qed.

End Nash.

Section Pluralistic.
Variables (R : realType) (T U : finType).
Variables (a : R) (pref : T -> R) (pi : U -> R) (w : U -> T -> R).
Hypotheses (a01 : 0 <= a <= 1) (law_ref : is_law pref) (law_pi : is_law pi).
Hypothesis w_ge0 : forall u x, 0 <= w u x.
Variable p0 : T -> R.
Hypothesis start : feasible a pref pi w p0.
Notation p := (voting_loop a pref pi w p0).

(* J1. The loop with real data converges, from every p_0 at which F is finite; and its limit
   maximises F among the laws with mass only where p_0 has. *)
Theorem objective_limit :
  exists l, maximises a pref pi w p0 l /\ forall x, (fun t => p t x) --> l x.
Proof.
have law_s := crowd_share_is_law a01 law_ref law_pi.
have v_ge0 := crowd_weight_ge0 w_ge0.
have start_s := (feasible_served pi w a01 law_ref p0).1 start.
have [l [[sl inside top] conv]] := nash_welfare_limit law_s v_ge0 start_s.
have fl : feasible a pref pi w l by apply/feasible_served.
exists l; split=> [|x]; last first.
  have -> : (fun t => p t x) = (fun t => nash_loop (crowd_share a pref pi) (crowd_weight w) p0 t x).
    by apply/funext => t; rewrite voting_loop_crowd.
  exact: conv.
split=> // q fq qp0; rewrite !(crowd_welfare a01 law_ref) // lerD2r top //.
exact: (feasible_served pi w a01 law_ref q).1.
Qed.

End Pluralistic.

(* J1, one limit from everywhere: with real data that have every answer (a < 1, p_ref > 0) the loop
   converges to the law that maximises F among all laws (those on p_ref's support), there is just
   one, from every law p_0 that has something that each voter wants. (p_1 has every answer.) *)
Theorem objective_limit_from_everywhere (R : realType) (T U : finType) (a : R) (pref : T -> R)
  (pi : U -> R) (w : U -> T -> R) (p0 : T -> R) :
  0 <= a < 1 -> is_law pref -> is_law pi -> (forall u x, 0 <= w u x) -> (forall x, 0 < pref x) ->
  served pi w p0 ->
  exists l, [/\ maximises a pref pi w pref l, forall q, maximises a pref pi w pref q -> q =1 l
    & forall x, (fun t => voting_loop a pref pi w p0 t x) --> l x].
Proof.
move=> /andP[a0 a1] law_ref law_pi w_ge0 r0 sp; have [lawp W0] := sp.
have a01 : 0 <= a <= 1 by rewrite a0 ltW.
have m0 : 0 < 1 - a by rewrite subr_gt0.
pose p1 := voting_step a pref pi w p0.
have [v0 sumv] := voted_is_law law_pi w_ge0 sp.
have p1_gt0 x : 0 < p1 x by rewrite /p1 /voting_step ltr_pwDl ?mulr_gt0 // mulr_ge0.
have law1 : is_law p1.
  split=> [x|]; first exact: ltW.
  by rewrite /p1 /voting_step big_split -!mulr_sumr /= sumv (proj2 law_ref) !mulr1 subrK.
have start : feasible a pref pi w p1.
  split=> // [_ x p_0|u au]; first by have := p1_gt0 x; rewrite p_0 ltxx.
  have piu : 0 < pi u.
    by have [pi_0|//] := share_cases law_pi u; rewrite pi_0 mulr0 ltxx in au.
  have [x wx] : exists x, 0 < w u x.
    have [/existsP[x wx]|/existsPn none] := boolP [exists x, 0 < w u x]; first by exists x.
    have := W0 u piu; rewrite /mean big1 ?ltxx // => x _; have := none x; rewrite -leNgt => wx.
    by rewrite (_ : w u x = 0) ?mulr0 //; apply/eqP; rewrite eq_le wx w_ge0.
  rewrite /mean (bigD1 x) //= ltr_pwDl ?mulr_gt0 //; apply: sumr_ge0 => y _.
  by rewrite mulr_ge0 // ltW.
have [l [[fl _ best] conv]] := objective_limit a01 law_ref law_pi w_ge0 start.
have top : maximises a pref pi w pref l.
  split=> // [x r_0|q fq _]; first by have := r0 x; rewrite r_0 ltxx.
  by apply: best => // x p_0; have := p1_gt0 x; rewrite p_0 ltxx.
exists l; split=> [|q bq|x]; first exact: top.
  exact: (maximiser_unique a01 law_ref law_pi a1 r0 bq top).
rewrite -cvg_shiftS; have -> : (fun t => voting_loop a pref pi w p0 t.+1 x)
    = (fun t => voting_loop a pref pi w p1 t x); last exact: conv.
by apply/funext => t; rewrite /voting_loop iterSr.
Qed.

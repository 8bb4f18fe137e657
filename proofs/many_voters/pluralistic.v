(* What many voters and real data climb together, for infinitely many candidates:
     F(p) = a sum_u pi_u ln E_p w_u - m KL(p_ref||p),  m = 1 - a.

   Real data are voters too, one for each answer x, of share m p_ref(x), who wants nothing but x:
   then the step with real data is the winner's law of a larger electorate, and F is that one's
   welfare up to a constant. So all follows from welfare.v. *)
From mathcomp Require Import all_ssreflect all_algebra ring.

From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence voters welfare.
From Recurate Require Import welfare_maximisers nash_welfare.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (T U : finType).
Implicit Types (p pref : T -> R) (pi : U -> R) (w : U -> T -> R) (a : R).

(* F(p) = a sum_u pi_u ln W_u - m KL(p_ref||p), m = 1 - a. *)
Definition objective a pref pi w p := a * welfare pi w p - (1 - a) * KL pref p.

(* p maximises F among the laws at which F is finite that have mass only where p0 has. These are all
   laws at which F is finite if p0 has mass everywhere. *)
Definition maximises a pref pi w p0 p :=
  [/\ feasible a pref pi w p, absolutely_continuous p p0
    & forall q, feasible a pref pi w q -> absolutely_continuous q p0 ->
        objective a pref pi w q <= objective a pref pi w p].

(* The larger electorate. *)
Definition crowd_share a pref pi (v : U + T) :=
  match v with inl u => a * pi u | inr x => (1 - a) * pref x end.
Definition crowd_weight w (v : U + T) : T -> R :=
  match v with inl u => w u | inr x => fun y => (y == x)%:R end.

End Definitions.

Section Pluralistic.
Variables (R : realType) (T U : finType).
Implicit Types (p q : T -> R).
Variables (a : R) (pref : T -> R) (pi : U -> R) (w : U -> T -> R).
Hypotheses (a01 : 0 <= a <= 1) (law_ref : is_law pref) (law_pi : is_law pi).
Hypothesis w_ge0 : forall u x, 0 <= w u x.
Notation F := (objective a pref pi w).
Notation feasible := (feasible a pref pi w).
Notation maximises := (maximises a pref pi w).
Notation step := (voting_step a pref pi w).
Notation H := (voting_ratio a pref pi w).
Let s := crowd_share a pref pi.
Let v := crowd_weight w.

Let a_ge0 : 0 <= a. Proof. by case/andP: a01. Qed.
Let m_ge0 : 0 <= 1 - a. Proof. by case/andP: a01; rewrite subr_ge0. Qed.

Lemma crowd_share_is_law : is_law s.
Proof.
split=> [[u|x]|]; rewrite /s /=; [|by rewrite mulr_ge0 // (proj1 law_ref)|].
  by rewrite mulr_ge0 // (proj1 law_pi).
by rewrite big_sumType /= -!mulr_sumr (proj2 law_pi) (proj2 law_ref) !mulr1 addrC subrK.
Qed.

Lemma crowd_weight_ge0 c x : 0 <= v c x.
Proof. by case: c => [u|y]; rewrite /v /= ?ler0n. Qed.

Let law_s := crowd_share_is_law.
Let v_ge0 := crowd_weight_ge0.

Lemma mean_only p x : mean p (fun y => (y == x)%:R) = p x.
Proof.
rewrite /mean (bigD1 x) //= eqxx mulr1 big1 ?addr0 // => y /negPf ->.
by rewrite mulr0.
Qed.

Lemma feasible_served p : feasible p <-> served s v p.
Proof.
have m_gt0 : a < 1 -> 0 < 1 - a by rewrite subr_gt0.
split=> [[lawp ac W0]|[lawp W0]]; split=> //.
- move=> [u|x] /=; first exact: W0.
  rewrite mean_only => mx; have [p0 _] := lawp; rewrite lt_neqAle p0 andbT eq_sym.
  apply: contraTneq mx => px; rewrite -leNgt.
  have [a1|a1] := ltP a 1; first by rewrite ac ?mulr0.
  have -> : a = 1 by apply/eqP; rewrite eq_le a1 andbT; case/andP: a01.
  by rewrite subrr mul0r.
- move=> a1 x px; apply/eqP; rewrite eq_le (proj1 law_ref) andbT leNgt; apply/negP => rx.
  have := W0 (inr x); rewrite /= mean_only px ltxx => /(_ _)/negP; apply=> //.
  by rewrite mulr_gt0 ?m_gt0.
- by move=> u; apply: (W0 (inl u)).
Qed.

Lemma crowd_ratio p x : \sum_c s c * (v c x / mean p (v c)) = H p x.
Proof.
rewrite big_sumType /= addrC; congr (_ + _).
  rewrite (bigD1 x) //= eqxx mean_only mul1r big1 ?addr0 ?mulrA // => y /negPf yx.
  by rewrite eq_sym yx mul0r mulr0.
by rewrite mulr_sumr; apply: eq_bigr => u _; rewrite -mulrA.
Qed.

Lemma crowd_step p : feasible p -> step p = voted s v p.
Proof.
move=> [lawp ac _]; apply/funext => x; rewrite voted_ratio crowd_ratio /voting_ratio mulrDr.
rewrite /voting_step voted_ratio [p x * (a * _)]mulrCA; congr (_ + _).
rewrite mulrCA [p x * _]mulrC; have [px|px] := eqVneq (p x) 0; last by rewrite divfK.
have [a1|a1] := ltP a 1; first by rewrite ac // !mul0r.
have -> : a = 1 by apply/eqP; rewrite eq_le a1 andbT; case/andP: a01.
by rewrite subrr !mul0r.
Qed.

Let entropy := (1 - a) * \sum_x pref x * ln (pref x).

Lemma crowd_welfare p : feasible p -> F p = welfare s v p - entropy.
Proof.
move=> [lawp ac W0]; have [p0 _] := lawp; have [r0 _] := law_ref.
rewrite /objective /welfare big_sumType /= mulr_sumr -addrA; congr (_ + _).
  by apply: eq_bigr => u _; rewrite -mulrA.
rewrite /entropy /KL !mulr_sumr -sumrN -sumrB; apply: eq_bigr => x _; rewrite mean_only.
have [px|px] := eqVneq (p x) 0.
  have [a1|a1] := ltP a 1; first by rewrite ac // !(mul0r, mulr0) subrr oppr0.
  have -> : a = 1 by apply/eqP; rewrite eq_le a1 andbT; case/andP: a01.
  by rewrite subrr !mul0r subrr oppr0.
have p1 : 0 < p x by rewrite lt_neqAle eq_sym px p0.
have := r0 x; rewrite le_eqVlt => /orP[/eqP <-|rx]; first by rewrite !(mul0r, mulr0) subrr oppr0.
by rewrite ln_div ?posrE //; ring.
Qed.

Let gain p q : feasible p -> feasible q -> F q - F p = welfare s v q - welfare s v p.
Proof. by move=> /crowd_welfare -> /crowd_welfare ->; ring. Qed.

(* A step multiplies p by H. *)
Lemma voting_stepE p x : feasible p -> step p x = p x * H p x.
Proof. by move=> /crowd_step ->; rewrite voted_ratio crowd_ratio. Qed.

(* J1. A step of the loop, p' = m p_ref + a p sum_u pi_u w_u/W_u, raises F by at least KL(p'||p).
   p is any law at which F is finite (feasible): with p > 0 where p_ref > 0, unless a = 1, and
   W_u > 0 for each voter who counts. All this is true of p' again. *)
Theorem pluralistic_objective p : feasible p ->
  [/\ feasible (step p), absolutely_continuous (step p) p & KL (step p) p <= F (step p) - F p].
Proof.
move=> fp; have sp := (feasible_served p).1 fp; have stepE := crowd_step fp.
have fs : feasible (step p) by apply/feasible_served; rewrite stepE; apply: served_step.
split=> //; first by rewrite stepE; apply: step_continuous.
by rewrite gain // stepE; apply: welfare_ascent.
Qed.

(* J1, the certificate: no law has an F beyond F(p) + ln max H_p. *)
Theorem objective_certificate p q h : feasible p -> feasible q ->
  (forall x, 0 < q x -> H p x <= h) -> F q - F p <= ln h.
Proof.
move=> fp fq le_h; rewrite gain //; apply: welfare_certificate => //.
- exact: (feasible_served p).1.
- exact: (feasible_served q).1.
- by move=> x qx; rewrite crowd_ratio le_h.
Qed.

Let maximises_crowd p0 p : maximises p0 p <-> maximises_welfare s v p0 p.
Proof.
split=> [[fp pp0 top]|[sp pp0 top]].
  split=> // [|q /feasible_served fq qp0]; first exact/feasible_served.
  by rewrite -subr_ge0 -gain // subr_ge0 top.
have fp : feasible p by apply/feasible_served.
split=> // q fq qp0; rewrite -subr_ge0 gain // subr_ge0; apply: top => //.
exact: (feasible_served q).1.
Qed.

(* J1, who maximises F on the support of p0: exactly the laws there with H <= 1 wherever p0 has
   mass; and then H = 1 on their own support, so that they are fixed points. *)
Theorem objective_maximiser p0 p : is_law p0 -> feasible p -> absolutely_continuous p p0 ->
  (maximises p0 p <-> forall x, 0 < p0 x -> H p x <= 1)
  /\ (maximises p0 p -> (forall x, 0 < p x -> H p x = 1) /\ step p =1 p).
Proof.
move=> law0 fp pp0; have sp := (feasible_served p).1 fp; split.
  have kkt := maximises_welfareP law_s v_ge0 law0 sp pp0.
  split=> [/maximises_crowd/kkt H1 x p0x|H1]; first by rewrite -crowd_ratio H1.
  by apply/maximises_crowd/kkt => x p0x; rewrite crowd_ratio H1.
move=> /maximises_crowd/(maximiser_fixed law_s v_ge0) fixed; split=> [x px|x].
  by rewrite -crowd_ratio fixed.
rewrite voting_stepE //; have := proj1 (proj1 sp) x; rewrite le_eqVlt => /orP[/eqP <-|px].
  by rewrite mul0r.
by rewrite -crowd_ratio fixed ?mulr1.
Qed.

(* A fixed point maximises F on its own support. *)
Theorem fixed_point_maximises p : feasible p -> step p =1 p -> maximises p p.
Proof.
move=> fp fixed; have [lawp _ _] := fp.
have inside : absolutely_continuous p p by [].
apply: (proj2 (proj1 (objective_maximiser lawp fp inside))) => x px.
have : p x * H p x = p x * 1 by rewrite -voting_stepE // fixed mulr1.
by move/mulfI => -> //; rewrite gt_eqF.
Qed.

(* J1. F is concave where it is finite, ... *)
Theorem objective_concave e p q : 0 <= e <= 1 -> feasible p -> feasible q ->
  let mixed := fun x => (1 - e) * p x + e * q x in
  feasible mixed /\ (1 - e) * F p + e * F q <= F mixed.
Proof.
move=> e01 fp fq mixed.
have sp := (feasible_served p).1 fp; have sq := (feasible_served q).1 fq.
have sm : served s v mixed by apply: served_mixed.
have fm : feasible mixed by apply/feasible_served.
split=> //; rewrite !crowd_welfare // lerBrDr.
have -> : (1 - e) * (welfare s v p - entropy) + e * (welfare s v q - entropy) + entropy
  = (1 - e) * welfare s v p + e * welfare s v q by ring.
exact: welfare_concave.
Qed.

(* ... strictly between laws that differ where p_ref has mass, if there are real data (a < 1). *)
Theorem objective_strictly_concave e p q x : 0 < e < 1 -> feasible p -> feasible q ->
  a < 1 -> 0 < pref x -> p x != q x ->
  (1 - e) * F p + e * F q < F (fun y => (1 - e) * p y + e * q y).
Proof.
move=> e01 fp fq a1 rx neq; have e01' : 0 <= e <= 1 by case/andP: e01 => /ltW -> /ltW ->.
have [fm _] := objective_concave e01' fp fq.
have sp := (feasible_served p).1 fp; have sq := (feasible_served q).1 fq.
rewrite !crowd_welfare // ltr_subr_addr.
have -> : (1 - e) * (welfare s v p - entropy) + e * (welfare s v q - entropy) + entropy
  = (1 - e) * welfare s v p + e * welfare s v q by ring.
apply: (welfare_strictly_concave (w := v) law_s (v := inr x)) => //.
  by rewrite mulr_gt0 // subr_gt0.
by rewrite /= !mean_only.
Qed.

(* So there is at most one maximiser, if a < 1 and p_ref has mass everywhere. *)
Theorem maximiser_unique p0 p q : a < 1 -> (forall x, 0 < pref x) ->
  maximises p0 p -> maximises p0 q -> p =1 q.
Proof.
move=> a1 r0 [fp pp0 top_p] [fq qp0 top_q] x; apply/eqP; apply: contraT => differ.
have half : 0 < (2^-1 : R) < 1 by apply/andP; split; rewrite ?invr_gt0 ?invf_lt1 ?ltr0n ?ltr1n.
have half' : 0 <= (2^-1 : R) <= 1 by case/andP: half => /ltW -> /ltW ->.
have [fm _] := objective_concave half' fp fq.
have := objective_strictly_concave half fp fq a1 (r0 x) differ.
have same : F p = F q by apply/eqP; rewrite eq_le top_p // top_q.
rewrite -same -mulrDl subrK mul1r ltNge top_p // => y p0y.
by rewrite pp0 // qp0 // !mulr0 addr0.
Qed.

Section Loop.
Variable p0 : T -> R.
Hypothesis start : feasible p0.
Notation p := (voting_loop a pref pi w p0).

Lemma voting_loop_crowd t : p t = nash_loop s v p0 t.
Proof.
elim: t => [//|t IH]; rewrite /voting_loop /nash_loop !iterS.
rewrite -[iter t _ p0]/(p t) -[iter t (voted s v) p0]/(nash_loop s v p0 t) IH.
apply: crowd_step; apply/feasible_served; apply: nash_loop_served => //.
exact: (feasible_served p0).1.
Qed.

Let start_s : served s v p0 := (feasible_served p0).1 start.

(* J1, along the loop p_t, from any p_0 at which F is finite: F never falls, ... *)
Theorem objective_rises t :
  [/\ feasible (p t), absolutely_continuous (p t.+1) (p t),
      KL (p t.+1) (p t) <= F (p t.+1) - F (p t) & F (p t) <= F (p t.+1)].
Proof.
have ft u : feasible (p u).
  by rewrite voting_loop_crowd; apply/feasible_served/nash_loop_served.
have [_ ct kl] := pluralistic_objective (ft t); split=> //.
by rewrite -subr_ge0 gain // !voting_loop_crowd subr_ge0; apply: nash_loop_rises.
Qed.

(* ... and the gap to any fixed point ps << p_0 is paid by the divergence from it:
     F(ps) - F(p_t) <= KL(ps||p_t) - KL(ps||p_{t+1})  and  F(ps) - F(p_t) <= KL(ps||p_0)/(t+1). *)
Theorem objective_rate ps t : feasible ps -> absolutely_continuous ps p0 -> step ps =1 ps ->
  [/\ absolutely_continuous ps (p t), F ps - F (p t) <= KL ps (p t) - KL ps (p t.+1)
    & F ps - F (p t) <= KL ps p0 / t.+1%:R].
Proof.
move=> fps inside fixed; have [ft _ _ _] := objective_rises t.
have sps := (feasible_served ps).1 fps.
have fixed_s x : 0 < ps x -> \sum_c s c * (v c x / mean ps (v c)) = 1.
  move=> psx; rewrite crowd_ratio; apply: (mulfI (_ : ps x != 0)); first by rewrite gt_eqF.
  by rewrite -voting_stepE // fixed mulr1.
rewrite gain // !voting_loop_crowd; split.
- exact: nash_loop_continuous.
- rewrite lerBrDr addrC; exact: (nash_loop_nearer law_s v_ge0 start_s sps inside fixed_s t).
exact: nash_loop_rate.
Qed.

(* A law ps that maximises F on the support of p_0 is such a fixed point, and comes nearer with each
   step: KL(ps||p_{t+1}) <= KL(ps||p_t). *)
Theorem maximiser_nears ps t : maximises p0 ps ->
  [/\ absolutely_continuous ps (p t), KL ps (p t.+1) <= KL ps (p t)
    & F ps - F (p t) <= KL ps p0 / t.+1%:R].
Proof.
move=> top; have [fps inside _] := top; have [ft _ _ _] := objective_rises t.
rewrite gain // !voting_loop_crowd.
have [_ _] := nash_welfare law_s v_ge0 ps t start_s; apply.
exact/maximises_crowd.
Qed.

End Loop.
End Pluralistic.

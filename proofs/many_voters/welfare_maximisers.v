(* Who maximises the welfare: it is concave, and KKT. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops jensen voters welfare.

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
Let step p := voted s w p.

Let s_ge0 v : 0 <= s v. Proof. by case: law_s. Qed.

(* p moved to the answer x by the share e. *)
Let moved e x p y := (1 - e) * p y + e * (y == x)%:R.

Lemma mean_point (x : T) (g : T -> R) : mean (fun y => (y == x)%:R) g = g x.
Proof.
rewrite /mean (bigD1 x) //= eqxx mul1r big1 ?addr0 // => y /negPf ->.
by rewrite mul0r.
Qed.

Let mean_moved e x p g : mean (moved e x p) g = (1 - e) * mean p g + e * g x.
Proof.
rewrite -(mean_point x g) /mean !mulr_sumr -big_split; apply: eq_bigr => y _ /=.
by rewrite /moved; ring.
Qed.

(* Where H > 1, a little more of x would raise the welfare. *)
Lemma welfare_raised p x : served p -> 1 < H p x ->
  exists q, [/\ served q, forall y, y != x -> p y = 0 -> q y = 0 & welfare s w p < welfare s w q].
Proof.
move=> [lawp W0] H1.
pose r v := w v x / mean p (w v) - 1.
pose C := \sum_v s v * r v ^+ 2.
have C0 : 0 <= C by apply: sumr_ge0 => v _; rewrite mulr_ge0 ?sqr_ge0.
pose g := H p x - 1; have g0 : 0 < g by rewrite subr_gt0.
pose D := 4 * (C + 1 + g); have D0 : 0 < D 
  by rewrite mulr_gt0 ?ltr0n // addrC ltr_pwDl // addr_ge0 // ler01.
pose e := g / D; have e0 : 0 < e by rewrite divr_gt0.
have e2 : e <= 2^-1.
  rewrite ler_pdivrMr // /D.
  have -> : 2^-1 * (4 * (C + 1 + g)) = g + (g + 2 * (C + 1)) :> R by field.
  by rewrite lerDl addr_ge0 ?(ltW g0) // mulr_ge0 ?ler0n // addr_ge0.
have e1 : 0 < 1 - e.
  rewrite subr_gt0; apply: le_lt_trans e2 _; rewrite invf_lt1 ?ltr1n ?ltr0n //.
have W1 v : 0 < s v -> 0 < mean (moved e x p) (w v).
  move=> sv; rewrite mean_moved ltr_pwDl ?mulr_gt0 ?W0 //.
  by rewrite mulr_ge0 // ltW.
exists (moved e x p); split.
- split=> //; split=> [y|].
    by rewrite addr_ge0 // mulr_ge0 ?ler0n ?(ltW e1) ?(ltW e0) //; case: lawp.
  transitivity (mean (moved e x p) (fun=> 1)); first by apply: eq_bigr => y _; rewrite mulr1.
  by rewrite mean_moved mean_const // !mulr1 subrK.
- by move=> y /negPf yx py; rewrite /moved yx py !mulr0 addr0.
rewrite -subr_gt0.
apply: (@lt_le_trans _ _ (e * g - 2 * e ^+ 2 * C)).
  have -> : e * g - 2 * e ^+ 2 * C = e * (g - 2 * e * C) by ring.
  rewrite mulr_gt0 // subr_gt0 /e.
  have -> : 2 * (g / D) * C = g * (2 * C / D) by ring.
  rewrite gtr_pMr // ltr_pdivrMr // mul1r /D -subr_gt0.
  have -> : 4 * (C + 1 + g) - 2 * C = 2 * C + 4 * (1 + g) :> R by ring.
  rewrite addrC ltr_pwDl //; last by rewrite mulr_ge0 ?ler0n.
  by apply: mulr_gt0; rewrite ?ltr0n // addr_gt0.
have -> : e * g - 2 * e ^+ 2 * C = \sum_v s v * (e * r v - 2 * e ^+ 2 * r v ^+ 2).
  have -> : g = \sum_v s v * r v.
    by rewrite /r; under eq_bigr do rewrite mulrBr mulr1; rewrite sumrB (proj2 law_s).
  rewrite /C !mulr_sumr -sumrB; apply: eq_bigr => v _; ring.
rewrite /welfare -sumrB; apply: ler_sum => v _.
have [->|sv] := share_cases law_s v; first by rewrite !mul0r subrr.
rewrite -mulrBr ler_wpM2l ?s_ge0 // -ln_div ?posrE ?W0 ?W1 //.
set z := e * r v.
have ratio : mean (moved e x p) (w v) / mean p (w v) = 1 + z.
  by rewrite mean_moved /z /r; have := W0 v sv => Wv; field; rewrite gt_eqF.
rewrite ratio.
have z0 : 1 - e <= 1 + z.
  rewrite lerD2l /z /r mulrBr mulr1 lerBrDr addrC subrr mulr_ge0 ?(ltW e0) //.
  by rewrite divr_ge0 // ltW // W0.
have z1 : 0 < 1 + z by apply: lt_le_trans z0.
have half : 2^-1 <= 1 + z.
  apply: le_trans z0; rewrite lerBrDr -lerBrDl.
  by apply: le_trans e2 _; rewrite le_eqVlt; apply/orP; left; apply/eqP; field.
have := ln_tangent ltr01 z1; rewrite ln1 => tangent.
apply: (@le_trans _ _ (1 - 1 / (1 + z))); last first.
  by rewrite -subr_ge0 opprB.
have -> : 1 - 1 / (1 + z) = z - z ^+ 2 / (1 + z) by field; rewrite gt_eqF.
have -> : 2 * e ^+ 2 * r v ^+ 2 = z ^+ 2 * 2 by rewrite /z; ring.
rewrite lerD2l lerN2 ler_wpM2l ?sqr_ge0 // -[leRHS]invrK.
by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?invr_gt0 ?ltr0n.
Qed.

(* The welfare is concave, ... *)
Let mixed e p q x : R := (1 - e) * p x + e * q x.

Let mean_mixed e p q g : mean (mixed e p q) g = (1 - e) * mean p g + e * mean q g.
Proof.
by rewrite /mean !mulr_sumr -big_split; apply: eq_bigr => x _; rewrite /mixed /=; ring.
Qed.

Lemma served_mixed e p q : 0 <= e <= 1 -> served p -> served q -> served (mixed e p q).
Proof.
move=> /andP[e0 e1] [[p0 sump] Wp] [[q0 sumq] Wq]; rewrite -subr_ge0 in e1.
split=> [|v sv]; first split=> [x|].
- by rewrite addr_ge0 // mulr_ge0.
- by rewrite /mixed big_split -!mulr_sumr /= sump sumq !mulr1 subrK.
have Wpv := Wp v sv; have Wqv := Wq v sv; rewrite mean_mixed.
have [->|e_neq0] := eqVneq e 0; first by rewrite mul0r addr0 subr0 mul1r.
have e_gt0 : 0 < e by rewrite lt_neqAle eq_sym e_neq0.
by rewrite addrC ltr_pwDl ?mulr_gt0 // mulr_ge0 // ltW.
Qed.

Let ln_mixed e (x y : R) : 0 <= e <= 1 -> 0 < x -> 0 < y ->
  (1 - e) * ln x + e * ln y <= ln ((1 - e) * x + e * y).
Proof.
move=> /andP[e0 e1] x0 y0; rewrite -subr_ge0 in e1.
set z := (1 - e) * x + e * y.
have z0 : 0 < z.
  rewrite /z; have [->|e_neq0] := eqVneq e 0; first by rewrite mul0r addr0 subr0 mul1r.
  by rewrite addrC ltr_pwDl ?mulr_gt0 ?mulr_ge0 ?(ltW x0) // lt_neqAle eq_sym e_neq0.
apply: (@le_trans _ _ ((1 - e) * (ln z + (x / z - 1)) + e * (ln z + (y / z - 1)))).
  by rewrite lerD // ler_wpM2l // ln_tangent.
rewrite le_eqVlt; apply/orP; left; apply/eqP.
have -> : (1 - e) * (ln z + (x / z - 1)) + e * (ln z + (y / z - 1)) = ln z + (z / z - 1).
  by rewrite {6}/z; ring.
by rewrite divff ?gt_eqF // subrr addr0.
Qed.

Let ln_mixed_strict e (x y : R) : 0 < e < 1 -> 0 < x -> 0 < y -> x != y ->
  (1 - e) * ln x + e * ln y < ln ((1 - e) * x + e * y).
Proof.
move=> /andP[e0 e1] x0 y0 xy; rewrite -subr_gt0 in e1.
set z := (1 - e) * x + e * y.
have z0 : 0 < z by rewrite addr_gt0 ?mulr_gt0.
have xz : x != z.
  rewrite -subr_eq0 (_ : x - z = e * (x - y)); last by rewrite /z; ring.
  by apply: mulf_neq0; rewrite ?subr_eq0 // gt_eqF.
apply: (@lt_le_trans _ _ ((1 - e) * (ln z + (x / z - 1)) + e * (ln z + (y / z - 1)))).
  by apply: ltr_leD; rewrite ?ltr_pM2l ?ler_pM2l ?ln_tangent ?ln_tangent_strict.
rewrite le_eqVlt; apply/orP; left; apply/eqP.
have -> : (1 - e) * (ln z + (x / z - 1)) + e * (ln z + (y / z - 1)) = ln z + (z / z - 1).
  by rewrite {6}/z; ring.
by rewrite divff ?gt_eqF // subrr addr0.
Qed.

Lemma welfare_concave e p q : 0 <= e <= 1 -> served p -> served q ->
  (1 - e) * welfare s w p + e * welfare s w q <= welfare s w (mixed e p q).
Proof.
move=> e01 [_ Wp] [_ Wq]; rewrite /welfare !mulr_sumr -big_split; apply: ler_sum => v _ /=.
have [->|sv] := share_cases law_s v; first by rewrite !mul0r !mulr0 addr0.
rewrite mean_mixed mulrCA [e * _]mulrCA -mulrDr ler_wpM2l ?s_ge0 //.
exact: ln_mixed (Wp v sv) (Wq v sv).
Qed.

(* ... strictly between laws that a voter does not like equally. *)
Lemma welfare_strictly_concave e p q v : 0 < e < 1 -> served p -> served q ->
  0 < s v -> mean p (w v) != mean q (w v) ->
  (1 - e) * welfare s w p + e * welfare s w q < welfare s w (mixed e p q).
Proof.
move=> e01 sp sq sv neq; have [_ Wp] := sp; have [_ Wq] := sq.
have e01' : 0 <= e <= 1 by case/andP: e01 => /ltW -> /ltW ->.
rewrite /welfare !mulr_sumr -big_split (bigD1 v) //= [ltRHS](bigD1 v) //=.
apply: ltr_leD; last first.
  apply: ler_sum => u _; have [->|su] := share_cases law_s u; first by rewrite !mul0r !mulr0 addr0.
  rewrite mean_mixed mulrCA [e * _]mulrCA -mulrDr ler_wpM2l ?s_ge0 //.
  exact: ln_mixed (Wp u su) (Wq u su).
rewrite mean_mixed mulrCA [e * _]mulrCA -mulrDr ltr_pM2l //.
exact: ln_mixed_strict (Wp v sv) (Wq v sv) neq.
Qed.

(* A law maximises the welfare among the laws on the support of p0 exactly if H <= 1 there; ... *)
Lemma maximises_welfareP p0 p : is_law p0 -> served p -> absolutely_continuous p p0 ->
  maximises_welfare s w p0 p <-> forall x, 0 < p0 x -> H p x <= 1.
Proof.
move=> law0 sp pp0; split=> [[_ _ top] x p0x|H1]; last first.
  split=> // q sq qp0; rewrite -subr_le0 -(@ln1 R); apply: welfare_certificate => // x qx.
  by apply: H1; have [/qp0 q_0|//] := law_cases x law0; rewrite q_0 ltxx in qx.
rewrite leNgt; apply/negP => /(welfare_raised sp)[q [sq small]]; rewrite ltNge top //.
move=> y p0y; have [yx|yx] := eqVneq y x; first by rewrite -yx p0y ltxx in p0x.
by apply: small => //; apply: pp0.
Qed.

(* ... and then H = 1 on its own support. *)
Lemma maximiser_fixed p0 p : maximises_welfare s w p0 p -> forall x, 0 < p x -> H p x = 1.
Proof.
move=> [sp pp0 top]; apply: welfare_fixed => //; apply: top; first exact: served_step.
by move=> x /pp0; apply: step_continuous.
Qed.

End Electorate.

(* What many voters climb when each chooses among infinitely many candidates, without real data:
   sum_u pi_u ln E_p w_u, the logarithm of the weighted Nash welfare. (With real data, see
   pluralistic.v: they are voters too.) *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops.
From Recurate Require Import winner divergence jensen voters.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (T U : finType).
Implicit Types (p : T -> R) (pi : U -> R) (w : U -> T -> R).

(* sum_u pi_u ln W_u, with W_u = E_p w_u. *)
Definition welfare pi w p := \sum_u pi u * ln (mean p (w u)).

(* p maximises the welfare among the laws that have mass only where p0 has, which are all laws if
   p0 has mass everywhere. (Of a law that does not serve a voter the welfare would be -infinity, and
   ln 0 is 0 in the library: such laws are left out.) *)
Definition maximises_welfare pi w p0 p :=
  [/\ served pi w p, absolutely_continuous p p0
    & forall q, served pi w q -> absolutely_continuous q p0 -> welfare pi w q <= welfare pi w p].

End Definitions.

Section Electorate.
Variables (R : realType) (T V : finType).
Implicit Types (p q : T -> R).
Variables (s : V -> R) (w : V -> T -> R).
Hypotheses (law_s : is_law s) (w_ge0 : forall v x, 0 <= w v x).

Notation served := (served s w).
Let H p x := \sum_v s v * (w v x / mean p (w v)).
Let step p := voted s w p.

Let s_ge0 v : 0 <= s v. Proof. by case: law_s. Qed.

Lemma share_cases v : s v = 0 \/ 0 < s v.
Proof. by have := s_ge0 v; rewrite le_eqVlt => /orP[/eqP|]; [left|right]. Qed.

Lemma law_cases p x : is_law p -> p x = 0 \/ 0 < p x.
Proof. by move=> [/(_ x)]; rewrite le_eqVlt => /orP[/eqP|]; [left|right]. Qed.

Lemma mean_weight_ge0 p v : is_law p -> 0 <= mean p (w v).
Proof. by move=> [p0 _]; apply: sumr_ge0 => x _; rewrite mulr_ge0. Qed.

Let term_ge0 p v x : is_law p -> 0 <= s v * (w v x / mean p (w v)).
Proof. by move=> lawp; rewrite mulr_ge0 // divr_ge0 // mean_weight_ge0. Qed.

Let stepE p x : step p x = p x * H p x. Proof. exact: voted_ratio. Qed.

Let H_ge0 p x : is_law p -> 0 <= H p x.
Proof. by move=> lawp; apply: sumr_ge0 => v _; apply: term_ge0. Qed.

(* E_p H = 1 *)
Let mean_H p : served p -> mean p (H p) = 1.
Proof.
by move=> sp; have [_ <-] := voted_is_law law_s w_ge0 sp; apply: eq_bigr => x _; rewrite -stepE.
Qed.

(* Whoever wants x gives it weight. *)
Let H_gt0 p x v : served p -> 0 < s v -> 0 < w v x -> 0 < H p x.
Proof.
move=> [lawp W0] sv wv; rewrite /H (bigD1 v) //= ltr_pwDl ?mulr_gt0 ?invr_gt0 ?W0 //.
by apply: sumr_ge0 => u _; apply: term_ge0.
Qed.

(* The mean of a weight after a step: W' = W E_q H for q = p w/W. *)
Let mean_step p v : 0 < mean p (w v) ->
  mean (step p) (w v) = mean p (w v) * mean (tilted (w v) p) (H p).
Proof.
move=> W0; rewrite mean_tilted mulrC divfK ?gt_eqF //; apply: eq_bigr => x _.
by rewrite stepE -mulrA [H p x * _]mulrC.
Qed.

Let tilted_support p v x : is_law p -> 0 < mean p (w v) ->
  0 < tilted (w v) p x -> 0 < p x /\ 0 < w v x.
Proof.
move=> lawp W0 qx; have [p_0|px] := law_cases x lawp.
  by move: qx; rewrite /tilted p_0 mul0r ltxx.
split=> //; rewrite lt_neqAle w_ge0 andbT eq_sym; apply: contraTneq qx => w_0.
by rewrite /tilted w_0 mul0r mulr0 ltxx.
Qed.

Lemma served_step p : served p -> served (step p).
Proof.
move=> sp; have [lawp W0] := sp; split; first exact: voted_is_law sp.
move=> v sv; rewrite mean_step ?W0 // mulr_gt0 ?W0 //.
apply: mean_gt0_on_support => [|x]; first exact: tilted_is_law (W0 v sv).
by case/tilted_support => [||_ wv]; rewrite ?W0 //; apply: H_gt0 sv wv.
Qed.

Lemma step_continuous p : absolutely_continuous (step p) p.
Proof. by move=> x p_0; rewrite stepE p_0 mul0r. Qed.

(* The ascent: a step raises the welfare by at least KL(T(p)||p). *)
Lemma welfare_ascent p : served p -> KL (step p) p <= welfare s w (step p) - welfare s w p.
Proof.
move=> sp; have [lawp W0] := sp.
have -> : KL (step p) p = mean (step p) (fun x => ln (H p x)).
  apply: eq_bigr => x _; rewrite stepE; have [->|px] := law_cases x lawp.
    by rewrite !mul0r.
  by congr (_ * ln _); rewrite mulrC mulKf // gt_eqF.
rewrite mean_voted /welfare -sumrB; apply: ler_sum => v _.
have [->|sv] := share_cases v; first by rewrite !mul0r subrr.
rewrite -mulrBr ler_wpM2l ?s_ge0 //.
have Wv := W0 v sv; have lawq := tilted_is_law lawp (w_ge0 v) Wv.
have H0 x : 0 < tilted (w v) p x -> 0 < H p x.
  by case/(tilted_support lawp Wv) => _; apply: H_gt0.
have EH := mean_gt0_on_support lawq H0.
rewrite mean_step // lnM ?posrE // [leRHS]addrC addKr.
exact: jensen_ln.
Qed.

(* The certificate: no law has more welfare than ln max H beyond p's. *)
Lemma welfare_certificate p q h : served p -> served q -> (forall x, 0 < q x -> H p x <= h) ->
  welfare s w q - welfare s w p <= ln h.
Proof.
move=> [lawp W0] [lawq W0q] le_h.
have f0 v : 0 < s v -> 0 < mean q (w v) / mean p (w v).
  by move=> sv; rewrite divr_gt0 ?W0 ?W0q.
have -> : welfare s w q - welfare s w p = mean s (fun v => ln (mean q (w v) / mean p (w v))).
  rewrite /welfare -sumrB; apply: eq_bigr => v _.
  have [->|sv] := share_cases v; first by rewrite !mul0r subrr.
  by rewrite ln_div ?posrE ?W0 ?W0q // mulrBr.
apply: le_trans (jensen_ln law_s f0) _.
have -> : mean s (fun v => mean q (w v) / mean p (w v)) = mean q (H p).
  rewrite mean_sum; apply: eq_bigr => v _; rewrite meanZ; congr (_ * _).
  by rewrite /mean mulr_suml; apply: eq_bigr => x _; rewrite mulrA.
have Hq : mean q (H p) <= h.
  by rewrite -[leRHS](mean_const h lawq); apply: le_mean => //; case: lawq.
have H1 : 0 < mean q (H p).
  have -> : mean q (H p) = mean s (fun v => mean q (w v) / mean p (w v)).
    rewrite mean_sum; apply: eq_bigr => v _; rewrite meanZ; congr (_ * _).
    by rewrite /mean mulr_suml; apply: eq_bigr => x _; rewrite mulrA.
  exact: mean_gt0_on_support law_s f0.
by rewrite ler_ln ?posrE // (lt_le_trans H1).
Qed.

(* What a step comes nearer to a law p* with H_{p*} = 1 on its support. *)
Lemma welfare_nearer ps p : served ps -> served p -> absolutely_continuous ps p ->
  (forall x, 0 < ps x -> H ps x = 1) ->
  absolutely_continuous ps (step p) /\
  KL ps (step p) + (welfare s w ps - welfare s w p) <= KL ps p.
Proof.
move=> [lawps W0s] sp sc fixed; have [lawp W0] := sp.
have psup x : 0 < ps x -> 0 < p x.
  by move=> psx; have [/sc ps_0|//] := law_cases x lawp; rewrite ps_0 ltxx in psx.
(* the law of the voters who want x *)
pose alpha x v := s v * (w v x / mean ps (w v)).
have lawa x : 0 < ps x -> is_law (alpha x).
  by move=> /fixed; split=> // v; apply: term_ge0.
have alpha_gt0 x v : 0 < alpha x v -> 0 < s v /\ 0 < w v x.
  move=> av; have [s_0|sv] := share_cases v; first by rewrite /alpha s_0 mul0r ltxx in av.
  split=> //; rewrite lt_neqAle w_ge0 andbT; apply: contraTneq av => w_0.
  by rewrite /alpha -w_0 mul0r mulr0 ltxx.
pose f v := mean ps (w v) / mean p (w v).
have f0 v : 0 < s v -> 0 < f v by move=> sv; rewrite divr_gt0 ?W0 ?W0s.
have mean_f x : mean (alpha x) f = H p x.
  apply: eq_bigr => v _; rewrite /alpha /f; have [->|sv] := share_cases v; first by rewrite !mul0r.
  by have := W0s v sv; have := W0 v sv => Wp Ws; field; rewrite !gt_eqF.
have H0 x : 0 < ps x -> 0 < H p x.
  move=> psx; rewrite -mean_f; apply: mean_gt0_on_support; first exact: lawa.
  by move=> v /alpha_gt0[sv _]; apply: f0.
split=> [x|].
  rewrite stepE => /eqP; have [//|psx] := law_cases x lawps.
  by rewrite mulf_eq0 !gt_eqF ?H0 ?psup.
have -> : KL ps p = KL ps (step p) + mean ps (fun x => ln (H p x)).
  rewrite -big_split; apply: eq_bigr => x _ /=.
  have [->|psx] := law_cases x lawps; first by rewrite !mul0r addr0.
  rewrite -mulrDr; congr (_ * _).
  rewrite -lnM ?posrE ?divr_gt0 ?stepE ?mulr_gt0 ?H0 ?psup //; congr ln.
  by have := H0 x psx; have := psup x psx => px Hx; field; rewrite !gt_eqF.
rewrite lerD2l.
have -> : welfare s w ps - welfare s w p = mean ps (fun x => mean (alpha x) (fun v => ln (f v))).
  rewrite mean_sum /welfare -sumrB; apply: eq_bigr => v _.
  have [s_0|sv] := share_cases v.
    rewrite s_0 !mul0r subrr /mean big1 // => x _.
    by rewrite /alpha s_0 !mul0r mulr0.
  have -> : mean ps (fun x => alpha x v * ln (f v)) = s v * ln (f v).
    transitivity (mean ps (fun x => (s v * ln (f v) / mean ps (w v)) * w v x)).
      by apply: eq_mean => // x; rewrite /alpha; ring.
    by rewrite meanZ divfK // gt_eqF // W0s.
  by rewrite -mulrBr -ln_div ?posrE ?W0 ?W0s.
apply: le_mean => [|x psx]; first by case: lawps.
rewrite -mean_f; apply: jensen_ln; first exact: lawa.
by move=> v /alpha_gt0[sv _]; apply: f0.
Qed.

(* A law that no step could raise is a fixed point: H = 1 on its support. *)
Lemma welfare_fixed p : served p -> welfare s w (step p) <= welfare s w p ->
  forall x, 0 < p x -> H p x = 1.
Proof.
move=> sp top x px; have [lawp _] := sp; have [laws _] := served_step sp.
have same := KL_eq0 laws lawp (@step_continuous p).
have le0 : KL (step p) p <= 0 by apply: le_trans (welfare_ascent sp) _; rewrite subr_le0.
by have := same le0 x; rewrite stepE -[RHS]mulr1 => /mulfI -> //; rewrite gt_eqF.
Qed.

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
have [->|sv] := share_cases v; first by rewrite !mul0r subrr.
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
have [->|sv] := share_cases v; first by rewrite !mul0r !mulr0 addr0.
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
  apply: ler_sum => u _; have [->|su] := share_cases u; first by rewrite !mul0r !mulr0 addr0.
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

Section Loop.
Variable p0 : T -> R.
Hypothesis start : served p0.
Notation p := (nash_loop s w p0).

Lemma nash_loop_served t : served (p t).
Proof. by elim: t => [//|t]; apply: served_step. Qed.

Lemma nash_loop_ascent t : KL (p t.+1) (p t) <= welfare s w (p t.+1) - welfare s w (p t).
Proof. exact: welfare_ascent (nash_loop_served t). Qed.

Lemma nash_loop_rises t : welfare s w (p t) <= welfare s w (p t.+1).
Proof.
rewrite -subr_ge0; apply: le_trans (nash_loop_ascent t); apply: KL_ge0.
- by case: (nash_loop_served t.+1).
- by case: (nash_loop_served t).
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
by have [] := welfare_nearer served_ps (nash_loop_served t) ct fixed.
Qed.

Lemma nash_loop_nearer t : KL ps (p t.+1) + (welfare s w ps - welfare s w (p t)) <= KL ps (p t).
Proof.
by have [] := welfare_nearer served_ps (nash_loop_served t) (nash_loop_continuous (t := t)) fixed.
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
  by case: (nash_loop_served t.+1).
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
move=> start; have served_t := nash_loop_served start t; split=> //.
  exact: nash_loop_rises.
move=> top; have [sps inside best] := top; have fixed := maximiser_fixed top.
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

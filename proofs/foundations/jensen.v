(* Jensen's inequality for the logarithm, and that a law at divergence zero is the same law. Both
   need no more of the logarithm than ln x <= x - 1. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Logarithm.
Variable R : realType.
Implicit Types x y z : R.

(* The tangent at 1 touches only there. *)
Lemma ln_lt_tangent x : 0 < x -> x != 1 -> ln x < x - 1.
Proof.
move=> x0 x1; have s0 : 0 < Num.sqrt x by rewrite sqrtr_gt0.
have sE : x = Num.sqrt x ^+ 2 by rewrite sqr_sqrtr // ltW.
rewrite {1}sE lnX //; apply: (@le_lt_trans _ _ ((Num.sqrt x - 1) *+ 2)).
  by rewrite ler_muln2r ln_le_tangent ?orbT.
rewrite -subr_gt0 {1}sE.
have -> : Num.sqrt x ^+ 2 - 1 - (Num.sqrt x - 1) *+ 2 = (Num.sqrt x - 1) ^+ 2 by ring.
rewrite lt_neqAle sqr_ge0 andbT eq_sym expf_eq0 /= subr_eq0.
by apply: contraNneq x1 => s1; rewrite sE s1 expr1n.
Qed.

(* The tangent at y. *)
Lemma ln_tangent x y : 0 < x -> 0 < y -> ln x <= ln y + (x / y - 1).
Proof.
move=> x0 y0; rewrite -lerBlDl -ln_div ?posrE //.
by apply: ln_le_tangent; rewrite divr_gt0.
Qed.

Lemma ln_tangent_strict x y : 0 < x -> 0 < y -> x != y -> ln x < ln y + (x / y - 1).
Proof.
move=> x0 y0 xy; rewrite addrC -ltrBlDr -ln_div ?posrE //.
apply: ln_lt_tangent; first by rewrite divr_gt0.
by apply: contra xy => /eqP xy1; rewrite -(mul1r y) -xy1 divfK // gt_eqF.
Qed.

End Logarithm.

Section Jensen.
Variables (R : realType) (T : finType).
Implicit Types (p q f : T -> R).

(* A mean of what is positive on the support is positive. *)
Lemma mean_gt0_on_support p f : is_law p -> (forall x, 0 < p x -> 0 < f x) -> 0 < mean p f.
Proof.
move=> lawp f0; have [x px] := law_has_support lawp; case: lawp => p0 _.
rewrite /mean (bigD1 x) //= ltr_pwDl ?mulr_gt0 ?f0 //; apply: sumr_ge0 => y _.
have := p0 y; rewrite le_eqVlt => /orP[/eqP <-|py]; first by rewrite mul0r.
by rewrite mulr_ge0 // ltW // f0.
Qed.

(* E_p ln f <= ln E_p f, for f > 0 on the support. *)
Lemma jensen_ln p f : is_law p -> (forall x, 0 < p x -> 0 < f x) ->
  mean p (fun x => ln (f x)) <= ln (mean p f).
Proof.
move=> lawp f0; set m := mean p f; have m0 : 0 < m by apply: mean_gt0_on_support.
apply: (@le_trans _ _ (mean p (fun x => ln m - 1 + m^-1 * f x))).
  apply: le_mean => [|x px]; first by case: lawp.
  by apply: le_trans (ln_tangent (f0 x px) m0) _; rewrite [m^-1 * _]mulrC addrCA addrC.
by rewrite meanD meanZ mean_const // -/m mulVf ?gt_eqF // subrK.
Qed.

(* The divergence is at least the distance of the roots: sum (sqrt q - sqrt p)^2 <= KL(q||p). *)
Lemma KL_ge_roots q p : is_law q -> is_law p -> absolutely_continuous q p ->
  \sum_x (Num.sqrt (q x) - Num.sqrt (p x)) ^+ 2 <= KL q p.
Proof.
move=> [q0 sumq] [p0 sump] qp.
have root x : (Num.sqrt (q x) - Num.sqrt (p x)) ^+ 2
    = q x + p x - (Num.sqrt (q x) * Num.sqrt (p x)) *+ 2.
  by rewrite sqrrB !sqr_sqrtr // addrAC.
have -> : \sum_x (Num.sqrt (q x) - Num.sqrt (p x)) ^+ 2
    = \sum_x (q x *+ 2 - (Num.sqrt (q x) * Num.sqrt (p x)) *+ 2).
  under eq_bigr do rewrite root; rewrite !sumrB; congr (_ - _).
  by rewrite big_split /= sumrMnl sumq sump mulr2n.
apply: ler_sum => y _; have := q0 y; rewrite le_eqVlt => /orP[/eqP <-|qy].
  by rewrite sqrtr0 !mul0r !mul0rn subrr.
have py : 0 < p y.
  by rewrite lt_neqAle p0 andbT eq_sym; apply: contraTneq qy => /qp ->; rewrite ltxx.
have sq : 0 < Num.sqrt (q y) by rewrite sqrtr_gt0.
have sp : 0 < Num.sqrt (p y) by rewrite sqrtr_gt0.
have -> : q y / p y = ((Num.sqrt (p y) / Num.sqrt (q y)) ^+ 2)^-1.
  by rewrite expr_div_n !sqr_sqrtr ?ltW // invf_div.
rewrite lnV ?posrE ?exprn_gt0 ?divr_gt0 // lnX ?divr_gt0 //.
rewrite mulrN mulrnAr -mulrnBl -mulNrn ler_muln2r /= -lerN2 opprB opprK.
apply: (@le_trans _ _ (q y * (Num.sqrt (p y) / Num.sqrt (q y) - 1))).
  by rewrite ler_wpM2l // ln_le_tangent // divr_gt0.
rewrite le_eqVlt; apply/orP; left; apply/eqP.
rewrite -{1}(sqr_sqrtr (ltW qy)) -{4}(sqr_sqrtr (ltW qy)); field.
by rewrite gt_eqF.
Qed.

(* So masses differ by little where it is small: (q(x) - p(x))^2 <= 4 KL(q||p). *)
Lemma KL_ge_square q p x : is_law q -> is_law p -> absolutely_continuous q p ->
  (q x - p x) ^+ 2 <= 4 * KL q p.
Proof.
move=> lawq lawp qp; have [q0 sumq] := lawq; have [p0 sump] := lawp.
have le_root y : Num.sqrt (q y) <= 1 /\ Num.sqrt (p y) <= 1.
  have le1 (l : T -> R) : is_law l -> Num.sqrt (l y) <= 1.
    move=> [l0 suml]; rewrite -sqrtr1; apply: ler_wsqrtr; rewrite -suml (bigD1 y) //= lerDl.
    by apply: sumr_ge0.
  by split; apply: le1.
apply: (@le_trans _ _ (4 * (Num.sqrt (q x) - Num.sqrt (p x)) ^+ 2)).
  have -> : q x - p x
      = (Num.sqrt (q x) - Num.sqrt (p x)) * (Num.sqrt (q x) + Num.sqrt (p x)).
    by rewrite -subr_sqr !sqr_sqrtr.
  rewrite exprMn mulrC ler_wpM2r ?sqr_ge0 //.
  have -> : 4 = (1 + 1) ^+ 2 :> R by ring.
  have [q1 p1] := le_root x.
  by rewrite lerXn2r ?nnegrE ?addr_ge0 ?sqrtr_ge0 ?ler01 // lerD.
rewrite ler_pM2l ?ltr0n //.
apply: le_trans (KL_ge_roots lawq lawp qp).
by rewrite (bigD1 x) //= lerDl; apply: sumr_ge0 => y _; apply: sqr_ge0.
Qed.

(* KL(q||p) = 0 only for q = p. *)
Lemma KL_eq0 q p : is_law q -> is_law p -> absolutely_continuous q p -> KL q p <= 0 -> q =1 p.
Proof.
move=> lawq lawp qp small x; apply/eqP; rewrite -subr_eq0 -sqrf_eq0 eq_le sqr_ge0 andbT.
by apply: le_trans (KL_ge_square x lawq lawp qp) _; rewrite pmulr_rle0 ?ltr0n.
Qed.

End Jensen.

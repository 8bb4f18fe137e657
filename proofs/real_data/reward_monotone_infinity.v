(* The loop from the reference with infinitely many candidates moves up at every step.

   p_{t+1} - p_t changes sign once, as (d_{t+1} - d_t)/w^{t+1} increases with the weight: with
   W_t = E_t w, d_{t+2} - d_{t+1} = a w ((d_{t+1} - d_t)/W_{t+1} - d_t (1/W_t - 1/W_{t+1})). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner orders curation_order.
From Recurate Require Import first_step.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section InfinitelyManyCandidates.
Variables (R : realFieldType) (T : finType).
Variables (a : R) (pref w : T -> R) (p : nat -> T -> R).
Hypotheses (a_share : 0 <= a <= 1) (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Hypothesis loop : loop_from_reference None a pref w p.
Notation d := (density None a w p).
Notation W t := (mean (p t) w).

Let a_ge0 : 0 <= a. Proof. by case/andP: a_share. Qed.
Let rest_ge0 : 0 <= 1 - a. Proof. by rewrite subr_ge0; case/andP: a_share. Qed.
Let lawp t : is_law (p t).
Proof. exact: (loop_is_law (K := None) isT a_share w_gt0 law_ref loop). Qed.
Let pE t x : p t x = pref x * d t x. Proof. exact: (densityE (K := None)). Qed.
Let W_gt0 t : 0 < W t. Proof. exact: mean_gt0. Qed.
Let d_gt0 t x : 0 < d t x.
Proof. exact: (density_gt0 (K := None) isT a_share w_gt0 law_ref loop). Qed.
Let dS t x : d t.+1 x = 1 - a + a * (d t x * (w x / W t)). Proof. by []. Qed.

(* d_t/w^{t+1} decreases with the weight: d_t is a polynomial of degree t with nonnegative
   coefficients. *)
Lemma density_over_power t x y : w x <= w y -> d t y / w y ^+ t.+1 <= d t x / w x ^+ t.+1.
Proof.
move=> wxy; have [x0 y0] := (w_gt0 x, w_gt0 y).
have powers n : (w y ^+ n)^-1 <= (w x ^+ n)^-1.
  by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?exprn_gt0 // lerXn2r // nnegrE ltW.
elim: t => [|t IH]; first by rewrite !mul1r powers.
have E z : d t.+1 z / w z ^+ t.+2 = (1 - a) / w z ^+ t.+2 + a / W t * (d t z / w z ^+ t.+1).
  rewrite dS [w z ^+ t.+2]exprS; have := W_gt0 t; have := exprn_gt0 t.+1 (w_gt0 z).
  move: (w z ^+ _) (d t z) (W t) => u e v u0 v0; have z0 := w_gt0 z.
  by field; rewrite !gt_eqF.
by rewrite !E lerD // ler_wpM2l // divr_ge0 // ltW.
Qed.

(* (d_{t+1} - d_t)/w^{t+1} increases: the induction is with W_t <= W_{t+1}, which follows. *)
Let gain t x := (d t.+1 x - d t x) / w x ^+ t.+1.

Let gain_st t : increasing w (gain t) -> st_order w (p t) (p t.+1).
Proof.
move=> incr; apply: st_order_crossing => // x y wxy; rewrite !pE.
have := proj1 law_ref y; rewrite le_eqVlt => /orP[/eqP <-|ry]; first by rewrite !mul0r.
have := proj1 law_ref x; rewrite le_eqVlt => /orP[/eqP <-|rx]; first by rewrite !mul0r ltxx.
rewrite ltr_pM2l // ler_pM2l // -subr_gt0 -(subr_ge0 (d t y)) => up.
have gx : 0 < gain t x by rewrite divr_gt0 // exprn_gt0.
have := lt_le_trans gx (incr x y wxy); rewrite /gain pmulr_lgt0 ?invr_gt0 ?exprn_gt0 //.
exact: ltW.
Qed.

Lemma gain_increases t : increasing w (gain t).
Proof.
elim: t => [|t IH] x y wxy; have [x0 y0] := (w_gt0 x, w_gt0 y).
  have E z : gain 0 z = a * ((W 0)^-1 - (w z)^-1).
    rewrite /gain dS /=; have z0 := w_gt0 z; have := W_gt0 0; move: (W 0) => v v0.
    by field; rewrite !gt_eqF.
  rewrite !E ler_wpM2l // lerD2l lerN2 ler_pV2 ?inE ?unitfE ?gt_eqF //.
have W_up : W t <= W t.+1 by apply: (gain_st IH).
have E z : gain t.+1 z = a * (gain t z / W t.+1
    - (d t z / w z ^+ t.+1) * ((W t)^-1 - (W t.+1)^-1)).
  rewrite /gain (dS t.+1) {2}(dS t) [w z ^+ t.+2]exprS.
  have := exprn_gt0 t.+1 (w_gt0 z); move: (w z ^+ _) (d t.+1 z) (d t z) => u e f u0.
  have z0 := w_gt0 z; have := W_gt0 t; have := W_gt0 t.+1; move: (W t.+1) (W t) => v v' v0 v'0.
  by field; rewrite !gt_eqF.
rewrite !E ler_wpM2l // lerD // ?ler_wpM2r ?invr_ge0 ?(ltW (W_gt0 _)) ?IH // lerN2.
rewrite ler_wpM2r ?density_over_power // subr_ge0.
by have [v0 v'0] := (W_gt0 t, W_gt0 t.+1); rewrite ler_pV2 ?inE ?unitfE ?gt_eqF.
Qed.

Lemma infinity_st t : st_order w (p t) (p t.+1).
Proof. exact: gain_st (gain_increases t). Qed.

End InfinitelyManyCandidates.

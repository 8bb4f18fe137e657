(* fixed-point-k-inf: for K = infinity one number z determines the mixed loop's fixed point, and it
   solves E_ref 1/(1 - z w) = 1 + lam. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType) (lam : R) (pref w : T -> R).
Implicit Types z : R.

(* 0 <= z, and z w < 1 wherever p_ref has mass: z < 1/w_*. *)
Definition below_pole z := 0 <= z /\ forall x, 0 < pref x -> z * w x < 1.

(* E_ref 1/(1 - z w) *)
Definition mean_pole z := mean pref (fun x => (1 - z * w x)^-1).

(* m p_ref/(1 - z w), m = 1/(1 + lam) *)
Definition house_of_cards z x := pref x / (1 + lam) / (1 - z * w x).

End Definitions.

Section FixedPoint.
Variables (R : realFieldType) (T : finType) (lam : R) (pref w : T -> R).
Hypotheses (lam_ge0 : 0 <= lam) (law_ref : is_law pref) (w_gt0 : forall x, 0 < w x).
Notation a := (lam / (1 + lam)).
Notation fixed := (is_fixed_point lam pref (winner None w)).
Notation below := (below_pole pref w).
Notation pole := (mean_pole pref w).
Notation cards := (house_of_cards lam pref w).

Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.
Let r0 x : 0 <= pref x. Proof. by case: law_ref. Qed.

(* Of the laws without mass where p_ref has none a fixed point is m p_ref/(1 - z w), z = a/E_p w. *)
Theorem fixed_point_k_inf p : is_law p -> absolutely_continuous p pref -> fixed p ->
  let z := a / mean p w in
  [/\ below z, pole z = 1 + lam & p =1 cards z].
Proof.
move=> lawp cont fix_p z; have W0 := mean_gt0 lawp w_gt0; have [p0 p1] := lawp.
have z0 : 0 <= z by rewrite divr_ge0 ?synthetic_share_ge0 // ltW.
have pE x : p x * (1 - z * w x) = pref x / (1 + lam).
  rewrite mulrBr mulr1 {1}fix_p /= /tilted /z; set q := p x; set W := mean p w in W0 *.
  by field; rewrite !gt_eqF.
have small x : 0 < pref x -> z * w x < 1.
  move=> rx; rewrite -subr_gt0; have : 0 < p x * (1 - z * w x) by rewrite pE divr_gt0.
  by have := p0 x; rewrite le_eqVlt => /orP[/eqP <-|px]; rewrite ?mul0r ?ltxx // pmulr_rgt0.
have pC x : p x = cards z x.
  rewrite /house_of_cards; have := r0 x; rewrite le_eqVlt => /orP[/eqP rx|rx].
    by rewrite -rx !mul0r cont.
  by rewrite -pE mulfK // gt_eqF // subr_gt0 small.
split=> //; transitivity ((\sum_x p x) * (1 + lam)); last by rewrite p1 mul1r.
rewrite mulr_suml; apply: eq_bigr => x _.
by rewrite pC /house_of_cards [RHS]mulrAC divfK // gt_eqF.
Qed.

(* Conversely each such z gives a fixed point. *)
Theorem fixed_point_k_inf_converse z : below z -> pole z = 1 + lam ->
  [/\ is_law (cards z), absolutely_continuous (cards z) pref, fixed (cards z)
    & z * mean (cards z) w = a].
Proof.
move=> [z0 small] sum1; have d0 x : 0 < pref x -> 0 < 1 - z * w x by move/small; rewrite subr_gt0.
have l0 : 1 + lam != 0 by rewrite gt_eqF.
have cardsE x : cards z x * (1 - z * w x) = pref x / (1 + lam).
  rewrite /house_of_cards; have := r0 x; rewrite le_eqVlt => /orP[/eqP <-|rx].
    by rewrite !mul0r.
  by rewrite divfK // gt_eqF // d0.
have lawp : is_law (cards z).
  split=> [x|]; first have := r0 x.
    rewrite le_eqVlt => /orP[/eqP rx|rx]; first by rewrite /house_of_cards -rx !mul0r.
    by rewrite !divr_ge0 ?r0 ?(ltW l1) // ltW // d0.
  transitivity (pole z / (1 + lam)); last by rewrite sum1 divff.
  rewrite /mean_pole /mean mulr_suml; apply: eq_bigr => x _.
  by rewrite /house_of_cards mulrAC.
have W0 := mean_gt0 lawp w_gt0.
have zW : z * mean (cards z) w = a.
  have : \sum_x cards z x * (1 - z * w x) = 1 / (1 + lam).
    by rewrite (eq_bigr _ (fun x _ => cardsE x)) -mulr_suml; case: law_ref => _ ->.
  rewrite (shares lam_ge0) => <-; under [in RHS]eq_bigr do rewrite mulrBr mulr1.
  rewrite sumrB; case: lawp => _ ->; rewrite opprB addrCA subrr addr0 /mean mulr_sumr.
  by apply: eq_bigr => x _; rewrite mulrCA.
split=> // [x rx|x]; first by rewrite /house_of_cards rx !mul0r.
rewrite /= /tilted -zW -cardsE; set W := mean _ w in W0 *; set c := cards z x.
by field; rewrite gt_eqF.
Qed.

(* E_ref 1/(1 - z w) increases strictly, ... *)
Lemma mean_pole_lt y z : below y -> below z -> y < z -> pole y < pole z.
Proof.
move=> [y0 small_y] [z0 small_z] yz; have [x rx] := law_has_support law_ref.
have up u : 0 < pref u -> (1 - y * w u)^-1 < (1 - z * w u)^-1.
  move=> ru; rewrite ltr_pV2 ?inE ?unitfE ?gt_eqF ?subr_gt0 ?small_y ?small_z //.
  by rewrite ltr_add2l ltr_opp2 ltr_pmul2r.
rewrite /mean_pole /mean (bigD1 x) //= [in ltRHS](bigD1 x) //=; apply: ltr_leD.
  by rewrite ltr_pM2l ?up.
apply: ler_sum => u _; have := r0 u; rewrite le_eqVlt => /orP[/eqP <-|ru]; first by rewrite !mul0r.
by rewrite ler_pM2l // ltW // up.
Qed.

(* ... so that there is one z at most, and one fixed point. *)
Theorem k_inf_unique_z y z : below y -> below z -> pole y = 1 + lam -> pole z = 1 + lam -> y = z.
Proof.
move=> by_ bz ey ez; apply/eqP; case: (ltrgtP y z) => // lt_yz.
  by have := mean_pole_lt by_ bz lt_yz; rewrite ey ez ltxx.
by have := mean_pole_lt bz by_ lt_yz; rewrite ey ez ltxx.
Qed.

Theorem k_inf_unique p q : is_law p -> absolutely_continuous p pref -> fixed p ->
  is_law q -> absolutely_continuous q pref -> fixed q -> p =1 q.
Proof.
move=> lawp cp fp lawq cq fq x.
have [bp ep ->] := fixed_point_k_inf lawp cp fp; have [bq eq_q ->] := fixed_point_k_inf lawq cq fq.
by rewrite (k_inf_unique_z bp bq ep eq_q).
Qed.

End FixedPoint.

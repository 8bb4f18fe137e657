(* Where data accumulate, what is off the top weight falls like a power of the time: the product of
   accumulation_rate.v lies between two powers of exponent - kappa. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype sequences exp.
From Recurate Require Import compatibility finite_law curation loops concentration jensen.
From Recurate Require Import divergence accumulation_rate.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Product.
Variables (R : realType) (n0 n kappa : R).
Hypotheses (n0_ge0 : 0 <= n0) (n_gt0 : 0 < n) (k0 : 0 <= kappa) (k1 : kappa < 1).

(* n_0 + t n, all data after t rounds *)
Let b t := n0 + t%:R * n.

Let bS t : b t.+1 = b t + n. Proof. by rewrite /b mulrS; ring. Qed.

Let b_gt0 t : 0 < b t.+1.
Proof. by rewrite /b addrC ltr_pwDl // mulr_gt0 ?ltr0n. Qed.

Let share t : new_share n0 n t = n / b t.+1. Proof. by []. Qed.

Let left_gt0 t : 0 < 1 - kappa * new_share n0 n t.
Proof.
have bt := b_gt0 t; rewrite subr_gt0 share mulrA ltr_pdivr_mulr // mul1r.
apply: (@lt_le_trans _ _ n); first by rewrite -subr_gt0 -{1}[n]mul1r -mulrBl mulr_gt0 // subr_gt0.
by rewrite bS lerDr /b addr_ge0 // mulr_ge0 ?ler0n // ltW.
Qed.

Let power_cat x y z : 0 < x -> 0 < y -> 0 < z ->
  exp_fun (x / y) kappa * exp_fun (y / z) kappa = exp_fun (x / z) kappa.
Proof.
move=> x0 y0 z0; rewrite /exp_fun -expRD -mulrDr !ln_div ?posrE //.
by congr (expR (_ * _)); ring.
Qed.

Let power_same x : 0 < x -> exp_fun (x / x) kappa = 1.
Proof. by move=> x0; rewrite /exp_fun divff ?gt_eqF // ln1 mulr0 expR0. Qed.

(* prod_{s < t} (1 - kappa eta_s) <= ((n_0 + n)/(n_0 + (t + 1) n))^kappa, *)
Theorem accumulation_product_above t :
  \prod_(s < t) (1 - kappa * new_share n0 n s)
    <= exp_fun ((n0 + n) / (n0 + t.+1%:R * n)) kappa.
Proof.
have b1 : n0 + n = b 1%N by rewrite /b mul1r.
rewrite b1 -/(b t.+1); elim: t => [|t IH]; first by rewrite big_ord0 power_same.
rewrite big_ord_recr -(power_cat (b_gt0 0) (b_gt0 t) (b_gt0 t.+1)) /=.
apply: ler_pM IH _.
- by apply: prodr_ge0 => s _; exact/ltW/left_gt0.
- exact/ltW/left_gt0.
rewrite -[leLHS]lnK ?posrE ?left_gt0 // /exp_fun ler_expR.
apply: le_trans (ln_le_tangent (left_gt0 t)) _; rewrite addrAC subrr sub0r share -mulrN.
rewrite ler_wpM2l // -[b t.+1 / _]invf_div lnV ?posrE ?divr_gt0 // lerN2.
apply: le_trans (ln_le_tangent (divr_gt0 (b_gt0 t.+1) (b_gt0 t))) _.
by rewrite [b t.+2]bS mulrDl divff ?gt_eqF // addrAC subrr add0r.
Qed.

(* ... and >= (n_0/(n_0 + t n))^kappa if n_0 > 0: it falls like t^-kappa, up to a factor. *)
Theorem accumulation_product_below t : 0 < n0 ->
  exp_fun (n0 / (n0 + t%:R * n)) kappa <= \prod_(s < t) (1 - kappa * new_share n0 n s).
Proof.
move=> n00; have b0 s : 0 < b s by case: s => [|s]; rewrite // /b mul0r addr0.
have bz : n0 = b 0%N by rewrite /b mul0r addr0.
rewrite -/(b t) {1}bz; elim: t => [|t IH]; first by rewrite big_ord0 power_same.
rewrite big_ord_recr -(power_cat (b0 0%N) (b0 t) (b0 t.+1)) /=.
apply: ler_pM IH _; [exact/ltW/expR_gt0|exact/ltW/expR_gt0|].
rewrite -[leRHS]lnK ?posrE ?left_gt0 // /exp_fun ler_expR.
set x := b t / b t.+1; set y := 1 - _; have x0 : 0 < x by rewrite divr_gt0.
have y0 : 0 < y by apply: left_gt0.
have yE : y = kappa * x + (1 - kappa) * 1.
  by rewrite /y /x share bS; field; rewrite -bS gt_eqF.
have at_x := ler_wpM2l k0 (ln_tangent x0 y0).
have k1' : 0 <= 1 - kappa by rewrite subr_ge0 ltW.
have at_1 := ler_wpM2l k1' (ln_tangent ltr01 y0).
have := lerD at_x at_1; rewrite ln1 mulr0 addr0 => /le_trans; apply.
rewrite le_eqVlt; apply/orP; left; apply/eqP.
have -> : kappa * (ln y + (x / y - 1)) + (1 - kappa) * (ln y + (1 / y - 1))
    = ln y + ((kappa * x + (1 - kappa) * 1) / y - 1) by ring.
by rewrite -yE divff ?gt_eqF // subrr addr0.
Qed.

End Product.

Section Accumulation.
Variables (R : realType) (T : finType) (K : nat).
Variables (pref w : T -> R) (bound rho : R).
Hypotheses (K_gt0 : (0 < K)%N) (law_ref : is_law pref) (w_gt0 : forall x, 0 < w x).
Hypothesis le_bound : bounded_on_support pref w bound.
Hypotheses (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1) (gap : gap_below_top pref w bound rho).
Notation A := (top w bound).
Notation q := (mass pref A).
Hypothesis q_gt0 : 0 < q.

(* accumulation-rate, as a power: in the loop of accumulation_rate
     1 - p_t(A) <= (1 - q) ((n_0 + n)/(n_0 + (t + 1) n))^kappa. *)
Theorem accumulation_power (n0 n : R) (p : nat -> T -> R) :
  0 <= n0 -> 0 < n -> p 0%N =1 pref ->
  (forall t x, p t.+1 x = p t x + new_share n0 n t * (curated K (p t) w x - p t x)) ->
  forall t, 1 - mass (p t) A
    <= (1 - q) * exp_fun ((n0 + n) / (n0 + t.+1%:R * n)) (rate K q rho).
Proof.
move=> n00 n1 start step t.
apply: le_trans (accumulation_rate K_gt0 law_ref w_gt0 le_bound rho_gt0 rho_le1 gap q_gt0
  n00 n1 start step t) _.
have c1 : 1 <= advantage K rho by apply: advantage_ge1.
have c0 : 0 <= q * (advantage K rho - 1) by rewrite mulr_ge0 ?subr_ge0 // ltW.
have d0 : 0 < 1 + q * (advantage K rho - 1) by rewrite ltr_pwDl ?ltr01.
rewrite ler_wpM2l ?subr_ge0 ?mass_le1 //; apply: accumulation_product_above => //.
  by rewrite divr_ge0 // ltW.
by rewrite ltr_pdivr_mulr // mul1r ltr_addr ltr01.
Qed.

End Accumulation.

(* Two basins where limits and logarithms are needed: what loops on two plateaus come to, and
   weighted Nash products. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner voters.
From Recurate Require Import divergence jensen two_basins basin_shares.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Limits.
Variables (R : realType) (T : finType) (S : pred T).
Local Open Scope classical_set_scope.

(* What a loop on two plateaus can come to, as a step is continuous: if the share of S tends to a
   number between 0 and 1, then to q/(1 - k2) - (1 - q) k1/(1 - k1). *)
Theorem plateau_limit (q k1 k2 : R) p0 l : 0 < q < 1 -> 0 < k1 < 1 -> 0 < k2 < 1 -> 0 < l < 1 ->
  is_law p0 ->
  mass (nash_loop (two_shares q) (plateaus S k1 k2) p0 t) S @[t --> \oo] --> l ->
  l = q / (1 - k2) - (1 - q) * k1 / (1 - k1).
Proof.
move=> q01 k1_unit k2_unit l_unit law0.
set p := nash_loop _ _ p0; set a := (fun t => mass (p t) S); move=> lim_a.
have /andP[q0 q1] := q01; have /andP[l0 l1] := l_unit.
have /andP[k10 _] := k1_unit; have /andP[k20 _] := k2_unit.
have law_q : is_law (two_shares q).
  by split=> [[]|]; rewrite ?big_bool /= ?(ltW q0) ?subr_ge0 ?(ltW q1) // addrC subrK.
have w0 u x : 0 < plateaus S k1 k2 u x by rewrite /plateaus; case: u (S x) => -[].
have served0 : served (two_shares q) (plateaus S k1 k2) p0.
  by split=> // u _; apply: mean_gt0.
have stepE t : a t.+1 = share_step q k1 k2 (a t).
  have [lawt _] := nash_loop_served law_q (fun u x => ltW (w0 u x)) t served0.
  by rewrite /a -[p t.+1]/(voted (two_shares q) (plateaus S k1 k2) (p t)); apply: plateau_step.
have d1 : l + k1 * (1 - l) != 0 by rewrite gt_eqF // addr_gt0 // mulr_gt0 // subr_gt0.
have d2 : k2 * l + (1 - l) != 0 by rewrite gt_eqF // addr_gt0 ?mulr_gt0 // subr_gt0.
apply/plateau_fixed_share => //.
have lim_step : share_step q k1 k2 (a t) @[t --> \oo] --> share_step q k1 k2 l.
  have lim_1a : 1 - a t @[t --> \oo] --> 1 - l.
    by apply: cvgB; [apply: cvg_cst|apply: lim_a].
  apply: cvgD; (apply: cvgM; first exact: cvg_cst).
    apply: cvgM; first exact: lim_a.
    apply: cvgV => //; apply: cvgD; first exact: lim_a.
    by apply: cvgM; [apply: cvg_cst|apply: lim_1a].
  have lim_ka : k2 * a t @[t --> \oo] --> k2 * l.
    by apply: cvgM; [apply: cvg_cst|apply: lim_a].
  apply: cvgM; first exact: lim_ka.
  by apply: cvgV => //; apply: cvgD; [apply: lim_ka|apply: lim_1a].
have lim_S : a t.+1 @[t --> \oo] --> l by have := lim_a; rewrite -cvg_shiftS.
have stepE' : (fun t => a t.+1) = (fun t => share_step q k1 k2 (a t)) by apply/funext.
by rewrite stepE' in lim_S; apply: cvg_unique lim_step lim_S.
Qed.

(* two-basins-limit-finite is false: with q = 1/4 and k1 = k2 = 1/10 the share of S does not tend
   to q, from any start. *)
Theorem two_basins_limit_finite_false p0 : is_law p0 ->
  ~ mass (nash_loop (two_shares (1 / 4%:R)) (plateaus S (1 / 10%:R) (1 / 10%:R)) p0 t) S
    @[t --> \oo] --> (1 / 4%:R : R).
Proof.
have unit n : (1 < n)%N -> (0 < 1 / n%:R :> R) && (1 / n%:R < 1 :> R).
  move=> n_gt1; have n_gt0 := ltnW n_gt1.
  apply/andP; split; first by rewrite divr_gt0 ?ltr0n.
  by rewrite ltr_pdivrMr ?ltr0n // mul1r ltr1n.
have [u4 u10] := (unit 4%N isT, unit 10%N isT).
move=> law0 /plateau_limit => /(_ u4 u10 u10 u4 law0) /eqP.
rewrite -subr_eq0.
have -> : 1 / 4%:R - (1 / 4%:R / (1 - 1 / 10%:R) - (1 - 1 / 4%:R) * (1 / 10%:R) / (1 - 1 / 10%:R))
    = 1 / 18%:R :> R.
  by field.
by rewrite mul1r invr_eq0 pnatr_eq0.
Qed.

End Limits.

Section Inferior.
Variables (R : realType) (T U : finType) (pi : U -> R) (w : U -> T -> R).
Local Open Scope classical_set_scope.

(* two-basins-persist: so lim inf a_t >= L = (q - kappa)/(1 - kappa): for each l < L there is a
   time from which on a_t >= l. The hypotheses are those of two_basins_persist. *)
Theorem two_basins_lim_inf (u : U) (S S' : pred T) (s kappa : R) p0 l : is_law pi ->
  (forall u x, 0 <= w u x) -> 0 < s -> 0 <= kappa < pi u -> (forall x, S x -> ~~ S' x) ->
  (forall x, S x -> s <= w u x) -> (forall x, S' x -> w u x <= s * kappa) ->
  (forall x, ~~ S x -> ~~ S' x -> w u x <= s) ->
  served pi w p0 -> 0 < mass p0 S -> mass p0 (predC (predU S S')) = 0 ->
  l < (pi u - kappa) / (1 - kappa) ->
  \forall t \near \oo, l <= mass (nash_loop pi w p0 t) S.
Proof.
move=> law_pi w0 s0 /andP[k0 kq] disjoint high low between sp some none lL.
have persist t := two_basins_persist law_pi w0 s0 k0 disjoint high low between sp some none kq t.
set a := fun t => mass (nash_loop pi w p0 t) S in persist *.
have [l0|l0] := leP l 0.
  by apply: nearW => t; case: (persist t) => at0 _ _; apply: le_trans l0 (ltW at0).
set L := _ / _ in lL persist; have L0 : 0 < L := lt_trans l0 lL.
have q0 : 0 < pi u := le_lt_trans k0 kq.
have to0 : (kappa / pi u) ^+ t * ((a 0%N)^-1 - L^-1) @[t --> \oo] --> (0 : R).
  rewrite -[X in _ --> X](mul0r ((a 0%N)^-1 - L^-1)); apply: cvgMl; apply: cvg_expr.
  by rewrite ger0_norm ?divr_ge0 ?(ltW q0) // ltr_pdivrMr // mul1r.
have gap : 0 < l^-1 - L^-1 by rewrite subr_gt0 ltr_pV2 ?inE ?unitfE ?gt_eqF.
have small : \forall t \near \oo, (kappa / pi u) ^+ t * ((a 0%N)^-1 - L^-1) < l^-1 - L^-1.
  exact: (cvgr_lt _ to0).
near=> t; have [at0 le _] := persist t.
rewrite -ler_pV2 ?inE ?unitfE ?gt_eqF // -(lerD2r (- L^-1)); apply: le_trans le (ltW _).
by near: t.
Unshelve. all: by end_near. Qed.

End Inferior.

Section NashProduct.
Variables (R : realType) (T : finType).

(* x^q for x >= 0 and 0 < q: 0 at 0. (In the library 0 `^ q is 1.) *)
Definition real_power (x q : R) := if x == 0 then 0 else x `^ q.

(* The weighted Nash product of the mixture alpha P1 + (1 - alpha) P2, where each voter gains over
   what the other one's law gives her: (u_1 - d_1)^q (u_2 - d_2)^(1-q), u_i the mean of r_i, d_1 =
   u_1(P2) and d_2 = u_2(P1). *)
Definition nash_product (q : R) (P1 P2 r1 r2 : T -> R) alpha :=
  let mix x := alpha * P1 x + (1 - alpha) * P2 x in
  real_power (mean mix r1 - mean P2 r1) q * real_power (mean mix r2 - mean P1 r2) (1 - q).

(* two-basins-nash: it is largest at alpha = q, and nowhere else. *)
Theorem two_basins_nash q (P1 P2 r1 r2 : T -> R) alpha : 0 < q < 1 -> 0 <= alpha <= 1 ->
  mean P2 r1 < mean P1 r1 -> mean P1 r2 < mean P2 r2 -> alpha != q ->
  nash_product q P1 P2 r1 r2 alpha < nash_product q P1 P2 r1 r2 q.
Proof.
move=> /andP[q0 q1] /andP[a0 a1] lt1 lt2 aq.
have g10 : 0 < mean P1 r1 - mean P2 r1 by rewrite subr_gt0.
have g20 : 0 < mean P2 r2 - mean P1 r2 by rewrite subr_gt0.
set g1 := _ - _ in g10; set g2 := _ - _ in g20.
have mixE b (r : T -> R) : mean (fun x => b * P1 x + (1 - b) * P2 x) r
    = b * mean P1 r + (1 - b) * mean P2 r.
  by rewrite /mean !mulr_sumr -big_split; apply: eq_bigr => x _ /=; ring.
have E b : nash_product q P1 P2 r1 r2 b = real_power (b * g1) q * real_power ((1 - b) * g2) (1 - q).
  by rewrite /nash_product !mixE; congr (real_power _ _ * real_power _ _); rewrite /g1 /g2; ring.
have powE x : 0 < x -> forall s, real_power x s = expR (s * ln x).
  by move=> x0 s; rewrite /real_power gt_eqF.
have q'0 : 0 < 1 - q by rewrite subr_gt0.
have top0 : 0 < nash_product q P1 P2 r1 r2 q.
  by rewrite E !powE ?mulr_gt0 ?expR_gt0 // mulr_gt0.
have [a_in|] := boolP ((0 < alpha) && (alpha < 1)); last first.
  rewrite negb_and -!leNgt => end_a; apply: le_lt_trans top0; rewrite E.
  have [a'|a'] : alpha = 0 \/ alpha = 1.
  - by case/orP: end_a => h; [left|right]; apply/eqP; rewrite eq_le ?h ?a0 ?a1.
  - by rewrite a' mul0r /real_power eqxx mul0r.
  by rewrite a' subrr mul0r /real_power eqxx mulr0.
have /andP[al0 al1] := a_in; have b0 : 0 < 1 - alpha by rewrite subr_gt0.
rewrite !E !powE ?mulr_gt0 // -!expRD ltr_expR !lnM ?posrE //.
have t1 : ln alpha < ln q + (alpha / q - 1) by apply: ln_tangent_strict.
have t2 : ln (1 - alpha) <= ln (1 - q) + ((1 - alpha) / (1 - q) - 1) by apply: ln_tangent.
have := ltr_leD (_ : q * ln alpha < q * (ln q + (alpha / q - 1))) (ler_wpM2l (ltW q'0) t2).
rewrite ltr_pM2l // => /(_ t1); have -> : q * (ln q + (alpha / q - 1))
    + (1 - q) * (ln (1 - q) + ((1 - alpha) / (1 - q) - 1)) = q * ln q + (1 - q) * ln (1 - q).
  by move: (ln q) (ln (1 - q)) => u v; field; rewrite !gt_eqF.
move: (ln alpha) (ln (1 - alpha)) (ln q) (ln (1 - q)) (ln g1) (ln g2) => u1 u2 v1 v2 h1 h2 lt.
rewrite -subr_gt0; rewrite -subr_gt0 in lt; set rhs := (X in 0 < X).
by have -> : rhs = q * v1 + (1 - q) * v2 - (q * u1 + (1 - q) * u2) by rewrite /rhs; ring.
Qed.

End NashProduct.

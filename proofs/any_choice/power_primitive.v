(* S_t for lam = infinity and one K: the primitive of g ln g in closed form. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility share_envelope envelope_integral divergence.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Zero.
Variable R : realType.
Local Open Scope classical_set_scope.

Lemma xlnx_bound (x : R) : x < 1 -> `|x * ln x| <= 2%:R * Num.sqrt `|x|.
Proof.
move=> x1; have [x0|x0] := leP x 0.
  by rewrite ln0 // mulr0 normr0 mulr_ge0 ?ler0n ?sqrtr_ge0.
rewrite (gtr0_norm x0); set s := Num.sqrt x; have s0 : 0 < s by rewrite sqrtr_gt0.
have E : x = s ^+ 2 by rewrite sqr_sqrtr // ltW.
have lnx : ln x = 2%:R * ln s by rewrite E lnX // mulr_natl.
have ln_neg : ln x <= 0 by rewrite -ln1 ler_ln ?posrE ?ltr01 // ltW.
rewrite normrM (gtr0_norm x0) (ler0_norm ln_neg) lnx {1}E.
have := ln_le_tangent (_ : 0 < s^-1); rewrite invr_gt0 lnV ?posrE // => /(_ s0) le.
have -> : s ^+ 2 * - (2%:R * ln s) = 2%:R * (s ^+ 2 * - ln s) by ring.
rewrite ler_wpM2l ?ler0n //; apply: (@le_trans _ _ (s ^+ 2 * (s^-1 - 1))).
  by rewrite ler_wpM2l ?sqr_ge0.
rewrite mulrBr mulr1 expr2 -mulrA divff ?gt_eqF // mulr1 lerBlDr lerDl.
by rewrite mulr_ge0 // ltW.
Qed.

(* x ln x tends to 0 at 0. *)
Lemma xlnx_cvg0 : (x * ln x) @[x --> (0 : R)] --> (0 : R).
Proof.
have to0 : (2%:R * Num.sqrt `|x|) @[x --> (0 : R)] --> (0 : R).
  have root : Num.sqrt `|x| @[x --> (0 : R)] --> Num.sqrt `|0 : R|.
    apply: continuous_cvg; first exact: sqrt_continuous.
    exact: norm_continuous.
  have := cvgMr (a := 2%:R) root; rewrite normr0 sqrtr0 mulr0; apply.
apply: norm_cvg0.
apply: squeeze_cvgr; [|exact: (cvg_cst (0 : R))|exact: to0].
near=> x; rewrite normr_ge0 /= xlnx_bound //.
near: x; apply/nbhs_ballP; exists 1 => /= [|y]; first exact: ltr01.
by rewrite /ball /= sub0r normrN; apply: le_lt_trans (ler_norm y).
Unshelve. all: by end_near. Qed.

End Zero.

(* For lam = inf and one K all is explicit: G_t(u) = u^N, N = K^t, and
   Phi(u) = u^N (ln N + (N-1) ln u - (N-1)/N). *)
Section Power.
Variables (R : realType) (n : nat).
Notation N := n.+1.

Definition power_primitive (u : R) := u ^+ N * (ln N%:R + n%:R * ln u - n%:R / N%:R).

Let N_gt0 : 0 < N%:R :> R. Proof. by rewrite ltr0n. Qed.
Let n_is : n%:R = N%:R - 1 :> R. Proof. by rewrite mulrS addrC addKr. Qed.

(* S_t = Phi(1) - Phi(0) = ln N - 1 + 1/N *)
Lemma power_primitive_gain : power_primitive 1 - power_primitive 0 = ln N%:R - 1 + N%:R^-1.
Proof.
rewrite /power_primitive expr0n mul0r subr0 expr1n mul1r ln1 mulr0 addr0 -addrA; congr (_ + _).
by rewrite n_is; field; rewrite gt_eqF.
Qed.

Lemma is_derive_power_primitive (x : R) : 0 < x ->
  is_derive x 1 power_primitive (N%:R * x ^+ n * ln (N%:R * x ^+ n)).
Proof.
move=> x0; have dln := is_derive1_ln x0.
have dX : is_derive x 1 (fun y : R => y ^+ N) (N%:R * x ^+ n).
  by have := is_deriveX n (is_derive_id x (1 : R)); rewrite exprfctE /GRing.scale /= mulr1.
have -> : power_primitive = (fun y : R => y ^+ N)
    * (cst (ln N%:R - n%:R / N%:R) + cst n%:R * (@ln R)).
  by apply: funext => y; rewrite !fctE /power_primitive addrAC.
apply: is_derive_eq; rewrite !fctE /GRing.scale /= lnM ?posrE ?exprn_gt0 // lnX //.
rewrite exprS -[ln x *+ n]mulr_natl n_is; have N0 : N%:R != 0 :> R by rewrite gt_eqF.
move: N0; set b := N%:R => N0; have x1 : x != 0 by rewrite gt_eqF.
by field; rewrite N0 x1.
Qed.

Lemma power_primitive_continuous : {within `[0, 1]%classic, continuous power_primitive}.
Proof.
apply: continuous_in_subspaceT => x; rewrite inE /= in_itv /= => /andP[+ _].
rewrite le_eqVlt => /orP[/eqP <-|x0]; last first.
  apply/differentiable_continuous/derivable1_diffP.
  by case: (is_derive_power_primitive x0).
have -> : power_primitive = (fun y : R => y ^+ N * (ln N%:R - n%:R / N%:R)
    + n%:R * (y ^+ n * (y * ln y))).
  by apply: funext => y; rewrite /power_primitive exprS; ring.
have power k := @exprn_continuous R k 0.
have := cvgD (cvgMl (b := ln N%:R - n%:R / N%:R) (power N))
  (cvgMr (a := n%:R) (cvgM (power n) (@xlnx_cvg0 R))).
by rewrite !mul0r; apply.
Qed.

End Power.

Section Pure.
Variables (R : realType) (K : nat).
Hypothesis K_gt0 : (0 < K)%N.

Lemma pure_share_floor t (u : R) : share_floor (fun=> 0) (fun=> K) t u = u ^+ (K ^ t).
Proof.
by elim: t => [|t IH] /=; rewrite ?expr1 // IH mul0r add0r subr0 mul1r -exprM expnSr.
Qed.

Lemma pure_share_density t (u : R) :
  share_density (fun=> 0) (fun=> K) t u = (K ^ t)%:R * u ^+ (K ^ t).-1.
Proof.
elim: t => [|s IH] /=; first by rewrite expr0 mulr1.
rewrite IH pure_share_floor add0r subr0 mul1r expnS natrM.
rewrite -mulrA -[RHS]mulrA; congr (_ * _); rewrite mulrCA; congr (_ * _).
rewrite -exprM -exprD; congr (_ ^+ _).
have N0 : (0 < K ^ s)%N by rewrite expn_gt0 K_gt0.
move: (K ^ s)%N N0 => [//|n] _; case: (K) K_gt0 => // k _.
by rewrite [(k.+1 * _)%N]mulSn /= addnC mulnC.
Qed.

(* So there is such a Phi; S_t = t ln K - 1 + K^-t (power_primitive_gain). *)
Theorem pure_primitive t : primitive_of_g_ln_g
  (share_density (fun=> 0) (fun=> K) t) (@power_primitive R (K ^ t).-1).
Proof.
have N0 : (0 < K ^ t)%N by rewrite expn_gt0 K_gt0.
split=> [x /andP[x0 _]|]; last exact: power_primitive_continuous.
rewrite pure_share_density; have := is_derive_power_primitive (K ^ t).-1 x0.
by rewrite prednK.
Qed.

End Pure.

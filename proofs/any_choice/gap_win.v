(* The least probability that a group wins if J of K candidates are members, their weights are 1 and
   the others' R: J/(J + (K - J) R). J is binomial: f(x) = E J/(J + (K - J) R), J ~ Bin(K, x). It is
   convex and increases from 0 to 1, and falls with K. In this file R is called gap. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility floor_functions binomial winner.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variable R : realFieldType.
Implicit Types (gap x : R) (j : nat).

(* J/(J + (K - J) R), the least probability that a group wins of which J of K candidates are members:
   their weights are 1, the others' R. *)
Definition win K gap j := j%:R / (j%:R + (K%:R - j%:R) * gap).

(* f(x): K candidates, or None for K = inf, where the winner's law is p w / E_p w. *)
Definition gap_win (K : option nat) gap x :=
  if K is Some K then binomial_mean K (win K gap) x else x / (x + (1 - x) * gap).

(* 1 <= K' <= K, None as the largest. *)
Definition at_most (K' K : option nat) :=
  match K', K with
  | Some i, Some k => (0 < i <= k)%N
  | Some i, None => (0 < i)%N
  | None, None => true
  | None, Some _ => false
  end.

End Definitions.

Section Win.
Variables (R : realFieldType) (gap : R).
Hypothesis gap_ge1 : 1 <= gap.
Implicit Types (x : R) (j K : nat).

Let gap_gt0 : 0 < gap. Proof. exact: lt_le_trans ltr01 gap_ge1. Qed.

Lemma weights_gt0 K j : (0 < K)%N -> (j <= K)%N -> 0 < j%:R + (K%:R - j%:R) * gap.
Proof.
move=> K0 jK; have d0 : 0 <= K%:R - j%:R :> R by rewrite subr_ge0 ler_nat.
apply: (@lt_le_trans _ _ (j%:R + (K%:R - j%:R) * 1)); last by rewrite lerD2l ler_wpM2l.
by rewrite mulr1 addrC subrK ltr0n.
Qed.

Lemma rise_win K j : (j < K)%N -> rise (win K gap) j
  = K%:R * gap / ((j%:R + (K%:R - j%:R) * gap) * (j.+1%:R + (K%:R - j.+1%:R) * gap)).
Proof.
move=> jK; have K0 : (0 < K)%N by apply: leq_ltn_trans jK.
have d0 := weights_gt0 K0 (ltnW jK); have := weights_gt0 K0 jK.
rewrite /rise /win mulrS => d1; field.
by rewrite !gt_eqF.
Qed.

Lemma rise_win_ge0 K j : (j < K)%N -> 0 <= rise (win K gap) j.
Proof.
move=> jK; have K0 : (0 < K)%N by apply: leq_ltn_trans jK.
rewrite rise_win // divr_ge0 // mulr_ge0 ?ler0n ?(ltW gap_gt0) // ltW // weights_gt0 // ltnW //.
Qed.

Lemma convex_win K j : (j.+2 <= K)%N -> 0 <= rise (rise (win K gap)) j.
Proof.
move=> jK; have K0 : (0 < K)%N by apply: leq_ltn_trans jK.
rewrite subr_ge0 !rise_win ?(ltnW jK) // ler_wpM2l ?mulr_ge0 ?ler0n ?(ltW gap_gt0) //.
have d0 := weights_gt0 K0 (ltnW (ltnW jK)); have d1 := weights_gt0 K0 (ltnW jK).
have d2 := weights_gt0 K0 jK.
rewrite ler_pV2 ?inE ?unitfE ?gt_eqF ?mulr_gt0 // mulrC ler_wpM2r ?(ltW d1) //.
rewrite -subr_ge0; have -> : j%:R + (K%:R - j%:R) * gap - (j.+2%:R + (K%:R - j.+2%:R) * gap)
    = 2 * (gap - 1) by rewrite -addn2 natrD; ring.
by rewrite mulr_ge0 ?ler0n // subr_ge0.
Qed.

Lemma win_unit K j : (0 < K)%N -> (j <= K)%N -> 0 <= win K gap j <= 1.
Proof.
move=> K0 jK; have d0 := weights_gt0 K0 jK.
rewrite divr_ge0 ?ler0n ?(ltW d0) //= ler_pdivrMr // mul1r lerDl mulr_ge0 ?(ltW gap_gt0) //.
by rewrite subr_ge0 ler_nat.
Qed.

(* f is convex and increases from 0 to 1, for every K. *)
Theorem gap_win_function (K : option nat) : at_least 1 K -> floor_function (gap_win K gap).
Proof.
case: K => [K /= K0|_].
  split=> [||a au]; rewrite /gap_win ?binomial_mean_at0 ?binomial_mean_at1 /win.
  - by rewrite mul0r.
  - by rewrite subrr mul0r addr0 divff // pnatr_eq0 -lt0n.
  exists (K%:R * binomial_mean K.-1 (rise (win K gap)) a) => [|x xu].
    rewrite mulr_ge0 ?ler0n //; apply: binomial_mean_ge0 => // j jK; apply: rise_win_ge0.
    by rewrite -(prednK K0).
  by apply: binomial_tangent => // j jK; apply: convex_win.
have d_gt0 x : 0 <= x <= 1 -> 0 < x + (1 - x) * gap.
  move=> /andP[x0 x1]; apply: (@lt_le_trans _ _ (x + (1 - x) * 1)).
    by rewrite mulr1 addrC subrK ltr01.
  by rewrite lerD2l ler_wpM2l // subr_ge0.
split=> [||a au]; rewrite /= ?mul0r // ?subrr ?mul0r ?addr0 ?divff ?oner_eq0 //.
have a0 := d_gt0 a au; exists (gap / (a + (1 - a) * gap) ^+ 2) => [|x xu].
  by rewrite divr_ge0 ?sqr_ge0 ?(ltW gap_gt0).
have x0 := d_gt0 x xu; rewrite -subr_ge0.
have -> : x / (x + (1 - x) * gap)
    - (a / (a + (1 - a) * gap) + gap / (a + (1 - a) * gap) ^+ 2 * (x - a))
  = gap * (gap - 1) * (x - a) ^+ 2 / ((x + (1 - x) * gap) * (a + (1 - a) * gap) ^+ 2).
  by field; rewrite !gt_eqF.
by apply: divr_ge0; apply: mulr_ge0; rewrite ?sqr_ge0 ?(ltW x0) // mulr_ge0 ?subr_ge0 ?(ltW gap_gt0).
Qed.

(* One candidate of K + 1 is left out, each as often as another. *)
Lemma binomial_mean_leave_out K (b : nat -> R) x : K.+1%:R * binomial_mean K b x
  = binomial_mean K.+1 (fun j => (K.+1%:R - j%:R) * b j + j%:R * b j.-1) x.
Proof.
elim: K b => [|K IH] b.
  by rewrite binomial_meanS !binomial_mean0 /=; ring.
have next i : i.+1%:R = i%:R + 1 :> R by rewrite mulrS addrC.
have e0 : binomial_mean K.+1 (fun j => (K.+2%:R - j%:R) * b j + j%:R * b j.-1) x
    = K.+1%:R * binomial_mean K b x + binomial_mean K.+1 b x.
  by rewrite IH -binomial_meanD; apply: eq_binomial_mean => j _; rewrite (next K.+1); ring.
have e1 : binomial_mean K.+1 (fun j => (K.+2%:R - j.+1%:R) * b j.+1 + j.+1%:R * b j) x
    = K.+1%:R * binomial_mean K (fun j => b j.+1) x + binomial_mean K.+1 b x.
  rewrite IH -binomial_meanD; apply: eq_binomial_mean => -[|j] _.
    by rewrite (next K.+1) (next 0%N); ring.
  by rewrite (next K.+1) (next j.+1) /=; ring.
by rewrite [RHS]binomial_meanS e0 e1 (next K.+1) binomial_meanS; ring.
Qed.

(* The more candidates, the less may be left of a group. *)
Lemma gap_winS K x : (0 < K)%N -> 0 <= x <= 1 ->
  gap_win (Some K.+1) gap x <= gap_win (Some K) gap x.
Proof.
move=> K0 xu; have K1 : 0 < K.+1%:R :> R by rewrite ltr0n.
rewrite /= -(ler_pM2l K1) binomial_mean_leave_out -binomial_meanZ.
apply: le_binomial_mean => // j jK; rewrite /win.
have [->|j_gt0] := posnP j; first by rewrite !mul0r !mulr0 addr0.
have [jK1|] := ltnP K j.
  have -> : j = K.+1 by apply/eqP; rewrite eqn_leq jK.
  by rewrite /= !subrr !mul0r !addr0 !divff ?pnatr_eq0 -?lt0n // add0r.
case: j j_gt0 jK => // i _ _ iK.
have d0 := weights_gt0 K0 iK; have d1 := weights_gt0 K0 (ltnW iK).
have d2 := weights_gt0 (isT : (0 < K.+1)%N) (leqW iK).
rewrite [i.+1.-1]/= -subr_ge0.
have next i' : i'.+1%:R = i'%:R + 1 :> R by rewrite mulrS addrC.
move: d0 d1 d2; rewrite !next => d0 d1 d2.
set y := i%:R in d0 d1 d2 *; set k := K%:R in d0 d1 d2 *.
have -> : (k + 1 - (y + 1)) * ((y + 1) / (y + 1 + (k - (y + 1)) * gap))
    + (y + 1) * (y / (y + (k - y) * gap)) - (k + 1) * ((y + 1) / (y + 1 + (k + 1 - (y + 1)) * gap))
  = (y + 1) * (k - y) * gap * (gap - 1) / ((y + 1 + (k + 1 - (y + 1)) * gap)
      * ((y + 1 + (k - (y + 1)) * gap) * (y + (k - y) * gap))).
  by field; rewrite !gt_eqF.
have y0 : 0 <= y + 1 by rewrite -next ler0n.
have ky : 0 <= k - y by rewrite subr_ge0 ler_nat ltnW.
apply: divr_ge0; last by apply/ltW; rewrite !mulr_gt0.
by rewrite mulr_ge0 ?subr_ge0 // mulr_ge0 ?(ltW gap_gt0) // mulr_ge0.
Qed.

Lemma gap_win_inf_le K x : (0 < K)%N -> 0 <= x <= 1 ->
  gap_win None gap x <= gap_win (Some K) gap x.
Proof.
move=> K0 xu; have /andP[x0 x1] := xu; have K1 : 0 < K%:R :> R by rewrite ltr0n.
have D0 : 0 < x + (1 - x) * gap.
  apply: (@lt_le_trans _ _ (x + (1 - x) * 1)); last by rewrite lerD2l ler_wpM2l // subr_ge0.
  by rewrite mulr1 addrC subrK ltr01.
set D := x + (1 - x) * gap in D0.
have -> : gap_win None gap x = binomial_mean K
    (fun j => (x / D - gap / D ^+ 2 * x) + gap / D ^+ 2 / K%:R * j%:R) x.
  by rewrite binomial_mean_affine /= -/D; field; rewrite !gt_eqF.
apply: le_binomial_mean => // j jK; have d0 := weights_gt0 K0 jK; rewrite /win -subr_ge0.
have -> : j%:R / (j%:R + (K%:R - j%:R) * gap)
    - (x / D - gap / D ^+ 2 * x + gap / D ^+ 2 / K%:R * j%:R)
  = gap * (gap - 1) * (j%:R - K%:R * x) ^+ 2
      / (K%:R * (j%:R + (K%:R - j%:R) * gap) * D ^+ 2).
  by rewrite /D in D0 *; field; rewrite !gt_eqF.
apply: divr_ge0; last by apply/ltW; rewrite mulr_gt0 ?exprn_gt0 // mulr_gt0.
by rewrite mulr_ge0 ?sqr_ge0 // mulr_ge0 ?(ltW gap_gt0) ?subr_ge0.
Qed.

Lemma gap_win_anti (K' K : option nat) x : at_most K' K -> 0 <= x <= 1 ->
  gap_win K gap x <= gap_win K' gap x.
Proof.
case: K' K => [i|] [k|] //= i_le_k xu; last exact: gap_win_inf_le.
have /andP[i0 ik] := i_le_k; rewrite -(subnK ik); elim: (k - i)%N => [//|d IH].
apply: le_trans IH; rewrite addSn; apply: (gap_winS _ xu).
by rewrite (leq_trans i0) // leq_addl.
Qed.

End Win.

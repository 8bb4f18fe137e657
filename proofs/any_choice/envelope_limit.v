(* What is left of a group for ever, whatever people choose: the limit of the floors G_t of I2, and the
   largest lam that keeps a given share. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences realfun.
From Recurate Require Import compatibility floor_functions share_envelope.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Lemma cvg_power (R : realType) (x : nat -> R) l n : x --> l -> (fun t => x t ^+ n) --> l ^+ n.
Proof.
move=> to_l; elim: n => [|n IH]; first by rewrite expr0; exact: cvg_cst.
have -> : (fun t => x t ^+ n.+1) = x \* (fun t => x t ^+ n).
  by apply: funext => t; rewrite exprS.
by rewrite exprS; exact: cvgM.
Qed.

Section Limit.
Variables (R : realType) (m u : R) (K : nat).
Hypotheses (K_gt0 : (0 < K)%N) (m01 : 0 <= m <= 1) (u01 : 0 <= u <= 1).
Notation G := (fun t => share_floor (fun=> m) (fun=> K) t u).

Let G_unit t : 0 <= G t <= 1.
Proof. by apply: floor_function_unit u01; apply: share_floor_function. Qed.

(* Each root up to u of y = m u + (1 - m) y^K is a floor for ever. *)
Lemma root_floor y t : 0 <= y -> y <= u -> y = m * u + (1 - m) * y ^+ K -> y <= G t.
Proof.
move=> y0 yu root; have /andP[_ m1] := m01; elim: t => [//|t IH].
rewrite root share_floorS lerD2l ler_wpM2l ?subr_ge0 //.
by rewrite lerXn2r ?nnegrE // (le_trans y0).
Qed.

(* The floors decrease to the largest root of y = m u + (1 - m) y^K that is at most u. *)
Theorem share_floor_limit : exists y, [/\ 0 <= y <= u, y = m * u + (1 - m) * y ^+ K,
  forall z, 0 <= z <= u -> z = m * u + (1 - m) * z ^+ K -> z <= y
  & G --> y].
Proof.
have down : nonincreasing_seq G.
  by apply/nonincreasing_seqP => t; apply: share_floor_decreases.
have bounded : cvg G.
  apply: nonincreasing_is_cvg => //; exists 0 => _ [t _ <-].
  by case/andP: (G_unit t).
have to_y : G --> lim G by [].
exists (lim G); have y_le : lim G <= u := nonincreasing_cvg_ge down bounded 0%N.
have y_ge z : (forall t, z <= G t) -> z <= lim G.
  by move=> le_G; apply: limr_ge => //; apply: nearW.
have y0 : 0 <= lim G by apply: y_ge => t; case/andP: (G_unit t).
split=> //; first by rewrite y0.
  have next : (fun t => G t.+1) --> lim G by rewrite (cvg_shiftS G).
  have step : (fun t => m * u + (1 - m) * G t ^+ K) --> m * u + (1 - m) * lim G ^+ K.
    apply: cvgD; first exact: cvg_cst.
    by apply: cvgMr; apply: cvg_power.
  by rewrite -[LHS](cvg_lim (@Rhausdorff R) next) (cvg_lim (@Rhausdorff R) step).
by move=> z /andP[z0 zu] root; apply: y_ge => t; apply: root_floor.
Qed.

End Limit.

Section ForEver.
Variables (R : realType) (lam u y : R) (K : nat).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (y_ge0 : 0 <= y) (y_le : y <= u) (u_lt1 : u < 1).

Let real := 1 / (1 + lam).

(* For a share u < 1 the closed form of share_floor_for_ever is exact: no choice among K ever brings the
   group below y if and only if lam (y - y^K) <= u - y. (The rule that avoids the group attains G_t:
   share_floor_attained. A group of share u = 1 is everybody, and keeps 1.) *)
Theorem share_floor_for_ever_exact :
  (forall t, y <= share_floor (fun=> real) (fun=> K) t u) <-> lam * (y - y ^+ K) <= u - y.
Proof.
split=> [for_ever|small t]; last exact: share_floor_for_ever.
have l1 : 0 < 1 + lam := ltr_pwDl ltr01 lam_ge0.
have real01 : 0 <= real <= 1.
  by rewrite /real divr_ge0 ?ler01 ?(ltW l1) //= ler_pdivrMr // mul1r lerDl.
have u0 : 0 <= u := le_trans y_ge0 y_le.
have u01 : 0 <= u <= 1 by rewrite u0 ltW.
have [z [/andP[z0 zu] root _ to_z]] := share_floor_limit K_gt0 real01 u01.
have yz : y <= z.
  rewrite -(cvg_lim (@Rhausdorff R) to_z); apply: (limr_ge (cvgP _ to_z)).
  by apply: nearW => t; apply: for_ever.
have rootE : lam * (z - z ^+ K) = u - z.
  have : z * (1 + lam) = u + lam * z ^+ K.
    by rewrite {1}root /real; field; rewrite gt_eqF.
  move=> zE; apply/eqP; rewrite -subr_eq0; apply/eqP.
  have -> : lam * (z - z ^+ K) - (u - z) = z * (1 + lam) - (u + lam * z ^+ K) by ring.
  by rewrite zE subrr.
have [z_lt|] := ltP z u; last first.
  move=> uz; have zE : z = u by apply/eqP; rewrite eq_le zu uz.
  move: rootE; rewrite zE subrr => /eqP; rewrite mulf_eq0 => /orP[/eqP ->|].
    by rewrite mul0r subr_ge0.
  rewrite subr_eq0 => /eqP fixed; case: (K) K_gt0 fixed => [|[|k]] // _ fixed.
    by rewrite expr1 subrr mulr0 subr_ge0.
  have u_eq0 : u = 0.
    apply/eqP; rewrite eq_le u0 andbT leNgt; apply/negP => u_gt0.
    have : u ^+ k.+2 < u by rewrite exprS -subr_gt0 -{1}[u]mulr1 -mulrBr mulr_gt0 // subr_gt0 exprn_ilt1.
    by rewrite -fixed ltxx.
  have -> : y = 0 by apply/eqP; rewrite eq_le y_ge0 andbT -u_eq0.
  by rewrite expr0n /= !subr0 mulr0.
have y_lt : y < u := le_lt_trans yz z_lt.
have d0 : 0 < u - y by rewrite subr_gt0.
pose th := (u - z) / (u - y); have th0 : 0 < th by rewrite divr_gt0 // subr_gt0.
have th1 : th <= 1 by rewrite ler_pdivrMr // mul1r lerD2l lerN2.
have zE : th * y + (1 - th) * u = z by rewrite /th; field; rewrite gt_eqF.
have [_ _ sf] := @power_floor_function R _ K_gt0.
have y1 : 0 <= y <= 1 by rewrite y_ge0 (le_trans y_le) // ltW.
have th01 : 0 <= th <= 1 by rewrite (ltW th0).
have := supported_convex sf th01 y1 u01; rewrite zE => convex.
have uK : u ^+ K <= u by rewrite -(prednK K_gt0) exprS ler_piMr // exprn_ile1 // ltW.
rewrite -(ler_pM2l th0).
have -> : th * (u - y) = u - z by rewrite /th divfK // gt_eqF.
rewrite -rootE mulrCA ler_wpM2l // -subr_ge0.
have -> : z - z ^+ K - th * (y - y ^+ K)
  = (th * y ^+ K + (1 - th) * u ^+ K - z ^+ K) + (1 - th) * (u - u ^+ K).
  by rewrite -{1}zE; ring.
by rewrite addr_ge0 ?mulr_ge0 ?subr_ge0.
Qed.

End ForEver.

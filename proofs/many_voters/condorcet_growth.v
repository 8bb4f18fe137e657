(* By how much the pure loop with two candidates moves away from a balance in each step. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence preference_game.
From Recurate Require Import condorcet_cycle.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Logarithm.
Variable R : realType.

Let four_gt0 : 0 < 4%:R :> R. Proof. by rewrite ltr0n. Qed.

Let g (u : R) := u - u ^+ 2 / 4%:R - ln (1 + u).

Let dg u : 0 < 1 + u -> is_derive u (1 : R) g (u * (1 - u) / (2%:R * (1 + u))).
Proof.
move=> u1; pose f (x : R) := 1 + x.
have df : is_derive u (1 : R) f 1.
  by have -> : f = cst 1 + (id : R -> R); [|apply: is_derive_eq; rewrite add0r].
have dl : is_derive (f u) (1 : R) (@ln R) (1 + u)^-1 by apply: is_derive1_ln.
have dc := is_derive1_comp dl df.
have dX : is_derive u (1 : R) (fun x : R => x ^+ 2) (2%:R * u).
  by have := is_deriveX 1 (is_derive_id u (1 : R)); rewrite exprfctE /GRing.scale /= mulr1 expr1.
have -> : g = (id : R -> R) - cst 4%:R^-1 * (fun x : R => x ^+ 2) - (@ln R \o f).
  by apply: funext => x; rewrite /g !fctE [_ / 4%:R]mulrC.
apply: is_derive_eq; rewrite /cst /GRing.scale /= mulr0 addr0 mulr1.
by field; rewrite gt_eqF.
Qed.

(* u - ln(1 + u) >= u^2/4 for -1 < u <= 1. *)
Lemma ln_quadratic (u : R) : -1 < u -> u <= 1 -> ln (1 + u) <= u - u ^+ 2 / 4%:R.
Proof.
move=> u0 u1; rewrite -subr_ge0 -/(g u).
have g0 : g 0 = 0 by rewrite /g addr0 ln1 expr0n mul0r !subr0.
have pos (x : R) : -1 < x -> 0 < 1 + x by rewrite -subr_gt0 opprK addrC.
have cont (a b : R) : -1 < a -> {within `[a, b]%classic, continuous g}.
  move=> a0; apply: continuous_in_subspaceT => x; rewrite inE /= in_itv /= => /andP[ax _].
  apply/differentiable_continuous/derivable1_diffP.
  by case: (dg (pos x (lt_le_trans a0 ax))).
have minus1 : -1 < 0 :> R by rewrite oppr_lt0 ltr01.
have [neg|up|->] := ltrgtP u 0; last by rewrite g0.
- have du x : x \in `]u, 0[ -> is_derive x (1 : R) g (x * (1 - x) / (2%:R * (1 + x))).
    by rewrite in_itv /= => /andP[ux _]; apply/dg/pos/(lt_trans u0).
  have [x] := MVT neg du (cont _ _ u0); rewrite in_itv /= g0 !sub0r => /andP[ux x0] E.
  rewrite -oppr_le0 E mulr_le0_ge0 ?oppr_ge0 ?(ltW neg) // mulr_le0_ge0 //.
    by rewrite mulr_le0_ge0 ?(ltW x0) // subr_ge0 (le_trans (ltW x0)).
  by rewrite invr_ge0 mulr_ge0 ?ler0n // ltW // pos // (lt_trans u0).
have du x : x \in `]0, u[ -> is_derive x (1 : R) g (x * (1 - x) / (2%:R * (1 + x))).
  by rewrite in_itv /= => /andP[x0 _]; apply/dg/pos/(lt_trans minus1).
have [x] := MVT up du (cont _ _ minus1); rewrite in_itv /= g0 !subr0 => /andP[x0 xu] ->.
rewrite mulr_ge0 ?(ltW up) // divr_ge0 //.
  by rewrite mulr_ge0 ?(ltW x0) // subr_ge0 (le_trans (ltW xu)).
by rewrite mulr_ge0 ?ler0n // ltW // pos // (lt_trans minus1).
Qed.

End Logarithm.

Section Cycle.
Variables (R : realType) (T : finType) (P : T -> T -> R).
Hypothesis pref : is_preference P.
Implicit Types (p q : T -> R).

Lemma lead_le1 p x : is_law p -> lead P p x <= 1.
Proof.
move=> lawp; rewrite -(ler_add2l 1) leadE //.
have -> : 1 + 1 = 2 * 1 :> R by rewrite mulr1 mulr2n.
rewrite ler_pM2l ?ltr0n // -[leRHS](mean_const 1 lawp); apply: le_mean => [|y _].
  by case: lawp.
have [_ <-] := pref x y; rewrite lerDl; by case: (pref y x).
Qed.

(* condorcet-cycle, by how much: a step of the pure loop from p moves away from a balance q by at
   least a quarter of the mean square of A p under q,
     KL(q||T(p)) >= KL(q||p) + E_q (A p)^2/4. *)
Theorem condorcet_cycle_growth q p : is_law p -> balance P p q -> absolutely_continuous q p ->
  KL q p + mean q (fun x => lead P p x ^+ 2) / 4%:R <= KL q (preferred P p).
Proof.
move=> lawp bq qp; have [lawq _] := bq; have [q0 _] := lawq.
have [factor ->] := cycle_growth pref lawp lawq qp; rewrite lerD2l.
have zero := balance_gain lawp bq.
rewrite -[leRHS]add0r -zero /mean mulr_suml -sumrB; apply: ler_sum => x _.
have := q0 x; rewrite le_eqVlt => /orP[/eqP <-|qx]; first by rewrite !mul0r subrr.
rewrite -mulrBr -mulrA ler_pM2l // lerBrDr addrC -lerBrDr.
apply: ln_quadratic; last exact: lead_le1.
by rewrite -subr_gt0 opprK addrC factor.
Qed.

End Cycle.

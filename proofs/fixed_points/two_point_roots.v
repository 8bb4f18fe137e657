(* fixed-point-two-point: the equation of the fixed point's mass at the top, F(p) = 0, and what it
   is for K = 2 and K = infinity. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops binomial winner gap_win.
From Recurate Require Import two_point.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Roots.
Variables (R : realFieldType) (lam rho : R).
Hypotheses (lam_ge0 : 0 <= lam) (rho_gt0 : 0 < rho).

(* Of two candidates a top one wins with probability x^2 + 2 x (1 - x)/(1 + rho). *)
Lemma top_wins_two (x : R) :
  gap_win (Some 2%N) rho x = x ^+ 2 + 2%:R * x * (1 - x) / (1 + rho).
Proof.
have r1 : 1 + rho != 0 by rewrite gt_eqF // addr_gt0 ?ltr01.
rewrite /gap_win !binomial_meanS !binomial_mean0 /win.
rewrite !subrr mul0r addr0 !mul0r !mulr0 add0r.
have -> : 2%:R - 1 = 1 :> R by rewrite mulrS addrC addKr.
rewrite mul1r divff ?pnatr_eq0 //; field.
by [].
Qed.

Let two_equation (P q : R) :
  P = q / (1 + lam) + lam / (1 + lam) * gap_win (Some 2%N) rho P ->
  lam / (1 + lam) * (1 - 2%:R / (1 + rho)) * P ^+ 2
    + (2%:R * (lam / (1 + lam)) / (1 + rho) - 1) * P + q / (1 + lam) = 0.
Proof.
have r1 : 1 + rho != 0 by rewrite gt_eqF // addr_gt0 ?ltr01.
have l1 : 1 + lam != 0 by rewrite gt_eqF // real_share_gt0.
rewrite top_wins_two; set E := (X in P = X) => root.
by rewrite -[RHS](subrr E) -{2}root /E; field; rewrite r1 l1.
Qed.

Let inf_equation (P q : R) : 0 <= P <= 1 ->
  P = q / (1 + lam) + lam / (1 + lam) * gap_win None rho P ->
  (1 - rho) * P ^+ 2 + (rho - lam / (1 + lam) - q / (1 + lam) * (1 - rho)) * P
    - q / (1 + lam) * rho = 0.
Proof.
move=> /andP[P0 P1]; have l1 : 1 + lam != 0 by rewrite gt_eqF // real_share_gt0.
have d0 : P + (1 - P) * rho != 0.
  rewrite gt_eqF //; move: P0; rewrite le_eqVlt => /orP[/eqP <-|P0].
    by rewrite add0r subr0 mul1r.
  by rewrite ltr_pwDl // mulr_ge0 ?subr_ge0 // ltW.
rewrite /=; set E := (X in P = X) => root.
have zero : (E - P) * (P + (1 - P) * rho) = 0 by rewrite -root subrr mul0r.
rewrite -[RHS]oppr0 -zero /E; field.
by rewrite l1 d0.
Qed.
Variables (T : finType) (pref w p : T -> R) (A : pred T).
Hypotheses (law_p : is_law p) (two : two_weights p w A rho).
Notation P := (mass p A).
Notation a := (lam / (1 + lam)).
Notation mq := (mass pref A / (1 + lam)).

(* P = m q + a E J/(J + (K - J) rho), J ~ Bin(K, P): F(P) = 0 for any K, with P/(P + (1 - P) rho)
   for K = infinity. *)
Theorem two_point_equation K : at_least 1 K -> is_fixed_point lam pref (winner K w) p ->
  P = mq + a * gap_win K rho P.
Proof. by move=> K1; apply: mass_fixed. Qed.

(* K = 2: a (1 - 2/(1 + rho)) P^2 + (2 a/(1 + rho) - 1) P + m q = 0. *)
Theorem two_point_two : is_fixed_point lam pref (winner (Some 2%N) w) p ->
  a * (1 - 2%:R / (1 + rho)) * P ^+ 2 + (2%:R * a / (1 + rho) - 1) * P + mq = 0.
Proof. by move=> fix_p; apply: two_equation; apply: two_point_equation. Qed.

(* K = infinity: (1 - rho) P^2 + (rho - a - m q (1 - rho)) P - m q rho = 0. *)
Theorem two_point_inf : is_fixed_point lam pref (winner None w) p ->
  (1 - rho) * P ^+ 2 + (rho - a - mq * (1 - rho)) * P - mq * rho = 0.
Proof.
move=> fix_p; apply: inf_equation; last exact: (two_point_equation (K := None)).
by rewrite mass_le1 // mass_ge0 //; case: law_p.
Qed.

End Roots.

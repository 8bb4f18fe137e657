(* The equation of the voters' fixed point, K = infinity. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law loops winner voters.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section FixedPoint.
Variables (R : realFieldType) (T U : finType).
Variables (a : R) (pref : T -> R) (pi : U -> R) (w : U -> T -> R).
Hypothesis a_lt1 : a < 1.

Let m_gt0 : 0 < 1 - a. Proof. by rewrite subr_gt0. Qed.

Let product p x : voting_step a pref pi w p x = p x
  <-> p x * (1 - a * \sum_u pi u * (w u x / mean p (w u))) = (1 - a) * pref x.
Proof.
rewrite /voting_step voted_ratio; set S := \sum_u _.
have -> : p x * (1 - a * S) = p x - a * (p x * S) by ring.
split=> [E|<-]; last by rewrite subrK.
by rewrite -{1}E addrK.
Qed.

(* fixed-point-voters, its equation: among the laws p on exactly the support of p_ref the fixed
   points of p' = m p_ref + a sum_u pi_u p w_u/W_u, m = 1 - a > 0, W_u = E_p w_u, are those with
     p = m p_ref/(1 - a sum_u pi_u w_u/W_u) there, where the denominator is positive. *)
Theorem fixed_point_voters_equation p : is_law p -> (forall x, 0 <= pref x) ->
  absolutely_continuous pref p -> absolutely_continuous p pref ->
  voting_step a pref pi w p =1 p <-> forall x, 0 < pref x ->
    let bracket := 1 - a * \sum_u pi u * (w u x / mean p (w u)) in
    0 < bracket /\ p x = (1 - a) * pref x / bracket.
Proof.
move=> [p0 _] r0 has only; split=> [fixed x rx bracket|eqs x].
  have /product E := fixed x; have right : 0 < (1 - a) * pref x by rewrite mulr_gt0.
  have px : 0 < p x.
    by rewrite lt_neqAle p0 andbT eq_sym; apply: contraTneq rx => /has ->; rewrite ltxx.
  have b0 : 0 < bracket by rewrite -(pmulr_rgt0 _ px) E.
  by split=> //; rewrite -E mulfK // gt_eqF.
apply/product; have := r0 x; rewrite le_eqVlt => /orP[/eqP rx|rx].
  by rewrite -rx only // mul0r mulr0.
by have [b0 ->] := eqs x rx; rewrite divfK // gt_eqF.
Qed.

End FixedPoint.

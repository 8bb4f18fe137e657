(* outside-mass-decays is false: what refutes it. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner voters.
From Recurate Require Import two_basins.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* Three answers: the first is voter 1's best (u = true), the second voter 2's, the third a good
   one for both, which is outside of both basins. *)
Definition compromise (u : bool) (x : 'I_3) : rat :=
  nth 0 (if u then [:: 1; 1 / 4%:R; 3%:R / 4%:R] else [:: 1 / 4%:R; 1; 3%:R / 4%:R]) x.
Definition half_third (x : 'I_3) : rat := nth 0 [:: 1 / 4%:R; 1 / 4%:R; 1 / 2%:R] x.
Definition basin (u : bool) (x : 'I_3) := 7%:R / 8%:R <= compromise u x.
Definition outside (x : 'I_3) := ~~ basin true x && ~~ basin false x.
Notation compromise_loop := (nash_loop (two_shares (1 / 2)) compromise half_third).

(* outside-mass-decays is false. Weights are at most 1 and reach it; the basins (of weights >= 7/8,
   which is e^-eps) are disjoint and have mass; outside of them, and on the other voter's basin,
   all weights are at most 3/4. But no rho < 1 has p_{t+1}(outside) <= rho p_t(outside) for all t:
   the mass outside grows in the first step, from 1/2 by the factor (3/4)/(11/16) = 12/11. *)
Theorem outside_mass_decays_false :
  [/\ is_law half_third,
      forall u, (forall x, compromise u x <= 1) /\ exists x, compromise u x = 1,
      forall x, basin true x -> ~~ basin false x,
      forall u, 0 < mass half_third (basin u)
    & forall u x, outside x || basin (~~ u) x -> compromise u x <= 3%:R / 4%:R]
  /\ ~ exists2 rho, rho < 1
       & forall t, mass (compromise_loop t.+1) outside <= rho * mass (compromise_loop t) outside.
Proof.
split.
  split.
  - by split; [case=> [[|[|[|//]]] ?]|rewrite !big_ord_recl big_ord0].
  - move=> u; split; first by case: u => -[[|[|[|//]]] ?].
    by exists (if u then ord0 else lift ord0 ord0); case: u.
  - by case=> [[|[|[|//]]] ?].
  - by case; rewrite /mass big_mkcond !big_ord_recl big_ord0.
  by case=> -[[|[|[|//]]] ?].
case=> rho rho1 /(_ 0%N).
have outE (p : 'I_3 -> rat) : mass p outside = p (lift ord0 (lift ord0 ord0)).
  rewrite /mass (eq_bigl (pred1 (lift ord0 (lift ord0 ord0)))) ?big_pred1_eq //.
  by case=> [[|[|[|//]]] ?].
rewrite !outE => le; have : (1 / 2 : rat) < rho * (1 / 2).
  apply: lt_le_trans le; rewrite -[nash_loop _ _ _ 1]/(voted _ _ half_third) voted_ratio big_bool.
  by rewrite /mean !big_ord_recl !big_ord0.
by rewrite -{1}[1 / 2]mul1r ltr_pmul2r // ltNge (ltW rho1).
Qed.

(* Instances that compute, of two basins: shares, plateaus, and the three answers that refute
   outside-mass-decays, over the rationals. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import finite_law curation loops winner voters two_basins basin_shares.
From Recurate Require Import outside_mass sanity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* Shares 1/4 and 3/4. Two plateaus, true and false, of which the other voter's has 1/2 and 1/3 of
   the weight of the own one. *)
Theorem quarter_and_plateaus :
  [/\ forall u, two_shares (1 / 4%:R) u = if u then 1 / 4%:R else 3%:R / 4%:R :> rat,
      forall x, plateaus (pred1 true) (1 / 2) (1 / 3%:R) true x = if x then 1 else 1 / 2 :> rat
    & forall x, plateaus (pred1 true) (1 / 2) (1 / 3%:R) false x
        = if x then 1 / 3%:R else 1 :> rat].
Proof. by split=> -[]. Qed.

(* From equal masses, and plateaus of 1 and 1/2, a step leads to 1/4 2/3 + 3/4 1/3 = 5/12, and the
   next to 1/4 (5/12)/(5/12 + 7/24) + 3/4 (5/24)/(5/24 + 7/12) = 5/34 + 15/76 = 445/1292. *)
Notation plateau_loop := (nash_loop (two_shares (1 / 4%:R))
  (plateaus (pred1 true) (1 / 2) (1 / 2)) halves).

Theorem plateau_steps :
  plateau_loop 1 true = 5%:R / 12%:R /\ plateau_loop 2 true = 445%:R / 1292%:R.
Proof.
have first x : plateau_loop 1 x = if x then 5%:R / 12%:R else 7%:R / 12%:R.
  rewrite -[plateau_loop 1]/(voted _ _ halves) voted_ratio big_bool /mean !big_bool.
  by case: x.
split; first by rewrite first.
rewrite -[plateau_loop 2]/(voted _ _ (plateau_loop 1)) voted_ratio big_bool /mean !big_bool !first.
by rewrite /two_shares /plateaus /=; field.
Qed.

(* The three answers: E w = 1/4 1 + 1/4 1/4 + 1/2 3/4 = 11/16 for each voter; the basins are the
   first two; the mass outside goes from 1/2 to 1/2 (3/4)/(11/16) = 6/11. *)
Theorem outside_grows :
  [/\ forall u, mean half_third (compromise u) = 11%:R / 16%:R,
      forall u x, basin u x = (x == if u then ord0 else lift ord0 ord0),
      forall x, outside x = (x == lift ord0 (lift ord0 ord0))
    & nash_loop (two_shares (1 / 2)) compromise half_third 1 (lift ord0 (lift ord0 ord0))
        = 6%:R / 11%:R].
Proof.
split.
- by case; rewrite /mean !big_ord_recl big_ord0; exact: erefl.
- by case=> -[[|[|[|//]]] ?]; exact: erefl.
- by case=> [[|[|[|//]]] ?]; exact: erefl.
rewrite -[nash_loop _ _ _ 1]/(voted _ _ half_third) voted_ratio big_bool.
by rewrite /mean !big_ord_recl !big_ord0; exact: erefl.
Qed.

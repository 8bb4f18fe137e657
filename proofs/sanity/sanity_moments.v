(* Instances that compute, over the rationals, with the two answers of sanity.v, of equal masses and
   with the weights 1 and 2: what one curation gains by moments and by odds, and its derivative. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops.
From Recurate Require Import winner binomial draw_moments concentration sharp_odds.
From Recurate Require Import winner_derivative winner_form two_basins basin_shares best_of_n sanity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* mu = 3/2, V = 1/4, kappa_3 = 0. So for K = 2 the gain, 19/12 - 3/2, is V^2/(2 mu V): equality. *)
Theorem gain_attained : variance halves one_or_two = 1 / 4%:R
  /\ central_moment halves one_or_two 3 = 0
  /\ mean (curated 2 halves one_or_two) one_or_two - mean halves one_or_two
     = (1 / 4%:R) ^+ 2 / (2%:R * (3%:R / 2%:R) * (1 / 4%:R)).
Proof.
have [-> ->] := mean_goes_up; split; last split=> //.
  by rewrite /variance /covariance /mean !big_bool.
by rewrite /central_moment /moment /centred /mean !big_bool.
Qed.

(* Off the top all weigh 1, half of w_* = 2; the odds fall from 1 to (5/12)/(7/12) = 5/7, not more
   than by 3/4, and by 1/2 for K = infinity. *)
Theorem odds_fall : mean_off_top halves one_or_two 2 = 1 
  /\ ratio_off_top halves one_or_two 2 = 1 / 2
  /\ mass (curated 2 halves one_or_two) (top one_or_two 2) = 7%:R / 12%:R
  /\ mass (winner None one_or_two halves) (top one_or_two 2) = 2%:R / 3%:R.
Proof.
have E : mean_off_top halves one_or_two 2 = 1.
  have off (q : bool -> rat) : \sum_(x | ~~ top one_or_two 2 x) q x = q false.
    by rewrite (eq_bigl (pred1 false)) ?big_pred1_eq //; case.
  by rewrite /mean_off_top /mass !off.
have top_true q : mass q (top one_or_two 2) = q true.
  by rewrite /mass (eq_bigl (fun x => x == true)) ?big_pred1_eq //; case.
rewrite /ratio_off_top E !top_true seven_twelfths; do 3!split=> //.
by rewrite /= /tilted /mean big_bool.
Qed.

(* Mass moved to the better answer, at equal masses: (f|f) = 1/(1/2 2) + 1/(1/2 1) = 3, so that the
   rates for K = 2 are from H(1) = 5/6 to H(2) = 7/6. *)
Definition shift (x : bool) : rat := if x then 1 else -1.

Theorem shift_form : pairing halves one_or_two shift shift = 3%:R
  /\ winner_ratio (Some 2%N) one_or_two halves 2 = 7%:R / 6%:R
  /\ winner_ratio (Some 2%N) one_or_two halves 1 = 5%:R / 6%:R.
Proof.
split; first by rewrite /pairing big_bool.
split; [transitivity (ratio 2 halves one_or_two true)|
        transitivity (ratio 2 halves one_or_two false)]; by rewrite // two_candidates big_bool.
Qed.

Lemma sum_pairs (R : zmodType) (F : {ffun 'I_2 -> bool} -> R) :
  \sum_c F c = \sum_a \sum_b F [ffun i => if i == ord0 then a else b].
Proof.
pose pair_of (ab : bool * bool) : {ffun 'I_2 -> bool} :=
  [ffun i => if i == ord0 then ab.1 else ab.2].
rewrite pair_big /= (reindex pair_of) //.
exists (fun x : {ffun 'I_2 -> bool} => (x ord0, x (lift ord0 ord0))) => [[a b]|x] _.
  by rewrite !ffunE.
apply/ffunP => i; rewrite ffunE; case: (unliftP ord0 i) => [j ->|-> //].
by rewrite (ord1 j).
Qed.

(* Both candidates are good with the probability p^2, one of them with 2 p (1-p), and then wins with
   2/3: the derivative at p = 1/2, of p^2 + 4/3 p (1-p), is 1, its own factor. *)
Theorem shift_derivative : winner_derivative (Some 2%N) one_or_two halves shift true = 1.
Proof.
have choiceE (c : {ffun 'I_2 -> bool}) : choice one_or_two c true
    = \sum_k if c k then one_or_two (c k) / total_weight one_or_two c else 0.
  by rewrite /choice big_mkcond; apply: eq_bigr => k _; case: (c k).
rewrite /winner_derivative big_ord_recl big_ord1 /mean !sum_pairs !big_bool.
by rewrite /draws_with !choiceE /total_weight !big_ord_recl !big_ord0 !ffunE.
Qed.

(* For K = infinity it is 8/9, from p 2/(1 + p). *)
Theorem shift_tilted : winner_derivative None one_or_two halves shift true = 8%:R / 9%:R.
Proof. by rewrite /winner_derivative /mean !big_bool. Qed.

(* Two plateaus, each half as good to the other voter: voter 1, with a quarter of the choices, gives
   1/4 (1/2)/(3/4) and voter 2 3/4 (1/4)/(3/4), together 5/12. *)
Theorem plateau_five_twelfths :
  share_step (1 / 4%:R) (1 / 2) (1 / 2) (1 / 2) = 5%:R / 12%:R :> rat
  /\ conditioned halves (pred1 true) true = 1 /\ conditioned halves (pred1 true) false = 0.
Proof. by split=> //; rewrite !/conditioned /mass !big_pred1_eq. Qed.

(* The intervals of the two answers are from 0 to 1/2 and from 1/2 to 1. One answer of all mass has
   the interval from 0 to 1; for n = 2 the best of n misses 2/3 - 1/2 = 1/6, and so it may. *)
Theorem intervals : below halves one_or_two true = 1 / 2 /\ upto halves one_or_two true = 1
  /\ trapezoid 0 1 2 = 1 / 6%:R :> rat
  /\ 2%:R * (2%:R - 1) / 12%:R * (1 - 0) ^+ 3 = 1 / 6%:R :> rat.
Proof.
split; first by rewrite /below /mass (eq_bigl (pred1 false)) ?big_pred1_eq //; case.
by split=> //; rewrite /upto /mass (eq_bigl predT) ?big_bool //; case.
Qed.

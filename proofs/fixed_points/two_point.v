(* fixed-point-two-point: with two weights, 1 on A and rho off A, the mixed loop moves toward its
   only fixed point and never past it. One number tells everything: x = p_t(A). A top answer wins
   with probability T(x) = E J/(J + (K - J) rho), J ~ Bin(K, x), which is gap_win K rho x. As 1 -
   T(1 - x) is the same with 1/rho (gap_winC), which is convex and increases (gap_win_function), T
   is concave. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops concentration.
From Recurate Require Import floor_functions binomial winner gap_win.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).

(* Where p has mass, the weight is 1 on A and rho elsewhere. *)
Definition two_weights (p w : T -> R) (A : pred T) rho :=
  forall x, 0 < p x -> w x = if A x then 1 else rho.

End Definitions.

Section Winner.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R) (A : pred T) (K : option nat) (rho : R).

(* Only weights on the support matter. *)
Lemma eq_winner K w v p : is_law p -> (forall x, 0 < p x -> w x = v x) ->
  winner K w p =1 winner K v p.
Proof.
move=> lawp wv x; have [p0 _] := lawp; case: K => [K|] /=; last first.
  rewrite /tilted; have -> : mean p w = mean p v.
    apply: eq_bigr => y _; have := p0 y; rewrite le_eqVlt => /orP[/eqP <-|/wv -> //].
    by rewrite !mul0r.
  by have := p0 x; rewrite le_eqVlt => /orP[/eqP <-|/wv -> //]; rewrite !mul0r.
apply: eq_bigr => c _; have := proj1 (draws_is_law K lawp) c.
rewrite le_eqVlt => /orP[/eqP <-|pc]; first by rewrite !mul0r.
have same k : w (c k) = v (c k) by apply: wv; apply: (draws_gt0 (c := c)).
congr (_ * _); apply: eq_bigr => k _; rewrite same; congr (_ / _).
exact: eq_bigr.
Qed.

(* The winner is of A with probability E J l/(J l + (K - J) h), for weights l on A, h off A. *)
Lemma mass_winner_two K p (l h : R) A : at_least 1 K -> is_law p -> 0 < l -> 0 < h ->
  mass (winner K (fun x => if A x then l else h) p) A = gap_win K (h / l) (mass p A).
Proof.
move=> K1 lawp l0 h0; have w0 x : 0 < (if A x then l else h) by case: (A x).
case: K K1 => [K|] /= K0.
  rewrite mass_curated -mean_members //; apply: eq_mean => // c.
  have W0 := total_weight_gt0 c K0 w0.
  have num : \sum_k (A (c k))%:R * (if A (c k) then l else h) = (members A c)%:R * l.
    rewrite -sum_members mulr_suml; apply: eq_bigr => k _.
    by case: (A _); rewrite ?mul0r.
  have den : total_weight (fun x => if A x then l else h) c
      = ((members A c)%:R + (K%:R - (members A c)%:R) * (h / l)) * l.
    rewrite mulrDl -mulrA divfK ?gt_eqF // -sum_others -sum_members !mulr_suml -big_split.
    by apply: eq_bigr => k _ /=; case: (A _); rewrite /= ?mul0r ?mul1r ?addr0 ?add0r.
  by rewrite num den /win -mulf_div divff ?mulr1 // gt_eqF.
have W0 := mean_gt0 lawp w0; rewrite -[LHS]mean_indicator mean_tilted.
have num : mean p (fun x => (if A x then l else h) * (A x)%:R) = mass p A * l.
  rewrite -mean_indicator mulrC -meanZ; apply: eq_mean => // x.
  by case: (A x); rewrite ?mulr0.
have den : mean p (fun x => if A x then l else h) = (mass p A + (1 - mass p A) * (h / l)) * l.
  rewrite [RHS]mulrDl -[(1 - _) * _ * l]mulrA divfK ?gt_eqF // -massC // -!mean_indicator.
  rewrite ![mean p _ * _]mulrC -!meanZ -meanD; apply: eq_mean => // x /=.
  by case: (A x); rewrite /= ?mulr0 ?mulr1 ?addr0 ?add0r.
by rewrite num den -mulf_div divff ?mulr1 // gt_eqF.
Qed.

Lemma mass_winner_top K p w A rho : at_least 1 K -> is_law p -> 0 < rho -> two_weights p w A rho ->
  mass (winner K w p) A = gap_win K rho (mass p A).
Proof.
move=> K1 lawp r0 two; rewrite -[in RHS](divr1 rho) -(mass_winner_two A K1 lawp ltr01 r0).
by apply: eq_bigr => x _; exact: eq_winner.
Qed.

End Winner.

Section Numbers.
Variables (R : realFieldType) (K : option nat) (rho : R).
Hypotheses (K1 : at_least 1 K) (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1).
Notation W := (gap_win K rho).

(* A top answer wins where no other does. *)
Lemma gap_winC x : 0 <= x <= 1 -> W x = 1 - gap_win K rho^-1 (1 - x).
Proof.
move=> /andP[x0 x1]; pose p b := if b then x else 1 - x.
have lawp : is_law p by split=> [[]|]; [|rewrite /p subr_ge0|rewrite big_bool /p /= addrC subrK].
pose w b := if b then 1 else rho.
have top : mass p id = x by rewrite /mass big_mkcond big_bool /p /= addr0.
have w0 b : 0 < w b by case: b; rewrite /w ?ltr01.
have one : mass (winner K w p) id = W x.
  by rewrite -top; apply: (mass_winner_top K1 lawp rho_gt0).
have others : mass (winner K w p) (predC id) = gap_win K rho^-1 (1 - x).
  rewrite -[rho^-1]mul1r -top -(massC _ lawp) -(mass_winner_two (predC id) K1 lawp rho_gt0 ltr01).
  by apply: eq_bigr => b _; apply: (eq_winner _ lawp) => -[].
by rewrite -one -others (massC _ (winner_is_law K1 lawp w0)) opprB addrC subrK.
Qed.

Let others : floor_function (gap_win K rho^-1).
Proof. by apply: gap_win_function; rewrite // invf_ge1. Qed.

Let unitC (x : R) : 0 <= x <= 1 -> 0 <= 1 - x <= 1.
Proof. by case/andP=> x0 x1; rewrite subr_ge0 x1 lerBlDr lerDl. Qed.

Lemma top_unit x : 0 <= x <= 1 -> 0 <= W x <= 1.
Proof. by move=> xu; rewrite gap_winC // unitC //; apply/(floor_function_unit others)/unitC. Qed.

Lemma top0 : W 0 = 0.
Proof. by have [_ f1 _] := others; rewrite gap_winC ?lexx ?ler01 // subr0 f1 subrr. Qed.

Lemma top1 : W 1 = 1.
Proof. by have [f0 _ _] := others; rewrite gap_winC ?lexx ?ler01 // subrr f0 subr0. Qed.

(* The more top answers, the more often one wins, ... *)
Lemma top_mono x y : 0 <= x -> x <= y -> y <= 1 -> W x <= W y.
Proof.
move=> x0 xy y1; have [_ _ sf] := others.
have xu : 0 <= x <= 1 by rewrite x0 (le_trans xy).
have yu : 0 <= y <= 1 by rewrite y1 (le_trans x0).
rewrite !gap_winC // lerD2l lerN2; apply: supported_mono sf _ _ _.
- by rewrite subr_ge0.
- by rewrite lerD2l lerN2.
by rewrite lerBlDr lerDl.
Qed.

(* ... but H = W x/x falls. *)
Lemma top_ratio x y : 0 <= x -> x <= y -> y <= 1 -> x * W y <= y * W x.
Proof.
move=> x0; rewrite le_eqVlt => /orP[/eqP -> //|xy] y1; have y0 := le_lt_trans x0 xy.
have xu : 0 <= x <= 1 by rewrite x0 (le_trans (ltW xy)).
have yu : 0 <= y <= 1 by rewrite y1 ltW.
have [_ f1 sf] := others; have l01 : 0 <= x / y <= 1.
  by rewrite divr_ge0 ?(ltW y0) // ler_pdivrMr // mul1r ltW.
have one : 0 <= (1 : R) <= 1 by rewrite ler01 lexx.
have convex := supported_convex sf l01 (unitC yu) one.
have midE : x / y * (1 - y) + (1 - x / y) * 1 = 1 - x by field; rewrite gt_eqF.
rewrite midE f1 -(ler_pM2l y0) -subr_ge0 in convex; rewrite -subr_ge0 !gap_winC //.
move: convex; congr (0 <= _).
by move: (gap_win _ _ _) (gap_win _ _ _) => u v; field; rewrite gt_eqF.
Qed.

(* The step for numbers: b = m q. *)
Lemma top_step a b p x : 0 <= a -> 0 < p <= 1 -> 0 <= x <= 1 -> p = b + a * W p ->
  b / p * (p - x) ^+ 2 <= (p - x) * (b + a * W x - x).
Proof.
move=> a0 /andP[p0 p1] /andP[x0 x1] fixed.
have gain : 0 <= a * ((p - x) * (p * W x - x * W p)).
  rewrite mulr_ge0 //; have [xp|/ltW px] := leP x p.
    by rewrite mulr_ge0 ?subr_ge0 // top_ratio.
  by rewrite mulr_le0 ?subr_le0 // top_ratio // ltW.
rewrite -subr_ge0 -(pmulr_rge0 _ p0); move: gain; congr (0 <= _).
have -> : b = p - a * W p by rewrite {1}fixed addrK.
by move: (W p) (W x) => u v; field; rewrite gt_eqF.
Qed.

End Numbers.

Section Steps.
Variables (R : realFieldType) (T : finType) (K : option nat) (lam rho : R) (pref w : T -> R).
Variable A : pred T.
Implicit Types p : T -> R.
Hypotheses (K1 : at_least 1 K) (lam_ge0 : 0 <= lam) (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1).
Hypotheses (law_ref : is_law pref) (two_ref : two_weights pref w A rho).
Notation a := (lam / (1 + lam)).
Notation mq := (mass pref A / (1 + lam)).
Notation fixed := (is_fixed_point lam pref (winner K w)).

Let unit (p : T -> R) : is_law p -> 0 <= mass p A <= 1.
Proof. by move=> lawp; rewrite mass_le1 // mass_ge0 //; case: lawp. Qed.

(* x' = m q + a T(x), T(x) the probability that a top answer wins. *)
Lemma mass_winner_step p : is_law p -> two_weights p w A rho ->
  mass (winner_step K lam pref w p) A = mq + a * gap_win K rho (mass p A).
Proof.
move=> lawp two; rewrite -(mass_winner_top K1 lawp rho_gt0 two) /mass.
rewrite mulr_suml mulr_sumr -big_split.
exact: eq_bigr.
Qed.

Lemma mass_fixed p : is_law p -> two_weights p w A rho -> fixed p ->
  mass p A = mq + a * gap_win K rho (mass p A).
Proof.
by move=> lawp two fix_p; rewrite -mass_winner_step //; apply: eq_bigr => x _; apply: fix_p.
Qed.

Section OneFixedPoint.
Variables pinf p : T -> R.
Hypotheses (law_inf : is_law pinf) (two_inf : two_weights pinf w A rho) (fix_inf : fixed pinf).
Hypotheses (law_p : is_law p) (two_p : two_weights p w A rho).
Notation P := (mass pinf A).
Notation x := (mass p A).
Notation x' := (mass (winner_step K lam pref w p) A).

(* fixed-point-two-point: for K >= 1, infinity included, lam >= 0 and 0 < rho <= 1, if p_inf is a
   fixed point p = m p_ref + a T(p), m = 1/(1 + lam), a = lam/(1 + lam), and p any law (p_t), all on
   weights 1 (on A) and rho (off A), x = p(A), x' the mass of A one step later, P = p_inf(A) > 0,
   q = p_ref(A), then (P - x)(x' - x) >= (m q/P)(P - x)^2. *)
Theorem fixed_point_two_point : 0 < P -> mq / P * (P - x) ^+ 2 <= (P - x) * (x' - x).
Proof.
move=> P0; rewrite mass_winner_step //.
apply: top_step => //; rewrite ?unit ?synthetic_share_ge0 //; last exact: mass_fixed.
by rewrite P0 mass_le1.
Qed.

(* Never past it. *)
Theorem two_point_never_past : (x <= P -> x' <= P) /\ (P <= x -> P <= x').
Proof.
have [/andP[P0 P1] /andP[x0 x1]] := (unit law_inf, unit law_p).
have fixE := mass_fixed law_inf two_inf fix_inf; have a0 := synthetic_share_ge0 lam_ge0.
by split=> le; rewrite mass_winner_step // fixE lerD2l ler_wpM2l // top_mono.
Qed.

End OneFixedPoint.
End Steps.

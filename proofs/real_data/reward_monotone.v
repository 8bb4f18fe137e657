(* The conjecture that the expected weight never falls in the loop from the reference, in the cases
   where it is proved: infinitely many candidates; at most three weights; the first two steps; the
   steps once only the largest weight gains; the pure loop. In all of them every function that
   increases with the weight gains in the mean, at each step.

   d_t = p_t/p_ref, H_t = H_{p_t}, and tau_t = d_t H_t is the density of T(p_t) over p_ref. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner orders curation_order.
From Recurate Require Import winner_ratio first_step reward_monotone_infinity.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Loop.
Variables (R : realFieldType) (T : finType).
Variables (K : option nat) (a : R) (pref w : T -> R) (p : nat -> T -> R).
Hypotheses (K_gt0 : at_least 1 K) (a_share : 0 <= a <= 1).
Hypotheses (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Hypothesis loop : loop_from_reference K a pref w p.
Notation d := (density K a w p).
Notation H t x := (winner_ratio K w (p t) (w x)).

Let a_ge0 : 0 <= a. Proof. by case/andP: a_share. Qed.
Let rest_ge0 : 0 <= 1 - a. Proof. by rewrite subr_ge0; case/andP: a_share. Qed.
Let lawp t : is_law (p t). Proof. exact: (loop_is_law K_gt0 a_share w_gt0 law_ref loop). Qed.
Let pE t x : p t x = pref x * d t x. Proof. exact: densityE. Qed.
Let d_gt0 t x : 0 < d t x. Proof. exact: (density_gt0 K_gt0 a_share w_gt0 law_ref loop). Qed.
Let H_gt0 t x : 0 < H t x. Proof. exact: winner_ratio_gt0. Qed.
Let d_incr t : increasing w (d t).
Proof. exact: (density_increases K_gt0 a_share w_gt0 law_ref loop). Qed.

(* Where an answer is possible, it gains mass if its density grows. *)
Lemma gains s t x : 0 < pref x -> (p s x <= p t x) = (d s x <= d t x).
Proof. by move=> r0; rewrite !pE ler_pM2l. Qed.

Lemma gains_strictly s t x : (p s x < p t x) = (0 < pref x) && (d s x < d t x).
Proof.
rewrite !pE; have := proj1 law_ref x; rewrite le_eqVlt => /orP[/eqP <-|r0].
  by rewrite !mul0r ltxx.
by rewrite r0 ltr_pM2l.
Qed.

(* The first step: likelihood-ratio order. *)
Lemma first_lr_order : lr_order w (p 0%N) (p 1%N).
Proof.
move=> x y wxy; rewrite !(proj1 loop).
exact: (loop_dominates_reference K_gt0 a_share w_gt0 law_ref loop).
Qed.

(* What an answer gains from p_{t+1} to p_{t+2}: a times the gain of d H. *)
Let tau t x := d t x * H t x.
Let tau_gt0 t x : 0 < tau t x. Proof. exact: mulr_gt0. Qed.

Let dS t x : d t.+1 x = 1 - a + a * tau t x. Proof. by []. Qed.

Let gainE t x : d t.+2 x - d t.+1 x = a * (tau t.+1 x - tau t x).
Proof. by rewrite !dS; ring. Qed.

(* (A) If p_{t+1} dominates p_t in likelihood-ratio order, then p_{t+2} dominates p_{t+1}
   stochastically; ... *)
Lemma lr_then_st t : lr_order w (p t) (p t.+1) -> st_order w (p t.+1) (p t.+2).
Proof. exact: (step_lr_st_order K_gt0 a_share w_gt0 law_ref loop). Qed.

Let tau_order t x y : lr_order w (p t) (p t.+1) -> 0 < pref x -> 0 < pref y -> w x <= w y ->
  tau t.+1 x * tau t y <= tau t.+1 y * tau t x.
Proof.
move=> lr rx ry wxy; rewrite mulrACA [leRHS]mulrACA.
apply: ler_pM; last exact: ratio_order.
- by rewrite mulr_ge0 // ltW.
- exact: ltW (mulr_gt0 (H_gt0 t.+1 x) (H_gt0 t y)).
by have := lr x y wxy; rewrite !pE mulrACA [leRHS]mulrACA [pref y * _]mulrC ler_pM2l ?mulr_gt0.
Qed.

(* ... a weight below one that does not gain does not gain; ... *)
Lemma lr_then_crossing t x y : lr_order w (p t) (p t.+1) -> 0 < pref x -> 0 < pref y ->
  w x <= w y -> d t.+2 y <= d t.+1 y -> d t.+2 x <= d t.+1 x.
Proof.
move=> lr rx ry wxy; rewrite -(subr_le0 (d t.+1 y)) -(subr_le0 (d t.+1 x)) !gainE.
have [-> | a0] := eqVneq a 0; first by rewrite !mul0r.
have apos : 0 < a by rewrite lt_neqAle eq_sym a0 a_ge0.
rewrite !pmulr_rle0 // !subr_le0 => fall; rewrite -(ler_pM2r (tau_gt0 t y)).
apply: le_trans (tau_order lr rx ry wxy) _.
by rewrite mulrC ler_wpM2l // ltW.
Qed.

Let larger_gain (sx sy tx ty : R) : 0 < sx -> sx <= sy -> tx * sy <= ty * sx -> sy <= ty ->
  tx - sx <= ty - sy.
Proof.
move=> sx0 sxy order sy_ty; case: (lerP tx sx) => [fall|/ltW gain].
  by apply: (@le_trans _ _ 0); rewrite ?subr_le0 ?subr_ge0.
rewrite -(ler_pM2r sx0); apply: (@le_trans _ _ ((tx - sx) * sy)).
  by rewrite ler_wpM2l // subr_ge0.
by rewrite !mulrBl [sx * sy]mulrC lerD2r.
Qed.

(* ... and the density over p_{t+1} increases up to one that gains. *)
Lemma lr_then_lr t x y : lr_order w (p t) (p t.+1) -> 0 < pref x -> 0 < pref y ->
  w x <= w y -> d t.+1 y <= d t.+2 y -> d t.+2 x * d t.+1 y <= d t.+2 y * d t.+1 x.
Proof.
move=> lr rx ry wxy; rewrite -(subr_ge0 (d t.+1 y)) gainE.
have [a0 _ | a0] := eqVneq a 0; first by rewrite /= a0 !mul0r !addr0.
have apos : 0 < a by rewrite lt_neqAle eq_sym a0 a_ge0.
rewrite pmulr_rge0 // subr_ge0 => gain.
have sxy : tau t x <= tau t y.
  apply: ler_pM; [exact: ltW|exact: ltW (H_gt0 t x)|exact: d_incr|].
  exact: winner_ratio_increases.
have order := tau_order lr rx ry wxy.
have := larger_gain (tau_gt0 t x) sxy order gain; rewrite !dS.
move: (tau t x) (tau t y) (tau t.+1 x) (tau t.+1 y) order => sx sy tx ty.
rewrite -subr_ge0 => order; rewrite -subr_ge0 => larger; rewrite -subr_ge0.
have := addr_ge0 (mulr_ge0 (mulr_ge0 a_ge0 rest_ge0) larger) (mulr_ge0 (sqr_ge0 a) order).
by move/le_trans; apply; rewrite le_eqVlt; apply/orP; left; apply/eqP; ring.
Qed.

(* (B) If p_{t+1} dominates p_t stochastically, then H falls everywhere: what does not gain in one
   step does not gain in the next. *)
Lemma st_then_falls t x : st_order w (p t) (p t.+1) -> d t.+1 x <= d t x ->
  d t.+2 x <= d t.+1 x.
Proof.
move=> st fall; rewrite (dS t.+1) (dS t) lerD2l ler_wpM2l //.
by apply: ler_pM => //; [exact: ltW|exact: ltW (H_gt0 t.+1 x)|exact: winner_ratio_st].
Qed.

(* In the step from p_t only the largest weight gains. *)
Definition only_largest_gains t :=
  forall x y, 0 < pref x -> 0 < pref y -> w x < w y -> p t.+1 x <= p t x.

Lemma only_largest_st t : only_largest_gains t -> st_order w (p t) (p t.+1).
Proof.
move=> only; apply: st_order_crossing => // x y wxy; rewrite gains_strictly => /andP[rx gain].
have := proj1 law_ref y; rewrite le_eqVlt => /orP[/eqP ry|ry]; first by rewrite !pE -ry !mul0r.
rewrite gains //; case: (ltP (w x) (w y)) => [lt|le].
  by have := only x y rx ry lt; rewrite gains // leNgt gain.
have same s : d s x = d s y by apply/eqP; rewrite eq_le !d_incr.
by rewrite -!same ltW.
Qed.

Lemma only_largest_next t : only_largest_gains t -> only_largest_gains t.+1.
Proof.
move=> only x y rx ry lt; rewrite gains //; apply: st_then_falls; first exact: only_largest_st.
by rewrite -gains // (only x y).
Qed.

(* So once only the largest weight gains, the law moves up in all later steps. *)
Lemma only_largest_for_ever s t : only_largest_gains s -> (s <= t)%N ->
  st_order w (p t) (p t.+1).
Proof.
move=> only st; apply: only_largest_st; rewrite -(subnK st); elim: (t - s)%N => // n.
by rewrite addSn; apply: only_largest_next.
Qed.

(* Three weights: likelihood-ratio order until the middle one loses; then only the largest gains. *)
Lemma three_weights_phases v1 v2 v3 t : (forall x, 0 < pref x -> w x \in [:: v1; v2; v3]) ->
  lr_order w (p t) (p t.+1) \/ only_largest_gains t.
Proof.
move=> three; elim: t => [|t [lr|only]]; [left; exact: first_lr_order| |]; last first.
  by right; apply: only_largest_next.
have one_of x : 0 < pref x -> [|| w x == v1, w x == v2 | w x == v3].
  by move/three; rewrite !inE.
pose loses x := [exists x0, (0 < pref x0) && (w x0 < w x)] && (0 < pref x)
  && (d t.+2 x < d t.+1 x).
case: (pickP loses) => [z /andP[/andP[/existsP[z0 /andP[rz0 z0z]] rz] fall]|none].
  right=> x y rx ry xy; rewrite gains //; case: (lerP (w x) (w z)) => [xz|zx].
    exact: lr_then_crossing lr rx rz xz (ltW fall).
  have: uniq [:: w z0; w z; w x; w y].
    have zy := lt_trans zx xy; have z0y := lt_trans z0z zy.
    by rewrite /= !inE !negb_or !lt_eqF // (lt_trans z0z).
  move/uniq_leq_size => /(_ [:: v1; v2; v3]) big.
  suff /big : {subset [:: w z0; w z; w x; w y] <= [:: v1; v2; v3]} by [].
  by move=> v; rewrite !inE => /or4P[] /eqP ->; apply: one_of.
left=> x y wxy; rewrite !pE.
have := proj1 law_ref x; rewrite le_eqVlt => /orP[/eqP <-|rx]; first by rewrite !mul0r mulr0.
have := proj1 law_ref y; rewrite le_eqVlt => /orP[/eqP <-|ry]; first by rewrite !mul0r mulr0.
rewrite mulrACA [leRHS]mulrACA [pref y * _]mulrC ler_pM2l ?mulr_gt0 //.
case: (leP (d t.+1 y) (d t.+2 y)) => [gain|fall]; first exact: lr_then_lr.
have := none y; rewrite /loses ry fall !andbT => /existsP; case: (ltP (w x) (w y)) => [lt []|yx _].
  by exists x; rewrite rx.
have same s : d s x = d s y by apply/eqP; rewrite eq_le !d_incr.
by rewrite !same.
Qed.

Lemma three_weights_st v1 v2 v3 t : (forall x, 0 < pref x -> w x \in [:: v1; v2; v3]) ->
  st_order w (p t) (p t.+1).
Proof.
move=> three; case: (three_weights_phases t three) => [lr|/only_largest_st //].
exact: lr_st_order.
Qed.

Lemma first_steps_st t : (t < 2)%N -> st_order w (p t) (p t.+1).
Proof.
case: t => [|[|//]] _; first exact: lr_st_order first_lr_order.
exact: lr_then_st first_lr_order.
Qed.

End Loop.

(* The loops, for every law p_ref = pref, all positive weights, every lam >= 0, K >= 1 and t, and f
   increasing with the weight; f = w, and indicators of upper sets, are. *)
Section RewardMonotone.
Variables (R : realFieldType) (T : finType) (K : option nat) (lam : R) (pref w : T -> R).
Hypotheses (K_gt0 : at_least 1 K) (lam_ge0 : 0 <= lam).
Hypotheses (w_gt0 : forall x, 0 < w x) (law_ref : is_law pref).
Notation p := (winner_loop K lam pref w pref).
Implicit Types (f : T -> R).

(* Infinitely many candidates: E_{t+1} f >= E_t f for every t. *)
Theorem reward_monotone_infinity t f : increasing w f ->
  mean (winner_loop None lam pref w pref t) f <= mean (winner_loop None lam pref w pref t.+1) f.
Proof.
exact: (infinity_st (synthetic_share lam_ge0) w_gt0 law_ref (mixed_from_reference _ _ _ lam_ge0)).
Qed.

(* Any number K of candidates, if the weights under p_ref are at most three (v1, v2, v3, in any
   order): E_{t+1} f >= E_t f for every t. *)
Theorem reward_monotone_three_weights v1 v2 v3 t f :
  (forall x, 0 < pref x -> w x \in [:: v1; v2; v3]) -> increasing w f ->
  mean (p t) f <= mean (p t.+1) f.
Proof.
move=> three; have loop := mixed_from_reference K pref w lam_ge0.
exact: (three_weights_st K_gt0 (synthetic_share lam_ge0) w_gt0 law_ref loop t three).
Qed.

(* Two weights. *)
Theorem reward_monotone_two_weights v1 v2 t f :
  (forall x, 0 < pref x -> w x \in [:: v1; v2]) -> increasing w f ->
  mean (p t) f <= mean (p t.+1) f.
Proof.
move=> two; apply: (reward_monotone_three_weights (v1 := v1) (v2 := v1) (v3 := v2)) => x /two xv.
by rewrite in_cons xv orbT.
Qed.

(* Any law: the first two steps. *)
Theorem reward_monotone_first_steps t f : (t < 2)%N -> increasing w f ->
  mean (p t) f <= mean (p t.+1) f.
Proof.
move=> t2; have loop := mixed_from_reference K pref w lam_ge0.
exact: (first_steps_st K_gt0 (synthetic_share lam_ge0) w_gt0 law_ref loop t2).
Qed.

(* Any law: all steps from one in which only the largest weight gains. *)
Theorem reward_monotone_last_steps s t f :
  (forall x y, 0 < pref x -> 0 < pref y -> w x < w y -> p s.+1 x <= p s x) -> (s <= t)%N ->
  increasing w f -> mean (p t) f <= mean (p t.+1) f.
Proof.
move=> only st; have loop := mixed_from_reference K pref w lam_ge0.
exact: (only_largest_for_ever K_gt0 (synthetic_share lam_ge0) w_gt0 law_ref loop only st).
Qed.

(* The pure loop, lam = infinity, from any law: the law moves up in likelihood ratio. *)
Theorem reward_monotone_pure t :
  lr_order w (pure_winner_loop K w pref t) (pure_winner_loop K w pref t.+1).
Proof.
apply: winner_order => //; elim: t => [//|t lawt].
by rewrite pure_winner_loopS; apply: winner_is_law.
Qed.

End RewardMonotone.

(* How far the best of n is from the law that it is drawn from: claims of Beirami et al. 2025, for
   finite laws, and the formula that is not exact. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops divergence jensen choices.
From Recurate Require Import power_primitive best_of best_of_divergence best_of_n.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Interval.
Variables (R : realType) (n : nat) (a b : R).
Hypotheses (a_ge0 : 0 <= a) (ab : a < b) (b_le1 : b <= 1).
Notation N := n.+1.
Notation Phi := (@power_primitive R n).

Let b_gt0 : 0 < b. Proof. exact: le_lt_trans ab. Qed.
Let N_gt0 : 0 < N%:R :> R. Proof. by rewrite ltr0n. Qed.
Let M := N%:R * b ^+ n.
Let M_gt0 : 0 < M. Proof. by rewrite mulr_gt0 ?exprn_gt0. Qed.

(* On an interval f ln f, f = N u^n, is at most f ln of the value of f at its right end. *)
Lemma primitive_le_end : Phi b - Phi a <= (b ^+ N - a ^+ N) * ln M.
Proof.
pose curve := Phi - cst (ln M) * (fun y : R => y ^+ N).
have dcurve x : x \in `]a, b[ -> is_derive x 1 curve
    (N%:R * x ^+ n * ln (N%:R * x ^+ n) - ln M * (N%:R * x ^+ n)).
  rewrite in_itv /= => /andP[ax xb].
  have dPhi := is_derive_power_primitive n (le_lt_trans a_ge0 ax).
  have dX : is_derive x 1 (fun y : R => y ^+ N) (N%:R * x ^+ n).
    by have := is_deriveX n (is_derive_id x (1 : R)); rewrite exprfctE /GRing.scale /= mulr1.
  by apply: is_derive_eq; rewrite /GRing.scale /= !mulr0 !addr0.
have ccurve : {within `[a, b]%classic, continuous curve}.
  have cX : {within `[a, b]%classic, continuous (fun y : R => y ^+ N)}.
    by apply: continuous_subspaceT => x; apply: exprn_continuous.
  have sub : (`[a, b] `<=` `[0, 1])%classic.
    move=> x /=; rewrite !in_itv /= => /andP[ax xb].
    by rewrite (le_trans a_ge0 ax) (le_trans xb b_le1).
  have cPhi := continuous_subspaceW sub (@power_primitive_continuous R n).
  by move=> x; apply: (cvgB (cPhi x) (cvgM (cvg_cst (ln M)) (cX x))).
have [z] := MVT ab dcurve ccurve; rewrite in_itv /= => /andP[az zb] E.
have z0 := le_lt_trans a_ge0 az; have f0 : 0 < N%:R * z ^+ n by rewrite mulr_gt0 ?exprn_gt0.
have : curve b - curve a <= 0.
  rewrite E mulr_le0_ge0 ?subr_ge0 ?(ltW ab) // [ln M * _]mulrC -mulrBr mulr_ge0_le0 ?(ltW f0) //.
  rewrite subr_le0 ler_ln ?posrE // ler_wpM2l ?(ltW N_gt0) //.
  rewrite lerXn2r ?nnegrE ?(ltW z0) ?(ltW b_gt0) //.
  exact: ltW.
rewrite /curve !fctE -[leLHS]/(Phi b - ln M * b ^+ N - (Phi a - ln M * a ^+ N)).
move: (Phi b) (Phi a) (b ^+ N) (a ^+ N) => u v x y le0; rewrite -subr_le0.
by have <- : u - ln M * x - (v - ln M * y) = u - v - (x - y) * ln M by ring.
Qed.

Lemma interval_gap : Phi b - Phi a - (b ^+ N - a ^+ N) * ln ((b ^+ N - a ^+ N) / (b - a))
  <= N%:R * n%:R / 2%:R * (b - a) ^+ 2.
Proof.
have d0 : 0 < b - a by rewrite subr_gt0.
have g0 : 0 < b ^+ N - a ^+ N by rewrite subr_gt0 ltr_expn2r ?nnegrE // ltW.
apply: le_trans (power_tangent_le a_ge0 (ltW ab) b_le1 n); rewrite -/M.
apply: le_trans (lerD primitive_le_end (lexx _)) _; move: g0; set G := _ - _ => g0.
rewrite -mulrBr -ln_div ?posrE ?divr_gt0 //.
have q0 : 0 < M / (G / (b - a)) by rewrite divr_gt0 // divr_gt0.
apply: le_trans (ler_wpM2l (ltW g0) (ln_le_tangent q0)) _.
rewrite le_eqVlt; apply/orP; left; apply/eqP; move: (b - a) d0 => d d0.
by field; rewrite !gt_eqF.
Qed.

End Interval.

Section BestOfN.
Variables (R : realType) (T : finType) (p r : T -> R) (N : nat).
Variable c : {ffun 'I_N -> T} -> 'I_N -> R.
Hypotheses (law_p : is_law p) (rule_c : is_rule c).

Let N_gt0 : (0 < N)%N := rule_gt0 law_p rule_c.
Let NR0 : 0 < N%:R :> R. Proof. by rewrite ltr0n. Qed.

(* best-of-n-divergence: KL(T(p)||p) <= ln n - (n-1)/n for the best of n, with ties or without. In
   fact for any choice among n. *)
Theorem best_of_n_divergence : absolutely_continuous (chosen p c) p
  /\ KL (chosen p c) p <= ln N%:R - (N%:R - 1) / N%:R.
Proof.
pose P t := iter t (fun q => chosen q c) p.
have [cont le] := @pure_choice_divergence R T N P (fun=> c) law_p (fun=> rule_c)
  (fun t x => erefl) 1%N.
split=> //; apply: le_trans le _; rewrite mul1r expr1 -addrA lerD2l le_eqVlt; apply/orP; left.
by apply/eqP; field; rewrite gt_eqF.
Qed.

Hypotheses (no_ties : injective r) (best : picks_best r c).

(* best-of-n-divergence-gap: without ties ln n - (n-1)/n - KL(T(p)||p) <= n (n-1)/2 sum_y p(y)^2: a
   quarter of what is claimed (Theorem 3.4). *)
Theorem best_of_n_divergence_gap :
  ln N%:R - (N%:R - 1) / N%:R - KL (chosen p c) p
    <= N%:R * (N%:R - 1) / 2%:R * \sum_y p y ^+ 2.
Proof.
have [n NE] : exists n, N = n.+1 by exists N.-1; rewrite prednK.
have -> : ln N%:R - (N%:R - 1) / N%:R
    = \sum_y (power_primitive n (upto p r y) - power_primitive n (below p r y)) :> R.
  rewrite (telescope law_p no_ties) power_primitive_gain -NE -addrA; congr (_ + _).
  by field; rewrite gt_eqF.
have nE : N%:R - 1 = n%:R :> R by rewrite NE mulrS addrC addKr.
rewrite /KL -sumrB mulr_sumr nE; apply: ler_sum => y _.
rewrite (best_of_n_mass law_p no_ties rule_c best) NE -(uptoE p no_ties).
have := below_le law_p no_ties y; rewrite le_eqVlt => /orP[/eqP ->|lt].
  by rewrite !subrr mul0r subrr expr0n mulr0.
by apply: interval_gap => //; [apply: below_ge0|apply: upto_le1].
Qed.

End BestOfN.

(* best-of-n-formula is false: for two answers of mass 1/2 and n = 2, without ties, KL(T(p)||p) is
   3/4 ln 3 - ln 2 = .1308, less than ln n - (n-1)/n = .1931. *)
Theorem best_of_n_formula_false (R : realType) (c : {ffun 'I_2 -> bool} -> 'I_2 -> R) :
  let p (x : bool) : R := 1 / 2%:R in let r (x : bool) : R := x%:R in
  is_rule c -> picks_best r c ->
  KL (chosen p c) p = 3%:R / 4%:R * ln 3%:R - ln 2%:R
  /\ KL (chosen p c) p < ln 2%:R - (2%:R - 1) / 2%:R.
Proof.
move=> p r rule_c best; have two0 : 0 < 2%:R :> R by rewrite ltr0n.
have law_p : is_law p.
  split=> [x|]; first by rewrite divr_ge0 ?ler01 ?ler0n.
  by rewrite big_bool -[LHS]/(1 / 2%:R + 1 / 2%:R); field.
have m (A : pred bool) : mass p A = ((A true)%:R + (A false)%:R) / 2%:R.
  rewrite /mass big_mkcond big_bool -[LHS]/(_ + _) /p.
  by case: (A true); case: (A false); rewrite /=; field.
have no_ties : injective r.
  by case=> [] [] //= /eqP; rewrite ?[0 == _]eq_sym oner_eq0.
have q y : chosen p c y = if y then 3%:R / 4%:R else 1 / 4%:R.
  rewrite (best_of_n_mass law_p no_ties rule_c best) /upto /below !m /r.
  by case: y; rewrite ?ltxx ?lexx ?ltr01 ?ler01 ?ltr10 ?ler10 /=; field.
have ln4 : ln 4%:R = ln 2%:R + ln 2%:R :> R by rewrite -lnM ?posrE // -natrM.
have klE : KL (chosen p c) p = 3%:R / 4%:R * ln 3%:R - ln 2%:R.
  rewrite /KL big_bool !q /p.
  have -> : 3%:R / 4%:R / (1 / 2%:R) = 3%:R / 2%:R :> R by field.
  have -> : 1 / 4%:R / (1 / 2%:R) = 2%:R^-1 :> R by field.
  rewrite ln_div ?posrE ?ltr0n // lnV ?posrE ?ltr0n //.
  by move: (ln 3%:R) (ln 2%:R) => u v; rewrite -[LHS]/(_ + _); field.
split=> //; rewrite klE.
have le (i j : nat) : (0 < i)%N -> (0 < j)%N ->
    ln i%:R <= ln j%:R + (i%:R / j%:R - 1) :> R.
  by move=> i0 j0; apply: ln_tangent; rewrite ltr0n.
(* ln 3/4 = ln 7/8 + ln 6/7 <= - 1/8 - 1/7 and ln 2/3 <= - 1/3 *)
have l1 := le 7%N 8%N isT isT; have l2 := le 6%N 7%N isT isT; have l3 := le 2%N 3%N isT isT.
have ln6 : ln 6%:R = ln 2%:R + ln 3%:R :> R by rewrite -lnM ?posrE ?ltr0n // -natrM.
have ln8 : ln 8%:R = ln 2%:R + ln 2%:R + ln 2%:R :> R.
  by rewrite -ln4 -lnM ?posrE ?ltr0n // -natrM.
have e78 : 7%:R / 8%:R - 1 = - 8%:R^-1 :> R by field.
have e67 : 6%:R / 7%:R - 1 = - 7%:R^-1 :> R by field.
have num : 4%:R / 15%:R < 8%:R^-1 + 7%:R^-1 :> R.
  have -> : 8%:R^-1 + 7%:R^-1 = 15%:R / 56%:R :> R by field.
  by rewrite ltr_pdivrMr ?ltr0n // mulrAC ltr_pdivlMr ?ltr0n // -!natrM ltr_nat.
rewrite ln8 e78 in l1; rewrite ln6 e67 in l2; move: num l1 l2 l3.
move: (ln 2%:R) (ln 3%:R) (ln 7%:R) 8%:R^-1 7%:R^-1 => x y z u v num l1 l2 l3.
have l12 : u + v <= x + x - y.
  have := lerD l1 l2; rewrite -subr_ge0 -[in X in _ -> X]subr_ge0.
  by have -> : x + x + x + - u + (z + - v) - (z + (x + y)) = x + x - y - (u + v) by ring.
rewrite -subr_gt0.
have -> : x - (2%:R - 1) / 2%:R - (3%:R / 4%:R * y - x)
    = 5%:R / 4%:R * (x + x - y - 4%:R / 15%:R) + 1 / 2%:R * (y + (2%:R / 3%:R - 1) - x) by field.
rewrite ltr_pwDl //.
  by rewrite mulr_gt0 ?divr_gt0 ?ltr0n // subr_gt0 (lt_le_trans num).
by rewrite mulr_ge0 ?divr_ge0 ?ler01 ?ler0n // subr_ge0.
Qed.

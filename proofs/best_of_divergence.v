(* How far the pure loop moves, whatever people choose among K: not further than t ln K - 1 + K^-t,
   what one choice of the best of K^t does if there are no ties. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops divergence choices envelopes.
From Recurate Require Import envelope_divergence best_of.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Increments.
Variables (R : realType) (n : nat).
Notation N := n.+1.
Implicit Types u v s x : R.

(* The primitive of g ln g, where g = N u^(N-1) is the density of u^N: from 0 to 1 it gains
   ln N - 1 + 1/N. *)
Definition primitive u := u ^+ N * (ln N%:R + n%:R * ln u - n%:R / N%:R).

Let N_gt0 : 0 < N%:R :> R. Proof. by rewrite ltr0n. Qed.

Lemma primitive0 : primitive 0 = 0.
Proof. by rewrite /primitive expr0n mul0r. Qed.

Lemma primitive1 : primitive 1 = ln N%:R - 1 + N%:R^-1.
Proof.
rewrite /primitive expr1n mul1r ln1 mulr0 addr0 -addrA; congr (_ + _).
have -> : n%:R = N%:R - 1 :> R by rewrite mulrS addrC addKr.
by field; rewrite gt_eqF.
Qed.

(* The line that touches g ln g at s stays below it: g ln(g/s) >= g - s. *)
Let line_below g s : 0 < g -> 0 < s -> 0 <= g * (ln g - ln s - 1) + s.
Proof.
move=> g0 s0; have := ln_le_tangent (divr_gt0 s0 g0).
rewrite ln_div ?posrE // => le.
have := ler_wpM2l (ltW g0) le; rewrite !mulrBr mulrCA divff ?gt_eqF // !mulr1 => le'.
rewrite -subr_ge0 in le'; apply: le_trans le' _; rewrite le_eqVlt; apply/orP; left.
by apply/eqP; ring.
Qed.

Let curve s := fun x : R => x ^+ N * (ln N%:R - n%:R / N%:R - 1 - ln s + n%:R * ln x) + s * x.

Let slope s x := N%:R * x ^+ n * (ln (N%:R * x ^+ n) - ln s - 1) + s.

Let is_derive_curve s x : 0 < x -> is_derive x 1 (curve s) (slope s x).
Proof.
move=> x0; have dln := is_derive1_ln x0.
have dX : is_derive x 1 (fun y : R => y ^+ N) (N%:R * x ^+ n).
  by have := is_deriveX n (is_derive_id x (1 : R)); rewrite exprfctE /GRing.scale /= mulr1.
set A := ln N%:R - n%:R / N%:R - 1 - ln s.
have -> : curve s = (fun y : R => y ^+ N) * (cst A + cst n%:R * (@ln R)) + cst s * (id : R -> R).
  by rewrite /curve !fctE.
apply: is_derive_eq; rewrite !fctE /slope /GRing.scale /= lnM ?posrE ?exprn_gt0 // lnX // /A.
have N0 : N%:R != 0 :> R by rewrite gt_eqF.
have -> : n%:R = N%:R - 1 :> R by rewrite mulrS addrC addKr.
rewrite exprS -[ln x *+ n]mulr_natl.
have -> : n%:R = N%:R - 1 :> R by rewrite mulrS addrC addKr.
move: N0; set b := N%:R => N0; have x1 : x != 0 by rewrite gt_eqF.
by field; rewrite N0 x1.
Qed.

Let slope_ge0 s x : 0 < s -> 0 < x -> 0 <= slope s x.
Proof. by move=> s0 x0; apply: line_below => //; rewrite mulr_gt0 ?exprn_gt0. Qed.

(* What one interval gives to the sum is at most what it gives to the integral. *)
Lemma increment_le u v : 0 <= u -> u < v ->
  (v ^+ N - u ^+ N) * ln ((v ^+ N - u ^+ N) / (v - u)) <= primitive v - primitive u.
Proof.
move=> u0 uv; have v0 : 0 < v by apply: le_lt_trans uv.
have d0 : 0 < v - u by rewrite subr_gt0.
have D0 : 0 < v ^+ N - u ^+ N by rewrite subr_gt0 ltr_expn2r.
set s := (v ^+ N - u ^+ N) / (v - u); have s0 : 0 < s by rewrite divr_gt0.
move: u0; rewrite le_eqVlt => /orP[/eqP u0|u0].
  have zero : 0 ^+ N = 0 :> R by rewrite expr0n.
  rewrite /s -u0 primitive0 zero !subr0.
  have -> : v ^+ N / v = v ^+ n by rewrite exprS mulrAC divff ?mul1r // gt_eqF.
  rewrite /primitive lnX // -[ln v *+ n]mulr_natl ler_wpM2l ?exprn_ge0 ?(ltW v0) //.
  rewrite addrAC lerDr subr_ge0 -lerN2 -lnV ?posrE //.
  have -> : - (n%:R / N%:R) = N%:R^-1 - 1 :> R.
    have -> : n%:R = N%:R - 1 :> R by rewrite mulrS addrC addKr.
    by field; rewrite gt_eqF.
  by rewrite ln_le_tangent ?invr_gt0.
have in_range z : z \in `[u, v] -> 0 < z.
  by rewrite in_itv /= => /andP[uz _]; apply: lt_le_trans uz.
have continuous_curve : {within `[u, v]%classic, continuous (curve s)}.
  apply: continuous_in_subspaceT => z; rewrite inE => /in_range z0.
  by apply/differentiable_continuous/derivable1_diffP; have := is_derive_curve s z0; case.
have derive z : z \in `]u, v[ -> is_derive z 1 (curve s) (slope s z).
  by move=> /subset_itv_oo_cc/in_range/is_derive_curve.
have [z /subset_itv_oo_cc/in_range z0 E] := MVT uv derive continuous_curve.
have : 0 <= curve s v - curve s u by rewrite E mulr_ge0 ?(ltW d0) // slope_ge0.
have -> : curve s v - curve s u = primitive v - primitive u - (v ^+ N - u ^+ N) * ln s.
  have touch : s * v = v ^+ N - u ^+ N + s * u.
    apply: (canRL (subrK _)); rewrite -mulrBr.
    by have /(_ (v ^+ N - u ^+ N)) := divfK (lt0r_neq0 d0).
  rewrite /curve touch /primitive; move: (ln N%:R) (n%:R / N%:R) (v ^+ N) (u ^+ N) => b c V U.
  by ring.
by rewrite subr_ge0.
Qed.

End Increments.

Section PureLoop.
Variables (R : realType) (T : finType) (K : nat) (p : nat -> T -> R).
Variable c : nat -> {ffun 'I_K -> T} -> 'I_K -> R.
Hypotheses (law0 : is_law (p 0%N)) (rule_c : forall t, is_rule (c t)).
Hypothesis step : forall t, p t.+1 =1 chosen (p t) (c t).

Let K_gt0 : (0 < K)%N := rule_gt0 law0 (rule_c 0).

Lemma pure_choice_is_law t : is_law (p t).
Proof.
elim: t => [//|t /chosen_is_law/(_ (rule_c t))[c0 sumc]].
by split=> [x|]; [rewrite step|under eq_bigr do rewrite step].
Qed.

(* p_t(L) >= p_0(L)^(K^t) *)
Lemma pure_choice_floor t (L : pred T) : mass (p 0%N) L ^+ (K ^ t) <= mass (p t) L.
Proof.
elim: t => [|t IH]; first by rewrite expr1.
have -> : mass (p t.+1) L = mass (chosen (p t) (c t)) L by apply: eq_bigr => x _; apply: step.
have [le _ _] := any_choice_bound_set L (pure_choice_is_law t) (rule_c t).
apply: le_trans le; rewrite expnSr exprM lerXn2r ?nnegrE ?exprn_ge0 ?mass_ge0 //.
  by case: law0.
by case: (pure_choice_is_law t).
Qed.

(* The finite sum is at most the integral. *)
Lemma increments_divergence n m (v : 'I_n -> R) : is_law v ->
  KL (increments (fun x : R => x ^+ m.+1) v) v <= ln m.+1%:R - 1 + m.+1%:R^-1.
Proof.
move=> [v0 sumv]; rewrite -primitive1 -sumv -running_all.
rewrite -(running_increments (G := primitive m) v (leqnn n) (primitive0 R m)) running_all.
apply: ler_sum => i _; rewrite /increments runningS.
have u0 := running_ge0 i v0; have := v0 i; rewrite le_eqVlt => /orP[/eqP <-|vi].
  by rewrite addr0 !subrr mul0r.
have up : running v i < running v i + v i by rewrite addrC; apply: ltr_pwDl.
by have := increment_le m u0 up; rewrite [_ + _ - running v i]addrAC subrr add0r.
Qed.

(* I6, the divergence: t pure steps move the law no further than
     KL(p_t||p_0) <= t ln K - 1 + K^-t,
   whatever people choose among K, and so by the best of K: c t is any rule of choice, another one
   at each t if one likes, p_0 any law. *)
Theorem pure_choice_divergence t : absolutely_continuous (p t) (p 0%N) /\
  KL (p t) (p 0%N) <= t%:R * ln K%:R - 1 + (K%:R ^+ t)^-1.
Proof.
have [e order] := order_by_density (p t) (p 0%N).
have Kt0 : (0 < K ^ t)%N by rewrite expn_gt0 K_gt0.
have [cont le] := floor_divergence (power_floor_function R Kt0) law0 (pure_choice_is_law t)
  (pure_choice_floor t) order.
split=> //; apply: le_trans le _.
have law_e : is_law (fun i => p 0%N (e i)).
  have [p0 sump] := law0; split=> [i|]; first exact: p0.
  by rewrite (sum_placed order).
have := increments_divergence (K ^ t).-1 law_e; rewrite prednK // natrX lnX ?mulr_natl //.
by rewrite ltr0n.
Qed.

End PureLoop.

(* Two voters with basins of their own, K = infinity and no real data: claims of Falahati et al.
   2026, for finite laws. A voter u of share pi_u has weights w_u; where only one voter's basin is
   concerned there may be any number of others. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner voters.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variable R : realFieldType.

(* Shares q and 1 - q. *)
Definition two_shares (q : R) (u : bool) := if u then q else 1 - q.

End Definitions.

Section Loop.
Variables (R : realFieldType) (T U : finType) (pi : U -> R) (w : U -> T -> R).
Hypotheses (law_pi : is_law pi) (w_ge0 : forall u x, 0 <= w u x).
Implicit Types (p : T -> R) (S : pred T).

Lemma nash_loop_ge0 p0 t x : (forall x, 0 <= p0 x) -> 0 <= nash_loop pi w p0 t x.
Proof. by move=> p00; elim: t x => [//|t IH] x; apply: voted_ge0. Qed.

(* outside-mass-decays-dominated: if W_t(x) = sum_u pi_u w_u(x)/E_t w_u <= rho for all t and all x
   in C, then p_{t+1}(C) <= rho p_t(C), so p_t(C) <= rho^t p_0(C). C is any set, for example what
   is outside of both basins; the voters are any. (rho < 1 is not needed.) *)
Theorem outside_mass_decays_dominated p0 (C : pred T) rho : is_law p0 -> 0 <= rho ->
  (forall t x, C x -> \sum_u pi u * (w u x / mean (nash_loop pi w p0 t) (w u)) <= rho) ->
  forall t, mass (nash_loop pi w p0 t.+1) C <= rho * mass (nash_loop pi w p0 t) C
         /\ mass (nash_loop pi w p0 t) C <= rho ^+ t * mass p0 C.
Proof.
move=> [p00 _] rho0 dominated.
have step t : mass (nash_loop pi w p0 t.+1) C <= rho * mass (nash_loop pi w p0 t) C.
  rewrite /mass mulr_sumr; apply: ler_sum => x Cx.
  rewrite -[nash_loop pi w p0 t.+1]/(voted pi w (nash_loop pi w p0 t)) voted_ratio mulrC.
  by rewrite ler_wpM2r ?nash_loop_ge0 // dominated.
move=> t; split=> //; elim: t => [|t IH]; first by rewrite mul1r.
by apply: le_trans (step t) _; rewrite exprS -mulrA ler_wpM2l.
Qed.

Section Basin.
Variables (u : U) (S S' : pred T) (s kappa : R).
Hypotheses (s_gt0 : 0 < s) (kappa_ge0 : 0 <= kappa).
Hypothesis disjoint : forall x, S x -> ~~ S' x.
Hypothesis high : forall x, S x -> s <= w u x.
Hypothesis low : forall x, S' x -> w u x <= s * kappa.
Hypothesis between : forall x, ~~ S x -> ~~ S' x -> w u x <= s.

(* One step: p_{t+1}(S) >= q a/(a + kappa b + m), a, b and m the masses of S, S' and outside; q is
   the share of the voter whose basin S is. Her weights are at least s on it, at most s outside and
   at most s kappa on S'. *)
Theorem basin_step p : is_law p -> 0 < mass p S ->
  pi u * (mass p S / (mass p S + kappa * mass p S' + mass p (predC (predU S S'))))
    <= mass (voted pi w p) S.
Proof.
move=> [p0 sum1] a0; have q0 : 0 <= pi u by case: law_pi.
set a := mass p S in a0 *; set b := mass p S'; set m := mass p _.
pose A := \sum_(x | S x) p x * w u x.
have sA : s * a <= A.
  by rewrite mulr_sumr; apply: ler_sum => x Sx; rewrite mulrC ler_wpM2l // high.
have b0 : 0 <= b by apply: mass_ge0. have m0 : 0 <= m by apply: mass_ge0.
have WA : mean p (w u) <= A + s * (kappa * b + m).
  rewrite /mean (bigID S) /= lerD2l (bigID S') /= mulrDr; apply: lerD.
    rewrite mulrA [leRHS]mulrC mulr_suml [leLHS](eq_bigl S') => [|x].
      by apply: ler_sum => x S'x; rewrite ler_wpM2l // low.
    by case: (boolP (S x)) (@disjoint x) => [Sx /(_ isT) /negPf ->|].
  rewrite [leRHS]mulrC mulr_suml [leRHS](eq_bigl (fun x => ~~ S x && ~~ S' x)) => [|x].
    by apply: ler_sum => x /andP[Sx S'x]; rewrite ler_wpM2l // between.
  by rewrite /= negb_or.
have A0 : 0 < A by apply: lt_le_trans sA; rewrite mulr_gt0.
have W0 : 0 < mean p (w u).
  apply: lt_le_trans A0 _; rewrite /mean (bigID S) /= lerDl sumr_ge0 // => x _.
  by rewrite mulr_ge0.
have tilt : A / mean p (w u) <= mass (tilted (w u) p) S.
  by rewrite mulr_suml; apply: ler_sum => x _; rewrite /tilted mulrA.
apply: (@le_trans _ _ (pi u * mass (tilted (w u) p) S)).
  rewrite ler_wpM2l //; apply: le_trans tilt; rewrite ler_pdivlMr // mulrAC ler_pdivrMr; last first.
    by rewrite -addrA ltr_pwDl // addr_ge0 // mulr_ge0.
  apply: (@le_trans _ _ (a * (A + s * (kappa * b + m)))); first by rewrite ler_wpM2l // ltW.
  rewrite -addrA mulrDr [leRHS]mulrDr [A * a]mulrC lerD2l mulrA ler_wpM2r 1?mulrC //.
  by rewrite addr_ge0 // mulr_ge0.
have -> : mass (voted pi w p) S = \sum_v pi v * mass (tilted (w v) p) S.
  by rewrite /mass exchange_big; apply: eq_bigr => v _; rewrite mulr_sumr.
rewrite (bigD1 u) //= lerDl sumr_ge0 // => v _.
rewrite mulr_ge0 ?(proj1 law_pi) // mass_ge0 // => x.
by rewrite mulr_ge0 // divr_ge0 // sumr_ge0 // => y _; rewrite mulr_ge0.
Qed.

Section Persists.
Variable p0 : T -> R.
Hypotheses (served0 : served pi w p0) (some : 0 < mass p0 S).
Hypothesis nothing_else : mass p0 (predC (predU S S')) = 0.
Hypothesis kappa_lt : kappa < pi u.
Notation a t := (mass (nash_loop pi w p0 t) S).
Notation q := (pi u).
Notation L := ((q - kappa) / (1 - kappa)).

Let lawt t : is_law (nash_loop pi w p0 t).
Proof. by case: (nash_loop_served law_pi w_ge0 t served0). Qed.

Let q_gt0 : 0 < q. Proof. exact: le_lt_trans kappa_lt. Qed.
Let q_le1 : q <= 1.
Proof.
by case: law_pi => pi0 <-; rewrite (bigD1 u) //= lerDl sumr_ge0.
Qed.
Let kappa_lt1 : kappa < 1. Proof. exact: lt_le_trans kappa_lt q_le1. Qed.

Lemma nothing_else_ever t : mass (nash_loop pi w p0 t) (predC (predU S S')) = 0.
Proof.
apply: big1 => x out; elim: t => [|t IH].
  apply/eqP; have [p00 _] := proj1 served0.
  have : mass p0 (predC (predU S S')) == 0 by apply/eqP.
  rewrite psumr_eq0 => [/allP/(_ x (mem_index_enum x))|y _]; last exact: p00.
  by move/implyP; apply.
by rewrite -[nash_loop _ _ _ _]/(voted pi w (nash_loop pi w p0 t)) voted_ratio IH mul0r.
Qed.

Lemma basins_step t : 0 < a t -> 0 < a t.+1 /\ (a t.+1)^-1 <= (1 - kappa) / q + kappa / q / a t.
Proof.
move=> at0; have := basin_step (lawt t) at0; rewrite nothing_else_ever addr0.
have -> : mass (nash_loop pi w p0 t) S' = 1 - a t.
  have both : mass (nash_loop pi w p0 t) (predU S S') = a t + mass (nash_loop pi w p0 t) S'.
    rewrite [LHS](bigID S) /=; congr (_ + _); apply: eq_bigl => x /=.
      by rewrite andbC orbC; case: (S x); rewrite ?orbT.
    by case: (boolP (S x)) (@disjoint x) => [Sx /(_ isT) /negPf ->|]; rewrite ?andbT.
  have := massC (predU S S') (lawt t); rewrite nothing_else_ever both => /esym/eqP.
  by rewrite subr_eq0 => /eqP ->; rewrite addrC addKr.
rewrite -[nash_loop _ _ _ t.+1]/(voted pi w (nash_loop pi w p0 t)).
have at1 := mass_le1 S (lawt t); move: (a t) (mass (voted _ _ _) S) at0 at1 => x y x0 x1 le.
have d0 : 0 < x + kappa * (1 - x) by rewrite ltr_pwDl // mulr_ge0 // subr_ge0.
have y0 : 0 < y by apply: lt_le_trans le; rewrite mulr_gt0 // divr_gt0.
split=> //; have -> : (1 - kappa) / q + kappa / q / x = (q * (x / (x + kappa * (1 - x))))^-1.
  by move: q q_gt0 d0 => q' q'0 d0; field; rewrite !gt_eqF.
by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF // mulr_gt0 // divr_gt0.
Qed.

(* two-basins-persist: with nothing outside of the basins, and L = (q - kappa)/(1 - kappa),
     1/a_t - 1/L <= (kappa/q)^t (1/a_0 - 1/L),      and a_t >= min(a_0, L).
   p_t is nash_loop pi w p0 t, a_t = p_t(S) and kappa < q. Of voter u it is asked that s <= w_u on
   S, w_u <= s kappa on S', and w_u <= s on all other answers, which have no mass. s = e^-eps if w_u
   is over its largest and S = {r_u >= r_u* - eps}: r_u <= r_u* - Delta + eps on S' is
   kappa = e^-(Delta - 2 eps). The other voters are any. *)
Theorem two_basins_persist t : [/\ 0 < a t,
    (a t)^-1 - L^-1 <= (kappa / q) ^+ t * ((a 0%N)^-1 - L^-1)
  & Num.min (a 0%N) L <= a t].
Proof.
have L0 : 0 < L by rewrite divr_gt0 // subr_gt0.
have r0 : 0 <= kappa / q by rewrite divr_ge0 // ltW.
have [at0 le] : 0 < a t /\ (a t)^-1 - L^-1 <= (kappa / q) ^+ t * ((a 0%N)^-1 - L^-1).
  elim: t => [|t [at0 IH]]; first by rewrite mul1r.
  have [a'0 le] := basins_step at0; split=> //; rewrite exprS -mulrA.
  apply: le_trans (ler_wpM2l r0 IH); rewrite mulrBr lerBlDr; apply: le_trans le _.
  rewrite le_eqVlt; apply/orP; left; apply/eqP; have := q_gt0; have := at0.
  have d2 : 0 < q - kappa by rewrite subr_gt0.
  have d1 : 0 < 1 - kappa by rewrite subr_gt0.
  by move: q (a t) d1 d2 => q' x d1 d2 x0 q0; field; rewrite !gt_eqF.
split=> //; rewrite le_minl; have a00 : 0 < a 0%N by [].
case: (leP (a 0%N) L) => a0L; apply/orP; [left|right].
  rewrite -ler_pV2 ?inE ?unitfE ?gt_eqF // -(lerD2r (- L^-1)); apply: le_trans le _.
  rewrite ler_piMl ?exprn_ile1 // ?subr_ge0; first by rewrite ler_pV2 ?inE ?unitfE ?gt_eqF.
  by rewrite ler_pdivrMr // mul1r ltW.
rewrite -ler_pV2 ?inE ?unitfE ?gt_eqF // -subr_le0; apply: le_trans le _.
by rewrite mulr_ge0_le0 ?exprn_ge0 // subr_le0 ler_pV2 ?inE ?unitfE ?gt_eqF // ltW.
Qed.

End Persists.
End Basin.
End Loop.

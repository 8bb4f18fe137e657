(* The odds against the top weight fall by K/(1 + (K-1) rho), rho w_* being the mean weight off the
   top, for the largest one there. Given the candidates the chance of the top is convex in the
   weight of the others, so it lies above its tangent at (number of others) rho w_*; what the
   tangent adds is 0 in the mean. So two weights, w_* and rho w_*, are the worst case. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops.
From Recurate Require Import winner binomial concentration.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R).

(* E_p[w | off A], A = {w = w_*}: the mean weight off the top. *)
Definition mean_off_top p w (bound : R) :=
  (\sum_(x | ~~ top w bound x) p x * w x) / mass p (predC (top w bound)).

(* rho = E_p[w | off A]/w_* *)
Definition ratio_off_top p w (bound : R) := mean_off_top p w bound / bound.

End Definitions.

Section SharpOdds.
Variables (R : realFieldType) (T : finType) (p w : T -> R) (bound : R).
Hypotheses (law_p : is_law p) (w_gt0 : forall x, 0 < w x).
Hypothesis le_bound : bounded_on_support p w bound.
Notation A := (top w bound).
Hypotheses (some_on : 0 < mass p A) (some_off : mass p A < 1).

Notation rho := (ratio_off_top p w bound).
Notation worst := (raised w bound rho).

Let b_gt0 : 0 < bound := bound_gt0 law_p w_gt0 le_bound.
Let off_gt0 : 0 < mass p (predC A). Proof. by rewrite massC // subr_gt0. Qed.

Let rho_bound : rho * bound = mean_off_top p w bound.
Proof. by rewrite divfK // gt_eqF. Qed.

(* The weights off A are rho w_* in the mean. *)
Lemma off_top_balance : \sum_(x | ~~ A x) p x * (w x - rho * bound) = 0.
Proof.
rewrite rho_bound; under eq_bigr do rewrite mulrBr.
rewrite sumrB -mulr_suml /mean_off_top -/(mass p (predC A)) [X in _ - X]mulrC divfK ?subrr //.
by rewrite gt_eqF.
Qed.

Lemma rho_gt0 : 0 < rho.
Proof.
rewrite divr_gt0 // divr_gt0 //; have [p0 _] := law_p.
have [x Ax px] : exists2 x, ~~ A x & 0 < p x.
  apply/exists_inP; apply: contraTT off_gt0; rewrite negb_exists_in => /forall_inP none.
  rewrite -leNgt le_eqVlt; apply/orP; left; apply/eqP/big1 => x Ax.
  by apply/eqP; rewrite eq_le p0 andbT leNgt; apply: none.
rewrite (bigD1 x) //= ltr_pwDl ?mulr_gt0 // sumr_ge0 // => y _.
by rewrite mulr_ge0 // ltW.
Qed.

Lemma rho_lt1 : rho < 1.
Proof.
rewrite ltr_pdivrMr // mul1r ltr_pdivrMr // -subr_gt0 /mass mulr_sumr -sumrB; have [p0 _] := law_p.
have term x : ~~ A x -> 0 < p x -> 0 < bound * p x - p x * w x.
  move=> Ax px; rewrite [bound * _]mulrC -mulrBr mulr_gt0 // subr_gt0 lt_neqAle Ax.
  exact: le_bound.
have [x Ax px] : exists2 x, ~~ A x & 0 < p x.
  apply/exists_inP; apply: contraTT off_gt0; rewrite negb_exists_in => /forall_inP none.
  rewrite -leNgt le_eqVlt; apply/orP; left; apply/eqP/big1 => x Ax.
  by apply/eqP; rewrite eq_le p0 andbT leNgt; apply: none.
rewrite (bigD1 x) //= ltr_pwDl ?term // sumr_ge0 // => y /andP[Ay _].
have := p0 y; rewrite le_eqVlt => /orP[/eqP <-|py]; first by rewrite mulr0 mul0r subrr.
exact: ltW (term y Ay py).
Qed.

Lemma worst_gt0 x : 0 < worst x.
Proof. by rewrite /raised; case: ifP => // _; apply: mulr_gt0 rho_gt0 _. Qed.

Section Finite.
Variable K : nat.
Hypothesis K_gt0 : (0 < K)%N.

(* What the tangent adds at place k is 0 in the mean: off A the other candidates do not see by how
   much this one differs from rho w_*. *)
Lemma tangent_place k : mean (draws (K := K) p) (fun c =>
  (\sum_i (A (c i))%:R) / total_weight worst c ^+ 2 * (w (c k) - worst (c k))) = 0.
Proof.
case: K K_gt0 k => // n _ k; rewrite (mean_draws_place p k).
pose f := mean (draws p) (fun c : {ffun 'I_n -> T} =>
  (\sum_i (A (c i))%:R) / (rho * bound + total_weight worst c) ^+ 2).
transitivity (mean p (fun x => f * ((~~ A x)%:R * (w x - rho * bound)))); last first.
  rewrite meanZ /mean; under eq_bigr do rewrite mulrCA mulrA.
  rewrite (eq_bigr (fun x => if ~~ A x then p x * (w x - rho * bound) else 0)).
    by rewrite -big_mkcond off_top_balance mulr0.
  by move=> x _; case: (A x); rewrite /= ?mul0r ?mul1r.
apply: eq_mean => // x; rewrite /f mulrC -meanZ; apply: eq_mean => // c.
rewrite insert_at total_weight_insert (bigD1_ord k) //= insert_at /raised.
under eq_bigr do rewrite insert_lift.
have [/eqP ->|_] := boolP (A x); first by rewrite subrr mulr0 /= !mul0r.
by rewrite /= add0r mul1r mulrC.
Qed.

Lemma worst_wins_less : mass (curated K p worst) A <= mass (curated K p w) A.
Proof.
have lawd := draws_is_law K law_p; have [r0 r1] := (rho_gt0, rho_lt1).
pose J (c : {ffun 'I_K -> T}) : R := \sum_i (A (c i))%:R.
pose slope c := J c / total_weight worst c ^+ 2.
have correction : mean (draws (K := K) p)
    (fun c => bound * \sum_k slope c * (w (c k) - worst (c k))) = 0.
  by rewrite meanZ mean_sum big1 ?mulr0 // => k _; apply: tangent_place.
rewrite !mass_curated -[leLHS]subr0 -[X in _ - X <= _]correction -meanB; apply: le_mean => [|c pc].
  by case: lawd.
have J0 : 0 <= J c by apply: sumr_ge0 => i _; rewrite ler0n.
have top_sum v : (forall x, A x -> v x = bound) -> \sum_k (A (c k))%:R * v (c k) = J c * bound.
  move=> vA; rewrite mulr_suml; apply: eq_bigr => k _.
  by have [/vA ->|_] := boolP (A (c k)); rewrite ?mul0r.
rewrite (top_sum w) => [|x /eqP//].
rewrite (top_sum worst) => [|x Ax]; last by rewrite /raised Ax.
rewrite -mulr_sumr sumrB -/(total_weight w c) -/(total_weight worst c) /slope.
have W0 := total_weight_gt0 c K_gt0 w_gt0.
have S0 : 0 < total_weight worst c by apply: total_weight_gt0 => // x; apply: worst_gt0.
move: (total_weight w c) (total_weight worst c) W0 S0 => W S W0 S0; rewrite -subr_ge0.
have -> : J c * bound / W - (J c * bound / S - bound * (J c / S ^+ 2 * (W - S)))
    = J c * bound * ((W - S) ^+ 2 / (W * S ^+ 2)) by field; rewrite !gt_eqF.
by rewrite mulr_ge0 ?divr_ge0 ?sqr_ge0 // mulr_ge0 ?sqr_ge0 // ltW.
Qed.

Lemma finite_odds : 0 < mass (curated K p w) A
  /\ (1 - mass (curated K p w) A) / mass (curated K p w) A
    <= odds_factor K rho * ((1 - mass p A) / mass p A).
Proof.
have [r0 r1] := (rho_gt0, rho_lt1).
have same x : top worst bound x = A x.
  rewrite /top /raised; case: ifP => // Ax; rewrite ?eqxx ?Ax //.
  by rewrite lt_eqF // -[ltRHS]mul1r ltr_pmul2r.
have sameM q : mass q (top worst bound) = mass q A by apply: eq_bigl.
have worst0 := worst_gt0.
have le_worst : bounded_on_support p worst bound.
  by move=> x _; rewrite /raised; case: ifP => // _; rewrite ler_piMl // ltW.
have gap_worst : gap_below_top p worst bound rho.
  by move=> x _; rewrite same /raised => /negPf ->.
have := theorem_2_1_odds K_gt0 law_p worst0 le_worst r0 (ltW r1) gap_worst.
rewrite !sameM => /(_ some_on)[q0 odds]; have less := worst_wins_less.
have q'0 := lt_le_trans q0 less; split=> //; apply: le_trans odds.
have q1 : 0 <= 1 - mass (curated K p worst) A.
  by rewrite subr_ge0; apply/mass_le1/curated_is_law.
rewrite ler_pdivrMr // mulrAC ler_pdivlMr //; move: less q1 q0.
move: (mass (curated K p w) A) (mass _ A) => q' q less q1 q0.
by rewrite !mulrBl !mul1r [q' * q]mulrC lerD2r.
Qed.

End Finite.

(* Infinitely many candidates: T(p) = p w/E_p w. *)
Theorem many_candidates_odds : 0 < mass (winner None w p) A
  /\ (1 - mass (winner None w p) A) / mass (winner None w p) A = rho * ((1 - mass p A) / mass p A).
Proof.
have meanE : mean p w = mass p A * bound + mass p (predC A) * (rho * bound).
  rewrite rho_bound /mean_off_top [_ * (_ / _)]mulrC divfK ?gt_eqF // /mean (bigID A) /=.
  by congr (_ + _); rewrite mulr_suml; apply: eq_bigr => x /eqP ->.
have massE : mass (winner None w p) A = mass p A * bound / mean p w.
  by rewrite -mulrA mulr_suml; apply: eq_bigr => x /eqP wx; rewrite /= /tilted wx.
have m0 := mean_gt0 law_p w_gt0; rewrite massE divr_gt0 ?mulr_gt0 //; split=> //.
move: m0; rewrite meanE massC //; move: (mass p A) some_on => q q0; set m := _ + _ => m0.
have -> : 1 - q * bound / m = (1 - q) * (rho * bound) / m.
  by rewrite -{1}[1](divff (lt0r_neq0 m0)) -mulrBl /m; congr (_ / _); rewrite addrC addKr.
by move: (rho) => r; field; rewrite !gt_eqF.
Qed.

(* One curation multiplies the odds against A = {w = w_*} by (1 + (K-1) rho)/K at most, rho w_*
   being the mean weight off A (rho is ratio_off_top p w bound); by rho for K = infinity:
     (1 - q')/q' <= (1 + (K-1) rho)/K (1 - q)/q,      q = p(A), q' = T(p)(A), and q' > 0.
   p is p_t, with 0 < p_t(A) < 1, winner K w p is p_{t+1}, and rho is rho_t; bound is w_*, of which
   only w <= w_* on the support of p is asked. K is any number >= 1, or infinity (None). *)
Theorem theorem_2_1_odds_sharp (K : option nat) : at_least 1 K ->
  0 < mass (winner K w p) A /\
  (1 - mass (winner K w p) A) / mass (winner K w p) A
    <= (if K is Some K then odds_factor K rho else rho) * ((1 - mass p A) / mass p A).
Proof.
case: K => [K|_]; first exact: finite_odds.
by have [q0 E] := many_candidates_odds; split=> //; rewrite E.
Qed.

End SharpOdds.

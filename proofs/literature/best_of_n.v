(* The best of n: claims of Beirami et al. 2025, for finite laws. Without ties the answer y has the
   interval from a_y = p(r < r(y)) to b_y = a_y + p(y), and the best of n has the mass
   b_y^n - a_y^n there. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation choices best_of.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Powers.
Variables (R : realFieldType) (a b : R).
Hypotheses (a_ge0 : 0 <= a) (ab : a <= b) (b_le1 : b <= 1).
Notation d := (b - a).

Let b_ge0 : 0 <= b. Proof. exact: le_trans ab. Qed.
Let d_ge0 : 0 <= d. Proof. by rewrite subr_ge0. Qed.

Lemma power_rise_ge0 n : 0 <= b ^+ n - a ^+ n.
Proof. by rewrite subr_ge0 lerXn2r. Qed.

(* b^n - a^n <= n (b - a) *)
Lemma power_rise_le n : b ^+ n - a ^+ n <= n%:R * d.
Proof.
elim: n => [|n IH]; first by rewrite !expr0 subrr mul0r.
have -> : b ^+ n.+1 - a ^+ n.+1 = b * (b ^+ n - a ^+ n) + a ^+ n * d by rewrite !exprS; ring.
rewrite mulrS mulrDl mul1r addrC; apply: lerD.
  by rewrite ler_piMl // exprn_ile1 // (le_trans ab).
by apply: le_trans IH; rewrite ler_piMl // power_rise_ge0.
Qed.

(* n b^(n-1) (b - a) - (b^n - a^n) <= n (n-1)/2 (b - a)^2 *)
Lemma power_tangent_le n : n.+1%:R * b ^+ n * d - (b ^+ n.+1 - a ^+ n.+1)
  <= n.+1%:R * n%:R / 2%:R * d ^+ 2.
Proof.
elim: n => [|n IH]; first by rewrite !expr1 expr0 mulr0 !mul0r mulr1 mul1r subrr.
have -> : n.+2%:R * b ^+ n.+1 * d - (b ^+ n.+2 - a ^+ n.+2)
    = a * (n.+1%:R * b ^+ n * d - (b ^+ n.+1 - a ^+ n.+1)) + n.+1%:R * b ^+ n * d ^+ 2.
  by rewrite !exprS [n.+2%:R]mulrS; ring.
have -> : n.+2%:R * n.+1%:R / 2%:R * d ^+ 2
    = n.+1%:R * n%:R / 2%:R * d ^+ 2 + n.+1%:R * d ^+ 2 by rewrite !mulrS; field.
apply: lerD.
  have rhs0 : 0 <= n.+1%:R * n%:R / 2%:R * d ^+ 2.
    by rewrite mulr_ge0 ?sqr_ge0 // divr_ge0 ?ler0n // mulr_ge0 ?ler0n.
  apply: le_trans (ler_wpM2l a_ge0 IH) _.
  by rewrite ler_piMl // (le_trans ab).
by rewrite -mulrA ler_wpM2l ?ler0n // ler_piMl ?sqr_ge0 // exprn_ile1.
Qed.

(* What the trapezoid misses, n/(n+1) (b^(n+1) - a^(n+1)) - (b^n - a^n) (a + b)/2. *)
Definition trapezoid n :=
  n%:R / n.+1%:R * (b ^+ n.+1 - a ^+ n.+1) - (b ^+ n - a ^+ n) * ((a + b) / 2%:R).

Lemma trapezoidE n : trapezoid n = d / (2%:R * n.+1%:R)
  * \sum_(i < n.+1) (b ^+ i - a ^+ i) * (b ^+ (n - i) - a ^+ (n - i)).
Proof.
pose s := \sum_(i < n.+1) b ^+ (n - i) * a ^+ i.
have sE : b ^+ n.+1 - a ^+ n.+1 = d * s by rewrite subrXX; congr (_ * _); apply: eq_bigr.
have s'E : \sum_(i < n.+1) b ^+ i * a ^+ (n - i) = s.
  rewrite (reindex_inj rev_ord_inj); apply: eq_bigr => i _; rewrite /= subSS subKn //.
  by rewrite -ltnS.
have -> : \sum_(i < n.+1) (b ^+ i - a ^+ i) * (b ^+ (n - i) - a ^+ (n - i))
    = n.+1%:R * (a ^+ n + b ^+ n) - s - s.
  rewrite -{1}s'E /s -[X in X%:R * _](card_ord n.+1) mulr_natl -sumr_const -!sumrB.
  apply: eq_bigr => i _; have le_i : (i <= n)%N by rewrite -ltnS.
  have split_at (x : R) : x ^+ n = x ^+ i * x ^+ (n - i) by rewrite -exprD subnKC.
  by rewrite !split_at; ring.
have n0 : n.+1%:R != 0 :> R by rewrite pnatr_eq0.
have -> : d / (2%:R * n.+1%:R) * (n.+1%:R * (a ^+ n + b ^+ n) - s - s)
    = d * (a ^+ n + b ^+ n) / 2%:R - d * s / n.+1%:R.
  by move: n.+1%:R (a ^+ n) (b ^+ n) n0 => N x y N0; field.
rewrite -sE /trapezoid !exprS; move: (a ^+ n) (b ^+ n) => x y.
have -> : n%:R = n.+1%:R - 1 :> R by rewrite mulrS addrC addKr.
by move: n.+1%:R n0 => N N0; field.
Qed.

Lemma sum_products n (m : R) : \sum_(i < n.+1) i%:R * (m - i%:R)
  = n.+1%:R * n%:R / 2%:R * m - n.+1%:R * n%:R * (2%:R * n%:R + 1) / 6%:R.
Proof.
elim: n => [|n IH]; first by rewrite big_ord1 !(mul0r, mulr0) subr0.
by rewrite big_ord_recr /= IH !mulrS; field.
Qed.

Lemma term_ge0 n (i : 'I_n.+1) : 0 <= (b ^+ i - a ^+ i) * (b ^+ (n - i) - a ^+ (n - i)).
Proof. by rewrite mulr_ge0 // power_rise_ge0. Qed.

Let factor_ge0 n : 0 <= d / (2%:R * n.+1%:R).
Proof. by rewrite divr_ge0 // mulr_ge0 ?ler0n. Qed.

Lemma trapezoid_cube n : trapezoid n <= n%:R * (n%:R - 1) / 12%:R * d ^+ 3.
Proof.
rewrite trapezoidE; apply: le_trans (ler_wpM2l (factor_ge0 n)
  (_ : _ <= \sum_(i < n.+1) i%:R * (n%:R - i%:R) * d ^+ 2)) _.
  apply: ler_sum => i _; have le_i : (i <= n)%N by rewrite -ltnS.
  rewrite -natrB // expr2 [leRHS]mulrACA.
  by apply: ler_pM; rewrite ?power_rise_ge0 ?power_rise_le.
have n0 : n.+1%:R != 0 :> R by rewrite pnatr_eq0.
rewrite -mulr_suml sum_products le_eqVlt; apply/orP; left; apply/eqP.
have -> : n%:R = n.+1%:R - 1 :> R by rewrite mulrS addrC addKr.
by move: n.+1%:R n0 => N N0; field.
Qed.

Lemma trapezoid_square n : trapezoid n <= n%:R * (n%:R - 1) / (4%:R * n.+1%:R) * d ^+ 2.
Proof.
rewrite trapezoidE; have n0 : n.+1%:R != 0 :> R by rewrite pnatr_eq0.
apply: le_trans (ler_wpM2l (factor_ge0 n) (_ : _ <= \sum_(i < n) i%:R * d)) _.
  rewrite big_ord_recr /= subnn !expr0 subrr mulr0 addr0; apply: ler_sum => i _.
  rewrite -[leRHS]mulr1; apply: ler_pM; rewrite ?power_rise_ge0 ?power_rise_le //.
  by rewrite lerBlDr ler_wpDr ?exprn_ge0 // exprn_ile1.
have sumE : \sum_(i < n) i%:R = n%:R * (n%:R - 1) / 2%:R :> R.
  elim: n {n0} => [|n IH]; first by rewrite big_ord0 !mul0r.
  by rewrite big_ord_recr /= IH mulrS; field.
rewrite -mulr_suml sumE le_eqVlt; apply/orP; left; apply/eqP.
by move: n.+1%:R n%:R n0 => N m N0; field.
Qed.

End Powers.

Section NoTies.
Variables (R : realFieldType) (T : finType) (p r : T -> R).
Hypotheses (law_p : is_law p) (no_ties : injective r).

(* The interval of an answer. *)
Definition below y := mass p (fun x => r x < r y).
Definition upto y := mass p (fun x => r x <= r y).

Let p_ge0 x : 0 <= p x. Proof. by case: law_p. Qed.

Lemma mass_upto (q : T -> R) y :
  mass q (fun x => r x <= r y) = mass q (fun x => r x < r y) + q y.
Proof.
rewrite /mass (bigD1 y) //= addrC; congr (_ + _); apply: eq_bigl => x.
by rewrite lt_neqAle andbC (inj_eq no_ties).
Qed.

Lemma uptoE y : upto y - below y = p y.
Proof. by rewrite /upto mass_upto addrC addKr. Qed.

Lemma below_ge0 y : 0 <= below y. Proof. exact: mass_ge0. Qed.
Lemma upto_le1 y : upto y <= 1. Proof. exact: mass_le1. Qed.
Lemma below_le y : below y <= upto y. Proof. by rewrite -subr_ge0 uptoE. Qed.

Lemma telescope_lower (Phi : R -> R) n (A : pred T) : #|A| = n -> lower_set r A ->
  \sum_(y | A y) (Phi (upto y) - Phi (below y)) = Phi (mass p A) - Phi 0.
Proof.
elim: n A => [|n IH] A cardA lower.
  have A0 : A =1 pred0 by move=> x; have := card0_eq cardA x.
  by rewrite /mass !(eq_bigl _ _ A0) !big_pred0_eq subrr.
have [x0 Ax0] : exists x, A x by apply/card_gt0P; rewrite cardA.
have [m Am largest] := arg_maxP r Ax0.
pose A' x := A x && (x != m).
have cardA' : #|A'| = n.
  apply: succn_inj; rewrite -cardA (cardD1 m) [m \in A]Am add1n; congr _.+1.
  by apply: eq_card => x; rewrite !inE andbC.
have lower' : lower_set r A'.
  move=> x y /andP[Ax xm] yx; apply/andP; split; first exact: lower yx.
  apply: contraNneq xm => ym; apply/eqP/no_ties/eqP; rewrite eq_le -{2}ym yx andbT.
  exact: largest.
have uptoA : upto m = mass p A.
  by apply: eq_bigl => x; apply/idP/idP => [/lower|/largest //]; apply.
have belowA : below m = mass p A'.
  apply: eq_bigl => x; rewrite lt_neqAle (inj_eq no_ties) andbC /A'; congr (_ && _).
  by apply/idP/idP => [/lower|/largest //]; apply.
by rewrite (bigD1 m) //= -[X in _ + X]/(\sum_(y | A' y) _) IH // uptoA belowA addrA subrK.
Qed.

Lemma telescope (Phi : R -> R) : \sum_y (Phi (upto y) - Phi (below y)) = Phi 1 - Phi 0.
Proof.
have := @telescope_lower Phi _ predT (erefl _); rewrite {1}/mass (proj2 law_p).
by apply=> x y.
Qed.

Variables (n : nat) (c : {ffun 'I_n -> T} -> 'I_n -> R).
Hypotheses (rule_c : is_rule c) (best : picks_best r c).

(* The best of n has the growth of u^n over the interval. *)
Lemma best_of_n_mass y : chosen p c y = upto y ^+ n - below y ^+ n.
Proof.
rewrite /upto /below -!(best_of_lower_set law_p rule_c best); last exact: lower_le.
  by rewrite mass_upto addrC addKr.
exact: lower_lt.
Qed.

Lemma win_rate_interval : win_rate r (chosen p c) p
  = \sum_y (upto y ^+ n - below y ^+ n) * ((below y + upto y) / 2%:R).
Proof.
apply: eq_bigr => y _; rewrite best_of_n_mass; congr (_ * _).
have -> : (below y + upto y) / 2%:R = below y + p y / 2%:R by rewrite -uptoE; field.
rewrite /below -mean_indicator /mean; have -> : p y = \sum_x p x * (r x == r y)%:R.
  rewrite (bigD1 y) //= eqxx mulr1 big1 ?addr0 // => x xy.
  by rewrite (inj_eq no_ties) (negPf xy) mulr0.
by rewrite mulr_suml -big_split; apply: eq_bigr => x _ /=; rewrite mulrDr mulrA.
Qed.

Lemma win_rate_misses : n%:R / n.+1%:R - win_rate r (chosen p c) p
  = \sum_y trapezoid (below y) (upto y) n.
Proof.
rewrite win_rate_interval /trapezoid sumrB -mulr_sumr.
by rewrite (telescope (fun u => u ^+ n.+1)) expr1n expr0n subr0 mulr1.
Qed.

(* best-of-n-win-rate-gap: without ties the best of n beats a fresh sample of p with a probability
   of at least n/(n+1) - (n-1)/2 sum_y p(y)^2, as claimed (Theorem 5.4), and of at least
     n/(n+1) - n (n-1)/12 sum_y p(y)^3      and      n/(n+1) - n (n-1)/(4 (n+1)) sum_y p(y)^2. *)
Theorem best_of_n_win_rate_gap :
  [/\ n%:R / n.+1%:R - (n%:R - 1) / 2%:R * (\sum_y p y ^+ 2) <= win_rate r (chosen p c) p,
      n%:R / n.+1%:R - n%:R * (n%:R - 1) / 12%:R * (\sum_y p y ^+ 3) <= win_rate r (chosen p c) p
    & n%:R / n.+1%:R - n%:R * (n%:R - 1) / (4%:R * n.+1%:R) * (\sum_y p y ^+ 2)
        <= win_rate r (chosen p c) p].
Proof.
have cube : n%:R / n.+1%:R - n%:R * (n%:R - 1) / 12%:R * (\sum_y p y ^+ 3)
    <= win_rate r (chosen p c) p.
  rewrite lerBlDr -lerBlDl win_rate_misses mulr_sumr; apply: ler_sum => y _.
  by rewrite -uptoE trapezoid_cube ?below_ge0 ?upto_le1 ?below_le.
have square : n%:R / n.+1%:R - n%:R * (n%:R - 1) / (4%:R * n.+1%:R) * (\sum_y p y ^+ 2)
    <= win_rate r (chosen p c) p.
  rewrite lerBlDr -lerBlDl win_rate_misses mulr_sumr; apply: ler_sum => y _.
  by rewrite -uptoE trapezoid_square ?below_ge0 ?upto_le1 ?below_le.
split=> //; apply: le_trans square; rewrite lerD2l lerN2 ler_wpM2r //.
  by apply: sumr_ge0 => y _; rewrite sqr_ge0.
have n_gt0 : 1 <= n%:R :> R by rewrite ler1n; apply: rule_gt0 law_p rule_c.
have N0 : 0 < n.+1%:R :> R by rewrite ltr0n.
have -> : n%:R * (n%:R - 1) / (4%:R * n.+1%:R) = (n%:R - 1) / 2%:R * (n%:R / (2%:R * n.+1%:R)) :> R.
  by move: n%:R n.+1%:R N0 => m N N0; field; rewrite gt_eqF.
rewrite ler_piMr ?divr_ge0 ?subr_ge0 ?ler0n // ler_pdivrMr ?mulr_gt0 ?ltr0n // mul1r -natrM ler_nat.
exact: leq_trans (leqnSn n) (leq_pmull _ _).
Qed.

End NoTies.

(* best-of-n-win-rate: the best of n beats a fresh sample of p, a tie counting half, with a
   probability of at most n/(n+1), with ties (broken in any way) or without. *)
Theorem best_of_n_win_rate (R : realFieldType) (T : finType) (p r : T -> R) n
  (c : {ffun 'I_n -> T} -> 'I_n -> R) : is_law p -> is_rule c -> picks_best r c ->
  win_rate r (chosen p c) p <= n%:R / n.+1%:R.
Proof.
move=> lawp rule_c best; apply: win_rate_le => //; first exact: chosen_is_law.
by move=> L; apply: best_of_lower_set.
Qed.

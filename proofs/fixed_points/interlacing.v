(* The eigenvalues of a step's derivative interlace with a H at the weights. A combination of the
   eigenvectors from the k-th on can be made zero at all answers above the (k+1)-th, and one of
   those up to the k-th at all answers below the k-th: there are bounds for what is left. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation winner.
From Recurate Require Import winner_derivative winner_form spectrum.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* More unknowns than equations. *)
Lemma nonzero_solution (F : fieldType) m (M : 'I_m.+1 -> 'I_m -> F) :
  exists2 c : 'I_m.+1 -> F, exists j, c j != 0 & forall i, \sum_j c j * M j i = 0.
Proof.
pose A : 'M[F]_(m.+1, m) := \matrix_(j, i) M j i; pose u := nz_row (kermx A).
have u0 : u != 0.
  rewrite nz_row_eq0 -mxrank_eq0 mxrank_ker subn_eq0 -ltnNge.
  by rewrite (leq_ltn_trans (rank_leq_col A)).
have uA : u *m A = 0 by apply/sub_kermxP; apply: nz_row_sub.
exists (fun j => u ord0 j) => [|i].
  have /rV0Pn[j uj] := u0; by exists j.
have E : (u *m A) ord0 i = 0 by rewrite uA mxE.
by rewrite -[RHS]E mxE; apply: eq_bigr => j _; rewrite mxE.
Qed.

Section Combination.
Variables (R : realFieldType) (T J : finType) (p w : T -> R) (f : J -> T -> R) (c : J -> R).
Notation g := (fun x => \sum_j c j * f j x).

(* The derivative is linear. *)
Lemma winner_derivative_sum K x :
  winner_derivative K w p g x = \sum_j c j * winner_derivative K w p (f j) x.
Proof.
case: K => [K|] /=; last first.
  have -> : mean g w = \sum_j c j * mean (f j) w.
    rewrite /mean; under eq_bigr do rewrite mulr_suml; rewrite exchange_big /=.
    by apply: eq_bigr => j _; rewrite mulr_sumr; apply: eq_bigr => y _; rewrite mulrA.
  rewrite mulr_suml mulr_sumr mulr_suml -sumrB; apply: eq_bigr => j _.
  by ring.
under [in RHS]eq_bigr do rewrite mulr_sumr; rewrite [in RHS]exchange_big /=.
apply: eq_bigr => i _; rewrite /mean; under [in RHS]eq_bigr do rewrite mulr_sumr.
rewrite [in RHS]exchange_big /=; apply: eq_bigr => y _.
rewrite /draws_with (bigD1 i) //= eqxx mulr_suml mulr_suml; apply: eq_bigr => j _.
rewrite [in RHS](bigD1 i) //= eqxx -!mulrA; congr (_ * (_ * (_ * _))).
by apply: eq_bigr => l /negPf ->.
Qed.

Lemma pairing_sum (q : T -> R) : pairing p w g q = \sum_j c j * pairing p w (f j) q.
Proof.
rewrite /pairing; under eq_bigr do rewrite !mulr_suml; rewrite exchange_big /=.
by apply: eq_bigr => j _; rewrite mulr_sumr; apply: eq_bigr => y _; rewrite -!mulrA.
Qed.

End Combination.

Section Interlacing.
Variables (R : realFieldType) (n : nat) (K : option nat) (p w : 'I_n.+2 -> R).
Hypotheses (K_gt0 : at_least 1 K) (law_p : is_law p) (p_gt0 : forall x, 0 < p x).
Hypotheses (w_gt0 : forall x, 0 < w x) (w_up : forall x y : 'I_n.+2, (x <= y)%N -> w x <= w y).
Notation DT := (winner_derivative K w p).
Notation "( f | g )" := (pairing p w f g).
Notation H := (winner_ratio K w p).

Variables (a : R) (f : 'I_n.+1 -> 'I_n.+2 -> R) (nu : 'I_n.+1 -> R).
Hypotheses (a_ge0 : 0 <= a) (massless_f : forall j, massless (f j)).
Hypotheses (nonzero : forall j, exists x, f j x != 0).
Hypothesis orthogonal : forall i j, i != j -> (f i | f j) = 0.
Hypothesis eigen : forall j x, a * DT (f j) x = nu j * f j x.
Hypothesis nu_up : forall i j : 'I_n.+1, (i <= j)%N -> nu i <= nu j.

Let square j : 0 < (f j | f j).
Proof. by have [x fx] := nonzero j; apply: pairing_gt0 fx. Qed.

Section Combination.
Variable c : 'I_n.+1 -> R.
Notation g := (fun x => \sum_j c j * f j x).

Let massless_g : massless g.
Proof.
rewrite /massless exchange_big big1 // => j _ /=.
by rewrite -mulr_sumr (massless_f j) mulr0.
Qed.

Let with_f j : (f j | g) = c j * (f j | f j).
Proof.
rewrite pairingC pairing_sum (bigD1 j) //= big1 ?addr0 // => i ij.
by rewrite orthogonal ?mulr0.
Qed.

Let gg : (g | g) = \sum_j c j ^+ 2 * (f j | f j).
Proof. by rewrite pairing_sum; apply: eq_bigr => j _; rewrite with_f mulrA. Qed.

Let DFg : ((fun x => a * DT g x) | g) = \sum_j nu j * (c j ^+ 2 * (f j | f j)).
Proof.
transitivity ((fun x => \sum_j (nu j * c j) * f j x) | g).
  apply: eq_bigr => x _; congr (_ * _ / _); rewrite winner_derivative_sum mulr_sumr.
  by apply: eq_bigr => j _; rewrite mulrCA eigen mulrCA mulrA.
by rewrite pairing_sum; apply: eq_bigr => j _; rewrite with_f expr2 !mulrA.
Qed.

Let gg_gt0 : (exists j, c j != 0) -> 0 < (g | g).
Proof.
case=> j cj; rewrite gg (bigD1 j) //= ltr_pwDl ?sumr_ge0 // => [|i _].
  by rewrite mulr_gt0 // lt_neqAle sqr_ge0 eq_sym expf_eq0 cj.
by rewrite mulr_ge0 ?sqr_ge0 // ltW.
Qed.

(* A combination of eigenvectors from the k-th on that lives on weights up to v, ... *)
Lemma combination_le (k : 'I_n.+1) v : 0 < v -> (exists j, c j != 0) ->
  (forall j : 'I_n.+1, (j < k)%N -> c j = 0) -> (forall x, g x != 0 -> w x <= v) -> nu k <= a * H v.
Proof.
move=> v0 /gg_gt0 pos first le_v; rewrite -(ler_pM2r pos).
have [_ le _] := fixed_point_spectrum K_gt0 law_p p_gt0 w_gt0 a_ge0 massless_g.
apply: le_trans (le v v0 le_v); rewrite DFg gg mulr_sumr; apply: ler_sum => j _.
have [/first ->|kj] := ltnP j k; first by rewrite expr0n /= mul0r !mulr0.
by rewrite ler_wpM2r ?nu_up // mulr_ge0 ?sqr_ge0 // ltW.
Qed.

(* ... and one of those up to the k-th that lives on weights from v up. *)
Lemma combination_ge (k : 'I_n.+1) v : 0 < v -> (exists j, c j != 0) ->
  (forall j : 'I_n.+1, (k < j)%N -> c j = 0) -> (forall x, g x != 0 -> v <= w x) -> a * H v <= nu k.
Proof.
move=> v0 /gg_gt0 pos last ge_v; rewrite -(ler_pM2r pos).
have [_ _ ge] := fixed_point_spectrum K_gt0 law_p p_gt0 w_gt0 a_ge0 massless_g.
apply: le_trans (ge v v0 ge_v) _; rewrite DFg gg mulr_sumr; apply: ler_sum => j _.
have [/last ->|jk] := ltnP k j; first by rewrite expr0n /= mul0r !mulr0.
by rewrite ler_wpM2r ?nu_up // mulr_ge0 ?sqr_ge0 // ltW.
Qed.

End Combination.

(* fixed-point-spectrum: a H(w_k) <= nu_k <= a H(w_{k+1}).
   p is a law with mass on n + 2 answers of weights w_0 <= ... <= w_{n+1}; nu_0 <= ... <= nu_n are
   the eigenvalues of DF = a DT on the directions of total mass zero, of eigenvectors f_0, ..., f_n
   that are orthogonal for (f|g) = sum f g/(p w). That DF, self-adjoint, has such eigenvectors is
   the spectral theorem, and is not proved here. a is lam/(1 + lam), K >= 1 or infinity (None);
   widen_ord _ k is answer k, lift ord0 k is answer k + 1. *)
Theorem eigenvalues_interlace (k : 'I_n.+1) :
  a * H (w (widen_ord (leqnSn n.+1) k)) <= nu k <= a * H (w (lift ord0 k)).
Proof.
apply/andP; split.
  pose M (j : 'I_n.+1) (i : 'I_n) := if (i < k)%N then f j (lift ord_max (lift ord_max i))
    else (j == lift ord0 i)%:R.
  have [c c0 solves] := nonzero_solution M.
  apply: (combination_ge (c := c)) => // [j kj|x].
    have j0 : (0 < j)%N by apply: leq_ltn_trans kj.
    have [i ji] : exists i : 'I_n, j = lift ord0 i.
      by case: (unliftP ord0 j) j0 => [i ->|->] //; exists i.
    have ki : (k <= i)%N by move: kj; rewrite ji.
    have := solves i; rewrite /M ltnNge ki /= (bigD1 j) //= -ji eqxx mulr1 big1 ?addr0 // => l lj.
    by rewrite (negPf lj) mulr0.
  apply: contraR; rewrite -ltNge => wx.
  have xk : (x < k)%N by rewrite ltnNge; apply: contraTN wx => kx; rewrite -leNgt w_up.
  have xn : (x < n)%N by apply: leq_trans xk _; rewrite -ltnS.
  have := solves (Ordinal xn); rewrite /M xk => E; apply/eqP; rewrite -[RHS]E.
  apply: eq_bigr => j _; congr (_ * f j _); apply/val_inj.
  by rewrite [RHS]lift_max [RHS]lift_max.
pose M (j : 'I_n.+1) (i : 'I_n) := if (i < k)%N then (j == lift ord_max i)%:R
  else f j (lift ord0 (lift ord0 i)).
have [c c0 solves] := nonzero_solution M.
apply: (combination_le (c := c)) => // [j jk|x].
  have jn : (j < n)%N by apply: leq_trans jk _; rewrite -ltnS.
  have ji : j = lift ord_max (Ordinal jn) by apply/val_inj; rewrite [RHS]lift_max.
  have := solves (Ordinal jn); rewrite /M jk (bigD1 j) //= -ji eqxx mulr1 big1 ?addr0 // => l lj.
  by rewrite (negPf lj) mulr0.
apply: contraR; rewrite -ltNge => wx.
have kx : (k.+1 < x)%N.
  by rewrite ltnNge; apply: contraTN wx => xk; rewrite -leNgt w_up // /= /bump.
have [y xy] : exists y : 'I_n.+1, x = lift ord0 y.
  by case: (unliftP ord0 x) kx => [y ->|->] //; exists y.
have [i yi] : exists i : 'I_n, y = lift ord0 i.
  by case: (unliftP ord0 y) => [i ->|y0]; [exists i|move: kx; rewrite xy y0].
have := solves i; rewrite /M ltnNge; have -> : (k <= i)%N by move: kx; rewrite xy yi.
by rewrite /= -yi -xy => ->.
Qed.

End Interlacing.

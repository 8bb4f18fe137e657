(* Near its fixed point the loop has real rates from 0 to a H: the derivative DF = a DT of a
   step is self-adjoint and nonnegative for (f|g) = sum f g/(p w), on directions of mass zero. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops.
From Recurate Require Import winner winner_ratio binomial winner_derivative winner_form.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Spectrum.
Variables (R : realFieldType) (T : finType) (K : option nat) (p w : T -> R).
Hypotheses (K_gt0 : at_least 1 K) (law_p : is_law p) (p_gt0 : forall x, 0 < p x).
Hypothesis w_gt0 : forall x, 0 < w x.
Implicit Types (f g : T -> R).
Notation DT := (winner_derivative K w p).
Notation "( f | g )" := (pairing p w f g).
Notation H := (winner_ratio K w p).

Let mean_w_gt0 : 0 < mean p w := mean_gt0 law_p w_gt0.

Lemma pairingC f g : (f | g) = (g | f).
Proof. by apply: eq_bigr => x _; rewrite [f x * _]mulrC. Qed.

Lemma pairingZ a f g : ((fun x => a * f x) | g) = a * (f | g).
Proof. by rewrite /pairing mulr_sumr; apply: eq_bigr => x _; rewrite -!mulrA. Qed.

Lemma pairing_ge0 f : 0 <= (f | f).
Proof.
by apply: sumr_ge0 => x _; rewrite divr_ge0 // -?expr2 ?sqr_ge0 // mulr_ge0 ?ltW.
Qed.

Lemma pairing_gt0 f x : f x != 0 -> 0 < (f | f).
Proof.
move=> fx; have term y : 0 <= f y * f y / (p y * w y).
  by rewrite divr_ge0 // -?expr2 ?sqr_ge0 // mulr_ge0 ?ltW.
rewrite /pairing (bigD1 x) //= ltr_pwDl ?sumr_ge0 // divr_gt0 //; last exact: mulr_gt0.
by rewrite lt_neqAle -expr2 sqr_ge0 eq_sym expf_eq0 /= fx.
Qed.

(* K = infinity. *)
Lemma pairing_tilt f g : massless g ->
  pairing p w (winner_derivative None w p f) g = (\sum_x f x * g x / p x) / mean p w.
Proof.
move=> g0; transitivity (\sum_x (f x * g x / p x / mean p w - mean f w / mean p w ^+ 2 * g x)).
  apply: eq_bigr => x _ /=; have := w_gt0 x; have := p_gt0 x; have := mean_w_gt0.
  move: (w x) (p x) (mean p w) => u q m m0 q0 u0.
  by field; rewrite !gt_eqF.
by rewrite sumrB -mulr_sumr -mulr_suml g0 mulr0 subr0.
Qed.

(* DT is self-adjoint on directions of total mass zero: (DT f|g) = (f|DT g). *)
Theorem derivative_symmetric f g : massless f -> massless g -> (DT f | g) = (f | DT g).
Proof.
case: K => [k|] f0 g0; rewrite [RHS]pairingC.
  by rewrite !pairing_derivative //; apply: eq_mean => // c; rewrite [total_weight _ _ * _]mulrC.
by rewrite !pairing_tilt //; congr (_ / _); apply: eq_bigr => x _; rewrite [f x * _]mulrC.
Qed.

(* It keeps that space. *)
Theorem derivative_massless f : massless f -> massless (DT f).
Proof.
case: K K_gt0 => [k|] /= K0 f0; rewrite /massless.
  have one (c : {ffun 'I_k -> T}) : \sum_x choice w c x = 1.
    rewrite -(sum_choice c K0 w_gt0) -(eq_bigr _ (fun x _ => mulr1 (choice w c x))) sum_choice_of.
    by apply: eq_bigr => l _; rewrite mul1r.
  rewrite exchange_big big1 // => i _ /=; rewrite exchange_big /=.
  transitivity (\sum_c draws_with i p f c).
    by apply: eq_bigr => c _; rewrite -mulr_sumr one mulr1.
  rewrite /draws_with -(bigA_distr_bigA (fun j x => if j == i then f x else p x)) (bigD1 i) //=.
  by rewrite eqxx f0 mul0r.
rewrite sumrB; have -> : \sum_x f x * (w x / mean p w) = mean f w / mean p w.
  by rewrite mulr_suml; apply: eq_bigr => x _; rewrite mulrA.
have -> : \sum_x p x * w x * mean f w / mean p w ^+ 2 = mean p w * mean f w / mean p w ^+ 2.
  by rewrite -!mulr_suml.
by move: (mean f w) => m; field; rewrite gt_eqF.
Qed.

(* The terms of one candidate are a lower bound. *)
Lemma derivative_ge f : massless f -> \sum_x f x * f x / (p x * w x) * H (w x) <= (DT f | f).
Proof.
case: K K_gt0 => [[//|n]|] K0 f0 /=.
  exact: (rayleigh_ge_finite law_p p_gt0 w_gt0 n f).
rewrite pairing_tilt // mulr_suml le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => x _.
have := w_gt0 x; have := p_gt0 x; have := mean_w_gt0.
by move: (w x) (p x) (mean p w) => u q m m0 q0 u0; field; rewrite !gt_eqF.
Qed.

Lemma derivative_le f v : massless f -> 0 < v -> (forall x, f x != 0 -> w x <= v) ->
  (DT f | f) <= H v * (f | f).
Proof.
case: K K_gt0 => [[//|n]|] K0 f0 v0 le_v; first exact: (rayleigh_le_finite law_p p_gt0 w_gt0).
rewrite pairing_tilt // mulr_suml /pairing mulr_sumr /=; apply: ler_sum => x _.
have [->|fx] := eqVneq (f x) 0; first by rewrite !mul0r mulr0.
have -> : f x * f x / p x / mean p w = w x / mean p w * (f x * f x / (p x * w x)).
  have := w_gt0 x; have := p_gt0 x; have := mean_w_gt0.
  by move: (w x) (p x) (mean p w) => u q m m0 q0 u0; field; rewrite !gt_eqF.
rewrite ler_wpM2r //; last by rewrite ler_wpM2r ?le_v // invr_ge0 ltW.
by rewrite divr_ge0 // -?expr2 ?sqr_ge0 // mulr_ge0 ?ltW.
Qed.

(* The Rayleigh quotients of DF = a DT, the derivative of a step F(p) = m p_ref + a T(p): for f of
   total mass zero
     (DF f|f) >= 0,
     (DF f|f) <= a H(v) (f|f)      if f lives on weights up to v,
     (DF f|f) >= a H(u) (f|f)      if f lives on weights from u up.
   With v = w_*, the largest weight, the second is for every f. T is the support of p; p need not be
   a fixed point. K >= 1, or infinity (None); a is lam/(1 + lam), 1 in the pure loop. That the
   eigenvalues interlace with a H at the weights is in interlacing.v. *)
Theorem fixed_point_spectrum a f : 0 <= a -> massless f ->
  let DF g x := a * DT g x in
  [/\ 0 <= (DF f | f),
      forall v, 0 < v -> (forall x, f x != 0 -> w x <= v) -> (DF f | f) <= a * H v * (f | f)
    & forall u, 0 < u -> (forall x, f x != 0 -> u <= w x) -> a * H u * (f | f) <= (DF f | f)].
Proof.
move=> a0 f0 DF; rewrite pairingZ.
have term x : 0 <= f x * f x / (p x * w x).
  by rewrite divr_ge0 // -?expr2 ?sqr_ge0 // mulr_ge0 ?ltW.
split=> [|v v0 le_v|u u0 ge_u]; rewrite -?mulrA.
- apply: mulr_ge0 => //; apply: le_trans (derivative_ge f0); apply: sumr_ge0 => x _.
  by rewrite mulr_ge0 // ltW // winner_ratio_gt0.
- by rewrite ler_wpM2l // derivative_le.
rewrite ler_wpM2l //; apply: le_trans (derivative_ge f0); rewrite /pairing mulr_sumr.
apply: ler_sum => x _; rewrite mulrC.
have [->|fx] := eqVneq (f x) 0; first by rewrite !mul0r.
by rewrite ler_wpM2l // winner_ratio_increases // ge_u.
Qed.

(* So each eigenvalue nu of DF on that space is from 0 to a H(v), v being the largest weight, ... *)
Theorem eigenvalue_bounds a f nu v : 0 <= a -> massless f -> (exists x, f x != 0) ->
  (forall x, a * DT f x = nu * f x) -> 0 < v -> (forall x, w x <= v) -> 0 <= nu <= a * H v.
Proof.
move=> a0 f0 [x fx] eigen v0 le_v; have [ge0 le _] := fixed_point_spectrum a0 f0.
have ff := pairing_gt0 fx; have E : ((fun x => a * DT f x) | f) = nu * (f | f).
  by rewrite -pairingZ; apply: eq_bigr => y _; rewrite eigen.
move: ge0 (le v v0 (fun x _ => le_v x)); rewrite E.
by rewrite pmulr_lge0 // ler_pM2r // => -> ->.
Qed.

(* ... and there is no eigenvalue but these real ones: if nu + i mu has the eigenvector f + i g,
   that is DF f = nu f - mu g and DF g = mu f + nu g, then mu = 0. *)
Theorem eigenvalues_real a f g nu mu : massless f -> massless g ->
  (exists x, (f x != 0) || (g x != 0)) ->
  (forall x, a * DT f x = nu * f x - mu * g x) -> (forall x, a * DT g x = mu * f x + nu * g x) ->
  mu = 0.
Proof.
move=> f0 g0 [x fgx] eigen_f eigen_g; have sym := derivative_symmetric f0 g0.
have Ef : a * (DT f | g) = nu * (f | g) - mu * (g | g).
  by rewrite -!pairingZ -sumrB; apply: eq_bigr => y _; rewrite eigen_f !mulrBl.
have Eg : a * (f | DT g) = mu * (f | f) + nu * (f | g).
  rewrite !(pairingC f) -!pairingZ -big_split; apply: eq_bigr => y _ /=.
  by rewrite eigen_g !mulrDl.
have pos : 0 < (f | f) + (g | g).
  case/orP: fgx => /pairing_gt0 fg; first by rewrite ltr_pwDl ?pairing_ge0.
  by rewrite addrC ltr_pwDl ?pairing_ge0.
apply/eqP; have : mu * ((f | f) + (g | g)) == 0; last by rewrite mulf_eq0 (gt_eqF pos) orbF.
move: Ef; rewrite sym Eg => /eqP; rewrite -subr_eq0.
by move: (f | f) (f | g) (g | g) => F X G /eqP <-; apply/eqP; ring.
Qed.

End Spectrum.

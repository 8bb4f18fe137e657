(* fixed-point-two-point along the loop: a monotone approach from every start, at a geometric rate;
   only one fixed point; and the equation of its mass at the top. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops winner gap_win two_point.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Loop.
Variables (R : realFieldType) (T : finType) (K : option nat) (lam rho : R) (pref w : T -> R).
Variable A : pred T.
Implicit Types p : T -> R.
Hypotheses (K1 : at_least 1 K) (lam_ge0 : 0 <= lam) (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1).
Hypotheses (w_gt0 : forall x, 0 < w x).
Hypotheses (law_ref : is_law pref) (two_ref : two_weights pref w A rho).
Notation a := (lam / (1 + lam)).
Notation mq := (mass pref A / (1 + lam)).
Notation fixed := (is_fixed_point lam pref (winner K w)).
Notation step := (winner_step K lam pref w).

Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.

Lemma two_step_law p : is_law p -> is_law (step p).
Proof.
move=> lawp; have [c0 c1] := winner_is_law K1 lawp w_gt0; have [r0 r1] := law_ref.
split=> [x|].
  by rewrite addr_ge0 ?divr_ge0 ?(ltW l1) // mulr_ge0 ?c0 // synthetic_share_ge0.
rewrite /winner_step big_split /= -mulr_suml -mulr_sumr r1 c1 mulr1 (shares lam_ge0).
by rewrite addrC subrK.
Qed.

Lemma two_step_weights p : is_law p -> two_weights p w A rho -> two_weights (step p) w A rho.
Proof.
move=> [p0 _] two x; have [r0 _] := law_ref; have := r0 x.
rewrite le_eqVlt => /orP[/eqP rx|/two_ref //]; have := p0 x.
rewrite le_eqVlt => /orP[/eqP px|/two //].
by rewrite /winner_step -rx winnerE // -px !mul0r mulr0 addr0 ltxx.
Qed.

Section OneFixedPoint.
Variable pinf : T -> R.
Hypotheses (law_inf : is_law pinf) (two_inf : two_weights pinf w A rho) (fix_inf : fixed pinf).
Hypothesis q_gt0 : 0 < mass pref A.
Notation P := (mass pinf A).

Let mq_gt0 : 0 < mq. Proof. exact: divr_gt0. Qed.

Let unit p : is_law p -> 0 <= mass p A <= 1.
Proof. by move=> lawp; rewrite mass_le1 // mass_ge0 //; case: lawp. Qed.

Lemma two_point_above : mq <= P.
Proof.
rewrite (mass_fixed K1 rho_gt0 law_inf two_inf fix_inf) lerDl.
have /andP[W0 _] := top_unit K1 rho_gt0 rho_le1 (unit law_inf).
by rewrite mulr_ge0 ?synthetic_share_ge0.
Qed.

Lemma two_point_gt0 : 0 < P.
Proof. exact: lt_le_trans mq_gt0 two_point_above. Qed.

Lemma two_point_factor : 0 <= 1 - mq / P < 1.
Proof.
by rewrite subr_ge0 ler_pdivrMr ?two_point_gt0 // mul1r two_point_above /= ltrBlDr ltrDl
  divr_gt0 ?two_point_gt0.
Qed.

(* One step leaves at most the share 1 - m q/P of the distance. *)
Lemma two_point_closer p : is_law p -> two_weights p w A rho ->
  `|P - mass (step p) A| <= (1 - mq / P) * `|P - mass p A|.
Proof.
move=> lawp two.
have claim := fixed_point_two_point K1 lam_ge0 rho_gt0 rho_le1 law_inf two_inf fix_inf lawp two
  two_point_gt0.
have [below above] := two_point_never_past K1 lam_ge0 rho_gt0 rho_le1 law_inf two_inf fix_inf
  lawp two.
move: claim below above; set x := mass p A; set x' := mass (step p) A; set k := mq / P.
move=> claim below above.
have [xP|Px] := leP x P.
  rewrite !ger0_norm ?subr_ge0 ?below //; move: xP; rewrite le_eqVlt => /orP[/eqP xP|xP].
    by rewrite [in leRHS]xP subrr mulr0 subr_le0 above // xP.
  have d0 : 0 < P - x by rewrite subr_gt0.
  have near : k * (P - x) <= x' - x by rewrite -(ler_pM2l d0) mulrCA -expr2.
  by rewrite -subr_ge0 in near; rewrite -subr_ge0; move: near; congr (0 <= _); ring.
have d0 : P - x < 0 by rewrite subr_lt0.
have d0' : P - x' <= 0 by rewrite subr_le0 above // ltW.
rewrite (ltr0_norm d0) (ler0_norm d0') !opprB.
have near : x' - x <= k * (P - x) by rewrite -(ler_nmul2l d0) mulrCA -expr2.
by rewrite -subr_ge0 in near; rewrite -subr_ge0; move: near; congr (0 <= _); ring.
Qed.

Section Start.
Variable p0 : T -> R.
Hypotheses (law0 : is_law p0) (two0 : two_weights p0 w A rho).
Notation p := (winner_loop K lam pref w p0).

Lemma two_loop_law t : is_law (p t) /\ two_weights (p t) w A rho.
Proof.
elim: t => [//|t [lawt twot]]; rewrite winner_loopS.
by split; [exact: two_step_law|exact: two_step_weights].
Qed.

(* x_t = p_t(A) approaches P = p_inf(A) monotonically, from any p_0 on two weights, and never passes
   it: x_0 <= x_1 <= ... <= P, or x_0 >= x_1 >= ... >= P. *)
Theorem two_point_monotone t :
  (mass p0 A <= P -> mass (p t) A <= mass (p t.+1) A <= P) /\
  (P <= mass p0 A -> P <= mass (p t.+1) A <= mass (p t) A).
Proof.
have past s := two_point_never_past K1 lam_ge0 rho_gt0 rho_le1 law_inf two_inf fix_inf
  (proj1 (two_loop_law s)) (proj2 (two_loop_law s)).
have claim s := fixed_point_two_point K1 lam_ge0 rho_gt0 rho_le1 law_inf two_inf fix_inf
  (proj1 (two_loop_law s)) (proj2 (two_loop_law s)) two_point_gt0.
have k0 : 0 <= mq / P by rewrite divr_ge0 ?(ltW mq_gt0) ?(ltW two_point_gt0).
have gain s : 0 <= (P - mass (p s) A) * (mass (p s.+1) A - mass (p s) A).
  by apply: le_trans (claim s); rewrite mulr_ge0 ?sqr_ge0.
split=> start.
  have below s : mass (p s) A <= P by elim: s => [//|s IH]; rewrite winner_loopS; apply: (past s).1.
  rewrite below andbT; have := below t; rewrite le_eqVlt => /orP[/eqP xP|xP].
    by have := (past t).2; rewrite xP -winner_loopS; apply.
  by have := gain t; rewrite pmulr_rge0 ?subr_gt0 // subr_ge0.
have above s : P <= mass (p s) A by elim: s => [//|s IH]; rewrite winner_loopS; apply: (past s).2.
rewrite above /=; have := above t; rewrite le_eqVlt => /orP[/eqP Px|Px].
  by have := (past t).1; rewrite -Px -winner_loopS; apply.
by have := gain t; rewrite nmulr_rge0 ?subr_lt0 // subr_le0.
Qed.

(* ... with |P - x_t| <= (1 - m q/P)^t |P - x_0|. *)
Theorem two_point_rate t :
  `|P - mass (p t) A| <= (1 - mq / P) ^+ t * `|P - mass p0 A|.
Proof.
have /andP[k0 _] := two_point_factor; elim: t => [|t IH]; first by rewrite expr0 mul1r.
have [lawt twot] := two_loop_law t; rewrite winner_loopS exprS -mulrA.
by apply: le_trans (two_point_closer lawt twot) _; rewrite ler_wpM2l.
Qed.

End Start.
End OneFixedPoint.

(* T(p) multiplies the masses on A by one number, and those off A by another. *)
Lemma two_point_ratios p : is_law p -> two_weights p w A rho -> exists on off,
  [/\ forall y, winner K w p y = p y * (if A y then on else off),
    mass p A * on = gap_win K rho (mass p A) & (1 - mass p A) * off = 1 - gap_win K rho (mass p A)].
Proof.
move=> lawp two; have [p_ge0 _] := lawp; set h := winner_ratio K w p.
have winE y : winner K w p y = p y * (if A y then h 1 else h rho).
  rewrite winnerE //; have := p_ge0 y; rewrite le_eqVlt => /orP[/eqP <-|/two ->].
    by rewrite !mul0r.
  by rewrite -/(h _); case: (A y).
exists (h 1), (h rho); split=> //; rewrite -(mass_winner_top K1 lawp rho_gt0 two).
  by rewrite /mass mulr_suml; apply: eq_bigr => y Ay; rewrite winE Ay.
rewrite -!massC //; last exact: winner_is_law.
by rewrite /mass mulr_suml; apply: eq_bigr => y /negPf Ay; rewrite winE Ay.
Qed.

(* A fixed point is the reference, rescaled on A and off A: p q = P p_ref on A, and
   p (1 - q) = (1 - P) p_ref off A. *)
Lemma two_point_rescaled p : is_law p -> two_weights p w A rho -> fixed p ->
  forall x, if A x then p x * mass pref A = mass p A * pref x
    else p x * (1 - mass pref A) = (1 - mass p A) * pref x.
Proof.
move=> lawp two fix_p x; have massE := mass_fixed K1 rho_gt0 lawp two fix_p.
have [on [off [winE winA winC]]] := two_point_ratios lawp two.
have := fix_p x; rewrite winE; have l0 : 1 + lam != 0 by rewrite gt_eqF.
move: massE winA winC; set P := mass p A; set q := mass pref A; set W := gap_win K rho P.
have share u v : u / (1 + lam) = v / (1 + lam) -> u = v by apply: mulIf; rewrite invr_eq0.
case: (A x) => massE winA winC xE; apply: share.
  have E : p x * P = pref x / (1 + lam) * P + p x * (P - q / (1 + lam)).
    have -> : P - q / (1 + lam) = a * (P * on) by rewrite winA {1}massE addrC addKr.
    by rewrite {1}xE; ring.
  have := subrr (p x * P); rewrite {2}E => zero; apply/eqP; rewrite -subr_eq0 -zero.
  by apply/eqP; ring.
have E : p x * (1 - P) = pref x / (1 + lam) * (1 - P) + p x * (1 - P - (1 - q) / (1 + lam)).
  have -> : 1 - P - (1 - q) / (1 + lam) = a * ((1 - P) * off).
    by rewrite winC {1}massE (shares lam_ge0); ring.
  by rewrite {1}xE; ring.
have := subrr (p x * (1 - P)); rewrite {2}E => zero; apply/eqP; rewrite -subr_eq0 -zero.
by apply/eqP; ring.
Qed.

(* With real data at the top there is at most one fixed point on two weights. *)
Theorem two_point_unique p p' : 0 < mass pref A ->
  is_law p -> two_weights p w A rho -> fixed p ->
  is_law p' -> two_weights p' w A rho -> fixed p' -> p =1 p'.
Proof.
move=> q0 lawp two fix_p lawp' two' fix_p'.
have P0 := two_point_gt0 lawp two fix_p q0.
have k0 : 0 < mq / mass p A by rewrite divr_gt0 ?divr_gt0.
have met u : mass (step u) A = mass u A -> is_law u -> two_weights u w A rho ->
    mass u A = mass p A.
  move=> stays law_u two_u.
  have := fixed_point_two_point K1 lam_ge0 rho_gt0 rho_le1 lawp two fix_p law_u two_u P0.
  rewrite stays subrr mulr0 pmulr_rle0 // => /(conj (sqr_ge0 _))/andP/le_anti/esym/eqP.
  by rewrite sqrf_eq0 subr_eq0 => /eqP.
have same : mass p' A = mass p A by apply: met => //; apply: eq_bigr => x _; exact/esym/fix_p'.
move=> x; have := two_point_rescaled lawp two fix_p x.
have := two_point_rescaled lawp' two' fix_p' x.
rewrite same; case: (boolP (A x)) => Ax <- /mulIf; first by apply; rewrite gt_eqF.
have [q1 _|q1] := eqVneq (mass pref A) 1; last by apply; rewrite subr_eq0 eq_sym.
have P1 : mass p A = 1.
  rewrite -q1 [RHS]met // (mass_winner_step lam pref K1 rho_gt0 law_ref two_ref) q1 top1 // mulr1.
  by rewrite (shares lam_ge0) addrC subrK.
have none u : is_law u -> mass u A = 1 -> u x = 0.
  move=> law_u u1; have := massC A law_u; rewrite u1 subrr /mass (bigD1 x) //= => /eqP.
  have [u0 _] := law_u; rewrite paddr_eq0 //; first by case/andP => /eqP.
  by apply: sumr_ge0.
by rewrite !none ?same.
Qed.

End Loop.

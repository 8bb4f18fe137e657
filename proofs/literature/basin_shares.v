(* Two voters with basins of their own (two_basins.v): the variance that two basins leave, what two
   plateaus come to, and two claims that are false. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner voters.
From Recurate Require Import two_basins.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Variance.
Variables (R : realFieldType) (T : finType).

(* two-basins-variance: if p has no mass outside of S and S', and r >= high on S and r <= low on
   S', then
     Var_p r >= a (1 - a) d^2,     a = p(S), d the positive part of high - low.
   In the paper high = r* - eps and low = r* - Delta + eps, so that d is that of Delta - 2 eps. *)
Theorem two_basins_variance (p r : T -> R) (S S' : pred T) (high low : R) : is_law p ->
  (forall x, S x -> ~~ S' x) -> (forall x, 0 < p x -> S x || S' x) ->
  (forall x, S x -> high <= r x) -> (forall x, S' x -> r x <= low) ->
  mass p S * (1 - mass p S) * Num.max 0 (high - low) ^+ 2 <= variance p r.
Proof.
move=> lawp disjoint inside above below; have [p0 _] := lawp.
set d := Num.max _ _; have d0 : 0 <= d by rewrite le_maxr lexx.
have [->|dE] : d = 0 \/ d = high - low.
  by rewrite /d; case: (leP 0 (high - low)) => _; [right|left].
  by rewrite expr0n mulr0 variance_ge0.
pose g (x : T) : R := (S x)%:R; have gE : mean p g = mass p S := mean_indicator p S.
have Sq : mean p (fun x => g x * g x) = mass p S.
  by rewrite -gE; apply: eq_mean => // x; rewrite /g; case: (S x); rewrite ?mulr1 ?mulr0.
have a0 : 0 <= mass p S by apply: mass_ge0.
have a1 := mass_le1 S lawp.
have cov : d * (mass p S * (1 - mass p S)) <= covariance p r g.
  have -> : d * (mass p S * (1 - mass p S))
      = mean p (fun x => (1 - mass p S) * (high * g x) - mass p S * (low * (1 - g x))).
    by rewrite meanB !meanZ meanB mean_const // gE dE; ring.
  have -> : covariance p r g = mean p (fun x => (1 - mass p S) * (r x * g x)
      - mass p S * (r x * (1 - g x))).
    rewrite covarianceE // meanB !meanZ gE.
    rewrite (eq_mean (q := p) (frefl _) (fun x => mulrBr (r x) 1 (g x))).
    rewrite meanB; have -> : mean p (fun x => r x * 1) = mean p r.
      by apply: eq_mean => // x; rewrite mulr1.
    by move: (mean p (fun x => r x * g x)) (mean p r) (mass p S) => u v s; ring.
  apply: le_mean => // x px; rewrite /g; have [Sx|nSx] := boolP (S x).
    by rewrite subrr !mulr0 !subr0 !mulr1 ler_wpM2l ?subr_ge0 ?above.
  rewrite !mulr0 !sub0r subr0 !mulr1 lerN2 ler_wpM2l // below //.
  by have := inside x px; rewrite (negPf nSx).
have : 0 <= variance p (fun x => r x - d * g x) := variance_ge0 _ lawp.
rewrite {1}/variance covarianceE // meanB meanZ gE.
have -> : mean p (fun x => (r x - d * g x) * (r x - d * g x))
    = mean p (fun x => r x * r x) - 2%:R * d * mean p (fun x => r x * g x) + d ^+ 2 * mass p S.
  by rewrite -Sq -!meanZ -meanB -meanD; apply: eq_mean => // x; ring.
move=> h; rewrite -subr_ge0; apply: le_trans h _.
have := ler_wpM2l d0 cov; rewrite /variance !covarianceE // gE.
move: (mean p _) (mean p (fun x => r x * g x)) (mean p r) (mass p S) => u v s a le.
rewrite -subr_ge0 in le; rewrite -subr_ge0; set lhs := (X in 0 <= X).
have -> : lhs = (d * (v - s * a) - d * (d * (a * (1 - a)))) *+ 2 by rewrite /lhs; ring.
by rewrite mulrn_wge0.
Qed.

End Variance.

Section Plateaus.
Variables (R : realFieldType) (T : finType) (S : pred T) (q : R).
Hypothesis q_unit : 0 < q < 1.
Notation S' := (predC S).

(* Voter 1 (true) likes S, and the rest by a factor k1 less; voter 2 likes the rest, and S by k2
   less. *)
Definition plateaus (k1 k2 : R) (u : bool) (x : T) :=
  if u then (if S x then 1 else k1) else (if S x then k2 else 1).

(* What a step makes of the share a of S. *)
Definition share_step (k1 k2 a : R) :=
  q * (a / (a + k1 * (1 - a))) + (1 - q) * (k2 * a / (k2 * a + (1 - a))).

Lemma plateau_mean (p : T -> R) k1 k2 : is_law p ->
  mean p (plateaus k1 k2 true) = mass p S + k1 * (1 - mass p S)
  /\ mean p (plateaus k1 k2 false) = k2 * mass p S + (1 - mass p S).
Proof.
move=> lawp; rewrite -massC // /mean /mass; split; rewrite (bigID S) /= !mulr_sumr; congr (_ + _);
  by apply: eq_bigr => x; rewrite /plateaus; case: (S x) => //= _; rewrite ?mulr1 // mulrC.
Qed.

Lemma plateau_step p k1 k2 : is_law p ->
  mass (voted (two_shares q) (plateaus k1 k2) p) S = share_step k1 k2 (mass p S).
Proof.
move=> lawp; have [E1 E2] := plateau_mean k1 k2 lawp; set a := mass p S in E1 E2 *.
transitivity (\sum_(x | S x) p x
    * (q * (1 / (a + k1 * (1 - a))) + (1 - q) * (k2 / (k2 * a + (1 - a))))).
  by apply: eq_bigr => x Sx; rewrite voted_ratio big_bool E1 E2 /plateaus Sx.
rewrite -mulr_suml -/(mass p S) -/a /share_step.
by move: (_ + k1 * _)^-1 (_ + (1 - a))^-1 => u v; ring.
Qed.

Lemma mass_given (p : T -> R) (A B : pred T) : 0 < mass p A -> (forall x, A x = B x) ->
  mass (conditioned p A) B = 1 /\ mass (conditioned p A) (predC B) = 0.
Proof.
move=> A0 AB; split; last by apply: big1 => x; rewrite /conditioned AB => /negPf ->.
rewrite /mass (eq_bigr (fun x => p x / mass p A)) => [|x]; last by rewrite /conditioned AB => ->.
by rewrite -mulr_suml (eq_bigl A) ?divff ?gt_eqF // => x; rewrite AB.
Qed.

Let q0 : 0 < q. Proof. by case/andP: q_unit. Qed.
Let q1 : 0 < 1 - q. Proof. by rewrite subr_gt0; case/andP: q_unit. Qed.

(* two-basins-limit: if each voter accepts her own basin alone (k1 = k2 = 0) then from the first
   step on p_t = q P_1 + (1-q) P_2, P_i being p_0 given her basin, and so p_t(S) = q. Answers
   outside of both basins have no mass: they are left out of T, so that the second basin is the
   complement of S. *)
Theorem two_basins_limit p0 t : is_law p0 -> 0 < mass p0 S < 1 ->
  (forall x, nash_loop (two_shares q) (plateaus 0 0) p0 t.+1 x
     = q * conditioned p0 S x + (1 - q) * conditioned p0 S' x)
  /\ mass (nash_loop (two_shares q) (plateaus 0 0) p0 t.+1) S = q.
Proof.
move=> law0 /andP[a0 a1]; have b0 : 0 < mass p0 S' by rewrite massC // subr_gt0.
pose mix x := q * conditioned p0 S x + (1 - q) * conditioned p0 S' x.
have masses : mass mix S = q /\ mass mix S' = 1 - q.
  have [S1 S0] := mass_given a0 (fun x => erefl (S x)).
  have [T1 T0] := mass_given b0 (fun x => erefl (S' x)).
  have T0' : mass (conditioned p0 S') S = 0 by rewrite -[RHS]T0; apply: eq_bigl => x; rewrite /= negbK.
  have massD A : mass mix A = q * mass (conditioned p0 S) A + (1 - q) * mass (conditioned p0 S') A.
    by rewrite /mass !mulr_sumr -big_split.
  by rewrite !massD S1 S0 T1 T0' !mulr0 !mulr1 addr0 add0r.
have stepE (p : T -> R) x : voted (two_shares q) (plateaus 0 0) p x
    = q * conditioned p S x + (1 - q) * conditioned p S' x.
  have E1 : mean p (plateaus 0 0 true) = mass p S.
    by rewrite -mean_indicator; apply: eq_mean => // y; rewrite /plateaus; case: (S y).
  have E2 : mean p (plateaus 0 0 false) = mass p S'.
    by rewrite -mean_indicator; apply: eq_mean => // y; rewrite /plateaus /=; case: (S y).
  rewrite /voted big_bool /tilted E1 E2 !/conditioned /plateaus /=.
  by case: (S x); rewrite /= !(mul0r, mulr0) ?mul1r.
suff loopE : forall x, nash_loop (two_shares q) (plateaus 0 0) p0 t.+1 x = mix x.
  by split=> //; rewrite -[RHS](proj1 masses); apply: eq_bigr => x _; apply: loopE.
elim: t => [|t IH] x; first exact: stepE.
set p := nash_loop _ _ p0 t.+1 in IH; rewrite -[LHS]/(voted _ _ p x) stepE.
have -> : conditioned p S x = conditioned p0 S x.
  have -> : conditioned p S x = conditioned mix S x.
    by rewrite !/conditioned IH; congr (if _ then _ / _ else _); apply: eq_bigr.
  rewrite /conditioned (proj1 masses) /mix !/conditioned /=; case: (S x) => //=.
  by rewrite mulr0 addr0 mulrC mulKf // gt_eqF.
have -> // : conditioned p S' x = conditioned p0 S' x.
have -> : conditioned p S' x = conditioned mix S' x.
  by rewrite !/conditioned IH; congr (if _ then _ / _ else _); apply: eq_bigr.
rewrite /conditioned (proj2 masses) /mix !/conditioned /=; case: (S x) => //=.
by rewrite mulr0 add0r mulrC mulKf // gt_eqF.
Qed.

(* With plateaus a finite reward apart the share a of S stays what it is, 0 < a < 1, exactly for
     a = q/(1 - k2) - (1 - q) k1/(1 - k1). *)
Theorem plateau_fixed_share k1 k2 a : 0 < k1 < 1 -> 0 < k2 < 1 -> 0 < a < 1 ->
  share_step k1 k2 a = a <-> a = q / (1 - k2) - (1 - q) * k1 / (1 - k1).
Proof.
move=> /andP[k10 k11] /andP[k20 k21] /andP[a0 a1].
have u0 : 0 < 1 - k1 by rewrite subr_gt0.
have v0 : 0 < 1 - k2 by rewrite subr_gt0.
have b0 : 0 < 1 - a by rewrite subr_gt0.
have d1 : 0 < a + k1 * (1 - a) by rewrite addr_gt0 // mulr_gt0.
have d2 : 0 < k2 * a + (1 - a) by rewrite addr_gt0 // mulr_gt0.
pose gap := q / (1 - k2) - (1 - q) * k1 / (1 - k1) - a.
pose c := a * (1 - a) * (1 - k1) * (1 - k2) / ((a + k1 * (1 - a)) * (k2 * a + (1 - a))).
have E : share_step k1 k2 a - a = c * gap.
  by rewrite /share_step /c /gap; field; rewrite !gt_eqF.
have c0 : c != 0 by rewrite gt_eqF // divr_gt0 ?mulr_gt0.
split=> [fix_a|aE].
  have : c * gap = 0 by rewrite -E fix_a subrr.
  by move/eqP; rewrite mulf_eq0 (negPf c0) subr_eq0 => /eqP.
by apply/eqP; rewrite -subr_eq0 E /gap -aE subrr mulr0.
Qed.

End Plateaus.

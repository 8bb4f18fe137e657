(* Many voters with weights of their own, and K = infinity candidates: then each voter multiplies
   a law by her weight over its mean. Definitions, and what a voter gains from the others. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law loops winner.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T U : finType).
Implicit Types (p pref v : T -> R) (pi : U -> R) (w : U -> T -> R) (a : R).

(* The winner's law T(p), if a voter u with weights w_u comes with probability pi_u. *)
Definition voted pi w p x := \sum_u pi u * tilted (w u) p x.

(* p_t of the pure loop, lam = infinity: T applied t times, from p_0. *)
Definition nash_loop pi w p0 t := iter t (voted pi w) p0.

(* A retraining step on synthetic data of share a, real data of share m = 1 - a:
   m p_ref + a T(p). a is lam/(1 + lam). *)
Definition voting_step a pref pi w p x := (1 - a) * pref x + a * voted pi w p x.

(* p_t from p_0. *)
Definition voting_loop a pref pi w p0 t := iter t (voting_step a pref pi w) p0.

(* H_p = m p_ref/p + a sum_u pi_u w_u/W_u, with W_u = E_p w_u: what a step multiplies p by. *)
Definition voting_ratio a pref pi w p x :=
  (1 - a) * (pref x / p x) + a * \sum_u pi u * (w u x / mean p (w u)).

(* Each voter who has a share wants something that p has: W_u > 0. *)
Definition served pi w p := is_law p /\ forall u, 0 < pi u -> 0 < mean p (w u).

(* Laws at which the objective a sum_u pi_u ln W_u - m KL(p_ref||.) is finite: p has mass where
   p_ref has (if there are real data), and some that each voter who counts wants. *)
Definition feasible a pref pi w p :=
  [/\ is_law p, a < 1 -> absolutely_continuous pref p
    & forall u, 0 < a * pi u -> 0 < mean p (w u)].

End Definitions.

Arguments nash_loop : simpl never.
Arguments voting_loop : simpl never.

Section Voters.
Variables (R : realFieldType) (T U : finType).
Implicit Types (p pref g : T -> R) (a : R).
Variables (pi : U -> R) (w : U -> T -> R).

Lemma voted_ratio p x : voted pi w p x = p x * \sum_u pi u * (w u x / mean p (w u)).
Proof. by rewrite mulr_sumr; apply: eq_bigr => u _; rewrite mulrCA. Qed.

Lemma mean_voted p g : mean (voted pi w p) g = \sum_u pi u * mean (tilted (w u) p) g.
Proof.
rewrite /mean; under eq_bigr do rewrite mulr_suml; rewrite exchange_big /=.
by apply: eq_bigr => u _; rewrite mulr_sumr; apply: eq_bigr => x _; rewrite mulrA.
Qed.

(* What the winner's g exceeds a sample's by, for K = infinity and no real data:
     E_{T(p)} g - E_p g = sum_u pi_u Cov_p(w_u, g)/W_u.
   With g = w_v: a voter v gains from the others where their weights are positively correlated
   with hers. Voters without a share need not want anything that p has. *)
Theorem voters_gain p g : is_law pi -> served pi w p ->
  mean (voted pi w p) g - mean p g = \sum_u pi u * (covariance p (w u) g / mean p (w u)).
Proof.
move=> [pi0 sum1] [lawp W0]; rewrite mean_voted -[mean p g]mul1r -sum1 mulr_suml -sumrB.
apply: eq_bigr => u _; have := pi0 u; rewrite le_eqVlt => /orP[/eqP <-|piu].
  by rewrite !mul0r subrr.
rewrite mean_tilted covarianceE //; have := W0 u piu; set W := mean p (w u) => Wu.
by field; rewrite gt_eqF.
Qed.

(* The winner's law is a law. *)
Lemma voted_is_law p : is_law pi -> (forall u x, 0 <= w u x) -> served pi w p ->
  is_law (voted pi w p).
Proof.
move=> [pi0 sum1] w0 [lawp W0]; split=> [x|].
  apply: sumr_ge0 => u _; rewrite mulr_ge0 // mulr_ge0 ?(proj1 lawp) // divr_ge0 //.
  by apply: sumr_ge0 => y _; rewrite mulr_ge0 // (proj1 lawp).
transitivity (mean (voted pi w p) (fun=> 1)); first by apply: eq_bigr => x _; rewrite mulr1.
rewrite mean_voted -[RHS]sum1; apply: eq_bigr => u _.
have := pi0 u; rewrite le_eqVlt => /orP[/eqP <-|piu]; first by rewrite mul0r.
by rewrite mean_const ?mulr1 //; exact: (tilted_is_law lawp (w0 u) (W0 u piu)).
Qed.

Hypotheses (law_pi : is_law pi) (w_ge0 : forall u x, 0 <= w u x).

Lemma voted_ge0 p x : (forall x, 0 <= p x) -> 0 <= voted pi w p x.
Proof.
move=> p0; rewrite voted_ratio mulr_ge0 // sumr_ge0 // => u _.
rewrite mulr_ge0 ?(proj1 law_pi) // divr_ge0 // sumr_ge0 // => y _.
by rewrite mulr_ge0.
Qed.

(* Each voter who counts always finds something that she wants. *)
Lemma served_voted p : served pi w p -> served pi w (voted pi w p).
Proof.
move=> sp; split; first exact: voted_is_law.
have [[p0 sum1] W0] := sp; move=> v piv; have Wv := W0 v piv.
have [x px wx] : exists2 x, 0 < p x & 0 < w v x.
  apply/exists_inP; apply: contraTT Wv; rewrite negb_exists_in => /forall_inP none.
  rewrite -leNgt le_eqVlt; apply/orP; left; apply/eqP/big1 => x _.
  have := p0 x; rewrite le_eqVlt => /orP[/eqP <-|px]; first by rewrite mul0r.
  by have /eqP -> : w v x == 0; rewrite ?mulr0 // eq_le w_ge0 andbT leNgt none.
rewrite /mean (bigD1 x) //= ltr_pwDl //; last first.
  by apply: sumr_ge0 => y _; rewrite mulr_ge0 // voted_ge0.
rewrite mulr_gt0 // voted_ratio mulr_gt0 // (bigD1 v) //= ltr_pwDl ?mulr_gt0 ?invr_gt0 //.
apply: sumr_ge0 => y _; rewrite mulr_ge0 ?(proj1 law_pi) // divr_ge0 // sumr_ge0 // => z _.
exact: mulr_ge0.
Qed.

Lemma nash_loop_served p0 t : served pi w p0 -> served pi w (nash_loop pi w p0 t).
Proof. by move=> s0; elim: t => [//|t]; apply: served_voted. Qed.

End Voters.

Section Adversary.
Variables (R : realFieldType) (T : finType).

(* An adversary of share phi with weights v makes a voter of share 1 - phi with weights w lose
   exactly if (1 - phi) Var_p w/E_p w < - phi Cov_p(v, w)/E_p v. *)
Theorem adversary_wins (p w v : T -> R) (phi : R) : is_law p -> 0 <= phi <= 1 ->
  0 < mean p w -> 0 < mean p v ->
  let pi (b : bool) := if b then phi else 1 - phi in
  let weights (b : bool) := if b then v else w in
  (mean (voted pi weights p) w < mean p w)
    = ((1 - phi) * (variance p w / mean p w) < - (phi * (covariance p v w / mean p v))).
Proof.
move=> lawp /andP[phi0 phi1] Ww Wv pi weights.
have lawpi : is_law pi.
  by split=> [[]|]; rewrite ?subr_ge0 // big_bool /= addrC subrK.
rewrite -subr_lt0 voters_gain //; last by split=> // -[].
by rewrite big_bool /= -/(variance p w) -[RHS]subr_lt0 opprK addrC.
Qed.

End Adversary.

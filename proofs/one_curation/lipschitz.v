(* Curation drives two laws apart by at most the factor H_p(c), c being the larger mean weight of
   what differs between them. For finite K the prose integrates over s >= 0. Here a function of s
   (potential) is 0 at s = 0 and does not fall, and its limit is tau H_p(c) - (Tq(A) - Tp(A)), A being
   any set of answers and tau = TV(p, q). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation covariance_gain loops winner.
From Recurate Require Import total_variation divergence excess exponential_sums partial_ratio.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Finite.
Variables (R : realType) (T : finType) (k : nat) (p q w : T -> R) (c : R) (A : pred T).
Hypotheses (lawp : is_law p) (lawq : is_law q) (w_gt0 : forall x, 0 < w x) (c_gt0 : 0 < c).
Hypothesis p_excess : \sum_x excess p q x * (w x - c) <= 0.
Hypothesis q_excess : \sum_x excess q p x * (w x - c) <= 0.
Notation n := k.+1.
Notation K := k.+2.
Notation tau := (total_variation p q).
Notation M r := (exponential_sum r w).
Notation M' r := (exponential_sum (fun x => r x * w x) w).

Let p0 x : 0 <= p x. Proof. by case: lawp. Qed.
Let q0 x : 0 <= q x. Proof. by case: lawq. Qed.

(* Tq(A) - Tp(A), integrated only up to s. *)
Let part s := \sum_(x | A x)
  (q x * partial_ratio n w q (w x) s - p x * partial_ratio n w p (w x) s).

(* Its derivative is K times the sum over A of these. *)
Let slope s x := w x * expR (- (s * w x)) * (q x * M q s ^+ n - p x * M p s ^+ n).

Let B := partial_ratio n w p c.
Let E s := expR (- (s * c)).

Let M_ge0 (r : T -> R) s : (forall x, 0 <= r x) -> 0 <= M r s.
Proof. by move=> r0; apply: sumr_ge0 => x _; rewrite mulr_ge0 // ltW ?expR_gt0. Qed.

Let is_derive_part s : is_derive s 1 part (K%:R * \sum_(x | A x) slope s x).
Proof.
rewrite mulr_sumr; apply: is_derive_big => x.
have dq := is_derive_partial_ratio n w_gt0 q s (w_gt0 x).
have dp := is_derive_partial_ratio n w_gt0 p s (w_gt0 x).
have -> : (fun z => q x * partial_ratio n w q (w x) z - p x * partial_ratio n w p (w x) z)
  = cst (q x) * partial_ratio n w q (w x) - cst (p x) * partial_ratio n w p (w x) by [].
apply: is_derive_eq; rewrite /GRing.scale /= !mulr0 !addr0 /slope.
rewrite !fctE; move: (expR _) (M q s ^+ n) (M p s ^+ n) (K%:R : R) => e mq mp k'; by ring.
Qed.

Let M_excess s : M (excess p q) s - M (excess q p) s = M p s - M q s.
Proof. by rewrite /exponential_sum -!sumrB; apply: eq_bigr => x _; rewrite -!mulrBl excessB. Qed.

Let sum_part (Z u : T -> R) : (forall x, 0 <= u x) -> (forall x, Z x <= u x) ->
  \sum_(x | A x) Z x <= \sum_x u x.
Proof.
move=> u0 Zu; rewrite big_mkcond; apply: ler_sum => x _.
by case: (A x).
Qed.

(* The slopes over A where M_p <= M_q ... *)
Let slopes_low s : M p s <= M q s -> \sum_(x | A x) slope s x
  <= M' (excess p q) s * M p s ^+ n + (M' q s * M q s ^+ n - M' p s * M p s ^+ n).
Proof.
move=> le; rewrite /exponential_sum -/(M p s) -/(M q s).
set a := M p s ^+ n; set b := M q s ^+ n.
have a0 : 0 <= a by rewrite exprn_ge0 // M_ge0.
have ab : a <= b by rewrite lerXn2r ?nnegrE ?M_ge0.
rewrite !mulr_suml -sumrB -big_split /=; apply: sum_part => x.
  have -> : excess p q x * w x * expR (- (s * w x)) * a
      + (q x * w x * expR (- (s * w x)) * b - p x * w x * expR (- (s * w x)) * a)
    = w x * expR (- (s * w x)) * (excess p q x * a + (q x * b - p x * a)).
    by move: (expR _) (excess _ _ _) a b {a0 ab} => e f a b; ring.
  apply: mulr_ge0; first by rewrite mulr_ge0 ?(ltW (expR_gt0 _)) // ltW.
  apply: (@le_trans _ _ (excess p q x * a + (q x * a - p x * a))); last first.
    by rewrite lerD2l lerD2r ler_wpM2l .
  rewrite -mulrBl -mulrDl mulr_ge0 // -opprB subr_ge0; exact: le_excess.
rewrite /slope -/a -/b -subr_ge0.
have -> : excess p q x * w x * expR (- (s * w x)) * a
    + (q x * w x * expR (- (s * w x)) * b - p x * w x * expR (- (s * w x)) * a)
    - w x * expR (- (s * w x)) * (q x * b - p x * a) = excess p q x * w x * expR (- (s * w x)) * a.
  by move: (expR _) (excess _ _ _) a b {a0 ab} => e f a b; ring.
by rewrite !mulr_ge0 ?excess_ge0 ?(ltW (expR_gt0 _)) // ltW.
Qed.

(* ... and where M_p >= M_q. *)
Let slopes_high s : M q s <= M p s ->
  \sum_(x | A x) slope s x <= M' (excess q p) s * M p s ^+ n.
Proof.
move=> le; rewrite /exponential_sum -/(M p s).
have ba : M q s ^+ n <= M p s ^+ n.
  by rewrite lerXn2r ?nnegrE ?M_ge0.
have a0 : 0 <= M p s ^+ n by rewrite exprn_ge0 // M_ge0.
rewrite mulr_suml; apply: sum_part => x.
  by rewrite !mulr_ge0 ?excess_ge0 ?(ltW (expR_gt0 _)) // ltW.
have -> : excess q p x * w x * expR (- (s * w x)) * M p s ^+ n
    = w x * expR (- (s * w x)) * (excess q p x * M p s ^+ n).
  by move: (expR _) (excess _ _ _) (M p s ^+ n) {ba a0} => e f a; ring.
rewrite ler_wpM2l ?mulr_ge0 ?(ltW (expR_gt0 _)) ?(ltW (w_gt0 _)) //.
apply: (@le_trans _ _ (q x * M p s ^+ n - p x * M p s ^+ n)); first by rewrite lerD2r ler_wpM2l.
by rewrite -mulrBl ler_wpM2r ?le_excess.
Qed.

(* What A gains up to s is at most tau H_p(c). *)
Let part_le s : 0 <= s -> part s <= tau * winner_ratio (Some K) w p c.
Proof.
move=> s0; have tau0 := TV_ge0 p q.
have DM r z := is_derive_exponential_sum r w z.
have DE z : is_derive z 1 E (- c * E z) := is_derive_exponential c z.
have DB z := is_derive_partial_ratio n w_gt0 p z c_gt0.
have DP z N := is_derive_potential tau (DM p z) (DE z) (DB z) (is_derive_part z) (DM N z).
have DPP z N := is_derive_potential_powers tau (DM p z) (DM q z) (DE z) (DB z)
  (is_derive_part z) (DM N z).
pose g := potential k tau (M p) B E part (M (excess q p)).
pose f := potential k tau (M p) B E part (M (excess p q)) + (M p ^+ K - M q ^+ K).
pose D := M p - M q.
have transform_le r z : 0 <= z -> (forall x, 0 <= r x) -> \sum_x r x = tau ->
    \sum_x r x * (w x - c) <= 0 -> tau * E z <= M r z.
  by move=> z0 r0 <-; apply: exponential_le_transform.
have growth r z : 0 < z -> tau * E z <= M r z ->
    0 <= K%:R * (n%:R * M p z ^+ k * M' p z * (M r z - tau * E z)).
  move=> z0 le; rewrite !mulr_ge0 ?ler0n ?exprn_ge0 ?subr_ge0 ?M_ge0 // => x.
  by rewrite mulr_ge0 // ltW.
have tau_p z : 0 <= z -> tau * E z <= M (excess p q) z.
  move=> z0; apply: transform_le => // [x|]; [exact: excess_ge0|exact: sum_excess].
have tau_q z : 0 <= z -> tau * E z <= M (excess q p) z.
  move=> z0; apply: transform_le => // [x|]; first exact: excess_ge0.
  by rewrite TVC; apply: sum_excess.
have sum1 r : is_law r -> M r 0 = 1.
  by case=> _ <-; apply: eq_bigr => x _; rewrite mul0r oppr0 expR0 mulr1.
have grows : f 0 <= (if D s <= 0 then f s else g s).
  apply: (glued_nondecreasing (G := fun z => power_gap n (M p z) (M q z)) s0 (fun z => DPP z _)
    (fun z => DP z _) (fun z => is_deriveB (DM p z) (DM q z))).
  - move=> z; apply: derivable_power_gap; [case: (DM p z)|case: (DM q z)]; by [].
  - move=> z; rewrite /f /g /potential /D !fctE [M q z ^+ K](power_gapE n (M p z)).
    rewrite -[M (excess q p) z](subKr (M (excess p q) z)) M_excess.
    move: (M p z ^+ K) (M p z ^+ n) (power_gap _ _ _) (K%:R : R) => aK an gap k'.
    move: (B z) (E z) (part z) (M p z) (M q z) (M (excess p q) z) (tau) => B' E' A' a b P' t.
    by ring.
  - move=> z z0 Dz; have le : M p z <= M q z by rewrite -subr_le0.
    rewrite -addrA -mulrBr addr_ge0 ?growth ?tau_p ?(ltW z0) // mulr_ge0 ?ler0n // subr_ge0.
    exact: slopes_low.
  - move=> z z0 Dz; have le : M q z <= M p z by rewrite -subr_ge0 ltW.
    rewrite -addrA -mulrBr addr_ge0 ?growth ?tau_q ?(ltW z0) // mulr_ge0 ?ler0n // subr_ge0.
    exact: slopes_high.
  by rewrite /D !fctE !sum1 ?subrr.
have f0 : f 0 = 0.
  rewrite /f /potential !fctE /B partial_ratio0 /E (sum1 p lawp) (sum1 q lawq) !expr1n.
  rewrite mul0r oppr0 expR0 subrr addr0.
  have -> : M (excess p q) 0 = tau.
    rewrite -(sum_excess lawp lawq); apply: eq_bigr => x _.
    by rewrite mul0r oppr0 expR0 mulr1.
  have -> : part 0 = 0 by apply: big1 => x _; rewrite !partial_ratio0 !mulr0 subrr.
  by rewrite add0r mul1r !mulr1 mulrC subrr subr0.
have a0 : 0 <= M p s ^+ n by rewrite exprn_ge0 // M_ge0.
have B_le : tau * B s <= tau * winner_ratio (Some K) w p c.
  by rewrite ler_wpM2l // le_partial_ratio.
have cross N : tau * E s <= N -> tau * (B s + K%:R * (E s * M p s ^+ n)) - K%:R * (N * M p s ^+ n)
    <= tau * winner_ratio (Some K) w p c.
  move=> le; apply: le_trans B_le; rewrite mulrDr -addrA -[leRHS]addr0 lerD2l subr_le0.
  by rewrite mulrCA ler_wpM2l ?ler0n // mulrA ler_wpM2r.
move: grows; rewrite f0; case: ifP => [Dz|_].
  have le : M p s <= M q s by rewrite -subr_le0.
  have powers : M p s ^+ K - M q s ^+ K <= 0 by rewrite subr_le0 lerXn2r ?nnegrE ?M_ge0.
  rewrite /f /potential !fctE => ge0; rewrite -subr_ge0; apply: (le_trans ge0).
  rewrite -[leRHS]addr0; apply: lerD powers.
  by rewrite lerD2r cross // tau_p.
rewrite /g /potential !fctE subr_ge0 => le; apply: (le_trans le).
by rewrite cross // tau_q.
Qed.

(* Tq(A) - Tp(A) <= tau H_p(c) *)
Lemma gained_mass_le : \sum_(x | A x) (winner (Some K) w q x - winner (Some K) w p x)
  <= tau * winner_ratio (Some K) w p c.
Proof.
apply/ler_addgt0Pr => e e0.
pose C := K%:R * mean q (fun x => (w x)^-1).
have C0 : 0 < C by rewrite mulr_gt0 ?ltr0n // mean_gt0 // => x; rewrite invr_gt0.
have s0 : 0 < C / e by rewrite divr_gt0.
apply: le_trans (_ : part (C / e) + e <= _); last by rewrite lerD2r part_le // ltW.
have eE : e = \sum_x q x * (K%:R / (C / e * w x)).
  transitivity (C / (C / e)); first by rewrite invf_div mulrCA divff ?mulr1 // gt_eqF.
  move: (C / e) => d; rewrite /C /mean mulr_sumr mulr_suml; apply: eq_bigr => x _.
  by rewrite invfM -!mulrA mulrCA; congr (_ * (_ * _)); rewrite mulrC.
have tail_ge0 x : 0 <= q x * (K%:R / (C / e * w x)).
  by rewrite mulr_ge0 // divr_ge0 ?ler0n // mulr_ge0 // ltW.
apply: (@le_trans _ _ (part (C / e) + \sum_(x | A x) q x * (K%:R / (C / e * w x)))).
  rewrite -big_split; apply: ler_sum => x _; rewrite /= -!/(winner (Some K) w _ x) !winnerE //.
  have := ler_wpM2l (q0 x) (partial_ratio_limit n w_gt0 lawq (w_gt0 x) s0).
  have := ler_wpM2l (p0 x) (le_partial_ratio n w_gt0 (C / e) lawp (w_gt0 x)).
  move: (partial_ratio _ _ _ _ _) (partial_ratio _ _ _ _ _) => pp pq le_p.
  by rewrite mulrBr lerBlDr addrAC => le_q; apply: lerD le_q _; rewrite lerN2.
rewrite lerD2l [leRHS]eE big_mkcond; apply: ler_sum => x _.
by case: (A x).
Qed.

End Finite.

Section Theorems.
Variables (R : realType) (T : finType).
Implicit Types (K : option nat) (p q w : T -> R) (c bound : R).

Let one_candidate w p v : is_law p -> 0 < v -> winner_ratio (Some 1%N) w p v = 1.
Proof.
move=> lawp v0; rewrite /= -[RHS](mean_const _ (draws_is_law 0 lawp)); apply: eq_mean => // d.
by rewrite /total_weight big_ord0 addr0 mul1r divff // gt_eqF.
Qed.

(* Curation drives two laws apart by at most H_p(c), c the larger mean weight of what differs:
     TV(Tp, Tq) <= H_p(c) TV(p, q),
   if the weights have a mean of at most c under (p - q)^+ and under (q - p)^+, made laws. This is
   asked so: the sum of (p - q)^+ (w - c) is <= 0, and that of (q - p)^+ (w - c). p = q is admitted;
   else c > 0 follows from this.
   T(p) = winner K w p is the winner's law among K candidates, K >= 1 or infinity, H_p(c) =
   winner_ratio K w p c the ratio at a weight c, which no answer needs to have. *)
Theorem curation_lipschitz_sharp K p q w c :
  at_least 1 K -> is_law p -> is_law q -> (forall x, 0 < w x) -> 0 < c ->
  \sum_x excess p q x * (w x - c) <= 0 -> \sum_x excess q p x * (w x - c) <= 0 ->
  total_variation (winner K w p) (winner K w q) <= winner_ratio K w p c * total_variation p q.
Proof.
case: K => [[|[|k]]|] K0 lawp lawq w0 c0 fc gc //; last exact: tilted_lipschitz.
  rewrite -/(winner_ratio (Some 1%N) w p c) one_candidate // mul1r le_eqVlt.
  apply/orP; left; apply/eqP; congr (_ / _); apply: eq_bigr => x _.
  by rewrite -!/(winner (Some 1%N) w _ x) !winnerE // !one_candidate // !mulr1.
have lawT r : is_law r -> is_law (winner (Some k.+2) w r) by move=> lawr; apply: winner_is_law.
rewrite TVC; have [-> _] := TV_positive_part (lawT q lawq) (lawT p lawp).
rewrite mulrC; exact: gained_mass_le.
Qed.

(* So by at most the smaller of the top ratios of the two: w <= bound wherever p or q has mass. *)
Theorem curation_lipschitz K p q w bound : at_least 1 K -> is_law p -> is_law q ->
  (forall x, 0 < w x) -> bounded_on_support p w bound -> bounded_on_support q w bound ->
  total_variation (winner K w p) (winner K w q) <= winner_ratio K w p bound * total_variation p q.
Proof.
move=> K0 lawp lawq w0 bp bq; apply: curation_lipschitz_sharp => //.
- exact: bound_gt0 bp.
- exact: bounded_excess.
exact: bounded_excess.
Qed.

Theorem curation_lipschitz_min K p q w bound : at_least 1 K -> is_law p -> is_law q ->
  (forall x, 0 < w x) -> bounded_on_support p w bound -> bounded_on_support q w bound ->
  total_variation (winner K w p) (winner K w q)
    <= Num.min (winner_ratio K w p bound) (winner_ratio K w q bound) * total_variation p q.
Proof.
move=> K0 lawp lawq w0 bp bq; rewrite minElt; case: ifP => _; first exact: curation_lipschitz.
by rewrite TVC [total_variation p q]TVC; apply: curation_lipschitz.
Qed.

End Theorems.

(* Where data accumulate, the top weight takes over all the same, by a product instead of a power:
   each round moves only a share eta_t of the law. A is {x | w x = w_*}. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops concentration.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R) (q rho : R).

(* eta_t = n/(n_0 + (t + 1) n): what is new in round t + 1, of all data then. *)
Definition new_share (n0 n : R) (t : nat) := n / (n0 + t.+1%:R * n).

(* The least advantage of the top weight, c = K/(1 + (K-1) rho), ... *)
Definition advantage K rho := K%:R / (1 + (K%:R - 1) * rho).

(* ... and kappa = q (c-1)/(1 + q (c-1)). *)
Definition rate K q rho := q * (advantage K rho - 1) / (1 + q * (advantage K rho - 1)).

End Definitions.

Section Accumulation.
Variables (R : realFieldType) (T : finType) (K : nat).
Variables (pref w : T -> R) (bound rho : R).
Hypotheses (K_gt0 : (0 < K)%N) (law_ref : is_law pref) (w_gt0 : forall x, 0 < w x).
Hypothesis le_bound : bounded_on_support pref w bound.
Hypotheses (rho_gt0 : 0 < rho) (rho_le1 : rho <= 1) (gap : gap_below_top pref w bound rho).
Notation A := (top w bound).
Notation q := (mass pref A).
Hypothesis q_gt0 : 0 < q.
Notation c := (advantage K rho).
Notation kappa := (rate K q rho).

Let K_ge1 : 0 <= K%:R - 1 :> R. Proof. by rewrite subr_ge0 ler1n. Qed.

Lemma advantage_ge1 : 1 <= c.
Proof.
rewrite /advantage ler_pdivlMr; last by rewrite ltr_pwDl ?ltr01 ?mulr_ge0 ?(ltW rho_gt0).
by rewrite mul1r addrC -lerBrDr ler_piMr.
Qed.

Lemma odds_factor_advantage : odds_factor K rho = c^-1.
Proof. by rewrite /odds_factor /advantage invf_div. Qed.

(* One curation: what is off A keeps at most 1/(1 + q (c-1)) of itself. *)
Lemma curated_off_top p : is_law p -> absolutely_continuous p pref -> q <= mass p A ->
  (1 - mass (curated K p w) A) * (1 + q * (c - 1)) <= 1 - mass p A.
Proof.
move=> lawp cont le_q; have c1 := advantage_ge1; have c0 : 0 < c := lt_le_trans ltr01 c1.
have le_p : bounded_on_support p w bound by apply: absolutely_continuous_bound le_bound.
have gap_p : gap_below_top p w bound rho.
  move=> x px; apply: gap; rewrite lt_neqAle (proj1 law_ref) andbT eq_sym.
  by apply: contraTneq px => /cont ->; rewrite ltxx.
have := odds_step K_gt0 lawp w_gt0 le_p rho_gt0 rho_le1 gap_p.
rewrite odds_factor_advantage; set x := mass p A in le_q *; set y := mass (curated K p w) A.
have y1 : 0 <= 1 - y by rewrite subr_ge0 mass_le1 //; apply: curated_is_law.
rewrite [leRHS]mulrC ler_pdivlMr // => odds.
apply: (@le_trans _ _ ((1 - y) * (1 + x * (c - 1)))).
  by rewrite ler_wpM2l // lerD2l ler_wpM2r // subr_ge0.
rewrite -subr_ge0.
have -> : 1 - x - (1 - y) * (1 + x * (c - 1)) = (1 - x) * y - (1 - y) * x * c by ring.
by rewrite subr_ge0.
Qed.

Section Loop.
Variables (eta : nat -> R) (p : nat -> T -> R).
Hypotheses (eta01 : forall t, 0 <= eta t <= 1) (start : p 0%N =1 pref).
Hypothesis step : forall t x, p t.+1 x = p t x + eta t * (curated K (p t) w x - p t x).

Lemma mass_step t : mass (p t.+1) A
  = mass (p t) A + eta t * (mass (curated K (p t) w) A - mass (p t) A).
Proof.
by rewrite /mass -sumrB mulr_sumr -big_split; apply: eq_bigr => x _; apply: step.
Qed.

Lemma accumulating_is_law t : is_law (p t) /\ absolutely_continuous (p t) pref.
Proof.
elim: t => [|t [lawt cont]].
  split=> [|x]; last by rewrite start.
  by split=> [x|]; [rewrite start|under eq_bigr do rewrite start]; case: law_ref.
have [c0 sumc] := curated_is_law K_gt0 lawt w_gt0; have [p0 sump] := lawt.
have /andP[e0 e1] := eta01 t; split=> [|x px0]; last first.
  by rewrite step cont // (curated_continuous w K_gt0 cont px0) subrr mulr0 addr0.
split=> [x|]; last first.
  under eq_bigr do rewrite step; rewrite big_split /= -mulr_sumr sumrB sump sumc.
  by rewrite subrr mulr0 addr0.
rewrite step.
have -> : p t x + eta t * (curated K (p t) w x - p t x)
    = (1 - eta t) * p t x + eta t * curated K (p t) w x by ring.
by rewrite addr_ge0 ?mulr_ge0 // subr_ge0.
Qed.

(* The same for any shares eta_t in [0, 1] of new data. *)
Theorem accumulation_rate_shares t : q <= mass (p t) A
  /\ 1 - mass (p t) A <= (1 - q) * \prod_(s < t) (1 - kappa * eta s).
Proof.
have c1 := advantage_ge1; have b0 : 0 <= q * (c - 1) by rewrite mulr_ge0 ?subr_ge0 // ltW.
have b1 : 0 < 1 + q * (c - 1) by rewrite ltr_pwDl ?ltr01.
elim: t => [|t [le_q le_t]].
  have -> : mass (p 0%N) A = q by apply: eq_bigr => x _; rewrite start.
  by rewrite big_ord0 mulr1.
have [lawt cont] := accumulating_is_law t; have /andP[e0 e1] := eta01 t.
have off := curated_off_top lawt cont le_q; rewrite mass_step.
set x := mass (p t) A in le_q le_t off *; set z := mass _ A in off *.
have z_le : 1 - z <= (1 - x) * (1 - kappa).
  have -> : 1 - kappa = (1 + q * (c - 1))^-1 by rewrite /rate; field; rewrite gt_eqF.
  by rewrite ler_pdivlMr.
have k0 : 0 <= kappa by rewrite divr_ge0 // ltW.
have k1 : kappa <= 1 by rewrite ler_pdivrMr // mul1r lerDr ler01.
have x1 : 0 <= 1 - x by rewrite subr_ge0 mass_le1.
split.
  apply: le_trans le_q _; rewrite lerDl mulr_ge0 // -[z - x]addr0 -[X in _ + X](subrr 1).
  have -> : z - x + (1 - 1) = (1 - x) - (1 - z) by ring.
  by rewrite subr_ge0; apply: le_trans z_le _; rewrite ler_piMr // lerBlDr lerDl.
rewrite big_ord_recr mulrA /=; apply: (@le_trans _ _ ((1 - x) * (1 - kappa * eta t))).
  have -> : 1 - (x + eta t * (z - x)) = (1 - eta t) * (1 - x) + eta t * (1 - z) by ring.
  have -> : (1 - x) * (1 - kappa * eta t)
      = (1 - eta t) * (1 - x) + eta t * ((1 - x) * (1 - kappa)) by ring.
  by rewrite lerD2l ler_wpM2l.
by rewrite ler_wpM2r // subr_ge0 mulr_ile1.
Qed.

End Loop.

(* L2. Accumulating data, Bradley-Terry choice among K, p_0 = p_ref: n_0 real samples, then n
   curated ones in each round, and nothing is thrown away. With q = p_ref(A) > 0, rho w_* a bound of
   all other weights on the support, c = K/(1 + (K-1) rho) and kappa = q (c-1)/(1 + q (c-1)),
     1 - p_t(A) <= (1 - q) prod_{s < t} (1 - kappa eta_s),   eta_s = n/(n_0 + (s + 1) n).
   p t is p_t, a law; n_0 and n are any numbers n_0 >= 0 and n > 0. *)
Theorem accumulation_rate (n0 n : R) (p : nat -> T -> R) :
  0 <= n0 -> 0 < n -> p 0%N =1 pref ->
  (forall t x, p t.+1 x = p t x + new_share n0 n t * (curated K (p t) w x - p t x)) ->
  forall t, 1 - mass (p t) A <= (1 - q) * \prod_(s < t) (1 - kappa * new_share n0 n s).
Proof.
move=> n00 n_gt0 start step t.
have [s|_] := accumulation_rate_shares _ start step t; last by [].
have d0 : 0 < n0 + s.+1%:R * n by rewrite addrC ltr_pwDl ?mulr_gt0 ?ltr0n.
rewrite /new_share divr_ge0 ?(ltW d0) ?(ltW n_gt0) //= ler_pdivrMr // mul1r.
by rewrite mulrS mulrDl mul1r addrCA lerDl addr_ge0 // mulr_ge0 ?ler0n // ltW.
Qed.

End Accumulation.

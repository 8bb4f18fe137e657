(* Accumulating data: n_0 real samples, then n chosen ones are added in each round, and nothing is
   thrown away. No answer is lost faster than like 1/t, whatever people choose. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import reals exp.
From Recurate Require Import compatibility finite_law loops accumulation_rate choices divergence.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Floor.
Variables (R : realFieldType) (T : finType) (n0 n : R).
Variables (pref : T -> R) (p added : nat -> T -> R).
Hypotheses (n0_gt0 : 0 < n0) (n_ge0 : 0 <= n).
Hypothesis start : p 0%N =1 pref.
Hypothesis step : forall t x, p t.+1 x = p t x + new_share n0 n t * (added t x - p t x).

Lemma data_gt0 t : 0 < n0 + t%:R * n.
Proof. by rewrite ltr_pwDl // mulr_ge0 // ler0n. Qed.

Lemma accumulated_step t x :
  p t.+1 x * (n0 + t.+1%:R * n) = p t x * (n0 + t%:R * n) + n * added t x.
Proof.
have := data_gt0 t.+1; rewrite step /new_share mulrS => d0.
by field; rewrite gt_eqF.
Qed.

(* p_t n_t, n_t = n_0 + t n, is what was put in. *)
Lemma accumulated t x : p t x * (n0 + t%:R * n) = pref x * n0 + n * \sum_(s < t) added s x.
Proof.
elim: t => [|t IH]; first by rewrite start big_ord0 mul0r mulr0 !addr0.
by rewrite accumulated_step IH big_ord_recr /= mulrDr addrA.
Qed.

Lemma accumulated_floor t x : (forall s, 0 <= added s x) ->
  pref x * (n0 / (n0 + t%:R * n)) <= p t x.
Proof.
move=> added0; rewrite mulrA ler_pdivrMr ?data_gt0 // accumulated lerDl.
by rewrite mulr_ge0 // sumr_ge0.
Qed.

(* The floor is attained by an answer that is never chosen. *)
Theorem accumulation_floor_attained t x : (forall s, added s x = 0) ->
  p t x = pref x * (n0 / (n0 + t%:R * n)).
Proof.
move=> none; have d0 := data_gt0 t; have := accumulated t x.
by rewrite big1 => [|s _]; rewrite ?none // mulr0 addr0 mulrA => <-; rewrite mulfK // gt_eqF.
Qed.

Hypothesis law_ref : is_law pref.
Hypothesis added_law : forall t, is_law (p t) -> is_law (added t).

Lemma accumulated_is_law t : is_law (p t).
Proof.
elim: t => [|t lawt].
  have [r0 r1] := law_ref; split=> [x|]; first by rewrite start.
  by under eq_bigr do rewrite start.
have [p0 sum_p] := lawt; have [a0 sum_a] := added_law lawt; have d0 := data_gt0 t.+1.
split=> [x|]; last first.
  under eq_bigr do rewrite step.
  by rewrite big_split /= -mulr_sumr sumrB sum_p sum_a subrr mulr0 addr0.
rewrite -(pmulr_lge0 _ d0) accumulated_step addr_ge0 ?mulr_ge0 //.
exact: ltW (data_gt0 t).
Qed.

(* L1. p_0 = p_ref, and in round t + 1 n answers are added:
     p_{t+1} = p_t + eta_t (T_t(p_t) - p_t),   eta_t = new_share n0 n t = n/(n_0 + (t + 1) n).
   added t is T_t(p_t), of which nothing is asked but that it is a law: it may be chosen among any number
   of candidates, infinity included, by many voters or by none, and depend on all that went before.
   Then every p_t is a law, and every answer keeps at least the share n_0/(n_0 + t n) of what it had.
   n_0 and n are any numbers n_0 > 0 and n >= 0. *)
Theorem accumulation_floor t :
  is_law (p t) /\ (forall x, pref x * (n0 / (n0 + t%:R * n)) <= p t x).
Proof.
split=> [|x]; first exact: accumulated_is_law.
by apply: accumulated_floor => s; have [] := added_law (accumulated_is_law s).
Qed.

(* So does every group L: its share is at least u n_0/(n_0 + t n), u = p_ref(L). *)
Theorem accumulation_floor_set t (L : pred T) :
  mass pref L * (n0 / (n0 + t%:R * n)) <= mass (p t) L.
Proof.
by rewrite /mass mulr_suml; apply: ler_sum => x _; have [_] := accumulation_floor t; apply.
Qed.

End Floor.

Section Divergence.
Variables (R : realType) (T : finType) (n0 n : R).
Variables (pref : T -> R) (p added : nat -> T -> R).
Hypotheses (n0_gt0 : 0 < n0) (n_ge0 : 0 <= n).
Hypothesis start : p 0%N =1 pref.
Hypothesis step : forall t x, p t.+1 x = p t x + new_share n0 n t * (added t x - p t x).
Hypothesis law_ref : is_law pref.
Hypothesis added_law : forall t, is_law (p t) -> is_law (added t).

(* The part of L1 with a logarithm: KL(p_ref||p_t) <= ln(1 + t n/n_0). *)
Theorem accumulation_reference_divergence t :
  absolutely_continuous pref (p t) /\ KL pref (p t) <= ln (1 + t%:R * n / n0).
Proof.
have [lawt floor] := accumulation_floor n0_gt0 n_ge0 start step law_ref added_law t.
have d0 := data_gt0 n0_gt0 n_ge0 t.
have C0 : 0 < 1 + t%:R * n / n0.
  by rewrite ltr_pwDl ?ltr01 // divr_ge0 ?(ltW n0_gt0) // mulr_ge0 // ler0n.
have share x : pref x <= p t x * (1 + t%:R * n / n0).
  have -> : 1 + t%:R * n / n0 = (n0 / (n0 + t%:R * n))^-1.
    by rewrite invf_div mulrDl divff // gt_eqF.
  by rewrite ler_pdivlMr ?divr_gt0.
have ct : absolutely_continuous pref (p t).
  move=> x ptx; apply/eqP; rewrite eq_le (proj1 law_ref) andbT.
  by have := share x; rewrite ptx mul0r.
by split=> //; apply: KL_le_density.
Qed.

End Divergence.

(* L1 where what is added was chosen, in round t + 1 by any rule c_t among any number K_t of candidates
   from p_t. c_t may depend on t, on p_t and on all that went before. *)
Theorem accumulation_floor_any_choice (R : realFieldType) (T : finType) (K : nat -> nat) (n0 n : R)
    (pref : T -> R) (p : nat -> T -> R) (c : forall t, {ffun 'I_(K t) -> T} -> 'I_(K t) -> R) :
  0 < n0 -> 0 <= n -> is_law pref -> (forall t, is_rule (@c t)) -> p 0%N =1 pref ->
  (forall t x, p t.+1 x = p t x + new_share n0 n t * (chosen (p t) (@c t) x - p t x)) ->
  forall t, is_law (p t) /\ (forall x, pref x * (n0 / (n0 + t%:R * n)) <= p t x).
Proof.
move=> n0_gt0 n_ge0 law_ref rules start step.
apply: (accumulation_floor n0_gt0 n_ge0 start (added := fun t => chosen (p t) (@c t))) => // t lawt.
exact: chosen_is_law lawt (@rules t).
Qed.

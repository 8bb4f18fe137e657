(* How far any choice can move a model: the divergence that a floor allows (I3).

   A law p that gives each set L at least G(p_ref(L)) is ordered by its density d = p/p_ref. In that
   order the least p(L) are those of the first atoms; the law q that has exactly G of the running sums
   there is further from p_ref than p. No integral is needed: summation by parts, and KL >= 0. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype.
From mathcomp Require Import sequences exp.
From Recurate Require Import compatibility finite_law curation loops divergence.
From Recurate Require Import choices envelopes training_sets.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (n : nat).

(* u_k = v_0 + ... + v_{k-1} *)
Definition running (v : 'I_n -> R) (k : nat) := \sum_(j < n | (j < k)%N) v j.

(* q_i = G(u_{i+1}) - G(u_i): what G adds at place i. *)
Definition increments (G : R -> R) (v : 'I_n -> R) (i : 'I_n) :=
  G (running v i.+1) - G (running v i).

End Definitions.

Section Ordered.
Variables (R : realFieldType) (T : finType) (n : nat).

(* e counts all answers, each once, in the order of the density p/p_ref; x/0 = 0 in the library, so
   that answers without real data come first. There is always such an order. *)
Definition ordered_by_density (p pref : T -> R) (e : 'I_n -> T) := bijective e /\
  forall i j : 'I_n, (i <= j)%N -> p (e i) / pref (e i) <= p (e j) / pref (e j).

End Ordered.

Section Running.
Variables (R : realFieldType) (n : nat).
Implicit Types (v f l : 'I_n -> R).

Lemma runningS v (i : 'I_n) : running v i.+1 = running v i + v i.
Proof.
rewrite /running (bigD1 i) //= addrC; congr (_ + _); apply: eq_bigl => j.
by rewrite ltnS [RHS]ltn_neqAle andbC.
Qed.

Lemma running0 v : running v 0 = 0.
Proof. by rewrite /running big_pred0. Qed.

Lemma running_all v : running v n = \sum_i v i.
Proof. by apply: eq_bigl => i; rewrite ltn_ord. Qed.

Lemma running_ge0 v k : (forall i, 0 <= v i) -> 0 <= running v k.
Proof. by move=> v0; apply: sumr_ge0. Qed.

Lemma running_le v k : (forall i, 0 <= v i) -> running v k <= \sum_i v i.
Proof.
move=> v0; rewrite [leRHS](bigID (fun j : 'I_n => (j < k)%N)) /= lerDl.
by apply: sumr_ge0.
Qed.

Lemma running_sub v f k : running (fun i => v i - f i) k = running v k - running f k.
Proof. exact: sumrB. Qed.

Lemma running_increments (G : R -> R) v k : (k <= n)%N -> G 0 = 0 ->
  running (increments G v) k = G (running v k).
Proof.
move=> kn G0; elim: k kn => [_|k IH kn]; first by rewrite !running0 G0.
have := runningS (increments G v) (Ordinal kn) => /= ->; rewrite IH ?(ltnW kn) //.
by rewrite /increments /= addrC subrK.
Qed.

(* Summation by parts. *)
Lemma abel f l : (forall i j : 'I_n, j = i.+1 :> nat -> running f i.+1 * (l j - l i) <= 0) ->
  \sum_i f i = 0 -> 0 <= \sum_i f i * l i.
Proof.
move=> down f0; have part k : forall i : 'I_n, i = k :> nat ->
    running f k.+1 * l i <= running (fun j => f j * l j) k.+1.
  elim: k => [|k IH] i ik; rewrite -ik !runningS ik ?running0 ?add0r //.
  have kn : (k < n)%N by rewrite -ltnS -ik ltnS ltnW // -ik ltn_ord.
  pose j := Ordinal kn; rewrite mulrDl lerD2r; apply: le_trans (IH j erefl).
  by have := down j i ik; rewrite mulrBr subr_le0.
have [n0|n0] := posnP n.
  by rewrite big1 // => i; have := ltn_ord i; rewrite [in X in (_ < X)%N]n0.
have last : (n.-1 < n)%N by rewrite prednK.
rewrite -(running_all (fun j => f j * l j)); have := part _ (Ordinal last) erefl.
by rewrite prednK // running_all f0 mul0r.
Qed.

End Running.

Section Order.
Variables (R : realFieldType) (T : finType).

Lemma order_by_density (p pref : T -> R) : exists e : 'I_#|T| -> T, ordered_by_density p pref e.
Proof.
pose d x := p x / pref x; pose le x y := d x <= d y.
have total_le : total le by move=> x y; apply: le_total.
have trans_le : transitive le by move=> y x z; apply: le_trans.
pose s := sort le (enum T); have size_s : size s = #|T| by rewrite size_sort cardE.
have sorted_s : sorted le s by apply: sort_sorted.
have uniq_s : uniq s by rewrite sort_uniq enum_uniq.
have at_s (i : 'I_#|T|) : (i < size s)%N by rewrite size_s.
pose e (i : 'I_#|T|) := tnth (Tuple (introT eqP size_s)) i.
have eE x0 i : e i = nth x0 s i by rewrite /e (tnth_nth x0).
exists e; split.
  apply: inj_card_bij; last by rewrite card_ord.
  move=> i j; have x0 : T := e i.
  by rewrite (eE x0 i) (eE x0 j) => /eqP; rewrite nth_uniq // => /eqP/val_inj.
move=> i j ij; have x0 : T := e i; rewrite (eE x0 i) (eE x0 j).
by apply: (sorted_leq_nth trans_le _ x0 sorted_s) => //; [move=> x; apply: lexx|exact: at_s|exact: at_s].
Qed.

End Order.

Section FloorDivergence.
Variables (R : realType) (T : finType) (n : nat).
Variables (G : R -> R) (pref p : T -> R) (e : 'I_n -> T).
Hypotheses (floor_G : floor_function G) (law_ref : is_law pref) (law_p : is_law p).
Hypothesis floor : forall L : pred T, G (mass pref L) <= mass p L.
Hypothesis order : ordered_by_density p pref e.

Let pe i := p (e i).
Let re i := pref (e i).
Let q := increments G re.

Let G0 : G 0 = 0. Proof. by case: floor_G. Qed.
Let G1 : G 1 = 1. Proof. by case: floor_G. Qed.
Let p_ge0 x : 0 <= p x. Proof. by case: law_p. Qed.
Let ref_ge0 x : 0 <= pref x. Proof. by case: law_ref. Qed.

Lemma floor_continuous : absolutely_continuous p pref.
Proof.
move=> x px0; have one (v : T -> R) : mass v (pred1 x) = v x by apply: big_pred1_eq.
have := floor (predC (pred1 x)); rewrite !massC // !one px0 subr0 G1.
by rewrite lerBrDr -lerBrDl subrr => x0; apply/eqP; rewrite eq_le x0 p_ge0.
Qed.

Lemma sum_placed (v : T -> R) : \sum_i v (e i) = \sum_x v x.
Proof. by rewrite [RHS](reindex e) //; apply: onW_bij; case: order. Qed.

Lemma running_floor k : G (running re k) <= running pe k.
Proof.
have [[g eK gK] _] := order.
have placed (v : T -> R) : running (fun i => v (e i)) k = mass v (fun x => (g x < k)%N).
  rewrite /mass (reindex e) /=; last by apply: onW_bij; case: order.
  by apply: eq_bigl => i; rewrite eK.
by rewrite !placed.
Qed.

Lemma running_unit k : 0 <= running re k <= 1.
Proof.
have re0 i : 0 <= re i by apply: ref_ge0.
apply/andP; split; first exact: running_ge0.
apply: le_trans (running_le _ re0) _.
by rewrite sum_placed; case: law_ref => _ ->.
Qed.

Lemma increments_law : is_law q.
Proof.
split=> [i|]; last first.
  rewrite -running_all running_increments // running_all sum_placed.
  by case: law_ref => _ ->.
rewrite subr_ge0; have [_ _ sG] := floor_G; apply: supported_mono => //.
- by case/andP: (running_unit i).
- by rewrite runningS lerDl; apply: ref_ge0.
- by case/andP: (running_unit i.+1).
Qed.

(* Where p has no density, neither p nor q has anything so far. *)
Lemma nothing_yet i : p (e i) / pref (e i) <= 0 ->
  running pe i.+1 = 0 /\ G (running re i.+1) = 0.
Proof.
move=> d0; have pe0 : running pe i.+1 = 0.
  apply: big1 => j; rewrite ltnS => ji; have [_ ord_e] := order.
  have := le_trans (ord_e j i ji) d0; rewrite /pe.
  have := ref_ge0 (e j); rewrite le_eqVlt => /orP[/eqP/esym/floor_continuous //|r0].
  by rewrite ler_pdivrMr // mul0r => x0; apply/eqP; rewrite eq_le x0 p_ge0.
split=> //; apply/eqP; rewrite eq_le -{1}pe0 running_floor.
by have /andP[] := floor_function_unit floor_G (running_unit i.+1).
Qed.

Lemma increments_continuous_ref : absolutely_continuous q re.
Proof. by move=> i r0; rewrite /q /increments runningS r0 addr0 subrr. Qed.

Lemma increments_continuous : absolutely_continuous q pe.
Proof.
move=> i p0; have [_ G_next] : running pe i.+1 = 0 /\ G (running re i.+1) = 0.
  by apply: nothing_yet; rewrite [p _]p0 mul0r.
apply/eqP; rewrite eq_le (proj1 increments_law) andbT /q /increments G_next sub0r oppr_le0.
by have /andP[] := floor_function_unit floor_G (running_unit i).
Qed.

(* E_p ln d <= E_q ln d *)
Lemma mean_log_density :
  \sum_i pe i * ln (pe i / re i) <= \sum_i q i * ln (pe i / re i).
Proof.
rewrite -subr_ge0 -sumrB; under eq_bigr do rewrite -mulrBl.
apply: (abel (f := fun i => q i - pe i)) => [i j ij|]; last first.
  have [_ sum_q] := increments_law; have [_ sum_p] := law_p.
  by rewrite sumrB sum_q sum_placed sum_p subrr.
rewrite running_sub running_increments //.
have [d0|d0] := leP (pe i / re i) 0.
  by have [-> ->] := nothing_yet d0; rewrite subrr mul0r.
have dij : pe i / re i <= pe j / re j by have [_] := order; apply; rewrite ij ltnW.
rewrite mulr_le0_ge0 // ?subr_le0 ?running_floor // subr_ge0.
by rewrite ler_ln // posrE // (lt_le_trans d0).
Qed.

Theorem floor_divergence_sharp :
  KL p pref + KL q pe <= KL q re.
Proof.
have -> : KL p pref = \sum_i pe i * ln (pe i / re i).
  by rewrite /KL (reindex e) //; apply: onW_bij; case: order.
rewrite -lerBrDr; apply: le_trans mean_log_density _; rewrite /KL -sumrB.
rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => i _; rewrite -mulrBr.
have := proj1 increments_law i; rewrite le_eqVlt => /orP[/eqP <-|q0]; first by rewrite !mul0r.
have p0 : 0 < pe i.
  by rewrite lt_neqAle p_ge0 andbT eq_sym; apply: contraTneq q0 => /increments_continuous ->; rewrite ltxx.
have r0 : 0 < re i.
  by rewrite lt_neqAle ref_ge0 andbT eq_sym; apply: contraTneq q0 => /increments_continuous_ref ->; rewrite ltxx.
congr (_ * _); have -> : q i / re i = q i / pe i * (pe i / re i) by field; rewrite !gt_eqF.
by rewrite (@lnM _ (q i / pe i)) ?posrE ?divr_gt0 // addrAC subrr add0r.
Qed.

Theorem floor_divergence : absolutely_continuous p pref /\ KL p pref <= KL q re.
Proof.
split; first exact: floor_continuous.
apply: le_trans floor_divergence_sharp; rewrite lerDl; apply: KL_ge0 increments_law _ _.
  split=> [i|]; first exact: p_ge0.
  by rewrite sum_placed; case: law_p.
exact: increments_continuous.
Qed.

(* Any f-divergence, E_ref f(d), for a convex f with a line of finite slope below it at each x >= 0: the
   squares (x - 1)^2, |x - 1|/2. (x ln x has none at 0, which is why KL has theorems of its own.) *)
Theorem floor_f_divergence (f slope : R -> R) :
  (forall x y, 0 <= x -> 0 <= y -> f x + slope x * (y - x) <= f y) ->
  \sum_x pref x * f (p x / pref x) <= \sum_i re i * f (q i / re i).
Proof.
move=> line; rewrite (reindex e) /=; last by apply: onW_bij; case: order.
have d_ge0 i : 0 <= pe i / re i by rewrite divr_ge0 // /pe /re.
have [q0 sum_q] := increments_law.
have slopes x y : 0 <= x -> x <= y -> slope x <= slope y.
  move=> x0; rewrite le_eqVlt => /orP[/eqP -> //|xy]; have y0 := le_trans x0 (ltW xy).
  rewrite -(ler_pM2r (_ : 0 < y - x)) ?subr_gt0 // -subr_ge0.
  have := lerD (line x y x0 y0) (line y x y0 x0); rewrite -subr_ge0.
  by congr (0 <= _); ring.
have ab : 0 <= \sum_i (q i - pe i) * slope (pe i / re i).
  apply: abel => [i j ij|]; last first.
    by rewrite sumrB sum_q sum_placed; have [_ ->] := law_p; rewrite subrr.
  rewrite running_sub running_increments // mulr_le0_ge0 // ?subr_le0 ?running_floor //.
  by rewrite subr_ge0 slopes //; have [_] := order; apply; rewrite ij.
rewrite -subr_ge0; apply: le_trans ab _; rewrite -sumrB; apply: ler_sum => i _.
have := ref_ge0 (e i); rewrite le_eqVlt => /orP[/eqP r0|r0].
  have -> : q i = 0 by apply: increments_continuous_ref; rewrite /re -r0.
  have -> : pe i = 0 by apply: floor_continuous; rewrite -r0.
  by rewrite /re -r0 !mul0r subrr mul0r.
have := line (pe i / re i) (q i / re i) (d_ge0 i) (divr_ge0 (q0 i) (ltW r0)).
rewrite -/(re i) in r0 *; rewrite -(ler_pM2l r0) -subr_ge0 => ineq.
rewrite -subr_ge0; move: ineq; congr (0 <= _).
by rewrite /pe -/(re i); field; rewrite gt_eqF.
Qed.

End FloorDivergence.

Section AnyChoice.
Variables (R : realType) (T : finType).
Variables (m : nat -> R) (K : nat -> nat) (pref : T -> R) (p : nat -> T -> R).
Variable c : forall t, {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis law_ref : is_law pref.
Hypothesis start : p 0%N =1 pref.
Hypothesis rules : forall t, is_rule (@c t).
Hypothesis step : forall t x, p t.+1 x = m t * pref x + (1 - m t) * chosen (p t) (@c t) x.

Let G t := share_floor m K t.

Let floor_G t : floor_function (G t).
Proof. by apply: share_floor_function => // s; apply: rule_gt0 law_ref (@rules s). Qed.

Let law_p t : is_law (p t) := any_loop_is_law real_share law_ref start rules step t.

Let floor t (L : pred T) : G t (mass pref L) <= mass (p t) L.
Proof. by have /andP[] := share_envelope_set real_share law_ref start rules step t L. Qed.

(* I3. Whatever people choose (the loop of I2: any rules c_t, any K_t >= 1, any shares m_t of real data
   from 0 to 1), KL(p_t||p_ref) is at most what the floors G_t of I2 allow:
     KL(p_t||p_ref) <= sum_i q_i ln(q_i/p_i),  q_i = G_t(u_{i+1}) - G_t(u_i),  u_i = p_0 + ... + p_{i-1},
   p_0, p_1, ... = pref (e 0), pref (e 1), ... the masses of the reference in an order e in which the
   density of p_t increases: order_by_density says that there is one. *)
Theorem any_choice_divergence n (e : 'I_n -> T) t : ordered_by_density (p t) pref e ->
  absolutely_continuous (p t) pref /\
  KL (p t) pref <= KL (increments (share_floor m K t) (fun i => pref (e i))) (fun i => pref (e i)).
Proof. exact: (floor_divergence (floor_G t) law_ref (law_p t) (floor t)). Qed.

(* Sharper: KL(p_t||p_ref) + KL(q||p_t) <= KL(q||p_ref), q the law of the q_i; all three divergences
   are of laws without mass where the other has none. *)
Theorem any_choice_divergence_sharp n (e : 'I_n -> T) t : ordered_by_density (p t) pref e ->
  let q := increments (share_floor m K t) (fun i => pref (e i)) in
  [/\ is_law q,
      absolutely_continuous (p t) pref,
      absolutely_continuous q (fun i => p t (e i)),
      absolutely_continuous q (fun i => pref (e i))
    & KL (p t) pref + KL q (fun i => p t (e i)) <= KL q (fun i => pref (e i))].
Proof.
move=> order; split.
- exact: (increments_law (floor_G t) law_ref order).
- exact: (floor_continuous (floor_G t) law_ref (law_p t) (floor t)).
- exact: (increments_continuous (floor_G t) law_ref (law_p t) (floor t) order).
- exact: increments_continuous_ref.
exact: (floor_divergence_sharp (floor_G t) law_ref (law_p t) (floor t) order).
Qed.

(* I3 for the other f-divergences: E_ref f(d_t) <= sum_i p_i f(q_i/p_i), f convex with a line of finite
   slope below it at each x >= 0. *)
Theorem any_choice_f_divergence (f slope : R -> R) n (e : 'I_n -> T) t :
  (forall x y, 0 <= x -> 0 <= y -> f x + slope x * (y - x) <= f y) ->
  ordered_by_density (p t) pref e ->
  \sum_x pref x * f (p t x / pref x)
    <= \sum_i pref (e i) * f (increments (share_floor m K t) (fun i => pref (e i)) i / pref (e i)).
Proof.
move=> line order.
exact: (floor_f_divergence (floor_G t) law_ref (law_p t) (floor t) order line).
Qed.

End AnyChoice.

Section General.
Variables (R : realType) (T J : finType).
Variables (alpha beta : nat -> R) (gamma : nat -> J -> R) (K : nat -> J -> nat).
Hypothesis shares : are_shares alpha beta gamma.
Hypothesis K_gt0 : forall t j, (0 < K t j)%N.
Variable pref : T -> R.
Hypothesis law_ref : is_law pref.

(* The part of T1 about divergences, with chance: the mean law E p_t of T1 (share_envelope_expected)
   diverges from p_ref by at most what the floors G_t of T1 allow, in the order of its density. *)
Theorem share_envelope_expected_divergence (Omega : finType) (P : Omega -> R)
    (p : nat -> Omega -> T -> R) n (e : 'I_n -> T) t :
  is_law P -> expected_law P (p 0%N) =1 pref -> (forall t o, is_law (p t o)) ->
  (forall s phi, (s < t)%N -> unit_valued phi ->
    mean P (fun o => alpha s * mean pref phi + beta s * mean (p s o) phi
        + \sum_j gamma s j * mean (p s o) phi ^+ K s j)
      <= mean P (fun o => mean (p s.+1 o) phi)) ->
  ordered_by_density (expected_law P (p t)) pref e ->
  absolutely_continuous (expected_law P (p t)) pref /\
  KL (expected_law P (p t)) pref
    <= KL (increments (power_floor alpha beta gamma K t) (fun i => pref (e i))) (fun i => pref (e i)).
Proof.
move=> lawP start lawp step order; apply: floor_divergence order => //.
- by apply: mixture_floor_function => // s j; apply: power_floor_function.
- exact: expected_law_is_law.
move=> L; rewrite -!mean_indicator mean_expected.
have uL : unit_valued (fun x => (L x)%:R : R) by apply: indicator_unit.
by have /andP[] := share_envelope_expected shares law_ref lawP K_gt0 start lawp step (leqnn t) uL.
Qed.

(* Without chance. *)
Theorem share_envelope_general_divergence (p : nat -> T -> R) n (e : 'I_n -> T) t :
  p 0%N =1 pref -> (forall t, is_law (p t)) ->
  (forall t phi, unit_valued phi ->
    alpha t * mean pref phi + beta t * mean (p t) phi + \sum_j gamma t j * mean (p t) phi ^+ K t j
      <= mean (p t.+1) phi) ->
  ordered_by_density (p t) pref e ->
  absolutely_continuous (p t) pref /\
  KL (p t) pref
    <= KL (increments (power_floor alpha beta gamma K t) (fun i => pref (e i))) (fun i => pref (e i)).
Proof.
move=> start lawp step order; apply: floor_divergence order => //.
  by apply: mixture_floor_function => // s j; apply: power_floor_function.
move=> L; rewrite -!mean_indicator; have uL := indicator_unit R L.
by have /andP[] := share_envelope_general shares law_ref K_gt0 start lawp step t uL.
Qed.

End General.

Section TrainingSets.
Variables (R : realType) (T : finType).
Variables (m : nat -> R) (K N : nat -> nat) (pref : T -> R).
Variable c : forall t, seq (T -> R) -> {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Hypothesis law_ref : is_law pref.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis N_gt0 : forall t, (0 < N t)%N.
Hypothesis rules : forall t h, is_rule (@c t h).

(* The mean law E p_t of the loop of training_sets_envelope, of training sets of any finite sizes N_t,
   diverges from p_ref by no more than I3 says. *)
Theorem training_sets_divergence n (e : 'I_n -> T) t :
  ordered_by_density (mean_law m N pref c t) pref e ->
  absolutely_continuous (mean_law m N pref c t) pref /\
  KL (mean_law m N pref c t) pref
    <= KL (increments (share_floor m K t) (fun i => pref (e i))) (fun i => pref (e i)).
Proof.
move=> order; apply: (floor_divergence _ law_ref _ _ order) => [||L].
- by apply: share_floor_function => // s; apply: rule_gt0 law_ref (@rules s [::]).
- exact: (mean_law_is_law law_ref real_share N_gt0 rules).
have uL := indicator_unit R L; rewrite -!mean_indicator (mean_mean_law law_ref real_share N_gt0 rules).
by have /andP[] := training_sets_envelope law_ref real_share N_gt0 rules t uL.
Qed.

End TrainingSets.

(* No choice among K moves a model further than the hard best of K: it attains the finite sum of I3. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import reals exp.
From Recurate Require Import compatibility finite_law choices divergence best_of density_order.
From Recurate Require Import floor_functions share_envelope.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Slopes.
Variables (R : realFieldType) (n : nat) (G : R -> R) (v : 'I_n -> R).
Hypotheses (floor_G : floor_function G) (law_v : is_law v) (v_gt0 : forall i, 0 < v i).

Lemma running_law_unit k : 0 <= running v k <= 1.
Proof.
have [v0 sumv] := law_v; rewrite running_ge0 //=.
by apply: le_trans (running_le _ v0) _; rewrite sumv.
Qed.

Lemma running_mono (i j : nat) : (i <= j)%N -> running v i <= running v j.
Proof.
move=> ij; have [v0 _] := law_v; rewrite [leRHS](bigID (fun k : 'I_n => (k < i)%N)) /=.
rewrite [X in X + _](eq_bigl (fun k : 'I_n => (k < i)%N)) => [|k].
  by rewrite lerDl; apply: sumr_ge0.
by case: (ltnP k i) => [ki|_]; rewrite ?andbF // (leq_trans ki ij).
Qed.

(* The slopes of G between the running sums increase, since G is convex. *)
Lemma increments_slope (i j : 'I_n) : (i <= j)%N ->
  increments G v i / v i <= increments G v j / v j.
Proof.
rewrite leq_eqVlt => /orP[/eqP/val_inj -> //|ij]; have [_ _ sG] := floor_G.
have [s' _ line'] := sG _ (running_law_unit j).
have [s le_s line] : exists2 s, s <= s' & forall x, 0 <= x <= 1 ->
    G (running v i.+1) + s * (x - running v i.+1) <= G x.
  have [->|ne_u] := eqVneq (running v i.+1) (running v j); first by exists s'.
  have [s _ line] := sG _ (running_law_unit i.+1); exists s => //.
  have d_gt0 : 0 < running v j - running v i.+1.
    by rewrite subr_gt0 lt_neqAle ne_u running_mono.
  rewrite -(ler_pM2r d_gt0) -subr_ge0.
  have up := line _ (running_law_unit j); have down := line' _ (running_law_unit i.+1).
  have := lerD up down; rewrite -subr_ge0; congr (0 <= _); ring.
have low : increments G v i <= s * v i.
  have := line _ (running_law_unit i); rewrite -subr_ge0 => low.
  by rewrite -subr_ge0; move: low; congr (0 <= _); rewrite /increments runningS; ring.
have high : s' * v j <= increments G v j.
  have := line' _ (running_law_unit j.+1); rewrite -subr_ge0 => high.
  by rewrite -subr_ge0; move: high; congr (0 <= _); rewrite /increments runningS; ring.
apply: (@le_trans _ _ s); first by rewrite ler_pdivrMr.
by apply: le_trans le_s _; rewrite ler_pdivlMr.
Qed.

End Slopes.

Section Attained.
Variables (R : realType) (T : finType).
Variables (m : nat -> R) (K : nat -> nat) (pref r : T -> R) (p : nat -> T -> R).
Variable c : forall t, {ffun 'I_(K t) -> T} -> 'I_(K t) -> R.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis law_ref : is_law pref.
Hypothesis start : p 0%N =1 pref.
Hypothesis rules : forall t, is_rule (@c t).
Hypothesis best : forall t, picks_best r (@c t).
Hypothesis step : forall t x, p t.+1 x = m t * pref x + (1 - m t) * chosen (p t) (@c t) x.

(* The hard best of K leaves the floor of I2 to every lower set {r <= b} at once. *)
Theorem best_of_floor t (L : pred T) : lower_set r L ->
  mass (p t) L = share_floor m K t (mass pref L).
Proof.
move=> lower; elim: t => [|t IH] /=; first by apply: eq_bigr => x _.
have lawt := any_loop_is_law real_share law_ref start rules step t.
rewrite -IH -(best_of_lower_set lawt (@rules t) (@best t) lower) /mass !mulr_sumr -big_split.
by apply: eq_bigr => x _; rewrite step.
Qed.

(* I3 is attained, at every t, by the hard best of K_t of one reward without ties: in the order e of the
   rewards the law of p_t is that of the increments of G_t, so that
     KL(p_t||p_ref) = sum_i q_i ln(q_i/p_i),  q_i = G_t(u_{i+1}) - G_t(u_i).
   If p_ref has mass everywhere, e is an order in which the density of p_t increases, as I3 asks. *)
Theorem any_choice_divergence_attained n (e : 'I_n -> T) t : injective r -> bijective e ->
  (forall i j : 'I_n, (i <= j)%N -> r (e i) <= r (e j)) ->
  let q := increments (share_floor m K t) (fun i => pref (e i)) in
  [/\ forall i, p t (e i) = q i,
      KL (p t) pref = KL q (fun i => pref (e i))
    & (forall x, 0 < pref x) -> ordered_by_density (p t) pref e].
Proof.
move=> no_ties bij_e sorted q; have [g eK gK] := bij_e.
have placed (v : T -> R) k : running (fun i => v (e i)) k = mass v (fun x => (g x < k)%N).
  rewrite /mass (reindex e) /=; last by apply: onW_bij.
  by apply: eq_bigl => i; rewrite eK.
have lower k : lower_set r (fun x => (g x < k)%N).
  move=> x y xk yx; rewrite ltnNge; apply/negP => ky.
  have xy : r x <= r y by rewrite -(gK x) -(gK y); apply: sorted; apply: ltnW (leq_trans xk ky).
  have eq_xy : x = y by apply: no_ties; apply/eqP; rewrite eq_le xy yx.
  by move: xk; rewrite eq_xy ltnNge ky.
have qE i : p t (e i) = q i.
  have next := runningS (fun j => p t (e j)) i.
  by rewrite /q /increments !placed -!best_of_floor // -!placed next addrC addKr.
split=> //.
  rewrite /KL [LHS](reindex e) /=; last by apply: onW_bij.
  by apply: eq_bigr => i _; rewrite qE.
move=> ref_gt0; split=> // i j ij; rewrite !qE.
apply: (@increments_slope _ _ _ (fun k => pref (e k))) => //.
  by apply: share_floor_function => // s; apply: rule_gt0 law_ref (@rules s).
have [r0 r1] := law_ref; split=> [k|]; first exact: r0.
by rewrite -[RHS]r1 [RHS](reindex e) //=; apply: onW_bij.
Qed.

End Attained.

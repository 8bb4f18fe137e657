(* Means of what depends on one candidate's weight W and on the weight S of the K - 1 others. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation winner.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).

(* E F(W, S), W the weight of one candidate from p, S that of n others. *)
Definition mean_one_and_others n (p w : T -> R) (F : R -> R -> R) :=
  mean p (fun x => mean (draws (K := n) p) (fun c => F (w x) (total_weight w c))).

End Definitions.

Section Means.
Variables (R : realFieldType) (T : finType) (n : nat) (p w : T -> R).
Hypotheses (law_p : is_law p) (w_gt0 : forall x, 0 < w x).
Implicit Types F G : R -> R -> R.
Notation E := (mean_one_and_others n p w).
Notation K := (n.+1%:R : R).

Let lawd := draws_is_law n law_p.

Lemma eq_E F G : (forall v s, 0 < v -> 0 <= s -> F v s = G v s) -> E F = E G.
Proof.
move=> FG; apply: eq_mean => // x; apply: eq_mean => // c.
by apply: FG => //; apply: total_weight_ge0.
Qed.

Lemma E_D F G : E (fun v s => F v s + G v s) = E F + E G.
Proof. by rewrite -meanD; apply: eq_mean => // x; rewrite -meanD. Qed.

Lemma E_Z a F : E (fun v s => a * F v s) = a * E F.
Proof. by rewrite -meanZ; apply: eq_mean => // x; rewrite -meanZ. Qed.

Lemma E_B F G : E (fun v s => F v s - G v s) = E F - E G.
Proof. by rewrite -meanB; apply: eq_mean => // x; rewrite -meanB. Qed.

(* W and S are independent. *)
Lemma E_prod (f g : R -> R) : E (fun v s => f v * g s)
  = mean p (fun x => f (w x)) * mean (draws p) (fun c : {ffun 'I_n -> T} => g (total_weight w c)).
Proof. by rewrite mulrC -meanZ; apply: eq_mean => // x; rewrite meanZ mulrC. Qed.

Lemma le_E F G (bound : R) : bounded_on_support p w bound ->
  (forall v s, 0 < v -> v <= bound -> 0 <= s -> F v s <= G v s) -> E F <= E G.
Proof.
move=> le_b FG; apply: le_mean => [|x px]; first by case: law_p.
apply: le_mean => [|c _]; first by case: lawd.
by apply: FG => //; [apply: le_b|apply: total_weight_ge0].
Qed.

Lemma E_gt0 F (x : T) : (0 < n)%N -> 0 < p x -> (forall v s, 0 < v -> 0 < s -> 0 <= F v s) ->
  (forall s, 0 < s -> 0 < F (w x) s) -> 0 < E F.
Proof.
move=> n0 px F0 Fx; have S0 (c : {ffun 'I_n -> T}) := total_weight_gt0 c n0 w_gt0.
rewrite /mean_one_and_others /mean (bigD1 x) //= ltr_pwDl //.
  by rewrite mulr_gt0 //; apply: mean_gt0 => // c; apply: Fx.
apply: sumr_ge0 => y _; rewrite mulr_ge0 ?(proj1 law_p) //; apply: sumr_ge0 => c _.
by rewrite mulr_ge0 ?(proj1 lawd) ?F0.
Qed.

(* The winner's law in these terms. *)
Lemma mean_curated_E g : mean (curated n.+1 p w) (fun x => g (w x))
  = K * E (fun v s => g v * (v / (v + s))).
Proof.
rewrite -E_Z; apply: eq_bigr => x _; rewrite lemma_2_1 // -mulrA; congr (_ * _).
by rewrite mulrC -meanZ; apply: eq_mean => // c /=; rewrite -mulrA mulrCA.
Qed.

(* E (W/(W + S) - 1/K) psi(W + S) = 0: all K candidates are alike. *)
Lemma exchangeable (psi : R -> R) :
  K * E (fun v s => v / (v + s) * psi (v + s)) = E (fun v s => psi (v + s)).
Proof.
have split_at (k : 'I_n.+1) F : mean (draws p) (fun c : {ffun 'I_n.+1 -> T} =>
    F (w (c k)) (total_weight w c)) = E (fun v s => F v (v + s)).
  rewrite {1}/mean (partition_big (fun c : {ffun 'I_n.+1 -> T} => c k) predT) //=.
  apply: eq_bigr => x _.
  rewrite (sum_candidate_is k x (fun c => draws p c * F (w (c k)) (total_weight w c))).
  rewrite /mean mulr_sumr; apply: eq_bigr => c _.
  by rewrite draws_insert insert_at total_weight_insert mulrA.
rewrite -(split_at ord0 (fun _ => psi)).
transitivity (\sum_(k < n.+1) mean (draws p) (fun c : {ffun 'I_n.+1 -> T} =>
    w (c k) / total_weight w c * psi (total_weight w c))).
  under eq_bigr do rewrite (split_at _ (fun v r => v / r * psi r)).
  by rewrite sumr_const card_ord mulr_natl.
rewrite -mean_sum; apply: eq_mean => // c.
by rewrite -mulr_suml sum_choice // mul1r.
Qed.

Lemma ratio_E bound (f : R -> R) : K * E (fun v s => f v * (bound / (bound + s)))
  = mean p (fun x => f (w x)) * winner_ratio (Some n.+1) w p bound.
Proof.
rewrite E_prod mulrCA -meanZ; congr (_ * _); apply: eq_mean => // c.
by rewrite mulrA.
Qed.

(* E Z <= (1 - 1/K) H_p(w_* )/(K w_* ) *)
Lemma mean_Z_le bound : bounded_on_support p w bound ->
  K * E (fun v s => s / ((bound + s) * (v + s)))
    <= (1 - K^-1) * (winner_ratio (Some n.+1) w p bound / bound).
Proof.
move=> le_b; have b0 := bound_gt0 law_p w_gt0 le_b; have K0 : 0 < K by rewrite ltr0n.
have K1 : 0 <= 1 - K^-1 by rewrite subr_ge0 invf_le1 // ler1n.
pose psi r := (bound + (1 - K^-1) * r)^-1.
have -> : winner_ratio (Some n.+1) w p bound / bound = K * E (fun v s => (bound + s)^-1).
  have := ratio_E bound (fun=> 1); rewrite mean_const // mul1r => <-; rewrite -mulrA; congr (_ * _).
  rewrite mulrC -E_Z; apply: eq_E => v s _ s0.
  by rewrite mul1r mulrA mulVf ?mul1r // gt_eqF.
rewrite mulrCA ler_pM2l //.
have e0 : E (fun v s => (v / (v + s) - K^-1) * psi (v + s)) = 0.
  rewrite (eq_E (G := fun v s => v / (v + s) * psi (v + s) - K^-1 * psi (v + s))); last first.
    by move=> v s _ _; rewrite mulrBl.
  by rewrite E_B E_Z -exchangeable mulKf ?gt_eqF // subrr.
rewrite -E_Z -[leLHS]addr0 -e0 -E_D; apply: (le_E le_b) => v s v0 vb s0.
have bs : 0 < bound + s by rewrite ltr_pwDl.
have vs : 0 < v + s by rewrite ltr_pwDl.
have ps : 0 < bound + (1 - K^-1) * (v + s) by rewrite ltr_pwDl // mulr_ge0 // ltW.
rewrite -subr_ge0 /psi; move: K K0 K1 ps => k k0 k1 ps.
have -> : (1 - k^-1) * (bound + s)^-1
    - (s / ((bound + s) * (v + s)) + (v / (v + s) - k^-1) * (bound + (1 - k^-1) * (v + s))^-1)
  = (v - (v + s) / k) ^+ 2 / ((bound + (1 - k^-1) * (v + s)) * ((v + s) * (bound + s))).
  field; rewrite !gt_eqF //.
  have <- : k * (bound + (1 - k^-1) * (v + s)) = bound * k + (k - 1) * (v + s).
    by field; rewrite gt_eqF.
  exact: mulr_gt0.
by apply: divr_ge0; rewrite ?sqr_ge0 // ltW // !mulr_gt0.
Qed.

End Means.

(* The derivative DT of the winner's law as a bilinear form: symmetric, nonnegative, and at most
   H at the largest weight on directions of total mass zero. No integral is needed: where the prose
   has Cauchy-Schwarz and an integration by parts there is, for each pair of candidates,
     2 F_1 F_2 k <= F_1^2 (w_2/w_1) k + F_2^2 (w_1/w_2) k,      k >= 0. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation covariance_gain loops.
From Recurate Require Import winner binomial sharp_odds winner_derivative pairs.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w f g : T -> R).

(* (f|g) = sum f g/(p w) *)
Definition pairing p w f g := \sum_x f x * g x / (p x * w x).

(* Total mass zero. *)
Definition massless f := \sum_x f x = 0.

End Definitions.

Section Form.
Variables (R : realFieldType) (T : finType) (p w : T -> R).
Hypotheses (law_p : is_law p) (p_gt0 : forall x, 0 < p x) (w_gt0 : forall x, 0 < w x).
Implicit Types (f g : T -> R).
Notation DT K := (winner_derivative K w p).
Notation density f := (fun x => f x / p x).

Lemma sum_choice_of K (c : {ffun 'I_K -> T}) g :
  \sum_x choice w c x * g x = \sum_k g (c k) * w (c k) / total_weight w c.
Proof.
rewrite [RHS](partition_big (fun k => c k) predT) //=; apply: eq_bigr => x _.
by rewrite /choice mulr_suml; apply: eq_bigr => k /eqP ->; rewrite mulrC mulrA.
Qed.

Lemma draws_with_density K (i : 'I_K) f (c : {ffun 'I_K -> T}) :
  draws_with i p f c = draws p c * (f (c i) / p (c i)).
Proof.
rewrite /draws_with /draws (bigD1 i) //= eqxx [in RHS](bigD1 i) //=.
rewrite mulrAC mulrCA divff ?gt_eqF // mulr1; congr (_ * _).
by apply: eq_bigr => j /negPf ->.
Qed.

(* The sum of f/p over the candidates. *)
Notation total f := (total_weight (density f)).

(* (DT f|g) = E (sum_k F_k)(sum_k G_k)/(sum_k w_k), F = f/p and G = g/p. *)
Lemma pairing_derivative K f g : pairing p w (DT (Some K) f) g
  = mean (draws (K := K) p) (fun c => total f c * total g c / total_weight w c).
Proof.
transitivity (\sum_i \sum_c draws_with (K := K) i p f c * (total g c / total_weight w c)).
  rewrite /pairing /=.
  transitivity (\sum_x \sum_(i < K) mean (draws_with i p f)
      (fun c => choice w c x * (g x / (p x * w x)))).
    apply: eq_bigr => x _; rewrite -mulrA mulr_suml; apply: eq_bigr => i _.
    by rewrite /mean mulr_suml; apply: eq_bigr => c _; rewrite [RHS]mulrA.
  rewrite exchange_big; apply: eq_bigr => i _ /=; rewrite exchange_big; apply: eq_bigr => c _ /=.
  rewrite -mulr_sumr sum_choice_of; congr (_ * _); rewrite mulr_suml; apply: eq_bigr => k _.
  by congr (_ / _); field; rewrite !gt_eqF.
rewrite exchange_big; apply: eq_bigr => c _ /=; rewrite -mulr_suml.
under eq_bigr do rewrite draws_with_density.
by rewrite -mulr_sumr !mulrA.
Qed.

(* What is centred at place i, times what does not look at that place. *)
Lemma centred_place n (i : 'I_n.+1) h (g : {ffun 'I_n.+1 -> T} -> R) : mean p h = 0 ->
  (forall x y c, g (insert i x c) = g (insert i y c)) ->
  mean (draws p) (fun c => h (c i) * g c) = 0.
Proof.
move=> h0 blind; have [x0 _] := law_has_support law_p; rewrite (mean_draws_place p i).
transitivity (mean p (fun x => mean (draws p) (fun c => g (insert i x0 c)) * h x)).
  apply: eq_mean => // x; rewrite mulrC -meanZ; apply: eq_mean => // c.
  by rewrite insert_at (blind x x0).
by rewrite meanZ h0 mulr0.
Qed.

Lemma mean_density f : mean p (density f) = \sum_x f x.
Proof. by apply: eq_bigr => x _; rewrite mulrC divfK ?gt_eqF. Qed.

Section Finite.
Variables (n : nat) (f : T -> R) (v : R).
Hypotheses (f0 : massless f) (v_gt0 : 0 < v) (le_v : forall x, f x != 0 -> w x <= v).
Notation F := (density f).
Implicit Types (c : {ffun 'I_n.+1 -> T}) (i j : 'I_n.+1).

(* The total weight with v at place i; with v at i and j. *)
Let W c := total_weight w c.
Let W1 i c := W c - w (c i) + v.
Let W2 i j c := W c - w (c i) - w (c j) + 2%:R * v.

Let rest_ge0 i c : 0 <= W c - w (c i).
Proof.
rewrite /W /total_weight (bigD1 i) //= [w _ + _]addrC addrK sumr_ge0 // => k _.
exact: ltW.
Qed.

Let rest2_ge0 i j c : i != j -> 0 <= W c - w (c i) - w (c j).
Proof.
move=> ij; rewrite /W /total_weight (bigD1 i) //= [w _ + _]addrC addrK (bigD1 j) 1?eq_sym //=.
by rewrite [w _ + _]addrC addrK sumr_ge0 // => k _; apply: ltW.
Qed.

Let W_gt0 c : 0 < W c. Proof. exact: total_weight_gt0. Qed.
Let W1_gt0 i c : 0 < W1 i c. Proof. by rewrite /W1 addrC ltr_pwDl. Qed.
Let W2_gt0 i j c : i != j -> 0 < W2 i j c.
Proof. by move=> ij; rewrite /W2 addrC ltr_pwDl ?rest2_ge0 // mulr_gt0 ?ltr0n. Qed.

Let W_insert i x (c : {ffun 'I_n -> T}) : W (insert i x c) = w x + total_weight w c.
Proof. exact: total_weight_insert. Qed.

(* Its mean is 0. *)
Let Z i j c := if i == j then 0
  else F (c i) * (F (c j) / W1 i c) + F (c j) * (F (c i) / W1 j c) - F (c i) * (F (c j) / W2 i j c).

Lemma mean_Z i j : mean (draws p) (Z i j) = 0.
Proof.
rewrite /Z; have [_|ij] := eqVneq i j; first by rewrite /mean big1 // => c _; rewrite mulr0.
have F0 : mean p F = 0 by rewrite mean_density.
have other k l x y (c : {ffun 'I_n -> T}) : k != l -> insert k x c l = insert k y c l.
  by move=> kl; rewrite !ffunE; case: unliftP kl => [//|->]; rewrite eqxx.
rewrite meanB meanD (@centred_place _ i F (fun c => F (c j) / W1 i c)) //; last first.
  move=> x y c; rewrite /W1 !W_insert !insert_at (other _ _ x y) //.
  by rewrite ![w _ + _]addrC !addrK.
rewrite (@centred_place _ j F (fun c => F (c i) / W1 j c)) //; last first.
  move=> x y c; rewrite /W1 !W_insert !insert_at (other _ _ x y) 1?eq_sym //.
  by rewrite ![w _ + _]addrC !addrK.
rewrite (@centred_place _ i F (fun c => F (c j) / W2 i j c)) ?addr0 ?subr0 // => x y c.
rewrite /W2 !W_insert !insert_at (other _ _ x y) //.
by rewrite ![w _ + _]addrC !addrK.
Qed.

Let A i j c := F (c i) ^+ 2 / w (c i) * (w (c j) * ((W c)^-1 - (W1 i c)^-1)).

(* For each pair of places. *)
Lemma pair_le i j c : F (c i) * F (c j) / W c
  <= Z i j c + ((A i j c + A j i c) / 2%:R + (i == j)%:R * (F (c i) ^+ 2 / W1 i c)).
Proof.
rewrite /Z /A; have [<-|ij] := eqVneq i j.
  rewrite add0r mul1r le_eqVlt; apply/orP; left; apply/eqP.
  have := W_gt0 c; have := W1_gt0 i c; have := w_gt0 (c i).
  move: (F (c i)) (w (c i)) (W c) (W1 i c) => a x s s1 x0 s10 s0.
  by field; rewrite !gt_eqF.
have live x : F x != 0 -> f x != 0 by apply: contraNneq => ->; rewrite mul0r.
rewrite mul0r addr0; apply: (pair_of_numbers (w_gt0 _) (w_gt0 _) (rest2_ge0 c ij) _ _ v_gt0).
  by move=> /live; apply: le_v.
by move=> /live; apply: le_v.
Qed.

Lemma form_le c : total f c * total f c / W c
  <= \sum_i \sum_j Z i j c + \sum_i F (c i) ^+ 2 / w (c i) * (v / W1 i c).
Proof.
have -> : total f c * total f c / W c = \sum_i \sum_j F (c i) * F (c j) / W c.
  rewrite !mulr_suml; apply: eq_bigr => i _.
  by rewrite -mulrA [_ / W c]mulrC mulrA mulr_sumr; apply: eq_bigr => j _; rewrite mulrAC.
apply: le_trans (_ : _ <= \sum_i \sum_j (Z i j c + ((A i j c + A j i c) / 2%:R
    + (i == j)%:R * (F (c i) ^+ 2 / W1 i c)))) _.
  by apply: ler_sum => i _; apply: ler_sum => j _; apply: pair_le.
under eq_bigr do rewrite !big_split /=.
rewrite !big_split /= lerD2l.
have -> : \sum_i \sum_j (A i j c + A j i c) / 2%:R = \sum_i \sum_j A i j c.
  under eq_bigr do rewrite -mulr_suml big_split /=.
  rewrite -mulr_suml big_split /= [X in _ + X]exchange_big -mulr2n -mulr_natr mulfK //.
  by rewrite pnatr_eq0.
rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite -big_split; apply: eq_bigr => i _ /=.
have -> : \sum_j (i == j)%:R * (F (c i) ^+ 2 / W1 i c) = F (c i) ^+ 2 / W1 i c.
  rewrite (bigD1 i) //= eqxx mul1r big1 ?addr0 // => j /negPf ji.
  by rewrite eq_sym ji mul0r.
rewrite /A -mulr_sumr -mulr_suml -/(total_weight w c) -/(W c) /W1.
have := W_gt0 c; have := W1_gt0 i c; have := w_gt0 (c i); rewrite /W1.
move: (F (c i)) (w (c i)) (W c) => a x s x0 s10 s0.
by field; rewrite !gt_eqF.
Qed.

Lemma rayleigh_le_finite : pairing p w (DT (Some n.+1) f) f
  <= winner_ratio (Some n.+1) w p v * pairing p w f f.
Proof.
rewrite pairing_derivative; apply: (@le_trans _ _ (mean (draws p)
  (fun c => \sum_i \sum_j Z i j c + \sum_i F (c i) ^+ 2 / w (c i) * (v / W1 i c)))).
  by apply: le_mean => [|c _]; [case: (draws_is_law n.+1 law_p)|apply: form_le].
rewrite meanD mean_sum big1 ?add0r => [|i _]; last first.
  by rewrite mean_sum big1 // => j _; apply: mean_Z.
rewrite mean_sum le_eqVlt; apply/orP; left; apply/eqP.
pose h := mean (draws p) (fun c : {ffun 'I_n -> T} => v / (v + total_weight w c)).
transitivity (\sum_(i < n.+1) h * pairing p w f f).
  apply: eq_bigr => i _; rewrite (mean_draws_place p i).
  rewrite /pairing mulr_sumr; apply: eq_bigr => x _; rewrite /h [RHS]mulrC mulr_sumr mulr_sumr.
  apply: eq_bigr => c _; rewrite /W1 W_insert !insert_at [w x + _]addrC addrK [_ + v]addrC.
  move: (v / _) (draws p c) => r d; rewrite expr2.
  by have := w_gt0 x; have := p_gt0 x; move: (w x) (p x) => u q q0 u0; field; rewrite !gt_eqF.
rewrite sumr_const card_ord -mulr_natl mulrA; congr (_ * _); rewrite /= -meanZ.
by apply: eq_mean => // c; rewrite mulrA.
Qed.

End Finite.
Section Below.
Variables (n : nat) (f : T -> R).
Notation F := (density f).

(* The terms of one candidate. *)
Lemma one_candidate_terms :
  mean (draws (K := n.+1) p) (fun c => \sum_i F (c i) ^+ 2 / total_weight w c)
  = \sum_x f x ^+ 2 / (p x * w x) * winner_ratio (Some n.+1) w p (w x).
Proof.
rewrite mean_sum.
transitivity (\sum_(i < n.+1) \sum_x f x ^+ 2 / (p x * w x)
    * mean (draws p) (fun c : {ffun 'I_n -> T} => w x / (w x + total_weight w c))).
  apply: eq_bigr => i _; rewrite (mean_draws_place p i).
  apply: eq_bigr => x _; rewrite !mulr_sumr; apply: eq_bigr => c _.
  rewrite total_weight_insert insert_at; have s0 := total_weight_ge0 c w_gt0.
  move: (total_weight w c) (draws p c) s0 => s d s0.
  have := w_gt0 x; have := p_gt0 x; move: (w x) (p x) => u q q0 u0.
  by field; rewrite !gt_eqF // ltr_pwDl.
rewrite sumr_const card_ord -mulr_natl mulr_sumr; apply: eq_bigr => x _.
rewrite mulrCA; congr (_ * _).
by rewrite /= -meanZ; apply: eq_mean => // c; rewrite mulrA.
Qed.

(* Those of two. *)
Lemma two_candidates_terms (i j : 'I_n.+1) : i != j ->
  0 <= mean (draws p) (fun c => F (c i) * F (c j) / total_weight w c).
Proof.
case: n i j => [i j|m i j]; first by rewrite !ord1 eqxx.
case: (unliftP i j) => [k ->|->] ij; last by rewrite eqxx in ij.
rewrite (mean_draws_place p i) /mean.
under eq_bigr do rewrite -/(mean (draws p) _) (mean_draws_place p k) /mean mulr_sumr.
under eq_bigr do under eq_bigr do rewrite !mulr_sumr.
under eq_bigr do rewrite exchange_big.
rewrite exchange_big; apply: sumr_ge0 => c _ /=.
have s0 := total_weight_ge0 c w_gt0; set s := total_weight w c in s0.
have a0 x : 0 < w x + s / 2%:R by rewrite ltr_pwDl // divr_ge0 ?ler0n.
have := cauchy_ge0 a0 f; set S := \sum_x _ => S0.
apply: le_trans (mulr_ge0 (proj1 (draws_is_law m law_p) c) S0) _.
rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite mulr_sumr; apply: eq_bigr => x _.
rewrite mulr_sumr; apply: eq_bigr => y _.
rewrite !total_weight_insert !insert_at insert_lift insert_at -/s.
have -> : w x + s / 2%:R + (w y + s / 2%:R) = w x + (w y + s) by field.
have : 0 < w x + (w y + s) by rewrite ltr_pwDl // addr_ge0 // ltW.
have := p_gt0 x; have := p_gt0 y; move: (_ + _) (p x) (p y) (draws p c) => u q1 q2 d q20 q10 u0.
by field; rewrite !gt_eqF.
Qed.

Lemma rayleigh_ge_finite : \sum_x f x ^+ 2 / (p x * w x) * winner_ratio (Some n.+1) w p (w x)
  <= pairing p w (DT (Some n.+1) f) f.
Proof.
rewrite pairing_derivative -one_candidate_terms.
rewrite [leRHS](_ : _ = \sum_i \sum_j mean (draws (K := n.+1) p)
    (fun c => F (c i) * F (c j) / total_weight w c)); last first.
  under [RHS]eq_bigr do rewrite -mean_sum; rewrite -mean_sum; apply: eq_mean => // c.
  rewrite !mulr_suml; apply: eq_bigr => i _.
  rewrite -mulrA [_ / total_weight w c]mulrC mulrA mulr_sumr; apply: eq_bigr => j _.
  by rewrite mulrAC.
rewrite mean_sum; apply: ler_sum => i _; rewrite (bigD1 i) //=.
rewrite -[leLHS]addr0; apply: lerD; last first.
  by apply: sumr_ge0 => j ji; apply: two_candidates_terms; rewrite eq_sym.
by rewrite le_eqVlt; apply/orP; left; apply/eqP/eq_mean.
Qed.

End Below.
End Form.

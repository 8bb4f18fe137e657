(* The curated law, as it is defined: K candidates are drawn independently from p, and candidate
   k is chosen with probability w_k / (w_1 + ... + w_K), the Bradley-Terry (Plackett-Luce) choice.
   Here it is a sum over all K-tuples of candidates, functions from 'I_K to T. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R) (x : T).

(* Probability that K independent draws from p are the candidates c. *)
Definition draws K p (c : {ffun 'I_K -> T}) := \prod_k p (c k).

(* w_1 + ... + w_K *)
Definition total_weight K w (c : {ffun 'I_K -> T}) := \sum_k w (c k).

(* Probability that x is chosen among the candidates c: each k with c_k = x counts. *)
Definition choice K w (c : {ffun 'I_K -> T}) x := \sum_(k | c k == x) w (c k) / total_weight w c.

(* The curated law, T(p) in the paper's pure loop: K draws, then the choice. *)
Definition curated K p w x := mean (draws (K := K) p) (fun c => choice w c x).

(* The curation ratio, H^K_p(x) = E K w(x) / (w(x) + w_1 + ... + w_{K-1}), K - 1 others drawn. *)
Definition ratio K p w x :=
  mean (draws (K := K.-1) p) (fun c => K%:R * w x / (w x + total_weight w c)).

End Definitions.

Section Draws.
Variables (R : realFieldType) (T : finType).
Implicit Types (p g f w : T -> R).

Lemma mean_draws_prod K p (h : 'I_K -> T -> R) :
  mean (draws p) (fun c => \prod_k h k (c k)) = \prod_k mean p (h k).
Proof. by rewrite bigA_distr_bigA; apply: eq_bigr => c _; rewrite -big_split. Qed.

Lemma draws_is_law K p : is_law p -> is_law (draws (K := K) p).
Proof.
move=> lawp; split; first by move=> c; apply: prodr_ge0 => k _; case: lawp.
have -> : \sum_c draws (K := K) p c = mean (draws p) (fun c : {ffun 'I_K -> T} => \prod_(k < K) 1).
  by apply: eq_bigr => c _; rewrite big1 ?mulr1.
rewrite (mean_draws_prod p (fun (_ : 'I_K) _ => 1)) big1 // => k _.
exact: mean_const.
Qed.

(* A candidate of the draws is in the support of p if the draws are possible. *)
Lemma draws_gt0 K p (c : {ffun 'I_K -> T}) k : is_law p -> 0 < draws p c -> 0 < p (c k).
Proof.
case=> p0 _; rewrite /draws (bigD1 k) //= => pc; rewrite lt_neqAle p0 andbT eq_sym.
by apply: contraTneq pc => ->; rewrite mul0r ltxx.
Qed.

(* One candidate has law p, ... *)
Lemma mean_draws_one K p g (i : 'I_K) : is_law p ->
  mean (draws p) (fun c => g (c i)) = mean p g.
Proof.
move=> lawp; pose h k := if k == i then g else fun=> 1.
have -> : mean (draws p) (fun c => g (c i)) = mean (draws p) (fun c => \prod_k h k (c k)).
  apply: eq_mean => // c; rewrite (bigD1 i) //= /h eqxx big1 ?mulr1 //.
  by move=> k /negPf ->.
rewrite mean_draws_prod (bigD1 i) //= /h eqxx big1 ?mulr1 //.
by move=> k /negPf ->; apply: mean_const.
Qed.

(* ... and two are independent. *)
Lemma mean_draws_two K p f g (i j : 'I_K) : is_law p -> i != j ->
  mean (draws p) (fun c => f (c i) * g (c j)) = mean p f * mean p g.
Proof.
move=> lawp ij; have ji : (j == i) = false by rewrite eq_sym (negPf ij).
pose h k := if k == i then f else if k == j then g else fun=> 1.
have -> : mean (draws p) (fun c => f (c i) * g (c j))
        = mean (draws p) (fun c => \prod_k h k (c k)).
  apply: eq_mean => // c; rewrite (bigD1 i) //= (bigD1 j) ?ji //=.
  rewrite /h ji !eqxx big1 ?mulr1 //.
  by move=> k /andP[/negPf -> /negPf ->].
rewrite mean_draws_prod (bigD1 i) //= (bigD1 j) ?ji //= /h ji !eqxx big1 ?mulr1 //.
by move=> k /andP[/negPf -> /negPf ->]; apply: mean_const.
Qed.

Lemma total_weight_ge0 K w (c : {ffun 'I_K -> T}) :
  (forall x, 0 < w x) -> 0 <= total_weight w c.
Proof. by move=> w0; apply: sumr_ge0 => k _; apply: ltW. Qed.

Lemma total_weight_gt0 K w (c : {ffun 'I_K -> T}) :
  (0 < K)%N -> (forall x, 0 < w x) -> 0 < total_weight w c.
Proof.
case: K c => // n c _ w0; rewrite /total_weight big_ord_recl ltr_pwDl //.
by apply: sumr_ge0 => k _; apply: ltW.
Qed.

(* The mean under the curated law is that of the winner, given the candidates. *)
Lemma mean_curated K p w g : mean (curated K p w) g
  = mean (draws (K := K) p) (fun c => \sum_k g (c k) * w (c k) / total_weight w c).
Proof.
rewrite /mean; under eq_bigr do rewrite /curated /mean mulr_suml.
rewrite exchange_big /=; apply: eq_bigr => c _.
under eq_bigr do rewrite -mulrA.
rewrite -mulr_sumr; congr (_ * _).
rewrite [RHS](partition_big (fun k => c k) predT) //=; apply: eq_bigr => x _.
by rewrite /choice mulr_suml; apply: eq_bigr => k /eqP ->; rewrite mulrC mulrA.
Qed.

Lemma sum_choice K w (c : {ffun 'I_K -> T}) : (0 < K)%N -> (forall x, 0 < w x) ->
  \sum_k w (c k) / total_weight w c = 1.
Proof. by move=> K0 w0; rewrite -mulr_suml divff // gt_eqF // total_weight_gt0. Qed.

Lemma curated_is_law K p w : (0 < K)%N -> is_law p -> (forall x, 0 < w x) ->
  is_law (curated K p w).
Proof.
move=> K0 lawp w0; have lawd := draws_is_law K lawp; split=> [x|].
  apply: sumr_ge0 => c _; rewrite mulr_ge0 ?(proj1 lawd) //; apply: sumr_ge0 => k _.
  by rewrite divr_ge0 ?total_weight_ge0 // ltW.
have -> : \sum_x curated K p w x = mean (curated K p w) (fun=> 1).
  by apply: eq_bigr => x _; rewrite mulr1.
rewrite mean_curated -[RHS](mean_const 1 lawd); apply: eq_mean => // c.
by under eq_bigr do rewrite mul1r; apply: sum_choice.
Qed.

End Draws.

Section OneCandidateSetAside.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R) (x : T).

(* The candidates with x put at place k, and the others in their order. *)
Definition insert n (k : 'I_n.+1) x (c : {ffun 'I_n -> T}) : {ffun 'I_n.+1 -> T} :=
  [ffun i => oapp c x (unlift k i)].

Definition others n (k : 'I_n.+1) (c : {ffun 'I_n.+1 -> T}) : {ffun 'I_n -> T} :=
  [ffun i => c (lift k i)].

Lemma insert_at n k x (c : {ffun 'I_n -> T}) : insert k x c k = x.
Proof. by rewrite ffunE unlift_none. Qed.

Lemma insert_lift n k x (c : {ffun 'I_n -> T}) i : insert k x c (lift k i) = c i.
Proof. by rewrite ffunE liftK. Qed.

Lemma insertK n k x : cancel (@insert n k x) (others k).
Proof. by move=> c; apply/ffunP => i; rewrite ffunE insert_lift. Qed.

Lemma othersK n (k : 'I_n.+1) (c : {ffun 'I_n.+1 -> T}) : insert k (c k) (others k c) = c.
Proof. by apply/ffunP => i; rewrite ffunE; case: unliftP => [j|] -> //=; rewrite ffunE. Qed.

Lemma draws_insert n k x p (c : {ffun 'I_n -> T}) : draws p (insert k x c) = p x * draws p c.
Proof.
rewrite /draws (bigD1_ord k) //= insert_at; congr (_ * _).
by apply: eq_bigr => i _; rewrite insert_lift.
Qed.

Lemma total_weight_insert n k x w (c : {ffun 'I_n -> T}) :
  total_weight w (insert k x c) = w x + total_weight w c.
Proof.
rewrite /total_weight (bigD1_ord k) //= insert_at; congr (_ + _).
by apply: eq_bigr => i _; rewrite insert_lift.
Qed.

Lemma sum_candidate_is n (k : 'I_n.+1) x (F : {ffun 'I_n.+1 -> T} -> R) :
  \sum_(c : {ffun 'I_n.+1 -> T} | c k == x) F c = \sum_c F (insert k x c).
Proof.
rewrite (reindex_onto (insert k x) (others k)) /=; last by move=> c /eqP <-; apply: othersK.
by apply: eq_bigl => c; rewrite insert_at insertK !eqxx.
Qed.

(* Lemma 2.1 of the paper: p_{t+1} = p_t H^K_{p_t}, for p_{t+1} as it is defined.
   p is p_t, curated K p w is p_{t+1} (the law of the chosen candidate), ratio K p w is H^K_p. *)
Theorem lemma_2_1 K p w : (0 < K)%N ->
  forall x, curated K p w x = p x * ratio K p w x.
Proof.
case: K => // n _ x; rewrite /curated /mean.
under eq_bigr do rewrite /choice big_mkcond mulr_sumr.
rewrite exchange_big /=.
have same k : \sum_(c : {ffun 'I_n.+1 -> T}) draws p c * (if c k == x then w (c k) / total_weight w c else 0)
    = p x * mean (draws (K := n) p) (fun c => w x / (w x + total_weight w c)).
  rewrite (bigID (fun c : {ffun 'I_n.+1 -> T} => c k == x)) /= [X in _ + X]big1 ?addr0.
    rewrite sum_candidate_is mulr_sumr; apply: eq_bigr => c _.
    by rewrite insert_at eqxx draws_insert total_weight_insert -mulrA.
  by move=> c /negPf ->; rewrite mulr0.
under eq_bigr do rewrite same.
rewrite sumr_const card_ord -mulr_natl mulrCA -meanZ; congr (_ * _).
by apply: eq_mean => // c; rewrite mulrA.
Qed.

(* The paper's H <= K: curation multiplies no mass by more than K. *)
Theorem ratio_bound K p w x : is_law p -> (forall y, 0 < w y) -> ratio K p w x <= K%:R.
Proof.
move=> lawp w0; have lawd := draws_is_law K.-1 lawp.
rewrite -(mean_const K%:R lawd); apply: le_mean => [|c _]; first by case: lawd.
have W0 : 0 < w x + total_weight w c by rewrite ltr_pwDl // total_weight_ge0.
by rewrite ler_pdivrMr // ler_wpM2l ?ler0n // ler_wpDr ?total_weight_ge0.
Qed.

Lemma ratio_ge0 K p w x : is_law p -> (forall y, 0 < w y) -> 0 <= ratio K p w x.
Proof.
move=> lawp w0; apply: sumr_ge0 => c _; apply: mulr_ge0; first by case: (draws_is_law K.-1 lawp).
by rewrite divr_ge0 ?mulr_ge0 ?ler0n ?addr_ge0 ?total_weight_ge0 // ltW.
Qed.

End OneCandidateSetAside.

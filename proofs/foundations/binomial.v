(* Means of a binomial number, and how many of K candidates are in a group: the number is binomial. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Binomial.
Variable R : realFieldType.
Implicit Types (b : nat -> R) (a x : R) (K j : nat).

(* E b(J), J ~ Bin(K, x) *)
Definition binomial_mean K b x :=
  \sum_(j < K.+1) 'C(K, j)%:R * x ^+ j * (1 - x) ^+ (K - j) * b j.

(* b(j + 1) - b(j) *)
Definition rise b j := b j.+1 - b j.

Lemma binomial_mean0 b x : binomial_mean 0 b x = b 0%N.
Proof. by rewrite /binomial_mean big_ord1 bin0 !expr0 !mul1r. Qed.

(* The first of K + 1 coins set aside. *)
Lemma binomial_meanS K b x : binomial_mean K.+1 b x
  = (1 - x) * binomial_mean K b x + x * binomial_mean K (fun j => b j.+1) x.
Proof.
rewrite /binomial_mean big_ord_recl /= bin0 expr0 !mul1r subn0 !mulr_sumr.
under eq_bigr do rewrite /bump /= add1n binS natrD subSS !mulrDl.
rewrite big_split /= addrA; congr (_ + _); last first.
  by apply: eq_bigr => j _; rewrite exprS; ring.
rewrite big_ord_recr /= bin_small // !mul0r addr0 [RHS]big_ord_recl /= bin0 expr0 !mul1r subn0.
rewrite exprS -!mulrA; congr (_ + _); apply: eq_bigr => j _.
rewrite /bump /= add1n; have -> : (K - j = (K - j.+1).+1)%N by rewrite subnSK.
by rewrite [(1 - x) ^+ _]exprS mulrCA !mulrA.
Qed.

Lemma binomial_mean_ge0 K b x : 0 <= x <= 1 -> (forall j, (j <= K)%N -> 0 <= b j) ->
  0 <= binomial_mean K b x.
Proof.
move=> /andP[x0 x1] b0; apply: sumr_ge0 => j _; rewrite !mulr_ge0 ?ler0n ?exprn_ge0 ?subr_ge0 //.
by apply: b0; rewrite -ltnS.
Qed.

Lemma binomial_meanD K b c x :
  binomial_mean K (fun j => b j + c j) x = binomial_mean K b x + binomial_mean K c x.
Proof. by rewrite -big_split; apply: eq_bigr => j _; rewrite mulrDr. Qed.

Lemma binomial_meanZ K c b x : binomial_mean K (fun j => c * b j) x = c * binomial_mean K b x.
Proof. by rewrite /binomial_mean mulr_sumr; apply: eq_bigr => j _; rewrite mulrCA. Qed.

Lemma binomial_mean_rise K b x : binomial_mean K (rise b) x
  = binomial_mean K (fun j => b j.+1) x - binomial_mean K b x.
Proof. by rewrite -sumrB; apply: eq_bigr => j _; rewrite mulrBr. Qed.

Lemma eq_binomial_mean K b c x : (forall j, (j <= K)%N -> b j = c j) ->
  binomial_mean K b x = binomial_mean K c x.
Proof. by move=> bc; apply: eq_bigr => j _; rewrite bc // -ltnS. Qed.

Lemma le_binomial_mean K b c x : 0 <= x <= 1 -> (forall j, (j <= K)%N -> b j <= c j) ->
  binomial_mean K b x <= binomial_mean K c x.
Proof.
move=> xu bc; rewrite -subr_ge0 -sumrB; under eq_bigr do rewrite -mulrBr.
by apply: (binomial_mean_ge0 (b := fun j => c j - b j)) => // j jK; rewrite subr_ge0 bc.
Qed.

Lemma binomial_mean_at0 K b : binomial_mean K b 0 = b 0%N.
Proof.
elim: K b => [|K IH] b; first exact: binomial_mean0.
by rewrite binomial_meanS !IH subr0 mul1r mul0r addr0.
Qed.

Lemma binomial_mean_at1 K b : binomial_mean K b 1 = b K.
Proof.
elim: K b => [|K IH] b; first exact: binomial_mean0.
by rewrite binomial_meanS !IH subrr mul0r mul1r add0r.
Qed.

Lemma binomial_mean_affine K c d x : binomial_mean K (fun j => c + d * j%:R) x = c + d * (K%:R * x).
Proof.
elim: K c => [|K IH] c; first by rewrite binomial_mean0 mulr0 mul0r mulr0.
rewrite binomial_meanS IH (eq_binomial_mean (c := fun j => (c + d) + d * j%:R)) => [|j _].
  by rewrite IH mulrS; ring.
by rewrite mulrS; ring.
Qed.

(* Absorption: x (K + 1) E b(J) = E J' b(J' - 1), J' of K + 1 coins. *)
Lemma binomial_mean_absorb K b x :
  x * (K.+1%:R * binomial_mean K b x) = binomial_mean K.+1 (fun j => j%:R * b j.-1) x.
Proof.
rewrite [RHS]big_ord_recl /= mul0r mulr0 add0r !mulr_sumr; apply: eq_bigr => j _.
rewrite /bump /= add1n subSS exprS.
have : K.+1%:R * 'C(K, j)%:R = j.+1%:R * 'C(K.+1, j.+1)%:R :> R by rewrite -!natrM mul_bin_diag.
move: (x ^+ j) ((1 - x) ^+ (K - j)) => y z.
move: K.+1%:R 'C(K, j)%:R j.+1%:R 'C(K.+1, j.+1)%:R => k c i d kc.
have -> : x * (k * (c * y * z * b j)) = k * c * (x * y * z * b j) by ring.
by rewrite kc; ring.
Qed.

(* If b is convex then so is E b(J) in x: the tangent. *)
Lemma binomial_tangent K b a x : 0 <= a <= 1 -> 0 <= x <= 1 ->
  (forall j, (j.+2 <= K)%N -> 0 <= rise (rise b) j) ->
  binomial_mean K b a + K%:R * binomial_mean K.-1 (rise b) a * (x - a) <= binomial_mean K b x.
Proof.
move=> au xu; have /andP[x0 x1] := xu.
elim: K b => [|K IH] b convex; first by rewrite !binomial_mean0 !mul0r addr0.
have IH0 := IH b (fun j jK => convex j (leqW jK)).
have IH1 : binomial_mean K (fun j => b j.+1) a
    + K%:R * binomial_mean K.-1 (fun j => rise b j.+1) a * (x - a)
    <= binomial_mean K (fun j => b j.+1) x.
  by apply: (IH (fun j => b j.+1)) => j jK; apply: convex.
apply: le_trans (_ : _ <= (1 - x) * _ + x * _) _; last first.
  by rewrite [leRHS]binomial_meanS; apply: lerD (ler_wpM2l _ IH0) (ler_wpM2l x0 IH1); rewrite subr_ge0.
rewrite [X in X + _]binomial_meanS /=.
set A0 := binomial_mean K b a; set A1 := binomial_mean K _ a; set D := binomial_mean K (rise b) a.
set P := binomial_mean K.-1 (rise b) a; set Q := binomial_mean K.-1 _ a.
have DE : D = A1 - A0 by apply: binomial_mean_rise.
have KD : K%:R * D = K%:R * ((1 - a) * P + a * Q).
  by case: K {IH IH0 IH1 convex A0 A1 DE} @D @P @Q => [|K] D P Q; rewrite ?mul0r // /D binomial_meanS.
have convexE : 0 <= K%:R * (Q - P).
  case: K convex {IH IH0 IH1 A0 A1 DE} @D @P @Q KD => [|K] convex D P Q _; first by rewrite mul0r.
  rewrite mulr_ge0 ?ler0n // -binomial_mean_rise.
  by apply: binomial_mean_ge0 => // j jK; apply: convex.
rewrite -subr_ge0.
have -> : (1 - x) * (A0 + K%:R * P * (x - a)) + x * (A1 + K%:R * Q * (x - a))
    - ((1 - a) * A0 + a * A1 + K.+1%:R * D * (x - a)) = K%:R * (Q - P) * (x - a) ^+ 2.
  have -> : K.+1%:R * D = A1 - A0 + K%:R * ((1 - a) * P + a * Q).
    by rewrite mulrS mulrDl mul1r KD DE.
  by ring.
by rewrite mulr_ge0 ?sqr_ge0.
Qed.

End Binomial.

Section Members.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w : T -> R) (L : pred T).

(* How many of the candidates are in L. *)
Definition members K L (c : {ffun 'I_K -> T}) : nat := (\sum_k L (c k))%N.

(* One candidate set aside: at place k, or the first. *)
Lemma mean_draws_place K p (k : 'I_K.+1) (F : {ffun 'I_K.+1 -> T} -> R) : mean (draws p) F
  = mean p (fun y => mean (draws p) (fun c : {ffun 'I_K -> T} => F (insert k y c))).
Proof.
rewrite {1}/mean (partition_big (fun c : {ffun 'I_K.+1 -> T} => c k) predT) //=.
apply: eq_bigr => y _; rewrite (sum_candidate_is k y (fun c => draws p c * F c)).
by rewrite /mean mulr_sumr; apply: eq_bigr => c _; rewrite draws_insert mulrA.
Qed.

Lemma mean_draws_first K p (F : {ffun 'I_K.+1 -> T} -> R) : mean (draws p) F
  = mean p (fun y => mean (draws p) (fun c : {ffun 'I_K -> T} => F (insert ord0 y c))).
Proof. exact: mean_draws_place. Qed.

Lemma members_le K L (c : {ffun 'I_K -> T}) : (members L c <= K)%N.
Proof.
rewrite -[leqRHS]card_ord -sum1_card; apply: leq_sum => k _.
by case: (L _).
Qed.

Lemma sum_members K L (c : {ffun 'I_K -> T}) : \sum_k (L (c k))%:R = (members L c)%:R :> R.
Proof. by rewrite natr_sum. Qed.

Lemma sum_others K L (c : {ffun 'I_K -> T}) :
  \sum_k (~~ L (c k))%:R = K%:R - (members L c)%:R :> R.
Proof.
rewrite -sum_members -[in K%:R](card_ord K) -sum1_card natr_sum -sumrB.
by apply: eq_bigr => k _; case: (L _); rewrite ?subrr ?subr0.
Qed.

(* The number of members among K candidates is binomial. *)
Lemma mean_members K p L (b : nat -> R) : is_law p ->
  mean (draws p) (fun c : {ffun 'I_K -> T} => b (members L c)) = binomial_mean K b (mass p L).
Proof.
move=> lawp; elim: K b => [|K IH] b.
  have lawd := draws_is_law 0 lawp; rewrite binomial_mean0 -[RHS](mean_const _ lawd).
  by apply: eq_mean => // c; rewrite /members big_ord0.
rewrite mean_draws_first binomial_meanS -massC //.
set A := binomial_mean K b _; set B := binomial_mean K _ _.
rewrite -(mean_indicator p L) -(mean_indicator p (predC L)) ![mean p _ * _]mulrC -!meanZ -meanD.
apply: eq_mean => // y.
have counted (c : {ffun 'I_K -> T}) : members L (insert ord0 y c) = (L y + members L c)%N.
  rewrite /members big_ord_recl insert_at; congr addn.
  by apply: eq_bigr => k _; rewrite insert_lift.
transitivity (mean (draws p) (fun c : {ffun 'I_K -> T} => b (L y + members L c)%N)).
  by apply: eq_mean => // c; rewrite counted.
rewrite /=; case: (L y); rewrite /= ?mulr0 ?mulr1 ?addr0 ?add0r; last exact: IH.
exact: (IH (fun j => b j.+1)).
Qed.

End Members.

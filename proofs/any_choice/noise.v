(* Noise only changes how much synthetic data there is, as far as fixed points are concerned:
   samples that are kept uncurated, clicks at random, and votes that are flipped. Whether a fixed
   point attracts is another matter: noise may change that. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops choices.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (p : T -> R).

(* A share eps of what W makes of p is p itself. *)
Definition diluted (eps : R) (W : (T -> R) -> T -> R) p x := eps * p x + (1 - eps) * W p x.

(* A share eps of the choices is made by the second rule. *)
Definition blended K (eps : R) (c1 c2 : {ffun 'I_K -> T} -> 'I_K -> R) x k :=
  (1 - eps) * c1 x k + eps * c2 x k.

(* Each of the K places is clicked on with the same probability. *)
Definition random_click K (x : {ffun 'I_K -> T}) (k : 'I_K) : R := K%:R^-1.

(* Of two candidates, the one that c does not choose: rev_ord k is the other place. *)
Definition opposite (c : {ffun 'I_2 -> T} -> 'I_2 -> R) x k := c x (rev_ord k).

(* Of two candidates, a vote is flipped with probability phi. *)
Definition flipped phi (c : {ffun 'I_2 -> T} -> 'I_2 -> R) := blended phi c (opposite c).

End Definitions.

Section Noise.
Variables (R : realFieldType) (T : finType).
Implicit Types (p pref w : T -> R) (lam eps phi : R).

(* I5. p = p_ref/(1 + lam) + lam/(1 + lam) [eps p + (1 - eps) W(p)] if and only if
   p = p_ref/(1 + lam') + lam'/(1 + lam') W(p), lam' = lam (1 - eps). W may be any map: a choice
   among K, the tilt of K = infinity, a network's curation. lam >= 0 is finite, eps may be 1: then
   lam' = 0, and p = p_ref is the one fixed point of both. *)
Theorem noise_equivalence lam eps pref (W : (T -> R) -> T -> R) p :
  0 <= lam -> 0 <= eps <= 1 ->
  is_fixed_point lam pref (diluted eps W) p <-> is_fixed_point (lam * (1 - eps)) pref W p.
Proof.
move=> lam0 /andP[eps0 eps1]; have l1 := real_share_gt0 lam0.
have l2 : 0 < 1 + lam * (1 - eps) by rewrite real_share_gt0 // mulr_ge0 // subr_ge0.
pose gap x := p x * (1 + lam * (1 - eps)) - (pref x + lam * (1 - eps) * W p x).
have here x : p x - (pref x / (1 + lam) + lam / (1 + lam) * diluted eps W p x)
    = gap x / (1 + lam) by rewrite /gap /diluted; field; rewrite gt_eqF.
have there x : p x - (pref x / (1 + lam * (1 - eps))
    + lam * (1 - eps) / (1 + lam * (1 - eps)) * W p x)
    = gap x / (1 + lam * (1 - eps)) by rewrite /gap; field; rewrite gt_eqF.
split=> fix_p x; apply/eqP; rewrite -subr_eq0.
  have : gap x / (1 + lam) = 0 by rewrite -here {1}fix_p subrr.
  by move/eqP; rewrite there !mulf_eq0 !invr_eq0 (gt_eqF l1) (gt_eqF l2) !orbF.
have : gap x / (1 + lam * (1 - eps)) = 0 by rewrite -there {1}fix_p subrr.
by move/eqP; rewrite here !mulf_eq0 !invr_eq0 (gt_eqF l1) (gt_eqF l2) !orbF.
Qed.

(* The same without real data (lam infinite): p = eps p + (1 - eps) W(p) if and only if p = W(p).
   Here eps = 1 must be left out: nothing is curated then, and every p is fixed. *)
Theorem noise_equivalence_pure eps (W : (T -> R) -> T -> R) p :
  eps < 1 -> p =1 diluted eps W p <-> p =1 W p.
Proof.
move=> eps1; have e0 : 1 - eps != 0 by rewrite subr_eq0 gt_eqF.
have same x : p x - diluted eps W p x = (1 - eps) * (p x - W p x) by rewrite /diluted; ring.
split=> fix_p x; apply/eqP; rewrite -subr_eq0.
  by rewrite -(mulrI_eq0 _ (mulfI e0)) -same -fix_p subrr.
by rewrite same -fix_p subrr mulr0.
Qed.

Section Blends.
Variable K : nat.
Implicit Types c : {ffun 'I_K -> T} -> 'I_K -> R.

Lemma blended_is_rule eps c1 c2 : 0 <= eps <= 1 -> is_rule c1 -> is_rule c2 ->
  is_rule (blended eps c1 c2).
Proof.
move=> /andP[eps0 eps1] rule1 rule2 x; have [p1 sum1] := rule1 x; have [p2 sum2] := rule2 x.
split=> [k|]; first by rewrite addr_ge0 // mulr_ge0 // subr_ge0.
by rewrite big_split /= -!mulr_sumr sum1 sum2; ring.
Qed.

Lemma chosen_blended eps c1 c2 p y :
  chosen p (blended eps c1 c2) y = (1 - eps) * chosen p c1 y + eps * chosen p c2 y.
Proof.
rewrite /chosen !mulr_sumr -big_split; apply: eq_bigr => x _ /=.
by rewrite big_split /= -!mulr_sumr mulrDr; congr (_ + _); apply: mulrCA.
Qed.

Lemma random_click_is_rule : (0 < K)%N -> is_rule (@random_click R T K).
Proof.
move=> K0 x; split=> [k|]; first by rewrite invr_ge0 ler0n.
by rewrite sumr_const card_ord -[LHS]mulr_natl divff // pnatr_eq0 -lt0n.
Qed.

(* The law of the candidate at one place is p. *)
Lemma law_of_place p (k : 'I_K) y : is_law p ->
  mean (draws (K := K) p) (fun x => (x k == y)%:R) = p y.
Proof.
move=> lawp; rewrite (mean_draws_one (fun z => (z == y)%:R) k lawp).
rewrite /mean (bigD1 y) //= eqxx mulr1 big1 ?addr0 // => z /negPf ->.
by rewrite mulr0.
Qed.

Lemma chosenE c p y : chosen p c y = \sum_k mean (draws p) (fun x => (x k == y)%:R * c x k).
Proof.
rewrite -mean_sum; apply: eq_bigr => x _; congr (_ * _); rewrite big_mkcond.
by apply: eq_bigr => k _; case: eqP; rewrite ?mul1r ?mul0r.
Qed.

(* A random click selects nothing, ... *)
Lemma chosen_random_click p : (0 < K)%N -> is_law p -> chosen p (@random_click R T K) =1 p.
Proof.
move=> K0 lawp y; rewrite chosenE.
rewrite (eq_bigr (fun=> K%:R^-1 * p y)) => [|k _]; last first.
  by rewrite -(law_of_place k y lawp) -meanZ; apply: eq_mean => // x; rewrite mulrC.
by rewrite sumr_const card_ord -[LHS]mulr_natl mulrA divff ?mul1r // pnatr_eq0 -lt0n.
Qed.

(* ... so a share eps of random clicks makes of lam, as far as fixed points are concerned,
   lam (1 - eps): for any rule c among K, and laws p. *)
Theorem random_clicks lam eps pref c p : 0 <= lam -> 0 <= eps <= 1 -> is_law p -> is_rule c ->
  is_fixed_point lam pref (fun q => chosen q (blended eps c (@random_click R T K))) p
  <-> is_fixed_point (lam * (1 - eps)) pref (fun q => chosen q c) p.
Proof.
move=> lam0 eps01 lawp rule_c; have K0 := rule_gt0 lawp rule_c.
rewrite -noise_equivalence //; have same x : chosen p (blended eps c (@random_click R T K)) x
    = diluted eps (fun q => chosen q c) p x.
  by rewrite chosen_blended chosen_random_click // addrC.
by split=> fix_p x; rewrite {1}fix_p same.
Qed.

End Blends.

Section Votes.
Implicit Types c : {ffun 'I_2 -> T} -> 'I_2 -> R.

Lemma opposite_is_rule c : is_rule c -> is_rule (opposite c).
Proof.
move=> rule_c x; have [c0 <-] := rule_c x; split=> [k|]; first exact: c0.
by rewrite [RHS](reindex_inj rev_ord_inj).
Qed.

(* The two places. *)
Notation other := (lift ord0 ord0).

Lemma two_places (P : 'I_2 -> Prop) : P ord0 -> P other -> forall k, P k.
Proof.
by move=> P0 P1 [[|[|//]] lt2]; [move: P0|move: P1]; congr P; apply: val_inj.
Qed.

Lemma rev_place0 : rev_ord ord0 = other :> 'I_2. Proof. exact: val_inj. Qed.
Lemma rev_place1 : rev_ord other = ord0 :> 'I_2. Proof. exact: val_inj. Qed.

Lemma opposite_place c x k : is_rule c -> opposite c x k = 1 - c x k.
Proof.
move=> /(_ x)[_ <-]; rewrite /opposite !big_ord_recl big_ord0 addr0.
elim/two_places: k; rewrite ?rev_place0 ?rev_place1; first by rewrite addrC addKr.
by rewrite addrK.
Qed.

(* Winner and loser of two: one of them is at each place, so their laws add up to 2p, whatever the
   rule. *)
Theorem winner_and_loser c p y : is_law p -> is_rule c ->
  chosen p c y + chosen p (opposite c) y = 2%:R * p y.
Proof.
move=> lawp rule_c; rewrite !chosenE -big_split.
rewrite (eq_bigr (fun=> p y)) => [|k _].
  by rewrite sumr_const card_ord mulr_natl.
rewrite /= -meanD -(law_of_place k y lawp); apply: eq_mean => // x.
by rewrite (opposite_place x k rule_c) -mulrDr addrC subrK mulr1.
Qed.

(* T_phi(p) = 2 phi p + (1 - 2 phi) T(p) *)
Theorem chosen_flipped phi c p y : is_law p -> is_rule c ->
  chosen p (flipped phi c) y = 2%:R * phi * p y + (1 - 2%:R * phi) * chosen p c y.
Proof.
move=> lawp rule_c; rewrite chosen_blended.
have -> : chosen p (opposite c) y = 2%:R * p y - chosen p c y.
  by rewrite -(winner_and_loser y lawp rule_c) addrC addKr.
by ring.
Qed.

(* Votes flipped with probability phi <= 1/2: among laws, the fixed points of lam (1 - 2 phi). c is
   any rule of choice among two, reward or no reward. At phi = 1/2 nothing is selected:
   lam (1 - 2 phi) = 0, and p_ref is the one fixed point. *)
Theorem flipped_votes lam phi pref c p :
  0 <= lam -> 0 <= phi -> 2%:R * phi <= 1 -> is_law p -> is_rule c ->
  is_fixed_point lam pref (fun q => chosen q (flipped phi c)) p
  <-> is_fixed_point (lam * (1 - 2%:R * phi)) pref (fun q => chosen q c) p.
Proof.
move=> lam0 phi0 half lawp rule_c; have eps01 : 0 <= 2%:R * phi <= 1 by rewrite mulr_ge0 ?ler0n.
rewrite -noise_equivalence //.
by split=> fix_p x; rewrite {1}fix_p chosen_flipped.
Qed.

(* phi = 1/2: T_phi(p) = p. *)
Theorem half_flipped_votes c p : is_law p -> is_rule c -> chosen p (flipped 2%:R^-1 c) =1 p.
Proof.
move=> lawp rule_c y; rewrite chosen_flipped //.
by rewrite divff ?pnatr_eq0 // mul1r subrr mul0r addr0.
Qed.

(* phi >= 1/2: the fixed points of the opposite rule, with lam (2 phi - 1). *)
Theorem mostly_flipped_votes lam phi pref c p :
  0 <= lam -> 1 <= 2%:R * phi -> phi <= 1 -> is_law p -> is_rule c ->
  is_fixed_point lam pref (fun q => chosen q (flipped phi c)) p
  <-> is_fixed_point (lam * (2%:R * phi - 1)) pref (fun q => chosen q (opposite c)) p.
Proof.
move=> lam0 half phi1 lawp rule_c; have rule_o := opposite_is_rule rule_c.
have -> : 2%:R * phi - 1 = 1 - 2%:R * (1 - phi) by ring.
rewrite -flipped_votes ?subr_ge0 //; last by rewrite mulrBr mulr1 lerBlDr (natrD _ 1 1) lerD2l.
have same x : chosen p (flipped phi c) x = chosen p (flipped (1 - phi) (opposite c)) x.
  rewrite !chosen_flipped //; have := winner_and_loser x lawp rule_c.
  by move=> /(canRL (addKr _)) ->; ring.
by split=> fix_p x; rewrite {1}fix_p same.
Qed.

(* Of a Bradley-Terry choice the opposite is the Bradley-Terry choice of the opposite reward. *)
Lemma opposite_bradley_terry w x k : (forall y, 0 < w y) ->
  opposite (bradley_terry w) x k = bradley_terry (fun y => (w y)^-1) x k.
Proof.
move=> w0; rewrite /opposite /bradley_terry /total_weight !big_ord_recl !big_ord0 !addr0.
have a0 := w0 (x ord0); have b0 := w0 (x (lift ord0 ord0)).
elim/two_places: k; rewrite ?rev_place0 ?rev_place1.
  by field; rewrite !gt_eqF ?addr_gt0.
by field; rewrite !gt_eqF ?addr_gt0.
Qed.

End Votes.
End Noise.

(* Two candidates, and any pairwise preference: P x y is the probability that x is chosen over y. No
   reward need exist, and preferences may go round in a circle. The pure loop is then the replicator
   dynamics of the game in which the better answer wins. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation choices.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (T : finType).
Implicit Types (P : T -> T -> R) (p q : T -> R) (x y : T).

(* One of two is chosen. So P x x = 1/2, and P is at most 1. *)
Definition is_preference P := forall x y, 0 <= P x y /\ P x y + P y x = 1.

(* The rule of choice among two candidates: place k is chosen over the other place. *)
Definition pairwise P (c : {ffun 'I_2 -> T}) (k : 'I_2) := P (c k) (c (rev_ord k)).

(* A = 2P - 1: by how much x is rather chosen than y than the other way round. *)
Definition majority P x y := 2 * P x y - 1.

(* (A p)(x) = sum_y A(x, y) p(y): by how much x beats a sample of p. *)
Definition lead P p x := \sum_y majority P x y * p y.

(* A step of the pure loop: the winner's law T(p) of two candidates. *)
Definition preferred P p := chosen p (pairwise P).

(* p_t of the pure loop. *)
Definition preference_loop P p0 t := iter t (preferred P) p0.

(* Both players of the game choose an answer; the payoff of a first who plays q against p. It is a
   zero-sum game, A being antisymmetric, and the same for both. *)
Definition payoff P q p := \sum_x \sum_y q x * majority P x y * p y.

(* p against itself is an equilibrium: no law does better against p than p. (A maximal lottery.) *)
Definition equilibrium P p := is_law p /\ forall q, is_law q -> payoff P q p <= payoff P p p.

(* A balance: a law that all answers that p has tie with, sum_x q(x) A(x, y) = 0 for each y of p. *)
Definition balance P p q := is_law q /\ forall y, 0 < p y -> \sum_x q x * majority P x y = 0.

End Definitions.

Arguments preference_loop : simpl never.

Section Game.
Variables (R : realFieldType) (T : finType) (P : T -> T -> R).
Hypothesis pref : is_preference P.
Implicit Types (p q : T -> R) (x y : T).
Notation A := (majority P).

Lemma majority_antisymmetric x y : A y x = - A x y.
Proof.
have other : P y x = 1 - P x y by rewrite -(proj2 (pref x y)) [P x y + _]addrC addrK.
by rewrite /majority other; ring.
Qed.

Lemma majority_same x : A x x = 0.
Proof.
have := majority_antisymmetric x x => /eqP; rewrite -addr_eq0 -mulr2n mulrn_eq0 /=.
by move=> /eqP.
Qed.

Lemma majority_ge x y : -1 <= A x y.
Proof. by rewrite lerBrDl subrr mulr_ge0 ?ler0n //; case: (pref x y). Qed.

Lemma majority_le1 x y : A x y <= 1.
Proof. by rewrite -lerN2 -majority_antisymmetric majority_ge. Qed.

Lemma pairwise_is_rule : is_rule (pairwise P).
Proof.
move=> c; split=> [k|]; first by case: (pref (c k) (c (rev_ord k))).
rewrite big_ord_recl big_ord1 /pairwise.
have -> : rev_ord ord0 = lift ord0 ord0 :> 'I_2 by apply: val_inj.
have -> : rev_ord (lift ord0 ord0) = ord0 :> 'I_2 by apply: val_inj.
by case: (pref (c ord0) (c (lift ord0 ord0))).
Qed.

Lemma other_place (k : 'I_2) : rev_ord k = lift k ord0.
Proof. by apply: val_inj; case: k => -[|[]]. Qed.

(* T(p)(x) = 2 sum_y p(x) p(y) P(x, y) *)
Lemma preferredE p x : is_law p -> preferred P p x = 2 * (p x * mean p (P x)).
Proof.
move=> lawp; rewrite /preferred /chosen.
transitivity (\sum_(k : 'I_2) p x * mean p (P x)); last first.
  by rewrite sumr_const card_ord -mulr_natl.
under eq_bigr do rewrite big_mkcond mulr_sumr.
rewrite exchange_big /=; apply: eq_bigr => k _.
rewrite (bigID (fun c : {ffun 'I_2 -> T} => c k == x)) /= [X in _ + X]big1 ?addr0; last first.
  by move=> c /negPf ->; rewrite mulr0.
rewrite sum_candidate_is -(mean_draws_one (K := 1) (P x) ord0 lawp) /mean mulr_sumr.
apply: eq_bigr => c _; rewrite insert_at eqxx draws_insert -mulrA; congr (_ * (_ * _)).
by rewrite /pairwise insert_at other_place insert_lift.
Qed.

Lemma preferred_is_law p : is_law p -> is_law (preferred P p).
Proof. by move=> lawp; apply: chosen_is_law => //; apply: pairwise_is_rule. Qed.

Lemma leadE p x : is_law p -> 1 + lead P p x = 2 * mean p (P x).
Proof.
move=> [_ sum1]; rewrite -[X in X + _]sum1 /lead -big_split mulr_sumr.
by apply: eq_bigr => y _; rewrite /majority /=; ring.
Qed.

(* The share of the voters that have x on both places keeps 1 + A p positive. *)
Lemma lead_gt p x : is_law p -> 0 < p x -> 0 < 1 + lead P p x.
Proof.
move=> lawp px; have [p0 _] := lawp; rewrite leadE // mulr_gt0 ?ltr0n //.
have half : 0 < P x x.
  have [] := pref x x; rewrite le_eqVlt => /orP[/eqP <-|//]; rewrite addr0 => /eqP.
  by rewrite eq_sym oner_eq0.
rewrite /mean (bigD1 x) //= ltr_pwDl ?mulr_gt0 //; apply: sumr_ge0 => y _.
by rewrite mulr_ge0 //; case: (pref x y).
Qed.

Lemma payoffE q p : payoff P q p = \sum_x q x * lead P p x.
Proof.
apply: eq_bigr => x _; rewrite mulr_sumr; apply: eq_bigr => y _.
by rewrite mulrA.
Qed.

Lemma payoff_antisymmetric q p : payoff P q p = - payoff P p q.
Proof.
rewrite /payoff exchange_big -sumrN; apply: eq_bigr => y _; rewrite -sumrN.
by apply: eq_bigr => x _; rewrite majority_antisymmetric; ring.
Qed.

(* No law beats itself. *)
Lemma payoff_same p : payoff P p p = 0.
Proof.
have := payoff_antisymmetric p p => /eqP; rewrite -addr_eq0 -mulr2n mulrn_eq0 /=.
by move=> /eqP.
Qed.

(* An equilibrium is a law that no answer beats more often than not. *)
Lemma equilibriumP p : equilibrium P p <-> is_law p /\ forall x, lead P p x <= 0.
Proof.
split=> [[lawp best]|[lawp le0]]; split=> //; last first.
  move=> q [q0 _]; rewrite payoff_same payoffE -oppr_ge0 -sumrN; apply: sumr_ge0 => x _.
  by rewrite oppr_ge0 mulr_ge0_le0.
move=> x; have point : is_law (fun y : T => (y == x)%:R : R).
  split=> [y|]; first exact: ler0n.
  by rewrite (bigD1 x) //= eqxx big1 ?addr0 // => y /negPf ->.
have := best _ point; rewrite payoff_same payoffE (bigD1 x) //= eqxx mul1r big1 ?addr0 //.
by move=> y /negPf ->; rewrite mul0r.
Qed.

(* K1. The pure loop of any pairwise preference is the replicator dynamics of the game A:
     T(p)(x) = p(x) (1 + sum_y A(x, y) p(y));
   a law of full support is a fixed point exactly if A p = 0, that is, if it is an equilibrium of
   the game. *)
Theorem preference_game p : is_law p ->
  (forall x, preferred P p x = p x * (1 + lead P p x))
  /\ ((forall x, 0 < p x) ->
      (preferred P p =1 p <-> forall x, lead P p x = 0)
      /\ (preferred P p =1 p <-> equilibrium P p)).
Proof.
move=> lawp.
have step x : preferred P p x = p x * (1 + lead P p x).
  by rewrite preferredE // leadE // mulrCA.
split=> // full.
have fixedP : preferred P p =1 p <-> forall x, lead P p x = 0.
  split=> [fixed x|zero x]; last by rewrite step zero addr0 mulr1.
  have /eqP := fixed x; rewrite step mulrDr mulr1 -subr_eq0 addrAC subrr add0r mulf_eq0.
  by rewrite gt_eqF // => /eqP.
split=> //; split=> [/fixedP zero|/equilibriumP[_ le0]].
  by apply/equilibriumP; split=> // x; rewrite zero.
apply/fixedP => x; have /eqP := payoff_same p; rewrite payoffE -oppr_eq0 -sumrN.
rewrite psumr_eq0 => [|y _]; last by rewrite oppr_ge0 mulr_ge0_le0 // ltW.
by move=> /allP/(_ x (mem_index_enum x)); rewrite /= oppr_eq0 mulf_eq0 gt_eqF // => /eqP.
Qed.

Section Loop.
Variable p0 : T -> R.
Hypothesis law0 : is_law p0.
Notation p := (preference_loop P p0).

Lemma preference_loop_is_law t : is_law (p t).
Proof. by elim: t => [//|t]; apply: preferred_is_law. Qed.

Lemma preference_loopS t x : p t.+1 x = p t x * (1 + lead P (p t) x).
Proof. exact: (proj1 (preference_game (preference_loop_is_law t)) x). Qed.

(* No answer appears, and none is lost in finite time. *)
Lemma preference_loop_support t x : (0 < p t x) = (0 < p0 x).
Proof.
elim: t => [//|t <-]; rewrite preference_loopS; have lawt := preference_loop_is_law t.
have := proj1 lawt x; rewrite le_eqVlt => /orP[/eqP <-|px]; first by rewrite mul0r ltxx.
by rewrite px mulr_gt0 // lead_gt.
Qed.

(* K2. If x beats every other answer that p_0 has, by a majority of at least alpha, it takes all,
   and geometrically: for every t
     1 - p_{t+1}(x) <= (1 - p_t(x)) (1 - alpha p_t(x))  and
     1 - p_t(x) <= (1 - p_0(x)) (1 - alpha p_0(x))^t. *)
Theorem condorcet_winner x alpha t : 0 <= alpha ->
  (forall y, y != x -> 0 < p0 y -> alpha <= A x y) ->
  [/\ 1 - p t.+1 x <= (1 - p t x) * (1 - alpha * p t x), p0 x <= p t x
    & 1 - p t x <= (1 - p0 x) * (1 - alpha * p0 x) ^+ t].
Proof.
move=> alpha0 beats.
have others u : 1 - p u x = \sum_(y | y != x) p u y.
  have [_ <-] := preference_loop_is_law u.
  by rewrite (bigD1 x) //= addrAC subrr add0r.
have pu0 u y : 0 <= p u y by case: (preference_loop_is_law u).
have q0 u : 0 <= 1 - p u x by rewrite others; apply: sumr_ge0.
have step u : 1 - p u.+1 x <= (1 - p u x) * (1 - alpha * p u x).
  have gain : alpha * (1 - p u x) <= lead P (p u) x.
    rewrite /lead (bigD1 x) //= majority_same mul0r add0r others mulr_sumr.
    apply: ler_sum => y yx; have := pu0 u y; rewrite le_eqVlt => /orP[/eqP <-|py].
      by rewrite !mulr0.
    by rewrite ler_pM2r // beats // -(preference_loop_support u).
  rewrite preference_loopS -subr_ge0.
  have -> : (1 - p u x) * (1 - alpha * p u x) - (1 - p u x * (1 + lead P (p u) x))
    = p u x * (lead P (p u) x - alpha * (1 - p u x)) by ring.
  by rewrite mulr_ge0 // subr_ge0.
have up u : p u x <= p u.+1 x.
  rewrite -subr_ge0; have -> : p u.+1 x - p u x = 1 - p u x - (1 - p u.+1 x) by ring.
  rewrite subr_ge0; apply: le_trans (step u) _; rewrite ler_piMr // lerBlDr lerDl.
  by rewrite mulr_ge0.
have grows u : p0 x <= p u x by elim: u => [//|u IH]; apply: le_trans (up u).
split=> //; have [y /andP[yx y0]|none] := pickP [pred y | (y != x) && (0 < p0 y)]; last first.
  suff -> : 1 - p t x = 0.
    suff -> : 1 - p0 x = 0 by rewrite mul0r.
    rewrite -[p0]/(p 0) others; apply: big1 => y yx; have := none y; rewrite /= yx => /negbT.
    by rewrite -leNgt => y0; apply/eqP; rewrite eq_le y0 (pu0 0%N).
  rewrite others; apply: big1 => y yx; have := none y; rewrite /= yx => /negbT.
  by rewrite -(preference_loop_support t) -leNgt => y0; apply/eqP; rewrite eq_le y0 pu0.
have alpha1 : alpha <= 1 by apply: le_trans (majority_le1 x y); apply: beats.
have p1 u : p u x <= 1 by rewrite -subr_ge0.
have factor u : 0 <= 1 - alpha * p u x.
  by rewrite subr_ge0 mulr_ile1.
elim: t => [|t IH]; first by rewrite expr0 mulr1.
apply: le_trans (step t) _; rewrite exprSr mulrA ler_pM //.
by rewrite lerD2l lerN2 ler_wpM2l.
Qed.

End Loop.
End Game.

Section BradleyTerryVoters.
Variables (R : realFieldType) (T U : finType).
Variables (pi : U -> R) (w : U -> T -> R).
Hypotheses (law_pi : is_law pi) (w_gt0 : forall u x, 0 < w u x).

(* Voters with rewards of their own, of shares pi_u, each choosing by Bradley-Terry. *)
Definition electorate x y := \sum_u pi u * (w u x / (w u x + w u y)).

(* They are such a preference: A = sum_u pi_u (w_u(x) - w_u(y))/(w_u(x) + w_u(y)), and the winner's
   law is the mixture of what each of them chooses among K = 2. *)
Theorem bradley_terry_voters :
  [/\ is_preference electorate,
      forall x y, majority electorate x y
        = \sum_u pi u * ((w u x - w u y) / (w u x + w u y))
    & forall p x, preferred electorate p x = \sum_u pi u * curated 2 p (w u) x].
Proof.
have [pi0 sum1] := law_pi; have W0 u x y : 0 < w u x + w u y by rewrite addr_gt0.
split=> [x y|x y|p x].
- split; first by apply: sumr_ge0 => u _; rewrite mulr_ge0 // divr_ge0 // ltW.
  rewrite -big_split -[RHS]sum1; apply: eq_bigr => u _ /=.
  by rewrite [w u y + _]addrC -mulrDr -mulrDl divff ?mulr1 // gt_eqF.
- rewrite /majority /electorate mulr_sumr -[X in _ - X]sum1 -sumrB; apply: eq_bigr => u _.
  by field; rewrite gt_eqF.
rewrite /preferred /chosen; under [RHS]eq_bigr do rewrite curated_chosen /chosen mulr_sumr.
rewrite exchange_big; apply: eq_bigr => c _ /=.
under [RHS]eq_bigr do rewrite mulrCA mulr_sumr.
rewrite -mulr_sumr exchange_big; congr (_ * _); apply: eq_bigr => u _; apply: eq_bigr => k _.
rewrite /bradley_terry /total_weight (bigD1 k) //=; congr (_ * (_ / (_ + _))).
have other (i : 'I_2) : (i != k) = (i == rev_ord k) by case: i k => [[|[]]] // ? [[|[]]].
by rewrite (eq_bigl _ _ other) big_pred1_eq.
Qed.

End BradleyTerryVoters.

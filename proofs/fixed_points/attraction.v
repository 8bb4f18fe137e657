(* With real data that have mass at the top weight, the mixed loop has one fixed point and converges
   to it, geometrically, from every start. Each step brings a law nearer to a fixed point p by the
   factor a H_p(bound), and what p has at the top says that this is below one. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology.
From mathcomp Require Import normedtype sequences.
From Recurate Require Import compatibility finite_law curation loops winner total_variation.
From Recurate Require Import limit_law concentration lipschitz.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

(* p is a law on weights w <= w_*: bound is w_*. *)
Definition law_below (R : realFieldType) (T : finType) (w : T -> R) bound (p : T -> R) :=
  is_law p /\ bounded_on_support p w bound.

(* Every finite law has mass at the largest weight of its support. *)
Lemma largest_weight (R : realFieldType) (T : finType) (p w : T -> R) : is_law p ->
  exists bound, bounded_on_support p w bound /\ 0 < mass p (top w bound).
Proof.
move=> lawp; have [x0 px0] := law_has_support lawp.
have [x px largest] := arg_maxP w (px0 : (fun x => 0 < p x) x0).
exists (w x); split=> [y py|]; first exact: largest.
rewrite /mass (bigD1 x) /top ?eqxx //= ltr_pwDl //; apply: sumr_ge0 => y _.
by case: lawp.
Qed.

(* A mixture of laws on weights w <= w_* is one. *)
Lemma mixed_below (R : realFieldType) (T : finType) lam (pref w p : T -> R) bound : 0 <= lam ->
  law_below w bound pref -> law_below w bound p ->
  law_below w bound (fun x => pref x / (1 + lam) + lam / (1 + lam) * p x).
Proof.
move=> lam0 [law_ref le_ref] [lawp le_p]; have l1 := real_share_gt0 lam0.
have [[r0 r1] [p0 p1]] := (law_ref, lawp); split=> [|x].
  split=> [x|]; first by rewrite addr_ge0 ?mulr_ge0 ?invr_ge0 ?(ltW l1).
  by rewrite big_split /= -mulr_suml -mulr_sumr r1 p1 !mulr1; field; rewrite gt_eqF.
apply: contraTT; rewrite -ltNge => above.
have zero q : (forall x, 0 <= q x) -> bounded_on_support q w bound -> q x = 0.
  move=> q0 le_q; apply/eqP; rewrite eq_le q0 andbT leNgt.
  by apply: contraTN above => /le_q; rewrite leNgt.
by rewrite (zero pref) // (zero p) // mul0r mulr0 addr0 ltxx.
Qed.

(* Curation gives mass to no other weights, be it by these weights w or by others, v. *)
Lemma winner_below (R : realFieldType) (T : finType) K (v w p : T -> R) bound :
  at_least 1 K -> (forall x, 0 < v x) -> law_below w bound p -> law_below w bound (winner K v p).
Proof.
move=> K1 v0 [lawp le_p]; have lawT := winner_is_law K1 lawp v0; split=> //.
apply: (absolutely_continuous_bound lawp lawT _ le_p).
by apply: winner_continuous.
Qed.

Section Attraction.
Variables (R : realType) (T : finType) (K : option nat) (lam : R) (pref w : T -> R) (bound : R).
Hypotheses (K_ge1 : at_least 1 K) (lam_ge0 : 0 <= lam) (law_ref : is_law pref).
Hypotheses (w_gt0 : forall x, 0 < w x) (le_bound : bounded_on_support pref w bound).
Implicit Types (p q : T -> R).
Notation TV := total_variation.
Notation a := (lam / (1 + lam)).
Notation F := (winner_step K lam pref w).
Notation H p := (winner_ratio K w p bound).
Notation A := (top w bound).
Notation below := (law_below w bound).
Notation fixed := (is_fixed_point lam pref (winner K w)).

Let l1 : 0 < 1 + lam := real_share_gt0 lam_ge0.

(* The step stays among the laws on weights <= w_*, ... *)
Lemma step_below p : below p -> below (F p).
Proof. by move=> bp; apply: mixed_below => //; apply: winner_below. Qed.

Lemma loop_below p t : below p -> below (winner_loop K lam pref w p t).
Proof. by move=> bp; elim: t => // t IH; rewrite winner_loopS; apply: step_below. Qed.

(* ... and from two laws, TV(F(p), F(q)) <= a H_p(bound) TV(p, q). *)
Lemma step_lipschitz p q : below p -> below q -> TV (F p) (F q) <= a * H p * TV p q.
Proof.
move=> [lawp le_p] [lawq le_q]; rewrite TV_mixed ?synthetic_share_ge0 // -[leRHS]mulrA.
by rewrite ler_wpM2l ?synthetic_share_ge0 // curation_lipschitz.
Qed.

(* T(p)(A) = H_p(bound) p(A) *)
Lemma winner_top p : mass (winner K w p) A = H p * mass p A.
Proof.
rewrite /mass mulr_sumr; apply: eq_bigr => x /eqP top_x.
by rewrite winnerE // top_x mulrC.
Qed.

(* F(p)(A) = m q + a H_p(bound) p(A) *)
Lemma step_top p : mass (F p) A = mass pref A / (1 + lam) + a * H p * mass p A.
Proof. by rewrite -[_ * mass p A]mulrA -winner_top /mass mulr_suml mulr_sumr -big_split. Qed.

Section MassAtTop.
Hypothesis top_gt0 : 0 < mass pref A.
Notation m_q := (mass pref A / (1 + lam)).

Let mq_gt0 : 0 < m_q. Proof. exact: divr_gt0. Qed.

Let slow : 0 <= 1 - m_q < 1.
Proof.
rewrite ltrBlDr ltrDl mq_gt0 andbT subr_ge0 ler_pdivrMr // mul1r.
by rewrite (le_trans (mass_le1 A law_ref)) // lerDl.
Qed.

Lemma top_ratio_ge0 p : is_law p -> 0 < mass p A -> 0 <= a * H p.
Proof.
move=> lawp pA; rewrite mulr_ge0 ?synthetic_share_ge0 // -(pmulr_lge0 _ pA) -winner_top.
by apply: mass_ge0; case: (winner_is_law K_ge1 lawp w_gt0).
Qed.

(* At a fixed point, a H_p(bound) = 1 - m q/p(A) <= 1 - m q < 1. *)
Lemma fixed_rate p : below p -> fixed p ->
  [/\ 0 < mass p A, a * H p = 1 - m_q / mass p A & 0 <= 1 - m_q / mass p A <= 1 - m_q].
Proof.
move=> [lawp le_p] fixp; have eA : mass p A = m_q + a * H p * mass p A.
  by rewrite -step_top; apply: eq_bigr => x _; apply: fixp.
have pA : 0 < mass p A.
  rewrite (lt_le_trans mq_gt0) // eA lerDl -mulrA -winner_top mulr_ge0 ?synthetic_share_ge0 //.
  by apply: mass_ge0; case: (winner_is_law K_ge1 lawp w_gt0).
have e : a * H p = 1 - m_q / mass p A.
  have -> : m_q = mass p A - a * H p * mass p A by rewrite {1}eA addrK.
  by rewrite mulrBl divff ?gt_eqF // mulfK ?gt_eqF // subKr.
split=> //; rewrite -{1}e top_ratio_ge0 //= lerD2l lerN2 ler_peMr ?(ltW mq_gt0) //.
by rewrite invf_ge1 // mass_le1.
Qed.

Lemma fixed_rate_unit p : below p -> fixed p -> 0 <= 1 - m_q / mass p A < 1.
Proof.
move=> bp fixp; have [_ _ /andP[-> le1]] := fixed_rate bp fixp.
by rewrite (le_lt_trans le1) //; case/andP: slow.
Qed.

Lemma fixed_nearer p q : below p -> fixed p -> below q ->
  TV (F q) (F p) <= (1 - m_q / mass p A) * TV q p.
Proof.
move=> bp fixp bq; have [_ <- _] := fixed_rate bp fixp.
by rewrite TVC (TVC q); apply: step_lipschitz.
Qed.

(* The loop from the reference: its steps have a finite sum. *)
Notation r := (winner_loop K lam pref w pref).

Let below_r t : below (r t). Proof. exact: loop_below. Qed.

Let r_top t : 0 < mass (r t) A.
Proof.
case: t => [|t]; first exact: top_gt0.
rewrite winner_loopS step_top ltr_pwDl // -mulrA -winner_top.
rewrite mulr_ge0 ?synthetic_share_ge0 //; have [lawt _] := below_r t.
by apply: mass_ge0; case: (winner_is_law K_ge1 lawt w_gt0).
Qed.

Let steps t : TV (r t.+1) (r t) <= TV (r 1%N) (r 0%N) / mass pref A * (1 - m_q) ^+ t.
Proof.
set C := _ / _; have C0 : 0 <= C by rewrite divr_ge0 ?TV_ge0 ?(ltW top_gt0).
have start : TV (r 1%N) (r 0%N) = C * mass (r 0%N) A by rewrite divfK ?gt_eqF.
clearbody C; have /andP[s0 _] := slow.
apply: (@le_trans _ _ (C * (1 - m_q) ^+ t * mass (r t) A)); last first.
  by rewrite ler_piMr ?mass_le1 ?mulr_ge0 ?exprn_ge0 //; case: (below_r t).
elim: t => [|t IH]; first by rewrite expr0 mulr1 start.
have [law_t _] := below_r t; have [law_t1 _] := below_r t.+1.
rewrite TVC !(winner_loopS _ _ _ _ _ t.+1) [X in TV X](winner_loopS _ _ _ _ _ t).
apply: le_trans (step_lipschitz (below_r t) (below_r t.+1)) _.
apply: (@le_trans _ _ (a * H (r t) * (C * (1 - m_q) ^+ t * mass (r t) A))).
  by rewrite ler_wpM2l ?top_ratio_ge0 // TVC.
have -> : a * H (r t) * (C * (1 - m_q) ^+ t * mass (r t) A)
    = C * (1 - m_q) ^+ t * (mass (r t.+1) A - m_q).
  rewrite winner_loopS step_top addrAC subrr add0r.
  by rewrite mulrCA; congr (_ * _).
have -> : C * (1 - m_q) ^+ t.+1 * mass (r t.+1) A
    = C * (1 - m_q) ^+ t * ((1 - m_q) * mass (r t.+1) A) by rewrite exprSr !mulrA.
rewrite ler_wpM2l ?mulr_ge0 ?exprn_ge0 // mulrBl mul1r lerD2l lerN2 ler_piMr ?(ltW mq_gt0) //.
exact: mass_le1.
Qed.

(* The mixed loop has exactly one fixed point p_inf among the laws on weights w <= w_*, and from
   every start p_0 there
     TV(p_t, p_inf) <= (1 - m q/p_inf(A))^t TV(p_0, p_inf) <= (1 - m q)^t TV(p_0, p_inf) -> 0,
   for every K >= 1, infinity included, and every finite lam >= 0, if the reference has mass at the
   top weight: q = p_ref(A) > 0, A = {w = w_*}, where w <= w_* on p_ref's support. bound is w_*,
   m_q is m q, m = 1/(1 + lam). p_0 may have mass where p_ref has none. *)
Theorem global_attraction : exists pinf, [/\ below pinf, fixed pinf,
    forall p, below p -> fixed p -> p =1 pinf
  & forall p0, below p0 -> let p := winner_loop K lam pref w p0 in
    [/\ forall t, TV (p t) pinf <= (1 - m_q / mass pinf A) ^+ t * TV p0 pinf
          /\ (1 - m_q / mass pinf A) ^+ t * TV p0 pinf <= (1 - m_q) ^+ t * TV p0 pinf,
        (fun t => TV (p t) pinf) --> (0 : R)
      & forall x, p ^~ x --> pinf x]].
Proof.
have law_r t : is_law (r t) by case: (below_r t).
have [pinf [law_inf to_inf]] := limit_law slow law_r steps.
have below_inf : below pinf.
  by split=> //; apply: limit_bounded law_r law_inf _ to_inf => t; case: (below_r t).
have fixed_inf : fixed pinf.
  apply: (limit_is_fixed (F := F) (fun t => frefl (r t.+1)) _ to_inf) => t.
  by rewrite TVC (TVC (r t)); apply: step_lipschitz.
have c_unit := fixed_rate_unit below_inf fixed_inf.
have nearer q bq := @fixed_nearer pinf q below_inf fixed_inf bq.
exists pinf; split=> // [p bp fixp|p0 bp0 p].
  exact: (attracting_unique c_unit fixed_inf nearer bp fixp).
have bp t : below (p t) by apply: loop_below.
have loop t : p t.+1 =1 F (p t) by [].
have to0 := attracting_limit c_unit fixed_inf nearer bp loop.
split=> // [t|x]; last exact: pointwise_limit to0 x.
split; first exact: (attracting_rate c_unit fixed_inf nearer bp loop).
have [_ _ /andP[c0 le_c]] := fixed_rate below_inf fixed_inf.
rewrite ler_wpM2r ?TV_ge0 // lerXn2r // nnegrE //.
exact: le_trans c0 le_c.
Qed.

End MassAtTop.
End Attraction.

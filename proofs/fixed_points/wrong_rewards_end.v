(* Wrong rewards move the loop's end by little: the fixed point for other rewards is a loop for the
   right ones that stays where it is, each step of which is off (drift.v). *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import reals sequences exp.
From Recurate Require Import compatibility finite_law curation loops winner total_variation.
From Recurate Require Import concentration wrong_rewards attraction drift.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section WrongRewards.
Variables (R : realType) (T : finType) (K : option nat) (lam : R) (pref w w' : T -> R) (bound : R).
Hypotheses (K_ge1 : at_least 1 K) (lam_ge0 : 0 <= lam) (law_ref : is_law pref).
Hypotheses (w_gt0 : forall x, 0 < w x) (w'_gt0 : forall x, 0 < w' x).
Hypotheses (top_gt0 : 0 < mass pref (top w bound)).
Notation TV := total_variation.
Notation A := (top w bound).
Notation below := (law_below w bound).
Variables (pinf : T -> R).
Hypotheses (below_inf : below pinf).
Hypothesis fixed_inf : is_fixed_point lam pref (winner K w) pinf.
Notation c := (1 - mass pref A / (1 + lam) / mass pinf A).

(* |r - r'| <= delta, for w = e^r, w' = e^r', u = e^delta. *)
Variable u : R.
Hypothesis near : forall x, w x <= u * w' x /\ w' x <= u * w x.
Notation tanh_half := (half_tanh u).

(* What a step is off by, whatever from. *)
Let off_step p : is_law p ->
  TV (winner_step K lam pref w' p) (winner_step K lam pref w p) <= lam / (1 + lam) * tanh_half.
Proof.
move=> lawp; rewrite TVC TV_mixed ?synthetic_share_ge0 // ler_wpM2l ?synthetic_share_ge0 //.
by apply: wrong_rewards => // x _; apply: near.
Qed.

Let top_share : lam / (1 + lam) * tanh_half * (mass pinf A / (mass pref A / (1 + lam)))
  = lam * tanh_half * (mass pinf A / mass pref A).
Proof.
have l1 := real_share_gt0 lam_ge0; move: (mass pref A) top_gt0 => q q0.
by field; rewrite !gt_eqF.
Qed.

(* Let p_inf be the loop's fixed point for the rewards r, and p_inf' one for r', both laws on
   weights w = e^r <= w_*, and |r - r'| <= delta everywhere. Then
     TV(p_inf, p_inf') <= lam tanh(delta/2) p_inf(A)/q,
   q = p_ref(A) > 0 the reference's mass at the top A = {w = w_* } of r. bound is w_*, u is e^delta,
   half_tanh u is tanh(delta/2), K >= 1 or infinity, lam >= 0 finite. That p_inf exists, and only
   one, is global_attraction's; the weights w' of r' need no bound. *)
Theorem wrong_rewards_end pinf' : below pinf' -> is_fixed_point lam pref (winner K w') pinf' ->
  TV pinf pinf' <= lam * tanh_half * (mass pinf A / mass pref A).
Proof.
move=> b' fixed'; have [law' _] := b'.
have [_ e] := drift_rate K_ge1 lam_ge0 w_gt0 top_gt0 below_inf fixed_inf.
have /andP[_ c1] := fixed_rate_unit K_ge1 lam_ge0 law_ref w_gt0 top_gt0 below_inf fixed_inf.
rewrite -top_share -e ler_pdivlMr ?subr_gt0 // mulrBr mulr1 lerBlDr TVC [_ * c]mulrC.
apply: le_trans (inexact_step K_ge1 lam_ge0 w_gt0 top_gt0 below_inf fixed_inf _ b') _.
by rewrite lerD2r (eq_TV fixed' (frefl (winner_step K lam pref w pinf'))) off_step.
Qed.

(* So is the loop for r' near p_inf at each step, from any start p_0 on weights w <= w_*:
     TV(p'_t, p_inf) <= c^t TV(p_0, p_inf) + lam tanh(delta/2) (1 - c^t) p_inf(A)/q,
   c = 1 - m q/p_inf(A), m = 1/(1 + lam). *)
Theorem wrong_rewards_loop p0 t : bounded_on_support pref w bound -> below p0 ->
  TV (winner_loop K lam pref w' p0 t) pinf
    <= c ^+ t * TV p0 pinf + lam * tanh_half * (1 - c ^+ t) * (mass pinf A / mass pref A).
Proof.
move=> le_bound b0; pose p t := winner_loop K lam pref w' p0 t.
have bp s : below (p s).
  elim: s => [//|s IH]; rewrite /p winner_loopS.
  by apply: mixed_below => //; apply: winner_below.
have off_p s : TV (p s.+1) (winner_step K lam pref w (p s)) <= lam / (1 + lam) * tanh_half.
  by apply: off_step; case: (bp s).
have drift := finite_sample_drift K_ge1 lam_ge0 law_ref w_gt0 top_gt0 below_inf fixed_inf bp off_p.
apply: le_trans (drift t) _; rewrite lerD2l.
have [_ ->] := drift_rate K_ge1 lam_ge0 w_gt0 top_gt0 below_inf fixed_inf.
by rewrite mulrAC top_share mulrAC.
Qed.

End WrongRewards.

(* The same in terms of rewards: p_inf and p_inf' have mass at rewards up to r_max only, q is the
   reference's mass at r_max, and A = {r = r_max}. *)
Theorem wrong_rewards_end_reward (R : realType) (T : finType) (K : option nat) (lam : R)
    (pref r r' : T -> R) (r_max delta : R) (pinf pinf' : T -> R) :
  let w s x := expR (s x) in let fixed s := is_fixed_point lam pref (winner K (w s)) in
  let A x := r x == r_max in
  at_least 1 K -> 0 <= lam -> is_law pref -> 0 < mass pref A ->
  (forall x, `|r x - r' x| <= delta) ->
  is_law pinf -> bounded_on_support pinf r r_max -> fixed r pinf ->
  is_law pinf' -> bounded_on_support pinf' r r_max -> fixed r' pinf' ->
  total_variation pinf pinf'
    <= lam * ((expR delta - 1) / (expR delta + 1)) * (mass pinf A / mass pref A).
Proof.
move=> w fixed A K1 lam0 law_ref topA near law_inf le_inf fix_inf law' le' fix'.
have w0 s x : 0 < w s x by apply: expR_gt0.
have massA p : mass p A = mass p (top (w r) (expR r_max)).
  by apply: eq_bigl => x; rewrite /top (inj_eq (@expR_inj R)).
rewrite !massA in topA *; apply: (wrong_rewards_end K1 lam0 law_ref (w0 r) (w0 r') topA) => //.
- by split=> // x px; rewrite ler_expR le_inf.
- move=> x; have := near x; rewrite ler_norml => /andP[le1 le2].
  rewrite /w -!expRD !ler_expR; split; rewrite -lerBlDr //.
  by rewrite -opprB ler_oppl.
by split=> // x px; rewrite ler_expR le'.
Qed.

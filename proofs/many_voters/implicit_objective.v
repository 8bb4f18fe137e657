(* What a loop of one voter with real data and K = infinity maximises (J2):
     G(p) = ln E_p w - KL(p_ref||p)/lam. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence winner voters welfare.
From Recurate Require Import pluralistic.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* One voter: what a loop with real data and K = infinity maximises. *)
Section OneVoter.
Variables (R : realType) (T : finType).
Implicit Types (p q : T -> R).

(* ln E_p w - KL(p_ref||p)/lam *)
Definition regularised lam pref w p : R := ln (mean p w) - KL pref p / lam.

(* Where that is finite. *)
Definition regular pref w p := [/\ is_law p, absolutely_continuous pref p & 0 < mean p w].

Variables (lam : R) (pref w : T -> R).
Hypotheses (lam_gt0 : 0 < lam) (law_ref : is_law pref) (w_ge0 : forall x, 0 <= w x).
Notation G := (regularised lam pref w).
Let a := lam / (1 + lam).
Let pi (_ : unit) : R := 1.
Let ws (_ : unit) := w.

Let l1 : 0 < 1 + lam. Proof. by rewrite addr_gt0. Qed.
Let a_gt0 : 0 < a. Proof. by rewrite divr_gt0. Qed.
Let mE : 1 - a = 1 / (1 + lam). Proof. by rewrite /a; field; rewrite gt_eqF. Qed.
Let a_lt1 : a < 1. Proof. by rewrite -subr_gt0 mE divr_gt0. Qed.
Let a01 : 0 <= a <= 1. Proof. by rewrite !ltW. Qed.

Let law_pi : is_law pi.
Proof. by split=> [u|]; rewrite /pi ?ler01 // big_const card_unit /= addr0. Qed.

Let unit_welfare p : welfare pi ws p = ln (mean p w).
Proof. by rewrite /welfare (big_pred1 tt) ?mul1r // => -[]. Qed.

Let unit_voted p : voted pi ws p = tilted w p.
Proof. by apply/funext => x; rewrite /voted (big_pred1 tt) ?mul1r // => -[]. Qed.

Let unit_step p : voting_step a pref pi ws p = winner_step None lam pref w p.
Proof.
apply/funext => x; rewrite /voting_step unit_voted mE /winner_step /a.
by congr (_ + _); rewrite mul1r mulrC.
Qed.

Let unit_feasible p : feasible a pref pi ws p <-> regular pref w p.
Proof.
split=> [[lawp ac W0]|[lawp ac W0]]; split=> //; first exact: ac.
by apply: (W0 tt); rewrite mulr1.
Qed.

(* F = a (ln E_p w - KL(p_ref||p)/lam) *)
Lemma regularised_objective p : lam / (1 + lam) * G p
  = lam / (1 + lam) * ln (mean p w) - (1 / (1 + lam)) * KL pref p.
Proof. by rewrite /regularised; field; rewrite !gt_eqF. Qed.

Let unit_objective p : objective a pref pi ws p = a * G p.
Proof. by rewrite regularised_objective /objective unit_welfare mE. Qed.

(* J2. The loop p_{t+1} = p_ref/(1 + lam) + lam/(1 + lam) p_t w/E_t w climbs
     G(p) = ln E_p w - KL(p_ref||p)/lam,
   by at least (1 + lam)/lam KL(p_{t+1}||p_t) in a step; and a law ps that maximises G, among the
   laws with mass only where p_0 has, comes nearer with each step, and its G is neared like 1/t.
   0 < lam < infinity, w >= 0; p_0 is any law with mass where p_ref has and E_0 w > 0: p_0 = p_ref
   in particular, if E_ref w > 0. *)
Theorem implicit_objective p0 ps t : regular pref w p0 ->
  let p := winner_loop None lam pref w p0 in
  [/\ regular pref w (p t), absolutely_continuous (p t.+1) (p t),
      KL (p t.+1) (p t) <= lam / (1 + lam) * (G (p t.+1) - G (p t)), G (p t) <= G (p t.+1)
    & regular pref w ps -> absolutely_continuous ps p0 ->
      (forall q, regular pref w q -> absolutely_continuous q p0 -> G q <= G ps) ->
      [/\ absolutely_continuous ps (p t), KL ps (p t.+1) <= KL ps (p t)
        & G ps - G (p t) <= (1 + lam) / lam * (KL ps p0 / t.+1%:R)]].
Proof.
move=> start p; have fstart : feasible a pref pi ws p0 by apply/unit_feasible.
have loopE u : p u = voting_loop a pref pi ws p0 u.
  elim: u => [//|u IH].
  by rewrite -[LHS]/(winner_step None lam pref w (p u)) -unit_step IH.
have ws0 c x : 0 <= ws c x by exact: w_ge0.
have [ft ct kl up] := objective_rises a01 law_ref law_pi ws0 fstart t.
rewrite !loopE; split=> //; first exact/unit_feasible.
- by rewrite mulrBr -!unit_objective.
- by rewrite -(ler_pM2l a_gt0) -!unit_objective.
move=> rps inside top.
have best : maximises a pref pi ws p0 ps.
  split=> // [|q /unit_feasible rq qp0]; first exact/unit_feasible.
  by rewrite !unit_objective ler_pM2l // top.
have [cs near rate] := maximiser_nears a01 law_ref law_pi ws0 fstart t best.
split=> //; rewrite -(ler_pM2l a_gt0) mulrBr -!unit_objective; apply: le_trans rate _.
rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite /a; field.
by rewrite !gt_eqF ?ltr0n.
Qed.

(* J2. A fixed point of that step maximises G, among the laws with mass only where it has. If that
   is where p_ref has mass, these are the laws on p_ref's support. *)
Theorem implicit_objective_maximiser ps q : regular pref w ps -> winner_step None lam pref w ps =1 ps ->
  regular pref w q -> absolutely_continuous q ps -> G q <= G ps.
Proof.
move=> rps fixed rq inside; have ws0 c x : 0 <= ws c x by exact: w_ge0.
have fps : feasible a pref pi ws ps by apply/unit_feasible.
have [|_ _ top] := fixed_point_maximises a01 law_ref law_pi ws0 fps.
  by move=> x; rewrite unit_step fixed.
by rewrite -(ler_pM2l a_gt0) -!unit_objective top //; apply/unit_feasible.
Qed.

End OneVoter.

(* J2 in the paper's terms, w = e^r of any reward r: G(p) = ln E_p e^r - KL(p_ref||p)/lam. *)
Theorem implicit_objective_reward (R : realType) (T : finType) (lam : R) (pref r p0 ps : T -> R) t :
  0 < lam -> is_law pref -> is_law p0 -> absolutely_continuous pref p0 ->
  let G p := ln (mean p (fun x => expR (r x))) - KL pref p / lam in
  let p := winner_loop None lam pref (fun x => expR (r x)) p0 in
  [/\ is_law (p t), absolutely_continuous pref (p t),
      KL (p t.+1) (p t) <= lam / (1 + lam) * (G (p t.+1) - G (p t)), G (p t) <= G (p t.+1)
    & is_law ps -> absolutely_continuous pref ps -> absolutely_continuous ps p0 ->
      (forall q, is_law q -> absolutely_continuous pref q -> absolutely_continuous q p0 ->
        G q <= G ps) ->
      KL ps (p t.+1) <= KL ps (p t)
      /\ G ps - G (p t) <= (1 + lam) / lam * (KL ps p0 / t.+1%:R)].
Proof.
move=> lam0 law_ref law0 inside G p; pose w x := expR (r x).
have w0 x : 0 < w x by exact: expR_gt0.
have reg q : is_law q -> absolutely_continuous pref q -> regular pref w q.
  by move=> lawq ac; split=> //; apply: mean_gt0.
have [[lawt ct _] _ kl up rest] :=
  implicit_objective lam0 law_ref (fun x => ltW (w0 x)) ps t (reg p0 law0 inside).
split=> // laws cs ins top.
have best q : regular pref w q -> absolutely_continuous q p0 -> regularised lam pref w q <= G ps.
  by case=> lawq cq _; apply: top.
by have [] := rest (reg ps laws cs) ins best.
Qed.

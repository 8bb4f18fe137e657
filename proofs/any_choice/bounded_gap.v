(* Where rewards span little, voters can do little: the envelope for Bradley-Terry voters (T2).

   If weights differ by a factor of at most R = e^Delta, then a group of which J of K candidates are
   members wins with probability at least J/(J + (K - J) R). J is binomial: f(x) = E J/(J + (K - J) R),
   J ~ Bin(K, x), takes the place of x^K in the floors of envelopes.v. In this file R is called gap. *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation loops concentration.
From Recurate Require Import choices floor_functions envelopes binomial winner gap_win.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variable R : realFieldType.

(* G_0(u) = u, G_{t+1}(u) = m_t u + (1 - m_t) f(G_t(u)) *)
Fixpoint gap_floor (m : nat -> R) (K : option nat) gap t u :=
  if t is s.+1 then m s * u + (1 - m s) * gap_win K gap (gap_floor m K gap s u) else u.

End Definitions.

Section Winner.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w pref : T -> R) (L : pred T) (gap : R).

(* Weights w = e^r of rewards r that differ by at most Delta where p has mass, gap = e^Delta. *)
Definition spans p w gap := forall x y, 0 < p x -> 0 < p y -> w x <= gap * w y.

Lemma gap_ge1_of_spans p w gap : is_law p -> (forall x, 0 < w x) -> spans p w gap -> 1 <= gap.
Proof.
move=> lawp w0 sp; have [x px] := law_has_support lawp.
by have := sp x x px px; rewrite -{1}[w x]mul1r ler_pM2r.
Qed.

(* Among the candidates c, of which j are in L, one of them wins with probability >= win K gap j. *)
Lemma members_win K p w gap L (c : {ffun 'I_K -> T}) : (0 < K)%N -> is_law p ->
  (forall x, 0 < w x) -> 1 <= gap -> spans p w gap -> 0 < draws p c ->
  win K gap (members L c) <= (\sum_k (L (c k))%:R * w (c k)) / total_weight w c.
Proof.
move=> K0 lawp w0 gap1 sp pc; have W0 := total_weight_gt0 c K0 w0.
have d0 := weights_gt0 gap1 K0 (members_le L c).
rewrite /win ler_pdivrMr // mulrAC ler_pdivlMr //.
have -> : total_weight w c
    = \sum_k (L (c k))%:R * w (c k) + \sum_k (~~ L (c k))%:R * w (c k).
  rewrite -big_split; apply: eq_bigr => k _ /=.
  by case: (L _); rewrite /= ?mul0r ?mul1r ?addr0 ?add0r.
set X := \sum_k _; set Y := \sum_k _; set j := (members L c)%:R.
rewrite mulrDr [X * _]mulrDr [j * X]mulrC lerD2l.
rewrite /j -sum_others -sum_members [leLHS]mulr_suml /Y.
apply: (@le_trans _ _ (\sum_i \sum_k (L (c i))%:R * ((~~ L (c k))%:R * (gap * w (c i))))).
  apply: ler_sum => i _; rewrite mulr_sumr; apply: ler_sum => k _.
  rewrite ler_wpM2l ?ler0n // ler_wpM2l ?ler0n //.
  by apply: sp; apply: (draws_gt0 (c := c)).
rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite /X mulr_suml; apply: eq_bigr => i _.
by rewrite mulr_suml mulr_sumr; apply: eq_bigr => k _; ring.
Qed.

(* T(p)(L) >= f(p(L)) for one voter, ... *)
Lemma winner_ge (K : option nat) w p gap L : at_least 1 K -> is_law p -> (forall x, 0 < w x) ->
  1 <= gap -> spans p w gap -> gap_win K gap (mass p L) <= mass (winner K w p) L.
Proof.
case: K => [K|] /= K0 lawp w0 gap1 sp.
  rewrite mass_curated -mean_members //; apply: le_mean => [|c pc].
    by case: (draws_is_law K lawp).
  exact: members_win pc.
have W0 := mean_gt0 lawp w0; have [p0 _] := lawp.
have m0 := mass_ge0 L p0; have m1 := mass_le1 L lawp.
have d0 : 0 < mass p L + (1 - mass p L) * gap.
  apply: (@lt_le_trans _ _ (mass p L + (1 - mass p L) * 1)).
    by rewrite mulr1 addrC subrK ltr01.
  by rewrite lerD2l ler_wpM2l // subr_ge0.
rewrite -[leRHS]mean_indicator mean_tilted ler_pdivrMr // mulrAC ler_pdivlMr //.
have -> : mean p w = mean p (fun x => w x * (L x)%:R) + mean p (fun x => w x * (~~ L x)%:R).
  rewrite -meanD; apply: eq_mean => // x.
  by case: (L x); rewrite /= ?mulr0 ?mulr1 ?addr0 ?add0r.
set X := mean p _; set Y := mean p _.
rewrite mulrDr [X * _]mulrDr [mass p L * X]mulrC lerD2l -massC // -!mean_indicator.
rewrite /Y /X /mean !mulr_suml.
apply: (@le_trans _ _ (\sum_x \sum_y p x * (L x)%:R * (p y * ((~~ L y)%:R * (gap * w x))))).
  apply: ler_sum => x _; rewrite mulr_sumr; apply: ler_sum => y _.
  have := p0 x; rewrite le_eqVlt => /orP[/eqP <-|px]; first by rewrite !mul0r.
  have := p0 y; rewrite le_eqVlt => /orP[/eqP <-|py]; first by rewrite !mul0r.
  rewrite ler_wpM2l ?mulr_ge0 ?ler0n // [w y * _]mulrC ler_wpM2l // ler_wpM2l ?ler0n //.
  exact: sp.
rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => x _.
by rewrite mulr_sumr; apply: eq_bigr => y _; rewrite /=; ring.
Qed.

(* ... with equality if the weight is 1 in L and gap elsewhere. *)
Lemma winner_attained (K : option nat) p gap L : at_least 1 K -> is_law p -> 1 <= gap ->
  mass (winner K (fun x => if L x then 1 else gap) p) L = gap_win K gap (mass p L).
Proof.
case: K => [K|] /= K0 lawp gap1.
  rewrite mass_curated -mean_members //; apply: eq_mean => // c.
  rewrite /win -sum_others -sum_members; congr (_ / _).
    by apply: eq_bigr => k _; case: (L _); rewrite ?mulr1 ?mul0r.
  rewrite mulr_suml -big_split; apply: eq_bigr => k _ /=.
  by case: (L _); rewrite /= ?mul0r ?mul1r ?addr0 ?add0r.
rewrite -[LHS]mean_indicator mean_tilted; congr (_ / _).
  rewrite -mean_indicator; apply: eq_mean => // x.
  by case: (L x); rewrite ?mulr1 ?mulr0.
rewrite -massC // -!mean_indicator [mean p _ * gap]mulrC -meanZ -meanD; apply: eq_mean => // x /=.
by case: (L x); rewrite /= ?mulr1 ?mulr0 ?addr0 ?add0r.
Qed.

End Winner.

Section Voters.
Variables (R : realFieldType) (T V : finType).
Variables (m : nat -> R) (pi : nat -> V -> R) (w : nat -> V -> T -> R) (gap : R).
Variables (Kv : nat -> V -> option nat) (K : option nat).
Variables (pref : T -> R) (p : nat -> T -> R).
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis law_ref : is_law pref.
Hypothesis voters : forall t, is_law (pi t).
Hypothesis w_gt0 : forall t v x, 0 < w t v x.
Hypothesis little : forall t v, spans pref (w t v) gap.
Hypothesis candidates : forall t v, at_most (Kv t v) K.
Hypothesis start : p 0%N =1 pref.
Hypothesis step : forall t x,
  p t.+1 x = m t * pref x + (1 - m t) * \sum_v pi t v * winner (Kv t v) (w t v) (p t) x.

Lemma at_most_inf (i k : option nat) : at_most i k -> at_most i None.
Proof. by case: i k => [i|] [k|] //= /andP[]. Qed.

Lemma at_most_largest (i k : option nat) : at_most i k -> at_most k None.
Proof. by case: i k => [i|] [k|] //= /andP[]; apply: leq_trans. Qed.

Lemma gap_voters_ge1 : 1 <= gap.
Proof.
have [v _] := law_has_support (voters 0).
exact: gap_ge1_of_spans law_ref (w_gt0 0 v) (little 0 v).
Qed.

Lemma largest_gt0 : at_least 1 K.
Proof.
have [v _] := law_has_support (voters 0); exact: at_most_largest (candidates 0 v).
Qed.

Lemma mean_gap_step t g : mean (p t.+1) g = m t * mean pref g
  + (1 - m t) * mean (pi t) (fun v => mean (winner (Kv t v) (w t v) (p t)) g).
Proof.
transitivity (\sum_x (m t * (pref x * g x)
    + (1 - m t) * \sum_v pi t v * (winner (Kv t v) (w t v) (p t) x * g x))).
  apply: eq_bigr => x _; rewrite step mulrDl -!mulrA; congr (_ + _ * _).
  by rewrite mulr_suml; apply: eq_bigr => v _; rewrite mulrA.
rewrite big_split -!mulr_sumr /=; congr (_ + _ * _).
by rewrite exchange_big; apply: eq_bigr => v _; rewrite mulr_sumr.
Qed.

Lemma gap_loop_law t : is_law (p t) /\ absolutely_continuous (p t) pref.
Proof.
elim: t => [|t [lawt cont]].
  have [r0 r1] := law_ref; split=> [|x]; last by rewrite start.
  by split=> [x|]; [rewrite start|under eq_bigr do rewrite start].
have /andP[m0 m1] := real_share t.
have law_v v := winner_is_law (at_most_inf (candidates t v)) lawt (w_gt0 t v).
split=> [|x px0]; last first.
  rewrite step px0 mulr0 add0r big1 ?mulr0 // => v _.
  by rewrite (winner_continuous (w t v) (at_most_inf (candidates t v)) cont) // mulr0.
split=> [x|].
  rewrite step addr_ge0 ?mulr_ge0 ?subr_ge0 //; first by case: law_ref.
  apply: sumr_ge0 => v _; rewrite mulr_ge0 //; first by case: (voters t).
  by case: (law_v v).
transitivity (mean (p t.+1) (fun=> 1)); first by apply: eq_bigr => x _; rewrite mulr1.
rewrite mean_gap_step mean_const // mulr1.
rewrite (eq_mean (q := pi t) (g := fun=> 1)) // => [|v]; last exact: mean_const.
by rewrite mean_const // mulr1 addrC subrK.
Qed.

Lemma spans_loop t v : spans (p t) (w t v) gap.
Proof.
have [[p0 _] cont] := gap_loop_law t; have [r0 _] := law_ref.
have pos x : 0 < p t x -> 0 < pref x.
  move=> px; rewrite lt_neqAle r0 andbT eq_sym; apply: contraTneq px => /cont ->.
  by rewrite ltxx.
by move=> x y /pos px /pos py; apply: little.
Qed.

Lemma voters_win t (L : pred T) : gap_win K gap (mass (p t) L)
  <= mean (pi t) (fun v => mass (winner (Kv t v) (w t v) (p t)) L).
Proof.
have [lawt _] := gap_loop_law t; rewrite -[leLHS](mean_const _ (voters t)).
apply: le_mean => [|v _]; first by case: (voters t).
apply: le_trans (winner_ge L (at_most_inf (candidates t v)) lawt (w_gt0 t v) gap_voters_ge1
  (@spans_loop t v)).
apply: gap_win_anti gap_voters_ge1 _ _ _ (candidates t v) _.
by rewrite mass_le1 // mass_ge0 //; case: lawt.
Qed.

Let one_way : are_shares m (fun=> 0) (fun t (j : 'I_1) => 1 - m t).
Proof.
move=> t; have /andP[m0 m1] := real_share t; split=> // [j|]; first by rewrite subr_ge0.
by rewrite big_ord1 addr0 addrC subrK.
Qed.

Lemma gap_floorE t u : gap_floor m K gap t u = mixture_floor m (fun=> 0)
  (fun t (j : 'I_1) => 1 - m t) (fun _ _ => gap_win K gap) t u.
Proof. by elim: t => [//|t /= ->]; rewrite big_ord1 mul0r addr0. Qed.

(* G_t is convex and increases from 0 to 1. *)
Lemma gap_floor_function t : floor_function (gap_floor m K gap t).
Proof.
have f_gap (s : nat) (j : 'I_1) := gap_win_function gap_voters_ge1 largest_gt0.
have [G0 G1 sG] := mixture_floor_function one_way f_gap t.
split; rewrite ?gap_floorE //.
by apply: eq_supported sG => u; rewrite gap_floorE.
Qed.

(* T2. Bradley-Terry voters v, any number, with any shares pi_t(v) and any weights w_{t,v} > 0, all of
   which may change with t and depend on what went before, who choose among Kv_{t,v} candidates each;
   None is K = inf. All that is asked: nobody sees more than K candidates (K = None: no limit), and for
   each voter w(x) <= R w(y) for all x, y with real mass: rewards differ by at most Delta, R = e^Delta
   is called gap. Loop from p_0 = p_ref, with shares m_t of real data:
     p_{t+1} = m_t p_ref + (1 - m_t) sum_v pi_t(v) T_{t,v}(p_t).
   Then for every group L, u = p_ref(L):  G_t(u) <= p_t(L) <= 1 - G_t(1 - u),
     G_0(u) = u, G_{t+1}(u) = m_t u + (1 - m_t) f(G_t(u)),
     f(x) = E J/(J + (K - J) R), J ~ Bin(K, x), and x/(x + (1 - x) R) for K = inf. *)
Theorem bounded_gap_envelope t (L : pred T) :
  gap_floor m K gap t (mass pref L) <= mass (p t) L
    <= 1 - gap_floor m K gap t (1 - mass pref L).
Proof.
rewrite !gap_floorE -!mean_indicator; apply: (envelope_of_steps one_way law_ref (horizon := t)) => //.
- by move=> s j; exact: (gap_win_function gap_voters_ge1 largest_gt0).
- exact: indicator_unit.
- by move=> s; have [] := gap_loop_law s.
move=> s psi _ is_psi; have /andP[m0 m1] := real_share s.
have {is_psi} [A psiE] : exists A : pred T, psi =1 (fun x => (A x)%:R).
  case: is_psi => ->; first by exists L.
  by exists (predC L) => x /=; case: (L x); rewrite ?subrr ?subr0.
have means q : mean q psi = mass q A by rewrite -mean_indicator; apply: eq_mean.
rewrite big_ord1 mul0r addr0 mean_gap_step lerD2l ler_wpM2l ?subr_ge0 // !means.
by apply: le_trans (voters_win s A) _; apply: le_mean => [|v _]; [case: (voters s)|rewrite means].
Qed.

End Voters.

Section Attained.
Variables (R : realFieldType) (T : finType) (m : nat -> R) (K : option nat) (gap : R).
Variables (pref : T -> R) (p : nat -> T -> R) (L : pred T).

(* The floor of T2 is attained at every t by one voter whose reward is 0 in the group and Delta
   elsewhere. *)
Theorem gap_floor_attained : at_least 1 K -> 1 <= gap -> is_law pref ->
  (forall t, 0 <= m t <= 1) -> p 0%N =1 pref ->
  (forall t x, p t.+1 x = m t * pref x
    + (1 - m t) * winner K (fun x => if L x then 1 else gap) (p t) x) ->
  forall t, mass (p t) L = gap_floor m K gap t (mass pref L).
Proof.
move=> K0 gap1 law_ref real_share start step.
have w0 x : 0 < (if L x then 1 else gap) :> R by case: (L x); rewrite // (lt_le_trans ltr01).
have lawt t : is_law (p t).
  elim: t => [|t lawt].
    have [r0 r1] := law_ref; split=> [x|]; first by rewrite start.
    by under eq_bigr do rewrite start.
  have /andP[m0 m1] := real_share t; have [r0 r1] := law_ref.
  have [c0 c1] := winner_is_law K0 lawt w0; split=> [x|].
    by rewrite step addr_ge0 ?mulr_ge0 ?subr_ge0.
  under eq_bigr do rewrite step.
  by rewrite big_split /= -!mulr_sumr r1 c1 !mulr1 addrC subrK.
elim=> [|t IH] /=; first by apply: eq_bigr => x _.
rewrite -IH -(winner_attained L K0 (lawt t) gap1) /mass !mulr_sumr -big_split.
by apply: eq_bigr => x _; rewrite step.
Qed.

End Attained.

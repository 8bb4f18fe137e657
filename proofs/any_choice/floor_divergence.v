(* How far from p_ref a law can be that gives each group what a floor asks.

   A law p that gives each set L at least G(p_ref(L)) is ordered by its density d = p/p_ref. In that
   order the least p(L) are those of the first atoms; the law q that has exactly G of the running sums
   there is further from p_ref than p. No integral is needed: summation by parts, and KL >= 0. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype.
From mathcomp Require Import sequences exp.
From Recurate Require Import compatibility finite_law loops divergence.
From Recurate Require Import floor_functions density_order.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section FloorDivergence.
Variables (R : realType) (T : finType) (n : nat).
Variables (G : R -> R) (pref p : T -> R) (e : 'I_n -> T).
Hypotheses (floor_G : floor_function G) (law_ref : is_law pref) (law_p : is_law p).
Hypothesis floor : forall L : pred T, G (mass pref L) <= mass p L.
Hypothesis order : ordered_by_density p pref e.

Let pe i := p (e i).
Let re i := pref (e i).
Let q := increments G re.

Let G0 : G 0 = 0. Proof. by case: floor_G. Qed.
Let G1 : G 1 = 1. Proof. by case: floor_G. Qed.
Let p_ge0 x : 0 <= p x. Proof. by case: law_p. Qed.
Let ref_ge0 x : 0 <= pref x. Proof. by case: law_ref. Qed.

Lemma floor_continuous : absolutely_continuous p pref.
Proof.
move=> x px0; have one (v : T -> R) : mass v (pred1 x) = v x by apply: big_pred1_eq.
have := floor (predC (pred1 x)); rewrite !massC // !one px0 subr0 G1.
by rewrite lerBrDr -lerBrDl subrr => x0; apply/eqP; rewrite eq_le x0 p_ge0.
Qed.

Lemma sum_placed (v : T -> R) : \sum_i v (e i) = \sum_x v x.
Proof. by rewrite [RHS](reindex e) //; apply: onW_bij; case: order. Qed.

Lemma running_floor k : G (running re k) <= running pe k.
Proof.
have [[g eK gK] _] := order.
have placed (v : T -> R) : running (fun i => v (e i)) k = mass v (fun x => (g x < k)%N).
  rewrite /mass (reindex e) /=; last by apply: onW_bij; case: order.
  by apply: eq_bigl => i; rewrite eK.
by rewrite !placed.
Qed.

Lemma running_unit k : 0 <= running re k <= 1.
Proof.
have re0 i : 0 <= re i by apply: ref_ge0.
apply/andP; split; first exact: running_ge0.
apply: le_trans (running_le _ re0) _.
by rewrite sum_placed; case: law_ref => _ ->.
Qed.

Lemma increments_law : is_law q.
Proof.
split=> [i|]; last first.
  rewrite -running_all running_increments // running_all sum_placed.
  by case: law_ref => _ ->.
rewrite subr_ge0; have [_ _ sG] := floor_G; apply: supported_mono => //.
- by case/andP: (running_unit i).
- by rewrite runningS lerDl; apply: ref_ge0.
- by case/andP: (running_unit i.+1).
Qed.

(* Where p has no density, neither p nor q has anything so far. *)
Lemma nothing_yet i : p (e i) / pref (e i) <= 0 ->
  running pe i.+1 = 0 /\ G (running re i.+1) = 0.
Proof.
move=> d0; have pe0 : running pe i.+1 = 0.
  apply: big1 => j; rewrite ltnS => ji; have [_ ord_e] := order.
  have := le_trans (ord_e j i ji) d0; rewrite /pe.
  have := ref_ge0 (e j); rewrite le_eqVlt => /orP[/eqP/esym/floor_continuous //|r0].
  by rewrite ler_pdivrMr // mul0r => x0; apply/eqP; rewrite eq_le x0 p_ge0.
split=> //; apply/eqP; rewrite eq_le -{1}pe0 running_floor.
by have /andP[] := floor_function_unit floor_G (running_unit i.+1).
Qed.

Lemma increments_continuous_ref : absolutely_continuous q re.
Proof. by move=> i r0; rewrite /q /increments runningS r0 addr0 subrr. Qed.

Lemma increments_continuous : absolutely_continuous q pe.
Proof.
move=> i p0; have [_ G_next] : running pe i.+1 = 0 /\ G (running re i.+1) = 0.
  by apply: nothing_yet; rewrite [p _]p0 mul0r.
apply/eqP; rewrite eq_le (proj1 increments_law) andbT /q /increments G_next sub0r oppr_le0.
by have /andP[] := floor_function_unit floor_G (running_unit i).
Qed.

(* E_p ln d <= E_q ln d *)
Lemma mean_log_density :
  \sum_i pe i * ln (pe i / re i) <= \sum_i q i * ln (pe i / re i).
Proof.
rewrite -subr_ge0 -sumrB; under eq_bigr do rewrite -mulrBl.
apply: (abel (f := fun i => q i - pe i)) => [i j ij|]; last first.
  have [_ sum_q] := increments_law; have [_ sum_p] := law_p.
  by rewrite sumrB sum_q sum_placed sum_p subrr.
rewrite running_sub running_increments //.
have [d0|d0] := leP (pe i / re i) 0.
  by have [-> ->] := nothing_yet d0; rewrite subrr mul0r.
have dij : pe i / re i <= pe j / re j by have [_] := order; apply; rewrite ij ltnW.
rewrite mulr_le0_ge0 // ?subr_le0 ?running_floor // subr_ge0.
by rewrite ler_ln // posrE // (lt_le_trans d0).
Qed.

Theorem floor_divergence_sharp :
  KL p pref + KL q pe <= KL q re.
Proof.
have -> : KL p pref = \sum_i pe i * ln (pe i / re i).
  by rewrite /KL (reindex e) //; apply: onW_bij; case: order.
rewrite -lerBrDr; apply: le_trans mean_log_density _; rewrite /KL -sumrB.
rewrite le_eqVlt; apply/orP; left; apply/eqP; apply: eq_bigr => i _; rewrite -mulrBr.
have := proj1 increments_law i; rewrite le_eqVlt => /orP[/eqP <-|q0]; first by rewrite !mul0r.
have p0 : 0 < pe i.
  by rewrite lt_neqAle p_ge0 andbT eq_sym; apply: contraTneq q0 => /increments_continuous ->; rewrite ltxx.
have r0 : 0 < re i.
  by rewrite lt_neqAle ref_ge0 andbT eq_sym; apply: contraTneq q0 => /increments_continuous_ref ->; rewrite ltxx.
congr (_ * _); have -> : q i / re i = q i / pe i * (pe i / re i) by field; rewrite !gt_eqF.
by rewrite (@lnM _ (q i / pe i)) ?posrE ?divr_gt0 // addrAC subrr add0r.
Qed.

Theorem floor_divergence : absolutely_continuous p pref /\ KL p pref <= KL q re.
Proof.
split; first exact: floor_continuous.
apply: le_trans floor_divergence_sharp; rewrite lerDl; apply: KL_ge0 increments_law _ _.
  split=> [i|]; first exact: p_ge0.
  by rewrite sum_placed; case: law_p.
exact: increments_continuous.
Qed.

(* Any f-divergence, E_ref f(d), for a convex f with a line of finite slope below it at each x >= 0: the
   squares (x - 1)^2, |x - 1|/2. (x ln x has none at 0, which is why KL has theorems of its own.) *)
Theorem floor_f_divergence (f slope : R -> R) :
  (forall x y, 0 <= x -> 0 <= y -> f x + slope x * (y - x) <= f y) ->
  \sum_x pref x * f (p x / pref x) <= \sum_i re i * f (q i / re i).
Proof.
move=> line; rewrite (reindex e) /=; last by apply: onW_bij; case: order.
have d_ge0 i : 0 <= pe i / re i by rewrite divr_ge0 // /pe /re.
have [q0 sum_q] := increments_law.
have slopes x y : 0 <= x -> x <= y -> slope x <= slope y.
  move=> x0; rewrite le_eqVlt => /orP[/eqP -> //|xy]; have y0 := le_trans x0 (ltW xy).
  rewrite -(ler_pM2r (_ : 0 < y - x)) ?subr_gt0 // -subr_ge0.
  have := lerD (line x y x0 y0) (line y x y0 x0); rewrite -subr_ge0.
  by congr (0 <= _); ring.
have ab : 0 <= \sum_i (q i - pe i) * slope (pe i / re i).
  apply: abel => [i j ij|]; last first.
    by rewrite sumrB sum_q sum_placed; have [_ ->] := law_p; rewrite subrr.
  rewrite running_sub running_increments // mulr_le0_ge0 // ?subr_le0 ?running_floor //.
  by rewrite subr_ge0 slopes //; have [_] := order; apply; rewrite ij.
rewrite -subr_ge0; apply: le_trans ab _; rewrite -sumrB; apply: ler_sum => i _.
have := ref_ge0 (e i); rewrite le_eqVlt => /orP[/eqP r0|r0].
  have -> : q i = 0 by apply: increments_continuous_ref; rewrite /re -r0.
  have -> : pe i = 0 by apply: floor_continuous; rewrite -r0.
  by rewrite /re -r0 !mul0r subrr mul0r.
have := line (pe i / re i) (q i / re i) (d_ge0 i) (divr_ge0 (q0 i) (ltW r0)).
rewrite -/(re i) in r0 *; rewrite -(ler_pM2l r0) -subr_ge0 => ineq.
rewrite -subr_ge0; move: ineq; congr (0 <= _).
by rewrite /pe -/(re i); field; rewrite gt_eqF.
Qed.

End FloorDivergence.

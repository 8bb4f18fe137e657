(* What many voters climb when each chooses among infinitely many candidates, without real data:
   sum_u pi_u ln E_p w_u, the logarithm of the weighted Nash welfare. (With real data, see
   pluralistic.v: they are voters too.) *)

From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law loops divergence winner jensen voters.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (T U : finType).
Implicit Types (p : T -> R) (pi : U -> R) (w : U -> T -> R).

(* sum_u pi_u ln W_u, with W_u = E_p w_u. *)
Definition welfare pi w p := \sum_u pi u * ln (mean p (w u)).

(* p maximises the welfare among the laws that have mass only where p0 has, which are all laws if
   p0 has mass everywhere. (Of a law that does not serve a voter the welfare would be -infinity, and
   ln 0 is 0 in the library: such laws are left out.) *)
Definition maximises_welfare pi w p0 p :=
  [/\ served pi w p, absolutely_continuous p p0
    & forall q, served pi w q -> absolutely_continuous q p0 -> welfare pi w q <= welfare pi w p].

End Definitions.

Section Electorate.
Variables (R : realType) (T V : finType).
Implicit Types (p q : T -> R).
Variables (s : V -> R) (w : V -> T -> R).
Hypotheses (law_s : is_law s) (w_ge0 : forall v x, 0 <= w v x).

Notation served := (served s w).
Let H p x := \sum_v s v * (w v x / mean p (w v)).
Let step p := voted s w p.

Let s_ge0 v : 0 <= s v. Proof. by case: law_s. Qed.

Lemma share_cases v : s v = 0 \/ 0 < s v.
Proof. by have := s_ge0 v; rewrite le_eqVlt => /orP[/eqP|]; [left|right]. Qed.

Lemma law_cases p x : is_law p -> p x = 0 \/ 0 < p x.
Proof. by move=> [/(_ x)]; rewrite le_eqVlt => /orP[/eqP|]; [left|right]. Qed.

Lemma mean_weight_ge0 p v : is_law p -> 0 <= mean p (w v).
Proof. by move=> [p0 _]; apply: sumr_ge0 => x _; rewrite mulr_ge0. Qed.

Let term_ge0 p v x : is_law p -> 0 <= s v * (w v x / mean p (w v)).
Proof. by move=> lawp; rewrite mulr_ge0 // divr_ge0 // mean_weight_ge0. Qed.

Let stepE p x : step p x = p x * H p x. Proof. exact: voted_ratio. Qed.

Let H_ge0 p x : is_law p -> 0 <= H p x.
Proof. by move=> lawp; apply: sumr_ge0 => v _; apply: term_ge0. Qed.

(* E_p H = 1 *)
Let mean_H p : served p -> mean p (H p) = 1.
Proof.
by move=> sp; have [_ <-] := voted_is_law law_s w_ge0 sp; apply: eq_bigr => x _; rewrite -stepE.
Qed.

(* Whoever wants x gives it weight. *)
Let H_gt0 p x v : served p -> 0 < s v -> 0 < w v x -> 0 < H p x.
Proof.
move=> [lawp W0] sv wv; rewrite /H (bigD1 v) //= ltr_pwDl ?mulr_gt0 ?invr_gt0 ?W0 //.
by apply: sumr_ge0 => u _; apply: term_ge0.
Qed.

(* The mean of a weight after a step: W' = W E_q H for q = p w/W. *)
Let mean_step p v : 0 < mean p (w v) ->
  mean (step p) (w v) = mean p (w v) * mean (tilted (w v) p) (H p).
Proof.
move=> W0; rewrite mean_tilted mulrC divfK ?gt_eqF //; apply: eq_bigr => x _.
by rewrite stepE -mulrA [H p x * _]mulrC.
Qed.

Let tilted_support p v x : is_law p -> 0 < mean p (w v) ->
  0 < tilted (w v) p x -> 0 < p x /\ 0 < w v x.
Proof.
move=> lawp W0 qx; have [p_0|px] := law_cases x lawp.
  by move: qx; rewrite /tilted p_0 mul0r ltxx.
split=> //; rewrite lt_neqAle w_ge0 andbT eq_sym; apply: contraTneq qx => w_0.
by rewrite /tilted w_0 mul0r mulr0 ltxx.
Qed.

Lemma served_step p : served p -> served (step p).
Proof. exact: served_voted. Qed.

Lemma step_continuous p : absolutely_continuous (step p) p.
Proof. by move=> x p_0; rewrite stepE p_0 mul0r. Qed.

(* The ascent: a step raises the welfare by at least KL(T(p)||p). *)
Lemma welfare_ascent p : served p -> KL (step p) p <= welfare s w (step p) - welfare s w p.
Proof.
move=> sp; have [lawp W0] := sp.
have -> : KL (step p) p = mean (step p) (fun x => ln (H p x)).
  apply: eq_bigr => x _; rewrite stepE; have [->|px] := law_cases x lawp.
    by rewrite !mul0r.
  by congr (_ * ln _); rewrite mulrC mulKf // gt_eqF.
rewrite mean_voted /welfare -sumrB; apply: ler_sum => v _.
have [->|sv] := share_cases v; first by rewrite !mul0r subrr.
rewrite -mulrBr ler_wpM2l ?s_ge0 //.
have Wv := W0 v sv; have lawq := tilted_is_law lawp (w_ge0 v) Wv.
have H0 x : 0 < tilted (w v) p x -> 0 < H p x.
  by case/(tilted_support lawp Wv) => _; apply: H_gt0.
have EH := mean_gt0_on_support lawq H0.
rewrite mean_step // lnM ?posrE // [leRHS]addrC addKr.
exact: jensen_ln.
Qed.

(* The certificate: no law has more welfare than ln max H beyond p's. *)
Lemma welfare_certificate p q h : served p -> served q -> (forall x, 0 < q x -> H p x <= h) ->
  welfare s w q - welfare s w p <= ln h.
Proof.
move=> [lawp W0] [lawq W0q] le_h.
have f0 v : 0 < s v -> 0 < mean q (w v) / mean p (w v).
  by move=> sv; rewrite divr_gt0 ?W0 ?W0q.
have -> : welfare s w q - welfare s w p = mean s (fun v => ln (mean q (w v) / mean p (w v))).
  rewrite /welfare -sumrB; apply: eq_bigr => v _.
  have [->|sv] := share_cases v; first by rewrite !mul0r subrr.
  by rewrite ln_div ?posrE ?W0 ?W0q // mulrBr.
apply: le_trans (jensen_ln law_s f0) _.
have -> : mean s (fun v => mean q (w v) / mean p (w v)) = mean q (H p).
  rewrite mean_sum; apply: eq_bigr => v _; rewrite meanZ; congr (_ * _).
  by rewrite /mean mulr_suml; apply: eq_bigr => x _; rewrite mulrA.
have Hq : mean q (H p) <= h.
  by rewrite -[leRHS](mean_const h lawq); apply: le_mean => //; case: lawq.
have H1 : 0 < mean q (H p).
  have -> : mean q (H p) = mean s (fun v => mean q (w v) / mean p (w v)).
    rewrite mean_sum; apply: eq_bigr => v _; rewrite meanZ; congr (_ * _).
    by rewrite /mean mulr_suml; apply: eq_bigr => x _; rewrite mulrA.
  exact: mean_gt0_on_support law_s f0.
by rewrite ler_ln ?posrE // (lt_le_trans H1).
Qed.

(* What a step comes nearer to a law p* with H_{p*} = 1 on its support. *)
Lemma welfare_nearer ps p : served ps -> served p -> absolutely_continuous ps p ->
  (forall x, 0 < ps x -> H ps x = 1) ->
  absolutely_continuous ps (step p) /\
  KL ps (step p) + (welfare s w ps - welfare s w p) <= KL ps p.
Proof.
move=> [lawps W0s] sp sc fixed; have [lawp W0] := sp.
have psup x : 0 < ps x -> 0 < p x.
  by move=> psx; have [/sc ps_0|//] := law_cases x lawp; rewrite ps_0 ltxx in psx.
(* the law of the voters who want x *)
pose alpha x v := s v * (w v x / mean ps (w v)).
have lawa x : 0 < ps x -> is_law (alpha x).
  by move=> /fixed; split=> // v; apply: term_ge0.
have alpha_gt0 x v : 0 < alpha x v -> 0 < s v /\ 0 < w v x.
  move=> av; have [s_0|sv] := share_cases v; first by rewrite /alpha s_0 mul0r ltxx in av.
  split=> //; rewrite lt_neqAle w_ge0 andbT; apply: contraTneq av => w_0.
  by rewrite /alpha -w_0 mul0r mulr0 ltxx.
pose f v := mean ps (w v) / mean p (w v).
have f0 v : 0 < s v -> 0 < f v by move=> sv; rewrite divr_gt0 ?W0 ?W0s.
have mean_f x : mean (alpha x) f = H p x.
  apply: eq_bigr => v _; rewrite /alpha /f; have [->|sv] := share_cases v; first by rewrite !mul0r.
  by have := W0s v sv; have := W0 v sv => Wp Ws; field; rewrite !gt_eqF.
have H0 x : 0 < ps x -> 0 < H p x.
  move=> psx; rewrite -mean_f; apply: mean_gt0_on_support; first exact: lawa.
  by move=> v /alpha_gt0[sv _]; apply: f0.
split=> [x|].
  rewrite stepE => /eqP; have [//|psx] := law_cases x lawps.
  by rewrite mulf_eq0 !gt_eqF ?H0 ?psup.
have -> : KL ps p = KL ps (step p) + mean ps (fun x => ln (H p x)).
  rewrite -big_split; apply: eq_bigr => x _ /=.
  have [->|psx] := law_cases x lawps; first by rewrite !mul0r addr0.
  rewrite -mulrDr; congr (_ * _).
  rewrite -lnM ?posrE ?divr_gt0 ?stepE ?mulr_gt0 ?H0 ?psup //; congr ln.
  by have := H0 x psx; have := psup x psx => px Hx; field; rewrite !gt_eqF.
rewrite lerD2l.
have -> : welfare s w ps - welfare s w p = mean ps (fun x => mean (alpha x) (fun v => ln (f v))).
  rewrite mean_sum /welfare -sumrB; apply: eq_bigr => v _.
  have [s_0|sv] := share_cases v.
    rewrite s_0 !mul0r subrr /mean big1 // => x _.
    by rewrite /alpha s_0 !mul0r mulr0.
  have -> : mean ps (fun x => alpha x v * ln (f v)) = s v * ln (f v).
    transitivity (mean ps (fun x => (s v * ln (f v) / mean ps (w v)) * w v x)).
      by apply: eq_mean => // x; rewrite /alpha; ring.
    by rewrite meanZ divfK // gt_eqF // W0s.
  by rewrite -mulrBr -ln_div ?posrE ?W0 ?W0s.
apply: le_mean => [|x psx]; first by case: lawps.
rewrite -mean_f; apply: jensen_ln; first exact: lawa.
by move=> v /alpha_gt0[sv _]; apply: f0.
Qed.

(* A law that no step could raise is a fixed point: H = 1 on its support. *)
Lemma welfare_fixed p : served p -> welfare s w (step p) <= welfare s w p ->
  forall x, 0 < p x -> H p x = 1.
Proof.
move=> sp top x px; have [lawp _] := sp; have [laws _] := served_step sp.
have same := KL_eq0 laws lawp (@step_continuous p).
have le0 : KL (step p) p <= 0 by apply: le_trans (welfare_ascent sp) _; rewrite subr_le0.
by have := same le0 x; rewrite stepE -[RHS]mulr1 => /mulfI -> //; rewrite gt_eqF.
Qed.

End Electorate.

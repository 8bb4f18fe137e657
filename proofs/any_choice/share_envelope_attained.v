(* The floor and the ceiling of I2 are attained: by the rules that avoid and that prefer a group. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation choices share_envelope.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Attained.
Variables (R : realFieldType) (T : finType).

(* The rule that avoids L whenever it can: each candidate outside L is as likely as another, and only
   if all are in L one of them is chosen, each as likely as another. *)
Definition avoiding K (L : pred T) (x : {ffun 'I_K -> T}) (k : 'I_K) : R :=
  if [forall j, L (x j)] then K%:R^-1 else (~~ L (x k))%:R / (\sum_j (~~ L (x j))%:R).

Lemma avoiding_is_rule K L : (0 < K)%N -> is_rule (@avoiding K L).
Proof.
move=> K0 x; rewrite /avoiding; case: (boolP [forall j, L (x j)]) => [_|/forallPn[k out]].
  split=> [k|]; first by rewrite invr_ge0 ler0n.
  by rewrite sumr_const card_ord -[X in X *+ _]mul1r -mulrnAl divff // pnatr_eq0 -lt0n.
have S0 : 0 < \sum_j (~~ L (x j))%:R :> R.
  rewrite (bigD1 k) //= out ltr_pwDl ?ltr01 //.
  by apply: sumr_ge0 => j _; rewrite ler0n.
split=> [j|]; first by rewrite divr_ge0 ?ler0n ?(ltW S0).
by rewrite -mulr_suml divff // gt_eqF.
Qed.

(* It takes a member of L only if there is nobody else: T(p)(L) = p(L)^K. *)
Lemma mass_avoiding K (L : pred T) (p : T -> R) : (0 < K)%N ->
  mass (chosen p (@avoiding K L)) L = mass p L ^+ K.
Proof.
move=> K0; rewrite -!mean_indicator mean_chosen.
have -> : mean p (fun x => (L x)%:R) ^+ K
    = mean (draws p) (fun x : {ffun 'I_K -> T} => \prod_k (L (x k))%:R).
  by rewrite (mean_draws_prod p (fun _ x => (L x)%:R)) prodr_const card_ord.
apply: eq_mean => // x; have [_ sum1] := avoiding_is_rule L K0 x.
case: (boolP [forall j, L (x j)]) => [/forallP inside|not_all].
  rewrite [RHS]big1 => [|k _]; last by rewrite inside.
  by rewrite -[RHS]sum1; apply: eq_bigr => k _; rewrite inside mulr1.
rewrite big1 => [|k _]; last first.
  by rewrite /avoiding (negPf not_all); case: (L (x k)); rewrite ?mul0r ?mulr0.
by have /forallPn[k /negPf out] := not_all; rewrite (bigD1 k) //= out mul0r.
Qed.

Variables (m : nat -> R) (K : nat -> nat) (pref : T -> R) (p : nat -> T -> R) (L : pred T).
Hypothesis K_gt0 : forall t, (0 < K t)%N.
Hypothesis law_ref : is_law pref.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis start : p 0%N =1 pref.

(* The floor of I2 is attained at every t by the rule that avoids the group whenever it can. *)
Theorem share_floor_attained :
  (forall t x, p t.+1 x = m t * pref x + (1 - m t) * chosen (p t) (@avoiding (K t) L) x) ->
  forall t, mass (p t) L = share_floor m K t (mass pref L).
Proof.
move=> step; elim=> [|t IH] /=; first by apply: eq_bigr => x _.
rewrite -IH -mass_avoiding // /mass !mulr_sumr -big_split.
by apply: eq_bigr => x _; rewrite step.
Qed.

End Attained.

Section CeilingAttained.
Variables (R : realFieldType) (T : finType).
Variables (m : nat -> R) (K : nat -> nat) (pref : T -> R) (p : nat -> T -> R) (L : pred T).
Hypothesis K_gt0 : forall t, (0 < K t)%N.
Hypothesis law_ref : is_law pref.
Hypothesis real_share : forall t, 0 <= m t <= 1.
Hypothesis start : p 0%N =1 pref.

(* The ceiling is attained at every t by the rule that prefers the group, that is, avoids all others,
   whenever it can. *)
Theorem share_ceiling_attained :
  (forall t x, p t.+1 x = m t * pref x + (1 - m t) * chosen (p t) (@avoiding R T (K t) (predC L)) x) ->
  forall t, mass (p t) L = 1 - share_floor m K t (1 - mass pref L).
Proof.
move=> step t; have rules s := avoiding_is_rule R (predC L) (K_gt0 s).
have lawt := any_loop_is_law real_share law_ref start rules step t.
rewrite -(massC L law_ref) -(share_floor_attained K_gt0 start step) massC //.
by rewrite opprB addrC subrK.
Qed.

End CeilingAttained.

(* theorem-2.4-optimal is best possible among rewards: Bradley-Terry choices with weights that
   differ by ever larger factors come as near to the hard best of K as one likes, at each t. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops divergence choices best_of.
From Recurate Require Import limit_law envelope_limit.
From Recurate Require Import optimal_evidence optimal_value optimal_attained.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.
Local Open Scope classical_set_scope.

Section Steep.
Variables (R : realType) (n K : nat).
Hypothesis K_gt0 : (0 < K)%N.
Notation reward := (fun i : 'I_n => i%:R : R).

(* Weights 1, x, x^2, ..., x = j + 1. *)
Definition steep j (i : 'I_n) : R := j.+1%:R ^+ i.

Lemma steep_gt0 j i : 0 < steep j i.
Proof. by rewrite exprn_gt0 ?ltr0n. Qed.

Let down (d : nat) : (fun j => (j.+1%:R^-1 : R) ^+ d) --> (d == 0%N)%:R.
Proof.
have := @cvg_power R (fun j => j.+1%:R^-1) 0 d (@cvg_harmonic R).
by rewrite expr0n.
Qed.

Let bt_cvg (c : {ffun 'I_K -> 'I_n}) k :
  (fun j => bradley_terry (steep j) c k) --> best_of reward c k.
Proof.
have [k0 best0] := best_exists reward c K_gt0.
have le0 l : (c l <= c k0)%N by move/forallP: best0 => /(_ l); rewrite ler_nat.
pose v j l : R := j.+1%:R^-1 ^+ (c k0 - c l).
have vE j l : steep j (c l) = j.+1%:R ^+ c k0 * v j l.
  have j0 : j.+1%:R != 0 :> R by rewrite pnatr_eq0.
  have -> : j.+1%:R ^+ c k0 = j.+1%:R ^+ (c k0 - c l) * j.+1%:R ^+ c l :> R.
    by rewrite -exprD subnK.
  by rewrite /v exprVn mulrAC divff ?mul1r // expf_neq0.
have ratio j : bradley_terry (steep j) c k = v j k / \sum_l v j l.
  have j0 : (j.+1%:R : R) ^+ c k0 != 0 by rewrite expf_neq0 // pnatr_eq0.
  rewrite /bradley_terry /total_weight vE; under eq_bigr do rewrite vE.
  by rewrite -mulr_sumr -mulf_div divff ?mul1r.
have -> : (fun j => bradley_terry (steep j) c k) = (fun j => v j k / \sum_l v j l).
  by apply: funext.
have place l : best_places reward c l = (c k0 - c l == 0)%N.
  apply/forallP/idP => [best|/eqP/eqP]; last first.
    by rewrite subn_eq0 => ge j; rewrite ler_nat (leq_trans (le0 j)).
  by rewrite subn_eq0; have := best k0; rewrite ler_nat.
have sum_to : (fun j => \sum_l v j l) --> #|best_places reward c|%:R.
  have -> : #|best_places reward c|%:R = \sum_l (c k0 - c l == 0)%N%:R :> R.
    rewrite -sum1_card natr_sum big_mkcond; apply: eq_bigr => l _.
    by rewrite -place -[best_places reward c l]/(l \in best_places reward c); case: (l \in _).
  by apply: (@cvg_sum _ _ (fun l j => v j l)) => l; apply: down.
have many : #|best_places reward c|%:R != 0 :> R.
  by rewrite pnatr_eq0 -lt0n; apply/card_gt0P; exists k0.
have -> : best_of reward c k = (c k0 - c k == 0)%N%:R / #|best_places reward c|%:R.
  by rewrite /best_of place; case: eqP; rewrite ?mul1r ?mul0r.
by apply: cvgM; [exact: down|exact: (cvgV many sum_to)].
Qed.

Let draws_cvg (p : nat -> 'I_n -> R) q (c : {ffun 'I_K -> 'I_n}) :
  (forall i, (fun j => p j i) --> q i) -> (fun j => draws (p j) c) --> draws q c.
Proof.
move=> to_q; rewrite /draws; elim: (index_enum _) => [|k s IH].
  have -> : (fun j => \prod_(k <- [::]) p j (c k)) = fun=> 1.
    by apply: funext => j; rewrite big_nil.
  by rewrite big_nil; apply: cvg_cst.
have -> : (fun j => \prod_(l <- k :: s) p j (c l))
    = (fun j => p j (c k) * \prod_(l <- s) p j (c l)).
  by apply: funext => j; rewrite big_cons.
by rewrite big_cons; exact: (cvgM (to_q (c k)) IH).
Qed.

Let chosen_cvg (p : nat -> 'I_n -> R) q y : (forall i, (fun j => p j i) --> q i) ->
  (fun j => chosen (p j) (@bradley_terry R _ K (steep j)) y) --> chosen q (@best_of R _ K reward) y.
Proof.
move=> to_q; apply: (@cvg_sum _ _ (fun x j => draws (p j) x
  * \sum_(k | x k == y) bradley_terry (steep j) x k)) => x.
apply: cvgM; first exact: draws_cvg.
rewrite [X in _ --> X]big_mkcond /=.
have -> : (fun j => \sum_(k | x k == y) bradley_terry (steep j) x k)
    = (fun j => \sum_k if x k == y then bradley_terry (steep j) x k else 0).
  by apply: funext => j; rewrite big_mkcond.
apply: (@cvg_sum _ _ (fun k j => if x k == y then bradley_terry (steep j) x k else 0)) => k.
by case: (x k == y); [exact: bt_cvg|exact: cvg_cst].
Qed.

(* The paper's mixed loop with steep rewards tends to the loop of the hard best of K, at each t. *)
Lemma steep_loop_cvg lam pref (p : nat -> 'I_n -> R) t i : p 0%N =1 pref ->
  (forall t x, p t.+1 x = pref x / (1 + lam)
    + lam / (1 + lam) * chosen (p t) (@best_of R _ K reward) x) ->
  (fun j => mixed_loop K lam pref (steep j) t i) --> p t i.
Proof.
move=> start step; elim: t i => [|t IH] i; first by rewrite start; exact: cvg_cst.
rewrite step.
have -> : (fun j => mixed_loop K lam pref (steep j) t.+1 i) = (fun j => pref i / (1 + lam)
    + lam / (1 + lam)
      * chosen (mixed_loop K lam pref (steep j) t) (@bradley_terry R _ K (steep j)) i).
  by apply: funext => j; rewrite mixed_loopS curated_chosen.
apply: cvgD; first exact: cvg_cst.
by apply: cvgMr; exact: chosen_cvg.
Qed.

End Steep.

Section Best.
Variables (R : realType) (lam : R) (K : nat).
Hypotheses (K_gt0 : (0 < K)%N) (lam_ge0 : 0 <= lam) (lam_small : lam * (K%:R - 1) <= 1).

(* theorem-2.4-optimal, best possible: for every s < S*(lam, K) there are a finite law p_ref with
   mass everywhere and positive weights w with which the paper's mixed loop has KL(p_t||p_ref) > s
   at some t. So no smaller number will do for all p_ref and rewards. *)
Theorem theorem_2_4_optimal_best_possible s : s < best_divergence lam K ->
  exists n (pref w : 'I_n -> R) t,
  [/\ is_law pref, forall x, 0 < pref x, forall x, 0 < w x
    & s < KL (mixed_loop K lam pref w t) pref].
Proof.
move=> /(best_loop_attains K_gt0 lam_ge0 lam_small)[N [t]].
set r := @step_law R lam K N; set p := fun t => iter t (@best_loop_step R lam K N) r.
rewrite -/(p t) => s_lt; have r_gt0 i : 0 < r i by apply: step_law_gt0.
have law_r : is_law r by apply: step_law_is_law.
have step u x : p u.+1 x = r x / (1 + lam)
    + lam / (1 + lam) * chosen (p u) (@best_of R _ K (fun i : 'I_N.+1 => i%:R)) x.
  by rewrite [in LHS]/= /best_loop_step (shares lam_ge0) mul1r mulrC.
have rules (u : nat) := best_of_is_rule (fun i : 'I_N.+1 => i%:R : R) K_gt0.
have lawp u : is_law (p u) by exact: (optimal_any_law lam_ge0 law_r (frefl _) rules step).
have p_gt0 i : 0 < p t i.
  case: (t) => [|u]; first exact: r_gt0.
  rewrite step ltr_spaddl ?divr_gt0 ?r_gt0 ?real_share_gt0 // mulr_ge0 ?synthetic_share_ge0 //.
  by case: (chosen_is_law (lawp u) (rules 0%N)).
pose loops j := mixed_loop K lam r (steep R j) t.
have to_p i : (fun j => loops j i) --> p t i.
  exact: (@steep_loop_cvg R _ K K_gt0 lam r p t i (frefl _) step).
have : (fun j => KL (loops j) r) --> KL (p t) r.
  apply: (@cvg_sum _ _ (fun i j => loops j i * ln (loops j i / r i))) => i.
  apply: cvgM; first exact: to_p.
  have q0 : 0 < p t i / r i by rewrite divr_gt0.
  apply: (continuous_cvg _ (continuous_ln q0)).
  exact: (cvgMl (b := (r i)^-1) (to_p i)).
move=> /cvgrPdist_lt/(_ (KL (p t) r - s)); rewrite subr_gt0 => /(_ s_lt)[j _ /(_ j (leqnn j))] /=.
move=> close; exists N.+1, r, (steep R j), t; split=> // [x|]; first exact: steep_gt0.
by have := le_lt_trans (ler_norm _) close; rewrite ltr_add2l ltr_opp2.
Qed.

End Best.

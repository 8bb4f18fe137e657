(* Moments of the sum of K independent draws: of what has mean zero, up to the fourth. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law curation binomial.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Moments.
Variables (R : realFieldType) (T : finType).
Implicit Types (p w g : T -> R).

(* E g^k *)
Definition moment p g k := mean p (fun x => g x ^+ k).

(* w - E_p w, and its moments, the central ones of w. *)
Definition centred p w x := w x - mean p w.
Definition central_moment p w := moment p (centred p w).

Lemma mean_centred p w : is_law p -> mean p (centred p w) = 0.
Proof. by move=> lawp; rewrite meanB mean_const // subrr. Qed.

Lemma central_moment2 p w : central_moment p w 2 = variance p w.
Proof. by apply: eq_mean => // x; rewrite expr2. Qed.

Lemma total_weight_centred K p w (c : {ffun 'I_K -> T}) :
  total_weight (centred p w) c = total_weight w c - K%:R * mean p w.
Proof. by rewrite /total_weight /centred sumrB sumr_const card_ord mulr_natl. Qed.

(* E (g_1 + ... + g_K)^k *)
Definition draws_moment K p g k := mean (draws (K := K) p) (fun c => total_weight g c ^+ k).

Section MeanZero.
Variables (p g : T -> R).
Hypotheses (law_p : is_law p) (mean0 : mean p g = 0).
Notation s := (moment p g).
Notation m := (fun K => draws_moment K p g).

Let law_d K : is_law (draws (K := K) p) := draws_is_law K law_p.

Let m_at0 k : (0 < k)%N -> m 0%N k = 0.
Proof.
move=> k0; rewrite -[RHS](mean_const 0 (law_d 0)); apply: eq_mean => // c.
by rewrite /total_weight big_ord0 expr0n eqn0Ngt k0.
Qed.

Lemma draws_moment0 K : m K 0%N = 1.
Proof.
by rewrite /draws_moment -[RHS](mean_const 1 (law_d K)); apply: eq_mean => // c; rewrite expr0.
Qed.

Let s0 : s 0%N = 1.
Proof. by rewrite /moment -[RHS](mean_const 1 law_p); apply: eq_mean => // x; rewrite expr0. Qed.

Let s1 : s 1%N = 0.
Proof. by rewrite -mean0; apply: eq_mean => // x; rewrite expr1. Qed.

(* One more draw. *)
Let mS K k : m K.+1 k = \sum_(i < k.+1) 'C(k, i)%:R * (s i * m K (k - i)%N).
Proof.
rewrite {1}/draws_moment mean_draws_first.
transitivity (mean p (fun x => \sum_(i < k.+1) 'C(k, i)%:R * m K (k - i)%N * g x ^+ i)).
  apply: eq_mean => // x.
  transitivity (mean (draws (K := K) p) (fun c =>
      \sum_(i < k.+1) ('C(k, i)%:R * g x ^+ i) * total_weight g c ^+ (k - i))).
    apply: eq_mean => // c; rewrite total_weight_insert addrC exprDn; apply: eq_bigr => i _.
    by rewrite -mulr_natl mulrA mulrAC.
  by rewrite mean_sum; apply: eq_bigr => i _; rewrite meanZ mulrAC.
by rewrite mean_sum; apply: eq_bigr => i _; rewrite meanZ -mulrA [m K _ * _]mulrC.
Qed.

Lemma draws_moment1 K : m K 1%N = 0.
Proof.
elim: K => [|K IH]; first exact: m_at0.
by rewrite mS !big_ord_recr big_ord0 /= subn0 subnn IH s1 !(mulr0, mul0r, addr0).
Qed.

Lemma draws_moment2 K : m K 2%N = K%:R * s 2%N.
Proof.
elim: K => [|K IH]; first by rewrite m_at0 // mul0r.
rewrite mS !big_ord_recr big_ord0 /= !(subn0, subnn, subSS) IH draws_moment1.
by rewrite s1 s0 draws_moment0 mulrS bin0 bin1 binn; ring.
Qed.

Lemma draws_moment3 K : m K 3%N = K%:R * s 3%N.
Proof.
elim: K => [|K IH]; first by rewrite m_at0 // mul0r.
rewrite mS !big_ord_recr big_ord0 /= !(subn0, subnn, subSS) IH draws_moment1 draws_moment2.
by rewrite s1 s0 draws_moment0 mulrS bin0 bin1 binn; ring.
Qed.

Lemma draws_moment4 K : m K 4%N = K%:R * s 4%N + 3%:R * (K%:R * (K%:R - 1)) * s 2%N ^+ 2.
Proof.
elim: K => [|K IH]; first by rewrite m_at0 // !mul0r mulr0 mul0r addr0.
rewrite mS !big_ord_recr big_ord0 /= !(subn0, subnn, subSS) IH.
rewrite draws_moment1 draws_moment2 draws_moment3 s1 s0 draws_moment0.
by rewrite mulrS bin0 bin1 binn (_ : 'C(4, 2) = 6%N) //; ring.
Qed.

End MeanZero.
End Moments.

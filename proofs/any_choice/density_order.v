(* Answers in the order of their density: running sums, summation by parts, and that there is such an
   order. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType) (n : nat).

(* u_k = v_0 + ... + v_{k-1} *)
Definition running (v : 'I_n -> R) (k : nat) := \sum_(j < n | (j < k)%N) v j.

(* q_i = G(u_{i+1}) - G(u_i): what G adds at place i. *)
Definition increments (G : R -> R) (v : 'I_n -> R) (i : 'I_n) :=
  G (running v i.+1) - G (running v i).

End Definitions.

Section Ordered.
Variables (R : realFieldType) (T : finType) (n : nat).

(* e counts all answers, each once, in the order of the density p/p_ref; x/0 = 0 in the library, so
   that answers without real data come first. There is always such an order. *)
Definition ordered_by_density (p pref : T -> R) (e : 'I_n -> T) := bijective e /\
  forall i j : 'I_n, (i <= j)%N -> p (e i) / pref (e i) <= p (e j) / pref (e j).

End Ordered.

Section Running.
Variables (R : realFieldType) (n : nat).
Implicit Types (v f l : 'I_n -> R).

Lemma runningS v (i : 'I_n) : running v i.+1 = running v i + v i.
Proof.
rewrite /running (bigD1 i) //= addrC; congr (_ + _); apply: eq_bigl => j.
by rewrite ltnS [RHS]ltn_neqAle andbC.
Qed.

Lemma running0 v : running v 0 = 0.
Proof. by rewrite /running big_pred0. Qed.

Lemma running_all v : running v n = \sum_i v i.
Proof. by apply: eq_bigl => i; rewrite ltn_ord. Qed.

Lemma running_ge0 v k : (forall i, 0 <= v i) -> 0 <= running v k.
Proof. by move=> v0; apply: sumr_ge0. Qed.

Lemma running_le v k : (forall i, 0 <= v i) -> running v k <= \sum_i v i.
Proof.
move=> v0; rewrite [leRHS](bigID (fun j : 'I_n => (j < k)%N)) /= lerDl.
by apply: sumr_ge0.
Qed.

Lemma running_sub v f k : running (fun i => v i - f i) k = running v k - running f k.
Proof. exact: sumrB. Qed.

Lemma running_increments (G : R -> R) v k : (k <= n)%N -> G 0 = 0 ->
  running (increments G v) k = G (running v k).
Proof.
move=> kn G0; elim: k kn => [_|k IH kn]; first by rewrite !running0 G0.
have := runningS (increments G v) (Ordinal kn) => /= ->; rewrite IH ?(ltnW kn) //.
by rewrite /increments /= addrC subrK.
Qed.

(* Summation by parts. *)
Lemma abel f l : (forall i j : 'I_n, j = i.+1 :> nat -> running f i.+1 * (l j - l i) <= 0) ->
  \sum_i f i = 0 -> 0 <= \sum_i f i * l i.
Proof.
move=> down f0; have part k : forall i : 'I_n, i = k :> nat ->
    running f k.+1 * l i <= running (fun j => f j * l j) k.+1.
  elim: k => [|k IH] i ik; rewrite -ik !runningS ik ?running0 ?add0r //.
  have kn : (k < n)%N by rewrite -ltnS -ik ltnS ltnW // -ik ltn_ord.
  pose j := Ordinal kn; rewrite mulrDl lerD2r; apply: le_trans (IH j erefl).
  by have := down j i ik; rewrite mulrBr subr_le0.
have [n0|n0] := posnP n.
  by rewrite big1 // => i; have := ltn_ord i; rewrite [in X in (_ < X)%N]n0.
have last : (n.-1 < n)%N by rewrite prednK.
rewrite -(running_all (fun j => f j * l j)); have := part _ (Ordinal last) erefl.
by rewrite prednK // running_all f0 mul0r.
Qed.

End Running.

Section Order.
Variables (R : realFieldType) (T : finType).

Lemma order_by_density (p pref : T -> R) : exists e : 'I_#|T| -> T, ordered_by_density p pref e.
Proof.
pose d x := p x / pref x; pose le x y := d x <= d y.
have total_le : total le by move=> x y; apply: le_total.
have trans_le : transitive le by move=> y x z; apply: le_trans.
pose s := sort le (enum T); have size_s : size s = #|T| by rewrite size_sort cardE.
have sorted_s : sorted le s by apply: sort_sorted.
have uniq_s : uniq s by rewrite sort_uniq enum_uniq.
have at_s (i : 'I_#|T|) : (i < size s)%N by rewrite size_s.
pose e (i : 'I_#|T|) := tnth (Tuple (introT eqP size_s)) i.
have eE x0 i : e i = nth x0 s i by rewrite /e (tnth_nth x0).
exists e; split.
  apply: inj_card_bij; last by rewrite card_ord.
  move=> i j; have x0 : T := e i.
  by rewrite (eE x0 i) (eE x0 j) => /eqP; rewrite nth_uniq // => /eqP/val_inj.
move=> i j ij; have x0 : T := e i; rewrite (eE x0 i) (eE x0 j).
by apply: (sorted_leq_nth trans_le _ x0 sorted_s) => //; [move=> x; apply: lexx|exact: at_s|exact: at_s].
Qed.

End Order.

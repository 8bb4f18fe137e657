(* Two facts about numbers, for the derivative of the winner's law: the kernel 1/(a_x + a_y) is
   nonnegative, and what one pair of candidates adds to the form is bounded by their squares. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Cauchy.
Variables (R : realFieldType) (T : finType) (a : T -> R).
Hypothesis a_gt0 : forall x, 0 < a x.

(* The kernel 1/(a_x + a_y) is nonnegative, by elimination: 1/(x + y) is 2z/((x+z)(y+z)) plus
   (x-z)(y-z)/((x+z)(y+z)(x+y)). *)
Lemma cauchy_ge0 f : 0 <= \sum_x \sum_y f x * f y / (a x + a y).
Proof.
have [n] := ubnP #|[pred x | f x != 0]|; elim: n f => // n IH f few.
have [none|] := boolP [forall x, f x == 0].
  rewrite big1 // => x _; rewrite big1 // => y _.
  by have /eqP -> := forallP none x; rewrite !mul0r.
case/forallPn => z fz; pose g x := f x * (a x - a z) / (a x + a z).
have g0 : g z = 0 by rewrite /g subrr mulr0 mul0r.
have : 0 <= \sum_x \sum_y g x * g y / (a x + a y).
  apply: IH; rewrite ltnS in few; apply: leq_trans few; apply: proper_card; apply/properP; split.
    by apply/subsetP => x; rewrite !inE; apply: contra => /eqP fx; rewrite /g fx !mul0r.
  by exists z; rewrite !inE ?g0 ?eqxx.
have -> : \sum_x \sum_y f x * f y / (a x + a y)
    = 2%:R * a z * (\sum_x f x / (a x + a z)) ^+ 2 + \sum_x \sum_y g x * g y / (a x + a y).
  rewrite expr2 mulr_suml mulr_sumr -big_split; apply: eq_bigr => x _ /=.
  rewrite mulr_sumr mulr_sumr -big_split; apply: eq_bigr => y _ /=; rewrite /g.
  have ne u v : a u + a v != 0 by rewrite gt_eqF // addr_gt0.
  move: (ne x y) (ne x z) (ne y z); move: (a x) (a y) (a z) (f x) (f y) => ax ay az fx fy *.
  by field; do ?[apply/andP; split].
by move=> le; rewrite addr_ge0 // mulr_ge0 ?sqr_ge0 // mulr_ge0 ?ler0n // ltW.
Qed.

End Cauchy.

Section Pair.
Variables (R : realFieldType) (a b x y s v : R).
Hypotheses (x_gt0 : 0 < x) (y_gt0 : 0 < y) (rest : 0 <= s - x - y).
Hypotheses (ax : a != 0 -> x <= v) (b_y : b != 0 -> y <= v) (v_gt0 : 0 < v).

Let sx := s - x + v.
Let sy := s - y + v.
Let sxy := s - x - y + 2%:R * v.

Let s_gt0 : 0 < s.
Proof.
have -> : s = x + (y + (s - x - y)) by ring.
by rewrite addr_gt0 // ltr_pwDl.
Qed.

Let sx_gt0 : 0 < sx.
Proof.
have -> : sx = v + (y + (s - x - y)) by rewrite /sx; ring.
by rewrite addr_gt0 // ltr_pwDl.
Qed.

Let sy_gt0 : 0 < sy.
Proof.
have -> : sy = v + (x + (s - x - y)) by rewrite /sy; ring.
by rewrite addr_gt0 // ltr_pwDl.
Qed.

Let sxy_gt0 : 0 < sxy.
Proof. by rewrite /sxy addrC ltr_pwDl // mulr_gt0 ?ltr0n. Qed.

Let gain_ge0 (u : R) (s1 : R) : u <= v -> 0 < s1 -> s1 = s - u + v -> 0 <= s^-1 - s1^-1.
Proof.
move=> uv s10 E; rewrite subr_ge0 ler_pV2 ?inE ?unitfE ?gt_eqF // E.
by rewrite -addrA lerDl addrC subr_ge0.
Qed.

(* Two candidates, of densities a and b and of weights x and y, s being the total weight. *)
Lemma pair_of_numbers : a * b / s <= a * (b / sx) + b * (a / sy) - a * (b / sxy)
  + (a ^+ 2 / x * (y * (s^-1 - sx^-1)) + b ^+ 2 / y * (x * (s^-1 - sy^-1))) / 2%:R.
Proof.
have term_a : 0 <= a ^+ 2 / x * (y * (s^-1 - sx^-1)).
  have [->|/ax xv] := eqVneq a 0; first by rewrite expr0n /= !mul0r.
  by rewrite mulr_ge0 ?divr_ge0 ?sqr_ge0 ?(ltW x_gt0) // mulr_ge0 ?(ltW y_gt0) // (gain_ge0 xv).
have term_b : 0 <= b ^+ 2 / y * (x * (s^-1 - sy^-1)).
  have [->|/b_y yv] := eqVneq b 0; first by rewrite expr0n /= !mul0r.
  by rewrite mulr_ge0 ?divr_ge0 ?sqr_ge0 ?(ltW y_gt0) // mulr_ge0 ?(ltW x_gt0) // (gain_ge0 yv).
have [ab|] := eqVneq (a * b) 0.
  have E u : a * (b / u) = 0 by rewrite mulrA ab mul0r.
  have E' u : b * (a / u) = 0 by rewrite mulrCA mulrA ab mul0r.
  by rewrite !E !E' ab mul0r addr0 subr0 add0r divr_ge0 ?ler0n // addr_ge0.
rewrite mulf_eq0 negb_or => /andP[a0 b0].
have xv := ax a0; have yv := b_y b0.
pose k := s^-1 - sx^-1 - sy^-1 + sxy^-1.
have kx : k <= s^-1 - sx^-1.
  rewrite /k -addrA -[leRHS]addr0 lerD2l addrC subr_le0 ler_pV2 ?inE ?unitfE ?gt_eqF //.
  rewrite -subr_ge0; have -> : sxy - sy = v - x by rewrite /sxy /sy; ring.
  by rewrite subr_ge0.
have ky : k <= s^-1 - sy^-1.
  rewrite /k [X in X + _]addrAC -addrA -[leRHS]addr0 lerD2l addrC subr_le0 
    ler_pV2 ?inE ?unitfE ?gt_eqF //.
  rewrite -subr_ge0; have -> : sxy - sx = v - y by rewrite /sxy /sx; ring.
  by rewrite subr_ge0.
have k0 : 0 <= k.
  have -> : k = (v - x) * ((s * sx)^-1 - (sy * sxy)^-1).
    have hx : sx = s - x + v by []; have hy : sxy = sy - x + v by rewrite /sxy /sy; ring.
    rewrite mulrBr; have -> : (v - x) / (s * sx) = s^-1 - sx^-1.
      have -> : v - x = sx - s by rewrite hx; ring.
      by move: (sx) s_gt0 sx_gt0 => s1 *; field; rewrite !gt_eqF.
    have -> : (v - x) / (sy * sxy) = sy^-1 - sxy^-1.
      have -> : v - x = sxy - sy by rewrite hy; ring.
      by move: (sy) (sxy) sy_gt0 sxy_gt0 => s1 s2 *; field; rewrite !gt_eqF.
    by rewrite opprB addrA [RHS]addrAC /k.
  rewrite mulr_ge0 ?subr_ge0 // ler_pV2 ?inE ?unitfE ?gt_eqF ?mulr_gt0 //.
  rewrite ler_pM ?(ltW s_gt0) ?(ltW sx_gt0) //.
    by rewrite /sy -addrA lerDl addrC subr_ge0.
  rewrite -subr_ge0; have -> : sxy - sx = v - y by rewrite /sxy /sx; ring.
  by rewrite subr_ge0.
have square : a * b <= (a ^+ 2 / x * y + b ^+ 2 / y * x) / 2%:R.
  rewrite -subr_ge0.
  have -> : (a ^+ 2 / x * y + b ^+ 2 / y * x) / 2%:R - a * b
      = (a * y - b * x) ^+ 2 / (2%:R * x * y).
    by field; rewrite !gt_eqF.
  by rewrite divr_ge0 ?sqr_ge0 // mulr_ge0 ?(ltW y_gt0) // mulr_ge0 ?ler0n // ltW.
rewrite -subr_ge0; apply: (@le_trans _ _ (((a ^+ 2 / x * y + b ^+ 2 / y * x) / 2%:R - a * b) * k)).
  by rewrite mulr_ge0 // subr_ge0.
move: kx ky; rewrite /k; have : 0 <= a ^+ 2 / x by rewrite divr_ge0 ?sqr_ge0 // ltW.
have : 0 <= b ^+ 2 / y by rewrite divr_ge0 ?sqr_ge0 // ltW.
move: (a ^+ 2 / x) (b ^+ 2 / y) s^-1 sx^-1 sy^-1 sxy^-1 => a' b' u1 u2 u3 u4 b'0 a'0 kx ky.
rewrite -subr_ge0; set lhs := (X in 0 <= X).
have -> : lhs = (a' * y * ((u1 - u2) - (u1 - u2 - u3 + u4))
    + b' * x * ((u1 - u3) - (u1 - u2 - u3 + u4))) / 2%:R by rewrite /lhs; field.
by rewrite divr_ge0 ?ler0n // addr_ge0 // mulr_ge0 ?subr_ge0 // mulr_ge0 // ltW.
Qed.

End Pair.

(* Sums of exponentials, and what is needed of calculus about them: derivatives of sums, of the
   square of the positive part, and of a function glued of two that meet where a third one vanishes.
   The transforms E_r e^{-sw} of a law's weight are such sums, and so are their powers. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation divergence.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realType) (I : finType).

(* The sum of a_i e^{-s b_i}, a function of s. *)
Definition exponential_sum (a b : I -> R) (s : R) := \sum_i a i * expR (- (s * b i)).

End Definitions.

Section Calculus.
Variable R : realType.
Implicit Types (f g : R -> R) (s x : R).

Lemma is_derive_big (I : finType) (A : pred I) (f : I -> R -> R) (d : I -> R) s :
  (forall i, is_derive s 1 (f i) (d i)) ->
  is_derive s 1 (fun z => \sum_(i | A i) f i z) (\sum_(i | A i) d i).
Proof.
move=> df; elim: (index_enum I) => [|i r IH].
  rewrite big_nil; have -> : (fun z : R => \sum_(i <- [::] | A i) f i z) = cst 0.
    by apply: funext => z; rewrite big_nil.
  exact: is_derive_cst.
rewrite big_cons; case: ifP => Ai; last first.
  suff -> : (fun z => \sum_(j <- i :: r | A j) f j z) = (fun z => \sum_(j <- r | A j) f j z) by [].
  by apply: funext => z; rewrite big_cons Ai.
suff -> : (fun z => \sum_(j <- i :: r | A j) f j z) = f i + (fun z => \sum_(j <- r | A j) f j z).
  exact: is_deriveD.
by apply: funext => z; rewrite big_cons Ai.
Qed.

Lemma is_derive_exponential (b s : R) :
  is_derive s 1 (fun z => expR (- (z * b))) (- b * expR (- (s * b))).
Proof.
have -> : (fun z => expR (- (z * b))) = expR \o (cst (- b) * (id : R -> R)).
  by apply: funext => z; rewrite /= !fctE mulrC mulNr.
have dl : is_derive s 1 (cst (- b) * (id : R -> R)) (- b).
  by apply: is_derive_eq; rewrite /GRing.scale /= mulr0 addr0 mulr1.
have E : (cst (- b) * (id : R -> R)) s = - (s * b) by rewrite !fctE mulrC mulrN.
by apply: is_derive_eq (is_derive1_comp (is_derive_expR _) dl) _; rewrite E mulrC.
Qed.

(* (sum of a_i e^{-s b_i})' = - sum of a_i b_i e^{-s b_i} *)
Lemma is_derive_exponential_sum (I : finType) (a b : I -> R) s :
  is_derive s 1 (exponential_sum a b) (- exponential_sum (fun i => a i * b i) b s).
Proof.
rewrite /exponential_sum -sumrN; apply: is_derive_big => i.
have -> : (fun z => a i * expR (- (z * b i))) = cst (a i) * (fun z => expR (- (z * b i))) by [].
have de := is_derive_exponential (b i) s.
apply: is_derive_eq; rewrite /GRing.scale /= mulr0 addr0.
by rewrite !mulNr mulrN mulrA.
Qed.

(* A function that is affine near x up to a square has that slope there. *)
Lemma is_derive_quadratic f x d :
  (forall z, `|f z - f x - d * (z - x)| <= (z - x) ^+ 2) -> is_derive x 1 f d.
Proof.
move=> near_line; apply/is_derive1_caratheodory.
pose g z := if z == x then d else (f z - f x) / (z - x); have gx : g x = d by rewrite /g eqxx.
exists g; split=> // [z|].
  rewrite /g; case: eqP => [->|/eqP zx]; first by rewrite !subrr mulr0.
  by rewrite divfK // subr_eq0.
suff : (g z @[z --> x] --> d)%classic by rewrite /prop_for gx.
apply/cvgrPdist_lt => e e0; apply/nbhs_ballP; exists e => //= z; rewrite /ball /= => zx_e.
rewrite /g; case: eqP => [_|/eqP zx]; first by rewrite subrr normr0.
have zx0 : z - x != 0 by rewrite subr_eq0.
apply: le_lt_trans zx_e; rewrite distrC [leRHS]distrC.
have -> : (f z - f x) / (z - x) - d = (f z - f x - d * (z - x)) / (z - x).
  by rewrite [RHS]mulrBl mulfK.
by rewrite normrM normfV ler_pdivrMr ?normr_gt0 // -expr2 real_normK ?num_real.
Qed.

(* ((x^+)^2)' = 2 x^+ *)
Lemma is_derive_square_positive x :
  is_derive x 1 (fun z : R => Num.max z 0 ^+ 2) (2%:R * Num.max x 0).
Proof.
apply: is_derive_quadratic => z.
have square (a b : R) : `|a| <= `|b| -> a ^+ 2 <= b ^+ 2.
  move=> ab; rewrite -[a ^+ 2]ger0_norm ?sqr_ge0 // -[b ^+ 2]ger0_norm ?sqr_ge0 //.
  by rewrite !normrX lerXn2r ?nnegrE.
case: (leP z 0) => z0; case: (leP x 0) => x0.
- by rewrite expr0n /= subrr mulr0 mul0r subrr normr0 sqr_ge0.
- have -> : 0 ^+ 2 - x ^+ 2 - 2%:R * x * (z - x) = (z - x) ^+ 2 - z ^+ 2 by ring.
  have le : z ^+ 2 <= (z - x) ^+ 2.
    apply: square; rewrite !ler0_norm ?lerN2 //; last by rewrite subr_le0 (le_trans z0) // ltW.
    by rewrite lerBlDr lerDl ltW.
  by rewrite ger0_norm ?subr_ge0 // lerBlDr lerDl sqr_ge0.
- rewrite expr0n /= mulr0 mul0r !subr0 ger0_norm ?sqr_ge0 //.
  apply: square; rewrite !ger0_norm ?(ltW z0) //; last by rewrite subr_ge0 (le_trans x0) // ltW.
  by rewrite lerBrDr -lerBrDl subrr.
have -> : z ^+ 2 - x ^+ 2 - 2%:R * x * (z - x) = (z - x) ^+ 2 by ring.
by rewrite ger0_norm ?sqr_ge0.
Qed.

(* A function with nonnegative derivative does not fall. *)
Lemma nondecreasing_from f (df : R -> R) s : 0 <= s ->
  (forall z, is_derive z 1 f (df z)) -> (forall z, 0 < z -> 0 <= df z) -> f 0 <= f s.
Proof.
rewrite le_eqVlt => /orP[/eqP <- //|s0] der df0.
have [|z] := MVT s0 (fun z _ => der z).
  apply: continuous_subspaceT => z; apply/differentiable_continuous/derivable1_diffP.
  by case: (der z).
rewrite in_itv /= => /andP[z0 _] E.
by rewrite -subr_ge0 E subr0 mulr_ge0 ?df0 // ltW.
Qed.

(* Of two functions that differ by D^2 G, take the one where D <= 0 and the other where D > 0. This
   does not fall if the one does not where D <= 0, and the other does not where D > 0. *)
Lemma glued_nondecreasing (f g D G df dg dD : R -> R) s : 0 <= s ->
  (forall z, is_derive z 1 f (df z)) -> (forall z, is_derive z 1 g (dg z)) ->
  (forall z, is_derive z 1 D (dD z)) -> (forall z, derivable G z 1) ->
  (forall z, g z = f z + D z ^+ 2 * G z) ->
  (forall z, 0 < z -> D z <= 0 -> 0 <= df z) -> (forall z, 0 < z -> 0 < D z -> 0 <= dg z) ->
  D 0 = 0 -> f 0 <= (if D s <= 0 then f s else g s).
Proof.
move=> s0 Df Dg DD DG gE df0 dg0 D0.
pose dG z := 'D_1 G z; have {}DG z : is_derive z 1 G (dG z) by apply/derivableP.
pose S z := Num.max (D z) 0 ^+ 2.
have DS z : is_derive z 1 S (dD z * (2%:R * Num.max (D z) 0)).
  have := is_derive1_comp (is_derive_square_positive (D z)) (DD z).
  by rewrite mulrC.
pose E := f + S * G.
have -> : (if D s <= 0 then f s else g s) = E s.
  by rewrite /E !fctE /S; case: (leP (D s) 0) => _; rewrite ?gE // expr0n mul0r addr0.
have -> : f 0 = E 0 by rewrite /E !fctE /S D0 maxxx expr0n mul0r addr0.
pose dE z := df z + (S z * dG z + G z * (dD z * (2%:R * Num.max (D z) 0))).
have DE z : is_derive z 1 E (dE z).
  by move: (DS z) => DSz; apply: is_derive_eq.
apply: (nondecreasing_from s0 DE) => z z0; rewrite /dE /S.
case: (leP (D z) 0) => Dz; first by rewrite expr0n !(mul0r, mulr0) !addr0 df0.
suff <- : dg z = df z + (D z ^+ 2 * dG z + G z * (dD z * (2%:R * D z))) by apply: dg0.
have Eg : g = f + (D * D) * G by apply: funext => y; rewrite !fctE gE expr2.
have [_ <-] := Dg z; rewrite Eg.
suff De : is_derive z 1 (f + (D * D) * G) (df z + (D z ^+ 2 * dG z + G z * (dD z * (2%:R * D z)))).
  by case: De.
by apply: is_derive_eq; rewrite /GRing.scale /= !fctE expr2; ring.
Qed.

End Calculus.

Section PowerGap.
Variable R : realType.

(* The sum over i < n of (i+1) a^i b^{n-1-i}. *)
Fixpoint power_gap n (a b : R) := if n is m.+1 then n%:R * a ^+ m + b * power_gap m a b else 0.

Lemma power_gapE n a b :
  b ^+ n.+1 = a ^+ n.+1 - n.+1%:R * (a - b) * a ^+ n + (a - b) ^+ 2 * power_gap n a b.
Proof.
elim: n => [|n IH] /=; first by rewrite !expr1 expr0; ring.
rewrite exprS IH !exprS -[n.+2]addn1 natrD; move: (a ^+ n) (power_gap n a b) (n.+1%:R) => e g k.
by ring.
Qed.

Lemma derivable_power_gap n (f g : R -> R) z : derivable f z 1 -> derivable g z 1 ->
  derivable (fun y => power_gap n (f y) (g y)) z 1.
Proof.
move=> df dg; have const (a : R) : derivable (fun=> a) z 1.
  by have D := is_derive_cst a z (1 : R); apply: (@ex_derive _ _ _ _ _ _ _ D).
have product (F H : R -> R) : derivable F z 1 -> derivable H z 1 ->
    derivable (fun y => F y * H y) z 1.
  move=> /derivableP DF /derivableP DH.
  have -> : (fun y => F y * H y) = F * H by [].
  have D := is_deriveM DF DH; exact: (@ex_derive _ _ _ _ _ _ _ D).
have power m : derivable (fun y => f y ^+ m) z 1.
  elim: m => [|m IH]; first exact: const.
  have -> : (fun y => f y ^+ m.+1) = (fun y => f y * f y ^+ m) by apply: funext => y; rewrite exprS.
  exact: product.
elim: n => [|n IH] /=; first exact: const.
have DF := product _ _ (const n.+1%:R) (power n).
have DG := product _ _ dg IH.
exact: (derivableD DF DG).
Qed.

End PowerGap.

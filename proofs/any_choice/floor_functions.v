(* Functions that a floor is made of: convex on [0, 1], and increasing there from 0 to 1. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From Recurate Require Import compatibility finite_law choices.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Definitions.
Variables (R : realFieldType).

(* f is convex and nondecreasing on [0, 1]: at each point a line of slope s >= 0 supports it. *)
Definition supported (f : R -> R) := forall a, 0 <= a <= 1 ->
  exists2 s, 0 <= s & forall x, 0 <= x <= 1 -> f a + s * (x - a) <= f x.

(* ... and it maps [0, 1] onto [0, 1]: x^K, for example. *)
Definition floor_function (f : R -> R) := [/\ f 0 = 0, f 1 = 1 & supported f].

End Definitions.

Section Functions.
Variables (R : realFieldType).
Implicit Types (f : R -> R).

Lemma supported_mono f x y : supported f -> 0 <= x -> x <= y -> y <= 1 -> f x <= f y.
Proof.
move=> sf x0 xy y1; have xu : 0 <= x <= 1 by rewrite x0 (le_trans xy).
have yu : 0 <= y <= 1 by rewrite y1 (le_trans x0).
have [s s0 line] := sf x xu; apply: le_trans (line y yu).
by rewrite lerDl mulr_ge0 // subr_ge0.
Qed.

(* Convexity in its usual form. *)
Lemma supported_convex f l x y : supported f -> 0 <= l <= 1 -> 0 <= x <= 1 -> 0 <= y <= 1 ->
  f (l * x + (1 - l) * y) <= l * f x + (1 - l) * f y.
Proof.
move=> sf /andP[l0 l1] xu yu; have l1' : 0 <= 1 - l by rewrite subr_ge0.
have [/andP[x0 x1] /andP[y0 y1]] := (xu, yu); set z := l * x + _.
have zu : 0 <= z <= 1.
  rewrite addr_ge0 ?mulr_ge0 //= /z; apply: (@le_trans _ _ (l * 1 + (1 - l) * 1)).
    by rewrite lerD // ler_wpM2l.
  by rewrite !mulr1 addrC subrK.
have [s s0 line] := sf z zu.
apply: (@le_trans _ _ (l * (f z + s * (x - z)) + (1 - l) * (f z + s * (y - z)))).
  by rewrite le_eqVlt; apply/orP; left; apply/eqP; rewrite /z; ring.
by rewrite lerD // ler_wpM2l // line.
Qed.

Lemma floor_function_unit f x : floor_function f -> 0 <= x <= 1 -> 0 <= f x <= 1.
Proof.
move=> [f0 f1 sf] /andP[x0 x1]; apply/andP; split.
  by rewrite -f0; apply: supported_mono.
by rewrite -f1; apply: supported_mono.
Qed.

Lemma floor_function_id : floor_function (fun x : R => x).
Proof.
split=> // a _; exists 1 => // x _; by rewrite mul1r addrC subrK.
Qed.

Lemma eq_supported f g : f =1 g -> supported f -> supported g.
Proof.
move=> fg sf a au; have [s s0 line] := sf a au; exists s => // x xu.
by rewrite -!fg line.
Qed.

Lemma supportedD f g : supported f -> supported g -> supported (fun x => f x + g x).
Proof.
move=> sf sg a au; have [s s0 fline] := sf a au; have [r r0 gline] := sg a au.
exists (s + r); first exact: addr_ge0.
by move=> x xu; rewrite mulrDl addrACA lerD ?fline ?gline.
Qed.

Lemma supportedZ c f : 0 <= c -> supported f -> supported (fun x => c * f x).
Proof.
move=> c0 sf a au; have [s s0 line] := sf a au; exists (c * s); first exact: mulr_ge0.
by move=> x xu; rewrite -mulrA -mulrDr ler_wpM2l // line.
Qed.

Lemma supported_sum (I : finType) (F : I -> R -> R) :
  (forall i, supported (F i)) -> supported (fun x => \sum_i F i x).
Proof.
move=> sF; elim: (index_enum I) => [|i r IH].
  by move=> a _; exists 0 => // x _; rewrite !big_nil mul0r addr0.
by apply: eq_supported (supportedD (sF i) IH) => x; rewrite big_cons.
Qed.

Lemma supported_comp f g : supported f -> floor_function g -> supported (fun x => f (g x)).
Proof.
move=> sf flg a au; have [_ _ sg] := flg.
have [s s0 fline] := sf _ (floor_function_unit flg au); have [r r0 gline] := sg a au.
exists (s * r) => [|x xu]; first exact: mulr_ge0.
apply: le_trans (fline _ (floor_function_unit flg xu)); rewrite lerD2l -mulrA ler_wpM2l //.
by rewrite lerBrDl gline.
Qed.

(* Jensen's inequality on a finite probability space. *)
Lemma jensen (Omega : finType) (P : Omega -> R) (X : Omega -> R) f :
  is_law P -> supported f -> unit_valued X -> f (mean P X) <= mean P (fun o => f (X o)).
Proof.
move=> lawP sf uX; have [s _ line] := sf _ (mean_unit lawP uX).
apply: (@le_trans _ _ (mean P (fun o => f (mean P X) + s * (X o - mean P X)))).
  by rewrite meanD mean_const // meanZ meanB mean_const // subrr mulr0 addr0.
by apply: le_mean => [|o _]; [case: lawP|apply: line].
Qed.

(* x^K >= a^K + K a^(K-1) (x - a) *)
Lemma power_tangent (a x : R) K : 0 <= a -> 0 <= x ->
  a ^+ K + K%:R * a ^+ K.-1 * (x - a) <= x ^+ K.
Proof.
move=> a0 x0; elim: K => [|K step]; first by rewrite !expr0 !mul0r addr0.
rewrite [x ^+ _]exprS; apply: le_trans (ler_wpM2l x0 step); rewrite -subr_ge0 /=.
have -> : x * (a ^+ K + K%:R * a ^+ K.-1 * (x - a)) - (a ^+ K.+1 + K.+1%:R * a ^+ K * (x - a))
    = K%:R * a ^+ K.-1 * (x - a) ^+ 2.
  by case: K {step} => [|K] /=; rewrite ?expr0 ?expr1 !exprS !mulrS ?expr0; ring.
by apply: mulr_ge0; [apply: mulr_ge0; [exact: ler0n|exact: exprn_ge0]|exact: sqr_ge0].
Qed.

Lemma power_floor_function K : (0 < K)%N -> floor_function (fun x : R => x ^+ K).
Proof.
move=> K0; split; rewrite ?expr1n ?expr0n ?(gtn_eqF K0) // => a /andP[a0 _].
exists (K%:R * a ^+ K.-1) => [|x /andP[x0 _]]; first by rewrite mulr_ge0 ?exprn_ge0.
exact: power_tangent.
Qed.

End Functions.

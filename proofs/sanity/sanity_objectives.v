(* Instances that compute, where there are logarithms: the welfare and the objectives of many voters
   and of one, and the Nash product of two. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation loops winner voters divergence.
From Recurate Require Import welfare welfare_maximisers pluralistic implicit_objective basin_limits.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section TwoVoters.
Variable R : realType.
Implicit Types (a b : R).

(* The laws (a, 1 - a) of the answers true and false, and shares of voters; each likes one answer
   twice as much as the other, as in sanity_voters.v. *)
Let law a (x : bool) : R := if x then a else 1 - a.
Let liked (u x : bool) : R := if u == x then 2%:R else 1.

Let unit_law n d : (n <= d)%N -> (0 < d)%N -> is_law (law (n%:R / d%:R)).
Proof.
move=> nd d0; split=> [x|]; last by rewrite big_bool /= addrC subrK.
case: x; rewrite /= ?subr_ge0 ?divr_ge0 ?ler0n //.
by rewrite ler_pdivrMr ?ltr0n // mul1r ler_nat.
Qed.

Let liked_ge0 u x : 0 <= liked u x. Proof. by rewrite /liked; case: eqP; rewrite ?ler0n. Qed.

Let liked_gt0 u x : 0 < liked u x. Proof. by rewrite /liked; case: eqP; rewrite ?ltr0n. Qed.

Let mean_liked a u : mean (law a) (liked u) = if u then 1 + a else 2%:R - a.
Proof. by rewrite /mean big_bool /liked /law; case: u => /=; ring. Qed.

Let servedP n d (pi : bool -> R) : (n <= d)%N -> (0 < d)%N -> served pi liked (law (n%:R / d%:R)).
Proof.
by move=> nd d0; split=> [|u _]; [apply: unit_law|apply: mean_gt0 => //; apply: unit_law].
Qed.

Let half : bool -> R := law (1 / 2%:R).

Let half_is_law : is_law half. Proof. exact: (@unit_law 1 2). Qed.

Let half_gt0 x : 0 < half x.
Proof.
have one_less : 1 - 1 / 2%:R = 1 / 2%:R :> R by field.
by rewrite /half /law one_less; case: x; rewrite divr_gt0 ?ltr0n.
Qed.

Let inside p : absolutely_continuous p half.
Proof. by move=> x /eqP; rewrite gt_eqF. Qed.

(* Both have W_u = 3/2 at equal masses: the welfare is ln(3/2), and with a = 1/2 the objective is
   half of that, as KL = 0 there. *)
Theorem welfare_three_halves : let pi := law (3%:R / 4%:R) in
  welfare pi liked half = ln (3%:R / 2%:R)
  /\ objective (1 / 2%:R) half pi liked half = ln (3%:R / 2%:R) / 2%:R.
Proof.
move=> pi; have w : welfare pi liked half = ln (3%:R / 2%:R).
  have W u : mean half (liked u) = 3%:R / 2%:R by rewrite mean_liked; case: u; field.
  by rewrite /welfare big_bool !W /pi /law /=; move: (ln _) => l; field.
split=> //; rewrite /objective w /KL big1 => [|x _]; last by rewrite divff ?ln1 ?mulr0 // gt_eqF.
by move: (ln _) => l; field.
Qed.

(* Shares 3/5 and 2/5: the welfare is largest at (4/5, 1/5), not at equal masses, where one more
   true answer would bring 3/5 4/3 + 2/5 2/3 = 16/15. *)
Theorem welfare_at_four_fifths : let pi := law (3%:R / 5%:R) in
  maximises_welfare pi liked half (law (4%:R / 5%:R)) /\ ~ maximises_welfare pi liked half half.
Proof.
move=> pi; have law_pi : is_law pi by apply: unit_law.
have H p x := maximises_welfareP law_pi liked_ge0 half_is_law (p := p) x (@inside p).
split.
  apply/H => [|x _]; first exact: servedP.
  rewrite big_bool !mean_liked /pi /law /liked.
  by case: x => /=; rewrite le_eqVlt; apply/orP; left; apply/eqP; field.
move/(H half (@servedP 1 2 pi isT isT)) => /(_ true (half_gt0 _)).
rewrite big_bool !mean_liked /pi /law /liked /=.
have -> : 3%:R / 5%:R * (2%:R / (1 + 1 / 2%:R)) + (1 - 3%:R / 5%:R) * (1 / (2%:R - 1 / 2%:R))
    = 16%:R / 15%:R :> R by field.
by rewrite ler_pdivrMr ?ltr0n // mul1r ler_nat.
Qed.

(* With 20/27 of their choices, of shares 3/4 and 1/4, and real data of equal masses: the objective
   is largest at the fixed point (2/3, 1/3) of sanity_voters.v. At equal masses H(true) = 91/81. *)
Theorem objective_at_two_thirds : let pi := law (3%:R / 4%:R) in
  maximises (20%:R / 27%:R) half pi liked half (law (2%:R / 3%:R))
  /\ ~ maximises (20%:R / 27%:R) half pi liked half half.
Proof.
move=> pi; have law_pi : is_law pi by apply: unit_law.
have a01 : 0 <= (20%:R / 27%:R : R) <= 1.
  by rewrite divr_ge0 ?ler0n //= ler_pdivrMr ?ltr0n // mul1r ler_nat.
have f n d : (0 < n)%N -> (n < d)%N -> feasible (20%:R / 27%:R) half pi liked (law (n%:R / d%:R)).
  move=> n0 nd; have d0 := ltn_trans n0 nd; have law_p := unit_law (ltnW nd) d0.
  split=> // [_ x /eqP|u _]; last by apply: mean_gt0.
  rewrite gt_eqF // /law; case: x; rewrite ?subr_gt0 ?divr_gt0 ?ltr0n //.
  by rewrite ltr_pdivrMr ?ltr0n // mul1r ltr_nat.
have H p fp := proj1 (objective_maximiser a01 half_is_law law_pi liked_ge0 half_is_law (p := p) fp
  (@inside p)).
split.
  apply/(H _ (f 2%N 3%N isT isT)) => x _; rewrite /voting_ratio big_bool !mean_liked.
  rewrite /pi /half /law /liked.
  by case: x => /=; rewrite le_eqVlt; apply/orP; left; apply/eqP; field.
move/(H half (f 1%N 2%N isT isT)) => /(_ true (half_gt0 _)).
rewrite /voting_ratio big_bool !mean_liked /pi /half /law /liked /=.
set h := _ + _; have -> : h = 91%:R / 81%:R by rewrite /h; field.
by rewrite ler_pdivrMr ?ltr0n // mul1r ler_nat.
Qed.

(* All real data at true, weights 2 and 1, lam = 2: at equal masses ln(3/2) - ln(2)/2. Where the
   reference has no mass is no harm, but p must have some where it has. *)
Theorem regularised_at_half :
  regularised 2%:R (law 1) (liked true) half = ln (3%:R / 2%:R) - ln 2%:R / 2%:R
  /\ regular (law 1) (liked true) half /\ ~ regular half (liked true) (law 1).
Proof.
have W : mean half (liked true) = 3%:R / 2%:R by rewrite mean_liked; field.
split; last split.
- rewrite /regularised W /KL big_bool /half /law /= subrr mul0r addr0 mul1r.
  by congr (_ - ln _ / _); field.
- by split; [exact: half_is_law|exact: inside|rewrite W divr_gt0 ?ltr0n].
case=> _ /(_ false); rewrite {1}/law subrr => /(_ erefl) /eqP; by rewrite gt_eqF.
Qed.

End TwoVoters.

Section Nash.
Variable R : realType.

(* 4^(1/2) = 2, and 0^0 is 0 here, 1 in the library. *)
Theorem real_power_values : real_power (4%:R : R) (1 / 2%:R) = 2%:R
  /\ real_power (0 : R) 0 = 0 /\ (0 : R) `^ 0 = 1.
Proof.
have two0 : 0 < 2%:R :> R by rewrite ltr0n.
rewrite /real_power eqxx pnatr_eq0 /=; split; last by split=> //; rewrite /exp_fun mul0r expR0.
have -> : 4%:R = 2%:R * 2%:R :> R by ring.
rewrite /exp_fun lnM ?posrE // mulrDr.
have -> : 1 / 2%:R * ln 2%:R + 1 / 2%:R * ln 2%:R = ln 2%:R :> R by move: (ln _) => l; field.
by rewrite lnK.
Qed.

(* Voter 1 gains 4 alpha and voter 2 16/3 (1 - alpha): at alpha = 1/4 the product with q = 1/2 is
   1^(1/2) 4^(1/2) = 2; at the ends it is 0. *)
Theorem nash_product_two : let at_true (x : bool) : R := if x then 1 else 0 in
  let at_false x := 1 - at_true x in
  let product := nash_product (1 / 2%:R) at_true at_false (fun x => 4%:R * at_true x)
    (fun x => 16%:R / 3%:R * at_false x) in
  product (1 / 4%:R) = 2%:R /\ product 0 = 0 /\ product 1 = 0.
Proof.
move=> at_true at_false product.
have E alpha : product alpha = real_power (4%:R * alpha) (1 / 2%:R)
    * real_power (16%:R / 3%:R * (1 - alpha)) (1 / 2%:R).
  rewrite /product /nash_product /mean !big_bool /at_false /at_true /=.
  by congr (real_power _ _ * real_power _ _); field.
have [half4 _] := real_power_values.
split; last by rewrite !E /real_power mulr0 subrr mulr0 eqxx mul0r mulr0.
rewrite E; have -> : 16%:R / 3%:R * (1 - 1 / 4%:R) = 4%:R :> R by field.
have -> : 4%:R * (1 / 4%:R) = 1 :> R by field.
by rewrite half4 /real_power oner_eq0 exp_fun1 mul1r.
Qed.

End Nash.

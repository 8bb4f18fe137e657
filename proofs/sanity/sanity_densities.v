(* Instances that compute, of the densities of the floors and of their primitives. *)
From mathcomp Require Import all_ssreflect all_algebra ring.
From mathcomp Require Import boolp classical_sets functions reals signed topology normedtype derive.
From mathcomp Require Import sequences realfun exp.
From Recurate Require Import compatibility finite_law curation binomial gap_win bounded_gap.
From Recurate Require Import share_envelope envelopes envelope_integral envelope_integral_general.
From Recurate Require Import bounded_gap_integral power_primitive.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Import numFieldNormedType.Exports.
Local Open Scope ring_scope.

Section Densities.
Variable R : realType.

(* Half of real data, K = 2: G_1(u) = u/2 + u^2/2, so g_1(1/4) = 1/2 + 1/4; G_2 = u/2 + G_1^2/2 with
   G_1(1/2) = 3/8 and g_1(1/2) = 1 gives g_2(1/2) = 1/2 + 3/8. *)
Theorem share_density_values : let g := share_density (fun=> 1 / 2%:R : R) (fun=> 2%N) in
  g 1%N (1 / 4%:R) = 3%:R / 4%:R /\ g 2%N (1 / 2%:R) = 7%:R / 8%:R.
Proof. by move=> g; split; rewrite /g /share_density /= ?expr1 ?expr2; field. Qed.

(* A quarter kept as they are, a quarter chosen: 1/2 + 1/4 + 1/4 (2/4) = 7/8 at 1/4. *)
Theorem power_density_value : power_density (fun=> 1 / 2%:R) (fun=> 1 / 4%:R)
  (fun _ (_ : unit) => 1 / 4%:R) (fun _ _ => 2%N) 1 (1 / 4%:R) = 7%:R / 8%:R :> R.
Proof. by rewrite /= (big_pred1 tt) => [|[]//]; rewrite /power_floor /= expr1; field. Qed.

(* R = 2, half of real data, one step. K = infinity: f(x) = x/(2 - x) has the slopes 1/2 at 0 and 2
   at 1, so g_1 = 3/4 and 3/2 there. K = 2: f(x) = 2 x (1-x)/3 + x^2 has 2/3 at 0, so 5/6. *)
Theorem gap_density_values :
  [/\ gap_density (fun=> 1 / 2%:R) None 2%:R 1 0 = 3%:R / 4%:R :> R,
      gap_density (fun=> 1 / 2%:R) None 2%:R 1 1 = 3%:R / 2%:R :> R
    & gap_density (fun=> 1 / 2%:R) (Some 2%N) 2%:R 1 0 = 5%:R / 6%:R :> R].
Proof.
split; rewrite /gap_density /gap_slope /gap_floor; [by field|by field|].
rewrite /binomial_mean !big_ord_recl big_ord0 /rise /win /= /bump leqnn addn0 /=.
by rewrite bin0 binn subn0 subnn !expr0 !expr1; field.
Qed.

(* g = 2 u is the density of the best of two: u^2 (ln 2 + ln u - 1/2) is a primitive of g ln g, u^2
   is not, and what it gains is ln 2 - 1/2. *)
Theorem primitive_of_two_u :
  [/\ primitive_of_g_ln_g (share_density (fun=> 0 : R) (fun=> 2%N) 1) (@power_primitive R 1),
      power_primitive 1 (1 : R) - power_primitive 1 0 = ln 2%:R - 1 / 2%:R
    & ~ primitive_of_g_ln_g (share_density (fun=> 0 : R) (fun=> 2%N) 1) (fun u => u ^+ 2)].
Proof.
split; first exact: (@pure_primitive R 2 isT 1).
  by rewrite power_primitive_gain; move: (ln _) => l; field.
have half01 : 0 < (1 / 2%:R : R) < 1.
  by rewrite divr_gt0 ?ltr0n //= ltr_pdivrMr ?ltr0n // mul1r ltr1n.
have dX : is_derive (1 / 2%:R : R) 1 (fun u : R => u ^+ 2) 1.
  by apply: is_derive_eq; rewrite /GRing.scale /=; field.
case=> /(_ (1 / 2%:R) half01) d _; have e := @derive_val _ _ _ _ _ _ _ d.
have := @derive_val _ _ _ _ _ _ _ dX; rewrite e /=.
have -> : 0 + (1 - 0) * (2%:R * (1 / 2%:R) ^+ 1 * 1) = 1 :> R by field.
by rewrite ln1 mulr0 => /eqP; rewrite eq_sym oner_eq0.
Qed.

End Densities.

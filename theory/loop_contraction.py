"""Curation is Lipschitz in total variation, and the loop a contraction for small λ."""

from __future__ import annotations

import sympy

from recurate.theory import curation_ceiling, lemma_2_2
from recurate.theory.curation_ceiling import highest_ratio, winning
from recurate.theory.draws import drawn_weight, quantity_of_others, random_weight, weight_of_others
from recurate.theory.notation import (
    K,
    inverse_candidates,
    lam,
    max_weight,
    mean_weight,
    next_mean_weight,
    real_fraction,
    synthetic_fraction,
    total_variation,
    variance_weight,
    weight,
)
from recurate.theory.proving.cases import StrictCombination, UnderSupposition
from recurate.theory.proving.generalising import UnderMean
from recurate.theory.proving.justifications import Cited, Combination, Identity
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.signs import at_least, at_most, equal, less
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement, instance_of

_a, _m = synthetic_fraction, real_fraction
_highest = highest_ratio(K)
_curated, _retrained = sympy.symbols("TV(Tp\\,Tq) TV(Fp\\,Fq)", nonnegative=True)
"""Total variation distances of T(p) from T(q), and of F(p) from F(q), F a step of the loop."""

_rate = _a * _highest
_bound = _rate * total_variation
_claim = at_most(_retrained, _bound)

# F is the loop's step: the masses of a set B, the one that tells F(p) and F(q) best apart.
_mass = sympy.Symbol("p_ref(B)", nonnegative=True)
"""Mass of a set B under p_ref; B is the one that tells F(p) and F(q) best apart."""

_curated_p, _curated_q = sympy.symbols("Tp(B) Tq(B)", nonnegative=True)
"""Masses of B under T(p) and T(q)."""

_retrained_p, _retrained_q = sympy.symbols("Fp(B) Fq(B)", nonnegative=True)
"""Masses of B under F(p) and F(q)."""

# Mean weights under T and F of one of the laws.
_curated_mean, _retrained_mean = sympy.symbols("E_T\\ w E_F\\ w", positive=True)
"""Mean weights under T and F of one of the laws."""

# W_i is drawn from i, which is either of the laws p and q. Of the K - 1 others j come from q.
_law, _p, _q = sympy.symbols("i p q")
"""The two laws p and q, and i, either of them."""

_number = sympy.Symbol("j", integer=True, nonnegative=True)
"""How many of the K - 1 other candidates come from q."""

_laws = {_q: _number, _p: K - 1 - _number}
_drawn = [part for law, number in _laws.items() for part in (law, number)]
_wins = winning(max_weight, _laws)

# Two values x and y of the candidate that changes, of weights w and w'; whether they are in a set
# A, and the weight J of those of the K - 1 others that are, with S the weight of all others.
_inside = sympy.Symbol("1_A(x)", nonnegative=True)
"""Whether a value x of the candidate that changes is in a set A."""

_other_weight = sympy.Symbol("v", positive=True)
"""Weight of the other value y of that candidate."""

_other_inside = sympy.Symbol("1_A(y)", nonnegative=True)
"""Whether y is in A."""

_change = sympy.Symbol("Delta", nonnegative=True)
"""Δ, by how much the change of one candidate moves the curated law at most, in total variation."""

_of_others, _others = quantity_of_others(*_drawn), weight_of_others(*_drawn)
_wins_x = (_inside * weight + _of_others) / (weight + _others)
_wins_y = (_other_inside * _other_weight + _of_others) / (_other_weight + _others)

_proof = Proof(
    general={**curation_ceiling.general(_law), "mean at least": (_law,)},
    supposed={
        **curation_ceiling.supposed(_law),
        "mean at least": at_least(Mean(drawn_weight(_law)), mean_weight),
        # Δ is the largest change, j the number of candidates changed before.
        "candidates left": at_least(K - 1 - _number, 0),
        "weight bounded": at_most(weight, max_weight),
        "other weight bounded": at_most(_other_weight, max_weight),
        "indicator": at_most(_inside, 1),
        "others in the set": at_least(_of_others, 0),
        "others at most all": at_most(_of_others, _others),
        # The loop's step F, and total variation as the largest difference of masses.
        "F(p)": equal(_retrained_p, _m * _mass + _a * _curated_p),
        "F(q)": equal(_retrained_q, _m * _mass + _a * _curated_q),
        "distance of F": equal(_retrained, _retrained_p - _retrained_q),
        "distance of T": at_most(_curated_p - _curated_q, _curated),
        "several candidates": at_least(K, 1),
        "mean of F": equal(_retrained_mean, _m * mean_weight + _a * _curated_mean),
        "lemma-2.2": instance_of(
            lemma_2_2.statement,
            {next_mean_weight: _curated_mean, mean_weight: Mean(drawn_weight(_law))},
        ),
    },
    steps=(
        Step(
            "chance from above",
            at_most(_wins_x, (max_weight + _of_others) / (max_weight + _others)),
            "Fix the K - 1 other candidates and let one be x: the winner is in A with probability "
            "(1_A(x) w + J)/(w + S), which is largest for x in A of weight w_*.",
            Combination(
                {
                    ("weight bounded", "others at most all"): 1
                    / ((max_weight + _others) * (weight + _others)),
                    "indicator": weight / (weight + _others),
                }
            ),
        ),
        Step(
            "chance from below",
            at_least(_wins_y, _of_others / (max_weight + _others)),
            "And smallest for a y outside A of weight w_*.",
            Combination(
                {
                    ("other weight bounded", "others in the set"): 1
                    / ((max_weight + _others) * (_other_weight + _others)),
                },
                remainder=_other_inside * _other_weight / (_other_weight + _others),
            ),
        ),
        Step(
            "change of one candidate",
            at_most(_wins_x - _wins_y, max_weight / (max_weight + _others)),
            "So putting x for y changes that probability by w_*/(w_* + S) at most: the winner "
            "differs only if that candidate wins.",
            Combination({"chance from above": 1, "chance from below": 1}),
        ),
        Step(
            "mean change",
            at_most(Mean(_wins_x) - Mean(_wins_y), _wins),
            "So it does in the mean over the others.",
            UnderMean("change of one candidate"),
        ),
        *curation_ceiling.steps(_law, _laws, {_p: "candidates left"}),
        Step(
            "one law for the other",
            at_most(_change, total_variation * _wins),
            "Draw that candidate from q in place of p: the law of the winner changes by TV(p, q) "
            "times the range of the mean above, at most.",
            Cited(
                "Levin, Peres, Markov Chains and Mixing Times, 2nd ed., Proposition 4.5 (duality)",
                of=("mean change",),
            ),
        ),
        Step(
            "one after the other",
            at_most(_curated, K * _change),
            "Change the K candidates one after the other, from all from p to all from q.",
            Cited("Levin, Peres, Markov Chains and Mixing Times, 2nd ed., Remark 4.3 (triangle)"),
        ),
        Step(
            "curation",
            at_most(_curated, _highest * total_variation),
            "Each change is at most h/K of TV(p, q): curation is Lipschitz.",
            Combination(
                {
                    "one after the other": 1,
                    "one law for the other": K,
                    "ceiling": K * total_variation,
                }
            ),
        ),
        Step(
            "retraining",
            at_most(_retrained, _a * _curated),
            "Retraining, F(p) = m p_ref + a T(p), adds the same real data to both: for every set "
            "the masses under F(p) and F(q) differ by a times what those under T(p) and T(q) do.",
            Combination({"distance of F": -1, "F(p)": -1, "F(q)": 1, "distance of T": _a}),
        ),
        Step(
            "mean weight",
            at_least(_retrained_mean, mean_weight),
            "Let μ be the reference's mean weight. Retraining leads from mean weights of at least "
            "μ to such ones, so the loop stays where all this holds.",
            Combination(
                {"mean of F": 1, "lemma-2.2": _a, "mean at least": _a},
                given=("several candidates",),
                remainder=_a * (1 - inverse_candidates) * variance_weight / max_weight,
            ),
        ),
        Step(
            "rate",
            equal(_rate, 1 - _m * (1 - lam * (_highest - 1))),
            "The loop contracts a times as much as T: by a h.",
            Identity(),
        ),
        Step(
            "rate below one",
            sympy.Implies(
                less(lam * (_highest - 1), 1), less(lam / (1 + lam) * _highest, 1), evaluate=False
            ),
            "Which is below 1 where λ(h-1) < 1.",
            UnderSupposition(
                StrictCombination(Combination({"hypothesis": 1 / (1 + lam)}), "hypothesis")
            ),
        ),
        Step(
            "claim",
            _claim,
            "So TV(F(p), F(q)) is at most a h TV(p, q).",
            Combination({"retraining": 1, "curation": _a}),
        ),
    ),
)

statement = Statement(
    id="loop-contraction",
    label="Contraction of the loop",
    title="Curation is Lipschitz in total variation, and the loop contracts for small λ",
    source=f"{DERIVED_HERE}#loop-contraction",
    kind="ours",
    hypotheses=(
        Hypothesis("candidates", "at least one candidate: K >= 1", at_least(K, 1)),
        Hypothesis("bounded", "bounded rewards: w <= w_*", at_most(random_weight, max_weight)),
        Hypothesis("means", "both laws, p and q, have mean weights of at least μ"),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=("K = 1", "p = q", "λ = 0"),
    proof=_proof,
    infinite_candidates=(
        "the limit K -> inf of the claim for finite K, which the proof is about: T_K(p) and "
        "T_K(q) tend to T_inf(p) and T_inf(q) in total variation (lemma-2.1-limit), and h to "
        "w_*/μ"
    ),
    law=(
        "over a draw W_i from i, p or q; S and J are over the K - 1 others, j of them from q and "
        "the rest from p"
    ),
    uses=("lemma-2.2",),
    remarks=(
        "F(p) = m p_ref + a T(p) is one step of the loop; λ = inf, a = 1, is curation alone: "
        "TV(T(p), T(q)) <= h TV(p, q). h = (1 - (1-θ)^K)/θ with θ = μ/w_*, at most K and at most "
        "w_*/μ.",
        "Where λ(h-1) < 1, and in particular where λ(K-1) < 1, a h is below 1. The loop keeps mean "
        "weights of at least the reference's μ, so by Banach's theorem it has one fixed point "
        "p_inf there. With q = p_inf = F(q) the claim is TV(p_{t+1}, p_inf) <= a h TV(p_t, p_inf), "
        "so that TV(p_t, p_inf) <= (a h)^t TV(p_0, p_inf).",
        "curation-lipschitz has a smaller factor in place of h: the smaller one of H_p(w_*) and "
        "H_q(w_*), which is at most h with θ of the larger mean weight.",
        "Every fixed point has a mean weight of at least μ, so there is no other one. From a start "
        "of lower mean weight the mean weight rises to μ in the limit, and the loop converges too.",
    ),
)

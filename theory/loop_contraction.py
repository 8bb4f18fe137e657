"""Curation is Lipschitz in total variation, and the loop a contraction for small λ."""

from __future__ import annotations

import sympy

from recurate.theory import curation_ceiling
from recurate.theory.curation_ceiling import (
    WINS,
    first_number,
    highest_ratio,
    second_number,
)
from recurate.theory.means import Mean
from recurate.theory.notation import (
    K,
    lam,
    max_weight,
    mean_weight,
    others_quantity,
    others_weight,
    random_weight,
    real_fraction,
    synthetic_fraction,
    total_variation,
    weight,
)
from recurate.theory.proof import (
    Cited,
    Combination,
    Identity,
    Proof,
    Step,
    Substitution,
    UnderMean,
)
from recurate.theory.signs import at_least, at_most, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

_highest = highest_ratio(K)
_curated = sympy.Symbol("TV(Tp,Tq)", nonnegative=True)
_bound = _highest * total_variation
_claim = at_most(_curated, _bound)

# Two values x and y of the candidate that changes, of weights w and w'; whether they are in a set
# A, and the weight J of those of the K - 1 others that are, with S the weight of all others.
_inside = sympy.Symbol("1_A(x)", nonnegative=True)
_other_weight = sympy.Symbol("v", positive=True)
_other_inside = sympy.Symbol("1_A(y)", nonnegative=True)
_change = sympy.Symbol("Delta", nonnegative=True)
_of_others, _others = others_quantity, others_weight
_wins_x = (_inside * weight + _of_others) / (weight + _others)
_wins_y = (_other_inside * _other_weight + _of_others) / (_other_weight + _others)

_proof = Proof(
    supposed={
        **curation_ceiling.SUPPOSED,
        # Means of one candidate are under the i-th of the two laws, q and p, whichever it is.
        "mean at least": at_least(Mean(random_weight), mean_weight),
        # Δ is the largest change, j the number of candidates changed before.
        "candidates left": at_least(K - 1 - first_number, 0),
        "weight bounded": at_most(weight, max_weight),
        "other weight bounded": at_most(_other_weight, max_weight),
        "indicator": at_most(_inside, 1),
        "others in the set": at_least(_of_others, 0),
        "others at most all": at_most(_of_others, _others),
    },
    steps=(
        Step(
            "rate",
            equal(
                synthetic_fraction * _highest,
                1 - real_fraction * (1 - lam * (_highest - 1)),
            ),
            "The loop mixes T(p) with the reference and contracts a times as much as T: by a h, "
            "which is below 1 where λ(h-1) < 1.",
            Identity(),
        ),
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
            at_most(Mean(_wins_x) - Mean(_wins_y), WINS),
            "So it does in the mean over the others.",
            UnderMean("change of one candidate"),
        ),
        *curation_ceiling.STEPS,
        Step(
            "ceiling, K",
            at_most(WINS, _highest / K),
            "Of the K - 1 others j come from one of the laws and the rest from the other one.",
            Substitution(
                "ceiling", {second_number: K - 1 - first_number}, {second_number: "candidates left"}
            ),
        ),
        Step(
            "one law for the other",
            at_most(_change, total_variation * WINS),
            "Draw that candidate from q in place of p: the law of the winner changes by TV(p, q) "
            "times the range of the mean above, at most.",
            Cited(
                "Levin, Peres, Markov Chains and Mixing Times, 2nd ed., Proposition 4.5 (duality)"
            ),
        ),
        Step(
            "one after the other",
            at_most(_curated, K * _change),
            "Change the K candidates one after the other, from all from p to all from q.",
            Cited("triangle inequality of the total variation distance"),
        ),
        Step(
            "claim",
            _claim,
            "Each change is at most h/K of TV(p, q).",
            Combination(
                {
                    "one after the other": 1,
                    "one law for the other": K,
                    "ceiling, K": K * total_variation,
                }
            ),
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
        Hypothesis("at least one candidate: K >= 1", at_least(K, 1)),
        Hypothesis("bounded rewards: w <= w_*", at_most(random_weight, max_weight)),
        Hypothesis("both laws, p and q, have mean weights of at least μ"),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=("K = 1", "p = q"),
    proof=_proof,
    remarks=(
        "h = (1 - (1-θ)^K)/θ with θ = μ/w_*, at most K and at most w_*/μ.",
        "The loop keeps mean weights of at least the reference's μ, so where λ(h-1) < 1, and in "
        "particular where λ(K-1) < 1, it is a contraction there, by the factor a h; by Banach's "
        "theorem it has one fixed point, and TV(p_t, p_inf) <= (a h)^t TV(p_0, p_inf).",
        "Every fixed point has a mean weight of at least μ, so there is no other one. From a start "
        "of lower mean weight the mean weight rises to μ in the limit, and the loop converges too.",
    ),
)

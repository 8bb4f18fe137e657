"""The pure loop converges to the reference conditioned on the largest weight."""

from __future__ import annotations

import sympy

from recurate.theory import density_monotone
from recurate.theory.draws import Drawn, random_weight
from recurate.theory.lemma_2_2_limits import statement as limits
from recurate.theory.notation import (
    density_of,
    inverse_candidates,
    larger_weight,
    limit_divergence_at,
    max_weight,
    mean_weight_at,
    t,
    top_mass,
    weight,
)
from recurate.theory.proving.generalising import UnderMean
from recurate.theory.proving.justifications import Cited, Combination
from recurate.theory.proving.limits import ContinuousImage, Squeeze
from recurate.theory.proving.means import Mean
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.signs import at_least, at_most, equal, less
from recurate.theory.source import Source
from recurate.theory.statement import Hypothesis, Statement, instance_of

_claim = equal(sympy.Limit(limit_divergence_at(t), t, sympy.oo), 0)


class drawn_below(Drawn):  # noqa: N801 (a function)
    """Indicator of W <= (1 - ε) w_*, as a function of ε."""

    nargs = 1
    plain, typeset = "1(W <= (1 - {}) w_⁎)", r"1_{W \leq (1 - @) w_*}"


# Means are under p_0. g is the indicator of w <= (1 - ε) w_*; p_0 has mass q on A = {w = w_*}.
_epsilon = sympy.Symbol("epsilon", positive=True)
"""ε, how far below w_* a weight is, as a share of w_*."""

_g = drawn_below(_epsilon)
_near = sympy.Function("p_0_near", positive=True)(_epsilon)
"""Mass p_0(w > (1 - ε) w_*) near the largest weight."""

_density, _top_density = density_of(t, random_weight), density_of(t, max_weight)
_top = top_mass * _top_density  # p_t(A)
_shortfall = max_weight - mean_weight_at(t)
_lower = top_mass * (1 - _shortfall / (_epsilon * max_weight)) / _near
_some_mean, _some_mass = sympy.symbols("M x", positive=True)

_proof = Proof(
    general={
        "density-monotone": (t,),
        "divergence": (t,),
        "mean": (t,),
        "probability": (t,),
        "total mass": (t,),
        "mass near the top": (_epsilon,),
        "indicator": (_epsilon,),
        "below": (_epsilon,),
    },
    supposed={
        "density-monotone": instance_of(
            density_monotone.statement, {larger_weight: max_weight, weight: random_weight}
        ),
        "lemma-2.2-limits": instance_of(limits, {}),
        "indicator": equal(_g**2, _g),
        "below": at_least(max_weight - random_weight, _epsilon * max_weight * _g),
        "mean": equal(mean_weight_at(t), Mean(random_weight * _density)),
        "total mass": equal(Mean(_density), 1),
        "mass near the top": equal(_near, 1 - Mean(_g)),
        "probability": at_most(_top, 1),
        "divergence": equal(limit_divergence_at(t), -sympy.log(_top)),
    },
    steps=(
        Step(
            "sign",
            at_least(1 - _g, 0),
            "An indicator equals its square, and so does one less it.",
            Combination({"indicator": -1}, remainder=(1 - _g) ** 2),
        ),
        Step(
            "near the top",
            at_least((1 - _g) * (_top_density - _density), 0),
            "The density p_t/p_0 is largest at w_* (density-monotone).",
            Combination({("sign", "density-monotone"): 1}),
        ),
        Step(
            "mass near the top, later",
            at_least((1 - Mean(_g)) * _top_density, Mean(_density) - Mean(_g * _density)),
            "So the mass of w > (1-ε) w_* under p_t is at most its mass under p_0 times the "
            "density at w_*.",
            UnderMean("near the top"),
        ),
        Step(
            "weighted",
            at_least(
                (max_weight - random_weight) * _density, _epsilon * max_weight * _g * _density
            ),
            "Where w <= (1-ε) w_*, the weight falls short of w_* by ε w_* at least.",
            Combination({"below": _density}),
        ),
        Step(
            "Markov",
            at_least(
                max_weight * Mean(_density) - Mean(random_weight * _density),
                _epsilon * max_weight * Mean(_g * _density),
            ),
            "So the mass of w <= (1-ε) w_* under p_t is at most (w_* - E_t w)/(ε w_*).",
            UnderMean("weighted"),
        ),
        Step(
            "lower",
            at_most(_lower, _top),
            "The rest is near the top, and A has its share q/p_0(w > (1-ε) w_*) of that at least.",
            Combination(
                {
                    "mass near the top, later": top_mass / _near,
                    "Markov": top_mass / (_near * _epsilon * max_weight),
                    "mass near the top": top_mass * _top_density / _near,
                    "total mass": (1 - 1 / _epsilon) * top_mass / _near,
                    "mean": -top_mass / (_near * _epsilon * max_weight),
                }
            ),
        ),
        Step(
            "limit in t",
            equal(sympy.Limit(_lower, t, sympy.oo), top_mass / _near),
            "E_t w tends to w_* (lemma-2.2-limits).",
            ContinuousImage(
                "lemma-2.2-limits", _lower.subs(mean_weight_at(t), _some_mean), _some_mean
            ),
        ),
        Step(
            "limit in ε",
            equal(sympy.Limit(top_mass / _near, _epsilon, 0, "+"), 1),
            "As ε falls to zero, the sets w > (1-ε) w_* shrink to A, whose mass is q.",
            Cited("Rudin, Real and Complex Analysis, theorem 1.19 (continuity of a measure)"),
        ),
        Step(
            "mass of A",
            equal(sympy.Limit(_top, t, sympy.oo), 1),
            "So all the mass goes to A.",
            Squeeze("lower", "probability", ("limit in t", "limit in ε")),
        ),
        Step(
            "logarithm",
            equal(sympy.Limit(-sympy.log(_top), t, sympy.oo), 0),
            "And the logarithm of its mass goes to zero.",
            ContinuousImage("mass of A", -sympy.log(_some_mass), _some_mass),
        ),
        Step(
            "from below",
            at_least(limit_divergence_at(t), -sympy.log(_top)),
            "On A, p_t is p_* times p_t(A), so that KL(p_*‖p_t) = -log p_t(A).",
            Combination({"divergence": 1}),
        ),
        Step(
            "from above",
            at_most(limit_divergence_at(t), -sympy.log(_top)),
            "The same equation from the other side.",
            Combination({"divergence": -1}),
        ),
        Step(
            "claim",
            _claim,
            "So the divergence tends to zero.",
            Squeeze("from below", "from above", ("logarithm",), ("logarithm",)),
        ),
    ),
)

statement = Statement(
    id="theorem-2.1",
    label="Theorem 2.1",
    title="The pure loop converges to the reference conditioned on the largest weight",
    source=Source("Theorem 2.1", seen="restated"),
    kind="reported",
    hypotheses=(
        Hypothesis("pure", "the pure loop, λ = inf, p_0 = p_ref"),
        Hypothesis("bounded", "bounded rewards: w <= w_*"),
        Hypothesis(
            "top", "the largest weight has mass q = p_0(A) > 0, A = {w = w_*}", less(0, top_mass)
        ),
        Hypothesis("candidates", "K at least 2", less(inverse_candidates, 1)),
    ),
    claim=_claim,
    bound=None,
    equality_cases=("q = 1: p_t = p_* for every t",),
    proof=_proof,
    infinite_candidates=(
        "the same proof, with lemma-2.2-limits at K = inf; theorem-2.1-k-inf has the divergence "
        "itself"
    ),
    law="over p_0, from which W is drawn",
    uses=("lemma-2.2-limits", "density-monotone"),
    remarks=(
        "p_* is p_0 given w = w_*; the divergence is KL(p_*‖p_t) = -log p_t(A). The other one, "
        "KL(p_t‖p_*), is infinite for every t unless q = 1.",
        "Weights below w_* may come arbitrarily close to it; where they do not, theorem-2.1-rate "
        "has a geometric rate.",
        "At K = inf the divergence has a closed form: theorem-2.1-k-inf.",
    ),
)

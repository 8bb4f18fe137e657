"""The pure loop converges to the reference conditioned on the largest weight."""

from __future__ import annotations

import sympy

from recurate.theory.foundations import density_monotone
from recurate.theory.hypotheses import bounded_rewards, pure_loop
from recurate.theory.language import *
from recurate.theory.proving import (
    Cited,
    Combination,
    ContinuousImage,
    LimitValue,
    Proof,
    Sign,
    Squeeze,
    Step,
    UnderMean,
)
from recurate.theory.pure_loop.lemma_2_2_limits import statement as limits
from recurate.theory.source import Source
from recurate.theory.statement import Hypothesis, Statement, instance_of
from recurate.theory.textbook.probability import DOMINATED_CONVERGENCE

_claim = equal(sympy.Limit(limit_divergence_at(t), t, sympy.oo), 0)


# Means are under p_0.
_epsilon = sympy.Symbol("epsilon", positive=True)
"""ε, how far below w_* a weight counts as near it."""

_W = random_weight
_on_top = random_quantity
"""G, the indicator of A = {w = w_*}."""

_distance = random_density
"""D, how far W is below w_* off A, and 1 on A."""

_near = _on_top + (1 - _on_top) * _epsilon / (_epsilon + _distance)  # ε/(ε + w_* - W)
_mass_near = sympy.Function("q_near", positive=True)(_epsilon)
"""Mean of ε/(ε + w_* - W) under p_0, which is about the mass near the largest weight."""

_density, _top_density = density_of(t, _W), density_of(t, max_weight)
_top = top_mass * _top_density  # p_t(A)
_shortfall = max_weight - mean_weight_at(t)
_lower = top_mass * (1 - _shortfall / _epsilon) / _mass_near
_some_mean, _some_mass = sympy.symbols("M x", positive=True)

_proof = Proof(
    general={
        "density-monotone": (t,),
        "divergence": (t,),
        "mean": (t,),
        "probability": (t,),
        "total mass": (t,),
        "mass near the top": (_epsilon,),
    },
    supposed={
        "density-monotone": instance_of(
            density_monotone.statement, {larger_weight: max_weight, weight: _W}
        ),
        "lemma-2.2-limits": instance_of(limits, {}),
        "indicator": equal(_on_top**2, _on_top),
        "at the top": equal(_on_top * (max_weight - _W), 0),
        "distance": equal(_distance, max_weight - _W + _on_top),
        "mass at the top": equal(top_mass, Mean(_on_top)),
        "mass near the top": equal(_mass_near, Mean(_near)),
        "mean": equal(mean_weight_at(t), Mean(_W * _density)),
        "total mass": equal(Mean(_density), 1),
        "probability": at_most(_top, 1),
        "divergence": equal(limit_divergence_at(t), -sympy.log(_top)),
    },
    steps=(
        Step(
            "sign",
            at_least(1 - _on_top, 0),
            "An indicator equals its square, and so does 1 minus it.",
            Combination({"indicator": -1}, remainder=(1 - _on_top) ** 2),
        ),
        Step(
            "shortfall",
            equal((1 - _on_top) * _distance, max_weight - _W),
            "Off A a weight is below w_*, by D; on A it is w_*.",
            Combination({"distance": 1 - _on_top, "at the top": -1, "indicator": -1}),
        ),
        Step(
            "near, from below",
            at_least(_near, 0),
            "Let ε > 0, and let f be ε/(ε + w_* - w), which is 1 on A. It is nonnegative.",
            Combination(
                {"sign": _epsilon / (_epsilon + _distance), "indicator": -1},
                remainder=_on_top**2,
            ),
        ),
        Step(
            "near, from above",
            at_most(_near, 1),
            "It is at most 1.",
            Combination({"sign": _distance / (_epsilon + _distance)}),
        ),
        Step(
            "far",
            at_least((max_weight - _W) * _density / _epsilon, (1 - _near) * _density),
            "Far below w_* it is small, but 1 - f is at most (w_* - w)/ε.",
            Combination(
                {
                    "sign": _density * _distance**2 / (_epsilon * (_epsilon + _distance)),
                    "shortfall": -_density / _epsilon,
                }
            ),
        ),
        Step(
            "pointwise",
            at_least(_near * _top_density + (max_weight - _W) * _density / _epsilon, _density),
            "The density p_t/p_0 is largest at w_* (density-monotone). So it is at most f times "
            "that plus (w_* - w)/ε times itself.",
            Combination({("near, from below", "density-monotone"): 1, "far": 1}),
        ),
        Step(
            "in the mean",
            at_least(
                Mean(_near) * _top_density
                + (max_weight * Mean(_density) - Mean(_W * _density)) / _epsilon,
                Mean(_density),
            ),
            "The same in the mean under p_0: there p_t/p_0 has the mean 1, and w p_t/p_0 the mean "
            "E_t w.",
            UnderMean("pointwise"),
        ),
        Step(
            "lower",
            at_most(_lower, _top),
            "So p_t(A) is at least q/E f times 1 - (w_* - E_t w)/ε.",
            Combination(
                {
                    "in the mean": top_mass / _mass_near,
                    "mass near the top": top_mass * _top_density / _mass_near,
                    "total mass": (1 - max_weight / _epsilon) * top_mass / _mass_near,
                    "mean": -top_mass / (_mass_near * _epsilon),
                }
            ),
        ),
        Step(
            "limit in t",
            equal(sympy.Limit(_lower, t, sympy.oo), top_mass / _mass_near),
            "E_t w tends to w_* (lemma-2.2-limits).",
            ContinuousImage(
                "lemma-2.2-limits", _lower.subs(mean_weight_at(t), _some_mean), _some_mean
            ),
        ),
        Step(
            "at each weight",
            equal(sympy.Limit(_near, _epsilon, 0, "+"), _on_top),
            "As ε falls to zero, f falls to 0 off A.",
            LimitValue(_epsilon, 0, "+"),
        ),
        Step("total", at_most(Mean(sympy.S.One), 1), "The total mass is 1.", Sign()),
        Step(
            "mean limit",
            equal(sympy.Limit(Mean(_near), _epsilon, 0, "+"), Mean(_on_top)),
            "So its mean falls to the mass of A.",
            Cited(
                DOMINATED_CONVERGENCE,
                {
                    "family": _near,
                    "limit": _on_top,
                    "bound": sympy.S.One,
                    "mean_bound": sympy.S.One,
                    "variable": _epsilon,
                    "point": sympy.S.Zero,
                },
                {
                    "limit": "at each weight",
                    "nonnegative": "near, from below",
                    "dominated": "near, from above",
                    "integrable": "total",
                },
            ),
        ),
        Step(
            "mean limit is q",
            equal(sympy.Limit(Mean(_near), _epsilon, 0, "+"), top_mass),
            "That is q.",
            Combination({"mean limit": 1, "mass at the top": -1}),
        ),
        Step(
            "mass near the top, at least",
            at_least(_mass_near, Mean(_near)),
            "It equals q_near(ε): here from below.",
            Combination({"mass near the top": 1}),
        ),
        Step(
            "mass near the top, at most",
            at_most(_mass_near, Mean(_near)),
            "And from above.",
            Combination({"mass near the top": -1}),
        ),
        Step(
            "mass near the top falls",
            equal(sympy.Limit(_mass_near, _epsilon, 0, "+"), top_mass),
            "So it falls to q.",
            Squeeze(
                "mass near the top, at least",
                "mass near the top, at most",
                ("mean limit is q",),
                ("mean limit is q",),
            ),
        ),
        Step(
            "limit in ε",
            equal(sympy.Limit(top_mass / _mass_near, _epsilon, 0, "+"), 1),
            "And q over it tends to 1.",
            ContinuousImage("mass near the top falls", top_mass / _some_mass, _some_mass),
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
    module=__name__,
    id="theorem-2.1",
    label="Theorem 2.1",
    title="The pure loop converges to the reference conditioned on the largest weight",
    source=Source("Theorem 2.1", seen="restated"),
    kind="reported",
    hypotheses=(
        pure_loop("density-monotone", "lemma-2.2-limits", more=", p_0 = p_ref"),
        bounded_rewards("distance", "at the top", "lemma-2.2-limits"),
        Hypothesis(
            "top",
            "the largest weight has mass q = p_0(A) > 0, A = {w = w_*}",
            less(0, top_mass),
            carried_by=("at the top", "mass at the top"),
        ),
        Hypothesis(
            "candidates",
            "K at least 2",
            less(inverse_candidates, 1),
            carried_by=("lemma-2.2-limits",),
        ),
    ),
    claim=_claim,
    equality_cases=("q = 1: p_t = p_* for every t",),
    proof=_proof,
    infinite_candidates=(
        "the same proof, with lemma-2.2-limits at K = inf; theorem-2.1-k-inf has the divergence "
        "itself"
    ),
    law="over p_0, from which W is drawn; G and D are functions of W",
    uses=("lemma-2.2-limits", "density-monotone"),
    remarks=(
        "p_* is p_0 given w = w_*; the divergence is KL(p_*‖p_t) = -log p_t(A). The other one, "
        "KL(p_t‖p_*), is infinite for every t unless q = 1.",
        "Weights below w_* may come arbitrarily close to it; where they do not, theorem-2.1-rate "
        "has a geometric rate.",
        "At K = inf the divergence has a closed form: theorem-2.1-k-inf.",
    ),
)

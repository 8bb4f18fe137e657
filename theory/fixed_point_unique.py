"""The mixed loop has at most one fixed point, whatever K and λ."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.notation import K, real_fraction, synthetic_fraction, total_variation
from recurate.theory.proving.cases import Contradiction, UnderSupposition
from recurate.theory.proving.generalising import Substitution
from recurate.theory.proving.justifications import Cited, Combination, Sign
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.shapes import Comonotone
from recurate.theory.proving.signs import at_least, at_most, equal, less
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement

_a, _m = synthetic_fraction, real_fraction
_claim = equal(total_variation, 0)
_differ = less(0, total_variation)

_p, _q, _reference = sympy.symbols("p q p_ref", nonnegative=True)
"""Densities of p, q and the reference at one weight."""

_ratio_p, _ratio_q = sympy.symbols("H_p H_q", positive=True)
"""Curation ratios of p and q at that weight."""

_transform_p, _transform_q = sympy.symbols("M_p M_q", positive=True)
"""Laplace transforms of the weight's laws under p and q, at one s > 0."""

_power = sympy.Symbol("n", nonnegative=True)
"""Any exponent; K - 1 in the end."""

_value = sympy.Symbol("y", positive=True)
"""The base of a power."""

_changes = sympy.Symbol("k", nonnegative=True)
"""How often p - q changes sign as the weight grows."""

_zeros = sympy.Symbol("z", nonnegative=True)
"""Number of zeros of M_p - M_q in s > 0."""

_power_changes = sympy.Symbol("c", nonnegative=True)
"""How often M_p^{K-1} - M_q^{K-1} changes sign in s > 0."""

_ratio_zeros = sympy.Symbol("h", nonnegative=True)
"""Number of zeros of H_p - H_q in w > 0."""

_INTERMEDIATE = "Rudin, Principles of Mathematical Analysis, theorem 4.23 (intermediate values)"
_VARIATION = "Karlin, Total Positivity, chapter 5: variation diminution of the Laplace transform"


def _if_different(claim: Any) -> Any:
    return sympy.Implies(_differ, claim, evaluate=False)


def _powers(power: Any) -> Any:
    difference = _transform_p**power - _transform_q**power
    return at_least((_transform_p - _transform_q) * difference, 0)


_proof = Proof(
    supposed={
        "several candidates": at_least(K, 2),
        "fixed point p": equal(_p, _m * _reference + _a * _p * _ratio_p),
        "fixed point q": equal(_q, _m * _reference + _a * _q * _ratio_q),
    },
    steps=(
        Step(
            "same signs",
            equal(
                (_p - _q) * (1 - _a * (_ratio_p + _ratio_q) / 2),
                _a * (_p + _q) / 2 * (_ratio_p - _ratio_q),
            ),
            "Let p and q be fixed points. Where p_ref has mass, m p_ref = p (1 - a H_p) makes "
            "1 - a H_p positive, and 1 - a H_q too, so p - q has the sign of H_p - H_q.",
            Combination({"fixed point p": 1, "fixed point q": -1}),
        ),
        Step(
            "changes need zeros",
            _if_different(at_most(_changes, _ratio_zeros)),
            "So between two weights where p - q has different signs, H_p - H_q, which is "
            "continuous, has a zero; at a largest weight without reference mass, where a H_p = "
            "a H_q = 1 is possible as well, it has one itself. The zeros are finitely many, as "
            "H_p - H_q is analytic in w > 0 and the weights lie in a compact interval there.",
            Cited(_INTERMEDIATE, of=("same signs",)),
        ),
        Step(
            "zeros of the transform",
            _if_different(at_most(_zeros + 1, _changes)),
            "If p and q differ, M_p - M_q, the Laplace transform of p - q, has at most as many "
            "zeros as p - q has sign changes; one of them is at s = 0, since both masses are 1.",
            Cited(_VARIATION),
        ),
        Step(
            "square",
            at_least((_transform_p - _transform_q) ** 2, 0),
            "A square is nonnegative.",
            Sign(),
        ),
        Step(
            "powers",
            _powers(_power),
            "Powers grow with their base.",
            Comonotone(
                "square",
                _transform_p - _transform_q,
                (_transform_p, _transform_q),
                _value**_power,
                _value,
            ),
        ),
        Step(
            "others",
            at_least(K - 1, 0),
            "There are K - 1 other candidates.",
            Combination({"several candidates": 1}, remainder=sympy.S.One),
        ),
        Step(
            "powers for K",
            _powers(K - 1),
            "So M_p^{K-1} - M_q^{K-1} has the sign of M_p - M_q.",
            Substitution("powers", {_power: K - 1}, {_power: "others"}),
        ),
        Step(
            "changes of the powers",
            _if_different(at_most(_power_changes, _zeros)),
            "And changes sign at zeros of M_p - M_q only.",
            Cited(_INTERMEDIATE, of=("powers for K",)),
        ),
        Step(
            "zeros of the ratios",
            _if_different(at_most(_ratio_zeros, _power_changes)),
            "H_p - H_q is K w times the Laplace transform of that, as a function of s: it has at "
            "most as many zeros in w as that has sign changes.",
            Cited(_VARIATION),
        ),
        Step(
            "too many",
            _if_different(at_most(sympy.S.One, sympy.S.Zero)),
            "So k <= h <= c <= z <= k - 1.",
            UnderSupposition(
                Combination(
                    {
                        "changes need zeros": 1,
                        "zeros of the ratios": 1,
                        "changes of the powers": 1,
                        "zeros of the transform": 1,
                    }
                )
            ),
        ),
        Step(
            "claim",
            _claim,
            "That is absurd: two fixed points do not differ.",
            Contradiction("too many"),
        ),
    ),
)

statement = Statement(
    id="fixed-point-unique",
    label="Unique fixed point",
    title="The mixed loop has at most one fixed point, whatever K and λ (existence: a remark)",
    source=f"{DERIVED_HERE}#fixed-point-unique",
    kind="ours",
    hypotheses=(
        Hypothesis(
            "fixed_points", "p and q are fixed points of the mixed loop on the reference's support"
        ),
        Hypothesis("candidates", "several candidates: K >= 2", at_least(K, 2)),
        Hypothesis("real_data", "real data are mixed in: 0 <= λ < inf"),
        Hypothesis("bounded", "weights are bounded, and bounded away from 0"),
    ),
    claim=_claim,
    bound=None,
    proof=_proof,
    remarks=(
        "The claim is that TV(p, q) = 0. That there is a fixed point, so exactly one, follows from "
        "the theorem of Schauder and Tychonoff: the loop is continuous in the weak topology, in "
        "which the laws on the closed support, which is compact, are a compact convex set.",
        "For K = 1 the loop is linear and the fixed point is the reference; for K = inf see "
        "fixed-point-k-inf. In the pure loop every point mass is a fixed point.",
        "If the reference has mass at its largest weight, the loop converges to it from every "
        "start: global-attraction.",
    ),
)

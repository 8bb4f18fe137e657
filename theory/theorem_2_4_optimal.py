"""The largest divergence from the reference that the loop can reach, over all rewards."""

from __future__ import annotations

import sympy

from recurate.theory import all_candidates_inside, density_monotone
from recurate.theory.notation import (
    K,
    cdf_at,
    curated_cdf_at,
    divergence_at,
    inverse_candidates,
    lam,
    quantile,
    real_fraction,
    synthetic_fraction,
    t,
)
from recurate.theory.optimal_divergence import OptimalDivergence
from recurate.theory.proving.cases import UnderSupposition
from recurate.theory.proving.generalising import Induction, Substitution
from recurate.theory.proving.integrals import Antiderivative
from recurate.theory.proving.justifications import Cited, Combination, Identity, Monotone, Supposing
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.signs import at_least, at_most, equal
from recurate.theory.statement import DERIVED_HERE, Hypothesis, Statement, instance_of

_a, _m = synthetic_fraction, real_fraction
_bound = OptimalDivergence(lam, K)
_claim = at_most(divergence_at(t), _bound)

_extreme = sympy.Symbol("G", positive=True)
"""G(u), the lowest distribution function: it solves G = m u + a G^K."""

_extreme_divergence = sympy.Symbol("KL_G", real=True)
"""Divergence of G from the uniform law: the mean of log G' under G."""

_dominated = at_least(cdf_at(t), _extreme)
_scale = lam * K / (1 + lam)  # c
_y, _power = sympy.Symbol("y", positive=True), sympy.Symbol("n", nonnegative=True)
"""A value y = G(u), and any exponent n."""

_inverse = (1 + lam) * _y - lam * _y**K  # the u at which G is y
_slope = 1 + lam - lam * K * _y ** (K - 1)

# The series, and K = 2 with λ = 1/(1+ν).
_j = sympy.Symbol("j", positive=True)
"""Index of a series."""

_c, _nu = sympy.Symbol("c", positive=True), sympy.Symbol("nu", positive=True)
"""c = λK/(1+λ); ν = 1/λ - 1 where K = 2."""

_c_two = 2 / (2 + _nu)
_line = 1 - _c_two + _c_two * _y

_DOMINATION = (
    Step(
        "powers",
        at_most(_extreme**_power, 1),
        "Let G(u) in (0, 1] solve G = m u + a G^K; its powers are at most 1.",
        Monotone("at most one", _y**_power, _y),
    ),
    Step(
        "others",
        at_least(K - 1, 0),
        "There are K - 1 other candidates.",
        Combination({"several candidates": 1}),
    ),
    Step(
        "power for K",
        at_most(_extreme ** (K - 1), 1),
        "So G^K is at most G.",
        Substitution("powers", {_power: K - 1}, {_power: "others"}),
    ),
    Step(
        "first",
        at_least(cdf_at(0), _extreme),
        "The loop starts at u, and u - G = λ (G - G^K).",
        Combination({"start": 1, "extreme": -(1 + lam), "power for K": lam * _extreme}),
    ),
    Step(
        "power of the hypothesis",
        sympy.Implies(_dominated, at_least(cdf_at(t) ** K, _extreme**K), evaluate=False),
        "If P_t(u) is at least G(u), so are their K-th powers.",
        Supposing(Monotone("hypothesis", _y**K, _y)),
    ),
    Step(
        "next",
        sympy.Implies(_dominated, at_least(cdf_at(t + 1), _extreme), evaluate=False),
        "The winner is in a lower set if all K candidates are, so P_{t+1} is at least m u + a "
        "P_t^K, and that at least m u + a G^K = G.",
        UnderSupposition(
            Combination(
                {
                    "loop": 1,
                    "all-candidates-inside": _a,
                    "power of the hypothesis": _a,
                    "extreme": -1,
                }
            )
        ),
    ),
    Step(
        "domination",
        _dominated,
        "So P_t is at least G, for every t, at every quantile u of the reference.",
        Induction(t, 0, base="first", step="next"),
    ),
)

_EXTREME = (
    Step(
        "powers of a value",
        at_most(_y**_power, 1),
        "Let 0 < y <= 1.",
        Monotone("value", _y**_power, _y),
    ),
    Step(
        "power of a value",
        at_most(_y ** (K - 1), 1),
        "Then y^{K-1} is at most 1.",
        Substitution("powers of a value", {_power: K - 1}, {_power: "others"}),
    ),
    Step(
        "slope",
        equal(sympy.Derivative(_inverse, _y), _slope),
        "G takes the value y at u = (1+λ) y - λ y^K, which has the slope 1 + λ - λ K y^{K-1}.",
        Identity(),
    ),
    Step(
        "slope nonnegative",
        at_least(_slope, 0),
        "Since λ(K-1) is at most 1, the slope is nonnegative: it falls from 1 + λ, so G is a "
        "distribution function on [0, 1], and convex.",
        Combination({"power of a value": lam * K, "safe": 1}),
    ),
    Step(
        "slope by c",
        equal(_slope, (1 + lam) * (1 - _scale * _y ** (K - 1))),
        "With c = λK/(1+λ) the slope is (1+λ)(1 - c y^{K-1}).",
        Identity(),
    ),
    Step(
        "majorised",
        at_most(divergence_at(t), _extreme_divergence),
        "The densities P_t' (by density-monotone) and G' increase with u, and P_t >= G, equal at 0 "
        "and 1: P_t' is majorised by G', so the mean of d log d is at most that for G'.",
        Cited(
            "Marshall, Olkin, Arnold, Inequalities: Theory of Majorization, 2nd ed., section 1.D",
            of=("domination", "slope nonnegative", "density-monotone"),
        ),
    ),
    Step(
        "extreme divergence",
        equal(_extreme_divergence, _bound),
        "In y = G(u) the integral of G' log G' du is that of -log of the slope dy, which is "
        "-log(1+λ) - ∫_0^1 log(1 - c y^{K-1}) dy.",
        Cited(
            "Rudin, Real and Complex Analysis, theorem 7.26 (change of variables)",
            of=("slope", "slope by c"),
        ),
    ),
)

_VALUES = (
    Step(
        "term of the series",
        equal(
            sympy.Integral(_c**_j * _y ** (_j * _power) / _j, (_y, 0, 1)),
            _c**_j / (_j * (1 + _power * _j)),
        ),
        "The terms of -log(1 - c y^n), n = K - 1, integrated.",
        Antiderivative(_c**_j * _y ** (1 + _j * _power) / (_j * (1 + _power * _j))),
    ),
    Step(
        "series",
        equal(_bound, _bound.rewrite(sympy.Sum)),
        "They are nonnegative, so their sum is the integral of the sum.",
        Cited(
            "Rudin, Real and Complex Analysis, theorem 1.27 (integrals of a series)",
            of=("term of the series",),
        ),
    ),
    Step(
        "two candidates",
        equal(
            sympy.Integral(sympy.log(_line), (_y, 0, 1)),
            -1 - _nu / 2 * sympy.log(_nu / (2 + _nu)),
        ),
        "For K = 2 and λ = 1/(1+ν), c = 2/(2+ν): the integral of log(1 - c x), with y = 1 - x, is "
        "-1 - ((1-λ)/(2λ)) log((1-λ)/(1+λ)).",
        Antiderivative(_line * (sympy.log(_line) - 1) / _c_two),
    ),
)

_proof = Proof(
    general={"all-candidates-inside": (t,), "loop": (t,)},
    supposed={
        "several candidates": at_least(K, 1),
        "safe": at_most(lam * (K - 1), 1),
        "start": equal(cdf_at(0), quantile),
        "loop": equal(cdf_at(t + 1), _m * quantile + _a * curated_cdf_at(t)),
        "all-candidates-inside": instance_of(
            all_candidates_inside.statement,
            {
                all_candidates_inside.curated_mass: curated_cdf_at(t),
                all_candidates_inside.mass: cdf_at(t),
            },
        ),
        "density-monotone": instance_of(density_monotone.statement, {}),
        "extreme": equal(_extreme, _m * quantile + _a * _extreme**K),
        "at most one": at_most(_extreme, 1),
        "value": at_most(_y, 1),
    },
    steps=(
        *_DOMINATION,
        *_EXTREME,
        *_VALUES,
        Step(
            "claim",
            _claim,
            "So the divergence never exceeds that integral.",
            Combination({"majorised": 1, "extreme divergence": -1}),
        ),
    ),
)

statement = Statement(
    id="theorem-2.4-optimal",
    label="Theorem 2.4, optimal",
    title="The largest divergence from the reference that any reward can lead to",
    source=f"{DERIVED_HERE}#theorem-24-optimal",
    kind="sharpened",
    hypotheses=(
        Hypothesis("start", "the loop starts at the reference, p_0 = p_ref"),
        Hypothesis("candidates", "at least one candidate: K >= 1", at_least(K, 1)),
        Hypothesis(
            "small_lam",
            "λ (lam) at most 1/(K - 1)",
            # The same twice: infinity times zero is no number, and 1/(K-1) may be rounded.
            sympy.Or(at_most(lam * (K - 1), 1), at_most(_a, inverse_candidates)),
        ),
    ),
    claim=_claim,
    bound=_bound,
    equality_cases=(
        "K = 1",
        "λ = 0",
        "approached as t grows, by many small atoms whose weights' ratios grow without bound",
    ),
    proof=_proof,
    infinite_candidates="only λ = 0 is left, where the loop stays at p_ref",
    uses=("all-candidates-inside", "density-monotone"),
    remarks=(
        "S*(λ, K) = -log(1+λ) - ∫_0^1 log(1 - c x^{K-1}) dx with c = λK/(1+λ). For K = 2 it is "
        "1 - log(1+λ) + ((1-λ)/(2λ)) log((1-λ)/(1+λ)): .0452 at λ = 1/2, where theorem-2.4 has "
        ".6931.",
        "No smaller bound holds for all rewards and references. Rewards need not be bounded, and "
        "every f-divergence is bounded in the same way.",
        "Exact evidence: P = p_t(L) satisfies (1+λ) P - λ P^K >= p_ref(L) for every lower set L "
        "of the reward, which is rational.",
    ),
)

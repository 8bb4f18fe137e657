"""Two laws p and q, and the laws f and g of their difference: p - q = τ (f - g), τ = TV(p, q).

Shared by the proofs that curation is Lipschitz and that the fixed point is unique: the four laws
have densities over a common one, and Laplace transforms.
"""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.one_curation.curation_ceiling import transform, winning
from recurate.theory.proving import Combination, Step, Substitution, Tangent, UnderMean

p, q = sympy.symbols("p q")
"""The two laws p and q."""

f, g = sympy.symbols("f g")
"""Two laws f and g with p - q = τ (f - g), τ = TV(p, q): the normalised parts of p - q."""

law = sympy.Symbol("i")
"""Any of the laws p, q, f and g."""

s = sympy.Symbol("s", positive=True)
"""Laplace variable."""

level = sympy.Symbol("c", positive=True)
"""c, at least the mean weights under f and under g."""

exponent = sympy.Symbol("x", real=True)
"""The argument of an exponential."""


class density_under(Drawn):
    """Density at a draw, of the law that is its argument."""

    plain, typeset = "{}(X)", "@(X)"
    is_nonnegative = True


decay, level_decay = sympy.exp(-s * random_weight), sympy.exp(-s * level)
M_p, M_q, M_f, M_g = (transform(one, s) for one in (p, q, f, g))


def mean_weight_of(one: Any) -> Any:
    """Return the mean weight under a law."""
    return Mean(density_under(one) * random_weight)


def integral(integrand: Any) -> Any:
    """Return the integral over s from 0 on."""
    return sympy.Integral(integrand, (s, 0, sympy.oo))


GENERAL = {
    "transform": (law, s),
    "density": (law, s),
    "ratio": (law, weight),
    "mass": (law,),
}

SUPPOSED = {
    "densities": equal(
        density_under(p) - density_under(q), total_variation * (density_under(f) - density_under(g))
    ),
    "mass": equal(Mean(density_under(law)), 1),
    # the transform of a weight W_i drawn from the law i, and by the density of i
    "transform": equal(transform(law, s), Mean(sympy.exp(-s * drawn_weight(law)))),
    "density": equal(Mean(sympy.exp(-s * drawn_weight(law))), Mean(density_under(law) * decay)),
    "ratio": equal(curation_ratio_of(law, weight), K * winning(weight, law)),
}
"""Densities, transforms and curation ratios."""

DIFFERENCE = (
    Step(
        "transform by density",
        equal(transform(law, s), Mean(density_under(law) * decay)),
        "The transform of a law is the mean of its density times e^{-sw}.",
        Combination({"transform": 1, "density": 1}),
    ),
    Step(
        "tilted densities",
        equal(
            (density_under(p) - density_under(q)) * decay,
            total_variation * (density_under(f) - density_under(g)) * decay,
        ),
        "Now p - q is τ (f - g).",
        Combination({"densities": decay}),
    ),
    Step(
        "mean densities",
        equal(
            Mean((density_under(p) - density_under(q)) * decay),
            Mean(total_variation * (density_under(f) - density_under(g)) * decay),
        ),
        "The same holds in the mean.",
        UnderMean("tilted densities"),
    ),
    *(
        Step(
            f"transform of {one}",
            equal(transform(one, s), Mean(density_under(one) * decay)),
            f"M_{one} is a mean like this.",
            Substitution("transform by density", {law: one}),
        )
        for one in (p, q, f, g)
    ),
    Step(
        "transforms differ",
        equal(M_p - M_q, total_variation * (M_f - M_g)),
        "So M_p - M_q is τ (M_f - M_g).",
        Combination(
            {
                "mean densities": 1,
                "transform of p": 1,
                "transform of q": -1,
                "transform of f": -total_variation,
                "transform of g": total_variation,
            }
        ),
    ),
)
"""M_p - M_q is τ (M_f - M_g)."""

TANGENT = (
    Step(
        "tangent",
        at_least(decay, level_decay * (1 + s * (level - random_weight))),
        "e^{-sw} lies above its tangent at c.",
        Tangent(sympy.exp(exponent), exponent, -s * level, -s * random_weight),
    ),
    Step(
        "weighted tangent",
        at_least(
            density_under(law) * decay,
            density_under(law) * level_decay * (1 + s * (level - random_weight)),
        ),
        "Times a density.",
        Combination({"tangent": density_under(law)}),
    ),
    Step(
        "mean tangent",
        at_least(
            Mean(density_under(law) * decay),
            Mean(density_under(law) * level_decay * (1 + s * (level - random_weight))),
        ),
        "And in the mean (Jensen).",
        UnderMean("weighted tangent"),
    ),
    Step(
        "transform from below",
        at_least(
            transform(law, s),
            level_decay * (1 + s * (level - mean_weight_of(law))),
        ),
        "So a law's transform is at least e^{-sc} (1 + s (c - its mean weight)).",
        Combination(
            {"transform by density": 1, "mean tangent": 1, "mass": level_decay * (1 + s * level)}
        ),
    ),
)
"""Transforms lie above the tangent of e^{-sw} at any c > 0."""

"""One step of the loop brings two laws nearer to one another, or not much farther: shared steps."""

from __future__ import annotations

from typing import Any

import sympy

from recurate.theory.language import *
from recurate.theory.one_curation.curation_lipschitz import lipschitz
from recurate.theory.proving import Combination, Step

a, m = lam / (1 + lam), 1 / (1 + lam)


class mass(WithIndex):
    """Mass of a set under a law."""

    nargs = 2
    plain, typeset = "{}({})", "@(@)"
    is_nonnegative = True


class _best_set(WithIndex):
    """A set B that tells F(i) and F(j) best apart, as a function of the laws i and j."""

    nargs = 2
    tacit = frozenset({K, lam})
    plain, typeset = "B", "B"


one, other = sympy.symbols("i j")
"""Any two laws i and j."""

_reference = sympy.Symbol("p_ref")
"""The reference."""

_best = _best_set(one, other)
_apart = [mass(retrained_law(law), _best) for law in (one, other)]
_apart_curated = [mass(curated_law(law), _best) for law in (one, other)]
_curated_distance = variation_between(curated_law(one), curated_law(other))
_reference_mass = mass(_reference, _best)


def growth(law: Any) -> Any:
    """Return a H(w_*), by which curation and dilution multiply the mass at the top weight."""
    return a * curation_ratio_of(law, max_weight)


def contraction(first: Any, second: Any) -> Any:
    """Return that a step multiplies the distance of two laws by at most a H(w_*)."""
    return at_most(
        variation_between(retrained_law(first), retrained_law(second)),
        growth(first) * variation_between(first, second),
    )


GENERAL = dict.fromkeys(
    ("F(i)", "F(j)", "distance of F", "distance of T", "curation-lipschitz"), (one, other)
)
"""What is supposed of any two laws."""

SUPPOSED = {
    "F(i)": equal(_apart[0], m * _reference_mass + a * _apart_curated[0]),
    "F(j)": equal(_apart[1], m * _reference_mass + a * _apart_curated[1]),
    "distance of F": equal(
        variation_between(retrained_law(one), retrained_law(other)), _apart[0] - _apart[1]
    ),
    "distance of T": at_most(_apart_curated[0] - _apart_curated[1], _curated_distance),
    "curation-lipschitz": lipschitz(
        one, distance=variation_between(one, other), curated_distance=_curated_distance
    ),
}
"""The step F of the loop, curation-lipschitz, and distances as largest differences of masses."""

STEPS = (
    Step(
        "retraining",
        at_most(
            variation_between(retrained_law(one), retrained_law(other)),
            a * _curated_distance,
        ),
        "One step F(i) = m p_ref + a T(i) adds the same real data to both of two laws: it "
        "multiplies their distance after curation by a.",
        Combination({"distance of F": -1, "F(i)": -1, "F(j)": 1, "distance of T": a}),
    ),
    Step(
        "contraction",
        contraction(one, other),
        "So by curation-lipschitz a step multiplies the distance of two laws i and j by at most a "
        "H_i(w_*).",
        Combination({"retraining": 1, "curation-lipschitz": a}),
    ),
)
"""The last one says that a step multiplies the distance of two laws by at most a H(w_*)."""

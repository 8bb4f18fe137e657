"""Hypothesis strategies for reward laws, curated retraining loops, their K and λ, and rules.

They are registered when the package is installed, so that ``st.from_type(recurate.RewardLaw)`` and
``@given`` with annotations work in anybody's tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.loop import CurationLoop

__all__ = [
    "candidate_numbers",
    "curation_loops",
    "loops",
    "mixings",
    "reward_laws",
    "rules",
    "schedules",
    "scored_laws",
]


def _hypothesis_setup_hook() -> None:
    """Register the strategies; Hypothesis calls this when it is imported."""
    from hypothesis import strategies as st

    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.loop import CurationLoop

    st.register_type_strategy(RewardLaw, _laws)
    st.register_type_strategy(CurationLoop, _loops)


def _laws(_: Any) -> SearchStrategy[RewardLaw]:
    return reward_laws()


def _loops(_: Any) -> SearchStrategy[CurationLoop]:
    return curation_loops()


# These imports stand last: they import Hypothesis, which at once looks for the hook above.
from recurate.paper_checks.runs.rule_strategies import (  # noqa: E402
    loops,
    rules,
    schedules,
    scored_laws,
)
from recurate.paper_checks.runs.strategies import (  # noqa: E402
    candidate_numbers,
    curation_loops,
    mixings,
    reward_laws,
)

"""Hypothesis strategies for reward laws, curated retraining loops, and their K and λ.

Installed with the package they are registered, so that ``st.from_type(recurate.RewardLaw)`` and
``@given`` with annotations work in anybody's tests.
"""

from __future__ import annotations

from recurate.paper_checks.strategies import (
    candidate_numbers,
    curation_loops,
    mixings,
    reward_laws,
)

__all__ = ["candidate_numbers", "curation_loops", "mixings", "reward_laws"]


def _hypothesis_setup_hook() -> None:
    """Register the strategies; Hypothesis calls this when it is imported."""
    from hypothesis import strategies as st

    from recurate.numerics.loop import CurationLoop
    from recurate.numerics.reward_law import RewardLaw

    st.register_type_strategy(RewardLaw, reward_laws())
    st.register_type_strategy(CurationLoop, curation_loops())

"""The law of summarised rows: a positive rule of three atoms for each bin and group."""

from __future__ import annotations

from typing import Literal

import numpy as np

from recurate.numerics.compression.content import Content
from recurate.numerics.compression.moments import gauss_rules
from recurate.numerics.compression.tables import MASS, POWERS
from recurate.numerics.laws.groups import Labels
from recurate.numerics.laws.reward_law import RewardLaw


class SummarisedLaw(RewardLaw):
    """A law made of a `Summary`: each of its atoms stands for rows at its reward, or in a bin.

    Attributes
    ----------
    content : Content
        What the summary holds.
    """

    content: Content

    @property
    def rows(self) -> int:
        """Number of rows that the law is of."""
        return self.content.rows


def law_of(content: Content, prompt_weights: Literal["rows", "equal"]) -> SummarisedLaw:
    """Return the law of a summary, as `Summary.law`."""
    kept, bins, names = content.kept, content.binned, content.names
    if not kept.size:
        raise ValueError(
            f"a law must have rows of positive weight; none of {content.rows:,} rows is"
        )
    positions, masses = gauss_rules(bins.sums[MASS : MASS + POWERS])
    used = masses > 0
    entry = np.nonzero(used)[0]
    widths = np.ldexp(1.0, -bins.levels)
    centres = bins.places + widths / 2
    rewards = centres[entry] + positions[used] * widths[entry]
    masses = np.concatenate([kept.sums[MASS], masses[used]])
    groups, prompts = (
        None if of is None else Labels(of, np.concatenate([one, many[entry]]))
        for of, one, many in (
            (names.groups, kept.groups, bins.groups),
            (names.prompts, kept.prompts, bins.prompts),
        )
    )
    law = SummarisedLaw(
        np.concatenate([kept.places, rewards]),
        masses / masses.sum(),
        groups,
        prompts=prompts,
        prompt_weights=prompt_weights,
    )
    law.content = content
    return law

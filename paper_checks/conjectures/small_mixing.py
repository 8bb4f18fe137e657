"""The loop to leading order as λ → 0, in a run's numbers."""

from __future__ import annotations

from collections.abc import Sequence

from recurate.numerics.curation.small_mixing import leading_rises
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.run import Number, Numbers, Run
from recurate.theory.conjectures.reward_monotone_small_mixing import remainder
from recurate.theory.language import notation


def levels(run: Run) -> list[list[int]]:
    """Return the atoms with mass under p_ref, by weight: the lightest ones first."""
    charged = [i for i in run.order if run.reference[i] != 0]
    heights = sorted({run.heights[i] for i in charged})
    return [[i for i in charged if run.heights[i] == height] for height in heights]


def rises_to_leading_order(run: Run, steps: int, K: int | None = None) -> list[Numbers]:
    """Return the mass that ν_{t+1} - ν_t gives to each upper set, for t < steps.

    The upper sets are those from the second-lightest weight on, to the heaviest.
    """
    groups = levels(run)
    weights = [run.weights[group[0]] for group in groups]
    masses = [sum(run.reference[i] for i in group) for group in groups]
    return leading_rises(weights, masses, run.K if K is None else K, steps, ratio=run.ratio)


def rises_in_the_loop(run: Run, t: int) -> Numbers:
    """Return the mass that (p_{t+1} - p_t)/(a^{t+1} K^t) gives to each upper set."""
    scale = run.synthetic_fraction ** (t + 1) * run.number(int(run.K)) ** t
    before, after = run.law(t), run.law(t + 1)
    moved = [sum(after[i] - before[i] for i in group) / scale for group in levels(run)]
    return [sum(moved[c:]) for c in range(1, len(moved))]


def changes(rises: Sequence[Number]) -> Numbers:
    """Return the mass that each weight gains where the upper sets gain these."""
    return [low - high for low, high in zip([0, *rises], [*rises, 0], strict=True)]


def largest_remainder(run: Run, t: int, first: Sequence[Number]) -> Number:
    """Return how far the two may be apart; `first` are the upper sets' rises at t = 0."""
    distance = sum(abs(change) for change in changes(first)) / 2
    return value_of(run, remainder, {notation.total_variation: distance, notation.t: t})


def proved_steps(run: Run, first: int) -> set[int]:
    """Return the t >= first at which p_{t+1} is proved to dominate p_t, since λ is small enough.

    K has to be finite and at least 2, and λ finite.
    """
    growth = 1 + 2 * (float(run.K) - 1) * float(run.lam) / (1 + float(run.lam))
    # The rises are at most TV(T(p_ref), p_ref), so at other steps the remainder is larger.
    some = [t for t in range(first, run.steps) if growth**t < 2]
    if not some:
        return set()
    rises = rises_to_leading_order(run, max(some) + 1)
    return {t for t in some if all(rise > largest_remainder(run, t, rises[0]) for rise in rises[t])}

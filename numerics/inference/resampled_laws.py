"""Bands of a table whose rewards are estimates: other votes, or other raters, give other laws.

Each of these laws has rewards of its own, so the whole loop runs on each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Protocol

import numpy as np

from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import NothingAcceptedError
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray

MOST_ATOM_STEPS = 10**10
"""Most atoms, times steps, times laws: ten minutes or so."""


class Estimates(Protocol):
    """What the rewards of a law were estimated from, and can be estimated from again."""

    @property
    def resamples_atoms(self) -> bool:
        """Whether the law's atoms, or its prompts, are a sample too, and are resampled.

        If not, they are given with their masses, and only their rewards are uncertain.
        """

    def what(self, law: RewardLaw) -> str:
        """Return what is resampled, in the plural, for words: "votes", "raters and prompts"."""

    def units(self, law: RewardLaw) -> float:
        """Return the effective number of what is resampled; of the fewest, if of several kinds.

        Of few units bands hold more of the resampled laws (`resampled_tables.expanded`); of 1 there
        is nothing to resample.
        """

    def laws(
        self, law: RewardLaw, replicates: int, generator: np.random.Generator
    ) -> Iterator[RewardLaw | None]:
        """Yield laws of the same atoms, in their order, of resampled data; None where none is.

        Groups, prompts and the names of scores are the law's; rewards, masses and scores differ.
        """


def moved_by_laws(
    loop: CurationLoop,
    trajectory: Trajectory,
    followed: tuple[int, ...],
    replicates: int,
    generator: np.random.Generator,
    estimates: Estimates,
    on_step: Callable[[int], None] | None,
) -> tuple[FloatArray, float | None]:
    """Return how far the curves of resampled laws are from the trajectory's own.

    Parameters
    ----------
    loop, trajectory
        The loop, and its run from p_ref.
    followed : tuple of int
        Numbers of the groups that are followed.
    replicates : int
        Number of times to resample.
    generator : numpy.random.Generator
        Source of randomness.
    estimates : Estimates
        What the rewards were estimated from.
    on_step : callable, optional
        Called with the number of steps done, in steps' worth of laws.

    Returns
    -------
    moved : ndarray, shape (laws, steps + 1, figures + groups + scores)
        Of the resamples that gave a law of which the loop's rules can select something. Weights and
        the mass at the best reward are relative to each law's own best reward, whichever atom that
        is.
    same_best : float or None
        Share of those laws in which the same atom is the best; None with prompts.

    Raises
    ------
    ValueError
        If there is nothing to resample, fewer than 2 resamples gave a law, or a law has other
        atoms.
    """
    require_several(estimates, loop.law, "bands")
    own, best = curves(trajectory, followed), _best(loop.law)
    moved, same = [], 0
    for done, law in enumerate(estimates.laws(loop.law, replicates, generator), 1):
        if law is not None:
            if (law.size, law.group_names, law.score_names) != (
                loop.law.size,
                loop.law.group_names,
                loop.law.score_names,
            ):
                raise ValueError(
                    f"resampled laws must have the atoms, groups and scores of {loop.law!r}; got "
                    f"{law!r}"
                )
            with suppress(NothingAcceptedError):
                run = loop.on(law).run(steps=trajectory.steps)
                moved.append(curves(run, followed) - own)
                same += _best(law) == best
        if on_step is not None:
            on_step(trajectory.steps * done // replicates)
    require_some(len(moved), replicates, estimates, loop.law, "bands")
    return np.stack(moved), None if best is None else same / len(moved)


def _best(law: RewardLaw) -> int | None:
    if law.prompt_index is not None:
        return None
    return int(np.argmax(np.where(law.probs > 0, law.rewards, -np.inf)))


def curves(trajectory: Trajectory, followed: tuple[int, ...]) -> FloatArray:
    """Return figures, shares of groups and means of scores, shape (steps + 1, columns)."""
    return np.column_stack(
        [getattr(trajectory, name) for name in FIGURES]
        + [trajectory.group_proportions[:, list(followed)], trajectory.expected_scores]
    )


def require_several(estimates: Estimates, law: RewardLaw, bands: str) -> None:
    """Raise ValueError if there is one of what is resampled only: that says nothing of others."""
    if estimates.units(law) <= 1:
        raise ValueError(
            f"{bands} need at least 2 of what rewards are estimated from, for that is resampled; "
            f"got 1: ask for no {bands}"
        )


def require_some(
    left: int, replicates: int, estimates: Estimates, law: RewardLaw, bands: str
) -> None:
    """Raise ValueError if fewer than 2 resamples gave rewards."""
    if left < 2:
        raise ValueError(
            f"{bands} need at least 2 resamples that give rewards; {replicates - left} of "
            f"{replicates} resamples of the {estimates.what(law)} give none: get more of them, or "
            f"give a prior, or ask for no {bands}"
        )


def require_few_steps(atoms: int, steps: int, replicates: int) -> None:
    """Raise ValueError if running the loop on each resampled law would take very long."""
    each = atoms * (steps + 1)
    if each * replicates > MOST_ATOM_STEPS:
        most = MOST_ATOM_STEPS // each
        raise ValueError(
            "bands of estimated rewards, or of other rules than K=…, run the loop on each "
            f"resample, at most {MOST_ATOM_STEPS:.0e} rewards times steps; got {replicates:,} "
            f"resamples of {atoms:,} rewards and {steps:,} steps: ask for "
            + (f"at most {most:,} resamples, or fewer steps" if most > 1 else "no bands")
        )

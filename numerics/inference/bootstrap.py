"""Bootstrap bands: what the sampling noise of a table does to every curve of a trajectory.

The rewards of a table are a sample of the real data's. With another sample the loop would take
another course, most of all in late steps, which depend on the few best rewards. In the Poisson
bootstrap every row counts a Poisson number of times, of mean 1. Rewards that are estimates of their
own, from votes or raters, are estimated again. ``docs/uncertainty.md`` explains what the bands
cover.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recurate.numerics.inference.resampled_curves import curves_of, loops_on_rows
from recurate.numerics.inference.resampled_laws import (
    Estimates,
    curves,
    moved_by_laws,
    require_few_steps,
)
from recurate.numerics.inference.resampled_prompts import moved_by_prompts
from recurate.numerics.inference.resampled_scores import source_of_noise
from recurate.numerics.inference.resampled_tables import (
    BLOCK_ENTRIES,
    LEVEL,
    REPLICATES,
    checked_replicates,
    expanded,
    resampled,
    shown_level,
    tails,
    tails_of_known,
)
from recurate.numerics.inference.trust import effective_sample_size, require_rows
from recurate.numerics.laws.levels import FIGURES
from recurate.numerics.laws.of_scores import ends_of_scores
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.numerics.read_only import ReadOnlyArrays
from recurate.numerics.sampling.streams import as_generator
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray, count, finite_number, shown

MOST_ENTRIES = 10**8
"""Most numbers in the curves of all resampled tables: they take a gigabyte, or three at the end."""

_SHARES = ("expected_weight", "mass_at_max")  # at most one


@dataclass(frozen=True)
class Bands(ReadOnlyArrays):
    """Pointwise bootstrap bands of a trajectory.

    Attributes
    ----------
    level : float or None
        Share of the bootstrap samples inside the band, for each step and figure separately; of few
        prompts more are inside. None if there are too few samples, or prompts (`bootstrap_bands`):
        the band then is their range.
    replicates : int
        Number of bootstrap samples.
    low, high : dict of ndarray, shape (steps + 1,)
        Lower and upper ends, by the name of the figure (``levels.FIGURES``); those of scores by
        the name of their column, ``score[length]`` (`Trajectory.score_labels`). NaN for scores on
        a law of summarised rows, which does not say how they vary.
    groups : tuple of int
        Numbers of the groups whose shares were followed.
    low_proportions, high_proportions : ndarray, shape (steps + 1, len(groups))
        Ends for the shares of those groups.
    failed : int
        Number of the bootstrap samples that gave no rewards, as where resampled votes fall apart,
        or in which a rule can select nothing; the bands are of the others.
    resampled : str
        What was resampled, in the plural: rows, prompts, or as `Estimates.what` says.
    same_best : float or None
        Share of the bootstrap samples in which the same atom has the best reward, if rewards are
        estimated again in each; None with prompts, and if they are not.
    """

    level: float | None
    replicates: int
    low: dict[str, FloatArray]
    high: dict[str, FloatArray]
    groups: tuple[int, ...]
    low_proportions: FloatArray
    high_proportions: FloatArray
    failed: int = 0
    resampled: str = "rows"
    same_best: float | None = None


def bootstrap_bands(
    loop: CurationLoop,
    trajectory: Trajectory,
    *,
    groups: Sequence[int] | None = None,
    replicates: int = REPLICATES,
    level: float = LEVEL,
    rng: Any = None,
    on_step: Callable[[int], None] | None = None,
    estimates: Estimates | None = None,
) -> Bands:
    """Return bands for a run of the loop from p_ref, from resampled tables.

    Parameters
    ----------
    loop : CurationLoop
        The loop; the atoms of its law are taken for the rows of a sample of the real data.
    trajectory : Trajectory
        Its run.
    groups : sequence of int, optional
        Numbers of the groups to follow; all by default.
    replicates : int
        Number of bootstrap samples, at least 2.
    level : float
        Share of them inside the band, above 0 and below 1. Fewer than 2/(1 - level) samples (40 for
        95%) have no such quantiles: the bands are their range, and `Bands.level` is None. Bands of
        few prompts are wider, as Student's quantile is (`resampled_tables.expanded`).
    rng : int or numpy.random.Generator, optional
        Seed or source of randomness.
    on_step : callable, optional
        Called with the number of steps done, of ``trajectory.steps`` times the number of blocks;
        with prompts or `estimates`, of ``trajectory.steps``.
    estimates : Estimates, optional
        What the rewards of the law were estimated from. Then that is resampled in place of the
        law's atoms, and the loop runs on the law of each resample.

    Returns
    -------
    Bands
        Percentiles of the bootstrap's curves. Tables of more than some hundred distinct rewards (of
        `ruled_bins.MOST_BINS` rows that the rules of another loop than the paper's tell apart) are
        binned, and the difference between the curves of the table and of its bins is added.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of range, the trajectory is on another law or from another start
        than p_ref, or the law has a density: it is not a sample. If fewer than 2 resamples of the
        estimates' data give rewards, or the work would be very long.

    Notes
    -----
    Derived in ``docs/uncertainty.md``. The bands show the noise of the sample. They include neither
    model error nor rewards better than every row.

    Examples
    --------
    >>> law = RewardLaw(np.random.default_rng(0).normal(size=500))
    >>> loop = CurationLoop(law, K=4, lam=1.0)
    >>> bands = bootstrap_bands(loop, loop.run(steps=3), rng=0)
    >>> bool((bands.low["expected_reward"] < bands.high["expected_reward"]).all())
    True
    """
    for name, value, kind in (("loop", loop, CurationLoop), ("trajectory", trajectory, Trajectory)):
        if not isinstance(value, kind):
            raise TypeError(f"{name} must be a {kind.__name__}; got {shown(value)}")
    require_rows(loop.law)
    if not _is_run_of(loop, trajectory) or trajectory.kl_to_reference[0] > 0:
        raise ValueError(
            "trajectory must be a run of this loop from p_ref; got one on another law or from "
            f"another start: {trajectory.law!r}, KL(p_0‖p_ref) = {trajectory.kl_to_reference[0]:g}"
        )
    replicates = checked_replicates(replicates)
    if not 0 < finite_number(level, "level") < 1:
        raise ValueError(f"level must be above 0 and below 1; got {level}")
    generator = as_generator(rng)
    law, steps = trajectory.law, trajectory.steps  # without prompts that rules drop
    followed = followed_groups(law, groups)
    atoms = 0 if estimates is None else law.size
    require_bounded(replicates, steps, len(followed), len(law.scores), atoms)
    held, what, same_best = level, "rows", None
    asked = (followed, replicates, generator)
    if estimates is not None:
        moved, same_best = moved_by_laws(loop, trajectory, *asked, estimates, on_step)
        held, what = expanded(level, estimates.units(law)), estimates.what(law)
    elif law.prompt_index is None:
        moved = _moved(loop, steps, *asked, on_step)
    else:
        moved = moved_by_prompts(loop, trajectory, *asked, on_step)
        held, what = expanded(level, effective_sample_size(law.prompt_probs)), "prompts"
    if law.atom_rows is not None:  # it has means of scores, not how they vary
        moved[..., len(FIGURES) + len(followed) :] = np.nan
    own = curves(trajectory, followed)
    # Binning may move an end over the edge of what a figure can be.
    least = [-np.inf if name == "expected_reward" else 0.0 for name in FIGURES]
    most = [1.0 if name in _SHARES else np.inf for name in FIGURES]
    least += [0.0] * len(followed)
    most += [1.0] * len(followed)
    if estimates is None:
        least += [low for low, _ in ends_of_scores(law).values()]
        most += [high for _, high in ends_of_scores(law).values()]
    else:  # resampled scores have ends of their own, and no bins
        least += [-np.inf] * len(law.scores)
        most += [np.inf] * len(law.scores)
    of_figures, of_shares = len(FIGURES), len(FIGURES) + len(followed)
    ends = np.concatenate(
        [tails(moved[..., :of_shares], held), tails_of_known(moved[..., of_shares:], held)],
        axis=2,
    )
    low, high = np.moveaxis((own + ends).clip(least, most), 2, 1)
    names = [*FIGURES, *trajectory.score_labels]
    columns = [*range(of_figures), *range(of_shares, own.shape[1])]
    return Bands(
        level=None if shown_level(len(moved), held) is None else level,
        replicates=replicates,
        low=dict(zip(names, low[columns], strict=True)),
        high=dict(zip(names, high[columns], strict=True)),
        groups=followed,
        low_proportions=low[of_figures:of_shares].T,
        high_proportions=high[of_figures:of_shares].T,
        failed=replicates - len(moved),
        resampled=what,
        same_best=same_best,
    )


def _is_run_of(loop: CurationLoop, trajectory: Trajectory) -> bool:
    names, dropped = trajectory.law.prompt_names, trajectory.dropped_prompts
    return trajectory.law is loop.law or (
        bool(dropped) and {*names, *dropped} == set(loop.law.prompt_names)
    )


def _moved(
    loop: CurationLoop,
    steps: int,
    followed: tuple[int, ...],
    replicates: int,
    generator: np.random.Generator,
    on_step: Callable[[int], None] | None,
) -> FloatArray:
    """Return how far resampled tables' curves are from the table's own, (tables, steps+1, …)."""
    loops = loops_on_rows(loop, followed, steps)
    if loop.schedule.K is None:
        require_few_steps(loops.width, steps, replicates)
    table = loops.table
    noise = source_of_noise(generator)
    width = max(table.cell_mass.size, loops.width)
    size = max(1, min(replicates, BLOCK_ENTRIES // width))
    columns = len(FIGURES) + len(followed) + len(table.scores)
    found = np.empty((replicates + 1, steps + 1, columns))
    # The first curve is that of the table itself, in the same bins.
    masses = np.ones((1, table.cell_mass.size))
    done = 0
    for start in range(0, replicates + 1, size):
        rows = slice(start, min(start + size, replicates + 1))
        drawn = rows.stop - max(rows.start, 1)
        factors = resampled(table, drawn, generator)
        normal = [noise.standard_normal((drawn, score.bins.size)) for score in table.scores]
        if start == 0:
            factors = np.concatenate([masses, factors])
            normal = [np.concatenate([np.zeros((1, z.shape[1])), z]) for z in normal]
        for t, values in enumerate(curves_of(loops, factors, normal)):
            found[rows, t] = values
            if on_step is not None and t > 0:
                done += 1
                on_step(done)
    moved: FloatArray = found[1:] - found[0]
    missing = np.isnan(moved[..., : len(FIGURES)]).any(axis=(1, 2))
    if missing.sum() > replicates - 2:
        raise ValueError(
            "bands need at least 2 resampled tables of which the rules can select something; in "
            f"{missing.sum():,} of {replicates:,} there is nothing to accept: ask for no bands"
        )
    return moved[~missing]


def require_bounded(
    replicates: int, steps: int, followed: int, scores: int = 0, atoms: int = 0
) -> None:
    """Raise ValueError if the curves of the resampled tables would take very much memory and time.

    Parameters
    ----------
    replicates, steps, followed, scores : int
        Numbers of resampled tables, of steps, and of groups and scores that are followed.
    atoms : int
        Number of atoms, if the loop runs on a law of each resampled table.
    """
    require_few_steps(atoms, steps, replicates)
    each = (steps + 1) * (len(FIGURES) + followed + scores)
    if (replicates + 1) * each > MOST_ENTRIES:
        most = MOST_ENTRIES // each - 1
        raise ValueError(
            f"bands must rest on at most {MOST_ENTRIES:.0e} numbers; got {replicates:,} resampled "
            f"tables of {steps:,} steps of {len(FIGURES)} figures, {followed} groups and {scores} "
            "scores: ask for "
            + (f"at most {most:,} tables, or fewer steps" if most > 1 else "no bands, or few steps")
        )


def followed_groups(law: RewardLaw, groups: Sequence[int] | None) -> tuple[int, ...]:
    """Return the numbers of the groups to follow, checked; all of the law's by default."""
    number = len(law.group_names)
    if groups is None:
        return tuple(range(number))
    if not isinstance(groups, Iterable):
        raise TypeError(f"groups must be a sequence of numbers of groups; got {shown(groups)}")
    for group in groups:
        if count(group, "groups") >= number:
            raise ValueError(f"groups must be numbers from 0 to {number - 1}; got {group}")
    return tuple(int(group) for group in groups)

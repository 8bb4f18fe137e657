"""What a loop's run returns: its figures at every step, and its law at any step."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from recurate.numerics.compression.levels import CompressedLevels
from recurate.numerics.compression.win_rates import win_rates
from recurate.numerics.files import write_csv
from recurate.numerics.laws import divergences
from recurate.numerics.laws.groups import column_labels
from recurate.numerics.laws.history import History, last_trusted
from recurate.numerics.laws.levels import FIGURES, Figures, Levels
from recurate.numerics.laws.of_scores import ends_of_scores
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.read_only import ReadOnlyArrays, read_only
from recurate.numerics.validation import FloatArray, count

if TYPE_CHECKING:
    import pandas


_MOST_RANKED = 10**5  # levels: a sort of more of them takes time that few ask for

MOST_SHARES = 2 * 10**8
"""Most shares of groups, or figures of prompts, of all steps: they take 1.6 gigabytes."""


def require_bounded(steps: int, law: RewardLaw) -> None:
    """Raise ValueError if what is kept of each step of a run would take very much memory."""
    groups, prompts = len(law.group_names), len(law.prompt_names)
    for each, number, what in (
        (groups, groups, "groups, whose shares"),
        (len(FIGURES) * prompts, prompts, "prompts, whose figures"),
    ):
        if (steps + 1) * each > MOST_SHARES:
            raise ValueError(
                f"steps must be at most {MOST_SHARES // each - 1:,} with {number:,} {what} are all "
                f"kept; got {steps:,}"
            )


def trajectory_of(
    law: RewardLaw,
    levels: Levels,
    history: History,
    steps: int,
    on_step: Callable[[int], None] | None,
) -> Trajectory:
    """Return a run by its states, which `levels` measures; `on_step` is told each step."""
    return trajectories_of([(law, levels, history)], steps, on_step)[0]


def trajectories_of(
    runs: Sequence[tuple[RewardLaw, Levels, History]],
    steps: int,
    on_step: Callable[[int], None] | None,
) -> tuple[Trajectory, ...]:
    """Return several runs, as `trajectory_of`, step by step, as their states may be one history."""
    measured = [_Measured(law, levels, steps) for law, levels, _ in runs]
    for t in range(steps + 1):
        for (*_, history), into in zip(runs, measured, strict=True):
            into.measure(t, history.at(t))
        if on_step is not None and t > 0:
            on_step(t)
    found = []
    for (*_, history), into in zip(runs, measured, strict=True):
        found.append(into.trajectory(history, last_trusted(into.edge_masses)))
    return tuple(found)


class _Measured:
    """The figures of a run, as they are measured step by step."""

    def __init__(self, law: RewardLaw, levels: Levels, steps: int) -> None:
        self._law, self._levels = law, levels
        sizes = len(FIGURES), len(law.group_names), len(law.scores)
        self._figures, self._groups, self._scores = (np.empty((steps + 1, n)) for n in sizes)
        self.edge_masses = np.zeros(steps + 1)
        # Elsewhere it takes more than a product, and is found when it is asked for.
        is_large = levels.is_compressed or levels.rewards.size > _MOST_RANKED
        is_quick = not (is_large or law.is_continuous)
        self._wins = np.empty(steps + 1) if is_quick else None

    def measure(self, t: int, state: FloatArray) -> None:
        """Measure the state at step t."""
        levels = self._levels
        self._figures[t] = levels.measure(state)
        self._groups[t] = levels.group_proportions(state)
        if self._law.scores:
            self._scores[t] = levels.expected_scores(state)
        self.edge_masses[t] = levels.edge_mass(state)
        if self._wins is not None:
            self._wins[t] = levels.win_rate(state)

    def trajectory(self, history: History, trusted_until: int) -> Trajectory:
        """Return the run."""
        return Trajectory(
            self._law,
            **Figures(*self._figures.T)._asdict(),
            group_proportions=self._groups,
            expected_scores=self._scores,
            trusted_until=trusted_until,
            _win_rate=self._wins,
            _levels=self._levels,
            _history=history,
        )


@dataclass(frozen=True, eq=False)
class Trajectory(ReadOnlyArrays):
    """The laws p_0, …, p_steps of a retraining loop, and their figures.

    Made by ``CurationLoop.run``.

    Attributes
    ----------
    law : RewardLaw
        The law of the rewards under p_ref.
    expected_weight, variance_weight : ndarray, shape (steps + 1,)
        Mean and variance under p_t of the relative weight e^{r - r_max}.
    expected_reward : ndarray, shape (steps + 1,)
        Mean of the reward under p_t, in log-odds: of a column in its own unit, follow the score.
    kl_to_reference : ndarray, shape (steps + 1,)
        KL(p_t‖p_ref) in nats; inf where p_t has mass and p_ref none.
    mass_at_max : ndarray, shape (steps + 1,)
        p_t(r = r_max).
    group_proportions : ndarray, shape (steps + 1, n_groups)
        Mass of each group under p_t; columns as ``law.group_names``.
    expected_scores : ndarray, shape (steps + 1, n_scores)
        Mean under p_t of each score that is followed, over the atoms that have a value; columns as
        `score_names`. NaN where none of them has mass.
    by_prompt : Figures or None
        The figures of each prompt's law, arrays of shape (steps + 1, prompts) in the order of
        ``law.prompt_names``; None without prompts. The others are their means by
        ``law.prompt_probs``.
    dropped_prompts : tuple of hashable
        The prompts that ``Accept(…, none="drop")`` took out: `law` is that of the others.
    trusted_until : int
        Last step whose figures are right: `steps`, unless the law has a density and p_t left the
        rewards that its nodes resolve.

    Notes
    -----
    For a law with unbounded rewards the unit of the relative weights is ``law.unit_reward``.

    Arrays are read-only: ``array.copy()`` can be written to.

    Laws at single steps are computed from a history that keeps at most 64 MiB. For many rewards and
    steps, ask for them in the order of t: each then costs one step.
    """

    law: RewardLaw
    expected_weight: FloatArray
    variance_weight: FloatArray
    expected_reward: FloatArray
    kl_to_reference: FloatArray
    mass_at_max: FloatArray
    group_proportions: FloatArray
    expected_scores: FloatArray
    trusted_until: int
    _levels: Levels = field(repr=False)
    _history: History = field(repr=False)
    by_prompt: Figures[FloatArray] | None = field(default=None, repr=False)
    dropped_prompts: tuple[Hashable, ...] = field(default=(), repr=False)
    _win_rate: FloatArray | None = field(default=None, repr=False)
    _worse: Callable[[], Sequence[Trajectory]] | None = field(default=None, repr=False)

    @property
    def steps(self) -> int:
        """Number of retraining steps; there is one more law."""
        return self.expected_weight.size - 1

    @property
    def score_names(self) -> tuple[str, ...]:
        """Names of the scores that are followed, as in the law."""
        return self.law.score_names

    @property
    def is_compressed(self) -> bool:
        """Whether it was run on a compressed law."""
        return self._levels.is_compressed

    @cached_property
    def error_estimate(self) -> float:
        """Estimated error that compression, or interpolation, adds to the figures; 0 without them.

        Loops with rules interpolate from 8,000 levels on (``docs/large_tables.md``). For the mean
        of a score it is in units of the range of the score's values, over the mass of p_t that has
        a value. On a law of summarised rows it has that of the bins; if the loop is not compressed,
        that is how much the figures change in bins of twice the width, and for rules that go by
        ranks also where all rows in a bin tie; for these the loop is run again.
        """
        estimate: float = getattr(self._levels, "error_estimate", 0.0)
        return estimate + (0.0 if self._worse is None else sum(map(self._change, self._worse())))

    def compared_with(self, worse: Callable[[], Sequence[Trajectory]]) -> Trajectory:
        """Return the run with an error estimate that has the changes of the figures in others."""
        return replace(self, _worse=worse)

    def _change(self, other: Trajectory) -> float:
        """Return the largest change of a figure, a group's share or a score's mean in its range."""
        ranges = [high - low for low, high in ends_of_scores(self.law).values()]
        scale = np.where(np.array(ranges) > 0, ranges, 1.0)
        changes = [np.abs(getattr(self, name) - getattr(other, name)) for name in FIGURES]
        changes.append(np.abs(self.group_proportions - other.group_proportions))
        changes.append(np.abs(self.expected_scores - other.expected_scores) / scale)
        return float(max(np.nanmax(change, initial=0.0) for change in changes))

    @cached_property
    def win_rate(self) -> FloatArray:
        """Probability that a sample of p_t beats one of p_0 by its reward, shape (steps + 1,).

        Ties count half, so it begins at one half. With prompts both answer one, and it is the mean
        over them. The pure loop of the hard best of K has at most K^t/(K^t + 1), and that where
        nothing ties. The error that compression adds is estimated to be below 1e-10
        (``compressor.TOLERANCE``).

        Raises
        ------
        ValueError
            If the law has a density and the run another start than p_ref.
        """
        if self._win_rate is not None:
            return self._win_rate
        if isinstance(self._levels, CompressedLevels):
            return read_only(win_rates(self._levels, self._history, self.steps))
        states = map(self._history.at, range(self.steps + 1))
        return read_only(np.array([self._levels.win_rate(state) for state in states]))

    def log_probs(self, t: int) -> FloatArray:
        """Return log p_t, shape (n,), in the law's order; right where `probs` underflows.

        Raises
        ------
        ValueError
            If t is not an integer from 0 to `steps`.
        """
        return read_only(self._levels.atom_log_probs(self._state(t)))

    def probs(self, t: int) -> FloatArray:
        """Return p_t, shape (n,), in the law's order.

        Raises
        ------
        ValueError
            If t is not an integer from 0 to `steps`.
        """
        probs: FloatArray = np.exp(self.log_probs(t))
        return read_only(probs)

    def log_density(self, t: int, atoms: IntArray | None = None) -> FloatArray:
        """Return log(p_t/p_ref) in nats, shape (n,), in the law's order.

        If `atoms` lists the numbers of some atoms, only their values are returned.

        Where p_ref has no mass, the value is inf if p_t has some. If neither has any, it is that of
        the function log g_t(r) for which p_t = g_t(r) p_ref (in runs that start at p_ref).

        Raises
        ------
        ValueError
            If t is not an integer from 0 to `steps`.
        """
        return read_only(self._levels.atom_log_density(self._state(t), atoms))

    def kullback_leibler(self, t: int | None, s: int | None = None) -> float:
        """Return KL(p_t‖p_s) in nats, from one step's law to another's.

        Parameters
        ----------
        t, s : int or None
            Steps of the two laws, from 0 to `steps`; None stands for p_ref: ``(t)`` is
            KL(p_t‖p_ref) and ``(None, t)`` is KL(p_ref‖p_t).

        Returns
        -------
        float
            Inf where p_t has mass and p_s has none.

        Raises
        ------
        TypeError, ValueError
            If a step is not None or an integer from 0 to `steps`.

        Notes
        -----
        `recurate.numerics.laws.divergences.kullback_leibler` takes any two laws; here it gets two
        laws as the run holds them. Differences of log p below their stated error
        (``recurate.numerics.loop.STATE_ERROR``) are rounding.
        """
        return divergences.kullback_leibler(**self._laws(t, s))

    def total_variation(self, t: int | None, s: int | None = None) -> float:
        """Return sum |p_t - p_s| / 2, from 0 to 1; steps and errors as in `kullback_leibler`."""
        if self._levels.is_compressed:  # |p - q| has a kink, and is summed over the atoms
            none = np.zeros(self.law.size)
            log_p, log_q = (none if n is None else self.log_density(n) for n in (t, s))
            return divergences.total_variation(log_p, self.law.probs, log_q=log_q)
        return divergences.total_variation(**self._laws(t, s))

    def chi_square(self, t: int | None, s: int | None = None) -> float:
        """Return χ²(p_t‖p_s) = sum (p_t - p_s)²/p_s; steps and errors as in `kullback_leibler`."""
        return divergences.chi_square(**self._laws(t, s))

    def renyi(self, t: int | None, s: int | None = None, *, order: float) -> float:
        """Return the Rényi divergence D_α(p_t‖p_s) in nats, α = `order` above 0, inf included.

        Order 1 is KL, and order infinity the largest log(p_t/p_s). Steps and errors are as in
        `kullback_leibler`; another order raises too.
        """
        return divergences.renyi(**self._laws(t, s), order=order)

    def _laws(self, t: int | None, s: int | None) -> dict[str, FloatArray]:
        """Return two laws in the form that divergences take, on levels: nothing is rounded."""
        return {
            "log_p": self._log_density(t, "t"),
            "reference": self._levels.base,
            "log_q": self._log_density(s, "s"),
        }

    def _log_density(self, t: int | None, name: str) -> FloatArray:
        return self._levels.log_reference_density if t is None else self._state(t, name)

    def _state(self, t: int, name: str = "t") -> FloatArray:
        return self._history.at(count(t, name, self.steps))

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as lists: one per step; for groups and scores one list per step."""
        figures: dict[str, Any] = {"t": list(range(self.steps + 1))}
        figures |= {name: getattr(self, name).tolist() for name in FIGURES}
        figures["group_names"] = list(self.law.group_names)
        figures["group_proportions"] = self.group_proportions.tolist()
        figures["score_names"] = list(self.score_names)
        figures["expected_scores"] = self.expected_scores.tolist()
        return figures

    def _columns(self) -> dict[str, Any]:
        columns: dict[str, Any] = {"t": np.arange(self.steps + 1)}
        columns |= {name: getattr(self, name) for name in FIGURES}
        columns |= dict(zip(self.proportion_labels, self.group_proportions.T, strict=True))
        return columns | dict(zip(self.score_labels, self.expected_scores.T, strict=True))

    @property
    def proportion_labels(self) -> list[str]:
        """Names of the groups' columns; in Python's notation if two groups would read the same."""
        return column_labels(self.law.group_names)

    @property
    def score_labels(self) -> list[str]:
        """Names of the scores' columns, ``score[length]``; escaped as `proportion_labels` are."""
        return column_labels(self.score_names, "score")

    def to_csv(self, path: str | os.PathLike[str] | BinaryIO) -> None:
        """Write the figures as CSV, one row per step, every digit kept; whole or not at all.

        ``-`` is standard output, as everywhere; a binary file that is open is written to.
        """
        write_csv(path, {name: column.tolist() for name, column in self._columns().items()})

    def to_dataframe(self) -> pandas.DataFrame:
        """Return the figures as a pandas data frame, one row per step (needs pandas)."""
        try:
            import pandas
        except ImportError as error:
            raise ImportError("to_dataframe needs pandas: pip install pandas") from error
        return pandas.DataFrame(self._columns())

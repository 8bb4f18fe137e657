"""Several models that train on one another's curated samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.loop import LARGEST_STEPS, CurationLoop
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.record import trajectories_within
from recurate.numerics.rules.dropped import kept_prompts
from recurate.numerics.rules.levels import alike, collapsed
from recurate.numerics.rules.rule import Rule, columns_of_all
from recurate.numerics.schedules import at_each, entry
from recurate.numerics.step import RuleStates
from recurate.numerics.text import shown
from recurate.numerics.trajectory import Trajectory, require_bounded, trajectories_of
from recurate.numerics.validation import (
    SUM_TOLERANCE,
    FloatArray,
    count,
    probability_vector,
    real_numbers,
    require_unmasked,
)


class Network:
    """Models that train on one another's curated samples, in the limit of many samples.

    Parameters
    ----------
    loops : sequence of CurationLoop
        One for each model: its real data, how its samples are chosen, and what else it trains on.
        Their laws must be of the same answers: as many atoms, in one order, with the same groups
        and prompts. Rewards, scores and probabilities (p_ref) may differ from model to model.
    exchange : array_like, shape (models, models)
        Entry (j, i) is the share of model i's curated samples among those that model j trains on;
        each row sums to one. A list of matrices has one for each step, and a function of t gives
        that of the step from t to t + 1.

    Raises
    ------
    TypeError, ValueError
        If an argument has the wrong kind, laws have different atoms, or a density that they do not
        share, or a matrix is not of shares.

    Notes
    -----
    For model j, with m = 1/(1+λ), a = λ/(1+λ) and ε = `retained` of its own loop,

        p_j' = m p_ref + a (ε p_j + (1-ε) Σ_i c_ji T_i(p_i)).

    With prompts these are the laws given the prompt, and no rule may drop one. A model's samples
    are chosen by its own rule, with its own rewards, before others get them. Retained samples are
    the model's own. Where training sets grow (`Accumulate`), a round adds Σ_i c_ji T_i(p_i). A
    model that trains on its own samples alone runs as its loop does.

    Derived here, ``docs/networks.md``. From p_0 = p_ref, the same for all, a group of real share u
    has at every t at least G_t(u) and at most 1 - G_t(1-u) of each model, G_0(u) = u, G_{t+1}(u) =
    m u + a G_t(u)^K, with the least m and the largest ``rule.most_candidates`` of the models.

    Examples
    --------
    The second model's users like other answers. Each model trains on both models' samples.

    >>> first = CurationLoop(RewardLaw([0.0, 1.0], groups=["a", "b"]), K=2, lam=1.0)
    >>> second = first.on(RewardLaw([1.0, 0.0], groups=["a", "b"]))
    >>> apart = Network([first, second], [[1, 0], [0, 1]]).run(steps=9)
    >>> [run.group_proportions[9].round(4).tolist() for run in apart]
    [[0.3901, 0.6099], [0.6099, 0.3901]]
    >>> mixed = Network([first, second], [[0.7, 0.3], [0.3, 0.7]]).run(steps=9)
    >>> [run.group_proportions[9].round(4).tolist() for run in mixed]
    [[0.4712, 0.5288], [0.5288, 0.4712]]
    """

    def __init__(self, loops: Sequence[CurationLoop], exchange: Any) -> None:
        if not isinstance(loops, list | tuple):
            raise TypeError(f"loops must be a list of CurationLoop; got {shown(loops)}")
        if not loops:
            raise ValueError("loops must be at least one CurationLoop; got none")
        for number, loop in enumerate(loops):
            if not isinstance(loop, CurationLoop):
                raise TypeError(f"loops[{number}] must be a CurationLoop; got {shown(loop)}")
            _require_same_atoms(loops[0].law, loop.law, number)
        self.loops = tuple(loops)
        self.exchange = self._given(exchange)

    def _given(self, exchange: Any) -> Any:
        """Return a matrix of shares, a tuple of them, one for each step, or a function of t."""
        if callable(exchange):
            return exchange
        values = exchange if isinstance(exchange, list | tuple) else np.atleast_1d(exchange)
        if len(values) and all(np.ndim(entry) == 2 for entry in values):
            return tuple(
                self._shares(entry, f"exchange at t = {t}") for t, entry in enumerate(values)
            )
        return self._shares(exchange, "exchange")

    def _shares(self, matrix: Any, name: str) -> FloatArray:
        """Return a checked matrix of shares, its rows normalised."""
        size = len(self.loops)
        require_unmasked(matrix, name)
        try:
            shares = np.asarray(real_numbers(matrix, name), dtype=np.float64)
        except ValueError as error:  # NumPy's own, of lists of several lengths
            raise ValueError(
                f"{name} must have {size} rows of {size} shares each; got {shown(matrix)}"
            ) from error
        if shares.shape != (size, size):
            raise ValueError(
                f"{name} must have a row and a column for each of {size} loops, shape "
                f"{(size, size)}; got shape {shares.shape}"
            )
        if not (shares >= 0).all():
            j, i = np.argwhere(~(shares >= 0))[0]
            raise ValueError(
                f"{name} must be shares, of at least 0; got {shares[j, i]:g} at [{j}, {i}]"
            )
        totals = shares.sum(axis=1)
        wrong = np.flatnonzero(~(np.abs(totals - 1.0) <= SUM_TOLERANCE))
        if wrong.size:
            transposed = np.abs(shares.sum(axis=0) - 1.0).max() <= SUM_TOLERANCE
            raise ValueError(
                f"{name} must have rows that sum to 1 within {SUM_TOLERANCE:g}, entry [j, i] being "
                f"the share of model i in what model j trains on; got a sum of "
                f"{float(totals[wrong[0]])!r} in row {wrong[0]}"
                + (": its columns do, so give its transpose" if transposed else "")
            )
        normalised: FloatArray = shares / totals[:, None]
        return normalised

    def __repr__(self) -> str:
        exchange = self.exchange
        if isinstance(exchange, np.ndarray):
            exchange = exchange.tolist()
        elif isinstance(exchange, tuple):
            exchange = [matrix.tolist() for matrix in exchange]
        return f"Network({list(self.loops)}, {exchange})"

    def run(
        self,
        *,
        steps: int,
        initial: Any = None,
        on_step: Callable[[int], None] | None = None,
    ) -> tuple[Trajectory, ...]:
        """Run all models for a number of steps.

        Parameters
        ----------
        steps : int
            Number of retraining steps, from 0 to `loop.LARGEST_STEPS`.
        initial : sequence, optional
            For each model its p_0, shape (n,), or None to start at its p_ref.
        on_step : callable, optional
            Called with t after each step t = 1, …, steps of all models that depend on each other.

        Returns
        -------
        tuple of Trajectory
            One for each model, on its own law.

        Raises
        ------
        TypeError, ValueError
            If an argument is not valid, or something given by step has not one entry for each.
        """
        steps = count(steps, "steps", LARGEST_STEPS)
        starts = self._starts(initial)
        for loop in self.loops:
            require_bounded(steps, loop.law)
        shares = partial(entry, at_each(self.exchange, steps, "exchange", self._shares))
        by_itself = self._by_themselves(shares, steps)
        found: list[Trajectory | None] = [
            loop.run(steps=steps, initial=start) if is_alone else None
            for loop, start, is_alone in zip(self.loops, starts, by_itself, strict=True)
        ]
        together = [j for j, is_alone in enumerate(by_itself) if not is_alone]
        if together:
            all_levels, states = self._states(shares, starts, steps)
            runs: list[Any] = [
                (self.loops[j].law, all_levels[j], _OneModel(states, j)) for j in together
            ]
            measured = (
                trajectories_of if self.loops[0].law.prompt_index is None else trajectories_within
            )
            for j, run in zip(together, measured(runs, steps, on_step), strict=True):
                found[j] = run
        return tuple(run for run in found if run is not None)

    def _starts(self, initial: Any) -> list[FloatArray | None]:
        if initial is None:
            return [None] * len(self.loops)
        if not isinstance(initial, list | tuple | np.ndarray) or len(initial) != len(self.loops):
            raise ValueError(
                f"initial must have an entry for each of {len(self.loops)} loops, probabilities or "
                f"None for p_ref; got {shown(initial)}"
            )
        return [
            None
            if start is None
            else probability_vector(start, f"initial[{number}]", self.loops[0].law.size)
            for number, start in enumerate(initial)
        ]

    def _by_themselves(self, shares: Callable[[int], FloatArray], steps: int) -> list[bool]:
        """Return which models train on their own samples alone, at every step."""
        times = range(steps) if not isinstance(self.exchange, np.ndarray) else range(min(steps, 1))
        own = [np.diag(shares(t)) == 1.0 for t in times]
        return [bool(all(column)) for column in zip(*own, strict=True)] or [True] * len(self.loops)

    def _states(
        self, shares: Callable[[int], FloatArray], starts: list[FloatArray | None], steps: int
    ) -> tuple[list[Levels], History]:
        """Return each model's levels, and the states of all, shape (models, levels)."""
        plans = [loop.schedule.plan(steps) for loop in self.loops]
        rules = [plan.rules for plan in plans]
        laws = [loop.law for loop in self.loops]
        if laws[0].prompt_index is None:
            levels, small = _common_levels(laws, rules, starts)
            steps_of = list(map(RuleStates, levels, small, plans))
            atoms = [np.arange(of.rewards.size) for of in levels]
        else:
            within = _levels_within(laws, rules, starts)
            levels, atoms = list(within), [of.atoms for of in within]
            steps_of = list(map(RuleStates, levels, laws, plans, atoms))
        # A state is relative to its own model's base; where none has mass, it is a function of r.
        log_bases = np.array([np.where(of.base > 0, of.log_conditional_base, 0.0) for of in levels])
        start = np.array([of.log_start_density for of in levels])
        step = partial(_step, steps_of, shares, log_bases, atoms)
        return levels, History(start, step, steps, is_timed=True)


class _OneModel:
    """The states of one model of a network, by step, as `History` has them."""

    def __init__(self, states: History, number: int) -> None:
        self._states, self._number = states, number

    def at(self, t: int) -> FloatArray:
        """Return the state at step t, shape (levels,)."""
        state: FloatArray = self._states.at(t)[self._number]
        return state


def _step(
    steps_of: list[RuleStates],
    shares: Callable[[int], FloatArray],
    log_bases: FloatArray,
    atoms: list[IntArray],
    states: FloatArray,
    t: int,
) -> FloatArray:
    """Return the next states of all models, shape (models, levels); `atoms` has their orders."""
    matrix = shares(t)
    steps = [states_of.at(t) for states_of in steps_of]
    curated = np.empty_like(states)  # log T(p) given the prompt, or log H where no base has mass
    for i, step in enumerate(steps):
        if matrix[:, i].any():
            curated[i, atoms[i]] = step.curated(states[i]) + log_bases[i]
    following = []
    for j, step in enumerate(steps):
        received = [
            np.log(share) + curated[i, atoms[j]] for i, share in enumerate(matrix[j]) if share > 0
        ]
        mixture: FloatArray = np.logaddexp.reduce(received) - log_bases[j]
        following.append(step.trained(states[j], mixture))
    return np.array(following)


def _levels_within(
    laws: list[RewardLaw], rules: list[list[Rule]], starts: list[FloatArray | None]
) -> list[PromptLevels]:
    """Return each model's levels within prompts, of which each atom is one."""
    for law, of in zip(laws, rules, strict=True):
        dropped = int((~kept_prompts(law, of, law.probs)).sum())
        if dropped:
            raise ValueError(
                f"a network keeps all prompts; got rules that drop {dropped:,} of "
                f"{len(law.prompt_names):,}: none='keep' leaves such a prompt's law as it is"
            )
    given = [law.probs if start is None else start for law, start in zip(laws, starts, strict=True)]
    prompt = laws[0].prompt_of_atoms
    within = [probs / law.prompt_probs[prompt] for law, probs in zip(laws, given, strict=True)]
    anywhere = np.mean([*within, *(law.probs / law.prompt_probs[prompt] for law in laws)], axis=0)
    found = []
    for law, start in zip(laws, given, strict=True):
        levels = PromptLevels.of(law, start)
        base = np.where(law.probs > 0, law.probs, anywhere * law.prompt_probs[prompt])
        found.append(replace(levels, base=base[levels.atoms], atom_base=base))
    return found


def _common_levels(
    laws: list[RewardLaw], rules: list[list[Rule]], starts: list[FloatArray | None]
) -> tuple[list[Levels], list[RewardLaw]]:
    """Return each model's levels, the same atoms for all, and the laws whose atoms they are."""
    columns = [columns_of_all(of, law) for law, of in zip(laws, rules, strict=True)]
    known = [c for of in columns if of is not None for c in of] + [law.rewards for law in laws]
    first = laws[0]
    if (
        all(start is None for start in starts)
        and all(of is not None for of in columns)
        and not first.is_continuous
        and all(np.array_equal(law.probs, first.probs) for law in laws)
    ):
        others = {id(column): column for column in known if column is not first.rewards}
        index = alike(first.distinct[1], others.values())
        pairs = [collapsed(law, index, list(others.values())) for law in laws]
        return [levels for levels, _ in pairs], [small for _, small in pairs]
    # What only others' real data, or starts, have may come to a model too.
    given = [law.probs if start is None else start for law, start in zip(laws, starts, strict=True)]
    anywhere = np.mean([*given, *(law.probs for law in laws)], axis=0)
    levels = []
    for law, start in zip(laws, given, strict=True):
        base = np.where(law.probs > 0, law.probs, anywhere)
        atoms = np.arange(law.size)
        levels.append(Levels(law, law.level_rewards, atoms, base, base, law.probs, start))
    return levels, laws


def _require_same_atoms(first: RewardLaw, law: RewardLaw, number: int) -> None:
    if law is first:
        return
    same = "loops must be on laws of the same answers in one order"
    if law.is_continuous or first.is_continuous:
        raise ValueError(f"{same}, so on one law if it has a density; got another in [{number}]")
    if law.size != first.size:
        raise ValueError(
            f"{same}; got {first.size:,} atoms in loops[0] and {law.size:,} in loops[{number}]"
        )
    for what in ("group", "prompt"):
        names, index = (
            [getattr(of, f"{what}_{part}") for of in (first, law)] for part in ("names", "index")
        )
        if names[0] != names[1] or not np.array_equal(*index):
            raise ValueError(
                f"{same}, so the {what}s of their atoms must be the same; those of loops[{number}] "
                "are not those of loops[0]"
            )

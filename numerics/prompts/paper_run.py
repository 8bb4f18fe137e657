"""The run of the paper's loop within prompts: some prompts at a time through all steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from recurate.numerics.laws.history import History
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.prompts.kernel import PromptKernel, log_ratio_of
from recurate.numerics.prompts.levels import PromptLevels
from recurate.numerics.prompts.part import PartLaw, PromptPart, dots
from recurate.numerics.prompts.record import Record
from recurate.numerics.step import mixed
from recurate.numerics.text import shown
from recurate.numerics.trajectory import Trajectory
from recurate.numerics.validation import FloatArray

_LARGEST_EXPONENT = 700.0
_SMALLEST = 1e-280  # of a density that may be multiplied; beyond, logarithms take over
_LEAST_MULTIPLIED = 0.1  # lam


class PartStep:
    """The loop's map from log p_t/base to log p_{t+1}/base, within each prompt of a part.

    Parameters
    ----------
    part : PromptPart
        Where the states live, and p_ref.
    K, lam : float
        As checked by `CurationLoop`.

    Notes
    -----
    Ferbach et al. 2024 (arXiv:2407.09499), Lemma 2.1, conditional on the prompt.
    """

    def __init__(self, part: PromptPart, K: float, lam: float) -> None:
        self._part, self._K, self._lam = part, K, lam
        self._kernel = PromptKernel(part, K) if 1 < K < math.inf else None
        # From logarithms even a tiny lam leaves the digits of log p_t/p_ref.
        self._may_multiply = part.starts_at_reference and lam > _LEAST_MULTIPLIED

    def __call__(self, log_density: FloatArray) -> FloatArray:
        """Return the next state, shape (prompts, levels).

        Raises
        ------
        ArithmeticError
            If the law of some prompt cannot be computed; it names the prompt.
        """
        if self._may_multiply and self._kernel is not None and self._kernel.is_batched:
            density = self._multiplied(self._part.law_of(log_density), self._kernel)
            if _SMALLEST < density.min() and density.max() < 1 / _SMALLEST:
                return self._part.state_of(density)
        return self._from_logarithms(log_density)

    def _multiplied(self, law: PartLaw, kernel: PromptKernel) -> FloatArray:
        """Return the next density p/base, by multiplications: a third quicker than logarithms."""
        density = kernel.ratio(law.probs)
        share = 1.0 if self._lam == math.inf else 1.0 / (1.0 + 1.0 / self._lam)
        masses = self._checked(dots(law.probs, density)) * law.mass
        density *= law.density
        density *= (share / masses)[:, None]
        if self._lam < math.inf:
            density += 1.0 / (1.0 + self._lam)
        return density

    def _from_logarithms(self, log_density: FloatArray) -> FloatArray:
        part = self._part
        log_ratio = log_ratio_of(part, self._kernel, log_density, self._K)
        # An error of a prompt's mass does not grow, as `law_of` divides it out; here it ends.
        ratio = np.exp(np.minimum(log_ratio, _LARGEST_EXPONENT))
        law = part.law_of(log_density)
        masses = self._checked(dots(law.probs, ratio)) * law.mass
        curated = log_density + log_ratio - np.log(masses)[:, None]
        return mixed(curated, part.log_reference_density, self._lam)

    def _checked(self, masses: FloatArray) -> FloatArray:
        """Return the masses of the curated laws, which are one but for rounding."""
        wrong = ~((masses > 0.5) & (masses < 2.0))
        if wrong.any():
            z = int(np.argmax(wrong))
            name = shown(self._part.law.prompt_names[self._part.prompts[z]])
            raise ArithmeticError(
                f"the curated law of prompt {name} cannot be computed: its mass comes out as "
                f"{masses[z]:g}, not 1"
            )
        return masses


class PromptStep:
    """The loop's map from log p_t/base to log p_{t+1}/base, on the levels of all prompts.

    It prepares the quadrature of each part anew at each step, for together they may be large.

    Parameters
    ----------
    levels : PromptLevels
        Where the states live, and p_ref.
    K, lam : float
        As checked by `CurationLoop`.
    """

    def __init__(self, levels: PromptLevels, K: float, lam: float) -> None:
        self._levels, self._K, self._lam = levels, K, lam

    def __call__(self, log_density: FloatArray) -> FloatArray:
        """Return the next state, shape (levels,)."""
        following = [
            PartStep(part, self._K, self._lam)(state).ravel()
            for part, state in self._levels.by_part(log_density)
        ]
        return np.concatenate(following)


def states(
    levels: PromptLevels, K: float, lam: float, steps: int
) -> Iterator[tuple[PromptPart, int, FloatArray]]:
    """Yield a part of the prompts, t and their state, for each part and t = 0, …, steps."""
    for part in levels.parts():
        step, state = PartStep(part, K, lam), part.log_start_density
        for t in range(steps + 1):
            state = state if t == 0 else step(state)
            yield part, t, state


def log_ratio(levels: PromptLevels, log_density: FloatArray, K: float) -> FloatArray:
    """Return log H^K within each prompt, at each of the levels, of the law with this state."""
    ratios = [
        log_ratio_of(part, PromptKernel(part, K) if 1 < K < math.inf else None, state, K).ravel()
        for part, state in levels.by_part(log_density)
    ]
    return np.concatenate(ratios)


def run(
    law: RewardLaw,
    K: float,
    lam: float,
    steps: int,
    initial: FloatArray | None,
    on_step: Callable[[int], None] | None,
) -> Trajectory:
    """Return the run of a loop within prompts; its arguments are checked."""
    levels, record = PromptLevels.of(law, initial), Record(law, steps)
    begin = done = said = 0
    for part, t, state in states(levels, K, lam, steps):
        record.add(t, part, begin, state)
        if t < steps:
            continue
        begin, done = begin + part.prompts.size, done + state.size
        if on_step is not None:  # progress, in steps' worth of levels
            reached = steps * done // levels.rewards.size
            for now in range(said + 1, reached + 1):
                on_step(now)
            said = reached
    history = History(levels.log_start_density, PromptStep(levels, K, lam), steps)
    return record.trajectory(levels, history)

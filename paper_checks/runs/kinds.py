"""The three kinds of runs: in rationals, in rigorous balls, in balls around the engine's floats."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import flint
import numpy as np

from recurate.numerics import curation
from recurate.numerics.curation import balls as certified
from recurate.numerics.curation import rationals
from recurate.numerics.curation.ball_quadrature import BallRatio
from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import Levels
from recurate.numerics.loop import CurationLoop, state_error
from recurate.numerics.step import Step
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.runs.instances import Instance
from recurate.paper_checks.runs.run import Curation, Number, Numbers, Run, normalised


class ExactRun(Run):
    """A run in rationals, from the definition of the choice: K-tuples enumerated."""

    kind = "exact"
    arithmetic = "rational"

    def __init__(self, instance: Instance) -> None:
        if instance.weights is None:
            raise ValueError("exact evidence needs rational weights; got rewards")
        self.instance = instance
        self.K, self.lam, self.steps = instance.K, instance.lam, instance.steps
        top = max(instance.weights)
        self.weights = [weight / top for weight in instance.weights]
        self.reference = list(instance.reference)
        self.second = list(instance.second or instance.reference)
        self.heights = instance.heights
        self.is_degenerate = instance.is_degenerate
        self._ratios: dict[Any, Numbers] = {}

    @cached_property
    def _laws(self) -> list[list[Fraction]]:
        start = self.instance.initial
        laws = [list(self.reference if start is None else start)]
        # As exact.trajectory, but the ratios are kept: the claims ask for them again.
        for _ in range(self.steps):
            m, ratio = self.real_fraction, self.curation_of(laws[-1]).ratio
            laws.append(
                [
                    m * q + (1 - m) * p * h
                    for q, p, h in zip(self.reference, laws[-1], ratio, strict=True)
                ]
            )
        return laws

    def law(self, t: int) -> Numbers:
        return self._laws[t]

    def density(self, t: int) -> Numbers:
        return [
            p / q if q else Fraction(1) for p, q in zip(self.law(t), self.reference, strict=True)
        ]

    def curation(self, t: int, K: int | float | None = None) -> Curation:
        return self.curation_of(self.law(t), K)

    def ratio(self, weights: Sequence[Number], probs: Sequence[Number], K: int | float) -> Numbers:
        key = (tuple(weights), tuple(probs), K)
        if key not in self._ratios:
            self._ratios[key] = rationals.curation_ratio(weights, probs, K)
        return self._ratios[key]


class CertifiedRun(Run):
    """A run in balls that contain the true values, for rational and irrational weights."""

    kind = "certified"

    def __init__(self, instance: Instance, bits: int = 128) -> None:
        self.instance, self.bits = instance, bits
        self.K, self.lam, self.steps = instance.K, instance.lam, instance.steps
        if instance.rewards is None:
            top = max(instance.heights)
            self.weights = [self.number(weight / top) for weight in instance.heights]
        else:
            self.weights = certified.weights_of(instance.rewards, bits=bits)
        self.reference = [self.number(p) for p in instance.reference]
        self.second = [self.number(p) for p in instance.second or instance.reference]
        self.heights = instance.heights
        self.is_degenerate = instance.is_degenerate
        self._ratios: dict[tuple[int, int | float], Numbers] = {}
        self._kernels: dict[int | float, BallRatio] = {}

    def number(self, value: Fraction | float) -> Number:
        with flint.ctx.workprec(self.bits):
            return super().number(value)

    @cached_property
    def _laws(self) -> list[Numbers]:
        given = self.instance
        return certified.trajectory(
            self.weights, given.reference, self.K, self.lam, self.steps, given.initial,
            bits=self.bits,
        )  # fmt: skip

    def law(self, t: int) -> Numbers:
        if t == 0:
            return [self.number(p) for p in self.instance.initial or self.instance.reference]
        return self._laws[t]

    def density(self, t: int) -> Numbers:
        pairs = zip(self.law(t), self.reference, self.instance.reference, strict=True)
        return [p / q if mass else flint.arb(1) for p, q, mass in pairs]

    def curation(self, t: int, K: int | float | None = None) -> Curation:
        K = self.K if K is None else K
        if (t, K) not in self._ratios:
            self._ratios[t, K] = self.curation_of(self.law(t), K).ratio
        return Curation(self.weights, self.law(t), self._ratios[t, K], K)

    def ratio(self, weights: Sequence[Number], probs: Sequence[Number], K: int | float) -> Numbers:
        kernel = None
        if weights is self.weights:
            if K not in self._kernels:
                self._kernels[K] = certified.prepared(weights, K, bits=self.bits)
            kernel = self._kernels[K]
        return certified.curation_ratio(weights, probs, K, bits=self.bits, kernel=kernel)


class EngineLaws:
    """The laws of `CurationLoop.run`, on all rewards and without the figures of each step.

    The allowances are for the engine without errors of compression.

    Parameters
    ----------
    loop : CurationLoop
        The loop.
    steps : int
        Largest t that is asked for.
    """

    def __init__(self, loop: CurationLoop, steps: int) -> None:
        self._levels = Levels.of(loop.law, None)
        step = Step(self._levels, loop.K, loop.lam)
        self._history = History(self._levels.log_start_density, step, steps)

    def log_probs(self, t: int) -> FloatArray:
        """Return log p_t, shape (n,), as a trajectory does."""
        return self._levels.atom_log_probs(self._history.at(t))

    def log_density(self, t: int) -> FloatArray:
        """Return log(p_t/p_ref), shape (n,), as a trajectory does."""
        return self._levels.atom_log_density(self._history.at(t))


class EngineRun(Run):
    """A run of the float engine, in balls: its output, with its stated error as radius.

    Parameters
    ----------
    loop : CurationLoop
        The loop.
    steps : int
        Number of steps.
    second : array_like, shape (n,), optional
        A second law on the same atoms; p_ref if not given.
    """

    kind = "property"

    def __init__(self, loop: CurationLoop, steps: int, second: Any = None) -> None:
        self.loop, self.steps = loop, steps
        self.K, self.lam = loop.K, loop.lam
        law = loop.law
        top = flint.arb(float(law.rewards.max()))
        self.weights = [(flint.arb(float(reward)) - top).exp() for reward in law.rewards]
        self.reference = normalised([flint.arb(float(p)) for p in law.probs])
        self.second = self.reference
        if second is not None:
            self.second = normalised([flint.arb(float(p)) for p in second])
        self.heights = law.rewards.tolist()
        charged = np.unique(law.rewards[law.probs > 0])
        self.is_degenerate = bool(loop.K == 1 or loop.lam == 0 or charged.size == 1)
        self._laws: dict[int, Numbers] = {0: self.reference}
        self._curations: dict[tuple[int, int | float], Curation] = {}

    @cached_property
    def engine_laws(self) -> EngineLaws:
        """The engine's own run."""
        return EngineLaws(self.loop, self.steps)

    def law(self, t: int) -> Numbers:
        if t not in self._laws:
            log_probs = self.engine_laws.log_probs(t)
            self._laws[t] = exponentials(log_probs, state_error(t, log_probs))
        return self._laws[t]

    def density(self, t: int) -> Numbers:
        log_density = np.where(self.loop.law.probs > 0, self.engine_laws.log_density(t), 0.0)
        return exponentials(log_density, state_error(t, self.engine_laws.log_probs(t)))

    def curation(self, t: int, K: int | float | None = None) -> Curation:
        K = self.K if K is None else K
        if (t, K) not in self._curations:
            self._curations[t, K] = self._curation(self.engine_laws.log_probs(t), K)
        return self._curations[t, K]

    def curation_of(
        self, probs: Numbers, K: int | float | None = None, weights: Numbers | None = None
    ) -> Curation:
        with np.errstate(divide="ignore"):
            log_probs = np.log([float(p.mid()) for p in probs])
        return self._curation(log_probs, self.K if K is None else K, weights)

    def ratio(self, weights: Sequence[Number], probs: Sequence[Number], K: int | float) -> Numbers:
        uncharged = {i for i, p in enumerate(probs) if p == 0}  # for certain
        charged = [i for i in range(len(probs)) if i not in uncharged]
        log_masses, rounding = _midpoints([flint.arb(probs[i]).log() for i in charged])
        log_probs = np.full(len(probs), -math.inf)
        log_probs[charged] = log_masses
        # K - 1 others are drawn; the candidate's own weight is not.
        return self._ratio(log_probs, K, weights, rounding * (K if K < math.inf else 1))

    def _curation(
        self, log_probs: FloatArray, K: int | float, weights: Numbers | None = None
    ) -> Curation:
        ratio = self._ratio(log_probs, K, weights)
        # The floats as they are, not as an approximation of p_t: curation starts from any law.
        probs = normalised(exponentials(log_probs, np.zeros(log_probs.size)))
        return Curation(self.weights if weights is None else weights, probs, ratio, K)

    def _ratio(
        self,
        log_probs: FloatArray,
        K: int | float,
        weights: Sequence[Number] | None = None,
        rounding: float = 0.0,
    ) -> Numbers:
        rewards = self.loop.law.rewards
        if weights is not None:
            rewards, off = _midpoints([flint.arb(weight).log() for weight in weights])
            # log H moves by no more than the logarithm of the candidate's own weight, and of all
            # others' together.
            rounding += 2 * off
        log_ratio = curation.log_curation_ratio(rewards, K=K, log_probs=log_probs)
        error = curation.RATIO_ERROR * np.maximum(1.0, np.abs(log_ratio)) + rounding
        return exponentials(log_ratio, error)


def _midpoints(balls: Numbers) -> tuple[FloatArray, float]:
    """Return balls' midpoints as floats, and how far these are off at most."""
    floats = [float(ball.mid()) for ball in balls]
    pairs = zip(balls, floats, strict=True)
    return np.array(floats), max((float((x - y).abs_upper()) for x, y in pairs), default=0.0)


def exponentials(logarithms: FloatArray, errors: FloatArray) -> Numbers:
    pairs = zip(logarithms.tolist(), errors.tolist(), strict=True)
    # Minus infinity is an exact zero; NaN stays NaN, and counts as undecided.
    return [flint.arb(0) if x == -math.inf else flint.arb(x, e).exp() for x, e in pairs]

"""The three kinds of runs of loops in which people choose by any rule."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import flint
import numpy as np

from recurate.numerics.curation import RATIO_ERROR
from recurate.numerics.loop import CurationLoop, state_error
from recurate.numerics.validation import FloatArray
from recurate.paper_checks.runs.kinds import exponentials
from recurate.paper_checks.runs.ruled.choosing import Choosing
from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.run import Number, Numbers, TriedRun, log_of, normalised
from recurate.theory.language import notation
from recurate.theory.statement import Hypothesis

_GUARD = 32  # bits beyond those asked for
_DOUBLINGS = 3  # of the precision, before a run in balls gives up


class RuledRun(TriedRun):
    """The laws p_0, …, p_steps of a loop with rules of choice, in one kind of numbers.

    Attributes
    ----------
    steps : int
        Number of steps.
    reference, second : lists of numbers, length n
        p_ref, and a second law on the same atoms.
    """

    steps: int
    reference: Numbers
    second: Numbers

    @property
    def size(self) -> int:
        """Number of atoms."""
        return len(self.reference)

    @abstractmethod
    def law(self, t: int) -> Numbers:
        """Return p_t."""

    @abstractmethod
    def chosen_from(self, law: Numbers, t: int) -> Numbers:
        """Return T(p) of a law p, by the rule of the step from t to t + 1."""

    @abstractmethod
    def choosing(self, t: int) -> Any:
        """Return the rule of the step from t to t + 1: a `Choosing`, or the float engine's rule."""

    @abstractmethod
    def exact_shares(self, t: int) -> tuple[Fraction, Fraction, Fraction]:
        """Return the shares of p_ref, of p_t and of T(p_t) in p_{t+1}."""

    def shares(self, t: int) -> tuple[Number, Number, Number]:
        """Return the same in the run's own numbers."""
        key = t, flint.ctx.prec
        if key not in self._shares:
            real, kept, new = map(self.number, self.exact_shares(t))
            self._shares[key] = real, kept, new
        return self._shares[key]

    @cached_property
    def _shares(self) -> dict[tuple[int, int], tuple[Number, Number, Number]]:
        return {}

    @abstractmethod
    def K_at(self, t: int) -> int | float:
        """Return the number of candidates at the step from t to t + 1."""

    @abstractmethod
    def lam_at(self, t: int) -> Fraction | float:
        """Return λ at the step from t to t + 1."""

    @abstractmethod
    def candidates_at(self, t: int) -> list[tuple[Number, int | float]]:
        """Return which share of the choices is made among how many candidates: pairs, of sum 1."""

    @property
    @abstractmethod
    def accumulates(self) -> bool:
        """Whether training sets grow, and nothing is thrown away."""

    @property
    @abstractmethod
    def sees_law(self) -> bool:
        """Whether a rule looks at the law that the candidates come from."""

    @property
    @abstractmethod
    def changes(self) -> bool:
        """Whether the rule changes from step to step, or the training sets do."""

    @property
    @abstractmethod
    def starts_at_reference(self) -> bool:
        """Whether p_0 = p_ref."""

    @property
    def views(self) -> list[RuledRun]:
        """What claims about shares speak of: the loop itself; see `wider` for more."""
        return [self]

    def curated(self, t: int) -> Numbers:
        """Return T(p_t), the law of what is chosen at the step from t to t + 1."""
        return self.choice(t)[1]

    def choice(self, t: int) -> tuple[Numbers, Numbers]:
        """Return p_t and T(p_t), for claims of one choice.

        In floating point p_t is here the engine's law as it is, not the true p_t that it is near.
        """
        return self.law(t), self.chosen_from(self.law(t), t)

    @cached_property
    def K(self) -> int | float:
        """The largest number of candidates of a step."""
        return max((self.K_at(t) for t in range(self.steps)), default=1)

    @cached_property
    def lam(self) -> Fraction | float | None:
        """λ, if it is the same at each step and nothing else is retained; None otherwise."""
        lams = {self.lam_at(t) for t in range(self.steps)}
        is_plain = all(self.shares(t)[1] == 0 for t in range(self.steps))
        return lams.pop() if len(lams) == 1 and is_plain else None

    @cached_property
    def is_plain(self) -> bool:
        """Whether K and λ are the same at each step, and nothing is retained: one K, one λ."""
        return self.lam is not None and len({self.K_at(t) for t in range(self.steps)}) == 1

    def mean(self, law: Sequence[Number], values: Sequence[Number]) -> Number:
        """Return the mean of values, one an atom; of an indicator it is the mass of a set."""
        masses = (
            p if value == 1 else p * value
            for p, value in zip(law, values, strict=True)
            if not value == 0  # noqa: SIM201 — of balls, unless it is zero for certain
        )
        return sum(masses, self.number(0))

    def total_variation(self, left: Sequence[Number], right: Sequence[Number]) -> Number:
        """Return the total variation distance of two laws on the atoms."""
        return sum((abs(x - y) for x, y in zip(left, right, strict=True)), self.number(0)) / 2

    def kl(self, p: Sequence[Number], q: Sequence[Number]) -> Number:
        """Return KL(p‖q) in nats, of balls.

        Raises
        ------
        TypeError
            If the run is in rationals, which have no logarithms.
        """
        pairs = zip(p, q, strict=True)
        # Equal to zero for certain: a ball about zero has a logarithm that is not finite.
        return sum((x if x == 0 else x * log_of(x / y) for x, y in pairs), self.number(0))

    def meets(self, hypothesis: Hypothesis) -> bool:
        """Return whether it meets a hypothesis about K and λ, which is decided in rationals.

        One about λ is not met where λ changes, or where anything is retained.
        """
        condition = hypothesis.condition
        if condition is None:
            return True
        symbols = condition.free_symbols
        of_lam = {notation.lam, notation.real_fraction, notation.synthetic_fraction}
        if self.lam is None and symbols & of_lam:
            return False
        lam = self.lam if self.lam is None or self.lam == math.inf else Fraction(self.lam)
        return hypothesis.holds("rational", **self.hypothesis_values, K=self.K, lam=lam)

    @property
    def hypothesis_values(self) -> dict[str, Any]:
        """Values of further symbols that a hypothesis may have, by keyword; none by default."""
        return {}


class InstanceRun(RuledRun):
    """A run of an instance, from the definitions."""

    instance: RuledInstance

    def _start(self, instance: RuledInstance) -> None:
        self.instance, self.steps = instance, instance.steps
        self.is_degenerate = instance.is_degenerate
        self.reference = [self.number(p) for p in instance.reference]
        self.second = [self.number(p) for p in instance.second or instance.reference]
        self._choices: dict[int, tuple[Numbers, Numbers]] = {}

    def _run(self) -> list[Numbers]:
        reference = [self.number(p) for p in self.instance.reference]
        laws = [[self.number(p) for p in self.instance.initial or self.instance.reference]]
        for t in range(self.steps):
            real, kept, new = self.shares(t)
            parts = zip(reference, laws[-1], self.choosing(t).curated(laws[-1], t), strict=True)
            laws.append([real * q + kept * p + new * c for q, p, c in parts])
        return laws

    @cached_property
    def _laws(self) -> list[Numbers]:
        return self._run()

    def law(self, t: int) -> Numbers:
        return self._laws[t]

    def chosen_from(self, law: Numbers, t: int) -> Numbers:
        return self.choosing(t).curated(law, t)

    def choice(self, t: int) -> tuple[Numbers, Numbers]:
        if t not in self._choices:
            self._choices[t] = super().choice(t)
        return self._choices[t]

    def choosing(self, t: int) -> Choosing:
        return self.instance.choosing_at(t)

    def exact_shares(self, t: int) -> tuple[Fraction, Fraction, Fraction]:
        return self.instance.shares(t)

    def K_at(self, t: int) -> int | float:
        return self.choosing(t).candidates

    def lam_at(self, t: int) -> Fraction | float:
        return self.instance.lam_at(t)

    def candidates_at(self, t: int) -> list[tuple[Number, int | float]]:
        return [(self.number(share), K) for share, K in self.choosing(t).shares]

    @property
    def accumulates(self) -> bool:
        return self.instance.training is not None

    @property
    def sees_law(self) -> bool:
        return any(choosing.sees_law for choosing in self.instance.all_choosing)

    @property
    def changes(self) -> bool:
        given = self.instance
        is_steady = len(set(given.all_choosing)) <= 1 and given.training is None
        shares = {given.shares(t) for t in range(self.steps)}
        return not is_steady or len(shares) > 1 or any(c.changes for c in given.all_choosing)

    @property
    def starts_at_reference(self) -> bool:
        return self.instance.initial in (None, self.instance.reference)


class ExactRuledRun(InstanceRun):
    """A run in rationals: tuples of candidates enumerated, or the rule's definition summed."""

    kind = "exact"
    arithmetic = "rational"

    def __init__(self, instance: RuledInstance) -> None:
        self._start(instance)


class CertifiedRuledRun(InstanceRun):
    """The same in balls that contain the true values, for more atoms, candidates and steps."""

    kind = "certified"

    def __init__(self, instance: RuledInstance, bits: int = 128) -> None:
        self.bits = bits
        self._start(instance)

    def number(self, value: Fraction | float) -> Number:
        with flint.ctx.workprec(max(self.bits, flint.ctx.prec)):
            return super().number(value)

    @cached_property
    def _laws(self) -> list[Numbers]:
        for doubling in range(_DOUBLINGS + 1):
            with flint.ctx.workprec((self.bits << doubling) + _GUARD):
                laws = self._run()
            if all(p == 0 or p.rel_accuracy_bits() >= self.bits / 2 for law in laws for p in law):
                return laws
        raise ArithmeticError(f"the balls of {self.instance} stay wider than {self.bits / 2} bits")

    def chosen_from(self, law: Numbers, t: int) -> Numbers:
        with flint.ctx.workprec(self.bits + _GUARD):
            return super().chosen_from(law, t)


class EngineRuledRun(RuledRun):
    """A run of the float engine, in balls: its output, with its stated error as radius.

    Parameters
    ----------
    loop : CurationLoop
        The loop: any rules of `recurate.rules`, and any schedule.
    steps : int
        Number of steps, as many as the loop's sequences have.
    second : array_like, shape (n,), optional
        A second law on the same atoms; p_ref if not given.
    """

    kind = "property"

    def __init__(self, loop: CurationLoop, steps: int, second: Any = None) -> None:
        self.loop, self.steps = loop, steps
        self._plan = loop.schedule.plan(steps)
        self.reference = normalised([flint.arb(float(p)) for p in loop.law.probs])
        self.second = self.reference
        if second is not None:
            self.second = normalised([flint.arb(float(p)) for p in second])
        is_still = all(self.K_at(t) == 1 or self.shares(t)[2] == 0 for t in range(steps))
        self.is_degenerate = is_still or int((loop.law.probs > 0).sum()) == 1
        self._laws: dict[int, Numbers] = {0: self.reference}
        self._choices: dict[int, tuple[Numbers, Numbers]] = {}

    @cached_property
    def _trajectory(self) -> Any:
        return self.loop.run(steps=self.steps, compress=False)

    def law(self, t: int) -> Numbers:
        if t not in self._laws:
            log_probs = self._trajectory.log_probs(t)
            self._laws[t] = exponentials(log_probs, state_error(t, log_probs))
        return self._laws[t]

    def choice(self, t: int) -> tuple[Numbers, Numbers]:
        if t not in self._choices:
            log_probs = self._trajectory.log_probs(t)
            law = normalised(exponentials(log_probs, np.zeros(log_probs.size)))
            self._choices[t] = law, self._chosen(law, log_probs, t, 0.0)
        return self._choices[t]

    def chosen_from(self, law: Numbers, t: int) -> Numbers:
        with np.errstate(divide="ignore"):
            log_probs = np.log([float(p.mid()) for p in law])
        # Logarithms of masses that are off by a rounding each, of K candidates.
        rounding = 1e-15 * (self.K_at(t) if self.K_at(t) < math.inf else 1)
        return self._chosen(law, log_probs, t, rounding)

    def _chosen(self, law: Numbers, log_probs: FloatArray, t: int, rounding: float) -> Numbers:
        log_ratio = self.choosing(t).log_ratio(self.loop.law, log_probs)
        with np.errstate(invalid="ignore"):
            errors = RATIO_ERROR * np.maximum(1.0, np.abs(log_ratio)) + rounding
        ratio = exponentials(log_ratio, errors)
        return [p * h for p, h in zip(law, ratio, strict=True)]

    def choosing(self, t: int) -> Any:
        return self._plan(t).rule

    def exact_shares(self, t: int) -> tuple[Fraction, Fraction, Fraction]:
        plan, training = self._plan(t), self.loop.training
        if training is not None:
            real, added = Fraction(training.real), Fraction(training.per_round)
            grown = added / (real + (t + 1) * added)
            return Fraction(0), 1 - grown, grown
        real = Fraction(0) if plan.lam == math.inf else 1 / (1 + Fraction(plan.lam))
        kept = Fraction(self._retained(t))
        return real, (1 - real) * kept, (1 - real) * (1 - kept)

    def _retained(self, t: int) -> float:
        retained = self._plan.retained
        return retained[t if len(retained) > 1 else 0]

    def K_at(self, t: int) -> int | float:
        K = self.choosing(t).most_candidates
        return K if K == math.inf else int(K)

    def lam_at(self, t: int) -> Fraction | float:
        lam = self._plan(t).lam
        return lam if lam == math.inf else Fraction(lam)

    def candidates_at(self, t: int) -> list[tuple[Number, int | float]]:
        return [(self.number(1), self.K_at(t))]

    @property
    def accumulates(self) -> bool:
        return self.loop.training is not None

    @property
    def sees_law(self) -> bool:
        return any(self.K_at(t) == math.inf for t in range(self.steps))

    @property
    def changes(self) -> bool:
        plan = self._plan
        return plan.training is not None or any(
            len(entries) > 1 for entries in (plan.rule, plan.lam, plan.retained)
        )

    @property
    def starts_at_reference(self) -> bool:
        return True

"""What happens at step t of a loop, where it is more than one choice and one λ."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np

from recurate.numerics.laws.expressions import number_expression
from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.rules.levels import levels_of, paper_candidates, prepared_on, rule_of
from recurate.numerics.rules.rule import LogRatio, Rule, as_rule
from recurate.numerics.rules.within import NothingAcceptedError, one_of_each
from recurate.numerics.step import RuleStep, step_by_rule
from recurate.numerics.text import shortened, shown
from recurate.numerics.validation import FloatArray, fraction, mixing, positive_number

Value = TypeVar("Value")

_MOST_PREPARED = 16  # rules that are held ready; others are prepared again when their step comes


@dataclass(frozen=True)
class Accumulate:
    """Training sets that grow: the real samples, and those of every round, nothing thrown away.

    Parameters
    ----------
    real : float
        n_0, the number of real samples; only its ratio to `per_round` matters.
    per_round : float
        n, the number of curated samples that each round adds.

    Raises
    ------
    TypeError, ValueError
        If one of them is not a positive number.

    Notes
    -----
    p_{t+1} = p_t + η_t (T(p_t) - p_t) with η_t = n/(n_0 + (t+1) n), derived here. From p_ref,
    p_t >= p_ref n_0/(n_0 + t n).
    """

    real: float = 1.0
    per_round: float = 1.0

    def __post_init__(self) -> None:
        for name in ("real", "per_round"):
            object.__setattr__(self, name, positive_number(getattr(self, name), name))

    def log_shares(self, t: int) -> tuple[float, float]:
        """Return log(1 - η_t) and log η_t, the shares of what was there and of what is added."""
        rounds = self.real / self.per_round
        return -math.log1p(1.0 / (rounds + t)), -math.log(rounds + t + 1)


class StepPlan(NamedTuple):
    """What drives one step: p_{t+1} = m p_ref + a (ε p_t + (1-ε) T(p_t)), m = 1/(1+λ), a = 1 - m.

    Attributes
    ----------
    rule : Rule
        How samples are chosen; one object for all steps that have the same.
    lam : float
        λ; inf where training sets grow, as what was there holds the real samples.
    log_shares : (float, float) or None
        log ε and log(1-ε), of uncurated and of curated samples among the synthetic ones; None if
        all are curated.
    """

    rule: Rule
    lam: float
    log_shares: tuple[float, float] | None


@dataclass(frozen=True)
class Plan:
    """What drives each step of a run, as a function of t: it pickles, as functions of t may not.

    Attributes
    ----------
    rule, lam, retained : tuple
        One entry a step, or one for all.
    training : Accumulate or None
        How training sets grow.
    """

    rule: tuple[Rule, ...]
    lam: tuple[float, ...]
    retained: tuple[float, ...]
    training: Accumulate | None

    def __call__(self, t: int) -> StepPlan:
        """Return what drives the step from t to t + 1."""
        grown = self.training
        shares = grown.log_shares(t) if grown else log_shares_of(entry(self.retained, t))
        return StepPlan(entry(self.rule, t), entry(self.lam, t), shares)


def entry(entries: tuple[Value, ...], t: int) -> Value:
    """Return the entry of step t, or the one of all steps."""
    return entries[t if len(entries) > 1 else 0]


class RuleStates:
    """The loop's map from the state at t to the next one, and t; rules are prepared when needed.

    It pickles, as what is prepared is left out, and prepared again.

    Parameters
    ----------
    levels : Levels
        Where the states live.
    small : RewardLaw
        The law whose atoms are the levels, or the law itself.
    plan : Plan
        What drives each step.
    places : ndarray of int, shape (levels,), optional
        Where the atoms of `small` do not stand in the order of the levels, the atom of each level.
    """

    def __init__(
        self, levels: Levels, small: RewardLaw, plan: Plan, places: IntArray | None = None
    ) -> None:
        self._levels, self._small, self._plan, self._places = levels, small, plan, places
        self._ready: dict[int, LogRatio] = {}

    def __call__(self, state: FloatArray, t: int) -> FloatArray:
        """Return the state at t + 1, shape (levels,)."""
        try:
            return self.at(t)(state)
        except NothingAcceptedError as error:
            if t == 0:
                raise
            message = f"at t = {t}, where earlier steps left less: {error}"
            raise NothingAcceptedError(message, error.may_drop, error.prompts) from None

    def at(self, t: int) -> RuleStep:
        """Return the step from t to t + 1."""
        rule, lam, log_shares = self._plan(t)
        name = type(rule).__name__
        return step_by_rule(self._levels, self.log_ratio(rule), lam, name, log_shares, t)

    def log_ratio(self, rule: Rule) -> LogRatio:
        """Return log H of a rule on the levels, from log p given the prompt there."""
        found = self._ready.pop(id(rule), None) or self._prepared(rule)
        self._ready[id(rule)] = found  # the last one is the latest
        if len(self._ready) > _MOST_PREPARED:
            del self._ready[next(iter(self._ready))]
        return found

    def _prepared(self, rule: Rule) -> LogRatio:
        log_ratio, places = prepared_on(self._small, self._levels.law, rule), self._places
        if places is None:
            return log_ratio
        what = f"log_ratio of {type(rule).__name__}"

        def on_levels(log_probs: FloatArray) -> FloatArray:
            in_order = np.empty(log_probs.size)
            in_order[places] = log_probs
            return one_of_each(log_ratio(in_order), what, log_probs.shape)[places]

        return on_levels

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_ready": {}}


class Schedule:
    """A loop's rule, λ and retained samples: each one value, one for each step, or of t.

    Parameters
    ----------
    K, rule, lam, retained, training
        As `CurationLoop` takes them.

    Raises
    ------
    TypeError, ValueError
        If one of them is not valid; the message names the step.
    """

    def __init__(self, K: Any, rule: Any, lam: Any, retained: Any, training: Any) -> None:
        if K is None and rule is not None:
            self.rule = _given(rule, "rule", as_rule)
        else:
            self.rule = rule_of(K, rule)
        if training is None and lam is None:
            raise TypeError(
                "lam must be given, such as lam=1.0, or training=Accumulate(); got neither"
            )
        if training is not None:
            _require_alone(training, lam=lam, retained=retained)
            lam = math.inf  # what was there is kept, real samples too
        self.training: Accumulate | None = training
        self.lam = _given(lam, "lam", mixing)
        self.retained = _given(0.0 if retained is None else retained, "retained", fraction)
        self.K = None if self.beyond else paper_candidates(self.rule)

    @property
    def beyond(self) -> str:
        """What there is beyond one K and one λ, by its name; "" for the paper's loop."""
        if not isinstance(self.rule, Rule) or paper_candidates(self.rule) is None:
            return "rule"
        if self.training is not None:
            return "training"
        return "lam" if not isinstance(self.lam, float) else "retained" if self.retained else ""

    def refusal(self) -> ValueError:
        """Return the error for what knows the paper's loop alone."""
        name = self.beyond
        return ValueError(
            "loop must be CurationLoop(law, K=…, lam=…) here, of Bradley–Terry's choice by the "
            "reward with one λ; got one with "
            f"{name}={shortened(_text(getattr(self, name)), 60)}: docs/rules.md says what other "
            "loops can do"
        )

    def check(self, law: RewardLaw) -> None:
        """Raise ValueError if a law has not what a rule that is known so far reads."""
        if isinstance(self.rule, Rule):
            self.rule.columns_read(law)
        elif isinstance(self.rule, tuple):
            for t, rule in enumerate(self.rule):
                try:
                    rule.columns_read(law)
                except ValueError as error:
                    raise ValueError(f"rule at t = {t}: {error}") from None

    def states(
        self, law: RewardLaw, steps: int, initial: FloatArray | None
    ) -> tuple[Levels, History]:
        """Return the levels of a run on a law without prompts, and its states.

        Functions of t are called here, once for each step.
        """
        plan = self.plan(steps)
        levels, small = levels_of(law, self.rules(plan, steps), initial)
        step = RuleStates(levels, small, plan)
        return levels, History(levels.log_start_density, step, steps, is_timed=True)

    def plan(self, steps: int) -> Plan:
        """Return what drives the step from t to t + 1, as a function of t < steps.

        Functions of t are called here, once for each step.

        Raises
        ------
        TypeError, ValueError
            If a sequence has not one entry for each step, or a function returns what is not valid.
        """
        return Plan(
            at_each(self.rule, steps, "rule", as_rule),
            at_each(self.lam, steps, "lam", mixing),
            at_each(self.retained, steps, "retained", fraction),
            self.training,
        )

    def rules(self, plan: Callable[[int], StepPlan], steps: int) -> list[Rule]:
        """Return the rules of the steps, each object once, by their first steps."""
        if isinstance(self.rule, Rule):
            return [self.rule]
        return list({id(plan(t).rule): plan(t).rule for t in range(steps)}.values())

    def __str__(self) -> str:
        """Return the loop's arguments, as they are written."""
        rule, K = self.rule, paper_candidates(self.rule) if isinstance(self.rule, Rule) else None
        parts = [f"rule={_text(rule)}" if K is None else f"K={number_expression(K)}"]
        if self.training is not None:
            return f"{parts[0]}, training={self.training!r}"
        parts.append(f"lam={_text(self.lam)}")
        if self.retained != 0.0:
            parts.append(f"retained={_text(self.retained)}")
        return ", ".join(parts)


def _require_alone(training: Any, **others: Any) -> None:
    if not isinstance(training, Accumulate):
        raise TypeError(
            f"training must be Accumulate(real=…, per_round=…) or None; got {shown(training)}"
        )
    for name, value in others.items():
        if value is not None:
            raise TypeError(
                f"{name} and training must not both be given, as training says what each training "
                f"set is made of; got {name}={shown(value)}"
            )


def _given(value: Any, name: str, checked: Callable[[Any, str], Any]) -> Any:
    """Return a checked value, a tuple of them, one for each step, or a function of t."""
    if isinstance(value, list | tuple | range) or getattr(value, "ndim", 0) == 1:
        values = value.tolist() if hasattr(value, "tolist") else value
        return tuple(checked(entry, f"{name} at t = {t}") for t, entry in enumerate(values))
    is_function = callable(value) and not isinstance(value, type | Rule)
    return value if is_function else checked(value, name)


def at_each(
    given: Any, steps: int, name: str, checked: Callable[[Any, str], Any]
) -> tuple[Any, ...]:
    """Return what drives the step from t to t + 1 for each t < steps; one entry if it is one."""
    if isinstance(given, tuple):
        if len(given) != steps:
            raise ValueError(
                f"{name} must have one entry for each step, {steps} of them, as steps={steps}; "
                f"got {len(given)}"
            )
        return given
    if callable(given) and not isinstance(given, Rule):
        return tuple(checked(given(t), f"{name} at t = {t}") for t in range(steps))
    return (given,)


def log_shares_of(share: float) -> tuple[float, float] | None:
    """Return the logarithms of a share and of the rest; None for no share."""
    if share == 0.0:
        return None
    return math.log(share), math.log1p(-share) if share < 1.0 else -math.inf


def _text(given: Any) -> str:
    if isinstance(given, tuple):
        return f"[{', '.join(map(_text, given))}]"
    if isinstance(given, float):
        return number_expression(given)
    if callable(given) and not isinstance(given, Rule):
        name = getattr(given, "__name__", "")
        return name if name.isidentifier() else "<function of t>"
    return repr(given)

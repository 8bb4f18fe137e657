"""What happens at step t of a loop, where it is more than one choice and one λ."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from recurate.numerics.laws.expressions import number_expression
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.rules.levels import paper_candidates, rule_of
from recurate.numerics.rules.rule import Rule, as_rule
from recurate.numerics.step import StepPlan, log_shares_of
from recurate.numerics.text import shortened, shown
from recurate.numerics.validation import fraction, mixing, positive_number

Value = TypeVar("Value")


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


@dataclass(frozen=True)
class RunPlan:
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

    @property
    def rules(self) -> list[Rule]:
        """The rules of the steps, each object once, by their first steps."""
        return list({id(rule): rule for rule in self.rule}.values())


def entry(entries: tuple[Value, ...], t: int) -> Value:
    """Return the entry of step t, or the one of all steps."""
    return entries[t if len(entries) > 1 else 0]


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

    def plan(self, steps: int) -> RunPlan:
        """Return what drives the step from t to t + 1, as a function of t < steps.

        Functions of t are called here, once for each step.

        Raises
        ------
        TypeError, ValueError
            If a sequence has not one entry for each step, or a function returns what is not valid.
        """
        return RunPlan(
            at_each(self.rule, steps, "rule", as_rule),
            at_each(self.lam, steps, "lam", mixing),
            at_each(self.retained, steps, "retained", fraction),
            self.training,
        )

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


def _text(given: Any) -> str:
    if isinstance(given, tuple):
        return f"[{', '.join(map(_text, given))}]"
    if isinstance(given, float):
        return number_expression(given)
    if callable(given) and not isinstance(given, Rule):
        name = getattr(given, "__name__", "")
        return name if name.isidentifier() else "<function of t>"
    return repr(given)

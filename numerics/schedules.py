"""What happens at step t of a loop, where it is more than one choice and one λ."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from recurate.numerics.laws.expressions import number_expression
from recurate.numerics.laws.history import History
from recurate.numerics.laws.levels import Levels
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.rules.levels import levels_of, paper_candidates, prepared_on, rule_of
from recurate.numerics.rules.rule import LogRatio, Rule, as_rule
from recurate.numerics.step import RuleStep
from recurate.numerics.text import shortened, shown
from recurate.numerics.validation import FloatArray, fraction, mixing, positive_number

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
            "loop must be of Bradley–Terry's choice by the reward, CurationLoop(law, K=…), for "
            f"anything but its run; got one with {name}={shortened(_text(getattr(self, name)), 60)}"
            ": loop.run(steps=…) has every figure"
        )

    def check(self, law: RewardLaw) -> None:
        """Raise an error if a law has prompts, or has not what a rule of t known so far reads."""
        law.require_no_prompts(f"a loop with {'a rule' if self.beyond == 'rule' else self.beyond}")
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
        """Return the levels of a run, and its states.

        Functions of t are called here, once for each step.
        """
        plan = self.plan(steps)
        rules = self.rules(plan, steps)
        levels, small = levels_of(law, rules, initial)
        step_at = steps_on(levels, small, law, plan, rules)

        def step(state: FloatArray, t: int) -> FloatArray:
            return step_at(t)(state)

        return levels, History(levels.log_start_density, step, steps, is_timed=True)

    def plan(self, steps: int) -> Callable[[int], StepPlan]:
        """Return what drives the step from t to t + 1, as a function of t < steps.

        Functions of t are called here, once for each step.

        Raises
        ------
        TypeError, ValueError
            If a sequence has not one entry for each step, or a function returns what is not valid.
        """
        lam = at_each(self.lam, steps, "lam", mixing)
        retained = at_each(self.retained, steps, "retained", fraction)
        rule = at_each(self.rule, steps, "rule", as_rule)
        grown = self.training

        def at(t: int) -> StepPlan:
            shares = log_shares_of(retained(t)) if grown is None else grown.log_shares(t)
            return StepPlan(rule(t), lam(t), shares)

        return at

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


def steps_on(
    levels: Levels,
    small: RewardLaw,
    law: RewardLaw,
    plan: Callable[[int], StepPlan],
    rules: list[Rule],
) -> Callable[[int], RuleStep]:
    """Return the step from t to t + 1 on the levels of a run, as a function of t.

    Parameters
    ----------
    levels, small, law
        The levels, the law whose atoms they are, and the law of the run (`prepared_on`).
    plan, rules
        What drives each step, and its rules, as `Schedule.plan` and `Schedule.rules` say.
    """
    distinct = {id(rule): rule for rule in rules}

    @lru_cache(_MOST_PREPARED)
    def log_ratio(which: int) -> LogRatio:
        return prepared_on(small, law, distinct[which])

    def step_at(t: int) -> RuleStep:
        rule, lam, log_shares = plan(t)
        return RuleStep(levels, log_ratio(id(rule)), lam, type(rule).__name__, log_shares)

    return step_at


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
) -> Callable[[int], Any]:
    """Return what drives the step from t to t + 1, as a function of t < steps."""
    if isinstance(given, tuple):
        if len(given) != steps:
            raise ValueError(
                f"{name} must have one entry for each step, {steps} of them, as steps={steps}; "
                f"got {len(given)}"
            )
        return given.__getitem__
    if callable(given) and not isinstance(given, Rule):
        values = [checked(given(t), f"{name} at t = {t}") for t in range(steps)]
        return values.__getitem__
    return lambda t: given


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

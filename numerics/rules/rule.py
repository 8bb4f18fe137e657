"""What a rule of choice is, and what the rules of this package share."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from functools import partial
from typing import Any, cast

import numpy as np

from recurate.numerics.laws.expressions import number_expression
from recurate.numerics.laws.reward_law import IntArray, RewardLaw
from recurate.numerics.rules.within import conditional_log_probs, one_of_each, prompt_by_prompt
from recurate.numerics.text import listed
from recurate.numerics.validation import (
    FloatArray,
    log_probability_vector,
    require_at_each,
    shown,
)

Columns = list[FloatArray | IntArray]
"""Arrays that a law holds, each of shape (n,)."""

LogRatio = Callable[[FloatArray], FloatArray]
"""From log p at the atoms of a law, normalised, to log H there; both of shape (n,)."""


class Rule(ABC):
    """How people, or a program, choose what the next model is trained on.

    A rule turns the model's law p into the curated law T(p), that of the chosen samples. All that
    is asked of it is H = dT(p)/dp. For a rule of your own, write a subclass with `log_ratio`.

    Notes
    -----
    The mean of H under p has to be one, and H finite where p has mass; a loop checks both. On a law
    with prompts a rule acts on the law of each prompt, so `log_ratio` need not know of them.
    ``docs/rules.md`` says what else a rule of your own may define.

    To be simulated as people choose, a choice among K may have ``choose(law, candidates, rng)``,
    from the atoms that were drawn, shape (K, m), to the place of the chosen one in each column,
    shape (m,). Without it winners are drawn from p H.

    Examples
    --------
    The worse of two, ties shared: a candidate is chosen if the other one is better.

    >>> import numpy as np
    >>> from recurate import RewardLaw
    >>> class WorseOfTwo(Rule):
    ...     most_candidates = 2
    ...
    ...     def log_ratio(self, law, log_probs):
    ...         better = law.rewards[None, :] > law.rewards[:, None]
    ...         tied = law.rewards[None, :] == law.rewards[:, None]
    ...         return np.log(2 * (better + tied / 2) @ np.exp(log_probs))
    >>> law = RewardLaw([0.0, 1.0, 2.0])
    >>> np.exp(WorseOfTwo().log_ratio(law, np.log(law.probs))).round(4).tolist()
    [1.6667, 1.0, 0.3333]
    """

    @property
    def most_candidates(self) -> float:
        """The K for which it chooses one of K independent candidates; then H <= K.

        The reasons may be any. Infinity, the default, where there is no such K.
        """
        return math.inf

    @property
    def is_smooth(self) -> bool:
        """Whether H is a smooth function of the reward, as that of a rank is not.

        False, the default, where that is not known: near rewards may be told apart.
        """
        return False

    @abstractmethod
    def log_ratio(self, law: RewardLaw, log_probs: FloatArray) -> FloatArray:
        """Return log H = log dT(p)/dp at each atom of a law, in nats.

        Parameters
        ----------
        law : RewardLaw
            The atoms, with their rewards, scores and groups. Its own probabilities do not matter.
        log_probs : array_like, shape (n,)
            Logarithms of the probabilities of the atoms under the model p; -inf for zero.

        Returns
        -------
        ndarray, shape (n,)
            -inf at an atom that the rule never takes. At one without mass it is what a candidate
            would have that is there with a mass that tends to zero.
        """

    def columns_read(self, law: RewardLaw) -> Columns | None:
        """Return what log H depends on beside p: the law's own rewards, scores or `group_index`.

        Atoms that agree in them have one H, and a loop keeps one number for all of those that also
        have one reward. None, the default, is that it may depend on which atom it is.
        """
        return None

    def prepared(self, law: RewardLaw) -> LogRatio:
        """Return the rule on one law, as a function of `log_probs` alone, for many calls.

        What the law decides, such as an order, is found once. The function takes normalised
        logarithms, and does not check them. Of a law with prompts they are those of p given the
        prompt, all in the law's order: the rule is prepared on the law of each prompt.
        """
        if law.prompt_index is not None:
            return prompt_by_prompt(self, law)
        return partial(self.log_ratio, law)


class PreparedRule(Rule):
    """Base of this package's rules: what is prepared once does the work, and arguments print."""

    def log_ratio(self, law: RewardLaw, log_probs: Any) -> FloatArray:
        """Return log H at each atom of a law, in nats, as `Rule.log_ratio`; shape (n,).

        Of a law with prompts `log_probs` are those given the prompt, of sum one at each.

        Raises
        ------
        TypeError
            If `law` is no `RewardLaw`, or `log_probs` are no numbers.
        ValueError
            If `log_probs` are not the logarithms of one probability for each atom, or the law has
            not what the rule reads.
        """
        log_ratio = self.prepared(law)
        if law.prompt_index is not None:
            return log_ratio(conditional_log_probs(log_probs, "log_probs", law))
        return log_ratio(log_probability_vector(log_probs, "log_probs", law.size))

    def prepared(self, law: RewardLaw) -> LogRatio:
        """Return the rule on one law, as `Rule.prepared`.

        Raises
        ------
        TypeError, ValueError
            If `law` is no `RewardLaw`, or has not what the rule reads.
        """
        if not isinstance(law, RewardLaw):
            raise TypeError(f"law must be a RewardLaw; got {type(law).__name__}")
        return self._prepared(law) if law.prompt_index is None else self._prepared_within(law)

    @abstractmethod
    def _prepared(self, law: RewardLaw) -> LogRatio:
        """Return the rule on a law without prompts."""

    def _prepared_within(self, law: RewardLaw) -> LogRatio:
        """Return the rule on a law with prompts, all of them at once where that is quicker."""
        return prompt_by_prompt(self, law)

    def __repr__(self) -> str:
        parts = []
        for field in fields(cast(Any, self)):
            value = getattr(self, field.name)
            if field.default is MISSING:
                parts.append(_expression(value))
            elif value != field.default:
                parts.append(f"{field.name}={_expression(value)}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))  # Hypothesis would print how its strategy built the rule

    def _set(self, **values: Any) -> None:
        """Set checked arguments of a frozen rule."""
        for name, value in values.items():
            object.__setattr__(self, name, value)


def score_name(by: Any) -> str | None:
    """Return the name of a score, or None for the reward.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if by is not None and not isinstance(by, str):
        raise TypeError(
            f"by must be the name of a score of the law, or None for its reward; got {shown(by)}"
        )
    return by


def column_name(by: str | None) -> str:
    """Return what the values that a rule goes by are called in errors."""
    return "rewards" if by is None else f"scores[{shown(by)}]"


def column_of(law: RewardLaw, by: str | None) -> FloatArray:
    """Return the values that a rule goes by, shape (n,).

    Raises
    ------
    ValueError
        If the law has no such score, or one without a value at some atom, or is of summarised rows.
    """
    if by is None:
        return law.level_rewards
    if law.atom_rows is not None:
        raise ValueError(
            "by must be None on a law of summarised rows, which has means of scores, not values; "
            f"got {shown(by)}: make the law of all rows"
        )
    if by not in law.scores:
        there = f"has {listed(law.score_names)}" if law.scores else "has none: RewardLaw(scores=…)"
        raise ValueError(f"by must name a score of the law, which {there}; got {shown(by)}")
    column = law.scores[by]
    missing = np.isnan(column)
    if missing.any():
        require_at_each(
            ~missing, column, f"{column_name(by)} must have a value at every atom to choose by it"
        )
    return column


def columns_of_all(rules: Iterable[Rule], law: RewardLaw) -> Columns | None:
    """Return what several rules read, as `Rule.columns_read`."""
    columns: Columns = []
    for rule in rules:
        read = rule.columns_read(law)
        if read is None:
            return None
        columns += read
    return columns


def prepared_part(rule: Rule, law: RewardLaw) -> LogRatio:
    """Return a rule that another one is made of, prepared; what one's own returns is checked."""
    ratio, what = rule.prepared(law), f"log_ratio of {type(rule).__name__}"
    if isinstance(rule, PreparedRule):
        return ratio
    return lambda log_probs: one_of_each(ratio(log_probs), what, log_probs.shape)


def as_rule(rule: Any, where: str) -> Rule:
    """Return a rule; raise TypeError if it is none."""
    if not isinstance(rule, Rule):
        hint = f": write {rule.__name__}(…)" if isinstance(rule, type) else ""
        raise TypeError(f"{where} must be a rule, such as BradleyTerry(4); got {shown(rule)}{hint}")
    return rule


def _expression(value: Any) -> str:
    is_number = isinstance(value, float) and not math.isnan(value)
    return number_expression(value) if is_number else repr(value)

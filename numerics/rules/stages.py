"""Curation in stages: what one rule chose is what the next one chooses from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from recurate.numerics.curation.interpolated import WithError, error_of
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_products, sums_of_masses
from recurate.numerics.rules.rule import (
    Columns,
    LogRatio,
    PreparedRule,
    Rule,
    as_rule,
    columns_of_all,
    prepared_part,
)
from recurate.numerics.validation import FloatArray, shown


@dataclass(frozen=True, repr=False)
class Stages(PreparedRule):
    """The pool of the second rule is what the first one chose, and so on: owner, then public.

    Parameters
    ----------
    rules : sequence of rules
        In the order in which they act; at least one.

    Raises
    ------
    TypeError, ValueError
        If there is no rule, or one is none.

    Notes
    -----
    T = T_2 ∘ T_1, so log H = log H_1(p) + log H_2(T_1(p)). Stages with K and L candidates are a
    rule among K L. The law is renormalised between stages, as an error of its total mass would
    grow. It costs what the rules cost.

    Examples
    --------
    The best two of best twos are the best of four.

    >>> import numpy as np
    >>> from recurate import RewardLaw
    >>> from recurate.rules import BestOf
    >>> law = RewardLaw([0.0, 1.0, 1.0])
    >>> np.exp(Stages([BestOf(2), BestOf(2)]).log_ratio(law, np.log(law.probs))).round(6).tolist()
    [0.037037, 1.481481, 1.481481]
    >>> np.exp(BestOf(4).log_ratio(law, np.log(law.probs))).round(6).tolist()
    [0.037037, 1.481481, 1.481481]
    """

    rules: tuple[Rule, ...]

    def __post_init__(self) -> None:
        rules: Any = self.rules
        if not isinstance(rules, list | tuple):
            raise TypeError(f"rules must be a list of rules; got {shown(rules)}")
        if not rules:
            raise ValueError("rules must be at least one rule; got none")
        self._set(rules=tuple(as_rule(rule, f"stage {i}") for i, rule in enumerate(rules)))

    def __repr__(self) -> str:
        return f"Stages({list(self.rules)})"

    @property
    def most_candidates(self) -> float:
        """The product of those of the stages."""
        return math.prod(rule.most_candidates for rule in self.rules)

    @property
    def is_smooth(self) -> bool:
        """Whether H of every stage is."""
        return all(rule.is_smooth for rule in self.rules)

    def columns_read(self, law: RewardLaw) -> Columns | None:
        """Return what any stage reads."""
        return columns_of_all(self.rules, law)

    def _prepared(self, law: RewardLaw) -> LogRatio:
        ratios = [prepared_part(rule, law) for rule in self.rules]
        first, *later = ratios

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            total = first(log_probs)
            for ratio in later:
                chosen = log_products(log_probs, total)
                chosen -= np.log(np.exp(chosen).sum())
                total = total + ratio(chosen)
            return total

        return WithError(log_ratio, sum(map(error_of, ratios)))

    def _prepared_within(self, law: RewardLaw) -> LogRatio:
        first, *later = (prepared_part(rule, law) for rule in self.rules)
        prompt, size = law.prompt_of_atoms, law.prompt_probs.size

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            total = first(log_probs)
            for ratio in later:
                chosen = log_products(log_probs, total)
                chosen -= np.log(sums_of_masses(prompt, np.exp(chosen), size))[prompt]
                total = total + ratio(chosen)
            return total

        return log_ratio

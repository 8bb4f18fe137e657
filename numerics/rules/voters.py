"""Voters of several kinds: a mixture of rules."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeGuard

import numpy as np

from recurate.numerics.curation.interpolated import (
    InterpolatedRatio,
    TiltedRatio,
    WithError,
    error_of,
)
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_masses, log_sum_exp
from recurate.numerics.rules.rule import (
    Columns,
    LogRatio,
    PreparedRule,
    Rule,
    as_rule,
    columns_of_all,
    prepared_part,
)
from recurate.numerics.validation import FloatArray, near_one, nonnegative, shown

_LEAST_SHARE = 1e-30


@dataclass(frozen=True, repr=False)
class Voters(PreparedRule):
    """Each choice is made by a voter drawn at random, each with a rule, and rewards, of their own.

    Parameters
    ----------
    voters : sequence of (share, rule)
        Shares π_u of the choices, which sum to one within 1e-9, and how each kind of voter chooses.

    Raises
    ------
    TypeError, ValueError
        If there is no voter, one is not such a pair, or the shares do not sum to one.

    Notes
    -----
    H = Σ_u π_u H_u, in logarithms. It costs what the rules cost. If all have K = inf, the loop
    maximises a Σ_u π_u log E_p w_u - m KL(p_ref‖p), their weighted Nash welfare less a divergence
    from the real data, with m = 1/(1+λ) and a = 1 - m; derived here, ``docs/fixed_points.md``.

    Examples
    --------
    Seven of ten choices go by the reward, three by the length, and there the shorter one is better.

    >>> import numpy as np
    >>> from recurate import RewardLaw
    >>> from recurate.rules import BradleyTerry, RandomChoice
    >>> law = RewardLaw([0.0, 1.0], scores={"length": [300, 200]})
    >>> rule = Voters([(0.7, BradleyTerry(2)), (0.3, BradleyTerry(2, scale=-0.01, by="length"))])
    >>> np.exp(rule.log_ratio(law, np.log(law.probs))).round(4).tolist()
    [0.7689, 1.2311]
    >>> rule.most_candidates
    2.0
    >>> Voters([(0.9, BradleyTerry(4)), (0.1, RandomChoice())])
    Voters([(0.9, BradleyTerry(4)), (0.1, RandomChoice())])
    """

    voters: tuple[tuple[float, Rule], ...]

    def __post_init__(self) -> None:
        self._set(voters=tuple(_voter(number, voter) for number, voter in _numbered(self.voters)))
        near_one(math.fsum(share for share, _ in self.voters), "shares of voters")

    def __repr__(self) -> str:
        return f"Voters({list(self.voters)})"

    @property
    def most_candidates(self) -> float:
        """The most that any voter looks at."""
        return max(rule.most_candidates for _, rule in self.voters)

    @property
    def is_smooth(self) -> bool:
        """Whether H of every voter is."""
        return all(rule.is_smooth for _, rule in self.voters)

    def columns_read(self, law: RewardLaw) -> Columns | None:
        """Return what any voter reads."""
        return columns_of_all((rule for _, rule in self.voters), law)

    def _prepared(self, law: RewardLaw) -> LogRatio:
        shares, rules = zip(*(voter for voter in self.voters if voter[0] > 0), strict=True)
        log_shares = log_masses(np.array(shares) / sum(shares))
        ratios = [prepared_part(rule, law) for rule in rules]

        def log_ratio(log_probs: FloatArray) -> FloatArray:
            terms = [
                share + ratio(log_probs) for share, ratio in zip(log_shares, ratios, strict=True)
            ]
            return log_sum_exp(np.array(terms), axis=0)

        def of_many(log_probs: FloatArray) -> FloatArray:
            probs = np.exp(log_probs)
            total = np.zeros(probs.size)
            for log_share, ratio in zip(log_shares, ratios, strict=True):
                if _is_narrow(ratio):
                    total += ratio.ratio(probs, math.exp(log_share))
                else:
                    total += np.exp(log_share + ratio(log_probs))
            return np.log(total, out=total)

        # One H that is nowhere tiny is enough: then no other one is missed where it underflows.
        is_plain = any(
            _is_narrow(ratio) and share > _LEAST_SHARE
            for share, ratio in zip(shares, ratios, strict=True)
        )
        return WithError(of_many if is_plain else log_ratio, max(map(error_of, ratios)))

    def _prepared_within(self, law: RewardLaw) -> LogRatio:
        return self._prepared(law)


def _is_narrow(ratio: LogRatio) -> TypeGuard[InterpolatedRatio | TiltedRatio]:
    return isinstance(ratio, InterpolatedRatio | TiltedRatio) and ratio.is_narrow


def _numbered(voters: Any) -> list[tuple[int, Any]]:
    if not isinstance(voters, list | tuple):
        raise TypeError(f"voters must be a list of (share, rule); got {shown(voters)}")
    if not voters:
        raise ValueError("voters must be at least one (share, rule); got none")
    return list(enumerate(voters))


def _voter(number: int, voter: Any) -> tuple[float, Rule]:
    if not isinstance(voter, list | tuple) or len(voter) != 2:
        raise TypeError(f"voters must be pairs (share, rule); got {shown(voter)} at {number}")
    share = nonnegative(voter[0], f"share of voter {number}")
    return share, as_rule(voter[1], f"rule of voter {number}")

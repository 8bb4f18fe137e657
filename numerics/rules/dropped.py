"""The law without the prompts where a rule with ``none="drop"`` can accept nothing."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from recurate.numerics.laws.of_prompts import arguments_of_prompts
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.log_sums import log_masses
from recurate.numerics.rules.accept import Accept
from recurate.numerics.rules.nothing_accepted import NothingAcceptedError
from recurate.numerics.rules.rule import Rule
from recurate.numerics.rules.stages import Stages
from recurate.numerics.rules.voters import Voters
from recurate.numerics.validation import FloatArray


def dropped(law: RewardLaw, rules: Iterable[Rule]) -> RewardLaw:
    """Return the law that a loop with these rules runs on: that without the prompts they drop.

    Those are the prompts in which nothing that has mass under p_ref can be accepted by an
    `Accept(…, none="drop")`, alone or in `Voters` or `Stages`. The others keep their proportions.

    Parameters
    ----------
    law : RewardLaw
        With or without prompts; it is returned itself if none is dropped.
    rules : iterable of Rule
        How samples are chosen, at one step or another.

    Raises
    ------
    NothingAcceptedError
        If a rule refuses prompts, with their number, or the law has no prompts.
    ValueError
        If all prompts would be dropped, or a rule does not fit the law that is left.

    Examples
    --------
    >>> from recurate.rules import Accept
    >>> law = RewardLaw([0.0, 1.0, 2.0], prompts="aab", scores={"correct": [0, 0, 1]})
    >>> dropped(law, [Accept("correct", none="drop")]).prompt_names
    ('b',)
    """
    kept = kept_prompts(law, rules, law.probs)
    return law if kept.all() else without(law, kept, rules)


def kept_prompts(law: RewardLaw, rules: Iterable[Rule], probs: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which prompts are not dropped, shape (prompts,), by joint probabilities of the atoms.

    Raises
    ------
    NothingAcceptedError, ValueError
        As `dropped`.
    """
    prompt, kept = law.prompt_of_atoms, np.ones(law.prompt_probs.size, dtype=bool)
    rules = [rule for rule in rules if _may_accept_nothing(rule)]
    while rules:
        left = law if kept.all() else without(law, kept, rules)
        rows = np.flatnonzero(kept[prompt])
        log_probs = log_masses(probs[rows] / law.prompt_probs[prompt[rows]])
        try:
            for rule in rules:
                rule.prepared(left)(log_probs)
            break
        except NothingAcceptedError as error:
            if not error.may_drop or not error.prompts:
                raise
            kept[np.flatnonzero(kept)[list(error.prompts)]] = False
    return kept


def without(law: RewardLaw, kept: npt.NDArray[np.bool_], rules: Iterable[Rule]) -> RewardLaw:
    """Return the law of the prompts that are kept, shape (prompts,); errors as `dropped`."""
    if not kept.any():
        raise ValueError(
            f"none='drop' would take out all {kept.size:,} prompts, as in each there is nothing to "
            "accept; none='keep' leaves them as they are"
        )
    small = RewardLaw(**arguments_of_prompts(law, kept))
    for rule in rules:
        try:
            rule.columns_read(small)
        except ValueError as error:
            raise ValueError(
                f"{type(rule).__name__} does not fit the law without the prompts that none='drop' "
                f"takes out, {kept.size - kept.sum():,} of {kept.size:,}: {error}"
            ) from error
    return small


def _may_accept_nothing(rule: Rule) -> bool:
    if isinstance(rule, Voters):
        return any(_may_accept_nothing(of_voter) for _, of_voter in rule.voters)
    if isinstance(rule, Stages):
        return any(map(_may_accept_nothing, rule.rules))
    return isinstance(rule, Accept)

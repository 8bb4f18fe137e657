"""The inverse question: how much real data, or how many candidates, keep the loop within a limit?

The search computes the loop exactly for each trial value; nothing is fitted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import numpy as np

from recurate.numerics.inference import family_choices, prompt_choices
from recurate.numerics.inference.choice import Choice
from recurate.numerics.inference.family_search import Family, asked_of, in_short, largest
from recurate.numerics.inference.limits import (
    HORIZON,
    LARGEST_HORIZON,
    LONG_HORIZON,
    Limit,
)
from recurate.numerics.inference.resampled_choices import choices
from recurate.numerics.inference.resampled_laws import (
    Estimates,
    each_told,
    require_few_steps,
    require_several,
    require_some,
)
from recurate.numerics.inference.resampled_prompts import few_prompts
from recurate.numerics.inference.resampled_tables import (
    LEVEL,
    checked_replicates,
    expanded,
)
from recurate.numerics.inference.search import Search
from recurate.numerics.inference.trust import effective_sample_size, require_rows
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.pieces import results, width
from recurate.numerics.rules.rule import Rule
from recurate.numerics.sampling.streams import as_generator
from recurate.numerics.validation import FloatArray, count

MOST_TABLES = 10**5
"""Most resampled tables: a search on each takes some milliseconds, or much more."""

_FEW, _WIDTHS_OF_FEW = 256, (0.1, 0.5)  # prompts for a guess, and how far off that may be


def choose(
    law: RewardLaw,
    *,
    K: Any = None,
    rule: Any = None,
    lam: Any = None,
    retained: Any = None,
    max_kl: float | None = None,
    group: Hashable = None,
    max_share: float | None = None,
    min_share: float | None = None,
    score: str | None = None,
    max_score: float | None = None,
    min_score: float | None = None,
    steps: int | None = None,
    replicates: int = 0,
    rng: Any = None,
    on_try: Callable[[], None] | None = None,
    estimates: Estimates | None = None,
    executor: Executor | None = None,
) -> Choice:
    """Return the smallest share of real data, or the largest K, that keeps a loop within a limit.

    Parameters
    ----------
    law : RewardLaw
        Law of the rewards under p_ref, at which the loop starts.
    K : int or math.inf, optional
        Number of candidates; then the largest λ is searched for.
    rule : Rule, optional
        In place of K, as `CurationLoop` takes it. With `lam` a function of K, such as ``BestOf``.
    lam : float, optional
        λ; then the largest K is searched for. Exactly one of the two must be given.
    retained : float, optional
        As `CurationLoop` takes it.
    max_kl : float, optional
        Limit of KL(p_t‖p_ref), in nats, above 0.
    group : hashable, optional
        A group of the law, whose share is limited.
    max_share, min_share : float, optional
        Limit of that share.
    score : str, optional
        A score of the law, whose mean is limited.
    max_score, min_score : float, optional
        Limit of that mean. Exactly one limit must be given.
    steps : int, optional
        Number of steps for which the limit must hold; for ever by default. In that case the first
        `HORIZON` steps and the fixed point are checked and, but for KL of the paper's loop, the
        first `LONG_HORIZON` steps of the loop that is returned. A share may exceed its limit by
        1e-13, for rounding.
    replicates : int
        Number of resampled tables on which the search is repeated, 0 for none: then the choice has
        a `lam_range` or `candidates_range`. The atoms of the law are taken for the rows of a
        sample; with prompts, these are resampled, and the atoms are all answers to each.
    rng : int or numpy.random.Generator, optional
        Seed or source of randomness of the resampling.
    on_try : callable, optional
        Called after each loop that is tried, to show progress.
    estimates : Estimates, optional
        What the rewards of the law were estimated from. Then that is resampled in place of the
        law's atoms or prompts, and the search is repeated on the law of each resample.
    executor : concurrent.futures.Executor, optional
        What searches the resampled tables; without one they are searched here. The result is the
        same. The search on the table itself, and one on resampled prompts, is one piece.

    Returns
    -------
    Choice
        λ has a relative error of 1e-9, and of 1e-3 on resampled tables. A share or a score need not
        be monotone in λ and K, nor need KL for other rules than K: the limit then holds for every
        smaller value that was tried, most of them with the rewards in bins, and the answer is where
        it is first found to be left.

    Raises
    ------
    TypeError, ValueError
        If arguments are missing, contradict each other or are out of range, if the real data are
        already beyond the limit, or if a law with a density, which is no sample, is to be
        resampled, if fewer than 2 resamples of the estimates' data give rewards, or if `steps` is
        not given where the rule changes with t. ArithmeticError if a fixed point is not found.

    Notes
    -----
    Derived in ``docs/choosing.md``: KL(p_inf‖p_ref) grows with λ and K in all cases known
    (`reward-monotone-parameters` is a conjecture), so it is searched by bisection.

    Examples
    --------
    >>> law = RewardLaw([0.0, 1.0, 2.0])
    >>> found = choose(law, K=4, max_kl=0.1)
    >>> round(found.lam, 4), round(found.reached, 4)
    (0.9656, 0.1)
    >>> choose(law, lam=0.95, max_kl=0.1).K
    4
    >>> from recurate.rules import BestOf
    >>> round(choose(law, rule=BestOf(4), max_kl=0.1, steps=50).lam, 4)
    0.5344
    >>> choose(law, rule=BestOf, lam=0.5, max_kl=0.1, steps=50).K
    5

    Would another table of as many rows say the same?

    >>> import numpy as np
    >>> law = RewardLaw(np.random.default_rng(0).uniform(size=1_000))
    >>> found = choose(law, K=4, max_kl=0.05, replicates=200, rng=0)
    >>> found.lam_range[0] < found.lam < found.lam_range[1]
    True
    """
    if not isinstance(law, RewardLaw):
        raise TypeError(f"law must be a RewardLaw; got {type(law).__name__}")
    if (lam is None) == (K is None) and (rule is None or K is not None):
        raise TypeError("exactly one of K and lam must be given; the other is searched for")
    limit = Limit.of(law, group, max_kl, max_share, min_share, score, max_score, min_score)
    if steps is not None and count(steps, "steps", LARGEST_HORIZON) < 1:
        raise ValueError(f"steps must be an integer of at least 1; got {steps}")
    family, K, lam = asked_of(law, limit, K, rule, lam, retained, steps)
    if count(replicates, "replicates"):
        replicates = checked_replicates(replicates)
        _require_tables(law, limit, replicates, steps, estimates)
    generator = as_generator(rng)  # before the work
    if family is None:
        choice, horizon = _exact(law, limit, K, lam, steps, on_try)
    else:
        choice, horizon = _exact_of(family, law, limit, steps, on_try), HORIZON
    if not replicates:
        return choice
    asked: dict[str, Any] = {"K": K, "lam": lam, "steps": steps, "horizon": horizon}
    own, held, what = choice.lam if choice.chosen == "lam" else choice.K, LEVEL, "rows"
    if estimates is not None:
        laws = each_told(estimates.laws(law, replicates, generator), on_try)
        calls = ((n, partial(_in_short, of)) for n, of in enumerate(laws) if of is not None)
        short = results(
            calls, executor, family, limit, own, asked, ahead=lambda: 2 * width(executor)
        )
        found = np.array([answer for answer in short if answer is not None])
        require_some(found.size, replicates, estimates, law, "ranges")
        held, what = expanded(LEVEL, estimates.units(law)), estimates.what(law)
    else:
        if law.prompt_index is not None:
            held, what = expanded(LEVEL, effective_sample_size(law.prompt_probs)), "prompts"
        drawn = {"replicates": replicates, "generator": generator, "executor": executor}
        found = _of_tables(family, law, limit, own, asked, drawn, on_try)
    found.sort()
    found.flags.writeable = False
    return replace(choice, resampled=found, held=held, what=what, failed=replicates - found.size)


def _require_tables(
    law: RewardLaw, limit: Limit, replicates: int, steps: int | None, estimates: Estimates | None
) -> None:
    """Raise ValueError unless a table can be resampled so often."""
    if replicates > MOST_TABLES:
        raise ValueError(
            f"replicates must be at most {MOST_TABLES:,}, as each table is searched; got "
            f"{replicates:,} resampled tables"
        )
    require_rows(law)
    if estimates is not None:
        require_several(estimates, law, "ranges")
        require_few_steps(law.size, steps or HORIZON, replicates)
    elif law.atom_rows is not None and limit.score is not None:
        raise ValueError(
            "ranges of a limit on a score need all rows, for a law of summarised rows does not say "
            "how scores vary: ask for no ranges"
        )
    elif law.prompt_index is not None and law.prompt_probs.size < 2:
        raise ValueError("ranges need at least 2 prompts, for prompts are resampled; got 1")


def _of_tables(
    family: Family | None,
    law: RewardLaw,
    limit: Limit,
    own: float,
    asked: dict[str, Any],
    drawn: dict[str, Any],
    on_try: Callable[[], None] | None,
) -> FloatArray:
    """Return what each resampled table, of rows or of prompts, allows."""
    if family is not None:
        question = family_choices.Question(family, law, limit, own, asked["steps"])
        return family_choices.choices(question, **drawn, on_try=on_try)
    if law.prompt_index is not None:
        del drawn["executor"]  # one loop for all tables, one after another
        return prompt_choices.choices(law, limit, own, **asked, **drawn, on_try=on_try)
    return choices(law, limit, **asked, **drawn, on_table=on_try)[1:]


def _exact_of(
    family: Family,
    law: RewardLaw,
    limit: Limit,
    steps: int | None,
    on_try: Callable[[], None] | None,
) -> Choice:
    """Return the choice among loops of other rules on the table itself."""
    value, reached, step = largest(family, law, limit, steps, on_try)
    rule, K, lam = family.rule_of(value), value, family.lam
    which: Literal["lam", "K"] = "K"
    if lam is None:
        which, lam = "lam", value
        K = rule.most_candidates if isinstance(rule, Rule) else math.nan
    number = int(K) if math.isfinite(K) else K
    found = number, lam, which, limit.quantity, limit.value, reached, step, steps
    return Choice(*found, rule=rule, retained=family.retained)


def _in_short(
    law: RewardLaw, family: Family | None, limit: Limit, own: float, asked: dict[str, Any]
) -> float | None:
    """Return what one law allows, to 1e-3; None if there is nothing to select."""
    if family is not None:
        return in_short(family, law, limit, own, asked["steps"])
    if law.prompt_index is not None:
        return float(prompt_choices.choices(law, limit, own, **asked, replicates=0)[0])
    return float(choices(law, limit, **asked, replicates=0)[0])


def _exact(
    law: RewardLaw,
    limit: Limit,
    K: float | None,
    lam: float | None,
    steps: int | None,
    on_try: Callable[[], None] | None,
) -> tuple[Choice, int]:
    """Return the choice on the table itself, and the number of steps that had to be looked at."""

    def found(search: Search, guess: float | None) -> tuple[float, float]:
        if K is not None:
            return K, search.mixing(K, guess)
        assert lam is not None
        return search.candidates(lam, guess), lam

    # KL is taken to grow with t, so that the search looks at the fixed point alone. A share may
    # leave the limit after the first steps, and be within it again at the fixed point.
    first, last = (0, HORIZON) if limit.is_monotone else (HORIZON, LONG_HORIZON)
    looked_at = first if steps is None else steps, steps is None
    search, guess = Search(law, limit, *looked_at, on_try), None
    if law.prompt_index is not None:
        search = Search(law, limit, *looked_at, on_try, _WIDTHS_OF_FEW)
        few = few_prompts(law, _FEW)
        if few is not law:
            with suppress(ValueError):  # these few may be beyond the limit themselves
                guess = found(Search(few, limit, *looked_at, None), None)[K is not None]
    elif not law.is_continuous:
        guess = float(choices(law, limit, K=K, lam=lam, steps=steps, replicates=0)[0])
    chosen, horizon = found(search, guess), HORIZON
    if steps is None:
        search = Search(law, limit, last, True, on_try)
        if limit.excess(search.worst(*chosen)[0]) > 0:
            before = chosen
            chosen = found(search, before[K is not None])
            # A hair's breadth is rounding, and no reason for resampled tables to be watched longer.
            if not all(map(partial(math.isclose, rel_tol=1e-6), chosen, before)):
                horizon = last
    reached, step = search.worst(*chosen)
    number = chosen[0] if chosen[0] == math.inf else int(chosen[0])
    which: Literal["lam", "K"] = "K" if K is None else "lam"
    return (
        Choice(number, chosen[1], which, limit.quantity, limit.value, reached, step, steps),
        horizon,
    )

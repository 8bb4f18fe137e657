"""A loop's step in words: how samples are chosen, and what a training set is made of."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from recurate.numerics.fixed_points.of_rules.collected_voters import collected
from recurate.numerics.loop import CurationLoop
from recurate.numerics.rules import (
    Accept,
    BestOf,
    BradleyTerry,
    PairwisePreference,
    RandomChoice,
    Stages,
    TopShare,
    Voters,
)
from recurate.numerics.rules.rule import Rule
from recurate.numerics.text import printable, shortened
from recurate.printing.words import candidates_in_words, score_name

if TYPE_CHECKING:
    from recurate.numerics.fixed_points.fixed_point import FixedPoint

_PLACE = "COLUMN"
_MOST_VOTERS, _MOST_STEPS = 6, 4


def loop_in_words(loop: CurationLoop) -> str:
    """Return how a loop's samples are chosen, and its share of real data, in a line."""
    return f"{choosing_in_words(loop)}, {_data(loop)}"


def choosing_in_words(loop: CurationLoop) -> str:
    """Return how a loop's samples are chosen, and which are kept uncurated, if some are."""
    if goes_by_odds(loop):
        return f"best of K = {candidates_in_words(loop.rule.K)}{_kept(loop)}"
    return f"{_over_time(loop.rule, 'rule', rule_in_words)}{_kept(loop)}"


def goes_by_odds(loop: CurationLoop) -> bool:
    """Return whether the law's rewards are log-odds of the choice, so that they can be shown."""
    rule = loop.rule
    return isinstance(rule, BradleyTerry) and rule.by is None and rule.scale == 1.0


def fixed_point_of_rules_in_words(
    loop: CurationLoop, limit: FixedPoint, tells_objective: bool = True
) -> Iterable[str]:
    """Yield what is known of a fixed point, of a loop that is not the paper's."""
    if loop.schedule.K is not None:
        return
    yield {
        True: "it is the only one: every start with mass where the real data have some leads there",
        False: "it is not the only one: from another start the loop may go elsewhere",
        None: "whether the loop goes there from every start is not known",
    }[limit.is_unique]
    if limit.spectral_radius is not None:
        yield _stability(limit.spectral_radius, limit.is_attracting)
    if tells_objective and limit.objective_gap is not None:
        yield (
            f"of all laws p it has the largest {_objective(loop)}, to {limit.objective_gap:.1g} "
            "nats, where w is what a voter's choices are proportional to"
        )


def _stability(radius: float, is_attracting: bool | None) -> str:
    """Return what becomes of a loop that is disturbed at a fixed point."""
    if is_attracting is None:
        return (
            "whether the loop returns to it if it is disturbed, its linearised step does not say: "
            "the largest eigenvalue is 1 in size"
        )
    goes = "returns to it" if is_attracting else "leaves it"
    off = 1.0 - radius
    size = f"{radius:.4g}" if abs(off) >= 1e-4 else f"1 {'-' if off > 0 else '+'} {abs(off):.1g}"
    return (
        f"disturbed a little, the loop {goes}: the largest eigenvalue of its step is {size} in size"
    )


def _objective(loop: CurationLoop) -> str:
    """Return what the fixed point of voters with K = inf maximises; docs/fixed_points.md."""
    lam = collected(loop.rule, loop.schedule.lam, loop.retained).lam
    gain = "Σ share · log E[w]"
    if lam == math.inf:
        return gain
    return f"{lam / (1 + lam):.4g} {gain} - {1 / (1 + lam):.4g} KL(p_ref‖p)"


def rule_in_words(rule: Any) -> str:
    """Return what a rule chooses."""
    if isinstance(rule, Voters):
        if (alike := _voters_alike(rule)) is not None:
            return alike
        parts = [f"{_percent(share)} {_within(one)}" for share, one in rule.voters]
        more = len(parts) - _MOST_VOTERS
        others = [f"and {more} more"] if more > 0 else []
        return f"voters: {', '.join([*parts[:_MOST_VOTERS], *others])}"
    if isinstance(rule, Stages):
        return f"stages: {', then '.join(map(_within, rule.rules))}"
    if isinstance(rule, RandomChoice):
        return "at random"
    if isinstance(rule, PairwisePreference):
        return f"one of two by a matrix of preferences between {rule.of}"
    if isinstance(rule, BradleyTerry):
        return f"Bradley–Terry's best of K = {candidates_in_words(rule.K)}{_by(rule)}"
    if isinstance(rule, BestOf):
        few = "highest" if rule.keep == 1 else f"highest {rule.keep}"
        return f"{few} of K = {candidates_in_words(rule.K)}{_by(rule)}"
    if isinstance(rule, TopShare):
        return f"highest {_percent(rule.share)} of all{_by(rule)}"
    if isinstance(rule, Accept):
        none = " (a prompt without any is kept as it is)" if rule.none == "keep" else ""
        return f"accepted with {_of(rule)} as probability{none}"
    return printable(shortened(repr(rule), 60))


def _within(rule: Any) -> str:
    """Return what a voter, or a stage, chooses: in parentheses if that is a list itself."""
    said = rule_in_words(rule)
    return f"({said})" if isinstance(rule, Voters | Stages) else said


def _voters_alike(rule: Voters) -> str | None:
    """Return voters in words who differ in their columns only; None if they differ in more."""
    shares, rules = zip(*rule.voters, strict=True)
    columns = [getattr(one, "by", None) for one in rules]
    if len(set(shares)) > 1 or len(rules) == 1 or None in columns:
        return None
    if any(replace(one, by=None) != replace(rules[0], by=None) for one in rules[1:]):
        return None
    names = [_scaled(one) for one in rules]
    more = f" and {len(names) - _MOST_VOTERS} more" if len(names) > _MOST_VOTERS else ""
    one = replace(rules[0], by=_PLACE)
    said = rule_in_words(one).replace(_scaled(one), f"{', '.join(names[:_MOST_VOTERS])}{more}")
    return f"{len(names)} voters of equal shares, each {said}"


def _by(rule: Any) -> str:
    """Return by what a rule chooses, if that is not the reward itself."""
    is_plain = rule.by is None and getattr(rule, "scale", 1.0) == 1.0
    return "" if is_plain else f" by {_scaled(rule)}"


def _scaled(rule: Any) -> str:
    """Return by what a rule chooses, with its factor."""
    scale = getattr(rule, "scale", 1.0)
    if scale in (1.0, -1.0):
        return f"{'minus ' if scale < 0 else ''}{_of(rule)}"
    return f"{scale:g} × {_of(rule)}"


def _of(rule: Any) -> str:
    return "the reward" if rule.by is None else score_name(rule.by)


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def _kept(loop: CurationLoop) -> str:
    """Return which samples are kept uncurated, if any are."""
    if loop.training is not None or loop.retained == 0.0:
        return ""
    kept = _over_time(loop.retained, "a share", _percent)
    return f"; {kept} of samples kept uncurated"


def _data(loop: CurationLoop) -> str:
    if loop.training is not None:
        rate = loop.training.per_round / loop.training.real
        each = "one for each real one" if rate == 1 else f"{rate:g} for each real one"
        return f"training sets that grow: each round adds {each}, and nothing is thrown away"
    lam = loop.schedule.lam
    if lam == math.inf:
        return "pure loop, no real data (λ = inf)"
    if isinstance(lam, float):
        return f"λ = {lam:g}: {loop.synthetic_fraction:.4g} of each training set is synthetic"
    over_time = _over_time(lam, "λ", lambda one: f"{one:g}")
    return f"λ {over_time}" if isinstance(lam, tuple) else over_time


def _over_time(value: Any, name: str, one: Any) -> str:
    """Return a value in words; of a sequence, each that differs from the one before it."""
    if isinstance(value, tuple):
        runs, t = [], 0
        for entry, same in groupby(value):
            runs.append(f"{one(entry)} from t = {t}")
            t += len(list(same))
        more = len(runs) - _MOST_STEPS
        others = [f"and {more} changes more"] if more > 0 else []
        return f"({'; '.join([*runs[:_MOST_STEPS], *others])})"
    if callable(value) and not isinstance(value, Rule):
        return f"{name} as a function of t"
    return str(one(value))

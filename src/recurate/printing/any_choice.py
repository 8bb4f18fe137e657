"""What `recurate predict` says of every way to choose, of finite training sets, and of voters."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from recurate.numerics.text import shortened
from recurate.printing.loops import rule_in_words
from recurate.printing.words import candidates_in_words, group_name, number, plural
from recurate.theory.any_choice import (
    any_choice_divergence,
    bounded_gap_envelope,
    share_envelope,
    share_envelope_general,
)
from recurate.theory.fixed_points import finite_sample_loop
from recurate.theory.many_voters import (
    implicit_objective,
    nash_welfare,
    pluralistic_objective,
    voters_gain,
)

if TYPE_CHECKING:
    from recurate.any_choice import AnyChoice, Ends
    from recurate.finite_sets import FiniteRun
    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.validation import FloatArray
    from recurate.prediction import Prediction
    from recurate.voters_figures import Objective, VoterFigures


_ROUNDED = 5e-5  # of a share to four places
_TINY = 1e-12  # a share that is none, to people


def any_choice_in_words(found: AnyChoice, law: RewardLaw, steps: int | None) -> Iterable[str]:
    """Yield what holds whatever people choose, of the groups that were asked about.

    Without a number of steps it is told for ever only, of a loop whose steps are all alike.
    """
    if found.candidates == math.inf:
        yield "a choice among any number may be any sample: only the real data are certain"
    else:
        yield (
            f"for every way to pick one of K = {candidates_in_words(found.candidates)} samples, "
            "even one that changes from step to step:"
        )
    ends = found.ends
    label = share_envelope.statement.label
    if found.groups and steps is not None and _is_empty(ends):
        yield f"{label}: at t = {steps} any group may have vanished, or be all there is"
    elif found.groups:
        yield f"{label}: {_shares_in_words(found, ends, law, steps)}"
    divergence = _divergence_in_words(ends, steps, found.most_divergence)
    yield f"{any_choice_divergence.statement.label}: {divergence}"
    narrow = found.ends_of_gap
    if found.is_narrower and narrow is not None:
        words = [_shares_in_words(found, narrow, law, steps)] if found.groups else []
        narrow_divergence = _divergence_in_words(narrow, steps, found.most_divergence)
        if narrow_divergence != divergence:
            words.append(narrow_divergence)
        yield (
            f"{bounded_gap_envelope.statement.label}: for Bradley–Terry's choice, by anyone's "
            f"rewards that differ by at most Δ = {number(found.gap or 0.0)}, as here, "
            f"{'; '.join(words)}"
        )


def _is_empty(ends: Ends) -> bool:
    """Return whether shares may be anything, to four places."""
    return bool(ends.floor[-1].max() < _ROUNDED and ends.ceiling[-1].min() > 1.0 - _ROUNDED)


def _shares_in_words(found: AnyChoice, ends: Ends, law: RewardLaw, steps: int | None) -> str:
    """Return between what each group's share is, at the last step and for ever."""
    names = [f"group {group_name(law, group)} " for group in found.groups]
    last = _between(ends.floor[-1], ends.ceiling[-1])
    for_ever = last
    if ends.floor_for_ever is not None and ends.ceiling_for_ever is not None:
        for_ever = _between(ends.floor_for_ever, ends.ceiling_for_ever)
    if steps is None:
        return f"for ever {', '.join(map(str.__add__, names, for_ever))}"
    parts = [
        name + (now if now == then else f"{now} ({then})")
        for name, now, then in zip(names, last, for_ever, strict=True)
    ]
    when = f"at t = {steps}"
    if for_ever != last:
        when += " (and for ever)"
    elif ends.floor_for_ever is not None:
        when += " and for ever"
    return f"{when} {', '.join(parts)}"


def _between(least: FloatArray, most: FloatArray) -> list[str]:
    return [
        f"{number(float(low), _TINY)} to {number(float(high), _TINY)}"
        for low, high in zip(least, most, strict=True)
    ]


def _divergence_in_words(ends: Ends, steps: int | None, most: float) -> str:
    """Return up to where the divergence is, at the last step and for ever."""
    last, for_ever = float(ends.divergence[-1]), ends.divergence_for_ever
    if steps is None and for_ever is not None:
        is_bounded = for_ever < math.inf
        return f"KL is at most {number(for_ever)} for ever" if is_bounded else "KL has no bound"
    if last == math.inf:
        return "KL has no bound"
    text = f"KL is at most {number(last)} at t = {steps}"
    if last > most + _ROUNDED:
        text += f" (more than any law on these rows has, {number(most)})"
    if for_ever is None:
        return text
    if for_ever == math.inf:
        return f"{text}; for ever there is no bound"
    return text + (
        " and for ever" if number(for_ever) == number(last) else f", {number(for_ever)} for ever"
    )


def finite_run_in_words(found: FiniteRun, steps: int, has_groups: bool) -> Iterable[str]:
    """Yield what is known of one run, with training sets of a size that was named."""
    label = finite_sample_loop.statement.label
    curated = plural(int(found.curated), "curated sample")
    if found.distance is None or found.for_ever is None:
        yield f"{label}: no bound on how far one run is from the fixed point; {found.missing}"
    elif min(float(found.distance[-1]), found.for_ever) >= 1.0:
        yield (
            f"{label}: no bound on how far one run is from the fixed point; with {curated} in each "
            "training set it would be above 1, the largest distance"
        )
    else:
        last = number(float(found.distance[-1]))
        yield (
            f"{label}: the mean distance of one run from the fixed point (total variation) is at "
            f"most {last} at t = {steps}, and {number(found.for_ever)} in the end"
        )
    if has_groups:
        yield (
            f"{share_envelope_general.statement.label}: in the mean over runs of any size, each "
            "group's share is between the ends above"
        )


def objective_in_words(found: Objective, steps: int) -> Iterable[str]:
    """Yield what a loop with K = inf climbs, and where it stands."""
    gain = "log E[e^r]" if found.is_one else "Σ share · log E[w]"
    statement = implicit_objective if found.is_one else pluralistic_objective
    if found.lam == math.inf:
        statement = nash_welfare
    else:
        gain += " - KL(p_ref‖p)" + (f"/{found.lam:.4g}" if found.lam != 1.0 else "")
    rise = number(float(found.values[-1]))
    text = f"the loop climbs {gain}, which at t = {steps} is {rise} nats above the real data"
    if not math.isnan(found.at_limit):
        text += f"; most is {number(found.at_limit)}, at the fixed point"
    if not found.is_one:
        text += "; w is what a voter's choices are proportional to"
    yield f"{statement.statement.label}: {text}"


def voters_in_words(found: tuple[VoterFigures, ...], steps: int) -> Iterable[str]:
    """Yield how each of several voters fares, and who loses."""
    for voter in found:
        name = f"{100 * voter.share:.3g}% {shortened(rule_in_words(voter.rule), 60)}"
        last = _factor(float(voter.log_weights[-1]))
        text = f"{name}: at t = {steps} E[w] is {last} of the real data"
        if not math.isnan(voter.log_weight_at_limit):
            text += f", in the end {_factor(voter.log_weight_at_limit)}"
        loses_in_the_end = voter.log_weight_at_limit < -_TINY  # not if it is not known
        if voter.loses:
            is_late = math.isnan(voter.log_weight_at_limit) or loses_in_the_end
            text += "; this voter loses" + ("" if is_late else " at first")
        elif loses_in_the_end:
            text += "; this voter loses in the end"
        yield text


def _factor(log_factor: float) -> str:
    """Return a factor in words, such as "1.2500 times that"."""
    if abs(log_factor) > 200.0:
        return f"e^{log_factor:.4g} times that"
    return f"{number(math.exp(log_factor))} times that"


def voters_heading() -> str:
    """Return the heading of how voters fare."""
    return f"How each voter fares, w = e^r by their own rewards ({voters_gain.statement.id})"


def any_choice_entries(prediction: Prediction) -> dict[str, Any]:
    """Return all of this for JSON; None where it is not known."""
    law = prediction.trajectory.law
    found = prediction.any_choice(tuple(range(len(law.group_names))))
    entries: dict[str, Any] = {
        "any_choice": {
            "candidates": _whole(found.candidates),
            "group_names": list(law.group_names),
            **_end_entries(found.ends),
        },
        "bounded_gap": None,
        "curated": None,
        "objective": None,
        "voters": None,
    }
    if found.ends_of_gap is not None:
        entries["bounded_gap"] = {"reward_gap": found.gap, **_end_entries(found.ends_of_gap)}
    if (run := prediction.finite_run) is not None:
        entries["curated"] = {
            "samples": _whole(run.curated),
            "distance_from_fixed_point": None if run.distance is None else run.distance.tolist(),
            "distance_for_ever": run.for_ever,
            "missing_hypothesis": run.missing or None,
        }
    if (climbed := prediction.objective) is not None:
        entries["objective"] = {
            "lam": climbed.lam,
            "rise": climbed.values.tolist(),
            "rise_at_fixed_point": climbed.at_limit,
        }
    if prediction.voters:
        entries["voters"] = [
            {
                "share": voter.share,
                "rule": repr(voter.rule),
                "log_expected_weight": voter.log_weights.tolist(),
                "log_expected_weight_at_fixed_point": voter.log_weight_at_limit,
                "loses": voter.loses,
            }
            for voter in prediction.voters
        ]
    return entries


def _end_entries(ends: Ends) -> dict[str, Any]:
    return {
        "share_floor": ends.floor.tolist(),
        "share_ceiling": ends.ceiling.tolist(),
        "worst_divergence": ends.divergence.tolist(),
        "share_floor_for_ever": None
        if ends.floor_for_ever is None
        else ends.floor_for_ever.tolist(),
        "share_ceiling_for_ever": None
        if ends.ceiling_for_ever is None
        else ends.ceiling_for_ever.tolist(),
        "worst_divergence_for_ever": ends.divergence_for_ever,
    }


def _whole(value: float) -> float:
    return int(value) if math.isfinite(value) and value == int(value) else value

"""The answer of a command in two sentences, with the numbers that its table has."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from recurate.numerics.text import shortened
from recurate.printing.answers.settling import (
    horizon_in_words,
    reached_in_words,
    trust_of_choice,
)
from recurate.printing.answers.worst_case import reached_at_worst
from recurate.printing.loops import choosing_in_words
from recurate.printing.trust import (
    choice_in_words,
    fixed_point_in_words,
    given_in_words,
    mixing_in_words,
    steps_in_short,
)
from recurate.printing.words import (
    LEVEL,
    candidates_in_words,
    group_name,
    mixings_below,
    number,
    plural,
    printable,
    rounding_of,
    rounding_of_end,
    rounding_of_score,
    score_name,
)

if TYPE_CHECKING:
    from recurate.chosen import Chosen
    from recurate.numerics.fixed_points.fixed_point import FixedPoint
    from recurate.numerics.inference.sampled_rows import SampledRows
    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.loop import CurationLoop
    from recurate.numerics.trajectory import Trajectory
    from recurate.numerics.validation import FloatArray
    from recurate.prediction import Prediction
    from recurate.printing.answers.simulation import Simulation
    from recurate.reading.table import RewardTable

Sentences = tuple[str, str]

_LONGEST_NAME, _LONGEST_LOOP = 60, 200
_ROUNDING = 1e-12  # of a voter's logarithm


def prediction_in_sentences(prediction: Prediction) -> Sentences:
    """Return where the loop goes; and how far from the real data, and how far to be trusted."""
    if prediction.sampled is not None:
        return _estimates_in_sentences(prediction, prediction.sampled)
    run, table, limit = prediction.trajectory, prediction.table, prediction.settlement.limit
    law, steps = run.law, run.steps
    where = "on the real data, before any retraining"
    if steps:
        where = f"after {plural(steps, 'retraining step')} {_with(prediction.loop)}"
    rounding = partial(rounding_of, "expected_reward", law)
    reward = _course(run.expected_reward, rounding)
    said = [
        f"{where}, the expected reward {reward}{_unit(table)}{_aside(prediction)}",
        *_most_changed(prediction),
    ]
    if limit is None:
        said.append("where it settles was not found")
    else:
        end = number(limit.expected_reward, rounding(math.inf))
        said.append(f"in the end it settles at an expected reward of {end}")
    said += _losers(prediction)
    divergence = number(float(run.kl_to_reference[-1]), rounding_of("kl_to_reference", law, steps))
    trust = "the items are given, and of them only the rewards are uncertain"
    if table.is_sample:
        trust = steps_in_short(prediction.trusted_until, steps, law)
    then = "is then" if steps else "is"
    far = f"the model {then} {divergence} nats from the real data (KL)"
    return _sentence(said), _sentence([far, _bound(prediction), trust])


def _estimates_in_sentences(prediction: Prediction, found: SampledRows) -> Sentences:
    """Return the same of rows that are a sample of each prompt's answers."""
    known, law = found.known_until, prediction.loop.law
    bound = _bound(prediction)
    if known is None:
        few = f"{plural(law.rows, 'row')} of {plural(len(law.prompt_names), 'prompt')}"
        return (
            _sentence([f"{few} are too few to tell any step {_with(prediction.loop)}"]),
            _sentence([f"of the divergence from the real data (KL) one knows this: {bound}"]),
        )
    steps = plural(known, "retraining step")
    if known < prediction.trajectory.steps:
        steps += ", the last that the rows tell,"
    reward = _course(found.estimates["expected_reward"][: known + 1])
    low, high = (number(float(ends["expected_reward"][known])) for ends in (found.low, found.high))
    divergence = number(float(found.estimates["kl_to_reference"][known]))
    goes = (
        f"after {steps} {_with(prediction.loop)}, the expected reward over all answers to each "
        f"prompt {reward}{_unit(prediction.table)} ({found.level:.0%} band {low} to {high}), by an "
        "estimate from the rows"
    )
    far = f"the model is then about {divergence} nats from the real data (KL)"
    return _sentence([goes]), _sentence([far, bound])


def fixed_point_in_sentences(
    read: RewardTable, loop: CurationLoop, start: Trajectory, limit: FixedPoint
) -> Sentences:
    """Return where the loop settles; and how far that is, and how far it is to be trusted."""
    law = loop.law
    rounding = rounding_of("expected_reward", law)
    before, after = (
        number(value, rounding)
        for value in (float(start.expected_reward[0]), limit.expected_reward)
    )
    own = ""
    if read.in_unit is not None:
        i = law.score_names.index(read.in_unit)
        ends = float(limit.expected_scores[i]), float(start.expected_scores[0, i])
        own = f" ({_short(score_name(read.in_unit))}: {number(ends[0])} and {number(ends[1])})"
    goes = (
        f"{_with(loop)}, the loop settles at an expected reward of {after}{_unit(read)}, where the "
        f"real data have {before}{own}"
    )
    before_all, after_all = start.group_proportions[0], limit.group_proportions
    said = [goes]
    if before_all.size:
        group = int(np.abs(after_all - before_all).round(12).argmax())
        said += _changed(law, group, before_all[group], after_all[group])
    divergence = number(limit.kl_to_reference, rounding_of("kl_to_reference", law))
    trust = fixed_point_in_words(limit) if read.is_sample else given_in_words(False)
    best = f"best reward{' of their prompt' if law.prompt_names else ''}"
    far = (
        f"there the model is {divergence} nats from the real data (KL), and a share of "
        f"{number(limit.mass_at_max)} of its samples has the {best}"
    )
    return _sentence(said), _sentence([far, trust])


def choice_in_sentences(chosen: Chosen) -> Sentences:
    """Return what keeps a limit; and what is reached then, and how far that is to be trusted."""
    read, choice, loop = chosen.table, chosen.choice, chosen.loop
    keep = _keep(chosen, horizon_in_words(choice))
    has_all = bool(read.law.prompt_names) or not read.is_sample
    told = [*choice_in_words(choice, has_all_answers=has_all)][:1]
    trust = [*trust_of_choice(chosen)][:1]
    extreme = {
        "kl": "the largest divergence",
        "max_share": "the largest share",
        "min_share": "the smallest share",
    }[choice.quantity]
    return (
        _sentence([f"with {_data(loop) if choice.chosen == 'K' else _choice(loop)}, {keep}"]),
        _sentence([f"{extreme} is then {reached_in_words(read.law, choice)}", *told, *trust]),
    )


def worst_case_in_sentences(chosen: Chosen) -> Sentences:
    """Return what keeps a limit whatever people choose; and what the worst way comes to."""
    choice = chosen.choice
    among = f" among K = {candidates_in_words(choice.K)}"
    if choice.chosen == "K":
        among = f" with λ = {choice.lam:g}"
    elif math.isnan(choice.K):
        among = ""
    horizon = "at every step" if choice.steps is None else f"for {plural(choice.steps, 'step')}"
    keep = _keep(chosen, horizon)
    return _sentence([f"whatever people choose{among}, {keep}"]), _sentence(
        reached_at_worst(choice)
    )


def _keep(chosen: Chosen, horizon: str) -> str:
    """Return what has to be so that a limit is kept."""
    group, choice = chosen.group, chosen.choice
    share = "" if group is None else f"the share of group {_short(printable(group))}"
    limit = {
        "kl": f"the divergence from the real data (KL) at most {choice.limit:g} nats",
        "max_share": f"{share} at most {choice.limit:g}",
        "min_share": f"{share} at least {choice.limit:g}",
    }[choice.quantity]
    if choice.chosen == "K":
        most = f"K may be at most {candidates_in_words(choice.K)}"
        allowed = {1: "K has to be 1, which is no choice,", math.inf: "K may be any number"}
        return f"{allowed.get(choice.K, most)} to keep {limit} {horizon}"
    if choice.lam == math.inf:
        return f"no real data are needed to keep {limit} {horizon}"
    fraction, lam = mixing_in_words(choice)
    return (
        f"real data have to be at least {fraction} of each training set (λ at most {lam}) to keep "
        f"{limit} {horizon}"
    )


def simulation_in_sentences(simulation: Simulation) -> Sentences:
    """Return what samples come to beside the exact loop; and whether they differ from it."""
    run, exact = simulation.simulated, simulation.exact
    mean, error = (
        float(values[-1])
        for values in (run.expected_reward, run.standard_errors["expected_reward"])
    )
    rounding = rounding_of("expected_reward", exact.law, run.steps)
    spread = "" if math.isnan(error) else f" ± {error:.4f} (standard error)"
    each = " for each prompt" if run.prompts else ""
    first = (
        f"in {plural(run.replicates, 'run')} of {run.sizes.generated:,} generated samples a step"
        f"{each}, {_with(simulation.loop)}, the mean expected reward after "
        f"{plural(run.steps, 'retraining step')} is {number(mean, rounding)}{spread}"
        f"{_unit(simulation.table)}, where the exact loop has "
        f"{number(float(exact.expected_reward[-1]), rounding)}"
    )
    p_value = simulation.p_value
    if p_value is None:
        second = f"the figures are not tested all together: {simulation.untested}"
    else:
        sees = "no difference" if p_value >= LEVEL else "a difference"
        p = "1" if p_value == 1 else f"{p_value:.2g}"
        second = f"a test of all figures at all steps together sees {sees} from it (p-value {p})"
    return _sentence([first]), _sentence([second])


def _with(loop: CurationLoop) -> str:
    """Return a loop in a clause: how many candidates, and how much real data."""
    return f"with {_choice(loop)} and {_data(loop)}"


def _choice(loop: CurationLoop) -> str:
    if loop.schedule.K is None:
        return f"this choice ({shortened(choosing_in_words(loop), _LONGEST_LOOP)})"
    return f"K = {candidates_in_words(loop.K)}{' (no choice)' if loop.K == 1 else ''}"


def _data(loop: CurationLoop) -> str:
    lam = loop.schedule.lam
    if loop.training is not None:
        return "training sets that grow"
    if not isinstance(lam, float):
        return "real data that change with t"
    if lam == math.inf:
        return "no real data"
    share = f"{100 / (1 + lam):.4g}%"
    nearly = "nearly " if lam > 0 and share == "100%" else ""
    return f"{nearly}{share} real data (λ = {lam:g})"


def _course(values: FloatArray, rounding: Callable[[float], float] = lambda t: 0.0) -> str:
    """Return where a figure goes from its first value to its last one."""
    end = values.size - 1
    first, last = (number(float(values[t]), rounding(t)) for t in (0, end))
    if first == last:
        return f"{'stays' if end else 'is'} at {first}"
    return f"{'rises' if values[-1] > values[0] else 'falls'} from {first} to {last}"


def _unit(table: RewardTable) -> str:
    return " in log-odds" if table.asked.are_odds else ""


def _aside(prediction: Prediction) -> str:
    """Return the band of the expected reward, and the mean of the rewards as the table has them."""
    bands, run, said = prediction.bands, prediction.trajectory, []
    if bands is not None:
        value = float(run.expected_reward[-1])
        rounding = rounding_of_end("expected_reward", run.law, value, run.steps)
        low, high = (
            number(float(ends["expected_reward"][-1]), rounding) for ends in (bands.low, bands.high)
        )
        what = "range" if bands.level is None else f"{bands.level:.0%} band"
        said.append(f"{what} {low} to {high}")
    name = prediction.table.in_unit
    if name is not None:
        means = run.expected_scores[:, run.score_names.index(name)]
        first, last = (
            number(mean, rounding_of_score(run.law, name, mean, partial(run.probs, t)))
            for t, mean in ((0, float(means[0])), (run.steps, float(means[-1])))
        )
        said.append(f"{_short(score_name(name))}: from {first} to {last}")
    return f" ({'; '.join(said)})" if said else ""


def _most_changed(prediction: Prediction) -> Iterator[str]:
    """Yield which group's share changes most, if one does."""
    for group in prediction.most_changed_groups(1):
        shares = prediction.trajectory.group_proportions[[0, -1], group]
        yield from _changed(prediction.trajectory.law, group, *shares)


def _changed(law: RewardLaw, group: int, before: float, after: float) -> Iterator[str]:
    first, last = number(float(before)), number(float(after))
    if first != last:
        name = _short(group_name(law, group))
        yield f"group {name} changes most: its share goes from {first} to {last}"


def _losers(prediction: Prediction) -> Iterator[str]:
    """Yield how many of several voters lose."""
    if prediction.voters:
        lose = sum(
            voter.loses or voter.log_weight_at_limit < -_ROUNDING for voter in prediction.voters
        )
        some, loses = (
            ("none", "loses") if lose == 0 else (f"{lose}", "loses" if lose == 1 else "lose")
        )
        yield f"{some} of {plural(len(prediction.voters), 'voter')} {loses} by their own rewards"


def _bound(prediction: Prediction) -> str:
    """Return the least bound of the divergence that theorems have, at every step if there is one.

    Of rows that are a sample nothing counts that depends on how far rewards lie apart.
    """
    found = prediction.any_choice(())
    bounds = []
    if found.ends.divergence_for_ever is not None:
        bounds.append((found.ends.divergence_for_ever, "whatever people choose it stays within"))
    narrow = found.ends_of_gap if prediction.sampled is None else None
    if narrow is not None and narrow.divergence_for_ever is not None:
        words = "for any rewards that differ as little as these it stays within"
        bounds.append((narrow.divergence_for_ever, words))
    for guarantee in prediction.guarantees:
        if guarantee.figure == "kl_to_reference" and guarantee.bound is not None:
            words = f"{guarantee.statement.label} keeps it within"
            bounds.append((float(guarantee.bound.max()), words))
    least, words = min(bounds, default=(math.inf, ""), key=lambda one: one[0])
    if least < math.inf:
        return f"{words} {number(least)} at every step"
    safe, lam = prediction.safe_range, prediction.loop.schedule.lam
    if safe is not None and prediction.sampled is None and lam < safe.for_these_rewards:
        return (
            f"theorems bound it, as for {mixings_below(safe.for_these_rewards)} with these rewards"
        )
    last = float(found.ends.divergence[-1])
    if last < found.most_divergence:
        return (
            f"no theorem bounds it for ever, but whatever people choose it is at most "
            f"{number(last)} by then"
        )
    return "no theorem bounds it"


def _short(name: str) -> str:
    return shortened(name, _LONGEST_NAME)


def _sentence(clauses: Iterable[str]) -> str:
    """Return clauses as a sentence."""
    text = "; ".join(clauses)
    return f"{text[:1].upper()}{text[1:]}."

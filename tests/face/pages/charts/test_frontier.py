"""What other parameters cost and bring, beside a choice: computed, drawn, and judged as it was."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, choose
from recurate.chosen import Chosen
from recurate.frontier import alternatives
from recurate.pages.answer.of_commands import choice_answer
from recurate.pages.charts.of_choice import pictures_of_choice
from recurate.printing.loops_as_json import choice_json
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable
from recurate.rules import BestOf
from recurate.worst_case import worst_case

from .drawn import across, of_class, readouts, value


@pytest.fixture(scope="module")
def law():
    rng = np.random.default_rng(2)
    groups = rng.choice([*"abc"], 60)
    return RewardLaw(rng.normal(size=60) + (groups == "a"), groups=groups)


def chosen_of(law, group, choice, **more):
    return Chosen(RewardTable("t.csv", Asked(), law), group, choice, **more)


CHOICES = [
    (None, {"K": 4, "max_kl": 0.1}),
    (None, {"K": 4, "max_kl": 0.1, "steps": 6}),
    (None, {"lam": 0.5, "max_kl": 0.1}),
    ("a", {"K": 4, "max_share": 0.6}),
    ("b", {"lam": 2.0, "min_share": 0.2, "steps": 5}),
    (None, {"rule": BestOf(3), "max_kl": 0.1, "steps": 6}),
]


@pytest.mark.parametrize(("group", "asked"), CHOICES)
def test_alternatives_are_other_loops_and_the_chosen_one(law, group, asked):
    choice = choose(law, group=group, **asked)
    read = chosen_of(law, group, choice)
    limit, found = read.limit, alternatives(read)
    (chosen,) = [one for one in found if one.is_chosen]
    assert (chosen.K, chosen.lam) == (choice.K, choice.lam)
    assert {one.is_allowed for one in found} == {True, False}
    for one in found:
        rule = {"K": one.K} if choice.rule is None else {"rule": choice.rule}
        loop = CurationLoop(law, lam=one.lam, **rule)
        # An independent look: a long run, or the steps that were asked for.
        run = loop.run(steps=choice.steps or 400)
        values = limit.sign * limit.values(run)
        assert limit.sign * one.reached == pytest.approx(values.max(), abs=2e-3)
        reward = run.expected_reward[-1]
        assert one.expected_reward == pytest.approx(reward, abs=2e-2)
        if choice.steps is None:  # for ever is where it settles, not the last step of some run
            reward = loop.fixed_point().expected_reward
        assert one.expected_reward == pytest.approx(reward, rel=1e-12)
        if not one.is_chosen:
            beyond = limit.sign * (one.reached - choice.limit)
            assert one.is_allowed == (beyond <= 1e-9)


def test_without_a_limit_to_the_pure_loop_it_is_among_them(law):
    choice = choose(law, K=3, max_kl=100.0)
    assert choice.lam == math.inf
    found = alternatives(chosen_of(law, None, choice))
    assert [one.lam for one in found if one.is_chosen] == [math.inf]
    many = choose(law, lam=0.1, max_kl=100.0)
    assert many.K == math.inf
    found = alternatives(chosen_of(law, None, many))
    assert [one.K for one in found if one.is_chosen] == [math.inf]


def charts(law, group, choice):
    """Return the charts of a choice, and the loops that the first one shows."""
    chosen = chosen_of(law, group, choice)
    others = alternatives(chosen)
    return *pictures_of_choice(chosen, others), others


@pytest.mark.parametrize(("group", "asked"), CHOICES)
def test_the_chart_has_each_of_them_and_marks_the_chosen_one(law, group, asked):
    choice = choose(law, group=group, **asked)
    picture, limited, _, expected = charts(law, group, choice)
    short = "KL" if group is None else "share"
    found = readouts(picture)
    assert len(found) == len(expected)
    for words, one in zip(found.values(), expected, strict=True):
        assert value(words[short]) == pytest.approx(one.reached, rel=5e-6)
        assert value(words["expected reward"]) == pytest.approx(one.expected_reward, rel=5e-6)
    assert sum("(chosen)" in heading for heading in found) == 1
    (ring,) = of_class(picture, "chosen")
    # Among those that are allowed, on their side of the limit's line.
    (line,) = of_class(picture, "bound")
    at, sign = float(line.get("x1")), -1 if "min_share" in asked else 1
    hollow = of_class(picture, "hollow")
    assert len(hollow) == sum(not one.is_allowed for one in expected)
    for place, one in zip(of_class(picture, "place"), expected, strict=True):
        is_beyond = sign * (float(place.get("cx")) - at) > 0.11
        assert not (is_beyond and one.is_allowed)
    assert sign * (float(ring.get("cx")) - at) <= 0.11
    lines = {one.K for one in expected}
    assert len(of_class(picture, "curve")) == len(lines)
    limit = readouts(limited)["t = 0"]
    assert value(limit[f"limit, {choice.limit:g}"]) == pytest.approx(choice.limit)


def test_the_worst_case_is_drawn_beside_what_the_rewards_say(law):
    choice = worst_case(law, K=4, group="b", min_share=0.2)
    limited, _ = pictures_of_choice(chosen_of(law, "b", choice, is_worst_case=True))
    for words in readouts(limited).values():
        own, worst = (
            value(words[name]) for name in ("as the rewards say", "whatever people choose")
        )
        assert worst <= own + 1e-9
    # For ever the worst way comes to the limit: so λ was chosen.
    assert worst == pytest.approx(0.2, abs=1e-5)


def test_the_chosen_loop_is_solved_once_for_all_that_is_told(law, monkeypatch):
    choice, solved, solve = choose(law, K=4, max_kl=0.1), [], CurationLoop.fixed_point

    def counted(loop, *given, **named):
        solved.append((loop.K, loop.lam))
        return solve(loop, *given, **named)

    monkeypatch.setattr(CurationLoop, "fixed_point", counted)
    chosen = chosen_of(law, None, choice)
    assert choice_answer(chosen).told
    assert choice_json(chosen)
    assert solved.count((choice.K, choice.lam)) == 1


def test_an_axis_says_which_power_of_ten_its_ticks_leave_out(law):
    choice = choose(law, K=4, max_kl=1e-6, steps=3)
    picture, limited, *_ = charts(law, None, choice)
    (label,) = of_class(picture, "label")
    assert label.text == "KL from the real data, at most (nats) × 10⁻⁶"
    (unit,) = of_class(limited, "unit")
    assert unit.text == "nats × 10⁻⁶"
    (line,) = of_class(picture, "bound")
    assert across(picture)(float(line.get("x1"))) == pytest.approx(1.0, abs=5e-3)

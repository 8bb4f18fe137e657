"""How near a claim came to failing, by ranges of K and λ: against the margins one by one."""

import math
from fractions import Fraction

import pytest
from flint import arb

from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.check import midpoint
from recurate.paper_checks.evidence.gathering.exact_and_certified import (
    certified_evidence,
    exact_evidence,
)
from recurate.paper_checks.evidence.gathering.property import property_evidence
from recurate.paper_checks.evidence.nearest import CANDIDATES, MIXINGS, place_of
from recurate.paper_checks.replay import least_margin, nearest_margin
from recurate.paper_checks.runs.instances import Instance, two_points


class Run:
    def __init__(self, **values):
        self.__dict__.update(values)


@pytest.mark.parametrize(
    ("K", "name"),
    [
        *((1, "1"), (2, "2"), (4, "4"), (5, "5–16"), (16, "5–16"), (17, "17–100"), (100, "17–100")),
        *((101, "> 100"), (10**9, "> 100"), (math.inf, "∞")),
    ],
)
def test_ranges_of_candidates(K, name):
    place = place_of(Run(K=K, lam=1))
    assert CANDIDATES[place.candidates] == name


@pytest.mark.parametrize(
    ("lam", "name"),
    [
        *((0, "0"), (1e-300, "≤ 0.1"), (Fraction(1, 10), "≤ 0.1"), (arb("0.1"), "≤ 0.1")),
        *((0.11, "≤ 0.5"), (Fraction(1, 2), "≤ 0.5"), (1, "≤ 1"), (arb(10), "≤ 10")),
        *((10.5, "> 10"), (1e300, "> 10"), (math.inf, "∞")),
    ],
)
def test_ranges_of_mixing(lam, name):
    assert MIXINGS[place_of(Run(K=2, lam=lam)).mixing] == name


def test_what_a_run_does_not_have_has_no_range():
    assert place_of(Run(lam=None)) == (None, None)


@pytest.mark.parametrize("name", ["theorem-2.3", "lemma-2.2", "theorem-2.2"])
def test_nearest_are_the_least_of_their_ranges(name):
    check, cases, seed = CHECKS[name], 60, 4
    found = exact_evidence(check, name=name, cases=cases, seed=seed)
    own = [check.setting.exact_run(one) for one in check.instances if one.is_small]
    least, tried = {}, {}
    for run in (*own, *check.setting.exact_pool(seed, cases)):
        if not check.speaks_of(run):
            continue
        margins = check.margins_of(run)
        place = place_of(run)
        tried[place] = tried.get(place, 0) + bool(margins)
        for margin in margins:
            if margin.value > 0 or not (margin.tight or run.is_degenerate):
                least[place] = min(least.get(place, math.inf), margin.value)
    assert {near.place: near.cases for near in found.nearest} == {
        place: number for place, number in tried.items() if number
    }
    assert {near.place: near.margin for near in found.nearest if near.margin is not None} == least
    assert sum(near.cases for near in found.nearest) == found.cases
    told = [near.margin for near in found.nearest if near.margin is not None]
    assert told == sorted(told)
    assert told[0] == found.least_margin


@pytest.mark.parametrize("name", ["theorem-2.3", "share-envelope"])  # the latter has equalities
@pytest.mark.parametrize("gather", [exact_evidence, certified_evidence, property_evidence])
def test_lines_of_the_nearest_show_its_margin_again(gather, name):
    found = gather(CHECKS[name], name=name, cases=12, seed=1)
    assert len(found.nearest) > 2
    for near in found.nearest:
        if near.margin is None:
            assert near.replay == near.loop == ""
            continue
        space = {}
        exec(near.replay.replace("print(", "shown = (", 1), space)
        margin = space["shown"]
        # A float engine's margin is a ball, and its own midpoint is near that of the search.
        assert float(midpoint(margin.value)) == pytest.approx(float(near.margin), abs=1e-13)


def test_nearest_margin_needs_a_place_without_equality():
    still = two_points("1/3", "1/2", K=1)  # nothing moves
    assert least_margin("lemma-2.2", still).value == 0
    with pytest.raises(ValueError, match="equality is not due everywhere"):
        nearest_margin("lemma-2.2", still)
    moving = Instance.of("1/2 1", "1/2 1/2", K=2, lam=1, steps=2)
    assert nearest_margin("theorem-2.3", moving) == least_margin("theorem-2.3", moving)


def test_nearest_margin_is_not_one_at_equality():
    # Group shares: the set of all atoms has share 1, which is an equality, at every step.
    instance = CHECKS["share-envelope"].instances[0]
    assert least_margin("share-envelope", instance).value == 0
    assert nearest_margin("share-envelope", instance).value > 0

"""Charts of groups' shares: rows begin and end where the shares say, and all shares are there."""

import math
import re

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.pages.charts.of_prediction import MOST_SHARES, pictures_of_fixed_point
from recurate.pages.charts.shares import Share, shares

from .drawn import across, of_class, readouts, tree, value

ROWS = [
    Share("up", 0.2, 0.3, 0.5, (0.1, 0.6)),
    Share("down", 0.4, 0.35, 0.25),
    Share("still", 0.4, 0.4),
]


def test_marks_lie_where_the_shares_are():
    picture = shares("T", ROWS, end="t = 5", within="whatever people choose")
    back = across(picture)
    starts = of_class(picture, "start")
    assert [back(float(e.get("x1"))) for e in starts] == pytest.approx([0.2, 0.4, 0.4], abs=1e-3)
    ways = of_class(picture, "way")
    assert [back(float(e.get("x2"))) for e in ways] == pytest.approx([0.5, 0.25, 0.4], abs=1e-3)
    ends = of_class(picture, "mark")
    assert [back(float(e.get("cx"))) for e in ends] == pytest.approx([0.3, 0.35, 0.4], abs=1e-3)
    (bar,) = of_class(picture, "within")
    low = float(bar.get("x"))
    assert back(low) == pytest.approx(0.1, abs=1e-3)
    assert back(low + float(bar.get("width"))) == pytest.approx(0.6, abs=1e-3)
    # What falls has another colour than what rises.
    assert [e.get("class").split()[-1] for e in ways] == ["s0", "s1", "s0"]


def test_readouts_say_what_is_known():
    picture = shares("T", ROWS, end="t = 5", within="whatever people choose")
    assert readouts(picture) == {
        "up": {
            "real data": "0.2",
            "t = 5": "0.3",
            "fixed point": "0.5",
            "whatever people choose": "0.1 to 0.6",
        },
        "down": {"real data": "0.4", "t = 5": "0.35", "fixed point": "0.25"},
        "still": {"real data": "0.4", "t = 5": "0.4"},
    }
    keys = [key.text for key in picture.keys]
    assert keys == ["real data", "t = 5", "fixed point", "whatever people choose"]


def test_names_are_cut_where_they_are_drawn_and_whole_in_the_readout():
    long, wide = "a title of a group that is far too long", "日本語の名前はとても長いです"
    broad, capitals = "W" * 20, "A" * 20
    picture = shares("T", [Share(name, 0.25) for name in (long, wide, broad, capitals)])
    drawn = [e.text for e in tree(picture).iter("text") if e.get("class") is None]
    # In 17 letters: those of East Asia are two wide, W and the dots 1.75, other capitals 1.25.
    assert drawn == ["a title of a gr…", "日本語の名前は…", "W" * 8 + "…", "A" * 12 + "…"]
    assert set(readouts(picture)) == {long, wide, broad, capitals}
    assert [key.text for key in picture.keys] == ["real data"]


def test_shares_of_a_fixed_point_are_all_there():
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 40, 400)
    loop = CurationLoop(RewardLaw(rng.normal(size=400) + groups / 40, groups=groups), K=3, lam=1.0)
    limit, start = loop.fixed_point(), loop.run(steps=0)
    (picture,) = pictures_of_fixed_point(start, limit)
    found = readouts(picture)
    assert len(found) == MOST_SHARES
    changes = []
    for name, words in found.items():
        i = loop.law.group_names.index(int(name))
        before, after = start.group_proportions[0, i], limit.group_proportions[i]
        assert value(words["real data"]) == pytest.approx(before, rel=5e-6)
        assert value(words["fixed point"]) == pytest.approx(after, rel=5e-6)
        changes.append(after - before)
    # From what gains most to what loses most; those that are left out changed less than any.
    assert changes == sorted(changes, reverse=True)
    every = np.sort(np.abs(limit.group_proportions - start.group_proportions[0]))[::-1]
    assert sorted(map(abs, changes), reverse=True) == pytest.approx(every[:MOST_SHARES])
    # The caption has the sum of the others; all together they are everything.
    others = re.fullmatch(
        r"All others together \(20 groups\): from (.*) to (.*)\.", picture.caption
    )
    for of, rest in zip(("real data", "fixed point"), others.groups(), strict=True):
        total = math.fsum(value(words[of]) for words in found.values())
        assert total + float(rest) == pytest.approx(1.0, abs=1e-4)  # to the caption's four digits


def test_a_law_without_groups_has_no_chart_of_shares():
    loop = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=1.0)
    assert pictures_of_fixed_point(loop.run(steps=0), loop.fixed_point()) == []

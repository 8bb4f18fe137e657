"""The page of an answer: whole, of bounded size, with its words explained."""

import math

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw
from recurate.pages.answer.answer import SCRIPTS, STYLES, Answer, body, page
from recurate.pages.answer.of_commands import (
    MOST_GROUPS_LISTED,
    fixed_point_answer,
    prediction_answer,
)
from recurate.pages.answer.words import words_in
from recurate.pages.page import asset
from recurate.prediction import predict_loop
from recurate.printing.answers.prediction import tell_prediction
from recurate.printing.answers.told import Columns, Lines, Section
from recurate.printing.columns import Column
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable

from .inspected import parsed, require_sound


def predicted(law, *, steps=4, lam=1.0, replicates=0, **more):
    table = RewardTable("t.csv", Asked(), law)
    loop = CurationLoop(law, K=4, lam=lam)
    return predict_loop(table, loop, steps=steps, replicates=replicates, **more)


def law(rows=60, groups=6, scores=0):
    draw = np.random.default_rng(0)
    return RewardLaw(
        draw.normal(size=rows),
        groups=[f"g{i}" for i in draw.integers(groups, size=rows)],
        scores={f"score {i}": draw.normal(size=rows) for i in range(scores)},
    )


def paged(answer, **more):
    return page(answer, command="recurate predict t.csv", parameters={}, **more)


def tables(text):
    """Return the rows of each table, from the head on."""
    found = []
    for table in parsed(text).iter("table"):
        found.append([["".join(cell.itertext()) for cell in row] for row in table.iter("tr")])
    return found


def test_a_page_has_all_columns_and_all_steps():
    found = predicted(law(scores=12), steps=50)
    text = paged(prediction_answer(found))
    require_sound(text)
    head, *rows = tables(text)[0]
    scores = [f"score {i}" for i in range(12)]
    assert head[:14] == ["t", "E[r]", *scores]
    names = found.loop.law.group_names
    assert head[14:17] == [f"group {names[i]}" for i in found.most_changed_groups(3)]
    assert head[17:] == ["KL", "at max", "E[e^r]/e^max", "at least"]
    assert [row[0] for row in rows] == [*map(str, range(51)), "∞"]
    assert [row[1] for row in rows[:51]] == [f"{r:.4f}" for r in found.trajectory.expected_reward]
    # A narrow terminal has lines for the columns that it leaves out, and names an option.
    sections = [part for part in tell_prediction(found) if isinstance(part, Section)]
    assert any(part.instead_of == "score" for part in sections)
    assert "Columns followed" not in text
    assert "--theory" not in text
    assert "the value beside it" not in text


def test_all_groups_are_listed_most_changed_first():
    found = predicted(law(rows=300, groups=40))
    head, *rows = tables(paged(prediction_answer(found)))[1]
    assert head == ["group", "real data", "t = 4", "∞"]
    order = found.most_changed_groups(40)
    assert [row[0] for row in rows] == [found.loop.law.group_names[g] for g in order]
    shares = found.trajectory.group_proportions[:, order]
    assert [row[1:3] for row in rows] == [[f"{a:.4f}", f"{b:.4f}"] for a, b in shares[[0, -1]].T]
    few = paged(prediction_answer(predicted(law(groups=3))))
    assert len(tables(few)) == 1  # they stand in the table over t


def test_large_answers_stay_small():
    draw = np.random.default_rng(1)
    names = [f"a group whose name is long, number {i}" for i in range(2000)]
    large = RewardLaw(
        draw.normal(size=20_000),
        groups=[names[i % 2000] for i in range(20_000)],
        scores={f"column {i}": draw.normal(size=20_000) for i in range(40)},
    )
    answer = prediction_answer(predicted(large, steps=3000, lam=0.5))
    text = paged(answer)
    require_sound(text)
    assert len(text.encode()) < 10**6
    _, *rows = tables(text)[1]
    assert len(rows) == MOST_GROUPS_LISTED
    assert f"and {2000 - MOST_GROUPS_LISTED:,} groups that changed less" in text
    times = [row[0] for row in tables(text)[0][1:]]
    assert times[0] == "0"
    assert times[-2:] == ["3000", "∞"]


def test_a_name_without_an_end_does_not_widen_the_list():
    long = RewardLaw([0.0, 1.0, 2.0, 3.0], groups=["x" * 5000, "b", "c", "d"])
    rows = tables(paged(prediction_answer(predicted(long))))[1]
    assert max(len(row[0]) for row in rows) <= 120


def test_a_page_is_the_same_each_time():
    one, two = (paged(prediction_answer(predicted(law(), replicates=5, seed=3))) for _ in range(2))
    assert one == two


def test_the_body_is_a_part_of_any_page():
    answer = prediction_answer(predicted(law()))
    part = str(body(answer))
    assert part.strip() in paged(answer)
    assert "<html" not in part
    assert all(sentence in part for sentence in answer.sentences)
    assert all(asset(name) for name in (*STYLES, *SCRIPTS))


@pytest.mark.parametrize("text", ["<b>&amp;\"'", "{{ 7*7 }}", "<!--", "</code><script>x</script>"])
def test_all_that_is_told_is_escaped(text):
    told = [
        Lines.of(text),
        Columns.of([Column(text, [text], is_text=True), Column("n", [text])], text),
        Lines.of(text, is_dim=True),
        Section.of(text, [text, text]),
    ]
    answer = Answer(text, (text, text), told, (), {text: text})
    shown = page(answer, command=text, parameters={text: text, "a": {text: [text]}}, remarks=[text])
    require_sound(shown)
    tree = parsed(shown)
    said = [part.text for part in tree.iter() if part.text and part.text.strip() == text]
    # A title twice, 2 sentences, 2 lines, caption, 4 cells, heading, 2 items, remark, command, word
    # and meaning, and parameters' name and 2 values.
    assert len(said) >= 19
    assert len(list(tree.iter("script"))) == 2


def test_parameters_are_listed_by_the_names_that_lead_to_them():
    given = {
        "lam": 0.5,
        "none": None,
        "empty": [],
        "loop": {"rule": {"kind": "best", "of": [[1.0, 2.0], [3.0, 4.0]]}, "no": False},
        "names": ["a", "b"],
        "voters": [{"share": 0.5}],
        "long": "x" * 10_000,
    }
    answer = Answer("t", ("A.", "B."), [])
    tree = parsed(page(answer, command="recurate", parameters=given))
    pairs = {
        next(pair.iter("dt")).text: next(pair.iter("dd")).text
        for pair in tree.iter("div")
        if next(pair.iter("dt"), None) is not None
    }
    assert len(pairs.pop("long")) == 500
    assert pairs == {
        "lam": "0.5",
        "loop.rule.kind": "best",
        "loop.rule.of": "[ [ 1.0, 2.0 ], [ 3.0, 4.0 ] ]",
        "loop.no": "false",
        "names": "a, b",
        "voters": '[ { "share": 0.5 } ]',
    }


def test_words_that_are_used_are_explained_and_others_are_not():
    assert set(words_in(["the loop has KL 3 nats, K = 4"])) == {
        "loop",
        "K",
        "KL, divergence",
        "nat",
    }
    assert words_in(["Kim, knats and looping"]) == {}
    answer = prediction_answer(predicted(law(), replicates=4))
    for word in ("K", "λ", "log-odds", "fixed point", "bands", "envelope", "slack", "t"):
        assert word in answer.words
    assert not {"voter", "prompt", "z", "p-value", "replicate"} & set(answer.words)


def test_a_fixed_point_has_what_is_guaranteed_for_ever():
    two = RewardLaw([0.0, 1.0], groups=["plain", "liked"])
    table = RewardTable("t.csv", Asked(), two)
    loop = CurationLoop(two, K=4, lam=0.2)
    answer = fixed_point_answer(table, loop, loop.fixed_point())
    sections = {part.heading: part.lines for part in answer.told if isinstance(part, Section)}
    # Theorem 2.4 at λ = 0.2, K = 4: -log(1 - λ(K-1)) = log 2.5.
    assert (
        f"Theorem 2.4: KL is at most {math.log(2.5):.4f}, whatever the rewards"
        in (sections["Guaranteed by the theorems"])
    )
    shares = next(line for line in sections["Guaranteed whatever people choose"] if "group" in line)
    # The least share v keeps v = (1/2)/1.2 + (0.2/1.2) v^4, the largest is one minus that.
    least = 0.5 / 1.2
    for _ in range(60):
        least = 0.5 / 1.2 + 0.2 / 1.2 * least**4
    assert shares == (
        f"Envelope of shares: for ever group plain {least:.4f} to {1 - least:.4f}, group liked "
        f"{least:.4f} to {1 - least:.4f}"
    )

"""The charts of whole answers, and the page that holds them."""

import math
import re

import numpy as np
import pytest

from recurate import CurationLoop, RewardLaw, simulate_loop
from recurate.numerics.laws.levels import FIGURES
from recurate.pages.answer.answer import Answer, body, page
from recurate.pages.charts.of_prediction import MOST_SCORES, pictures_of_prediction
from recurate.pages.charts.of_simulation import pictures_of_simulation
from recurate.prediction import predict_loop
from recurate.printing.answers.prediction import tell_prediction
from recurate.printing.answers.simulation import Simulation
from recurate.printing.answers.told import Columns, Lines, Section
from recurate.printing.columns import Column
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable
from recurate.rules import BestOf

from ..inspected import HOSTILE, parsed, require_sound
from .drawn import band, of_class, readouts, require_inside, value


def predicted(law, *, steps=4, replicates=0, asked=None, **loop):
    loop = CurationLoop(law, **({"K": 3, "lam": 0.4} | loop))
    table = RewardTable("t.csv", asked or Asked(), law)
    return predict_loop(table, loop, steps=steps, replicates=replicates)


def a_law(size=200, seed=3, **more):
    rng = np.random.default_rng(seed)
    return RewardLaw(rng.normal(size=size), groups=rng.choice([*"abcdefg"], size), **more)


@pytest.fixture(scope="module")
def prediction():
    rng = np.random.default_rng(4)
    return predicted(a_law(scores={"length": rng.normal(size=200)}), replicates=50)


@pytest.fixture(scope="module")
def pictures(prediction):
    return {picture.title: picture for picture in pictures_of_prediction(prediction)}


def test_a_prediction_has_its_charts(pictures):
    assert list(pictures) == [
        "Expected reward",
        "Mean of length",
        "Shares of the groups that change most",
        "Divergence from the real data",
        "Samples with the best reward",
        "Expected weight e^r, relative to the best reward",
        "Rows that carry it (effective sample size)",
        "From the real data to where the loop goes",
    ]
    for picture in pictures.values():
        require_inside(picture) if "data to" not in picture.title else None
        assert len(picture.svg) < 30_000


def test_charts_of_figures_are_those_of_the_trajectory(prediction, pictures):
    run, limit, bands = prediction.trajectory, prediction.settlement.limit, prediction.bands
    for title, name, words in (
        ("Expected reward", "expected_reward", "expected reward"),
        ("Divergence from the real data", "kl_to_reference", "KL"),
        ("Samples with the best reward", "mass_at_max", "share"),
        ("Expected weight e^r, relative to the best reward", "expected_weight", "expected weight"),
        ("Mean of length", "score[length]", "mean of length"),
    ):
        found = readouts(pictures[title])
        values = run.expected_scores[:, 0] if "[" in name else getattr(run, name)
        at_limit = limit.expected_scores[0] if "[" in name else getattr(limit, name)
        for t in range(run.steps + 1):
            said = found[f"t = {t}"][words]
            assert value(said) == pytest.approx(values[t], rel=5e-6)
            ends = bands.low[name][t], bands.high[name][t]
            assert band(said) == pytest.approx(ends, rel=5e-4, abs=1e-12)
        assert value(found["fixed point"][words]) == pytest.approx(at_limit, rel=5e-6)


def test_charts_of_groups_are_those_of_the_trajectory(prediction, pictures):
    run, limit = prediction.trajectory, prediction.settlement.limit
    over_time = readouts(pictures["Shares of the groups that change most"])
    assert len(over_time["t = 0"]) == 5
    rows = readouts(pictures["From the real data to where the loop goes"])
    assert set(rows) == {*"abcdefg"}
    ends = prediction.any_choice(tuple(range(7))).ends
    for name, row in rows.items():
        i = run.law.group_names.index(name)
        shares = run.group_proportions[:, i]
        for t in range(run.steps + 1):
            if name in over_time["t = 0"]:
                assert value(over_time[f"t = {t}"][name]) == pytest.approx(shares[t], rel=5e-6)
        assert value(row["real data"]) == pytest.approx(shares[0], rel=5e-6)
        assert value(row["t = 4"]) == pytest.approx(shares[-1], rel=5e-6)
        assert value(row["fixed point"]) == pytest.approx(limit.group_proportions[i], rel=5e-6)
        low, high = map(float, row["whatever people choose, for ever"].split(" to "))
        assert (low, high) == pytest.approx(
            (ends.floor_for_ever[i], ends.ceiling_for_ever[i]), rel=5e-6
        )
        assert low <= shares.min() <= shares.max() <= high


def test_bounds_are_those_of_the_theorems(prediction, pictures):
    for guarantee in prediction.guarantees:
        title = {
            "kl_to_reference": "Divergence from the real data",
            "expected_weight": "Expected weight e^r, relative to the best reward",
        }[guarantee.figure]
        side = "at least" if guarantee.is_lower else "at most"
        words = readouts(pictures[title])["t = 3"][f"{side}, by {guarantee.statement.label}"]
        assert value(words) == pytest.approx(guarantee.bound[3], rel=5e-6)
    envelope = readouts(pictures["Divergence from the real data"])["t = 3"]
    divergence = prediction.any_choice(()).ends.divergence[3]
    assert value(envelope["at most, whatever people choose"]) == pytest.approx(divergence, rel=5e-6)


def test_what_the_rows_do_not_carry_is_shaded():
    # 120 rows, of which 100 effective ones are needed: only for few steps of a strong choice.
    prediction = predicted(a_law(120), K=2, lam=1.0, steps=10)
    until = prediction.trusted_until
    assert 0 <= until < 10
    reward, *_ = pictures_of_prediction(prediction)
    assert of_class(reward, "beyond")[-1].text == "too few rows from here on"
    none = predicted(a_law(50))
    assert none.trusted_until is None
    assert of_class(pictures_of_prediction(none)[0], "beyond")[-1].text == "too few rows"


@pytest.mark.parametrize(
    "loop",
    [
        {"K": 1, "lam": 1.0},
        {"K": math.inf, "lam": 2.0},
        {"K": 4, "lam": math.inf},
        {"K": 4, "lam": 0.0},
        {"K": None, "rule": BestOf(4), "lam": 0.5},
        {"K": None, "rule": BestOf(4), "lam": [1.0, 0.5, 0.5, 0.25]},
    ],
)
@pytest.mark.parametrize("prompts", [False, True])
def test_any_loop_has_charts(loop, prompts):
    law = a_law(60, prompts=[*"xyz"] * 20) if prompts else a_law(60)
    found = pictures_of_prediction(predicted(law, **loop))
    assert found[0].title == "Expected reward"
    for picture in found:
        if picture.title != "From the real data to where the loop goes":
            require_inside(picture)
            assert "no value" not in readouts(picture)["t = 4"].values()


def test_a_table_that_is_no_sample_and_has_no_groups_has_fewer_charts():
    law = RewardLaw([0.0, 1.0, 2.0])
    found = pictures_of_prediction(predicted(law, steps=0, asked=Asked(are_odds=False)))
    titles = [picture.title for picture in found]
    assert not any("group" in title or "real data to" in title for title in titles)
    assert set(readouts(found[0])) == {"t = 0", "fixed point"}
    units = [text.text for text in of_class(found[0], "unit")]
    assert units == ["reward"]


def test_many_followed_columns_have_some_charts():
    rng = np.random.default_rng(5)
    scores = {f"column {i}": rng.normal(size=200) for i in range(MOST_SCORES + 3)}
    titles = [one.title for one in pictures_of_prediction(predicted(a_law(scores=scores)))]
    assert sum(title.startswith("Mean of") for title in titles) == MOST_SCORES


def test_sampled_rows_have_estimates_and_bands():
    rng = np.random.default_rng(6)
    prompts = np.repeat(np.arange(150), 8)
    law = RewardLaw(
        rng.normal(size=prompts.size), prompts=prompts, groups=rng.choice([*"ab"], 1200)
    )
    loop = CurationLoop(law, K=2, lam=0.5)
    table = RewardTable("t.csv", Asked(), law)
    found = predict_loop(table, loop, steps=3, replicates=0, rows="sampled")
    reward, shares, divergence = pictures_of_prediction(found)
    for picture, name, words in (
        (reward, "expected_reward", "expected reward"),
        (divergence, "kl_to_reference", "KL"),
        (shares, found.trajectory.proportion_labels[0], "a"),
    ):
        said = readouts(picture)["t = 1"][words]
        estimates, low, high = found.estimates[name]
        assert value(said) == pytest.approx(estimates[1], rel=5e-6)
        assert band(said) == pytest.approx((low[1], high[1]), rel=5e-4)
        assert "fixed point" not in readouts(picture)


@pytest.mark.parametrize("replicates", [1, 3])
def test_a_simulation_is_drawn_about_the_exact_loop(replicates):
    law = a_law(80)
    loop = CurationLoop(law, K=3, lam=1.0)
    run = simulate_loop(loop, steps=3, n_generated=400, replicates=replicates, rng=0)
    simulation = Simulation.of(RewardTable("t.csv", Asked(), law), loop, run)
    pictures = pictures_of_simulation(simulation)
    reward = readouts(pictures[0])
    for t in range(4):
        assert value(reward[f"t = {t}"]["exact"]) == pytest.approx(
            simulation.exact.expected_reward[t], rel=5e-6
        )
        said = reward[f"t = {t}"]["mean of the replicates"]
        own = run.figures[:, t, FIGURES.index("expected_reward")]
        assert value(said) == pytest.approx(own.mean(), rel=5e-6)
        if replicates > 1:
            half = 2 * own.std(ddof=1) / math.sqrt(replicates)
            assert band(said) == pytest.approx((own.mean() - half, own.mean() + half), rel=5e-4)
    assert [p.title for p in pictures if p.title.startswith("Share of")] == [
        f"Share of {law.group_names[i]}"
        for i in np.argsort(
            -np.abs(np.diff(simulation.exact.group_proportions[[0, -1]], axis=0)[0]), kind="stable"
        )[:3]
    ]
    has_band = any("standard errors" in key.text for key in pictures[0].keys)
    assert has_band == (replicates > 1)
    assert len(of_class(pictures[0], "path")) == (replicates if replicates > 1 else 0)
    for picture in pictures:
        require_inside(picture)


def test_the_page_of_an_answer_holds_hostile_names():
    law = RewardLaw(np.arange(30.0), groups=[HOSTILE, "b", "c"] * 10)
    prediction = predicted(law)
    answer = Answer(
        HOSTILE, (HOSTILE,), tell_prediction(prediction), pictures_of_prediction(prediction)
    )
    text = page(answer, command=HOSTILE, parameters={HOSTILE: HOSTILE})
    require_sound(text)
    assert "<img" not in text
    assert len(re.findall("<script", text)) == 2  # those of the page
    assert len(text) < 300_000


def test_the_body_shows_the_parts_in_their_order():
    columns = [Column("t", ["0", "1"]), Column("E[r]", ["0.5", "<b>"])]
    told = [
        Lines(("what was read",)),
        Columns.of(columns),
        Lines(("what it means",), is_dim=True),
        Section("Guaranteed", ("a theorem",)),
    ]
    picture = pictures_of_prediction(predicted(a_law()))[0]
    text = str(body(Answer("Title", ("One.", "Two."), told, [picture])))
    order = ["One.", "Two.", "what was read", "<svg", "<table", "what it means", "Guaranteed"]
    assert [text.index(words) for words in order] == sorted(map(text.index, order))
    tree = parsed(f'<!DOCTYPE html>\n<html lang="en">{text}</html>')
    rows = [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]
    assert rows == [["t", "E[r]"], ["0", "0.5"], ["1", "<b>"]]
    heads = [cell.get("scope") for cell in tree.iter("th")]
    assert heads == ["col", "col", "row", "row"]

"""Pictures of a user's own run: caveats, and names that nobody expected."""

import json

import numpy as np
import pandas
import pytest
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg

from recurate import CurationLoop, RewardLaw
from recurate.figures.for_commands import panels, predicted_trajectory
from recurate.prediction import predict_loop
from recurate.printing.loops_as_json import prediction_json
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable

LONG = "x" * 150 + "y" * 50


def drawn(names, *, rows, source="a.csv", bands=0, lam=1.0, trusted="own"):
    """Draw the prediction of a table with these groups; return it and the figure."""
    rng = np.random.default_rng(0)
    law = RewardLaw(rng.random(rows), groups=[names[i % len(names)] for i in range(rows)])
    found = predict_loop(
        RewardTable(source, Asked(), law),
        CurationLoop(law, K=4, lam=lam),
        steps=3,
        replicates=bands,
    )
    figure = predicted_trajectory.draw(
        found.trajectory,
        bounds={},
        labels={},
        groups=found.most_changed_groups(predicted_trajectory.MOST_GROUPS),
        source=source,
        loop="K = 4, λ = 1",
        trusted_until=found.trusted_until if trusted == "own" else trusted,
        bands=found.bands,
        limit=found.settlement.limit,
    )
    return found, figure


def drawn_alone(found, trusted_until):
    """The picture of a prediction without its theorems and groups."""
    return predicted_trajectory.draw(
        found.trajectory,
        bounds={},
        labels={},
        groups=[],
        source="a.csv",
        loop="",
        trusted_until=trusted_until,
        bands=found.bands,
        limit=found.settlement.limit,
    )


def below(figure):
    """Return what is said below the panels, on one line."""
    return figure.legends[0].get_title().get_text().replace("\n", " ")


def test_a_picture_keeps_the_caveat():
    few, figure = drawn("ab", rows=50)
    assert few.trusted_until is None
    assert "not to be trusted at any step" in below(figure)
    many, figure = drawn("ab", rows=2_000, lam=0.3)
    assert many.trusted_until == 3
    assert "not to be trusted" not in below(figure)
    pure, figure = drawn("ab", rows=2_000, lam=np.inf)
    assert pure.trusted_until is not None
    assert "dotted: fixed point, not to be trusted" in below(figure)


@pytest.mark.parametrize(("bands", "level"), [(39, None), (40, 0.95)])
def test_bands_of_few_tables_are_not_called_95_percent(bands, level):
    found, figure = drawn("ab", rows=120, bands=bands)
    document = json.loads(prediction_json(found))["uncertainty"]
    assert (document["level"], document["replicates"]) == (level, bands)
    assert document["bands"] == ("range" if level is None else "quantiles")
    said = "range of 39 resampled tables" if level is None else "95% bootstrap bands"
    assert f"shades: {said};" in below(figure)


def test_names_are_drawn_as_they_are_or_readably(monkeypatch):
    monkeypatch.setattr(panels, "families", lambda: ["DejaVu Sans"])  # which has no Chinese
    panels._has_glyph.cache_clear()
    names = [LONG, LONG.replace("xy", "xzy"), "猫é", r"$\alpha$ \frac", "_under\x1b"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predicted_trajectory, "MOST_GROUPS", 5)
        _, figure = drawn(names, rows=60, source=f"{LONG}.csv")
        FigureCanvasAgg(figure).draw()
    panels._has_glyph.cache_clear()
    (legend,) = figure.legends
    shown = {text.get_text() for text in legend.get_texts()}
    short = "xxxxxxxxxxxx ... yyyyyyy"  # LONGEST_NAME characters
    assert shown == {f"{short} (1)", f"{short} (2)", r"\u732bé", r"$\alpha$ \frac", r" _under\x1b"}
    assert not any(text.get_parse_math() for text in legend.get_texts())
    assert figure.get_suptitle().endswith("yyyy.csv, K = 4, λ = 1")
    assert len(figure.get_suptitle()) < 80
    assert not figure._suptitle.get_parse_math()


def test_ten_groups_leave_the_curves_alone():
    names = [f"a group of some length {i}" for i in range(10)]
    _, figure = drawn(names, rows=200, bands=40)
    FigureCanvasAgg(figure).draw()  # which lays it out
    (legend,) = figure.legends
    box = legend.get_window_extent()
    whole = figure.bbox
    assert whole.x0 <= box.x0 < box.x1 <= whole.x1
    assert whole.y0 <= box.y0
    for axes in figure.axes:
        assert axes.get_legend() is None
        assert axes.get_tightbbox().y0 >= box.y1 - 1
        assert axes.bbox.width > whole.width / 4  # nothing pushed the panels out


def test_fonts_that_are_there_are_used():
    there = {entry.name for entry in font_manager.fontManager.ttflist}
    assert panels.families()[0] == "DejaVu Sans"
    assert set(panels.families()[1:]) == there & set(panels._FALLBACKS)
    assert panels.drawable("Русский ελλ") == "Русский ελλ"
    assert panels.drawable("a\nb\ud800") == r"a\nb\ud800"


def test_a_picture_without_groups_has_its_notes_too():
    law = RewardLaw(np.random.default_rng(0).random(50))
    found = predict_loop(
        RewardTable("a", Asked(), law), CurationLoop(law, K=2, lam=1.0), steps=2, replicates=0
    )
    figure = drawn_alone(found, None)
    assert "not to be trusted at any step" in figure.get_supxlabel()


SCORES = ["length", LONG, r"$\alpha$", "bell\a", "回答的长度" * 9, "huge", "7", "8"]


def with_scores(rows=80, prompts=None, bands=40):
    """A prediction that follows eight scores with all sorts of names and values."""
    rng = np.random.default_rng(0)
    scores = {name: rng.random(rows) for name in SCORES}
    scores["huge"] = np.where(rng.random(rows) < 0.5, 1.7e308, -1.7e308)
    scores["length"] = np.where(rng.random(rows) < 0.5, np.nan, 300 * rng.random(rows))
    law = RewardLaw(rng.random(rows), prompts=prompts, scores=scores)
    loop = CurationLoop(law, K=4, lam=1.0)
    return predict_loop(RewardTable("a.csv", Asked(), loop.law), loop, steps=3, replicates=bands)


def test_scores_have_panels_of_their_own():
    found = with_scores()
    figure = drawn_alone(found, 1)
    FigureCanvasAgg(figure).draw()  # which lays it out, and warns of what cannot be drawn
    assert "2 further scores are in the tables only; shades:" in figure.get_supxlabel()
    panels_of_scores = figure.axes[4:]
    assert len(panels_of_scores) == predicted_trajectory.MOST_SCORES == 6
    headings = [axes.title.get_text().split("; ")[0] for axes in panels_of_scores]
    assert headings[:4] == ["E[length]", "E[xxxxxxxxxx ... yyyyy]", r"E[$\alpha$]", r"E[bell\x07]"]
    assert max(map(len, headings)) <= 23
    for number, axes in enumerate(panels_of_scores):
        assert not axes.title.get_parse_math()
        limit = found.settlement.limit.expected_scores[number]
        assert axes.title.get_text().endswith(f"; fixed point {limit:.4g}")
        drawn_values = axes.lines[0].get_ydata()
        expected = found.trajectory.expected_scores[:, number].clip(-1e300, 1e300)
        assert drawn_values == pytest.approx(expected, rel=1e-12)
        assert axes.lines[-1].get_xdata() == [1, 1]  # the last trusted step
        (shade,) = axes.collections
        name = found.trajectory.score_labels[number]
        ends = shade.get_paths()[0].vertices[:, 1]
        assert ends.min() == found.bands.low[name].min().clip(-1e300)
        assert ends.max() == found.bands.high[name].max().clip(max=1e300)


def test_a_score_without_a_value_at_the_fixed_point_says_so():
    law = RewardLaw([0.0, 1.0, 2.0], scores={"s": [1.0, 2.0, np.nan]})
    loop = CurationLoop(law, K=4, lam=np.inf)
    found = predict_loop(RewardTable("a", Asked(), loop.law), loop, steps=2, replicates=0)
    figure = drawn_alone(found, None)
    FigureCanvasAgg(figure).draw()
    assert len(figure.axes) == 5
    assert figure.axes[4].get_title() == "E[s]; fixed point: no value"


@pytest.mark.parametrize("prompts", [None, list(range(8)) * 10])
def test_tables_and_json_have_scores_and_their_bands(tmp_path, prompts):
    found = with_scores(prompts=prompts)
    for name in ("trajectory.csv", "bands.csv"):
        with (tmp_path / name).open("wb") as file:
            found.writers[name](file)
    trajectory, bands = (
        pandas.read_csv(tmp_path / name) for name in ("trajectory.csv", "bands.csv")
    )
    document = json.loads(prediction_json(found))
    for number, name in enumerate(SCORES):
        column = found.trajectory.score_labels[number]
        values = found.trajectory.expected_scores[:, number]
        assert trajectory[column].to_numpy() == pytest.approx(values, rel=1e-15)
        low, high = bands[f"{column} low"].to_numpy(), bands[f"{column} high"].to_numpy()
        assert np.array_equal(low, found.bands.low[column])
        assert (low < high).all()
        assert document["trajectory"]["score_names"][number] == name
        assert document["uncertainty"]["low"][column] == low.tolist()
        assert document["uncertainty"]["high"][column] == high.tolist()


def test_one_prompt_has_no_bands():
    assert with_scores(prompts=["the only one"] * 80).bands is None


@pytest.mark.parametrize(
    ("bands", "said"), [(200, "95% bootstrap bands"), (40, "range of 40 resampled tables")]
)
def test_bands_over_prompts_are_called_so(bands, said):
    # Bands of eight prompts are as wide as Student's: 40 tables have no such quantiles.
    figure = drawn_alone(with_scores(prompts=list(range(8)) * 10, bands=bands), 3)
    assert f"shades: {said}, of prompts" in figure.get_supxlabel()

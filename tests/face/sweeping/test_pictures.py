"""Pictures of a sweep: what is drawn is what the table says, and names are drawn as text."""

import io
import math
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LogNorm

from recurate import RewardLaw, sweep
from recurate.figures.for_commands.sweep import MOST_PANELS
from recurate.rules import BestOf, BradleyTerry, TopShare
from recurate.sweeping.pictures import frontier, heat_maps

RNG = np.random.default_rng(0)
LAW = RewardLaw(RNG.normal(size=50), groups=["a", "b"] * 25)


@pytest.fixture(scope="module")
def swept():
    return sweep(
        {"x": LAW, "$y_1$ <b>\n\x1b[31m 审": RewardLaw(RNG.exponential(size=30))},
        K=[16, math.inf, 2],
        lam=[1.0, 0.1, 0.01, math.inf],
        steps=4,
    )


def texts_overlap(figure, axes):
    """Return whether two texts of a panel's axes or titles lie over one another."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    boxes = []
    for one in axes:
        for text in (one.title, *one.get_xticklabels()):
            if text.get_text():
                boxes.append(text.get_window_extent(canvas.get_renderer()))
    return any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


@pytest.mark.parametrize("t", [4.0, math.inf])
def test_a_heat_map_shows_the_table(swept, t):
    figure = heat_maps(swept, "kl_to_reference", t)
    *panels, bar = figure.axes
    assert len(panels) == 2
    assert not texts_overlap(figure, panels)
    for axes, table in zip(panels, ("x", "$y_1$ <b>\n\x1b[31m 审"), strict=True):
        assert [label.get_text() for label in axes.get_yticklabels()] == ["2", "16", "∞"]
        assert [label.get_text() for label in axes.get_xticklabels()] == ["0.01", "0.1", "1", "∞"]
        (image,) = axes.images
        assert isinstance(image.norm, LogNorm)
        written = np.array([float(text.get_text()) for text in axes.texts]).reshape(3, 4)
        of = swept.columns
        for row, K in enumerate((2.0, 16.0, math.inf)):
            for column, lam in enumerate((0.01, 0.1, 1.0, math.inf)):
                is_one = (of["table"] == table) & (of["t"] == t) & (of["K"] == K)
                (value,) = of["kl_to_reference"][is_one & (of["lam"] == lam)]
                assert written[row, column] == pytest.approx(value, rel=0.05)
                if image.norm.vmin <= value <= image.norm.vmax:
                    assert image.get_array()[row, column] == value
    assert bar.get_ylabel() == "KL to the real data (nats)"
    titles = [axes.get_title() for axes in panels]
    assert titles[0] == "x"
    assert "\x1b" not in titles[1]
    assert "\n" not in titles[1]
    assert not panels[1].title.get_parse_math()


def test_what_is_missing_is_grey_and_said(swept):
    figure = heat_maps(swept, "proportion[a]", 4.0)
    first, second, _ = figure.axes
    assert len(first.texts) == 12
    assert not second.texts
    assert "grey: no such loop, or no such value" in figure.get_supxlabel()
    assert not any(
        "grey" in text for text in [heat_maps(swept, "mass_at_max", 4.0).get_supxlabel()]
    )


def test_panels_are_told_apart_by_their_titles():
    # A title of a panel that has no room in one line loses neither its rule nor its scale.
    long = "the rewards of a long name.csv"
    found = sweep(
        {long: LAW, "x": LAW}, K=2, lam=[0.5, 1.0, 2.0], rule=[BradleyTerry, BestOf],
        scale=[0.5, 2.0], steps=1, fixed_points=False,
    )  # fmt: skip
    for figure in (heat_maps(found, "kl_to_reference", 1.0), frontier(found, 1.0, None)):
        titles = [axes.get_title() for axes in figure.axes[:8]]
        assert titles[-1] == "best, scale 2, x"
        assert titles[0].splitlines()[0] == "bradley-terry, scale 0.5"
        assert titles[0].splitlines()[1].startswith("the rewards ")
        assert len(set(titles)) == 8
        assert not texts_overlap(figure, figure.axes[:8])
        assert figure.get_suptitle() == "2 tables, t = 1"
    one = sweep({long: LAW}, K=2, lam=1.0, rule=BestOf, scale=0.5, steps=1, fixed_points=False)
    title = heat_maps(one, "kl_to_reference", 1.0).get_suptitle()
    assert title == f"{long}, best, scale 0.5, t = 1"


def test_many_cells_have_some_ticks_and_no_numbers():
    found = sweep(LAW, K=range(1, 31), lam=np.geomspace(1e-3, 1e3, 40), steps=0, fixed_points=False)
    figure = heat_maps(found, "expected_reward", 0.0)
    axes, _ = figure.axes
    assert axes.images[0].get_array().shape == (30, 40)
    assert not axes.texts
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert 8 <= len(labels) <= 12
    assert (labels[0], labels[-1]) == ("0.001", "1000")
    assert not texts_overlap(figure, [axes])


def test_a_loop_without_candidates_has_one_row():
    found = sweep(LAW, rule=[TopShare(0.5), TopShare(0.25)], real_fraction=[0.5, 0.25], steps=1)
    figure = heat_maps(found, "mass_at_max", math.inf)
    for axes, title in zip(figure.axes, ("TopShare(0.5)", "TopShare(0.25)"), strict=False):
        assert axes.get_title() == title
        assert axes.images[0].get_array().shape == (1, 2)
        assert axes.get_ylabel() == ""
        assert axes.get_xlabel() == "share of real data"
    labels = [text.get_text() for text in frontier(found, 1.0, None).legends[0].get_texts()]
    assert labels[:2] == ["real = 0.25", "real = 0.5"]


def test_a_frontier_along_lam_shows_the_table(swept):
    figure = frontier(swept, math.inf, 0.3)
    first, _ = figure.axes
    assert not texts_overlap(figure, figure.axes)
    of, lines = swept.columns, {line.get_label(): line for line in first.lines}
    legend = figure.legends[0]
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == [
        "K = 2",
        "K = 16",
        "K = ∞",
        "best of n, one choice",
        "largest reward there is",
    ]
    assert "λ = 0.01, 0.1, 1, ∞" in legend.get_title().get_text()
    for line, K in zip(first.lines, (2.0, 16.0, math.inf), strict=False):
        rows = [
            np.flatnonzero(
                (of["table"] == "x") & (of["K"] == K) & (of["lam"] == lam) & (of["t"] == math.inf)
            )[0]
            for lam in (0.01, 0.1, 1.0, math.inf)
        ]
        assert line.get_xdata().tolist() == of["kl_to_reference"][rows].tolist()
        assert line.get_ydata().tolist() == of["expected_reward"][rows].tolist()
    best, largest, mark = list(lines.values())[-3:]
    assert list(mark.get_xdata()) == [0.3, 0.3]
    # All loops, and the best of n, are below the largest reward at their divergence.
    for line in (*first.lines[:3], best):
        x = line.get_xdata()
        most = np.interp(np.sqrt(x), np.sqrt(largest.get_xdata()), largest.get_ydata())
        assert (line.get_ydata() <= most + 2e-3).all()


def test_a_frontier_of_the_pure_loop_with_all_candidates_is_that_of_gibbs():
    figure = frontier(sweep(LAW, K=math.inf, lam=math.inf, steps=6), 6.0, None)
    line, _, largest = figure.axes[0].lines
    *divergences, last = line.get_xdata()
    # p_t is p_ref tilted by e^{tr}: KL = t E_t[r] - log E_ref[e^{tr}]; of 50 rewards one is best.
    for t, found in enumerate(divergences):
        tilted = np.exp(t * LAW.rewards)
        mean = tilted @ LAW.rewards / tilted.sum()
        assert line.get_ydata()[t] == pytest.approx(mean, rel=1e-12, abs=1e-14)
        assert found == pytest.approx(t * mean - math.log(tilted.mean()), rel=1e-12, abs=1e-14)
        # It is on the curve beside it, which is concave over the root of the divergence.
        of_curve = (np.sqrt(largest.get_xdata()), largest.get_ydata())
        assert np.interp(math.sqrt(max(found, 0)), *of_curve) == pytest.approx(mean, abs=2e-3)
    assert (last, line.get_ydata()[-1]) == (pytest.approx(math.log(50)), LAW.max_reward)


def test_the_curves_of_a_frontier_go_to_the_end_of_the_panel():
    # Also where the best of two is beyond it: at a divergence of 0.19 here.
    found = sweep(LAW, K=2, lam=[0.5, 1.0, 2.0], steps=1)
    (axes,) = frontier(found, 1.0, None).axes
    line, best_of_n, largest = axes.lines
    end = axes.get_xlim()[1]
    assert max(line.get_xdata()) < end < 0.05
    for curve in (best_of_n, largest):
        x, y = curve.get_data()
        assert x[-1] == end
        assert y[-1] == pytest.approx(line.get_ydata()[-1], rel=0.1)


def test_a_frontier_of_one_choice_of_the_best_is_the_curve_beside_it():
    found = sweep(LAW, K=[2, 3, 64], rule=BestOf, lam=math.inf, steps=1, fixed_points=False)
    *lines, curve, _ = frontier(found, 1.0, None).axes[0].lines
    for n, line in zip((2, 3, 64), lines, strict=True):
        # The i-th of 50 untied rewards is the best of n with chance (i/50)^n - ((i-1)/50)^n.
        chances = np.diff((np.arange(51) / 50) ** n)
        expected = chances @ np.log(50 * chances), chances @ np.sort(LAW.rewards)
        point = line.get_xdata()[1], line.get_ydata()[1]
        assert point == pytest.approx(expected, rel=1e-12)
        assert point[0] <= math.log(n) - (n - 1) / n  # best-of-n-formula
        of_curve = list(zip(curve.get_xdata(), curve.get_ydata(), strict=True))
        assert any(one == pytest.approx(expected, rel=1e-12) for one in of_curve)


def test_a_frontier_along_t_has_a_line_for_each_loop():
    found = sweep(LAW, K=[2, 4], lam=[0.5, math.inf], steps=6)
    figure = frontier(found, 6.0, None)
    (axes,) = figure.axes
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    expected = [f"K = {K}, λ = {lam}" for K in (2, 4) for lam in ("0.5", "∞")]
    assert labels[:4] == expected
    of = found.columns
    for line, (K, lam) in zip(
        axes.lines, [(K, lam) for K in (2, 4) for lam in (0.5, math.inf)], strict=False
    ):
        is_one = (of["K"] == K) & (of["lam"] == lam)
        assert line.get_xdata().tolist() == of["kl_to_reference"][is_one].tolist()
    assert "t = 0, …, 6, and the fixed point" in figure.legends[0].get_title().get_text()
    alone = sweep(LAW, K=1, lam=1.0, steps=1)  # at the real data for ever
    frontier(alone, 1.0, 0.0)


def test_further_panels_are_in_the_table_only():
    laws = {f"table {number}": LAW for number in range(MOST_PANELS + 2)}
    found = sweep(laws, K=2, lam=[0.5, 1.0, 2.0], steps=1, fixed_points=False)
    heat, lines = heat_maps(found, "kl_to_reference", 1.0), frontier(found, 1.0, None)
    assert len(heat.axes) == MOST_PANELS + 1
    assert "2 further panels are in the table only" in heat.get_supxlabel()
    assert len(lines.axes) == MOST_PANELS
    assert "2 further panels" in lines.legends[0].get_title().get_text()


def test_a_density_has_no_curves_to_compare_with():
    law = RewardLaw.from_density(lambda w: 2 * (1 - w), support=(0, 1), of="weight")
    found = sweep(law, K=[2, 4], lam=[0.5, 1.0, 2.0], steps=2, fixed_points=False)
    (axes,) = frontier(found, 2.0, None).axes
    assert len(axes.lines) == 2


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_pictures_are_the_same_bytes_each_time(swept, tmp_path, ending):
    for draw in (swept.plot, swept.plot_frontier):
        path, file = tmp_path / f"x.{ending}", io.BytesIO()
        draw(path)
        draw(file, ending=ending)
        assert path.read_bytes() == file.getvalue()
        if ending == "svg":
            ElementTree.fromstring(file.getvalue())
    with pytest.raises(ValueError, match=r"path must end in \.png"):
        swept.plot(tmp_path / "x.gif")


def test_a_figure_or_step_that_is_not_there_is_refused(swept, tmp_path):
    with pytest.raises(ValueError, match=r"figure must be one of 'expected_weight', .*; got 'lam'"):
        swept.plot(tmp_path / "x.png", "lam")
    for t in (5, -1, 0.5, math.nan, "a"):
        with pytest.raises(ValueError, match="t must be an integer from 0 to 4, or inf for the fi"):
            swept.plot_frontier(tmp_path / "x.png", t)
    with pytest.raises(ValueError, match="max_kl must be a number of at least 0 or infinity"):
        swept.plot_frontier(tmp_path / "x.png", max_kl=math.nan)
    found = sweep(LAW, K=2, lam=1.0, steps=1, fixed_points=False, rule=[BradleyTerry, BestOf])
    with pytest.raises(ValueError, match="from 0 to 1; got inf"):
        found.plot(tmp_path / "x.png", t=math.inf)
    assert not list(tmp_path.iterdir())

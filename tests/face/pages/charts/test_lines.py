"""Charts over t: what is drawn and what the pointer finds are the values, and nothing is lost."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recurate import CurationLoop, RewardLaw, bootstrap_bands
from recurate.pages.charts.lines import lines
from recurate.pages.charts.over_steps import MOST_PLACES, Frame, Series
from recurate.pages.charts.picture import BOTTOM, TOP, WIDTH
from recurate.pages.charts.scales import LARGEST

from ..inspected import HOSTILE
from .drawn import (
    band,
    height,
    of_class,
    places_drawn,
    points,
    readouts,
    require_inside,
    tree,
    upward,
    value,
)

UNIT = 0.05 + 1e-6  # coordinates are written to a tenth


def chart(*values, **more):
    series = [Series(f"series {i}", np.array(v, float), colour=i) for i, v in enumerate(values)]
    return lines("Title", "nats", series, **more)


@pytest.fixture(scope="module")
def run():
    rng = np.random.default_rng(0)
    loop = CurationLoop(RewardLaw(rng.normal(size=300)), K=4, lam=0.5)
    trajectory = loop.run(steps=12)
    return trajectory, bootstrap_bands(loop, trajectory, rng=0), loop.fixed_point()


def test_readouts_are_the_values_of_the_trajectory(run):
    trajectory, bands, limit = run
    values, low, high = (
        part["expected_reward"]
        for part in ({"expected_reward": trajectory.expected_reward}, bands.low, bands.high)
    )
    found = readouts(
        lines("R", "", [Series("reward", values, low, high, limit=limit.expected_reward)])
    )
    assert list(found) == [*(f"t = {t}" for t in range(13)), "fixed point"]
    for t in range(13):
        words = found[f"t = {t}"]["reward"]
        assert value(words) == pytest.approx(values[t], rel=5e-6)  # six digits
        assert band(words) == pytest.approx((low[t], high[t]), rel=5e-4)  # four digits
    assert value(found["fixed point"]["reward"]) == pytest.approx(limit.expected_reward, rel=5e-6)


def test_lines_and_bands_lie_where_the_ticks_say(run):
    trajectory, bands, limit = run
    ends = bands.low["kl_to_reference"], bands.high["kl_to_reference"]
    values = trajectory.kl_to_reference
    picture = lines("D", "nats", [Series("KL", values, *ends, limit=limit.kl_to_reference)])
    back = upward(picture)
    tenth = abs(back(0.0) - back(0.1))
    (curve,) = of_class(picture, "curve")
    assert [back(y) for _, y in points(curve)] == pytest.approx(values, abs=2 * tenth)
    (area,) = of_class(picture, "band")
    drawn = [back(y) for _, y in points(area)]
    assert drawn[:13] == pytest.approx(ends[1], abs=2 * tenth)
    assert drawn[:12:-1] == pytest.approx(ends[0], abs=2 * tenth)
    (towards,) = of_class(picture, "towards")
    assert back(points(towards)[-1][1]) == pytest.approx(limit.kl_to_reference, abs=2 * tenth)
    # KL grows, and so does the line.
    heights = [y for _, y in points(curve)]
    assert heights == sorted(heights, reverse=True)
    require_inside(picture)


SERIES = arrays(
    float,
    st.integers(1, 60),
    elements=st.one_of(
        st.floats(-1e6, 1e6),
        st.floats(allow_nan=True, allow_infinity=True),
        st.sampled_from([0.0, 1.0, math.nan, 5e-324, 1e308]),
    ),
)


@given(SERIES, st.floats(), st.booleans())
def test_what_is_drawn_is_inside_and_leads_back_to_its_value(values, limit, is_log):
    series = [Series("a", values, limit=limit)]
    picture = lines("T", "u", series, may_be_log=is_log)
    frame = Frame.of(series, (-math.inf, math.inf), is_log)
    require_inside(picture)
    # What is for ever stands right of the axis.
    drawn = {x: y for x, y in places_drawn(picture) if x <= frame.right}
    at = {round(frame.x.place(t), 1): t for t in range(values.size)}
    clipped = values.clip(-LARGEST, LARGEST)
    for x, y in drawn.items():
        assert y == pytest.approx(frame.y.place(clipped[at[x]]), abs=UNIT)
    has_place = np.isfinite(values) & (~frame.y.is_log | (values > 1 / LARGEST))
    assert {at[x] for x in drawn} >= set(np.flatnonzero(has_place))


@given(SERIES, SERIES)
def test_bounds_do_not_leave_the_chart(values, bound):
    bound = np.resize(bound, values.size)
    require_inside(lines("T", "u", [Series("a", values), Series("b", bound, kind="bound")]))


@given(SERIES)
def test_larger_values_are_never_lower(values):
    frame = Frame.of([Series("a", values)], (-math.inf, math.inf), False)
    held = sorted(float(v) for v in values if frame.y.holds(float(v)))
    places = [frame.y.place(v) for v in held]
    assert places == sorted(places, reverse=True)


@given(
    st.floats(-1e300, 1e300),
    st.floats(-1e300, 1e300),
    st.booleans(),
)
def test_ticks_are_on_the_axis_in_order_and_tell_themselves_apart(one, other, is_log):
    if is_log:
        one, other = abs(one), abs(other)
    scale = Frame.of([Series("a", np.array([one, other]))], (-math.inf, math.inf), is_log).y
    ticks = scale.ticks()
    assert 2 <= len(ticks) <= 7
    assert len({label for _, label in ticks}) == len(ticks)
    places = [scale.place(tick) for tick, _ in ticks]
    assert places == sorted(places, reverse=True)
    assert all(TOP - 0.1 <= place <= height(chart([0.0])) - BOTTOM + 0.1 for place in places)


def test_a_gap_parts_the_line_and_what_stands_alone_is_a_point():
    picture = chart([1.0, 2.0, math.nan, 3.0, math.nan, 4.0, 5.0, 6.0] * 5)
    lengths = {len(points(line)) for line in of_class(picture, "curve")}
    assert lengths == {2, 5, 3}  # 1, 2; 4, 5, 6 and again 1, 2; and the last 4, 5, 6
    assert len(of_class(picture, "mark")) == 5
    assert readouts(picture)["t = 2"] == {"series 0": "no value"}


def test_one_step_is_a_point_in_the_middle():
    picture = chart([3.0])
    assert not of_class(picture, "curve")
    ((x, y),) = places_drawn(picture)
    assert upward(picture)(y) == pytest.approx(3.0, abs=0.01)
    (place,) = of_class(picture, "place")
    assert float(place.get("x")) < x < float(place.get("x")) + float(place.get("width"))
    assert readouts(picture) == {"t = 0": {"series 0": "3"}}


@pytest.mark.parametrize("constant", [0.0, 1.0, -2.5e9, 1e-12, 1e300])
def test_what_does_not_move_is_a_level_line_off_the_edges(constant):
    picture = chart([constant] * 6)
    heights = {y for _, y in points(of_class(picture, "curve")[0])}
    assert len(heights) == 1
    assert TOP + 20 < heights.pop() < height(picture) - BOTTOM - 20


def test_nothing_known_is_an_empty_chart():
    picture = chart([math.nan] * 3)
    assert not places_drawn(picture)
    assert set(readouts(picture)["t = 1"].values()) == {"no value"}


def test_many_steps_keep_their_extremes_and_exact_values():
    t = np.arange(10_001)
    values = np.sin(t / 500)
    values[1_234], values[8_765] = 5.0, -7.0
    picture = chart(values)
    found = readouts(picture)
    assert len(found) == MOST_PLACES + 1
    for heading, words in found.items():
        step = int(heading.removeprefix("t = ").replace(",", ""))
        assert value(words["series 0"]) == pytest.approx(values[step], rel=5e-6, abs=1e-12)
    back, drawn = upward(picture), points(of_class(picture, "curve")[0])
    assert max(back(y) for _, y in drawn) == pytest.approx(5.0, abs=0.02)
    assert min(back(y) for _, y in drawn) == pytest.approx(-7.0, abs=0.02)
    assert [x for x, _ in drawn] == sorted(x for x, _ in drawn)
    assert len(picture.svg) < 60_000
    places = of_class(picture, "place")
    ends = [(float(p.get("x")), float(p.get("x")) + float(p.get("width"))) for p in places]
    # The pointer finds a value everywhere: no place begins after the one before has ended.
    assert all(b[0] <= a[1] + 0.15 for a, b in itertools.pairwise(ends))


def test_a_figure_over_decades_has_a_logarithmic_axis_where_it_may():
    values = np.append(0.0, 10.0 ** np.arange(-5.0, 1.0))
    picture = chart(values, may_be_log=True)
    drawn = points(of_class(picture, "curve")[0])
    assert len(drawn) == 6  # 0 has no place, but a readout
    assert np.ptp(np.diff([y for _, y in drawn])) < 0.11  # each decade is as high
    assert readouts(picture)["t = 0"] == {"series 0": "0"}
    labels = [text.text for text in of_class(picture, "tick")]
    assert "10⁻⁴" in labels
    plain = points(of_class(chart(values), "curve")[0])
    assert len(plain) == 7


def test_axis_does_not_pass_what_values_cannot():
    shares = upward(chart([0.02, 0.97], ends=(0.0, 1.0)))
    picture_height = height(chart([0.0]))
    assert shares(TOP) == pytest.approx(1.0, abs=2e-3)
    assert shares(picture_height - BOTTOM) == pytest.approx(0.0, abs=2e-3)


def bounded(bound, **more):
    series = [
        Series("curve", np.array([0.0, 1.0, 2.0])),
        Series("at most", np.array(bound), kind="bound"),
    ]
    return lines("T", "u", series, **more)


def test_a_bound_is_drawn_if_near_and_named_if_far():
    near = bounded([math.nan, 2.5, 3.0])
    back = upward(near)
    drawn = [back(y) for _, y in points(of_class(near, "bound")[0])]
    assert drawn == pytest.approx([2.5, 3.0], abs=0.02)
    far = bounded([50.0] * 3)
    assert not of_class(far, "bound")
    assert far.keys[1].text == "at most (above this chart)"
    assert readouts(far)["t = 2"] == {"curve": "2", "at most": "50"}
    below = bounded([-50.0] * 3)
    assert below.keys[1].text == "at most (below this chart)"


def test_a_bound_that_leaves_the_chart_is_cut_at_its_end():
    picture = bounded([0.0, 10.0, 100.0])
    (x0, _y0), (x1, y1) = points(of_class(picture, "bound")[0])
    steps = [x for x, _ in points(of_class(picture, "curve")[0])]
    assert y1 == TOP
    # On the way to 10 at t = 1, at the height of the chart's end.
    assert (x1 - x0) / (steps[1] - steps[0]) == pytest.approx(upward(picture)(TOP) / 10, abs=5e-3)
    assert picture.keys[1].text == "at most"
    require_inside(picture)


def test_a_far_limit_is_an_arrow_with_its_value():
    series = Series("a", np.array([0.0, 1.0]), limit=1e6)
    picture = lines("T", "u", [series])
    assert of_class(picture, "away")
    assert not of_class(picture, "limit")
    assert readouts(picture)["fixed point"] == {"a": "1e+06"}
    near = lines("T", "u", [Series("a", np.array([0.0, 1.0]), limit=1.5)])
    assert of_class(near, "limit")
    assert not of_class(near, "away")


@pytest.mark.parametrize(("until", "first"), [(2, 2), (-1, 0)])
def test_steps_that_are_not_trusted_are_shaded(until, first):
    picture = chart([0.0, 1.0, 2.0, 3.0, 4.0], trusted_until=until, beyond="too few rows")
    shade, words = of_class(picture, "beyond")
    steps = [x for x, _ in points(of_class(picture, "curve")[0])]
    assert float(shade.get("x")) == pytest.approx(steps[first], abs=0.1)
    assert float(shade.get("x")) + float(shade.get("width")) >= steps[-1]
    assert words.text == "too few rows"
    assert not of_class(chart([0.0, 1.0], trusted_until=1, beyond="x"), "beyond")


def test_hostile_names_stay_text():
    name = HOSTILE.replace("\x00", "").replace("\x1b", "").replace("\u202e", "")
    series = Series(name, np.array([1.0, 2.0]))
    picture = lines(name, name, [series, Series("b", np.array([1.0, 2.0]))], caption=name)
    assert {e.tag for e in tree(picture).iter()} <= {
        *("svg", "g", "rect", "title", "line", "text", "polyline", "circle", "path")
    }
    assert name in readouts(picture)["t = 0"]
    assert tree(picture).get("aria-label").startswith(name)


def test_control_characters_are_escaped():
    picture = lines(HOSTILE, HOSTILE, [Series(HOSTILE, np.array([1.0, 2.0]))])
    assert not {"\x00", "\x1b", "\u202e"} & set(picture.svg)
    tree(picture)


def test_a_chart_is_the_same_each_time_and_has_its_words():
    values = [0.1, 0.2, 0.4]
    assert chart(values).svg == chart(values).svg
    root = tree(chart(values, caption="It grows."))
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Title. It grows."
    assert root.get("viewBox") == f"0 0 {WIDTH:g} 292"
    assert root.get("width") is None
    words = {text.text for text in of_class(chart(values), "label")}
    assert words == {"retraining step t"}


def test_legend_tells_series_apart_by_more_than_colour():
    assert chart([1.0, 2.0]).keys == ()
    picture = chart(*([float(i), 2.0 + i] for i in range(5)))
    assert [key.text for key in picture.keys] == [f"series {i}" for i in range(5)]
    marks = list(of_class(picture, "mark"))
    shapes = {(e.tag, e.get("d")) for e in marks}
    assert len(shapes) == 5
    long = chart(*(np.arange(300.0) + i for i in range(2)))
    assert 4 <= len(of_class(long, "mark", "s1")) <= 12
    assert tree(long).get("data-series") == "2"

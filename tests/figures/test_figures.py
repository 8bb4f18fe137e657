"""The figures themselves: agreement, densities of mass one, captions, and data that draw alone."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

from recurate.figures.catalogue import FIGURES
from recurate.figures.making import style
from recurate.figures.making.make import make
from recurate.figures.making.recipe import SCALES, Run
from recurate.figures.making.table import read_table
from recurate.figures.of_the_theory import candidates_to_infinity, fixed_point_densities
from recurate.figures.shared.eight_gaussians import EightGaussians, PolarRule
from recurate.figures.shared.laws import gauss_legendre, uniform_rewards
from recurate.numerics.loop import CurationLoop
from recurate.theory.language.special_functions import optimal_divergence

from .drawn import in_tables, numbers, tables_of

NAMES = list(FIGURES)
THEORY = [name for name, recipe in FIGURES.items() if not recipe.uses_device and not recipe.needs]


FEWER = {
    "condensation_phases": {"numbers_of_candidates": 4, "points": 6},
    "divergence_bounds": {"points": 7},
    "fixed_point_densities": {"lam_points": 8},
}
"""Points of the same curves, for figures with a fixed point at each."""


def small(name):
    """Return a figure of the scale smoke with fewer points."""
    recipe = FIGURES[name]
    return replace(recipe, parameters={"smoke": recipe.parameters["smoke"] | FEWER.get(name, {})})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All figures that train no model, small, pictures as PNG only."""
    path = tmp_path_factory.mktemp("figures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "FORMATS", ("png",))
        for name in THEORY:
            make(small(name), path, scale="smoke")
    return path


@pytest.mark.parametrize("name", THEORY)
def test_a_figure_agrees_with_its_theory(name, folder):
    recipe = small(name)
    found = recipe.agreement(tables_of(recipe, folder), recipe.parameters["smoke"])
    assert found.allowed is not None
    assert found.reason
    assert 0 <= found.value <= found.allowed


@pytest.mark.parametrize("name", NAMES)
def test_every_scale_has_the_same_parameters(name):
    recipe = FIGURES[name]
    assert recipe.name == name
    assert list(recipe.parameters) == list(SCALES)
    assert len({tuple(recipe.parameters[scale]) for scale in SCALES}) == 1


def test_every_figure_is_in_the_documents():
    page = (Path(__file__).parents[2] / "docs" / "figures.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \| .* \| .* \|$", page, re.MULTILINE)[: len(NAMES)] == NAMES


@pytest.mark.parametrize("name", [name for name in THEORY if name != "divergence_bounds"])
def test_two_runs_write_the_same_data(name, folder, tmp_path):
    recipe = small(name)
    tables = {}
    for table, compute in recipe.tables.items():
        parameters = recipe.parameters["smoke"]
        run = Run(parameters, dict(tables), "cpu", tmp_path, tmp_path, lambda *_: None)
        tables[table] = compute(run)
        kept = read_table(folder / recipe.file_of(table))
        for column, values in tables[table].columns.items():
            np.testing.assert_array_equal(values, kept[column], err_msg=column)


@pytest.mark.parametrize("name", THEORY)
def test_what_is_drawn_is_in_the_data(name, folder):
    """Each number of a curve and of a picture's cells is a column's, or a product of two."""
    recipe = small(name)
    tables = tables_of(recipe, folder)
    with style.styled():
        figure = recipe.draw(tables, recipe.parameters["smoke"])
    known = in_tables(tables)
    found = tables.get("errors")
    if found is not None:  # which is drawn times K
        times = [found["K"] * found[c] for c in ("curated", "next_order", "settled")]
        known = np.concatenate([known, *times])
    drawn = numbers(figure)
    assert drawn.size
    assert np.isin(drawn, known).all()


@pytest.mark.parametrize("name", THEORY)
def test_captions_and_titles_are_text(name, folder):
    recipe = small(name)
    text = recipe.caption(tables_of(recipe, folder), recipe.parameters["smoke"])
    assert text.endswith(".")
    assert "nan" not in text
    assert "inf " not in text


def test_the_limit_caption_has_the_disc_s_masses(folder):
    recipe = FIGURES["limit_density"]
    text = recipe.caption(tables_of(FIGURES["limit_density"], folder), recipe.parameters["smoke"])
    # In the disc of two standard deviations about its centre a Gaussian has 1 - e^-2 of its mass;
    # the other centres, three units away and more, add less than 1e-4.
    assert (1 - math.exp(-2)) / 8 == pytest.approx(0.108, abs=5e-4)
    assert "Of the real data 0.108 lie in it" in text


def test_densities_integrate_to_one(folder):
    tables = tables_of(FIGURES["limit_density"], folder)
    np.testing.assert_allclose(tables["masses"]["mass"], 1.0, rtol=0, atol=1e-12)
    # The limits of the loops in the disc: all of the mass, and the fixed point's larger share.
    disc = dict(zip(tables["masses"]["density"], tables["masses"]["disc"], strict=True))
    assert disc["pure_limit"] == pytest.approx(1.0, abs=1e-12)
    assert disc["mixed_1"] < disc["mixed_2"] < disc["mixed_limit"] < 1
    # On the grid the midpoint rule has an error at the disc's edge: of a cell's width, 0.15.
    np.testing.assert_allclose(tables["masses"]["grid_mass"], 1.0, rtol=0, atol=0.02)


def test_the_limit_is_the_real_data_given_the_disc(folder):
    table = tables_of(FIGURES["limit_density"], folder)["densities"]
    inside = np.hypot(table["x"] - 4.0, table["y"]) <= 1.0
    assert (table["pure_limit"][~inside] == 0).all()
    ratio = table["pure_limit"][inside] / table["reference"][inside]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-12)
    # Steps do not reach it, and come nearer: the pure loop's density is at most K^t p_ref.
    assert (table["pure_1"] <= 4 * table["reference"] * (1 + 1e-12)).all()


def test_the_law_of_the_distance_is_that_of_the_plane():
    # Two ways: noncentral chi-square and Rice against sums over circles; other numbers than drawn.
    setting = EightGaussians(radius=2.0, deviation=0.7, gamma=3.0, disc=1.3)
    rule = PolarRule.of(setting, panels=40, angles=256)
    law = setting.law(panels=30)
    assert rule.mass.sum() == pytest.approx(1.0, abs=1e-12)
    inside = rule.distance < setting.disc
    assert setting.disc_mass == pytest.approx(rule.mass[inside].sum(), abs=1e-12)
    assert law.probs @ law.rewards == pytest.approx(
        rule.mass @ setting.reward_at(rule.distance), rel=1e-10
    )


def test_reward_and_density_in_the_plane():
    setting = EightGaussians(radius=4.0, deviation=0.5, gamma=10.0, disc=1.0)
    points = np.array([[4.0, 0.0], [4.0, 0.99], [4.0, 3.0], [-4.0, 0.0]])
    np.testing.assert_allclose(setting.reward(points), [0, 0, -20, -70], atol=1e-12)
    # At a centre the other Gaussians add less than e^-18.
    peak = 1 / (8 * 2 * math.pi * 0.25)
    np.testing.assert_allclose(setting.density(points[[0, 3]]), peak, rtol=1e-7)


def test_uniform_rewards_have_their_moments():
    law = uniform_rewards(2.0)
    assert law.max_reward == 2.0
    for power in range(1, 30):
        assert law.probs @ law.rewards**power == pytest.approx(2**power / (power + 1), rel=1e-13)


@pytest.mark.parametrize("lam", [1.0, 8.0])
def test_fixed_points_are_fixed_between_two_candidates(lam):
    # H(w) = E 2w/(w + v), summed as it stands: no Laplace transform, and other nodes, w = u³.
    loop = CurationLoop(fixed_point_densities._law(1), K=2, lam=lam)
    u, mass = gauss_legendre(0.0, 1.0, 20, 16)
    w, mass = u**3, 3 * u**2 * mass
    density = 2 * (1 - w) * fixed_point_densities._density_ratio(loop, w)
    atom = loop.fixed_point().condensed_mass
    assert (atom > 0) == (lam > 3.24)
    assert mass @ density + atom == pytest.approx(1.0, rel=1e-12)
    ratio = 2 * w * ((mass * density) @ (1 / (w + w[:, None])) + atom / (w + 1))
    step = (2 * (1 - w) + lam * density * ratio) / (1 + lam)
    resolved = w > 1e-4  # below, these nodes are too few for 1/(w + v), which varies over w
    np.testing.assert_allclose(step[resolved], density[resolved], rtol=1e-12)


def test_the_next_order_is_that_of_an_integral():
    # w = e^{r-2}, r uniform on [0, 2]: K(E_inf - E_K) -> E w³/μ² - (E w²)²/μ³.
    moments = [quad(lambda r, n=n: math.exp(n * (r - 2)) / 2, 0, 2)[0] for n in (1, 2, 3)]
    mean, second, third = moments
    expected = third / mean**2 - second**2 / mean**3
    found = candidates_to_infinity._next_order(uniform_rewards(2.0))
    assert found == pytest.approx(expected, rel=1e-12)


def test_far_rewards_come_near_the_optimal_bound(folder):
    tables = tables_of(FIGURES["divergence_bounds"], folder)
    for K in (2, 4):
        found = tables["settled"].where(K=K, law="far apart")
        bounds = tables["bounds"].where(K=K)
        np.testing.assert_allclose(
            bounds["theorem-2.4-optimal"], optimal_divergence(bounds["lam"], K), rtol=1e-12
        )
        half = found["lam"] <= 0.5 / (K - 1)
        ratio = found["divergence"][half] / bounds["theorem-2.4-optimal"][half]
        assert (ratio < 1).all()
        assert (ratio > 0.9).all()

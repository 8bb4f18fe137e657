"""Images rewarded for looking like one class (paper, Figure 2): it takes over.

The reward is γ q_0(x), where q_0 is the probability that a classifier gives to class 0. The paper's
images are CIFAR-10, which ``--data cifar10:PATH`` uses; by default scikit-learn's digits replace
them.
"""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared import (
    image_loops,
    image_panels,
    loop_panels,
    loop_tables,
    recorded_loops,
)
from recurate.figures.shared.image_settings import CIFAR10, DIGITS, stand_ins
from recurate.figures.shared.loop_tables import MEAN_REWARD, split_in_words
from recurate.numerics.agreement.exact_start import exact_trajectory
from recurate.theory.one_curation import lemma_2_2


def pure(run: Run) -> Tables:
    """Run the loop on curated samples alone."""
    return image_loops.loop_tables(run, "class", "pure", run.parameters["seed"])


def deviations(run: Run) -> Table:
    """Compare the loop with the exact one."""
    names = image_loops.class_names(run.tables["classifier"])
    return loop_tables.deviations(run, {"pure": run.tables["pure_samples"]}, names)


def weights(run: Run) -> Table:
    """Compute the expected weight, measured and exact, and Lemma 2.2's bound on it."""
    K, gamma = run.parameters["K"], run.parameters["gamma"]
    seen = recorded_loops.seen(run.tables["pure_samples"], "generated")
    measured = [np.exp(one.rewards - gamma).mean() for one in seen]
    trajectory = exact_trajectory(seen[0], None, K=K, lam=math.inf, steps=len(seen) - 1)
    scale = math.exp(trajectory.law.max_reward - gamma)  # weights are relative to e^γ here
    exact = scale * trajectory.expected_weight
    bound = np.full(exact.size, np.nan)
    bound[1:] = lemma_2_2.statement.bound_function()(
        K=K,
        mean_weight=exact[:-1],
        variance_weight=scale**2 * trajectory.variance_weight[:-1],
        max_weight=1.0,
    )
    return Table(
        {"t": np.arange(exact.size), "measured": measured, "exact": exact, "bound": bound},
        {
            "t": "retraining step",
            "measured": "mean of e^(r - γ) over the generated samples",
            "exact": "the same of the exact loop that starts from the samples generated at t = 0",
            "bound": "lower bound of Lemma 2.2 on it, from the exact law of the step before",
        },
    )


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw generated images, proportions, rewards and the expected weight."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 2.9))
    grid = figure.add_gridspec(2, 4, height_ratios=[1, 2.6])
    table, images = tables["deviations"], tables["pure_images"]
    for place, t in enumerate(images.distinct("t")):
        strip = figure.add_subplot(grid[0, 2 * place : 2 * place + 2])
        image_panels.strip(strip, images, t, f"generated, t = {t}")
    panels = [figure.add_subplot(grid[1, place]) for place in range(4)]
    shares, reward, weight, parts = panels
    wanted = table.distinct("figure")[1]
    image_panels.proportions(shares, table, "pure", [wanted])
    shares.set_title(f"share of {wanted}")
    shares.set_ylim(0.0, 1.05)
    loop_panels.compare(reward, table, "pure", {MEAN_REWARD: (style.COLOURS[0], "")})
    reward.set_title("mean reward")
    one = tables["weights"]
    weight.plot(one["t"], one["exact"], "-", color=style.COLOURS[2], lw=1.0)
    weight.plot(one["t"], one["measured"], "o", color=style.COLOURS[2], ms=2.5)
    weight.plot(one["t"], one["bound"], "--", color=style.BOUND_COLOUR, label="Lemma 2.2")
    weight.set_title("expected weight")
    loop_panels.steps(weight)
    loop_panels.split(parts, table, "pure", wanted)
    parts.set_title(f"{wanted}: deviation")
    loop_panels.legend(figure, weight, parts)
    style.name_panels(panels, fontsize=6.5)
    return figure


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the proportion at the last step."""
    table = tables["deviations"]
    wanted = table.distinct("figure")[1]
    start = float(table.where(figure=wanted, t=0)["measured"][0])
    share, reward = (split_in_words(table, "pure", name) for name in (wanted, MEAN_REWARD))
    return (
        f"Flow matching retrained on images that look like {wanted}: the reward is γ q_0(x), γ = "
        f"{parameters['gamma']:g}, and the best of K = {parameters['K']} is kept, "
        f"{parameters['curated']:,} of {parameters['generated']:,} images in each step. From "
        f"{start:.3f} the proportion of {wanted} comes to {share}, the mean reward to {reward}. "
        "The other classes are grey. Lines start from the first model's own images; "
        f"{loop_panels.SHADES}. {stand_ins(tables['classifier'])}"
    )


_COMMON = {"gamma": 5.0, "K": 4, "seed": 1}

recipe = Recipe(
    name="class_reward",
    title="Images rewarded for one class (paper, Figure 2)",
    parameters={
        "smoke": {**_COMMON, "steps": 2, **DIGITS["smoke"]},
        "default": {**_COMMON, "steps": 5, **DIGITS["default"]},
        "paper": {**_COMMON, "steps": 10, **DIGITS["paper"]},
    },
    image_parameters={"cifar10": CIFAR10},
    tables={
        "classifier": image_loops.classifier_table,
        "pure": pure,
        "deviations": deviations,
        "weights": weights,
    },
    draw=draw,
    caption=caption,
    agreement=loop_tables.agreement,
    uses_device=True,
    uses_images=True,
)

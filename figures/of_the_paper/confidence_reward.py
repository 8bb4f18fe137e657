"""Images rewarded for being recognised (paper, Figures 3 and 9): with and without real data.

The reward is γ max_i q_i(x), where q_i is the probability that a classifier gives to class i. The
paper's images are CIFAR-10, which ``--data cifar10:PATH`` uses; by default scikit-learn's digits
replace them.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from recurate.figures.making import style
from recurate.figures.making.recipe import Parameters, Recipe, Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared import image_loops, image_panels, loop_panels, loop_tables
from recurate.figures.shared.image_settings import CIFAR10, DIGITS, stand_ins
from recurate.figures.shared.loop_tables import MEAN_REWARD, split_in_words
from recurate.figures.shared.recorded_loops import LOOPS


def pure(run: Run) -> Tables:
    """Run the loop on curated samples alone."""
    return image_loops.loop_tables(run, "confidence", "pure", run.parameters["seed"])


def mixed(run: Run) -> Tables:
    """Run the loop with real data mixed in."""
    return image_loops.loop_tables(run, "confidence", "mixed", run.parameters["seed"])


def deviations(run: Run) -> Table:
    """Compare both loops with the exact ones."""
    names = image_loops.class_names(run.tables["classifier"])
    loops = {loop: run.tables[f"{loop}_samples"] for loop in LOOPS}
    return loop_tables.deviations(run, loops, names)


def draw(tables: Tables, parameters: Parameters) -> Figure:
    """Draw generated images, proportions, rewards, and a deviation of each loop."""
    figure = Figure(figsize=(style.PAGE_WIDTH, 4.6))
    grid = figure.add_gridspec(4, 3, height_ratios=[1.05, 3.2, 1.05, 3.2])
    table = tables["deviations"]
    named = image_panels.movers(table, "pure", 3)
    panels = []
    for row, loop in enumerate(LOOPS):
        lam = "∞" if loop == "pure" else f"{parameters['lam']:g}"
        images = tables[f"{loop}_images"]
        strips = grid[2 * row, :].subgridspec(1, 2)
        for place, t in enumerate(images.distinct("t")):
            title = f"generated, λ = {lam}, t = {t}"
            image_panels.strip(figure.add_subplot(strips[place]), images, t, title)
        shares, reward, parts = (figure.add_subplot(grid[2 * row + 1, i]) for i in range(3))
        image_panels.proportions(shares, table, loop, named)
        shares.set_title(f"class proportions, λ = {lam}")
        loop_panels.compare(reward, table, loop, {MEAN_REWARD: (style.COLOURS[0], "")})
        reward.set_title(f"mean reward, λ = {lam}")
        loop_panels.split(parts, table, loop, named[0])
        parts.set_title(f"{named[0]}: deviation")
        panels += [shares, reward, parts]
    panels[0].legend(loc="upper left")
    loop_panels.legend(figure, panels[2])
    style.name_panels(panels, fontsize=6.5)
    return figure


def caption(tables: Tables, parameters: Parameters) -> str:
    """Return what is seen, with the proportions at the last step."""
    table = tables["deviations"]
    largest = image_panels.movers(table, "pure", 1)[0]
    start = float(table.where(loop="pure", figure=largest, t=0)["measured"][0])
    pure, mixed = (split_in_words(table, loop, largest) for loop in LOOPS)
    rewards = [split_in_words(table, loop, MEAN_REWARD) for loop in LOOPS]
    return (
        "Flow matching retrained on images that are recognised: the reward is γ max q_i(x), γ = "
        f"{parameters['gamma']:g} (the paper: 5), K = {parameters['K']}. Upper half: on curated "
        f"samples alone the proportion of {largest} goes from {start:.3f} to {pure}, the mean "
        f"reward to {rewards[0]}. Lower half: with real data mixed in (λ = "
        f"{parameters['lam']:g}) the proportion comes to {mixed}, the mean reward to {rewards[1]}. "
        f"{parameters['generated']:,} images are generated in each step and "
        f"{parameters['curated']:,} curated. In grey the other classes. Lines start from the first "
        f"model's own images; {loop_panels.SHADES}. {stand_ins(tables['classifier'])}"
    )


_COMMON = {"gamma": 10.0, "K": 4, "lam": 0.5, "seed": 1}

recipe = Recipe(
    name="confidence_reward",
    title="Images rewarded for being recognised (paper, Figures 3 and 9)",
    parameters={
        "smoke": {**_COMMON, "steps": 2, **DIGITS["smoke"]},
        "default": {**_COMMON, "steps": 6, **DIGITS["default"]},
        "paper": {**_COMMON, "steps": 20, **DIGITS["paper"]},
    },
    image_parameters={
        "cifar10": {scale: {**sizes, "gamma": 5.0} for scale, sizes in CIFAR10.items()}
    },
    tables={
        "classifier": image_loops.classifier_table,
        "pure": pure,
        "mixed": mixed,
        "deviations": deviations,
    },
    draw=draw,
    caption=caption,
    agreement=loop_tables.agreement,
    uses_device=True,
    uses_images=True,
)

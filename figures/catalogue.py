"""The figures, by name, in the order in which they are made and shown.

Their modules import PyTorch, and whatever else not everybody has, inside the functions that compute
tables, so that this module loads everywhere.
"""

from __future__ import annotations

from recurate.figures.making.recipe import Recipe
from recurate.figures.of_the_paper import (
    class_reward,
    confidence_reward,
    gaussian_mixture,
    limit_density,
    replicates,
    sample_quality,
    two_moons,
)
from recurate.figures.of_the_theory import (
    accumulate_or_replace,
    any_choice,
    candidates_to_infinity,
    condensation_phases,
    condorcet_cycle,
    divergence_bounds,
    fixed_point_densities,
    implicit_objective,
    polarisation,
    reward_bounds,
    share_envelope,
)

FIGURES: dict[str, Recipe] = {
    module.recipe.name: module.recipe
    for module in (
        class_reward,
        confidence_reward,
        sample_quality,
        replicates,
        gaussian_mixture,
        two_moons,
        limit_density,
        reward_bounds,
        divergence_bounds,
        fixed_point_densities,
        candidates_to_infinity,
        condensation_phases,
        share_envelope,
        any_choice,
        implicit_objective,
        polarisation,
        condorcet_cycle,
        accumulate_or_replace,
    )
}


def with_needs(names: list[str]) -> list[str]:
    """Return names of figures with those that they need, each once and after what it needs."""
    found: dict[str, None] = {}
    for name in names:
        for other in [*(recipe.name for recipe in FIGURES[name].needs), name]:
            found[other] = None
    return list(found)

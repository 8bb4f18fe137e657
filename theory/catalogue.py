"""All statements, by id, in reading order."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any

from recurate.theory.accumulation import accumulation_floor, accumulation_rate
from recurate.theory.any_choice import (
    any_choice_bound,
    any_choice_contraction,
    any_choice_divergence,
    best_of_k,
    bounded_gap_envelope,
    noise_equivalence,
    share_envelope,
    share_envelope_general,
)
from recurate.theory.conjectures import (
    cyclic_voters_settle,
    divergence_monotone,
    objective_monotone,
    reward_monotone,
    reward_monotone_parameters,
    reward_monotone_small_mixing,
)
from recurate.theory.fixed_points import (
    condensation_threshold,
    finite_sample_drift,
    finite_sample_loop,
    fixed_point_k_inf,
    fixed_point_spectrum,
    fixed_point_two_point,
    fixed_point_unique,
    fixed_point_voters,
    global_attraction,
    no_condensation,
    no_condensation_sharp,
    wrong_rewards,
)
from recurate.theory.foundations import (
    all_candidates_inside,
    candidates_order,
    curation_order,
    density_monotone,
    ratio_monotone,
)
from recurate.theory.literature import (
    best_of_n_divergence,
    best_of_n_divergence_gap,
    best_of_n_formula,
    best_of_n_win_rate,
    best_of_n_win_rate_gap,
    curation_never_backfires,
    outside_mass_decays,
    outside_mass_decays_dominated,
    two_basins_limit,
    two_basins_limit_finite,
    two_basins_nash,
    two_basins_persist,
    two_basins_variance,
)
from recurate.theory.many_voters import (
    condorcet_cycle,
    condorcet_winner,
    implicit_objective,
    nash_welfare,
    pluralistic_objective,
    preference_game,
    voters_gain,
)
from recurate.theory.one_curation import (
    curation_covariance,
    curation_lipschitz,
    curation_lipschitz_sharp,
    kl_regularised_reward,
    lemma_2_1,
    lemma_2_1_limit,
    lemma_2_1_next_order,
    lemma_2_2,
    lemma_2_2_sharp,
    ratio_bound,
    surplus_gradient,
)
from recurate.theory.parametric import theorem_2_2, theorem_2_2_sharp
from recurate.theory.pure_loop import (
    lemma_2_2_limits,
    lemma_2_2_variance_sum,
    theorem_2_1,
    theorem_2_1_k_inf,
    theorem_2_1_odds,
    theorem_2_1_odds_sharp,
    theorem_2_1_rate,
    theorem_2_1_speed_limit,
)
from recurate.theory.real_data import (
    loop_contraction,
    reference_divergence,
    theorem_2_3,
    theorem_2_3_optimal,
    theorem_2_3_sharp,
    theorem_2_4,
    theorem_2_4_bounded_weights,
    theorem_2_4_optimal,
)
from recurate.theory.statement import Statement

CHAPTERS = {
    "foundations": "Foundations: facts that carry most proofs",
    "one_curation": "One curation",
    "pure_loop": "The pure loop",
    "parametric": "Retraining in a parametric family, without curation",
    "real_data": "The loop with real data",
    "fixed_points": "Its fixed points",
    "any_choice": "Whatever people choose",
    "many_voters": "Many voters",
    "accumulation": "Accumulating data",
    "literature": "Claims of the literature",
    "conjectures": "Conjectures: what is not proved, and where it is",
}
"""Headings of the chapters, by `Statement.chapter`, in reading order."""

_READING_ORDER = (
    # foundations
    ratio_monotone,
    density_monotone,
    curation_order,
    candidates_order,
    all_candidates_inside,
    # one_curation
    lemma_2_1,
    lemma_2_1_limit,
    lemma_2_1_next_order,
    kl_regularised_reward,
    surplus_gradient,
    ratio_bound,
    lemma_2_2,
    curation_covariance,
    lemma_2_2_sharp,
    curation_lipschitz_sharp,
    curation_lipschitz,
    # pure_loop
    lemma_2_2_variance_sum,
    lemma_2_2_limits,
    theorem_2_1,
    theorem_2_1_odds,
    theorem_2_1_odds_sharp,
    theorem_2_1_rate,
    theorem_2_1_k_inf,
    theorem_2_1_speed_limit,
    # parametric
    theorem_2_2,
    theorem_2_2_sharp,
    # real_data
    theorem_2_3,
    theorem_2_3_sharp,
    theorem_2_3_optimal,
    theorem_2_4,
    theorem_2_4_bounded_weights,
    theorem_2_4_optimal,
    reference_divergence,
    loop_contraction,
    # fixed_points
    fixed_point_unique,
    fixed_point_k_inf,
    fixed_point_voters,
    fixed_point_two_point,
    global_attraction,
    fixed_point_spectrum,
    finite_sample_drift,
    finite_sample_loop,
    wrong_rewards,
    no_condensation,
    no_condensation_sharp,
    condensation_threshold,
    # any_choice
    any_choice_bound,
    share_envelope_general,
    share_envelope,
    any_choice_divergence,
    any_choice_contraction,
    noise_equivalence,
    best_of_k,
    bounded_gap_envelope,
    # many_voters
    pluralistic_objective,
    implicit_objective,
    nash_welfare,
    voters_gain,
    preference_game,
    condorcet_winner,
    condorcet_cycle,
    # accumulation
    accumulation_floor,
    accumulation_rate,
    # literature
    best_of_n_divergence,
    best_of_n_formula,
    best_of_n_divergence_gap,
    best_of_n_win_rate,
    best_of_n_win_rate_gap,
    outside_mass_decays,
    outside_mass_decays_dominated,
    two_basins_persist,
    two_basins_variance,
    two_basins_nash,
    two_basins_limit,
    two_basins_limit_finite,
    curation_never_backfires,
    # conjectures
    reward_monotone,
    reward_monotone_small_mixing,
    reward_monotone_parameters,
    divergence_monotone,
    objective_monotone,
    cyclic_voters_settle,
)

STATEMENTS: dict[str, Statement] = {
    module.statement.id: module.statement for module in _READING_ORDER
}
"""Statements by id, chapter by chapter."""


def statement(name: str) -> Statement:
    """Return a statement of the catalogue by its id.

    Parameters
    ----------
    name : str
        Id such as "theorem-2.3"; ``recurate list`` names all.

    Returns
    -------
    Statement
        Its ``with_bound`` and ``without`` make altered statements, which `recurate.check` tries.

    Raises
    ------
    ValueError
        If no statement has that id.

    Examples
    --------
    >>> import recurate
    >>> theorem = recurate.statement("theorem-2.3")
    >>> [hypothesis.name for hypothesis in theorem.hypotheses]
    ['start', 'bounded', 'candidates']
    >>> theorem.with_bound("2*bound - mean_weight").bound - theorem.bound
    V*a*m**2*(1 - kappa)/w_*
    """
    if name not in STATEMENTS:
        raise unknown_id(name, STATEMENTS)
    return STATEMENTS[name]


def unknown_id(name: Any, among: Collection[str]) -> ValueError:
    """Return the error for an id that is not among these; it names the ones that are close."""
    close = difflib.get_close_matches(str(name).partition("#")[0], among, n=3, cutoff=0.4)
    return ValueError(f"id must be one of {', '.join(close or among)}; got {name!r}")

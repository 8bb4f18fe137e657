"""All statements, by id, in reading order."""

from __future__ import annotations

from recurate.theory import (
    all_candidates_inside,
    candidates_order,
    condensation_threshold,
    curation_covariance,
    curation_lipschitz,
    curation_order,
    density_monotone,
    divergence_monotone,
    fixed_point_k_inf,
    fixed_point_two_point,
    fixed_point_unique,
    global_attraction,
    kl_regularised_reward,
    lemma_2_1,
    lemma_2_1_limit,
    lemma_2_1_next_order,
    lemma_2_2,
    lemma_2_2_limits,
    lemma_2_2_sharp,
    lemma_2_2_variance_sum,
    loop_contraction,
    no_condensation,
    no_condensation_sharp,
    ratio_bound,
    ratio_monotone,
    reference_divergence,
    reward_monotone,
    reward_monotone_parameters,
    reward_monotone_small_mixing,
    theorem_2_1,
    theorem_2_1_k_inf,
    theorem_2_1_odds,
    theorem_2_1_odds_sharp,
    theorem_2_1_rate,
    theorem_2_1_speed_limit,
    theorem_2_2,
    theorem_2_2_sharp,
    theorem_2_3,
    theorem_2_3_optimal,
    theorem_2_3_sharp,
    theorem_2_4,
    theorem_2_4_bounded_weights,
    theorem_2_4_optimal,
)
from recurate.theory.statement import Statement

_READING_ORDER = (
    # Three facts that carry most proofs.
    ratio_monotone,
    density_monotone,
    curation_order,
    candidates_order,
    all_candidates_inside,
    # One curation.
    lemma_2_1,
    lemma_2_1_limit,
    lemma_2_1_next_order,
    kl_regularised_reward,
    ratio_bound,
    lemma_2_2,
    curation_covariance,
    lemma_2_2_sharp,
    lemma_2_2_variance_sum,
    lemma_2_2_limits,
    # The pure loop.
    theorem_2_1,
    theorem_2_1_odds,
    theorem_2_1_odds_sharp,
    theorem_2_1_rate,
    theorem_2_1_k_inf,
    theorem_2_1_speed_limit,
    # Retraining in a parametric family, without curation.
    theorem_2_2,
    theorem_2_2_sharp,
    # The loop with real data.
    theorem_2_3,
    theorem_2_3_sharp,
    theorem_2_3_optimal,
    theorem_2_4,
    theorem_2_4_bounded_weights,
    theorem_2_4_optimal,
    reference_divergence,
    loop_contraction,
    curation_lipschitz,
    # Its fixed points.
    fixed_point_unique,
    fixed_point_k_inf,
    fixed_point_two_point,
    global_attraction,
    no_condensation,
    no_condensation_sharp,
    condensation_threshold,
    # What is not proved, and where it is.
    reward_monotone,
    reward_monotone_small_mixing,
    reward_monotone_parameters,
    divergence_monotone,
)

STATEMENTS: dict[str, Statement] = {
    module.statement.id: module.statement for module in _READING_ORDER
}
"""Statements by id."""

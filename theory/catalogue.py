"""All statements, by id, in reading order."""

from __future__ import annotations

import difflib

from recurate.theory import (
    all_candidates_inside,
    candidates_order,
    condensation_threshold,
    curation_covariance,
    curation_lipschitz,
    curation_lipschitz_sharp,
    curation_order,
    density_monotone,
    divergence_monotone,
    finite_sample_drift,
    fixed_point_k_inf,
    fixed_point_spectrum,
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
    surplus_gradient,
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
    wrong_rewards,
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
    surplus_gradient,
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
    curation_lipschitz_sharp,
    curation_lipschitz,
    loop_contraction,
    # Its fixed points.
    fixed_point_unique,
    fixed_point_k_inf,
    fixed_point_two_point,
    global_attraction,
    fixed_point_spectrum,
    finite_sample_drift,
    wrong_rewards,
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


def statement(name: str) -> Statement:
    """Return a statement of the catalogue by its id.

    Parameters
    ----------
    name : str
        Id such as "theorem-2.3"; ``recurate list`` names all.

    Returns
    -------
    Statement
        Its ``with_bound`` and ``without`` make others of it, which `recurate.check` tries.

    Raises
    ------
    ValueError
        If there is none of that id.

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
        close = difflib.get_close_matches(str(name), STATEMENTS, n=3, cutoff=0.4)
        raise ValueError(f"id must be one of {', '.join(close or STATEMENTS)}; got {name!r}")
    return STATEMENTS[name]

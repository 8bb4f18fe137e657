"""Several models: that more curation of one never lowers its own reward. It may."""

from __future__ import annotations

import sympy

from recurate.theory.language import *
from recurate.theory.language.notation import WithIndex
from recurate.theory.literature.papers import backfire
from recurate.theory.statement import Hypothesis, Statement

more_candidates = sympy.Symbol("K'", positive=True)
"""A larger number of candidates of model 0's users, K' >= K."""


class own_reward(WithIndex):
    """Mean reward of model 0 in the long run, for a number of candidates of its own users."""

    plain, typeset = "R_0({})", "R_0(@)"


statement = Statement(
    module=__name__,
    id="curation-never-backfires",
    label="More curation never backfires",
    title="More curation of one of two models never lowers its own reward in the long run",
    kind="literature",
    source=backfire(
        "main claim, negated",
        place="README of the authors' code",
        note=(
            "They show that curation does not always improve long-term alignment where models "
            "train on one another's samples; their model there is linear and Gaussian. This is "
            "the opposite, in the setting of this package."
        ),
    ),
    hypotheses=(
        Hypothesis(
            "exchange",
            "two models from one p_ref, each trained on p_ref and on the other's samples, as its "
            "own users choose: p_0' = m_0 p_ref + a_0 T_1(p_1), p_1' = m_1 p_ref + a_1 T_0(p_0)",
        ),
        Hypothesis(
            "choices",
            "users choose by Bradley–Terry: those of model 1 among K_1, those of model 0 among K, "
            "or among K' >= K",
        ),
        Hypothesis("settles", "K' K_1 a_0 a_1 < 1: there is one long run, from any start"),
    ),
    claim=at_least(own_reward(more_candidates), own_reward(K)),
    expected="refuted",
    equality_cases=("K' = K",),
    uses=("any-choice-contraction",),
    remarks=(
        "Of answers A, B and C let model 0's users like B, less A, and not C; and model 1's users "
        "A, less C, and not B. If model 0's users choose among more, model 1 has more of B and "
        "less of A. Its users prefer C to B, so what they choose has less of A and more of C, and "
        "that is what model 0 is trained on.",
        "With p_ref = (1/2, 1/4, 1/4), rewards (3, 8, -12) and (12, -4, 4) bits, λ = 3 and 1/6 and "
        "K_1 = 2, from K = 2 to 4 model 0's reward falls by 0.0237 bits in the long run; that of "
        "model 1 falls as well, by 0.3495. "
        "The long run is enclosed in rationals: two steps shrink distances by K K_1 a_0 a_1 < 1 "
        "(any-choice-contraction).",
        "That the other model may lose is no surprise where users disagree.",
        "For one model by itself, that more candidates never lower the reward is a conjecture: "
        "reward-monotone-parameters.",
        "The instance was found by a search over small networks in floating point.",
    ),
)

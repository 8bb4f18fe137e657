"""One step by a rule on real tables, prompt by prompt, and published figures.

Expected figures are those of an independent dense oracle in plain NumPy, checked against
enumeration of all tuples (`tests/face/reading/inputs/README.md`).
"""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from recurate import RewardLaw
from recurate.rules import Accept, BestOf, BradleyTerry, NothingAcceptedError, Voters

INPUTS = Path(__file__).parents[2] / "face" / "reading" / "inputs"


def raters():
    with (INPUTS / "raters.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    scores = {
        name: [float(row[name]) for row in rows] for name in ("rater_a", "rater_b", "rater_c")
    }
    return RewardLaw(
        5 * np.array(scores["rater_a"]), prompts=[row["prompt"] for row in rows], scores=scores
    )


def stepped(law, rule):
    """The mean reward after one step within prompts, and KL to the law before."""
    mean = divergence = 0.0
    for label, mass in zip(law.prompt_names, law.prompt_probs, strict=True):
        answers = law.prompt(label)
        log_ratio = rule.log_ratio(answers, np.log(answers.probs))
        chosen = answers.probs * np.exp(log_ratio)
        there = chosen > 0
        mean += mass * (chosen @ answers.rewards)
        divergence += mass * (chosen[there] @ log_ratio[there])
    return mean, divergence


@pytest.mark.parametrize(
    ("rule", "mean", "divergence"),
    [
        (BestOf(4), 4.241795, 0.503130),  # hard best of 4 within prompts, t = 1
        (BradleyTerry(4), 3.934037, None),  # the soft one
        (BestOf(4, by="rater_a"), 4.241795, 0.503130),  # the column that the reward is five of
    ],
    ids=repr,
)
def test_one_step_of_raters(rule, mean, divergence):
    found = stepped(raters(), rule)
    assert found[0] == pytest.approx(mean, abs=5e-7)
    if divergence is not None:
        assert found[1] == pytest.approx(divergence, abs=5e-7)


@pytest.mark.parametrize(("n", "divergence"), [(10, 1.402163), (256, 4.313704)])
def test_best_of_n_among_a_hundred_bins(n, divergence):
    law = RewardLaw(np.arange(100.0))
    log_ratio = BestOf(n).log_ratio(law, np.log(law.probs))
    assert law.probs * np.exp(log_ratio) @ log_ratio == pytest.approx(divergence, abs=5e-7)


def test_verified_answers_are_refused_by_the_prompt_that_has_none():
    # A question without a correct answer, one with one of four.
    law = RewardLaw(np.zeros(8), prompts="aaaabbbb", scores={"correct": [0, 0, 0, 0, 0, 1, 0, 0]})
    with pytest.raises(NothingAcceptedError):
        stepped(law, Accept("correct"))
    chosen = [
        float(p.probs * np.exp(Accept("correct", none="keep").log_ratio(p, np.log(p.probs)))
              @ p.scores["correct"])
        for p in map(law.prompt, "ab")
    ]  # fmt: skip
    assert chosen == [0.0, 1.0]


def test_compromise_and_polarisation():
    # Section J of the derivations: two voters, and an answer that both like less than their own.
    # Best of two ends at the compromise, best of three without it.
    law = RewardLaw([5.0, 0.0, 3.0], scores={"second": [0.0, 5.0, 3.0]})
    ends = {}
    for K in (2, 3):
        rule = Voters([(0.5, BradleyTerry(K)), (0.5, BradleyTerry(K, by="second"))])
        log_ratio = rule.prepared(law)
        log_p = np.log(law.probs)
        for _ in range(3000):
            log_p = log_p + log_ratio(log_p)
            log_p -= np.log(np.exp(log_p).sum())
        ends[K] = np.exp(log_p)
    assert ends[2] == pytest.approx([0, 0, 1], abs=1e-6)
    assert ends[3] == pytest.approx([0.5, 0.5, 0], abs=1e-6)


def test_cyclic_voters_spiral_away_from_their_balance():
    # Section K3 of the derivations: KL(q‖p_t) from (.3, .36, .34), q uniform.
    law = RewardLaw([2.0, 1.0, 0.0], scores={"second": [0.0, 2.0, 1.0], "third": [1.0, 0.0, 2.0]})
    third = 1 / 3
    rule = Voters([(third, BradleyTerry(2, by=by)) for by in (None, "second", "third")])
    log_ratio, log_p = rule.prepared(law), np.log([0.3, 0.36, 0.34])
    divergences = []
    for _ in range(2001):
        divergences.append(-math.log(3) - log_p.mean())
        log_p = log_p + log_ratio(log_p)
        log_p -= np.log(np.exp(log_p).sum())
    expected = [0.0029, 0.0076, 0.0200]
    assert [divergences[t] for t in (0, 1000, 2000)] == pytest.approx(expected, abs=5e-5)

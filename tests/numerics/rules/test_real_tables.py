"""Loops with a rule on real tables, within their prompts, and of several voters that are known.

Expected figures are those of an independent dense oracle in plain NumPy, checked against
enumeration of all tuples (`tests/face/reading/inputs/README.md`).
"""

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from recurate import Accumulate, CurationLoop, RewardLaw
from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards
from recurate.rules import Accept, BestOf, BradleyTerry, NothingAcceptedError, Voters

INPUTS = Path(__file__).parents[2] / "face" / "reading" / "inputs"


def raters():
    with (INPUTS / "raters.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    scores = {
        name: [float(row[name]) for row in rows] for name in ("rater_a", "rater_b", "rater_c")
    }
    return RewardLaw(
        5 * np.array(scores["rater_a"]),
        groups=[row["model"] for row in rows],
        prompts=[row["prompt"] for row in rows],
        scores=scores,
    )


def rollouts(by="correct"):
    """Questions of four answers each, in lists; what is followed is whether they are correct."""
    text = (INPUTS / "rollouts_lists.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    questions = [number for number, line in enumerate(lines) for _ in line["correct"]]
    values, correct = (np.concatenate([line[c] for line in lines]) for c in (by, "correct"))
    return RewardLaw(values.astype(float), prompts=questions, scores={"correct": correct})


@pytest.mark.parametrize(
    ("rule", "mean", "divergence"),
    [
        (BestOf(4), 4.241795, 0.503130),  # hard best of 4 within prompts, t = 1
        (BradleyTerry(4), 3.934037, None),  # the soft one
        (BestOf(4, by="rater_a"), 4.241795, 0.503130),  # the column that the reward is five of
        (BradleyTerry(4, scale=5, by="rater_a"), 3.934037, None),
    ],
    ids=repr,
)
def test_one_step_of_raters(rule, mean, divergence):
    run = CurationLoop(raters(), rule=rule, lam=math.inf).run(steps=1)
    assert run.expected_reward[1] == pytest.approx(mean, abs=5e-7)
    if divergence is not None:
        assert run.kl_to_reference[1] == pytest.approx(divergence, abs=5e-7)


@pytest.mark.parametrize(("n", "divergence"), [(10, 1.402163), (256, 4.313704)])
def test_best_of_n_among_a_hundred_bins(n, divergence):
    law = RewardLaw(np.arange(100.0))
    log_ratio = BestOf(n).log_ratio(law, np.log(law.probs))
    assert law.probs * np.exp(log_ratio) @ log_ratio == pytest.approx(divergence, abs=5e-7)


THREE = Voters([(1 / 3, BradleyTerry(4, scale=5, by=f"rater_{name}")) for name in "abc"])


def test_three_raters_as_voters_within_prompts():
    run = CurationLoop(raters(), rule=THREE, lam=1.0).run(steps=5)
    assert run.expected_scores[5] == pytest.approx([0.739518, 0.657014, 0.771745], abs=5e-7)
    assert run.kl_to_reference[5] == pytest.approx(0.124543, abs=5e-7)
    shares = dict(zip(run.law.group_names, run.group_proportions[5], strict=True))
    assert [shares["m6"], shares["m7"]] == pytest.approx([0.225697, 0.212770], abs=5e-7)


def test_three_raters_as_voters_on_all_answers():
    table = raters()
    law = RewardLaw(table.rewards, scores=table.scores)
    run = CurationLoop(law, rule=THREE, lam=math.inf).run(steps=3)
    assert run.expected_scores[3] == pytest.approx([0.912413, 0.834307, 0.930295], abs=5e-7)


def correct_of(**arguments):
    """Share of correct answers, by t, in loops within the questions."""
    return CurationLoop(rollouts(), **arguments).run(steps=3).expected_scores[:, 0]


def test_the_best_of_correct_answers():
    means = correct_of(rule=BestOf(4, by="correct"), lam=math.inf)
    assert means == pytest.approx([0.3175, 0.491836, 0.553294, 0.555], abs=5e-7)


def test_a_verifier_of_answers_of_which_many_questions_have_none():
    with pytest.raises(NothingAcceptedError, match="nothing to accept in 89 of 200 prompts"):
        correct_of(rule=Accept("correct"), lam=math.inf)
    kept = correct_of(rule=Accept("correct", none="keep"), lam=math.inf)
    assert kept[1:] == pytest.approx([0.555] * 3, abs=1e-12)
    run = CurationLoop(rollouts(), rule=Accept("correct", none="drop"), lam=math.inf).run(steps=1)
    assert (len(run.law.prompt_names), len(run.dropped_prompts)) == (111, 89)
    # 0.555 of the questions have an answer: in those the share is 0.3175/0.555 at first, then 1.
    assert run.expected_scores[:, 0] == pytest.approx([0.3175 / 0.555, 1], abs=1e-12)


def test_accumulating_answers_within_questions():
    run = CurationLoop(rollouts(by="rewards"), K=4, training=Accumulate()).run(steps=10)
    assert run.expected_scores[10, 0] == pytest.approx(0.414084, abs=5e-7)


@pytest.mark.parametrize(
    ("column", "missing", "means"),
    [
        ("action_correct", "error", [0.850340, 0.992121, 0.999999, 1]),
        ("mechanism_correct", "drop", [0.923333, 0.953087, 0.985886, 0.999884]),
    ],
)
def test_the_best_run_of_each_case(column, missing, means):
    asked = Asked(reward=(column,), prompts=("case_id",), missing=missing)
    law = read_rewards(str(INPUTS / "agent_runs.parquet"), asked).law
    run = CurationLoop(law, rule=BestOf(4), lam=math.inf).run(steps=3)
    assert run.expected_reward == pytest.approx(means, abs=5e-7)


def test_five_raters_as_voters():
    with (INPUTS / "likert.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    people = sorted({row["worker_id"] for row in rows})
    images: dict = {}
    for row in rows:
        images.setdefault((row["item_id"], row["model"]), {})[row["worker_id"]] = float(
            row["answer"]
        )
    incomplete = {item for (item, _), ratings in images.items() if len(ratings) < 5}
    whole = {key: ratings for key, ratings in images.items() if key[0] not in incomplete}
    assert len(whole) == 780
    law = RewardLaw(
        [np.mean(list(ratings.values())) for ratings in whole.values()],
        prompts=[item for item, _ in whole],
        scores={who: [ratings[who] for ratings in whole.values()] for who in people},
    )
    voters = Voters([(0.2, BradleyTerry(4, by=who)) for who in people])
    run = CurationLoop(law, rule=voters, lam=math.inf).run(steps=3)
    assert len(law.prompt_names) == 156
    assert run.expected_reward[3] == pytest.approx(4.275134, abs=5e-7)


def test_compromise_and_polarisation():
    # Two voters, and an answer that both like less than their own. By the same oracle, best of two
    # ends at this compromise, and best of three without it.
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
    # KL(q‖p_t) from (.3, .36, .34), q uniform, at t = 0, 1000, 2000: by the same oracle.
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

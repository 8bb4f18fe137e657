"""Steps by a rule on real tables, prompt by prompt, and loops of several voters that are known.

Expected figures are those of an independent dense oracle in plain NumPy, checked against
enumeration of all tuples (`tests/face/reading/inputs/README.md`).
"""

import csv
import json
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
        5 * np.array(scores["rater_a"]),
        groups=[row["model"] for row in rows],
        prompts=[row["prompt"] for row in rows],
        scores=scores,
    )


def rollouts():
    """Questions of four answers each, in lists; what is followed is whether they are correct."""
    lines = (INPUTS / "rollouts_lists.jsonl").read_text(encoding="utf-8").splitlines()
    correct = [json.loads(line)["correct"] for line in lines]
    questions = [number for number, answers in enumerate(correct) for _ in answers]
    values = np.concatenate(correct).astype(float)
    return RewardLaw(values, prompts=questions, scores={"correct": values})


def looped(law, rule, steps, lam=math.inf):
    """p_steps of the loop on a law without prompts, from p_ref."""
    log_ratio, real = rule.prepared(law), 1 / (1 + lam)
    probs = law.probs
    for _ in range(steps):
        with np.errstate(divide="ignore"):
            chosen = probs * np.exp(log_ratio(np.log(probs)))
        probs = real * law.probs + (1 - real) * chosen / chosen.sum()
    return probs


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


THREE = Voters([(1 / 3, BradleyTerry(4, scale=5, by=f"rater_{name}")) for name in "abc"])


def test_three_raters_as_voters_within_prompts():
    law = raters()
    names, means, divergence = law.group_names, np.zeros(3), 0.0
    shares = np.zeros(len(names))
    for label, mass in zip(law.prompt_names, law.prompt_probs, strict=True):
        answers = law.prompt(label)
        probs = looped(answers, THREE, steps=5, lam=1.0)
        means += mass * np.array([probs @ answers.scores[f"rater_{name}"] for name in "abc"])
        divergence += mass * (probs @ np.log(probs / answers.probs))
        of = [names.index(answers.group_names[i]) for i in answers.group_index]
        shares += mass * np.bincount(of, probs, len(names))
    assert means == pytest.approx([0.739518, 0.657014, 0.771745], abs=5e-7)
    assert divergence == pytest.approx(0.124543, abs=5e-7)
    found = shares[[names.index("m6"), names.index("m7")]]
    assert found == pytest.approx([0.225697, 0.212770], abs=5e-7)


def test_three_raters_as_voters_on_all_answers():
    table = raters()
    law = RewardLaw(table.rewards, scores=table.scores)
    probs = looped(law, THREE, steps=3)
    means = [probs @ law.scores[f"rater_{name}"] for name in "abc"]
    assert means == pytest.approx([0.912413, 0.834307, 0.930295], abs=5e-7)


def test_the_best_of_correct_answers():
    law = rollouts()
    means = np.zeros(4)
    for label, mass in zip(law.prompt_names, law.prompt_probs, strict=True):
        answers = law.prompt(label)
        means += [mass * (looped(answers, BestOf(4), t) @ answers.rewards) for t in range(4)]
    assert means == pytest.approx([0.3175, 0.491836, 0.553294, 0.555], abs=5e-7)


def test_a_verifier_of_answers_of_which_many_questions_have_none():
    law = rollouts()
    kept, dropped = [], 0
    for label in law.prompt_names:
        answers = law.prompt(label)
        kept.append(looped(answers, Accept("correct", none="keep"), 1) @ answers.rewards)
        try:
            looped(answers, Accept("correct", none="drop"), 1)
        except NothingAcceptedError:
            dropped += 1
    assert dropped == 89
    assert np.mean(kept) == pytest.approx(0.555, abs=5e-7)


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

"""Answers in two sentences: true, and with the numbers of the table."""

import io
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from recurate import Accumulate, CurationLoop, RewardLaw, choose, simulate_loop
from recurate.chosen import Chosen
from recurate.prediction import predict_loop
from recurate.printing.answers.guaranteed import guaranteed_whatever_rewards
from recurate.printing.answers.prediction import tell_prediction
from recurate.printing.answers.sentences import (
    choice_in_sentences,
    fixed_point_in_sentences,
    prediction_in_sentences,
    simulation_in_sentences,
    worst_case_in_sentences,
)
from recurate.printing.answers.simulation import Simulation
from recurate.printing.answers.told import print_told
from recurate.reading.asked import Asked
from recurate.reading.table import RewardTable
from recurate.rules import BestOf, BradleyTerry, TopShare, Voters
from recurate.worst_case import worst_case

TWO = RewardLaw([0.0, 1.0])
S = math.e / (1 + math.e)  # the chance of the better of two rewards that differ by 1
AFTER = 0.25 + 0.5 * S  # its share after one choice between two, of equal shares before


def table(law, **asked):
    return RewardTable("t.csv", Asked(**asked), law)


def predicted(law, *, asked=None, steps=1, replicates=0, rows="all", curated=None, **loop):
    loop = {"K": 2, "lam": 1.0} | loop
    read = table(law, **(asked or {}))
    return predict_loop(
        read, CurationLoop(law, **loop), steps=steps, replicates=replicates, rows=rows
    )


def said(law, **options):
    sentences = prediction_in_sentences(predicted(law, **options))
    assert len(sentences) == 2
    for sentence in sentences:
        assert sentence[0].isupper() or sentence[0].isdigit()
        assert sentence.endswith(".")
        assert not sentence.endswith("..")
    return sentences


def printed(told):
    file = io.StringIO()
    print_told(told, Console(file=file, width=10_000))
    return file.getvalue()


def test_where_the_reward_goes_and_settles():
    first, second = said(TWO)
    # At the fixed point 2p = 1/2 + p^2 + 2p(1-p)S, a quadratic equation.
    a, b, c = 2 * S - 1, 2 - 2 * S, -0.5
    end = (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)
    assert first == (
        "After 1 retraining step with K = 2 and 50% real data (λ = 1), the expected reward rises "
        f"from 0.5000 to {(0.5 + AFTER) / 2:.4f} in log-odds; in the end it settles at an expected "
        f"reward of {end:.4f}."
    )
    p = (0.5 + AFTER) / 2
    kl = p * math.log(2 * p) + (1 - p) * math.log(2 - 2 * p)
    assert second.startswith(f"The model is then {kl:.4f} nats from the real data (KL); ")
    assert second.endswith("; not to be trusted, for 2 rows are too few.")


def test_no_real_data_and_rewards_that_fall():
    first, _ = said(TWO, lam=math.inf, rule=BradleyTerry(2, scale=-1.0), K=None)
    assert first.startswith(
        "After 1 retraining step with this choice (Bradley–Terry's best of K = 2 by minus the "
        f"reward) and no real data, the expected reward falls from 0.5000 to {1 - AFTER:.4f} in "
        "log-odds; in the end it settles at an expected reward of 0.0000."
    )
    # Two equal rows: no law is further than log 2 from them, and choices of two may lead there.
    assert "; no theorem bounds it; " in said(TWO, lam=math.inf, steps=40)[1]


def test_without_a_choice_nothing_moves():
    first, second = said(TWO, K=1, steps=3)
    assert first == (
        "After 3 retraining steps with K = 1 (no choice) and 50% real data (λ = 1), the expected "
        "reward stays at 0.5000 in log-odds; in the end it settles at an expected reward of 0.5000."
    )
    assert "is then 0.0000 nats" in second
    assert "whatever people choose it stays within 0.0000 at every step" in second


def test_without_a_step_it_is_the_real_data():
    first, second = said(TWO, steps=0)
    assert first.startswith(
        "On the real data, before any retraining, the expected reward is at 0.5000 in log-odds; in "
        "the end it settles at "
    )
    assert second.startswith("The model is 0.0000 nats from the real data (KL); ")


@pytest.mark.parametrize(
    ("lam", "words"),
    [
        (0.0, "100% real data (λ = 0)"),
        (3.0, "25% real data (λ = 3)"),
        (1e-6, "nearly 100% real data (λ = 1e-06)"),
        (1e9, "1e-07% real data (λ = 1e+09)"),
        (math.inf, "no real data"),
        ((1.0, 2.0), "real data that change with t"),
    ],
)
def test_how_much_real_data(lam, words):
    first = said(TWO, lam=lam, steps=2)[0].replace("this choice (best of K = 2)", "K = 2")
    assert f"with K = 2 and {words}, " in first


def test_training_sets_that_grow():
    loop = {"K": None, "lam": None, "rule": BestOf(3), "training": Accumulate()}
    first, _ = said(TWO, **loop)
    assert "with this choice (highest of K = 3) and training sets that grow, " in first


def test_the_least_bound_is_told():
    found = predicted(RewardLaw([0.0, 0.01]), K=4, lam=0.2)
    any_choice = found.any_choice(())
    least = any_choice.ends_of_gap.divergence_for_ever
    assert least < any_choice.ends.divergence_for_ever < found.guarantees[1].bound[0]
    words = f"for any rewards that differ as little as these it stays within {least:.4f} at every"
    assert words in prediction_in_sentences(found)[1]
    far = RewardLaw([0.0, 60.0])  # the gap says nothing then
    found = predicted(far, K=4, lam=0.2)
    least = found.any_choice(()).ends.divergence_for_ever
    words = f"whatever people choose it stays within {least:.4f} at every step"
    assert words in prediction_in_sentences(found)[1]


def test_where_only_the_rewards_at_hand_have_a_bound_it_is_named():
    # λ = 0.5 is above 1/(K-1) = 1/3; rewards that are mostly best have a bound up to 1/(h-1).
    law = RewardLaw([0.0, 8.0], probs=[0.2, 0.8])
    found = predicted(law, K=4, lam=0.5)
    assert 0.5 < found.safe_range.for_these_rewards
    second = prediction_in_sentences(found)[1]
    known = found.safe_range.for_these_rewards
    assert f"theorems bound it, as for λ below {known:.4f} with these rewards" in second


def test_a_bound_up_to_this_step_only():
    law = RewardLaw(np.arange(1000.0))
    found = predicted(law, K=4, lam=1.0, steps=2)
    at_most = found.any_choice(()).ends.divergence[-1]
    assert at_most < math.log(1000)
    assert (
        f"; no theorem bounds it for ever, but whatever people choose it is at most {at_most:.4f} "
        "by then; the 1,000 rows of the table carry this to the last step."
    ) in prediction_in_sentences(found)[1]


def test_groups_bands_and_the_unit_of_the_table():
    draw = np.random.default_rng(0).normal(size=400)
    groups = np.where(draw > 0, "a" * 90, "b")
    law = RewardLaw(draw, groups=groups.tolist(), scores={"Elo": 1000 + 174 * draw})
    read = replace(table(law, unit="elo"), in_unit="Elo")
    loop = CurationLoop(law, K=4, lam=math.inf)
    few, many = (predict_loop(read, loop, steps=3, replicates=n) for n in (5, 60))
    for found, words in ((few, "range"), (many, "95% band")):
        first = prediction_in_sentences(found)[0]
        low, high = (ends["expected_reward"][-1] for ends in (found.bands.low, found.bands.high))
        elo = found.trajectory.expected_scores[[0, -1], 0]
        aside = f"{words} {low:.4f} to {high:.4f}; Elo: from {elo[0]:.4f} to {elo[1]:.4f}"
        assert f" in log-odds ({aside})" in first
        share = found.trajectory.group_proportions[[0, -1], 0]
        changes = f"changes most: its share goes from {share[0]:.4f} to {share[1]:.4f}"
        name = re.search(r"group (a+ \.\.\. a+) changes", first)
        assert changes in first
        assert len(name[1]) <= 60


def test_how_far_the_table_carries_it():
    law = RewardLaw(np.random.default_rng(1).normal(size=400))
    found = predicted(law, lam=math.inf, K=4, steps=8)
    last = found.trusted_until
    assert 0 < last < 8
    second = prediction_in_sentences(found)[1]
    assert second.endswith(
        f"; the 400 rows of the table carry this up to t = {last}, and no further."
    )


def test_of_prompts_the_prompts_carry_it():
    law = RewardLaw([0.0, 1.0, 2.0, 0.0], prompts=[*"aabb"])
    assert said(law)[1].endswith("not to be trusted for other prompts, for 2 prompts are too few.")


def test_items_of_votes_are_given():
    law = RewardLaw([0.0, 1.0], groups=["m1", "m2"])

    class Estimates:
        resamples_atoms = False

        def what(self, law):
            return "votes"

    read = replace(table(law), estimates=Estimates())
    loop = CurationLoop(law, K=2, lam=1.0)
    found = predict_loop(read, loop, steps=1, replicates=0)
    assert prediction_in_sentences(found)[1].endswith(
        "; the items are given, and of them only the rewards are uncertain."
    )


def test_voters_who_lose_are_counted():
    law = RewardLaw([0.0, 1.0], scores={"u": [1.0, 0.0], "v": [0.0, 3.0]})
    rule = Voters(((0.2, BradleyTerry(2, by="u")), (0.8, BradleyTerry(2, by="v"))))
    assert "; 1 of 2 voters loses by their own rewards." in said(law, K=None, rule=rule)[0]
    alike = Voters(((0.5, BradleyTerry(2, by="v")), (0.5, BradleyTerry(2, by="v", scale=2.0))))
    assert "; none of 2 voters loses by their own rewards." in said(law, K=None, rule=alike)[0]


def test_where_it_settles_may_be_unknown():
    first, _ = said(TWO, lam=(1.0, 2.0), steps=2)
    assert first.endswith("; where it settles was not found.")


def sampled(prompts, scale=1.0, **options):
    draw = scale * np.random.default_rng(3).normal(size=(prompts, 12))
    law = RewardLaw(draw.ravel(), prompts=np.repeat(np.arange(prompts), 12).tolist())
    return predicted(law, rows="sampled", K=2, **options)


def test_estimates_are_called_so():
    found = sampled(200, lam=math.inf, steps=12)
    known = found.sampled.known_until
    assert 0 < known < 12
    first, second = prediction_in_sentences(found)
    reward, kl = (found.sampled.estimates[name] for name in ("expected_reward", "kl_to_reference"))
    low, high = (ends["expected_reward"][known] for ends in (found.sampled.low, found.sampled.high))
    assert first == (
        f"After {known} retraining step{'s' if known > 1 else ''}, the last that the rows tell, "
        "with K = 2 and no real data, the expected reward over all answers to each prompt rises "
        f"from {reward[0]:.4f} to {reward[known]:.4f} in log-odds (95% band {low:.4f} to "
        f"{high:.4f}), by an estimate from the rows."
    )
    assert second.startswith(
        f"The model is then about {kl[known]:.4f} nats from the real data (KL)"
    )


def test_too_few_rows_tell_nothing_but_what_holds_whatever_the_rewards():
    found = sampled(2, scale=1e-3, lam=0.5)
    assert found.sampled.known_until is None
    first, second = prediction_in_sentences(found)
    assert first == (
        "24 rows of 2 prompts are too few to tell any step with K = 2 and 66.67% real data "
        "(λ = 0.5)."
    )
    bound = min(found.any_choice(()).ends.divergence_for_ever, found.guarantees[1].bound[0])
    assert f" stays within {bound:.4f} at every step." in second
    # Answers that are no rows may have rewards that differ by more.
    assert found.any_choice(()).ends_of_gap.divergence_for_ever < bound / 2


@pytest.mark.parametrize(
    "found",
    [
        lambda: predicted(RewardLaw(np.linspace(-1, 1, 50), groups=[*"ab"] * 25), steps=5),
        lambda: predicted(TWO, K=4, lam=0.2),
        lambda: predicted(TWO, K=math.inf, lam=1.0, steps=30),
        lambda: predicted(RewardLaw(np.linspace(-1, 1, 150)), lam=math.inf, replicates=4, steps=40),
        lambda: sampled(200, lam=0.5, steps=2),
    ],
)
def test_numbers_are_those_of_the_table(found):
    found = found()
    told = printed([*tell_prediction(found, theory=True), guaranteed_whatever_rewards(found)])
    number = r"(?<![\w.])-?\d+\.\d{4}(?!\d)"
    numbers = re.findall(number, " ".join(prediction_in_sentences(found)))
    assert len(numbers) >= 4
    assert {one for one in numbers if one not in re.findall(number, told)} == set()


def test_a_fixed_point():
    law = RewardLaw([0.0, 1.0], groups=["plain", "liked"])
    loop = CurationLoop(law, K=2, lam=math.inf)
    found = fixed_point_in_sentences(table(law), loop, loop.run(steps=0), loop.fixed_point())
    assert found == (
        "With K = 2 and no real data, the loop settles at an expected reward of 1.0000 in "
        "log-odds, where the real data have 0.5000; group plain changes most: its share goes from "
        "0.5000 to 0.0000.",
        f"There the model is {math.log(2):.4f} nats from the real data (KL), and a share of 1.0000 "
        "of its samples has the best reward; not to be trusted for other items than these: the "
        "fixed point rests on 1 of 2 rows (effective sample size), and needs 100.",
    )


def test_a_choice():
    law = RewardLaw(np.random.default_rng(0).normal(size=500).round(2), groups=[*"ab"] * 250)
    read = table(law)
    found = choose(law, K=4, max_kl=0.1, replicates=8, rng=0)
    first, second = choice_in_sentences(Chosen(read, None, found))
    fraction, lam = re.search(
        r"at least (\S+) of each training set \(λ at most (\S+)\)", first
    ).groups()
    assert first == (
        f"With K = 4, real data have to be at least {fraction} of each training set (λ at most "
        f"{lam}) to keep the divergence from the real data (KL) at most 0.1 nats at every step."
    )
    assert float(lam) <= found.lam < float(lam) * 1.2
    assert second.startswith(
        "The largest divergence is then 0.1 at the fixed point; range of 8 resampled tables"
    )
    assert second.endswith("rows (effective sample size).")
    K = choose(law, lam=1.0, group="a", max_share=0.9, steps=3)
    first, second = choice_in_sentences(Chosen(read, "a", K))
    assert first == (
        "With 50% real data (λ = 1), K may be any number to keep the share of group a at most 0.9 "
        "for 3 steps."
    )
    assert second.startswith("The largest share is then ")
    none = choose(law, rule=TopShare(1.0), max_kl=0.1)
    assert choice_in_sentences(Chosen(read, None, none))[0] == (
        "With this choice (highest 100% of all), no real data are needed to keep the divergence "
        "from the real data (KL) at most 0.1 nats at every step."
    )


def test_a_choice_whatever_people_choose():
    law = RewardLaw([0.0, 1.0], groups=["plain", "liked"])
    read = table(law)
    found = worst_case(law, K=4, group="plain", min_share=0.1)
    first, second = worst_case_in_sentences(Chosen(read, "plain", found))
    # λ = (1/2 - 1/10)/(1/10 - 1/10^4) = 4.004004
    assert first == (
        "Whatever people choose among K = 4, real data have to be at least 0.1998402 of each "
        "training set (λ at most 4.00400) to keep the share of group plain at least 0.1 at every "
        "step."
    )
    assert second == (
        "The worst way to choose comes to 0.1 for ever; of the table only the group's share "
        "matters; recurate explain share-envelope has the proof."
    )
    # The real data alone, 2/3 of each training set, have a share of 1/3 of it.
    found = worst_case(law, lam=0.5, group="plain", min_share=0.3)
    assert worst_case_in_sentences(Chosen(read, "plain", found))[0] == (
        "Whatever people choose with λ = 0.5, K may be any number to keep the share of group plain "
        "at least 0.3 at every step."
    )


def test_a_simulation():
    loop = CurationLoop(TWO, K=2, lam=1.0)
    run = simulate_loop(loop, steps=1, n_generated=2000, replicates=20, rng=1)
    found = Simulation.of(table(TWO), loop, run)
    first, second = simulation_in_sentences(found)
    mean, error = run.expected_reward[-1], run.standard_errors["expected_reward"][-1]
    assert first == (
        "In 20 runs of 2,000 generated samples a step, with K = 2 and 50% real data (λ = 1), the "
        f"mean expected reward after 1 retraining step is {mean:.4f} ± {error:.4f} (standard "
        f"error) in log-odds, where the exact loop has {(0.5 + AFTER) / 2:.4f}."
    )
    assert second.startswith("A test of all figures at all steps together sees no difference from")
    other = Simulation(found.table, CurationLoop(TWO, K=2, lam=0.2), found.exact, run)
    assert "sees a difference from it (p-value " in simulation_in_sentences(other)[1]
    single = simulate_loop(loop, steps=1, n_generated=5, replicates=1, rng=1)
    first, second = simulation_in_sentences(Simulation.of(table(TWO), loop, single))
    assert "±" not in first
    assert second.startswith("The figures are not tested all together: ")

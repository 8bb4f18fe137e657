"""A broken engine is noticed by at least two kinds of evidence."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st

from recurate.numerics import curation
from recurate.numerics.curation import rationals
from recurate.numerics.laws.reward_law import RewardLaw
from recurate.numerics.loop import CurationLoop
from recurate.paper_checks.catalogue import CHECKS
from recurate.paper_checks.evidence.gathering.exact_and_certified import (
    certified_evidence,
    exact_evidence,
)
from recurate.paper_checks.evidence.gathering.property import property_evidence
from recurate.paper_checks.evidence.gathering.sampled import sampled_evidence
from recurate.paper_checks.evidence.gathering.tally import Tally
from recurate.paper_checks.replay import least_margin
from recurate.paper_checks.runs import setting
from recurate.paper_checks.runs.kinds import EngineRun

TRUE_RATIO = curation.log_curation_ratio


def off_by_a_millionth(rewards, K, log_probs):
    return TRUE_RATIO(rewards, K=K, log_probs=log_probs) + math.log1p(1e-6)


def one_candidate_too_few(rewards, K, log_probs):
    return TRUE_RATIO(rewards, K=max(K - 1, 1), log_probs=log_probs)


class ReferenceForCurrentLaw:
    """p_ref for p_t: the law of the first call with these rewards in all later ones."""

    def __init__(self):
        self.first = {}

    def __call__(self, rewards, K, log_probs):
        reference = self.first.setdefault(np.asarray(rewards).tobytes(), log_probs)
        return TRUE_RATIO(rewards, K=K, log_probs=reference)


def least_preferred_wins(rewards, K, log_probs):
    return TRUE_RATIO(-np.asarray(rewards), K=K, log_probs=log_probs)


BREAKAGES = {
    "off by one part in a million": lambda: off_by_a_millionth,
    "K - 1 for K": lambda: one_candidate_too_few,
    "p_ref for p_t": ReferenceForCurrentLaw,
    "the least preferred wins": lambda: least_preferred_wins,
}


@pytest.fixture(params=BREAKAGES)
def breakage(request, monkeypatch):
    broken = BREAKAGES[request.param]()

    def ratio(rewards, probs=None, K=None, *, log_probs=None, kernel=None):
        if log_probs is None:
            log_probs = np.log(probs)
        return broken(rewards, K, log_probs)

    monkeypatch.setattr(curation, "log_curation_ratio", ratio)
    return request.param


def kinds_that_notice(name):
    check = CHECKS[name]
    pieces = [
        property_evidence(check, name=name, cases=60, seed=1),
        exact_evidence(check, name=name, cases=100, seed=1),
        certified_evidence(check, name=name, cases=24, seed=1),
    ]
    return {piece.kind for piece in pieces if piece.witness is not None}


def test_two_kinds_of_evidence_notice_a_broken_engine(breakage):
    assert len(kinds_that_notice("lemma-2.1")) >= 2


@pytest.mark.parametrize("name", ["lemma-2.2", "theorem-2.3-sharp"])
def test_a_theorem_notices_that_the_least_preferred_wins(monkeypatch, name):
    def ratio(rewards, probs=None, K=None, *, log_probs=None, kernel=None):
        return least_preferred_wins(rewards, K, log_probs)

    monkeypatch.setattr(curation, "log_curation_ratio", ratio)
    evidence = property_evidence(CHECKS[name], name=name, cases=60, seed=1)
    # Balls tell whose fault it is: the theorem is not refuted.
    assert evidence.verdict == "violated"
    assert "the float engine errs" in evidence.cause
    assert "RewardLaw(" in evidence.witness.replay
    exec(evidence.witness.replay, {})


def test_sampled_choices_notice_a_broken_engine(monkeypatch):
    def ratio(rewards, probs=None, K=None, *, log_probs=None, kernel=None):
        return one_candidate_too_few(rewards, K, log_probs)

    monkeypatch.setattr(curation, "log_curation_ratio", ratio)
    evidence = sampled_evidence(cases=10, seed=1)
    assert (evidence.verdict, evidence.cause) == (
        "violated",
        "by chance with a probability of 1e-09 at most",
    )


@pytest.mark.filterwarnings("ignore:invalid value")
def test_no_number_is_not_taken_for_zero(monkeypatch):
    monkeypatch.setattr(
        curation, "log_curation_ratio", lambda rewards, **others: np.full(len(rewards), np.nan)
    )
    loop = CurationLoop(RewardLaw([0.0, 1.0]), K=2, lam=math.inf)
    ratio = EngineRun(loop, 0).curation(0).ratio
    assert all(ball.is_nan() for ball in ratio)
    claim = replace(CHECKS["ratio-bound"], loops=st.just(loop))
    evidence = EngineRun(loop, 0)
    tally = Tally(decides=False)
    tally.add(claim, evidence, lambda: "loop", lambda: "")
    assert tally.undecided == len(claim.margins_of(evidence)) > 0


@pytest.mark.usefixtures("nothing_kept")
def test_a_broken_oracle_is_noticed(monkeypatch):
    true_ratio = rationals.curation_ratio
    monkeypatch.setattr(
        rationals,
        "curation_ratio",
        lambda weights, probs, K: true_ratio(weights, probs, max(K - 1, 1)),
    )
    evidence = exact_evidence(CHECKS["lemma-2.2"], name="lemma-2.2", cases=50, seed=987)
    assert evidence.verdict == "refuted"
    monkeypatch.undo()
    setting.forget_runs()
    namespace = {}
    exec(evidence.witness.replay.rsplit("\n", 1)[0], namespace)
    assert least_margin("lemma-2.2", namespace["instance"]).value >= 0  # it was the oracle's fault

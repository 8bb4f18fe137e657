"""The checks hold on the program as it is, and fail when a claim or the program is wrong."""

import dataclasses
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

from recurate.numerics import curation, exact
from recurate.paper_checks import lemma_2_2, ratio_bound, theorem_2_3, theorem_2_4
from recurate.paper_checks.evidence import exact_evidence, property_evidence
from recurate.paper_checks.instances import RationalLoop
from recurate.paper_checks.runner import CHECKS, Result, run_checks
from recurate.theory import notation

CASES = 100


@pytest.fixture(params=CHECKS)
def check(request):
    return CHECKS[request.param]


def test_property_evidence_holds(check):
    evidence = property_evidence(check, cases=CASES, seed_value=1)
    assert evidence.witness is None
    assert evidence.cases >= CASES


def test_exact_evidence_holds_with_an_exact_margin(check):
    evidence = exact_evidence(check, cases=CASES, seed_value=1)
    assert evidence.witness is None
    assert evidence.cases == CASES
    assert isinstance(evidence.least_margin, Fraction)
    # Equality cases (K = 1, one atom) are among the instances.
    assert evidence.least_margin == 0


def test_same_seed_same_evidence(check):
    first, second = (property_evidence(check, cases=20, seed_value=3) for _ in range(2))
    assert first.least_margin == second.least_margin


# A broken engine: K - 1 for K, the reward's sign turned, one part in a hundred too much.
BREAKAGES = {
    "one candidate too few": lambda ratio, r, K: ratio(r, max(K - 1, 1)),
    "the least preferred wins": lambda ratio, r, K: ratio(-r, K),
    "one in a hundred too much": lambda ratio, r, K: ratio(r, K) + 0.01,
}


@pytest.mark.parametrize(
    ("broken", "name"),
    [
        ("one candidate too few", "lemma-2.2"),
        ("the least preferred wins", "lemma-2.2"),
        ("the least preferred wins", "theorem-2.3"),
        ("one in a hundred too much", "ratio-bound"),
        ("one in a hundred too much", "lemma-2.2"),
    ],
)
def test_property_evidence_notices_a_broken_engine(monkeypatch, broken, name):
    true_ratio = curation.log_curation_ratio

    def ratio(rewards, K=None, *, log_probs=None, kernel=None):
        return BREAKAGES[broken](
            lambda r, k: true_ratio(r, K=k, log_probs=log_probs), np.asarray(rewards), K
        )

    monkeypatch.setattr(curation, "log_curation_ratio", ratio)
    evidence = property_evidence(CHECKS[name], cases=CASES, seed_value=1)
    if broken == "one in a hundred too much" and name == "lemma-2.2":
        # Too much gain breaks no lower bound: the ratio bound notices this one.
        assert evidence.witness is None
    else:
        assert "RewardLaw(" in evidence.witness


def test_exact_evidence_notices_a_broken_oracle(monkeypatch):
    true_ratio = exact.curation_ratio

    def ratio(weights, probs, K):
        return true_ratio(weights, probs, max(K - 1, 1))

    monkeypatch.setattr(exact, "curation_ratio", ratio)
    evidence = exact_evidence(lemma_2_2.check, cases=CASES, seed_value=1)
    assert "margin -" in evidence.witness


# Nearby false claims (mathematics, section F): each must be refuted by both kinds of evidence.
MUTANTS = {
    "ratio-bound with K/2": (ratio_bound, notation.K / 2),
    "lemma-2.2 without (K-1)/K": (
        lemma_2_2,
        notation.mean_weight + notation.variance_weight / notation.max_weight,
    ),
    "theorem-2.3 without (K-1)/K": (
        theorem_2_3,
        notation.mean_weight
        + notation.synthetic_fraction
        * notation.real_fraction**2
        * notation.variance_weight
        / notation.max_weight,
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_nearby_false_claims_are_refuted(monkeypatch, mutant):
    module, bound = MUTANTS[mutant]
    false_claim = dataclasses.replace(module.statement, bound=bound)
    monkeypatch.setattr(module, "_bound", false_claim.bound_function())
    monkeypatch.setattr(module, "_exact_bound", false_claim.bound_function("rational"))
    for gather in (property_evidence, exact_evidence):
        assert gather(module.check, cases=500, seed_value=1).witness is not None


def test_half_the_density_bound_of_theorem_2_4_is_refuted(monkeypatch):
    # d_t <= 1/(1-λ(K-1)/2) fails for q = ρ = 1/10, λ = 1/2, K = 2, t = 3 (section F: 1.4507 > 4/3).
    half = 1 / (1 - notation.lam * (notation.K - 1) / 2)
    false_claim = dataclasses.replace(theorem_2_4.statement, rational_core=half)
    monkeypatch.setattr(
        theorem_2_4, "_exact_density_bound", false_claim.bound_function("rational", core=True)
    )
    tenth = (Fraction(9, 10), Fraction(1, 10))
    loop = RationalLoop((Fraction(1, 10), Fraction(1)), tenth, K=2, lam=Fraction(1, 2), steps=3)
    margins = list(theorem_2_4.check.exact_margins(loop))
    assert min(margins) < 0
    assert float(Fraction(4, 3) - min(margins)) == pytest.approx(1.4507, abs=5e-5)


def test_rational_loops_outside_the_hypothesis_are_not_counted():
    loop = RationalLoop((Fraction(1),), (Fraction(1),), K=4, lam=math.inf)
    assert list(theorem_2_4.check.exact_margins(loop)) == []


def test_verdict_needs_cases():
    evidence = exact_evidence(ratio_bound.check, cases=0, seed_value=0)
    assert Result(ratio_bound.statement, (evidence,)).verdict == "refuted"


def test_runner_gathers_both_kinds():
    (result,) = run_checks(["ratio-bound"], seed=0)
    assert [e.kind for e in result.evidence] == ["property", "exact"]
    assert result.verdict == "holds"


def test_claims_are_the_statements_own_bounds():
    for name, module_check in CHECKS.items():
        assert module_check.statement.id == name
        assert isinstance(module_check.statement.claim, sympy.core.relational.Relational)

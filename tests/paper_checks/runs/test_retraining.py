"""Theorem 2.2's evidence: exact instances against the float engine, balls against closed forms."""

import math
from fractions import Fraction
from functools import cache
from itertools import islice

import flint
import numpy as np
import pytest

from recurate.numerics.parametric import (
    DiscreteLaw,
    LocatedLaw,
    LocationFamily,
    Logistic,
    PowerFamily,
    RetrainingLoop,
    curvatures,
    measured_rate,
    retraining,
    wasserstein,
)
from recurate.paper_checks.catalogue import CHECKS, CURATION_CHECKS
from recurate.paper_checks.evidence.gathering.exact_and_certified import exact_evidence
from recurate.paper_checks.evidence.gathering.property import property_evidence
from recurate.paper_checks.parametric.theorem_2_2 import at_a_minimum
from recurate.paper_checks.replay import least_margin
from recurate.paper_checks.runs.retraining_draws import finite_instances, logistic_instances
from recurate.paper_checks.runs.retraining_instances import (
    FiniteInstance,
    LogisticInstance,
    attaining,
    symmetric_logistic,
)
from recurate.paper_checks.runs.retraining_runs import CertifiedLogisticRun, MeasuredRun
from recurate.theory.closed_forms import LOGISTIC_ERROR, LOGISTIC_RATE
from recurate.theory.parametric.theorem_2_2 import THRESHOLD, statement

HALF = Fraction(1, 2)


def float_loop(instance):
    """The same loop for the float engine."""
    points = [float(x) for x in instance.points]
    statistics = np.array([[float(s) for s in score] for score in instance.scores]).T
    family = PowerFamily(
        points, [float(p) for p in instance.model], statistics, float(instance.form)
    )
    data = DiscreteLaw(points, [float(p) for p in instance.data])
    return RetrainingLoop(family, data, lam=float(instance.lam))


def test_constants_of_finite_instances_are_the_engines():
    # Two computations of A, B, α, L, ε: rationals from the definition, and the float engine.
    tried = 0
    for instance in islice(finite_instances(3), 60):
        if not 0 < instance.form <= 1 or instance.curvature < Fraction(1, 10):
            continue
        loop = float_loop(instance)
        found = curvatures(loop)
        near = {"rtol": 1e-9, "atol": 1e-12 * found.fisher.max()}
        np.testing.assert_allclose(loop.best, 0, atol=1e-12)
        np.testing.assert_allclose(found.data, np.array(instance.data_curvature, float), **near)
        np.testing.assert_allclose(found.fisher, np.array(instance.fisher, float), **near)
        assert float(instance.curvature) <= found.curvature * (1 + 1e-9)
        assert float(instance.curvature) == pytest.approx(found.curvature, rel=1e-6)
        assert float(instance.model_error) == pytest.approx(found.model_error, rel=1e-9, abs=1e-12)
        # For two parameters the row-sum norm is at least the operator norm, and at most √2 times.
        ratio = float(instance.hessian_lipschitz) / found.hessian_lipschitz
        assert 1 - 1e-9 <= ratio <= (1 if instance.dimension == 1 else math.sqrt(2)) + 1e-9
        tried += 1
    assert tried >= 20


def test_finite_instance_converges_at_its_exact_rate():
    # The exact eigenvalue λB/(A + λB) against iterated divergences.
    instance = attaining("1/2", "1")
    A, B = instance.data_curvature[0][0], instance.fisher[0][0]
    assert (A, B, instance.hessian_lipschitz, instance.model_error) == (
        Fraction(13, 4),
        Fraction(9, 2),
        1,
        Fraction(5, 4),
    )
    measured = measured_rate(float_loop(instance))
    assert abs(measured.rate - float(B / (A + B))) <= measured.error < 1e-5


def test_the_sharper_rate_is_attained():
    for share in ("1/100", "1/2", "1"):
        for lam in ("1/100", "1", "100"):
            instance = attaining(share, lam)
            assert least_margin("theorem-2.2-sharp", instance).value == 0


def test_margins_by_hand():
    # α = A = 13/4, B = 9/2, Lε = 5/4, λ = 1: j = 18/31, the paper's rate (9/2)/(13/4 + 2) = 6/7.
    margin = least_margin("theorem-2.2", attaining("1/2", "1")).value
    assert margin == Fraction(6, 7) - Fraction(18, 31)
    # λ/(1+λ), its first mutant, is 1/2.
    assert least_margin("theorem-2.2#0", attaining("1/2", "1")).value == HALF - Fraction(18, 31)


def test_a_perfect_model_attains_both():
    instance = FiniteInstance(
        points=(Fraction(0), Fraction(1), Fraction(3)),
        model=(HALF, Fraction(1, 4), Fraction(1, 4)),
        scores=((Fraction(1), Fraction(0), Fraction(-2)),),
        data=(HALF, Fraction(1, 4), Fraction(1, 4)),
        form=Fraction(1),
        lam=Fraction(3),
    )
    for name in ("theorem-2.2", "theorem-2.2-sharp"):
        assert least_margin(name, instance).value == 0


def test_the_loop_leaves_a_minimum_of_the_likelihood():
    # A = -1/4, B = 1/4, λ = 2: J = (1/2)/(1/4) = 2, so that 1 - J = -1.
    assert at_a_minimum.data_curvature == [[Fraction(-1, 4)]]
    assert least_margin("theorem-2.2#4", at_a_minimum).value == -1
    with pytest.raises(ValueError, match=r"loop must be one that theorem-2\.2 is about"):
        least_margin("theorem-2.2", at_a_minimum)
    # And so does the float engine's loop: the deviation doubles.
    path = float_loop(at_a_minimum).run([1e-7], steps=5).parameters[:, 0]
    np.testing.assert_allclose(path[1:] / path[:-1], 2.0, rtol=1e-6)


def test_the_threshold_is_the_hypothesis():
    # λ < THRESHOLD says what the statement's condition 2aLε < mα says.
    condition = next(h for h in statement.hypotheses if "λ (lam) below" in h.text)
    for lam in (Fraction(1, 10), Fraction(7, 5), Fraction(10, 7), Fraction(3, 2), Fraction(40)):
        values = {"curvature": Fraction(10), "hessian_lipschitz": 7, "model_error": HALF}
        at = {"alpha": 10, "L": 7, "epsilon": HALF}
        threshold = THRESHOLD.subs({s: at[s.name] for s in THRESHOLD.free_symbols})
        assert condition.holds("rational", lam=lam, **values) == (lam < Fraction(str(threshold)))


@pytest.mark.parametrize(("spread", "lam"), [(3, Fraction(1)), (5, HALF), (40, Fraction(100))])
def test_balls_of_the_logistic_model(spread, lam):
    # W1 and the rate against their closed forms.
    run = CertifiedLogisticRun(symmetric_logistic(spread, str(lam)), 128)
    with flint.ctx.workprec(128):
        rate = LOGISTIC_RATE.rational(spread=spread, lam=lam)
        assert run.rate.contains(flint.arb(rate.numerator) / rate.denominator)
        assert run.rate.rad() < 1e-17
        assert run.model_error.rad() < 1e-30
    assert float(run.model_error.mid()) == pytest.approx(LOGISTIC_ERROR(spread=spread), rel=1e-14)


def test_balls_of_asymmetric_data_are_the_engines():
    for instance in islice(logistic_instances(5), 12):
        run = CertifiedLogisticRun(instance, 128)
        data = DiscreteLaw(
            [math.log(y) for y in instance.odds], [float(m) for m in instance.masses]
        )
        loop = RetrainingLoop(LocationFamily(Logistic()), data, lam=float(instance.lam))
        found = curvatures(loop)
        assert abs(loop.best[0]) < 1e-12
        assert float(run.curvature.mid()) == pytest.approx(found.curvature, rel=1e-11)
        assert float(run.model_error.mid()) == pytest.approx(found.model_error, rel=1e-11)
        local = found.local_rates(loop.lam)[0]
        assert float(run.rate.mid()) == pytest.approx(local, rel=1e-11)


def test_table_of_the_examples():
    # Worked out by hand to four digits: the paper's rate and the sharper one.
    for spread, lam, true, paper, sharp in (
        (3, "1", 8 / 17, 0.9267, 0.5907),
        (5, "1/2", 3 / 8, 0.7093, 0.4535),
    ):
        instance = symmetric_logistic(spread, lam)
        for name, rate in (("theorem-2.2", paper), ("theorem-2.2-sharp", sharp)):
            margin = least_margin(name, instance, kind="certified").value
            assert float(margin.mid()) == pytest.approx(rate - true, abs=5.1e-5)
    for spread, threshold in ((3, 1.1289), (5, 0.7577)):
        run = CertifiedLogisticRun(symmetric_logistic(spread, "1"), 128)
        assert float(run.evaluate(THRESHOLD, **run.constants).mid()) == pytest.approx(
            threshold, abs=5.1e-5
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"points": (Fraction(4), Fraction(1), Fraction(9))}, "points must rise"),
        ({"data": (Fraction(1, 3),) * 3}, "scores must have mean zero under the data"),
        ({"model": (Fraction(0), HALF, HALF)}, "model must be a law above 0"),
        ({"data": (HALF, HALF)}, "tuples must have one length"),
    ],
)
def test_instances_that_are_none(change, message):
    good = attaining()
    values = {name: getattr(good, name) for name in good.__dataclass_fields__}
    with pytest.raises(ValueError, match=message):
        FiniteInstance(**{**values, **change})


def test_logistic_instances_that_are_none():
    with pytest.raises(ValueError, match="masses must make E tanh"):
        LogisticInstance((HALF, Fraction(3)), (HALF, HALF), Fraction(1))
    with pytest.raises(ValueError, match="odds must be above 0 and rise"):
        LogisticInstance((Fraction(3), HALF), (HALF, HALF), Fraction(1))


def test_instances_can_be_made_again():
    for make in (finite_instances, logistic_instances):
        for instance in islice(make(1), 10):
            names = {"Fraction": Fraction, type(instance).__name__: type(instance)}
            assert eval(instance.to_python(), names) == instance


def test_only_checks_about_curation_are_hunted():
    beyond = {
        "parametric",
        "any_choice",
        "many_voters",
        "accumulation",
        "literature",
        "conjectures",
    }
    others = {
        name: CHECKS[name].statement.chapter for name in CHECKS if name not in CURATION_CHECKS
    }
    assert {"theorem-2.2", "theorem-2.2-sharp", "share-envelope"} <= set(others)
    assert set(others.values()) <= beyond


# Broken engines


def evidence_of(name):
    return property_evidence(CHECKS[name], name=name, cases=30, seed=1)


def test_a_wrong_mixture_is_noticed(monkeypatch):
    # λ² for λ in the training set: the measured rate is no eigenvalue of J any more.
    true_step = retraining.RetrainingLoop.step

    @cache  # each step of a loop takes the same wrong one, which keeps its data's maximum
    def wrong(loop):
        return RetrainingLoop(loop.family, loop.data, lam=loop.lam**2)

    def step(self, parameter):
        return true_step(wrong(self), parameter)

    monkeypatch.setattr(retraining.RetrainingLoop, "step", step)
    found = evidence_of("theorem-2.2")
    assert found.verdict == "violated"
    assert "floating point only" in found.cause
    assert "RetrainingLoop(" in found.witness.replay
    exec(found.witness.replay, {})


def test_a_wrong_divergence_is_noticed(monkeypatch):
    # KL without its square: sqrt(KL) for KL makes the measured rate its own root.
    true = retraining.RetrainingLoop.divergence
    monkeypatch.setattr(
        retraining.RetrainingLoop, "divergence", lambda self, at: math.sqrt(true(self, at))
    )
    assert evidence_of("theorem-2.2").verdict == "violated"


def test_a_wrong_lipschitz_constant_is_noticed(monkeypatch):
    # 9/10 of L, where the sharper rate is attained.
    true = PowerFamily.hessian_lipschitz
    monkeypatch.setattr(PowerFamily, "hessian_lipschitz", lambda self, at: 0.9 * true(self, at))
    margins = CHECKS["theorem-2.2-sharp"].margins_of(MeasuredRun(float_loop(attaining())))
    assert all(margin.value < 0 for margin in margins)


def test_a_wrong_exact_constant_is_noticed(monkeypatch):
    true = FiniteInstance.model_error.func
    broken = property(lambda self: true(self) * Fraction(9, 10))
    monkeypatch.setattr(FiniteInstance, "model_error", broken)
    name = "theorem-2.2-sharp"
    assert exact_evidence(CHECKS[name], name=name, cases=0, seed=1).verdict == "refuted"


def test_wasserstein_of_the_model_itself_is_zero():
    model = LocatedLaw(Logistic())
    assert wasserstein(model, model) == 0
    loop = RetrainingLoop(LocationFamily(Logistic()), model, lam=2.0)
    run = MeasuredRun(loop)
    assert run.is_degenerate
    assert all(abs(margin.value) < 1e-5 for margin in CHECKS["theorem-2.2"].margins_of(run))

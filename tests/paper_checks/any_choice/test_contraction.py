"""Rules that see the law may have several fixed points, where those that do not have one."""

from fractions import Fraction

from recurate.paper_checks.runs.ruled.instances import RuledInstance
from recurate.paper_checks.runs.ruled.popular import Popular
from recurate.paper_checks.runs.ruled.runs import ExactRuledRun

HALF = Fraction(1, 2)


def after_one_step(mass):
    """Mass of the first of two atoms after a step at λ = ½, K = 2, where most samples win."""
    start = (mass, 1 - mass)
    run = ExactRuledRun(RuledInstance((HALF, HALF), Popular(2), 1, HALF, initial=start))
    return run.law(1)[0]


def test_most_samples_win_has_three_fixed_points():
    # aK = 2/3 < 1. The fixed points are ½ and the roots of x² + x - 1 = 0 and of 1 - x.
    assert after_one_step(HALF) == HALF
    for exact in (Fraction(3, 4), Fraction(5, 8), Fraction(9, 10)):
        assert after_one_step(exact) == Fraction(1, 3) * (1 + 2 * exact - exact**2)
        assert after_one_step(1 - exact) == 1 - after_one_step(exact)
    golden = Fraction(987, 1597)  # a ratio of Fibonacci numbers: .6180339…, off by 1.8e-7
    assert golden**2 + golden != 1
    assert abs(after_one_step(golden) - golden) < 1e-6

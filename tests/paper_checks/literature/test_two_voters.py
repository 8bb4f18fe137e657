"""Two voters with basins of their own: the instances that the documents have, by hand."""

from fractions import Fraction
from itertools import islice

import pytest

from recurate.paper_checks.literature.two_voters import (
    COMPROMISE,
    TWO_VOTERS,
    basins_of,
    two_voters,
)
from recurate.paper_checks.runs.written import fractions


def basins(instance, tolerance="9/10"):
    run = TWO_VOTERS.exact_run(instance)
    return run, dict(basins_of(run))[f"e^-ε = {tolerance}"]


def test_a_compromise_grows_by_80000_in_79941():
    run, found = basins(COMPROMISE)
    assert (found.first, found.second, found.outside) == ([0], [1], [2, 3])
    outside = [found.masses(run.law(t))[2] for t in range(run.steps + 1)]
    # the audit's number
    assert outside[1] / outside[0] == Fraction(80000, 79941)
    assert outside == sorted(outside)


def test_it_takes_over():
    run = TWO_VOTERS.certified_run(
        two_voters(
            Fraction(1, 2),
            fractions("1 1/100 4/5"),
            fractions("1/100 1 4/5"),
            fractions("1/4 1/4 1/2"),
            40,
        ),
        128,
    )
    # a' = a .505/(.8 - .59 a): at the start 1/4, at most .774 of it, then .631 in the end
    assert run.law(40)[0] < 0.25 * 0.774**40
    assert run.law(40)[2] > 0.99


def test_a_loop_on_plateaus_has_the_fixed_point_of_the_documents():
    """a = q/(1-k_2) - (1-q) k_1/(1-k_1), to which it tends, and not q."""
    q, k_1, k_2 = Fraction(2, 5), Fraction(1, 10), Fraction(1, 5)
    end = q / (1 - k_2) - (1 - q) * k_1 / (1 - k_1)
    assert end == Fraction(13, 30)
    voters = (fractions("1 1/10"), fractions("1/5 1"))
    still, found = basins(two_voters(q, *voters, (end, 1 - end), 2))
    assert still.law(2) == [end, 1 - end]
    assert found.plateaus() == (k_1, k_2)
    run = TWO_VOTERS.certified_run(two_voters(q, *voters, (q, 1 - q), 60), 128)
    assert abs(float(run.law(60)[0]) - end) < 1e-6


def test_a_minority_is_lost():
    # k/(1+k) = 1/4 for k = 1/3
    voters = (fractions("1 1/3"), fractions("1/3 1"))
    run = TWO_VOTERS.certified_run(
        two_voters(Fraction(1, 5), *voters, fractions("1/2 1/2"), 80), 128
    )
    assert run.law(80)[0] < 1e-4


@pytest.mark.parametrize("tolerance", ["99/100", "9/10", "1/2", "1/10"])
def test_basins_are_apart_and_complete(tolerance):
    seen = 0
    for instance in islice(TWO_VOTERS.exact_instances(1), 100):
        run = TWO_VOTERS.exact_run(instance)
        found = dict(basins_of(run)).get(f"e^-ε = {tolerance}")
        if found is not None:
            seen += 1
            assert sorted([*found.first, *found.second, *found.outside]) == list(range(run.size))
            assert sum(found.masses(run.law(0))) == 1
            assert min(found.masses(run.law(0))[:2]) > 0
            assert max(found.leaks()) < found.least
    assert seen > 30

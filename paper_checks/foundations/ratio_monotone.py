"""Evidence that the curation ratio increases with the weight, at several laws of each run.

All margins are rational functions of the laws: exact evidence tests the claim itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Mutant
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Curation, Number, Run
from recurate.theory.foundations.ratio_monotone import statement


def increase_margins(
    run: Run,
    values: Sequence[Number],
    where: str,
    *,
    tight: bool = False,
    atoms: Sequence[int] | None = None,
) -> Iterator[Margin]:
    """Yield the margins of the claim that values, one an atom, increase with the weight.

    Neighbours in the weights' order are compared; at tied weights the values have to be equal.

    Parameters
    ----------
    run : Run
        Whose atoms.
    values : sequence of numbers, length n
        What is to increase.
    where : str
        The place where the claim speaks.
    tight : bool
        Whether equality is listed between all atoms.
    atoms : sequence of int, optional
        The atoms that the claim speaks of, in any order; all of them if not given.
    """
    spoken = [i for i in run.order if atoms is None or i in atoms]
    for i, j in pairwise(spoken):
        rise = values[j] - values[i]
        if run.heights[i] == run.heights[j]:
            yield Margin(-abs(rise), f"{where}, tied atoms {i} and {j}", tight=True)
        else:
            yield Margin(rise, f"{where}, atoms {i} and {j}", tight=tight)


def curations(run: Run, K: int | float | None = None) -> Iterator[tuple[str, Curation]]:
    """Yield the curations of the run's first and last laws and of the second law, with names.

    K, if given, takes the place of the run's own number of candidates.
    """
    for t in (0, run.steps):
        yield f"t = {t}", run.curation(t, K)
    yield "second law", run.curation_of(run.second, K)


def _margins(run: Run, bound: Bound) -> Iterator[Margin]:
    for where, curation in curations(run):
        yield from increase_margins(run, curation.ratio, where, tight=run.K == 1)


def _in_proportion(run: Run, bound: Bound) -> Iterator[Margin]:
    """H(w')/H(w) is w'/w at least, as it is for K = inf."""
    for where, curation in curations(run):
        shares = [h / w for h, w in zip(curation.ratio, run.weights, strict=True)]
        yield from increase_margins(run, shares, where)


def _slope_at_the_mean(run: Run, bound: Bound) -> Iterator[Margin]:
    """H(w') - H(w) is at least its value for K = inf, (w' - w)/μ."""
    curation = run.curation(0)
    excess = [
        h - w / curation.mean_weight for h, w in zip(curation.ratio, run.weights, strict=True)
    ]
    yield from increase_margins(run, excess, "t = 0")


def _loss_below_the_mean(run: Run, bound: Bound) -> Iterator[Margin]:
    """H <= 1 wherever w <= μ."""
    curation = run.curation(0)
    for i, (w, h) in enumerate(zip(run.weights, curation.ratio, strict=True)):
        if w < curation.mean_weight:
            yield Margin(1 - h, f"atom {i}")


def _from_the_heavier(run: Run, bound: Bound) -> Iterator[Margin]:
    """H(w') >= H(w) between atoms in the order of their masses."""
    curation = run.curation(0)
    for i in range(run.size):
        for j in range(run.size):
            if run.reference[i] < run.reference[j]:
                yield Margin(curation.ratio[j] - curation.ratio[i], f"atoms {i} and {j}")


check = Check(
    statement=statement,
    margins=_margins,
    # The ratio rises least where weights nearly tie, and where all but one weigh next to nothing.
    instances=(
        two_points("1/3", "1/2"),
        two_points("999/1000", "1/1000"),
        hierarchy(3, ratio=1000, K=3),
    ),
    mutants=(
        Mutant("H(w')/H(w) >= w'/w, its value for K = inf", margins=_in_proportion),
        Mutant("H(w') - H(w) >= (w' - w)/μ, its value for K = inf", margins=_slope_at_the_mean),
        Mutant(
            "H <= 1 wherever w is below the mean (only H >= 1 above it is true)",
            margins=_loss_below_the_mean,
            instances=(Instance.of("1/2 37/50 1", "1/3 1/3 1/3"),),
        ),
        Mutant(
            "H increases with the mass in place of the weight (without w <= w')",
            margins=_from_the_heavier,
            admits=lambda run: True,
            instances=(two_points("1/3", "1/4"),),
        ),
    ),
)

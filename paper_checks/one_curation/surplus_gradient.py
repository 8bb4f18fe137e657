"""Evidence that T(p) is the gradient of the expected surplus E log Σ e^{r_k} in the rewards.

No limit is taken: by the proof, raising r by ε on B raises the surplus by ε T(p)(B) at least and by
e^ε times that at most, for every real ε. The surplus is summed over all multisets of candidates,
where there are few. The rational core is that a gradient of a convex function is cyclically
monotone: Σ_i T_{r_i}(p)·(r_{i+1} - r_i) <= 0 round a cycle of rewards, which differ by multiples of
log 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise

from recurate.paper_checks.evidence.check import Bound, Check, Margin, Margins, Mutant
from recurate.paper_checks.runs.claim_values import value_of
from recurate.paper_checks.runs.instances import Instance, hierarchy, two_points
from recurate.paper_checks.runs.run import Number, Run, dot
from recurate.paper_checks.runs.strategies import candidate_numbers, curation_loops
from recurate.theory.one_curation.surplus_gradient import (
    curated_mass,
    highest_gain,
    lowest_gain,
    reward_raise,
    statement,
)

_RAISES = (Fraction(1, 1000), Fraction(-1, 1000), Fraction(2))
_MULTISETS = 400


def _admits(run: Run) -> bool:
    """Whether the multisets of candidates are few."""
    return run.K == math.inf or math.comb(run.size + int(run.K) - 1, int(run.K)) <= _MULTISETS


def _samples(run: Run, atom: int) -> list[tuple[Number, Number]]:
    """Return, of each multiset of K candidates, its probability and the chance that the atom wins.

    For K = inf there is one sample, p itself.
    """
    p, w = run.reference, run.weights
    if run.K == math.inf:
        return [(run.number(1), p[atom] * w[atom] / dot(p, w))]
    K, samples = int(run.K), []
    for candidates in combinations_with_replacement(range(run.size), K):
        numbers = [candidates.count(i) for i in range(run.size)]
        orders = math.factorial(K) // math.prod(map(math.factorial, numbers))
        probability = math.prod((p[i] for i in candidates), start=run.number(orders))
        chance = numbers[atom] * w[atom] / sum((w[i] for i in candidates), 0)
        samples.append((probability, chance))
    return samples


def _gains(run: Run, atom: int) -> Iterator[tuple[Number, Number]]:
    """Yield raises ε of the reward of one atom, and by how much the surplus grows."""
    samples = _samples(run, atom)
    for height in _RAISES:
        raised = run.number(height)
        more = raised.expm1()
        yield raised, sum((p * (more * chance).log1p() for p, chance in samples), 0)


Winning = Callable[[Run, int], Number]
"""From an atom to the probability that it wins."""


def _curated(run: Run, atom: int) -> Number:
    return run.curation_of(run.reference).curated[atom]


def _atoms(run: Run) -> list[int]:
    """Return the lightest and the heaviest atom with mass."""
    charged = [i for i in run.order if run.reference[i] > 0]
    return sorted({charged[0], charged[-1]})


def _margins_with(winning: Winning, *, is_convex: bool = True) -> Margins:
    def margins(run: Run, bound: Bound) -> Iterator[Margin]:
        for atom in _atoms(run):
            mass = winning(run, atom)
            for raised, gain in _gains(run, atom):
                values = {reward_raise: raised, curated_mass: mass}
                lowest, highest = (value_of(run, x, values) for x in (lowest_gain, highest_gain))
                where = f"atom {atom}, ε = {float(raised.mid()):g}"
                yield Margin(gain - lowest if is_convex else lowest - gain, f"{where}, from below")
                yield Margin(highest - gain, f"{where}, from above")

    return margins


def _core_margins(run: Run, bound: Bound) -> Iterator[Margin]:
    steps = [[(i * number) % 3 - 1 for i in range(run.size)] for number in (1, 2)]
    cycle = [[0] * run.size, *steps]  # r_i - r over log 2
    factors = [[run.number(Fraction(2) ** n) for n in raised] for raised in cycle]
    weights = [[w * x for w, x in zip(run.weights, row, strict=True)] for row in factors]
    laws = [run.curation_of(run.reference, None, w).curated for w in weights]
    for places in ((0, 1, 0), (0, 2, 0), (0, 1, 2, 0), (0, 2, 1, 0)):
        total: Number = 0
        for i, j in pairwise(places):
            moved = [after - before for before, after in zip(cycle[i], cycle[j], strict=True)]
            total = total + dot(laws[i], moved)
        is_still = run.K == 1  # T(p) = p whatever the rewards are
        yield Margin(-total, f"cycle {places}", tight=is_still)


def _best_of_all(run: Run, atom: int) -> Number:
    """The best of K candidates wins, ties at random."""
    if run.K == math.inf:
        return run.number(atom == _atoms(run)[-1])
    height, p = run.heights[atom], run.reference
    below = sum((p[i] for i in range(run.size) if run.heights[i] < height), 0)
    alike = sum((p[i] for i in range(run.size) if run.heights[i] == height), 0)
    return ((below + alike) ** int(run.K) - below ** int(run.K)) * p[atom] / alike


def _tilted(run: Run, atom: int) -> Number:
    return run.curation_of(run.reference, math.inf).curated[atom]


def _fewer(run: Run, atom: int) -> Number:
    K = run.K if run.K in (1, math.inf) else run.K - 1
    return run.curation_of(run.reference, K).curated[atom]


check = Check(
    statement=statement,
    margins=_margins_with(_curated),
    exact_margins=_core_margins,
    admits=_admits,
    loops=curation_loops(
        candidates=candidate_numbers().filter(lambda K: K <= 5 or K == math.inf),
    ),
    instances=(
        two_points("1/3", "1/2"),
        hierarchy(3, ratio=100, K=3),
        Instance.of("1/2 1 1", "1/3 1/3 1/3", K=4),
    ),
    mutants=(
        Mutant(
            "the best of K candidates wins, as for the gradient of E max_k r_k",
            margins=_margins_with(_best_of_all),
            is_exact=False,
        ),
        Mutant(
            "p e^r/E_p e^r is the gradient for every K, as of log E_p e^r",
            margins=_margins_with(_tilted),
            is_exact=False,
        ),
        Mutant("T(p) for K - 1 candidates", margins=_margins_with(_fewer), is_exact=False),
        Mutant(
            "the surplus is concave: it grows by ε T(p)(B) at most",
            margins=_margins_with(_curated, is_convex=False),
            is_exact=False,
        ),
    ),
)

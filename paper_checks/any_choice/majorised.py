"""The divergence of a finite law from p_ref, against that of the law that G_t makes of p_ref.

In the order of the densities p_t/p_ref let u_i be the running sums of p_ref, and q_t the law of the
masses G_t(u_i) - G_t(u_{i-1}). If p_t gives at least G_t(u_i) to each lower set,
KL(p_t‖p_ref) + KL(q_t‖p_t) <= KL(q_t‖p_ref).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import flint

from recurate.paper_checks.any_choice.groups import in_order, is_zero
from recurate.paper_checks.evidence.check import Margin
from recurate.paper_checks.runs.ruled.runs import RuledRun
from recurate.paper_checks.runs.run import Number, Numbers

Floor = Callable[[Number], Number]
"""From a real share u to G_t(u)."""


def extreme_law(run: RuledRun, t: int, floor: Floor) -> tuple[list[int], Numbers]:
    """Return the atoms in the order of p_t/p_ref, and the masses of q_t there."""
    order = in_order(run.reference, run.law(t))
    u, below, masses = run.number(0), run.number(0), []
    for i in order[:-1]:
        u = u + run.reference[i]
        reached = floor(u)
        masses.append(reached - below)
        below = reached
    return order, [*masses, 1 - below]


def finite_sum_margins(run: RuledRun, t: int, floor: Floor) -> Iterator[Margin]:
    """Yield the margin of the claim about the three divergences, of a run in balls."""
    order, extreme = extreme_law(run, t, floor)
    reference, law = ([masses[i] for i in order] for masses in (run.reference, run.law(t)))
    is_extreme = all(is_zero(p - q) for p, q in zip(law, extreme, strict=True))
    gap = divergence(extreme, reference) - divergence(law, reference)
    where = f"t = {t}, the finite sum"
    yield Margin(gap, where, is_extreme)
    if all(p > 0 for p in law):
        gap = gap - divergence(extreme, law)
        yield Margin(gap, f"{where}, less KL(q|p)", _is_equal(reference, law, extreme))


def _is_equal(reference: Numbers, law: Numbers, extreme: Numbers) -> bool:
    """Return whether p_t gives a lower set more than q_t only where the density does not rise.

    Then the gap, the sum of (P_i - G_i) log(d_{i+1}/d_i), is zero.
    """
    excess: Number = 0
    for i in range(len(law) - 1):
        excess = excess + law[i] - extreme[i]
        rise = law[i + 1] / reference[i + 1] - law[i] / reference[i]
        if not (is_zero(excess) or is_zero(rise)):
            return False
    return True


def divergence(p: Numbers, q: Numbers) -> Number:
    """Return KL(p‖q) of balls, which may be about zero in p."""
    return sum((_term(x, y) for x, y in zip(p, q, strict=True)), flint.arb(0))


def _term(x: flint.arb, y: flint.arb) -> flint.arb:
    """Return x log(x/y), where a ball about zero stands for its numbers from zero on."""
    if x > 0:
        return x * (x / y).log()
    most = x.abs_upper()
    if most == 0:
        return flint.arb(0)
    # From -y/e, where x = y/e, to the end's value; or monotone down to the end before that.
    end = most * (most / y).log()
    least = -y * flint.arb(-1).exp()
    return flint.arb(0).union(end).union(least) if most > -least else flint.arb(0).union(end)

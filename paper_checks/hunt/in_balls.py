"""Computing a hunt's candidate in balls, at the very same loop: a float is an exact number."""

from __future__ import annotations

import flint

from recurate.paper_checks.hunt.margins import Case, CertainMargin, Conjecture
from recurate.paper_checks.runs.setting import BITS


class NoBallError(Exception):
    """No ball decides the sign of a margin; the message says why."""


def certified_margin(conjecture: Conjecture, case: Case) -> CertainMargin | None:
    """Return the worst of the margins that are certainly negative, at more and more bits.

    None if no margin is certainly negative. A ball about zero then comes from rounded numbers in
    the function itself, and the margin is within their error: more bits do not make it narrower.

    Raises
    ------
    NoBallError
        If no ball decides the sign: the function fails on balls, or the ball is not finite.
    """
    cause = ""
    before: list[flint.arb] = []
    for bits in BITS:
        cause = ""
        try:
            margins = conjecture.certify(case, bits)
        except ArithmeticError as error:  # balls too wide for a comparison: more bits may do
            cause = f"at {bits} bits {error}"
            continue
        except Exception as error:
            # Whatever a user's function does on balls, the hunt says so and does not crash.
            failure = f"{type(error).__name__}: {error}"
            raise NoBallError(f"the function fails on balls with {failure}") from None
        negative = [margin for margin in margins if margin.ball < 0]
        if negative:
            return min(negative, key=lambda margin: float(margin.ball.mid()))
        if all(margin.ball >= 0 for margin in margins):
            return None
        if not all(margin.ball.is_finite() for margin in margins):
            cause = f"at {bits} bits a ball about its value is not finite"
            continue
        widths = [flint.arb(0) if margin.ball >= 0 else margin.ball.rad() for margin in margins]
        if len(widths) == len(before) and all(
            2 * x >= y for x, y in zip(widths, before, strict=True)
        ):
            return None
        before = widths
    if cause:
        raise NoBallError(cause)
    return None

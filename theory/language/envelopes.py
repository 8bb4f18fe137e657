"""What holds whatever people choose: shares and divergences as functions of t, with their values.

With m = 1/(1+λ) and a = λ/(1+λ), the share of a group whose real share is u is at least

    G_0(u) = u,    G_{t+1}(u) = m u + a G_t(u)^K,

after t steps, whatever people choose among K candidates, and at most 1 - G_t(1-u). The divergence
from the reference is at most S_t = ∫_0^1 g_t log g_t du with g_t = G_t'. If all rewards differ by
at most Δ, x^K may be replaced by f(x) = E[J/(J + (K-J) e^Δ)], J binomial of K and x. The functions
here are symbols of these; `recurate.theory.envelopes` computes them. Derived here,
docs/mathematics.md#share-envelope-general and #bounded-gap-envelope.
"""

from __future__ import annotations

from typing import Any

from recurate.theory.language.notation import WithIndex


class _Envelope(WithIndex):
    """A function of u, λ, K, perhaps Δ, and of t, which comes last."""

    nargs: Any = 4

    def _eval_is_nonnegative(self) -> bool:
        return True

    def _eval_is_positive(self) -> bool | None:
        # By induction: m u + a x is positive if u and x are, and m + a = 1.
        return True if self.args[0].is_positive else None

    def _eval_expand_func(self, **hints: Any) -> Any:
        """Return the recursion's last step, and all of them if t is a number."""
        *others, t = self.args
        if t == 0:
            return self.args[0]
        before = t - 1
        if not before.is_nonnegative:
            return self
        earlier = self.func(*others, before)
        if before.is_Integer:
            earlier = earlier._eval_expand_func(**hints)
        return self._next(earlier)

    def _next(self, earlier: Any) -> Any:
        return self


class ShareFloor(_Envelope):
    """G_t(u), the least share after t steps of a group whose real share is u."""

    plain = "G_[{3}]({0}; {1}, {2})"

    def _next(self, earlier: Any) -> Any:
        u, lam, K, _ = self.args
        return (u + lam * earlier**K) / (1 + lam)

    def _latex(self, printer: Any, exp: Any = None) -> str:
        u, lam, K, t = map(printer._print, self.args)
        return _powered(rf"G_{{{t}}}({u};{lam},{K})", exp)


class ShareCeiling(_Envelope):
    """1 - G_t(1-u), the largest share after t steps of a group whose real share is u."""

    plain = "(1 - G_[{3}](1 - ({0}); {1}, {2}))"

    def _next(self, earlier: Any) -> Any:
        u, lam, K, _ = self.args
        return (u + lam * (1 - (1 - earlier) ** K)) / (1 + lam)

    def _sympystr(self, printer: Any) -> str:
        u, *others = self.args
        rest, lam, K, t = map(printer._print, (1 - u, *others))
        return f"(1 - G_[{t}]({rest}; {lam}, {K}))"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        u, *others = self.args
        rest, lam, K, t = map(printer._print, (1 - u, *others))
        return _powered(rf"\left(1 - G_{{{t}}}({rest};{lam},{K})\right)", exp)


class GapFloor(_Envelope):
    """Least share after t steps, of a group of real share u, if rewards differ by at most Δ."""

    nargs = 5
    plain = "G^{3}_[{4}]({0}; {1}, {2})"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        u, lam, K, gap, t = map(printer._print, self.args)
        return _powered(rf"G^{{{gap}}}_{{{t}}}({u};{lam},{K})", exp)


class GapCeiling(_Envelope):
    """Largest share after t steps, of a group of real share u, if rewards differ by at most Δ."""

    nargs = 5

    def _sympystr(self, printer: Any) -> str:
        u, *others = self.args
        rest, lam, K, gap, t = map(printer._print, (1 - u, *others))
        return f"(1 - G^{gap}_[{t}]({rest}; {lam}, {K}))"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        u, *others = self.args
        rest, lam, K, gap, t = map(printer._print, (1 - u, *others))
        return _powered(rf"\left(1 - G^{{{gap}}}_{{{t}}}({rest};{lam},{K})\right)", exp)


class WorstDivergence(WithIndex):
    """S_t(λ, K), the largest divergence from the reference after t steps, in nats."""

    nargs = 3
    is_nonnegative = True
    plain = "S_[{2}]({0}, {1})"

    def _latex(self, printer: Any, exp: Any = None) -> str:
        lam, K, t = map(printer._print, self.args)
        return _powered(rf"S_{{{t}}}({lam},{K})", exp)


def _powered(text: str, exp: Any) -> str:
    return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

"""What is known at a step of a proof, and how general it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recurate.theory.language.notation import tacit

Claims = Mapping[str, Any]


class ProofError(ValueError):
    """A justification does not establish its claim; the message says why."""


class Known(dict[str, Any]):
    """Claims by label, with what each claim rests on and how general that is.

    Parameters
    ----------
    supposed : mapping
        What a proof starts from.
    general : mapping
        From labels of suppositions to symbols: a supposition holds for every value of these, and
        for some particular values of its other symbols.
    """

    def __init__(
        self, supposed: Claims, general: Mapping[str, Iterable[Any]] | None = None
    ) -> None:
        super().__init__(supposed)
        self.supposed = dict(supposed)
        self.general = {label: frozenset(symbols) for label, symbols in (general or {}).items()}
        self.particular: frozenset[str] = frozenset()
        self.used: set[str] = set()
        self._roots = {label: frozenset({label}) for label in supposed}

    def add(self, label: str, claim: Any, *, cited: bool) -> None:
        """Add a claim that follows from the claims used in the last check, or is cited."""
        self._roots[label] = self.roots_of_used() | ({label} if cited else frozenset())
        self[label] = claim

    def roots_of_used(self) -> frozenset[str]:
        """Return what the claims used in the last check rest on."""
        roots: frozenset[str] = frozenset()
        return roots.union(*(self._roots.get(used, frozenset()) for used in self.used))

    def inside(self, claims: Claims) -> Known:
        """Return the known claims inside an implication that supposes these claims as well.

        They are about particular values of the symbols, so nothing may generalise them.
        """
        inner = Known(self.supposed, self.general)
        inner.update(self)
        inner.update(claims)
        inner.particular = self.particular | claims.keys()
        inner.used = self.used
        inner._roots = self._roots
        return inner

    def require_general(self, label: str, symbols: Iterable[Any]) -> None:
        """Refuse to generalise a claim over symbols if it rests on particular values of them."""
        if label in self.particular:
            raise ProofError(f"{label} is supposed of particular values, and not known of all")
        for root in self._roots.get(label, frozenset()):
            if root not in self.supposed:
                continue  # a cited step, which holds for all values of its symbols
            for symbol in self.supposed[root].free_symbols & set(symbols):
                if symbol not in self.general.get(root, ()):
                    raise ProofError(f"{root} is not supposed of every {symbol}")


def look_up(known: Claims, label: str) -> Any:
    """Return the known claim with a label, or raise ProofError."""
    if label not in known:
        raise ProofError(f"{label} is not known here")
    if isinstance(known, Known):
        known.used.add(label)
    return known[label]


def look_up_general(known: Claims, label: str, symbols: Iterable[Any] = ()) -> Any:
    """Return a known claim that holds for all values of these symbols, or raise ProofError."""
    if isinstance(known, Known):
        known.require_general(label, symbols)
    claim = look_up(known, label)
    for symbol in tacit(claim) & set(symbols):
        raise ProofError(f"{label} depends on {symbol} without showing where")
    return claim


def inside(known: Claims, claims: Claims) -> Known:
    """Return the known claims inside an implication that supposes these claims as well."""
    return (known if isinstance(known, Known) else Known(known)).inside(claims)

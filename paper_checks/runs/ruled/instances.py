"""Loops with rules of choice, given by exact numbers."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property

from recurate.paper_checks.runs.ruled.choosing import Choosing, python, words
from recurate.paper_checks.runs.written import Fractions, listed

_LARGEST_GROWTH = 1024
"""Largest product of the numbers of candidates of the steps: rationals grow by it in length."""

_MOST_ATOMS = 16


@dataclass(frozen=True)
class RuledInstance:
    """A loop given by exact numbers, with any rules of choice.

    Attributes
    ----------
    reference : tuple of Fraction, length n
        p_ref.
    choosing : Choosing or tuple of Choosing
        How people choose; or how at each step.
    steps : int
        Number of retraining steps.
    lam : Fraction or math.inf, or a tuple of them
        λ, synthetic samples per real one; or that of each step.
    retained : Fraction or tuple of Fraction
        Share ε of the synthetic samples that are kept uncurated; or that of each step.
    training : (Fraction, Fraction) or None
        Numbers n_0 of real samples and n of those that each round adds, for training sets that
        grow: then λ is inf and nothing else is retained.
    initial : tuple of Fraction, length n, or None
        The start p_0, where it is not p_ref.
    second : tuple of Fraction, length n, or None
        A second law on the same atoms; p_ref if None.

    Raises
    ------
    ValueError
        If lengths differ, or a law's sum is not one.
    """

    reference: Fractions
    choosing: Choosing | tuple[Choosing, ...]
    steps: int = 1
    lam: Fraction | float | tuple[Fraction | float, ...] = math.inf
    retained: Fraction | tuple[Fraction, ...] = Fraction(0)
    training: tuple[Fraction, Fraction] | None = None
    initial: Fractions | None = None
    second: Fractions | None = None

    def __post_init__(self) -> None:
        laws = [law for law in (self.reference, self.initial, self.second) if law is not None]
        if {len(law) for law in laws} != {self.size} or any(sum(law) != 1 for law in laws):
            raise ValueError(f"an instance's laws must have one length and sum to one; got {laws}")
        for name in ("choosing", "lam", "retained"):
            given = getattr(self, name)
            if isinstance(given, tuple) and len(given) != self.steps:
                raise ValueError(f"{name} must have an entry a step; got {given}")
        if self.training is not None and (self.lam != math.inf or self.retained != 0):
            raise ValueError(f"training sets that grow leave no λ and nothing retained; got {self}")

    @property
    def size(self) -> int:
        """Number of atoms."""
        return len(self.reference)

    def choosing_at(self, t: int) -> Choosing:
        """Return how people choose at the step from t to t + 1."""
        return self.choosing[t] if isinstance(self.choosing, tuple) else self.choosing

    def lam_at(self, t: int) -> Fraction | float:
        """Return λ at the step from t to t + 1."""
        return self.lam[t] if isinstance(self.lam, tuple) else self.lam

    def shares(self, t: int) -> tuple[Fraction, Fraction, Fraction]:
        """Return the shares of p_ref, of p_t and of T(p_t) in p_{t+1}."""
        if self.training is not None:
            real, added = self.training
            grown = added / (real + (t + 1) * added)
            return Fraction(0), 1 - grown, grown
        lam = self.lam_at(t)
        kept = self.retained[t] if isinstance(self.retained, tuple) else self.retained
        real = Fraction(0) if lam == math.inf else 1 / (1 + Fraction(lam))
        return real, (1 - real) * kept, (1 - real) * (1 - kept)

    @cached_property
    def all_choosing(self) -> tuple[Choosing, ...]:
        """How people choose, step by step."""
        return tuple(self.choosing_at(t) for t in range(self.steps))

    @cached_property
    def is_degenerate(self) -> bool:
        """Whether nothing moves: one candidate at every step, λ = 0, or one atom with mass."""
        curated = [self.shares(t)[2] for t in range(self.steps)]
        pairs = zip(self.all_choosing, curated, strict=True)
        is_still = all(choosing.candidates == 1 or not share for choosing, share in pairs)
        return is_still or sum(map(bool, self.initial or self.reference)) == 1

    @cached_property
    def is_small(self) -> bool:
        """Whether it can be run in rationals: they grow K-fold in length with each step."""
        growth = math.prod(
            2 if choosing.candidates == math.inf else choosing.candidates + choosing.sees_law
            for choosing in self.all_choosing
        )
        is_quick = all(choosing.is_small(self.size) for choosing in self.all_choosing)
        return is_quick and growth <= _LARGEST_GROWTH and self.size <= _MOST_ATOMS

    @property
    def imports(self) -> list[str]:
        """Lines of import that its Python expression needs beside its own class."""
        made = set(re.findall(r"\b([A-Z]\w*)\(", self.to_python()))
        rules = [rule for rule in Choosing.__subclasses__() if rule.__name__ in made]
        return [
            "from fractions import Fraction",
            *sorted(f"from {rule.__module__} import {rule.__name__}" for rule in rules),
            *dict.fromkeys(line for rule in rules for line in rule.more_imports),
        ]

    def to_python(self) -> str:
        """Return the Python expression that makes this instance; it may need math."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        defaults = {field.name: field.default for field in fields(self)}
        parts = [
            f"{name}={python(value)}" for name, value in given.items() if value != defaults[name]
        ]
        return f"RuledInstance({', '.join(parts)})"

    def __str__(self) -> str:
        """Return the loop in words, numbers exact."""
        text = f"p_ref {listed(self.reference)}, {words(self.choosing)}"
        if self.initial is not None:
            text += f", p_0 {listed(self.initial)}"
        if self.second is not None:
            text += f", second law {listed(self.second)}"
        if self.training is not None:
            text += f", accumulated {listed(self.training)}"
        else:
            text += f", λ = {words(self.lam)}"
        if self.retained != 0:
            text += f", retained {words(self.retained)}"
        return f"{text}, {self.steps} step{'' if self.steps == 1 else 's'}"

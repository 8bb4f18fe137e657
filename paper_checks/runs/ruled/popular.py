"""A rule of choice that looks at the law and jumps: what most samples are is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from recurate.paper_checks.runs.ruled.choosing import Choosing, Seek
from recurate.paper_checks.runs.run import Numbers


@dataclass(frozen=True)
class Popular(Choosing):
    """What more than half of all samples are is chosen whenever it is there; else a random one.

    It looks at the law, and jumps where a mass is one half: in balls that has to be certain.

    Attributes
    ----------
    K : int
        Number of candidates.
    """

    K: int
    sees_law = True

    @property
    def candidates(self) -> int:
        return self.K

    def curated(self, law: Numbers, t: int = 0) -> Numbers:
        for i, p in enumerate(law):
            if 2 * p > 1:
                return Seek(self.K, (i,)).curated(law, t)
            if not 2 * p <= 1:
                raise ArithmeticError(f"whether {p} is above one half is open")
        return list(law)

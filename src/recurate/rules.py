"""Rules of choice: Bradley–Terry, best of K, best share, verifiers, preferences, voters, stages.

A rule gives log H = log dT(p)/dp, where p is the law of a model's samples and T(p) that of the
chosen ones. ``docs/rules.md`` has a table of them.
"""

from recurate.numerics.rules import *  # noqa: F403 (its own __all__ says which)
from recurate.numerics.rules import __all__ as __all__

"""Rules of choice: from a law of samples to the law of those that were chosen, exactly.

Each rule is a small immutable object. `log_ratio` gives log H = log dT(p)/dp at the atoms of a law,
and p H is the curated law. ``docs/rules.md`` has a table of them.
"""

from recurate.numerics.rules.accept import Accept
from recurate.numerics.rules.best_of import BestOf
from recurate.numerics.rules.bradley_terry import BradleyTerry
from recurate.numerics.rules.nothing_accepted import NothingAcceptedError
from recurate.numerics.rules.pairwise_preference import PairwisePreference
from recurate.numerics.rules.random_choice import RandomChoice
from recurate.numerics.rules.rule import Rule
from recurate.numerics.rules.stages import Stages
from recurate.numerics.rules.top_share import TopShare
from recurate.numerics.rules.voters import Voters

__all__ = [
    "Accept",
    "BestOf",
    "BradleyTerry",
    "NothingAcceptedError",
    "PairwisePreference",
    "RandomChoice",
    "Rule",
    "Stages",
    "TopShare",
    "Voters",
]

"""What holds whatever people choose, in numbers: least and largest shares, largest divergences.

`recurate.theory.language` has symbols for the same functions, whose formulas are compiled to calls
of what is here. Nothing here loads SymPy.
"""

from recurate.theory.envelopes.divergence import worst_divergence
from recurate.theory.envelopes.shares import share_envelope

__all__ = ["share_envelope", "worst_divergence"]

"""How a proof is written down and verified.

`proof` has steps and proofs, `justifications` the ways in which a step follows that most proofs
use; `generalising`, `cases`, `sampling`, `shapes`, `integrals` and `limits` have further ones, and
`citing` has textbook theorems. `known` is what is known at a step, `signs` and `putting_in` are the
algebra.
"""

from recurate.theory.proving.cases import (
    ByDefinition,
    Cases,
    Conclusion,
    Contradiction,
    StrictCombination,
    StrictlyUnderMean,
    UnderSupposition,
)
from recurate.theory.proving.citing import Cited, Form, Theorem
from recurate.theory.proving.generalising import Induction, Substitution, Summed, UnderMean
from recurate.theory.proving.integrals import Antiderivative, Chord, UnderIntegral
from recurate.theory.proving.justifications import (
    HYPOTHESIS,
    Combination,
    Identity,
    Justification,
    Monotone,
    Reciprocal,
    Sign,
    Supposing,
)
from recurate.theory.proving.known import ProofError
from recurate.theory.proving.limits import ContinuousImage, LimitValue, Squeeze
from recurate.theory.proving.proof import Proof, Step
from recurate.theory.proving.sampling import Conditioning, Exchangeability, Independence, OverPairs
from recurate.theory.proving.shapes import Comonotone, Decreasing, Image, Tangent

__all__ = [
    "HYPOTHESIS", "Antiderivative", "ByDefinition", "Cases", "Chord", "Cited", "Combination",
    "Comonotone", "Conclusion", "Conditioning", "ContinuousImage", "Contradiction",
    "Decreasing", "Exchangeability", "Form", "Identity", "Image", "Independence", "Induction",
    "Justification", "LimitValue", "Monotone", "OverPairs", "Proof", "ProofError", "Reciprocal",
    "Sign", "Squeeze", "Step", "StrictCombination", "StrictlyUnderMean", "Substitution",
    "Summed", "Supposing", "Tangent", "Theorem", "UnderIntegral", "UnderMean",
    "UnderSupposition",
]  # fmt: skip

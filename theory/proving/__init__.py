"""How a proof is written down and verified.

`proof` has steps and proofs, `justifications` the ways in which a step follows that most proofs
use; `cases`, `sampling`, `shapes`, `integrals` and `limits` have further ones, and `citing` has
textbook theorems. `known` is what is known at a step, `signs` and `means` are the algebra.
"""

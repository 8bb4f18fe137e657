"""How a proof is written down and verified: justifications, and the algebra that checks them.

Start with `proof`: steps, and the justifications that most of them use. `signs` and `means` are the
algebra; `cases`, `sampling`, `shapes`, `integrals` and `limits` have further justifications.
"""

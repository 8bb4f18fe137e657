"""Words that pages about loops explain, where they use them."""

from __future__ import annotations

WORDS = {
    "loop": "A model that is retrained, step by step, on samples that people chose among its own, "
    "with real data mixed in.",
    "reward": "A number r for each sample; larger is preferred. Its weight is w = e^r.",
    "K": "The number of candidates that are shown for each choice.",
    "λ": "How many chosen samples there are for each real one (lam on the command line). The share "
    "of real data is 1/(1+λ); for λ = ∞ there are none.",
    "p_ref": "The law of the real data, at which the loop starts unless something else is said.",
    "t": "The number of retraining steps.",
    "voter": "One of several kinds of people, who choose by rewards of their own and make a given "
    "share of the choices.",
    "group": "A part of the samples, such as a class: in a table, those with one label. Its share "
    "is its probability.",
}
"""Those of all pages."""

"""The words of an answer that not everybody knows, and how they are recognised in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from recurate.numerics.inference.trust import LEAST_SAMPLES
from recurate.pages.words import WORDS

_WORDS: dict[str, tuple[str, str]] = {
    "loop": (r"\bloops?\b", WORDS["loop"]),
    "reward": (r"\brewards?\b|\br\b", WORDS["reward"]),
    "expected reward, E[r]": (r"\bexpected reward\b|\bE\[r\]", "The mean reward of the samples."),
    "K": (r"\bK\b", WORDS["K"]),
    "λ": (r"λ|\blam\b", WORDS["λ"]),
    "real data": (
        r"\breal data\b",
        "What the table holds: the loop starts from it, and training sets may hold some of it "
        "beside chosen samples.",
    ),
    "p_ref": (r"\bp_ref\b", WORDS["p_ref"]),
    "t": (r"\bt\b", WORDS["t"]),
    "log-odds": (
        r"\blog-odds\b",
        "The unit in which a difference of 1 between two rewards means that the better one is "
        "chosen e = 2.718 times as often as the other; a difference of 2, e² = 7.39 times.",
    ),
    "Bradley–Terry": (
        r"\bBradley–Terry\b|\bbest of K\b",
        "A model of choices: of the candidates shown, each is chosen with a probability "
        "proportional to e^r, so the best is likely to be chosen and not certain to be.",
    ),
    "pure loop": (r"\bpure loop\b|λ = inf", "The loop without real data: λ is infinite."),
    "training sets that grow": (
        r"\btraining sets that grow\b",
        "Each round adds chosen samples to the training set, and nothing is thrown away.",
    ),
    "synthetic": (r"\bsynthetic\b", "Made by the model, and chosen: not real data."),
    "prompt": (
        r"\bprompts?\b",
        "What samples answer: the candidates of one choice answer the same prompt.",
    ),
    "voter": (r"\bvoters?\b", WORDS["voter"]),
    "group": (r"\bgroups?\b", WORDS["group"]),
    "KL, divergence": (
        r"\bKL\b|\bdivergence\b",
        "The Kullback–Leibler divergence: how far the model is from the real data, zero if it is "
        "nowhere. It is the mean, over the model's samples, of the logarithm of how much more "
        "often the model makes them than the real data have them.",
    ),
    "nat": (r"\bnats?\b", "The unit of a divergence by natural logarithms; 0.69 nats are one bit."),
    "at max": (r"\bat max\b", "The share of the samples that have the best reward of all."),
    "E[e^r]/e^max": (
        r"E\[e\^r\]",
        "The mean weight e^r, as a part of the best sample's weight.",
    ),
    "fixed point": (
        r"\bfixed point\b|\bsettles?\b|∞",
        "Where the loop settles: a step from there leads back to it. It is the row ∞.",
    ),
    "total variation": (
        r"\btotal variation\b",
        "A distance of two laws from 0 to 1: the largest difference that they have in the "
        "probability of anything.",
    ),
    "slack": (r"\bslack\b", "By how much a bound was kept at the step where that was least."),
    "bands": (
        r"\bbands?\b|\bresampled\b|\bresamples?\b",
        "How far the figures would scatter if the table had been gathered again: they are computed "
        "from tables that are drawn from the rows of this one (the bootstrap).",
    ),
    "effective sample size": (
        r"\beffective sample size\b|\bcarry\b",
        "How many rows of equal weight would say as much: the fewer rows the model's samples "
        f"concentrate on, the less a table can say. Below {LEAST_SAMPLES:g} it is not trusted.",
    ),
    "heavy tail": (r"\bheavy tail\b", "Few rows have nearly all of the weight."),
    "standard error": (r"\bstandard errors?\b|±", "How far a mean of so many runs scatters."),
    "z": (r"\bz\b", "A difference in standard errors; by chance it is seldom beyond 3."),
    "p-value": (
        r"\bp-value\b",
        "How often chance alone makes differences that are as large. A small one speaks against "
        "agreement.",
    ),
    "replicate": (r"\breplicates?\b", "One of several independent runs."),
    "residual": (r"\bresidual\b", "How far one step still moves the fixed point that was found."),
    "envelope": (
        r"\b[Ee]nvelopes?\b",
        "Between which shares a group stays, whichever of the candidates people pick.",
    ),
    "curated": (r"\bcurat(?:ed|ion)\b", "Chosen by people among what the model makes."),
    "condensation": (
        r"\bcondens",
        "Samples that gather at the best reward although no real data lie there.",
    ),
    "eigenvalue": (
        r"\beigenvalue\b",
        "By what a step multiplies a small disturbance: below 1 in size, it dies out.",
    ),
    "Theorem 2.4 and others": (
        r"\b(?:Theorem|Lemma|Proposition|Corollary) \d",
        "Of arXiv:2407.09499; recurate explain theorem-2.4 prints one with its proof.",
    ),
}
"""Each word, what it is recognised by, and what it means."""


def words_in(texts: Iterable[str]) -> dict[str, str]:
    """Return the words that texts use, with their meanings."""
    text = "\n".join(texts)
    return {word: meaning for word, (known, meaning) in _WORDS.items() if re.search(known, text)}

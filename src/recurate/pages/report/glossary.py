"""The words of the report that have a meaning of their own here."""

from __future__ import annotations

from functools import cache

from recurate.pages.words import WORDS
from recurate.paper_checks.evidence.evidence import ESTABLISHED
from recurate.paper_checks.evidence.kinds import KINDS

_VERDICTS = {
    "holds": "A verdict: it is claimed, and all evidence is for it.",
    "open": "A verdict: it is a conjecture, or something was left undecided; nothing refutes it.",
    "violated": "A verdict: floating point breaks it by more than its stated error, and exact "
    "numbers have not confirmed that.",
    "refuted": "A verdict: there is a certain counterexample. Some claims of other papers are "
    "known to be false, and have to be refuted.",
}

_WORDS = WORDS | {
    "law": "A probability distribution: of the rewards of samples, mostly.",
    "atom": "One value of the reward, or one weight, with its probability in a law.",
    "weight": "w = e^r of a reward r. Among K candidates one is chosen with a probability "
    "proportional to its weight, unless something else is said.",
    "curation": "That people choose one of K candidates, which then trains the next model.",
    "second law": "Another law on the same atoms, for claims that compare two laws.",
    "ball": "A number with a radius within which the true value certainly is.",
    "engine": "What computes the loop in floating point, with an error that it states.",
    "margin": "How far a claim is from failing in one case: its larger side minus its smaller one. "
    "It has the unit of the claim, so margins of two results cannot be compared. Near zero the "
    "claim is nearly an equality there; below zero it fails. Of sampled evidence it is log10 of a "
    "tail probability over its threshold. 3e-4 is 0.0003.",
    "equality": "Places where the statement itself says that both sides are equal. They are "
    "tried too, but do not count as near to failing.",
    "nearest instance": "The loop with the least margin of all that were tried. The lines of "
    "Python beside it show that margin again.",
    "witness": "A loop that breaks a claim, with lines of Python that show it again.",
    "mutant": "A false claim near the true one, which the same evidence has to refute. One that "
    "survives says that the evidence is too weak.",
    "error allowed for": "Floating point rounds. A margin counts as negative only if it is below "
    "zero by more than the stated error.",
    "seed": "The number from which all random choices of the check follow: the same seed tries the "
    "same loops.",
    "degenerate": "A loop in which nothing can move: K = 1, λ = 0 or a single weight. Nearly every "
    "claim is an equality there.",
    "verified": "Of a step of a proof: computer algebra checked that it follows from what is known "
    "before it.",
    "cited": "Of a step of a proof: its premises were matched with those of a theorem from a "
    "textbook, which is not verified here.",
    "failed": "Of a step of a proof: it does not follow as it is written.",
    "Rocq": "A proof assistant. Its kernel checks every step of a proof from the axioms named.",
    "axioms": "What a proof in Rocq takes for granted beyond its logic; none is best.",
    "hypothesis": "What a result assumes. Its name in brackets is what "
    "recurate check --without takes.",
    "bound": "The side of a claim that is computed from λ, K and the rewards.",
}


@cache
def glossary() -> dict[str, str]:
    """Return the words of the report with their meanings, in the order of the alphabet."""
    kinds = {name: f"A kind of evidence: {kind.meaning}." for name, kind in KINDS.items()}
    kinds.pop("mutants")
    levels = {
        f"established {level}": f"{text[:1].upper()}{text[1:]}."
        for level, text in ESTABLISHED.items()
    }
    words = _WORDS | _VERDICTS | kinds | levels
    return dict(sorted(words.items(), key=lambda item: item[0].casefold()))


def anchor(word: str) -> str:
    """Return the name by which a word of the glossary is linked."""
    known = glossary()
    if word not in known:
        raise KeyError(f"the glossary has no {word!r}")
    return f"word-{list(known).index(word)}"

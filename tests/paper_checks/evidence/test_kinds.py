"""The table of the kinds of evidence: complete, and the same as in the document."""

from pathlib import Path

import pytest

from recurate.paper_checks.evidence.kinds import EFFORTS, KINDS
from recurate.paper_checks.runner import _GATHERERS

DOCUMENT = Path(__file__).parents[3] / "docs" / "evidence.md"


def test_every_kind_is_gathered():
    assert list(KINDS) == list(_GATHERERS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_kind_in_words(kind):
    assert KINDS[kind.name] is kind
    assert kind.meaning.isprintable()
    assert not kind.meaning.endswith(".")
    assert kind.name in DOCUMENT.read_text("utf-8")


def test_a_full_check_tries_more():
    for kind in KINDS.values():
        if kind.cases:
            quick, full = (getattr(EFFORTS[level], kind.name) for level in ("quick", "full"))
            assert (quick, full) == (kind.cases["quick"], kind.cases["full"])
            assert quick < full

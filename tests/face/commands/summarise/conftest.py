"""Parts of a table, their law, and what is read of them."""

from pathlib import Path

import pytest

from recurate.reading.parts import summing

from .tables import frame, in_parts, law_of


@pytest.fixture
def parts(tmp_path):
    """Write a table in seven parts of CSV; return their folder."""
    in_parts(frame(7_000), tmp_path, ".csv", parts=7)
    return tmp_path / "data"


@pytest.fixture
def reads(monkeypatch):
    """Return a list to which the names of parts come as they are read."""
    names = []
    real = summing._add

    def noted(builder, part, *args, **kwargs):
        names.append(Path(part.path).name)
        return real(builder, part, *args, **kwargs)

    monkeypatch.setattr(summing, "_add", noted)
    return names


@pytest.fixture
def law(parts):
    law_of(parts, "--follow", "length")
    return parts.parent / "law.npz"

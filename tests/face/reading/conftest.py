"""Tables that tests write and read."""

from pathlib import Path

import pytest

from recurate.reading.asked import Asked
from recurate.reading.tables import read_rewards


@pytest.fixture
def written(tmp_path):
    """Write a text to a file and return its path."""

    def write(text, name="t.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def read(written):
    """Return the law of a text, and what was remarked, without the name of the table."""

    def law_and_remarks(text, name="t.csv", **asked):
        said = []
        if isinstance(asked.get("reward"), str):
            asked["reward"] = (asked["reward"],)
        law = read_rewards(written(text, name), Asked(**asked), on_note=said.append).law
        assert all(line.startswith(f"{name}: ") for line in said)
        return law, [line.removeprefix(f"{name}: ") for line in said]

    return law_and_remarks


@pytest.fixture
def read_input():
    """Return what was read of a public table (``inputs/README.md``), and what was remarked."""

    def table_and_remarks(file, **asked):
        said = []
        for name in {"reward", "prompts", "follow", "sentinels"} & asked.keys():
            asked[name] = (asked[name],) if isinstance(asked[name], str) else asked[name]
        path = Path(__file__).parent / "inputs" / file
        return read_rewards(str(path), Asked(**asked), on_note=said.append), said

    return table_and_remarks

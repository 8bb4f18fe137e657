"""Votes that tests write and read."""

import pytest

from recurate.reading.votes.asked import AskedVotes
from recurate.reading.votes.reading import read_votes


@pytest.fixture
def reading(tmp_path):
    """Return what reads a text, as a reader of files does, and what that remarks."""

    def reading_with(read_file, asked_of):
        def found_and_remarks(text, name="t.csv", **asked):
            path, said = tmp_path / name, []
            path.write_text(text, encoding="utf-8")
            found = read_file(str(path), asked_of(**asked), on_note=said.append)
            assert all(line.startswith(f"{name}: ") for line in said)
            return found, [line.removeprefix(f"{name}: ") for line in said]

        return found_and_remarks

    return reading_with


@pytest.fixture
def read(reading):
    """Return the votes of a text, and what was remarked, without the name of the table."""
    return reading(read_votes, AskedVotes)


@pytest.fixture
def choices(read):
    """Return the choices of a text as (chosen, others in order, weight, cluster), sorted."""

    def found(text, name="t.csv", **asked):
        return choices_of(read(text, name, **asked)[0])

    return found


def choices_of(votes):
    """Return votes as a sorted list of (chosen, others in order, weight, cluster)."""
    others = [
        tuple(sorted(str(votes.items[o]) for o in votes.others[start:end]))
        for start, end in zip(votes.starts[:-1], votes.starts[1:], strict=True)
    ]
    chosen = [str(votes.items[c]) for c in votes.chosen]
    weights, clusters = votes.weights.tolist(), votes.cluster.tolist()
    return sorted(zip(chosen, others, weights, clusters, strict=True))

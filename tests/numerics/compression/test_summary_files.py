"""Files of summaries: what was written is read, and nothing else is taken for it."""

import io
import json
import zipfile

import numpy as np
import pytest

from recurate import Summary
from recurate.numerics.compression import lattice
from recurate.numerics.compression.summary_files import FIELD, _digest


@pytest.fixture
def summary(monkeypatch):
    monkeypatch.setattr(lattice, "KEPT_TOP", 40)
    rng = np.random.default_rng(0)
    size = 3000
    names = np.array(["a", "ü", "c"])[rng.integers(0, 3, size)]
    scores = {"length": np.where(rng.random(size) < 0.2, np.nan, rng.normal(size=size))}
    return Summary.of(rng.normal(size=size), rng.random(size), names, scores=scores, bins=256)


def written(summary):
    file = io.BytesIO()
    summary.to_npz(file)
    return file.getvalue()


def fields_of(data):
    with np.load(io.BytesIO(data)) as archive:
        return {name: archive[name] for name in archive.files}


def altered(fields, about=None, *, is_signed=True, **arrays):
    """Return a file with other arrays, or with other words about them, and its own checksum."""
    fields = {**fields, **arrays}
    document = json.loads(fields.pop(FIELD).tobytes()) | (about or {})
    if is_signed:
        document["checksum"] = _digest(fields)
    file = io.BytesIO()
    np.savez(file, **{FIELD: np.frombuffer(json.dumps(document).encode(), np.uint8)}, **fields)
    return file.getvalue()


def test_a_file_holds_the_summary(summary, tmp_path):
    path = tmp_path / "law.npz"
    summary.to_npz(path)
    for source in (path, str(path), io.BytesIO(path.read_bytes())):
        again = Summary.from_npz(source)
        assert (again.rows, again.names) == (summary.rows, summary.names)
        for ours, theirs in zip(again.content.binned, summary.content.binned, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert again.merged(summary).rows == 6000
        np.testing.assert_array_equal(again.law().probs, summary.law().probs)
    assert written(Summary.from_npz(path)) == path.read_bytes()


def test_labels_keep_their_types():
    names = (1, True + 1, "1", 2.5, ("x", 3))
    prompts = [names[i] for i in range(5)]
    summary = Summary.of(np.arange(5.0), prompts=prompts)
    again = Summary.from_npz(io.BytesIO(written(summary)))
    assert again.names.prompts == tuple(prompts)
    assert [type(name) for name in again.names.prompts] == [int, int, str, float, tuple]
    with pytest.raises(TypeError, match=r"texts or numbers, or tuples of these; got "):
        written(Summary.of([0.0], groups=[frozenset({1})]))


def test_an_empty_summary_has_a_file():
    again = Summary.from_npz(io.BytesIO(written(Summary.of([]))))
    assert again.rows == 0
    assert again.merged(Summary.of([1.0])).rows == 1


@pytest.mark.parametrize("field", ["kept_sums", "binned_sums", "binned_places", "upper"])
def test_a_changed_number_is_noticed(summary, field):
    fields = fields_of(written(summary))
    changed = fields[field].copy()
    changed.flat[0] = np.nextafter(changed.flat[0], np.inf)
    with pytest.raises(ValueError, match="numbers differ from their checksum"):
        Summary.from_npz(io.BytesIO(altered(fields, is_signed=False, **{field: changed})))


def test_any_damaged_byte_is_noticed(summary):
    data = bytearray(written(summary))
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(data), 60):
        damaged = data.copy()
        damaged[place] ^= 255
        try:
            again = Summary.from_npz(io.BytesIO(bytes(damaged)))
        except ValueError:
            continue
        # A byte of the archive that nothing depends on, such as a date.
        np.testing.assert_array_equal(again.content.binned.sums, summary.content.binned.sums)
        np.testing.assert_array_equal(again.content.kept.sums, summary.content.kept.sums)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_file_that_ends_early(summary, share):
    data = written(summary)
    with pytest.raises(ValueError, match="must hold a summary"):
        Summary.from_npz(io.BytesIO(data[: int(share * len(data))]))


def hostile(fields):
    """Yield changes that no summary has, each with its own checksum."""
    bins, places = fields["binned_sums"], fields["binned_places"]
    yield {"binned_sums": np.where(bins == bins[2, 0], -1.0, bins)}
    yield {"binned_sums": np.full_like(bins, np.nan)}
    yield {"binned_sums": bins[:, :-1]}
    yield {"binned_sums": bins.astype(np.float32)}
    yield {"binned_places": places[::-1].copy()}
    yield {"binned_places": places + 1e-9}
    yield {"binned_levels": fields["binned_levels"] + 1}
    yield {"binned_levels": fields["binned_levels"] * 0 + 10**6}
    yield {"binned_groups": fields["binned_groups"] + 3}
    yield {"kept_prompts": fields["kept_prompts"] - 1}
    yield {"kept_levels": fields["kept_levels"] + 1}
    yield {"upper": np.array([np.nan])}
    yield {"upper": np.zeros(2)}
    yield {"score_ends": np.zeros((2, 3))}
    yield {"another": np.zeros(1)}


def test_hostile_arrays(summary):
    fields = fields_of(written(summary))
    number = 0
    for change in hostile(fields):
        with pytest.raises(ValueError, match="must hold a summary"):
            Summary.from_npz(io.BytesIO(altered(fields, **change)))
        number += 1
    assert number == 15


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"version": 2}, "of version 1; got version 2: summarise the rewards anew"),
        ({"rows": "many"}, "damaged"),
        ({"rows": 1}, "other numbers of rows"),
        ({"bits": 99}, "its bins are impossible"),
        ({"coarsest": 31}, "its bins are impossible"),
        ({"groups": ["a", "a", "c"]}, "a label is there twice"),
        ({"groups": [None, "b", "c"]}, "a label is no text or number"),
        ({"other": 1}, "damaged"),
        ({"rows": 10**400}, "other numbers of rows"),
    ],
)
def test_hostile_words(summary, about, said):
    fields = fields_of(written(summary))
    with pytest.raises(ValueError, match=said):
        Summary.from_npz(io.BytesIO(altered(fields, about)))


def test_files_of_other_kinds(tmp_path):
    other = io.BytesIO()
    np.savez(other, reward=np.zeros(3))
    with pytest.raises(ValueError, match=f"has a field '{FIELD}'; it has none"):
        Summary.from_npz(io.BytesIO(other.getvalue()))
    packed = io.BytesIO()
    np.savez_compressed(packed, **{FIELD: np.zeros(10**6, np.uint8)})
    with pytest.raises(ValueError, match="it is compressed"):
        Summary.from_npz(io.BytesIO(packed.getvalue()))
    pickled = io.BytesIO()
    with zipfile.ZipFile(pickled, "w") as archive:
        array = io.BytesIO()
        np.save(array, np.array([print], dtype=object), allow_pickle=True)
        archive.writestr(f"{FIELD}.npy", array.getvalue())
    with pytest.raises(ValueError, match="damaged"):
        Summary.from_npz(io.BytesIO(pickled.getvalue()))
    for data in (b"", b"reward\n1\n", b"\x93NUMPY"):
        with pytest.raises(ValueError, match="must hold a summary"):
            Summary.from_npz(io.BytesIO(data))
    with pytest.raises(FileNotFoundError):
        Summary.from_npz(tmp_path / "none.npz")

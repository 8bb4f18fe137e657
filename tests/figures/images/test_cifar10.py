"""CIFAR-10's reader, on files that are made here in the official Python format."""

import gzip
import lzma
import os
import pickle
import tarfile
import tracemalloc

import numpy as np
import pytest

from recurate.figures.images import restricted_pickle
from recurate.figures.images.dataset import ImageDataError, check_source, digest_of, kind_of, load

from .image_cases import META, NAMES, TRAINING, batch, python2, python3, write_folder


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cifar-10-batches-py"


@pytest.mark.parametrize("write", [python2, python3])
def test_images_are_those_that_were_written(folder, write):
    """Row by row: 1024 red values, 1024 green, 1024 blue, each plane 32 rows of 32 pixels."""
    batches = write_folder(folder, write)
    data = load(f"cifar10:{folder}")
    assert data.name == "CIFAR-10"
    assert data.class_names == tuple(name.decode() for name in NAMES)
    assert data.training.images.shape == (20, 3, 32, 32)
    assert data.training.size == 20
    assert (data.training.images.dtype, data.training.labels.dtype) == (np.float32, np.int64)
    for number, name in enumerate(TRAINING):
        labels = data.training.labels[4 * number : 4 * number + 4]
        assert labels.tolist() == batches[name][b"labels"]
    for channel, row, column in ((0, 0, 0), (1, 0, 31), (2, 31, 5)):
        brightness = batches["data_batch_3"][b"data"][2, 1024 * channel + 32 * row + column]
        assert data.training.images[10, channel, row, column] == np.float32(brightness / 255)
    np.testing.assert_allclose(
        data.test.images.reshape(4, -1) * 255, batches["test_batch"][b"data"], atol=1e-4
    )
    assert data.test.labels.tolist() == batches["test_batch"][b"labels"]


def test_files_as_python_2_wrote_them_are_what_pickle_reads():
    """The helper that writes them is right: Python and NumPy themselves read the same."""
    entries = batch()
    found = pickle.loads(python2(entries), encoding="bytes")
    np.testing.assert_array_equal(found.pop(b"data"), entries.pop(b"data"))
    assert found == entries


def test_arrays_of_either_numpy_and_either_order():
    values = np.arange(12, dtype=np.uint8).reshape(3, 4)
    for array in (values, np.asfortranarray(values)):
        for protocol in range(5):
            new = pickle.dumps({"x": array}, protocol)
            assert b"numpy._core.multiarray" in new
            for content in (new, new.replace(b"numpy._core.", b"numpy.core.")):
                if protocol == 4 and content is not new:
                    continue  # lengths are written beside names there
                found = restricted_pickle.loads(content)
                np.testing.assert_array_equal(found["x"].values, values)


def archive_of(folder, path, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for file in sorted(folder.iterdir(), reverse=True):  # the official order is mixed, too
            archive.add(file, f"{folder.name}/{file.name}")
    return path


def test_the_folder_the_one_above_and_the_archive_are_one(folder, tmp_path):
    write_folder(folder)
    archive = archive_of(folder, tmp_path / "cifar-10-python.tar.gz")
    sources = [f"cifar10:{path}" for path in (folder, tmp_path, archive)]
    images = [load(source).training.images for source in sources]
    for source, other in zip(sources, images, strict=True):
        check_source(source)
        np.testing.assert_array_equal(images[0], other)
    assert len({digest_of(source) for source in sources}) == 1
    assert str(tmp_path) not in digest_of(sources[0])


@pytest.mark.parametrize("name", ["data_batch_4", "test_batch", "batches.meta"])
def test_the_digest_knows_every_file(folder, name):
    write_folder(folder)
    before = digest_of(f"cifar10:{folder}")
    content = META | {b"num_vis": 0} if name == "batches.meta" else batch(name, seed=1)
    (folder / name).write_bytes(python2(content))
    assert digest_of(f"cifar10:{folder}") != before


class Malicious:
    """Runs a command if a pickle of it is read without care."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("name", ["data_batch_2", "test_batch", "batches.meta"])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_runs_code_is_refused(folder, tmp_path, name, protocol):
    write_folder(folder)
    mark = tmp_path / "ran"
    content = {b"labels": Malicious(f"touch {mark}")}
    (folder / name).write_bytes(pickle.dumps(content, protocol))
    with pytest.raises(ImageDataError, match=rf"{name} may name nothing .* got \w+\.system, which"):
        load(f"cifar10:{folder}")
    assert not mark.exists()
    os.system(f"touch {mark}")  # the command itself does what the test looks for
    assert mark.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cnumpy\nload\n(S'x'\ntR.",
        b"cbase64\nencode\n.",  # a name that is allowed, of another module
        b"cnumpy.core.multiarray\nfromstring\n.",
        b"cnumpy\nndarray.tofile\n.",  # a name with a dot is none of those that are allowed
        b"\x80\x04\x8c\x05numpy\x8c\x0edtype.__init__\x93.",
        b"(ios\nsystem\n.",  # by the instruction INST
        python2(b"").replace(b"T\0\0\0\0", b"c_codecs\nencode\nX\x01\0\0\0aX\x03\0\0\0hex\x86R"),
        pickle.dumps(np.zeros(3, dtype=np.float64), 2),
        pickle.dumps(np.array([{}], dtype=object), 2),
        pickle.dumps(np.zeros(3, dtype=[("a", "u1")]), 2),
        # An object as the kind of an array: NumPy itself would call its __new__.
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\ndtype\n(K\x00tS'b'\ntR.",
    ],
)
def test_names_and_types_that_no_image_needs_are_refused(content):
    with pytest.raises(restricted_pickle.RefusedError, match="may "):
        restricted_pickle.loads(content)


@pytest.mark.parametrize(
    "content",
    [
        # The instruction BUILD sets attributes, here on what stands in for NumPy's names.
        b"cnumpy.core.multiarray\n_reconstruct\n(N}S'__defaults__'\nK\x00stb.",
        b"c_codecs\nencode\n(N}S'__code__'\nK\x00stb.",
        b"cnumpy\nndarray\n(N}S'empty'\nK\x00stb.",
        b"cnumpy\ndtype\n(N}S'__init__'\nK\x00stb.",
    ],
)
def test_no_pickle_changes_the_reader(content):
    names = [restricted_pickle.Array, restricted_pickle.ByteType]
    before = [dict(vars(name)) for name in names]
    with pytest.raises(ValueError, match="must be a whole pickle"):
        restricted_pickle.loads(content)
    assert [dict(vars(name)) for name in names] == before
    np.testing.assert_array_equal(
        restricted_pickle.loads(python2(np.ones(3, np.uint8))).values, np.ones(3)
    )


def spoilt(change):
    entries = batch("data_batch_5")
    change(entries)
    return python2(entries)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must be a whole pickle"),
        (b"an image", "must be a whole pickle"),
        (python2(batch())[:5000], "must be a whole pickle"),
        (python2([1]), "must be a dictionary; got list"),
        (spoilt(lambda e: e.pop(b"data")), r'b"data" an array of bytes .*\(n, 3072\); got none'),
        (
            spoilt(lambda e: e.update({b"data": e[b"data"][:, :784].copy()})),
            r"of shape \(n, 3072\); got one of shape \(4, 784\)",
        ),
        (
            spoilt(lambda e: e.update({b"data": e[b"data"].reshape(4, 3, 1024)})),
            r"got one of shape \(4, 3, 1024\)",
        ),
        (spoilt(lambda e: e.update({b"data": e[b"data"][:0]})), r"of shape \(0, 3072\)"),
        (
            python3(batch() | {b"data": np.zeros((4, 3072), dtype=np.float32)}),
            r"may have arrays of bytes \(uint8\) only; got type 'f4'",
        ),
        (spoilt(lambda e: e.pop(b"labels")), 'b"labels" a list of 4 labels; got none'),
        (spoilt(lambda e: e[b"labels"].pop()), 'b"labels" a list of 4 labels; got 3'),
        (
            spoilt(lambda e: e[b"labels"].__setitem__(2, 10)),
            'b"labels" integers from 0 to 9; got 10 at position 2',
        ),
        (spoilt(lambda e: e[b"labels"].__setitem__(0, -1)), "got -1 at position 0"),
        (spoilt(lambda e: e[b"labels"].__setitem__(1, b"cat")), "got b'cat' at position 1"),
        # Arrays whose shapes are not those of their bytes.
        (python2(batch()).replace(b"J\4\0\0\0J\0\x0c", b"J\xff\xff\xff\xffJ\0\x0c"), "shape .-1"),
        (python2(batch()).replace(b"J\0\x0c\0\0", b"J\0\x10\0\0"), "must be a whole pickle"),
    ],
)
def test_a_bad_batch_is_named(folder, content, message):
    write_folder(folder)
    (folder / "data_batch_5").write_bytes(content)
    with pytest.raises(ImageDataError, match=f"data_batch_5 .*{message}"):
        load(f"cifar10:{folder}")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (NAMES[:9], r'b"label_names" a list of 10 names; got 9'),
        (3, r'b"label_names" a list of 10 names; got none'),
        ([*NAMES[:9], 7], r'b"label_names" words; got 7'),
    ],
)
def test_bad_class_names_are_named(folder, names, message):
    write_folder(folder)
    (folder / "batches.meta").write_bytes(python2({b"label_names": names}))
    with pytest.raises(ImageDataError, match=f"batches.meta must have in {message}"):
        load(f"cifar10:{folder}")


def test_missing_files_and_unknown_sources_are_named(folder, tmp_path):
    with pytest.raises(
        ImageDataError, match=r"cifar-10-batches-py must be a folder .* there is no"
    ):
        check_source(f"cifar10:{folder}")
    with pytest.raises(ImageDataError, match=f"{tmp_path} must have .* missing: all"):
        check_source(f"cifar10:{tmp_path}")
    write_folder(folder)
    archive = archive_of(folder, tmp_path / "whole.tar.gz")
    for name in ("data_batch_2", "batches.meta"):
        (folder / name).unlink()
    for path in (folder, archive_of(folder, tmp_path / "part.tar")):
        for use in (check_source, load, digest_of):
            with pytest.raises(ImageDataError, match=r"missing: data_batch_2, batches.meta$"):
                use(f"cifar10:{path}")
    content = archive.read_bytes()
    for broken in (b"no archive", content[: len(content) // 2]):
        archive.write_bytes(broken)
        with pytest.raises(ImageDataError, match="got a file that cannot be read as an archive"):
            load(f"cifar10:{archive}")
    for source in ("mnist", "cifar10", "cifar10:", "digits:x", ""):
        with pytest.raises(ImageDataError, match=r"source must be digits or cifar10:PATH; got '"):
            check_source(source)
    with pytest.raises(TypeError, match="source must be a string; got PosixPath"):
        kind_of(folder)


def test_a_link_in_an_archive_is_no_file(folder, tmp_path):
    """It might lead anywhere; files of the official archive are files."""
    write_folder(folder)
    (folder / "test_batch").unlink()
    (folder / "test_batch").symlink_to("data_batch_1")
    archive = archive_of(folder, tmp_path / "cifar.tar.gz")
    with pytest.raises(ImageDataError, match="missing: test_batch"):
        check_source(f"cifar10:{archive}")


def test_a_file_that_is_far_too_large_is_not_read(folder, monkeypatch):
    from recurate.figures.images import cifar10_files

    write_folder(folder)
    monkeypatch.setattr(cifar10_files, "LARGEST", 1000)
    with pytest.raises(ImageDataError, match="data_batch_1 must have at most 1000 bytes"):
        load(f"cifar10:{folder}")
    monkeypatch.setattr(cifar10_files, "LARGEST", (folder / "data_batch_1").stat().st_size)
    assert load(f"cifar10:{folder}").training.size == 20


def nested(times):
    """Instructions that pair a value with itself, again and again."""
    return b")" + b"q\x00h\x00\x86" * times


def entries(labels):
    """A pickle whose labels are what these instructions make."""
    return b"\x80\x02}C\x06labels" + labels + b"s."


CODEC = (
    b"\x80\x02c_codecs\nencode\nq\x00X\xe8\x03\0\0" + b"a" * 1000 + b"X\x06\0\0\0latin1\x86q\x01"
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x80\x02" + nested(60) + b"q\x01}h\x01Ns.", "text and integers as keys; got others"),
        (b"\x80\x02" + nested(60) + b"q\x01}(h\x01Nu.", "text and integers as keys; got others"),
        (b"\x80\x02(" + nested(60) + b"Nd.", "text and integers as keys; got others"),
        (b"\x80\x04\x8f(" + nested(60) + b"\x90.", "cannot be read"),  # a set
        (b"\x80\x04(" + nested(60) + b"\x91.", "cannot be read"),
        (b"\x80\x02N" + b"2" * 1001 + b".", "may have 1,000 instructions; got more"),
        (b"\x80\x04N" + b"\x94" * 1001 + b".", "may have 1,000 instructions; got more"),
        (b"\x80\x05\x96" + b"\xff" * 6 + b"\0\0x.", "cannot be read"),  # bytes that are not there
        (b"\x80\x02\x8b\xff\xff\xff\x7fx.", "cannot be read"),
        (b"L" + b"9" * 5000 + b"L\n.", "cannot be read"),
        (CODEC + b"h\x00h\x01R" * 5 + b".", "no more text than bytes; got more"),
        (b"\x80\x02J\x00.", "cannot be read"),
        (b"\x80\x02\x82\x01.", "cannot be read"),  # a registered extension
        (b"c" + b"\x1b[31m" * 1000 + b"\nx\n.", r"got \\x1b\[31m\\x1b"),
    ],
)
def test_a_pickle_that_asks_for_much_is_refused_at_once(monkeypatch, content, message):
    monkeypatch.setattr(restricted_pickle, "MOST_INSTRUCTIONS", 1000)
    with pytest.raises(ValueError, match=message) as caught:
        restricted_pickle.loads(content)
    assert len(str(caught.value)) < 500


def test_a_memo_takes_as_much_memory_as_is_written_to_it():
    tracemalloc.start()
    assert restricted_pickle.loads(b"\x80\x02Nr\xff\xff\xff\x7f.") is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20


@pytest.mark.parametrize("labels", [b"]" + nested(60) + b"a", nested(60), b"]q\x00h\x00a"])
def test_values_nested_in_themselves_are_shown_in_short(folder, labels):
    write_folder(folder)
    whole = batch("data_batch_1", seed=0)
    (folder / "data_batch_1").write_bytes(
        python2({b"data": whole[b"data"][:1]})[:-2] + b"C\x06labels" + labels + b"su."
    )
    with pytest.raises(ImageDataError, match="data_batch_1") as caught:
        load(f"cifar10:{folder}")
    assert len(str(caught.value)) < 500


def header(name, size, kind=b"0"):
    """A header of an archive, of a file that need not follow."""
    told = tarfile.TarInfo(name)
    told.type, told.size = kind, size
    return told.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xfd7zXZ\x00no more", "cannot be read as an archive"),
        (b"BZh9no more", "cannot be read as an archive"),
        (b"\x1f\x8b", "cannot be read as an archive"),
        (b"", "cannot be read as an archive"),
        (
            gzip.compress(b"".join(header(f"f{i}", 0) for i in range(300)), mtime=0),
            "at most 256 files",
        ),
        (header("x", 10**9, b"x"), "with short names; got one with more"),
        (header("x", 2**22, b"x") + b"1" * 2**22, "with short names; got one with more"),
        (header("x", 0, b"x") * 2000, "cannot be read as an archive"),
        (header("x/data_batch_1", 2**40), "must have at most 1073741824 bytes"),
        (header("x/data_batch_1", 2**70), "must have at most 1073741824 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[:12].hex(),
)
def test_an_archive_that_asks_for_much_is_refused_at_once(tmp_path, content, message):
    (tmp_path / "a.tar.gz").write_bytes(content)
    for use in (check_source, load):
        with pytest.raises(ImageDataError, match=message):
            use(f"cifar10:{tmp_path / 'a.tar.gz'}")


def test_an_archive_unpacks_to_so_many_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("recurate.figures.images.cifar10_files.LARGEST_ARCHIVE", 2**16)
    (tmp_path / "a.tar.xz").write_bytes(lzma.compress(header("x", 2**17) + bytes(2**17)))
    with pytest.raises(ImageDataError, match="must have at most 65536 bytes"):
        check_source(f"cifar10:{tmp_path / 'a.tar.xz'}")


@pytest.mark.parametrize("mode", ["w", "w:bz2", "w:xz"])
def test_an_archive_may_be_packed_otherwise(folder, tmp_path, mode):
    write_folder(folder)
    archive = archive_of(folder, tmp_path / "a.tar", mode)
    np.testing.assert_array_equal(
        load(f"cifar10:{archive}").test.labels, load(f"cifar10:{folder}").test.labels
    )


def test_names_of_classes_are_shown_without_control_characters(folder):
    write_folder(folder)
    names = [b"\x1b[31mred", b"x" * 5000, *NAMES[2:]]
    (folder / "batches.meta").write_bytes(python2(META | {b"label_names": names}))
    red, long, *others = load(f"cifar10:{folder}").class_names
    assert red == r"'\x1b[31mred'"
    assert len(long) == 100
    assert others == [name.decode() for name in NAMES[2:]]

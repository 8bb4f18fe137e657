"""Files in CIFAR-10's official Python format, with images that are drawn at random."""

import pickle
import struct

import numpy as np

NAMES = [
    b"airplane", b"automobile", b"bird", b"cat", b"deer", b"dog", b"frog", b"horse", b"ship",
    b"truck",
]  # fmt: skip
TRAINING = [f"data_batch_{number}" for number in range(1, 6)]
META = {b"num_cases_per_batch": 10_000, b"label_names": NAMES, b"num_vis": 3072}


def batch(name="data_batch_1", size=4, seed=0):
    """A batch's entries: the official ones, of a smaller size."""
    rng = np.random.default_rng([seed, *name.encode()])
    return {
        b"batch_label": f"batch {name}".encode(),
        b"labels": rng.integers(0, 10, size).tolist(),
        b"data": rng.integers(0, 256, (size, 3072)).astype(np.uint8),
        b"filenames": [f"image_{number}.png".encode() for number in range(size)],
    }


def python3(entries):
    return pickle.dumps(entries, protocol=2)


def python2(value):
    """Pickle as Python 2 and its NumPy did, as the official files have it."""
    return b"\x80\x02" + _python2(value) + b"."


def _python2(value):
    match value:
        case bytes():
            return b"T" + struct.pack("<i", len(value)) + value
        case int():
            return b"J" + struct.pack("<i", value)
        case list():
            return b"](" + b"".join(map(_python2, value)) + b"e"
        case dict():
            return b"}(" + b"".join(_python2(k) + _python2(v) for k, v in value.items()) + b"u"
        case np.ndarray():
            made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85"
            made += _python2(b"b") + b"\x87R"
            kind = b"cnumpy\ndtype\n" + _python2(b"u1") + b"K\x00K\x01\x87R"
            kind += b"(K\x03" + _python2(b"|") + b"NNN" + 2 * _python2(-1) + b"K\x00tb"
            shape = b"(" + b"".join(map(_python2, value.shape)) + b"t"
            return made + b"(K\x01" + shape + kind + b"\x89" + _python2(value.tobytes()) + b"tb"
    raise TypeError(type(value))


def write_folder(folder, write=python2, seed=0, size=4):
    """Write the seven files; return what is in the batches, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    batches = {name: batch(name, seed=seed, size=size) for name in [*TRAINING, "test_batch"]}
    for name, entries in batches.items():
        (folder / name).write_bytes(write(entries))
    (folder / "batches.meta").write_bytes(write(META))
    return batches

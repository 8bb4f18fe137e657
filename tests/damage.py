"""Ways to damage a file: entries of JSON left out or replaced, cuts, and changed bytes."""

import json
import math
import random

OTHERS = (None, True, -1, 2.5, 10**30, 1e300, math.nan, math.inf, "x", "", "FAILED", [], {}, [[]])


def edited(value):
    """Yield other values in place of one, also with one part of it changed or left out."""
    yield from (other for other in OTHERS if json.dumps(other) != json.dumps(value))
    if isinstance(value, dict):
        for key, part in value.items():
            rest = {name: other for name, other in value.items() if name != key}
            yield rest
            yield {**rest, f"{key}s": part}
            yield from ({**value, key: other} for other in edited(part))
        yield {**value, "more": 1}
    if isinstance(value, list):
        for i, part in enumerate(value):
            yield value[:i] + value[i + 1 :]
            yield from ([*value[:i], other, *value[i + 1 :]] for other in edited(part))
        yield [*value, *value[:1], None]


def cut(content, number=300):
    """Yield the beginnings of a file: all of them, or so many."""
    lengths = range(len(content)) if len(content) <= number else range(number // 2)
    more = random.Random(1).sample(range(len(content)), k=max(0, number - len(lengths)))
    yield from (content[:length] for length in [*lengths, *more])


def garbled(content, number=300):
    """Yield files with one to four bytes changed, seeded."""
    random_ = random.Random(2)
    for _ in range(number):
        changed = bytearray(content)
        for _ in range(random_.randint(1, 4)):
            changed[random_.randrange(len(content))] ^= random_.randrange(1, 256)
        yield bytes(changed)


def damaged(content, number=300):
    """Yield damaged forms of a file's content: cut, garbled, empty, longer, of other kinds."""
    yield from cut(content, number)
    yield from garbled(content, number)
    yield from (b"null", b"[]", b"{}", b"[" * 10**5, b"\x00" * 100, b"\xff\xfe", content + b"x")
    yield content * 2

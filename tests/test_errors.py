"""Every exception class of the package can be pickled, as those that workers raise have to be."""

import ast
import importlib
import math
import pickle
import re
from functools import cache

import pytest

from .test_architecture import modules

# What is to be constructed from something else than one message.
ARGUMENTS = {
    "CompressionError": (1e-12, math.inf, "at t = 3"),
    "NothingAcceptedError": ("nothing can be accepted", True),
    "CyclingError": ("goes round", 0.5, 12.5, 1000),
    "TooMuchWorkError": (50,),
    "InUseError": ("a folder is in use by process 7",),
    "_BrokenError": (ZeroDivisionError("division by zero"),),
}


ENDS = ("Error", "Exception", "Interrupt", "Exit")
MAY_HAVE_ONE = re.compile(rf"class \w+\([^:]*(?:{'|'.join(ENDS)})\b")  # to parse all takes seconds


@cache
def exception_classes():
    found = []
    for module, path in modules().items():
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if MAY_HAVE_ONE.search(text) else ():
            bases = map(ast.unparse, node.bases) if isinstance(node, ast.ClassDef) else ()
            if any(base.endswith(ENDS) for base in bases):
                found.append(getattr(importlib.import_module(module), node.name))
    return found


@pytest.mark.parametrize("kind", exception_classes(), ids=lambda kind: kind.__name__)
def test_an_error_is_the_same_after_it_was_sent(kind):
    error = kind(*ARGUMENTS.get(kind.__name__, ("what was found, and what is allowed",)))
    error.add_note("in a worker")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert [*map(repr, again.args)] == [*map(repr, error.args)]
    assert again.__dict__.keys() == error.__dict__.keys()
    assert again.__notes__ == ["in a worker"]
    for name, value in vars(error).items():
        assert repr(getattr(again, name)) == repr(value)


def test_all_are_found():
    names = {kind.__name__ for kind in exception_classes()}
    assert {"CompressionError", "DamagedError", "InputError", "Stopped"} <= names
    assert len(names) > 12

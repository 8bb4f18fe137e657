"""The packages of the extra `neural`, loaded when a model is made."""

from __future__ import annotations

from importlib import import_module
from typing import Any

PACKAGES = {"torch": "PyTorch", "zuko": "zuko", "torchdiffeq": "torchdiffeq", "ot": "POT"}


def require(module: str, what: str) -> Any:
    """Return a module of the extra `neural`.

    Parameters
    ----------
    module : {"torch", "zuko", "torchdiffeq", "ot"}
        Name of the module.
    what : str
        What needs it, for the message.

    Raises
    ------
    ImportError
        If it is not installed, saying how to install it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f'{what} needs {PACKAGES[module]}: pip install "recurate[neural]"'
        ) from error

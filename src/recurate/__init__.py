"""recurate: exact dynamics of generative models retrained on their own curated samples.

The proof companion to Ferbach, Bertrand, Bose and Gidel, "Self-Consuming Generative Models with
Curated Data Provably Optimize Human Preferences" (NeurIPS 2024, arXiv:2407.09499).

The public names stand in ``__init__.pyi`` beside this file. Each is loaded when it is first used,
so that ``import recurate`` and ``recurate --help`` are quick.
"""

from __future__ import annotations

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if "__all__" not in globals():
        _attach()
    if name not in ("__all__", *__all__):  # in Python's own words
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return __all__ if name == "__all__" else _load(name)


def _attach() -> None:
    """Read the public names: not before one is wanted, so that `recurate` soon heeds signals."""
    global _load, __all__
    import lazy_loader

    _load, _, names = lazy_loader.attach_stub(__name__, __file__)
    __all__ = [*names, "__version__"]


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))

"""What a user's model and functions return, with errors that name them and the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from recurate.numerics.sampling.streams import NumpyStream, Stream
from recurate.numerics.validation import shown


def called(what: str, t: int, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a user's function; a note on its error names the function and the step."""
    try:
        return function(*arguments)
    except Exception as error:
        error.add_note(f"in {what} at step t = {t} of the simulation")
        raise


def require_array(
    value: Any, what: str, leading: tuple[int, ...], stream: Stream, t: int, exact: bool = False
) -> None:
    """Raise unless a value is a numeric array of the backend with these leading axes."""
    wanted = "a NumPy array" if isinstance(stream, NumpyStream) else "a torch tensor"
    kind = type(value).__module__.partition(".")[0]
    if kind != wanted.split()[1].lower() or not hasattr(value, "shape"):
        raise TypeError(f"{what} must return {wanted}; got {type(value).__name__} at step t = {t}")
    shape = tuple(value.shape)
    if shape[: len(leading)] != leading or (exact and len(shape) != len(leading)):
        more = "" if exact else ", …"
        sizes = ", ".join(map(str, leading))
        raise ValueError(
            f"{what} must return an array of shape ({sizes}{more}); got {shape} at step t = {t}"
        )
    if isinstance(stream, NumpyStream):
        is_real = value.dtype.kind in "biuf"
    else:
        is_real = not value.dtype.is_complex
    if not is_real:
        raise TypeError(
            f"{what} must return real numbers; got {shown(value.dtype)} at step t = {t}"
        )

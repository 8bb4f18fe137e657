"""Checks of input. Each error message says what is allowed and what was found."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.numerics.text import shown as shown  # which every check needs

FloatArray = npt.NDArray[np.float64]

__tracebackhide__ = True  # for recurate.testing: pytest shows the line that called

SUM_TOLERANCE = 1e-9
"""How far from one a sum of probabilities may be: within that, it is normalised."""

LARGEST_SPAN = 1e12
"""Largest allowed difference of two rewards: beyond it, doubles no longer resolve a reward."""

LARGEST_FINITE_CANDIDATES = 1e250
"""Largest finite K: the quadrature's smallest node, about 1e-17 / K, must be a normal double."""


def real_vector(values: Any, name: str) -> FloatArray:
    """Return `values` as a new one-dimensional float64 array of at least one finite entry.

    Raises
    ------
    TypeError
        If `values` does not hold real numbers.
    ValueError
        If it is empty, has masked entries, another shape, or a NaN or infinite entry.
    """
    return _finite_vector(values, name)[0]


def rewards_vector(values: Any) -> FloatArray:
    """Return rewards as a new float64 array of shape (n,), n >= 1, all finite, span at most 1e12.

    Raises
    ------
    TypeError, ValueError
        As `real_vector`, and ValueError if two rewards differ by more than `LARGEST_SPAN`.
    """
    rewards, low, high = _finite_vector(values, "rewards")
    if high - low > LARGEST_SPAN:
        raise ValueError(
            f"rewards must span at most {LARGEST_SPAN:g}; got values from {low:g} to {high:g}"
        )
    rewards += 0.0  # a zero has no sign: -0.0 would be printed
    return rewards


def probability_vector(values: Any, name: str, size: int) -> FloatArray:
    """Return probabilities, shape (size,), normalised to sum to one.

    Raises
    ------
    TypeError, ValueError
        As `real_vector`, and ValueError for another length, a negative entry, or a sum off one
        by more than `SUM_TOLERANCE`.
    """
    probs, low, _ = _finite_vector(values, name)
    require_length(probs.size, name, size)
    if low < 0:
        require_at_each(probs >= 0, probs, f"{name} must be at least 0")
    return probs / near_one(float(probs.sum()), name)


def log_probability_vector(values: Any, name: str, size: int) -> FloatArray:
    """Return log-probabilities, shape (size,), normalised; -inf stands for probability zero.

    Raises
    ------
    TypeError, ValueError
        As `probability_vector`; +inf and NaN are refused.
    """
    log_probs = float_vector(values, name)
    require_length(log_probs.size, name, size)
    with np.errstate(over="ignore"):
        total = float(np.exp(log_probs).sum())
    if not math.isfinite(total):  # only then can an entry be NaN or +inf
        require_at_each(log_probs < np.inf, log_probs, f"{name} must be finite or -inf")
    return log_probs - math.log(near_one(total, f"exp({name})"))


def candidates(K: Any) -> float:
    """Return the number of candidates K as a float: an integer of at least 1, or infinity.

    Raises
    ------
    TypeError
        If K is not a number, or is a bool.
    ValueError
        If K is below 1, fractional, NaN, or finite and above `LARGEST_FINITE_CANDIDATES`.
    """
    allowed = "K must be an integer of at least 1 or infinity"
    number = _real_scalar(K, allowed)
    if number == math.inf:
        return number
    if math.isnan(number) or number < 1 or number != math.floor(number):
        raise ValueError(f"{allowed}; got {shown(K)}")
    if number > LARGEST_FINITE_CANDIDATES:
        raise ValueError(
            f"{allowed}, at most {LARGEST_FINITE_CANDIDATES:g} if finite; got {shown(K)}"
        )
    return number


def mixing(lam: Any, name: str = "lam") -> float:
    """Return the mixing weight lam (synthetic per real sample) as a float in [0, inf].

    Raises
    ------
    TypeError
        If lam is not a number, or is a bool.
    ValueError
        If lam is negative or NaN.
    """
    return _number(lam, f"{name} must be a number of at least 0 or infinity", lambda x: x >= 0)


def is_tensor(values: Any) -> bool:
    """Return whether this is a torch tensor; torch need not be installed."""
    return type(values).__module__.partition(".")[0] == "torch" and hasattr(values, "detach")


def on_cpu(values: Any) -> Any:
    """Return a torch tensor as NumPy's array, and anything else as it is.

    Types that NumPy lacks, such as bfloat16, become doubles. A tensor without values, or with a
    layout of its own, raises TypeError.
    """
    if not is_tensor(values):
        return values
    try:
        tensor = values.detach().cpu().resolve_conj().resolve_neg()
        return (tensor.double() if str(tensor.dtype) in _OWN_TYPES else tensor).numpy()
    except (TypeError, RuntimeError, NotImplementedError) as error:
        raise TypeError(
            f"a tensor must be dense and have values; got one of type {values.dtype}, "
            f"{str(values.layout).removeprefix('torch.')}, on {values.device}"
        ) from error


_OWN_TYPES = ("torch.bfloat16", *(f"torch.float8_{kind}" for kind in ("e4m3fn", "e5m2")))


def written_number(text: str, name: str) -> float:
    """Return the number that a text writes, NaN included; infinity has to be written in letters.

    Raises
    ------
    ValueError
        If it is no number, or one that a double does not hold: beyond 1e308, where reading it makes
        infinity, or not zero and so small that reading it makes zero.
    """
    try:
        if "_" in text:  # Python's float allows it
            raise ValueError
        number = float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number; got {shown(text)}") from None
    if math.isinf(number) and "inf" not in text.lower():
        raise ValueError(f"{name} must be a number up to 1e308, or inf; got {shown(text)}")
    if number == 0 and not writes_zero(text):
        raise ValueError(f"{name} must be 0 or a number from 1e-308 on; got {shown(text)}")
    return number


def writes_zero(text: str) -> bool:
    """Return whether a text that is read as zero says zero, and not a number that is too small."""
    digits = filter(str.isdecimal, text.lower().partition("e")[0])  # of any alphabet
    return not any(map(int, digits))


def positive_count(value: Any, name: str, largest: int | None = None) -> int:
    """Return a count of at least 1; errors as `count`."""
    return count(value, name, largest, least=1)


def positive_or_infinite(value: Any, name: str) -> float:
    """Return a number above 0 as a float; infinity is allowed.

    Raises
    ------
    TypeError
        If it is not a number, or is a bool.
    ValueError
        If it is NaN or not above 0.
    """
    return _number(value, f"{name} must be a number above 0 or infinity", lambda x: x > 0)


def nonnegative(value: Any, name: str) -> float:
    """Return a finite number of at least 0 as a float.

    Raises
    ------
    TypeError
        If it is not a number, or is a bool.
    ValueError
        If it is negative, NaN or infinite.
    """
    allowed = f"{name} must be a finite number of at least 0"
    return _number(value, allowed, lambda x: 0 <= x < math.inf)


def fraction(value: Any, name: str) -> float:
    """Return a number from 0 to 1 as a float.

    Raises
    ------
    TypeError
        If it is not a number, or is a bool.
    ValueError
        If it is NaN or out of range.
    """
    return _number(value, f"{name} must be a share from 0 to 1", lambda x: 0 <= x <= 1)


def count(value: Any, name: str, largest: int | None = None, least: int = 0) -> int:
    """Return a count: an integer of at least 0, or `least` (4.0 and NumPy integers are accepted).

    Raises
    ------
    TypeError
        If it is not a number, or is a bool.
    ValueError
        If it is below `least`, fractional, not finite or above `largest`.
    """
    allowed = f"{name} must be an integer of at least {least}"
    if largest is not None:
        allowed = f"{name} must be an integer from {least} to {largest}"
    number = _real_scalar(value, allowed)
    if not least <= number <= (math.inf if largest is None else largest) or number % 1 != 0:
        raise ValueError(f"{allowed}; got {shown(value)}")
    return int(value)


def optional_flag(value: Any, name: str) -> bool | None:
    """Return True, False or None.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    if value is not None and not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True, False or None; got {shown(value)}")
    return None if value is None else bool(value)


def finite_number(value: Any, name: str) -> float:
    """Return a finite real number as a float.

    Raises
    ------
    TypeError
        If it is not a number, or is a bool.
    ValueError
        If it is NaN or infinite.
    """
    return _number(value, f"{name} must be a finite number", math.isfinite)


def positive_number(value: Any, name: str) -> float:
    """Return a finite number above 0 as a float.

    Raises
    ------
    TypeError
        If it is not a number, or is a bool.
    ValueError
        If it is NaN, infinite or not above 0.
    """
    number = finite_number(value, name)
    if number <= 0:
        raise ValueError(f"{name} must be above 0; got {shown(value)}")
    return number


def real_numbers(values: Any, name: str) -> Any:
    """Return a tensor unchanged, and anything else as an array of real numbers of any shape.

    Raises
    ------
    TypeError
        If the entries are not real numbers: strings, None, complex numbers.
    ValueError
        If some are masked.
    """
    require_unmasked(values, name)
    if is_tensor(values):
        if values.is_complex():
            raise TypeError(f"{name} must be real numbers; got {values.dtype}")
        return values
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must be real numbers; got an array of type {array.dtype}")
    return array


def require_unmasked(values: Any, name: str) -> None:
    """Raise ValueError if some entries are masked, which NumPy would take for numbers."""
    if np.ma.is_masked(values):
        raise ValueError(f"{name} must not have masked entries; got a masked array")


def require_at_each(is_good: npt.NDArray[np.bool_], values: FloatArray, requirement: str) -> None:
    """Raise ValueError with the first value that is not good, and how many more there are."""
    bad = np.flatnonzero(~is_good)
    if bad.size:
        others = "" if bad.size == 1 else f" (and at {bad.size - 1} more)"
        raise ValueError(f"{requirement}; got {values[bad[0]]:g} at position {bad[0]}{others}")


def require_length(found: int, name: str, size: int, per: str = "reward") -> None:
    """Raise ValueError unless there is one entry of `name` for each reward, or whatever it is."""
    if found != size:
        raise ValueError(f"{name} must have one entry per {per} ({size}); got {found}")


def _finite_vector(values: Any, name: str) -> tuple[FloatArray, float, float]:
    """Return what `real_vector` returns, its least entry and its largest one."""
    array = float_vector(values, name)
    # With a NaN among the entries, both are NaN: so these two show whether all are finite.
    low, high = float(array.min()), float(array.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        require_at_each(np.isfinite(array), array, f"{name} must be finite real numbers")
    return array, low, high


def float_vector(values: Any, name: str) -> FloatArray:
    """Return what `real_vector` returns, but allow infinite and NaN entries."""
    values = on_cpu(values)
    require_unmasked(values, name)
    try:
        raw = np.asarray(values)
    except ValueError as error:  # nested lists of different lengths
        raise ValueError(f"{name} must be one-dimensional; got {shown(values)}") from error
    if raw.dtype.kind not in "biufO":
        raise TypeError(f"{name} must be real numbers; got an array of type {raw.dtype}")
    if raw.dtype.kind == "O":
        # NumPy would silently turn strings into numbers, and None into NaN.
        for position, value in enumerate(raw.flat):
            if not isinstance(value, Real):
                raise TypeError(
                    f"{name} must be real numbers; got {shown(value)} at position {position}"
                )
    try:
        array = np.array(raw, dtype=np.float64)
    except OverflowError as error:
        raise ValueError(
            f"{name} must be finite real numbers; got an integer beyond 1e308"
        ) from error
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional; got an array of shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must have at least one entry; got none")
    return array


def _number(value: Any, allowed: str, is_allowed: Callable[[float], bool]) -> float:
    number = _real_scalar(value, allowed)
    if not is_allowed(number):
        raise ValueError(f"{allowed}; got {shown(value)}")
    return number


def _real_scalar(value: Any, allowed: str) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{allowed}; got {shown(value)}")
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"{allowed}; got a number beyond 1e308, not infinity") from error


def near_one(total: float, name: str) -> float:
    """Return a sum; raise ValueError if it is off one by more than `SUM_TOLERANCE`."""
    if not abs(total - 1.0) <= SUM_TOLERANCE:
        raise ValueError(f"{name} must sum to 1 within {SUM_TOLERANCE:g}; got a sum of {total!r}")
    return total

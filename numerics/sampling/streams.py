"""Where the randomness of a simulation comes from: one stream of uniforms and indices per backend.

A stream has an array namespace, a floating-point type and a device. For either backend it is made
from a seed or a NumPy generator: torch's generator is seeded with a number drawn from that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, Protocol

import array_api_compat.numpy as numpy_namespace
import numpy as np
import numpy.typing as npt

from recurate.numerics.sampling.arrays import Array, on_cpu
from recurate.numerics.sampling.winners import indices_from_uniforms
from recurate.numerics.validation import shown

if TYPE_CHECKING:
    import torch

Backend = Literal["numpy", "torch"]

BACKENDS = ("numpy", "torch")

DTYPES = ("float64", "float32")

_WORD = 2**32


class Stream(Protocol):
    """Uniforms and indices of one backend, from one generator."""

    @property
    def xp(self) -> Any:
        """The array namespace."""

    @property
    def dtype(self) -> Any:
        """Type of rewards, weights and uniforms."""

    @property
    def block(self) -> int:
        """Number of candidates to be held at once."""

    @property
    def generator(self) -> Any:
        """The backend's own generator, which a model's ``sample(n, rng)`` receives."""

    def uniforms(self, shape: tuple[int, ...]) -> Array:
        """Return uniforms in [0, 1), of the stream's type."""

    def doubles(self, shape: tuple[int, ...]) -> Array:
        """Return uniforms in [0, 1), multiples of 2^-53 whatever the stream's type."""

    def indices(self, size: int, shape: tuple[int, ...]) -> Array:
        """Return indices drawn evenly from 0 to size - 1."""

    def normals(self, shape: tuple[int, ...]) -> Array:
        """Return standard normal numbers, of the stream's type."""

    def asarray(self, values: Any) -> Array:
        """Return values as an array of the backend on the device; floats in the stream's type."""

    def to_numpy(self, array: Array) -> npt.NDArray[Any]:
        """Return an array of the backend as NumPy's."""

    def state(self) -> Any:
        """Return the generator's state, as JSON stores it."""

    def restore(self, state: Any) -> None:
        """Set the generator to a state that `state` returned."""


class NumpyStream:
    """The stream of a NumPy generator."""

    xp = numpy_namespace
    block = 2**17  # 1 MiB an array: smaller ones cost more in calls, larger ones leave the cache

    def __init__(self, generator: np.random.Generator, dtype: str = "float64") -> None:
        self.generator = generator
        self.dtype = np.dtype(dtype)

    def uniforms(self, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """Return uniforms in [0, 1): multiples of 2^-53, or of 2^-24 in float32."""
        if self.dtype == np.float32:
            return self.generator.random(shape, dtype=np.float32)
        return self.generator.random(shape)

    def doubles(self, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
        """Return uniforms in [0, 1), multiples of 2^-53."""
        return self.generator.random(shape)

    def indices(self, size: int, shape: tuple[int, ...]) -> npt.NDArray[np.int64]:
        """Return indices drawn evenly from 0 to size - 1, without any bias.

        Notes
        -----
        Lemire 2019 (ACM Trans. Model. Comput. Simul. 29, 3): the upper half of word · size, where
        words whose lower half is below 2^32 mod size are drawn again. Whole arrays of 64-bit words
        at once are half as costly as ``Generator.integers``, which does the same number by number.
        """
        number = int(np.prod(shape))
        if size >= _WORD or self.generator.bit_generator.__class__.__name__ == "MT19937":
            return self.generator.integers(0, size, size=shape)
        words = self.generator.integers(0, 2**64, size=(number + 1) // 2, dtype=np.uint64)
        products = words.view(np.uint32)[:number].astype(np.uint64)
        products *= np.uint64(size)
        rejected = _WORD % size
        if rejected:
            again = np.flatnonzero(products.astype(np.uint32) < rejected)
        products >>= np.uint64(32)
        indices = products.view(np.int64)
        if rejected and again.size:
            indices[again] = self.generator.integers(0, size, size=again.size)
        return indices.reshape(shape)

    def normals(self, shape: tuple[int, ...]) -> npt.NDArray[Any]:
        """Return standard normal numbers."""
        if self.dtype == np.float32:
            return self.generator.standard_normal(shape, dtype=np.float32)
        return self.generator.standard_normal(shape)

    def asarray(self, values: Any) -> npt.NDArray[Any]:
        """Return values as an array: floats in the stream's type, integers as int64."""
        array = np.asarray(values)
        return array.astype(np.int64 if array.dtype.kind in "biu" else self.dtype, copy=False)

    def to_numpy(self, array: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return the array."""
        return array

    def state(self) -> Any:
        """Return the state of the bit generator; arrays in it as lists."""
        state = self.generator.bit_generator.state
        return json.loads(json.dumps(state, default=np.ndarray.tolist))

    def restore(self, state: Any) -> None:
        """Set the bit generator to a state that `state` returned."""
        self.generator.bit_generator.state = state


class TorchStream:
    """The stream of a torch generator, on its device."""

    def __init__(self, generator: torch.Generator, dtype: str = "float64") -> None:
        import array_api_compat.torch as torch_namespace
        import torch

        self.xp = torch_namespace
        self.generator = generator
        self.dtype: torch.dtype = getattr(torch, dtype)
        self.block = 2**17 if generator.device.type == "cpu" else 2**24
        self._torch = torch

    def uniforms(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return uniforms in [0, 1): multiples of 2^-53, or of 2^-24 in float32."""
        return self._random(shape, self.dtype)

    def doubles(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return uniforms in [0, 1), multiples of 2^-53."""
        return self._random(shape, self._torch.float64)

    def indices(self, size: int, shape: tuple[int, ...]) -> torch.Tensor:
        """Return indices drawn from 0 to size - 1, evenly to a relative size · 2^-53.

        ``torch.randint`` takes a 32-bit word modulo size, which is uneven by size · 2^-32.
        """
        indices: torch.Tensor = indices_from_uniforms(self.doubles(shape), size)
        return indices

    def normals(self, shape: tuple[int, ...]) -> torch.Tensor:
        """Return standard normal numbers."""
        device = self.generator.device
        normals: torch.Tensor = self._torch.randn(
            shape, generator=self.generator, dtype=self.dtype, device=device
        )
        return normals

    def asarray(self, values: Any) -> torch.Tensor:
        """Return values as a tensor on the device: floats in the stream's type, others int64."""
        if not isinstance(values, self._torch.Tensor):
            values = np.array(values)  # a copy: torch takes no read-only memory
        tensor = self._torch.as_tensor(values, device=self.generator.device)
        return tensor.to(self.dtype if tensor.is_floating_point() else self._torch.int64)

    def to_numpy(self, array: torch.Tensor) -> npt.NDArray[Any]:
        """Return a tensor as a NumPy array."""
        numbers: npt.NDArray[Any] = on_cpu(array)
        return numbers

    def state(self) -> Any:
        """Return the state of the generator."""
        return self.generator.get_state().tolist()

    def restore(self, state: Any) -> None:
        """Set the generator to a state that `state` returned."""
        self.generator.set_state(self._torch.tensor(state, dtype=self._torch.uint8))

    def _random(self, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        device = self.generator.device
        uniforms: torch.Tensor = self._torch.rand(
            shape, generator=self.generator, dtype=dtype, device=device
        )
        return uniforms


def open_stream(
    rng: Any = None, backend: str = "numpy", device: Any = None, dtype: str | None = None
) -> Stream:
    """Return the stream of a backend.

    Parameters
    ----------
    rng : int, sequence of int, numpy.random.Generator or None
        Seed or NumPy generator, for either backend.
    backend : {"numpy", "torch"}
        The array library.
    device : str or torch.device, optional
        Where torch computes, such as "cpu" (default) or "cuda"; NumPy has only "cpu".
    dtype : {"float64", "float32"}, optional
        Type of rewards, weights and uniforms; float64 by default.

    Raises
    ------
    TypeError, ValueError
        If `rng` is not a seed; if the backend, type or device is unknown or unavailable.
    ImportError
        If torch is asked for and not installed.
    """
    if backend not in BACKENDS:
        raise ValueError(f'backend must be "numpy" or "torch"; got {shown(backend)}')
    dtype = "float64" if dtype is None else dtype
    if dtype not in DTYPES:
        raise ValueError(f'dtype must be "float64" or "float32"; got {shown(dtype)}')
    generator = as_generator(rng)
    if backend == "numpy":
        if device is not None and str(device) != "cpu":
            raise ValueError(
                f'device must be "cpu" for the NumPy backend; got {shown(str(device))}'
            )
        return NumpyStream(generator, dtype)
    return TorchStream(_torch_generator(generator, device), dtype)


def as_generator(rng: Any) -> np.random.Generator:
    """Return `numpy.random.default_rng(rng)` (SPEC 7), with errors that name the argument."""
    if rng is not None and isinstance(rng, bool | float | str):
        raise TypeError(
            f"rng must be a seed (an integer of at least 0) or a numpy.random.Generator; "
            f"got {shown(rng)}"
        )
    try:
        return np.random.default_rng(rng)
    except (TypeError, ValueError) as error:
        raise type(error)(
            f"rng must be a seed (an integer of at least 0) or a numpy.random.Generator; "
            f"got {shown(rng)}"
        ) from error


def stream_of(rng: Any, dtype: str = "float64") -> Stream:
    """Return the stream of a NumPy generator, or of a torch generator on its device."""
    if isinstance(rng, np.random.Generator):
        return NumpyStream(rng, dtype)
    return TorchStream(rng, dtype)


def on_device(values: npt.NDArray[Any], stream: Stream) -> Array:
    """Return a NumPy array as one of the stream's backend, of its own type."""
    if isinstance(stream, NumpyStream):
        return values
    return stream.xp.asarray(np.array(values), device=stream.generator.device)


def require_torch() -> Any:
    """Return the module torch.

    Raises
    ------
    ImportError
        If it is not installed, saying how to install it.
    """
    try:
        import torch
    except ImportError as error:
        raise ImportError(
            'the torch backend needs PyTorch: pip install "recurate[torch]"'
        ) from error
    return torch


def torch_device(device: Any) -> Any:
    """Return a device, a ``torch.device``; that of the CPU for None.

    Raises
    ------
    ValueError
        If torch cannot use it here.
    ImportError
        If torch is not installed.
    """
    torch = require_torch()
    wanted = "cpu" if device is None else device
    try:
        place = torch.device(wanted)
        if place.type == "cuda" and not torch.cuda.is_available():
            raise RuntimeError("torch finds no CUDA device")
        torch.Generator(device=place)
    except (RuntimeError, TypeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(
            f'device must be one that torch can use here, such as "cpu"; got '
            f"{shown(str(wanted))} ({reason})"
        ) from error
    return place


def _torch_generator(rng: np.random.Generator, device: Any) -> Any:
    generator = require_torch().Generator(device=torch_device(device))
    generator.manual_seed(int(rng.integers(2**63)))
    return generator

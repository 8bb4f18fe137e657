"""Generative models to retrain: anything that can be fitted to samples and sampled from.

Your own model needs only ``fit(samples)`` and ``sample(n, rng)``. The models here work on NumPy
arrays and on torch tensors alike (the mixture on NumPy arrays only), and hold many independent
replicates at once, along a leading axis.
"""

from __future__ import annotations

import math
from typing import Any, Protocol, runtime_checkable

import numpy as np
from array_api_compat import array_namespace

from recurate.numerics.sampling.arrays import Array, count_rows, take_rows
from recurate.numerics.sampling.streams import stream_of
from recurate.numerics.validation import count, nonnegative


@runtime_checkable
class Model(Protocol):
    """A generative model: anything with these two methods.

    A simulation with torch gives tensors on the device to `fit` and expects them from `sample`.
    Five more methods are optional. ``get_state()`` returns a dict of arrays, which
    ``set_state(state)`` restores: runs with a checkpoint need both. ``log_density(samples)``
    returns log p(x), shape (n,): with it and the reference's log-density, the divergence from the
    real data is estimated; ``log_density_bias()`` returns by how much the mean of log p is too
    large, a number, since the model fits its own training samples best: it is taken off.
    ``reseed(seed)`` is for a model whose fit is random: a simulation calls it before the first fit
    with an integer from its own seed, a different one for each replicate.

    A model with a true attribute ``replicated`` holds independent replicates along a leading axis:
    its samples have the shape (replicates, n, …). A simulation makes deep copies of any other.
    """

    def fit(self, samples: Array) -> Any:
        """Fit the model to samples, shape (n, …), in any order."""

    def sample(self, n: int, rng: Any) -> Array:
        """Return n independent samples, shape (n, …).

        `rng` is a `numpy.random.Generator`, or a `torch.Generator` on the device.
        """


class EmpiricalDistribution:
    """The samples themselves: retraining is resampling, with replacement.

    Parameters
    ----------
    atoms : int, optional
        Number of atoms, for samples that are indices of atoms: the density is their frequency.

    Examples
    --------
    >>> import numpy as np
    >>> model = EmpiricalDistribution()
    >>> model.fit(np.array([[[1.0], [2.0]], [[5.0], [5.0]]]))  # two replicates of two samples
    >>> model.sample(3, np.random.default_rng(0)).shape
    (2, 3, 1)
    """

    replicated = True

    def __init__(self, atoms: int | None = None) -> None:
        self.atoms = None if atoms is None else count(atoms, "atoms")
        self._samples: Array = None

    def fit(self, samples: Array) -> None:
        """Keep the samples, shape (replicates, n, …)."""
        self._samples = samples

    def sample(self, n: int, rng: Any) -> Array:
        """Return n of the samples for each replicate, drawn with replacement."""
        return _resampled(self._samples, n, rng)

    def log_density(self, samples: Array) -> Array:
        """Return the logarithm of each sample's frequency, shape (replicates, n)."""
        xp = array_namespace(samples)
        with np.errstate(divide="ignore"):  # atoms that it has lost
            logarithms = xp.log(self._counts() / self._samples.shape[1])
        return take_rows(logarithms, samples)

    def log_density_bias(self) -> Array:
        """Return by how much its mean log-density is too large, shape (replicates,).

        Frequencies of n samples fit them better than the law that they were drawn from: to leading
        order by (number of atoms - 1)/2n (Miller 1955), here with the atoms that occur.
        """
        counts = self._counts()
        xp = array_namespace(counts)
        occupied = xp.sum(xp.astype(counts > 0, xp.float64), axis=1)
        return (occupied - 1.0) / (2.0 * self._samples.shape[1])

    def _counts(self) -> Array:
        if self.atoms is None:
            raise ValueError("atoms must be given for a density; got None")
        xp = array_namespace(self._samples)
        return xp.astype(count_rows(self._samples, self.atoms), xp.float64)

    def get_state(self) -> dict[str, Array]:
        """Return the samples."""
        return {"samples": self._samples}

    def set_state(self, state: dict[str, Array]) -> None:
        """Restore what `get_state` returned.

        Raises
        ------
        ValueError
            If the samples are not those of a law with so many atoms.
        """
        samples = state["samples"]
        if self.atoms is not None:
            xp = array_namespace(samples)
            are_integers = xp.isdtype(samples.dtype, "integral") and samples.ndim == 2
            if not are_integers or not bool(xp.all((samples >= 0) & (samples < self.atoms))):
                raise ValueError(
                    f"samples must be integers from 0 to {self.atoms - 1}, shape (replicates, n)"
                )
        self._samples = samples


class GaussianModel:
    """A Gaussian, fitted by maximum likelihood to samples of shape (replicates, n, d)."""

    replicated = True

    def __init__(self) -> None:
        self.mean: Array = None
        self.covariance: Array = None

    def fit(self, samples: Array) -> None:
        """Fit mean, shape (replicates, d), and covariance, shape (replicates, d, d)."""
        _require_vectors(samples, "GaussianModel")
        xp = array_namespace(samples)
        self.mean = xp.mean(samples, axis=1)
        centred = samples - self.mean[:, None, :]
        self.covariance = xp.matrix_transpose(centred) @ centred / samples.shape[1]

    def sample(self, n: int, rng: Any) -> Array:
        """Return n samples for each replicate, shape (replicates, n, d)."""
        replicates, d = self.mean.shape
        xp = array_namespace(self.mean)
        noise = stream_of(rng, _dtype_name(self.mean)).normals((replicates, n, d))
        # By eigenvectors, not Cholesky: a loop that has collapsed has a singular covariance.
        values, vectors = xp.linalg.eigh(self.covariance)
        scales = xp.sqrt(xp.clip(values, 0.0, None))
        return self.mean[:, None, :] + (noise * scales[:, None, :]) @ xp.matrix_transpose(vectors)

    def log_density(self, samples: Array) -> Array:
        """Return the log-density, shape (replicates, n); the covariance must be regular."""
        xp = array_namespace(samples)
        centred = samples - self.mean[:, None, :]
        values, vectors = xp.linalg.eigh(self.covariance)
        standard = (centred @ vectors) ** 2 / values[:, None, :]
        constant = xp.sum(xp.log(2 * math.pi * values), axis=-1)
        return -(xp.sum(standard, axis=-1) + constant[:, None]) / 2

    def get_state(self) -> dict[str, Array]:
        """Return mean and covariance."""
        return {"mean": self.mean, "covariance": self.covariance}

    def set_state(self, state: dict[str, Array]) -> None:
        """Restore what `get_state` returned."""
        self.mean, self.covariance = state["mean"], state["covariance"]


class KernelDensityModel:
    """A Gaussian kernel around each sample: retraining resamples, and adds noise.

    Parameters
    ----------
    bandwidth : float, optional
        Standard deviation of the kernel in every direction. By default it is Scott's n^{-1/(d+4)}
        times each coordinate's standard deviation.
    """

    replicated = True

    def __init__(self, bandwidth: float | None = None) -> None:
        self.bandwidth = None if bandwidth is None else nonnegative(bandwidth, "bandwidth")
        self._samples: Array = None
        self._scales: Array = None

    def fit(self, samples: Array) -> None:
        """Keep the samples, shape (replicates, n, d), and find the kernel's scales."""
        _require_vectors(samples, "KernelDensityModel")
        xp = array_namespace(samples)
        self._samples = samples
        deviations = xp.std(samples, axis=1)
        n, d = samples.shape[1:]
        if self.bandwidth is None:
            self._scales = deviations * n ** (-1.0 / (d + 4))
        else:
            self._scales = xp.full_like(deviations, self.bandwidth)

    def sample(self, n: int, rng: Any) -> Array:
        """Return n samples for each replicate, shape (replicates, n, d)."""
        chosen = _resampled(self._samples, n, rng)
        noise = stream_of(rng, _dtype_name(chosen)).normals(chosen.shape)
        return chosen + noise * self._scales[:, None, :]

    def get_state(self) -> dict[str, Array]:
        """Return the samples; the scales follow from them."""
        return {"samples": self._samples}

    def set_state(self, state: dict[str, Array]) -> None:
        """Restore what `get_state` returned."""
        self.fit(state["samples"])


class GaussianMixtureModel:
    """A mixture of Gaussians, fitted by scikit-learn's expectation maximisation (NumPy only).

    Parameters
    ----------
    n_components : int
        Number of Gaussians.
    **settings
        Other arguments of `sklearn.mixture.GaussianMixture`; `random_state` is 0 by default, so
        that a fit depends on the samples alone.

    Raises
    ------
    ImportError
        If scikit-learn is not installed: ``pip install "recurate[data]"``.
    """

    _FITTED = ("weights_", "means_", "covariances_", "precisions_cholesky_")

    def __init__(self, n_components: int, **settings: Any) -> None:
        try:
            from sklearn.mixture import GaussianMixture
        except ImportError as error:
            raise ImportError(
                'GaussianMixtureModel needs scikit-learn: pip install "recurate[data]"'
            ) from error
        self._mixture = GaussianMixture(n_components, **({"random_state": 0} | settings))
        self._fit_state = self._mixture.random_state

    def fit(self, samples: Array) -> None:
        """Fit to samples, shape (n, d)."""
        if not isinstance(samples, np.ndarray):
            raise TypeError(
                "samples must be a NumPy array for GaussianMixtureModel; "
                f"got {type(samples).__name__} (backend='numpy' simulates it)"
            )
        self._mixture.random_state = self._fit_state
        self._mixture.fit(samples)

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Return n samples, shape (n, d)."""
        self._mixture.random_state = np.random.RandomState(rng.bit_generator)
        samples, _ = self._mixture.sample(n)
        # scikit-learn returns them by component; independent samples come in random order.
        return rng.permutation(samples, axis=0)

    def log_density(self, samples: Array) -> Array:
        """Return the log-density, shape (n,)."""
        return self._mixture.score_samples(samples)

    def get_state(self) -> dict[str, Array]:
        """Return weights, means, covariances and the precisions' Cholesky factors."""
        return {name: getattr(self._mixture, name) for name in self._FITTED}

    def set_state(self, state: dict[str, Array]) -> None:
        """Restore what `get_state` returned."""
        for name in self._FITTED:
            setattr(self._mixture, name, state[name])


def _require_vectors(samples: Array, model: str) -> None:
    """Raise unless samples have the shape (replicates, n, d)."""
    if samples.ndim != 3:
        found = tuple(samples.shape[1:])
        raise ValueError(f"samples must be vectors, shape (n, d), for {model}; got shape {found}")


def _resampled(samples: Array, n: int, rng: Any) -> Array:
    replicates, size = samples.shape[:2]
    return take_rows(samples, stream_of(rng).indices(size, (replicates, n)))


def _dtype_name(array: Array) -> str:
    return "float32" if "float32" in str(array.dtype) else "float64"

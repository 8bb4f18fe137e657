"""A convolutional classifier of images, trained here; its probabilities are the rewards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from recurate.figures.images.augmentation import augmented
from recurate.figures.images.classifier_settings import ClassifierSettings
from recurate.figures.images.labelled import LabelledImages
from recurate.numerics.neural.extras import require
from recurate.numerics.neural.training import LARGEST_GRADIENT, seeded
from recurate.numerics.validation import FloatArray, count, shown

BLOCK = 1_000
"""Images that go through the network at once, except in training."""

_WEIGHTS, _BATCHES = 0, 1
_LARGEST_SEED = 2**63 - 1


class Classifier:
    """Convolutions of 3 by 3 pixels, batch-normalised, and one linear layer; trained by SGD.

    Parameters
    ----------
    settings : ClassifierSettings
        Layers and training.
    seed : int
        Seed of the weights, the batches and the augmentation.
    device : str
        Where the network is, in PyTorch's words.

    Raises
    ------
    TypeError, ValueError
        If the seed is not a nonnegative integer, or settings are of another type.
    ImportError
        If torch is missing: ``pip install "recurate[neural]"``.

    Notes
    -----
    Simonyan and Zisserman 2015 (arXiv:1409.1556) with batch normalisation (Ioffe and Szegedy 2015,
    arXiv:1502.03167). Their configuration A is VGG11, which needs only one linear layer for images
    of 32 by 32 pixels. Training is stochastic gradient descent with Nesterov's momentum. The
    learning rate rises for a tenth of the updates, so that the first batches do not throw the
    weights off, and then falls along a half cosine.

    On the CPU one seed always gives the same classifier: torch's global random state is neither
    used nor changed. On a GPU the order changes in which convolutions are summed.
    """

    def __init__(self, settings: ClassifierSettings, seed: int = 0, device: str = "cpu") -> None:
        require("torch", type(self).__name__)
        if not isinstance(settings, ClassifierSettings):
            raise TypeError(f"settings must be ClassifierSettings; got {type(settings).__name__}")
        self.settings, self.device = settings, device
        self._seed = count(seed, "seed", _LARGEST_SEED)
        self._network: Any = None
        self._shape: tuple[int, ...] = ()
        self._classes = 0

    def fit(
        self, data: LabelledImages, progress: Callable[[int, int], None] | None = None
    ) -> Classifier:
        """Train on images from fresh weights.

        Parameters
        ----------
        data : LabelledImages
            Every class has to occur among the labels.
        progress : callable, optional
            Called after each epoch with the number of epochs done, and of all epochs.

        Returns
        -------
        Classifier
            This object.

        Raises
        ------
        TypeError, ValueError
            If the images are not an array of finite numbers of shape (n, channels, height, width),
            if they are too few, or too small for the layers, or if labels are missing.
        FloatingPointError
            If training diverges.
        """
        import torch

        images = self._checked(data.images)
        labels = torch.as_tensor(data.labels, device=self.device)
        if len(images) < 2 or tuple(labels.shape) != (len(images),):
            raise ValueError(
                f"data must have two images or more, and a label for each; got {len(images)} "
                f"images and {len(labels)} labels"
            )
        present = torch.unique(labels).tolist()
        if present != list(range(len(present))) or len(present) < 2:
            raise ValueError(f"labels must be all of 0, 1, …; got {shown(present)}")
        self._shape, self._classes = tuple(images.shape[1:]), len(present)
        self._network = self._fresh()
        self._network.units.take(images)
        self._train(images, labels, progress)
        return self

    def probabilities(self, images: Any) -> FloatArray:
        """Return each image's class probabilities, a float64 array of shape (n, classes).

        Parameters
        ----------
        images : ndarray or torch.Tensor, shape (n, channels, height, width)
            Of the shape that it was trained on. Generated images may have values outside [0, 1].

        Raises
        ------
        TypeError, ValueError
            If they are not such an array of finite numbers, or the classifier was not fitted.
        """
        # On the CPU, as not every device has double precision.
        return self._evaluated(images, lambda block: self._network(block).cpu().double().softmax(1))

    def features(self, images: Any) -> FloatArray:
        """Return the inputs of the linear layer, a float64 array of shape (n, d).

        Takes images as `probabilities` does. The Fréchet distance of two samples of images is the
        distance of their features.
        """
        return self._evaluated(images, lambda block: self._network.body(block).cpu().double())

    def accuracy(self, data: LabelledImages) -> float:
        """Return the share of images whose likeliest class is their label."""
        return float((self.probabilities(data.images).argmax(axis=1) == data.labels).mean())

    def get_state(self) -> dict[str, npt.NDArray[Any]]:
        """Return the weights, the images' shape and the number of classes as NumPy arrays.

        Raises
        ------
        ValueError
            If the classifier was not fitted.
        """
        self._require_fitted()
        weights = self._network.state_dict().items()
        return {
            "shape": np.array(self._shape, dtype=np.int64),
            "classes": np.array(self._classes),
            **{f"network.{name}": value.cpu().numpy().copy() for name, value in weights},
        }

    def set_state(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Restore what `get_state` returned.

        Raises
        ------
        ValueError
            If the state belongs to a classifier with other layers.
        """
        import torch

        before = self._shape, self._classes, self._network
        self._shape = tuple(int(size) for size in state["shape"])
        self._classes = int(state["classes"])
        weights = {
            name.removeprefix("network."): torch.as_tensor(value)
            for name, value in state.items()
            if name.startswith("network.")
        }
        try:
            self._network = self._fresh()
            self._network.load_state_dict(weights)
        except (RuntimeError, ValueError) as error:
            self._shape, self._classes, self._network = before
            raise ValueError(
                "state must be of a classifier with the same layers; got another one's "
                f"({str(error).strip().splitlines()[-1].strip()})"
            ) from error
        self._network.eval()

    def _fresh(self) -> Any:
        """Return a network with the seed's weights, which are the same on every device."""
        import torch

        from recurate.figures.images.classifier_network import classifier_network

        # Layers draw their weights from torch's global generator on the CPU, which is restored.
        with torch.random.fork_rng(devices=[]), torch.device("cpu"):
            torch.default_generator.manual_seed(seeded(self._seed, _WEIGHTS))
            network = classifier_network(self.settings.layers, self._shape, self._classes)
        return network.to(self.device)

    def _train(self, images: Any, labels: Any, progress: Callable[[int, int], None] | None) -> None:
        import torch

        settings, n = self.settings, len(images)
        size = min(settings.batch_size, n)
        epochs, batches = settings.epochs, n // size
        generator = torch.Generator(device=images.device)
        generator.manual_seed(seeded(self._seed, _BATCHES))
        network = self._network.train()
        optimiser = torch.optim.SGD(
            network.parameters(),
            lr=settings.learning_rate,
            momentum=0.9,
            nesterov=True,
            weight_decay=settings.weight_decay,
        )
        for epoch in range(epochs):
            order = torch.randperm(n, generator=generator, device=images.device)
            for number in range(batches):
                chosen = order[number * size : (number + 1) * size]
                batch = images[chosen]
                if settings.augmentation:
                    batch = augmented(batch, generator)
                share = (epoch * batches + number + 0.5) / (epochs * batches)
                optimiser.param_groups[0]["lr"] = settings.learning_rate * _pace(share)
                loss = torch.nn.functional.cross_entropy(network(batch), labels[chosen])
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
                optimiser.step()
            _require_finite(float(loss.detach()), epoch + 1, settings)
            if progress is not None:
                progress(epoch + 1, epochs)
        network.eval()

    def _evaluated(self, images: Any, function: Callable[[Any], Any]) -> FloatArray:
        import torch

        self._require_fitted()
        whole = self._checked(images)
        if tuple(whole.shape[1:]) != self._shape:
            raise ValueError(
                f"images must have the shape (n, {', '.join(map(str, self._shape))}), as those "
                f"that the classifier was trained on; got {tuple(whole.shape)}"
            )
        with torch.no_grad():
            parts = [function(block).numpy() for block in whole.split(BLOCK)]
        found: FloatArray = np.concatenate(parts)
        return found

    def _checked(self, images: Any) -> Any:
        """Return images as a float32 tensor on the device."""
        import torch

        if not isinstance(images, np.ndarray | torch.Tensor):
            raise TypeError(
                f"images must be a NumPy array or a torch tensor; got {type(images).__name__}"
            )
        if images.ndim != 4 or min(images.shape) == 0:
            raise ValueError(
                "images must have the shape (n, channels, height, width), each at least 1; "
                f"got {tuple(images.shape)}"
            )
        # A copy, as torch refuses read-only memory such as a simulation's broadcast data.
        tensor = torch.tensor(images) if isinstance(images, np.ndarray) else images.detach()
        tensor = tensor.to(device=self.device, dtype=torch.float32)
        if not bool(torch.isfinite(tensor).all()):
            raise ValueError("images must be finite numbers; some are not")
        # With one channel its stride can be anything, and the stride decides in which order
        # convolutions are summed; but equal images have to give equal numbers.
        return tensor.reshape(-1).reshape(tensor.shape)

    def _require_fitted(self) -> None:
        if self._network is None:
            raise ValueError("Classifier was not fitted yet: call fit(data) first")


def _pace(share: float) -> float:
    """Return the learning rate, relative to its largest, after this share of the updates."""
    rise = 0.1
    if share < rise:
        return share / rise
    return 0.5 * (1.0 + float(np.cos(np.pi * (share - rise) / (1.0 - rise))))


def _require_finite(loss: float, epoch: int, settings: ClassifierSettings) -> None:
    if not np.isfinite(loss):
        raise FloatingPointError(
            f"the loss must stay finite; got {loss} in epoch {epoch} of {settings.epochs} "
            f"(learning_rate = {settings.learning_rate:g}: try a lower one)"
        )

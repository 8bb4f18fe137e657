"""Flow matching retrained on images that a classifier likes: what the image figures compute.

The reward of an image is γ times a probability that a classifier gives it: of class 0 (paper,
Figure 2) or of the likeliest class (Figures 3, 8 to 11). The groups are the likeliest classes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from recurate.figures.images.classifier import Classifier
from recurate.figures.images.classifier_settings import ClassifierSettings
from recurate.figures.images.components import PrincipalComponents
from recurate.figures.images.dataset import ImageData, ImageDataError, digest_of, load
from recurate.figures.making.fingerprint import code_of
from recurate.figures.making.recipe import Run, Tables
from recurate.figures.making.table import Table
from recurate.figures.shared.recorded_loops import realised_mixing, recorded, samples, training_of
from recurate.numerics import own_files
from recurate.numerics.agreement.exact_start import exact_trajectory
from recurate.numerics.agreement.recorder import Recorder
from recurate.numerics.agreement.sample_quality import frechet_distance, precision_recall
from recurate.numerics.neural.flow_matching import FlowMatchingModel
from recurate.numerics.own_files import DamagedError, Described
from recurate.numerics.sampling.arrays import Array
from recurate.numerics.validation import FloatArray

Wanted = Literal["class", "confidence"]
"""Which probability is rewarded: the one of class 0, or the largest one."""

_FILE = "recurate classifier 1"

PICTURES = 10
"""Number of generated images of each step that are kept for the picture."""


def class_names(classifier: Table) -> list[str]:
    """Return the names of the ten classes in the figures, from the `classifier_table`."""
    prefix = "digit" if classifier["data"][0] == "digits" else "class"
    return [f"{prefix} {number}" for number in range(10)]


@dataclass(frozen=True)
class Judge:
    """Images as the loop sees them: points for the model, with rewards and classes.

    Attributes
    ----------
    classifier : Classifier
        Trained on real images.
    components : PrincipalComponents
        The map between images and points.
    gamma : float
        γ, scale of the reward.
    wanted : {"class", "confidence"}
        What is rewarded.
    """

    classifier: Classifier
    components: PrincipalComponents
    gamma: float
    wanted: Wanted

    def look(self, points: Array) -> tuple[FloatArray, Any]:
        """Return rewards and likeliest classes, each of shape (n,)."""
        q = self.classifier.probabilities(self.images(points))
        chosen = q[:, 0] if self.wanted == "class" else q.max(axis=1)
        return self.gamma * chosen, q.argmax(axis=1)

    def features(self, points: Array) -> FloatArray:
        """Return the classifier's features, shape (n, d)."""
        return self.classifier.features(self.images(points))

    def images(self, points: Array) -> FloatArray:
        """Return the images, with values in [0, 1]: models overshoot a little."""
        images: FloatArray = np.clip(self.components.decode(points), 0.0, 1.0)
        return images


def trained(run: Run, data: ImageData) -> Classifier:
    """Return the classifier of the real images, which all tables of a folder share."""
    parameters = run.parameters
    settings = ClassifierSettings.of(parameters["classifier"])
    classifier = Classifier(settings, seed=parameters["seed"], device=run.device)
    depends = [parameters["classifier"], parameters["seed"], digest_of(run.data), run.device]
    text = json.dumps([depends, code_of(trained)], sort_keys=True)
    path = run.shared / f"classifier-{hashlib.sha256(text.encode()).hexdigest()[:16]}.arrays"
    try:
        if _is_restored(classifier, path, data):
            return classifier
    except DamagedError as error:
        own_files.discard(path)
        run.say(own_files.useless(path, error, "the classifier is trained again"))
    missing = sorted({*range(len(data.class_names))} - {*data.training.labels.tolist()})
    if missing:
        raise ImageDataError(f"training images must be of every class; there are none of {missing}")
    classifier.fit(data.training, lambda done, total: run.progress("classifier", done, total))
    own_files.write_arrays(path, Described(file=_FILE), classifier.get_state())
    return classifier


def _is_restored(classifier: Classifier, path: Path, data: ImageData) -> bool:
    """Return whether there is a file, and set the classifier to the state in it.

    Raises
    ------
    DamagedError
        If it is not the whole state of such a classifier.
    """
    found = own_files.read_arrays(path, _FILE, Described)
    if found is None:
        return False
    _, state = found
    due = {"shape": [*data.training.images.shape[1:]], "classes": len(data.class_names)}
    told = {name: state[name].tolist() for name in due if name in state}
    if told != due:
        raise DamagedError("is of other images")
    if not all(np.isfinite(array).all() for array in state.values() if array.dtype.kind == "f"):
        raise DamagedError("has weights that are not numbers")
    try:
        classifier.set_state(state)
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedError(f"is of another classifier ({error})") from error
    return True


def classifier_table(run: Run) -> Table:
    """Train the classifier; return its accuracy, and the sample measures of real images.

    Images that it has not seen stand for the samples of a perfect model.
    """
    data = load(run.data)
    classifier = trained(run, data)
    components = PrincipalComponents.of(data.training.images, run.parameters["components"])
    judge = Judge(classifier, components, 1.0, "confidence")
    real, unseen = (
        judge.features(components.encode(one.images)) for one in (data.training, data.test)
    )
    unseen = unseen[: run.parameters["judged"]]
    seen = components.encode(data.test.images)
    quality = precision_recall(unseen, real[: run.parameters["judged"]])
    return Table(
        {
            "data": [data.name],
            "training": [len(data.training.labels)],
            "test": [len(data.test.labels)],
            "accuracy": [classifier.accuracy(data.test)],
            "accuracy_seen": [float((judge.look(seen)[1] == data.test.labels).mean())],
            "variance": [components.variance],
            "confidence": [float(judge.look(seen)[0].mean())],
            "frechet": [frechet_distance(unseen, real)],
            "precision": [quality.precision],
            "recall": [quality.recall],
        },
        {
            "data": "the images",
            "training": "number of images that classifier and models are trained on",
            "test": "number of images that neither has seen",
            "accuracy": "share of the test images that the classifier is right on",
            "accuracy_seen": "the same of these components alone, as the loop has them",
            "variance": "share of the training images' variance in the components that are kept",
            "confidence": "mean of its largest probability on them, of these components alone",
            "frechet": "Fréchet distance of their features from the training images'",
            "precision": "share of them in the training images' manifold (3 neighbours)",
            "recall": "share of the training images in theirs",
        },
    )


def loop_tables(run: Run, wanted: Wanted, loop: str, seed: int) -> Tables:
    """Run a loop of images.

    Parameters
    ----------
    run : Run
        Its parameters are those of `model` and of `recorded`, and "gamma", "classifier" (the
        settings), "seed" (of the classifier) and "judged" (the number of images in each step whose
        sample measures are taken).
    wanted : {"class", "confidence"}
        What is rewarded.
    loop : {"pure", "mixed"}
        Whether the loop runs without real data, or with them.
    seed : int
        Seed of the loop.

    Returns
    -------
    mapping of Table
        "samples", "quality" and "images".
    """
    parameters = run.parameters
    data = load(run.data)
    components = PrincipalComponents.of(data.training.images, parameters["components"])
    judge = Judge(trained(run, data), components, parameters["gamma"], wanted)
    points = components.encode(data.training.images)
    real = judge.features(points)

    def keep(t: int, samples: Array) -> dict[str, Any]:
        # All features of the first model: the exact loop draws from them, and few of them twice.
        every = judge.features(samples if t == 0 else samples[: parameters["judged"]])
        features = every[: parameters["judged"]]
        kept = {"quality": _quality(features, real), "images": judge.images(samples[:PICTURES])}
        return kept | ({"features": every.astype(np.float32)} if t == 0 else {})

    recorder = recorded(run, model(run), judge.look, points, loop=loop, keep=keep, seed=seed)
    run.progress("sample quality", 0, 1)
    return {
        "samples": samples(recorder),
        "quality": _quality_table(recorder, real, run, loop),
        "images": _images_table(recorder),
    }


def model(run: Run) -> FlowMatchingModel:
    """Return the model, which is retrained from the weights of the step before."""
    parameters = run.parameters
    return FlowMatchingModel(
        training_of(run, common_scale=True),
        network=parameters["network"],
        width=parameters["width"],
        depth=parameters["depth"],
        ode_steps=parameters["ode_steps"],
    )


def _quality(features: FloatArray, real: FloatArray) -> FloatArray:
    """Return Fréchet distance, precision and recall, shape (3,)."""
    near = precision_recall(features, real[: len(features)])
    return np.array([frechet_distance(features, real), near.precision, near.recall])


def _quality_table(recorder: Recorder, real: FloatArray, run: Run, loop: str) -> Table:
    measured = np.array([kept["quality"] for kept in recorder.kept])
    exact = np.array(list(_exact_quality(recorder, real, run, loop)))
    return Table(
        {
            "t": np.arange(len(measured)),
            "frechet": measured[:, 0],
            "precision": measured[:, 1],
            "recall": measured[:, 2],
            "exact_frechet": exact[:, 0],
            "exact_precision": exact[:, 1],
        },
        {
            "t": "retraining step",
            "frechet": "Fréchet distance of the generated images' features from the training ones'",
            "precision": "share of the generated images in the real ones' manifold (3 neighbours)",
            "recall": "share of the real images in the generated ones' manifold",
            "exact_frechet": "the Fréchet distance if the first model's images, and real ones, "
            "were reweighted as the exact loop does: no image is new, and no model errs",
            "exact_precision": "the precision, likewise",
        },
    )


def _exact_quality(
    recorder: Recorder, real: FloatArray, run: Run, loop: str
) -> Iterator[tuple[float, float]]:
    """Yield Fréchet distance and precision of the exact loop's law, at each step."""
    parameters = run.parameters
    start = recorder.generated[0]
    features = recorder.kept[0]["features"].astype(np.float64)
    is_mixed = loop == "mixed"
    trajectory = exact_trajectory(
        start,
        recorder.training[0] if is_mixed else None,
        K=parameters["K"],
        lam=realised_mixing(loop, parameters),
        steps=parameters["steps"],
    )
    n = len(real) if is_mixed else 0
    judged = min(parameters["judged"], len(features))
    every = np.concatenate([real[:n], features])
    rng = np.random.default_rng([parameters["seed"], 2])
    for t in range(parameters["steps"] + 1):
        probs = trajectory.probs(t)
        # The first real images measure precision: if they were drawn, they would count as precise.
        law = np.concatenate([_without_first(probs[:n], judged), probs[n:]])
        drawn = every[rng.choice(len(every), size=judged, p=law / law.sum())]
        near = precision_recall(drawn, real[: len(drawn)])
        yield frechet_distance(drawn, real), near.precision


def _without_first(probs: FloatArray, number: int) -> FloatArray:
    """Return probabilities of exchangeable samples without the first ones, with the same sum."""
    if probs.size <= number or not probs.any():  # as at t = 0, before real ones are mixed in
        return probs
    left = np.where(np.arange(probs.size) < number, 0.0, probs)
    without: FloatArray = left * (probs.sum() / left.sum())
    return without


def _images_table(recorder: Recorder) -> Table:
    """Return the kept images of the first and the last step, with a row for each pixel."""
    last = len(recorder.kept) - 1
    images = np.stack([recorder.kept[t]["images"] for t in (0, last)])
    places = np.indices(images.shape).reshape(images.ndim, -1)
    t, number, channel, row, column = places
    return Table(
        {
            "t": np.where(t == 0, 0, last),
            "image": number,
            "channel": channel,
            "row": row,
            "column": column,
            "value": images.ravel(),
        },
        {
            "t": "retraining step: the first or the last",
            "image": "number of the generated image",
            "channel": "0 for the only channel, or red, green and blue",
            "row": "from the top",
            "column": "from the left",
            "value": "from 0, black (on paper white, for one channel), to 1",
        },
    )

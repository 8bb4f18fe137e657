"""Sizes of the image figures for the digits and for CIFAR-10, and what replaces the paper's."""

from __future__ import annotations

from typing import Any

from recurate.figures.images.classifier_settings import CIFAR10 as VGG11
from recurate.figures.images.classifier_settings import DIGITS as DOUBTFUL
from recurate.figures.making.recipe import Scale
from recurate.figures.making.table import Table

_DIGITS: dict[str, Any] = {
    "classifier": DOUBTFUL,
    # With all 64 pixels a model of this size loses more confidence than curation gains.
    "components": 16,
    "judged": 500,
    "network": "dense",
    "width": 256,
    "depth": 4,
    "batch_size": 128,
    "learning_rate": 3e-3,
}

DIGITS: dict[Scale, dict[str, Any]] = {
    "smoke": {
        **_DIGITS,
        "components": 6,  # a thousand updates are enough for these
        "depth": 3,
        "generated": 2_000,
        "curated": 2_000,
        "updates": 1_500,
        "retraining_updates": 700,
        "ode_steps": 8,
    },
    "default": {
        **_DIGITS,
        "generated": 10_000,
        "curated": 2_500,
        "updates": 6_000,
        "retraining_updates": 3_000,
        "ode_steps": 8,
    },
    "paper": {
        **_DIGITS,
        "generated": 50_000,
        "curated": 2_500,
        "updates": 20_000,
        "retraining_updates": 8_000,
        "ode_steps": 20,
    },
}
"""Parameters for scikit-learn's digits."""

_CIFAR10: dict[str, Any] = {
    "classifier": VGG11,
    "components": None,
    "network": "convolutional",
    "depth": 2,
    "batch_size": 128,
    "learning_rate": 2e-4,
}

CIFAR10: dict[Scale, dict[str, Any]] = {
    "smoke": {
        **_CIFAR10,
        "classifier": {**VGG11, "epochs": 1},
        "judged": 200,
        "generated": 400,
        "curated": 400,
        "width": 16,
        "updates": 100,
        "retraining_updates": 50,
        "ode_steps": 5,
    },
    "default": {
        **_CIFAR10,
        "classifier": {**VGG11, "epochs": 30},
        "judged": 2_000,
        "width": 64,
        "updates": 20_000,
        "retraining_updates": 4_000,
        "ode_steps": 20,
    },
    "paper": {
        **_CIFAR10,
        "judged": 5_000,
        "width": 128,
        "updates": 200_000,
        "retraining_updates": 20_000,
        "ode_steps": 50,
    },
}
"""Parameters that replace those for CIFAR-10. `default` and `paper` are for a GPU, and untried."""


def stand_ins(classifier: Table) -> str:
    """Return for a caption which data are used, how good the classifier is, and what they replace.

    Parameters
    ----------
    classifier : Table
        From `recurate.figures.shared.image_loops.classifier_table`.
    """
    name, accuracy = str(classifier["data"][0]), float(classifier["accuracy"][0])
    own = f"a classifier trained here, right on {accuracy:.1%} of the test images"
    if name == "digits":
        variance, seen = (float(classifier[one][0]) for one in ("variance", "accuracy_seen"))
        own += f" ({seen:.1%} by these components)"
        return (
            f"Scikit-learn's digits (principal components with {variance:.0%} of their variance) "
            f"stand for the paper's CIFAR-10, and {own}, for its VGG11."
        )
    return f"The images are {name}, the rewards those of {own} (the paper's VGG11: 92.4%)."

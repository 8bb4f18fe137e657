"""Sizes of the image figures, for the digits and for CIFAR-10, and what stands in for what."""

from __future__ import annotations

from typing import Any

from recurate.figures.recipe import Scale
from recurate.figures.table import Table

_DIGITS: dict[str, Any] = {
    # Stopped early: about as good as the paper's classifier (92.39% on CIFAR-10), and with doubts.
    # One that is trained to the end is sure of nearly every digit, and leaves nothing to choose by.
    "classifier": {
        "layers": [32, "pool"],
        "epochs": 3,
        "batch_size": 64,
        "learning_rate": 0.015,
    },
    # In all 64 pixels a model of this size loses more confidence than curation gains.
    "components": 20,
    "judged": 500,
    "network": "dense",
    "width": 256,
    "batch_size": 128,
    "learning_rate": 3e-3,
}

DIGITS: dict[Scale, dict[str, Any]] = {
    "smoke": {
        **_DIGITS,
        "generated": 2_000,
        "curated": 2_000,
        "updates": 2_000,
        "retraining_updates": 800,
        "ode_steps": 8,
    },
    "default": {
        **_DIGITS,
        "generated": 10_000,
        "curated": 2_500,
        "updates": 8_000,
        "retraining_updates": 3_000,
        "ode_steps": 10,
    },
    "paper": {
        **_DIGITS,
        "generated": 50_000,
        "curated": 2_500,
        "updates": 20_000,
        "retraining_updates": 5_000,
        "ode_steps": 20,
    },
}
"""Parameters for scikit-learn's digits."""

CIFAR10: dict[str, Any] = {
    # VGG11, configuration A of Simonyan and Zisserman 2015.
    "classifier": {
        "layers": [64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"],
        "epochs": 60,
        "batch_size": 128,
        "learning_rate": 0.05,
        "augmentation": True,
    },
    "components": None,
    "judged": 5_000,
    "network": "convolutional",
    "width": 128,
    "batch_size": 128,
    "learning_rate": 2e-4,
    "updates": 200_000,
    "retraining_updates": 20_000,
    "ode_steps": 50,
}
"""Parameters that replace those of a scale for CIFAR-10: for a GPU, and untried on one."""


def stand_ins(classifier: Table) -> str:
    """Say for a caption which data there are, how good the classifier is, and what stands for what.

    Parameters
    ----------
    classifier : Table
        As `recurate.figures.image_loops.classifier_table` makes it.
    """
    name, accuracy = str(classifier["data"][0]), float(classifier["accuracy"][0])
    own = f"a classifier trained here, right on {accuracy:.1%} of the test images"
    if name == "digits":
        variance = float(classifier["variance"][0])
        return (
            f"Scikit-learn's digits (principal components with {variance:.0%} of their variance) "
            f"stand for the paper's CIFAR-10, and {own}, for its VGG11."
        )
    return f"The images are {name}, the rewards those of {own} (the paper's VGG11: 92.4%)."

"""Figures of retrained models at sizes of a second."""

from dataclasses import replace

from recurate.figures.catalogue import FIGURES

_LOOP = {"steps": 2, "generated": 240, "curated": 120}
_TRAINING = {"updates": 20, "retraining_updates": 10, "batch_size": 40, "width": 16}
_PLANE = {**_LOOP, **_TRAINING, "shown": [0, 1, 2], "real": 300, "drawn": 50}
_IMAGES = {
    **_LOOP,
    **_TRAINING,
    "judged": 60,
    "depth": 1,
    "ode_steps": 2,
    "classifier": {"layers": [4, "pool"], "epochs": 2, "batch_size": 64, "learning_rate": 0.05},
}
TINY = {
    "class_reward": _IMAGES,
    "confidence_reward": _IMAGES,
    "sample_quality": {"judged": 60},
    "replicates": _IMAGES,
    "gaussian_mixture": {**_PLANE, "levels": 10},
    "two_moons": {**_PLANE, "transforms": 1},
}
MODELS = list(TINY)


def tiny(name, **more):
    """Return a figure with sizes of a second."""
    recipe = FIGURES[name]
    return replace(recipe, parameters={"smoke": recipe.parameters["smoke"] | TINY[name] | more})

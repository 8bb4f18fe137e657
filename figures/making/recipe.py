"""What a figure is: tables that are computed, a picture that is drawn from them, and a caption.

One module makes one figure. It has a function for each table and a function ``draw`` that sees only
the tables and the parameters, and joins them in a `Recipe`, which `recurate.figures.catalogue`
lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from matplotlib.figure import Figure

from recurate.figures.making.table import Table

Scale = Literal["smoke", "default", "paper"]
"""How much is computed: for a first look, for all that is claimed, or the paper's sizes."""

SCALES: tuple[Scale, ...] = get_args(Scale)

Parameters = Mapping[str, Any]
"""Numbers, words, and lists of them, by name."""

Tables = Mapping[str, Table]
"""Tables by name."""


@dataclass(frozen=True)
class Run:
    """What is passed to a function that computes a table.

    Attributes
    ----------
    parameters : mapping
        The figure's parameters at the wanted scale. Random draws take their seed from "seed".
    tables : mapping
        The figure's tables that come before this one.
    device : str
        Where models are trained, in PyTorch's words: "cpu", "cuda", "cuda:1" or "mps".
    checkpoints : Path
        A folder, empty at first. After an interruption the computation finds again what it left
        there, unless code or parameters have changed.
    shared : Path
        A folder for what several tables use. The names of its files say what they depend on.
    progress : callable
        Called with what is being done, the number of steps done, and the number of all steps.
    data : str
        Source of the images, for `recurate.figures.images.dataset.load`.
    say : callable
        Called with a line for the user.
    """

    parameters: Parameters
    tables: Tables
    device: str
    checkpoints: Path
    shared: Path
    progress: Callable[[str, int, int], None]
    data: str = "digits"
    say: Callable[[str], None] = lambda line: None


@dataclass(frozen=True)
class Agreement:
    """How well two ways to one number agree: experiment and theory, theory and bound.

    Attributes
    ----------
    text : str
        What the number is.
    value : float
        The number; 0 is full agreement.
    allowed : float or None
        Largest value that counts as agreement, with its reason in `reason`; None if not known.
    reason : str
        Where `allowed` comes from.
    unchanged : float or None
        The same number for a prediction that nothing changes. It has to exceed `allowed`, or else
        the comparison could not fail. None if it was not computed.
    """

    text: str
    value: float
    allowed: float | None = None
    reason: str = ""
    unchanged: float | None = None

    @property
    def holds(self) -> bool:
        """Whether the value is allowed, while that of "no change" is not."""
        if self.allowed is None:
            return True
        can_fail = self.unchanged is None or self.unchanged > self.allowed
        return self.value <= self.allowed and can_fail


@dataclass(frozen=True)
class Recipe:
    """A figure.

    Attributes
    ----------
    name : str
        The name of its module and of its files.
    title : str
        What it shows, in a few words.
    parameters : mapping
        From each scale to the parameters: values that JSON has, or infinity.
    tables : mapping
        From a table's name to the function that computes it, in the order of computation: a later
        one is given the earlier tables. Each is kept as long as its code, its parameters and the
        tables that it read are the same, so long work belongs in a table of its own. A function
        may also compute several tables at once and return them by name: "samples" and "points"
        of a function "loop" are then called "loop_samples" and "loop_points".
    draw : callable
        From tables and parameters to the picture.
    caption : callable
        From tables and parameters to the text below the picture, with its numbers.
    agreement : callable, optional
        From tables and parameters to how well the tables agree with one another.
    uses_device : bool
        Whether tables depend on where they are computed.
    needs : tuple of Recipe
        Other figures, which are made first. Their tables are named like their files:
        "reward_bounds-bounds".
    uses_images : bool
        Whether tables depend on the chosen image data (`Run.data`).
    apart : tuple of str
        Tables that read no other table of the figure: workers compute them side by side.
    image_parameters : mapping
        From "digits" or "cifar10", and a scale, to parameters that replace those of the scale or
        are added to them, for these data.
    """

    name: str
    title: str
    parameters: Mapping[Scale, Parameters]
    tables: Mapping[str, Callable[[Run], Table | Tables]]
    draw: Callable[[Tables, Parameters], Figure]
    caption: Callable[[Tables, Parameters], str]
    agreement: Callable[[Tables, Parameters], Agreement] | None = field(default=None)
    uses_device: bool = False
    needs: tuple[Recipe, ...] = ()
    uses_images: bool = False
    image_parameters: Mapping[str, Mapping[Scale, Parameters]] = field(default_factory=dict)
    apart: tuple[str, ...] = ()

    def parameters_for(self, scale: Scale, data: str) -> Parameters:
        """Return the parameters at a scale, for a kind of image data: "digits" or "cifar10"."""
        if not self.uses_images:
            return self.parameters[scale]
        return {**self.parameters[scale], **self.image_parameters.get(data, {}).get(scale, {})}

    def file_of(self, table: str) -> str:
        """Return the name of a table's file."""
        return f"{self.name}-{table}.csv"

"""recurate: exact dynamics of generative models retrained on their own curated samples.

The proof companion to Ferbach, Bertrand, Bose and Gidel, "Self-Consuming Generative Models with
Curated Data Provably Optimize Human Preferences" (NeurIPS 2024, arXiv:2407.09499).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recurate import strategies, testing
    from recurate.numerics.curation import log_curation_ratio
    from recurate.numerics.fixed_points.condensation import condensation_threshold
    from recurate.numerics.inference.bootstrap import bootstrap_bands
    from recurate.numerics.inference.choosing import choose
    from recurate.numerics.laws.reward_law import RewardLaw
    from recurate.numerics.loop import CurationLoop
    from recurate.numerics.sampling.curate import curate
    from recurate.numerics.simulation.simulate import simulate
    from recurate.numerics.simulation.simulate_loop import simulate_loop
    from recurate.numerics.simulation.simulated_trajectory import SimulatedTrajectory
    from recurate.numerics.trajectory import Trajectory
    from recurate.paper_checks.hunt.hunt import hunt
    from recurate.paper_checks.trials.altered import check
    from recurate.theory.catalogue import statement

__version__ = "0.1.0"

_HOMES = {
    "CurationLoop": "recurate.numerics.loop",
    "RewardLaw": "recurate.numerics.laws.reward_law",
    "SimulatedTrajectory": "recurate.numerics.simulation.simulated_trajectory",
    "Trajectory": "recurate.numerics.trajectory",
    "bootstrap_bands": "recurate.numerics.inference.bootstrap",
    "check": "recurate.paper_checks.trials.altered",
    "choose": "recurate.numerics.inference.choosing",
    "condensation_threshold": "recurate.numerics.fixed_points.condensation",
    "curate": "recurate.numerics.sampling.curate",
    "hunt": "recurate.paper_checks.hunt.hunt",
    "log_curation_ratio": "recurate.numerics.curation.floats",
    "simulate": "recurate.numerics.simulation.simulate",
    "simulate_loop": "recurate.numerics.simulation.simulate_loop",
    "statement": "recurate.theory.catalogue",
}

__all__ = [
    "CurationLoop",
    "RewardLaw",
    "SimulatedTrajectory",
    "Trajectory",
    "__version__",
    "bootstrap_bands",
    "check",
    "choose",
    "condensation_threshold",
    "curate",
    "hunt",
    "log_curation_ratio",
    "simulate",
    "simulate_loop",
    "statement",
    "strategies",
    "testing",
]


def __getattr__(name: str) -> Any:
    # Names are loaded when first used, so that `import recurate` and `recurate --help` are quick.
    if name in ("strategies", "testing"):
        return import_module(f"recurate.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)

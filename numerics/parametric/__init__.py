"""Maximum-likelihood retraining within a parametric family, at the population level.

Families (`families`, `power_family`, `exponential`), laws of the data (`laws`), the retraining map
and its fixed point (`retraining`), and how fast it is approached (`rates`).
``docs/parametric.md`` derives them.
"""

from recurate.numerics.parametric.exponential import ExponentialFamily, ExponentialRetraining
from recurate.numerics.parametric.families import (
    Family,
    LocationFamily,
    LocationScaleFamily,
)
from recurate.numerics.parametric.laws import DiscreteLaw, Law, LocatedLaw, MixtureLaw
from recurate.numerics.parametric.power_family import PowerFamily
from recurate.numerics.parametric.rates import (
    Curvatures,
    MeasuredRate,
    curvatures,
    measured_rate,
    start_near_best,
)
from recurate.numerics.parametric.retraining import RetrainingLoop, RetrainingPath
from recurate.numerics.parametric.shapes import Logistic, Normal, StudentT
from recurate.numerics.parametric.wasserstein import wasserstein

__all__ = [
    "Curvatures",
    "DiscreteLaw",
    "ExponentialFamily",
    "ExponentialRetraining",
    "Family",
    "Law",
    "LocatedLaw",
    "LocationFamily",
    "LocationScaleFamily",
    "Logistic",
    "MeasuredRate",
    "MixtureLaw",
    "Normal",
    "PowerFamily",
    "RetrainingLoop",
    "RetrainingPath",
    "StudentT",
    "curvatures",
    "measured_rate",
    "start_near_best",
    "wasserstein",
]

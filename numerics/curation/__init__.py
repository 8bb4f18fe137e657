"""The curation ratio H^K_p and the curated law: in floats, in rationals, in balls.

Loops look the ratio up here, so that another ratio put in this place changes every loop.
"""

from recurate.numerics.curation.floats import RATIO_ERROR, CurationKernel, log_curation_ratio

__all__ = ["RATIO_ERROR", "CurationKernel", "log_curation_ratio"]

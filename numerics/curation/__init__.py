"""The curation ratio H^K_p and the curated law: in floats, in rationals, in balls.

Loops, fixed points, compressed laws and tests of agreement look the float ratio up here at each
call, so that another ratio put in this place changes all of them. Four things integrate the
Laplace transform themselves and do not use the ratio: loops within prompts
(`recurate.numerics.curation.stacked`), the deficits of Newton's method, the bootstrap's many laws,
and the derivatives of finite-sample errors.
"""

from recurate.numerics.curation.floats import RATIO_ERROR, CurationKernel, log_curation_ratio

__all__ = ["RATIO_ERROR", "CurationKernel", "log_curation_ratio"]

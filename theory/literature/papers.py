"""The papers whose claims are stated here, and who restates them: their own text was not read."""

from __future__ import annotations

from functools import partial

from recurate.theory.source import Source

_NOTES = (
    "github.com/zhaoyang97/Paper-Notes-en, docs/ICML2025/image_generation/"
    "theoretical_guarantees_on_the_best-of-n_alignment_policy.md"
)
_REVIEW = (
    "github.com/gabeorosan/value-dynamics, "
    "docs/reports/lit_overoptimization_saturation_2026-07-28.md, section 1.5"
)
_AUDIT = (
    "github.com/MachineLearning-Nerd/icml26-repro-kwvtSA9ed3-curated-synthetic-data-doesn-t-have-"
    "to-collapse-a-theoretical-study-of-gener, docs/source_audit.md"
)
_AUTHORS_CODE = "github.com/osu-srml/curationBackfire, README.md"

best_of_n = partial(
    Source,
    seen="restated",
    restated_in=(_NOTES,),
    paper="Beirami et al. 2025, arXiv:2401.01879",
    version="v3",
)
"""Source in the paper on best-of-n sampling, of a number and a place; some have a note."""

best_of_n_reviewed = partial(best_of_n, restated_in=(_NOTES, _REVIEW))
"""The same of what a second text restates, too."""

two_basins = partial(
    Source,
    seen="restated",
    restated_in=(_AUDIT,),
    paper="Falahati, Amiri, Larson, Golab 2026, arXiv:2605.07724",
    version="v1",
)
"""Source in the paper on two voters of different minds."""

backfire = partial(
    Source,
    seen="restated",
    restated_in=(_AUTHORS_CODE,),
    paper="Wei, Zhang, Zhang 2026, arXiv:2605.29267",
    version="v1",
)
"""Source in the paper on several models that train on one another's samples."""

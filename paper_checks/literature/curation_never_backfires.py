"""Evidence against more curation being always good for a model: two models refute it, exactly."""

from __future__ import annotations

from collections.abc import Iterator

from recurate.paper_checks.evidence.check import Bound, Check, Margin
from recurate.paper_checks.literature.two_models import BACKFIRE, EXCHANGE, ExchangeRun, exchanges
from recurate.theory.literature.curation_never_backfires import statement


def _margins(run: ExchangeRun, bound: Bound) -> Iterator[Margin]:
    is_same = run.instance.candidates == run.instance.more
    yield Margin(run.gains()[0], "model 0's reward in the long run, in bits", tight=is_same)


check = Check(
    statement=statement,
    margins=_margins,
    setting=EXCHANGE,
    loops=exchanges(),
    instances=(BACKFIRE,),
)

"""One thread for what trains models, so that the numbers do not depend on the user's settings.

Sums in another order round differently, and training amplifies the difference. Networks as small as
those of the figures are not slower for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra, and PyTorch if it is installed, to one thread inside the block."""
    with ExitStack() as stack:
        try:
            from threadpoolctl import threadpool_limits
        except ImportError:  # it comes with the extra `data`; otherwise the user's setting stays
            pass
        else:
            stack.enter_context(threadpool_limits(limits=1))
        try:
            import torch
        except ImportError:  # whatever needs PyTorch will say so
            pass
        else:
            stack.callback(torch.set_num_threads, torch.get_num_threads())
            torch.set_num_threads(1)
        yield

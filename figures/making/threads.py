"""One thread for what trains models: the same numbers come out whatever the user has set.

Sums in another order round otherwise, and training multiplies that. Networks as small as the
figures' are no slower for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra, and PyTorch if it is installed, to one thread in the meantime."""
    with ExitStack() as stack:
        try:
            from threadpoolctl import threadpool_limits
        except ImportError:  # of the extra `data`: without it, it is the user's setting
            pass
        else:
            stack.enter_context(threadpool_limits(limits=1))
        try:
            import torch
        except ImportError:  # what needs it says so
            pass
        else:
            stack.callback(torch.set_num_threads, torch.get_num_threads())
            torch.set_num_threads(1)
        yield

"""`make fuzz`: the properties of `cases` for as long as is asked for, with other inputs each time.

What fails is shrunk and printed, and the search goes on; the exit code is 1 if anything failed.
"""

import argparse
import faulthandler
import os
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from .cases import ALL

_AT_ONCE = 100
_MOST_BYTES = 8 * 2**30
_STUCK = 1_200.0  # seconds for one round: a command does not end


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="by default another one each time")
    parser.add_argument("--only", choices=ALL, nargs="*", default=list(ALL))
    options = parser.parse_args()
    first = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"seed {first}", flush=True)
    # A command that would take more ends in an error, and not this machine.
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, resource.RLIM_INFINITY))
    end = time.monotonic() + 60 * options.minutes
    tried, failures = Counter(), {}
    number = first
    # Proofs are verified once; `caches` has caches of its own.
    cache = tempfile.TemporaryDirectory(prefix="recurate-fuzz-")
    os.environ["XDG_CACHE_HOME"] = cache.name
    while time.monotonic() < end:
        for name in options.only:
            number += 1
            failure = _round(name, number, end)
            tried[name] += _AT_ONCE
            if failure is not None and failure.splitlines()[-1][:100] not in failures:
                failures[failure.splitlines()[-1][:100]] = failure
                print(f"\n{name}, seed {number}:\n{failure}", flush=True)
            if time.monotonic() >= end:
                break
    cache.cleanup()
    print(f"at most {dict(tried)} inputs in {options.minutes:g} minutes: {len(failures)} failures")
    return 1 if failures else 0


def _round(name, number, end):
    """Try one property with new inputs; return what failed, or None."""
    limits = settings(
        max_examples=_AT_ONCE,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
    )
    faulthandler.dump_traceback_later(_STUCK, exit=True)
    try:
        seed(number)(limits(given(st.data())(ALL[name])))()
    except Exception:
        return traceback.format_exc(limit=-4)
    finally:
        faulthandler.cancel_dump_traceback_later()
    return None


if __name__ == "__main__":
    sys.exit(main())

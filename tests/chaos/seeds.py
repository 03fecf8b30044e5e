"""Which seeds are run: new ones each time and said, or those that somebody asks for."""

import os
import random

# CHAOS_SEED repeats what failed; CHAOS_RUNS asks for more than what a quick suite has time for.
FIRST = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))


def runs(usual: int, *, share: int = 1) -> range:
    """So many runs, or one of `share` where CHAOS_RUNS asks for others. A test is named by its number."""
    asked = int(os.environ.get("CHAOS_RUNS") or 0)
    return range(max(asked // share, 1) if asked else usual)

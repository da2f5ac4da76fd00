"""Where the tests that look at something new in each run get their seed from.

`KEYWRIGHT_SEED=N pytest …` repeats a run. On a CI machine every run is the same, so that what it says is about the
change that it looks at; whoever runs the tests by hand looks at something new each time.
"""

from __future__ import annotations

import os
import random

OF_CI = 20261125


def fresh_seed() -> int:
    """Another seed in each run, the one that is asked for, or that of CI."""
    asked = os.environ.get("KEYWRIGHT_SEED")
    if asked:
        return int(asked)
    return OF_CI if on_ci() else random.SystemRandom().randrange(10**6)


def on_ci() -> bool:
    """Whether this is a CI machine, by the variable that all of them set."""
    return bool(os.environ.get("CI"))

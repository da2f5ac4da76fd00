"""Hold `who-can` to brute force on many random organizations: every principal of each, by the naive evaluator.

    python tools/torture_access.py [ORGANISATIONS] [FIRST_SEED]

Prints how many rows of each kind there were. Exit code 1 at the first that differs, with its seed.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "access"))
import organisations

from keywright._internal.access.who_can import WhoCan


def main(count: int, first: int) -> None:
    """Look at organisations."""
    met: Counter[str] = Counter()
    began = time.monotonic()
    for seed in range(first, first + count):
        organisation = organisations.Chance(seed).organisation()
        snapshot = organisation.snapshot()
        who = WhoCan(snapshot)
        (key,) = snapshot.keys.values()
        for action in organisations.ACTIONS:
            rows = {item.principal: item.access.value for item in who.findings(key, action)}
            for principal in organisation.principals:
                found, truth = rows.get(principal["arn"], "no"), organisation.truth(principal, action)
                if found != truth:
                    sys.exit(f"seed {seed}: {principal['arn']} {action} is {truth}, and who-can says {found}")
                met[truth] += 1
    took = time.monotonic() - began
    sys.stdout.write(f"{count} organizations from seed {first} in {took:.0f} s: {dict(met)}\n")


if __name__ == "__main__":
    given = [int(item) for item in sys.argv[1:]]
    main(given[0] if given else 10_000, given[1] if len(given) > 1 else random.SystemRandom().randrange(10**9))

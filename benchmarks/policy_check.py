"""`keywright policy check` on a thousand policies in one process, and its time a policy.

    python benchmarks/policy_check.py [POLICIES]

The policies are generated from keys and catalogue patterns, each with principals of its own. They are checked with an
empty cache, then again with what that has left in it. Prints one JSON document; the seconds are the processor's, which
other work disturbs less than the clock's.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from keywright._internal.cache.proof_cache import DIRECTORY_VARIABLE
from keywright._internal.cli.app import main as keywright
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue
from keywright._internal.policy.document import PolicyDocument, as_json
from keywright._internal.policy.generation import key_policy
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.examination import examine_policy

T = TypeVar("T")

HOME = KeyLocation("aws", "111122223333", "eu-west-1")


def main(count: int) -> dict[str, Any]:
    """Measure."""
    chance = random.Random(1)
    texts = [as_json(policy(chance, number), indent=1) for number in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(texts):
            (Path(folder) / f"{number:04}.json").write_text(text)
        os.environ[DIRECTORY_VARIABLE] = str(Path(folder) / "cache")
        (code, answer), whole = timed(lambda: check(folder))
        (_, again), remembered = timed(lambda: check(folder))
    single = []
    for text in texts[:200]:
        _, seconds = timed(lambda text=text: examine_policy(parse_policy(text)))
        single.append(seconds * 1000)
    return {
        "policies": count,
        "exit code": code,
        "passed": sum(item["passed"] for item in answer["policies"]),
        "seconds, the command": round(whole, 2),
        "seconds, the command again": round(remembered, 2),
        "the same again": again == answer,
        "ms a policy, median": round(statistics.median(single), 2),
        "ms a policy, p95": round(statistics.quantiles(single, n=20)[-1], 2),
        "MB at most": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What some work returns, and its seconds of the processor."""
    began = time.process_time()
    return work(), time.process_time() - began


def check(folder: str) -> tuple[int, dict[str, Any]]:
    """Run the command in this process: its exit code and its document."""
    sys.argv = ["keywright", "policy", "check", "--policy", folder, "--json"]
    code = 0
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            keywright()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, json.loads(printed.getvalue())


def policy(chance: random.Random, number: int) -> PolicyDocument:
    """A generated policy with up to two patterns beside it."""
    book = catalogue.load()
    roles = [f"arn:aws:iam::{HOME.account}:role/app-{number}-{at}" for at in range(chance.randrange(1, 6))]
    services = [chance.choice([item.principal for label, item in book.services.items() if label != "*"])]
    key = Key.model_validate(
        {
            "key_administrator_arns": [f"arn:aws:iam::{HOME.account}:role/admin-{number}"],
            "key_user_arns": roles,
            "key_service_users": [name.replace("{region}", HOME.region) for name in services],
        }
    )
    statements = list(key_policy(key, HOME).statements)
    for name in chance.sample(sorted(book.patterns), chance.randrange(3)):
        statements += catalogue.expand(name, catalogue.example(book.patterns[name], HOME), HOME)
    return PolicyDocument(tuple(statements))


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000), indent=1))  # noqa: T201 - its output

# ruff: noqa: C901, PLR0911 - what a claim means, straight on
"""Tries to contradict the prover: random policies and claims, and for each verdict hundreds of aimed requests.

    .venv/bin/python tests/proof/fuzz_prover.py --policies 10000 --seed 7

prints what was tried, the share of UNKNOWN, and every contradiction as a case for `cases/prover.json`; it exits 1 where
there is one. The prover gets each policy as another hand would spell it; requests are aimed at the plain one.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import naive_evaluator as naive
from aimed_requests import ACTIONS, Aim, Marksman
from random_policies import FRIEND, OWN, Claim, random_claim, random_key, random_policy, respelled

import keywright
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import as_json
from keywright._internal.policy.generation import key_policy, replica_policy
from keywright._internal.policy.parsing import parse_policy_value
from keywright._internal.proof.claims.declared import prove_key
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.evaluation.decision import Outcome
from keywright._internal.proof.evaluation.evaluator import Evaluator
from keywright._internal.proof.evaluation.request import Request

ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
_IDENTITY = parse_policy_value(ALLOW_ALL, kind="identity")
ACROSS = tuple(f"kms:{name}" for name in naive.ACROSS - {"RetireGrant"})
Breaks = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True)
class Question:
    """What a verdict says of requests: that none that is allowed breaks it."""

    aim: Aim
    breaks: Breaks
    """Whether an allowed request contradicts the verdict."""
    by_iam: bool = True
    """Whether the caller's identity policies allow everything."""

    def concerns(self, request: dict[str, Any]) -> bool:
        """Whether an allowed request is of those that are asked after, and contradicts the verdict."""
        return request["action"] in self.aim.actions and self.breaks(request)


@dataclass
class Tally:
    """What was tried, and what came of it."""

    policies: int = 0
    requests: int = 0
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    generated: Counter[str] = field(default_factory=Counter)
    """The verdicts on generated policies."""
    contradictions: list[dict[str, Any]] = field(default_factory=list)
    shown: int = 0

    @property
    def unknown(self) -> float:
        """The share of UNKNOWN."""
        return sum(n for (_, v), n in self.verdicts.items() if v == "UNKNOWN") / max(1, self.verdicts.total())


def fuzz(
    seed: int,
    policies: int,
    requests: int = 300,
    seconds: float | None = None,
    report: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Try so many policies, or as many as the seconds allow, with so many requests for each verdict."""
    tally = Tally()
    until = time.monotonic() + seconds if seconds is not None else None
    for number in range(policies):
        if until is not None and time.monotonic() > until:
            break
        try_one(f"{seed}-{number}", tally, requests)
        report(tally)
    return tally


def try_one(name: str, tally: Tally, requests: int) -> None:
    """One random policy with its claims."""
    chance = random.Random(name)
    claims = [random_claim(chance) for _ in range(chance.choice((0, 1, 2, 3)))]
    if chance.random() < 0.2:
        _try_declared(name, chance, claims, tally, requests)
        return
    policy = random_policy(chance)
    options: dict[str, Any] = {}
    if chance.random() < 0.6:
        options["region"] = chance.choice(("eu-west-1", "us-east-1"))
    if chance.random() < 0.5:
        options["trusted_accounts"] = (OWN,) if chance.random() < 0.7 else (OWN, FRIEND)
    if chance.random() < 0.3:
        options["caller"] = chance.choice((f"arn:aws:iam::{OWN}:role/App", f"arn:aws:iam::{OWN}:user/Eve"))
    spelled = respelled(policy, chance)
    text = json.dumps(spelled) if chance.random() < 0.5 else spelled
    results = keywright.prove(text, [claim.text for claim in claims], account=OWN, **options)
    examine(name, policy, claims, results, options, tally, requests, chance)


def _try_declared(name: str, chance: random.Random, claims: list[Claim], tally: Tally, requests: int) -> None:
    """A declared key: its generated policy, its replica's, or a random one of its own."""
    home = KeyLocation("aws", OWN, "eu-west-1")
    key, location = random_key(chance, home), home
    if chance.random() < 0.4:
        policy = random_policy(chance)
        key = Key(policy=json.dumps(policy))
    elif chance.random() < 0.4:
        location = KeyLocation("aws", OWN, "us-east-1")
        policy = json.loads(as_json(replica_policy(key, home, location.region)))
    else:
        policy = json.loads(as_json(key_policy(key, home)))
    fixed = {
        "kms:keyspec": "SYMMETRIC_DEFAULT",
        "kms:multiregion": "true" if key.multi_region else "false",
        **({} if key.multi_region else {"kms:multiregionkeytype": None}),
    }
    results = prove_key(key, location, parse_policy_value(policy), claims=[claim.text for claim in claims])
    for result in results:
        if key.policy is None:
            tally.generated[result.verdict.value] += 1
    options = {"region": location.region, "fixed": fixed}
    examine(name, policy, claims, results, options, tally, requests, chance)


def examine(
    name: str,
    policy: dict[str, Any],
    claims: list[Claim],
    results: Sequence[ClaimResult],
    options: dict[str, Any],
    tally: Tally,
    requests: int,
    chance: random.Random,
) -> None:
    """Try to contradict each answer about one policy."""
    document = parse_policy_value(policy)
    tally.policies += 1
    named = tuple(text for claim in claims for text in _arns_of(claim))
    names = (*named, *filter(None, [options.get("caller")]))
    marksman = Marksman(policy, chance, names=names, fixed=options.get("fixed"))
    written = iter(claims)
    both = {by_iam: Evaluator(document, identity_policies=[_IDENTITY] if by_iam else ()) for by_iam in (True, False)}
    asked = tuple(dict.fromkeys(name for claim in claims for name in _actions_of(claim))) or ACROSS
    everything = Aim(policy, options.get("region"), (*asked, "kms:PutKeyPolicy", "kms:RevokeGrant"))
    pool = [marksman.request(everything) for _ in range(requests)]
    allowed = {True: _allowed(pool, both[True])}
    allowed[False] = _allowed(allowed[True], both[False]) if any(claim.directly for claim in claims) else []
    tally.requests += len(pool)
    for result in results:
        claim = next(written) if result.id.startswith("claim-") else None
        tally.verdicts[(claim.form if claim else result.id, result.verdict.value)] += 1
        fault = _replay(policy, result) or _of_no_use(result, claim, policy, options)
        shot: dict[str, Any] | None = None
        if fault is None and result.verdict is not Verdict.UNKNOWN:
            for question in questions(result, claim, policy, options):
                more = [marksman.request(question.aim) for _ in range(requests // 5)]
                tally.requests += len(more)
                hits = [
                    *_allowed(more, both[question.by_iam]),
                    *(() if question.aim.late else allowed[question.by_iam]),
                ]
                shot = next(
                    (item for item in hits if question.concerns(item) and _naively(policy, item, question)), None
                )
                if shot is not None:
                    fault = f"{result.verdict} is contradicted by a request"
                    break
        if fault is not None:
            tally.contradictions.append(
                {
                    "name": name,
                    "fault": fault,
                    "claim": claim.text if claim else result.id,
                    "verdict": result.verdict.value,
                    "policy": policy,
                    "options": {key: list(v) if isinstance(v, tuple) else v for key, v in options.items()},
                    "request": shot,
                }
            )


def _allowed(requests: list[dict[str, Any]], evaluator: Evaluator) -> list[dict[str, Any]]:
    return [
        request for request in requests if evaluator.decide(Request.from_document(request)).outcome is Outcome.ALLOWED
    ]


def _naively(policy: dict[str, Any], request: dict[str, Any], question: Question) -> bool:
    """Whether the naive evaluator allows it too; it knows nothing of who issued a federated session."""
    by_iam = question.by_iam and request["principal"].startswith("arn:")
    case = {"policy": policy, "request": request, "identity_policies": [ALLOW_ALL] if by_iam else []}
    return "issuer" in request or naive.decide(case) == naive.ALLOWED


def _replay(policy: dict[str, Any], result: ClaimResult) -> str | None:
    """Whether a witness fails to show what it is for."""
    if result.witness is None:
        return "REFUTED without a witness" if result.verdict is Verdict.REFUTED else None
    case = result.witness.as_document()
    request = Request.from_document(case["request"])
    evaluator = Evaluator(parse_policy_value(policy), identity_policies=result.witness.identity_policies)
    if evaluator.decide(request).outcome.value != case["expected"]:
        return "the witness doesn't replay"
    again = {"policy": policy, "request": case["request"], "identity_policies": case["identity_policies"]}
    if "issuer" not in case["request"] and naive.decide(again) != case["expected"]:
        return "the naive evaluator decides otherwise on the witness"
    return None


def _of_no_use(result: ClaimResult, claim: Claim | None, policy: dict[str, Any], options: dict[str, Any]) -> str | None:
    """Whether what refutes a claim that nobody can is none that contradicts it."""
    if result.verdict is not Verdict.REFUTED or result.witness is None or claim is None or claim.form == "can":
        return None
    request = result.witness.as_document()["request"]
    context = {key.lower(): value for key, value in request["context"].items()}
    shown = {**request, "context": context}
    questions_ = _of_claim(claim, policy, options.get("region"), proved=True)
    if all(question.breaks(shown) for question in questions_) or ":federated-user/" in request["principal"]:
        return None
    return "what refutes it doesn't contradict it"


# --- What each verdict means --------------------------------------------------------------------------------


def questions(
    result: ClaimResult, claim: Claim | None, policy: dict[str, Any], options: dict[str, Any]
) -> Iterator[Question]:
    """What would contradict a verdict, in the tests' own words."""
    region = options.get("region")
    proved = result.verdict is Verdict.PROVED
    if claim is not None:
        yield from _of_claim(claim, policy, region, proved=proved)
        return
    change = Aim(policy, region, ("kms:PutKeyPolicy",), late=True)
    match result.id:
        case "policy-stays-changeable" if not proved:
            yield Question(change, lambda request: account_of(request) == OWN)
        case "survives-loss-of-any-principal" if not proved:
            seen: dict[object, set[str]] = {}

            def second(request: dict[str, Any]) -> bool:
                mine = seen.setdefault(key_of(request), set())
                if account_of(request) == OWN:
                    mine.add(identity_of(request))
                return len(mine) > 1

            yield Question(change, second)
        case "caller-can-change-policy" if not proved:
            caller = options["caller"]
            aim = Aim(policy, region, ("kms:PutKeyPolicy",))
            yield Question(aim, lambda request: request["principal"] == caller)
        case "no-access-from-outside" if proved and "trusted_accounts" in options:
            trusted = options["trusted_accounts"]
            yield Question(Aim(policy, region, ACROSS), lambda request: account_of(request) not in {None, *trusted})
        case "no-foreign-administration" if proved:
            yield Question(
                Aim(policy, region, ("kms:RevokeGrant",)),
                lambda request: (
                    account_of(request) not in {None, OWN}
                    and request["context"].get("kms:grantisforawsresource") != "true"
                ),
            )


def _of_claim(claim: Claim, policy: dict[str, Any], region: str | None, *, proved: bool) -> Iterator[Question]:
    aim = Aim(policy, region, _actions_of(claim))
    by_iam = not claim.directly
    if claim.form == "can":
        if not proved:  # then one of the actions is never allowed: look at each
            yield _NeverAllowed.question(claim, aim, by_iam=by_iam)
        return
    if not proved:
        return
    if claim.form == "nobody":
        yield Question(aim, lambda _: True, by_iam)
    elif claim.form == "cannot":
        yield Question(aim, lambda request: belongs(request, claim.parties[0]) is True, by_iam)
    else:
        services = claim.form == "only"
        yield Question(
            aim,
            lambda request: (
                (services or request["principal"].startswith("arn:"))
                and all(belongs(request, party) is False for party in claim.parties)
            ),
            by_iam,
        )


def _actions_of(claim: Claim) -> tuple[str, ...]:
    return tuple(name for name in ACTIONS if any(naive.one_action(item, name) for item in claim.actions))


class _NeverAllowed:
    """A refuted `can`: contradicted once every action of the claim was seen allowed on one key."""

    @staticmethod
    def question(claim: Claim, aim: Aim, *, by_iam: bool) -> Question:
        seen: dict[object, set[str]] = {}

        def breaks(request: dict[str, Any]) -> bool:
            mine = seen.setdefault(key_of(request), set())
            if belongs(request, claim.parties[0]) is True:
                mine.add(request["action"])
            return all(naive_all(claim, mine))

        return Question(aim, breaks, by_iam)


def naive_all(claim: Claim, seen: set[str]) -> Iterator[bool]:
    """Whether each single action of the claim was seen; a pattern of several is never contradicted."""
    for action in claim.actions:
        yield action in seen


def key_of(request: dict[str, Any]) -> object:
    """Which key it is about, and whose: a claim is about one."""
    return request["resource"], str(request["context"].get("aws:resourceorgid"))


def account_of(request: dict[str, Any]) -> str | None:
    """The caller's account; None for a service."""
    return request["principal"].split(":")[4] if request["principal"].startswith("arn:") else None


def identity_of(request: dict[str, Any]) -> str:
    """Who calls at bottom: the role of a session, the user of a federated session."""
    who = naive.caller_of(request["principal"])
    if who["kind"] == "role":
        return f"role {who['role'].lower()}"
    return str(request.get("issuer") or request["principal"])


def belongs(request: dict[str, Any], party: str) -> bool | None:
    """Whether the caller is a party of a claim; None where that can't be said."""
    who, arn = naive.caller_of(request["principal"]), request["principal"]
    kind, _, name = party.partition(" ")
    if re.fullmatch(r"[0-9]{12}", name or party):
        return bool(who["account"] == (name or party))
    if party.startswith("o-"):
        return bool(request["context"].get("aws:principalorgid") == party)
    if ":federated-user/" in party or (not party.startswith("arn:") and kind not in {"role", "user"}):
        return bool(arn == party)
    if kind == "user" or ":user/" in party:
        by_issuer = request.get("issuer")
        mine = by_issuer or arn
        if party.startswith("arn:") or "/" in name:
            return bool(mine == (party if party.startswith("arn:") else f"arn:aws:iam::{OWN}:user/{name}"))
        pattern = rf"arn:aws:iam::{OWN}:user/(?:.*/)?{name}"
        if re.fullmatch(pattern, mine):
            return True
        return (
            None
            if re.fullmatch(pattern, mine, re.IGNORECASE) or (who["kind"] == "federated" and not by_issuer)
            else False
        )
    if ":assumed-role/" in party:
        theirs = naive.caller_of(party)  # no two roles of an account differ by case alone
        if who["kind"] != "role" or who["account"] != theirs["account"] or who["session"] != theirs["session"]:
            return False
        return bool(who["role"].lower() == theirs["role"].lower())
    wanted = party if party.startswith("arn:") else f"arn:aws:iam::{OWN}:role/{name}"
    theirs = naive.caller_of(wanted)
    if who["kind"] != "role" or who["account"] != theirs["account"] or who["role"].lower() != theirs["role"].lower():
        return False
    if not party.startswith("arn:") and "/" not in name:
        return True
    path = who["path"]
    if path is None:
        given = request["context"].get("aws:principalarn")
        path = naive.caller_of(given)["path"] if given else None
    if path is None:
        return None
    return bool(path == theirs["path"]) if path != theirs["path"] or who["role"] == theirs["role"] else None


def _arns_of(claim: Claim) -> list[str]:
    found = []
    for party in claim.parties:
        kind, _, name = party.partition(" ")
        if kind in {"role", "user"}:
            found.append(f"arn:aws:iam::{OWN}:{kind}/{name}")
        elif party.startswith("arn:") or ".amazonaws." in party:
            found.append(party)
    return found


_SHOWN = 1000
"""After how many policies a line says how far it went."""


def _progress(tally: Tally) -> None:
    """Each contradiction as it is found, and from time to time how far it went."""
    for item in tally.contradictions[tally.shown :]:
        sys.stdout.write(json.dumps(item, ensure_ascii=False) + "\n")
    tally.shown = len(tally.contradictions)
    if tally.policies % _SHOWN == 0:
        sys.stderr.write(f"{tally.policies} policies, {tally.unknown:.1%} UNKNOWN, {tally.shown} contradictions\n")
    sys.stdout.flush()


def main() -> int:
    """Fuzz, print, and return 1 where an answer was contradicted."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--policies", type=int, default=1000)
    arguments.add_argument("--requests", type=int, default=300, help="for each verdict")
    arguments.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments.add_argument("--only", help="one policy again, by its name")
    options = arguments.parse_args()
    started = time.monotonic()
    if options.only:
        tally = Tally()
        try_one(options.only, tally, options.requests)
    else:
        tally = fuzz(options.seed, options.policies, options.requests, report=_progress)
    for item in tally.contradictions if options.only else ():
        sys.stdout.write(json.dumps(item, ensure_ascii=False) + "\n")
    by_claim: dict[str, Counter[str]] = {}
    for (claim, verdict), number in tally.verdicts.items():
        by_claim.setdefault(claim, Counter())[verdict] += number
    for claim, counts in sorted(by_claim.items()):
        shown = "  ".join(f"{verdict} {counts[verdict]:6}" for verdict in ("PROVED", "REFUTED", "UNKNOWN"))
        sys.stdout.write(f"  {claim:34}{shown}\n")
    generated = tally.generated["UNKNOWN"] / max(1, tally.generated.total())
    sys.stdout.write(
        f"seed {options.seed}: {tally.policies} policies, {tally.verdicts.total()} verdicts, "
        f"{tally.requests} requests, "
        f"{tally.unknown:.1%} UNKNOWN ({generated:.1%} on generated keys), {len(tally.contradictions)} contradictions, "
        f"{time.monotonic() - started:.0f} s\n"
    )
    return 1 if tally.contradictions else 0


if __name__ == "__main__":
    sys.exit(main())

"""A verification as a real run writes it, and a signed release of it."""

from __future__ import annotations

from keywright._internal.conformance.checksums import sha256
from keywright._internal.conformance.release import ReleaseFiles, signed_release
from keywright._internal.conformance.results import (
    GATE_NAMES,
    AccessLevel,
    AccessLine,
    AccessTable,
    Claim,
    ExpectedException,
    Gate,
    GateName,
    GateVerdict,
    Subject,
    Tool,
    ToolRun,
    Verification,
    overall_verdict,
)
from keywright._internal.conformance.signing import SigningKey
from keywright._internal.report.card import pages

ARCHIVE = b"the module's archive"
WHEEL = b"the wheel"

_EVIDENCE: dict[GateName, str] = {
    "fmt": "All 31 files are in canonical format.",
    "validate": "The module and its 7 examples are valid.",
    "tflint": "No finding by any of the bundled Terraform rules.",
    "security-scan": "148 checks passed; 2 suppressed inline, each with its reason.",
    "plan-tests": "64 runs passed on each engine.",
    "equality": "240 generated inputs: the same policies, outputs and verdicts.",
    "claims": "72 claims about 9 policies proved.",
    "live-test": "Applied, verified, empty second plan, changed, destroyed, on the embedded AWS.",
    "checksums": "Built twice, the archive is the same bytes; every digest holds.",
    "signature": "Signed, verified, and three altered envelopes refused.",
}


def gate(
    name: GateName, verdict: GateVerdict = "passed", *, evidence: str = "", findings: tuple[str, ...] = ()
) -> Gate:
    engines = name in {"fmt", "validate", "plan-tests"}
    runs = (
        ToolRun(
            tool="Terraform",
            version="1.15.3",
            command=f"terraform {name} -check -recursive -diff -no-color -chdir=terraform/aws-kms",
            verdict=verdict,
            seconds=0.8123,
            evidence="Nothing to say against it.",
        ),
        ToolRun(
            tool="OpenTofu",
            version="1.12.6",
            command=f"tofu {name} -check -recursive",
            verdict=verdict,
            seconds=1.2,
            evidence="Nothing to say against it.",
        ),
    )
    return Gate(
        name=name,
        verdict=verdict,
        tool="Terraform 1.15.3, OpenTofu 1.12.6" if engines else "Keywright 0.1.0",
        seconds=2.0123,
        evidence=evidence or _EVIDENCE[name],
        runs=runs if engines and verdict != "skipped" else (),
        findings=findings,
    )


def verification(
    *changed: Gate, allowed_skipped: tuple[GateName, ...] = (), claims: tuple[Claim, ...] | None = None
) -> Verification:
    replaced = {item.name: item for item in changed}
    gates = tuple(replaced.get(name) or gate(name) for name in GATE_NAMES)
    policies = ("examples/basic: module.key", "examples/multi-region: module.key, replica in eu-west-1")
    sample = tuple(
        Claim(policy=policy, claim=claim, verdict="proved", reason=reason)
        for policy in policies
        for claim, reason in (
            ("the account can always change this policy", "RootAccount allows kms:PutKeyPolicy to the account"),
            ("nobody outside the account can use the key", "no Allow reaches a principal of another account"),
            ("administrators cannot decrypt", "KeyAdministration allows no cryptographic action"),
        )
    )
    statements = (
        "The account 111122223333 may do everything with the key.",
        "The role `app` may encrypt and decrypt.",
        "CloudWatch Logs in eu-west-1 may encrypt and decrypt for log groups of the account 111122223333.",
    )
    root, app, logs = (
        "arn:aws:iam::111122223333:root",
        "arn:aws:iam::111122223333:role/app",
        "logs.eu-west-1.amazonaws.com",
    )
    by_iam: AccessLevel = "if allowed by IAM"
    rows = (
        AccessLine(principal=root, administer=by_iam, use=by_iam, grant=by_iam, delete=by_iam),
        AccessLine(principal=app, administer="no", use="yes", grant="conditional", delete="no"),
        AccessLine(principal=logs, administer="no", use="conditional", grant="no", delete="no"),
    )
    return Verification(
        verdict=overall_verdict(gates, allowed_skipped),
        gates=gates,
        allowed_skipped=allowed_skipped,
        subject=Subject(
            module="terraform-aws-kms",
            archive_sha256=sha256(ARCHIVE),
            files=58,
            commit="3f786850e387550fdab836ed7e6dc881de23001b",
        ),
        started="2026-11-24T09:14:02Z",
        finished="2026-11-24T09:15:17Z",
        tools=(
            Tool(name="keywright", version="0.1.0"),
            Tool(name="Terraform", version="1.15.3"),
            Tool(name="OpenTofu", version="1.12.6"),
            Tool(name="tflint", version="0.64.0"),
            Tool(name="Checkov", version="3.3.30"),
            Tool(name="AWS provider", version="stand-in of the tests, schema of hashicorp/aws 6.20"),
            Tool(name="Python", version="3.11.14"),
        ),
        claims=sample if claims is None else claims,
        access=tuple(AccessTable(policy=policy, statements=statements, rows=rows) for policy in policies),
        exceptions=(
            ExpectedException(
                gate="live-test",
                statement="KMS deletes a key only after a waiting period of 7 to 30 days; checked is that the deletion"
                " is scheduled, with its date, and that the aliases are gone.",
            ),
        ),
    )


def release_of(result: Verification, key: SigningKey) -> ReleaseFiles:
    artefacts = {"terraform-aws-kms-0.1.0.tar.gz": ARCHIVE, "keywright-0.1.0-py3-none-any.whl": WHEEL}
    return signed_release(artefacts, result, pages(result), key, version="0.1.0")

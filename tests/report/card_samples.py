"""Verifications that are hard to show: every verdict at once, long names, and text that looks like code."""

from __future__ import annotations

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

_EVIDENCE: dict[GateVerdict, str] = {
    "passed": "everything checked is as required, by 4 engines",
    "failed": "2 of 64 runs did not pass",
    "skipped": "tflint is not on this machine: `make tools` builds it where Go is",
}


def sample(
    verdicts: dict[GateName, GateVerdict] | None = None,
    *,
    allowed: tuple[GateName, ...] = (),
    words: str = "",
    claims: tuple[Claim, ...] | None = None,
) -> Verification:
    """A verification with these verdicts, all others passed; `words` are put wherever a module's own words may be."""
    gates = tuple(_gate(name, (verdicts or {}).get(name, "passed"), words) for name in GATE_NAMES)
    policies = tuple(f"examples/{name}: module.key.aws_kms_key.this[0]{words}" for name in ("basic", "with-logs"))
    given = tuple(_claim(policy, number) for policy in policies for number in range(4)) if claims is None else claims
    return Verification(
        verdict=overall_verdict(gates, allowed),
        gates=gates,
        allowed_skipped=allowed,
        subject=Subject(module=f"aws-kms{words}", archive_sha256="3f" * 32, files=58, commit="a1" * 20),
        started="2026-11-24T09:14:02Z",
        finished="2026-11-24T09:15:17Z",
        tools=(
            Tool(name="keywright", version="0.1.0"),
            Tool(name="Terraform (library)", version="1.15.5"),
            Tool(name="OpenTofu", version="1.12.6"),
            Tool(name="AWS provider", version=f"6.25.0, stand-in provider of Keywright's own tests{words}"),
        ),
        claims=given,
        access=tuple(_access(policy, words) for policy in policies),
        exceptions=(ExpectedException(gate="live-test", statement="KMS deletes a key only after a waiting period."),),
    )


def long_and_mixed() -> Verification:
    """A failure, a gap, a gap by choice, a refuted claim with its witness, and names that have no place to break."""
    claims = (
        *(_claim("examples/basic: module.key.aws_kms_key.this[0]", number) for number in range(3)),
        Claim(
            policy="examples/policy-override: " + "module.a_very_long_name" * 4 + ".aws_kms_key.this[0]",
            claim="nobody outside the trusted accounts may use the key",
            verdict="refuted",
            reason="anybody may call kms:Decrypt by the statement `Public`",
            witness={
                "request": {"principal": "arn:aws:iam::999999999999:role/" + "stranger" * 12, "action": "kms:Decrypt"}
            },
        ),
    )
    return sample(
        {"claims": "failed", "tflint": "skipped", "security-scan": "skipped"}, allowed=("tflint",), claims=claims
    )


def hostile() -> Verification:
    return sample(words='<script>document.title = "taken over"</script><img src=x onerror="document.title=1">')


def unbroken() -> Verification:
    """Words too long for any line, wherever a module's own words may be."""
    return sample({"fmt": "failed", "claims": "skipped"}, words="unbroken" * 30)


def _gate(name: GateName, verdict: GateVerdict, words: str) -> Gate:
    run = ToolRun(
        tool="OpenTofu",
        version="1.12.6",
        command=f"tofu {name} -check -recursive -diff {' '.join(['examples/one.yaml'] * 12)}{words}",
        verdict=verdict,
        seconds=1.234,
        evidence=_EVIDENCE[verdict] + words,
    )
    return Gate(
        name=name,
        verdict=verdict,
        tool="OpenTofu 1.12.6",
        seconds=2.5,
        evidence=_EVIDENCE[verdict] + words,
        runs=(run,) if verdict != "skipped" else (),
        findings=(f"main.tf:12: {'unbroken' * 20}{words}",) if verdict == "failed" else (),
    )


def _claim(policy: str, number: int) -> Claim:
    sentence = (
        "somebody can still change the policy",
        "administrators can't use the key",
        "services act for us",
        "all",
    )
    return Claim(policy=policy, claim=sentence[number], verdict="proved", reason="no statement reaches anybody else")


def _access(policy: str, words: str) -> AccessTable:
    by_iam: AccessLevel = "if allowed by IAM"
    root, app = "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/" + "application" * 4 + words
    return AccessTable(
        policy=policy,
        statements=(f"The account may do everything with the key, where its IAM policies allow it{words}",),
        rows=(
            AccessLine(principal=root, administer=by_iam, use=by_iam, grant=by_iam, delete=by_iam),
            AccessLine(principal=app, administer="no", use="yes", grant="conditional", delete="no"),
        ),
    )

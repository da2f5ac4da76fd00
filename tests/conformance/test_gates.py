"""Each gate passes a sound module, catches the damage it is there for, and says `skipped` where it can't look."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_module import small_module, with_file

from keywright._internal.conformance.checksums import sha256
from keywright._internal.conformance.gate_result import GateOutcome
from keywright._internal.conformance.gates import (
    checksums,
    claims,
    fmt,
    plan_tests,
    security_scan,
    signature,
    tflint,
    validate,
)
from keywright._internal.conformance.module import Module
from keywright._internal.conformance.programs import find_program
from keywright._internal.conformance.provider import ProviderSource
from keywright._internal.conformance.release import ENVELOPE, ReleaseFiles, write_release
from keywright._internal.conformance.results import Verification
from keywright._internal.conformance.workspace import Bench
from keywright._internal.sandbox import Sandbox
from keywright._internal.terraform.engine import Engine, engines

PROVIDER = Path(__file__).resolve().parents[1] / "terraform" / "provider"
PUBLIC = ('AWS = ["arn:aws:iam::111122223333:root"]', 'AWS = "*"')

Place = Callable[[Module], Bench]


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    sys.path.insert(0, str(PROVIDER))
    try:
        from mirror import running_mirror  # noqa: PLC0415 - it lies beside the provider
    finally:
        sys.path.remove(str(PROVIDER))
    with running_mirror(tmp_path_factory.mktemp("provider")) as made:
        yield made.folder


@pytest.fixture(scope="module")
def providers(mirror: Path, tmp_path_factory: pytest.TempPathFactory) -> ProviderSource:
    return ProviderSource(tmp_path_factory.mktemp("providers"), mirror)


@pytest.fixture
def place(providers: ProviderSource, enforcing: Sandbox, tmp_path: Path) -> Place:
    """A bench for a module on the newest engine that mocks providers, with the stand-in provider."""
    numbers = itertools.count()

    def bench(module: Module) -> Bench:
        folder = tmp_path / f"bench-{next(numbers)}"
        folder.mkdir()
        # Every module here is planned and none applied: one embedded AWS serves all of them.
        return Bench(module, engines()[:1], providers, folder, _sandbox=enforcing)

    return bench


def require(name: str, missing: str) -> None:
    """Skip the test where a program is not on this machine."""
    if find_program(name) is None:
        pytest.skip(missing)


def judged(outcome: GateOutcome) -> tuple[str, str]:
    """The verdict, and everything that was found."""
    return outcome.gate.verdict, "\n".join(outcome.gate.findings)


def test_fmt_passes_a_formatted_module_and_names_the_line_that_is_not(place: Place) -> None:
    assert judged(fmt.check(place(small_module()))) == ("passed", "")
    verdict, found = judged(fmt.check(place(small_module(main=("description         =", "description =")))))
    assert (verdict, found) == ("failed", "main.tf:1: not in canonical format")


def test_validate_names_an_undeclared_variable_with_its_line(place: Place) -> None:
    assert judged(validate.check(place(small_module()))) == ("passed", "")
    verdict, found = judged(validate.check(place(small_module(main=("var.description", "var.descripton")))))
    assert verdict == "failed"
    assert found.startswith(
        'main.tf:2: Reference to undeclared input variable: An input variable with the name "descripton"'
    )


def test_validate_looks_at_the_examples_too(place: Place) -> None:
    _, found = judged(validate.check(place(small_module(example=("description = ", "descr = ")))))
    assert "examples/basic/main.tf:" in found


def test_plan_tests_name_the_run_that_fails_and_why(place: Place) -> None:
    assert judged(plan_tests.check(place(small_module()))) == ("passed", "")
    verdict, found = judged(plan_tests.check(place(small_module(plan_test=('== "One key"', '== "Another"')))))
    assert verdict == "failed"
    assert "the_description_is_the_keys" in found
    assert "The description got lost." in found


def test_a_module_without_plan_tests_does_not_pass_them(place: Place) -> None:
    module = small_module()
    tree = module.tree
    bare = type(tree)(tuple(file for file in tree.files if not file.path.startswith("tests/")))
    assert judged(plan_tests.check(place(Module("bare", bare))))[0] == "failed"


def test_claims_prove_what_an_example_plans_and_refute_a_public_policy_with_a_witness(place: Place) -> None:
    sound = claims.check(place(small_module()))
    assert judged(sound) == ("passed", "")
    assert {claim.verdict for claim in sound.claims} == {"proved"}
    assert [table.policy for table in sound.access] == ["examples/basic: module.key.aws_kms_key.this"]
    public = claims.check(place(small_module(example=PUBLIC)))
    assert public.gate.verdict == "failed"
    assert any(claim.verdict == "refuted" and claim.witness for claim in public.claims)
    assert "examples/basic: module.key.aws_kms_key.this" in public.gate.findings[0]


def test_claims_hold_for_the_keys_of_a_file(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("stack: s\nregion: us-east-1\nkeys:\n  one: {aliases: [a]}\n  two: {aliases: [b]}\n")
    found = claims.check(place(Module("keys", small_module().tree, (file,))))
    assert found.gate.verdict == "passed"
    assert "keys.yaml: one, two" in {claim.policy for claim in found.claims}


def test_a_policy_that_is_not_known_at_plan_time_is_no_pass(place: Place) -> None:
    unknown = 'policy = jsonencode({ Statement = [aws_kms_key.other.arn] })\n}\n\nresource "aws_kms_key" "other" {'
    module = small_module(
        example=('module "key"', f'resource "aws_kms_key" "mine" {{\n  {unknown}\n}}\n\nmodule "key"')
    )
    verdict, found = judged(claims.check(place(module)))
    assert verdict == "failed"
    assert "not known when it is planned" in found


def test_checksums_are_the_same_however_the_files_lie(place: Place) -> None:
    assert judged(checksums.check(place(small_module()))) == ("passed", "")


def test_a_releases_own_archive_and_envelope_are_looked_at(
    place: Place, release: ReleaseFiles, sample_verification: Verification, tmp_path: Path
) -> None:
    folder = tmp_path / "release"
    write_release(release, folder)
    module = Module("released", small_module().tree, release=folder)
    subject = sample_verification.subject.model_copy(update={"archive_sha256": sha256(module.archive)})
    found = sample_verification.model_copy(update={"subject": subject})
    assert checksums.check(place(module)).gate.verdict == "passed"
    assert signature.check(place(module), found).gate.verdict == "passed"
    for name, gate in (("terraform-aws-kms-0.1.0.tar.gz", "checksums"), (ENVELOPE, "signature")):
        content = release.files[name]
        (folder / name).write_bytes(content[:9] + bytes((content[9] ^ 1,)) + content[10:])
        verdicts = {
            "checksums": judged(checksums.check(place(module))),
            "signature": judged(signature.check(place(module), found)),
        }
        (folder / name).write_bytes(content)
        assert verdicts[gate][0] == "failed"
        assert name in verdicts[gate][1]


def test_tflint_passes_a_clean_module_and_names_the_rule_that_is_broken(place: Place) -> None:
    require("tflint", tflint.MISSING)
    assert judged(tflint.check(place(small_module()))) == ("passed", "")
    damaged = with_file(
        small_module(variables=("  type        = string\n}\n\nvariable", "}\n\nvariable")), ".tflint.hcl", ""
    )
    verdict, found = judged(tflint.check(place(damaged)))
    assert (verdict, found) == (
        "failed",
        "variables.tf:1: `description` variable has no type (terraform_typed_variables)",
    )


def test_a_suppression_without_a_reason_and_settings_that_hide_findings_are_findings(place: Place) -> None:
    require("checkov", security_scan.MISSING)
    ignored = "  #checkov:skip=CKV_AWS_7\n  enable_key_rotation = false"
    module = small_module(main=("  enable_key_rotation = true", ignored))
    verdict, found = judged(
        security_scan.check(place(with_file(module, ".checkov.yaml", "skip-check: [CKV_AWS_33]\n")))
    )
    assert verdict == "failed"
    assert "CKV_AWS_7 is suppressed without a reason" in found
    assert ".checkov.yaml: settings of Checkov hide findings" in found


def test_the_strict_settings_of_tflint_are_the_ones_the_module_carries() -> None:
    module = Path(__file__).resolve().parents[2] / "terraform" / "aws-kms"
    assert (module / ".tflint.hcl").read_text() == tflint.strict_settings()


def test_without_an_engine_or_a_program_a_gate_is_skipped_with_the_way_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tflint, "find_program", lambda _name: None)
    monkeypatch.setattr(security_scan, "find_program", lambda _name: None)
    bench = Bench(small_module(), (), ProviderSource(tmp_path), tmp_path)
    for check in (fmt.check, validate.check, plan_tests.check, claims.check, tflint.check, security_scan.check):
        gate = check(bench).gate
        assert gate.verdict == "skipped"
        assert "pip install" in gate.evidence or "make tools" in gate.evidence


def test_an_engine_without_a_provider_is_skipped_and_not_failed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    engine: Engine = engines()[0]
    bench = Bench(small_module(), (engine,), ProviderSource(tmp_path, tmp_path / "empty"), tmp_path)
    for check in (validate.check, plan_tests.check, claims.check):
        gate = check(bench).gate
        assert gate.verdict == "skipped"
        assert f"lay {os.path.realpath(tmp_path / 'empty')} out as a filesystem mirror" in gate.evidence

"""`keywright policy simulate`, `check`, `diff`, `explain` and `findings` as a user meets them."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keywright._internal.cli.app import main
from keywright._internal.input_file import _standard_input

ACCOUNT = "111122223333"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/K"
ROOT = "arn:aws:iam::111122223333:root"
APP = "arn:aws:iam::111122223333:role/app"


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    def call(*arguments: str) -> Ended:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["keywright", "policy", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ended(int(ended.value.code or 0), printed.out, printed.err)

    return call


def statement(principal: object, action: object, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def policy(path: Path, *statements: dict[str, object]) -> Path:
    account = statement({"AWS": ROOT}, "kms:*", Sid="Account")
    document = {"Version": "2012-10-17", "Statement": [account, *statements]}
    path.write_text(json.dumps(document, indent=1))
    return path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    return policy(tmp_path / "sound.json", statement({"AWS": APP}, ["kms:Decrypt"], Sid="Use"))


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return policy(tmp_path / "public.json", statement("*", "kms:Decrypt", Sid="Use"))


def request(path: Path, action: str = "kms:Decrypt", **more: object) -> str:
    path.write_text(json.dumps({"principal": APP, "action": action, "resource": KEY, **more}))
    return str(path)


# --- simulate ---


@pytest.mark.usefixtures("sound")
def test_simulate_says_which_statement_allows(run: Run, tmp_path: Path) -> None:
    ended = run("simulate", "--policy", "sound.json", "--request", request(tmp_path / "r.json"))
    assert ended.code == 0
    assert ended.out.startswith("Allowed:")
    assert "decides   Allow Use" in ended.out


@pytest.mark.usefixtures("sound")
def test_simulate_says_why_each_statement_does_not_match_and_exits_with_1(run: Run, tmp_path: Path) -> None:
    wanted = request(tmp_path / "r.json", "kms:Encrypt", context={})
    ended = run("simulate", "--policy", "sound.json", "--request", wanted, "--json")
    assert ended.code == 1
    assert ended.document["decision"] == "ImplicitlyDenied"
    (use,) = (item for item in ended.document["trace"] if item["sid"] == "Use")
    assert [item["element"] for item in use["mismatches"]] == ["Action"]


@pytest.mark.usefixtures("sound")
def test_simulate_refuses_a_request_that_it_does_not_understand(run: Run, tmp_path: Path) -> None:
    ended = run("simulate", "--policy", "sound.json", "--request", request(tmp_path / "r.json", "kms:Decypt"))
    assert ended.code == 2
    assert "`kms:Decypt` is no KMS action" in ended.err


def test_a_batch_is_answered_in_its_order_with_an_error_where_a_case_is_not_understood(
    run: Run, sound: Path, tmp_path: Path
) -> None:
    document = json.loads(sound.read_text())

    def case(identifier: object, **wanted: object) -> str:
        asked = {"principal": APP, "action": "kms:Decrypt", "resource": KEY, "context": {}, **wanted}
        return json.dumps({"id": identifier, "policy": document, "request": asked, "identity_policies": []})

    lines = [case("a"), case(2, action="kms:Encrypt"), case("c", principal="nobody"), "no JSON", case("e")]
    (tmp_path / "cases.jsonl").write_text("\n".join(lines))
    ended = run("simulate", "--batch", "cases.jsonl")
    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 2
    assert "2 cases weren't understood" in ended.err
    assert answers[0] == {"id": "a", "decision": "Allowed", "statements": ["Use"]}
    assert answers[1] == {"id": 2, "decision": "ImplicitlyDenied", "statements": []}
    assert [set(answer) for answer in answers[2:4]] == [{"id", "error"}] * 2
    assert answers[4]["decision"] == "Allowed"


# --- check ---


@pytest.mark.usefixtures("sound")
def test_check_passes_a_sound_policy_and_shows_each_claim(run: Run) -> None:
    ended = run("check", "--policy", "sound.json", "--account", "111122223333")
    assert ended.code == 0
    assert ended.out.count("PROVED") >= 3
    assert "sound.json: passed; 0 findings" in ended.out


@pytest.mark.usefixtures("public")
def test_check_shows_a_fault_on_its_line_and_a_witness_and_exits_with_1(run: Run) -> None:
    ended = run("check", "--policy", "public.json")
    assert ended.code == 1
    assert "critical[KW101]" in ended.out
    assert "public.json:15:4" in ended.out
    assert '"Principal": "*"' in ended.out
    assert "REFUTED  nobody outside account 111122223333 can reach the key" in ended.out


def test_a_refuted_claim_s_witness_is_a_case_that_simulate_decides_the_same(
    run: Run, public: Path, tmp_path: Path
) -> None:
    (checked,) = run("check", "--policy", "public.json", "--json").document["policies"]
    (refuted,) = (claim for claim in checked["claims"] if claim["verdict"] == "REFUTED")
    witness = refuted["witness"]
    case = {**witness, "policy": json.loads(public.read_text())}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case))
    ended = run("simulate", "--batch", "cases.jsonl")
    assert ended.document["decision"] == witness["expected"] == "Allowed"


@pytest.mark.usefixtures("sound")
def test_check_takes_several_policies_and_folders_and_names_those_that_it_cannot_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder" / "deeper").mkdir(parents=True)
    policy(tmp_path / "folder" / "deeper" / "one.json")
    (tmp_path / "folder" / "two.json").write_text('{"Version": "2012-10-17", "Version": "2012-10-17"}')
    ended = run("check", "--policy", "sound.json", "--policy", "folder", "--json")
    assert ended.code == 2
    assert [item["file"] for item in ended.document["policies"]] == ["sound.json", "folder/deeper/one.json"]
    assert all(item["passed"] for item in ended.document["policies"])
    (unreadable,) = ended.document["unreadable"]
    assert unreadable["problems"][0]["line"] == 1
    assert ended.document["passed"] is False


def test_trusting_fewer_accounts_than_the_policy_names_refutes_the_claim(run: Run, tmp_path: Path) -> None:
    policy(tmp_path / "partner.json", statement({"AWS": "arn:aws:iam::444455556666:root"}, "kms:Decrypt"))
    assert run("check", "--policy", "partner.json").code == 0
    assert run("check", "--policy", "partner.json", "--trusted-account", "777788889999").code == 1
    ended = run("check", "--policy", "partner.json", "--trusted-account", "seven")
    assert ended.code == 2
    assert "`seven` is not an account" in ended.err


def test_a_policy_that_names_no_account_is_checked_for_faults_and_its_claims_are_unknown(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "p.json").write_text(json.dumps({"Statement": [statement("*", "kms:*")]}))
    ended = run("check", "--policy", "p.json")
    assert ended.code == 1
    assert "UNKNOWN" in ended.out
    assert "critical[KW101]" in ended.out


@pytest.mark.usefixtures("public")
def test_sarif_exits_with_0_and_holds_each_finding_with_its_rule_and_place(run: Run) -> None:
    ended = run("check", "--policy", "public.json", "--sarif")
    assert ended.code == 0
    assert ended.document["version"] == "2.1.0"
    (made,) = ended.document["runs"]
    rules = {rule["id"] for rule in made["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in made["results"]} == rules
    (found,) = (result for result in made["results"] if result["ruleId"] == "KW101")
    assert found["level"] == "error"
    assert found["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "public.json"},
        "region": {"startLine": 15, "startColumn": 4},
    }
    assert {result.get("kind", "fail") for result in made["results"]} == {"fail", "pass"}


FILE = """\
stack: s
region: eu-west-1
account: "111122223333"
keys:
  good: {}
  bad:
    policy: |
      {"Version": "2012-10-17", "Statement": [
       {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
       {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
        "Action": "kms:Decypt", "Resource": "*"}]}
"""


def test_check_of_a_file_of_keys_points_into_the_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "keys.yaml").write_text(FILE)
    ended = run("check", "keys.yaml", "--json")
    good, bad = ended.document["policies"]
    assert ended.code == 1
    assert (good["subject"], good["passed"]) == ("good", True)
    (finding,) = bad["findings"]
    assert (finding["id"], finding["file"], finding["line"], finding["column"]) == ("KW201", "keys.yaml", 11, 9)
    assert run("check", "keys.yaml").out.count("KW201") == 2


TEMPLATE = """
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: "kms:*", Resource: "*"}
          - {Effect: Allow, Principal: {AWS: "*"}, Action: "kms:Decrypt", Resource: "*"}
  Other:
    Type: AWS::KMS::Key
    Properties: {KeyPolicy: !ImportValue policy}
"""


def test_check_of_a_template_points_into_it_and_says_what_it_rests_on(run: Run, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    ended = run("check", "--cloudformation", "template.yaml", "--account", "111122223333", "--json")
    key, other = ended.document["policies"]
    assert ended.code == 1
    assert (key["subject"], key["account"], key["passed"]) == ("Key", "111122223333", False)
    assert {(item["file"], item["line"]) for item in key["findings"]} == {("template.yaml", 10)}
    assert [item["verdict"] for item in other["claims"]] == ["UNKNOWN"]
    told = run("check", "--cloudformation", ".").out
    assert "assuming: `AWS::AccountId` is taken for 123456789012" in told
    assert "template.yaml:13" in told


def key_stack(principal: object, **rest: object) -> str:
    """A template with one key whose policy allows a principal everything."""
    policy = {"Version": "2012-10-17", "Statement": [{**statement({"AWS": principal}, "kms:*"), "Sid": "a"}]}
    return json.dumps({"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}}, **rest})


def test_check_of_cdk_s_folder_knows_accounts_exports_and_nested_stacks(run: Run, tmp_path: Path) -> None:
    own = "arn:aws:iam::111122223333:root"
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {
            "TemplateURL": "https://s3.eu-west-1.amazonaws.com/assets/0ff1ce.json",
            "Parameters": {"Admin": own},
        },
    }
    folder = tmp_path / "cdk.out"
    folder.mkdir()
    outputs = {"Role": {"Value": own, "Export": {"Name": "Roles:Admin"}}}
    (folder / "Roles.template.json").write_text(json.dumps({"Resources": {"Inner": nested}, "Outputs": outputs}))
    (folder / "Keys.template.json").write_text(key_stack({"Fn::ImportValue": "Roles:Admin"}))
    inner = key_stack({"Ref": "Admin"}, Parameters={"Admin": {"Type": "String"}})
    (folder / "RolesInner.nested.template.json").write_text(inner)
    stacks = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": "aws://111122223333/eu-west-1",
            "properties": {"templateFile": f"{name}.template.json"},
        }
        for name in ("Roles", "Keys")
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": stacks}))
    asset = {"source": {"path": "RolesInner.nested.template.json"}, "destinations": {"a": {"objectKey": "0ff1ce.json"}}}
    (folder / "Roles.assets.json").write_text(json.dumps({"files": {"0ff1ce": asset}}))
    ended = run("check", "--cloudformation", "cdk.out", "--json")
    assert [(item["subject"], item["account"], item["passed"]) for item in ended.document["policies"]] == [
        ("Key", "111122223333", True),
        ("Inner.Key", "111122223333", True),
    ]
    assert ended.code == 0
    assert "cdk.out/Keys.template.json: Key: passed" in run("check", "--cloudformation", "cdk.out").out


def test_check_of_a_plan_names_its_resources(run: Run, tmp_path: Path) -> None:
    written = json.dumps({"Version": "2012-10-17", "Statement": statement("*", "kms:Decrypt")})
    key = {"address": "aws_kms_key.this", "type": "aws_kms_key", "values": {"policy": written}}
    (tmp_path / "plan.json").write_text(json.dumps({"planned_values": {"root_module": {"resources": [key]}}}))
    ended = run("check", "--terraform-plan", "plan.json", "--account", "111122223333", "--json")
    (found,) = ended.document["policies"]
    assert ended.code == 1
    assert found["subject"] == "aws_kms_key.this"
    assert "KW101" in {item["id"] for item in found["findings"]}


def test_check_of_what_is_no_plan_or_template_is_bad_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("")
    assert run("check", "--cloudformation", "empty.yaml").code == 2
    assert run("check", "--terraform-plan", "empty.yaml").code == 2


@pytest.mark.usefixtures("sound")
def test_check_wants_a_file_or_a_policy_or_both(run: Run, tmp_path: Path) -> None:
    assert run("check").code == 2
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "keys.yaml").write_text(
        f'stack: s\nregion: us-east-1\naccount: "{ACCOUNT}"\nkeys: {{own: {{aliases: [a]}}}}\n'
    )
    ended = run("check", "keys.yaml", "--policy", "sound.json", "--cloudformation", "template.yaml", "--json")
    assert ended.code == 1
    assert [item["subject"] for item in ended.document["policies"]][:3] == ["own", "sound.json", "Key"]


@pytest.mark.usefixtures("sound", "public")
def test_check_takes_a_policy_where_a_keys_file_may_stand_and_says_so(run: Run) -> None:
    ended = run("check", "public.json", "--account", ACCOUNT, "--json")
    assert ended.code == 1
    assert "is a key policy, not a keys file" in ended.err
    assert ended.document["policies"] == run("check", "--policy", "public.json", "--json").document["policies"]
    assert len(run("check", ".", "--json").document["policies"]) == 2
    assert run("check", "sound.json", "--key", "a").code == 2


def test_a_keys_file_that_holds_policies_is_no_policy(run: Run, tmp_path: Path) -> None:
    held = policy(tmp_path / "p.json", statement({"AWS": APP}, "kms:Decrypt")).read_text()
    keys = {"a": {"policy": held}, "b": {"statements": []}}
    (tmp_path / "keys.json").write_text(
        json.dumps({"stack": "s", "region": "us-east-1", "account": ACCOUNT, "keys": keys}, indent=1)
    )
    assert [item["subject"] for item in run("check", "keys.json", "--json").document["policies"]] == ["a", "b"]


@pytest.mark.parametrize("text", ["policy", "keys"])
def test_check_reads_standard_input(run: Run, sound: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    given = sound.read_bytes() if text == "policy" else FILE.encode()
    _standard_input.cache_clear()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    ended = run("check", "-", "--json")
    assert len(ended.document["policies"]) == (1 if text == "policy" else 2)
    _standard_input.cache_clear()


def test_check_looks_at_the_keys_that_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "keys.yaml").write_text(FILE)
    assert run("check", "keys.yaml", "--key", "good").code == 0
    assert run("check", "keys.yaml", "--key", "good", "--key", "bad").code == 1
    unknown = run("check", "keys.yaml", "--key", "god", "--key", "nothing")
    assert unknown.code == 2
    assert "no keys `god`, `nothing`" in unknown.err
    assert "did you mean `good`?" in unknown.err


@pytest.mark.usefixtures("sound")
def test_check_decides_claims_and_the_callers_own_lockout_on_a_policy(run: Run) -> None:
    ended = run("check", "sound.json", "--claim", "nobody can kms:Decrypt", "--caller", APP, "--json")
    verdicts = {item["id"]: item["verdict"] for item in ended.document["policies"][0]["claims"]}
    assert verdicts["claim-1"] == "REFUTED"
    assert verdicts["caller-can-change-policy"] == "UNKNOWN"
    assert ended.code == 1


def test_a_finding_on_a_generated_statement_points_at_the_field_that_it_comes_from(run: Run, tmp_path: Path) -> None:
    everybody = "principals: [{type: '*', identifiers: ['*']}]"
    app = f"principals: [{{type: AWS, identifiers: ['{APP}']}}]"
    own = f"statements:\n      - {{sid: Mine, actions: [kms:Encrypt], {app}}}"
    keys = f"keys:\n  a:\n    {own}\n      - {{sid: All, actions: [kms:Decrypt], {everybody}}}\n"
    (tmp_path / "keys.yaml").write_text(f"stack: s\nregion: us-east-1\naccount: '{ACCOUNT}'\n{keys}")
    findings = run("check", "keys.yaml", "--json").document["policies"][0]["findings"]
    assert {(item["line"], item["statement"]) for item in findings} == {(8, "statement `All`")}


# --- diff, explain, findings ---


@pytest.mark.usefixtures("public")
def test_diff_says_who_gains_what_and_that_the_same_in_other_words_is_equivalent(
    run: Run, sound: Path, tmp_path: Path
) -> None:
    other = json.loads(sound.read_text())
    other["Statement"].reverse()
    other["Statement"][0]["Action"] = "kms:decrypt"
    (tmp_path / "other.json").write_text(json.dumps(other))
    assert run("diff", "sound.json", "other.json").code == 0
    ended = run("diff", "sound.json", "public.json", "--json")
    assert ended.code == 1
    assert ended.document["equivalent"] is False
    assert any("every other account" in change["sentence"] for change in ended.document["gained"])
    assert "gained:" in run("diff", "sound.json", "public.json").out


@pytest.mark.usefixtures("sound")
def test_explain_says_each_statement_in_a_sentence_and_who_can_do_what(run: Run) -> None:
    ended = run("explain", "--policy", "sound.json")
    assert ended.code == 0
    assert "2. Role `app` may call Decrypt." in ended.out
    table = run("explain", "--policy", "sound.json", "--json").document["policies"]["sound.json"]["table"]
    (role,) = (line for line in table if line["principal"] == APP)
    assert (role["use"], role["delete"]) == ("yes", "if allowed by IAM")


def test_findings_explains_one_and_refuses_what_it_does_not_know(run: Run) -> None:
    assert "KW101  critical" in run("findings").out
    assert "confused deputy" in run("findings", "service-without-pin").out
    assert run("findings", "KW999").code == 2

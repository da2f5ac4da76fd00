"""The module and the Python side are one: for generated inputs the same policies, verdicts, words and outputs."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from engine_runs import MODULE, Root, copy_of_module

from chance import fresh_seed
from keywright._internal.conformance.generated_keys import ACCOUNT, REGIONS, Inputs, drawn_keys, partition_of
from keywright._internal.conformance.generated_values import drawn_values
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.stack_policies import key_policies
from keywright._internal.sandbox import Sandbox
from keywright._internal.terraform.engine import Engine
from keywright._internal.terraform.module_variables import NAMES
from keywright.errors import InputError, Problem

CASES = 200
"""Of what is drawn least, a replica with a deletion window of its own, so many hold some four: a wrong one is found."""
INPUTS = tuple(re.findall(r'^variable "(\w+)"', (MODULE / "variables.tf").read_text(), re.MULTILINE))
_BETWEEN_KEYS = ("is also an alias of", "is replicated into")
"""What Python says of two keys of a file, which the module, that knows one key, can't say."""

_FIELDS = {module: field for field, module in NAMES.items()}

_EQUALITY = """
output "found" {
  value = {
    problems   = concat(local.problems, local.problems_in_place)
    policies   = local.policies
    replicates = local.replicates
    replicas = merge(
      { for made in aws_kms_replica_key.this : "" => [made.description, made.deletion_window_in_days, made.enabled] },
      {
        for region, made in aws_kms_replica_key.region :
        region => [made.description, made.deletion_window_in_days, made.enabled]
      },
    )
  }
}
"""


def _different(cases: Iterator[Any], count: int) -> list[Any]:
    """So many cases of which no two are the same."""
    found: dict[str, Any] = {}
    while len(found) < count:
        case = next(cases)
        found.setdefault(json.dumps(case, sort_keys=True), case)
    return list(found.values())


@pytest.fixture
def draw(request: pytest.FixtureRequest) -> random.Random:
    """Other inputs in each run; a failure says which: `KEYWRIGHT_SEED=… pytest …` draws them again."""
    seed = fresh_seed()
    request.node.add_report_section("call", "seed", f"KEYWRIGHT_SEED={seed}")
    return random.Random(seed)


def _problems(folder: Path, cases: list[Inputs]) -> list[list[Problem]]:
    """What Python says of each case, as keys of one file."""
    declared = {
        f"case-{number}": {_FIELDS.get(name, name): value for name, value in case.items()}
        for number, case in enumerate(cases)
    }
    path = folder / "keys.yaml"
    path.write_text(json.dumps({"stack": "cases", "region": "us-east-1", "account": ACCOUNT, "keys": declared}))
    found: list[list[Problem]] = [[] for _ in cases]
    try:
        load_stack(path)
    except InputError as error:
        for problem in error.problems:
            if not problem.message.startswith(_BETWEEN_KEYS):
                found[int(str(problem.path[1]).removeprefix("case-"))].append(problem)
    return found


def _literal(value: Any) -> Any:
    """A value as JSON syntax of HCL, in which strings are templates."""
    match value:
        case str():
            return value.replace("${", "$${").replace("%{", "%%{")
        case list():
            return [_literal(item) for item in value]
        case dict():
            return {_literal(name): _literal(item) for name, item in value.items()}
    return value


def test_each_input_alone_is_judged_in_the_same_words(tmp_path: Path, terraform: Engine, draw: random.Random) -> None:
    (tmp_path / "variables").mkdir()
    shutil.copy(MODULE / "variables.tf", tmp_path / "variables")
    drawn = _different(drawn_values(draw), CASES // 2)
    calls: dict[str, Inputs] = {}
    places: list[tuple[str, str]] = []
    for name, value in drawn:
        # A call for each input would have the same module read two hundred times over; they don't disturb each other.
        call = next((item for item, inputs in calls.items() if name not in inputs), f"call_{len(calls)}")
        calls.setdefault(call, {"source": "./variables"})[name] = _literal(value)
        places.append((call, name))
    (tmp_path / "main.tf.json").write_text(json.dumps({"module": calls}, indent=1))
    terraform.run("init", cwd=tmp_path)
    shown = json.loads(terraform.run("validate", "-json", cwd=tmp_path).stdout)
    found: dict[tuple[str, str], str] = {}
    for item in shown["diagnostics"]:
        place = re.search(r"call_\d+", item["snippet"]["context"])
        input_name = re.match(r"\w+", item["detail"])
        assert place is not None
        assert input_name is not None
        found[place[0], input_name[0]] = found.get((place[0], input_name[0]), "") + item["detail"]
    said = [found.get(place, "") for place in places]
    # Replicas need a multi-Region key, whatever is wrong with them.
    cases = [{name: value, **({"multi_region": True} if name == "replica_regions" else {})} for name, value in drawn]

    wrong = [
        (case, [problem.message for problem in problems], words)
        for case, problems, words in zip(cases, _problems(tmp_path, cases), said, strict=True)
        if bool(_own(case, problems)) != bool(words)
        or not all(_same(problem, words) for problem in _own(case, problems))
    ]
    assert len(cases) > CASES // 4
    assert any(said)
    assert not wrong, "\n".join(map(str, sorted(wrong, key=lambda item: len(json.dumps(item[0])))[:5]))


def _own(case: Inputs, problems: list[Problem]) -> list[Problem]:
    """The problems of the one input that a case gives, without those of inputs together."""
    names = {_FIELDS.get(name, name) for name in case}
    own = (item for item in problems if item.path[2] in names and not item.message.startswith(_TOGETHER))
    return list(own)


_TOGETHER = (
    "is no operation of a key",
    "does not fit the spec",
    "is a key of",
    "is a spec that only",
    "is of the partition",
    "is set",
    "is the key's own Region",
    "needs a multi-Region key",
)


def _same(problem: Problem, words: str) -> bool:
    """Whether the module says it, too; of a whole policy only that it is none: where it is wrong takes a parser."""
    if "policy" in problem.path:
        return "policy" in words
    return problem.message in words


def test_the_policies_verdicts_and_outputs_of_generated_keys_are_the_same(
    engine: Engine, tmp_path: Path, sandbox: Sandbox, settings: Mapping[str, str], draw: random.Random
) -> None:
    cases = _different(drawn_keys(draw), CASES // 2 if engine.name == "terraform" else CASES // 4)
    module = copy_of_module(tmp_path / "aws-kms")
    main = (module / "main.tf").read_text()
    # What the preconditions refuse is compared as a value: one refusal would keep the whole plan from being made.
    open_main, count = re.subn(r"\n +precondition \{.*?\n +\}\n", "\n", main, flags=re.DOTALL)
    assert count == 4
    (module / "main.tf").write_text(open_main)
    (module / "equality.tf").write_text(_EQUALITY)
    (tmp_path / "cases.json").write_text(json.dumps({f"{number:03}": case for number, case in enumerate(cases)}))
    (tmp_path / "main.tf").write_text("\n".join(map(_calls, REGIONS)))
    made = Root(engine, tmp_path, {**sandbox.environment(ACCOUNT), **settings})
    made.must("init", "-no-color")
    planned = made.plan()["planned_values"]["outputs"]
    found = {name: item for region in REGIONS for name, item in planned[region]["value"].items()}

    wrong = [
        (case, difference)
        for number, (case, problems) in enumerate(zip(cases, _problems(tmp_path, cases), strict=True))
        if (difference := _difference(case, problems, found[f"{number:03}"]))
    ]
    judged = [bool(item["found"]["problems"]) for item in found.values()]
    assert 0.1 < sum(judged) / len(judged) < 0.9
    assert not wrong, min(wrong, key=lambda item: len(json.dumps(item[0])))


def _calls(region: str) -> str:
    inputs = "\n".join(f"  {name} = try(each.value.{name}, null)" for name in INPUTS)
    return f"""
provider "aws" {{
  alias  = "{region}"
  region = "{region}"
}}

module "{region}" {{
  source    = "./aws-kms"
  for_each  = {{ for name, case in jsondecode(file("cases.json")) : name => case if case.region == "{region}" }}
  providers = {{ aws = aws.{region} }}
{inputs}
}}

output "{region}" {{
  value = {{
    for name, made in module.{region} : name => {{
      found            = made.found
      primary_alias    = made.primary_alias
      alias_arns       = made.alias_arns
      rotation_enabled = made.found.replicates ? null : made.rotation_enabled
    }}
  }}
}}
"""


def _difference(case: Inputs, problems: list[Problem], found: Mapping[str, Any]) -> str:
    """What the module gives otherwise than Python, in words; empty where nothing."""
    said = "\n".join(found["found"]["problems"])
    messages = [problem.message for problem in problems]
    if bool(messages) != bool(said) or not all(message in said for message in messages):
        return f"Python: {messages}; the module: {said!r}"
    if messages:
        return ""
    declared = Key.model_validate({_FIELDS.get(name, name): value for name, value in case.items()})
    location = KeyLocation(partition_of(case["region"]), ACCOUNT, case["region"])
    own, *others = key_policies("case", declared, location)
    policies = {"": own.text, **{item.location.region: item.text for item in others}}
    if policies != found["found"]["policies"]:
        return f"Python: {policies}; the module: {found['found']['policies']}"
    key = declared.made_in(location.region)
    replicas: dict[str, list[Any]] = {
        region: [
            declared.description if item.description is None else item.description,
            item.deletion_window_in_days or declared.deletion_window_in_days,
            item.enabled,
        ]
        for region, item in key.replica_regions.items()
    }
    if key.replica_primary_key_arn is not None:
        replicas[""] = [key.description, key.deletion_window_in_days, key.is_enabled]
    if replicas != found["found"]["replicas"]:
        return f"Python: {replicas}; the module: {found['found']['replicas']}"
    prefix = f"arn:{location.partition}:kms:{location.region}:{location.account}"
    outputs = {
        "primary_alias": key.aliases[0] if key.aliases else None,
        "alias_arns": [f"{prefix}:{alias}" for alias in key.aliases],
        "rotation_enabled": key.rotates,
    }
    given = {name: found.get(name) for name in outputs}
    return "" if outputs == given else f"Python: {outputs}; the module: {given}"

"""The module and the Python generator, side by side on many inputs: one plan of one root module with a call a case."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keywright._internal.conformance.diagnostics import messages, plain
from keywright._internal.conformance.equality_cases import PARTITION, REGION, accepted_by_python, as_key
from keywright._internal.conformance.generated_keys import ACCOUNT, Inputs
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.stack_policies import key_policies
from keywright._internal.terraform.engine import Engine
from keywright.errors import KeywrightError

_OUTPUTS = ("primary_alias", "alias_arns", "rotation_enabled")
_PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Call:
    """An engine with its settings, the module, and a folder for root modules."""

    engine: Engine
    module: Path
    folder: Path
    environment: Mapping[str, str]

    def plan(self, cases: Mapping[str, Inputs], *, save: bool) -> str:
        """The messages of a plan of a new root module with one call a case; None where it can't be initialised."""
        root = self.folder
        root.mkdir(parents=True)
        (root / "main.tf.json").write_text(
            json.dumps(
                {
                    "terraform": {
                        "required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 6.0, < 7.0"}}
                    },
                    "provider": {"aws": {"region": REGION}},
                }
            )
        )
        for name, inputs in cases.items():
            body = {
                "module": {name: {"source": str(self.module), **_escaped(inputs)}},
                "output": {name: {"value": {output: f"${{module.{name}.{output}}}" for output in _OUTPUTS}}},
            }
            (root / f"{name}.tf.json").write_text(json.dumps(body))
        init = self.engine.run("init", "-no-color", cwd=root, env=self.environment, timeout=_PATIENCE)
        if init.exit_code != 0:
            raise KeywrightError(f"the module can't be called: {plain(init.output, root)}")
        arguments = ("plan", "-json", "-out=plan") if save else ("plan", "-json")
        return self.engine.run(*arguments, cwd=root, env=self.environment, timeout=_PATIENCE).stdout

    def shown(self) -> dict[str, Any]:
        """The saved plan."""
        shown = self.engine.run("show", "-json", "plan", cwd=self.folder, env=self.environment, timeout=_PATIENCE)
        document: dict[str, Any] = json.loads(shown.stdout)
        return document


def differences(call: Call, cases: Sequence[Inputs]) -> list[str]:
    """Where the module and Python differ on inputs that both must accept.

    Raises:
        KeywrightError: the module can't be called at all.
    """
    named = {f"case_{number}": inputs for number, inputs in enumerate(cases)}
    refused = _refusals(call.plan(named, save=True))
    if refused:
        return [
            f"{_shown(named[name])}: the module refuses it: {why}" for name, why in refused.items() if name in named
        ] or [next(iter(refused.values()))]
    plan = call.shown()["planned_values"]
    modules = {item["address"].removeprefix("module."): item for item in plan["root_module"]["child_modules"]}
    return [
        f"{_shown(inputs)}: {difference}"
        for name, inputs in named.items()
        for difference in _compared(inputs, modules[name], plan["outputs"][name]["value"])
    ]


def accepted(call: Call, cases: Mapping[str, Inputs]) -> list[str]:
    """Bad inputs that the module or Python accepts, by what is wrong with them.

    An engine tells what breaks a rule across variables only once every single variable is right, so what it has
    refused is taken away until a plan refuses nothing more.

    Raises:
        KeywrightError: the module can't be called at all.
    """
    left = dict(cases)
    for number in itertools.count():
        attempt = replace(call, folder=call.folder / str(number))
        packed = _packed(left)
        inputs = {
            name: {key: value for item in held for key, value in left[item].items()} for name, held in packed.items()
        }
        said = _said(attempt.plan(inputs, save=False)) if left else {}
        refused = {
            what
            for name, held in packed.items()
            for what in held
            if said.get(name) and (len(held) == 1 or said[name] & left[what].keys())
        }
        if not refused:
            break
        left = {what: given for what, given in left.items() if what not in refused}
    lenient = [f"the module accepts {what}" for what in left]
    return lenient + [f"Python accepts {what}" for what, inputs in cases.items() if accepted_by_python(inputs)]


def _packed(cases: Mapping[str, Inputs]) -> dict[str, list[str]]:
    """Cases by the call that makes them: those of one input share a call, as they are refused by that input's name."""
    calls: dict[str, list[str]] = {}
    taken: dict[str, set[str]] = {}
    for what, inputs in cases.items():
        alone = len(inputs) != 1
        free = (name for name, names in taken.items() if not alone and not names & inputs.keys())
        name = next(free, f"case_{len(calls)}")
        calls.setdefault(name, []).append(what)
        if not alone:
            taken.setdefault(name, set()).update(inputs)
    return calls


def _said(output: str) -> dict[str, set[str]]:
    """The inputs that the engine blames, by call; under "" what belongs to none."""
    found: dict[str, set[str]] = {}
    for name, text in _errors(output):
        found.setdefault(name, set()).update(re.findall(r"^(\w+)", text, re.MULTILINE) or [""])
    return found


def _refusals(output: str) -> dict[str, str]:
    """What the engine says against each case; under "" what belongs to none."""
    found: dict[str, str] = {}
    for name, text in _errors(output):
        found.setdefault(name, " ".join(text.split())[:300])
    return found


def _errors(output: str) -> Iterator[tuple[str, str]]:
    """The call that an error is about, "" where it is about none, and what it says."""
    for message in messages(output):
        diagnostic = message.get("diagnostic", {})
        if diagnostic.get("severity") == "error":
            place = f"{diagnostic.get('address', '')} {diagnostic.get('range', {}).get('filename', '')}"
            case = re.search(r"case_\d+", place)
            yield case[0] if case else "", f"{diagnostic['summary']}\n{diagnostic['detail']}"


def _compared(inputs: Inputs, module: Mapping[str, Any], outputs: Mapping[str, Any]) -> list[str]:
    key = as_key(inputs)
    location = KeyLocation(PARTITION, ACCOUNT, REGION)
    own, *others = key_policies("case", key, location)
    policies = {
        "aws_kms_key.this[0]": own.text,
        **{f'aws_kms_replica_key.region["{item.location.region}"]': item.text for item in others},
    }
    found = {
        item["address"].split(".", 2)[2]: item["values"].get("policy")
        for item in module["resources"]
        if item["type"] in {"aws_kms_key", "aws_kms_replica_key"}
    }
    expected = {
        "primary_alias": key.aliases[0] if key.aliases else None,
        "alias_arns": [f"arn:{PARTITION}:kms:{REGION}:{ACCOUNT}:{alias}" for alias in key.aliases],
        "rotation_enabled": key.rotates,
    }
    wrong = [
        f"the policy of `{address}` differs"
        for address, text in policies.items()
        if not _alike(found.get(address), text)
    ]
    wrong += [f"there is a `{address}` that Python does not know" for address in sorted(set(found) - set(policies))]
    wrong += [
        f"the output `{name}` is {outputs.get(name)!r}, not {value!r}"
        for name, value in expected.items()
        if outputs.get(name) != value
    ]
    return wrong


def _alike(found: str | None, expected: str) -> bool:
    """Byte for byte, but for how HCL's `jsonencode` writes `<`, `>` and `&`."""
    return found is not None and json.dumps(json.loads(found)) == json.dumps(json.loads(expected))


def _escaped(value: Any) -> Any:
    """JSON syntax reads templates in strings: what looks like one is meant literally."""
    if isinstance(value, str):
        return value.replace("${", "$${").replace("%{", "%%{")
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value


def _shown(inputs: Inputs) -> str:
    return json.dumps(inputs, ensure_ascii=False)[:300]

"""The GitHub Action, the pre-commit hooks, GitLab and Buildkite: their steps do in a shell what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from keywright._internal.sandbox import Sandbox

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["id"]: step for step in ACTION["runs"]["steps"] if "id" in step}
GITLAB = yaml.safe_load((ROOT / "integrations" / "gitlab" / "keywright.gitlab-ci.yml").read_text())
BUILDKITE = yaml.safe_load((ROOT / "integrations" / "buildkite" / "pipeline.yml").read_text())
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}

GOOD = """\
stack: payments
region: us-east-1
account: "111122223333"
keys:
  card-data:
    aliases: [card-data]
    key_administrator_arns: ["arn:aws:iam::111122223333:role/kms-admin"]
"""
PUBLIC = """\
{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
  {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}]}
"""


@dataclass(frozen=True)
class Runner:
    """A job's machine: a folder, `keywright` on its path, and programs that take notes in place of what reaches out."""

    folder: Path
    environment: Mapping[str, str]

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],  # as GitHub runs `shell: bash`
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def step(self, name: str, **given: str) -> subprocess.CompletedProcess[str]:
        """Run a step of the action; what its `env` takes from inputs, steps or the event is `given`."""
        step = STEPS[name]
        inputs = {key: str(value.get("default", "")) for key, value in ACTION["inputs"].items()}

        def value(text: str) -> str:
            expression = re.fullmatch(r"\$\{\{ (.*) \}\}", text)
            if not expression:
                return text
            default = inputs.get(expression[1].removeprefix("inputs."))
            return given[expression[1]] if expression[1] in given or default is None else default

        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "what comes from outside reaches a script by its environment alone"
        return self.run(step["run"], **{key: value(text) for key, text in step.get("env", {}).items()})

    @property
    def outputs(self) -> dict[str, str]:
        lines = (self.folder / "output").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)


@pytest.fixture
def runner(sandbox: Sandbox, account: str, tmp_path: Path, program: Path) -> Runner:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("pip", "buildkite-agent"):
        (programs / name).write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/{name}.notes"\n')
        (programs / name).chmod(0o755)
    notes, comments = f'echo "$@" >> "{tmp_path}/gh.notes"', f'"{tmp_path}/comments"'
    (programs / "gh").write_text(f'#!/bin/sh\n{notes}\ncase "$*" in *--paginate*) cat {comments} ;; esac\n')
    (programs / "gh").chmod(0o755)
    (tmp_path / "comments").touch()
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / "keys.yaml").write_text(GOOD.replace("111122223333", account))
    for name in ("output", "summary"):
        (folder / name).touch()
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GITHUB_"))}
    return Runner(
        folder,
        {
            **own,
            **sandbox.environment(account),
            "PATH": f"{programs}:{program}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "KEYWRIGHT_RACE_WINDOW": "0",
            "GITHUB_OUTPUT": str(folder / "output"),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"),
        },
    )


def test_the_action_checks_plans_and_comments(runner: Runner) -> None:
    for name in ("validate", "check", "plan"):
        done = runner.step(name)
        assert done.returncode == 0, f"{name}\n{done.stdout}{done.stderr}"
    assert runner.outputs == {"passed": "true", "changes": "true"}
    assert json.loads((runner.folder / "keywright.sarif").read_text())["version"] == "2.1.0"
    comment = (runner.folder / "keywright-plan.md").read_text()
    assert "create alias alias/card-data" in comment
    assert comment in (runner.folder / "summary").read_text()
    event = {"github.event.pull_request.number": "7", "github.repository": "a/b", "inputs.token": "t"}
    assert runner.step("comment", **event).returncode == 0
    notes = runner.folder.parent / "gh.notes"
    assert notes.read_text().splitlines()[1] == "pr comment 7 --body-file keywright-plan.md"
    (runner.folder.parent / "comments").write_text("41\n42\n")
    assert runner.step("comment", **event).returncode == 0
    assert notes.read_text().splitlines()[-1] == (
        "api --silent --method PATCH repos/a/b/issues/comments/42 --field body=@keywright-plan.md"
    )
    assert runner.step("verdict", **{"steps.check.outputs.passed": "true"}).returncode == 0


def test_the_action_fails_on_a_policy_that_does_not_pass_after_it_has_uploaded_the_findings(runner: Runner) -> None:
    (runner.folder / "policies").mkdir()
    (runner.folder / "policies" / "public.json").write_text(PUBLIC)
    done = runner.step("check", **{"inputs.policies": "policies"})
    assert done.returncode == 0, done.stderr
    assert runner.outputs["passed"] == "false"
    assert "REFUTED" in (runner.folder / "summary").read_text()
    assert runner.step("verdict", **{"steps.check.outputs.passed": "false"}).returncode == 1


def test_the_action_checks_a_team_s_templates_without_a_keys_file(runner: Runner) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": json.loads(PUBLIC)}}
    (runner.folder / "template.json").write_text(json.dumps({"Resources": {"Key": key}}))
    (runner.folder / "keys.yaml").unlink()
    done = runner.step("check", **{"inputs.keys-file": "", "inputs.cloudformation": "template.json"})
    assert done.returncode == 0, done.stderr
    assert runner.outputs["passed"] == "false"
    (run,) = json.loads((runner.folder / "keywright.sarif").read_text())["runs"]
    places = [item["locations"][0]["physicalLocation"] for item in run["results"] if item.get("locations")]
    assert {place["artifactLocation"]["uri"] for place in places} == {"template.json"}


def test_every_action_that_is_used_is_pinned_to_a_commit() -> None:
    files = [ROOT / "action.yml", *(ROOT / ".github" / "workflows").glob("*.yml")]
    used = [line for file in files for line in re.findall(r"uses: (\S+.*)", file.read_text())]
    assert [line for line in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[\d.]+", line)] == []
    assert len(used) > 3


def test_ci_runs_every_python_that_the_package_says_it_supports() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
    (oldest,) = (
        step["with"]["python-version"] for step in jobs["whole"]["steps"] if "python-version" in step.get("with", {})
    )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    said = [item.rpartition(" ")[2] for item in project["classifiers"] if re.search(r":: 3\.\d+$", item)]
    assert [oldest, *jobs["pythons"]["strategy"]["matrix"]["python"]] == said
    assert project["requires-python"] == f">={oldest}"


def test_the_action_stops_where_the_file_is_wrong_or_aws_cannot_be_read(runner: Runner) -> None:
    (runner.folder / "wrong.yaml").write_text("stack: s\n")
    assert runner.step("validate", **{"inputs.keys-file": "wrong.yaml"}).returncode == 2
    (runner.folder / "keys.yaml").write_text(GOOD.replace("111122223333", "999999999999"))
    done = runner.step("plan")
    assert done.returncode == 2
    assert "999999999999" in done.stdout


def test_every_action_is_pinned_by_its_digest() -> None:
    used = [step["uses"] for step in ACTION["runs"]["steps"] if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", name)] == []


def test_the_hooks_pass_a_good_file_and_refuse_a_bad_one(runner: Runner) -> None:
    (runner.folder / "wrong.keywright.yaml").write_text("stack: s\n")
    assert re.search(HOOKS["keywright-validate"]["files"], "infra/wrong.keywright.yaml")
    validate = HOOKS["keywright-validate"]["entry"]
    assert runner.run(f"{validate} keys.yaml").returncode == 0
    both = runner.run(f"{validate} keys.yaml wrong.keywright.yaml")
    assert (both.returncode, "wrong.keywright.yaml:1" in both.stderr) == (2, True)
    check = HOOKS["keywright-policy-check"]
    assert runner.run(" ".join([check["entry"], *check["args"]])).returncode == 0


def test_the_gitlab_jobs_check_plan_and_apply(runner: Runner) -> None:
    variables: dict[str, Any] = GITLAB["variables"]
    for name in ("keywright-check", "keywright-plan", "keywright-apply"):
        for line in GITLAB[name]["script"]:
            done = runner.run(line, **variables)
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    kept = [path for name in ("keywright-check", "keywright-plan") for path in GITLAB[name]["artifacts"]["paths"]]
    assert all((runner.folder / path).is_file() for path in kept)


def test_the_buildkite_steps_check_plan_and_apply(runner: Runner) -> None:
    for step in BUILDKITE["steps"]:
        for line in step.get("commands", ()):
            done = runner.run(line.replace("$$", "$"), **BUILDKITE["env"])
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    called = (runner.folder.parent / "buildkite-agent.notes").read_text()
    assert called == "artifact download plan.json . --step plan\n"

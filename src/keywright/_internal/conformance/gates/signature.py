"""`signature`: a release of these very results is signed and verified, and every way to damage it is noticed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

from keywright._internal.conformance.gate_result import GateOutcome, gate_of
from keywright._internal.conformance.release import ENVELOPE, VERIFICATION, module_archive_name, signed_release
from keywright._internal.conformance.release_check import Trust, check_release
from keywright._internal.conformance.results import Tool, ToolRun, Verification
from keywright._internal.conformance.signing import SigningKey, ephemeral_signing_key
from keywright._internal.conformance.tool_names import OURS, our_version
from keywright._internal.conformance.workspace import Bench
from keywright._internal.counting import counted

Files = Mapping[str, bytes]

_LIBRARY = "securesystemslib"


def check(bench: Bench, verification: Verification) -> GateOutcome:
    """Sign what the other gates found with a key made for this run; check a release's own signature, where it is one.

    Args:
        bench: the working place.
        verification: what the other gates found.
    """
    started = time.monotonic()
    key = ephemeral_signing_key()
    archive = module_archive_name(our_version())
    release = signed_release({archive: bench.module.archive}, verification, {}, key, version=our_version())
    damages = _damages(archive)
    wrong: list[str] = []
    if found := _findings(bench, "intact", release.files, Trust(public_key=key.public)):
        wrong.append(f"the release as signed is refused: {found[0]}")
    for name, (file, damage) in damages.items():
        found = _findings(bench, name, damage(release.files), Trust(public_key=key.public))
        if not any(file in item for item in found):
            wrong.append(f"{name} is not noticed")
    if not _findings(bench, "another key", release.files, Trust(public_key=ephemeral_signing_key().public)):
        wrong.append("another signer's key is not noticed")
    noticed = ", ".join((*damages, "another key"))
    evidence = f"signed and verified; each of {len(damages) + 1} ways to damage it is noticed: {noticed}"
    runs = [_run("sign, verify, damage", evidence, wrong, time.monotonic() - started, key)]
    if bench.module.release is not None:
        started = time.monotonic()
        broken = [str(item) for item in check_release(bench.module.release).findings if item.check != "checksums"]
        wrong += broken
        runs.append(
            _run("keywright verify-release", "the release's own signature holds", broken, time.monotonic() - started)
        )
        evidence += f"; {runs[-1].evidence}"
    return GateOutcome(
        gate_of("signature", runs, evidence=evidence, findings=wrong, all_needed=True),
        tools=(Tool(name=_LIBRARY, version=version(_LIBRARY)),),
    )


def _damages(archive: str) -> dict[str, tuple[str, Callable[[Files], Files]]]:
    """Each kind of damage: the file that must be named, and what does it."""
    return {
        "a flipped bit in the envelope": (ENVELOPE, lambda files: _with(files, ENVELOPE, _flipped(files[ENVELOPE]))),
        "a flipped bit in the archive": (archive, lambda files: _with(files, archive, _flipped(files[archive]))),
        "a missing archive": (archive, lambda files: {name: files[name] for name in files if name != archive}),
        "an altered verdict": (VERIFICATION, lambda files: _with(files, VERIFICATION, _altered(files[VERIFICATION]))),
    }


def _with(files: Files, name: str, content: bytes) -> Files:
    return {**files, name: content}


def _flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes((content[middle] ^ 1,)) + content[middle + 1 :]


def _altered(content: bytes) -> bytes:
    """Another verdict of the same document: the first one that stands there, whichever it is."""
    for one, other in ((b'"passed"', b'"failed"'), (b'"skipped"', b'"passed"'), (b'"failed"', b'"passed"')):
        if one in content:
            return content.replace(one, other, 1)
    return content


def _findings(bench: Bench, name: str, files: Files, trust: Trust) -> list[str]:
    folder: Path = bench.workspace / "signature" / name.replace(" ", "-")
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    return [str(item) for item in check_release(folder, trust).findings]


def _run(command: str, seen: str, broken: list[str], seconds: float, key: SigningKey | None = None) -> ToolRun:
    return ToolRun(
        tool=OURS,
        version=our_version(),
        command=f"{command}, with {key.origin}" if key else command,
        verdict="failed" if broken else "passed",
        seconds=seconds,
        evidence=f"{counted(len(broken), 'problem')}: {broken[0]}" if broken else seen,
    )

"""`checksums`: the module's archive is the same bytes however its files lie, and holds exactly them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from keywright._internal.conformance import checksums
from keywright._internal.conformance.archive import read_tar_gz, tar_gz
from keywright._internal.conformance.gate_result import GateOutcome, gate_of
from keywright._internal.conformance.release_check import check_release
from keywright._internal.conformance.results import ToolRun
from keywright._internal.conformance.source import SourceTree, folder_tree
from keywright._internal.conformance.tool_names import OURS, our_version
from keywright._internal.conformance.workspace import Bench
from keywright._internal.counting import counted

NAME = "module.tar.gz"

_LONG_AGO = 86_400


def check(bench: Bench) -> GateOutcome:
    """Build the archive twice, from the files and from a copy of them with other times, and compare every byte."""
    started = time.monotonic()
    archive = bench.module.archive
    again = tar_gz(_elsewhere(bench))
    findings: list[str] = []
    if archive != again:
        findings.append("the archive built from a copy of the same files differs in its bytes")
    if read_tar_gz(archive).files != bench.module.tree.files:
        findings.append("the archive does not hold the module's files as they are")
    sums = checksums.digests({NAME: archive})
    if checksums.from_text(checksums.as_text(sums)) != sums:
        findings.append("the checksums can't be read again as they were written")
    evidence = (
        f"built twice, the archive of {len(bench.module.tree.files)} files is the same bytes, SHA-256 {sums[NAME]}"
    )
    runs = [_run("built twice and compared", evidence, findings, time.monotonic() - started)]
    if bench.module.release is not None:
        started = time.monotonic()
        broken = [str(item) for item in check_release(bench.module.release).findings if item.check == "checksums"]
        findings += broken
        runs.append(
            _run("keywright verify-release", "every file has its listed digest", broken, time.monotonic() - started)
        )
        evidence += f"; {runs[-1].evidence}"
    return GateOutcome(gate_of("checksums", runs, evidence=evidence, findings=findings, all_needed=True))


def _elsewhere(bench: Bench) -> SourceTree:
    """The same files, laid out in another order, with other times and other modes, and read again."""
    folder = bench.workspace / "checksums" / "module"
    SourceTree(tuple(reversed(bench.module.tree.files))).write(folder)
    for number, file in enumerate(bench.module.tree.files):
        os.utime(folder / file.path, (_LONG_AGO + number, _LONG_AGO + number))
        (folder / file.path).chmod(0o700 if file.executable else 0o600)
    return folder_tree(folder)


def _run(command: str, seen: str, broken: Sequence[str], seconds: float) -> ToolRun:
    return ToolRun(
        tool=OURS,
        version=our_version(),
        command=command,
        verdict="failed" if broken else "passed",
        seconds=seconds,
        evidence=f"{counted(len(broken), 'problem')}: {broken[0]}" if broken else seen,
    )

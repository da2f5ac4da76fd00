"""Standard output and error: a reader that goes away ends nothing, and colour is for terminals."""

from __future__ import annotations

import io
import os
import stat
import sys
from typing import TextIO


class _Pipe(io.TextIOWrapper):
    """A pipe to a reader that may leave, as `head` does: what it doesn't read is dropped, and the command goes on.

    A command that is changing keys must not be stopped halfway because nobody reads its report.
    """

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            self._drop_all()
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self._drop_all()

    def _drop_all(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def prepare_streams() -> None:
    """Keep standard output and error usable when their reader leaves; no colour where output is no terminal."""
    sys.stdout = _lasting(sys.stdout)
    sys.stderr = _lasting(sys.stderr)
    if not sys.stdout.isatty() and "FORCE_COLOR" not in os.environ:
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"  # else Typer colours its help wherever GitHub's CI runs it


def _lasting(stream: TextIO) -> TextIO:
    if not isinstance(stream, io.TextIOWrapper) or not _is_pipe(stream):
        return stream
    settings = (stream.encoding, stream.errors, None, stream.line_buffering)
    return _Pipe(stream.detach(), *settings)


def _is_pipe(stream: io.TextIOWrapper) -> bool:
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except io.UnsupportedOperation:  # replaced by whoever calls us, as a test does
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)

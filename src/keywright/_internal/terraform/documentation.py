"""The tables of the module's README, from its code: `python -m keywright._internal.terraform.documentation FOLDER`.

With `--check` nothing is written, and 1 means that the README is not current.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_BLOCK = re.compile(r'^(?:variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
_DESCRIPTION = re.compile(r'^  description\s+= "(.*)"$', re.MULTILINE)
_TYPE = re.compile(r"^  type\s+= (.*?)$(?=\n  \w|\n\n|\n?\Z)", re.MULTILINE | re.DOTALL)
_DEFAULT = re.compile(r"^  default\s+= (.*)$", re.MULTILINE)


def tables(module: Path) -> dict[str, str]:
    """The tables of inputs and outputs in Markdown, by the name of their place in the README."""
    return {
        "inputs": _table(("name", "type", "default", "description"), _inputs((module / "variables.tf").read_text())),
        "outputs": _table(("name", "description"), _outputs((module / "outputs.tf").read_text())),
    }


def with_tables(readme: str, module: Path) -> str:
    """A README with its tables made anew, between `<!-- begin NAME -->` and `<!-- end NAME -->`."""
    for name, table in tables(module).items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        head, _, rest = readme.partition(begin)
        _, _, tail = rest.partition(end)
        readme = f"{head}{begin}\n{table}{end}{tail}"
    return readme


def _inputs(text: str) -> Iterator[tuple[str, ...]]:
    for name, body in _BLOCK.findall(text):
        kind = re.sub(r"\s+", " ", re.sub(r"(?<=[^{])\n(?!\s*\})", ", ", _found(_TYPE, body)))
        yield f"`{name}`", f"`{kind}`", f"`{_found(_DEFAULT, body)}`", _described(body)


def _outputs(text: str) -> Iterator[tuple[str, ...]]:
    for name, body in _BLOCK.findall(text):
        yield f"`{name}`", _described(body)


def _described(body: str) -> str:
    return _found(_DESCRIPTION, body).replace('\\"', '"').replace("|", "\\|")


def _found(pattern: re.Pattern[str], body: str) -> str:
    match = pattern.search(body)
    return match[1] if match else ""


def _table(heads: Sequence[str], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main(arguments: Sequence[str]) -> int:
    """Write the tables, or say that they are not current."""
    folder = Path(next(item for item in arguments if item != "--check"))
    path = folder / "README.md"
    old = path.read_text(encoding="utf-8")
    new = with_tables(old, folder)
    if new == old:
        return 0
    if "--check" in arguments:
        sys.stderr.write(f"{path} is not current\n")
        return 1
    path.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

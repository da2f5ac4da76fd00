"""A key as a picture: who reaches it, for what, and by which statement of its policy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WIDTH: Final = 960
_KEY_X: Final = 850
_ROW: Final = 64
_TOP: Final = 60
_LINE: Final = 22
_LONGEST: Final = 140
_LONGEST_WORDS: Final = 92
_LONGEST_NAME: Final = 72
_VERBS: Final = ("administer", "use", "grant", "delete")
_STYLE: Final = """
  svg { color: #1c2430; background: #fff; }
  text { font: 13px system-ui, sans-serif; fill: currentColor; }
  .title { font-size: 17px; font-weight: 600; }
  .small { font-size: 12px; fill: #566171; }
  .box { fill: #f3f6fa; stroke: #8a97a8; }
  .key { fill: #e3f1e6; stroke: #2f7d46; stroke-width: 2; }
  path { fill: none; stroke: #566171; stroke-width: 1.5; }
  .conditional { stroke-dasharray: 6 4; }
  .no { opacity: .35; }
  @media (prefers-color-scheme: dark) {
    svg { color: #e6ebf2; background: #14181e; }
    .small { fill: #a5b0bf; }
    .box { fill: #232c38; stroke: #6c7a8c; }
    .key { fill: #1d3b27; stroke: #5cb37a; }
    path { stroke: #a5b0bf; }
  }
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one principal can do.

    Args:
        principal: who.
        levels: whether it can administer, use, grant and delete: `yes`, `no`, or on what it depends.
        statements: the numbers of the statements that give it access.
    """

    principal: str
    levels: tuple[str, ...]
    statements: tuple[int, ...]


def access_picture(name: str, reaches: Sequence[Reach], statements: Sequence[str]) -> str:
    """The picture as SVG; it loads nothing, and a screen reader gets the same in words.

    Args:
        name: the key's, or the policy's.
        reaches: whoever the policy names, and everybody else.
        statements: each statement in a sentence.
    """
    height = _TOP + _ROW * max(len(reaches), 1) + _LINE * (len(statements) + 2)
    told = "; ".join(f"{item.principal}: {_words(item)}" for item in reaches)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>{escape(f'Who reaches {name}')}</title>",
        f"<desc>{escape(told)}</desc>",
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="16" y="32">{escape(f"Who reaches {name}")}</text>',
        *_reaches(name, reaches),
        *_statements(statements, _TOP + _ROW * max(len(reaches), 1) + _LINE),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _reaches(name: str, reaches: Sequence[Reach]) -> Iterator[str]:
    middle = _TOP + _ROW * max(len(reaches), 1) // 2
    for number, item in enumerate(reaches):
        y = _TOP + _ROW * number + _ROW // 2
        can = [level for level in item.levels if level != "no"]
        kind = "yes" if "yes" in can else "conditional" if can else "no"
        if can:
            yield f'<path class="{kind}" d="M616 {y} C720 {y} 720 {middle} {_KEY_X - 62} {middle}"/>'
        numbers = f" · by statement{'s' if len(item.statements) > 1 else ''} {', '.join(map(str, item.statements))}"
        words = _words(item) + (numbers if can and item.statements else "")
        yield (
            f'<g class="{kind}"><rect class="box" x="16" y="{y - 26}" width="600" height="52" rx="8"/>'
            f'<text x="30" y="{y - 4}">{escape(_cut(item.principal, _LONGEST_NAME))}</text>'
            f'<text class="small" x="30" y="{y + 15}">{escape(_cut(words, _LONGEST_WORDS))}</text></g>'
        )
    yield f'<rect class="key" x="{_KEY_X - 62}" y="{middle - 34}" width="150" height="68" rx="34"/>'
    yield f'<text x="{_KEY_X + 13}" y="{middle + 5}" text-anchor="middle">{escape(_cut(name, 20))}</text>'


def _statements(statements: Sequence[str], top: int) -> Iterator[str]:
    for number, text in enumerate(statements, 1):
        y = top + _LINE * number
        shown = escape(_cut(f"{number}. {text}", _LONGEST))
        yield f'<text class="small" x="16" y="{y}">{shown}<title>{escape(text)}</title></text>'


def _words(item: Reach) -> str:
    """What it can do, the same levels together."""
    by_level: dict[str, list[str]] = {}
    for verb, level in zip(_VERBS, item.levels, strict=True):
        if level != "no":
            by_level.setdefault(level, []).append(verb)
    told = []
    for level, verbs in sorted(by_level.items(), key=lambda pair: pair[0] != "yes"):
        words = "everything" if len(verbs) == len(_VERBS) else ", ".join(verbs)
        told.append(words if level == "yes" else f"{words} ({level})")
    return "; ".join(told) or "no access"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"

"""Draws the pictures of the documentation, from the boxes and arrows below: `python tools/pictures.py docs/images`.

With `--demo` it also records the demo as it looks on a terminal, which takes half a minute.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from keywright._internal.demo.console import DemoConsole
from keywright._internal.demo.runner import run_demo

_STYLE: Final = """
  svg { color: #1c2430; }
  text { font: 14px system-ui, sans-serif; fill: currentColor; text-anchor: middle; }
  .small { font-size: 12px; fill: #5b6675; }
  rect { fill: #f3f6fa; stroke: #8a97a8; }
  .strong rect { fill: #e3f1e6; stroke: #2f7d46; }
  .bad rect { fill: #fbe6e6; stroke: #b03030; }
  path { stroke: #5b6675; fill: none; stroke-width: 1.5; marker-end: url(#tip); }
  marker path { fill: #5b6675; stroke: none; marker-end: none; }
  @media (prefers-color-scheme: dark) {
    svg { color: #e8edf4; }
    .small { fill: #a4afbd; }
    rect { fill: #232c38; stroke: #6c7a8c; }
    .strong rect { fill: #1d3b27; stroke: #5cb37a; }
    .bad rect { fill: #452022; stroke: #e07a7a; }
    path { stroke: #a4afbd; }
    marker path { fill: #a4afbd; }
  }
"""


@dataclass(frozen=True, slots=True)
class Box:
    """A named box.

    Args:
        x: of its centre.
        y: of its centre.
        title: what it is.
        words: a smaller line below.
        kind: `strong`, `bad`, or empty.
        width: in pixels.
    """

    x: int
    y: int
    title: str
    words: str = ""
    kind: str = ""
    width: int = 150

    def drawn(self) -> str:
        """The box as SVG."""
        small = f'<text class="small" x="{self.x}" y="{self.y + 15}">{escape(self.words)}</text>' if self.words else ""
        title = f'<text x="{self.x}" y="{self.y - 3 if self.words else self.y + 5}">{escape(self.title)}</text>'
        rectangle = f'<rect x="{self.x - self.width // 2}" y="{self.y - 28}" width="{self.width}" height="56" rx="8"/>'
        return f'<g class="{self.kind}">{rectangle}{title}{small}</g>'


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow along a path, with words at its middle."""

    path: str
    words: str = ""
    x: int = 0
    y: int = 0

    def drawn(self) -> str:
        """The arrow as SVG."""
        words = f'<text class="small" x="{self.x}" y="{self.y}">{escape(self.words)}</text>' if self.words else ""
        return f'<path d="{self.path}"/>{words}'


Picture = tuple[int, int, str, tuple[Box | Arrow, ...]]

PICTURES: Final[dict[str, Picture]] = {
    "architecture": (
        860,
        230,
        "A keys file becomes policies; the policies are proved; the plan is applied to AWS and verified",
        (
            Box(95, 60, "keys.yaml", "what you want"),
            Arrow("M170 60 H225"),
            Box(305, 60, "key policies", "least privilege"),
            Arrow("M380 60 H435"),
            Box(515, 60, "plan", "who gains, who loses"),
            Arrow("M590 60 H645"),
            Box(725, 60, "AWS KMS", "applied, then verified"),
            Arrow("M305 88 V142", "each policy", 348, 120),
            Box(305, 172, "proof", "claims, findings", "strong"),
            Arrow("M380 172 H515 V92", "proved, or nothing is written", 470, 220),
            Arrow("M725 88 V205 H560 V92", "drift", 745, 150),
        ),
    ),
    "key-life": (
        860,
        250,
        "The life of a key: created with its final policy, changed in place, deleted only after a waiting period",
        (
            Box(95, 60, "declared", "in the keys file"),
            Arrow("M170 60 H250", "apply", 210, 50),
            Box(330, 60, "enabled", "with its final policy", "strong"),
            Arrow("M300 32 C300 0 360 0 360 31", "apply, rotation", 440, 16),
            Arrow("M405 60 H505", "destroy", 455, 50),
            Box(595, 60, "pending deletion", "7 to 30 days", width=170),
            Arrow("M595 88 V140 H360 V92", "restore", 480, 132),
            Arrow("M680 60 H710"),
            Box(780, 60, "deleted", "for good", "bad", width=120),
            Arrow("M300 88 V175", "replace", 270, 135),
            Box(300, 205, "retired", "still decrypts"),
        ),
    ),
    "claim": (
        860,
        250,
        "A claim is decided over every request: proved, refuted by one request that is replayed, or unknown",
        (
            Box(95, 60, "claim", "“nobody outside can …”"),
            Box(95, 180, "key policy", "all its statements"),
            Arrow("M170 60 C230 60 210 115 250 118"),
            Arrow("M170 180 C230 180 210 128 250 122"),
            Box(335, 120, "search", "every kind of request", width=160),
            Arrow("M415 120 C470 120 460 40 515 40", "none breaks it", 425, 62),
            Box(595, 40, "PROVED", "for all requests", "strong"),
            Arrow("M415 120 H515", "one breaks it", 470, 112),
            Box(595, 120, "replay", "by the evaluator"),
            Arrow("M670 120 H705"),
            Box(780, 120, "REFUTED", "with that request", "bad", width=140),
            Arrow("M415 120 C470 120 460 205 515 205", "can't tell", 432, 192),
            Box(595, 205, "UNKNOWN", "with the reason"),
        ),
    ),
}


def drawing(picture: Picture) -> str:
    """A picture as SVG."""
    width, height, title, parts = picture
    tip = '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{_STYLE}</style>",
            f'<defs>{tip}<path d="M0 0 L8 4 L0 8 z"/></marker></defs>',
            *(part.drawn() for part in parts),
            "</svg>\n",
        ]
    )


def demo_recording() -> str:
    """The demo, run now, as a terminal shows it."""
    console = _recorder(118)
    result = run_demo(DemoConsole(console))
    if result.failure:
        raise SystemExit(result.failure)
    return _recording(console, "keywright demo", "demo")


KEYS: Final = """\
stack: payments
region: us-east-1
account: "111122223333"
claims:
  - nobody outside [111122223333] can [kms:Decrypt]
keys:
  card-data:
    key_administrator_arns: ["arn:aws:iam::111122223333:role/kms-admin"]
    key_user_arns: ["arn:aws:iam::111122223333:role/payments", "arn:aws:iam::444455556666:role/reports"]
"""
COMMANDS: Final = (
    "cat keys.yaml",
    "keywright policy check keys.yaml | grep -A 5 REFUTED",
    """sed -i 's/, "arn[^"]*reports"//' keys.yaml""",
    "keywright policy check keys.yaml | grep -e PROVED -e passed",
)
COLOURS: Final = {
    r"^REFUTED": "bold red",
    r"^PROVED": "bold green",
    r"^\$ .*": "bold",
    r"^ *(request|decision|shown by):": "cyan",
}


def proof_recording() -> str:
    """A claim refuted, and who may do what: the commands above, run now, as a terminal shows them."""
    console = _recorder(118)
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "keys.yaml").write_text(KEYS)
        for command in COMMANDS:
            done = subprocess.run(  # noqa: S603 - the commands above
                ["/bin/bash", "-c", command], cwd=folder, env={**os.environ, "PATH": programs},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            text = Text(f"$ {command}\n{done.stdout}")
            for pattern, style in COLOURS.items():
                text.highlight_regex(re.compile(pattern, re.MULTILINE), style)
            console.print(text)
    return _recording(console, "keywright policy", "proof")


def _recorder(width: int) -> Console:
    return Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")


def _recording(console: Console, title: str, name: str) -> str:
    """What a console showed, as a picture that loads no font from elsewhere."""
    before, _, rest = CONSOLE_SVG_FORMAT.partition("@font-face")
    kept = before + rest[rest.index(".{unique_id}-matrix") :]
    return console.export_svg(title=title, code_format=kept, unique_id=name)


def main() -> None:
    """Write all pictures into the folder that is named."""
    folder = Path(sys.argv[1])
    for name, picture in PICTURES.items():
        (folder / f"{name}.svg").write_text(drawing(picture), encoding="utf-8")
    (folder / "proof.svg").write_text(proof_recording(), encoding="utf-8")
    if "--demo" in sys.argv:
        (folder / "demo.svg").write_text(demo_recording(), encoding="utf-8")


if __name__ == "__main__":
    main()

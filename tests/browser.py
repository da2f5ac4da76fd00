"""A real browser without a window: what it makes of a page, by width and colour scheme."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Scheme = Literal["light", "dark"]

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

# Runs beside the pages and not in them: whether all of a page fits with everything unfolded, and how well each text
# stands out from what is behind it.
_LOOK = """
const answers = {};
for (const frame of document.querySelectorAll("iframe")) answers[frame.name] = look(frame.contentDocument);
const shown = document.createElement("pre");
shown.id = "answer";
shown.textContent = JSON.stringify(answers);
document.body.append(shown);

function look(page) {
const view = page.defaultView;
const rgb = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => {
  const part = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
};
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = rgb(view.getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
for (const details of page.querySelectorAll("details")) details.open = true;
let worst = { ratio: 99, text: "" };
for (const element of page.body.querySelectorAll("*")) {
  const own = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join("").trim();
  if (!own || !element.checkVisibility() || element.closest("svg")) continue;
  const [one, other] = [light(rgb(view.getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
  const ratio = (one + 0.05) / (other + 0.05);
  if (ratio < worst.ratio) worst = { ratio, text: own };
}
const size = (element) => parseFloat(view.getComputedStyle(element).fontSize);
const sizes = [...page.body.querySelectorAll("p, td, li, code")].map(size);
return {
  title: page.title,
  width: page.documentElement.scrollWidth,
  background: view.getComputedStyle(page.body).backgroundColor,
  text: page.body.innerText,
  smallest: Math.min(...sizes),
  worst,
};
}
"""


@dataclass(frozen=True)
class Browser:
    """A browser on this machine."""

    program: str

    def look(self, pages: dict[str, tuple[bytes, int]], folder: Path, scheme: Scheme) -> dict[str, dict[str, Any]]:
        """What each page is in a frame of its own width, by name; all in one start of the browser, which takes long."""
        frames = "".join(
            f'<iframe name="{name}" srcdoc="{html.escape(page.decode())}"'
            f' style="width: {width}px; height: 900px; border: 0"></iframe>'
            for name, (page, width) in pages.items()
        )
        host = folder / "host.html"
        host.write_text(f"<!doctype html><body>{frames}<script>onload = () => {{{_LOOK}}}</script>")
        dumped = self._run(host, scheme, "--dump-dom", "--window-size=1600,1000")
        found = re.search(r'<pre id="answer">(.*?)</pre>', dumped, re.DOTALL)
        assert found, dumped[-2000:]
        answers: dict[str, dict[str, Any]] = json.loads(html.unescape(found[1]))
        return answers

    def photograph(self, page: Path, picture: Path, *, width: int, height: int, scheme: Scheme) -> None:
        self._run(page, scheme, f"--screenshot={picture}", f"--window-size={width},{height}", "--hide-scrollbars")

    def loaded(self, url: str, folder: Path) -> str:
        """A served page's document once it and what it loads have been loaded."""
        return self._open(url, folder, "light", "--dump-dom", "--virtual-time-budget=20000", "--window-size=3200,1000")

    def _run(self, page: Path, scheme: Scheme, *arguments: str) -> str:
        return self._open(page.as_uri(), page.parent, scheme, *arguments)

    def _open(self, url: str, folder: Path, scheme: Scheme, *arguments: str) -> str:
        command = (
            self.program,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--user-data-dir={folder / 'profile'}",
            f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}",
            *arguments,
            url,
        )
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return done.stdout


def find_browser() -> Browser | None:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return Browser(found) if found else None

"""The documentation site: built strictly, every link and anchor on it leads somewhere, and it is read in a browser."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
import yaml

from browser import PROGRAMS, find_browser

ROOT = Path(__file__).parents[2]
BROWSER = find_browser()
HOST = "https://site.invalid/"
WIDTHS = (390, 1100)
LOOKED_AT = (
    "",
    "tutorial/",
    "install/",
    "keys-file/",
    "policy-commands/",
    "documents/",
    "lifecycle/",
    "many-accounts/",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make site` builds it, of a copy of the sources."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(ROOT / "docs", folder / "docs")
    (folder / "mkdocs.yml").write_text((ROOT / "mkdocs.yml").read_text())
    program = Path(sys.executable).with_name("zensical")
    done = subprocess.run([program, "build", "--strict"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "build" / "site"


class _Page(HTMLParser):
    """What a page links to, loads, and offers as anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.anchors.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag in {"script", "img", "source"} and "src" in given:
            self.loads.append(given["src"])
        elif tag == "link" and given.get("rel") in {"stylesheet", "icon", "preload", "modulepreload"}:
            self.loads.append(given["href"])


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, _Page]:
    """Every page by its address below the site's root."""
    found = {str(path.relative_to(site)): _Page(path.read_text()) for path in site.rglob("*.html")}
    return {name.removesuffix("index.html"): page for name, page in found.items()}


def test_every_page_of_the_documentation_is_in_the_navigation() -> None:
    text = json.dumps(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])
    assert {path.name for path in (ROOT / "docs").glob("*.md") if f'"{path.name}"' not in text} == set()


def test_every_link_and_anchor_leads_somewhere(site: Path, pages: dict[str, _Page]) -> None:
    dead = []
    for name, page in pages.items():
        for link in page.links + page.loads:
            target, anchor = urldefrag(urljoin(HOST + name, link))
            if not target.startswith(HOST):
                continue
            path = unquote(urlsplit(target).path).lstrip("/")
            there = pages.get(path)
            if there is None and not (site / path).is_file():
                dead.append(f"{name}: {link}")
            elif there is not None and anchor and unquote(anchor) not in there.anchors and name != "404.html":
                dead.append(f"{name}: {link} (no such anchor)")
    assert dead == []


def test_nothing_is_loaded_from_elsewhere(pages: dict[str, _Page]) -> None:
    foreign = {load for page in pages.values() for load in page.loads if re.match("(https?:)?//", load)}
    assert foreign == set()


def test_the_search_knows_every_page(site: Path) -> None:
    index = (site / "search.json").read_text()
    expected = {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}
    assert {name for name in expected if f'"{name}/' not in index} == set()
    assert "survives-loss-of-any-principal" in index


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    handler = partial(_Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def seen(site: Path, served: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """How wide each looked-at page is, and which of its pictures show, in a real browser."""
    assert BROWSER is not None
    frames = "".join(
        f'<iframe name="{page}@{width}" src="/{page}" style="width: {width}px; height: 900px; border: 0"></iframe>'
        for page in LOOKED_AT
        for width in WIDTHS
    )
    script = """onload = () => { const answers = {};
      for (const frame of document.querySelectorAll("iframe")) { const page = frame.contentDocument;
        answers[frame.name] = { width: page.documentElement.scrollWidth, title: page.title,
          broken: [...page.images].filter((image) => !image.naturalWidth).map((image) => image.src) }; }
      const shown = document.createElement("pre"); shown.id = "answer";
      shown.textContent = JSON.stringify(answers); document.body.append(shown); }"""
    (site / "looked-at.html").write_text(f"<!doctype html><body>{frames}<script>{script}</script>")
    text = BROWSER.loaded(f"{served}looked-at.html", tmp_path_factory.mktemp("browser"))
    found = re.search(r'<pre id="answer">(.*?)</pre>', text, re.DOTALL)
    assert found, text[-2000:]
    answers: dict[str, dict[str, Any]] = json.loads(html.unescape(found[1]))
    return answers


@pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(PROGRAMS)} is on this machine")
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", LOOKED_AT)
def test_a_page_fits_and_shows_its_pictures(seen: dict[str, dict[str, Any]], page: str, width: int) -> None:
    looked = seen[f"{page}@{width}"]
    assert "Keywright" in looked["title"]
    assert looked["width"] <= width
    assert looked["broken"] == []

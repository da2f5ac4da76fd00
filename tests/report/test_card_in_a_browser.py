"""The card's page, looked at in a real browser: it fits a phone, in light and dark, and loads nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from card_samples import hostile, long_and_mixed, unbroken

from browser import PROGRAMS, Scheme, find_browser
from keywright._internal.report.card import HTML, pages

BROWSER = find_browser()
needs_browser = pytest.mark.skipif(BROWSER is None, reason=f"none of {', '.join(PROGRAMS)} is on this machine")

READABLE = 4.5
"""The contrast that WCAG 2.2 asks of text (1.4.3, level AA)."""


PHONE, DESK = "phone", "desk"
WIDTHS = (320, 480, 600, 704, 760, 900, 1024, 1100, 1200, 1440)
"""In pixels: on both sides of each rule of the style sheet, and what people's windows have."""


@pytest.fixture(scope="module", params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    chosen: Scheme = request.param
    return chosen


@pytest.fixture(scope="module")
def seen(scheme: Scheme, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    assert BROWSER is not None
    mixed = pages(long_and_mixed())[HTML]
    shown = {PHONE: (mixed, 360), DESK: (mixed, 1280), "hostile": (pages(hostile())[HTML], 800)}
    shown |= {f"mixed at {width}": (mixed, width) for width in WIDTHS}
    shown |= {f"unbroken at {width}": (pages(unbroken())[HTML], width) for width in WIDTHS}
    return BROWSER.look(shown, tmp_path_factory.mktemp("browser"), scheme)


@needs_browser
def test_the_page_fits_a_phone_and_a_desk(seen: dict[str, dict[str, Any]]) -> None:
    assert seen[PHONE]["width"] <= 360
    assert seen[DESK]["width"] <= 1280
    assert min(seen[name]["smallest"] for name in (PHONE, DESK)) >= 13


@needs_browser
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("page", ["mixed", "unbroken"])
def test_the_page_never_overflows_to_the_right(seen: dict[str, dict[str, Any]], page: str, width: int) -> None:
    assert seen[f"{page} at {width}"]["width"] <= width


@needs_browser
def test_every_text_stands_out_from_what_is_behind_it(seen: dict[str, dict[str, Any]]) -> None:
    for name in (PHONE, DESK):
        assert seen[name]["worst"]["ratio"] >= READABLE, seen[name]["worst"]


@needs_browser
def test_dark_is_dark_and_light_is_light(seen: dict[str, dict[str, Any]], scheme: Scheme) -> None:
    channels = [int(number) for number in re.findall(r"\d+", seen[DESK]["background"])]
    assert max(channels) < 60 if scheme == "dark" else min(channels) > 200


@needs_browser
def test_what_a_module_says_is_shown_and_never_run(seen: dict[str, dict[str, Any]]) -> None:
    assert seen["hostile"]["title"].startswith("aws-kms<script>")
    assert "<script>" in seen["hostile"]["text"]

"""The card's files: the verdict is said as it is, what was skipped is said, and nothing is loaded from elsewhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from card_samples import hostile, long_and_mixed, sample

from keywright._internal.conformance.results import Verification, from_text
from keywright._internal.report.card import BADGE, HTML, MARKDOWN, pages
from keywright._internal.report.files import VERIFICATION, write_card
from keywright.errors import InputError


@pytest.mark.parametrize(
    ("verification", "said"),
    [
        (sample(), "verified"),
        (sample({"tflint": "skipped"}), "incomplete"),
        (sample({"tflint": "skipped", "claims": "failed"}), "not verified"),
    ],
    ids=["passed", "incomplete", "failed"],
)
def test_every_page_says_the_verdict(verification: Verification, said: str) -> None:
    for name, content in pages(verification).items():
        assert said in content.decode().lower(), name


def test_a_gap_by_choice_is_a_pass_that_shows_the_gap() -> None:
    made = pages(sample({"tflint": "skipped"}, allowed=("tflint",)))
    assert "skipped by choice" in made[HTML].decode()
    assert "allowed to be skipped" in made[MARKDOWN].decode()
    assert "9/10" in made[BADGE].decode()


def test_a_refuted_claim_is_shown_with_the_request_that_breaks_it() -> None:
    for name in (HTML, MARKDOWN):
        assert "stranger" * 12 in pages(long_and_mixed())[name].decode()


def test_the_page_names_the_commands_the_versions_and_who_may_do_what() -> None:
    text = pages(sample())[HTML].decode()
    for words in ("tofu fmt -check", "1.12.6", "if allowed by IAM", "a waiting period", "3f" * 32, "a1" * 20):
        assert words in text


def test_the_page_can_load_nothing() -> None:
    text = pages(sample())[HTML].decode()
    assert "default-src 'none'" in text
    assert not re.search(r"<(script|link rel=.stylesheet|img|iframe|object)\b", text)
    assert "@import" not in text


def test_the_badge_is_well_formed_and_names_itself_for_a_screen_reader() -> None:
    for verification in (sample(), hostile()):
        root = ET.fromstring(pages(verification)[BADGE])
        assert root.attrib["aria-label"].startswith("keywright: ")


def test_the_same_verification_gives_the_same_bytes() -> None:
    assert pages(sample()) == pages(sample())


def test_a_cards_files_are_written_over_an_older_card(tmp_path: Path) -> None:
    write_card(long_and_mixed(), tmp_path / "card")
    written = write_card(sample(), tmp_path / "card")
    assert {path.name for path in written} == {VERIFICATION, HTML, MARKDOWN, BADGE}
    assert from_text((tmp_path / "card" / VERIFICATION).read_text()) == sample()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="can't be written"):
        write_card(sample(), tmp_path / "file")

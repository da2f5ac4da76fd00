"""What others wrote doesn't steer the terminal of whoever reads it."""

from __future__ import annotations

import pytest

from keywright._internal.cli.failure import error_text
from keywright._internal.cli.keys.render import show_line
from keywright._internal.cli.printable import printable
from keywright.errors import InputError


@pytest.mark.parametrize("character", ["\x1b", "\r", "\b", "\x9b", "\u202e", "\u2028", "\x00"])
def test_a_character_that_acts_on_a_terminal_is_replaced_by_one(character: str) -> None:
    assert printable(f"a{character}b") == "a\ufffdb"


@pytest.mark.parametrize("text", ["two\nlines", "a\ttab", "Schlüssel für 日本", ""])
def test_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_steps_and_previews_show_no_escape_sequence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    show_line("-", "key (`\x1b[1A\x1b[2Kharmless`)")
    assert capsys.readouterr().out == "  - key (`\ufffd[1A\ufffd[2Kharmless`)\n"


def test_errors_show_no_escape_sequence() -> None:
    assert "\x1b" not in error_text(InputError("the key `\x1b[2J` is no key", "look at `\x1b[2J`"))

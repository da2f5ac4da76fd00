"""The pictures of the documentation are what the program draws, and load nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMAGES = sorted((ROOT / "docs" / "images").glob("*.svg"))


def test_the_pictures_are_current(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "tools" / "pictures.py", tmp_path], check=True)
    drawn = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert set(drawn) | {"demo.svg"} == {path.name for path in IMAGES}
    assert {name: (ROOT / "docs" / "images" / name).read_text() for name in drawn} == drawn, "make site"


@pytest.mark.parametrize("image", IMAGES, ids=lambda path: path.name)
def test_a_picture_is_well_formed_and_loads_nothing(image: Path) -> None:
    text = image.read_text()
    ET.fromstring(text)
    assert not re.search(r"(?:href|src)\s*=|url\((?!#)|@import", text)

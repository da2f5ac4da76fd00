"""Which Region is taken where nothing else names one."""

from __future__ import annotations

import pytest

from keywright._internal.aws import Cloud, Settings


def test_a_variable_that_is_set_and_empty_names_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_CONFIG_FILE": "/dev/null"}.items():
        monkeypatch.setenv(name, value)
    assert Cloud(Settings()).default_region is None

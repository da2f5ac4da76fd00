"""An embedded AWS on loopback: an emulator as a child process, and a thin layer that adds what it lacks."""

from __future__ import annotations

from keywright._internal.sandbox.process import DEFAULT_ACCOUNT, DEFAULT_REGION, Sandbox

__all__ = ["DEFAULT_ACCOUNT", "DEFAULT_REGION", "Sandbox"]

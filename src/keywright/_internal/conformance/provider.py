"""Where the engines get `hashicorp/aws` from, and which provider it then is.

A mirror named by `KEYWRIGHT_AWS_PROVIDER`, else whatever the user's own settings say (`TF_CLI_CONFIG_FILE`, a
plugin cache), else the registry. Each engine is asked once to install it into an empty root module: when that
fails, the provider can't be had, and whatever fails later is the module's own fault.

A mirror may hold a file `PROVIDER` with one line that says what it offers; the card shows that line.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keywright._internal.terraform.engine import Engine
from keywright.errors import InputError, KeywrightError

VARIABLE = "KEYWRIGHT_AWS_PROVIDER"
ABOUT = "PROVIDER"

_PATIENCE = 600.0
_HOSTS = ("registry.terraform.io", "registry.opentofu.org")
_PROBE = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0, < 7.0"
    }
  }
}
"""
_NO_RETRIES = {"TF_REGISTRY_DISCOVERY_RETRY": "1", "TF_REGISTRY_CLIENT_TIMEOUT": "15"}


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that an engine can use: which one, and the settings that find it again without a download."""

    version: str
    origin: str
    environment: Mapping[str, str]

    def __str__(self) -> str:
        return f"hashicorp/aws {self.version}, {self.origin}"


@dataclass(frozen=True, slots=True)
class NoProvider:
    """Why an engine can't have the provider, and how it could."""

    reason: str


class ProviderSource:
    """Gives each engine its provider, asked for once. Safe to use from many threads.

    Args:
        workspace: a folder of our own.
        mirror: a `filesystem_mirror` to install from, and from nowhere else.

    Raises:
        InputError: the mirror is no folder.
    """

    def __init__(self, workspace: Path, mirror: Path | None = None) -> None:
        if mirror is not None and not mirror.is_dir():
            raise InputError(
                f"`{mirror}`, of {VARIABLE}, is not a folder", "name a folder laid out as a filesystem mirror"
            )
        self._workspace = workspace
        self._mirror = mirror.resolve() if mirror else None
        self._found: dict[Engine, Provider | NoProvider] = {}
        self._locks: dict[Engine, threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, engine: Engine) -> Provider | NoProvider:
        """The engine's provider, or why there is none."""
        with self._lock:
            lock = self._locks.setdefault(engine, threading.Lock())
        with lock:
            if engine not in self._found:
                self._found[engine] = self._asked(engine)
            return self._found[engine]

    def _asked(self, engine: Engine) -> Provider | NoProvider:
        home = self._workspace / f"provider-{engine.name}-{engine.version}"
        (home / "probe").mkdir(parents=True)
        (home / "probe" / "main.tf").write_text(_PROBE)
        environment = self._environment(home)
        try:
            done = engine.run(
                "init", "-no-color", cwd=home / "probe", env={**_NO_RETRIES, **environment}, timeout=_PATIENCE
            )
            if done.exit_code != 0:
                return NoProvider(f"{_reason(done.output)}; {self._remedy()}")
            versions = engine.run("version", "-json", cwd=home / "probe", env=environment, timeout=60)
            chosen = json.loads(versions.stdout)["provider_selections"].values()
        except KeywrightError as error:
            return NoProvider(str(error))
        return Provider(next(iter(chosen)), self._origin(), self._again(home))

    def _environment(self, home: Path) -> dict[str, str]:
        """The settings for the first `init`: our mirror's, where there is one, else the user's own."""
        return {} if self._mirror is None else self._settings(home, self._mirror)

    def _again(self, home: Path) -> dict[str, str]:
        """The settings for every later `init`: what the first one fetched from a registry is a mirror by now.

        A plugin cache would do the same, but engines may not share one while they run side by side.
        """
        if self._mirror is not None:
            return self._settings(home, self._mirror)
        if os.environ.get("TF_CLI_CONFIG_FILE"):
            return {}
        return self._settings(home, home / "probe" / ".terraform" / "providers")

    @staticmethod
    def _settings(home: Path, mirror: Path) -> dict[str, str]:
        file = home / "engine.tfrc"
        ours = json.dumps([f"{host}/hashicorp/aws" for host in _HOSTS])
        file.write_text(
            "provider_installation {\n"
            f"  filesystem_mirror {{\n    path = {json.dumps(str(mirror))}\n    include = {ours}\n  }}\n"
            f"  direct {{\n    exclude = {ours}\n  }}\n}}\n"
        )
        return {"TF_CLI_CONFIG_FILE": str(file)}

    def _origin(self) -> str:
        if self._mirror is not None:
            about = self._mirror / ABOUT
            said = about.read_text().strip().splitlines()[:1] if about.is_file() else []
            return said[0] if said else f"from the mirror {self._mirror.name} given by {VARIABLE}"
        return "by this machine's own settings" if os.environ.get("TF_CLI_CONFIG_FILE") else "from the registry"

    def _remedy(self) -> str:
        if self._mirror is not None:
            return f"lay {self._mirror} out as a filesystem mirror that holds it"
        return f"run this where the registry can be reached, or name a mirror's folder in {VARIABLE}"


def mirror_of_environment() -> Path | None:
    """The mirror that the user named, if any."""
    given = os.environ.get(VARIABLE)
    return Path(given) if given else None


def _reason(output: str) -> str:
    """What the engine said, without its frame: the sentence that tells why there is no provider."""
    text = " ".join(re.sub(r"[│╷╵]", " ", output).split())
    told = re.search(r"could not connect to [\w.-]*\w", text) or re.search(r"Error: (?:(?!Error: ).)*", text)
    return f"the provider hashicorp/aws can't be had here: {(told[0] if told else text)[:200]}"

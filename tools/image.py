"""Keywright as a container image, without a container engine: Debian's Python, the locked packages, and the wheel.

    tools/image.py build/image        the layout in build/image, and build/image.tar for `docker load`

Two tags share their layers: `VERSION`, and `VERSION-sandbox` with the embedded AWS. Neither has a package manager, and
both run as a user without rights. Needs Linux, Debian's `mmdebstrap`, and the registries of Debian and PyPI. The same
bytes come of the same packages: Debian's are the newest of its stable release, Python's are locked by hash.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from oci_layout import Image, layer_of, write_archive, write_layout

from keywright._internal.conformance.source import SourceFile, SourceTree
from keywright._internal.conformance.wheel import Wheel, build_wheel

ROOT = Path(__file__).parents[1]
SUITE, PYTHON = "trixie", "3.13"
DEBIAN = ("base-files", "busybox", f"python{PYTHON}")
SHELL = (
    "cat",
    "cp",
    "env",
    "grep",
    "head",
    "id",
    "ls",
    "mkdir",
    "mv",
    "rm",
    "sed",
    "sh",
    "sleep",
    "tail",
    "tee",
    "test",
)
"""What CI systems and people need of a shell; busybox is all of them."""
USER = 65532
"""The number that images without root agreed on."""
PACKAGES = f"usr/local/lib/python{PYTHON}/dist-packages"
UNUSED = (
    "usr/share/doc/*/changelog*",
    "usr/share/doc/*/NEWS*",
    "usr/share/locale/*",
    "usr/share/man/*",
    "usr/share/lintian/*",
    "usr/share/python3/*",
    "usr/share/pixmaps/*",
    "usr/share/applications/*",
    "usr/share/debconf/*",
    "usr/share/perl5/*",
    "usr/*bin/debconf*",
    "usr/sbin/dpkg-*",
    "usr/lib/*/gconv/*",
    "var/cache/*",
    "var/log/*",
    "var/lib/apt/*",
)
PLATFORMS = {"amd64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}
LAUNCHER = f"""#!/usr/bin/python{PYTHON}
from keywright._internal.cli.app import main

main()
"""
STATUS = 'dpkg-deb -f "$deb" > "$1/var/lib/dpkg/status.d/$(dpkg-deb -f "$deb" Package)"'
"""What is installed, where scanners look for it in images without a package manager."""


def main() -> None:
    """Build both images into the folder that the command line names."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "build/image")
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH") or _call("git", "log", "-1", "--format=%ct"))
    architecture = _call("dpkg", "--print-architecture")
    wheel = build_wheel(_tree())
    version = wheel.name.split("-")[1]
    with tempfile.TemporaryDirectory(prefix="keywright-image-") as work:
        base, run, sandbox = (Path(work, name) for name in ("base", "run", "sandbox"))
        _debian(base, epoch)
        _compile(base, base / f"usr/lib/python{PYTHON}", base)
        for folder, lock in ((run, "run"), (sandbox, "sandbox")):
            _packages(folder, lock, wheel, PLATFORMS[architecture])
            _compile(folder, folder / PACKAGES, base)
        layers = (layer_of(base, epoch), layer_of(run, epoch))
        more = layer_of(sandbox, epoch, without=run)
    shutil.rmtree(target, ignore_errors=True)
    images = (
        Image(version, layers, _run(), _labels(version)),
        Image(f"{version}-sandbox", (*layers, more), _run(), _labels(version)),
    )
    write_layout(target, images, architecture=architecture, epoch=epoch)
    write_archive(target, target.with_suffix(".tar"), epoch)
    for image in images:
        packed, unpacked = (
            sum(sizes) / 1e6
            for sizes in zip(*((len(layer.content), layer.unpacked_size) for layer in image.layers), strict=True)
        )
        sys.stdout.write(f"keywright:{image.tag}: {packed:.0f} MB compressed, {unpacked:.0f} MB unpacked\n")


def _tree() -> SourceTree:
    """The files that Git knows, as they lie here."""
    names = sorted(_call("git", "ls-files").splitlines())
    return SourceTree(tuple(SourceFile(name, (ROOT / name).read_bytes()) for name in names if (ROOT / name).is_file()))


def _debian(folder: Path, epoch: int) -> None:
    """The root file system of Debian's Python and what it needs, no package of which has run anything."""
    hook = f'mkdir -p "$1/var/lib/dpkg/status.d"; for deb in "$1"/var/cache/apt/archives/*.deb; do {STATUS}; done'
    included = f"--include={','.join(DEBIAN)}"
    _call(
        "mmdebstrap", "--quiet", "--variant=extract", included, f"--extract-hook={hook}", SUITE, folder,
        environment={**os.environ, "SOURCE_DATE_EPOCH": str(epoch)},
    )  # fmt: skip
    for pattern in UNUSED:
        for path in sorted(folder.glob(pattern)):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
    for name in SHELL:
        if not os.path.lexists(folder / "usr/bin" / name):
            (folder / "usr/bin" / name).symlink_to("busybox")
    (folder / "usr/bin/python3").unlink(missing_ok=True)
    (folder / "usr/bin/python3").symlink_to(f"python{PYTHON}")
    (folder / "etc/passwd").write_text(f"root:x:0:0::/root:/sbin/nologin\nkeywright:x:{USER}:{USER}::/work:/bin/sh\n")
    (folder / "etc/group").write_text(f"root:x:0:\nkeywright:x:{USER}:\n")
    (folder / "work").mkdir(mode=0o1777)
    (folder / "work").chmod(0o1777)
    (folder / "tmp").chmod(0o1777)


def _packages(folder: Path, lock: str, wheel: Wheel, platform: str) -> None:
    """The locked packages and Keywright itself, where Debian's Python looks for what isn't Debian's."""
    packages = folder / PACKAGES
    _call(
        Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--target", packages,
        "--python-version", PYTHON, "--python-platform", platform, "--only-binary", ":all:", "--require-hashes",
        "--no-deps", "--link-mode", "copy", "-r", ROOT / "requirements" / f"{lock}.txt",
    )  # fmt: skip
    shutil.rmtree(packages / "bin", ignore_errors=True)
    (packages / ".lock").unlink(missing_ok=True)
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        archive.extractall(packages)
    launcher = folder / "usr/local/bin/keywright"
    launcher.parent.mkdir(parents=True)
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)


def _compile(root: Path, below: Path, base: Path) -> None:
    """Byte code beside the code, made by the image's own interpreter: a container can't keep what it makes itself."""
    libraries = next((base / "usr/lib").glob("*-linux-gnu"))
    loader = next((base / "usr/lib").glob("*-linux-gnu/ld-linux-*.so.*"))
    _call(
        loader, "--library-path", libraries, base / f"usr/bin/python{PYTHON}", "-m", "compileall", "-q",
        "--invalidation-mode", "unchecked-hash", "-s", root, "-p", "/", below,
        # What the interpreter itself imports on the way would be written with the paths of this machine.
        environment={"PYTHONHOME": str(base / "usr"), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def _run() -> dict[str, object]:
    return {
        "User": f"{USER}:{USER}",
        "Entrypoint": ["/usr/local/bin/keywright"],
        "Cmd": ["--help"],
        "WorkingDir": "/work",
        "Env": ["PATH=/usr/local/bin:/usr/bin", "HOME=/work", "LANG=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1"],
    }


def _labels(version: str) -> dict[str, str]:
    return {
        "org.opencontainers.image.title": "keywright",
        "org.opencontainers.image.description": "Customer-managed AWS KMS keys with key policies you can prove",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.version": version,
    }


def _call(*command: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """What a program printed; it is one of those that this file names."""
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout.strip()


if __name__ == "__main__":
    main()

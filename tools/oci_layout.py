"""Container images as an OCI image layout, written without a container engine; the same bytes from the same files.

See https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its bytes, and the digest and size of what they unpack to."""

    content: bytes
    unpacked_digest: str
    unpacked_size: int


@dataclass(frozen=True, slots=True)
class Image:
    """An image: its tag, its layers from the bottom up, how it runs, and what it says of itself."""

    tag: str
    layers: tuple[Layer, ...]
    run: Mapping[str, Any]
    labels: Mapping[str, str]


def layer_of(folder: Path, epoch: int, *, without: Path | None = None, owner: int = 0) -> Layer:
    """The files of a folder as a layer, all of one time and one owner.

    Args:
        folder: the image's root, or a part of it.
        epoch: the time of every file, in seconds.
        without: a folder whose files the layers below hold already.
        owner: the user and group of every file.
    """
    buffer = io.BytesIO()
    size = 0
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            below = without / name if without else None
            if below is not None and os.path.lexists(below):
                continue
            entry = archive.gettarinfo(str(path), str(name))
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = epoch, owner, owner, "", ""
            if entry.islnk():  # the same file twice on the disk: stored twice, so that no name depends on another
                entry.type, entry.linkname, entry.size = tarfile.REGTYPE, "", path.stat().st_size
            if entry.isfile():
                size += entry.size
                with path.open("rb") as file:
                    archive.addfile(entry, file)
            else:
                archive.addfile(entry)
    unpacked = buffer.getvalue()
    return Layer(gzip.compress(unpacked, compresslevel=9, mtime=0), _digest(unpacked), size)


def write_layout(folder: Path, images: Iterable[Image], *, architecture: str, epoch: int) -> None:
    """Write images into a new folder; layers that they share are stored once."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    created = datetime.fromtimestamp(epoch, UTC).isoformat().replace("+00:00", "Z")
    manifests = []
    for image in images:
        config = {
            "created": created,
            "architecture": architecture,
            "os": "linux",
            "config": {**image.run, "Labels": dict(image.labels)},
            "rootfs": {"type": "layers", "diff_ids": [layer.unpacked_digest for layer in image.layers]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _stored(blobs, _json(config), _CONFIG),
            "layers": [_stored(blobs, layer.content, _LAYER) for layer in image.layers],
            "annotations": {**image.labels, "org.opencontainers.image.created": created},
        }
        named = {"org.opencontainers.image.ref.name": image.tag}
        manifests.append({**_stored(blobs, _json(manifest), _MANIFEST), "annotations": named})
    (folder / "index.json").write_bytes(_json({"schemaVersion": 2, "manifests": manifests}))


def write_archive(layout: Path, file: Path, epoch: int) -> None:
    """Write a layout as one file, which `docker load`, `podman load` and `skopeo` read."""
    with tarfile.open(file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(item for item in layout.rglob("*") if item.is_file()):
            entry = archive.gettarinfo(str(path), str(path.relative_to(layout)))
            entry.mtime, entry.mode, entry.uid, entry.gid, entry.uname, entry.gname = epoch, 0o644, 0, 0, "", ""
            with path.open("rb") as content:
                archive.addfile(entry, content)


def _stored(blobs: Path, content: bytes, kind: str) -> dict[str, Any]:
    digest = _digest(content)
    (blobs / digest.removeprefix("sha256:")).write_bytes(content)
    return {"mediaType": kind, "digest": digest, "size": len(content)}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()

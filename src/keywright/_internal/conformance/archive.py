"""Archives that are the same bytes anywhere: the module's `.tar.gz`, and a wheel put into that form.

Order, owner, time and mode are fixed. Nothing is compressed, because the bytes that a compressor writes depend on
its implementation (zlib and zlib-ng differ, and Python ships with either); the container stays plain gzip and ZIP.
"""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile
import zlib

from keywright._internal.conformance.source import SourceFile, SourceTree

EPOCH = 315_532_800
"""The time of every entry, in seconds: 1980-01-01, the earliest that a ZIP file can name."""

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_LARGEST_BLOCK = 0xFFFF
_UNIX = 3


def tar_gz(tree: SourceTree) -> bytes:
    """The tree as a gzipped tar archive, its files at the archive's root."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for file in sorted(tree.files, key=lambda file: file.path):
            entry = tarfile.TarInfo(file.path)
            entry.size = len(file.content)
            entry.mode = 0o755 if file.executable else 0o644
            entry.mtime = EPOCH
            archive.addfile(entry, io.BytesIO(file.content))
    return _gzip(buffer.getvalue())


def read_tar_gz(content: bytes) -> SourceTree:
    """The files of an archive made by `tar_gz`.

    Raises:
        tarfile.TarError, OSError: the bytes are no gzipped tar archive.
        ValueError: an entry is no plain file, or its path leads out of the archive.
    """
    files: list[SourceFile] = []
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for entry in archive:
            stream = archive.extractfile(entry)
            if not entry.isreg() or stream is None:
                raise ValueError(f"`{entry.name}` is not a plain file")
            if entry.name.startswith("/") or ".." in entry.name.split("/"):
                raise ValueError(f"`{entry.name}` leads out of the archive")
            files.append(SourceFile(entry.name, stream.read(), bool(entry.mode & 0o100)))
    return SourceTree(tuple(files))


def same_anywhere(wheel: bytes) -> bytes:
    """The same wheel with its entries sorted, stored and stamped alike; its RECORD stays true and stays last."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(wheel)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target,
    ):
        for name in sorted(source.namelist(), key=lambda name: (name.endswith(".dist-info/RECORD"), name)):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.create_system = _UNIX
            entry.external_attr = 0o100644 << 16
            target.writestr(entry, source.read(name))
    return buffer.getvalue()


def _gzip(content: bytes) -> bytes:
    """RFC 1952 around RFC 1951's stored blocks: no name, no time, no system."""
    parts = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    for start in range(0, len(content), _LARGEST_BLOCK):
        block = content[start : start + _LARGEST_BLOCK]
        last = start + _LARGEST_BLOCK >= len(content)
        parts += [struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF), block]
    parts.append(struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF))
    return b"".join(parts)

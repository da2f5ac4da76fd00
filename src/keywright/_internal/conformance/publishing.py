"""From a clean commit to a release's files: the module's archive, the wheel, the card, and the signature over all."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from keywright._internal.conformance import checksums
from keywright._internal.conformance import statement as statements
from keywright._internal.conformance.archive import tar_gz
from keywright._internal.conformance.keyless import sign_keyless
from keywright._internal.conformance.module import KEYWRIGHTS_OWN
from keywright._internal.conformance.release import SIGSTORE_BUNDLE, ReleaseFiles, module_archive_name, signed_release
from keywright._internal.conformance.results import Tool, Verification
from keywright._internal.conformance.sbom import bill_of_materials, sbom_name
from keywright._internal.conformance.signing import SigningKey
from keywright._internal.conformance.source import SourceTree, committed_tree
from keywright._internal.conformance.wheel import build_wheel
from keywright.errors import InputError, KeywrightError


@dataclass(frozen=True, slots=True)
class Source:
    """What a release is made of: a commit's tree, the module in it, and the version that the tree gives itself."""

    tree: SourceTree
    module: SourceTree
    version: str


def release_source(folder: Path) -> Source:
    """The commit that is checked out around a folder.

    Raises:
        InputError: the tree is not clean, or not Keywright's own.
    """
    tree = committed_tree(folder)
    version = str(tomllib.loads(tree.text("pyproject.toml"))["project"]["version"])
    module = tree.below(KEYWRIGHTS_OWN.as_posix())
    if not module.files:
        raise InputError(f"the tree has no `{KEYWRIGHTS_OWN}`", "release from a clone of Keywright")
    return Source(tree, module, version)


Pages = Callable[[Verification], Mapping[str, bytes]]
"""Makes the card's pages, by name."""


def publish(
    source: Source, verification: Verification, key: SigningKey, pages: Pages, *, keyless: bool = False
) -> ReleaseFiles:
    """Build the archive and the wheel, and put the card, the checksums and the signature beside them.

    Args:
        source: what is released.
        verification: what the gates found on this very module.
        key: signs the statement.
        pages: makes the card that the release carries.
        keyless: whether Sigstore signs the artefacts, too.

    Raises:
        InputError: the verification is of another module, or a gate failed.
        KeywrightError: the wheel can't be built, or Sigstore did not sign.
    """
    archive = tar_gz(source.module)
    if verification.subject.archive_sha256 != checksums.sha256(archive):
        raise InputError(
            "the verification is not of this commit's module", "run the gates on the commit that is released"
        )
    if verification.verdict == "failed":
        raise InputError("a gate failed: there is nothing to release", "see what `keywright conform` says")
    wheel = build_wheel(source.tree)
    builder = Tool(name="hatchling", version=wheel.builder)
    complete = verification.model_copy(
        update={
            "subject": verification.subject.model_copy(update={"commit": source.tree.commit}),
            "tools": (*verification.tools, builder),
        }
    )
    artefacts = {
        module_archive_name(source.version): archive,
        wheel.name: wheel.content,
        sbom_name(source.version): bill_of_materials(source.tree, wheel, source.version),
    }
    if keyless:
        digests = checksums.digests(artefacts)
        signed = sign_keyless(statements.as_bytes(statements.statement(digests, complete, version=source.version)))
        if signed.bundle is None:
            raise KeywrightError(
                signed.report, "release without `--keyless`, or where there is a network and an identity"
            )
        artefacts[SIGSTORE_BUNDLE] = signed.bundle
    return signed_release(artefacts, complete, pages(complete), key, version=source.version)

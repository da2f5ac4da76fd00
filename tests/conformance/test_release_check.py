"""`keywright verify-release`: whatever is changed in a release is found, and named."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from conformance_samples import gate, release_of, verification
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keywright._internal.conformance import checksums
from keywright._internal.conformance.release import (
    ENVELOPE,
    PUBLIC_KEY,
    STATEMENT,
    VERIFICATION,
    ReleaseFiles,
    write_release,
)
from keywright._internal.conformance.release_check import ReleaseCheck, Trust, check_release
from keywright._internal.conformance.signing import SigningKey, ephemeral_signing_key
from keywright.errors import InputError


def files_of(check: ReleaseCheck) -> set[str]:
    return {finding.file for finding in check.findings}


def test_a_release_as_written_is_intact(release_folder: Path) -> None:
    assert check_release(release_folder).findings == ()


def test_the_key_in_the_folder_proves_integrity_and_no_maker(release_folder: Path) -> None:
    check = check_release(release_folder)
    assert not check.pinned
    assert "not who made it" in check.notes[0]


def test_a_given_public_key_tells_the_maker(release_folder: Path, signing_key: SigningKey) -> None:
    check = check_release(release_folder, Trust(public_key=signing_key.public))
    assert check.intact
    assert check.pinned
    assert check.notes == ()


def test_a_pinned_key_id_tells_the_maker(release_folder: Path, signing_key: SigningKey) -> None:
    assert check_release(release_folder, Trust(key_id=signing_key.public.key_id)).intact


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_one_changed_byte_anywhere_is_found_in_its_file(
    data: st.DataObject, release: ReleaseFiles, release_folder: Path
) -> None:
    name = data.draw(st.sampled_from(sorted(release.files)), label="file")
    content = release.files[name]
    position = data.draw(st.integers(0, len(content) - 1), label="position")
    changed = bytearray(content)
    changed[position] ^= data.draw(st.integers(1, 255), label="flipped bits")
    (release_folder / name).write_bytes(changed)
    try:
        assert name in files_of(check_release(release_folder))
    finally:
        (release_folder / name).write_bytes(content)


def test_every_byte_of_the_envelope_matters(release: ReleaseFiles, release_folder: Path) -> None:
    content = release.files[ENVELOPE]
    for position in range(0, len(content), 37):
        changed = bytearray(content)
        changed[position] ^= 1
        (release_folder / ENVELOPE).write_bytes(changed)
        assert ENVELOPE in files_of(check_release(release_folder)), position


@pytest.mark.parametrize("addition", [b" ", b"\n", b"x"])
def test_bytes_added_to_the_end_of_a_file_are_found(
    release: ReleaseFiles, release_folder: Path, addition: bytes
) -> None:
    for name, content in release.files.items():
        (release_folder / name).write_bytes(content + addition)
        assert name in files_of(check_release(release_folder))
        (release_folder / name).write_bytes(content)


def test_a_missing_file_is_named(release: ReleaseFiles, release_folder: Path) -> None:
    for name, content in release.files.items():
        (release_folder / name).unlink()
        assert name in files_of(check_release(release_folder))
        (release_folder / name).write_bytes(content)


def test_a_file_too_many_is_named(release_folder: Path) -> None:
    (release_folder / "install.sh").write_text("echo hello")
    assert files_of(check_release(release_folder)) == {"install.sh"}


def test_a_link_or_folder_is_no_part_of_a_release(release_folder: Path) -> None:
    (release_folder / "folder").mkdir()
    (release_folder / "link").symlink_to("verification.json")
    assert files_of(check_release(release_folder)) == {"folder", "link"}


def test_another_makers_key_is_refused(release_folder: Path) -> None:
    check = check_release(release_folder, Trust(public_key=ephemeral_signing_key().public))
    assert {finding.check for finding in check.findings} == {"signature"}
    assert ENVELOPE in files_of(check)


def test_a_release_signed_anew_by_somebody_else_passes_only_without_a_pinned_key(
    signing_key: SigningKey, tmp_path: Path
) -> None:
    forged = release_of(verification(gate("claims", evidence="trust me")), ephemeral_signing_key())
    write_release(forged, tmp_path / "forged")
    assert check_release(tmp_path / "forged").intact
    assert not check_release(tmp_path / "forged", Trust(public_key=signing_key.public)).intact
    assert not check_release(tmp_path / "forged", Trust(key_id=signing_key.public.key_id)).intact


def test_an_altered_verdict_is_found_even_when_the_checksums_are_made_anew(
    signing_key: SigningKey, tmp_path: Path
) -> None:
    folder = tmp_path / "release"
    skipped = gate("tflint", "skipped", evidence="tflint is not installed")
    write_release(release_of(verification(skipped), signing_key), folder)
    _alter(folder, '"verdict": "skipped"', '"verdict": "passed"')
    _alter(folder, '"verdict": "incomplete"', '"verdict": "passed"')
    places = {(finding.check, finding.where) for finding in check_release(folder).findings}
    assert ("verdict", "gates[2].verdict (gate tflint)") in places
    assert ("verdict", "verdict") in places
    assert any(finding.file == checksums.NAME for finding in check_release(folder).findings)


def test_a_verdict_that_its_gates_do_not_bear_out_is_found(signing_key: SigningKey, tmp_path: Path) -> None:
    failed = verification(gate("claims", "failed", evidence="one is refuted"))
    write_release(release_of(failed.model_copy(update={"verdict": "passed"}), signing_key), tmp_path / "release")
    finding = check_release(tmp_path / "release").findings[0]
    assert (finding.check, finding.file, finding.where) == ("verdict", VERIFICATION, "verdict")
    assert "its gates amount to `failed`" in finding.message


def test_an_archive_swapped_for_another_with_new_checksums_is_found(release_folder: Path) -> None:
    archive = release_folder / "terraform-aws-kms-0.1.0.tar.gz"
    archive.write_bytes(b"another archive")
    _renew_sums(release_folder)
    assert {checksums.NAME, archive.name} <= files_of(check_release(release_folder))


def test_a_statement_about_another_archive_is_found(signing_key: SigningKey, tmp_path: Path) -> None:
    other = verification()
    other = other.model_copy(update={"subject": other.subject.model_copy(update={"archive_sha256": "0" * 64})})
    write_release(release_of(other, signing_key), tmp_path / "release")
    assert [finding.where for finding in check_release(tmp_path / "release").findings] == ["subject.archive_sha256"]


def test_a_changed_plain_statement_is_located(release: ReleaseFiles, release_folder: Path) -> None:
    changed = release.files[STATEMENT].replace(b'"passed"', b'"failed"', 1)
    (release_folder / STATEMENT).write_bytes(changed)
    position = release.files[STATEMENT].index(b'"passed"')
    (finding,) = check_release(release_folder).findings
    assert finding.where.startswith(f"byte {position + 1} ")


def test_a_folder_of_something_else_is_no_release(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("hello")
    assert {checksums.NAME, STATEMENT, ENVELOPE, PUBLIC_KEY} <= files_of(check_release(tmp_path))


def test_a_missing_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a folder"):
        check_release(tmp_path / "nowhere")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="coreutils' sha256sum is not installed")
def test_the_checksums_are_coreutils_own(release_folder: Path) -> None:
    done = subprocess.run(("sha256sum", "--strict", "-c", checksums.NAME), cwd=release_folder, check=False)
    assert done.returncode == 0


def _alter(folder: Path, old: str, new: str) -> None:
    """Change the verification's text as a careful forger does: with new checksums."""
    text = (folder / VERIFICATION).read_text()
    assert old in text
    (folder / VERIFICATION).write_text(text.replace(old, new, 1))
    json.loads((folder / VERIFICATION).read_text())
    _renew_sums(folder)


def _renew_sums(folder: Path) -> None:
    listed = checksums.from_text((folder / checksums.NAME).read_text())
    sums = checksums.digests({name: (folder / name).read_bytes() for name in listed})
    (folder / checksums.NAME).write_text(checksums.as_text(sums))

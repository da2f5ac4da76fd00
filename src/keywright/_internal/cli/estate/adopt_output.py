"""What an adoption prints: text for people, and one document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright._internal.cli.printable import say
from keywright._internal.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright._internal.adoption.adopt import AdoptedKey, Adoption
    from keywright._internal.estate.snapshot import NotRead
    from keywright.errors import KeywrightError

FORMAT_VERSION = 1


def adoption_document(
    adoption: Adoption, out: Path, failures: Mapping[str, KeywrightError], not_read: Sequence[NotRead], *, tagged: bool
) -> dict[str, Any]:
    """The adoption as `--json` shows it."""
    return {
        "format_version": FORMAT_VERSION,
        "stack": adoption.stack,
        "file": str(out) if adoption.text else None,
        "keys": {
            item.name: {
                "arns": [key.arn for key in item.members],
                "policy": item.written.policy,
                "notes": list(item.written.notes),
                "waived": dict(item.waived),
                "owner": item.owner.as_document() if item.owner else None,
                "tags": {key.arn: tags for key, tags in item.tags_to_write(adoption.stack)},
            }
            for item in adoption.keys
        },
        "refused": {arn: {"reason": why.reason, "remedy": why.remedy} for arn, why in adoption.refused.items()},
        "tagged": tagged,
        "not_tagged": {arn: str(error) for arn, error in failures.items()},
        "not_read": [item.as_document() for item in not_read],
    }


def show_adoption(
    adoption: Adoption, out: Path, failures: Mapping[str, KeywrightError], not_read: Sequence[NotRead], *, tagged: bool
) -> None:
    """Say it for people."""
    for item in adoption.keys:
        for line in _lines(item, adoption.stack, failures, tagged=tagged):
            say(line)
    for arn, why in adoption.refused.items():
        say(f"not adopted: {arn}: {why}")
    show_trouble(failures, not_read)
    if not adoption.keys:
        say("no key is adopted, and no file is written")
        return
    rest = f"; {len(adoption.refused)} not adopted" if adoption.refused else ""
    say(f"wrote {counted(len(adoption.keys), 'key')} to {out}{rest}")
    left = sum(len(item.tags_to_write(adoption.stack)) for item in adoption.keys)
    if tagged or not left:
        say(f"next: keywright plan {out}", err=True)
    elif not failures:
        say(f"{counted(left, 'key')} to be tagged; nothing on AWS is changed without --yes", err=True)


def _lines(item: AdoptedKey, stack: str, failures: Mapping[str, KeywrightError], *, tagged: bool) -> Iterator[str]:
    yield f"{item.name}: {item.family.key.arn}"
    how = "as fields" if item.written.policy == "fields" else "kept as it is"
    yield f"  policy {how}" + (f", replicas in {', '.join(item.written.replicas)}" if item.written.replicas else "")
    for key, tags in item.tags_to_write(stack):
        done = tagged or (bool(failures) and key.arn not in failures)
        pairs = ", ".join(f"{name}={value}" for name, value in sorted(tags.items()))
        yield f"  {'tagged' if done else 'to be tagged'} {pairs}: {key.arn}"
    for note in item.written.notes:
        yield f"  ! {note}"
    for name, reason in item.waived.items():
        yield f"  ! claim {name} is refuted, and waived in the file: {reason}"
    if item.owner is not None:
        yield f"  ! {item.owner.tool} {item.owner.name} manages it too; to hand it over:"
        yield from (f"    {line}" for line in item.owner.numbered_steps())


def show_trouble(failures: Mapping[str, KeywrightError], not_read: Sequence[NotRead]) -> None:
    """Say what could not be read or written."""
    for arn, error in failures.items():
        say(f"not tagged: {arn}: {error}", err=True)
    for item in not_read:
        say(f"not read: {item.subject}: {item.operation}: {item.reason}", err=True)

"""The faults that no policy shows: of grants, rotation, deletion, use, replicas and aliases. One entry each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from keywright._internal.proof.findings.finding import Finding

if TYPE_CHECKING:
    from keywright._internal.policy.json_positions import Path
    from keywright._internal.proof.findings.finding import Confidence, Persona, Severity

PAGE: Final = "docs/scan.md"
_GUIDE: Final = "https://docs.aws.amazon.com/kms/latest/developerguide"


@dataclass(frozen=True, slots=True)
class EstateCheck:
    """A fault, as its section in docs/scan.md explains it."""

    id: str
    name: str
    title: str
    severity: Severity
    why: str
    remedy: str
    source_url: str
    confidence: Confidence = "high"
    persona: Persona = "regular"

    def finding(
        self,
        message: str,
        *,
        severity: Severity | None = None,
        confidence: Confidence | None = None,
        statement: str | None = None,
        path: Path = (),
        remedy: str | None = None,
    ) -> Finding:
        """A place where the fault is; what is None is as the check says in general."""
        return Finding(
            id=self.id,
            title=self.title,
            severity=severity or self.severity,
            confidence=confidence or self.confidence,
            persona=self.persona,
            message=message,
            remedy=remedy or self.remedy,
            statement=statement,
            path=path,
            page=PAGE,
        )


GRANT_TO_OUTSIDER: Final = EstateCheck(
    "KW701",
    "grant-to-outsider",
    "A grant lets somebody outside the trusted accounts use the key",
    "high",
    "A grant is access beside the key policy: no policy shows it, and it lasts until it is retired or revoked.",
    "revoke the grant with `aws kms revoke-grant`, or name the account with --trusted-account",
    f"{_GUIDE}/grants.html",
)
GRANT_TO_DELETED: Final = EstateCheck(
    "KW702",
    "grant-to-deleted-principal",
    "A grant names a role or user that is gone",
    "medium",
    "The grant gives nobody access any more. It counts towards the key's quota of grants and hides those that matter.",
    "revoke the grant with `aws kms revoke-grant`",
    f"{_GUIDE}/grant-delete.html",
)
PENDING_AND_USED: Final = EstateCheck(
    "KW703",
    "pending-deletion-was-used",
    "A key pending deletion was used lately",
    "critical",
    "When the waiting period ends, what the key encrypted can't be read again by anybody.",
    "find out who used it, and cancel the deletion with `aws kms cancel-key-deletion` if the data is needed",
    f"{_GUIDE}/deleting-keys-determining-usage.html",
)
PENDING: Final = EstateCheck(
    "KW704",
    "pending-deletion",
    "A key is pending deletion",
    "low",
    "When the waiting period ends, what the key encrypted can't be read again by anybody.",
    "make sure that nothing needs it any more; `keywright scan --last-use` says when it was last used",
    f"{_GUIDE}/deleting-keys.html",
)
UNUSED: Final = EstateCheck(
    "KW705",
    "unused-key",
    "A key has not been used since KMS keeps track of it",
    "low",
    "A key costs a dollar a month and is one more policy to watch. That it wasn't used in its Region is no proof that "
    "nothing needs it: data that nobody has read lately may be encrypted with it.",
    "find out what it was made for; disable it before you schedule its deletion",
    f"{_GUIDE}/deleting-keys-determining-usage.html",
    confidence="medium",
)
ROTATION_OFF: Final = EstateCheck(
    "KW706",
    "rotation-off",
    "A symmetric key is not rotated",
    "medium",
    "With rotation, less data is encrypted with the same material. KMS keeps all old material, so nothing has to be "
    "encrypted again.",
    "turn it on with `aws kms enable-key-rotation`, or `enable_key_rotation: true`",
    f"{_GUIDE}/rotate-keys.html",
)
REPLICA_DIFFERS: Final = EstateCheck(
    "KW707",
    "replica-policy-differs",
    "A replica has another policy than its primary",
    "medium",
    "A replica decrypts what its primary encrypted: whoever the weaker of two policies lets in reads the data of both.",
    "compare the two with `keywright policy diff`, and give both the same statements",
    f"{_GUIDE}/multi-region-keys-auth.html",
    confidence="medium",
)
ORPHANED_ALIAS: Final = EstateCheck(
    "KW708",
    "orphaned-alias",
    "An alias stands for no key that can be used",
    "low",
    "Whoever uses the name gets an error, and nobody else can take the name in this Region.",
    "move the alias to the right key with `aws kms update-alias`, or delete it",
    f"{_GUIDE}/kms-alias.html",
)
REFUSED_TODAY: Final = EstateCheck(
    "KW709",
    "policy-refused-today",
    "KMS would not take this policy again",
    "medium",
    "KMS keeps policies that it took once. Whoever changes one statement has to put the whole policy, and is refused "
    "for another one. Since August 2025 it refuses statements without Action or Resource, and a Resource other than "
    "`*`; it never takes the id of a deleted principal.",
    "mend the statement the next time the policy is changed",
    "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html",
)
DELETION_UNGUARDED: Final = EstateCheck(
    "KW710",
    "deletion-not-guarded",
    "Nothing in the policy guards the key's deletion",
    "low",
    "One call by one administrator schedules the deletion. A Deny can ask for multi-factor authentication, for a long "
    "waiting period, or for a break-glass role.",
    "use one of the patterns deletion-mfa, minimum-waiting-window, unused-days or deletion-break-glass",
    f"{_GUIDE}/deleting-keys.html",
    persona="pedantic",
)

ESTATE_CHECKS: Final = (
    GRANT_TO_OUTSIDER,
    GRANT_TO_DELETED,
    PENDING_AND_USED,
    PENDING,
    UNUSED,
    ROTATION_OFF,
    REPLICA_DIFFERS,
    ORPHANED_ALIAS,
    REFUSED_TODAY,
    DELETION_UNGUARDED,
)
"""Every check on an estate, in the order of their ids."""

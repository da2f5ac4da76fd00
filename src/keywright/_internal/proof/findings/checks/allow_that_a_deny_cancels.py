"""KW306: an Allow that a Deny takes back wholly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.denials import locks_the_policy, networks
from keywright._internal.proof.findings.effects import always_holds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import PrincipalView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView


class AllowThatADenyCancels(Check):
    """An Allow of which a Deny leaves nothing."""

    id = "KW306"
    name = "allow-that-a-deny-cancels"
    title = "A Deny leaves nothing of this Allow"
    severity = "medium"
    why = (
        "A Deny beats every Allow. Where one covers all principals and all actions of an Allow, and its conditions "
        "hold for all of them, the Allow has no effect: one of the two statements isn't meant as it stands. A Deny for"
        " all outside an organization also meets AWS services, which are in none."
    )
    remedy = "narrow the Deny (for services with `Bool` on `aws:PrincipalIsAWSService`), or remove the Allow"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html"
    bad = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "kms:*", "Resource": "*"},
 {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
  "Action": "kms:Decrypt", "Resource": "*"},
 {"Sid": "NoUse", "Effect": "Deny", "Principal": "*", "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": "*"}]}"""
    good = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
  "Action": "kms:*", "Resource": "*"},
 {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
  "Action": "kms:Decrypt", "Resource": "*"},
 {"Sid": "NoUse", "Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::111122223333:role/guest"},
  "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": "*"}]}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Allow whose principals and actions one Deny covers, with conditions that always hold for them."""
        # KW307 and KW309 tell of the others.
        denies = [
            deny
            for deny in policy.denies
            if deny.surely_has_effect and not locks_the_policy(deny) and not networks(deny)
        ]
        for allow in policy.allows:
            for deny in denies:
                if not allow.covered or not allow.principals or not allow.covered <= deny.covered:
                    continue
                if _all_denied(allow, deny) and _always_denies(allow, deny):
                    yield Hit(allow.path, f"{deny.label} denies all of it, to all of its principals", allow)
                    break


def _always_denies(allow: StatementView, deny: StatementView) -> bool:
    """Whether each condition of the Deny holds for every caller and action of the Allow."""
    return all(always_holds(condition, allow.callers, allow.covered) for condition in deny.conditions)


def _all_denied(allow: StatementView, deny: StatementView) -> bool:
    return all(any(_reaches(hit, principal) for hit in deny.principals) for principal in allow.principals)


def _reaches(denied: PrincipalView, allowed: PrincipalView) -> bool:
    if denied.is_everybody or denied.principal == allowed.principal:
        return True
    return denied.is_account and allowed.account is not None and denied.account == allowed.account

"""Condition keys by what they tell, in the lower case in which keys are compared.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from typing import Final

CALLERS_ACCOUNT: Final = ("aws:principalaccount", "kms:calleraccount")
CALLERS_ORGANIZATION: Final = ("aws:principalorgid", "aws:principalorgpaths")
CALLERS_IDENTITY: Final = ("aws:principalarn", "aws:userid", "aws:username", "aws:sourceidentity")
"""Which identity of an account calls, and not only which account."""

SOURCE_ACCOUNT: Final = ("aws:sourceaccount", "aws:sourcearn")
SOURCE_ORGANIZATION: Final = ("aws:sourceorgid", "aws:sourceorgpaths")
SOURCE: Final = (*SOURCE_ACCOUNT, *SOURCE_ORGANIZATION)
"""On whose behalf a service calls; nobody else sends them."""

OWNER: Final = ("aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths")
"""Whose the key itself is."""

NETWORK: Final = (
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
)
"""Where a call comes from; calls that a service makes for somebody carry nothing of it, or another address."""

CALLED_VIA: Final = ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast")
VIA: Final = ("kms:viaservice", "aws:viaawsservice")
"""Whether a service calls with somebody's identity, and which."""

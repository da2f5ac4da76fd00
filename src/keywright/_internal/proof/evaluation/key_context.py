"""The context keys that follow from a key, in every request on it.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from keywright._internal.facts.actions import fold
from keywright._internal.model.arn import Arn
from keywright._internal.proof.evaluation.request import Context


def key_context(
    location: Arn,
    *,
    spec: str | None = None,
    usage: str | None = None,
    origin: str | None = None,
    multi_region: bool | None = None,
    multi_region_type: str | None = None,
    aliases: Iterable[str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> Context:
    """What requests on a key carry by its properties; what isn't known is left out.

    Args:
        location: the parts of its ARN.
        spec: its key spec.
        usage: its key usage.
        origin: where its material is from.
        multi_region: whether it is a multi-Region key.
        multi_region_type: `PRIMARY` or `REPLICA`, of one that is.
        aliases: their names.
        tags: its tags.
    """
    found: Context = {"aws:requestedregion": (location.region,), "aws:resourceaccount": (location.account,)}
    for name, value in (
        ("kms:keyspec", spec),
        ("kms:customermasterkeyspec", spec),
        ("kms:keyusage", usage),
        ("kms:customermasterkeyusage", usage),
        ("kms:keyorigin", origin),
        ("kms:multiregionkeytype", multi_region_type),
    ):
        if value is not None:
            found[name] = (value,)
    if multi_region is not None:
        found["kms:multiregion"] = ("true" if multi_region else "false",)
    if names := tuple(aliases or ()):
        found["kms:resourcealiases"] = names
    for name, value in (tags or {}).items():
        found[f"aws:resourcetag/{fold(name)}"] = (value,)
    return found

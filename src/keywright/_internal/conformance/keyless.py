"""Sigstore keyless signing, where there is a network and an identity: a second, independent witness of a release.

The bundle is over the artefacts and the verification alone, so that `SHA256SUMS` and our own signature cover the
bundle in turn, and a changed byte in it is found without a network, too. `sigstore` is an extra: where it, the
network or an identity is missing, this says so, and the release goes without.

See https://docs.sigstore.dev/language_clients/python/
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol, cast

from keywright._internal.extras import install_command


@dataclass(frozen=True, slots=True)
class Keyless:
    """What came of it: a bundle, or the reason why there is none."""

    bundle: bytes | None
    report: str


class _Sign(Protocol):
    def __call__(self, statement: bytes) -> bytes: ...


def sign_keyless(statement: bytes, *, sign: _Sign | None = None) -> Keyless:
    """Sign an in-toto statement with an ambient or interactive identity at Sigstore's public instance.

    Args:
        statement: the statement's bytes.
        sign: does it; by default Sigstore's own client.
    """
    try:
        installed = version("sigstore")
    except PackageNotFoundError:
        if sign is None:
            return Keyless(None, f"Sigstore did not run: its client is not installed ({install_command('keyless')})")
        installed = "given"
    try:
        bundle = (sign or _with_sigstore)(statement)
    except Exception as error:  # noqa: BLE001 - its client has no one base for what network and identity raise
        reason = " ".join(str(error).split()) or type(error).__name__
        return Keyless(None, f"Sigstore {installed} did not sign: {reason[:300]}")
    return Keyless(bundle, f"signed with Sigstore {installed}")


def verify_keyless(bundle: bytes, statement: bytes, *, identity: str, issuer: str) -> str | None:
    """Why the bundle is not that identity's signature over the statement, or None where it is.

    Works from the trust root that the client brings or has cached: no network is used.
    """
    try:
        from sigstore.errors import Error  # noqa: PLC0415 - an extra
        from sigstore.models import Bundle  # noqa: PLC0415
        from sigstore.verify import Verifier  # noqa: PLC0415
        from sigstore.verify.policy import Identity  # noqa: PLC0415
    except ImportError:
        return f"it can't be checked: Sigstore's client is not installed ({install_command('keyless')})"
    try:
        policy = Identity(identity=identity, issuer=issuer)
        _, payload = Verifier.production(offline=True).verify_dsse(Bundle.from_json(bundle), policy)
    except (Error, ValueError) as error:
        return f"Sigstore refuses it: {' '.join(str(error).split())[:300]}"
    return None if payload == statement else "it is over another statement"


def _with_sigstore(statement: bytes) -> bytes:
    from sigstore.dsse import Statement  # noqa: PLC0415 - an extra
    from sigstore.models import ClientTrustConfig  # noqa: PLC0415
    from sigstore.oidc import IdentityToken, Issuer, detect_credential  # noqa: PLC0415
    from sigstore.sign import SigningContext  # noqa: PLC0415

    trust = ClientTrustConfig.production()
    ambient = detect_credential()
    token = IdentityToken(ambient) if ambient else Issuer(trust.signing_config.get_oidc_url()).identity_token()
    with SigningContext.from_trust_config(trust).signer(token) as signer:
        return cast("str", signer.sign_dsse(Statement(statement)).to_json()).encode()

"""Really using keys: encrypt and decrypt, sign and verify, MAC, shared secret; in each Region where a key lives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from keywright._internal.aws import AccessDenied, Cloud, KeyMetadata, KeyService, Unsupported
from keywright._internal.extras import install_command
from keywright._internal.lifecycle.key_state import KeyState, LiveKey
from keywright._internal.lifecycle.target import Target
from keywright.errors import KeywrightError

if TYPE_CHECKING:
    from types_boto3_kms.literals import EncryptionAlgorithmSpecType, MacAlgorithmSpecType, SigningAlgorithmSpecType

_MESSAGE = b"Keywright verifies that this key works."
_CONTEXT = {"purpose": "keywright-verify"}


class Result(StrEnum):
    """How trying a key went; only `worked` is a pass."""

    WORKED = "worked"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Trial:
    """One use of a key, and how it went."""

    region: str
    use: str
    result: Result
    reason: str = ""

    @property
    def summary(self) -> str:
        """For people."""
        return f"{self.use} in {self.region}: {self.result}" + (f": {self.reason}" if self.reason else "")

    def as_document(self) -> dict[str, Any]:
        """For `--json`."""
        return {"region": self.region, "use": self.use, "result": self.result.value, "reason": self.reason}


def counts(trials: Iterable[Trial]) -> dict[str, int]:
    """How many trials ended in each way."""
    results = [trial.result for trial in trials]
    return {result.value: results.count(result) for result in Result}


def try_key(cloud: Cloud, target: Target, state: KeyState) -> tuple[Trial, ...]:
    """Use the key as its usage allows, in its Region and in each replica's; says what it skips, and why."""
    key = state.live[0]
    use = _USES[key.metadata.usage]
    own, made = _in_region(cloud, target, key, use)
    trials = [own]
    for _, replica in sorted(state.replicas.items()):
        there, _made = _in_region(cloud, target, replica, use)
        trials.append(there)
        if there.result is Result.WORKED and made is not None and use.across is not None:
            trials.append(_across(cloud, target, replica, use.across, made))
    return tuple(trials)


def _in_region(cloud: Cloud, target: Target, key: LiveKey, use: _Use) -> tuple[Trial, bytes | None]:
    region = key.metadata.region
    if key.metadata.state != "Enabled":
        return Trial(region, use.words, Result.SKIPPED, f"the key's state is {key.metadata.state}"), None
    service = target.service(cloud, region)
    made: list[bytes] = []
    trial = _tried(region, use.words, lambda: use.run(service, key.metadata, made.append))
    return trial, made[0] if made and trial.result is Result.WORKED else None


def _across(cloud: Cloud, target: Target, replica: LiveKey, across: _Across, made: bytes) -> Trial:
    service = target.service(cloud, replica.metadata.region)
    return _tried(replica.metadata.region, across.words, lambda: across.run(service, replica.metadata, made))


def _tried(region: str, words: str, attempt: Callable[[], str | None]) -> Trial:
    try:
        wrong = attempt()
    except AccessDenied as error:
        return Trial(region, words, Result.SKIPPED, f"you may not do `{error.action}`")
    except Unsupported as error:
        return Trial(region, words, Result.SKIPPED, f"this endpoint can't: {error.message}")
    except _NotHere as error:
        return Trial(region, words, Result.SKIPPED, error.message)
    except KeywrightError as error:
        return Trial(region, words, Result.FAILED, error.message)
    return Trial(region, words, Result.FAILED if wrong else Result.WORKED, wrong or "")


class _NotHere(KeywrightError):
    """What this machine can't do."""


@dataclass(frozen=True, slots=True)
class _Across:
    """A check by a replica of what the key's own Region made."""

    words: str
    run: Callable[[KeyService, KeyMetadata, bytes], str | None]


@dataclass(frozen=True, slots=True)
class _Use:
    """One way to use keys.

    Args:
        words: its name.
        run: tries it; says what is wrong, and hands out what a related key in another Region can check.
        across: that check; None where there is none.
    """

    words: str
    run: Callable[[KeyService, KeyMetadata, Callable[[bytes], None]], str | None]
    across: _Across | None = None


def _encrypt(service: KeyService, key: KeyMetadata, hand_out: Callable[[bytes], None]) -> str | None:
    ciphertext = service.encrypt(key.arn, _MESSAGE, algorithm=_encrypting(key), context=_context(key))
    hand_out(ciphertext)
    return _decrypt(service, key, ciphertext)


def _decrypt(service: KeyService, key: KeyMetadata, ciphertext: bytes) -> str | None:
    found = service.decrypt(key.arn, ciphertext, algorithm=_encrypting(key), context=_context(key))
    return None if found == _MESSAGE else "what was decrypted isn't what was encrypted"


def _encrypting(key: KeyMetadata) -> EncryptionAlgorithmSpecType:
    symmetric = key.spec == "SYMMETRIC_DEFAULT"
    return cast("EncryptionAlgorithmSpecType", key.spec if symmetric else _listed(key.encryption_algorithms)[-1])


def _context(key: KeyMetadata) -> dict[str, str] | None:
    """An encryption context, which symmetric keys alone take."""
    return _CONTEXT if key.spec == "SYMMETRIC_DEFAULT" else None


def _sign(service: KeyService, key: KeyMetadata, hand_out: Callable[[bytes], None]) -> str | None:
    signature = service.sign(key.arn, _MESSAGE, algorithm=_signing(key))
    hand_out(signature)
    wrong = _check(service, key, signature)
    if wrong is None and service.verify(key.arn, _MESSAGE + b"!", signature, algorithm=_signing(key)):
        return "KMS accepts the signature for another message"
    return wrong


def _check(service: KeyService, key: KeyMetadata, signature: bytes) -> str | None:
    valid = service.verify(key.arn, _MESSAGE, signature, algorithm=_signing(key))
    return None if valid else "KMS doesn't accept the signature"


def _signing(key: KeyMetadata) -> SigningAlgorithmSpecType:
    """An algorithm that takes a whole message, not only a digest of it."""
    whole = [name for name in _listed(key.signing_algorithms) if "_PH_" not in name]
    return cast("SigningAlgorithmSpecType", whole[0])


def _mac(service: KeyService, key: KeyMetadata, hand_out: Callable[[bytes], None]) -> str | None:
    algorithm = _authenticating(key)
    mac = service.generate_mac(key.arn, _MESSAGE, algorithm=algorithm)
    hand_out(mac)
    return _check_mac(service, key, mac)


def _check_mac(service: KeyService, key: KeyMetadata, mac: bytes) -> str | None:
    accepted = service.verify_mac(key.arn, _MESSAGE, mac, algorithm=_authenticating(key))
    return None if accepted else "KMS doesn't accept the MAC"


def _authenticating(key: KeyMetadata) -> MacAlgorithmSpecType:
    return cast("MacAlgorithmSpecType", _listed(key.mac_algorithms)[0])


def _listed(algorithms: tuple[str, ...]) -> tuple[str, ...]:
    if not algorithms:
        raise _NotHere("the endpoint names no algorithm of this key")
    return algorithms


def _agree(service: KeyService, key: KeyMetadata, _: Callable[[bytes], None]) -> str | None:
    try:
        from keywright._internal.lifecycle.key_agreement import Partner  # noqa: PLC0415 - cryptography is an extra
    except ImportError:
        raise _NotHere(f"the package `cryptography` isn't installed: {install_command('sandbox')}") from None
    partner = Partner.on_curve_of(key.spec)
    if partner is None:
        raise _NotHere(f"a partner's key for {key.spec} can't be made here")
    shared = service.derive_shared_secret(key.arn, partner.public_key)
    return None if shared == partner.secret_with(service.public_key(key.arn)) else "the two secrets differ"


_USES = {
    "ENCRYPT_DECRYPT": _Use("encrypt and decrypt", _encrypt, _Across("cross-Region decrypt", _decrypt)),
    "SIGN_VERIFY": _Use("sign and verify", _sign, _Across("cross-Region verify", _check)),
    "GENERATE_VERIFY_MAC": _Use("generate and verify a MAC", _mac, _Across("cross-Region verify MAC", _check_mac)),
    "KEY_AGREEMENT": _Use("derive a shared secret", _agree),
}

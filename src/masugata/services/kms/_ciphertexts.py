"""What is decrypted and what is encrypted: by which key, algorithm and material, and in which context."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from masugata.authorization.resources.kms import key_of_ciphertext, missing
from masugata.call import Call, Pool
from masugata.engines.keys import (
    SYMMETRIC_DEFAULT,
    InvalidCiphertextError,
    canonical_context,
    header_of,
    is_external,
)
from masugata.errors import AwsError
from masugata.keeper import Material
from masugata.services.kms._common import Found, current_material, find, material_record, usable_material
from masugata.services.kms._external_keys import bound, opened_by_proxy, sealed_by_proxy
from masugata.services.kms._use import (
    check_algorithm,
    check_use,
    key_in_use,
)

_USAGE: Final = "ENCRYPT_DECRYPT"


class Source(NamedTuple):
    """A ciphertext to decrypt, without what a proxy put around it; `context` is what it is bound to."""

    found: Found
    algorithm: str
    material: Material
    ciphertext: bytes
    context: bytes


class Target(NamedTuple):
    """What to encrypt under; `context` is what the ciphertext is to be bound to."""

    found: Found
    algorithm: str
    material: Material
    context: bytes


def slow_decryption(request: Mapping[str, Any]) -> Pool | None:
    """RSA takes milliseconds to decrypt."""
    algorithm = request.get("EncryptionAlgorithm") or request.get("SourceEncryptionAlgorithm")
    return None if algorithm in {None, SYMMETRIC_DEFAULT} else Pool.CRYPTOGRAPHY


def source(
    call: Call,
    request: Mapping[str, Any],
    name: str | None,
    algorithm: str,
    context: Mapping[str, str] | None,
) -> Source:
    """The ciphertext of a request and what decrypts it; one of a symmetric key names its key itself.

    Raises what `check_use` raises, ValidationException, InvalidCiphertextException, IncorrectKeyException.
    """
    ciphertext = request.get("CiphertextBlob")
    if ciphertext is None:
        raise missing("ciphertextBlob")
    if algorithm != SYMMETRIC_DEFAULT:
        found = source_key(call, request, name, algorithm)
        material = current_material(call, *found)
        return Source(found, algorithm, material, ciphertext, _canonical(found, algorithm, context))
    try:
        header = header_of(ciphertext)
    except InvalidCiphertextError:
        raise invalid_ciphertext() from None
    found = find(call, name or key_of_ciphertext(ciphertext, call.partition, call.records, call.region))
    if found.key.id != header.key_id:
        message = "The key ID in the request does not identify a CMK that can perform this operation."
        raise AwsError("IncorrectKeyException", message, 400)
    check_use(call, request, found, _USAGE)
    if is_external(ciphertext) != bool(found.key.custom_key_store):
        # What a proxy gives back is half of a ciphertext: it must not pass for a whole one.
        raise invalid_ciphertext()
    context_bytes = bound(found.key, header.material_id, _canonical(found, algorithm, context))
    record = material_record(call.records, *found, header.material_id)
    if record is None:
        raise invalid_ciphertext()
    material = usable_material(call, *found, record)
    if found.key.custom_key_store:
        ciphertext = opened_by_proxy(call, found, ciphertext, context_bytes)
    return Source(found, algorithm, material, ciphertext, context_bytes)


def source_key(call: Call, request: Mapping[str, Any], name: str | None, algorithm: str) -> Found:
    """The key that is to decrypt, where no ciphertext tells it; raises as `source`."""
    if name is None:
        raise missing("keyId")
    found = key_in_use(call, request, name, _USAGE)
    check_algorithm(found.key, algorithm)
    return found


def ignores_ciphertext(request: Mapping[str, Any]) -> bool:
    """Whether a dry run is to be without a look at the ciphertext; raises ValidationException."""
    modifiers = request.get("DryRunModifiers")
    if modifiers and not request.get("DryRun"):
        raise AwsError("ValidationError", "DryRunModifiers can only be specified when DryRun is true.", 400)
    return bool(modifiers)


def target(
    call: Call,
    request: Mapping[str, Any],
    name: str,
    algorithm: str,
    context: Mapping[str, str] | None,
) -> Target:
    """What to encrypt under; raises what `check_use` raises, and ValidationException."""
    found = key_in_use(call, request, name, _USAGE)
    canonical = _canonical(found, algorithm, context)
    material = current_material(call, *found)
    return Target(found, algorithm, material, bound(found.key, material.material_id, canonical))


def finished(call: Call, under: Target, ciphertext: bytes) -> bytes:
    """A ciphertext as it is given out: that of a key in an external key store its proxy encrypts again."""
    if not under.found.key.custom_key_store:
        return ciphertext
    return sealed_by_proxy(call, under.found, under.material.material_id, ciphertext, under.context)


def invalid_ciphertext() -> AwsError:
    """What is wrong with a ciphertext, AWS does not say."""
    return AwsError("InvalidCiphertextException", "", 400)


def _canonical(found: Found, algorithm: str, context: Mapping[str, str] | None) -> bytes:
    check_algorithm(found.key, algorithm)
    if context and algorithm != SYMMETRIC_DEFAULT:
        message = "EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs."
        raise AwsError("ValidationError", message, 400)
    return canonical_context(context or {})

"""What CreateKey asks for, checked, and the material for it.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
"""

import uuid
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from masugata.call import Call, Pool
from masugata.engines.keys import KEY_SPECS, SYMMETRIC_DEFAULT, UNSUPPORTED
from masugata.errors import AwsError
from masugata.keeper import Material
from masugata.services.kms._common import invalid, unsupported
from masugata.services.kms._external_keys import check_external_key, check_key_name

AWS_KMS: Final = "AWS_KMS"
EXTERNAL: Final = "EXTERNAL"
EXTERNAL_KEY_STORE: Final = "EXTERNAL_KEY_STORE"
_CLOUD_HSM: Final = "AWS_CLOUDHSM"
_ENCRYPT_DECRYPT: Final = "ENCRYPT_DECRYPT"


class Wanted(NamedTuple):
    """What kind of key it is to be."""

    spec: str
    usage: str
    origin: str
    multi_region: bool


class Prepared(NamedTuple):
    """The id of a key that is to be created, and its material, if it has some of its own from the start."""

    key_id: str
    material: Material | None


def wanted(request: Mapping[str, Any]) -> Wanted:
    """What kind of key a CreateKeyRequest asks for.

    Raises ValidationException for what does not fit together, and UnsupportedOperationException for what
    cannot be made here.
    """
    spec = _spec(request)
    found = Wanted(
        spec, _usage(request, spec), request.get("Origin", AWS_KMS), bool(request.get("MultiRegion"))
    )
    if spec in UNSUPPORTED:
        raise _spec_unsupported(spec)
    if found.origin == _CLOUD_HSM:
        raise unsupported("Keys in AWS CloudHSM key stores are not supported.")
    _check_key_store(request, found)
    return found


def prepare(call: Call, request: Mapping[str, Any]) -> Prepared:
    """An id and material for a key that is to be created, before the writer is asked for: RSA takes long.

    Nothing is stored; whatever becomes of the call, material that it does not store is gone with it.
    """
    spec, usage, origin, multi_region = wanted(request)
    key_id = _new_id(call, multi_region=multi_region)
    if origin == EXTERNAL_KEY_STORE:
        check_external_key(call, request["CustomKeyStoreId"], request["XksKeyId"])
    if origin == EXTERNAL:
        return Prepared(key_id, None)
    return Prepared(key_id, call.keeper.materials.generate(call.account, key_id, spec, usage))


def slow_creation(request: Mapping[str, Any]) -> Pool | None:
    """A key of an external key store is asked for at its proxy."""
    return Pool.NETWORK if request.get("Origin") == EXTERNAL_KEY_STORE else None


def _new_id(call: Call, *, multi_region: bool) -> str:
    made = uuid.UUID(bytes=call.random(16), version=4)
    return f"mrk-{made.hex}" if multi_region else str(made)


def _spec(request: Mapping[str, Any]) -> str:
    if "KeySpec" in request and "CustomerMasterKeySpec" in request:
        raise invalid(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated."
        )
    spec: str = request.get("KeySpec") or request.get("CustomerMasterKeySpec") or SYMMETRIC_DEFAULT
    if spec not in KEY_SPECS:
        raise _spec_unsupported(spec)
    return spec


def _usage(request: Mapping[str, Any], spec: str) -> str:
    usage: str | None = request.get("KeyUsage")
    if usage is None:
        if spec != SYMMETRIC_DEFAULT:
            raise invalid(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
            )
        return _ENCRYPT_DECRYPT
    if usage not in KEY_SPECS[spec].usages:
        raise invalid(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    return usage


def _check_key_store(request: Mapping[str, Any], found: Wanted) -> None:
    """Only keys of an external key store have one, and those are of one kind."""
    store, external = "CustomKeyStoreId" in request, "XksKeyId" in request
    if found.origin != EXTERNAL_KEY_STORE:
        if store or external:
            name = "CustomKeyStoreId" if store else "XksKeyId"
            raise invalid(f"{name} is not valid for KMS keys with an Origin of {found.origin}.")
        return
    if not (store and external):
        raise invalid("CustomKeyStoreId and XksKeyId are required for an Origin of EXTERNAL_KEY_STORE.")
    check_key_name(request["XksKeyId"])
    if found.spec != SYMMETRIC_DEFAULT:
        raise invalid(f"KeySpec {found.spec} is not supported for Origin EXTERNAL_KEY_STORE")
    if found.multi_region:
        raise unsupported("Multi-Region keys cannot be created in a custom key store.")


def _spec_unsupported(spec: str) -> AwsError:
    return unsupported(f"KeySpec {spec} is not supported.")

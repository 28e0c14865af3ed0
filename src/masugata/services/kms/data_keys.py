"""GenerateDataKey and GenerateDataKeyPair, both with and without the plaintext."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from masugata.call import Call, Pool
from masugata.engines.keys import SYMMETRIC_DEFAULT, UNSUPPORTED, canonical_context
from masugata.errors import AwsError
from masugata.keeper import DataKey, DataKeyPair, Material
from masugata.services.kms._common import Found, arn, current_material, find
from masugata.services.kms._external_keys import bound, sealed_by_proxy
from masugata.services.kms._use import check_use, finish, in_keeper, refuse_dry_run

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_USAGE: Final = "ENCRYPT_DECRYPT"
_SIZES: Final = {"AES_128": 16, "AES_256": 32}
_UNSUPPORTED: Final = {**UNSUPPORTED, "SM2": "it is of China Regions only"}


class _Wrapping(NamedTuple):
    """The key that data keys are encrypted under."""

    found: Found
    material: Material
    context: bytes


def slow_generation(request: Mapping[str, Any]) -> Pool | None:
    """An RSA key takes up to seconds to find."""
    return Pool.PREPARATION if request["KeyPairSpec"].startswith("RSA_") else None


def generate_data_key(
    call: Call, request: "shapes.GenerateDataKeyRequest"
) -> "shapes.GenerateDataKeyResponse":
    """A data key, in clear and encrypted under a symmetric key.

    Raises what `check_use` raises, and ValidationException.
    """
    wrapping, made = _data_key(call, request, with_plaintext=True)
    return {
        "CiphertextBlob": made.ciphertext,
        "Plaintext": made.plaintext,
        "KeyId": arn(call, *wrapping.found),
        "KeyMaterialId": wrapping.material.material_id,
    }


def generate_data_key_without_plaintext(
    call: Call, request: "shapes.GenerateDataKeyWithoutPlaintextRequest"
) -> "shapes.GenerateDataKeyWithoutPlaintextResponse":
    """A data key encrypted under a symmetric key; raises as `generate_data_key`."""
    wrapping, made = _data_key(call, request, with_plaintext=False)
    return {
        "CiphertextBlob": made.ciphertext,
        "KeyId": arn(call, *wrapping.found),
        "KeyMaterialId": wrapping.material.material_id,
    }


def generate_data_key_pair(
    call: Call, request: "shapes.GenerateDataKeyPairRequest"
) -> "shapes.GenerateDataKeyPairResponse":
    """A key pair, its private half in clear and encrypted under a symmetric key.

    Raises what `check_use` raises, and UnsupportedOperationException for pairs that are not built.
    """
    wrapping, made = _data_key_pair(call, request, with_plaintext=True)
    return {
        "PrivateKeyCiphertextBlob": made.ciphertext,
        "PrivateKeyPlaintext": made.private_key,
        "PublicKey": made.public_key,
        "KeyId": arn(call, *wrapping.found),
        "KeyPairSpec": request["KeyPairSpec"],
        "KeyMaterialId": wrapping.material.material_id,
    }


def generate_data_key_pair_without_plaintext(
    call: Call, request: "shapes.GenerateDataKeyPairWithoutPlaintextRequest"
) -> "shapes.GenerateDataKeyPairWithoutPlaintextResponse":
    """A key pair, its private half encrypted under a symmetric key; raises as `generate_data_key_pair`."""
    wrapping, made = _data_key_pair(call, request, with_plaintext=False)
    return {
        "PrivateKeyCiphertextBlob": made.ciphertext,
        "PublicKey": made.public_key,
        "KeyId": arn(call, *wrapping.found),
        "KeyPairSpec": request["KeyPairSpec"],
        "KeyMaterialId": wrapping.material.material_id,
    }


def _data_key(call: Call, request: Mapping[str, Any], *, with_plaintext: bool) -> tuple[_Wrapping, DataKey]:
    found = find(call, request["KeyId"])
    size = _size(request)
    wrapping = _wrapping(call, request, found)
    made = in_keeper(
        call.keeper.materials.generate_data_key,
        wrapping.material,
        size,
        wrapping.context,
        with_plaintext=with_plaintext,
    )
    if found.key.custom_key_store:
        material_id = wrapping.material.material_id
        made = made._replace(
            ciphertext=sealed_by_proxy(call, found, material_id, made.ciphertext, wrapping.context)
        )
    finish(call, request, found)
    return wrapping, made


def _data_key_pair(
    call: Call, request: Mapping[str, Any], *, with_plaintext: bool
) -> tuple[_Wrapping, DataKeyPair]:
    spec = request["KeyPairSpec"]
    found = find(call, request["KeyId"])
    if spec in _UNSUPPORTED:
        message = f"KeyPairSpec {spec} is not supported here: {_UNSUPPORTED[spec]}"
        raise AwsError("UnsupportedOperationException", message, 400)
    if found.key.custom_key_store:
        message = f"{arn(call, *found)} is in a custom key store, where there are no data key pairs."
        raise AwsError("UnsupportedOperationException", message, 400)
    wrapping = _wrapping(call, request, found)
    if request.get("DryRun"):
        refuse_dry_run()  # before seconds of work, in which no request could fail
    made = in_keeper(
        call.keeper.materials.generate_data_key_pair,
        wrapping.material,
        spec,
        wrapping.context,
        with_plaintext=with_plaintext,
    )
    finish(call, request, found)
    return wrapping, made


def _wrapping(call: Call, request: Mapping[str, Any], found: Found) -> _Wrapping:
    check_use(call, request, found, _USAGE)
    if found.key.spec != SYMMETRIC_DEFAULT:
        message = "You cannot generate a data key with an asymmetric CMK"
        raise AwsError("InvalidKeyUsageException", message, 400)
    material = current_material(call, *found)
    call.tells("keyMaterialId", material.material_id)
    canonical = canonical_context(request.get("EncryptionContext") or {})
    return _Wrapping(found, material, bound(found.key, material.material_id, canonical))


def _size(request: Mapping[str, Any]) -> int:
    """The size of a data key in bytes, said in one of two ways; raises ValidationException."""
    spec, size = request.get("KeySpec"), request.get("NumberOfBytes")
    if (spec is None) == (size is None):
        raise AwsError("ValidationError", "Please specify either number of bytes or key spec.", 400)
    return _SIZES[spec] if spec is not None else int(request["NumberOfBytes"])

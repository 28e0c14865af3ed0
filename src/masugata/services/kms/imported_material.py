"""Key material that is made elsewhere and imported.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from masugata.call import Call
from masugata.engines.keys import SYMMETRIC_DEFAULT, InvalidCiphertextError, InvalidInputError
from masugata.errors import AwsError
from masugata.keeper import Material
from masugata.records.kms import (
    CREATING,
    PENDING_DELETION,
    PENDING_REPLICA_DELETION,
    UPDATING,
    Key,
)
from masugata.services.kms._common import arn, check_state, invalid, material_record, unsupported
from masugata.services.kms._erasing import erase
from masugata.services.kms._import_tokens import open_token, seal_token
from masugata.services.kms._importing import store_imported
from masugata.services.kms._management import find_to_change

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_OAEP: Final = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
_AES: Final = ("RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256")
_LONGEST: Final = timedelta(days=365)
_SMALLEST_WRAPPED: Final = 16
"""Bytes that an AES key wraps at least, and a multiple of which half it is."""


def get_parameters_for_import(
    call: Call, request: "shapes.GetParametersForImportRequest"
) -> "shapes.GetParametersForImportResponse":
    """A public key under which key material can be wrapped within 24 hours, and the token that goes with it.

    Raises NotFoundException, KMSInvalidStateException, and UnsupportedOperationException for keys and
    algorithms that have nothing to do with it.
    """
    key = _external(call, request["KeyId"])
    check_state(call, call.account, key, CREATING, UPDATING, PENDING_DELETION, PENDING_REPLICA_DELETION)
    algorithm, spec = request["WrappingAlgorithm"], request["WrappingKeySpec"]
    _check_wrapping(key, algorithm, spec)
    wrapping = call.keeper.materials.wrapping_key(spec)
    token, expires = seal_token(call, key, wrapping, spec, algorithm)
    return {
        "KeyId": arn(call, call.account, key),
        "ImportToken": token,
        "PublicKey": wrapping.public_key,
        "ParametersValidTo": expires,
    }


def unwrapped(call: Call, request: "shapes.ImportKeyMaterialRequest") -> Material:
    """The material that is to be imported, unwrapped and sealed by the keeper, before the writer is asked."""
    key = _importable(call, request)
    token = open_token(call, key, request["ImportToken"])
    wrapped = request["EncryptedKeyMaterial"]
    behind = len(wrapped) - token.size
    fits = behind == 0 if token.algorithm in _OAEP else behind >= _SMALLEST_WRAPPED and behind % 8 == 0
    if not fits:
        raise invalid("Invalid encrypted key size.")
    try:
        return call.keeper.materials.import_wrapped(
            call.account, key.id, key.spec, key.usage, token.wrapping_key, token.algorithm, wrapped
        )
    except InvalidCiphertextError:
        raise AwsError("InvalidCiphertextException", "", 400) from None
    except InvalidInputError as error:
        raise AwsError("IncorrectKeyMaterialException", str(error), 400) from None


def import_key_material(
    call: Call, request: "shapes.ImportKeyMaterialRequest"
) -> "shapes.ImportKeyMaterialResponse":
    """Give a key material that was made elsewhere: its first, one to rotate to, or again what it had before.

    Raises NotFoundException, KMSInvalidStateException, UnsupportedOperationException, ValidationException,
    InvalidImportTokenException, ExpiredImportTokenException, InvalidCiphertextException for what does not
    unwrap, and IncorrectKeyMaterialException.
    """
    key = _importable(call, request)
    material: Material = call.prepared
    store_imported(call, key, material, request)
    response: shapes.ImportKeyMaterialResponse = {"KeyId": arn(call, call.account, key)}
    if key.spec == SYMMETRIC_DEFAULT:
        response["KeyMaterialId"] = material.material_id
    return response


def delete_imported_key_material(
    call: Call, request: "shapes.DeleteImportedKeyMaterialRequest"
) -> "shapes.DeleteImportedKeyMaterialResponse":
    """Erase imported material, by default the current one; the key waits for it to be imported again.

    Raises NotFoundException, KMSInvalidStateException and UnsupportedOperationException.
    """
    key = _external(call, request["KeyId"])
    check_state(call, call.account, key, CREATING, UPDATING)
    named = arn(call, call.account, key)
    material_id = request.get("KeyMaterialId") or key.current_material
    record = material_record(call.transaction, call.account, key, material_id)
    if record is not None:
        erase(call.transaction, call.account, key, record, call.now)
    elif "KeyMaterialId" in request:
        raise AwsError("NotFoundException", f"Key material '{material_id}' is not one of {named}.", 400)
    response: shapes.DeleteImportedKeyMaterialResponse = {"KeyId": named}
    if key.spec == SYMMETRIC_DEFAULT and material_id:
        response["KeyMaterialId"] = material_id
    return response


def _external(call: Call, name: str) -> Key:
    key = find_to_change(call, name)
    if key.origin != "EXTERNAL":
        named = arn(call, call.account, key)
        raise unsupported(f"{named} origin is {key.origin} which is not valid for this operation.")
    return key


def _check_wrapping(key: Key, algorithm: str, spec: str) -> None:
    """Raise UnsupportedOperationException where material of the key's spec is not wrapped this way."""
    if algorithm not in (*_OAEP, *_AES) or not spec.startswith("RSA_"):
        raise unsupported(f"The wrapping algorithm {algorithm} with a key of {spec} is not supported.")
    if key.spec.startswith("RSA_") and algorithm in _OAEP:
        raise unsupported(f"An RSA private key is wrapped by {_AES[1]} or {_AES[0]}, not by {algorithm}.")
    if key.spec == "ECC_NIST_P521" and algorithm in _OAEP and spec == "RSA_2048":
        raise unsupported("A key of RSA_2048 is too short to wrap key material of ECC_NIST_P521 directly.")
    if (key.spec == SYMMETRIC_DEFAULT or key.spec.startswith("HMAC_")) and algorithm in _AES:
        raise unsupported(f"{algorithm} wraps private keys; key material of {key.spec} takes {_OAEP[1]}.")


def _importable(call: Call, request: "shapes.ImportKeyMaterialRequest") -> Key:
    """The key into which the request may import, with all its members but those that are sealed checked."""
    key = _external(call, request["KeyId"])
    check_state(call, call.account, key, CREATING, PENDING_DELETION, PENDING_REPLICA_DELETION)
    _check_expiration(call, request)
    members = [name for name in ("ImportType", "KeyMaterialDescription", "KeyMaterialId") if name in request]
    if members and key.spec != SYMMETRIC_DEFAULT:
        raise invalid(f"The parameter {members[0]} is for symmetric encryption KMS keys only.")
    if "KeyMaterialId" in request and request.get("ImportType") == "NEW_KEY_MATERIAL":
        raise invalid(
            "The parameter KeyMaterialId cannot be specified with an ImportType of NEW_KEY_MATERIAL."
        )
    return key


def _check_expiration(call: Call, request: "shapes.ImportKeyMaterialRequest") -> None:
    model = request.get("ExpirationModel", "KEY_MATERIAL_EXPIRES")
    valid_to = request.get("ValidTo")
    if model == "KEY_MATERIAL_DOES_NOT_EXPIRE":
        if valid_to is not None:
            raise invalid(
                "The parameter ValidTo cannot be specified for a key with an expiration model of "
                "KEY_MATERIAL_DOES_NOT_EXPIRE"
            )
    elif valid_to is None:
        raise invalid("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
    elif valid_to <= call.now:
        raise invalid("ValidTo must be in the future")
    elif valid_to > call.now + _LONGEST:
        raise invalid("ValidTo must be within 365 days from now")

"""Encrypt and Decrypt."""

from typing import TYPE_CHECKING

from masugata.authorization.resources.kms import key_of_ciphertext
from masugata.call import Call
from masugata.engines.keys import (
    SYMMETRIC_DEFAULT,
    InvalidCiphertextError,
    canonical_context,
    header_of,
)
from masugata.errors import AwsError
from masugata.services.kms._common import (
    arn,
    check_usable,
    current_material,
    find,
    material_of,
    material_record,
)
from masugata.services.kms._last_usage import note_use

if TYPE_CHECKING:
    from masugata_types import kms as shapes


def encrypt(call: Call, request: "shapes.EncryptRequest") -> "shapes.EncryptResponse":
    """Encrypt up to 4096 bytes under a key."""
    account, key = find(call, request["KeyId"])
    check_usable(call, account, key)
    context = canonical_context(request.get("EncryptionContext") or {})
    material = current_material(call, account, key)
    blob = call.keeper.materials.encrypt(material, request["Plaintext"], context)
    note_use(call, account, key)
    return {
        "CiphertextBlob": blob,
        "KeyId": arn(call, account, key),
        "EncryptionAlgorithm": SYMMETRIC_DEFAULT,
    }


def decrypt(call: Call, request: "shapes.DecryptRequest") -> "shapes.DecryptResponse":
    """Decrypt a ciphertext, which names its key itself."""
    blob = request["CiphertextBlob"]
    try:
        header = header_of(blob)
    except InvalidCiphertextError as error:
        raise AwsError("InvalidCiphertextException", "", 400) from error
    name = request.get("KeyId") or key_of_ciphertext(blob, call.partition, call.records, call.region)
    account, key = find(call, name)
    check_usable(call, account, key)
    if key.id != header.key_id:
        raise AwsError(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
            400,
        )
    record = material_record(call, account, key, header.material_id)
    if record is None or not record.sealed:
        raise AwsError("InvalidCiphertextException", "", 400)
    context = canonical_context(request.get("EncryptionContext") or {})
    try:
        plaintext = call.keeper.materials.decrypt(
            material_of(account, key, record), SYMMETRIC_DEFAULT, blob, context
        )
    except InvalidCiphertextError as error:
        raise AwsError("InvalidCiphertextException", "", 400) from error
    note_use(call, account, key)
    return {
        "KeyId": arn(call, account, key),
        "Plaintext": plaintext,
        "EncryptionAlgorithm": SYMMETRIC_DEFAULT,
        "KeyMaterialId": record.id,
    }

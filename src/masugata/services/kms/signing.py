"""Sign and Verify."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call, Pool
from masugata.engines import keys
from masugata.errors import AwsError
from masugata.services.kms._common import Found, arn, current_material
from masugata.services.kms._use import (
    by_public_key,
    check_algorithm,
    finish,
    in_keeper,
    key_in_use,
)

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_USAGE: Final = "SIGN_VERIFY"
_RAW: Final = "RAW"
_ED25519: Final = "ED25519_"
_QUICK: Final = "ED25519_SHA_512"
_MESSAGE_TYPES: Final[Mapping[str, tuple[str, ...]]] = {
    "ED25519_SHA_512": ("RAW",),
    "ED25519_PH_SHA_512": ("DIGEST",),
    "ML_DSA_SHAKE_256": ("RAW", "EXTERNAL_MU"),
}
_HASHED: Final = ("RAW", "DIGEST")


def slow_signing(request: Mapping[str, Any]) -> Pool | None:
    """All but Ed25519 can take a millisecond; the request does not say which curve it is."""
    return None if request["SigningAlgorithm"] == _QUICK else Pool.CRYPTOGRAPHY


def slow_verification(request: Mapping[str, Any]) -> Pool | None:
    """ECDSA and ML-DSA take as long to verify; RSA is quick at it."""
    algorithm = request["SigningAlgorithm"]
    return None if algorithm == _QUICK or algorithm.startswith("RSASSA_") else Pool.CRYPTOGRAPHY


def sign(call: Call, request: "shapes.SignRequest") -> "shapes.SignResponse":
    """Sign a message of up to 4096 bytes, its digest, or (ML-DSA) its representative mu.

    Raises what `check_use` raises, and ValidationException.
    """
    found = _key(call, request)
    algorithm, message_type = request["SigningAlgorithm"], request.get("MessageType", _RAW)
    material = current_material(call, *found)
    signature = in_keeper(call.keeper.materials.sign, material, algorithm, request["Message"], message_type)
    finish(call, request, found)
    return {"KeyId": arn(call, *found), "Signature": signature, "SigningAlgorithm": algorithm}


def verify(call: Call, request: "shapes.VerifyRequest") -> "shapes.VerifyResponse":
    """Say that a signature is right; raises KMSInvalidSignatureException if it is not, and as `sign`."""
    found = _key(call, request)
    algorithm, message_type = request["SigningAlgorithm"], request.get("MessageType", _RAW)
    material = current_material(call, *found)  # a key without its material cannot verify either
    public_key = in_keeper(call.keeper.materials.public_key, material)
    try:
        by_public_key(
            keys.verify,
            found.key.spec,
            public_key,
            algorithm,
            request["Message"],
            message_type,
            request["Signature"],
        )
    except keys.InvalidSignatureError:
        raise AwsError("KMSInvalidSignatureException", "", 400) from None
    finish(call, request, found)
    return {"KeyId": arn(call, *found), "SignatureValid": True, "SigningAlgorithm": algorithm}


def _key(call: Call, request: Mapping[str, Any]) -> Found:
    """The key, once algorithm and message fit it."""
    found = key_in_use(call, request, request["KeyId"], _USAGE)
    algorithm, message_type = request["SigningAlgorithm"], request.get("MessageType", _RAW)
    check_algorithm(found.key, algorithm)
    if message_type not in _MESSAGE_TYPES.get(algorithm, _HASHED):
        signer = f"algorithm {algorithm}" if algorithm.startswith(_ED25519) else f"key spec {found.key.spec}"
        message = f"Message type {message_type} is incompatible with {signer}."
        raise AwsError("ValidationError", message, 400)
    by_public_key(keys.check_message, algorithm, request["Message"], message_type)
    return found

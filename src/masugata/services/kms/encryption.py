"""Encrypt, Decrypt and ReEncrypt."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.engines import keys
from masugata.engines.keys import SYMMETRIC_DEFAULT
from masugata.services.kms._ciphertexts import (
    Target,
    finished,
    ignores_ciphertext,
    source,
    source_key,
    target,
)
from masugata.services.kms._common import arn
from masugata.services.kms._use import by_public_key, finish, in_keeper, refuse_dry_run

if TYPE_CHECKING:
    from masugata_types import kms as shapes


def encrypt(call: Call, request: "shapes.EncryptRequest") -> "shapes.EncryptResponse":
    """Encrypt up to 4096 bytes under a symmetric key, or what RSA takes under the public half of one.

    Raises what `check_use` raises, and ValidationException.
    """
    algorithm = request.get("EncryptionAlgorithm", SYMMETRIC_DEFAULT)
    under = target(call, request, request["KeyId"], algorithm, request.get("EncryptionContext"))
    ciphertext = _encrypted(call, under, request["Plaintext"])
    if algorithm == SYMMETRIC_DEFAULT:
        call.tells("keyMaterialId", under.material.material_id)
    finish(call, request, under.found)
    return {"CiphertextBlob": ciphertext, "KeyId": arn(call, *under.found), "EncryptionAlgorithm": algorithm}


def decrypt(call: Call, request: "shapes.DecryptRequest") -> "shapes.DecryptResponse":
    """Decrypt a ciphertext; raises what `source` raises."""
    name, algorithm = request.get("KeyId"), request.get("EncryptionAlgorithm", SYMMETRIC_DEFAULT)
    if ignores_ciphertext(request):
        source_key(call, request, name, algorithm)
        refuse_dry_run()
    given = source(call, request, name, algorithm, request.get("EncryptionContext"))
    plaintext = in_keeper(
        call.keeper.materials.decrypt, given.material, algorithm, given.ciphertext, given.context
    )
    answer: shapes.DecryptResponse = {
        "KeyId": arn(call, *given.found),
        "Plaintext": plaintext,
        "EncryptionAlgorithm": algorithm,
    }
    if algorithm == SYMMETRIC_DEFAULT:
        answer["KeyMaterialId"] = given.material.material_id
        call.tells("keyMaterialId", given.material.material_id)
    finish(call, request, given.found)
    return answer


def re_encrypt(call: Call, request: "shapes.ReEncryptRequest") -> "shapes.ReEncryptResponse":
    """Decrypt a ciphertext and encrypt it again, under another key or in another context.

    Raises what `source` raises for either key.
    """
    name, algorithm = request.get("SourceKeyId"), request.get("SourceEncryptionAlgorithm", SYMMETRIC_DEFAULT)
    to_algorithm = request.get("DestinationEncryptionAlgorithm", SYMMETRIC_DEFAULT)
    to_name, to_context = request["DestinationKeyId"], request.get("DestinationEncryptionContext")
    if ignores_ciphertext(request):
        source_key(call, request, name, algorithm)
        target(call, request, to_name, to_algorithm, to_context)
        refuse_dry_run()
    given = source(call, request, name, algorithm, request.get("SourceEncryptionContext"))
    under = target(call, request, to_name, to_algorithm, to_context)
    made = in_keeper(
        call.keeper.materials.re_encrypt,
        given.material,
        algorithm,
        given.ciphertext,
        given.context,
        under.material,
        to_algorithm,
        under.context,
    )
    answer: shapes.ReEncryptResponse = {
        "CiphertextBlob": finished(call, under, made),
        "SourceKeyId": arn(call, *given.found),
        "KeyId": arn(call, *under.found),
        "SourceEncryptionAlgorithm": algorithm,
        "DestinationEncryptionAlgorithm": to_algorithm,
    }
    if algorithm == SYMMETRIC_DEFAULT:
        answer["SourceKeyMaterialId"] = given.material.material_id
        call.tells("sourceKeyMaterialId", given.material.material_id)
    if to_algorithm == SYMMETRIC_DEFAULT:
        answer["DestinationKeyMaterialId"] = under.material.material_id
        call.tells("destinationKeyMaterialId", under.material.material_id)
    finish(call, request, given.found, under.found)
    return answer


def _encrypted(call: Call, under: Target, plaintext: bytes) -> bytes:
    """The ciphertext; raises ValidationException for more than RSA takes, KMSInternalException."""
    if under.algorithm == SYMMETRIC_DEFAULT:
        made = in_keeper(call.keeper.materials.encrypt, under.material, plaintext, under.context)
        return finished(call, under, made)
    public_key = in_keeper(call.keeper.materials.public_key, under.material)
    spec = under.found.key.spec
    return by_public_key(keys.encrypt_with_public_key, spec, public_key, under.algorithm, plaintext)

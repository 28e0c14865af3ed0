"""Encapsulate and Decapsulate."""

from typing import TYPE_CHECKING, Final

from masugata.call import Call
from masugata.engines import keys
from masugata.services.kms._common import arn, current_material
from masugata.services.kms._use import (
    by_public_key,
    check_algorithm,
    finish,
    in_keeper,
    key_in_use,
)

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_USAGE: Final = "ENCAPSULATE_DECAPSULATE"


def encapsulate(call: Call, request: "shapes.EncapsulateRequest") -> "shapes.EncapsulateResponse":
    """A new shared secret, and the ciphertext that gives it to the key; raises what `check_use` raises."""
    found = key_in_use(call, request, request["KeyId"], _USAGE)
    check_algorithm(found.key, request["EncapsulationAlgorithm"])
    material = current_material(call, *found)  # nothing is encapsulated that could not be decapsulated
    public_key = in_keeper(call.keeper.materials.public_key, material)
    made = by_public_key(keys.encapsulate, found.key.spec, public_key)
    finish(call, request, found)
    return {
        "KeyId": arn(call, *found),
        "SharedSecret": made.shared_secret,
        "SharedSecretCiphertextBlob": made.ciphertext,
        "EncapsulationAlgorithm": request["EncapsulationAlgorithm"],
    }


def decapsulate(call: Call, request: "shapes.DecapsulateRequest") -> "shapes.DecapsulateResponse":
    """The shared secret of a ciphertext; one that was not made for the key gives a secret nobody knows.

    Raises what `check_use` raises, and InvalidCiphertextException for one of the wrong length.
    """
    found = key_in_use(call, request, request["KeyId"], _USAGE)
    check_algorithm(found.key, request["EncapsulationAlgorithm"])
    material = current_material(call, *found)
    secret = in_keeper(call.keeper.materials.decapsulate, material, request["SharedSecretCiphertextBlob"])
    finish(call, request, found)
    return {
        "KeyId": arn(call, *found),
        "SharedSecret": secret,
        "EncapsulationAlgorithm": request["EncapsulationAlgorithm"],
    }

"""DeriveSharedSecret."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call, Pool
from masugata.services.kms._common import arn, current_material
from masugata.services.kms._use import check_algorithm, finish, in_keeper, key_in_use

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_USAGE: Final = "KEY_AGREEMENT"


def slow_agreement(_request: Mapping[str, Any]) -> Pool | None:
    """P-384 and P-521 take near a millisecond; the request does not say which curve it is."""
    return Pool.CRYPTOGRAPHY


def derive_shared_secret(
    call: Call, request: "shapes.DeriveSharedSecretRequest"
) -> "shapes.DeriveSharedSecretResponse":
    """The ECDH secret with somebody's public key on the same curve, the x-coordinate as it is.

    Raises what `check_use` raises, and ValidationException for a public key that does not fit.
    """
    found = key_in_use(call, request, request["KeyId"], _USAGE)
    check_algorithm(found.key, request["KeyAgreementAlgorithm"])
    material = current_material(call, *found)
    secret = in_keeper(call.keeper.materials.derive_shared_secret, material, request["PublicKey"])
    finish(call, request, found)
    return {
        "KeyId": arn(call, *found),
        "SharedSecret": secret,
        "KeyAgreementAlgorithm": request["KeyAgreementAlgorithm"],
        "KeyOrigin": found.key.origin,
    }

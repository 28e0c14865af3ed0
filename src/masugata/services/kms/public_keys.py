"""GetPublicKey."""

from typing import TYPE_CHECKING

from masugata.call import Call
from masugata.engines.keys import KEY_SPECS
from masugata.errors import AwsError
from masugata.services.kms._common import arn, check_usable, current_material, find
from masugata.services.kms._metadata import algorithms
from masugata.services.kms._use import in_keeper

if TYPE_CHECKING:
    from masugata_types import kms as shapes


def get_public_key(call: Call, request: "shapes.GetPublicKeyRequest") -> "shapes.GetPublicKeyResponse":
    """The public half of an asymmetric key, as DER (SubjectPublicKeyInfo).

    Raises NotFoundException, InvalidArnException, DisabledException, KMSInvalidStateException,
    UnsupportedOperationException for a key without a public half, and KMSInternalException.
    """
    found = find(call, request["KeyId"])
    key = found.key
    if not KEY_SPECS[key.spec].asymmetric:
        message = f"{arn(call, *found)} key spec is {key.spec} which is not valid for GetPublicKey."
        raise AwsError("UnsupportedOperationException", message, 400)
    check_usable(call, *found)
    answer: shapes.GetPublicKeyResponse = {
        "KeyId": arn(call, *found),
        "PublicKey": in_keeper(call.keeper.materials.public_key, current_material(call, *found)),
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "KeyUsage": key.usage,
    }
    name, values = algorithms(key)
    answer[name] = values  # type: ignore[literal-required]
    return answer

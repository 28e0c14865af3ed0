"""GenerateMac and VerifyMac."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call
from masugata.errors import AwsError
from masugata.keeper import Material
from masugata.services.kms._common import Found, arn, current_material
from masugata.services.kms._use import check_algorithm, finish, in_keeper, key_in_use

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_USAGE: Final = "GENERATE_VERIFY_MAC"


def generate_mac(call: Call, request: "shapes.GenerateMacRequest") -> "shapes.GenerateMacResponse":
    """The HMAC of up to 4096 bytes; raises what `check_use` raises."""
    found, material = _key(call, request)
    mac = in_keeper(call.keeper.materials.generate_mac, material, request["Message"])
    finish(call, request, found)
    return {"Mac": mac, "MacAlgorithm": request["MacAlgorithm"], "KeyId": arn(call, *found)}


def verify_mac(call: Call, request: "shapes.VerifyMacRequest") -> "shapes.VerifyMacResponse":
    """Say that an HMAC is right; raises KMSInvalidMacException if it is not, and as `generate_mac`."""
    found, material = _key(call, request)
    if not in_keeper(call.keeper.materials.verify_mac, material, request["Message"], request["Mac"]):
        raise AwsError("KMSInvalidMacException", "", 400)
    finish(call, request, found)
    return {"KeyId": arn(call, *found), "MacValid": True, "MacAlgorithm": request["MacAlgorithm"]}


def _key(call: Call, request: Mapping[str, Any]) -> tuple[Found, Material]:
    found = key_in_use(call, request, request["KeyId"], _USAGE)
    check_algorithm(found.key, request["MacAlgorithm"])
    return found, current_material(call, *found)

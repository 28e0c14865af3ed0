"""Operations on key policies; a key has one, which is named `default`."""

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from masugata.call import Call
from masugata.errors import AwsError
from masugata.services.kms._common import find_own, page
from masugata.services.kms._key_policies import check_lockout, shown_key_policy, stored_key_policy
from masugata.services.kms._management import find_to_change, save

if TYPE_CHECKING:
    from masugata_types import kms as shapes

_DEFAULT: Final = "default"
_AWS_RAM: Final = "AWS_RAM"


def get_key_policy(call: Call, request: "shapes.GetKeyPolicyRequest") -> "shapes.GetKeyPolicyResponse":
    """The policy of a key; raises NotFoundException for another name than `default`."""
    key = find_own(call, request["KeyId"])
    if request.get("PolicyName", _DEFAULT) != _DEFAULT:
        raise _no_such_policy()
    return {"Policy": shown_key_policy(call, key.policy), "PolicyName": _DEFAULT}


def list_key_policies(
    call: Call, request: "shapes.ListKeyPoliciesRequest"
) -> "shapes.ListKeyPoliciesResponse":
    """The name of a key's policy; raises InvalidMarkerException."""
    find_own(call, request["KeyId"])
    names, end = page(call, request, [_DEFAULT], str)
    return {"PolicyNames": names, **end}


def put_key_policy(call: Call, request: "shapes.PutKeyPolicyRequest") -> dict[str, Any]:
    """Give a key another policy, in any state of it.

    Raises what `stored_key_policy` and `check_lockout` raise, and NotFoundException for another name
    than `default`.
    """
    key = find_to_change(call, request["KeyId"])
    name = request.get("PolicyName", _DEFAULT)
    if name == _AWS_RAM:
        raise AwsError("ValidationError", "The AWS_RAM policy can only be managed by the RAM service", 400)
    if name != _DEFAULT:
        raise _no_such_policy()
    changed = replace(key, policy=stored_key_policy(call, request["Policy"]))
    save(call, changed)
    check_lockout(call, changed, request)
    return {}


def _no_such_policy() -> AwsError:
    return AwsError("NotFoundException", "No such policy exists", 400)

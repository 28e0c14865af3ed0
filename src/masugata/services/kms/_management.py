"""Finding the key that an operation is to change."""

from masugata.call import Call
from masugata.errors import AwsError
from masugata.records.kms import AWS, KEY, Key
from masugata.services.kms._common import arn, find_own


def find_to_change(call: Call, name: str) -> Key:
    """The caller's own key, to be changed; see `find_own`. Raises AccessDeniedException for one of AWS's.

    The policy of such a key allows nobody to change it either; here it is so whatever a policy says.
    """
    key = find_own(call, name)
    if key.manager == AWS:
        raise AwsError(
            "AccessDenied",
            f"User: {call.caller.arn} is not authorized to perform: kms:{call.operation} on resource: "
            f"{arn(call, call.account, key)} because it is an AWS managed key",
            403,
        )
    return key


def save(call: Call, key: Key) -> None:
    """Store a changed key of the caller's account."""
    call.transaction.put(KEY, call.account, key, key.region)

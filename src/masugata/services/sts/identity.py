"""Who is this? GetCallerIdentity, GetAccessKeyInfo and DecodeAuthorizationMessage."""

import binascii
import zlib
from typing import TYPE_CHECKING

from masugata.authorization.authorizer import decode_message
from masugata.call import Call
from masugata.errors import AwsError
from masugata.identity.identifiers import account_of_access_key
from masugata.keeper import SealBrokenError
from masugata.records.iam import ACCESS_KEY

if TYPE_CHECKING:
    from masugata_types.sts import (
        DecodeAuthorizationMessageRequest,
        DecodeAuthorizationMessageResponse,
        GetAccessKeyInfoRequest,
        GetAccessKeyInfoResponse,
        GetCallerIdentityRequest,
        GetCallerIdentityResponse,
    )


def get_caller_identity(call: Call, _request: "GetCallerIdentityRequest") -> "GetCallerIdentityResponse":
    """Who signed this call; needs no permission."""
    return {"UserId": call.caller.user_id, "Account": call.account, "Arn": call.caller.arn}


def get_access_key_info(call: Call, request: "GetAccessKeyInfoRequest") -> "GetAccessKeyInfoResponse":
    """The account of an access key; the account is part of the key id, whoever asks."""
    key_id = request["AccessKeyId"]
    found = call.records.by_name(ACCESS_KEY, "id", key_id)
    account = found[0] if found else account_of_access_key(key_id)
    if account is None:
        raise AwsError("ValidationError", f"The access key id {key_id} names no account.")
    return {"Account": account}


def decode_authorization_message(
    call: Call, request: "DecodeAuthorizationMessageRequest"
) -> "DecodeAuthorizationMessageResponse":
    """What a denial of this account was about, in JSON."""
    try:
        message = decode_message(request["EncodedMessage"], call.account, call.keeper)
    except (binascii.Error, ValueError, SealBrokenError, zlib.error) as error:
        raise AwsError(
            "InvalidAuthorizationMessageException",
            "The message could not be decoded: it is not an authorization message of this account.",
        ) from error
    return {"DecodedMessage": message}

"""What every use of a key begins and ends with, and what can go wrong where its material is."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, ParamSpec, TypeVar

from masugata.call import Call
from masugata.engines import keys
from masugata.engines.keys import KEY_SPECS
from masugata.errors import AwsError
from masugata.keeper import InvalidInputError, SealBrokenError
from masugata.records.kms import Key
from masugata.services.kms._common import (
    Found,
    arn,
    check_usable,
    find,
)
from masugata.services.kms._external_keys import store_of
from masugata.services.kms._last_usage import note_use

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def key_in_use(call: Call, request: Mapping[str, Any], name: str, usage: str) -> Found:
    """The key that an operation is to use; raises NotFoundException, InvalidArnException, as `check_use`."""
    found = find(call, name)
    check_use(call, request, found, usage)
    return found


def check_use(call: Call, request: Mapping[str, Any], found: Found, usage: str) -> None:
    """A key must be for `usage`, and such that it can be used now.

    Raises InvalidKeyUsageException, DisabledException, KMSInvalidStateException, and
    UnsupportedOperationException for a Recipient.
    """
    check_no_recipient(request)
    if found.key.usage != usage:
        raise AwsError(
            "InvalidKeyUsageException",
            f"{arn(call, *found)} key usage is {found.key.usage} which is not valid for {call.operation}.",
            400,
        )
    check_usable(call, *found)
    check_key_store(call, *found)


def check_no_recipient(request: Mapping[str, Any]) -> None:
    """Raise UnsupportedOperationException for an attested recipient: none can be attested here."""
    if request.get("Recipient") is not None:
        message = "Recipient is not supported: attestation documents are those of AWS Nitro systems."
        raise AwsError("UnsupportedOperationException", message, 400)


def check_key_store(call: Call, account: str, key: Key) -> None:
    """Raise KMSInvalidStateException for a key whose custom key store is not connected.

    What is done with other keys of external key stores has to wait for their proxies, elsewhere.
    """
    if key.custom_key_store:
        store_of(call, account, key)
        call.wait_for_others()


def check_algorithm(key: Key, algorithm: str) -> None:
    """Raise InvalidKeyUsageException for an algorithm that keys of this spec and usage do not have."""
    if algorithm not in KEY_SPECS[key.spec].algorithms[key.usage]:
        raise AwsError(
            "InvalidKeyUsageException",
            f"Algorithm {algorithm} is incompatible with key spec {key.spec}.",
            400,
        )


def in_keeper(
    operation: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Result:
    """What the keeper answers; its errors as those of KMS.

    Raises ValidationException and InvalidCiphertextException for what it was given,
    UnsupportedOperationException, and KMSInternalException for material that is not the key's. What the
    gateway says while the keeper cannot serve is left to it.
    """
    try:
        return operation(*arguments, **options)
    except keys.InvalidCiphertextError:
        raise AwsError("InvalidCiphertextException", "", 400) from None
    except (keys.InvalidInputError, InvalidInputError) as error:
        raise _refusal(error) from None
    except SealBrokenError as error:
        message = "The key material in the store is not that of this key, or was changed."
        raise AwsError("KMSInternalException", message, 500) from error


def by_public_key(
    operation: Callable[Arguments, Result], *arguments: Arguments.args, **options: Arguments.kwargs
) -> Result:
    """What is computed without a secret; raises ValidationException, UnsupportedOperationException."""
    try:
        return operation(*arguments, **options)
    except keys.InvalidInputError as error:
        raise _refusal(error) from None


def _refusal(error: Exception) -> AwsError:
    unsupported = isinstance(error, keys.UnsupportedError)
    return AwsError("UnsupportedOperationException" if unsupported else "ValidationError", str(error), 400)


def finish(call: Call, request: Mapping[str, Any], *used: Found) -> None:
    """Note the use of these keys, or say of a dry run that it would have been one.

    It comes after all else, so that a dry run fails wherever the request would have.
    """
    if request.get("DryRun"):
        refuse_dry_run()
    for account, key in used:
        note_use(call, account, key)


def refuse_dry_run() -> NoReturn:
    """What a dry run answers that would have succeeded."""
    message = "The request would have succeeded, but the DryRun option is set."
    raise AwsError("DryRunOperationException", message, 400)

"""What KMS operations act on, and the condition keys of keys.

A key that is not there is judged as if it had the default policy, so that whoever may use keys learns that
there is none; in another account it has no policy, and nobody learns anything.

Sources: the service authorization reference, and
https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from masugata.authorization import catalogue
from masugata.authorization.access import Access, ContextValue
from masugata.authorization.resources._key_grants import key_grants, key_to_retire
from masugata.authorization.resources.sts import request_tags
from masugata.engines.keys import InvalidCiphertextError, header_of
from masugata.errors import AwsError
from masugata.identity.caller import Caller
from masugata.records.kms import (
    AWS,
    InvalidKeyNameError,
    Key,
    KeyName,
    alias_arn,
    arn_of_key,
    find_key,
    key_arn,
    parse_key_name,
)
from masugata.store import Records

_FROM_CIPHERTEXT: Final = frozenset({"Decrypt"})


def accesses(
    operation: str, request: Mapping[str, Any], caller: Caller, records: Records, region: str
) -> list[Access]:
    """The permissions that a KMS operation needs; raises KeyError where there is no rule."""
    entry = catalogue.operation("kms", operation)
    if entry is None:
        raise KeyError(operation)
    found = []
    for name in entry.actions:
        action = catalogue.action(name)
        if action is None:
            raise KeyError(name)
        if not action.resource_types:
            context = {"kms:CallerAccount": caller.account, **request_tags(_with_iam_tags(request))}
            found.append(Access(action=name, resource="*", resource_account=None, context=context))
        else:
            found.append(_on_key(name, operation, request, caller, records, region))
    return found


def _on_key(
    name: str, operation: str, request: Mapping[str, Any], caller: Caller, records: Records, region: str
) -> Access:
    given = request.get("KeyId")
    if given is None and operation in _FROM_CIPHERTEXT:
        given = key_of_ciphertext(request["CiphertextBlob"], caller.partition, records, region)
    if given is None and operation == "RetireGrant":
        given = key_to_retire(request, caller.partition)
    if given is None:
        raise KeyError(operation)
    named = parsed(given, caller.account, region)
    key = find_key(records, named, region)
    return Access(
        action=name,
        resource=_arn(named, key, caller, region),
        resource_account=named.account,
        context=_context(key, named, request, caller),
        # What a key policy says of RetireGrant has no effect: the grant decides, and the key's account.
        resource_policy=(
            default_policy(named.account, caller.partition)
            if operation == "RetireGrant"
            else _policy(named, key, caller)
        ),
        key_grants=key_grants(key, named.account, caller, name, request, records),
        rcp_exempt=key is not None and key.manager == AWS,
    )


def parsed(name: str, account: str, region: str) -> KeyName:
    """What a key is called; raises NotFoundException or InvalidArnException for what is no name."""
    try:
        return parse_key_name(name, account, region)
    except InvalidKeyNameError as error:
        raise AwsError(
            "InvalidArnException" if error.arn else "NotFoundException", str(error), 400
        ) from error


def key_of_ciphertext(ciphertext: bytes, partition: str, records: Records, region: str) -> str:
    """The key that a ciphertext names, by its ARN if there is one; raises InvalidCiphertextException."""
    try:
        key_id = header_of(ciphertext).key_id
    except InvalidCiphertextError as error:
        raise AwsError("InvalidCiphertextException", "", 400) from error
    return arn_of_key(records, key_id, region, partition=partition) or key_id


def _arn(named: KeyName, key: Key | None, caller: Caller, region: str) -> str:
    if key is None and named.alias:
        return alias_arn(named.account, region, named.alias, partition=caller.partition)
    key_id = named.key_id if key is None else key.id
    return key_arn(named.account, region, key_id, partition=caller.partition)


def _policy(named: KeyName, key: Key | None, caller: Caller) -> str:
    if key is not None:
        return key.policy
    return default_policy(caller.account, caller.partition) if named.account == caller.account else ""


def default_policy(account: str, partition: str) -> str:
    """The key policy of a key that is created without one: it leaves everything to IAM policies."""
    return orjson.dumps(
        {
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [
                {
                    "Sid": "Enable IAM User Permissions",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        },
        option=orjson.OPT_INDENT_2,
    ).decode()


def _context(
    key: Key | None, named: KeyName, request: Mapping[str, Any], caller: Caller
) -> dict[str, ContextValue]:
    context: dict[str, ContextValue] = {"kms:CallerAccount": caller.account}
    context.update(request_tags(_with_iam_tags(request)))
    if named.alias:
        context["kms:RequestAlias"] = named.alias
    if key is not None:
        context["kms:KeySpec"] = key.spec
        context["kms:KeyUsage"] = key.usage
        context["kms:KeyOrigin"] = key.origin
        for tag in key.tags:
            context[f"aws:ResourceTag/{tag.key}"] = tag.value
    if encryption_context := request.get("EncryptionContext"):
        context["kms:EncryptionContextKeys"] = list(encryption_context)
        for part, value in encryption_context.items():
            context[f"kms:EncryptionContext:{part}"] = value
    return context


def _with_iam_tags(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """KMS says TagKey and TagValue where others say Key and Value."""
    tags = request.get("Tags")
    if not tags:
        return request
    return {**request, "Tags": [{"Key": tag["TagKey"], "Value": tag["TagValue"]} for tag in tags]}

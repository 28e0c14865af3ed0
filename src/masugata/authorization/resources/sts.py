"""What STS operations act on.

Sources: the service authorization reference for STS, and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html for the permissions that
passing tags and a source identity needs.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization import catalogue
from masugata.authorization.access import Access, ContextValue
from masugata.identity.caller import Caller
from masugata.records.account import ACCOUNT
from masugata.records.iam import ROLE, Role, iam_arn
from masugata.store import Records

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_NO_PERMISSION_NEEDED = frozenset({"GetCallerIdentity", "GetSessionToken"})
_FEDERATED = frozenset({"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
# Claims of any OpenID Connect issuer that a trust policy can compare; the catalogue knows those of some.
_CLAIMS = (":amr", ":aud", ":email", ":oaud", ":sub")
WEB_IDENTITY_SECONDS = 300
"""How long a token of GetWebIdentityToken lives unless it is asked otherwise."""
_NO_RESOURCE = frozenset({"DecodeAuthorizationMessage", "GetAccessKeyInfo", "GetDelegatedAccessToken"})


def accesses(
    operation: str, request: Mapping[str, Any], caller: Caller, records: Records, region: str
) -> list[Access]:
    """The permissions an STS operation needs; raises KeyError where there is no rule."""
    del region
    if operation in _NO_PERMISSION_NEEDED:
        return []
    if operation in _NO_RESOURCE:
        return [Access(action=f"sts:{operation}", resource="*", resource_account=None)]
    if operation == "AssumeRole":
        return _assume_role(request, caller, records)
    if operation in _FEDERATED:
        return _assume_role_federated(operation, request, caller, records)
    if operation == "GetFederationToken":
        return _federation_token(request, caller)
    if operation == "AssumeRoot":
        return _assume_root(request, caller)
    if operation == "GetWebIdentityToken":
        return _web_identity_token(request)
    raise KeyError(operation)


def find_role(arn: str, partition: str, records: Records) -> tuple[str, Role] | None:
    """The account and record of the role with exactly this ARN; a closed account has none."""
    try:
        parts = parse_arn(arn)
    except InvalidArnError:
        return None
    role = records.get(ROLE, parts.account, arn.rpartition("/")[2].lower())
    if role is None or iam_arn(parts.account, "role", role, partition=partition) != arn:
        return None
    account = records.get(ACCOUNT, parts.account, parts.account)
    return None if account is None or not account.active else (parts.account, role)


def _assume_role(request: Mapping[str, Any], caller: Caller, records: Records) -> list[Access]:
    arn = str(request["RoleArn"])
    found = find_role(arn, caller.partition, records)
    context: dict[str, ContextValue] = {"sts:RoleSessionName": request["RoleSessionName"]}
    if (external_id := request.get("ExternalId")) is not None:
        context["sts:ExternalId"] = external_id
    if (source_identity := request.get("SourceIdentity")) is not None:
        context["sts:SourceIdentity"] = source_identity
    context.update(request_tags(request))
    if transitive := request.get("TransitiveTagKeys"):
        context["sts:TransitiveTagKeys"] = list(transitive)
    if found is not None:
        for tag in found[1].tags:
            context[f"aws:ResourceTag/{tag.key}"] = context[f"iam:ResourceTag/{tag.key}"] = tag.value
    actions = ["sts:AssumeRole"]
    if request.get("Tags") or _inherits_tags(caller):
        actions.append("sts:TagSession")
    if source_identity is not None or (caller.session and caller.session.source_identity):
        actions.append("sts:SetSourceIdentity")
    return [
        Access(
            action=action,
            resource=arn,
            resource_account=found[0] if found else _account(arn),
            context=context,
            trust_policy=found[1].trust_policy if found else "",
        )
        for action in actions
    ]


def _assume_role_federated(
    operation: str, request: Mapping[str, Any], caller: Caller, records: Records
) -> list[Access]:
    """A role for whom an identity provider vouches for: the trust policy alone decides."""
    if caller.federation is None:  # nobody who signs may do this
        raise KeyError(operation)
    arn, federation = str(request["RoleArn"]), caller.federation
    found = find_role(arn, caller.partition, records)
    context: dict[str, ContextValue] = {
        key: value for key, value in federation.keys.items() if _is_condition_key(operation, key)
    }
    context["aws:FederatedProvider"] = federation.provider
    context["sts:RoleSessionName"] = federation.name or request["RoleSessionName"]
    if federation.source_identity is not None:
        context["sts:SourceIdentity"] = federation.source_identity
    if federation.transitive_tag_keys:
        context["sts:TransitiveTagKeys"] = list(federation.transitive_tag_keys)
    tags = [{"Key": key, "Value": value} for key, value in federation.tags.items()]
    context.update(request_tags({"Tags": tags}))
    if found is not None:
        for tag in found[1].tags:
            context[f"aws:ResourceTag/{tag.key}"] = context[f"iam:ResourceTag/{tag.key}"] = tag.value
    actions = [f"sts:{operation}"]
    actions += ["sts:TagSession"] if federation.tags else []
    actions += ["sts:SetSourceIdentity"] if federation.source_identity is not None else []
    return [
        Access(
            action=action,
            resource=arn,
            resource_account=caller.account,
            context=context,
            trust_policy=found[1].trust_policy if found else "",
        )
        for action in actions
    ]


def _is_condition_key(operation: str, key: str) -> bool:
    """Whether AWS has this key of a provider: a claim that it does not know must not be compared."""
    return key.endswith(_CLAIMS) or any(form.fullmatch(key) for form in _provider_keys(operation))


@cache
def _provider_keys(operation: str) -> tuple[re.Pattern[str], ...]:
    """The forms of the condition keys of known providers, from the catalogue."""
    action = catalogue.action(f"sts:{operation}")
    names = action.condition_keys if action is not None else ()
    return tuple(
        re.compile("[^:]+".join(map(re.escape, re.split(r"\$\{\w+\}", name))))
        for name in names
        if not name.startswith(("aws:", "sts:"))
    )


def root_user_arn(target: str, partition: str) -> str | None:
    """The root user that an account id or its own ARN names, or None."""
    account = target if _ACCOUNT_ID.fullmatch(target) else _account(target) or ""
    arn = f"arn:{partition}:iam::{account}:root"
    return arn if _ACCOUNT_ID.fullmatch(account) and target in {account, arn} else None


def _assume_root(request: Mapping[str, Any], caller: Caller) -> list[Access]:
    """The root user of the target, as if it trusted the caller's account.

    Whether the organization lets the account is for the operation to say: it knows why not.
    """
    target = str(request["TargetPrincipal"])
    arn = root_user_arn(target, caller.partition)
    trust = {"Effect": "Allow", "Principal": {"AWS": caller.account}, "Action": "sts:AssumeRoot"}
    task = request["TaskPolicyArn"].get("arn")
    return [
        Access(
            action="sts:AssumeRoot",
            resource=target if arn is None else arn,
            resource_account=_account(target if arn is None else arn),
            context={} if task is None else {"sts:TaskPolicyArn": task},
            trust_policy="" if arn is None else orjson.dumps({"Statement": [trust]}).decode(),
        )
    ]


def _inherits_tags(caller: Caller) -> bool:
    """Transitive tags are passed on too, so the next role must admit them."""
    return caller.session is not None and bool(caller.session.transitive_tag_keys)


def _account(arn: str) -> str | None:
    try:
        return parse_arn(arn).account
    except InvalidArnError:
        return None


def _federation_token(request: Mapping[str, Any], caller: Caller) -> list[Access]:
    resource = f"arn:{caller.partition}:sts::{caller.account}:federated-user/{request['Name']}"
    context = request_tags(request)
    actions = ["sts:GetFederationToken"] + (["sts:TagSession"] if request.get("Tags") else [])
    return [
        Access(action=action, resource=resource, resource_account=caller.account, context=context)
        for action in actions
    ]


def _web_identity_token(request: Mapping[str, Any]) -> list[Access]:
    """Tags need a permission of their own; the duration is a key when it is left out, too."""
    context = request_tags(request)
    actions = ["sts:GetWebIdentityToken"] + (["sts:TagGetWebIdentityToken"] if request.get("Tags") else [])
    context["sts:IdentityTokenAudience"] = list(request["Audience"])
    context["sts:SigningAlgorithm"] = request["SigningAlgorithm"]
    context["sts:DurationSeconds"] = str(request.get("DurationSeconds", WEB_IDENTITY_SECONDS))
    return [Access(action=action, resource="*", resource_account=None, context=context) for action in actions]


def request_tags(request: Mapping[str, Any]) -> dict[str, ContextValue]:
    """`aws:RequestTag/…` and `aws:TagKeys` of a request with `Tags` or `TagKeys`."""
    context: dict[str, ContextValue] = {}
    tags = request.get("Tags") or ()
    keys = [tag["Key"] for tag in tags] or list(request.get("TagKeys") or ())
    for tag in tags:
        context[f"aws:RequestTag/{tag['Key']}"] = tag["Value"]
    if keys:
        context["aws:TagKeys"] = keys
    return context

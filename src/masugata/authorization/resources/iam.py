"""What IAM operations act on.

The ARN of an existing entity comes from its record, path included, so that a policy on a path binds
operations that name only the entity. An entity that does not exist is judged as `type/name`.
Source: the service authorization reference for IAM.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from masugata.authorization import catalogue, managed_policies
from masugata.authorization.access import Access, ContextValue
from masugata.authorization.resources import delegation, iam_reports
from masugata.authorization.resources.sts import request_tags
from masugata.identity.caller import Caller, CallerKind
from masugata.identity.mfa import find_device
from masugata.records.iam import (
    ACCESS_KEY,
    GROUP,
    INSTANCE_PROFILE,
    OIDC_PROVIDER,
    ROLE,
    SAML_PROVIDER,
    SERVER_CERTIFICATE,
    SERVICE_SPECIFIC_CREDENTIAL,
    USER,
    Group,
    InstanceProfile,
    ManagedPolicy,
    MfaDevice,
    OidcProvider,
    Role,
    SamlProvider,
    ServerCertificate,
    Tag,
    User,
    customer_managed_policy,
    entity_by_arn,
    iam_arn,
)
from masugata.records.kind import Kind
from masugata.store import Records

Request = Mapping[str, Any]
Named = User | Group | Role | ManagedPolicy | InstanceProfile | ServerCertificate
Entity = Named | MfaDevice | OidcProvider | SamlProvider


_NAMES: dict[str, tuple[str, Kind[Any]]] = {
    "user": ("UserName", USER),
    "group": ("GroupName", GROUP),
    "role": ("RoleName", ROLE),
    "instance-profile": ("InstanceProfileName", INSTANCE_PROFILE),
    "server-certificate": ("ServerCertificateName", SERVER_CERTIFICATE),
}
_PROVIDERS: dict[str, Kind[Any]] = {kind.name: kind for kind in (OIDC_PROVIDER, SAML_PROVIDER)}
# Operations on lists act on the path that is listed, as AWS's own denials show.
_LISTINGS = {
    "ListUsers": "user",
    "ListGroups": "group",
    "ListRoles": "role",
    "ListInstanceProfiles": "instance-profile",
}
# Tags given at creation need the permission to tag as well.
_TAGGING = {
    "CreateUser": "iam:TagUser",
    "CreateRole": "iam:TagRole",
    "CreatePolicy": "iam:TagPolicy",
    "CreateInstanceProfile": "iam:TagInstanceProfile",
    "UploadServerCertificate": "iam:TagServerCertificate",
    "CreateOpenIDConnectProvider": "iam:TagOpenIDConnectProvider",
    "CreateSAMLProvider": "iam:TagSAMLProvider",
    "CreateVirtualMFADevice": "iam:TagMFADevice",
}
# AWS ended MFA by SMS; DeleteVirtualMFADevice still names its devices.
_NOT_HERE = {"sms-mfa"}
_RENAMES = {
    "UpdateUser": ("user", "NewUserName", "NewPath"),
    "UpdateGroup": ("group", "NewGroupName", "NewPath"),
    "UpdateServerCertificate": ("server-certificate", "NewServerCertificateName", "NewPath"),
}


def accesses(operation: str, request: Request, caller: Caller, records: Records, region: str) -> list[Access]:
    """The permissions an IAM operation needs; raises KeyError where there is no rule."""
    del region
    if operation in delegation.OPERATIONS:
        return delegation.accesses(operation, request, caller, records)
    entry = catalogue.operation("iam", operation)
    if entry is None:
        raise KeyError(operation)
    needed = [_access(name, operation, request, caller, records) for name in entry.actions]
    if request.get("Tags") and operation in _TAGGING:
        needed.append(_access(_TAGGING[operation], operation, request, caller, records))
    if operation in _RENAMES:
        needed += _renamed(operation, request, caller, records, needed[0])
    return needed


def _access(name: str, operation: str, request: Request, caller: Caller, records: Records) -> Access:
    action = catalogue.action(name)
    if action is None:
        raise KeyError(name)
    if operation in _LISTINGS:
        path = request.get("PathPrefix", "/")
        resource = f"arn:{caller.partition}:iam::{caller.account}:{_LISTINGS[operation]}{path}"
        return Access(action=name, resource=resource, resource_account=caller.account)
    if not action.resource_types:
        context = request_tags(request) | _namespaces(request)
        return Access(action=name, resource="*", resource_account=None, context=context)
    if operation in _SPECIAL:
        resource, entity = _SPECIAL[operation](request, caller, records)
    else:
        (resource_type,) = {use.name for use in action.resource_types} - _NOT_HERE
        resource, entity = _RESOLVE[resource_type](resource_type, request, caller, records)
    exact, families = _condition_keys(name)
    context = {
        key: value
        for key, value in {
            **_context(operation, request, entity),
            **_credential_context(request, caller, records),
        }.items()
        if key in exact or key.startswith(families)
    }
    return Access(action=name, resource=resource, resource_account=caller.account, context=context)


@lru_cache(maxsize=1024)
def _condition_keys(name: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The keys that AWS has for an action and its resource, and the prefixes of those with a tag key.

    For a condition on any other key the key must be absent, or an Allow would match that AWS's does not.
    """
    action = catalogue.action(name)
    if action is None:
        raise KeyError(name)
    keys = set(action.condition_keys)
    for use in action.resource_types:
        resource_type = catalogue.resource_type("iam", use.name)
        keys.update(use.condition_keys, resource_type.condition_keys if resource_type else ())
    families = {key.partition("${")[0] for key in keys if "${" in key}
    return frozenset(keys), tuple(families)


def _context(operation: str, request: Request, entity: Entity | None) -> dict[str, ContextValue]:
    context = request_tags(request)
    tags: tuple[Tag, ...] = getattr(entity, "tags", ())
    for tag in tags:
        context[f"aws:ResourceTag/{tag.key}"] = context[f"iam:ResourceTag/{tag.key}"] = tag.value
    if operation.startswith(("Attach", "Detach")):
        context["iam:PolicyARN"] = request["PolicyArn"]
    if operation == "CreateServiceLinkedRole":
        context["iam:AWSServiceName"] = request["AWSServiceName"]
    if "OrganizationsPolicyId" in request:
        context["iam:OrganizationsPolicyId"] = request["OrganizationsPolicyId"]
    boundary = request.get("PermissionsBoundary") or getattr(entity, "boundary", None)
    if boundary is not None:
        context["iam:PermissionsBoundary"] = boundary
    return context


def _namespaces(request: Request) -> dict[str, ContextValue]:
    """`iam:AccountPropertyNamespaces` of a request with account properties."""
    names = {name.partition("/")[0] for name in request.get("Properties") or ()}
    return {"iam:AccountPropertyNamespaces": sorted(names)} if names else {}


def _credential_context(request: Request, caller: Caller, records: Records) -> dict[str, ContextValue]:
    """Which service a service-specific credential is for, and for how many days."""
    context: dict[str, ContextValue] = {}
    service = request.get("ServiceName")
    if (identity := request.get("ServiceSpecificCredentialId")) is not None:
        credential = records.get(SERVICE_SPECIFIC_CREDENTIAL, caller.account, identity)
        service = credential.service if credential else None
    if service is not None:
        context["iam:ServiceSpecificCredentialServiceName"] = service
    if (days := request.get("CredentialAgeDays")) is not None:
        context["iam:ServiceSpecificCredentialAgeDays"] = str(days)
    return context


def _named(
    resource_type: str, request: Request, caller: Caller, records: Records
) -> tuple[str, Named | None]:
    member, kind = _NAMES[resource_type]
    name = request.get(member)
    if name is None:
        return _implied_user(resource_type, caller, records)
    entity: Named | None = records.get(kind, caller.account, name.lower())
    if entity is not None and entity.name == name:
        return iam_arn(caller.account, resource_type, entity, partition=caller.partition), entity
    path = request.get("Path", "/")
    return f"arn:{caller.partition}:iam::{caller.account}:{resource_type}{path}{name}", None


def _implied_user(resource_type: str, caller: Caller, records: Records) -> tuple[str, Named | None]:
    """UserName left out: the caller itself, whoever signs."""
    if resource_type != "user":
        raise KeyError(resource_type)
    return _caller(caller, records)


def _caller(caller: Caller, records: Records) -> tuple[str, Named | None]:
    if caller.kind is CallerKind.USER:
        return caller.issuer_arn, records.get(USER, caller.account, caller.entity_name.lower())
    return caller.arn, None


def _key_owner(request: Request, caller: Caller, records: Records) -> tuple[str, Entity | None]:
    """The user, or the root user, whose access key is asked about."""
    key = records.get(ACCESS_KEY, caller.account, request["AccessKeyId"])
    if key is None:  # the operation refuses it, as it does another account's
        return _caller(caller, records)
    owner = records.by_name(USER, "id", key.owner_id)
    if owner is None:
        return f"arn:{caller.partition}:iam::{caller.account}:root", None
    return iam_arn(caller.account, "user", owner[2], partition=caller.partition), owner[2]


def _policy(
    _resource_type: str, request: Request, caller: Caller, records: Records
) -> tuple[str, Entity | None]:
    """The policy that is named by ARN, or that is to be created by name."""
    arn = request.get("PolicyArn")
    if arn is None:
        path = request.get("Path", "/")
        return f"arn:{caller.partition}:iam::{caller.account}:policy{path}{request['PolicyName']}", None
    if managed_policies.get(arn, caller.partition) is not None:
        return arn, None
    return arn, customer_managed_policy(records, caller.account, arn, partition=caller.partition)


def _mfa_device(
    _resource_type: str, request: Request, caller: Caller, records: Records
) -> tuple[str, Entity | None]:
    """The virtual device that is named by serial number, its ARN, or that is to be created by name."""
    prefix = f"arn:{caller.partition}:iam::{caller.account}:mfa"
    serial = request.get("SerialNumber")
    if serial is None:
        return f"{prefix}{request.get('Path', '/')}{request['VirtualMFADeviceName']}", None
    if not serial.startswith("arn:"):  # of a hardware device, which nobody has here
        return f"{prefix}/{serial}", None
    return serial, find_device(records, caller.account, serial)


def _provider(
    resource_type: str, request: Request, caller: Caller, records: Records
) -> tuple[str, Entity | None]:
    """The identity provider that is named by ARN, or that is to be created: by URL, or by name."""
    prefix = f"arn:{caller.partition}:iam::{caller.account}:{resource_type}/"
    if resource_type == "oidc-provider":
        arn = request.get("OpenIDConnectProviderArn") or prefix + request["Url"].removeprefix("https://")
    else:
        arn = request.get("SAMLProviderArn") or prefix + request["Name"]
    key = arn.removeprefix(prefix) if arn.startswith(prefix) else ""
    return arn, records.get(_PROVIDERS[resource_type], caller.account, key)


def _source_of_policies(request: Request, caller: Caller, records: Records) -> tuple[str, Entity | None]:
    """The user, group or role with this ARN, which may be anything."""
    arn = request["PolicySourceArn"]
    return arn, entity_by_arn(records, caller.account, arn, partition=caller.partition)


def _user_or_all(request: Request, caller: Caller, records: Records) -> tuple[str, Entity | None]:
    """The user that is named, or whoever there is."""
    if request.get("AllUsers"):
        return f"arn:{caller.partition}:iam::{caller.account}:user/*", None
    return _named("user", request, caller, records)


_SPECIAL: dict[str, Callable[[Request, Caller, Records], tuple[str, Entity | None]]] = {
    "GetAccessKeyLastUsed": _key_owner,
    "GetContextKeysForPrincipalPolicy": _source_of_policies,
    "ListServiceSpecificCredentials": _user_or_all,
    "SimulatePrincipalPolicy": _source_of_policies,
    **iam_reports.RESOLVERS,
}

_RESOLVE: dict[str, Callable[[str, Request, Caller, Records], tuple[str, Entity | None]]] = {
    "user": _named,
    "group": _named,
    "role": _named,
    "instance-profile": _named,
    "server-certificate": _named,
    "policy": _policy,
    "mfa": _mfa_device,
    "oidc-provider": _provider,
    "saml-provider": _provider,
}


def _renamed(
    operation: str, request: Request, caller: Caller, records: Records, source: Access
) -> list[Access]:
    """A rename or move needs the permission on what the entity becomes, too."""
    resource_type, new_name, new_path = _RENAMES[operation]
    if new_name not in request and new_path not in request:
        return []
    _, entity = _named(resource_type, request, caller, records)
    path = request.get(new_path, entity.path if entity else "/")
    name = request.get(new_name, request[_NAMES[resource_type][0]])
    target = f"arn:{caller.partition}:iam::{caller.account}:{resource_type}{path}{name}"
    if target == source.resource:
        return []
    return [
        Access(
            action=source.action,
            resource=target,
            resource_account=caller.account,
            context=source.context,
        )
    ]

"""Tags of users, roles, customer managed policies, instance profiles and identity providers.

Keys keep the case in which they were last written and are compared without it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from masugata.call import Call
from masugata.records.iam import (
    INSTANCE_PROFILE,
    MANAGED_POLICY,
    OIDC_PROVIDER,
    ROLE,
    SAML_PROVIDER,
    USER,
    InstanceProfile,
    ManagedPolicy,
    OidcProvider,
    Role,
    SamlProvider,
    Tag,
    User,
    provider_arn,
)
from masugata.records.kind import Kind
from masugata.services.iam._common import (
    TAGS_PER_RESOURCE,
    PageEnd,
    find_instance_profile,
    find_role,
    find_user,
    invalid_input,
    page,
    policy_arn,
    quota_exceeded,
    requested_tags,
    tag_shapes,
)
from masugata.services.iam.oidc_providers import find_oidc_provider
from masugata.services.iam.policies import find_policy, own_policy
from masugata.services.iam.saml_providers import find_saml_provider

if TYPE_CHECKING:
    from masugata_types import iam as shapes

Tagged = TypeVar("Tagged", User, Role, ManagedPolicy, InstanceProfile, OidcProvider, SamlProvider)
_TYPE_NAMES = {OIDC_PROVIDER.name: "OIDCProvider", SAML_PROVIDER.name: "SAMLProvider"}


def tag_user(call: Call, request: "shapes.TagUserRequest") -> "shapes.TagUserResponse":
    """Add tags to a user, or change their values."""
    _tag(call, USER, find_user(call, request["UserName"]), request["Tags"])
    return {}


def untag_user(call: Call, request: "shapes.UntagUserRequest") -> "shapes.UntagUserResponse":
    """Remove tags from a user."""
    _untag(call, USER, find_user(call, request["UserName"]), request["TagKeys"])
    return {}


def list_user_tags(call: Call, request: "shapes.ListUserTagsRequest") -> "shapes.ListUserTagsResponse":
    """The tags of a user, by key."""
    tags, end = _page(find_user(call, request["UserName"]).tags, request)
    return {"Tags": tags, **end}


def tag_role(call: Call, request: "shapes.TagRoleRequest") -> "shapes.TagRoleResponse":
    """Add tags to a role, or change their values."""
    _tag(call, ROLE, find_role(call, request["RoleName"]), request["Tags"])
    return {}


def untag_role(call: Call, request: "shapes.UntagRoleRequest") -> "shapes.UntagRoleResponse":
    """Remove tags from a role."""
    _untag(call, ROLE, find_role(call, request["RoleName"]), request["TagKeys"])
    return {}


def list_role_tags(call: Call, request: "shapes.ListRoleTagsRequest") -> "shapes.ListRoleTagsResponse":
    """The tags of a role, by key."""
    tags, end = _page(find_role(call, request["RoleName"]).tags, request)
    return {"Tags": tags, **end}


def tag_policy(call: Call, request: "shapes.TagPolicyRequest") -> "shapes.TagPolicyResponse":
    """Add tags to a customer managed policy, or change their values."""
    _tag(call, MANAGED_POLICY, own_policy(call, request["PolicyArn"]), request["Tags"])
    return {}


def untag_policy(call: Call, request: "shapes.UntagPolicyRequest") -> "shapes.UntagPolicyResponse":
    """Remove tags from a customer managed policy."""
    _untag(call, MANAGED_POLICY, own_policy(call, request["PolicyArn"]), request["TagKeys"])
    return {}


def list_policy_tags(call: Call, request: "shapes.ListPolicyTagsRequest") -> "shapes.ListPolicyTagsResponse":
    """The tags of a managed policy, by key; AWS's own policies have none."""
    policy = find_policy(call, request["PolicyArn"])
    tags = policy.tags if isinstance(policy, ManagedPolicy) else ()
    shown, end = _page(tags, request)
    return {"Tags": shown, **end}


def tag_instance_profile(
    call: Call, request: "shapes.TagInstanceProfileRequest"
) -> "shapes.TagInstanceProfileResponse":
    """Add tags to an instance profile, or change their values."""
    profile = find_instance_profile(call, request["InstanceProfileName"])
    _tag(call, INSTANCE_PROFILE, profile, request["Tags"])
    return {}


def untag_instance_profile(
    call: Call, request: "shapes.UntagInstanceProfileRequest"
) -> "shapes.UntagInstanceProfileResponse":
    """Remove tags from an instance profile."""
    profile = find_instance_profile(call, request["InstanceProfileName"])
    _untag(call, INSTANCE_PROFILE, profile, request["TagKeys"])
    return {}


def list_instance_profile_tags(
    call: Call, request: "shapes.ListInstanceProfileTagsRequest"
) -> "shapes.ListInstanceProfileTagsResponse":
    """The tags of an instance profile, by key."""
    tags, end = _page(find_instance_profile(call, request["InstanceProfileName"]).tags, request)
    return {"Tags": tags, **end}


def tag_open_id_connect_provider(
    call: Call, request: "shapes.TagOpenIDConnectProviderRequest"
) -> "shapes.TagOpenIDConnectProviderResponse":
    """Add tags to an OpenID Connect provider, or change their values."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    _tag(call, OIDC_PROVIDER, provider, request["Tags"])
    return {}


def untag_open_id_connect_provider(
    call: Call, request: "shapes.UntagOpenIDConnectProviderRequest"
) -> "shapes.UntagOpenIDConnectProviderResponse":
    """Remove tags from an OpenID Connect provider."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    _untag(call, OIDC_PROVIDER, provider, request["TagKeys"])
    return {}


def list_open_id_connect_provider_tags(
    call: Call, request: "shapes.ListOpenIDConnectProviderTagsRequest"
) -> "shapes.ListOpenIDConnectProviderTagsResponse":
    """The tags of an OpenID Connect provider, by key."""
    provider = find_oidc_provider(call, request["OpenIDConnectProviderArn"])
    tags, end = _page(provider.tags, request)
    return {"Tags": tags, **end}


def tag_saml_provider(
    call: Call, request: "shapes.TagSAMLProviderRequest"
) -> "shapes.TagSAMLProviderResponse":
    """Add tags to a SAML provider, or change their values."""
    _tag(call, SAML_PROVIDER, find_saml_provider(call, request["SAMLProviderArn"]), request["Tags"])
    return {}


def untag_saml_provider(
    call: Call, request: "shapes.UntagSAMLProviderRequest"
) -> "shapes.UntagSAMLProviderResponse":
    """Remove tags from a SAML provider."""
    _untag(call, SAML_PROVIDER, find_saml_provider(call, request["SAMLProviderArn"]), request["TagKeys"])
    return {}


def list_saml_provider_tags(
    call: Call, request: "shapes.ListSAMLProviderTagsRequest"
) -> "shapes.ListSAMLProviderTagsResponse":
    """The tags of a SAML provider, by key."""
    tags, end = _page(find_saml_provider(call, request["SAMLProviderArn"]).tags, request)
    return {"Tags": tags, **end}


def _tag(call: Call, kind: Kind[Tagged], record: Tagged, tags: "Sequence[shapes.Tag]") -> None:
    if not tags:
        raise invalid_input("Tags must hold at least one tag.")
    merged = {tag.key.lower(): tag for tag in record.tags}
    merged.update({tag.key.lower(): tag for tag in requested_tags(tags)})
    if len(merged) > TAGS_PER_RESOURCE:
        raise quota_exceeded(f"TagsPer{_type_name(kind)}", TAGS_PER_RESOURCE)
    _put(call, kind, record, tuple(merged.values()))


def _untag(call: Call, kind: Kind[Tagged], record: Tagged, keys: Sequence[str]) -> None:
    if not keys:
        raise invalid_input("TagKeys must hold at least one key.")
    gone = {key.lower() for key in keys}
    _put(call, kind, record, tuple(tag for tag in record.tags if tag.key.lower() not in gone))


def _put(call: Call, kind: Kind[Tagged], record: Tagged, tags: tuple[Tag, ...]) -> None:
    call.transaction.put(kind, call.account, msgspec.structs.replace(record, tags=tags))
    call.touches(f"AWS::IAM::{_type_name(kind)}", _event_name(call, record))


def _event_name(
    call: Call, record: User | Role | ManagedPolicy | InstanceProfile | OidcProvider | SamlProvider
) -> str:
    """What events call it: policies and identity providers by ARN, everything else by name."""
    if isinstance(record, OidcProvider | SamlProvider):
        return provider_arn(call.account, record, partition=call.partition)
    return policy_arn(call, record) if isinstance(record, ManagedPolicy) else record.name


def _type_name(kind: Kind[Tagged]) -> str:
    """The kind's name as AWS spells it: User, Role, Policy, InstanceProfile, OIDCProvider."""
    return _TYPE_NAMES.get(kind.name) or kind.name.title().replace("-", "")


def _page(tags: Sequence[Tag], request: Mapping[str, Any]) -> "tuple[list[shapes.Tag], PageEnd]":
    """One page of tags by key; a marker counts, because a key can be longer than a marker may be."""
    ordered = sorted(tags, key=lambda tag: tag.key.lower())
    numbered = [(f"{number:04d}", tag) for number, tag in enumerate(ordered)]
    chosen, end = page(numbered, request, "Tags", lambda pair: pair[0])
    return tag_shapes(tag for _, tag in chosen), end

"""Operations on web ACLs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from masugata.call import Call
from masugata.engines.waf.definitions import DefaultAction, Immunity, Rule, VisibilityConfig
from masugata.records.wafv2 import (
    ASSOCIATION,
    LOGGING_CONFIGURATION,
    RATES,
    SAMPLES,
    WEB_ACL_PATH,
    LoggingConfiguration,
    WebACL,
)
from masugata.services.wafv2._actions import (
    check_action,
    check_immunity,
    check_token_domains,
    read_bodies,
)
from masugata.services.wafv2._checks import check_count, check_distinct, check_visibility
from masugata.services.wafv2._compiling import check_compiles
from masugata.services.wafv2._entities import (
    WEB_ACLS,
    arn,
    check_lock,
    create,
    delete,
    find,
    find_own,
    listing,
    new_uuid,
    save,
    scope_of,
)
from masugata.services.wafv2._errors import associated, invalid, invalid_operation
from masugata.services.wafv2._labels import label_namespace
from masugata.services.wafv2._rules import capacity_of, check_rules, convert
from masugata.services.wafv2._shapes import shape
from masugata.services.wafv2._tagging import read_tags

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes

_UNBUILT: Final[Mapping[str, str]] = {
    "MonetizationConfig": "nobody is paid for requests here",
    "OnSourceDDoSProtectionConfig": "sources with a low reputation are not told from others yet",
}
"""Members that would be acknowledged without being done."""


def prepare_creation(call: Call, request: "shapes.CreateWebACLRequest") -> dict[str, Any]:
    """What a new web ACL is to hold, checked; raises as `create_web_acl`."""
    return _content(call, request, scope_of(call, request))


def create_web_acl(call: Call, request: "shapes.CreateWebACLRequest") -> dict[str, Any]:
    """Make a web ACL.

    Raises WAFInvalidParameterException, WAFInvalidOperationException, WAFNonexistentItemException,
    WAFSubscriptionNotFoundException, WAFDuplicateItemException and WAFLimitsExceededException.
    """
    scope = scope_of(call, request)
    content: dict[str, Any] = call.prepared
    web_acl = WebACL(
        name=request["Name"],
        id=new_uuid(call),
        scope=scope,
        lock_token=new_uuid(call),
        tags=read_tags(call, request.get("Tags")),
        capacity=_capacity(call, content["rules"], scope),
        **content,
    )
    return create(call, WEB_ACLS, web_acl)


def get_web_acl(call: Call, request: "shapes.GetWebACLRequest") -> dict[str, Any]:
    """A web ACL by name, scope and id, or by ARN; raises WAFNonexistentItemException."""
    if "ARN" in request:
        _, web_acl = find_own(call, request["ARN"], WEB_ACL_PATH)
    else:
        for member in ("Name", "Scope", "Id"):
            if member not in request:
                raise invalid("WEB_ACL", member, "A web ACL is named by Name, Scope and Id, or by its ARN.")
        web_acl = find(call, WEB_ACLS, request)
    return {"WebACL": web_acl_shape(call, web_acl), "LockToken": web_acl.lock_token}


def prepare_update(call: Call, request: "shapes.UpdateWebACLRequest") -> dict[str, Any]:
    """What a web ACL is to hold from now on, checked; raises as `update_web_acl`."""
    web_acl = find(call, WEB_ACLS, request)
    check_lock(web_acl, request["LockToken"])
    return _content(call, request, web_acl.scope)


def update_web_acl(call: Call, request: "shapes.UpdateWebACLRequest") -> "shapes.UpdateWebACLResponse":
    """Give a web ACL other rules and settings; what is left out it has no more.

    Raises as `create_web_acl`, and WAFOptimisticLockException.
    """
    web_acl = find(call, WEB_ACLS, request)
    check_lock(web_acl, request["LockToken"])
    content: dict[str, Any] = call.prepared
    changed = WebACL(
        name=web_acl.name,
        id=web_acl.id,
        scope=web_acl.scope,
        lock_token=new_uuid(call),
        tags=web_acl.tags,
        capacity=_capacity(call, content["rules"], web_acl.scope),
        **content,
    )
    save(call, WEB_ACLS, changed)
    return {"NextLockToken": changed.lock_token}


def delete_web_acl(call: Call, request: "shapes.DeleteWebACLRequest") -> dict[str, Any]:
    """Delete a web ACL that no resource is associated with, and its logging configurations.

    Raises WAFNonexistentItemException, WAFOptimisticLockException and WAFAssociatedItemException.
    """
    web_acl = find(call, WEB_ACLS, request)
    check_lock(web_acl, request["LockToken"])
    own = arn(call, WEB_ACLS, web_acl)
    protected = call.records.referring(ASSOCIATION, call.account, "web-acl", own, call.region)
    if protected:
        raise associated(protected[0].resource)
    delete(call, WEB_ACLS, request)
    logging: list[LoggingConfiguration] = call.records.referring(
        LOGGING_CONFIGURATION, call.account, "web-acl", own, call.region
    )
    for configuration in logging:
        call.transaction.delete(LOGGING_CONFIGURATION, call.account, configuration.key, call.region)
    for note in (SAMPLES, RATES):
        call.transaction.forget_uses(note.prefix(own))
    return {}


def list_web_acls(call: Call, request: "shapes.ListWebACLsRequest") -> dict[str, Any]:
    """The web ACLs of a scope by name, page by page; raises WAFInvalidParameterException."""
    return listing(call, WEB_ACLS, request, "WebACLs")


def web_acl_shape(call: Call, web_acl: WebACL) -> dict[str, Any]:
    """A web ACL as it is answered."""
    found = {
        "Name": web_acl.name,
        "Id": web_acl.id,
        "ARN": arn(call, WEB_ACLS, web_acl),
        "DefaultAction": shape(web_acl.default_action),
        "Description": web_acl.description,
        "Rules": shape(web_acl.rules),
        "VisibilityConfig": shape(web_acl.visibility_config),
        "Capacity": web_acl.capacity,
        "ManagedByFirewallManager": False,
        "RetrofittedByFirewallManager": False,
        "LabelNamespace": label_namespace(call.account, WEB_ACL_PATH, web_acl.name),
    }
    further = {
        "CustomResponseBodies": shape(web_acl.custom_response_bodies),
        "CaptchaConfig": shape(web_acl.captcha_config),
        "ChallengeConfig": shape(web_acl.challenge_config),
        "TokenDomains": list(web_acl.token_domains),
        "DataProtectionConfig": web_acl.data_protection_config,
        "AssociationConfig": web_acl.association_config,
        "ApplicationConfig": web_acl.application_config,
    }
    return found | {member: value for member, value in further.items() if value}


def _content(call: Call, request: Mapping[str, Any], scope: str) -> dict[str, Any]:
    """What a request to make or change a web ACL says of it, but for what the rules cost.

    That, and whether all is there that they refer to, is asked again in the transaction.
    """
    for member, why in _UNBUILT.items():
        if member in request:
            raise invalid_operation(f"{member} cannot be done: {why}.")
    bodies = read_bodies(call, request.get("CustomResponseBodies"))
    action = convert(request["DefaultAction"], DefaultAction, "DEFAULT_ACTION", "DefaultAction")
    check_action(call, action, bodies, "DEFAULT_ACTION", "DefaultAction")
    rules = check_rules(call, request.get("Rules"), bodies, group=False)
    _capacity(call, rules, scope)
    check_compiles(rules, bodies)
    captcha, challenge = (
        msgspec.convert(request[member], Immunity) if member in request else None
        for member in ("CaptchaConfig", "ChallengeConfig")
    )
    check_immunity(captcha, challenge)
    visibility = msgspec.convert(request["VisibilityConfig"], VisibilityConfig)
    check_visibility(visibility)
    domains = tuple(request.get("TokenDomains") or ())
    check_token_domains(call, domains)
    return {
        "description": request.get("Description", ""),
        "default_action": action,
        "visibility_config": visibility,
        "rules": rules,
        "custom_response_bodies": bodies,
        "captcha_config": captcha,
        "challenge_config": challenge,
        "token_domains": domains,
        "data_protection_config": _data_protection(request.get("DataProtectionConfig")),
        "association_config": _association_config(request.get("AssociationConfig"), scope),
        "application_config": request.get("ApplicationConfig"),
    }


def _capacity(call: Call, rules: tuple[Rule, ...], scope: str) -> int:
    """What rules cost, if that fits into a web ACL."""
    cost = capacity_of(call, rules, scope)
    check_count(call, "wafv2.web-acl-capacity", cost, "WEB_ACL")
    return cost


def _association_config(given: Mapping[str, Any] | None, scope: str) -> Mapping[str, Any] | None:
    """How much of bodies is inspected, for each type of resource of the scope."""
    if given is None:
        return None
    if "ChallengeJavascriptSdkInjection" in given:
        raise invalid_operation("ChallengeJavascriptSdkInjection cannot be done: answers are not rewritten.")
    for resource_type in given.get("RequestBody") or {}:
        if (resource_type == "CLOUDFRONT") != (scope == "CLOUDFRONT"):
            reason = f"This type of resource does not belong to the scope {scope}."
            raise invalid("ASSOCIATED_RESOURCE_TYPE", resource_type, reason)
    return given


def _data_protection(given: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """What logs do not show as it is: keys are named for fields that have some, and only for them."""
    if given is None:
        return None
    fields = []
    for protection in given["DataProtections"]:
        field = protection["Field"]
        kind, keys = field["FieldType"], field.get("FieldKeys") or []
        if (kind in {"QUERY_STRING", "BODY"}) == bool(keys):
            raise invalid("DATA_PROTECTION_CONFIG", kind, "FieldKeys go with headers, cookies and arguments.")
        fields += [(kind, key.lower()) for key in keys] or [(kind, "")]
    check_distinct(fields, "DATA_PROTECTION_CONFIG", "Field", "The field {} is protected twice.")
    return given

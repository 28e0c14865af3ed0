"""Operations on the logging configurations of web ACLs."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from masugata.call import Call
from masugata.engines.waf.definitions import FieldToMatch
from masugata.records.wafv2 import (
    LOGGING_CONFIGURATION,
    WEB_ACL_PATH,
    LoggingConfiguration,
    entity_key,
    log_destination,
    logging_key,
)
from masugata.services.wafv2._checks import check_one
from masugata.services.wafv2._entities import find_own, scope_of
from masugata.services.wafv2._errors import NOT_ONE, invalid, invalid_operation, nonexistent
from masugata.services.wafv2._paging import page, page_start
from masugata.services.wafv2._rules import convert
from masugata.services.wafv2._shapes import shape

if TYPE_CHECKING:
    from masugata_types import wafv2 as shapes

_CUSTOMER: Final = "CUSTOMER"
_REDACTABLE: Final = frozenset({"UriPath", "QueryString", "SingleHeader", "Method"})


def put_logging_configuration(call: Call, request: "shapes.PutLoggingConfigurationRequest") -> dict[str, Any]:
    """Say where the log of a web ACL goes, in the place of what was said.

    Raises WAFNonexistentItemException, WAFInvalidParameterException and WAFInvalidOperationException.
    """
    given: Mapping[str, Any] = request["LoggingConfiguration"]
    name, _ = find_own(call, given["ResourceArn"], WEB_ACL_PATH)
    if given.get("LogScope", _CUSTOMER) != _CUSTOMER or given.get("ManagedByFirewallManager"):
        raise invalid_operation(
            "Neither Security Lake nor CloudWatch nor Firewall Manager asks for logs here."
        )
    configuration = LoggingConfiguration(
        web_acl=str(name),
        web_acl_key=name.key,
        destinations=_destinations(call, given["LogDestinationConfigs"]),
        redacted_fields=_redacted(given.get("RedactedFields") or []),
        filter=_filter(given.get("LoggingFilter")),
    )
    call.transaction.put(LOGGING_CONFIGURATION, call.account, configuration, call.region)
    return {"LoggingConfiguration": _shape(configuration)}


def get_logging_configuration(call: Call, request: "shapes.GetLoggingConfigurationRequest") -> dict[str, Any]:
    """Where the log of a web ACL goes; raises WAFNonexistentItemException."""
    return {"LoggingConfiguration": _shape(_find(call, request))}


def delete_logging_configuration(
    call: Call, request: "shapes.DeleteLoggingConfigurationRequest"
) -> dict[str, Any]:
    """Log the requests to a web ACL no more; raises WAFNonexistentItemException."""
    configuration = _find(call, request)
    call.transaction.delete(LOGGING_CONFIGURATION, call.account, configuration.key, call.region)
    return {}


def list_logging_configurations(
    call: Call, request: "shapes.ListLoggingConfigurationsRequest"
) -> dict[str, Any]:
    """The logging configurations of the web ACLs of a scope, page by page."""
    prefix = entity_key(scope_of(call, request), "")
    log_scope = request.get("LogScope", _CUSTOMER)
    records = call.records.scan(
        LOGGING_CONFIGURATION, call.account, call.region, after=page_start(call, request) or prefix
    )
    fitting = (one for one in records if one.key.startswith(prefix) and one.log_scope == log_scope)
    found, end = page(call, request, fitting, lambda one: one.key)
    return {"LoggingConfigurations": [_shape(one) for one in found], **end}


def _find(call: Call, request: Mapping[str, Any]) -> LoggingConfiguration:
    name, _ = find_own(call, request["ResourceArn"], WEB_ACL_PATH)
    key = logging_key(name.key, request.get("LogScope", _CUSTOMER))
    found = call.records.get(LOGGING_CONFIGURATION, call.account, key, call.region)
    if found is None:
        raise nonexistent(f"the logging configuration of {name}")
    return found


def _destinations(call: Call, given: list[str]) -> tuple[str, ...]:
    """One destination, which is the account's own and in the Region as far as its ARN says that."""
    if len(given) != 1:
        raise invalid("LOG_DESTINATION", "LogDestinationConfigs", NOT_ONE)
    destination = log_destination(given[0])
    if destination is None:
        reason = "The ARN isn't valid. A log destination has a name that begins with aws-waf-logs-."
        raise invalid("LOG_DESTINATION", given[0], reason)
    if destination.account not in {"", call.account} or destination.region not in {"", call.region}:
        reason = "A log destination is of the same account and Region as the web ACL."
        raise invalid("LOG_DESTINATION", given[0], reason)
    return tuple(given)


def _redacted(given: list[Mapping[str, Any]]) -> tuple[FieldToMatch, ...]:
    fields: tuple[FieldToMatch, ...] = convert(
        given, tuple[FieldToMatch, ...], "FIELD_TO_MATCH", "RedactedFields"
    )
    for field in fields:
        name = check_one(field, "FIELD_TO_MATCH", "RedactedFields")
        if name not in _REDACTABLE:
            raise invalid("FIELD_TO_MATCH", name, "This part of a request is not in the log.")
    return fields


def _filter(given: dict[str, Any] | None) -> dict[str, Any] | None:
    conditions: Iterable[Mapping[str, Any]] = (
        condition for one in (given or {}).get("Filters", ()) for condition in one["Conditions"]
    )
    for condition in conditions:
        if len(condition) != 1:
            raise invalid("FILTER_CONDITION", "Conditions", NOT_ONE)
    return given


def _shape(configuration: LoggingConfiguration) -> dict[str, Any]:
    found = {
        "ResourceArn": configuration.web_acl,
        "LogDestinationConfigs": list(configuration.destinations),
        "ManagedByFirewallManager": False,
        "LogType": configuration.log_type,
        "LogScope": configuration.log_scope,
    }
    if configuration.redacted_fields:
        found["RedactedFields"] = shape(configuration.redacted_fields)
    if configuration.filter is not None:
        found["LoggingFilter"] = configuration.filter
    return found

"""What a simulation asks: actions, resources and condition keys, checked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization import catalogue
from masugata.engines.common import parse_address, parse_range
from masugata.engines.policy.values import parse_binary, parse_bool, parse_date, parse_number
from masugata.services.iam._common import invalid_input
from masugata.services.iam._simulated_caller import Context

_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "string": str,
    "numeric": parse_number,
    "boolean": parse_bool,
    "ip": lambda text: parse_address(text) or parse_range(text),
    "binary": parse_binary,
    "date": parse_date,
}
_LIST = "List"
# What each scenario must have among its resources, as the API reference lists them.
_SCENARIOS: Final[Mapping[str, tuple[str, ...]]] = {
    "EC2-VPC-InstanceStore": ("instance", "image", "security-group", "network-interface"),
    "EC2-VPC-InstanceStore-Subnet": ("instance", "image", "security-group", "network-interface", "subnet"),
    "EC2-VPC-EBS": ("instance", "image", "security-group", "network-interface", "volume"),
    "EC2-VPC-EBS-Subnet": (
        "instance",
        "image",
        "security-group",
        "network-interface",
        "subnet",
        "volume",
    ),
}


def check_actions(names: Iterable[str]) -> None:
    """Each must be an action that AWS has, without wildcards; raises InvalidInput."""
    for name in names:
        if catalogue.action_in_any_case(name) is None:
            raise invalid_input(f"Invalid Input Actions: [{name}] is not an action that can be simulated.")


def resources_of(request: Mapping[str, Any]) -> list[str]:
    """The resources to ask about; only `*` where the request names none. Raises InvalidInput."""
    given: Sequence[str] = request.get("ResourceArns", ())
    resources = list(dict.fromkeys(given)) or ["*"]
    kinds = set()
    for resource in resources:
        if resource == "*":
            continue
        try:
            kinds.add(parse_arn(resource).resource.partition("/")[0])
        except InvalidArnError:
            raise invalid_input(f"ResourceNames are not in a valid ARN format: {resource}.") from None
    scenario = request.get("ResourceHandlingOption")
    if scenario is not None:
        if scenario not in _SCENARIOS:
            raise invalid_input(f"Invalid ResourceHandlingOption: {scenario}.")
        missing = [kind for kind in _SCENARIOS[scenario] if kind not in kinds]
        if missing:
            raise invalid_input(f"{scenario} requires resources of type: {', '.join(missing)}.")
    return resources


def entered_context(entries: Iterable[Mapping[str, Any]]) -> Context:
    """The condition keys of ContextEntries; raises InvalidInput.

    A key of a list type has several values, even if there is one of them.
    """
    context: Context = {}
    names: set[str] = set()
    for entry in entries:
        name, values = entry.get("ContextKeyName"), list(entry.get("ContextKeyValues", ()))
        if name is None:
            raise invalid_input("A context entry must have a ContextKeyName.")
        if name.lower() in names:
            raise invalid_input(f"The context key {name} is given twice.")
        names.add(name.lower())
        type_ = entry.get("ContextKeyType") or ("string" if len(values) == 1 else "stringList")
        several = type_.endswith(_LIST)
        if not several and len(values) != 1:
            raise invalid_input(f"The context key {name} of type {type_} must have one value.")
        parse = _PARSERS[type_.removesuffix(_LIST)]
        for value in values:
            if parse(value) is None:
                raise invalid_input(f"The value {value[:256]} of context key {name} is not of type {type_}.")
        context[name] = values if several else values[0]
    return context

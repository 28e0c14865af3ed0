"""The policies of delegation requests: customer managed policies as templates, filled in and put into words.

In a template, `@{name}` in a text stands for the parameter of that name. With a parameter that is a list
the text stands for several: one for each value.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from masugata.call import Call
from masugata.engines.policy import PolicyType
from masugata.engines.policy.grammar import MalformedPolicyError, validate_policy
from masugata.errors import AwsError
from masugata.records.iam.delegation_requests import DelegationRequest, PolicyParameter
from masugata.services.iam._common import find_managed_policy, invalid_input, no_such_entity

POLICY_SIZE = 2048
"""Characters of a filled-in policy, as of a session policy."""
CHECKED_PAIRS = 100
"""Actions on resources that one permission check looks at."""

_PLACEHOLDER = re.compile(r"@\{([^{}]+)\}")


def filled_in(call: Call, template_arn: str, parameters: Iterable[PolicyParameter]) -> str:
    """The template's policy with these parameters.

    Raises InvalidInput, NoSuchEntity and MalformedPolicyDocument.
    """
    template = find_managed_policy(call, template_arn)
    if template is None:
        raise no_such_entity(f"The policy template {template_arn} does not exist.")
    given: dict[str, PolicyParameter] = {}
    for parameter in parameters:
        if parameter.name in given or (parameter.type == "string" and len(parameter.values) != 1):
            raise invalid_input(
                f"The parameter {parameter.name} must be given once, and as a string have one value."
            )
        given[parameter.name] = parameter
    used: set[str] = set()
    content = _filled(orjson.loads(template.document()), given, used)
    if unused := sorted(set(given) - used):
        raise invalid_input(f"The policy template has no parameter {unused[0]}.")
    document = orjson.dumps(content).decode()
    if len(document) > POLICY_SIZE:
        raise invalid_input(f"The policy must have at most {POLICY_SIZE} characters with its parameters.")
    try:
        validate_policy(document, PolicyType.SESSION)
    except MalformedPolicyError as error:
        raise AwsError("MalformedPolicyDocument", str(error)) from error
    return document


def _filled(value: Any, parameters: Mapping[str, PolicyParameter], used: set[str]) -> Any:
    """A copy of JSON with its placeholders replaced inside texts, so that no value becomes structure."""
    if isinstance(value, dict):
        return {name: _filled(member, parameters, used) for name, member in value.items()}
    if isinstance(value, list):
        items = [_filled(item, parameters, used) for item in value]
        return [one for item in items for one in (item if isinstance(item, list) else [item])]
    if not isinstance(value, str):
        return value
    names = dict.fromkeys(_PLACEHOLDER.findall(value))
    if missing := [name for name in names if name not in parameters]:
        raise invalid_input(f"The policy template needs the parameter {missing[0]}.")
    used.update(names)
    lists = [name for name in names if parameters[name].type == "stringList"]
    if len(lists) > 1:
        raise invalid_input(f"The parameters {' and '.join(lists)} are lists, and stand in one text.")
    single = {name: parameters[name].values[0] for name in names if name not in lists}
    if not lists:
        return _replaced(value, single)
    return [_replaced(value, {**single, lists[0]: one}) for one in parameters[lists[0]].values]


def _replaced(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)


def boundaries(document: str) -> list[str]:
    """The permissions boundaries that the policy asks of roles which are made under it."""
    found: dict[str, None] = {}
    for statement in _statements(document):
        for condition in statement.get("Condition", {}).values():
            for key, value in condition.items():
                if key.lower() == "iam:permissionsboundary":
                    found |= dict.fromkeys(_texts(value))
    return list(found)


def permission_check(call: Call, document: str) -> str:
    """Whether the caller may itself do what the policy allows: ALLOWED, DENIED or UNSURE.

    Wildcards and conditions leave it unsure, because only single requests can be judged.
    """
    unsure, pairs = False, []
    for statement in _statements(document):
        if statement["Effect"] == "Allow":
            unsure = unsure or "Condition" in statement or not {"Action", "Resource"} <= statement.keys()
            actions, resources = (_texts(statement.get(name, ())) for name in ("Action", "Resource"))
            pairs += [(action, resource) for action in actions for resource in resources]
    single = [(action, resource) for action, resource in pairs if "*" not in action and "?" not in action]
    if any(not _may(call, action, resource) for action, resource in single[:CHECKED_PAIRS]):
        return "DENIED"
    whole = all("*" not in resource and "?" not in resource for _, resource in single)
    return "UNSURE" if unsure or not whole or len(pairs) > min(len(single), CHECKED_PAIRS) else "ALLOWED"


def _may(call: Call, action: str, resource: str) -> bool:
    try:
        call.authorize(action, resource)
    except AwsError:
        return False
    return True


def summary(request: DelegationRequest) -> str:
    """What is asked for, in English: who, for how long, and each statement of the policy."""
    minutes = request.session_duration // 60
    lines = [f"Account {request.requester} asks for access for {minutes} minutes: {request.description}"]
    for statement in _statements(request.policy):
        verb = "It may use" if statement["Effect"] == "Allow" else "It may never use"
        actions = _listed(statement, "Action", "every action")
        resources = _listed(statement, "Resource", "every resource")
        under = f", under conditions on {_keys(statement)}" if statement.get("Condition") else ""
        lines.append(f"{verb} {actions} on {resources}{under}.")
    lines.append("It may do nothing that the identity which accepts the request may not do.")
    return "\n".join(lines)


def _listed(statement: Mapping[str, Any], element: str, everything: str) -> str:
    if (excluded := statement.get(f"Not{element}")) is not None:
        return f"{everything} but {', '.join(_texts(excluded))}"
    return ", ".join(everything if text == "*" else text for text in _texts(statement.get(element, "*")))


def _keys(statement: Mapping[str, Any]) -> str:
    return ", ".join(sorted({key for keys in statement["Condition"].values() for key in keys}))


def _statements(document: str) -> Iterator[Mapping[str, Any]]:
    statements = orjson.loads(document)["Statement"]
    yield from statements if isinstance(statements, list) else [statements]


def _texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)

"""What an operation acts on, by the catalogue's proposals: the first version of a service's own function.

How ARNs are made from requests is data: scripts/resource_sources.py proposes it, and a table is reviewed for
the services that are planned. All of it errs towards no: what cannot be placed raises KeyError and denies.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from masugata.arn import InvalidArnError, parse_arn
from masugata.authorization import catalogue
from masugata.authorization.access import Access, Context

ARN_LIMIT = 2048
RESOURCE_LIMIT = 1000
"""Resources that one request may name; more deny."""

_PART = re.compile(r"\$\{(?P<given>\w+)\}|\{(?P<path>[\w.]+)(?P<account>:account)?\}")
_ACCOUNT_ID = re.compile(r"\d{12}")
_Value = tuple[str, str]  # the path of a member, and one of its values


class _Form(NamedTuple):
    """What ARNs of a resource type look like; of two that fit, the one with more separators is meant."""

    name: str
    pattern: re.Pattern[str]
    separators: int


def accesses(
    service: str,
    operation: str,
    request: Mapping[str, Any],
    given: Mapping[str, str],
    context: Callable[[str], Context],
) -> list[Access]:
    """The permissions an operation needs; raises KeyError where its resources cannot all be told.

    `given`: Partition, Region, Account, and what the service's rows in
    scripts/catalogue_overrides/resources.py ask for besides. `context`: the condition keys of the request and
    of the resource with this ARN (or `*`), which no catalogue knows; without them a Deny on tags is blind.
    """
    entry = catalogue.operation(service, operation)
    if entry is None:
        raise KeyError(operation)
    sources = catalogue.resource_sources(service, operation)
    found = []
    for name in entry.actions:
        action = catalogue.action(name)
        if action is None:
            raise KeyError(name)
        arns = _arns(action, sources[name], request, given) if action.resource_types else ["*"]
        found += [
            Access(action=name, resource=arn, resource_account=_account(arn), context=context(arn))
            for arn in arns
        ]
    return found


def _arns(
    action: catalogue.Action,
    sources: Mapping[str, tuple[str, ...]],
    request: Mapping[str, Any],
    given: Mapping[str, str],
) -> list[str]:
    """The resources of one action, each once."""
    prefix = action.name.partition(":")[0]
    found: dict[str, None] = {}
    named: set[_Value] = set()
    placed: set[_Value] = set()
    for use in action.resource_types:
        made = []
        for source in sources[use.name]:
            for arn, values in _made(source, request, given):
                named |= values
                if arn and use.name in _types(prefix, arn):
                    placed |= values
                    made.append(arn)
        if use.required and not made:
            raise KeyError(use.name)
        found |= dict.fromkeys(made)
    # a value that no type takes is a resource that would go unjudged
    if not found or named - placed or len(found) > RESOURCE_LIMIT:
        raise KeyError(action.name)
    return list(found)


def _made(
    source: str, request: Mapping[str, Any], given: Mapping[str, str]
) -> Iterator[tuple[str | None, set[_Value]]]:
    """What a source makes of the request: each ARN, or None, with the values it comes from."""
    places = {match["path"]: bool(match["account"]) for match in _PART.finditer(source) if match["path"]}
    values = {path: _values(request, path) for path in places}
    if sum(len(items) > 1 for items in values.values()) > 1:
        raise KeyError(source)
    for chosen in product(*values.values()):
        member = dict(zip(places, chosen, strict=True))
        yield _filled(source, places, member, given), set(member.items())


def _filled(
    source: str, places: Mapping[str, bool], member: Mapping[str, str], given: Mapping[str, str]
) -> str | None:
    """The ARN of a source with these values, or None where they are of another kind."""
    alone = len(places) == 1
    for path, value in member.items():
        if places[path] and not _ACCOUNT_ID.fullmatch(value):
            return None
        # a separator inside one of several parts would move the others
        if not alone and (":" in value or "/" in value):
            raise KeyError(path)
    value = next(iter(member.values()), "")
    if alone and value.startswith("arn:"):
        return value
    if source.startswith("{"):
        return None
    return _PART.sub(lambda match: given[match["given"]] if match["given"] else member[match["path"]], source)


def _values(request: Mapping[str, Any], path: str) -> list[str]:
    """The values of a member: none if it is absent; raises KeyError for one that names nothing."""
    found: Any = request
    for name in path.split("."):
        if found is not None:
            found = found.get(name)
    items = found if isinstance(found, list) else [] if found is None else [found]
    values = [str(item) for item in items]
    if any(not value or not value.isprintable() or len(value) > ARN_LIMIT for value in values):
        raise KeyError(path)
    return values


def _types(prefix: str, arn: str) -> set[str]:
    """The resource types of a service that an ARN is of."""
    if len(arn) > ARN_LIMIT:
        return set()
    fitting = [form for form in _forms(prefix) if form.pattern.fullmatch(arn)]
    most = max((form.separators for form in fitting), default=0)
    return {form.name for form in fitting if form.separators == most}


@cache  # only ever asked for prefixes of the catalogue
def _forms(prefix: str) -> list[_Form]:
    entries = catalogue.service(prefix)
    types = entries.resource_types.values() if entries else ()
    return [_form(item.name, template) for item in types for template in item.arn_templates]


def _form(name: str, template: str) -> _Form:
    """The form of a template: a variable is one part of an ARN, and at the end the rest of it."""
    pieces = re.split(r"(\$\{\w+\}|\*)", template)
    head = "".join(re.escape(text) if at % 2 == 0 else "[^:/]*" for at, text in enumerate(pieces[:-2]))
    tail = ".+" if len(pieces) > 1 and not pieces[-1] else "[^:/]*" + re.escape(pieces[-1])
    return _Form(name, re.compile(head + (tail if len(pieces) > 1 else re.escape(template))), _cuts(template))


def _cuts(text: str) -> int:
    return text.count("/") + text.count(":")


def _account(arn: str) -> str | None:
    try:
        return parse_arn(arn).account or None
    except InvalidArnError:
        return None

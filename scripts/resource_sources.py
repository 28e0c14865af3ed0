"""Proposes how the ARNs of an operation's resources are made from its request.

Each resource type of each action that an operation needs must come from the request:

- from a member that carries an ARN: named after the type ("TopicArn" for the type `topic`), or plainly
  "ResourceArn"; which of an action's types that is, shows in the ARN;
- from the type's ARN template, if each of its variables has the name of a member ("${DetectorId}" and
  "DetectorId"), letter case and punctuation aside;
- from the reviewed table in scripts/catalogue_overrides/resources.py, which goes before both.

Nothing is proposed where a type would be left out, or where another member could name a second resource
of the same type ("DestinationKeyId" beside "KeyId", or any deeper in the request): such an operation is
denied until the table, or the service's own function, says what it acts on.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from catalogue_overrides.resources import GIVEN, RESOURCES

from masugata.authorization.catalogue import (
    Action,
    OperationEntries,
    ResourceEntries,
    ResourceType,
    ServiceEntries,
)

Sources = dict[str, tuple[str, ...]]  # resource type → sources

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PLACE = re.compile(r"(?<!\$)\{([\w.]+)(?::\w+)?\}")
# a variable behind part of an id, as in "ou-${OrganizationalUnitId}": members carry the whole id
_BEHIND_A_PREFIX = re.compile(r"[^:/]\$\{")
# names that do not say what they name
_PLAIN = ("id", "name", "arn", "identifier")
_ANY_ARN = ("resourcearn", "resourcearns")
_ENDINGS = ("arn", "arns", "id", "ids", "name", "names", "identifier")


def normalized(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


class Members:
    """The members of an operation's request.

    `all` of them, `texts`: those that are a text or a list of texts, and `deeper`: the names, normalized, of
    texts inside other members.
    """

    def __init__(self, model: dict[str, Any], operation: str) -> None:
        shapes = model["shapes"]
        shape = model["operations"][operation].get("input")
        members = shapes[shape["shape"]].get("members", {}) if shape else {}
        self.all = set(members)
        self.texts = {normalized(name): name for name in _texts(shapes, members)}
        self.deeper: set[str] = set()
        seen: set[str] = set()
        waiting = [member["shape"] for member in members.values()]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                inner = shapes[name].get("members", {})
                self.deeper.update(map(normalized, _texts(shapes, inner)))
                waiting += [member["shape"] for member in inner.values()]
                waiting += [
                    shapes[name][part]["shape"] for part in ("member", "value") if part in shapes[name]
                ]


def _texts(shapes: Mapping[str, Any], members: Mapping[str, Any]) -> Iterator[str]:
    """The names of those members that are a text or a list of texts."""
    for name, member in members.items():
        target = shapes[member["shape"]]
        if target["type"] == "list":
            target = shapes[target["member"]["shape"]]
        if target["type"] == "string":
            yield name


def resources_of(
    service: str, model: dict[str, Any], operations: OperationEntries, services: Mapping[str, ServiceEntries]
) -> tuple[ResourceEntries, Counter[str]]:
    """The sources of all operations but the open ones; how many have no resource, are made, and are open."""
    entries = ResourceEntries({})
    count = Counter({"no resource": 0, "made": 0, "open": 0})
    for operation, names in operations.operations.items():
        members = Members(model, operation)
        found = {}
        for name in names:
            prefix = services[name.partition(":")[0]]
            if prefix.actions[name].resource_types:
                types = prefix.resource_types
                found[name] = sources_of(service, operation, prefix.actions[name], types, members)
        made = {name: sources for name, sources in found.items() if sources is not None}
        if made and made.keys() == found.keys():
            entries.operations[operation] = made
        count["open" if made.keys() != found.keys() else "made" if made else "no resource"] += 1
    unknown = (RESOURCES.get(service, {}).keys() - {"*"}) - operations.operations.keys()
    if unknown:
        raise SystemExit(f"resources of `{service}:{min(unknown)}`: no such operation")
    return entries, count


def sources_of(
    service: str, operation: str, action: Action, types: Mapping[str, ResourceType], members: Members
) -> Sources | None:
    """Resource type → sources for an action that an operation needs; None where something is open."""
    reviewed = _reviewed(service, operation, action.name, members)
    found: Sources = {}
    proposed: Sources = {}
    for use in action.resource_types:
        if use.name in reviewed:
            if not reviewed[use.name]:
                return None
            found[use.name] = tuple(source for source in reviewed[use.name] if source != "-")
            continue
        only = len(action.resource_types) == 1 and normalized(operation).endswith(normalized(use.name))
        proposed[use.name] = tuple(_proposed(service, types[use.name], members.texts, only=only))
        if not proposed[use.name]:
            return None
    found |= proposed
    return None if _another(service, types, found, proposed, members) else found


def _reviewed(service: str, operation: str, action: str, members: Members) -> Sources:
    """The table's rows for the operation; of those for all operations, what the request has members for."""
    table = RESOURCES.get(service, {})
    rows = {
        name: tuple(source for source in row.split() if places(source) <= members.all)
        for name, row in table.get("*", {}).items()
    }
    rows = {name: sources for name, sources in rows.items() if sources}
    own = table.get(operation, {})
    unknown = {place for row in own.values() for place in places(row)} - members.all
    if unknown:
        raise SystemExit(f"resources of `{service}:{operation}`: no member `{min(unknown)}`")
    return rows | {name.removeprefix(f"{action} "): tuple(row.split()) for name, row in own.items()}


def places(source: str) -> set[str]:
    """The members of the request that a source, or several, are made from."""
    return {path.partition(".")[0] for path in _PLACE.findall(source)}


def _proposed(service: str, kind: ResourceType, texts: Mapping[str, str], *, only: bool) -> Iterator[str]:
    """The sources of a type; `only`: it is the action's one type, and the operation is named after it."""
    own = normalized(kind.name)
    names = [f"{own}arn", f"{own}arns", *_ANY_ARN, *(("arn",) if only else ())]
    arns = [f"{{{texts[name]}}}" for name in names if name in texts]
    yield from arns
    source = kind.arn_templates[0]
    if "*" in source:
        return
    for variable in _variables(service, kind):
        member = _member(normalized(variable), own, texts, only=only)
        if member is None or _BEHIND_A_PREFIX.search(source):
            return
        source = source.replace(f"${{{variable}}}", f"{{{member}}}")
    # an ARN without a member is always the same one: it only counts where nothing else is named
    if places(source) or not arns:
        yield source


def _variables(service: str, kind: ResourceType) -> list[str]:
    """The variables of a type's template that the request must say."""
    given = {"Partition", "Region", "Account", *GIVEN.get(service, ())}
    return [name for name in _VARIABLE.findall(kind.arn_templates[0]) if name not in given]


def _member(variable: str, own: str, texts: Mapping[str, str], *, only: bool) -> str | None:
    """The member that a variable of the template of the type `own` stands for."""
    names = [own + variable] if variable in _PLAIN else [variable]
    if only:
        names.append(variable.removeprefix(own))
    forms = (form for name in names for form in (name, f"{name}s"))
    return next((texts[form] for form in forms if form in texts), None)


def _another(
    service: str,
    types: Mapping[str, ResourceType],
    found: Sources,
    proposed: Sources,
    members: Members,
) -> bool:
    """Whether a member that is not used could name another resource of a proposed type."""
    used = {member for sources in found.values() for source in sources for member in places(source)}
    ends = [normalized(kind) + ending for kind in proposed for ending in _ENDINGS]
    for kind in proposed:
        names = map(normalized, _variables(service, types[kind]))
        ends += [name for name in names if name not in _PLAIN]
    others = {name for name, member in members.texts.items() if member not in used} | members.deeper
    return any(name.endswith(tuple(ends)) for name in others)

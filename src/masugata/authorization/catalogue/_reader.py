"""Reads the catalogue, each service at its first use."""

from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import msgspec

from masugata.authorization.catalogue.entries import (
    Action,
    Operation,
    OperationEntries,
    ResourceEntries,
    ResourceType,
    ServiceEntries,
)
from masugata.authorization.packed import Packed, open_packed

_FILE = Path(__file__).with_name("catalogue.bin")
_NAMES_FILE = Path(__file__).with_name("service_names.tsv")
_FORM = b"masugata-catalogue 2"
_Entries = TypeVar("_Entries", ServiceEntries, OperationEntries, ResourceEntries)


@cache
def _catalogue() -> Packed:
    packed = open_packed(_FILE, _FORM)
    # the leading newline lets every name be found as a whole
    return packed._replace(table=b"\n" + packed.table)


@cache
def service_names() -> Mapping[str, str]:
    """The names of all services by the prefix of their actions, e.g. "wafv2" → "AWS WAF V2"."""
    lines = _NAMES_FILE.read_text().splitlines()
    return MappingProxyType(dict(line.split("\t", 1) for line in lines))


def names(kind: str) -> frozenset[str]:
    """The services that there are entries of; `kind` is "actions" (prefixes), "operations" or "resources"."""
    lines = _catalogue().table.decode().split("\n")
    return frozenset(
        line[len(kind) + 1 :].partition("\t")[0] for line in lines if line.startswith(f"{kind}/")
    )


def _find(kind: str, service: str, form: type[_Entries]) -> _Entries | None:
    try:
        entries: _Entries = _read(f"{kind}/{service}", form)
    except KeyError:
        return None
    return entries


# The index stays as it is in the file: a dictionary of it would be larger than what most processes read.
# A printable name has no tab or newline, so that what is found is the first field of one line, whole.
# A name that is not there raises and so is not cached: what is cached is never more than what is shipped.
@cache
def _read(name: str, form: type[_Entries]) -> _Entries:
    packed = _catalogue()
    start = packed.table.find(f"\n{name}\t".encode()) + 1 if name.isprintable() else 0
    if start == 0:
        raise KeyError(name)
    fields = packed.table[start : packed.table.index(b"\n", start)].split(b"\t")
    return msgspec.json.decode(packed.text(int(fields[1]), int(fields[2])), type=form)


def service(prefix: str) -> ServiceEntries | None:
    """All that the service reference says of this prefix, e.g. "iam", or None."""
    return _find("actions", prefix, ServiceEntries)


def operations(name: str) -> OperationEntries | None:
    """All operations of a service by botocore's name, e.g. "elbv2", or None."""
    return _find("operations", name, OperationEntries)


@lru_cache(maxsize=1024)
def operation(service: str, name: str) -> Operation | None:
    """What the operation `name` needs; None if unknown, or if AWS publishes no action for it."""
    entries = operations(service)
    if entries is None or name not in entries.operations:
        return None
    return Operation(service, name, entries.operations[name], entries.dependent_actions.get(name, ()))


def exception(service: str, name: str) -> str | None:
    """Why the operation `name` has no actions, e.g. "unpublished"; None if it has, or if it is unknown."""
    entries = operations(service)
    return None if entries is None else entries.exceptions.get(name)


def resources(name: str) -> ResourceEntries | None:
    """The resources of all operations of a service by botocore's name, or None."""
    return _find("resources", name, ResourceEntries)


def resource_sources(service: str, name: str) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Action → resource type → sources of its ARN, for an operation; empty where that is open."""
    entries = resources(service)
    return {} if entries is None else entries.operations.get(name, {})


def action(name: str) -> Action | None:
    """The action of exactly this name, e.g. "iam:CreateUser", or None."""
    entries = service(name.partition(":")[0])
    return None if entries is None else entries.actions.get(name)


def action_in_any_case(name: str) -> Action | None:
    """The action of this name as policies may spell it, e.g. "IAM:createuser", or None."""
    wanted = name.lower()
    entries = service(wanted.partition(":")[0])
    if entries is None:
        return None
    return next((entry for key, entry in entries.actions.items() if key.lower() == wanted), None)


def resource_type(prefix: str, name: str) -> ResourceType | None:
    """The resource type, e.g. ("iam", "user"), or None."""
    entries = service(prefix)
    return None if entries is None else entries.resource_types.get(name)


def condition_key_type(prefix: str, name: str) -> str | None:
    """The type of a condition key that actions of `prefix` know, or None.

    `name` is the key as documented: ("iam", "iam:PolicyARN"), ("iam", "aws:RequestTag/${TagKey}").
    """
    entries = service(prefix)
    return None if entries is None else entries.condition_keys.get(name)


def supports_resource_control_policies(prefix: str) -> bool:
    """Whether resource control policies bind the actions of `prefix`; raises KeyError if it is unknown."""
    entries = service(prefix)
    if entries is None:
        raise KeyError(prefix)
    return entries.resource_control_policies

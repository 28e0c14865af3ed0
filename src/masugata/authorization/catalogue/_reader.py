"""Reads the catalogue's files, each at its first use."""

from functools import cache
from pathlib import Path

import msgspec

from masugata.authorization.catalogue.entries import (
    Action,
    Operation,
    OperationEntries,
    ResourceType,
    ServiceEntries,
)

_DATA = Path(__file__).with_name("data")


# Which files there are is asked of the folder once, so that a name in a request never becomes a path
# and what is cached is never more than what is shipped.
@cache
def _prefixes() -> frozenset[str]:
    return frozenset(path.stem for path in _DATA.glob("*.json"))


@cache
def _services() -> frozenset[str]:
    return frozenset(path.stem for path in (_DATA / "operations").glob("*.json"))


@cache
def _read(prefix: str) -> ServiceEntries:
    return msgspec.json.decode((_DATA / f"{prefix}.json").read_bytes(), type=ServiceEntries)


@cache
def _read_operations(service: str) -> OperationEntries:
    path = _DATA / "operations" / f"{service}.json"
    return msgspec.json.decode(path.read_bytes(), type=OperationEntries)


def operation(service: str, name: str) -> Operation | None:
    """What the operation `name` needs; None if unknown, or if AWS publishes no action for it."""
    if service not in _services():
        return None
    actions = _read_operations(service).operations.get(name)
    return None if actions is None else Operation(service, name, actions)


def action(name: str) -> Action | None:
    """The action of exactly this name, e.g. "iam:CreateUser", or None."""
    prefix = name.partition(":")[0]
    return _read(prefix).actions.get(name) if prefix in _prefixes() else None


def resource_type(service: str, name: str) -> ResourceType | None:
    """The resource type, e.g. ("iam", "user"), or None."""
    return _read(service).resource_types.get(name) if service in _prefixes() else None


def condition_key_type(service: str, name: str) -> str | None:
    """The type of a condition key that actions of `service` know, or None.

    `name` is the key as documented: ("iam", "iam:PolicyARN"), ("iam", "aws:RequestTag/${TagKey}").
    """
    return _read(service).condition_keys.get(name) if service in _prefixes() else None


def supports_resource_control_policies(service: str) -> bool:
    """Whether resource control policies bind the actions of `service`; raises KeyError if it is unknown."""
    if service not in _prefixes():
        raise KeyError(service)
    return _read(service).resource_control_policies

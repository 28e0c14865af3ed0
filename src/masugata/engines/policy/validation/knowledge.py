"""What is known of AWS's services, handed in as data and indexed for the checks.

`ServiceFacts` and the rest are shapes: `masugata.authorization.catalogue` has entries of these shapes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Final, Protocol

from masugata.engines.common import compile_glob, tokenize
from masugata.engines.policy.validation._globals import GLOBAL_KEYS, SESSION_KEYS

_VARIABLE = re.compile(r"\$\{[^}]*\}")
# How the service reference says that a key goes on: `iam:ResourceTag/${TagKey}`, `s3:RequestObjectTag/<key>`.
_OPEN_END = re.compile(r"\$\{|<key>|(?<=/)tag-key$", re.IGNORECASE)


class ResourceUseFacts(Protocol):
    """A resource type of an action."""

    @property
    def name(self) -> str: ...
    @property
    def condition_keys(self) -> Sequence[str]: ...


class ActionFacts(Protocol):
    """An action, by its name in policies."""

    @property
    def name(self) -> str: ...
    @property
    def resource_types(self) -> Sequence[ResourceUseFacts]: ...
    @property
    def condition_keys(self) -> Sequence[str]: ...


class ResourceTypeFacts(Protocol):
    """A resource type with the templates of its ARNs."""

    @property
    def arn_templates(self) -> Sequence[str]: ...
    @property
    def condition_keys(self) -> Sequence[str]: ...


class ServiceFacts(Protocol):
    """All of one service prefix."""

    @property
    def resource_control_policies(self) -> bool: ...
    @property
    def actions(self) -> Mapping[str, ActionFacts]: ...
    @property
    def resource_types(self) -> Mapping[str, ResourceTypeFacts]: ...
    @property
    def condition_keys(self) -> Mapping[str, str]: ...


class Template:
    """An ARN template of the service reference, cut at its colons; the resource part is a glob."""

    __slots__ = ("account", "matches", "prefix", "region", "resource", "suffix")

    def __init__(self, arn: str) -> None:
        _, _, _, self.region, self.account, resource = arn.split(":", 5)
        self.resource = _VARIABLE.sub("*", resource)
        self.matches = compile_glob(tokenize(self.resource))
        self.prefix, _, rest = self.resource.partition("*")
        self.suffix = rest.rpartition("*")[2] if "*" in self.resource else self.prefix


class Service:
    """One service prefix, with the indexes that the checks ask."""

    def __init__(self, prefix: str, facts: ServiceFacts) -> None:
        self.prefix: Final = prefix
        self.supports_rcp: Final = facts.resource_control_policies
        self._facts = facts

    @cached_property
    def actions(self) -> Mapping[str, ActionFacts]:
        """Name after the colon, in lower case → action."""
        return {name.partition(":")[2].lower(): action for name, action in self._facts.actions.items()}

    def names(self) -> Iterator[str]:
        """The names of its actions, after the colon, as AWS spells them."""
        return (name.partition(":")[2] for name in self._facts.actions)

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """Condition key in lower case, without the part that varies → type."""
        return {_shape(key): kind for key, kind in self._facts.condition_keys.items()}

    @lru_cache(maxsize=4096)  # noqa: B019 - services live as long as the process, like the catalogue
    def keys_of(self, action: str) -> frozenset[str]:
        """The keys, as in `keys`, that the action of this lower-case name has in its request."""
        facts = self.actions[action]
        found = {_shape(key) for key in facts.condition_keys}
        for use in facts.resource_types:
            found.update(map(_shape, use.condition_keys))
            kind = self._facts.resource_types.get(use.name)
            found.update(map(_shape, kind.condition_keys if kind else ()))
        return frozenset(found)

    def templates(self) -> Iterator[str]:
        """The ARN templates of all its resource types."""
        for kind in self._facts.resource_types.values():
            yield from kind.arn_templates


class Knowledge:
    """The catalogue of all services, each read when it is first asked for."""

    def __init__(self, prefixes: Iterable[str], find: Callable[[str], ServiceFacts | None]) -> None:
        self.prefixes: Final = frozenset(prefixes)
        self._find = find
        self._services: dict[str, Service | None] = {}

    def service(self, prefix: str) -> Service | None:
        """The service of this prefix in lower case, or None."""
        if prefix not in self.prefixes:
            return None
        if prefix not in self._services:
            facts = self._find(prefix)
            self._services[prefix] = None if facts is None else Service(prefix, facts)
        return self._services[prefix]

    def actions_like(self, pattern: str, spend: Callable[[int], bool]) -> list[tuple[Service, str]]:
        """The actions that `prefix:name`, in lower case and perhaps with wildcards, reaches.

        `spend` is asked for as many steps as there are names to compare; where it refuses, none is found.
        """
        prefix, _, name = pattern.partition(":")
        service = self.service(prefix)
        if service is None:
            return []
        if "*" not in name and "?" not in name:
            return [(service, name)] if name in service.actions else []
        if not spend(len(service.actions)):
            return []
        matches = compile_glob(tokenize(name))
        return [(service, action) for action in service.actions if matches(action)]

    @cached_property
    def _key_types(self) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for prefix in self.prefixes:
            service = self.service(prefix)
            for key, kind in service.keys.items() if service else ():
                found.setdefault(key, kind)
        return found | SESSION_KEYS | GLOBAL_KEYS

    def key_type(self, key: str) -> str | None:
        """The type of a condition key (String, ArrayOfARN …), or None if nobody knows the key."""
        shape = self.key_shape(key)
        return None if shape is None else self._key_types[shape]

    def key_shape(self, key: str) -> str | None:
        """The key in lower case without what varies, `aws:resourcetag/`, or None if it is unknown."""
        name = key.lower()
        if name in self._key_types and not name.endswith("/"):
            return name
        for sign in ("/", ":"):
            position = name.find(sign, name.find(":") + 1)
            if 0 < position < len(name) - 1 and name[: position + 1] in self._key_types:
                return name[: position + 1]
        return None

    def lacks_tag(self, key: str) -> bool:
        """Whether `key` is that of a tag without saying which: `aws:ResourceTag`, `aws:ResourceTag/`."""
        name = key.lower().rstrip("/")
        return f"{name}/" in self._key_types and name not in self._key_types

    def keys_starting(self, prefix: str) -> list[str]:
        """The known keys of one prefix."""
        return [key for key in self._key_types if key.startswith(f"{prefix}:")]

    @cached_property
    def _templates(self) -> Mapping[str, Sequence[Template]]:
        found: dict[str, dict[str, Template]] = {}
        for prefix in sorted(self.prefixes):
            service = self.service(prefix)
            for arn in service.templates() if service else ():
                found.setdefault(_arn_service(arn, prefix), {}).setdefault(arn, Template(arn))
        return {name: tuple(templates.values()) for name, templates in found.items()}

    def templates(self, arn_service: str) -> Sequence[Template]:
        """The templates of all ARNs whose service segment is `arn_service`."""
        return self._templates.get(arn_service, ())

    def knows_arn_service(self, name: str) -> bool:
        """Whether ARNs have this service segment."""
        return name in self.prefixes or name in self._templates


def _arn_service(arn: str, prefix: str) -> str:
    """The service segment; some templates have a variable there."""
    name = arn.split(":", 3)[2]
    return prefix if name.startswith("$") else name


def _shape(key: str) -> str:
    found = _OPEN_END.search(key)
    return (key if found is None else key[: found.start()]).lower()

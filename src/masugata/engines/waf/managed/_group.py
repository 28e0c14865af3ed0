"""What a managed rule group is."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

import msgspec
from msgspec import field

from masugata.engines.waf.addresses import AddressSet
from masugata.engines.waf.definitions import RuleAction, Statement
from masugata.engines.waf.detectors import Detector


class Source(Enum):
    """The parts of a request that AWS's managed rules are named after."""

    URI_PATH = "URIPATH"
    QUERY_ARGUMENTS = "QUERYARGUMENTS"
    COOKIES = "COOKIE"
    HEADERS = "HEADER"
    BODY = "BODY"


class Detect(msgspec.Struct, frozen=True, kw_only=True):
    """An attack of one of these families, somewhere in these parts, with this score or more.

    Values are parsed out of the parts and decoded until nothing is left to decode.
    """

    sources: tuple[Source, ...]
    detectors: tuple[Detector, ...]
    minimum_score: int = 50


class ManagedRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with either a statement or something to detect; `labels` are without the group's namespace.

    One that is `internal` only adds labels for others of the group, and is not described to anybody.
    """

    name: str
    action: RuleAction
    statement: Statement | None = None
    detect: Detect | None = None
    labels: tuple[str, ...] = ()
    internal: bool = False


class ManagedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a group; rules are in order. `label_namespace` ends with a colon.

    `ip_sets` and `regex_pattern_sets` are what its statements refer to. `configure` gives the rules for
    `ManagedRuleGroupConfigs`, and raises ValueError for what it does not understand; a group without it
    takes none. `static_versions` are the names under which it can be pinned, the newest last; a group without
    them has no versions. `unavailable` says why a group that AWS has cannot be used here.
    """

    vendor: str
    name: str
    version: str
    capacity: int
    label_namespace: str
    rules: tuple[ManagedRule, ...]
    description: str = ""
    static_versions: tuple[str, ...] = ()
    unavailable: str = ""
    ip_sets: Mapping[str, tuple[str, ...] | AddressSet] = field(default_factory=dict)
    regex_pattern_sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    configure: Callable[[tuple[dict[str, Any], ...]], tuple[ManagedRule, ...]] | None = None


ManagedGroups = Mapping[tuple[str, str, str | None], ManagedGroup]
"""By vendor, name and version; version None is the one that is used where none is named."""

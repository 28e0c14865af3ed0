"""All that can be asked, as the catalogue knows it."""

import re
from collections.abc import Sequence
from functools import lru_cache

from masugata.authorization import catalogue
from masugata.engines.policy.comparison import Universe
from masugata.engines.policy.validation import GLOBAL_KEYS

_ACCOUNT = "111122223333"
_REGION = "us-east-1"
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_KNOWN = {"Partition": "aws", "Region": _REGION, "Account": _ACCOUNT}
# Condition keys of every service that have one value at most, in lower case; a tag's go on behind the slash.
_SINGLE = frozenset(key for key, type_ in GLOBAL_KEYS.items() if not type_.startswith("ArrayOf"))
_TAGS = (*(key for key in _SINGLE if key.endswith("/")), "iam:resourcetag/")


def universe(accounts: Sequence[str] = ()) -> Universe:
    """Every action of every service, with resources that look real; `accounts` may own them."""
    entries = [catalogue.service(prefix) for prefix in sorted(catalogue.names("actions"))]
    actions = [action for entry in entries if entry is not None for action in entry.actions]
    return Universe(actions, _examples, _single_valued, accounts)


def _examples(action: str) -> list[str]:
    """An ARN of each resource type of the action."""
    entry, service = catalogue.action(action), catalogue.service(action.partition(":")[0])
    if entry is None or service is None:
        return []
    types = [
        service.resource_types[use.name] for use in entry.resource_types if use.name in service.resource_types
    ]
    return [_filled(template) for kind in types for template in kind.arn_templates] or ["*"]


def _filled(template: str) -> str:
    return _VARIABLE.sub(lambda found: _KNOWN.get(found[1], "example"), template)


def _single_valued(key: str) -> bool:
    return key in _SINGLE or key.startswith(_TAGS) or key in _single_of_service(key.partition(":")[0])


@lru_cache
def _single_of_service(prefix: str) -> frozenset[str]:
    """A service's own condition keys that are no lists, in lower case."""
    service = catalogue.service(prefix)
    keys = {} if service is None else service.condition_keys
    return frozenset(key.lower() for key, type_ in keys.items() if not type_.startswith("ArrayOf"))

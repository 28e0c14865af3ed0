"""From JSON text to a tree: what every declarative policy has in common.

Reading is strict: what could be read in two ways is refused.
"""

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn, TypeAlias

from masugata.errors import MasugataError

Tree: TypeAlias = Mapping[str, Any]
"""A JSON object of a policy; no two of its keys are the same."""

_DEEPEST = 32  # a backup policy needs ten levels


class MalformedDeclarativePolicyError(MasugataError):
    """A declarative policy that its type does not allow; `path` says where, from `$` on."""

    def __init__(self, message: str, path: str = "$") -> None:
        super().__init__(f"{path}: {message}")
        self.message = message
        self.path = path


def read_document(content: str) -> Tree:
    """Parse the content of a declarative policy; raises `MalformedDeclarativePolicyError`."""
    try:
        top = json.loads(
            content,
            object_pairs_hook=_unique,
            parse_int=_whole,
            parse_float=_finite,
            parse_constant=_refuse_constant,
        )
        # Half a surrogate pair is not text: nothing could show or store it.
        if "\\u" in content:
            json.dumps(top, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise MalformedDeclarativePolicyError(f"the policy is not JSON: {error}"[:300]) from None
    if not isinstance(top, dict):
        raise MalformedDeclarativePolicyError("the policy is not a JSON object")
    if _too_deep(top):
        raise MalformedDeclarativePolicyError(f"the policy has more than {_DEEPEST} levels")
    return top


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    elements: dict[str, Any] = {}
    for name, value in pairs:
        if name in elements:
            raise ValueError(f"the key `{name[:100]}` is there twice")
        elements[name] = value
    return elements


def _whole(digits: str) -> int:
    if len(digits) > 20:  # more than any setting takes
        raise ValueError("a number is too long")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):  # such as 1e999, which would be written as `Infinity`, and that is not JSON
        raise ValueError("a number is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is not JSON")


def _too_deep(top: Tree) -> bool:
    """Whether there are more levels of objects and arrays than `_DEEPEST`."""
    level: list[Any] = [top]
    for _ in range(_DEEPEST + 1):
        containers = [item for item in level if isinstance(item, dict | list)]
        if not containers:
            return False
        level = [
            child for item in containers for child in (item.values() if isinstance(item, dict) else item)
        ]
    return True

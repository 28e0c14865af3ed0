"""From JSON text to a tree: what every declarative policy has in common.

Reading is strict: what could be read in two ways is refused.
"""

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

from masugata.engines.common.strict_json import read_json
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
        top = read_json(content, levels=_DEEPEST, whole=_whole, fraction=_finite)
    except ValueError as error:
        raise MalformedDeclarativePolicyError(f"the policy is not JSON: {error}"[:300]) from None
    if not isinstance(top, dict):
        raise MalformedDeclarativePolicyError("the policy is not a JSON object")
    return top


def _whole(digits: str) -> int:
    if len(digits) > 20:  # more than any setting takes
        raise ValueError("a number is too long")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):  # such as 1e999, which would be written as `Infinity`, and that is not JSON
        raise ValueError("a number is too large")
    return number

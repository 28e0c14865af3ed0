"""Checks of a policy before it is stored: findings with AWS's issue codes, each with its place in the text.

>>> from masugata.engines.policy import PolicyType
>>> nobody = Knowledge((), lambda prefix: None)
>>> [finding] = validate('{"Statement": []}', PolicyType.IDENTITY, nobody).findings[:1]
>>> finding.code, finding.type.value
('MISSING_STATEMENT', 'ERROR')

What the API accepts is for `masugata.engines.policy.grammar` to say; whatever it refuses has an ERROR here.
"""

from masugata.engines.policy.validation._globals import GLOBAL_KEYS
from masugata.engines.policy.validation._tree import Array, Node, Object, Position, Text, Tree
from masugata.engines.policy.validation.check import (
    LONGEST,
    Result,
    UnreadableTextError,
    read_tree,
    validate,
    validate_node,
)
from masugata.engines.policy.validation.codes import CODES, NOT_BUILT, REFUSED, WITHDRAWN
from masugata.engines.policy.validation.findings import Finding, FindingType, Location, learn_more
from masugata.engines.policy.validation.knowledge import Knowledge

__all__ = [
    "CODES",
    "GLOBAL_KEYS",
    "LONGEST",
    "NOT_BUILT",
    "REFUSED",
    "WITHDRAWN",
    "Array",
    "Finding",
    "FindingType",
    "Knowledge",
    "Location",
    "Node",
    "Object",
    "Position",
    "Result",
    "Text",
    "Tree",
    "UnreadableTextError",
    "learn_more",
    "read_tree",
    "validate",
    "validate_node",
]

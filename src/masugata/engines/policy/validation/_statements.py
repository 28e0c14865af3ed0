"""A policy as the checks see it: its nodes, whatever they are, and what can be read of them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from masugata.engines.policy.operators import IF_EXISTS, NULL, OPERATORS, SET_PREFIXES, is_operator
from masugata.engines.policy.types import PolicyType
from masugata.engines.policy.validation._tree import Array, Node, Object, Scalar, Text

_FAMILIES: Final = ("String", "Arn", "Numeric", "Date", "Bool", "Binary", "IpAddress", "Null")


class Test(NamedTuple):
    """One key of one operator in a Condition element.

    `family` is String, Arn, Numeric, Date, Bool, Binary, IpAddress or Null, and `name` the operator alone,
    both empty if AWS has no such operator; `values` are what stands in the value or its array.
    """

    operator: Text
    name: str
    family: str
    qualifier: str
    if_exists: bool
    negated: bool
    key: Text
    value: Node
    values: tuple[Node, ...]

    @property
    def lower(self) -> str:
        """The key in lower case."""
        return self.key.value.lower()

    @property
    def like(self) -> bool:
        """Whether `*` and `?` are wildcards in the values."""
        return self.family == "Arn" or self.name.endswith("Like")

    @property
    def needs_key(self) -> bool:
        """Whether the test fails where the request lacks the key."""
        return not (
            self.negated or self.if_exists or self.qualifier == "ForAllValues" or self.family == "Null"
        )

    def texts(self) -> Iterator[tuple[Node, str]]:
        """The values that are texts, numbers or booleans, as text."""
        for node in self.values:
            if isinstance(node, Text | Scalar) and node.kind != "null":
                yield node, node.value


class Statement:
    """One statement; what is of a wrong type is left out here, and reported by the checks of elements."""

    __slots__ = ("actions", "index", "keys", "node", "policy_type", "resources", "tests", "version")

    def __init__(self, node: Object, index: int, policy_type: PolicyType, version: str) -> None:
        self.node = node
        self.index = index
        self.policy_type = policy_type
        self.version = version
        self.actions = texts(node.get("Action") or node.get("NotAction"))
        self.resources = texts(node.get("Resource") or node.get("NotResource"))
        self.tests = tuple(_tests(node.get("Condition")))
        self.keys = frozenset(test.lower for test in self.tests)

    @property
    def allows(self) -> bool:
        """Whether the effect is Allow."""
        effect = self.node.get("Effect")
        return isinstance(effect, Text) and effect.value == "Allow"

    @property
    def denies(self) -> bool:
        """Whether the effect is Deny."""
        effect = self.node.get("Effect")
        return isinstance(effect, Text) and effect.value == "Deny"

    @property
    def negated_action(self) -> bool:
        """Whether the statement has NotAction instead of Action."""
        return self.node.get("Action") is None and self.node.get("NotAction") is not None

    @property
    def negated_resource(self) -> bool:
        """Whether the statement has NotResource instead of Resource."""
        return self.node.get("Resource") is None and self.node.get("NotResource") is not None

    def has_key(self, *keys: str) -> bool:
        """Whether the Condition element tests one of these keys, given in lower case."""
        return not self.keys.isdisjoint(keys)

    def principals(self) -> Iterator[tuple[Text, Text]]:
        """The names and their kinds, `AWS` or another, of Principal or NotPrincipal."""
        element = self.node.get("Principal") or self.node.get("NotPrincipal")
        for kind, value in element.members if isinstance(element, Object) else ():
            for name in texts(value):
                yield kind, name


class Policy(NamedTuple):
    """A policy; `version` is how it is evaluated, and `resource_type` what it is attached to, if known."""

    text: str
    type: PolicyType
    root: Object
    version: str
    statements: tuple[Statement, ...]
    resource_type: str


def read(text: str, root: Object, policy_type: PolicyType, resource_type: str) -> Policy:
    """Look at a document as a policy, whatever it holds."""
    node = root.get("Version")
    version = node.value if isinstance(node, Text) else "2008-10-17"
    element = root.get("Statement")
    nodes = element.items if isinstance(element, Array) else [element]
    statements = tuple(
        Statement(item, index, policy_type, version)
        for index, item in enumerate(nodes)
        if isinstance(item, Object)
    )
    return Policy(text, policy_type, root, version, statements, resource_type)


def texts(node: Node | None) -> tuple[Text, ...]:
    """The strings of a value that may be one or an array of them."""
    if isinstance(node, Text):
        return (node,)
    return tuple(item for item in node.items if isinstance(item, Text)) if isinstance(node, Array) else ()


def _tests(condition: Node | None) -> Iterator[Test]:
    for operator, block in condition.members if isinstance(condition, Object) else ():
        qualifier, name, if_exists = _split(operator.value)
        known = OPERATORS.get(name.lower()) if is_operator(operator.value) else None
        if name == NULL:
            family, negated = NULL, False
        elif known is None:
            family, negated, name = "", False, ""
        else:
            negated = known.negated
            family = next(family for family in _FAMILIES if name.removeprefix("Not").startswith(family))
        for key, value in block.members if isinstance(block, Object) else ():
            values = tuple(value.items) if isinstance(value, Array) else (value,)
            yield Test(operator, name, family, qualifier, if_exists, negated, key, value, values)


def _split(operator: str) -> tuple[str, str, bool]:
    """Qualifier, name and whether IfExists follows."""
    qualifier, colon, rest = operator.partition(":")
    if not colon or qualifier not in SET_PREFIXES:
        qualifier, rest = "", operator
    name = rest.removesuffix(IF_EXISTS)
    return qualifier, name, name != rest

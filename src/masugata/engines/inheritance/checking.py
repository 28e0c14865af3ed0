"""Whether a declarative policy is what its type says."""

from typing import Any

from masugata.engines.inheritance.documents import MalformedDeclarativePolicyError, Tree, read_document
from masugata.engines.inheritance.operators import (
    ALL,
    APPEND,
    ASSIGN,
    CONTROL,
    CONTROL_VALUES,
    NONE,
    REMOVE,
    VALUE_OPERATORS,
    is_setting,
)
from masugata.engines.inheritance.paths import TOP, Path, path_text
from masugata.engines.inheritance.schema import (
    Entries,
    Node,
    Open,
    PolicySchema,
    Section,
    Setting,
    scalar,
    text,
)
from masugata.engines.inheritance.schemas import SCHEMAS

_OPERATOR_SIGN = "@@"
_OPEN_VALUE = Setting(scalar, either=True)
_OPEN_LIST = Setting(scalar, many=True)
_OPEN_NAME = text(256)


def check_policy(policy_type: str, content: str) -> None:
    """Refuse content that the policy type does not allow.

    `policy_type` is a declarative one, such as TAG_POLICY. The size is not looked at. Raises
    `MalformedDeclarativePolicyError`.
    """
    read_policy(policy_type, content)


def read_policy(policy_type: str, content: str) -> Tree:
    """Parse and check the content of a policy; raises `MalformedDeclarativePolicyError`."""
    schema = SCHEMAS.get(policy_type)
    if schema is None:
        raise MalformedDeclarativePolicyError(f"`{policy_type}` is not a declarative policy type")
    policy = read_document(content)
    if len(policy) != 1 or next(iter(policy)) not in schema.top:
        keys = " or ".join(f"`{key}`" for key in schema.top)
        raise MalformedDeclarativePolicyError(f"a policy of type {policy_type} has the one key {keys}")
    _Checker(schema).section(schema.root, policy, TOP)
    return policy


def _fail(message: str, path: Path) -> MalformedDeclarativePolicyError:
    return MalformedDeclarativePolicyError(message, path_text(path))


class _Checker:
    """Walks a document beside the schema of its type."""

    __slots__ = ("_controls",)

    def __init__(self, schema: PolicySchema) -> None:
        self._controls = schema.controls

    def _node(self, node: Node, fragment: Any, path: Path) -> None:
        if not isinstance(fragment, dict):
            raise _fail("a JSON object was expected", path)
        if isinstance(node, Open):
            self._open(fragment, path)
        elif isinstance(node, Setting):
            self._setting(node, fragment, path)
        elif isinstance(node, Section):
            self.section(node, fragment, path)
        else:
            self._entries(node, fragment, path)

    def section(self, node: Section, fragment: Tree, path: Path) -> None:
        """Check keys that AWS names."""
        for key, child in self._children(fragment, path):
            member = node.members.get(key)
            if member is None:
                raise _fail(f"there is no key `{key}`; expected {', '.join(node.members)}", path)
            self._node(member, child, (*path, key))
        for key in sorted(node.required):
            if key not in fragment:
                raise _fail(f"the key `{key}` is missing", path)

    def _entries(self, node: Entries, fragment: Tree, path: Path) -> None:
        seen: set[str] = set()
        for key, child in self._children(fragment, path):
            expected = node.names(key)
            if expected is not None:
                raise _fail(f"`{key}` is not {expected}", path)
            same = key if node.exact else key.lower()
            if same in seen:
                raise _fail(f"the key `{key}` is there twice, in upper and lower case", path)
            seen.add(same)
            self._node(node.of, child, (*path, key))
            if node.named_by is not None:
                named = child.get(node.named_by, {}).get(ASSIGN, key)
                if named.lower() != key.lower():
                    raise _fail(f"`{named}` and its key `{key}` differ in more than case", (*path, key))

    def _open(self, fragment: Tree, path: Path) -> None:
        if is_setting(fragment):
            listed = any(isinstance(value, list) for key, value in fragment.items() if key != CONTROL)
            self._setting(_OPEN_LIST if listed else _OPEN_VALUE, fragment, path)
            return
        for key, child in self._children(fragment, path):
            if _OPEN_NAME(key) is not None:
                raise _fail("the name of a key is empty or too long", path)
            self._node(Open(), child, (*path, key))

    def _children(self, fragment: Tree, path: Path) -> list[tuple[str, Any]]:
        """The keys below one, once the operators beside them are checked."""
        for key in fragment:
            if key == CONTROL:
                self._control(fragment[key], path)
            elif key.startswith(_OPERATOR_SIGN):
                raise _fail(f"`{key}` does not belong here", path)
        return [(key, child) for key, child in fragment.items() if key != CONTROL]

    def _setting(self, node: Setting, fragment: Tree, path: Path) -> None:
        for key, value in fragment.items():
            if key == CONTROL:
                self._control(value, path)
            elif key not in VALUE_OPERATORS:
                raise _fail(f"`{key}` is not an inheritance operator", path)
            else:
                _check_value(node, key, value, (*path, key))

    def _control(self, value: Any, path: Path) -> None:
        path = (*path, CONTROL)
        if not isinstance(value, list) or not value:
            raise _fail("a list of operators was expected", path)
        for operator in value:
            if operator.__class__ is not str or operator not in CONTROL_VALUES & self._controls:
                allowed = ", ".join(sorted(CONTROL_VALUES & self._controls))
                raise _fail(f"`{operator}` is not one of {allowed}"[:300], path)
        if len(value) > 1 and (ALL in value or NONE in value):
            raise _fail("`@@all` and `@@none` stand alone", path)


def _check_value(node: Setting, operator: str, value: Any, path: Path) -> None:
    listed = isinstance(value, list)
    if not (node.many or node.either):
        if operator in (APPEND, REMOVE):
            raise _fail(f"`{operator}` is for settings with several values", path)
        if listed:
            raise _fail("one value was expected, not a list", path)
    if listed and any(item.__class__ is not str for item in value):
        raise _fail("a list of texts was expected", path)
    if node.many and not listed:
        raise _fail("a list was expected", path)
    for item in value if listed else [value]:
        expected = node.check(item)
        if expected is not None:
            raise _fail(f"`{item}` is not {expected}"[:500], path)
    if node.most is not None and listed and len(value) > node.most:
        raise _fail(f"there are more than {node.most} values", path)

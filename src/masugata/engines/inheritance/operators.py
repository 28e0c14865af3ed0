"""The inheritance operators, by which policies say how they add up.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/policy-operators.html
"""

from typing import Any, Final

from masugata.engines.inheritance.documents import Tree

ASSIGN: Final = "@@assign"
APPEND: Final = "@@append"
REMOVE: Final = "@@remove"
VALUE_OPERATORS: Final = frozenset({ASSIGN, APPEND, REMOVE})
CONTROL: Final = "@@operators_allowed_for_child_policies"
ALL: Final = "@@all"
NONE: Final = "@@none"
CONTROL_VALUES: Final = VALUE_OPERATORS | {ALL, NONE}
ADDING: Final = frozenset({ASSIGN, APPEND})
"""What a child policy must be allowed, one of them, to add keys below a key."""


def child_operators(fragment: Tree) -> frozenset[str]:
    """The value-setting operators that a fragment of a policy leaves to child policies."""
    listed: Any = fragment.get(CONTROL)
    if listed is None or ALL in listed:
        return VALUE_OPERATORS
    return VALUE_OPERATORS.intersection(listed)


def is_setting(fragment: Tree) -> bool:
    """Whether a fragment sets a value, rather than holding further keys."""
    return not VALUE_OPERATORS.isdisjoint(fragment)

"""What the tables of policy types are made of.

A policy is a tree of `Section`s and `Entries` whose leaves are `Setting`s. `Open` stands for a part of
which nobody here knows the structure: its operators are checked, and nothing else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

Check: TypeAlias = Callable[[Any], str | None]
"""What a value has to be if it is not that, or None."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A leaf: `check` looks at each value.

    With `many` it is a list of texts, of at most `most`; with `either` it may be one text as well. A list
    with `may_be_empty` stays when everything is removed from it; others are then as if never set.
    """

    check: Check
    many: bool = False
    either: bool = False
    most: int | None = None
    may_be_empty: bool = False

    @property
    def demands(self) -> bool:
        """Whether an effective policy can be wrong here."""
        return self.most is not None


@dataclass(frozen=True)
class Section:
    """Keys that AWS names.

    Every policy that has this section must have the keys `required`; of the effective policy they must
    exist as well, and those in `complete` too.
    """

    members: Mapping[str, "Node"]
    required: frozenset[str] = frozenset()
    complete: frozenset[str] = frozenset()

    @cached_property
    def needed(self) -> frozenset[str]:
        """What the effective policy must have here."""
        return self.required | self.complete

    @cached_property
    def demands(self) -> bool:
        """Whether an effective policy can be wrong here or below."""
        return bool(self.needed) or any(member.demands for member in self.members.values())


@dataclass(frozen=True)
class Entries:
    """Keys that a policy's author names, as `names` allows.

    Their case does not matter and they are shown in lower case, unless they are `exact`. The effective
    policy has at most `most`. What an entry sets as its `named_by` must be its key but for the case.
    """

    of: "Node"
    names: Check
    most: int | None = None
    exact: bool = False
    named_by: str | None = None

    @cached_property
    def demands(self) -> bool:
        """Whether an effective policy can be wrong here or below."""
        return self.most is not None or self.of.demands


@dataclass(frozen=True, slots=True)
class Open:
    """A part whose structure could not be established."""

    @property
    def demands(self) -> bool:
        """Nobody knows, so nothing is."""
        return False


Node: TypeAlias = Section | Entries | Setting | Open


@dataclass(frozen=True)
class PolicySchema:
    """One policy type: a document has exactly one of the keys `top`.

    `controls` are the values that its child control operators may have.
    """

    top: Mapping[str, Node]
    controls: frozenset[str]

    @cached_property
    def root(self) -> Section:
        """The whole document as a section."""
        return Section(self.top)


def one_of(*values: str) -> Check:
    """One of these texts, in this case."""
    allowed, text = frozenset(values), "one of " + ", ".join(values)
    return lambda value: None if value.__class__ is str and value in allowed else text


def text(most: int = 1_000) -> Check:
    """A text that is not empty."""
    expected = f"a text of 1 to {most} characters"
    return lambda value: None if value.__class__ is str and 1 <= len(value) <= most else expected


def pattern(expression: str, expected: str) -> Check:
    """A text that matches as a whole."""
    compiled = re.compile(expression)
    return lambda value: (
        None if value.__class__ is str and len(value) <= _LONGEST and compiled.fullmatch(value) else expected
    )


def whole(low: int, high: int) -> Check:
    """A whole number, written as one or as a text."""
    expected = f"a whole number from {low} to {high}"

    def check(value: Any) -> str | None:
        if value.__class__ is str and re.fullmatch(r"-?[0-9]{1,9}", value):
            value = int(value)
        return None if value.__class__ is int and low <= value <= high else expected

    return check


def flag(value: Any) -> str | None:
    """True or false, written as such or as a text."""
    return None if value in (True, False, "true", "false") and value.__class__ is not int else "true or false"


def scalar(value: Any) -> str | None:
    """Anything that is neither an object nor a list nor null."""
    return None if value.__class__ in (str, int, float, bool) else "a text, a number, true or false"


REGION = pattern(r"[a-z]{2}(-[a-z]+){1,3}-[0-9]{1,2}", "the code of a Region")
REGIONS = Setting(
    lambda value: None if value == "ALL_SUPPORTED" else REGION(value), many=True, may_be_empty=True
)
ANY_OPERATORS = frozenset(
    {"@@all", "@@none", "@@assign", "@@append", "@@remove"},
)
_LONGEST = 2_048

"""Regular expressions mean the same in every CPython that runs them."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from types import ModuleType

import pytest

import masugata

# What `re` reads patterns with; it has no public name.
kinds, parser = (importlib.import_module(f"re.{name}") for name in ("_constants", "_parser"))
ONE_CHARACTER = (kinds.LITERAL, kinds.NOT_LITERAL, kinds.ANY, kinds.IN)


def possessive_groups(tree: object) -> Iterator[object]:
    """What is repeated possessively and is more than one character or class."""
    if isinstance(tree, tuple) and len(tree) == 2 and tree[0] is kinds.POSSESSIVE_REPEAT:
        repeated = tree[1][2]
        if len(repeated) != 1 or repeated[0][0] not in ONE_CHARACTER:
            yield repeated
    if isinstance(tree, tuple | list | parser.SubPattern):
        for branch in tree:
            yield from possessive_groups(branch)


def patterns_in(value: object) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """Compiled ones, also those in containers."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from patterns_in(inner)
    elif isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from patterns_in(inner)


def modules() -> Iterator[ModuleType]:
    """All of the package."""
    for found in pkgutil.walk_packages(masugata.__path__, "masugata."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


@pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
def test_no_group_is_repeated_possessively() -> None:
    """Before 3.11.5 `(?:ab?c)++` goes on where it must stop: https://github.com/python/cpython/issues/106052.

    `(?>(?:ab?c)+)` is right in all of them. Debian 12 has 3.11.2, in which attacks would pass.
    """
    looked_at, wrong = set(), set()
    for module in modules():
        for pattern in patterns_in(vars(module)):
            looked_at.add(pattern)
            if any(possessive_groups(parser.parse(pattern.pattern, pattern.flags))):
                wrong.add(f"{module.__name__}: {pattern.pattern!r}")
    assert len(looked_at) > 300
    assert not wrong


def test_the_check_sees_possessive_groups() -> None:
    """Also inside other groups, and no single characters."""
    assert any(possessive_groups(parser.parse(r"a(b|(?=(?:cd)*+))")))
    assert any(possessive_groups(parser.parse(r"(?:ab){1,3}+")))
    assert not any(possessive_groups(parser.parse(r"a*+[bc]++.?+(?>(?:ab)*)")))

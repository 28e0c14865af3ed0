"""Values that are nothing but a piece of a query are told from words that text has too."""

import pytest

from masugata.engines.waf.detectors.sql.fragments import LONGEST, fragment
from masugata.engines.waf.detectors.sql.signs import LIKELY, SURE, Sign
from masugata.engines.waf.detectors.sql.words import CLIPPED, DANGEROUS, LONE, ORDINARY, TELLING


@pytest.mark.parametrize("name", sorted(LONE), ids=bytes.decode)
def test_names(name: bytes) -> None:
    """Each name that only a database has is one alone, in any case, and no part of another word."""
    for value in (name, name.lower(), b" '" + name + b"'", b"t=" + name, b"||" + name):
        found = fragment(value)
        assert found is not None
        assert found[1] is Sign.LONE_NAME
        assert LIKELY <= found[0] < SURE
    assert fragment(name + b"x") is None
    assert fragment(b"the " + name) is None


@pytest.mark.parametrize("name", sorted(DANGEROUS | ORDINARY | TELLING | CLIPPED), ids=bytes.decode)
def test_calls(name: bytes) -> None:
    """Each function's name with an open parenthesis is a call that is cut off, without one it is a word."""
    for value in (name + b"(", name.lower() + b" (\n", b"a=" + name + b"/**/("):
        assert fragment(value) is not None, value
    for value in (name + b"()", name + b"(see there)", b"a" + name + b"("):
        assert fragment(value) is None, value


def test_length() -> None:
    """What is long is none, and takes no time."""
    assert fragment(b" " * (LONGEST - 4) + b"md5(") is not None
    assert fragment(b" " * LONGEST + b"md5(") is None

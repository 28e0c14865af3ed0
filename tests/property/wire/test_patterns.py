"""The linear matcher against Python's own engine."""

import re
from functools import lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from masugata.wire.models import load_service
from masugata.wire.patterns import compile_pattern

# Where the dialects mean different things: Java's surrogate pairs and `.`, Unicode properties.
_DIALECT = re.compile(r"\\[pP]\{|\\u[dD][89a-fA-F]|\\u10|(?<!\\)\.(?![^\[]*\])")
SERVICES = ("iam", "sts", "cloudtrail", "organizations", "kms", "wafv2", "guardduty", "artifact", "ram")


@lru_cache(maxsize=1)
def patterns() -> list[str]:
    """The models' patterns that both engines read alike."""
    found = set()
    for service in SERVICES:
        model = load_service(service)
        for name in model.shape_names:
            pattern = model.shape(name).pattern
            if pattern is not None and not _DIALECT.search(pattern) and "(?!" not in pattern:
                found.add(pattern)
    return sorted(found)


def test_there_are_patterns_to_compare() -> None:
    """The comparison below is not empty."""
    assert len(patterns()) > 60


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_agreement_on_models_patterns(data: st.DataObject) -> None:
    """On short strings, near the pattern and far from it, both engines say the same."""
    pattern = data.draw(st.sampled_from(patterns()))
    expected = re.compile(pattern, re.ASCII)
    near = st.from_regex(expected, fullmatch=True).map(lambda text: text[:60])
    value = data.draw(near | st.text(alphabet="ab-/:.01_@ \n\ré", max_size=12))
    value = _damaged(value, data.draw(st.none() | st.tuples(st.integers(0, 60), st.sampled_from("-/A0é \n"))))
    assert compile_pattern(pattern)(value) == (expected.fullmatch(value) is not None)


ATOMS = st.sampled_from(
    ["a", "b", "[ab]", "[^a]", "[a-c-]", r"\d", r"\w", r"\s", r"\-", r"\u0061", "(?=a)", "(?!b)"]
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: (
        st.tuples(inner, inner).map("".join)
        | st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})")
        | st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        )
    ),
    max_leaves=6,
)


@settings(max_examples=400, deadline=None)
@given(pattern=EXPRESSIONS, value=st.text(alphabet="abc-1 ", max_size=7))
def test_agreement_on_generated_patterns(pattern: str, value: str) -> None:
    """On patterns that nobody wrote, with groups, counts and look-aheads, both engines say the same."""
    expected = re.compile(pattern, re.ASCII).fullmatch(value) is not None
    assert compile_pattern(pattern)(value) == expected
    anchored = compile_pattern(f"^{pattern}$") if "|" not in pattern else compile_pattern(f"^(?:{pattern})$")
    assert anchored(value) == expected


def _damaged(value: str, damage: tuple[int, str] | None) -> str:
    if damage is None:
        return value
    place = min(damage[0], len(value))
    return value[:place] + damage[1] + value[place + 1 :]

"""Java's regular expressions, matched without backtracking."""

import pytest

from masugata.wire._regex import UnsupportedPatternError
from masugata.wire.models import load_service
from masugata.wire.patterns import compile_pattern

SERVED = ("iam", "sts", "cloudtrail", "organizations", "kms")


@pytest.mark.parametrize(
    ("pattern", "matching", "other"),
    [
        (r"[\w+=,.@-]+", ["alice", "a+b=c,d.e@f-g_h"], ["", "a b", "a/b", "é", "٣", "alice\n"]),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*", ["", "é 日本 ٣", "a-b@c"], ["a\nb", "{", "é\u0000"]),
        (r"[^\s@]+@[^\s@]+\.[^\s@]+", ["a@b.c", "é@b.c.d"], ["a@b", "a b@c.d", "@.", "a@@b.c"]),
        (
            r"^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
            ["abc", "a-b", "a1-2b"],
            ["a--b", "-ab", "ab-", "aa" * 32],
        ),
        (r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)", ["/", "/a/b/"], ["", "a", "/a", "//é/"]),
        (r"((/[A-Za-z0-9\.,\+@=_-]+)*)/", ["/", "/a/b-c/"], ["", "a", "/a", "//"]),
        (r"^(r-[0-9a-z]{4,32})|(\d{12})$", ["r-abcd", "123456789012"], ["r-abc", "12345678901"]),
        (r"[\u0020-\uD7FF\uD800\uDC00-\uDBFF\uDFFF]*", ["a", "\U00010348"], ["\ue000", "\n"]),
        (r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?", ["v1", "v10.a-b"], ["v0", "v1.a_b", "v"]),
        (r".*", ["", "a b"], ["a\nb", "a\u2028b"]),
        (r"(?s).*", ["", "a\nb"], []),
        (r"[a-z0-9-.]+", ["a-b.c"], ["a_b"]),
        (r"a{2}b{2,}c{0,1}", ["aabb", "aabbbc"], ["abb", "aab", "aabbcc"]),
        (r"(?:ab)+?x", ["abx", "ababx"], ["x", "aba"]),
        (r"[^\p{C}]*", ["", "aé"], ["\u0000", "a\u200e"]),
        (r"\P{L}", ["1", "-"], ["a"]),
        (r"[\w|\d|\.|_]+", ["a|b", "1.2"], ["-"]),
    ],
)
def test_whole_value_matches(pattern: str, matching: list[str], other: list[str]) -> None:
    """Classes are ASCII but for categories, the whole value must match, and anchors change nothing."""
    matches = compile_pattern(pattern)
    assert [value for value in matching if not matches(value)] == []
    assert [value for value in other if matches(value)] == []


@pytest.mark.parametrize(
    "pattern",
    [r"(a)\1", r"\bword", "(?i)a", "a++", "(?<=a)b", "(?!ab)c", "[a-z&&[^b]]", "(a", "a)", "*", "[z-a]",
     "a{2,1}", "[", "\\", "a{1000000}", "(" * 60 + ")" * 60, "(a{20000}){20000}", r"\p{IsGreek}", "[]"],
)  # fmt: skip
def test_what_cannot_be_matched_in_linear_time_is_refused(pattern: str) -> None:
    """Constructs outside the subset are refused when compiled, never guessed."""
    with pytest.raises(UnsupportedPatternError):
        compile_pattern(pattern)


def test_hostile_input_costs_one_state_per_character() -> None:
    """A nested quantifier, which makes backtracking exponential, stays within a handful of states."""
    matches = compile_pattern("(x+x+)+y")
    assert not matches("x" * 100_000)
    assert matches("x" * 1000 + "y")
    automaton = matches.__self__
    assert len(automaton._known) < 10


def test_memory_is_bounded_for_many_characters_and_states() -> None:
    """A million different characters, or states, do not grow the automaton without limit."""
    matches = compile_pattern(r"(\p{L}|b)*c")
    assert not matches("".join(chr(code) for code in range(0x4E00, 0x9000)))
    automaton = matches.__self__
    assert all(len(state) <= 512 for state in (automaton._start, *automaton._known.values()))


def test_every_pattern_of_the_built_services_is_enforced() -> None:
    """No constraint of iam, sts, cloudtrail, organizations or kms is left out."""
    assert _unsupported(SERVED) == set()


def test_patterns_left_out_in_the_other_services() -> None:
    """The patterns that are not enforced, by name: whoever adds to this list must know why."""
    others = (
        "wafv2", "waf", "waf-regional", "shield", "inspector2", "guardduty", "artifact", "accessanalyzer",
        "securityhub", "fms", "account", "ram", "sso-admin", "identitystore",
    )  # fmt: skip
    assert _unsupported(others) == {
        ("fms", "ManagedServiceData"),
        ("guardduty", "TagKey"),
        ("inspector2", "ReportId"),
        ("inspector2", "TagKey"),
        ("securityhub", "TagKey"),
        ("shield", "LogBucket"),
        ("sso-admin", "Duration"),
        ("sso-admin", "UUId"),
    }


def _unsupported(services: tuple[str, ...]) -> set[tuple[str, str]]:
    found = set()
    for service in services:
        model = load_service(service)
        for name in model.shape_names:
            pattern = model.shape(name).pattern
            if pattern is None:
                continue
            try:
                compile_pattern(pattern)
            except UnsupportedPatternError:
                found.add((service, name))
    return found

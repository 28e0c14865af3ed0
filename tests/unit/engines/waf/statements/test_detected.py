"""SqliMatch and XssMatch: a detector is asked about text with a hint in it."""

from collections.abc import Collection

import pytest

from masugata.engines.waf.decision import MatchDetail
from masugata.engines.waf.definitions import Ruleset
from masugata.engines.waf.detectors import Account, Evidence, Place
from masugata.engines.waf.statements._evidence import MOST_VALUES
from web_acls import WordDetector, compiled, decide, get, inspected, rule, ruleset

ARGUMENTS = {"AllQueryArguments": {}}


def sqli(level: str | None = None) -> Ruleset:
    """One rule."""
    more = {} if level is None else {"SensitivityLevel": level}
    return ruleset(rule("r", 0, {"SqliMatchStatement": inspected(ARGUMENTS, "URL_DECODE") | more}))


@pytest.mark.parametrize(
    ("score", "level", "expected"),
    [
        (100, None, "BLOCK"),
        (74, None, "ALLOW"),
        (74, "HIGH", "BLOCK"),
        (75, "LOW", "BLOCK"),
        (49, "HIGH", "ALLOW"),
    ],
)
def test_high_sensitivity_takes_weaker_evidence(score: int, level: str | None, expected: str) -> None:
    """LOW is what is used where nothing is said."""
    plan = compiled(sqli(level), detectors={"SQL_INJECTION": WordDetector(b"union", score)})
    found = decide(plan, get("/?a=1&b=%55nion"))
    assert found.action == expected
    if expected == "BLOCK":
        assert found.terminating is not None
        detail = MatchDetail("SQL_INJECTION", "ALL_QUERY_ARGS", ("union",), level or "LOW")
        assert found.terminating.details == (detail,)


def test_detectors_are_asked_only_about_values_with_hints() -> None:
    """And once for each, whatever the number of rules."""
    detector = WordDetector(b"union", 10)
    said = {"SqliMatchStatement": inspected(ARGUMENTS)}
    rules = ruleset(rule("a", 0, said), rule("b", 1, said))
    plan = compiled(rules, detectors={"SQL_INJECTION": detector})
    decide(plan, get("/?a=1&b=2"))
    assert detector.asked == 0
    decide(plan, get("/?a=union&b=2&c=reunion"))
    assert detector.asked == 2


def test_more_suspicious_values_than_are_looked_at_are_an_attack() -> None:
    """A request cannot hide behind the work that it makes."""
    detector = WordDetector(b"union", 10)
    plan = compiled(sqli(), detectors={"SQL_INJECTION": detector})
    assert decide(plan, get("/?" + "&".join(["a=union"] * MOST_VALUES))).action == "ALLOW"
    detector.asked = 0
    assert decide(plan, get("/?" + "&".join(["a=union"] * (MOST_VALUES + 1)))).action == "BLOCK"
    assert detector.asked == MOST_VALUES


def test_scripts_are_found() -> None:
    """With the detector that comes with the program."""
    plan = compiled(ruleset(rule("r", 0, {"XssMatchStatement": inspected(ARGUMENTS, "URL_DECODE")})))
    found = decide(plan, get("/?q=%3Cscript%3Ealert(1)%3C/script%3E"))
    assert found.terminating is not None
    assert found.terminating.details[0].condition == "XSS"
    assert decide(plan, get("/?q=%3Cb%3Ebold%3C/b%3E")).action == "ALLOW"


class DearDetector(WordDetector):
    """Spends most of what there is on a value, and finds nothing sure."""

    def detect_hinted(
        self, value: bytes, place: Place, hints: Collection[int], account: Account | None = None
    ) -> Evidence | None:
        """From the account."""
        assert account is not None
        assert list(hints) == [0]
        account.left -= Account().left // 2 + 1
        return self.detect(value, place)


@pytest.mark.parametrize("second", [{"SqliMatchStatement": {}}, {"XssMatchStatement": {}}])
def test_all_that_is_looked_for_in_a_request_is_paid_from_one_account(second: dict[str, object]) -> None:
    """When nothing is left, nobody is asked any more: whatever is looked for may be there."""
    dear = DearDetector(b"union", 10)
    (name,) = second
    rules = ruleset(
        rule("a", 0, {"SqliMatchStatement": inspected(ARGUMENTS)}, "Count"),
        rule("b", 1, {name: inspected({"QueryString": {}})}),
    )
    plan = compiled(rules, detectors={"SQL_INJECTION": dear, "XSS": dear})
    assert decide(plan, get("/?a=1&b=2")).action == "ALLOW"
    assert decide(plan, get("/?a=union")).action == "BLOCK"
    assert dear.asked == 2
    dear.asked = 0
    assert decide(plan, get("/?a=union&b=unions&c=reunion")).action == "BLOCK"
    assert dear.asked == 2

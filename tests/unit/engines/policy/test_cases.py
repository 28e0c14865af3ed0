"""Public evaluation cases, which live beside the repository and not in it.

Their expectations are those of another evaluator. Where it and AWS's documentation, or our rule that
what cannot be understood grants nothing and denies, part ways, `JUDGED` says so case by case. Whatever the
reason, no case may be allowed here that is denied there.
"""

from collections import Counter

import pytest

from masugata.engines.policy import PolicyType
from masugata.engines.policy.actions import Actions
from masugata.engines.policy.arns import Target
from masugata.engines.policy.conditions import Condition, normalize_context
from masugata.engines.policy.principals import Match, Principals
from masugata.engines.policy.resources import Resources
from unit.engines.policy.cases import CASES, decide_case, load, outcome, principal_of
from unit.engines.policy.symbolic_cases import discovery, wildcard_resources

KINDS = (
    "decision", "discovery", "wildcard_resources", "operator", "condition", "conditions", "resource_match",
    "action_match", "principal_match",
)  # fmt: skip

_SECONDS = "epoch values are seconds, not milliseconds (IAM: date condition operators)"
_NULL = "inverted operators match a variable without value (IAM: policy variables with no value)"
_ACTION = "no action by the policy grammar, so IAM refuses to store it; unread it grants nothing and denies"
_SHORT = "a short ARN that this type of policy does not take grants nothing and denies"
_STAR = "a star in a request's resource is an ordinary character; in a Deny, NotResource spares only matches"
_NOT_PRINCIPAL = "NotPrincipal with Deny must list the account too (IAM: NotPrincipal)"
_ENDPOINT = "endpoint policies are resource policies and must have a Principal (VPC: endpoint policies)"
_CANONICAL = "S3 canonical users do not call this house"

JUDGED = {
    "403d11c96066b826": _SECONDS,
    "e7dbd796927a0ae3": _NULL,
    **dict.fromkeys(("8c1b643a9d13bafe", "b255d71806c1c533", "65a7ddd53e9e934a"), _ACTION),
    **dict.fromkeys(
        ("57429c927b3df8c1", "b3a2138065f2c01b", "0964f37a880491b0", "480af0249d96b467"), _ACTION
    ),
    **dict.fromkeys(("8cd090bc37fcd0b2", "de5aa1c8473735b9", "ff9e619f666c731e", "0adff4f77bd9c674"), _SHORT),
    **dict.fromkeys(("2d4ede18ba68337d", "17f9423e52def77e", "8b8a18c5e8c2f60d", "dde3780278d768bf"), _SHORT),
    **dict.fromkeys(("1aac0c7c852c15f1", "1ced6684a9d2cb4e", "f30399f7b6bb7234", "ef30e152a7e421e8"), _SHORT),
    **dict.fromkeys(("37b1199b02417e70", "32e8949ebdbc47cf", "1067315f6e3d9e61", "3162299affa6e62c"), _SHORT),
    **dict.fromkeys(("6881bb772c7363ff", "c4456b05284de9cd", "020af3a64ef44961", "970c0dcc650c0d24"), _SHORT),
    "2ad2c85658549612": _SHORT,
    "bdb0ff22ba6e442d": _STAR,
    "f9d0e1c300fa1b09": _NOT_PRINCIPAL,
    **dict.fromkeys(("808bac86116e2848", "add71970c9e897c8"), _ENDPOINT),
    "c2873f63a332def9": _ACTION,
    "7cf7aa3c3b924366": _CANONICAL,
}


ALL = [case for kind in KINDS for case in load(kind)]


def test_cases_are_there():
    """All nine files of cases are read; without them nothing below is tested, which is said as a skip."""
    if not CASES.is_dir():
        pytest.skip(f"NOT TESTED: no policy cases in `{CASES}`")
    assert {case["kind"] for case in ALL} == set(KINDS)


def decision(case):
    """The whole of a decision."""
    got = decide_case(case)
    blockers = {"pb": "boundary"}
    blocked = [blockers.get(level, level) for level in case["expect"].get("blockedBy", ())]
    if blocked and not got.allowed:
        assert got.level in blocked, case["source"]
    return outcome(got), case["expect"]["decision"], got.allowed


def _condition(found):
    return Condition(found["op"], found["key"], tuple(found["values"]), variables=True, allow=True)


def operator(case):
    """One operator on a key that is there."""
    tested = _condition({"op": case["operator"], "key": "k", "values": case["policyValues"]})
    got = tested.matches(normalize_context({**case["context"], "k": case["testValue"]}))
    return got, case["expect"]["match"], got


def condition(case):
    """One condition."""
    got = _condition(case["condition"]).matches(normalize_context(case["request"]["context"]))
    return got, case["expect"]["match"], got


def conditions(case):
    """Conditions that must all hold."""
    context = normalize_context(case["request"]["context"])
    got = all(_condition(found).matches(context) for found in case["conditions"])
    return got, case["expect"]["match"], got


def resource_match(case):
    """A resource element."""
    allow = case["effect"] == "Allow"
    element = Resources(
        case["patterns"],
        PolicyType({"pb": "boundary"}.get(case["policyType"], case["policyType"])),
        negated=case["element"] == "NotResource",
        allow=allow,
        variables=True,
    )
    request = case["request"]
    got = element.matches(Target(request["resource"]), normalize_context(request["context"]))
    return got, case["expect"]["match"], got is allow


def action_match(case):
    """An action element of an Allow."""
    element = Actions(case["patterns"], negated=case["element"] == "NotAction", allow=True)
    got = element.matches(case["action"].lower())
    return got, case["expect"]["match"], got


def principal_match(case):
    """A principal element of an Allow."""
    element: dict[str, tuple[str, ...]] = {}
    for found in case["principals"]:
        element[found["type"]] = (*element.get(found["type"], ()), found["value"])
    # A role is known by its name within an account, so the case's path is the role's path.
    text = case["request"]["principal"]
    roles = [v for values in element.values() for v in values if ":role/" in v]
    session_of = [r for r in roles if f"/{r.rsplit('/', 1)[-1]}/" in text and r.split(":")[4] in text]
    tested = Principals(element, negated=case["element"] == "NotPrincipal", allow=True)
    match = tested.match(principal_of(text, *session_of))
    words = {
        None: "no", Match.ACCOUNT: "account", Match.ISSUER: "session_role", Match.ANYONE: "match",
        Match.CALLER: "match", Match.OTHERS: "match",
    }  # fmt: skip
    return words[match], case["expect"]["match"], match is not None


RUNNERS = {runner.__name__: runner for runner in (
    decision, discovery, wildcard_resources, operator, condition, conditions,
    resource_match, action_match, principal_match)}  # fmt: skip


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case['kind']}-{case['id']}")
def test_case(case):
    """The engine agrees with the case, or differs in the way that was judged, and never by allowing."""
    got, expected, allows = RUNNERS[case["kind"]](case)
    if case["id"] in JUDGED:
        assert got != expected, "judged to differ, but agrees: remove it from the table"
        assert not allows or JUDGED[case["id"]] == _NULL
    else:
        assert got == expected, case["source"]


@pytest.mark.parametrize("kind", KINDS)
def test_tally(kind, record_property):
    """Every case of a kind is run; how many agree and how many were judged to differ is shown."""
    if not CASES.is_dir():
        pytest.skip(f"NOT TESTED: no policy cases in `{CASES}`")
    tally = Counter("judged to differ" if case["id"] in JUDGED else "agree" for case in load(kind))
    record_property("told", f"{tally.total()} cases, {dict(tally)}")
    assert tally["agree"] > tally["judged to differ"]

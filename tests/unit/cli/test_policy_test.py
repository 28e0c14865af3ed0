"""`masugata policy test`."""

import io
import json
import sys
from pathlib import Path

import pytest

ALLOW_MENU = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::shop/menu"}
DENY_ALL = {"Sid": "Closed", "Effect": "Deny", "Action": "*", "Resource": "*"}
CORPUS = Path(__file__).parents[4] / "shared" / "data" / "policy" / "decision.json"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def case(expected="allow", id="one", identity=(ALLOW_MENU,), policies=None, **request):  # noqa: A002
    asked = {
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::shop/menu",
        "resourceAccount": "111122223333",
        "principal": "arn:aws:iam::111122223333:user/alice",
        "anonymous": False,
        "context": {},
        "wildcardOnlyAction": False,
    }
    given = {"identity": [document(*identity)], "session": None, "boundary": None, "resource": None}
    given |= {"scp": [], "rcp": [], "vpce": None}
    return {
        "schema": "masugata.case/1",
        "kind": "decision",
        "id": id,
        "source": "here",
        "request": asked | request,
        "policies": given | (policies or {}),
        "rcpFullAccessImplicit": True,
        "expect": {"decision": expected},
    }


@pytest.fixture
def test(masugata, tmp_path):
    """Runs cases (or raw text) and gives status, result lines and summary."""

    def run(*cases, text=None, array=False):
        if text is None:
            text = json.dumps(list(cases)) if array else "\n".join(map(json.dumps, cases))
        file = tmp_path / "cases.jsonl"
        file.write_text(text)
        finished = masugata("policy", "test", "--json", file)
        lines = [json.loads(line) for line in finished.out.splitlines()]
        return finished, lines

    return run


@pytest.mark.parametrize("array", [False, True])
def test_json_lines_and_arrays_give_one_line_for_each_case_and_a_summary(test, array):
    """Both forms are read; a line has exactly the documented members, the last line is the summary."""
    finished, lines = test(case(), case("deny_implicit", "two", action="s3:PutObject"), array=array)
    assert finished.status == 0
    assert lines == [
        {"id": "one", "kind": "decision", "expected": "allow", "got": "allow", "ok": True},
        {"id": "two", "kind": "decision", "expected": "deny_implicit", "got": "deny_implicit", "ok": True},
        {"summary": {"cases": 2, "ok": 2, "different": 0, "errors": 0, "skipped": 0}},
    ]


def test_a_case_that_differs_is_told_with_its_reason(masugata, tmp_path):
    """A wrong expectation ends with status 1, and the line names file, line, level, policy and statement."""
    file = tmp_path / "cases.jsonl"
    file.write_text("\n" + json.dumps(case(identity=(ALLOW_MENU, DENY_ALL))) + "\n" + json.dumps(case()))
    finished = masugata("policy", "test", file)
    why = "with an explicit deny in an identity-based policy: identity[0], statement Closed"
    assert finished.status == 1
    assert finished.out.splitlines() == [
        f"✗ {file}:2 one: expected allow, got deny_explicit {why}",
        "1 of 2 cases as expected, 1 different",
    ]


@pytest.mark.parametrize(
    ("policies", "got"),
    [
        ({"boundary": [document(DENY_ALL)]}, "deny_explicit"),
        ({"boundary": [document(ALLOW_MENU | {"Action": "s3:PutObject"})]}, "deny_implicit"),
        ({"boundary": []}, "allow"),
        ({"session": [document(ALLOW_MENU | {"Action": "s3:PutObject"})]}, "deny_implicit"),
        ({"scp": [{"level": "root", "docs": []}]}, "deny_implicit"),
        ({"scp": [{"level": "root", "docs": [document(ALLOW_MENU)]}]}, "allow"),
        ({"rcp": [{"level": "root", "docs": []}]}, "allow"),
        ({"rcp": [{"level": "root", "docs": [document(DENY_ALL | {"Principal": "*"})]}]}, "deny_explicit"),
        ({"vpce": [document(ALLOW_MENU | {"Principal": "*", "Action": "s3:Put*"})]}, "deny_implicit"),
        ({"resource": document(DENY_ALL | {"Principal": "*"})}, "deny_explicit"),
        ({"identity": []}, "deny_implicit"),
        ({"identity": [], "resource": document(ALLOW_MENU | {"Principal": "*"})}, "allow"),
    ],
)
def test_every_kind_of_policy_takes_part(test, policies, got):
    """Each kind of policy changes the decision as AWS says; lists of none are no such policy."""
    _, lines = test(case(policies=policies))
    assert lines[0]["got"] == got


def test_without_implicit_full_access_an_empty_rcp_level_denies(test):
    """`rcpFullAccessImplicit` is what lets an RCP level without policies pass."""
    strict = case("deny_implicit", policies={"rcp": [{"level": "root", "docs": []}]})
    strict["rcpFullAccessImplicit"] = False
    assert test(strict)[1][0]["got"] == "deny_implicit"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"policies": {"permissionsBoundary": []}}, "permissionsBoundary"),
        ({"policies": {"identity": [document(ALLOW_MENU | {"Conditions": {}})]}}, "Statement[0]"),
        ({"policies": {"scp": [document(DENY_ALL)]}}, "$.policies.scp[0]"),
        ({"mfa": True}, "mfa"),
        ({"context": {"aws:MultiFactorAuthPresent": True}}, "context"),
        ({"principal": None}, "anonymous"),
        ({"principal": "alice"}, "`alice` is not a principal"),
        ({"expected": "permit"}, "`permit` is not a decision"),
    ],
)
def test_a_case_that_cannot_be_understood_is_an_error_and_not_ok(test, wrong, named):
    """What is misspelt, malformed or contradictory is never skipped: the case says so and fails."""
    finished, lines = test(case(**wrong), case(id="two"))
    assert finished.status == 1
    assert lines[0]["got"].startswith("error: ")
    assert named in lines[0]["got"]
    assert lines[0]["ok"] is False
    assert lines[1]["ok"] is True
    assert lines[2]["summary"]["errors"] == 1


@pytest.mark.parametrize(
    "astray",
    [
        {"scp": [{"level": "root", "docs": [document(DENY_ALL)]}]},
        {"rcpFullAccessImplict": False},
        {"expect": {"decision": "allow", "blockedby": ["scp"]}},
    ],
)
def test_what_stands_in_the_wrong_place_is_not_passed_over(test, astray):
    """A policy beside `policies`, or a misspelt member, would leave the case without what it is about."""
    finished, lines = test(case() | astray)
    assert finished.status == 1
    assert lines[0]["got"].startswith("error: object contains unknown field")


def test_the_documented_case(test):
    """The example of the reference page is a case, and decided as it says."""
    page = Path(__file__).parents[3] / "docs" / "reference" / "policy-cases.md"
    example = page.read_text().partition("```json\n")[2].partition("```")[0]
    assert test(text=example)[0].status == 0


def test_unknown_kinds_are_skipped_aloud(test, masugata, tmp_path):
    """A case of another kind is counted as skipped, is not ok, and the exit status says so."""
    finished, lines = test(case(), {"kind": "decisions", "id": "typo", "expect": {"decision": "allow"}})
    assert finished.status == 1
    assert lines[1] == {
        "id": "typo",
        "kind": "decisions",
        "expected": "allow",
        "got": "skipped: unknown kind `decisions`",
        "ok": False,
    }
    assert lines[2]["summary"] == {"cases": 2, "ok": 1, "different": 0, "errors": 0, "skipped": 1}
    assert "1 skipped" in masugata("policy", "test", tmp_path / "cases.jsonl").out


@pytest.mark.parametrize("kind", ["discovery", "wildcard_resources", "operator", "principal_match"])
def test_other_kinds_of_the_format_say_that_they_are_not_run(test, kind):
    """A case about one step, or about many requests, is skipped with a reason, and is not ok."""
    finished, lines = test({"kind": kind, "id": "other"})
    assert finished.status == 1
    assert (
        lines[0]["got"] == f"skipped: cases of kind `{kind}` are not whole decisions; only `decision` is run"
    )


def test_who_should_deny_is_checked_where_it_is_said(test):
    """With `blockedBy` the denial must come from one of the types of policies that it lists."""
    denied = case("deny_implicit", identity=(ALLOW_MENU | {"Action": "s3:List*"},))
    for blocked, ok in ((["identity"], True), (["scp", "identity"], True), (["pb"], False)):
        denied["expect"]["blockedBy"] = blocked
        line = test(denied)[1][0]
        assert line["ok"] is ok
    assert line["got"] == "deny_implicit by identity, not boundary"


def test_what_the_engine_must_be_told_can_be_told(test):
    """Management account, service-linked roles, services without RCPs, and grants of KMS keys."""
    closed = {"scp": [{"level": "root", "docs": [document(DENY_ALL)]}]}
    assert test(case("deny_explicit", policies=closed))[1][0]["ok"]
    assert test(case(policies=closed | {"managementAccount": "111122223333"}))[1][0]["ok"]
    assert test(case(policies=closed, serviceLinkedRole=True))[1][0]["ok"]
    closed = {"rcp": [{"level": "root", "docs": [document(DENY_ALL | {"Principal": "*"})]}]}
    assert test(case(policies=closed, rcpSupported=False))[1][0]["ok"]
    grant = {"id": "g", "grantee": "arn:aws:iam::111122223333:user/alice", "operations": ["Decrypt"]}
    key = {"action": "kms:Decrypt", "resource": "arn:aws:kms:eu-west-1:111122223333:key/1"}
    assert test(case("deny_implicit", **key))[1][0]["ok"]
    assert test(case(policies={"keyGrants": [grant]}, **key))[1][0]["ok"]
    broken = case(policies={"keyGrants": [grant | {"grantee": "*"}]}, **key)
    assert "error: `*` cannot be the grantee" in test(broken)[1][0]["got"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"kind": "decision"', ":1:"),
        ('{"kind": "decision", "id": "a"}\n\n{"kind": }', ":3:"),
        ('[\n{"kind": "decision"},\n{"id": "a", "id": "b"}]', ":3: the name `id` occurs twice"),
        ('{"kind": "decision", "request": {"action": "a", "action": "b"}}', "`action` occurs twice"),
        ('[{"kind": "decision"} {"kind": "decision"}]', ":1: `,` or `]` must follow"),
        ("[] []", ":1: something follows"),
        ('{"kind": NaN}', "`NaN` is not JSON"),
        ('{"kind": "\\ud800"}', "surrogate"),
        ("[" * 100_000, "nested too deeply"),
        ('"decision"', ":1: a case is a JSON object"),
        ('{"id": "a"}', ":1: a case has a text `kind`"),
        ("", "no case of kind `decision`"),
        ("[]", "no case of kind `decision`"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_status_2(test, text, place):
    """Broken JSON, doubled names and values that are no cases are refused, with file and line."""
    finished, lines = test(text=text)
    assert (finished.status, lines) == (2, [])
    assert place in finished.err
    assert "cases.jsonl" in finished.err
    assert "Traceback" not in finished.err


def test_a_missing_file_and_bad_text_end_with_status_2(masugata, tmp_path):
    """A file that is not there, or is not UTF-8, is named on standard error."""
    finished = masugata("policy", "test", tmp_path / "none.jsonl")
    assert (finished.status, "none.jsonl: No such file" in finished.err) == (2, True)
    (tmp_path / "latin.jsonl").write_bytes(b'\n{"kind": "\xe9"}')
    finished = masugata("policy", "test", tmp_path / "latin.jsonl")
    assert (finished.status, "latin.jsonl:2: not UTF-8" in finished.err) == (2, True)


def test_standard_input_is_a_file_too(masugata, monkeypatch):
    """`-` reads the cases from standard input."""
    stdin = io.TextIOWrapper(io.BytesIO(json.dumps(case("deny_implicit")).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    finished = masugata("policy", "test", "-")
    assert finished.status == 1
    assert "standard input:1 one: expected deny_implicit, got allow by identity[0]" in finished.out


@pytest.mark.parametrize(
    ("action", "resource", "got"),
    [
        ("iam:DeletePolicy", "arn:aws:iam::aws:policy/AdministratorAccess", "deny_implicit"),
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/AdministratorAccess", "allow"),
        ("IAM:TAGROLE", "arn:aws:iam::111122223333:role/aws-reserved/sso/x", "deny_implicit"),
        ("iam:TagRole", "arn:aws:iam::111122223333:role/sso/x", "allow"),
        ("kms:DeleteAlias", "arn:aws:kms:us-east-1:111122223333:alias/aws/s3", "deny_implicit"),
        ("kms:DeleteAlias", "arn:aws:kms:us-east-1:111122223333:alias/s3", "allow"),
    ],
)
def test_what_aws_reserves_cannot_be_changed(test, action, resource, got):
    """No policy allows a change of AWS managed policies, reserved roles and reserved aliases."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    assert test(case(identity=(everything,), action=action, resource=resource))[1][0]["got"] == got


SESSION = "arn:aws:sts::111122223333:assumed-role/cook/lunch"


@pytest.mark.parametrize("named", ["arn:aws:iam::111122223333:role/kitchen/cook", SESSION])
def test_a_deny_for_a_role_with_a_path_reaches_its_sessions(test, named):
    """A session's ARN leaves out the role's path; a Deny that names the role with its path still binds it."""
    denies = document(DENY_ALL | {"Principal": {"AWS": named}})
    assert test(case(principal=SESSION, policies={"resource": denies}))[1][0]["got"] == "deny_explicit"


def test_a_role_stands_for_a_session_that_its_boundary_limits(test):
    """A resource policy that names the role itself does not pass over the boundary of its sessions."""
    role = "arn:aws:iam::111122223333:role/cook"
    grants = document(ALLOW_MENU | {"Principal": {"AWS": role}})
    nothing = document(ALLOW_MENU | {"Action": "s3:ListBucket"})
    bounded = case(principal=role, identity=(), policies={"resource": grants, "boundary": [nothing]})
    bounded["policies"]["identity"] = []
    assert test(bounded)[1][0]["got"] == "deny_implicit"
    bounded["policies"]["boundary"] = None
    assert test(bounded)[1][0]["got"] == "allow"


def test_no_case_of_the_corpus_is_wrongly_allowed(masugata):
    """Over public cases, no request is allowed that should be denied, and at most a few the other way."""
    if not CORPUS.exists():
        pytest.skip(f"the corpus is not here: {CORPUS}")
    lines = [json.loads(line) for line in masugata("policy", "test", "--json", CORPUS).out.splitlines()]
    results, summary = lines[:-1], lines[-1]["summary"]
    assert len(results) == 186
    assert [result["id"] for result in results if not result["ok"] and result["got"] == "allow"] == []
    assert summary["errors"] == summary["skipped"] == 0
    assert summary["ok"] >= 180

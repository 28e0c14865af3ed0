"""`masugata policy check`: what it prints, for whom, and with which status it ends."""

import io
import json
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

GOOD = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
}
WRONG = """{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": ["s3:GetObjcet", "iam:*"], "Resource": "*"}
  ]
}
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}],
}


def write(name, content):
    """A file in the folder where the program runs."""
    Path(name).write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")


def test_findings_are_told_as_compilers_do(masugata) -> None:
    """A line has file, line, column from 1, grade, code and message; status 1 says there are any."""
    write("clerk.json", WRONG)
    ended = masugata("policy", "check", "clerk.json")
    assert ended.status == 1
    lines = ended.out.splitlines()
    assert lines[0] == (
        "clerk.json:4:36: ERROR INVALID_ACTION `s3:GetObjcet` is no action of the service `s3`;"
        " did you mean `GetObject`?"
    )
    assert lines[1].startswith(
        "clerk.json:4:52: SECURITY_WARNING PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE "
    )
    assert lines[2].startswith("clerk.json:4:52: WARNING CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE ")
    assert len(lines) == 3
    assert "clerk.json: taken as identity policy, since it names no principal" in ended.err
    assert "1 document checked: 1 error, 1 security warning, 1 warning" in ended.err


def test_nothing_found(masugata) -> None:
    """A good policy prints nothing to standard output and ends with 0."""
    write("good.json", GOOD)
    ended = masugata("policy", "check", "good.json")
    assert (ended.status, ended.out) == (0, "")


@pytest.mark.parametrize(
    ("fail_on", "status"), [("error", 0), ("security-warning", 0), ("warning", 1), ("suggestion", 1)]
)
def test_what_fails_is_the_callers_choice(masugata, fail_on, status) -> None:
    """--fail-on is the least grave finding that counts; the others are shown all the same."""
    write("old.json", {"Statement": GOOD["Statement"]})
    ended = masugata("policy", "check", "--fail-on", fail_on, "old.json")
    assert "MISSING_VERSION" in ended.out
    assert ended.status == status


def test_json(masugata) -> None:
    """One line for each finding in ValidatePolicy's shape, then the summary."""
    write("clerk.json", WRONG)
    ended = masugata("policy", "check", "--json", "clerk.json")
    *findings, summary = map(json.loads, ended.out.splitlines())
    first = findings[0]
    assert (first["file"], first["line"], first["column"]) == ("clerk.json", 4, 36)
    assert (first["issueCode"], first["findingType"], first["policyType"]) == (
        "INVALID_ACTION",
        "ERROR",
        "identity",
    )
    assert first["locations"][0]["span"]["start"] == {
        "line": 4,
        "column": 35,
        "offset": WRONG.index('"s3:GetObjcet"'),
    }
    assert summary == {
        "summary": {
            "policies": 1,
            "complete": True,
            "ERROR": 1,
            "SECURITY_WARNING": 1,
            "WARNING": 1,
            "SUGGESTION": 0,
        }
    }


def test_github(masugata) -> None:
    """Workflow commands, in which nothing of the policy or file name can end the command early."""
    write("a,b.json", WRONG.replace("GetObjcet", "Get%Objcet"))
    ended = masugata("policy", "check", "--format", "github", "a,b.json")
    assert ended.out.splitlines()[0] == (
        "::error file=a%2Cb.json,line=4,endLine=4,col=36,endColumn=51,title=ERROR INVALID_ACTION::"
        "`s3:Get%25Objcet` is no action of the service `s3`; did you mean `GetObject`?"
    )
    assert ended.out.splitlines()[2].startswith("::warning file=")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("p.json", GOOD, "identity policy, since it names no principal"),
        ("p.json", TRUST, "trust policy, since it has a principal and actions of STS only"),
        ("team-scp.json", GOOD, "scp policy, since its file is named `scp`"),
        (
            "p.json",
            {"Statement": GOOD["Statement"][0] | {"Principal": "*"}},
            "resource policy, since it has a principal",
        ),
    ],
)
def test_the_type_that_was_assumed_is_told(masugata, name, content, said) -> None:
    """Without --type the type follows from the file's name or the document, and the program says so."""
    write(name, content)
    assert f"{name}: taken as {said}" in masugata("policy", "check", name).err


def test_the_type_that_is_given_counts(masugata) -> None:
    """With --type there is nothing to guess."""
    write("p.json", TRUST)
    ended = masugata("policy", "check", "--type", "identity", "p.json")
    assert "UNSUPPORTED_PRINCIPAL" in ended.out
    assert "taken as" not in ended.err


def test_standard_input(masugata, monkeypatch) -> None:
    """`-` is standard input, and what is not JSON is a finding with its place, not a traceback."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"a":\n')))
    ended = masugata("policy", "check", "-")
    assert ended.status == 1
    assert ended.out == "-:2:1: ERROR JSON_SYNTAX_ERROR this is not JSON: a value is missing\n"


def test_an_exported_account(masugata) -> None:
    """All policies of an export are checked, each as what it is; AWS's own and old versions are not."""
    bad = json.loads(WRONG)
    export = {
        "UserDetailList": [
            {"UserName": "alice", "UserPolicyList": [{"PolicyName": "inline", "PolicyDocument": bad}]}
        ],
        "GroupDetailList": [{"GroupName": "cooks", "GroupPolicyList": []}],
        "RoleDetailList": [
            {"RoleName": "cook", "AssumeRolePolicyDocument": GOOD, "RolePolicyList": []},
        ],
        "Policies": [
            {
                "Arn": "arn:aws:iam::111122223333:policy/p",
                "PolicyVersionList": [
                    {"Document": GOOD, "IsDefaultVersion": True},
                    {"Document": bad, "IsDefaultVersion": False},
                ],
            },
            {
                "Arn": "arn:aws:iam::aws:policy/AdministratorAccess",
                "PolicyVersionList": [{"Document": bad, "IsDefaultVersion": True}],
            },
        ],
    }
    write("account.json", export)
    ended = masugata("policy", "check", "account.json")
    assert ended.out.count("INVALID_ACTION") == 1
    assert ended.out.splitlines()[0].endswith("[user alice, inline]")
    assert "MISSING_PRINCIPAL" in ended.out
    assert "[role cook, trust policy]" in ended.out
    assert "3 documents checked" in ended.err


def test_an_export_with_encoded_policies(masugata) -> None:
    """Policies that the API answered percent-encoded are read as such; their findings are at the string."""
    own = [
        {"PolicyName": name, "PolicyDocument": quote(text)}
        for name, text in (("a", json.dumps(GOOD)), ("b", WRONG))
    ]
    write("account.json", {"UserDetailList": [{"UserName": "alice", "UserPolicyList": own}]})
    ended = masugata("policy", "check", "account.json")
    place = Path("account.json").read_text("utf-8").index(quote(WRONG))
    assert {line.split(": ", 1)[0] for line in ended.out.splitlines()} == {f"account.json:1:{place}"}
    assert "INVALID_ACTION" in ended.out
    assert "[user alice, b]" in ended.out
    assert "DATA_TYPE_MISMATCH" not in ended.out


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('{"UserDetailList": [], "IsTruncated": true, "Marker": "x"}', "more pages follow"),
        ('{"UserDetailList": [], "NextToken": "x"}', "more pages follow"),
        ('{"UserDetailList": [{"UserName": "a"}], "UserDetailList": []}', "`UserDetailList` occurs twice"),
        ('{"UserDetailList": [5]}', "not what `aws iam get-account-authorization-details` writes"),
    ],
)
def test_an_export_that_lacks_policies_is_not_well(masugata, content, problem) -> None:
    """A part of an account, or what hides one, is refused: nothing found would be said of the rest."""
    write("account.json", content)
    ended = masugata("policy", "check", "account.json")
    assert (ended.status, ended.out) == (2, "")
    assert problem in ended.err


def test_a_file_that_is_not_there(masugata) -> None:
    """A file that cannot be read ends with 2, before anything is said of the others."""
    write("clerk.json", WRONG)
    ended = masugata("policy", "check", "clerk.json", "missing.json")
    assert (ended.status, ended.out) == (2, "")
    assert "missing.json: No such file or directory" in ended.err


def test_names_of_exports_cannot_command_the_terminal(masugata) -> None:
    """What an export calls its users is shown escaped."""
    users = [{"UserName": "a\u001b[31m\nb", "UserPolicyList": [{"PolicyName": "x", "PolicyDocument": []}]}]
    write("account.json", {"UserDetailList": users})
    ended = masugata("policy", "check", "account.json")
    assert "\x1b" not in ended.out
    assert len(ended.out.splitlines()) == 1

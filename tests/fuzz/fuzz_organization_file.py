"""Fuzz target: a file is a description or breaks rules with their places; what is described plans the same way."""

from masugata.apply import InvalidFileError, parse_description
from masugata.apply.changes import as_shown
from masugata.apply.description import Description
from masugata.apply.planning import make_plan
from masugata.apply.state import State

SEEDS = (
    (
        "policy_types: [SERVICE_CONTROL_POLICY]\npolicies:\n  p:\n    tags: {a: b}\n    content:\n"
        "      Version: 2012-10-17\n      Statement: [{Effect: Deny, Action: 'a:b', Resource: '*'}]\n"
        "root:\n  policies: [p]\n  organizational_units:\n    店舗: {accounts: [tokyo], detached: [FullAWSAccess]}\n"
        "accounts:\n  tokyo: {email: a@b.example, id: 012345678901}\n"
    ).encode(),
    (
        b"accounts:\n  a:\n    email: a@b.example\n    iam:\n      policies: {p: {content: "
        b'\'{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*"}}\'}}\n'
        b"      groups: {g: {policies: [p]}}\n      users: {u: {groups: [g], access_keys: 1, path: /x/}}\n"
        b"      roles:\n        r:\n          max_session_duration: 3600\n          trust_policy: {Version: 2012-10-17, "
        b"Statement: {Effect: Allow, Principal: {AWS: '${account:a}'}, Action: sts:AssumeRole}}\n"
    ),
    b'{"trusted_services": ["ram.amazonaws.com"], "delegated_administrators": {"ram.amazonaws.com": ["a"]}, '
    b'"accounts": {"a": {"email": "a@b.example"}}, "management": {"tags": {"k": "v"}}}',
)
PIECES = (
    b"- ", b": ", b"{", b"}", b"[", b"]", b"&a ", b"*a", b"!x ", b"? ", b"| ", b"> ", b"<<", b"~", b"'", b'"', b"#",
    b"\n  ", b"\t", b"---\n", b"...\n", b"%YAML 1.1\n", b"\\ud800", b"\\U00110000", b"\xff", b"\xef\xbb\xbf", b"\x85",
    b"[" * 300, b"{a: " * 100, b"- " * 100, b"${account:", b"$${", b"}", b"true", b"null", b"9" * 4000, b"file: x",
    b"policies", b"accounts", b"iam", b"name", b"\xe2\x80\xa8", b"=", b"@", b"`", b"\0",
)  # fmt: skip


def fuzz_one(data: bytes) -> None:
    """One file, and the plan of what it describes where nothing is."""
    try:
        description = parse_description(data, "o.yaml")
    except InvalidFileError as error:
        for problem in error.problems:
            if problem.place.line < 1 or problem.place.column < 1 or not problem.rule.isprintable():
                raise AssertionError("a problem without a place, or one that cannot be shown") from error
        return
    try:
        plan = make_plan(description, State(description=Description(accounts={}, policies={}), exists=False))
    except InvalidFileError:
        return
    for change in plan.changes:
        if not change.what or as_shown(change.request) is None:
            raise AssertionError("a change that cannot be shown")

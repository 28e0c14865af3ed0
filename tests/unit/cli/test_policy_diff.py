"""`masugata policy diff`."""

import json

import pytest

from policies import allow, deny, document

SHOP = "arn:aws:s3:::shop/*"
EU = {"aws:RequestedRegion": "eu-central-1"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}


@pytest.fixture
def write(tmp_path):
    """Writes a policy into a file."""

    def written(name, *statements):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(document(*statements))
        return path

    return written


@pytest.fixture
def diff(masugata):
    """Compares, and gives the status and what there is as JSON."""

    def run(*arguments):
        finished = masugata("policy", "diff", "--json", *arguments)
        return finished.status, json.loads(finished.out)

    return run


def test_a_new_permission_is_shown_with_a_request(masugata, write):
    """Action, a request with all it needs, and what both versions say of it."""
    old = write("old.json", allow("s3:Get*", SHOP, sid="Read", StringEquals=EU))
    new = write("new.json", allow(["s3:Get*", "s3:PutObject"], SHOP, sid="Read", StringEquals=EU))
    finished = masugata("policy", "diff", old, new)
    assert finished.status == 1
    assert finished.out.splitlines() == [
        "+ s3:PutObject",
        "    e.g. s3:PutObject on arn:aws:s3:::shop/",
        "    with aws:RequestedRegion = eu-central-1",
        "    where all other policies allow everything",
        f"    new: allowed by {new}, statement Read",
        "    old: denied because no identity-based policy allows the s3:PutObject action",
    ]


def test_nothing_new(diff, masugata, write):
    """The status is 0, and what was removed is shown where it is asked for."""
    old, new = write("old.json", allow("s3:*")), write("new.json", allow("s3:Get*"), deny("s3:GetObject"))
    assert diff(old, new)[0] == 0
    finished = masugata("policy", "diff", old, new)
    assert (finished.status, finished.out) == (0, "no new permissions\n")
    status, found = diff(old, new, "--removed")
    assert (status, found["verdict"], found["new"], found["unknown"]) == (0, "none", [], [])
    removed = {action for one in found["removed"] for action in one["actions"]}
    assert {"s3:GetObject", "s3:PutObject"} <= removed
    assert "s3:GetObjectAcl" not in removed


def test_what_cannot_be_told_is_status_2(diff, write):
    """Nothing new was shown, and nothing is called unchanged."""
    home = "arn:aws:s3:::home/${aws:username}/*"
    bob = {"aws:username": "bob"}
    old = write("old.json", allow("s3:*", home))
    new = write("new.json", allow("s3:*", home), allow("s3:*", "arn:aws:s3:::home/bob/x", StringEquals=bob))
    status, found = diff(old, new)
    assert (status, found["verdict"], found["unknown"]) == (2, "unknown", ["policy variables in Resource"])


def test_folders_are_unions(diff, write):
    """A statement may move from file to file."""
    write("before/a.json", allow("s3:*"))
    write("before/b.json", allow("sqs:*"))
    one = write("after/c.json", allow(["s3:*", "sqs:*"]))
    assert diff(one.parent.parent / "before", one.parent)[0] == 0


def test_the_type_is_seen_or_said(diff, masugata, write):
    """Who names principals is of a resource, or of a role if there is no Resource; a mixture must be said."""
    trust = write("trust.json", TRUST)
    bucket = write("bucket.json", {**allow("s3:*"), "Principal": "*"})
    identity = write("identity.json", allow("s3:*"))
    assert diff(trust, trust)[1]["type"] == "trust"
    assert diff(bucket, bucket)[1]["type"] == "resource"
    assert diff(identity, identity, "--type", "scp")[1]["type"] == "scp"
    finished = masugata("policy", "diff", bucket, identity)
    assert (finished.status, "say their --type" in finished.err) == (2, True)
    finished = masugata("policy", "diff", bucket, bucket, "--type", "identity")
    assert (finished.status, "is not a policy of type identity" in finished.err) == (2, True)


def test_trust_of_one_more_account(diff, write):
    """The example names the caller, and whose policies were taken to allow it."""
    stranger = {**TRUST, "Principal": {"AWS": "444455556666"}}
    status, found = diff(write("old.json", TRUST), write("new.json", TRUST, stranger))
    (one,) = found["new"]
    assert (status, one["actions"]) == (1, ["sts:AssumeRole"])
    assert ":444455556666:" in one["witness"]["principal"]
    assert one["witness"]["others"] == "identity policies allow everything"


def test_bad_input(masugata, write, tmp_path):
    """A file that is missing, one that is no policy, a folder without policies, an account that is none."""
    good = write("good.json", allow("s3:*"))
    bad = write("bad.json", {"Effect": "Maybe"})
    (tmp_path / "empty").mkdir()
    for arguments, problem in (
        ((good, tmp_path / "missing.json"), "cannot read"),
        ((good, bad), "is not a policy of type identity"),
        ((good, tmp_path / "empty"), "has no `.json` files"),
        ((good, good, "--account", "1"), "`1` is not an account id"),
    ):
        finished = masugata("policy", "diff", *arguments)
        assert (finished.status, finished.out) == (2, "")
        assert problem in finished.err

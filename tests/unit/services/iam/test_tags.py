"""Tags of users, roles, policies and instance profiles: one machinery, tried on each."""

from datetime import UTC, datetime

import pytest

from masugata.records.iam import (
    INSTANCE_PROFILE,
    MANAGED_POLICY,
    InstanceProfile,
    ManagedPolicy,
    PolicyVersion,
)

MOMENT = datetime(2026, 11, 23, 12, 30, 45, tzinfo=UTC)
ARN = "arn:aws:iam::111122223333:policy/x/Thing"
NOUNS = {
    "User": {"UserName": "Thing"},
    "Role": {"RoleName": "Thing"},
    "Policy": {"PolicyArn": ARN},
    "InstanceProfile": {"InstanceProfileName": "Thing"},
}


class Tagged:
    """One entity of each kind, and short names for the three operations on its tags."""

    def __init__(self, iam, noun):
        self.iam, self.noun, self.name = iam, noun, NOUNS[noun]
        if noun == "User":
            iam("CreateUser", UserName="Thing")
        elif noun == "Role":
            iam.add_role("Thing")
        elif noun == "Policy":
            version = PolicyVersion(number=1, document="{}", create_date=MOMENT)
            policy = ManagedPolicy(
                name="Thing",
                path="/x/",
                id="ANPATHING",
                create_date=MOMENT,
                update_date=MOMENT,
                versions=(version,),
                default_version=1,
                latest_version=1,
            )
            iam.put(MANAGED_POLICY, policy)
        else:
            iam.put(INSTANCE_PROFILE, InstanceProfile(name="Thing", id="AIPATHING", create_date=MOMENT))

    def tag(self, **tags):
        return self.iam(
            f"Tag{self.noun}", **self.name, Tags=[{"Key": k, "Value": v} for k, v in tags.items()]
        )

    def tag_fails(self, *keys):
        tags = [{"Key": key, "Value": "v"} for key in keys]
        return self.iam.fails(f"Tag{self.noun}", **self.name, Tags=tags)

    def untag(self, *keys):
        return self.iam(f"Untag{self.noun}", **self.name, TagKeys=list(keys))

    def list(self, **request):
        return self.iam(f"List{self.noun}Tags", **self.name, **request)

    def all(self):
        return {tag["Key"]: tag["Value"] for tag in self.list()["Tags"]}


@pytest.fixture(params=list(NOUNS))
def thing(request, iam):
    """An entity without tags."""
    return Tagged(iam, request.param)


def test_tags_come_and_go(thing):
    """Tags are added, changed and removed; the answers are empty and the event names the entity."""
    assert thing.list() == {"Tags": [], "IsTruncated": False}
    assert thing.tag(team="a", cost="1") == {}
    assert thing.iam.touched == [(f"AWS::IAM::{thing.noun}", ARN if thing.noun == "Policy" else "Thing")]
    thing.tag(team="b", stage="")
    assert thing.all() == {"cost": "1", "stage": "", "team": "b"}
    assert thing.untag("cost", "stage") == {}
    assert thing.iam.touched == [(f"AWS::IAM::{thing.noun}", ARN if thing.noun == "Policy" else "Thing")]
    assert thing.all() == {"team": "b"}


def test_keys_are_compared_without_case(thing):
    """A key in another case replaces the one before and keeps its own case; untagging ignores case."""
    thing.tag(Team="a")
    thing.tag(tEam="b")
    assert thing.all() == {"tEam": "b"}
    thing.untag("teaM")
    assert thing.all() == {}


def test_untagging_what_is_not_there(thing):
    """Removing an unknown key succeeds and changes nothing."""
    thing.tag(team="a")
    assert thing.untag("cost") == {}
    assert thing.all() == {"team": "a"}


def test_duplicates_in_a_request(thing):
    """Two keys that differ only in case are refused."""
    assert thing.tag_fails("team", "x", "Team") == (
        "InvalidInput",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        400,
    )


@pytest.mark.parametrize("key", ["aws:team", "AWS:team", "aws:"])
def test_reserved_keys(thing, key):
    """Keys with AWS's prefix are refused in any case."""
    assert thing.tag_fails("team", key) == (
        "InvalidInput",
        f"Tag keys starting with aws: are reserved for AWS use: {key}",
        400,
    )
    assert thing.all() == {}


def test_no_tags_at_all(thing):
    """Empty lists are refused, as AWS does."""
    assert thing.tag_fails() == ("InvalidInput", "Tags must hold at least one tag.", 400)
    assert thing.iam.fails(f"Untag{thing.noun}", **thing.name, TagKeys=[]) == (
        "InvalidInput",
        "TagKeys must hold at least one key.",
        400,
    )


def test_fifty_tags_at_most(thing):
    """The 51st tag is refused, a changed one of the fifty is not."""
    thing.tag(**{f"k{number}": "v" for number in range(50)})
    assert thing.tag_fails("one-more") == (
        "LimitExceeded",
        f"Cannot exceed quota for TagsPer{thing.noun}: 50",
        409,
    )
    thing.tag(K7="changed")
    assert len(thing.all()) == 50
    assert thing.all()["K7"] == "changed"


def test_listing_in_pages(thing):
    """Tags are listed by key without regard to case, and a marker fits where markers go."""
    keys = ["Alpha", "beta", "Gamma", "長" * 128]
    thing.tag(**dict.fromkeys(reversed(keys), "v"))
    shown, marker = [], {}
    while True:
        answer = thing.list(MaxItems=1, **marker)
        shown += [tag["Key"] for tag in answer["Tags"]]
        if not answer["IsTruncated"]:
            break
        assert len(answer["Marker"]) <= 320
        marker = {"Marker": answer["Marker"]}
    assert shown == keys
    assert "Marker" not in answer


UNKNOWN = {
    "User": ({"UserName": "thing"}, "The user with name thing cannot be found."),
    "Role": ({"RoleName": "thing"}, "The role with name thing cannot be found."),
    "Policy": ({"PolicyArn": f"{ARN}s"}, f"Policy {ARN}s was not found."),
    "InstanceProfile": ({"InstanceProfileName": "thing"}, "Instance Profile thing cannot be found."),
}


@pytest.mark.parametrize("operation", ["Tag{}", "Untag{}", "List{}Tags"])
def test_unknown_entities(thing, operation):
    """What does not exist, or is spelled in another case, is refused."""
    name, message = UNKNOWN[thing.noun]
    members = {"Tag{}": {"Tags": [{"Key": "k", "Value": "v"}]}, "Untag{}": {"TagKeys": ["k"]}}
    request = {**name, **members.get(operation, {})}
    assert thing.iam.fails(operation.format(thing.noun), **request) == ("NoSuchEntity", message, 404)


def test_tags_of_aws_policies(iam):
    """AWS's own policies have no tags, and cannot be given any."""
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert iam("ListPolicyTags", PolicyArn=arn) == {"Tags": [], "IsTruncated": False}
    refusal = "User: arn:aws:iam::111122223333:root is not authorized to perform: iam:TagPolicy"
    assert iam.fails("TagPolicy", PolicyArn=arn, Tags=[{"Key": "k", "Value": "v"}]) == (
        "AccessDenied",
        f"{refusal} on resource: policy {arn}",
        403,
    )


@pytest.mark.parametrize("arn", ["longpolicynamebutnoarn", "arn:aws:iam::111122223333:user/Thing"])
def test_what_is_no_policy_arn(iam, arn):
    """A policy must be named by the ARN of one."""
    assert iam.fails("ListPolicyTags", PolicyArn=arn) == ("InvalidInput", f"ARN {arn} is not valid.", 400)


def test_user_tags_show_in_get_user(iam):
    """What TagUser writes, GetUser shows; without tags the member is left out."""
    iam("CreateUser", UserName="alice")
    iam("TagUser", UserName="alice", Tags=[{"Key": "k", "Value": "v"}])
    assert iam("GetUser", UserName="alice")["User"]["Tags"] == [{"Key": "k", "Value": "v"}]
    iam("UntagUser", UserName="alice", TagKeys=["k"])
    assert "Tags" not in iam("GetUser", UserName="alice")["User"]

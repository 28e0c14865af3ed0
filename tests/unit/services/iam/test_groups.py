"""Groups and memberships."""

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from masugata.errors import AwsError
from masugata.records.iam import GROUP, USER, Group

MOMENT = datetime(2026, 11, 23, 12, 30, 45, tzinfo=UTC)


def members(iam, group):
    return [user["UserName"] for user in iam("GetGroup", GroupName=group)["Users"]]


def groups_of(iam, user):
    return [group["GroupName"] for group in iam("ListGroupsForUser", UserName=user)["Groups"]]


def test_create_group_answers_the_group(iam):
    """A created group has AWS's members and is named in the event."""
    group = iam("CreateGroup", GroupName="Devs", Path="/eng/")["Group"]
    assert group == {
        "Path": "/eng/",
        "GroupName": "Devs",
        "GroupId": group["GroupId"],
        "Arn": "arn:aws:iam::111122223333:group/eng/Devs",
        "CreateDate": MOMENT,
    }
    assert group["GroupId"].startswith("AGPA")
    assert iam.touched == [("AWS::IAM::Group", "Devs")]
    assert iam("GetGroup", GroupName="Devs") == {"Group": group, "Users": [], "IsTruncated": False}


@pytest.mark.parametrize("name", ["devs", "DEVS"])
def test_create_group_refuses_a_taken_name(iam, name):
    """Names are unique without regard to case."""
    iam("CreateGroup", GroupName="devs")
    assert iam.fails("CreateGroup", GroupName=name) == (
        "EntityAlreadyExists",
        f"Group with name {name} already exists.",
        409,
    )


def test_create_group_respects_the_quota(iam):
    """The 301st group is refused."""
    iam.put(GROUP, *(Group(name=f"g{n}", id=f"AGPA{n:017}", create_date=MOMENT) for n in range(300)))
    assert iam.fails("CreateGroup", GroupName="one-more") == (
        "LimitExceeded",
        "Cannot exceed quota for GroupsPerAccount: 300",
        409,
    )


@pytest.mark.parametrize("name", ["ops", "DEVS"])
@pytest.mark.parametrize("operation", ["GetGroup", "UpdateGroup", "DeleteGroup"])
def test_unknown_groups_are_refused(iam, operation, name):
    """An unknown name is NoSuchEntity, and so is a known one in another case."""
    iam("CreateGroup", GroupName="devs")
    assert iam.fails(operation, GroupName=name) == (
        "NoSuchEntity",
        f"The group with name {name} cannot be found.",
        404,
    )


def test_list_groups(iam):
    """Groups are listed by name, under a path and in pages."""
    for name, path in [("ops", "/"), ("Devs", "/eng/"), ("qa", "/eng/")]:
        iam("CreateGroup", GroupName=name, Path=path)
    assert [group["GroupName"] for group in iam("ListGroups")["Groups"]] == ["Devs", "ops", "qa"]
    first = iam("ListGroups", PathPrefix="/eng/", MaxItems=1)
    assert [group["GroupName"] for group in first["Groups"]] == ["Devs"]
    rest = iam("ListGroups", PathPrefix="/eng/", MaxItems=1, Marker=first["Marker"])
    assert [group["GroupName"] for group in rest["Groups"]] == ["qa"]
    assert rest["IsTruncated"] is False


def test_get_group_in_pages(iam):
    """Members are shown by name and in pages, without tags."""
    iam("CreateGroup", GroupName="devs")
    for name in ("carol", "Alice", "bob"):
        iam("CreateUser", UserName=name, Tags=[{"Key": "k", "Value": "v"}])
        iam("AddUserToGroup", GroupName="devs", UserName=name)
    first = iam("GetGroup", GroupName="devs", MaxItems=2)
    assert [user["UserName"] for user in first["Users"]] == ["Alice", "bob"]
    assert "Tags" not in first["Users"][0]
    rest = iam("GetGroup", GroupName="devs", MaxItems=2, Marker=first["Marker"])
    assert [user["UserName"] for user in rest["Users"]] == ["carol"]
    assert rest["IsTruncated"] is False


def test_update_group_keeps_everything_but_name_and_path(iam):
    """A renamed group keeps its id and members."""
    created = iam("CreateGroup", GroupName="devs")["Group"]
    iam("CreateUser", UserName="alice")
    iam("AddUserToGroup", GroupName="devs", UserName="alice")
    assert iam("UpdateGroup", GroupName="devs", NewGroupName="Coders", NewPath="/eng/") == {}
    assert iam.touched == [("AWS::IAM::Group", "devs"), ("AWS::IAM::Group", "Coders")]
    assert iam("GetGroup", GroupName="Coders")["Group"] == {
        **created,
        "GroupName": "Coders",
        "Path": "/eng/",
        "Arn": "arn:aws:iam::111122223333:group/eng/Coders",
    }
    assert members(iam, "Coders") == ["alice"]
    assert groups_of(iam, "alice") == ["Coders"]
    iam("CreateGroup", GroupName="devs")
    assert members(iam, "devs") == []


def test_update_group_refuses_a_taken_name(iam):
    """No group can be renamed to another."""
    iam("CreateGroup", GroupName="devs")
    iam("CreateGroup", GroupName="ops")
    assert iam.fails("UpdateGroup", GroupName="ops", NewGroupName="Devs") == (
        "EntityAlreadyExists",
        "Group with name Devs already exists.",
        409,
    )


def test_delete_group_wants_everything_removed_first(iam):
    """Members and policies are refused in AWS's words, until nothing is left."""
    iam("CreateGroup", GroupName="devs")
    iam("CreateUser", UserName="alice")
    iam("AddUserToGroup", GroupName="devs", UserName="alice")
    group = iam.get(GROUP, "devs")
    attached = ("arn:aws:iam::aws:policy/ReadOnlyAccess",)
    iam.put(GROUP, msgspec.structs.replace(group, attached_policies=attached, inline_policies={"p": "{}"}))

    def conflict():
        code, message, status = iam.fails("DeleteGroup", GroupName="devs")
        assert (code, status) == ("DeleteConflict", 409)
        return message

    assert conflict() == "Cannot delete entity, must remove users from group first."
    iam("RemoveUserFromGroup", GroupName="devs", UserName="alice")
    assert conflict() == "Cannot delete entity, must delete policies first."
    iam.put(GROUP, msgspec.structs.replace(group, attached_policies=attached))
    assert conflict() == "Cannot delete entity, must detach all policies first."
    iam.put(GROUP, group)
    assert iam("DeleteGroup", GroupName="devs") == {}
    assert iam("ListGroups")["Groups"] == []


def test_membership_is_idempotent(iam):
    """Adding a member again, and removing one that is none, changes nothing and succeeds."""
    iam("CreateGroup", GroupName="devs")
    iam("CreateUser", UserName="alice")
    assert iam("AddUserToGroup", GroupName="devs", UserName="alice") == {}
    assert iam.touched == [("AWS::IAM::User", "alice"), ("AWS::IAM::Group", "devs")]
    assert iam("AddUserToGroup", GroupName="devs", UserName="alice") == {}
    assert len(iam.get(USER, "alice").groups) == 1
    assert iam("RemoveUserFromGroup", GroupName="devs", UserName="alice") == {}
    assert iam("RemoveUserFromGroup", GroupName="devs", UserName="alice") == {}
    assert members(iam, "devs") == []


def test_leaving_one_group_keeps_the_others(iam):
    """Only the membership that is named ends."""
    iam("CreateUser", UserName="alice")
    for name in ("devs", "ops", "qa"):
        iam("CreateGroup", GroupName=name)
        iam("AddUserToGroup", GroupName=name, UserName="alice")
    iam("RemoveUserFromGroup", GroupName="ops", UserName="alice")
    assert groups_of(iam, "alice") == ["devs", "qa"]


@pytest.mark.parametrize("operation", ["AddUserToGroup", "RemoveUserFromGroup"])
def test_membership_of_the_unknown_is_refused(iam, operation):
    """The user is looked for first, then the group."""
    no_user = ("NoSuchEntity", "The user with name bob cannot be found.", 404)
    assert iam.fails(operation, GroupName="devs", UserName="bob") == no_user
    iam("CreateUser", UserName="bob")
    no_group = ("NoSuchEntity", "The group with name devs cannot be found.", 404)
    assert iam.fails(operation, GroupName="devs", UserName="bob") == no_group


def test_a_user_is_in_ten_groups_at_most(iam):
    """The eleventh membership is refused, one of the ten again is not."""
    iam("CreateUser", UserName="alice")
    for number in range(11):
        iam("CreateGroup", GroupName=f"g{number}")
    for number in range(10):
        iam("AddUserToGroup", GroupName=f"g{number}", UserName="alice")
    assert iam.fails("AddUserToGroup", GroupName="g10", UserName="alice") == (
        "LimitExceeded",
        "Cannot exceed quota for GroupsPerUser: 10",
        409,
    )
    assert iam("AddUserToGroup", GroupName="g3", UserName="alice") == {}


def test_list_groups_for_user(iam):
    """A user's groups are listed by name and in pages; an unknown user is refused."""
    iam("CreateUser", UserName="alice")
    for name in ("ops", "Devs", "qa"):
        created = iam("CreateGroup", GroupName=name)["Group"]
        iam("AddUserToGroup", GroupName=name, UserName="alice")
    assert groups_of(iam, "alice") == ["Devs", "ops", "qa"]
    first = iam("ListGroupsForUser", UserName="alice", MaxItems=2)
    assert first["IsTruncated"] is True
    rest = iam("ListGroupsForUser", UserName="alice", Marker=first["Marker"])
    assert rest == {"Groups": [created], "IsTruncated": False}
    assert iam.fails("ListGroupsForUser", UserName="bob") == (
        "NoSuchEntity",
        "The user with name bob cannot be found.",
        404,
    )


NAMES = st.sampled_from(["a", "A", "b"])


class Memberships(RuleBasedStateMachine):
    """Against sets of pairs: whatever is created, renamed, joined, left and deleted."""

    def __init__(self):
        super().__init__()
        self.iam = self.house()
        self.users = {}  # name -> token that stays over renames
        self.groups = {}
        self.pairs = set()
        self.tokens = 0

    def attempt(self, operation, allowed, **request):
        """Run the operation, which must succeed exactly if `allowed`."""
        try:
            self.iam(operation, **request)
        except AwsError:
            assert not allowed, f"{operation} {request} was refused"
        else:
            assert allowed, f"{operation} {request} was accepted"
        return allowed

    def entities(self, what):
        return self.users if what == "User" else self.groups

    def taken(self, what, name):
        return name.lower() in {existing.lower() for existing in self.entities(what)}

    @initialize()
    def some_exist(self):
        for name in ("a", "b"):
            self.create("User", name)
            self.create("Group", name)

    @rule(what=st.sampled_from(["User", "Group"]), name=NAMES)
    def create(self, what, name):
        if self.attempt(f"Create{what}", not self.taken(what, name), **{f"{what}Name": name}):
            self.tokens += 1
            self.entities(what)[name] = self.tokens

    @rule(what=st.sampled_from(["User", "Group"]), name=NAMES, new=NAMES)
    def rename(self, what, name, new):
        entities = self.entities(what)
        free = new.lower() == name.lower() or not self.taken(what, new)
        request = {f"{what}Name": name, f"New{what}Name": new}
        if self.attempt(f"Update{what}", name in entities and free, **request):
            entities[new] = entities.pop(name)

    @rule(what=st.sampled_from(["User", "Group"]), name=NAMES)
    def delete(self, what, name):
        entities = self.entities(what)
        token = entities.get(name)
        alone = all(token not in pair for pair in self.pairs)
        if self.attempt(f"Delete{what}", token is not None and alone, **{f"{what}Name": name}):
            del entities[name]

    @rule(user=NAMES, group=NAMES, joins=st.booleans())
    def join_or_leave(self, user, group, joins):
        known = user in self.users and group in self.groups
        operation = "AddUserToGroup" if joins else "RemoveUserFromGroup"
        if self.attempt(operation, known, UserName=user, GroupName=group):
            pair = (self.users[user], self.groups[group])
            (self.pairs.add if joins else self.pairs.discard)(pair)

    @invariant()
    def both_sides_agree(self):
        for name, token in self.groups.items():
            expected = sorted((u for u, t in self.users.items() if (t, token) in self.pairs), key=str.lower)
            assert members(self.iam, name) == expected
        for name, token in self.users.items():
            expected = sorted((g for g, t in self.groups.items() if (token, t) in self.pairs), key=str.lower)
            assert groups_of(self.iam, name) == expected


def test_memberships_agree_with_sets_of_pairs(iam):
    """Renames, namesakes and deletions never give or take a membership."""
    machine = type("Machine", (Memberships,), {"house": staticmethod(type(iam))})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=40, stateful_step_count=30, deadline=None, database=None)
    )

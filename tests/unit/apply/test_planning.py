"""What is planned, in which order, and what is left alone."""

from datetime import UTC, datetime

import pytest

from masugata.apply import InvalidFileError, Sessions, StoppedError
from masugata.apply.changes import Stage
from masugata.client import Keys

TRUST = "{Version: 2012-10-17, Statement: {Effect: Allow, Principal: {AWS: '%s'}, Action: sts:AssumeRole}}"
DENY = '{content: {Version: 2012-10-17, Statement: {Effect: Deny, Action: "%s", Resource: "*"}}}'
ALLOW = '{content: {Version: 2012-10-17, Statement: {Effect: Allow, Action: "%s", Resource: "*"}}}'
TOKYO = "tokyo: {email: tokyo@example.com, id: 444455556666%s}"


def organization(policies="", root="", account=""):
    """A file with SCPs, one account and a root."""
    return (
        "policy_types: [SERVICE_CONTROL_POLICY]\n"
        f"policies: {{{policies}}}\nroot: {{{root}}}\naccounts: {{{TOKYO % account}}}\n"
    )


def iam(section):
    """A file with this in an account's IAM."""
    return organization(account=f", iam: {{{section}}}")


def test_what_restricts_comes_before_what_loosens(world, words):
    """A shop that moves under other policies: attach, move, and only then detach; nothing is open between."""
    policies = f"old: {DENY % 'iam:CreateUser'}, new: {DENY % 'iam:*'}"
    world.apply(
        organization(policies, "organizational_units: {a: {policies: [old], accounts: [tokyo]}, b: {}}")
    )
    moved = "organizational_units: {a: {detached: [old]}, b: {policies: [new], accounts: [tokyo]}}"
    assert words(world.apply(organization(policies, moved))) == [
        "attach policy `new` to the organizational unit `b`",
        "move account `tokyo` to the organizational unit `b`",
        "detach policy `old` from the organizational unit `a`",
    ]


@pytest.mark.parametrize("first", ["a", "z"])
def test_a_statement_that_changes_its_policy_is_always_in_one(world, words, first):
    """Of two updated policies the one that gets the Deny comes first, whatever their order; also in IAM."""
    both = '{content: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: "%s", Resource: "*"}, %s]}}'
    other = '{Effect: Deny, Action: "s3:*", Resource: "*"}'
    full, one = both % ("ec2:*", other), DENY % "ec2:*"

    def file(*policies):
        changed = f"{first}: {policies[0]}, m: {policies[1]}"
        section = f"policies: {{{changed}}}, users: {{u: {{policies: [{first}, m]}}}}"
        return organization(changed, f"policies: [{first}, m]", f", iam: {{{section}}}")

    world.apply(file(full, one))
    assert words(world.apply(file(one, full))) == [
        "update policy `m`",
        f"update policy `{first}`",
        "update tokyo: policy `m`",
        f"update tokyo: policy `{first}`",
    ]


def test_an_exchange_at_the_limit(world, words):
    """Where a target is full what denies nothing goes first; if all deny, nobody is let through meanwhile."""
    names = [f"p{n}" for n in range(6)]
    denying = ", ".join(f"{name}: {DENY % 'a:b'}" for name in names)
    five = f"policies: [{', '.join(names[:5])}], detached: [FullAWSAccess]"
    world.apply(organization(denying, five))
    exchanged = f"policies: [{', '.join(names[1:])}], detached: [FullAWSAccess, p0]"
    with pytest.raises(InvalidFileError, match="none that could go first without loosening"):
        world.plan(organization(denying, exchanged))
    other = type(world)()
    mixed = f"p0: {ALLOW % '*'}, " + ", ".join(f"{name}: {DENY % 'a:b'}" for name in names[1:])
    other.apply(organization(mixed, five))
    assert words(other.apply(organization(mixed, exchanged)))[:2] == [
        "detach policy `p0` from the root",
        "attach policy `p5` to the root",
    ]


def test_an_allow_list_never_leaves_a_target_without_a_policy(world, words):
    """FullAWSAccess goes after what takes its place, and comes back when the file asks for it."""
    policies = f"few: {ALLOW % 'iam:*'}"
    plan = world.apply(organization(policies, "policies: [few], detached: [FullAWSAccess]"))
    assert words(plan)[-2:] == [
        "attach policy `few` to the root",
        "detach policy `FullAWSAccess` from the root",
    ]
    back = world.apply(organization(policies, "policies: [FullAWSAccess], detached: [few]"))
    assert words(back) == [
        "attach policy `FullAWSAccess` to the root",
        "detach policy `few` from the root",
    ]


def test_a_changed_policy_is_updated(world):
    """The difference is shown by lines; white space and the order of members are none."""
    world.apply(organization(f"p: {DENY % 'a:b'}"))
    assert (
        world.plan(
            organization(
                f"p: {DENY % 'a:b'}".replace('Effect: Deny, Action: "a:b"', "Action: 'a:b', Effect: Deny")
            )
        ).changes
        == []
    )
    [change] = world.apply(organization(f"p: {DENY % 'a:c'}")).changes
    assert (change.action, change.operation) == ("update", "UpdatePolicy")
    assert [line.strip(" ,") for line in change.details if line[0] in "+-"] == [
        '-    "Action": "a:b"',
        '+    "Action": "a:c"',
    ]


def test_what_is_not_in_the_file_is_left_alone(world, words):
    """It is reported, and goes only with --prune; what the file has no section for is not even looked at."""
    everything = organization(
        f"p: {DENY % 'a:b'}", "policies: [p], tags: {a: b}, organizational_units: {u: {}}"
    )
    world.apply(everything)
    less = organization("", "policies: [], tags: {}, organizational_units: {}")
    plan = world.apply(less)
    assert plan.changes == []
    assert {leftover.what for leftover in plan.leftovers} == {
        "policy `p`",
        "organizational unit `u`",
        "the tag `a` of the root",
    }
    assert world.plan("accounts: {}").leftovers[0].why == "closing an account is for a person to do"
    assert words(world.apply(less, prune=True)) == [
        "detach policy `p` from the root",
        "untag root: a",
        "delete policy `p`",
        "delete organizational unit `u`",
    ]
    assert world.plan(everything).changes
    assert world.plan(less, prune=True).changes == []


def test_a_unit_with_an_account_is_not_removed(world):
    """Where an account stands that is described nowhere else its unit stays, and says why."""
    world.apply(
        organization(root="organizational_units: {u: {organizational_units: {v: {accounts: [tokyo]}}}}")
    )
    plan = world.plan(organization(root="organizational_units: {}"), prune=True)
    assert plan.changes == []
    assert {leftover.why for leftover in plan.leftovers} == {"it holds the account `tokyo`"}
    moved = world.apply(organization(root="accounts: [tokyo], organizational_units: {}"), prune=True)
    assert [change.action for change in moved.changes] == ["move", "delete", "delete"]


def test_iam_is_pruned_without_opening_anything(world):
    """Keys go first, then what allows, then what denies, then the people, and policies last."""
    full = (
        f"policies: {{no: {DENY % 'iam:*'}, yes: {ALLOW % 'iam:*'}}}, groups: {{g: {{policies: [yes]}}}}, "
        "users: {u: {groups: [g], policies: [yes, no], access_keys: 1, "
        "inline_policies: "
        "{i: {Version: 2012-10-17, Statement: {Effect: Deny, Action: 'a:b', Resource: '*'}}}}}"
    )
    world.apply(iam(full))
    world.sessions.client_of("444455556666").call("iam", "CreateUser", UserName="other")
    plan = world.apply(iam("policies: {}, groups: {}, users: {other: {}}"), prune=True)
    stages = [change.stage for change in plan.changes]
    assert stages == sorted(stages)
    assert plan.changes[0].operation == "DeleteAccessKey"
    order = [change.operation for change in plan.changes]
    assert order.index("DeleteUser") < order.index("DeletePolicy")
    last_allowing = max(n for n, change in enumerate(plan.changes) if change.stage == Stage.IAM_REMOVE)
    first_denying = min(n for n, change in enumerate(plan.changes) if change.stage == Stage.IAM_REMOVE_GUARDS)
    assert last_allowing < first_denying
    assert world.plan(iam("policies: {}, groups: {}, users: {other: {}}"), prune=True).changes == []


def test_a_policy_goes_and_its_holder_stays(world):
    """A managed policy that is not in the file is taken from whoever is not described, too."""
    world.apply(iam(f"policies: {{yes: {ALLOW % 'iam:*'}}}, users: {{u: {{policies: [yes]}}}}"))
    plan = world.apply(iam("policies: {}"), prune=True)
    assert [change.operation for change in plan.changes] == ["DetachUserPolicy", "DeletePolicy"]
    assert world.plan(iam("users: {u: {policies: []}}")).leftovers == []


def test_who_applies_stays(world):
    """Pruning the management account never deletes who does it."""
    plan = world.apply("management: {iam: {users: {}}}", prune=True)
    assert [leftover.why for leftover in plan.leftovers] == ["it is who applies this"]
    assert not [change for change in plan.changes if change.service == "iam"]


def test_the_roles_that_apply_by_stay(world):
    """Neither the role that calls, nor one that accounts are administered by instead of AWS's, is deleted."""
    roles = (
        f"roles: {{%s: {{trust_policy: {TRUST % '${account:management}'}, policies: [AdministratorAccess]}}}}"
    )
    world.apply(f"management: {{iam: {{{roles % 'caller'}}}}}\n" + iam(roles % "deployer"))
    session = world.client.call(
        "sts", "AssumeRole", RoleArn="arn:aws:iam::111122223333:role/caller", RoleSessionName="me"
    )["Credentials"]
    keys = Keys(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    world.sessions = Sessions(world.client.as_other(keys), clock=lambda: datetime.now(UTC), role="deployer")
    plan = world.apply("management: {iam: {roles: {}}}\n" + iam("roles: {}"), prune=True)
    assert not [change for change in plan.changes if change.service == "iam"]


def test_a_boundary_and_keys_are_not_taken_away(world):
    """Nobody gets more by what a file does not say, and no key that is in use goes."""
    world.apply(iam("users: {u: {permissions_boundary: ReadOnlyAccess, access_keys: 2}}"))
    plan = world.apply(iam("users: {u: {access_keys: 1}}"), prune=True)
    assert plan.changes == []
    assert [leftover.what for leftover in plan.leftovers] == [
        "tokyo: the permissions boundary of the user `u`",
        "tokyo: access keys of the user `u`",
    ]


def test_changes_within_an_account(world, words):
    """Settings of people, roles and policies follow the file."""
    before = (
        f"policies: {{p: {ALLOW % 'iam:GetUser'}}}, users: {{u: {{tags: {{a: b}}}}}}, groups: {{g: {{}}}}, "
        f"roles: {{r: {{trust_policy: {TRUST % '${account:tokyo}'}}}}}"
    )
    world.apply(iam(before))
    after = (
        f"policies: {{p: {ALLOW % 'iam:GetRole'}}}, groups: {{g: {{policies: [p], path: /x/}}}}, "
        "users: {u: {tags: {a: c}, path: /y/, groups: [g], permissions_boundary: p}}, "
        f"roles: {{r: {{description: d, max_session_duration: 7200, "
        f"trust_policy: {TRUST % '${account:management}'}}}}}"
    )
    assert words(world.apply(iam(after))) == [
        "put tokyo: permissions boundary `p` on the user `u`",
        "update tokyo: policy `p`",
        "update tokyo: group `g`",
        "update tokyo: user `u`",
        "update tokyo: trust policy of the role `r`",
        "update tokyo: role `r`",
        "attach tokyo: policy `p` to the group `g`",
        "add tokyo: user `u` to the group `g`",
        "tag tokyo: user `u`",
    ]
    assert world.plan(iam(after)).changes == []


def test_a_policy_of_five_versions_makes_room(world):
    """The oldest version that is not in use goes; without end."""
    for n in range(8):
        world.apply(iam(f"policies: {{p: {ALLOW % f'iam:Get{n}'}}}"))
    client = world.sessions.client_of("444455556666")
    arn = "arn:aws:iam::444455556666:policy/p"
    versions = list(client.listed("iam", "ListPolicyVersions", "Versions", PolicyArn=arn))
    assert [version["VersionId"] for version in versions] == ["v8", "v7", "v6", "v5", "v4"]


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (
            organization(),
            organization().replace("tokyo: {", "tokyo: {name: other, "),
            "has the name `tokyo` in the organization",
        ),
        (
            organization(),
            organization().replace("4444", "5555"),
            "has the id `444455556666` in the organization",
        ),
        (
            organization(),
            "accounts: {tokyo: {email: other@example.com, id: 444455556666}}",
            "has the e-mail address `tokyo@example.com`",
        ),
        (organization(), "organization: {features: CONSOLIDATED_BILLING}", "has the features ALL"),
        (
            iam(f"policies: {{p: {ALLOW % 'a:b'}}}"),
            iam(f"policies: {{p: {ALLOW.replace('{content', '{path: /x/, content') % 'a:b'}}}"),
            "has the path `/`",
        ),
        (
            "accounts: {}",
            f"policies: {{p: {DENY % 'a:b'}}}\nroot: {{policies: [p]}}",
            "SERVICE_CONTROL_POLICY is not enabled: name it in `policy_types`",
        ),
        (
            organization(),
            organization(root="detached: [FullAWSAccess]"),
            "`FullAWSAccess` cannot be detached: a target has at least one SCP",
        ),
        (
            "accounts: {}",
            "accounts: {tokyo: {email: tokyo@example.com, id: 111122223333}}",
            "111122223333 is the management account",
        ),
        (
            "accounts: {}",
            organization(account=f", tags: {{{', '.join(f'k{n}: v' for n in range(50))}}}"),
            "with its id, which is a tag too, it has more than 50 tags",
        ),
        (
            organization(),
            f"{organization()}delegated_administrators: {{sso.amazonaws.com: [tokyo]}}",
            "`sso.amazonaws.com` has no trusted access: name it in `trusted_services`",
        ),
    ],
)
def test_what_no_call_can_do(world, before, after, rule):
    """It is a problem of the file, with its place, and nothing is changed."""
    world.apply(before)
    with pytest.raises(InvalidFileError, match=rule) as refused:
        world.plan(after)
    assert str(refused.value).startswith("o.yaml:")


def test_an_scp_that_binds_the_role_itself_says_so(world):
    """Guardrails come first, so one that denies IAM to everybody denies it here, with its name."""
    text = organization(f"p: {DENY % 'iam:CreateUser'}", "policies: [p]", ", iam: {users: {u: {}}}")
    with pytest.raises(StoppedError, match="explicit deny in a service control policy"):
        world.apply(text)


def _role(name, principal):
    """An account's `iam` with one role that trusts somebody."""
    return f"iam: {{roles: {{{name}: {{trust_policy: {TRUST % principal}}}}}}}"


def test_roles_are_made_after_those_they_trust_in_any_account(world, words):
    """The shops come first in the file, and trust a role of headquarters."""
    boss = "arn:aws:iam::${account:hq}:role/boss"
    text = (
        f"accounts: {{shop: {{email: s@example.com, {_role('till', boss)}}}, "
        f"hq: {{email: h@example.com, id: 444455556666, {_role('boss', '${account:shop}')}}}, "
        f"bar: {{email: b@example.com, {_role('till', 'arn:aws:iam::444455556666:role/boss')}}}}}"
    )
    roles = [change for change in words(world.apply(text)) if "role" in change]
    assert roles == ["create hq: role `boss`", "create shop: role `till`", "create bar: role `till`"]
    assert world.plan(text).changes == []


def test_a_circle_of_roles_cannot_be_made_and_can_be_there(world):
    """No role can be made before all those that it trusts; but a role that is there may trust itself."""
    text = f"management: {{{_role('r', 'arn:aws:iam::${account:management}:role/r')}}}"
    with pytest.raises(InvalidFileError, match=r"o.yaml:1:.* the trust policy of `r` is part of a circle of"):
        world.plan(text)
    world.apply(f"management: {{{_role('r', '${account:management}')}}}")
    world.apply(text)
    assert world.plan(world.export()).changes == []

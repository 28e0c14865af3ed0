"""Who may do an action on a resource."""

import pytest

from masugata.authorization.reach.people import Population
from masugata.authorization.reach.who_can import who_can
from masugata.engines.policy import PolicySet, PolicyType, compile_policy
from masugata.engines.policy.matrix import Facts, Verdict
from masugata.errors import MasugataError
from unit.authorization.reach.account import (
    ADMINISTRATOR,
    ARN,
    ID,
    allow,
    deny,
    group,
    role,
    trust,
    user,
    view,
)

MENU = "arn:aws:s3:::shop/menu"
CERTAIN, POSSIBLE = Verdict.CERTAIN, Verdict.POSSIBLE
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def asked(*entities, action="s3:GetObject", resource=MENU, **options):
    """The answer for an account of these entities."""
    return who_can(Population(view(*entities)), action, resource, **options)


def direct(found):
    """Who may by themselves, but the root user, as name → verdict."""
    holders = {holder.person.name.removeprefix(f"{ARN}:"): holder.verdict for holder in found.direct}
    return {name: verdict for name, verdict in holders.items() if name != "root"}


def through(found):
    """Who may through roles, as name → (roles, verdict)."""
    return {
        route.person.name.removeprefix(f"{ARN}:"): (
            [hop.role.rpartition("/")[2] for hop in route.hops],
            route.verdict,
        )
        for route in found.through_roles
    }


def test_by_own_policies_groups_and_roles():
    """Users by inline policies and groups, roles by managed ones; who is not allowed is not listed."""
    found = asked(
        user("alice", allow("s3:GetObject", "arn:aws:s3:::shop/*")),
        user("bob", groups=["readers"]),
        user("carol", allow("s3:PutObject")),
        user("dave", allow("s3:*"), deny("s3:GetObject", MENU)),
        group("readers", allow("s3:Get*")),
        role("admin", [trust({"AWS": ID})], attached=[ADMINISTRATOR]),
    )
    assert direct(found) == {"user/alice": CERTAIN, "user/bob": CERTAIN, "role/admin": CERTAIN}
    assert found.direct[0].person.root


def test_the_statement_that_allows_is_named():
    """The reason of a yes is the policy and the statement."""
    found = asked(user("alice", allow("sqs:*"), allow("s3:*", Sid="Shop")))
    ground = found.direct[1].reasons.allows[0]
    assert (ground.policy, ground.sid, ground.open) == (f"inline policy own of {ARN}:user/alice", "Shop", ())


def test_unknown_conditions_are_possible_and_named():
    """A condition on what nobody knows makes a maybe with its reason; what is said decides it."""
    alice = user("alice", allow("s3:*", Condition=MFA))
    account = (alice, user("bob", allow("s3:*"), deny("*", Condition=MFA)))
    found = asked(*account)
    assert direct(found) == {"user/alice": POSSIBLE, "user/bob": POSSIBLE}
    alice, bob = (holder.reasons for holder in found.direct[1:])
    assert alice.allows[0].open == ("Bool aws:MultiFactorAuthPresent true",)
    assert bob.denies[0].open == ("Bool aws:MultiFactorAuthPresent true",)
    known = asked(*account, asked=Facts({"aws:MultiFactorAuthPresent": "true"}))
    assert direct(known) == {"user/alice": CERTAIN}


def test_variables_are_those_of_each_principal():
    """`${aws:username}` and tags are the caller's own, and a star in a tag is a star."""
    home = allow("s3:*", "arn:aws:s3:::shop/${aws:username}")
    found = asked(
        user("menu", home),
        user("alice", home),
        user("bob", allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team}/menu"), tags={"team": "shop"}),
        user("carol", allow("s3:*", "arn:aws:s3:::${aws:PrincipalTag/team}/menu"), tags={"team": "*"}),
    )
    assert direct(found) == {"user/menu": CERTAIN, "user/bob": CERTAIN}


@pytest.mark.parametrize(
    ("actions", "verdict"), [("sts:AssumeRole", CERTAIN), (["sts:AssumeRole", "sts:TagSession"], POSSIBLE)]
)
def test_tags_of_a_role_are_sure_unless_sessions_may_bring_their_own(actions, verdict):
    """Whoever trusts a role's tags must know that a session with tags of its own overrides them."""
    reader = role(
        "reader", [trust({"AWS": ID}, actions)],
        allow("s3:*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "red"}}),
    )  # fmt: skip
    assert direct(asked(reader)) == {"role/reader": verdict}


def test_through_roles():
    """One role away by default, any number with `transitive`; the shortest way is shown."""
    account = (
        user("alice", allow("sts:AssumeRole")),
        user("bob"),
        role("first", [trust({"AWS": ID})], allow("sts:AssumeRole")),
        role("second", [trust({"AWS": f"{ARN}:role/first"})], allow("s3:*")),
        role("third", [trust({"AWS": f"{ARN}:user/bob"}, Condition=MFA)], allow("s3:*")),
    )
    assert through(asked(*account)) == {
        "role/first": (["second"], CERTAIN),
        "user/bob": (["third"], POSSIBLE),
    }
    assert through(asked(*account, transitive=True)) == {
        "role/first": (["second"], CERTAIN),
        "user/alice": (["first", "second"], CERTAIN),
        "user/bob": (["third"], POSSIBLE),
    }


def test_services_providers_and_other_accounts_come_through_trust():
    """Whoever a trust policy names is listed; another account only as far as it allows its own."""
    saml = f"{ARN}:saml-provider/idp"
    found = asked(
        role("reader", [trust({"Service": "lambda.amazonaws.com"}), trust({"AWS": "444455556666"}),
                        trust({"Federated": saml}, "sts:AssumeRoleWithSAML")], allow("s3:*")),
    )  # fmt: skip
    assert through(found) == {
        "lambda.amazonaws.com": (["reader"], CERTAIN),
        "arn:aws:iam::444455556666:root": (["reader"], POSSIBLE),
        "saml-provider/idp": (["reader"], CERTAIN),
    }


def test_the_resources_own_policy():
    """A resource policy grants and denies; a session that it names by name makes its role a maybe."""
    session = f"arn:aws:sts::{ID}:assumed-role/reader/session"
    text = (
        f'{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":["{ARN}:user/alice",'
        f'"{session}","444455556666"]}},"Action":"s3:*","Resource":"*"}},{{"Effect":"Deny","Principal":'
        f'{{"AWS":"{ARN}:user/bob"}},"Action":"s3:*","Resource":"*"}}]}}'
    )
    policy = PolicySet(PolicyType.RESOURCE, [compile_policy(text, PolicyType.RESOURCE, "bucket policy")])
    found = asked(user("alice"), user("bob", allow("*")), role("reader", [trust({"AWS": ID})]), policy=policy)
    assert direct(found) == {
        "user/alice": CERTAIN,
        "role/reader": POSSIBLE,
        "arn:aws:iam::444455556666:root": POSSIBLE,
    }


def test_roles_are_assumed_by_their_trust():
    """sts:AssumeRole is decided with the role's trust policy, which alone may suffice, or delegate."""
    found = asked(
        user("alice"), user("bob", allow("sts:*")), user("carol", allow("sts:*")),
        role("cook", [trust({"AWS": f"{ARN}:user/alice"})]),
        action="sts:AssumeRole", resource=f"{ARN}:role/cook",
    )  # fmt: skip
    assert direct(found) == {"user/alice": CERTAIN}


def test_a_boundary_limits():
    """What the boundary does not allow is not listed."""
    bounded = user("alice", allow("*"), boundary="arn:aws:iam::aws:policy/AmazonSQSFullAccess")
    assert direct(asked(bounded)) == {}


@pytest.mark.parametrize("form", ["arn:aws-cn:iam::{}:root", "{}"])
def test_accounts_of_another_partition(form):
    """An account of China or GovCloud that a role there trusts is found."""
    entity = role("reader", [trust({"AWS": form.format("444455556666")})], allow("s3:*"))
    entity["Arn"] = entity["Arn"].replace("arn:aws:", "arn:aws-cn:")
    found = asked(entity, resource=MENU.replace("arn:aws:", "arn:aws-cn:"))
    assert [route.person.subject.principal.account for route in found.through_roles] == ["444455556666"]


@pytest.mark.parametrize("action", ["GetObject", "s3:Get*", "s3:", "", "s3:Get Object"])
def test_what_is_no_action(action):
    """Only one action can be asked about."""
    with pytest.raises(MasugataError, match="is not an action"):
        asked(user("alice"), action=action)


def test_what_is_assumed_is_said():
    """Unknown actions, and a resource whose policy nobody knows, are notes."""
    notes = " ".join(asked(user("alice"), action="s3:NoSuchAction").notes)
    assert "no action that the catalogue knows" in notes
    assert "no policy of its own" in notes

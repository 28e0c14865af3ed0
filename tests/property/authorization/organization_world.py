"""Organizations as records, who may ask there, and what they ask for."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from masugata.authorization.access import Access
from masugata.engines.policy import Principal
from masugata.identity.authenticate import session_caller
from masugata.identity.caller import Caller, CallerKind, Session
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import ROLE, USER, Role, Tag, User
from masugata.records.organizations import (
    FULL_AWS_ACCESS,
    MEMBER,
    ORGANIZATION,
    ORGANIZATION_POLICY,
    ORGANIZATIONAL_UNIT,
    RCP_FULL_AWS_ACCESS,
    RESOURCE_CONTROL_POLICY,
    SERVICE_CONTROL_POLICY,
    Member,
    Organization,
    OrganizationalUnit,
    OrganizationPolicy,
)
from masugata.store import Snapshot
from model.organization_model import FULL_ACCESS
from property.authorization.organization_strategies import ACCOUNTS, OUTSIDE

MADE = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPEN = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
TYPES = {"scp": SERVICE_CONTROL_POLICY, "rcp": RESOURCE_CONTROL_POLICY}
FULL_IDS = {"scp": FULL_AWS_ACCESS, "rcp": RCP_FULL_AWS_ACCESS}
LINKED = "/aws-service-role/logs.amazonaws.com/"


@dataclass
class Who:
    """A caller as authentication makes it, and the same as the model sees it.

    `stands_for` is what the engine is told instead, for those who never sign a request here;
    `standing_in` the account of whoever is in their place.
    """

    caller: Caller
    principal: Principal
    principal_arn: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    session: list | None = None
    stands_for: Principal | None = None
    standing_in: str = ""


class Records:
    """All records of some trees; every change of a tree becomes one of the records."""

    def __init__(self, trees):
        self.snapshot = Snapshot()
        self.policies = {}  # by the object, which `kept` keeps
        self.kept = []
        for account in ACCOUNTS:
            self._put_account(account)
        for tree in trees:
            self.put_tree(tree)

    def put_tree(self, tree):
        """The whole organization."""
        self._put_place(tree, tree.root)
        for place in tree.parents:
            self._put_place(tree, place)

    def change(self, tree, change):
        """Change the tree and the records that this touches."""
        place, to = change.place, change.to
        if change.what in ("move", "move unit"):
            tree.parents[place] = to
        elif change.what == "leave":
            del tree.parents[place]
            self.snapshot = self.snapshot.without(MEMBER, tree.management, "", place)
            return
        elif change.what == "enable":
            tree.enabled, place = to, tree.root
        elif change.what == "attach":
            tree.attached[place, to[0]] = to[1]
        elif change.what == "edit":
            # The record of the policy alone is another one then: nothing that it is attached to.
            attached, (kind, document) = tree.attached[place, to[0]], to
            edited = next((d for d in attached if d != FULL_ACCESS[kind]), None)
            if edited is None:
                return
            self._put_policy(tree, kind, document, self.policies[id(edited)])
            attached[attached.index(edited)] = document
            return
        self._put_place(tree, place)

    def _put(self, kind, account, record):
        self.snapshot = self.snapshot.put(kind, account, "", record)

    def _put_account(self, account):
        self._put(
            ACCOUNT, account, Account(id=account, root_email=f"{account}@example.com", create_date=MADE)
        )
        common: dict[str, Any] = {"create_date": MADE, "inline_policies": {"open": json.dumps(OPEN)}}
        self._put(USER, account, User(name="bob", id=f"AIDABOB{account}", **common))
        for name, path in (("shop", "/team/"), ("linked", LINKED)):
            tags = (Tag("team", "red"),) if name == "shop" else ()
            id_ = f"AROA{name.upper()}{account}"
            self._put(ROLE, account, Role(name=name, path=path, id=id_, trust_policy="", tags=tags, **common))

    def _put_place(self, tree, place):
        policies = {
            TYPES[kind]: tuple(self._policy_id(tree, kind, document) for document in found)
            for (attached_to, kind), found in tree.attached.items()
            if attached_to == place
        }
        if place == tree.root:
            enabled = tuple(TYPES[kind] for kind in sorted(tree.enabled))
            organization = Organization(
                id=tree.id,
                root_id=tree.root,
                management_account=tree.management,
                create_date=MADE,
                all_features=tree.all_features,
                policy_types=enabled,
                policies=policies,
            )
            self._put(ORGANIZATION, tree.management, organization)
        elif place.isdigit():
            member = Member(
                id=place,
                organization=tree.id,
                parent=tree.parents[place],
                joined=MADE,
                joined_method="INVITED",
                policies=policies,
            )
            self._put(MEMBER, tree.management, member)
        else:
            unit = OrganizationalUnit(id=place, name=place, parent=tree.parents[place], policies=policies)
            self._put(ORGANIZATIONAL_UNIT, tree.management, unit)

    def _policy_id(self, tree, kind, document):
        if document == FULL_ACCESS[kind]:
            return FULL_IDS[kind]
        if id(document) not in self.policies:
            self._put_policy(tree, kind, document, f"p-{len(self.policies):08}")
        return self.policies[id(document)]

    def _put_policy(self, tree, kind, document, policy_id):
        self.policies[id(document)] = policy_id
        self.kept.append(document)
        policy = OrganizationPolicy(
            id=policy_id,
            organization=tree.id,
            name=policy_id,
            type=TYPES[kind],
            content=json.dumps(document),
        )
        self._put(ORGANIZATION_POLICY, tree.management, policy)


def _session(kind, account, issuer, **carried):
    issued = int(NOW.timestamp()) - 60
    return Session(
        kind=kind,
        account=account,
        issuer_id=issuer,
        access_key_id="ASIAEXAMPLEEXAMPLEEX",
        secret="s" * 40,
        issued=issued,
        expires=issued + 3600,
        **carried,
    )


def callers(records, account):
    """One of every kind of caller of an account; strangers ask in its name, and have none of their own."""
    open_ = (json.dumps(OPEN),)
    user_arn, bob = f"arn:aws:iam::{account}:user/bob", f"AIDABOB{account}"
    root_arn = f"arn:aws:iam::{account}:root"

    def who(signed_by, principal, arn, **more):
        return Who(session_caller(signed_by, records), principal, arn, **more)

    user = Principal("user", user_arn, account, unique_id=bob, issuer_arn=user_arn, issuer_id=bob)
    root = Principal("root", root_arn, account, unique_id=account)
    yield who(_session(CallerKind.USER, account, bob), user, user_arn)
    yield who(
        _session(CallerKind.USER, account, bob, policies=open_, delegate=OUTSIDE),
        replace(user, confined=True),
        user_arn,
        session=[OPEN],
    )
    yield who(_session(CallerKind.ROOT, account, account), root, root_arn)
    # A session of AssumeRoot ends when its account leaves, so there it is one that only is as limited.
    assumed = records.by_name(MEMBER, "account", account) is not None
    yield who(
        _session(CallerKind.ROOT, account, account, policies=open_, assumed_root=assumed),
        root,
        root_arn,
        session=[OPEN],
    )
    for name, path, tags in (("shop", "/team/", {"team": "red"}), ("linked", LINKED, {})):
        id_, arn = f"AROA{name.upper()}{account}", f"arn:aws:iam::{account}:role{path}{name}"
        principal = Principal(
            "role-session",
            f"arn:aws:sts::{account}:assumed-role/{name}/now",
            account,
            unique_id=f"{id_}:now",
            issuer_arn=arn,
            issuer_id=id_,
            service_linked=name == "linked",
        )
        yield who(_session(CallerKind.ROLE_SESSION, account, id_, name="now"), principal, arn, tags=tags)
    federated = Principal(
        "federated",
        f"arn:aws:sts::{account}:federated-user/taro",
        account,
        unique_id=f"{account}:taro",
        issuer_arn=user_arn,
        issuer_id=bob,
    )
    yield who(
        _session(CallerKind.FEDERATED, account, bob, name="taro", policies=open_),
        federated,
        federated.arn,
        session=[OPEN],
    )
    provider = f"arn:aws:iam::{account}:saml-provider/idp"
    stranger = Caller(kind=CallerKind.SAML, account=account, arn=provider, user_id="taro", access_key_id="")
    yield Who(stranger, Principal("federated", provider, account))
    for other in (Principal("service", "logs.amazonaws.com"), Principal("anonymous", "")):
        yield Who(stranger, other, stands_for=other, standing_in=account)


EVERYBODY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Action": "*", "Resource": "*"},
        *(
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{account}:saml-provider/idp"},
                "Action": "*",
                "Resource": "*",
            }
            for account in ACCOUNTS
        ),
    ],
}
"""A resource policy that lets everybody do everything, so that only organizations say no."""
TRUSTING = {
    "Version": "2012-10-17",
    "Statement": [{k: v for k, v in s.items() if k != "Resource"} for s in EVERYBODY["Statement"]],
}


def requests(account):
    """What can be asked of an account: an access, and resource documents and their type for the model."""
    role, linked = f"arn:aws:iam::{account}:role/team/shop", f"arn:aws:iam::{account}:role{LINKED}linked"
    key, alice = f"arn:aws:kms:us-east-1:{account}:key/1", f"arn:aws:iam::{account}:user/alice"
    policy, trust = json.dumps(EVERYBODY), json.dumps(TRUSTING)

    def access(action, resource, **more):
        return Access(action=action, resource=resource, resource_account=account, **more)

    for action, resource in (
        ("s3:GetObject", "arn:aws:s3:::shop/menu"),
        ("s3:PutObject", "arn:aws:s3:::other"),
        ("kms:Decrypt", key),
        ("kms:RetireGrant", key),
    ):
        yield access(action, resource, resource_policy=policy), [EVERYBODY], "resource"
    for resource in (role, linked):
        yield access("sts:AssumeRole", resource, trust_policy=trust), [TRUSTING], "trust"
    yield access("iam:GetUser", alice), None, "resource"
    for action in ("s3:ListAllMyBuckets", "iam:ListUsers", "sts:GetCallerIdentity"):
        yield Access(action=action, resource="*", resource_account=None), None, "resource"

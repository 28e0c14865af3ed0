"""An account with one of everything, and its callers as authentication makes them."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from masugata.identity.authenticate import session_caller
from masugata.identity.caller import Caller, CallerKind, Session
from masugata.records import ALL_KINDS
from masugata.records.account import ACCOUNT, Account
from masugata.records.iam import (
    ACCESS_KEY,
    GROUP,
    INSTANCE_PROFILE,
    MANAGED_POLICY,
    MFA_DEVICE,
    OIDC_PROVIDER,
    ROLE,
    SAML_PROVIDER,
    SERVER_CERTIFICATE,
    SERVICE_SPECIFIC_CREDENTIAL,
    USER,
    AccessKey,
    Group,
    InstanceProfile,
    ManagedPolicy,
    MfaDevice,
    OidcProvider,
    PolicyVersion,
    Role,
    SamlProvider,
    ServerCertificate,
    ServiceSpecificCredential,
    Tag,
    User,
)
from masugata.records.kind import Kind
from masugata.store import Snapshot, open_store
from policies import allow, document

ACCOUNT_ID, OTHER_ID = "111122223333", "444455556666"
NOW = datetime(2026, 11, 23, 12, 30, 45, 123456, UTC)
MADE = datetime(2026, 1, 1, tzinfo=UTC)
CREDENTIAL_ID = "ACCACREDENTIALCREDENT"
ALICE, ALICE_KEY, ROOT_KEY = "AIDAALICEALICEALICEAL", "AKIAALICEALICEALICEA", "AKIAROOTROOTROOTROOT"
TEAM = (Tag("Team", "red"),)
IAM = f"arn:aws:iam::{ACCOUNT_ID}:"
BOUNDARY = f"{IAM}policy/limits/Boundary"


def trusting(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> str:
    """A trust policy."""
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


def managed(name: str, *documents: str, path: str = "/", default: int = 1, **fields: Any) -> ManagedPolicy:
    """A customer managed policy with these versions."""
    versions = tuple(
        PolicyVersion(number=number, document=text, create_date=MADE)
        for number, text in enumerate(documents, 1)
    )
    return ManagedPolicy(
        name=name,
        path=path,
        id=f"ANPA{name.upper():A<17}",
        create_date=MADE,
        update_date=MADE,
        versions=versions,
        default_version=default,
        latest_version=len(versions),
        **fields,
    )


class World:
    """The account 111122223333 with the user alice, the role Cook and so on, and an empty second account."""

    def __init__(self) -> None:
        self.store = open_store(None, ALL_KINDS)
        for account in (ACCOUNT_ID, OTHER_ID):
            record = Account(id=account, root_email=f"root@{account}.example", create_date=MADE)
            self.put(ACCOUNT, record, account=account)
        self.group = Group(name="bakers", path="/kitchen/", id="AGPABAKERSBAKERSBAKER", create_date=MADE)
        self.user = User(name="alice", path="/staff/", id=ALICE, create_date=MADE, tags=TEAM)
        self.role = Role(
            name="Cook",
            path="/kitchen/",
            id="AROACOOKCOOKCOOKCOOKC",
            create_date=MADE,
            trust_policy=trusting({"AWS": ACCOUNT_ID}),
            tags=TEAM,
        )
        self.put(GROUP, self.group)
        self.put(USER, self.user)
        self.put(ROLE, self.role)
        self.put(MANAGED_POLICY, managed("Boundary", document(allow()), path="/limits/"))
        self.put(MANAGED_POLICY, managed("Bread", document(allow()), path="/kitchen/", tags=TEAM))
        profile = InstanceProfile(name="Oven", path="/kitchen/", id="AIPAOVEN", create_date=MADE, tags=TEAM)
        self.put(INSTANCE_PROFILE, profile)
        phone = MfaDevice(name="phone", path="/staff/", seed=b"sealed", create_date=MADE, tags=TEAM)
        self.put(MFA_DEVICE, phone)
        self.put(OIDC_PROVIDER, OidcProvider(url="idp.example/realm", create_date=MADE, tags=TEAM))
        saml = SamlProvider(
            name="Corp", uuid="SAMLSP", metadata="", issuer="x", certificates=(), create_date=MADE, tags=TEAM
        )
        self.put(SAML_PROVIDER, saml)
        self.put(ACCESS_KEY, AccessKey(id=ALICE_KEY, owner_id=ALICE, create_date=MADE, secret=b"sealed"))
        self.put(ACCESS_KEY, AccessKey(id=ROOT_KEY, owner_id=ACCOUNT_ID, create_date=MADE, secret=b"sealed"))

        self.put(
            SERVER_CERTIFICATE,
            ServerCertificate(
                name="Seal",
                path="/kitchen/",
                id="ASCASEAL",
                body="",
                private_key=b"sealed",
                upload_date=MADE,
                expiration=MADE,
                tags=TEAM,
            ),
        )
        self.put(
            SERVICE_SPECIFIC_CREDENTIAL,
            ServiceSpecificCredential(
                id=CREDENTIAL_ID,
                owner_id=ALICE,
                service="codecommit.amazonaws.com",
                service_name="alice",
                secret=b"sealed",
                create_date=MADE,
            ),
        )

    @property
    def records(self) -> Snapshot:
        """The present state."""
        return self.store.snapshot()

    def put(self, kind: Kind[Any], record: msgspec.Struct, account: str = ACCOUNT_ID) -> None:
        """Store a record."""
        self.store.submit(lambda transaction: transaction.put(kind, account, record)).result()

    def delete(self, kind: Kind[Any], key: str, account: str = ACCOUNT_ID) -> None:
        """Delete a record."""
        self.store.submit(lambda transaction: transaction.delete(kind, account, key)).result()

    def change_user(self, **fields: Any) -> None:
        """Change alice."""
        self.user = msgspec.structs.replace(self.user, **fields)
        self.put(USER, self.user)

    def change_group(self, **fields: Any) -> None:
        """Change the group bakers."""
        self.group = msgspec.structs.replace(self.group, **fields)
        self.put(GROUP, self.group)

    def change_role(self, **fields: Any) -> None:
        """Change the role Cook."""
        self.role = msgspec.structs.replace(self.role, **fields)
        self.put(ROLE, self.role)

    def alice(self) -> Caller:
        """The user alice with her access key."""
        caller = self.caller(CallerKind.USER, ALICE)
        return msgspec.structs.replace(caller, access_key_id=ALICE_KEY, session=None)

    def root(self) -> Caller:
        """The root user with its access key."""
        caller = self.caller(CallerKind.ROOT, ACCOUNT_ID)
        return msgspec.structs.replace(caller, access_key_id=ROOT_KEY, session=None)

    def root_for_a_task(self) -> Caller:
        """A session of AssumeRoot, of whichever organization."""
        task = session(CallerKind.ROOT, ACCOUNT_ID, assumed_root=True)
        return msgspec.structs.replace(self.root(), access_key_id=task.access_key_id, session=task)

    def cook(self, **carried: Any) -> Caller:
        """A session of the role Cook."""
        return self.caller(CallerKind.ROLE_SESSION, self.role.id, name="hanako", **carried)

    def federated(self, issuer: str = ALICE, **carried: Any) -> Caller:
        """A federated user that alice, or the root user, stands behind."""
        return self.caller(CallerKind.FEDERATED, issuer, name="taro", **carried)

    def caller(self, kind: CallerKind, issuer: str, **carried: Any) -> Caller:
        """The caller of a session."""
        return session_caller(session(kind, issuer, **carried), self.records)


def session(kind: CallerKind, issuer: str, **carried: Any) -> Session:
    """A session that began a minute ago and lasts an hour."""
    issued = int(NOW.timestamp()) - 60
    fields: dict[str, Any] = {
        "account": ACCOUNT_ID,
        "access_key_id": "ASIAALICEALICEALICEA",
        "secret": "s" * 40,
        "issued": issued,
        "expires": issued + 3600,
        **carried,
    }
    return Session(kind=kind, issuer_id=issuer, **fields)

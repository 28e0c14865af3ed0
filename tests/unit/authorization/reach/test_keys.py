"""Who can use a KMS key: by its own policy and grants, which no question needs to bring."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from masugata.authorization.accounts import view_of_records
from masugata.authorization.reach.people import Population
from masugata.authorization.reach.who_can import WhoCan, who_can
from masugata.engines.policy.matrix import Verdict
from masugata.testing import LocalAws, local_aws
from policies import allow, document

ACCOUNT = "111122223333"
CERTAIN = Verdict.CERTAIN


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    """An installation with two users who may do nothing, and one whom IAM lets decrypt."""
    with local_aws() as entered:
        iam = boto3.client("iam")
        for name in ("alice", "bob", "carol"):
            iam.create_user(UserName=name)
        iam.put_user_policy(UserName="carol", PolicyName="own", PolicyDocument=document(allow("kms:Decrypt")))
        yield entered


def named(principal: str, action: str = "kms:*") -> dict[str, Any]:
    """A statement of a key policy."""
    return {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}


def asked(aws: LocalAws, arn: str, action: str = "kms:Decrypt") -> WhoCan:
    """The answer for all accounts of the installation."""
    return who_can(Population(view_of_records(aws._installation.store.snapshot())), action, arn)


def users(found: WhoCan) -> dict[str, Verdict]:
    """The users who may, by name."""
    holders = {holder.person.name.rpartition("/")[2]: holder.verdict for holder in found.direct}
    return {name: verdict for name, verdict in holders.items() if name in {"alice", "bob", "carol"}}


def test_by_the_key_s_policy_and_grants(aws: LocalAws) -> None:
    """A key that trusts its account leaves it to IAM; whom its policy or a grant names needs nothing else."""
    kms = aws.client("kms")
    trusting = kms.create_key()["KeyMetadata"]["Arn"]
    assert users(asked(aws, trusting)) == {"carol": CERTAIN}
    alice = f"arn:aws:iam::{ACCOUNT}:user/alice"
    grant = kms.create_grant(KeyId=trusting, GranteePrincipal=alice, Operations=["Decrypt"])["GrantId"]
    found = asked(aws, trusting)
    assert users(found) == {"alice": CERTAIN, "carol": CERTAIN}
    assert found.notes == ()
    (reasons,) = (holder.reasons for holder in found.direct if holder.person.name == alice)
    assert (reasons.allows[0].policy, reasons.allows[0].statement) == (f"grant {grant}", None)
    policy = document(named(f"arn:aws:iam::{ACCOUNT}:user/bob"))
    own = kms.create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["Arn"]
    assert users(asked(aws, own)) == {"bob": CERTAIN}
    assert users(asked(aws, trusting, "kms:Encrypt")) == {}


def test_a_constraint_is_taken_to_be_met(aws: LocalAws) -> None:
    """Who may under a constraint is not left out, and the answer says so."""
    kms = aws.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_grant(
        KeyId=arn,
        GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:user/alice",
        Operations=["Decrypt"],
        Constraints={"EncryptionContextSubset": {"shop": "kyoto"}},
    )
    found = asked(aws, arn)
    assert users(found) == {"alice": CERTAIN, "carol": CERTAIN}
    assert found.notes == (f"grants of the key {arn} count as if their constraints were met",)


def test_tags_of_the_key_are_known(aws: LocalAws) -> None:
    """A condition on them is not a guess."""
    policy = document(allow("kms:Encrypt", StringEquals={"aws:ResourceTag/shop": "kyoto"}))
    boto3.client("iam").put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=policy)
    kms = aws.client("kms")
    kyoto = kms.create_key(Tags=[{"TagKey": "shop", "TagValue": "kyoto"}])["KeyMetadata"]["Arn"]
    other = kms.create_key()["KeyMetadata"]["Arn"]
    assert users(asked(aws, kyoto, "kms:Encrypt")) == {"bob": CERTAIN}
    assert users(asked(aws, other, "kms:Encrypt")) == {}


def test_a_key_that_is_not_known(aws: LocalAws) -> None:
    """Every key has a policy; of this one it is taken to be AWS's default, and the answer says so."""
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-1111-4111-8111-111111111111"
    found = asked(aws, arn)
    assert users(found) == {"carol": CERTAIN}
    assert found.notes == (f"the key {arn} is not known, and taken to have AWS's default key policy",)

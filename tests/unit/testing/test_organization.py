"""Tests that begin with the organization of a file."""

from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from masugata.apply import InvalidFileError
from masugata.testing import NoSuchPrincipalError, local_aws

EVERYTHING = Path(__file__).parents[2] / "vectors/organizations/everything.yaml"


def test_what_the_file_describes_is_there():
    """Accounts have the names of the file, and are acted in as their administrator, a user, or root."""
    with local_aws(organization=EVERYTHING) as aws:
        tokyo = aws.account("tokyo")
        assert tokyo.id == aws.account("044455556666").id == "044455556666"
        arn = tokyo.client("sts").get_caller_identity()["Arn"]
        assert arn == "arn:aws:sts::044455556666:assumed-role/OrganizationAccountAccessRole/local-aws"
        assert tokyo.client("iam").list_users()["Users"][0]["UserName"] == "hanako"
        with pytest.raises(ClientError, match="iam:CreateUser"):
            tokyo.client("iam", user="hanako").create_user(UserName="x")
        with pytest.raises(ClientError, match="explicit deny in a service control policy"):
            tokyo.client("organizations", root=True).leave_organization()
        assert aws.account("management").id == aws.id
        assert aws.account("渋谷").id == aws.account("Shibuya").id
        assert (
            boto3.client("organizations").describe_account(AccountId=tokyo.id)["Account"]["Name"] == "tokyo"
        )


def test_other_accounts_are_made_as_ever():
    """A name that the file does not have is an account of its own, with its user `admin`."""
    with local_aws(organization=EVERYTHING) as aws:
        assert aws.account("osaka").client("sts").get_caller_identity()["Arn"].endswith("user/admin")


def test_a_reset_makes_it_again():
    """After a reset what the file describes is there, and nothing else."""
    with local_aws(organization=EVERYTHING) as aws:
        aws.account("tokyo").client("iam").create_user(UserName="more")
        aws.clock.advance(days=400)
        aws.reset()
        users = aws.account("tokyo").client("iam").list_users()["Users"]
        assert [user["UserName"] for user in users] == ["hanako"]


def test_sessions_of_the_role_end():
    """The default in such an account is a session: an hour later another client has to be made."""
    with local_aws(organization=EVERYTHING) as aws:
        client = aws.account("tokyo").client("iam")
        aws.clock.advance(timedelta(hours=2))
        with pytest.raises(ClientError, match="ExpiredToken"):
            client.list_users()
        assert aws.account("tokyo").client("iam").list_users()


def test_an_account_that_create_account_made():
    """Without a file, too, it is found by its name; without its role somebody else has to be named."""
    with local_aws() as aws:
        organizations = boto3.client("organizations")
        organizations.create_organization()
        organizations.create_account(Email="a@example.com", AccountName="made")
        made = aws.account("made")
        iam = made.client("iam")
        role = "OrganizationAccountAccessRole"
        assert iam.get_role(RoleName=role)
        iam.detach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        made.client("iam", root=True).delete_role(RoleName=role)
        with pytest.raises(NoSuchPrincipalError, match="say root=True"):
            made.client("iam")


@local_aws(organization=str(EVERYTHING), limits={"organizations.accounts": 20})
def test_decorated(aws):
    """The decorator takes the same."""
    assert aws.account("tokyo").id == "044455556666"


def test_a_broken_file(tmp_path):
    """It is said with its place when the test begins."""
    file = tmp_path / "o.yaml"
    file.write_text("x: 1")
    with pytest.raises(InvalidFileError, match=r"o\.yaml:1:1"), local_aws(organization=file):
        pass

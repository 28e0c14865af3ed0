"""The snapshot of AWS managed policies."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from masugata.authorization import managed_policies
from masugata.authorization.managed_policies import UnknownManagedPolicyError

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
VIEW_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"


def test_a_policy_is_found_with_its_facts():
    """AdministratorAccess has the dates, version, path and document that AWS shows for it."""
    policy = managed_policies.get(ADMINISTRATOR)
    assert policy is not None
    assert (policy.name, policy.path, policy.arn) == ("AdministratorAccess", "/", ADMINISTRATOR)
    assert policy.default_version_id == "v1"
    assert policy.create_date == policy.update_date == datetime(2015, 2, 6, 18, 39, 46, tzinfo=UTC)
    assert json.loads(policy.document()) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
    }


def test_a_path_belongs_to_the_arn():
    """A policy under a path is found by its whole ARN and not by its name alone."""
    policy = managed_policies.get(VIEW_ONLY)
    assert policy is not None
    assert policy.path == "/job-function/"
    assert managed_policies.get("arn:aws:iam::aws:policy/ViewOnlyAccess") is None
    assert managed_policies.get("arn:aws:iam::aws:policy/service-role/ViewOnlyAccess") is None


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "AdministratorAccess",
        "arn:aws:iam::aws:policy/",
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::aws:policy/Administrator",
        "arn:aws:iam::aws:policy/administratoraccess",
        "arn:aws:iam::aws:policy/AdministratorAccess/",
        "arn:aws:iam::aws:policy//AdministratorAccess",
        "arn:aws:iam::111122223333:policy/AdministratorAccess",
        "arn:aws-cn:iam::aws:policy/AdministratorAccess",
        "arn:aws:iam::aws:policy/AdministratorAccess\t/",
        "arn:aws:iam::aws:policy/job-function/\n",
        "arn:aws:iam::aws:policy/\ud800",
        " " + ADMINISTRATOR,
    ],
)
def test_only_the_exact_arn_is_found(arn):
    """Whatever is not exactly an ARN of the snapshot finds nothing, and asking for its document says so."""
    assert managed_policies.get(arn) is None
    with pytest.raises(UnknownManagedPolicyError):
        managed_policies.document(arn)


def test_all_policies_are_in_order_and_can_be_found():
    """The list is sorted by name without doubles, and each entry is what `get` finds for its ARN."""
    policies = managed_policies.all_policies()
    names = [policy.name for policy in policies]
    assert names == sorted(set(names))
    assert len(names) > 1500
    assert all(managed_policies.get(policy.arn) == policy for policy in policies)


def test_every_document_is_a_policy():
    """Every document unpacks to JSON with a version and statements."""
    for policy in managed_policies.all_policies():
        document = json.loads(policy.document())
        assert document["Version"] in {"2012-10-17", "2008-10-17"}, policy.name
        assert document["Statement"], policy.name


def test_policy_ids_look_like_aws_and_never_repeat():
    """Ids are ANPA and 17 characters of base 32, unique, and the same in every process."""
    ids = [policy.policy_id for policy in managed_policies.all_policies()]
    assert len(set(ids)) == len(ids)
    assert all(len(one) == 21 and one.startswith("ANPA") and one.isalnum() and one.isupper() for one in ids)
    policy = managed_policies.get(ADMINISTRATOR)
    assert policy is not None
    assert policy.policy_id == "ANPAXUEARDEVTUHKHZ23E"


def test_another_partition_has_its_own_arns():
    """In aws-cn the policy has that partition's ARN and id, and so have the ARNs in its document."""
    ours = managed_policies.get("arn:aws:iam::aws:policy/IAMUserChangePassword")
    policy = managed_policies.get("arn:aws-cn:iam::aws:policy/IAMUserChangePassword", "aws-cn")
    assert ours is not None
    assert policy is not None
    assert policy.arn == "arn:aws-cn:iam::aws:policy/IAMUserChangePassword"
    assert policy.policy_id != ours.policy_id
    assert '"arn:aws:iam::*:user/${aws:username}"' in ours.document()
    assert '"arn:aws-cn:iam::*:user/${aws:username}"' in policy.document()
    assert '"arn:aws:' not in policy.document()
    assert managed_policies.get(ours.arn, "aws-cn") is None


def test_nothing_is_read_at_import():
    """Importing the package opens no file but the modules themselves."""
    program = (
        "import sys\n"
        "import masugata.authorization\n"
        "opened = []\n"
        "sys.addaudithook(lambda name, args: opened.append(str(args[0])) if name == 'open' else None)\n"
        "from masugata.authorization import managed_policies\n"
        "assert not [path for path in opened if path.endswith('.bin')], opened\n"
        f"managed_policies.get({ADMINISTRATOR!r})\n"
        "assert [path for path in opened if path.endswith('snapshot.bin')], opened\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)

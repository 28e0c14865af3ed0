"""The examples against a real server; scripts/check-docs runs the same story with the AWS CLI."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from e2e.conftest import Server
from masugata.server import read_credentials

EXAMPLES = Path(__file__).parents[2] / "examples"
COFFEE_SHOP = EXAMPLES / "coffee-shop"


def tell(server: Server, masugata: Path) -> subprocess.CompletedProcess[str]:
    """The coffee shop in boto3, as a program of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "MASUGATA_"))}
    return subprocess.run(
        [sys.executable, COFFEE_SHOP / "coffee_shop.py"],
        env=environment | {"MASUGATA_DATA": str(server.data), "MASUGATA": str(masugata)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def masugata(tmp_path: Path) -> Path:
    """The command line of the code under test, as one program."""
    program = tmp_path / "masugata"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m masugata "$@"\n')
    program.chmod(0o755)
    return program


def test_the_coffee_shop_comes_true_and_leaves_nothing(own_server: Server, masugata: Path) -> None:
    """The whole story is answered as expected, twice over, and only `admin` is there afterwards."""
    for _ in range(2):
        done = tell(own_server, masugata)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "33 allowed, 8 denied, all as expected" in done.stdout
    iam = own_server.client("iam")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["admin"]
    assert iam.list_groups()["Groups"] == []
    assert iam.list_roles()["Roles"] == []
    assert iam.list_instance_profiles()["InstanceProfiles"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []


def test_an_unexpected_answer_fails_the_story(own_server: Server, masugata: Path) -> None:
    """Where a name is somebody else's the story ends with status 1, and leaves that user alone."""
    own_server.user("hanako")
    done = tell(own_server, masugata)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "UNEXPECTED: deputy hires hanako" in done.stderr
    assert "EntityAlreadyExists" in done.stderr
    users = own_server.client("iam").list_users()["Users"]
    assert [user["UserName"] for user in users] == ["admin", "hanako"]


CHAIN = EXAMPLES / "coffee-shop-chain"


def test_the_chain_of_coffee_shops_comes_true() -> None:
    """No administrator of a shop escapes the organization's policies, and headquarters gets through."""
    done = subprocess.run(
        [sys.executable, CHAIN / "coffee_shop_chain.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "10 allowed, 9 denied, all as expected" in done.stdout


def test_the_chain_on_a_server(own_server: Server, masugata: Path) -> None:
    """Applied to a server the file binds the keys that it made, and a second time changes nothing."""
    apply = [masugata, "apply", CHAIN / "organization.yaml", "--data", own_server.data]
    for expected in ("41 changes made.", "No difference."):
        done = subprocess.run(apply, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout
    taro = read_credentials(own_server.data / "credentials", "shop-tokyo.taro")
    organizations = own_server.client("organizations", taro)
    with pytest.raises(ClientError, match="explicit deny in a service control policy"):
        organizations.leave_organization()


@pytest.fixture
def policies(tmp_path: Path, masugata: Path) -> "Policies":
    """The example of policies in CI, committed to a repository of its own."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "masugata").symlink_to(masugata)
    python = programs / "python"  # a link would lose the environment that it belongs to
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    folder = tmp_path / "team" / "policies-in-ci"
    shutil.copytree(EXAMPLES / "ci-policy-tests", folder)
    return Policies(folder, programs)


class Policies:
    """A copy of the example that tests may break."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.environment = os.environ | {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }
        self.run("git", "init", "--quiet", "--initial-branch=main")
        self.run("git", "add", ".")
        self.run(
            "git",
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "commit",
            "--quiet",
            "-m",
            "policies",
        )

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run something in the folder."""
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a policy."""
        path = self.folder / "policies" / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))


def test_policies_in_ci_pass_as_they_are(policies: Policies) -> None:
    """All four questions have a good answer."""
    done = policies.run("./check.sh", "main")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "24 of 24 cases as expected" in done.stdout
    assert "6 passed" in done.stdout


def test_policies_in_ci_catch_a_lost_condition(policies: Policies) -> None:
    """Without the condition on the boundary the table says so, and the comparison shows what is new."""
    boundary = '"Condition": {"ArnLike": {"iam:PermissionsBoundary": "arn:aws:iam::*:policy/app-boundary"}}'
    policies.replace("developer.json", f",\n      {boundary}", "")
    done = policies.run("./check.sh", "main")
    assert done.returncode != 0
    assert "iam:CreateRole" in done.stdout
    assert "got allow" in done.stdout
    before = policies.run("git", "show", "main:./policies/developer.json").stdout
    (policies.folder / "before.json").write_text(before)
    compared = policies.run("masugata", "policy", "diff", "before.json", "policies/developer.json")
    assert compared.returncode == 1, compared.stdout + compared.stderr
    assert "iam:CreateRole" in compared.stdout


def test_policies_in_ci_need_something_to_compare_with(policies: Policies) -> None:
    """A branch that is not there, as in a shallow clone, is an error and not "nothing new"."""
    done = policies.run("./check.sh", "origin/main")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "no origin/main" in done.stderr


def test_policies_in_ci_catch_a_lost_statement(policies: Policies) -> None:
    """The program's own tests see that the boundary could be taken off."""
    policies.replace("developer.json", '"iam:DeleteRolePermissionsBoundary", ', "")
    assert policies.run("./check.sh").returncode != 0
    tests = policies.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_app_roles.py")
    assert tests.returncode == 1, tests.stdout
    assert "test_the_boundary_stays" in tests.stdout

"""The examples against a real server; scripts/check-docs runs the same story with the AWS CLI."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.conftest import Server

COFFEE_SHOP = Path(__file__).parents[2] / "examples" / "coffee-shop"


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

"""The pytest plugin, in a pytest run of its own."""

import subprocess
import sys
from pathlib import Path

PROGRAM = [
    sys.executable,
    "-m",
    "pytest",
    "-q",
    "-p",
    "masugata.testing.pytest_plugin",
    "-p",
    "no:cacheprovider",
]


def run(folder: Path, text: str, *options: str) -> str:
    """What pytest says of a file of tests."""
    (folder / "test_it.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n")
    done = subprocess.run(
        [*PROGRAM, *options, "test_it.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_fixture_and_marker(tmp_path: Path) -> None:
    """The fixture is an installation for each test; the marker chooses its account, and counts alone."""
    said = run(
        tmp_path,
        """
import boto3, pytest

def account():
    return boto3.client("sts").get_caller_identity()["Account"]

@pytest.mark.parametrize("number", range(2))
def test_fixture(masugata, number):
    masugata.client("iam").create_user(UserName="alice")
    assert account() == masugata.id == "111122223333"

@pytest.mark.masugata(account="444455556666", region="ap-northeast-1")
def test_marked(masugata):
    assert (account(), masugata.region) == ("444455556666", "ap-northeast-1")

@pytest.mark.masugata
def test_marked_only():
    assert account() == "111122223333"

@pytest.mark.masugata(account="shop-tokyo")
class TestClass:
    def setup_method(self):
        self.account = account()

    def test_set_up_is_inside(self):
        assert self.account == account() == "999289124211"

@pytest.mark.usefixtures("masugata")
class TestOther:
    def test_it(self):
        assert account() == "111122223333"
""",
        "-n2",
    )
    assert "6 passed" in said, said


def test_a_mistaken_marker(tmp_path: Path) -> None:
    """What the marker does not know is an error, not ignored."""
    said = run(
        tmp_path,
        """
import pytest

@pytest.mark.masugata("444455556666")
def test_position(): pass

@pytest.mark.masugata(acc="444455556666")
def test_name(): pass
""",
    )
    assert "2 errors" in said, said
    assert "takes `account=`, `region=`, `limits=` and `organization=`" in said


def test_it_is_light(tmp_path: Path) -> None:
    """Who does not use it pays for none of it: neither botocore nor the server is imported."""
    said = run(
        tmp_path,
        """
import sys

def test_nothing():
    heavy = {"botocore", "boto3", "msgspec", "orjson", "cryptography", "masugata.gateway", "masugata.server"}
    assert not heavy & set(sys.modules)

def test_import():
    from masugata.testing import local_aws
    import masugata.testing
    assert "botocore" not in sys.modules
    assert masugata.testing.LocalAws.__name__ == "LocalAws"
    assert all(hasattr(masugata.testing, name) for name in masugata.testing.__all__)
    assert not hasattr(masugata.testing, "LocalAzure")
""",
        "-p",
        "no:randomly",
    )
    assert "2 passed" in said, said


def test_server(tmp_path: Path) -> None:
    """The server is a process of its own, which another process reaches by its environment."""
    said = run(
        tmp_path,
        """
import subprocess, sys
import pytest

CODE = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"

@pytest.mark.masugata(account="444455556666")
def test_server(masugata_server):
    environment = masugata_server.environment
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, check=True)
    assert done.stdout.split() == [b"arn:aws:iam::444455556666:user/admin"]
    made = masugata_server.client("iam").create_user(UserName="alice")["User"]
    assert made["Arn"] == f"arn:aws:iam::{masugata_server.account}:user/alice"
    assert masugata_server.admin.secret_access_key not in repr(masugata_server)

def test_both(masugata, masugata_server):
    pass
""",
    )
    assert "1 passed, 1 error" in said, said
    assert "catches calls of the second" in said

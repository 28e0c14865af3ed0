"""Which keys a program calls with."""

from pathlib import Path

import pytest

from masugata.client import Keys
from masugata.client.credentials import CredentialsError, configured_keys

FILE = """\
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = a%b
[session]
aws_access_key_id = ASIASESSION
aws_secret_access_key = s
aws_session_token = t
[half]
aws_access_key_id = AKIAHALF
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a credentials file."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text(FILE)
    return tmp_path


def test_the_environment_comes_first(home: Path) -> None:
    """Its keys, with their token; else the profile that it names, else the default one."""
    environ = {"HOME": str(home), "AWS_PROFILE": "session"}
    given = {"AWS_ACCESS_KEY_ID": "AKIAGIVEN", "AWS_SECRET_ACCESS_KEY": "g"}
    assert configured_keys(environ | given) == Keys("AKIAGIVEN", "g")
    assert configured_keys(environ | given | {"AWS_SESSION_TOKEN": "t"}) == Keys("AKIAGIVEN", "g", "t")
    assert configured_keys(environ) == Keys("ASIASESSION", "s", "t")
    assert configured_keys({"HOME": str(home)}) == Keys("AKIADEFAULT", "a%b")


def test_nothing_is_configured(tmp_path: Path) -> None:
    """No keys, which is no error: a file that nobody named need not be there, nor have a default."""
    assert configured_keys({"HOME": str(tmp_path)}) is None
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text("[other]\n")
    assert configured_keys({"HOME": str(tmp_path)}) is None


def test_what_is_named_and_not_there(home: Path) -> None:
    """Errors that say what lacks, and nothing of what a file holds."""
    file = home / ".aws/credentials"
    with pytest.raises(CredentialsError, match="no profile `absent`"):
        configured_keys({"HOME": str(home), "AWS_PROFILE": "absent"})
    with pytest.raises(CredentialsError, match="lacks 'aws_secret_access_key'"):
        configured_keys({"AWS_SHARED_CREDENTIALS_FILE": str(file), "AWS_PROFILE": "half"})
    with pytest.raises(CredentialsError, match="cannot read"):
        configured_keys({"AWS_SHARED_CREDENTIALS_FILE": str(home / "absent")})
    with pytest.raises(CredentialsError, match="set together"):
        configured_keys({"HOME": str(home), "AWS_ACCESS_KEY_ID": "AKIAGIVEN"})
    file.write_text("s3cret without a section")
    with pytest.raises(CredentialsError) as raised:
        configured_keys({"HOME": str(home)})
    assert "s3cret" not in str(raised.value)

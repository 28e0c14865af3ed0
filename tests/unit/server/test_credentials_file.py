"""The credentials file: private, whole, readable by AWS's clients, and silent about secrets."""

import fcntl
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import botocore.session
import pytest

from masugata.server import Credentials, CredentialsError, read_credentials, write_credentials
from masugata.server.credentials_file import alone, write_privately

KEY = Credentials("AKIAQAAAAAAAAAAAAAAA", "se/cr+et%$;#=x")


def test_written_and_read(tmp_path):
    """What is written is read back, by us and by botocore; other profiles stay."""
    path = tmp_path / "new" / "credentials"
    write_credentials(path, "admin", KEY)
    write_credentials(path, "root", Credentials("AKIAROOT", "other"))
    assert read_credentials(path, "admin") == KEY
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    session = botocore.session.Session(profile="admin")
    session.set_config_variable("credentials_file", str(path))
    assert session.get_credentials().secret_key == KEY.secret_access_key
    write_credentials(path, "admin", None)
    assert read_credentials(path, "root").access_key_id == "AKIAROOT"
    with pytest.raises(CredentialsError, match="no profile `admin`"):
        read_credentials(path, "admin")


def test_open_file_becomes_private(tmp_path):
    """A file that others could read is replaced by one that they cannot, not written into."""
    path = tmp_path / "credentials"
    path.write_text("[a]\naws_access_key_id = x\naws_secret_access_key = y\n")
    path.chmod(0o644)
    before = path.stat().st_ino
    write_credentials(path, "admin", KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_ino != before
    assert [entry.name for entry in tmp_path.iterdir()] == ["credentials"]


def test_link(tmp_path):
    """A link in the file's place is replaced, not written through."""
    path, victim = tmp_path / "credentials", tmp_path / "victim"
    victim.write_text("[precious]\n")
    path.symlink_to(victim)
    write_credentials(path, "admin", KEY)
    assert (victim.read_text(), path.is_symlink()) == ("[precious]\n", False)


def test_failure_leaves_nothing(tmp_path, monkeypatch):
    """When the disk is full the old file stays as it was, and no half of a new one lies about."""
    path = tmp_path / "credentials"
    write_credentials(path, "admin", KEY)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_credentials(path, "admin", Credentials("AKIAOTHER", "other"))
    assert read_credentials(path, "admin") == KEY
    assert [entry.name for entry in tmp_path.iterdir()] == ["credentials"]


def test_writers_at_once(tmp_path):
    """Processes that write the same file at the same time do not get in each other's way."""
    path = tmp_path / "endpoint.json"
    barrier = Barrier(8)

    def write(number):
        barrier.wait()
        for _ in range(20):
            write_privately(path, b"%d" % number * 1000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert len(path.read_bytes()) == 1000
    assert [entry.name for entry in tmp_path.iterdir()] == ["endpoint.json"]


@pytest.mark.parametrize(
    "content",
    [b"aws_secret_access_key = hidden", b"[admin\naws_secret_access_key = hidden", b"[admin]\nhidden\n\n=\n",
     b"[admin]\na = 1\na = 2", b"[admin]\naws_secret_access_key = hidden",
     b"\xff\xfehidden", b"[admin]", b""],
)  # fmt: skip
def test_damaged(tmp_path, content):
    """A damaged file is an error that shows none of its lines: they may hold secrets."""
    path = tmp_path / "credentials"
    path.write_bytes(content)
    with pytest.raises(CredentialsError) as caught:
        read_credentials(path, "admin")
    assert "hidden" not in str(caught.value).replace(str(path), "")


def test_missing(tmp_path):
    """A missing file, or a folder in its place, is an error that names it."""
    for path in (tmp_path / "credentials", tmp_path):
        with pytest.raises(CredentialsError, match="cannot read"):
            read_credentials(path, "admin")


def test_alone(tmp_path):
    """Two cannot be in the section of one folder at once; each folder has its own."""
    with alone(tmp_path / "a"), alone(tmp_path / "b"):
        descriptor = os.open(tmp_path / "a", os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)


def test_profiles_of_several_writers_at_once(tmp_path):
    """None of them overwrites what another wrote: secrets are told once."""
    path = tmp_path / "credentials"

    def write(name):
        for number in range(10):
            write_credentials(path, f"{name}.{number}", KEY)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(write, "abc"))
    assert path.read_text().count("aws_secret_access_key") == 30

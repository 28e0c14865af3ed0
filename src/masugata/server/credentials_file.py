"""The credentials file of an installation, in the format of AWS's shared credentials files."""

import configparser
import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from masugata.client.credentials import credentials_parser, profile_keys


class Credentials(NamedTuple):
    """An access key; a temporary one is worth nothing without its session token."""

    access_key_id: str
    secret_access_key: str


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes, and other threads, out of this section for the same folder."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def read_credentials(path: Path, profile: str) -> Credentials:
    """The access key of one profile; raises `CredentialsError`."""
    return Credentials(*profile_keys(path, profile)[:2])


def read_session_token(path: Path, profile: str) -> str | None:
    """The session token of a profile with temporary credentials, None of any other."""
    return credentials_parser(path).get(profile, "aws_session_token", fallback=None)


def write_credentials(
    path: Path, profile: str, credentials: Credentials | None, session_token: str | None = None
) -> None:
    """Set, or with None remove, one profile; the file is replaced as a whole, mode 0600, durably.

    Profiles that others write at the same time are kept.
    """
    with alone(path.parent):
        write_credentials_alone(path, profile, credentials, session_token)


def write_credentials_alone(
    path: Path, profile: str, credentials: Credentials | None, session_token: str | None = None
) -> None:
    """The same, for who is `alone` in the folder already."""
    parser = credentials_parser(path) if path.exists() else configparser.RawConfigParser()
    parser.remove_section(profile)
    if credentials is not None:
        parser[profile] = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
        }
        if session_token is not None:
            parser[profile]["aws_session_token"] = session_token
    text = io.StringIO()
    parser.write(text)
    write_privately(path, text.getvalue().encode())


def write_privately(path: Path, content: bytes) -> None:
    """Replace a file as a whole and durably; only its owner can read it."""
    # Under a name that no other process takes: several servers may start in one folder.
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed or removed in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

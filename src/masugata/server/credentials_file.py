"""The credentials file of an installation, in the format of AWS's shared credentials files."""

import configparser
import os
from pathlib import Path
from typing import NamedTuple

from masugata.errors import MasugataError


class CredentialsError(MasugataError):
    """The credentials file cannot be read, or lacks the profile."""


class Credentials(NamedTuple):
    """A long-term access key."""

    access_key_id: str
    secret_access_key: str


def read_credentials(path: Path, profile: str) -> Credentials:
    """The access key of one profile; raises `CredentialsError`."""
    section = _parser(path)
    if not section.has_section(profile):
        raise CredentialsError(f"`{path}` has no profile `{profile}`")
    try:
        return Credentials(section[profile]["aws_access_key_id"], section[profile]["aws_secret_access_key"])
    except KeyError as error:
        raise CredentialsError(f"the profile `{profile}` in `{path}` lacks {error}") from error


def write_credentials(path: Path, profile: str, credentials: Credentials | None) -> None:
    """Set, or with None remove, one profile; the file is replaced as a whole, mode 0600."""
    parser = _parser(path) if path.exists() else configparser.RawConfigParser()
    parser.remove_section(profile)
    if credentials is not None:
        parser[profile] = {
            "aws_access_key_id": credentials.access_key_id,
            "aws_secret_access_key": credentials.secret_access_key,
        }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        parser.write(file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _parser(path: Path) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise CredentialsError(f"cannot read `{path}`: {error}") from error
    return parser

"""Which keys a program calls with: those of AWS's environment variables, else those of a profile.

Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
"""

import configparser
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from masugata.client.signing import Keys
from masugata.errors import MasugataError

NO_KEYS: Final = (
    "there are no credentials to sign with: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE "
    "and AWS_SHARED_CREDENTIALS_FILE"
)


class CredentialsError(MasugataError):
    """The credentials file cannot be read, or lacks the profile."""


def configured_keys(environ: Mapping[str, str]) -> Keys | None:
    """The keys that the environment has or names, None where it says nothing; raises `CredentialsError`.

    The file is read anew each time, since temporary keys are replaced in it.
    """
    key_id, secret = environ.get("AWS_ACCESS_KEY_ID"), environ.get("AWS_SECRET_ACCESS_KEY")
    if key_id and secret:
        return Keys(key_id, secret, environ.get("AWS_SESSION_TOKEN") or None)
    if key_id or secret:
        raise CredentialsError("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set together")
    profile, file = environ.get("AWS_PROFILE"), environ.get("AWS_SHARED_CREDENTIALS_FILE")
    path = Path(file or Path(environ.get("HOME") or "/", ".aws", "credentials"))
    if not (profile or file or path.exists()):
        return None
    parser = credentials_parser(path)
    if not profile and not file and not parser.has_section("default"):
        return None
    return _keys(parser, path, profile or "default")


def credentials_parser(path: Path) -> configparser.RawConfigParser:
    """What a credentials file says; raises `CredentialsError`."""
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text("utf-8"))
    except OSError as error:
        raise CredentialsError(f"cannot read `{path}`: {error.strerror}") from error
    except (UnicodeDecodeError, configparser.Error):
        # The parser's own words quote the line, which may hold a secret.
        raise CredentialsError(f"`{path}` is not in the format of AWS's shared credentials files") from None
    return parser


def profile_keys(path: Path, profile: str) -> Keys:
    """The keys of one profile of a credentials file; raises `CredentialsError`."""
    return _keys(credentials_parser(path), path, profile)


def _keys(parser: configparser.RawConfigParser, path: Path, profile: str) -> Keys:
    if not parser.has_section(profile):
        raise CredentialsError(f"`{path}` has no profile `{profile}`")
    section = parser[profile]
    try:
        key_id, secret = section["aws_access_key_id"], section["aws_secret_access_key"]
    except KeyError as error:
        raise CredentialsError(f"the profile `{profile}` in `{path}` lacks {error}") from error
    return Keys(key_id, secret, section.get("aws_session_token") or None)

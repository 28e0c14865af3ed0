"""The server: the ASGI callable, starting and stopping, and the files of an installation."""

from masugata.client.credentials import CredentialsError
from masugata.identity.first_account import first_account
from masugata.server.bootstrap import (
    bootstrap,
    create_account,
    credentials_path,
    sealed_key,
)
from masugata.server.credentials_file import (
    Credentials,
    read_credentials,
    read_session_token,
    write_credentials,
)
from masugata.server.installation import open_installation
from masugata.server.listening import Started
from masugata.server.run import First, serve, utc_now

__all__ = [
    "Credentials",
    "CredentialsError",
    "First",
    "Started",
    "bootstrap",
    "create_account",
    "credentials_path",
    "first_account",
    "open_installation",
    "read_credentials",
    "read_session_token",
    "sealed_key",
    "serve",
    "utc_now",
    "write_credentials",
]

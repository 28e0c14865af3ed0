"""A database's URL as what libpq needs to connect safely, and as what may be shown."""

import ipaddress
from collections.abc import Mapping
from typing import NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from masugata.store.errors import StoreUnavailableError

_DEFAULTS = {
    "application_name": "masugata",
    "connect_timeout": "5",
    # A server that is gone without a word is noticed within a quarter of a minute.
    "keepalives_idle": "5",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
# What is read from a standby may be older than what was acknowledged.
_ALWAYS = {"client_encoding": "UTF8", "target_session_attrs": "read-write"}


class Address(NamedTuple):
    """Where a database is: libpq's parameters, which may hold a password, and a name without any."""

    parameters: dict[str, str]
    name: str

    def __repr__(self) -> str:
        return f"<Address {self.name}>"


def address(url: str) -> Address:
    """Read a `postgresql://` URL; what it does not say comes from libpq's environment, such as PGPASSFILE.

    To another machine TLS with a verified certificate is asked for, unless `sslmode` says otherwise.
    Raises `StoreUnavailableError`, whose text has nothing of the URL: any part may be the password.
    """
    try:
        given = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    except (psycopg.Error, ValueError):
        raise StoreUnavailableError("the database's URL cannot be read: check its form and escapes") from None
    elsewhere = _environment()
    if "service" in given or "service" in elsewhere:
        raise StoreUnavailableError("the database's URL must name the host itself, not a `service`")
    known = elsewhere | given
    parameters = _DEFAULTS | given | _ALWAYS
    if not _is_local(known) and "sslmode" not in known:
        parameters["sslmode"] = "verify-full"
    return Address(parameters, _name(known))


def _environment() -> dict[str, str]:
    """What libpq finds in PG* variables; its own defaults are left out."""
    return {
        option.keyword.decode(): option.val.decode()
        for option in Conninfo.get_defaults()
        if option.val is not None and option.val != option.compiled
    }


def _is_local(parameters: Mapping[str, str]) -> bool:
    """Whether every host is this machine: a Unix socket or loopback."""
    return all(
        _is_loopback(host) for host in (parameters.get("hostaddr") or parameters.get("host", "")).split(",")
    )


def _is_loopback(host: str) -> bool:
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _name(parameters: Mapping[str, str]) -> str:
    host = parameters.get("host") or parameters.get("hostaddr") or "localhost"
    port = f":{parameters['port']}" if parameters.get("port") else ""
    return f"postgresql://{host}{port}/{parameters.get('dbname') or parameters.get('user', '')}"

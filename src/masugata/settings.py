"""Settings: a flag, then the environment, then `masugata.toml`, then the default."""

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from masugata.errors import MasugataError

PREFIX = "MASUGATA_"


class SettingsError(MasugataError):
    """A setting has no meaning, or is unknown."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set; `docs/reference/settings.md` says what each does."""

    data: Path = Path(".masugata")
    host: str = "127.0.0.1"
    port: int = 4566
    tls: str | None = None
    insecure: bool = False
    ephemeral: bool = False
    account_id: str = "111122223333"
    root_email: str = "root@example.com"
    root_access_key_id: str | None = None
    root_secret_access_key: str | None = field(default=None, repr=False)
    region: str = "us-east-1"
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    maximum_body_bytes: int = 1_048_576
    clock_skew_seconds: int = 900
    event_retention_days: int = 90
    log_level: str = "warning"

    def __post_init__(self) -> None:
        _check(self)

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the listener."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


_NAMES = {f.name for f in fields(Settings)}


def load_settings(flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Settings from all their places; raises `SettingsError` for an unknown name or a bad value.

    `flags` with the value None were not given. `file` defaults to `masugata.toml` in the working
    directory, if it is there.
    """
    path = file or Path("masugata.toml")
    values: dict[str, Any] = {}
    if file is not None or path.exists():
        values.update(_from_toml(path))
    for name, text in environ.items():
        if name.startswith(PREFIX) and (setting := name.removeprefix(PREFIX).lower()) in _NAMES:
            values[setting] = text
    values.update({name: value for name, value in flags.items() if value is not None})
    return Settings(**{name: _convert(name, value) for name, value in values.items()})


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read `{path}`: {error}") from error
    for name in values:
        if name not in _NAMES:
            raise SettingsError(f"unknown setting `{name}` in `{path}`")
    return values


def _convert(name: str, value: Any) -> Any:
    default = next(f for f in fields(Settings) if f.name == name)
    kind = str(default.type)
    try:
        if "Path" in kind:
            return Path(value).expanduser()
        if "tuple" in kind:
            return tuple(value.replace(",", " ").split()) if isinstance(value, str) else tuple(value)
        if "bool" in kind:
            return _truth(name, value)
        if "int" in kind:
            return int(value)
    except (TypeError, ValueError) as error:
        raise SettingsError(f"`{value}` is not a value for the setting `{name}`") from error
    return str(value)


def _truth(name: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in {"1", "true", "yes", "on"}:
        return True
    if str(value).lower() in {"0", "false", "no", "off", ""}:
        return False
    raise SettingsError(f"`{value}` is not a value for the setting `{name}`: say true or false")


def _check(settings: Settings) -> None:
    if not re.fullmatch(r"[0-9]{12}", settings.account_id):
        raise SettingsError(f"`{settings.account_id}` is not an account id: 12 digits are")
    if not 0 <= settings.port <= 65535:
        raise SettingsError(f"`{settings.port}` is not a port: 0 to 65535 are")
    if (settings.root_access_key_id is None) != (settings.root_secret_access_key is None):
        raise SettingsError("root_access_key_id and root_secret_access_key must be set together")
    if settings.root_access_key_id is not None and not re.fullmatch(
        r"\w{3,128}", settings.root_access_key_id
    ):
        raise SettingsError("root_access_key_id must be 3 to 128 letters, digits or underscores")
    if settings.root_secret_access_key is not None and len(settings.root_secret_access_key) < 8:
        raise SettingsError("root_secret_access_key must have 8 characters or more")
    if not settings.loopback and settings.tls is None and not settings.insecure:
        raise SettingsError(
            f"`{settings.host}` can be reached from other machines: use --tls auto (or --tls CERT,KEY), "
            "or say --insecure"
        )
    for network in settings.trusted_proxies:
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise SettingsError(f"`{network}` in trusted_proxies is not an address or network") from error

"""Settings: a flag, then the environment, then `masugata.toml`, then the default."""

import ipaddress
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from masugata.errors import MasugataError
from masugata.limits import LIMITS

PREFIX = "MASUGATA_"


class SettingsError(MasugataError):
    """A setting has no meaning, or is unknown."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set; `docs/reference/settings.md` says what each does."""

    data: Path = Path(".masugata")
    database: str | None = field(default=None, repr=False)
    keeper: str | None = None
    seal: str | None = None
    passphrase_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 4566
    tls: str | None = None
    insecure: bool = False
    ephemeral: bool = False
    workers: int = 1
    account_id: str = "111122223333"
    root_email: str = "root@example.com"
    root_access_key_id: str | None = None
    root_secret_access_key: str | None = field(default=None, repr=False)
    region: str = "us-east-1"
    public_url: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    private_issuers: tuple[str, ...] = ()
    saml_audiences: tuple[str, ...] = ()
    private_xks_proxies: tuple[str, ...] = ()
    xks_authority: Path | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    feeds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    log_sinks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    redis_url: str | None = field(default=None, repr=False)
    redis_url_file: Path | None = None
    maximum_body_bytes: int = 1_048_576
    clock_skew_seconds: int = 900
    event_retention_days: int = 90
    maximum_event_bytes: int = 4_294_967_296
    log_level: str = "warning"
    log_format: str = "text"
    access_log: str = "none"

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

    @property
    def keeper_socket(self) -> Path | None:
        """Where the keeper answers that runs as a service of its own; None if the server starts one."""
        return Path(self.keeper.removeprefix(_UNIX)) if self.keeper else None

    def without_root_key(self) -> "Settings":
        """The same settings, for those who need not know the root user's secret."""
        return replace(self, root_access_key_id=None, root_secret_access_key=None)


_NAMES = {f.name for f in fields(Settings)}
_SECRET = ("root_secret_access_key", "database", "redis_url")  # a URL may hold a password
_PASSWORD = re.compile(r"://[^/?#]*:[^/?#]*@|[?&](ssl)?password=")
_PUBLIC_URL = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*"
)
_UNIX = "unix:"
_SEALS = ("file", "passphrase", "pkcs11")
_EPHEMERAL_FOLDER = Path(".masugata-ephemeral")
_TRUTH = {"1": True, "true": True, "yes": True, "on": True}
_TRUTH |= {"0": False, "false": False, "no": False, "off": False}
_CHOICES = {
    "log_level": ("debug", "info", "warning", "error"),
    "log_format": ("text", "json"),
    "access_log": ("none", "errors", "all"),
}
_MOST_BODY = 1 << 30
_MOST_SECONDS = 7 * 86_400
_MOST_DAYS = 36_500
_MOST_WORKERS = 64
_MOST_LIMIT = 10_000_000
_LEAST_EVENTS, _MOST_EVENTS = 1 << 20, 1 << 50


def load_settings(flags: Mapping[str, Any], environ: Mapping[str, str], file: Path | None = None) -> Settings:
    """Settings from all their places; raises `SettingsError` for an unknown name or a bad value.

    `flags` with the value None were not given, and an empty variable is not set. `file` defaults to
    `masugata.toml` in the working directory, if it is there. What is ephemeral has a data directory
    of its own unless one is named.
    """
    path = file or Path("masugata.toml")
    values: dict[str, Any] = {}
    if file is not None or path.exists():
        values.update(_from_toml(path))
    for name, text in environ.items():
        # Other names are left alone: Kubernetes sets some for every service that is called `masugata`.
        if text and name.startswith(PREFIX) and (setting := name.removeprefix(PREFIX).lower()) in _NAMES:
            values[setting] = text
    values.update({name: value for name, value in flags.items() if value is not None})
    if flags.get("database") is not None and _PASSWORD.search(flags["database"]):
        raise SettingsError(
            "everybody on this machine can read a password in a flag: set MASUGATA_DATABASE, or leave the "
            "password out of the URL and put it into a PGPASSFILE"
        )
    converted = {name: _convert(name, value) for name, value in values.items()}
    if converted.get("ephemeral"):
        converted.setdefault("data", _EPHEMERAL_FOLDER)
    return Settings(**converted)


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
    """A value as a flag, a variable or TOML gives it, in the type of its field."""
    kind = next(f for f in fields(Settings) if f.name == name).type
    if name == "account_id" and isinstance(value, int):  # digits without quotes, as anybody would write it
        value = str(value)
    convert: Callable[[Any], Any] = _CONVERTERS.get(kind, _text)
    converted = convert(value)
    if converted is None:
        shown = "…" if name in _SECRET else value
        raise SettingsError(f"`{shown}` is not a value for the setting `{name}`")
    return converted


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _path(value: Any) -> Path | None:
    try:
        return Path(value).expanduser() if isinstance(value, str | Path) else None
    except RuntimeError:  # the home of a user who does not exist
        return None


def _texts(value: Any) -> tuple[str, ...] | None:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    whole = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
    return tuple(value) if whole else None


def _truth(value: Any) -> bool | None:
    return value if isinstance(value, bool) else _TRUTH.get(str(value).lower())


def _number(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value) else None


def _numbers(value: Any) -> dict[str, int] | None:
    """`name=number` separated by commas or spaces, or a table of TOML."""
    if isinstance(value, str):
        value = dict(item.partition("=")[::2] for item in value.replace(",", " ").split())
    if not isinstance(value, Mapping):
        return None
    numbers = {name: _number(number) for name, number in value.items()}
    whole = {name: number for name, number in numbers.items() if number is not None}
    return whole if len(whole) == len(numbers) else None


def _lists(value: Any) -> dict[str, tuple[str, ...]] | None:
    """`name=text`, which may come several times, separated by commas or spaces; or a table of TOML."""
    if isinstance(value, str):
        found: dict[str, tuple[str, ...]] = {}
        for item in value.replace(",", " ").split():
            name, sign, text = item.partition("=")
            if not sign or not text:
                return None
            found[name] = (*found.get(name, ()), text)
        return found
    if not isinstance(value, Mapping):
        return None
    lists = {name: _texts(texts) for name, texts in value.items()}
    whole = {name: texts for name, texts in lists.items() if texts}
    return whole if len(whole) == len(lists) else None


_CONVERTERS: Mapping[Any, Callable[[Any], Any]] = {
    Mapping[str, int]: _numbers,
    Mapping[str, tuple[str, ...]]: _lists,
    Path: _path,
    Path | None: _path,
    bool: _truth,
    int: _number,
    tuple[str, ...]: _texts,
}


def _check(settings: Settings) -> None:
    _check_forms(settings)
    _check_addresses(settings)
    _check_numbers(settings)
    _check_hosts("private_issuers", settings.private_issuers)
    _check_hosts("private_xks_proxies", settings.private_xks_proxies)
    _check_limits(settings.limits)
    _check_keeper(settings)
    _check_seal(settings)
    if (settings.root_access_key_id is None) != (settings.root_secret_access_key is None):
        raise SettingsError("root_access_key_id and root_secret_access_key must be set together")
    if settings.ephemeral and settings.workers > 1:
        raise SettingsError("what is ephemeral is in the memory of one process: leave out --workers")
    if settings.database is not None:
        _check_database(settings.database)
        if settings.ephemeral:
            raise SettingsError("ephemeral keeps everything in memory: leave out database, or ephemeral")
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


def _check_seal(settings: Settings) -> None:
    """Only the form, and nothing of it in the error: somebody may take it for the place of a passphrase."""
    if settings.seal is None:
        return
    scheme = settings.seal.partition(":")[0]
    if scheme not in _SEALS or ":" not in settings.seal or not settings.seal.isprintable():
        raise SettingsError(
            "seal is not one: `file:/path/root.key`, `passphrase:` and `pkcs11:…` are, as in "
            "docs/how-to/choose-a-seal.md"
        )
    if "pin-value" in settings.seal or settings.seal.removeprefix("passphrase:") not in {"", settings.seal}:
        raise SettingsError("a passphrase or a PIN does not belong into seal: name a file that holds it")
    if settings.ephemeral:
        raise SettingsError("what is ephemeral keeps its keys in memory: leave out seal, or ephemeral")


def _check_keeper(settings: Settings) -> None:
    if settings.keeper is None:
        return
    if not settings.keeper.startswith(f"{_UNIX}/") or not settings.keeper.isprintable():
        raise SettingsError(
            f"`{settings.keeper}` is not a keeper: the path of its socket is, as in "
            "unix:/run/masugata/keeper.sock"
        )
    if settings.ephemeral:
        raise SettingsError("what is ephemeral keeps its keys in memory: leave out keeper, or ephemeral")


def _check_forms(settings: Settings) -> None:
    key_id, secret = settings.root_access_key_id, settings.root_secret_access_key
    if not re.fullmatch(r"[0-9]{12}", settings.account_id):
        raise SettingsError(f"`{settings.account_id}` is not an account id: 12 digits are")
    if not re.fullmatch(r"[^\s@]{1,64}@[^\s@]{1,255}", settings.root_email):
        raise SettingsError(f"`{settings.root_email}` in root_email is not an e-mail address")
    if not re.fullmatch(r"[a-z0-9-]{1,64}", settings.region):
        raise SettingsError(f"`{settings.region}` is not a Region")
    if key_id is not None and not re.fullmatch(r"[A-Za-z0-9_]{3,128}", key_id):
        raise SettingsError("root_access_key_id must be 3 to 128 letters, digits or underscores")
    if secret is not None and not re.fullmatch(r"[!-~]{8,128}", secret):
        raise SettingsError("root_secret_access_key must be 8 to 128 characters of ASCII without spaces")
    for name, choices in _CHOICES.items():
        if (chosen := getattr(settings, name)) not in choices:
            raise SettingsError(
                f"`{chosen}` is not a value for the setting `{name}`: {', '.join(choices)} are"
            )


def _check_addresses(settings: Settings) -> None:
    for host in (settings.host, *settings.allowed_hosts):
        if not _is_host(host):
            raise SettingsError(f"`{host}` is not a host: a name or an IP address is, without a port")
    if settings.public_url is not None and not _PUBLIC_URL.fullmatch(settings.public_url):
        raise SettingsError(
            f"`{settings.public_url}` in public_url is not a URL such as https://iam.example.com, "
            "without a slash at the end"
        )


def _check_hosts(name: str, hosts: tuple[str, ...]) -> None:
    for one in hosts:
        host, colon, port = one.partition(":")
        if not _is_host(host) or (colon and not re.fullmatch(r"[0-9]{1,5}", port)):
            raise SettingsError(f"`{one}` in {name} is not a host: `name` and `name:port` are")


def _check_limits(limits: Mapping[str, int]) -> None:
    for name, value in limits.items():
        variants = f"{name.rpartition('.')[0]}.default"
        if name not in LIMITS and variants not in LIMITS:
            raise SettingsError(f"`{name}` in limits is not a limit: docs/reference/settings.md lists them")
        if not 0 <= value <= _MOST_LIMIT:
            raise SettingsError(f"`{value}` is not a value for the limit `{name}`: 0 to {_MOST_LIMIT} are")


def _check_database(url: str) -> None:
    """Only the form; the text of the error has nothing of the URL, whose every part may be the password."""
    if not url.startswith(("postgresql://", "postgres://")) or not url.isprintable() or " " in url:
        raise SettingsError(
            "database is not the URL of a PostgreSQL database, such as postgresql://user@host/name; "
            "without it everything is kept in a file in the data directory"
        )


def _check_numbers(settings: Settings) -> None:
    for name, lowest, highest in (
        ("port", 0, 65_535),
        ("workers", 1, _MOST_WORKERS),
        ("maximum_body_bytes", 1, _MOST_BODY),
        ("clock_skew_seconds", 0, _MOST_SECONDS),
        ("event_retention_days", 1, _MOST_DAYS),
        ("maximum_event_bytes", _LEAST_EVENTS, _MOST_EVENTS),
    ):
        value = getattr(settings, name)
        if not lowest <= value <= highest:
            raise SettingsError(
                f"`{value}` is not a value for the setting `{name}`: {lowest} to {highest} are"
            )


def _is_host(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return re.fullmatch(r"(?!-)[A-Za-z0-9._-]{1,253}", text) is not None and ".." not in text
    return "%" not in text

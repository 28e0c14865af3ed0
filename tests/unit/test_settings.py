"""Where settings come from, which values they take, and what they refuse."""

import re
from datetime import date
from pathlib import Path

import pytest

from masugata.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """No `masugata.toml` of the person who runs the tests."""
    monkeypatch.chdir(tmp_path)


def toml(text):
    """Write `masugata.toml` into the working directory."""
    Path("masugata.toml").write_text(text, "utf-8")


def test_order_of_places():
    """Each place wins over the next: flag, environment, file, default."""
    flags, environ = {"port": 1}, {"MASUGATA_PORT": "2"}
    assert load_settings({}, {}).port == 4566
    toml("port = 3")
    assert load_settings({}, {}).port == 3
    assert load_settings({}, environ).port == 2
    assert load_settings(flags, environ).port == 1


def test_what_was_not_given():
    """A flag without a value, an empty variable and foreign variables do not count."""
    toml("port = 3")
    environ = {"MASUGATA_PORT": "", "MASUGATA_DATA": "", "MASUGATA_PORT_4566_TCP": "tcp://x", "PORT": "9"}
    settings = load_settings({"port": None, "tls": None}, environ)
    assert (settings.port, settings.data, settings.tls) == (3, Path(".masugata"), None)


def test_file_that_is_named_must_exist():
    """Only the default file may be missing."""
    assert load_settings({}, {}).port == 4566
    with pytest.raises(SettingsError, match=r"cannot read `other\.toml`"):
        load_settings({}, {}, Path("other.toml"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "unknown setting `prot`"),
        ("[server]\nport = 1", "unknown setting `server`"),
        ("port = ", "cannot read `masugata.toml`"),
        ("port = 4566.5", "`4566.5` is not a value for the setting `port`"),
        ("port = true", "`True` is not a value for the setting `port`"),
        ("allowed_hosts = [1]", "is not a value for the setting `allowed_hosts`"),
        ("allowed_hosts = 1", "is not a value for the setting `allowed_hosts`"),
        ("trusted_proxies = { a = 1 }", "is not a value for the setting `trusted_proxies`"),
        ("host = 5", "`5` is not a value for the setting `host`"),
        ("tls = true", "`True` is not a value for the setting `tls`"),
        ("data = 5", "`5` is not a value for the setting `data`"),
        ("region = 2026-01-01", "is not a value for the setting `region`"),
        ("ephemeral = 2", "`2` is not a value for the setting `ephemeral`"),
    ],
)
def test_bad_file(text, message):
    """An unknown name or a value of another type is an error that names it, never a guess."""
    toml(text)
    with pytest.raises(SettingsError, match=re.escape(message)):
        load_settings({}, {})


def test_file_that_is_not_text():
    """A file in another encoding, or a folder of its name, is an error and no traceback."""
    Path("masugata.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot read"):
        load_settings({}, {})
    Path("masugata.toml").unlink()
    Path("masugata.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot read"):
        load_settings({}, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "65536"),
        ("port", "-1"),
        ("port", "http"),
        ("port", "٤٥٦٦"),
        ("port", "9" * 5000),
        ("port", "tcp://10.0.0.1:4566"),
        ("insecure", "maybe"),
        ("workers", "0"),
        ("workers", "65"),
        ("ephemeral", "2"),
        ("account_id", "1111"),
        ("account_id", "11112222333a"),
        ("account_id", "\N{ARABIC-INDIC DIGIT ONE}" * 12),
        ("public_url", "iam.example.com"),
        ("public_url", "https://iam.example.com/"),
        ("public_url", "https://iam.example.com/a?b"),
        ("public_url", "https://user@iam.example.com"),
        ("public_url", "ftp://iam.example.com"),
        ("root_email", "root"),
        ("root_email", "a b@example.com"),
        ("region", "us east 1"),
        ("region", "$(id)"),
        ("maximum_body_bytes", "0"),
        ("maximum_body_bytes", "-5"),
        ("clock_skew_seconds", "-1"),
        ("event_retention_days", "0"),
        ("event_retention_days", "-90"),
        ("event_retention_days", "99999999999"),
        ("log_level", "loud"),
        ("host", "two hosts"),
        ("host", "-x"),
        ("host", "[::1]"),
        ("host", "::1%lo"),
        ("allowed_hosts", "example.com:443"),
        ("allowed_hosts", "*.example.com"),
        ("allowed_hosts", "https://example.com"),
        ("allowed_hosts", "枡形.example"),
        ("trusted_proxies", "proxy.example.com"),
        ("trusted_proxies", "10.0.0.0/33"),
        ("trusted_proxies", "*"),
        ("data", "~nobody-of-this-name/x"),
    ],
)
def test_bad_values(name, value):
    """A value without a meaning is refused and named."""
    with pytest.raises(SettingsError) as caught:
        load_settings({}, {f"MASUGATA_{name.upper()}": value})
    assert value[:20] in str(caught.value)


def test_bad_root_keys_are_not_shown():
    """A preset root key is a pair of fitting form; its secret is in no error and no representation."""
    for secret in ("short", "with a space", "naïveté-naïveté", "x" * 129):
        with pytest.raises(SettingsError) as caught:
            Settings(root_access_key_id="AKIAROOT", root_secret_access_key=secret)
        assert secret not in str(caught.value)
    with pytest.raises(SettingsError, match="must be set together"):
        Settings(root_access_key_id="AKIAROOT")
    with pytest.raises(SettingsError, match="must be set together"):
        Settings(root_secret_access_key="long-enough-secret")
    with pytest.raises(SettingsError, match="root_access_key_id must be"):
        Settings(root_access_key_id="schlüssel", root_secret_access_key="long-enough-secret")
    toml("root_secret_access_key = 123456789")
    with pytest.raises(SettingsError) as caught:
        load_settings({}, {})
    assert "123456789" not in str(caught.value)
    settings = Settings(root_access_key_id="AKIAROOT", root_secret_access_key="long-enough-secret")
    assert "long-enough-secret" not in repr(settings)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "0:0:0:0:0:0:0:1", "localhost"])
def test_loopback(host):
    """Only this machine reaches these, so plain HTTP is fine."""
    assert Settings(host=host).loopback


@pytest.mark.parametrize(
    "host",
    ["::", "10.0.0.1", "fe80::1", "::ffff:10.0.0.1", "::ffff:0.0.0.0", "masugata.example", "127.1",
     "2130706433", "localhost.example", "localhost."],
)  # fmt: skip
def test_beyond_loopback(host):
    """Everything else needs TLS or `--insecure`; a name counts as reachable whatever it stands for."""
    with pytest.raises(SettingsError, match="can be reached from other machines"):
        Settings(host=host)
    assert not Settings(host=host, tls="auto").loopback
    assert not Settings(host=host, insecure=True).loopback


def test_types():
    """Each kind of value is read from text, and from TOML in its own type."""
    environ = {
        "MASUGATA_ALLOWED_HOSTS": "a.example, b.example  c.example",
        "MASUGATA_TRUSTED_PROXIES": "10.0.0.0/8,fd00::/8",
        "MASUGATA_INSECURE": "Yes",
        "MASUGATA_DATA": "~/x",
    }
    settings = load_settings({}, environ)
    assert settings.allowed_hosts == ("a.example", "b.example", "c.example")
    assert settings.trusted_proxies == ("10.0.0.0/8", "fd00::/8")
    assert settings.insecure is True
    assert settings.data == Path.home() / "x"
    toml('account_id = 123456789012\nallowed_hosts = ["a.example"]\ninsecure = true\ndata = "d"')
    settings = load_settings({}, {})
    assert settings.account_id == "123456789012"
    assert (settings.allowed_hosts, settings.insecure, settings.data) == (("a.example",), True, Path("d"))
    assert load_settings({}, {"MASUGATA_INSECURE": "off"}).insecure is False


@pytest.mark.parametrize("place", ["flag", "variable", "file"])
def test_ephemeral_has_a_folder_of_its_own(place):
    """What is ephemeral does not write over a durable installation's files, unless it is told where to."""
    flags, environ = {}, {}
    if place == "flag":
        flags = {"ephemeral": True}
    elif place == "variable":
        environ = {"MASUGATA_EPHEMERAL": "1"}
    else:
        toml("ephemeral = true")
    assert load_settings(flags, environ).data == Path(".masugata-ephemeral")
    assert load_settings({**flags, "data": Path("d")}, environ).data == Path("d")


def test_dates_are_no_numbers():
    """TOML has more types than settings; none of them slips through."""
    with pytest.raises(SettingsError, match="`2026-01-01` is not a value for the setting `port`"):
        load_settings({"port": date(2026, 1, 1)}, {})


PASSWORD = "kept-to-ourselves"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param(f"mysql://u:{PASSWORD}@h/db", id="other-database"),
        pytest.param(f"u:{PASSWORD}@h/db", id="no-scheme"),
        pytest.param(f"postgresql://u:{PASSWORD} @h/db", id="space"),
        pytest.param(f"postgresql://u:{PASSWORD}\n@h/db", id="line-break"),
    ],
)
def test_database_that_is_no_url(url):
    """What is no URL of a PostgreSQL database is refused without a word of it."""
    with pytest.raises(SettingsError, match="URL of a PostgreSQL database") as raised:
        load_settings({}, {"MASUGATA_DATABASE": url})
    assert PASSWORD not in str(raised.value)


def test_database_is_not_shown():
    """A URL of the wrong type is not repeated, and settings do not show the URL they hold."""
    toml(f"database = ['postgresql://u:{PASSWORD}@h/db']")
    with pytest.raises(SettingsError, match="`…`") as raised:
        load_settings({}, {})
    assert PASSWORD not in str(raised.value)
    settings = load_settings({}, {"MASUGATA_DATABASE": f"postgresql://u:{PASSWORD}@h/db"})
    assert settings.database is not None
    assert PASSWORD not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{PASSWORD}@h/db",
        f"postgres://u:{PASSWORD}@h,h2/db",
        f"postgresql://u@h/db?sslmode=require&password={PASSWORD}",
        f"postgresql://h/db?sslpassword={PASSWORD}",
    ],
)
def test_password_in_a_flag(url):
    """A password that every user of the machine could see in the list of processes is refused."""
    with pytest.raises(SettingsError, match="MASUGATA_DATABASE") as raised:
        load_settings({"database": url}, {})
    assert PASSWORD not in str(raised.value)
    assert load_settings({}, {"MASUGATA_DATABASE": url}).database == url
    assert load_settings({"database": "postgresql://u@h:5432,[::1]:1/db"}, {}).database is not None


def test_ephemeral_with_a_database():
    """Memory and a database are two answers to one question."""
    with pytest.raises(SettingsError, match="ephemeral"):
        load_settings({"ephemeral": True, "database": "postgresql://h/db"}, {})

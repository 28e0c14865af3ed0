"""What `up --organization` does before anybody is answered."""

from pathlib import Path

from masugata.cli._organization_first import making
from masugata.server import Credentials, credentials_path, write_credentials
from masugata.settings import Settings
from masugata.testing.clock import Clock
from masugata.testing.installation import Installation

FILE = """accounts:
  tokyo:
    email: tokyo@example.com
    iam: {users: {a: {access_keys: 1}, b: {access_keys: 1}}}
"""


def test_a_signal_stops_it_between_two_changes(tmp_path: Path, capsys):
    """Ctrl-C does not wait for a whole organization; the next start goes on, and nothing is made twice."""
    (tmp_path / "o.yaml").write_text(FILE)
    settings = Settings(data=tmp_path)
    installation = Installation(Clock())
    installation.open_account("111122223333")
    key, secret, _ = installation.administrator("111122223333")
    write_credentials(credentials_path(settings), "admin", Credentials(key, secret))
    make = making(tmp_path / "o.yaml", settings)
    asked = []

    def stopping():
        asked.append(None)
        return len(asked) == 5

    make(installation.gateway, stopping)
    assert "told to stop before: create tokyo: access key of the user `a`" in capsys.readouterr().err
    assert "tokyo.a" not in credentials_path(settings).read_text()
    make(installation.gateway, lambda: False)
    assert {"tokyo.a", "tokyo.b"} <= set(credentials_path(settings).read_text().replace("]", "[").split("["))
    assert capsys.readouterr().err == ""

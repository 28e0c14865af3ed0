"""`masugata up`: what reaches the server, what is said when it is ready, and how it fails."""

import json
import socket
from pathlib import Path

import pytest

from masugata import server
from masugata.cli import up
from masugata.server import Started

STARTED = Started("http://127.0.0.1:4566", "111122223333", None)


@pytest.fixture
def served(monkeypatch):
    """The settings of servers that were started; they are ready and stop at once."""
    found = []

    def serve(settings, listener, ready, load, first, keeper):
        assert load() == settings
        assert listener.getsockname()[1]
        assert (keeper is None) == settings.ephemeral
        assert first is None
        found.append(settings)
        ready(STARTED)

    monkeypatch.setattr(server, "serve", serve)
    monkeypatch.setattr(up, "listen", lambda _: socket.create_server(("127.0.0.1", 0)))
    return found


def test_defaults(masugata, served):
    """Without flags the defaults hold, and three lines say what to do next."""
    finished = masugata("up")
    assert finished.status == 0
    assert (served[0].data, served[0].port, served[0].ephemeral) == (Path(".masugata"), 4566, False)
    assert "is ready at http://127.0.0.1:4566, account 111122223333." in finished.out
    assert '  eval "$(masugata env)"\n  aws sts get-caller-identity\n  masugata doctor\n' in finished.out


def test_flags(masugata, served, monkeypatch):
    """Each flag is the setting of its name, over the environment's."""
    monkeypatch.setenv("MASUGATA_PORT", "1")
    monkeypatch.setenv("MASUGATA_REGION", "eu-west-1")
    arguments = ["--data", "a b", "--host", "::", "--port", "0", "--tls", "auto", "--insecure"]
    masugata("up", *arguments, "--account-id", "123456789012", "--log-level", "error", "--ephemeral")
    settings = served[0]
    assert (settings.data, settings.host, settings.port) == (Path("a b"), "::", 0)
    assert (settings.tls, settings.insecure, settings.ephemeral) == ("auto", True, True)
    assert (settings.account_id, settings.log_level, settings.region) == (
        "123456789012",
        "error",
        "eu-west-1",
    )


@pytest.mark.usefixtures("served")
def test_lines_for_another_folder(masugata):
    """The lines that are printed work for a folder whose name a shell would take apart."""
    out = masugata("up", "--data", "my data").out
    assert "masugata env --data 'my data'" in out
    assert "masugata doctor --data 'my data'" in out


@pytest.mark.usefixtures("served")
def test_ephemeral(masugata):
    """An ephemeral server says so, and where its credentials are."""
    out = masugata("up", "--ephemeral").out
    assert "gone when it stops" in out
    assert "masugata env --data .masugata-ephemeral" in out


@pytest.mark.usefixtures("served")
def test_json(masugata):
    """With --json, one line for programs."""
    out = masugata("up", "--json").out
    assert json.loads(out) == {
        "status": "ready",
        "url": STARTED.url,
        "account": STARTED.account,
        "data": ".masugata",
    }
    assert out.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "::"], "use --tls auto (or --tls CERT,KEY), or say --insecure"),
        (["--port", "70000"], "`70000` is not a value"),
        (["--port", "x"], "not a valid integer"),
        (["--account-id", "1"], "12 digits"),
        (["--log-level", "loud"], "--log-level"),
        (["--workers", "0"], "`0` is not a value for the setting `workers`: 1 to 64 are"),
        (["--workers", "2", "--ephemeral"], "in the memory of one process: leave out --workers"),
        (["--colour"], "No such option"),
        (["extra"], "unexpected extra argument"),
    ],
)
def test_bad_arguments(masugata, served, arguments, message):
    """Bad arguments end with status 2 and words, before anything is made."""
    finished = masugata("up", *arguments)
    assert (finished.status, finished.out, served) == (2, "", [])
    assert message in finished.err
    assert "Traceback" not in finished.err
    assert not Path(".masugata").exists()


def test_port_taken(masugata):
    """A port that is taken is said before a data directory is made."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        finished = masugata("up", "--port", port)
    assert finished.status == 2
    assert finished.err == (
        f"masugata: cannot listen on 127.0.0.1:{port}: Address already in use; "
        "choose another --host or --port\n"
    )
    assert not Path(".masugata").exists()


@pytest.mark.parametrize("host", ["203.0.113.1", "a" * 64 + ".example", ".", "x..y"])
def test_host_that_is_not_ours(masugata, host):
    """An address of another machine, or a name that can be nobody's, is an error of one line."""
    finished = masugata("up", "--insecure", "--host", host, "--port", "0")
    assert finished.status == 2
    assert finished.err.startswith("masugata: ")
    assert finished.err.count("\n") == 1


def test_bad_files(masugata, tmp_path):
    """A data directory that cannot be used, or TLS files that cannot, end with status 2 and one line."""
    (tmp_path / "file").write_text("")
    for arguments in (
        ["--data", tmp_path / "file" / "data"],
        ["--tls", f"{tmp_path / 'file'},{tmp_path / 'file'}"],
        ["--tls", "missing.pem,missing.key"],
    ):
        finished = masugata("up", "--port", "0", *arguments)
        assert finished.status == 2, arguments
        assert finished.err.startswith("masugata: ")
        assert finished.err.count("\n") == 1


def test_full_disk(masugata, monkeypatch):
    """What the operating system refuses in passing is told in one line too."""

    def full(*_, **__):
        raise OSError(28, "No space left on device", "data/.credentials.1")

    monkeypatch.setattr(server, "serve", full)
    finished = masugata("up", "--port", "0")
    assert (finished.status, finished.out) == (2, "")
    assert finished.err == "masugata: cannot use `data/.credentials.1`: No space left on device\n"

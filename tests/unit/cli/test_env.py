"""`masugata env`: lines that a shell can evaluate, whatever the values are."""

import json
import os
import shlex
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from masugata.server import Credentials, credentials_path, write_credentials
from masugata.settings import Settings

KEY = Credentials("AKIAQAAAAAAAAAAAAAAA", 'it\'s "$(touch hurt)" `x` \\ ;&|')


@pytest.fixture
def url():
    """Where something listens."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def data(tmp_path, url):
    """A data directory, with spaces and quotes in its name, in which a server was started."""
    folder = tmp_path / "my 'data' $HOME"
    write_credentials(credentials_path(Settings(data=folder)), "admin", KEY)
    endpoint(folder, url=url)
    return folder


def endpoint(folder, **content):
    (folder / "endpoint.json").write_text(json.dumps(content | {"pid": 1, "account": "1"}))


def evaluated(lines, **environment):
    """The variables of a shell after it has evaluated the lines."""
    script = f"{lines}\nenv -0"
    run = subprocess.run(
        ["sh", "-euc", script],
        capture_output=True,
        check=True,
        env={"PATH": os.environ["PATH"]} | environment,
    )
    assert run.stderr == b""
    return dict(pair.split("=", 1) for pair in run.stdout.decode().split("\0") if pair)


def test_shell_lines(masugata, data, url):
    """A shell that evaluates the lines has exactly the values, and nothing in them is run."""
    finished = masugata("env", "--data", data)
    assert finished.status == 0
    variables = evaluated(finished.out)
    assert variables["AWS_ENDPOINT_URL"] == url
    assert variables["AWS_ACCESS_KEY_ID"] == KEY.access_key_id
    assert variables["AWS_SECRET_ACCESS_KEY"] == KEY.secret_access_key
    assert variables["AWS_DEFAULT_REGION"] == variables["AWS_REGION"] == "us-east-1"
    assert "AWS_CA_BUNDLE" not in variables
    assert not Path("hurt").exists()


def test_variables_in_the_way(masugata, data):
    """What clients would prefer to these variables is unset."""
    before = {
        "AWS_SESSION_TOKEN": "x", "AWS_SECURITY_TOKEN": "x", "AWS_PROFILE": "x", "AWS_DEFAULT_PROFILE": "x",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    }  # fmt: skip
    assert not evaluated(masugata("env", "--data", data).out, **before).keys() & before.keys()


def test_authority(masugata, data, url):
    """With a local authority, clients are told to trust it."""
    endpoint(data, url=url.replace("http", "https"), authority=str(data / "tls" / "ca.pem"))
    variables = evaluated(masugata("env", "--data", data).out)
    assert variables["AWS_CA_BUNDLE"] == str(data / "tls" / "ca.pem")


def test_json(masugata, data, monkeypatch):
    """The same as JSON, with the Region of the settings."""
    monkeypatch.setenv("MASUGATA_REGION", "eu-west-1")
    monkeypatch.setenv("MASUGATA_DATA", str(data))
    variables = json.loads(masugata("env", "--json").out)
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert variables["AWS_SECRET_ACCESS_KEY"] == KEY.secret_access_key


def test_other_profile(masugata, data):
    """A profile that is not in the file is named, and nothing is exported."""
    finished = masugata("env", "--data", data, "--profile", "root")
    assert (finished.status, finished.out) == (2, "")
    assert "has no profile `root`" in finished.err
    write_credentials(credentials_path(Settings(data=data)), "root", Credentials("AKIAROOT", "s"))
    assert "AKIAROOT" in masugata("env", "--data", data, "--profile", "root").out


def test_server_that_has_gone(masugata, data):
    """What a killed server left behind is no endpoint."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    endpoint(data, url=f"http://127.0.0.1:{port}")
    finished = masugata("env", "--data", data)
    assert (finished.status, finished.out) == (2, "")
    assert f"no server answers at http://127.0.0.1:{port}" in finished.err


def test_no_server(masugata):
    """Where no server was started there is nothing to export."""
    finished = masugata("env")
    assert (finished.status, finished.out) == (2, "")
    assert finished.err == (
        "masugata: no server runs with the data directory `.masugata`: run `masugata up` first, "
        "or name its directory with --data (after `up --ephemeral`: .masugata-ephemeral)\n"
    )


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "{}", '{"url": 5}', '{"url": "x", "authority": []}']
)
def test_damaged_endpoint(masugata, data, content):
    """A damaged endpoint.json is an error of one line."""
    (data / "endpoint.json").write_text(content)
    finished = masugata("env", "--data", data)
    assert (finished.status, finished.out) == (2, "")
    assert "is damaged" in finished.err
    assert finished.err.count("\n") == 1


def test_unreadable_files(masugata, data, url):
    """Files that cannot be read are an error of one line each."""
    (data / "endpoint.json").unlink()
    (data / "endpoint.json").mkdir()
    finished = masugata("env", "--data", data)
    assert (finished.status, finished.err.count("\n")) == (2, 1)
    (data / "endpoint.json").rmdir()
    endpoint(data, url=url)
    (data / "credentials").unlink()
    finished = masugata("env", "--data", data)
    assert finished.status == 2
    assert "cannot read" in finished.err


def test_quoting_is_plain(masugata, data):
    """Each line is an assignment that `shlex` reads back, for tools that are no shell."""
    lines = masugata("env", "--data", data).out.splitlines()
    exported = [shlex.split(line) for line in lines if line.startswith("export ")]
    assert len(exported) == 5
    assert all(len(words) == 2 and "=" in words[1] for words in exported)


def test_reader_that_has_gone(data):
    """Where nobody reads the output any more, the program ends without a word: it could not do it."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "masugata", "env", "--data", str(data)]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (2, b"")

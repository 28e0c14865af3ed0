"""`masugata login` where something else than a masugata answers."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO

import pytest


@pytest.fixture
def answering():
    """Starts a server that gives one answer to every POST, and returns its URL."""
    started = []

    def start(status, body):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Say nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        started.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in started:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"[]"),
        (200, b"1"),
        (200, b"{}"),
        (200, b'{"Credentials":{"AccessKeyId":"ASIA"},"Arn":"x"}'),
        (200, b"<html>"),
        (502, b'{"error":"bad gateway"}'),
    ],
)
def test_an_answer_that_is_none_of_ours(masugata, answering, monkeypatch, status, body):
    """It is said, with another exit status than that of a refusal, and nothing is kept."""
    monkeypatch.setattr("sys.stdin", StringIO("secret\n"))
    where = answering(status, body)
    found = masugata("login", "--data", "data", "--endpoint", where, "--user", "alice", "--password-stdin")
    assert found.status == 2
    assert found.err.startswith(f"masugata: no masugata answers at {where}: ")


def test_a_refusal(masugata, answering, monkeypatch):
    """A refusal is told in the server's words, with exit status 1."""
    monkeypatch.setattr("sys.stdin", StringIO("secret\n"))
    where = answering(403, b'{"code":"AuthenticationFailed","message":"No.","more":1}')
    found = masugata("login", "--data", "data", "--endpoint", where, "--user", "alice", "--password-stdin")
    assert (found.status, found.err) == (1, "masugata: AuthenticationFailed: No.\n")

"""Metrics: for everybody on this machine, and for whom a policy allows from elsewhere."""

import json

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from masugata.metrics import METRICS
from masugata.server.monitoring import SharedMetrics, shared
from masugata.server.monitoring.process import start_ticks
from masugata.server.operator import OperatorPaths
from masugata.settings import Settings
from unit.server.asking import HOST, Asker

PATH = "/_masugata/metrics"
REMOTE = ("192.0.2.7", 50_000)


@pytest.fixture
def asker(tmp_path):
    """An application around an ephemeral installation."""
    return Asker(tmp_path)


def get(asker, *, key=None, client=REMOTE, headers=(), service="masugata", path=PATH):
    """The answer to a GET from this client, signed if there is a key."""
    request = AWSRequest("GET", f"http://localhost:4566{path}")
    if key:
        SigV4Auth(Credentials(*key), service, "us-east-1").add_auth(request)
    given = [HOST, *headers, *((n.lower().encode(), v.encode()) for n, v in request.headers.items())]
    return asker.ask(given, method="GET", target=PATH.encode(), client=client)


def user(asker, *statements):
    """The key of a new user with these permissions."""
    iam = asker.house.client("iam")
    iam.create_user(UserName="prometheus")
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_user_policy(UserName="prometheus", PolicyName="p", PolicyDocument=document)
    return asker.house.client_key("prometheus")


@pytest.mark.parametrize("client", [("127.0.0.1", 1), ("127.8.9.1", 1), ("::1", 1), ("::ffff:127.0.0.1", 1)])
def test_this_machine(asker, client):
    """Whoever asks from this machine needs no signature."""
    answer = get(asker, client=client)
    assert answer.status == 200
    assert ("content-type", "text/plain; version=0.0.4; charset=utf-8") in answer.headers
    text = answer.body.decode()
    assert f"masugata_store_revision {asker.house.store.snapshot().revision}\n" in text
    assert "masugata_event_log_bytes" in text
    assert "process_resident_memory_bytes{worker=" in text


def test_what_another_worker_saw(asker, tmp_path, monkeypatch):
    """The size of the event log falls, though another worker was asked when it was larger."""
    store, settings = asker.house.store, Settings(data=tmp_path, ephemeral=True)
    paths = OperatorPaths(asker.house.gateway, settings, SharedMetrics(tmp_path / "run"))
    user(asker)
    paths._metrics()
    assert store.event_bytes() > 0
    (tmp_path / "run").mkdir(exist_ok=True)
    shared._write(tmp_path / "run" / "1-a", shared._Left(1, start_ticks(1), METRICS.samples()))
    monkeypatch.setattr(METRICS, "_values", {})
    store.delete_events_above(0).result()
    lines = paths._metrics().body.decode().splitlines()
    assert [line for line in lines if line.startswith("masugata_event_log_bytes")] == [
        "masugata_event_log_bytes 0"
    ]


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "via", "x-real-ip", "x-forwarded-host"])
def test_proxy_on_this_machine(asker, header):
    """A proxy that runs here asks for anybody, so that its clients are not taken for us."""
    answer = get(asker, client=("127.0.0.1", 1), headers=[(header.encode(), b"203.0.113.9")])
    assert (answer.status, answer.json["code"]) == (403, "MissingAuthenticationToken")


@pytest.mark.parametrize("client", [REMOTE, ("2001:db8::1", 1), ("", 0), None])
def test_stranger(asker, client):
    """From elsewhere, or from nobody knows where, a signature is needed."""
    answer = get(asker, client=client)
    assert (answer.status, answer.json["code"]) == (403, "MissingAuthenticationToken")


def test_administrator(asker):
    """Whoever may do everything may see the metrics from elsewhere."""
    assert get(asker, key=asker.house.admin).status == 200


def test_allowed(asker):
    """`masugata:GetMetrics` is what a policy has to allow, and no more."""
    key = user(asker, {"Effect": "Allow", "Action": "masugata:GetMetrics", "Resource": "*"})
    assert get(asker, key=key).status == 200


@pytest.mark.parametrize(
    "statements",
    [
        (),
        ({"Effect": "Allow", "Action": "iam:*", "Resource": "*"},),
        (
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "masugata:*", "Resource": "*"},
        ),
        (
            {
                "Effect": "Allow",
                "Action": "*",
                "Resource": "*",
                "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
            },
        ),
    ],
)
def test_not_allowed(asker, statements):
    """Everybody else is refused in words that name the action."""
    answer = get(asker, key=user(asker, *statements))
    assert (answer.status, answer.json["code"]) == (403, "AccessDenied")
    assert "masugata:GetMetrics" in answer.json["message"]


def test_signed_for_something_else(asker):
    """A signature for an AWS service, or one that is wrong, opens nothing."""
    assert get(asker, key=asker.house.admin, service="iam").status == 403
    wrong = (asker.house.admin[0], "x" * 40)
    assert get(asker, key=wrong).json["code"] == "SignatureDoesNotMatch"


def test_no_body_for_other_methods(asker):
    """Metrics are read, not written."""
    answer = asker.ask(method="POST", target=PATH.encode())
    assert answer.status == 404

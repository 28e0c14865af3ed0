"""What is counted of requests, and what is logged."""

import logging

import pytest

from masugata.metrics import METRICS
from masugata.metrics.table import AUTHENTICATION_FAILURES, DENIALS, REQUEST_SECONDS, REQUESTS
from masugata.server.monitoring import RequestObserver
from masugata.settings import Settings
from masugata.wire import HttpRequest
from support import House


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An installation whose requests are observed, with nothing counted yet."""
    made = House(tmp_path)
    monkeypatch.setattr(METRICS, "_values", {})
    made.gateway.observer = RequestObserver(Settings())
    return made


def counted(metric):
    """Values of a metric by labels."""
    return {sample.labels: sample.values[0] for sample in METRICS.samples() if sample.name == metric.name}


def tried(call, **arguments):
    """Call, whatever becomes of it."""
    try:
        call(**arguments)
    except Exception as error:  # noqa: BLE001
        return type(error).__name__
    return None


def test_requests(house):
    """Answers are counted by operation and class of status, whatever lane they took."""
    iam = house.client("iam")
    iam.create_user(UserName="a")
    iam.get_user(UserName="a")
    iam.get_user(UserName="a")
    tried(iam.get_user, UserName="nobody")
    tried(iam.create_user, UserName="a")
    assert counted(REQUESTS) == {
        ("iam", "CreateUser", "2xx"): 1,
        ("iam", "GetUser", "2xx"): 2,
        ("iam", "GetUser", "4xx"): 1,
        ("iam", "CreateUser", "4xx"): 1,
    }
    (seconds,) = (s for s in METRICS.samples() if s.name == REQUEST_SECONDS.name)
    assert sum(seconds.values[:-1]) == 5
    assert counted(DENIALS) == counted(AUTHENTICATION_FAILURES) == {}


def test_denials(house):
    """Denials are counted by the sort of policy that said no."""
    house.client("iam").create_user(UserName="a")
    alice = house.client("iam", house.client_key("a"))
    tried(alice.list_users)
    tried(alice.create_user, UserName="b")
    assert counted(DENIALS) == {("identity",): 2}
    assert counted(REQUESTS)["iam", "ListUsers", "4xx"] == 1


def test_failed_authentication(house):
    """Requests without a caller are counted by their error."""
    tried(house.client("iam", (house.admin[0], "wrong" * 8)).list_users)
    tried(house.client("iam", ("AKIAUNKNOWNUNKNOWN00", "x" * 40)).list_users)
    body = b"Action=ListUsers&Version=2010-05-08"
    form = ("content-type", "application/x-www-form-urlencoded")
    house.send(HttpRequest(method="POST", path="/", headers=(("host", "iam.amazonaws.com"), form), body=body))
    assert counted(AUTHENTICATION_FAILURES) == {
        ("SignatureDoesNotMatch",): 1,
        ("InvalidClientTokenId",): 1,
        ("MissingAuthenticationToken",): 1,
    }
    assert counted(DENIALS) == {}


def test_unknown_names_do_not_grow_the_metrics(house):
    """Callers choose what they ask for, so what is not built is counted without its name."""
    cloudtrail = house.client("cloudtrail")
    tried(cloudtrail.list_trails)
    tried(cloudtrail.list_channels)
    for number in range(20):
        form = ("content-type", "application/x-www-form-urlencoded")
        body = b"Action=Nonsense%d&Version=2010-05-08" % number
        house.send(HttpRequest(method="POST", path="/", headers=(("host", "localhost"), form), body=body))
    labels = set(counted(REQUESTS))
    assert labels <= {("cloudtrail", "", "5xx"), ("", "", "4xx"), ("", "", "5xx")}


def logged(caplog):
    """The fields of the lines of the access log."""
    return [record.fields for record in caplog.records if record.name == "masugata.access"]


def test_no_access_log(house, caplog):
    """Nothing is logged of requests unless it is asked for: the event log has them."""
    caplog.set_level(logging.DEBUG)
    house.client("iam").get_user()
    assert logged(caplog) == []


def test_access_log(house, caplog):
    """With `all` each request has a line, which says who asked for what and how it ended."""
    house.gateway.observer = RequestObserver(Settings(access_log="all"))
    house.client("iam").create_user(UserName="a")
    tried(house.client("iam", house.client_key("a")).list_users)
    created, _, denied = logged(caplog)
    assert created["service"], created["operation"] == ("iam", "CreateUser")
    assert created["principal"] == "arn:aws:iam::111122223333:user/admin"
    assert (created["account"], created["status"]) == ("111122223333", 200)
    assert "error" not in created
    assert (denied["principal"], denied["error"]) == ("arn:aws:iam::111122223333:user/a", "AccessDenied")
    assert len(denied["request_id"]) == 36
    assert denied["milliseconds"] > 0


def test_access_log_of_errors(house, caplog):
    """With `errors` only what was refused has a line, also where nobody knows who asked."""
    house.gateway.observer = RequestObserver(Settings(access_log="errors"))
    house.client("iam").get_user()
    tried(house.client("iam", ("AKIAUNKNOWNUNKNOWN00", "x" * 40)).list_users)
    house.send(HttpRequest(method="GET", path="/nothing", headers=(("host", "localhost"),)))
    first, second = logged(caplog)
    assert (first["error"], first["operation"]) == ("InvalidClientTokenId", "ListUsers")
    assert "principal" not in first
    assert second["status"] >= 400


def test_observer_that_fails(house, monkeypatch, caplog):
    """An answer leaves even if it cannot be counted."""

    def fail(*_):
        raise ValueError("no")

    monkeypatch.setattr(house.gateway.observer, "answered", fail)
    assert house.client("iam").get_user()["User"]["UserName"] == "admin"
    house.client("iam").create_user(UserName="a")
    assert "could not be counted" in caplog.text

"""The operator's paths: health for everybody, reset for the root user of what is ephemeral."""

import orjson
import pytest

from masugata.identity.caller import CallerKind
from masugata.server import Credentials, read_credentials
from masugata.server.bootstrap import bootstrap
from masugata.server.operator import OperatorPaths
from masugata.settings import Settings
from masugata.store import StoreError, StoreUnavailableError
from organizations import open_account, organize
from unit.server.asking import HOST, Asker

ROOT = Credentials("ROOTROOTROOT", "a-root-secret-of-tests")
RESET = {"path": "/_masugata/reset", "service": "masugata"}


@pytest.fixture
def asker(tmp_path):
    """An ephemeral installation with a preset root key, which a reset brings back."""
    asker = Asker(tmp_path)
    settings = Settings(
        data=tmp_path,
        ephemeral=True,
        root_access_key_id=ROOT.access_key_id,
        root_secret_access_key=ROOT.secret_access_key,
    )
    house = asker.house
    bootstrap(house.store, house.keeper, settings, house.clock(), house.gateway.random)
    asker.application._operator = OperatorPaths(house.gateway, settings)
    return asker


def get(asker, path, method="GET"):
    """The answer to an unsigned request."""
    return asker.ask(method=method, target=path.encode())


def test_health(asker):
    """Anybody may ask whether the process lives and whether it can decide, and for the head alone."""
    live, ready = (get(asker, f"/_masugata/health/{name}") for name in ("live", "ready"))
    assert (live.status, live.json) == (200, {"status": "live"})
    assert (ready.status, ready.json["status"]) == (200, "ready")
    for name, whole in (("live", live), ("ready", ready)):
        head = get(asker, f"/_masugata/health/{name}", "HEAD")
        assert (head.status, head.headers, head.body) == (200, whole.headers, b"")


def test_health_without_a_store(asker, monkeypatch, caplog):
    """Without its store the process lives and is not ready; the reason is in the log, not in the answer."""

    def unreadable():
        raise StoreUnavailableError("the database `/secret/place` cannot be read")

    monkeypatch.setattr(asker.house.store, "snapshot", unreadable)
    assert get(asker, "/_masugata/health/live").status == 200
    ready = get(asker, "/_masugata/health/ready")
    assert (ready.status, ready.json) == (503, {"status": "not ready"})
    assert "/secret/place" in caplog.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/_masugata/health/live"), ("GET", "/_masugata/reset"), ("PUT", "/_masugata/reset"),
     ("GET", "/_masugata/"), ("GET", "/_masugata/health/live/"), ("GET", "/_masugata/health/../reset")],
)  # fmt: skip
def test_nothing_else_is_there(asker, method, path):
    """Other methods and paths are not found, whoever asks."""
    assert get(asker, path, method).status == 404


def test_reset(asker):
    """A reset by the root user forgets all; the old administrator's key opens nothing, the new one does."""
    iam, old = asker.house.client("iam"), asker.house.admin
    iam.create_user(UserName="alice")
    answer = asker.signed(key=ROOT, **RESET)
    assert (answer.status, answer.json) == (200, {"status": "reset"})
    new = read_credentials(asker.house.settings.data / "credentials", "admin")
    assert new != old
    with pytest.raises(iam.exceptions.ClientError, match="InvalidClientTokenId"):
        iam.list_users()
    users = asker.house.client("iam", new).list_users()["Users"]
    assert [user["UserName"] for user in users] == ["admin"]


def test_reset_unsigned(asker):
    """Without a signature nothing is forgotten."""
    answer = asker.ask(target=b"/_masugata/reset")
    assert (answer.status, answer.json["code"]) == (403, "MissingAuthenticationToken")
    assert asker.house.client("iam").list_users()["Users"]


def test_reset_by_an_administrator(asker):
    """The administrator is not the root user, and learns so."""
    answer = asker.signed(**RESET)
    assert (answer.status, answer.json["code"]) == (403, "AccessDenied")
    assert asker.house.client("iam").list_users()["Users"]


def test_reset_with_a_wrong_secret(asker):
    """The root key's id alone opens nothing."""
    answer = asker.signed(key=Credentials(ROOT.access_key_id, "x" * 40), **RESET)
    assert (answer.status, answer.json["code"]) == (403, "SignatureDoesNotMatch")


def test_reset_signed_for_something_else(asker):
    """A signature of root's for STS, or for another path, cannot be used for a reset."""
    answer = asker.signed(key=ROOT, path="/_masugata/reset", service="sts")
    assert answer.status == 403
    scope = {}
    asker.house.gateway.dispatch = lambda http, **more: (
        scope.update(http=http) or asker._dispatch(http, **more)
    )
    asker.signed(key=ROOT, path="/", service="masugata")
    stolen = [(n.encode(), v.encode()) for n, v in scope["http"].headers]
    answer = asker.ask(stolen, target=b"/_masugata/reset")
    assert (answer.status, answer.json["code"]) == (403, "SignatureDoesNotMatch")
    assert asker.house.client("iam").list_users()["Users"]


def test_reset_of_what_is_durable(asker, monkeypatch):
    """Not even the root user can reset a server that keeps its data."""
    monkeypatch.setattr(asker.house.store, "ephemeral", False)
    answer = asker.signed(key=ROOT, **RESET)
    assert (answer.status, answer.json["code"]) == (400, "InvalidAction")
    assert asker.house.client("iam").list_users()["Users"]


def test_reset_that_fails(asker, monkeypatch):
    """A reset that the store refuses is answered and logged, without a traceback."""

    def fail():
        raise StoreError("no")

    monkeypatch.setattr(asker.house.store, "reset", fail)
    answer = asker.signed(key=ROOT, **RESET)
    assert (answer.status, answer.json["code"]) == (500, "InternalFailure")


def test_replayed_reset_without_a_preset_key(asker):
    """A reset takes the root key with it unless the settings bring it back, and then a replay is refused."""
    asker.application._operator._settings = asker.house.settings
    assert asker.signed(key=ROOT, **RESET).status == 200
    answer = asker.signed(key=ROOT, **RESET)
    assert (answer.status, answer.json["code"]) == (403, "InvalidClientTokenId")


def test_root_is_who_it_says(asker):
    """The preset key belongs to the root user and to nobody else."""
    answer = asker.signed(b"Action=GetCallerIdentity&Version=2011-06-15", key=ROOT)
    assert b"<Arn>arn:aws:iam::111122223333:root</Arn>" in answer.body
    assert CallerKind.ROOT is not CallerKind.USER
    assert orjson.loads(get(asker, "/_masugata/health/ready").body)["revision"] > 0


def test_sign_in_is_served_here(asker):
    """Who signs in needs no signature, and is told as JSON what was wrong."""
    body = b'{"user":"nobody","password":"x"}'
    headers = (HOST, (b"content-type", b"application/json"))
    path = "/_masugata/sign-in"
    answer = asker.ask(headers, body, target=path.encode())
    assert (answer.status, answer.json["code"]) == (403, "AuthenticationFailed")
    assert get(asker, path).status == 404


def test_reset_by_a_root_session_for_one_task(asker):
    """A session of AssumeRoot is the root user's for its task, and a reset is none."""
    house = asker.house
    member = "444455556666"
    open_account(house, member)
    organize(house, member)
    house.client("iam").enable_organizations_root_credentials_management()
    task = {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}
    credentials = house.client("sts").assume_root(TargetPrincipal=member, TaskPolicyArn=task)["Credentials"]
    key = (credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
    answer = asker.signed(key=key, **RESET)
    assert (answer.status, answer.json["code"]) == (403, "AccessDenied")
    assert house.client("iam").list_users()["Users"]

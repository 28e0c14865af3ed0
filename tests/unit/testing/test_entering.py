"""Entering and leaving: who is caught, what is changed, and that everything is put back."""

import contextlib
import os
import threading
from typing import Any

import boto3
import botocore
import botocore.session
import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from botocore.httpsession import URLLib3Session
from botocore.signers import RequestSigner

from masugata.testing import EndedError, local_aws
from unit.testing.world import ACCOUNT, failure, refused, who

ADMIN = f"arn:aws:iam::{ACCOUNT}:user/admin"


class LeftTheMachineError(Exception):
    """A request was about to be sent."""


@pytest.fixture(autouse=True)
def outside(monkeypatch, tmp_path):
    """No network, and somebody's real credentials in all the places where clients look."""

    def send(_session: Any, request: Any) -> Any:
        raise LeftTheMachineError(request.url)

    monkeypatch.setattr(URLLib3Session, "send", send)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = AKIAREALREALREALREAL\naws_secret_access_key = real\n"
        "[prod]\naws_access_key_id = AKIAPRODPRODPRODPROD\naws_secret_access_key = real\n"
    )
    (tmp_path / "config").write_text("[default]\nregion = eu-central-1\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    return send


def surroundings() -> tuple[Any, ...]:
    """Everything of the process that `local_aws` touches."""
    return (
        dict(os.environ),
        boto3.DEFAULT_SESSION,
        list(botocore._INITIALIZERS),
        URLLib3Session.send,
        RequestSigner.sign,
    )


def test_plain_clients_are_the_administrator():
    """A client, a resource and a bare botocore client made inside act as `admin`, and are enforced."""
    with local_aws() as aws:
        assert who(boto3.client("sts")) == ADMIN
        boto3.resource("iam").create_user(UserName="alice")
        bare = botocore.session.get_session().create_client("iam")
        assert bare.get_user(UserName="alice")["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/alice"
        assert [event["eventName"] for event in aws.events()] == [
            "GetCallerIdentity",
            "CreateUser",
            "GetUser",
        ]
        wrong = boto3.client("iam", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x")
        assert refused(wrong.list_users)[0] == "InvalidClientTokenId"


def test_everything_is_put_back():
    """After the end, also by an exception, the process is as it was, and a nested one leaves the outer."""
    boto3.setup_default_session(profile_name="prod")
    before = surroundings()

    def enter_and_fail() -> None:
        with local_aws():
            inside = surroundings()
            assert inside != before
            with local_aws(region="ap-northeast-1"):
                os.environ["AWS_PROFILE"] = "another"
            assert surroundings() == inside
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        enter_and_fail()
    assert surroundings() == before


def test_somebody_else_steps_in(monkeypatch):
    """A sender that another library puts in meanwhile is not taken away, and works again outside."""
    calls = []
    with local_aws():
        ours = URLLib3Session.send
        monkeypatch.setattr(URLLib3Session, "send", lambda *a: calls.append("theirs") or ours(*a))
        assert who(boto3.client("sts")) == ADMIN
    with pytest.raises(LeftTheMachineError):
        who(boto3.client("sts", region_name="us-east-1"))
    assert calls == ["theirs"]


def test_leaving_in_another_order():
    """Two that overlap, as two coroutines do, still put everything back."""
    before = surroundings()
    first, second = local_aws(), local_aws()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert who(boto3.client("sts")) == ADMIN
    second.__exit__(None, None, None)
    assert surroundings() == before


def test_real_credentials_stay_unused(monkeypatch):
    """Neither profile nor files nor variables count inside; the Region is the environment's, if any."""
    with local_aws() as aws:
        session = boto3.Session()
        assert session.get_credentials().access_key not in {"AKIAREALREALREALREAL", "AKIAPRODPRODPRODPROD"}
        assert session.available_profiles == []
        assert (session.region_name, aws.region) == ("us-east-1", "us-east-1")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with local_aws() as aws:
        assert (boto3.Session().region_name, aws.region) == ("eu-west-1", "eu-west-1")
    with local_aws(region="ap-northeast-1") as aws:
        assert (boto3.Session().region_name, aws.client("sts").meta.region_name) == ("ap-northeast-1",) * 2


def test_clients_made_before():
    """A client made at import time, with real keys or with none, is `admin` inside and itself outside."""
    session = boto3.Session()
    module_level = session.client("sts")
    with pytest.MonkeyPatch.context() as nothing:
        nothing.setenv("AWS_PROFILE", "")
        nothing.delenv("AWS_PROFILE")
        nothing.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        nothing.setenv("AWS_CONFIG_FILE", os.devnull)
        nothing.setenv("AWS_EC2_METADATA_DISABLED", "true")
        without = boto3.Session(region_name="us-east-1").client("sts")
    with local_aws():
        assert who(module_level) == who(without) == who(session.client("sts")) == ADMIN
        url = module_level.generate_presigned_url("get_caller_identity")
        assert "AKIAPRODPRODPRODPROD" not in url
    with pytest.raises(LeftTheMachineError):
        who(module_level)
    with pytest.raises(NoCredentialsError):
        who(without)


def test_explicit_credentials_made_before_are_no_administrator():
    """Keys that the code under test names itself stay what they are: unknown."""
    explicit = boto3.client(
        "sts", region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x"
    )
    with local_aws():
        assert refused(explicit.get_caller_identity)[0] == "InvalidClientTokenId"


def test_a_deleted_key_is_no_administrator():
    """A client made inside by the environment's key of a user is refused once the key is gone."""
    with local_aws() as aws:
        iam = boto3.client("iam")
        iam.create_user(UserName="alice")
        key = iam.create_access_key(UserName="alice")["AccessKey"]
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
            environment.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
            alice = botocore.session.get_session().create_client("sts")
        assert who(alice) == f"arn:aws:iam::{ACCOUNT}:user/alice"
        iam.delete_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"])
        assert refused(alice.get_caller_identity)[0] == "InvalidClientTokenId"
        assert aws.events()[-1]["eventName"] == "DeleteAccessKey"


def test_clients_outlive_nothing():
    """A client or an object kept after the end says so, and does not go to the network."""
    with local_aws() as aws:
        kept, acting = boto3.client("s3"), aws.client("iam")
    for call in (kept.list_buckets, acting.list_users):
        with pytest.raises(EndedError):
            call()
    with pytest.raises(EndedError):
        aws.client("iam")
    assert aws.events() == []
    with local_aws(), pytest.raises(EndedError):
        acting.list_users()


def test_nested():
    """Each has accounts of its own; a client belongs to the one that it was made in."""
    with local_aws() as outer:
        old = boto3.client("iam")
        old.create_user(UserName="alice")
        with local_aws(account="444455556666") as inner:
            assert who(boto3.client("sts")) == "arn:aws:iam::444455556666:user/admin"
            assert who(outer.client("sts")) == ADMIN
            assert refused(boto3.client("iam").get_user, UserName="alice")[0] == "NoSuchEntity"
            assert old.get_user(UserName="alice")
            assert [event["eventName"] for event in inner.events()] == ["GetCallerIdentity", "GetUser"]
        assert who(boto3.client("sts")) == ADMIN


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("s3", "list_buckets"),
        ("dynamodb", "list_tables"),
        ("ec2", "describe_instances"),
        ("lambda", "list_functions"),
        ("sqs", "list_queues"),
    ],
)
def test_what_is_not_served_says_so(service, operation, before):
    """A service that is not built answers 501 at once, to clients made before and inside."""
    client = boto3.client(service, region_name="us-east-1")
    with local_aws():
        client = client if before else boto3.client(service)
        error = failure(getattr(client, operation)).response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert error["ResponseMetadata"]["RetryAttempts"] == 0
    assert f"`{service}` is not implemented" in error["Error"]["Message"]


def test_another_library_may_stand_in():
    """Of a handler for all services only the answers for what is not served count."""

    class Stub:
        status_code, headers, content = 200, {}, b"<ListAllMyBucketsResult/>"

    with local_aws():
        session = botocore.session.get_session()
        session.register("before-send", lambda **_: Stub())
        assert session.create_client("s3").list_buckets()["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert who(session.create_client("sts")) == ADMIN


def test_an_endpoint_of_ones_own():
    """An endpoint URL in the code under test is not called either; the URL decides aws:SecureTransport."""
    with local_aws() as aws:
        client = boto3.client("sts", endpoint_url="http://somewhere.example:4566/")
        assert who(client) == ADMIN
        assert who(boto3.client("sts", endpoint_url="https://[2001:db8::1]:443")) == ADMIN
        plain, secure = aws.events()
    assert "tlsDetails" not in plain
    assert secure["tlsDetails"] == {"clientProvidedHostHeader": "[2001:db8::1]"}


def test_instance_metadata_is_not_asked():
    """Whatever botocore itself would fetch is answered inside, by an error."""
    fetcher = botocore.session.get_session()
    with local_aws():
        fetcher.set_config_variable("metadata_service_num_attempts", 1)
        os.environ.pop("AWS_EC2_METADATA_DISABLED")
        os.environ.pop("AWS_ACCESS_KEY_ID")
        assert fetcher.get_credentials() is None


def test_threads_are_inside():
    """Threads of the code under test share the environment and are caught as well; nothing is lost."""
    with local_aws() as aws:
        iam = boto3.client("iam")

        def create(number: int) -> None:
            for i in range(10):
                iam.create_user(UserName=f"user-{number}-{i}")

        threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        users = iam.get_paginator("list_users").paginate().build_full_result()["Users"]
        assert len(users) == 41
        assert len(aws.events("CreateUser")) == 40


def test_once_per_call():
    """A call is done once, whatever made its client: a second CreateUser would say that the user exists."""
    before = boto3.client("iam", region_name="us-east-1")
    with local_aws() as aws, local_aws():
        for name, client in (("a", before), ("b", boto3.client("iam")), ("c", aws.client("iam"))):
            client.create_user(UserName=name)
        assert len(aws.events("CreateUser")) == 1


def test_entrances_are_used_again():
    """One entrance can be taken twice, also at the same time, and leads to new accounts."""
    entrance = local_aws()
    with entrance as first, entrance as second:
        first.client("iam").create_user(UserName="alice")
        assert refused(second.client("iam").get_user, UserName="alice")[0] == "NoSuchEntity"
    with contextlib.suppress(ClientError), entrance:
        boto3.client("iam").get_user(UserName="alice")
        pytest.fail("alice is still there")


@pytest.mark.parametrize("account", ["", "spaced name", "a@b", "x" * 64])
def test_accounts_need_a_name(account):
    """What is neither 12 digits nor a name is no account."""
    with pytest.raises(ValueError, match="is not an account"):
        local_aws(account=account).__enter__()

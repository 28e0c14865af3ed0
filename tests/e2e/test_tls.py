"""HTTPS: `masugata up --tls auto`, given certificates, and what policies see of it."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import warnings
from contextlib import suppress
from http.client import HTTPSConnection

import boto3
import pytest
from botocore.exceptions import ClientError, SSLError

from e2e.conftest import policy, running
from policies import allow, deny


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with an authority of its own."""
    yield from running(tmp_path_factory.mktemp("data"), "--tls", "auto")


@pytest.fixture
def trusting(server, monkeypatch):
    """The server, with `masugata env` in this process's environment."""
    for name, value in exported(server).items():
        monkeypatch.setenv(name, value)
    return server


def exported(server):
    """What `masugata env` exports."""
    command = [sys.executable, "-m", "masugata", "env", "--json", "--data", str(server.data)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)


@pytest.mark.usefixtures("trusting")
def test_boto3_with_the_variables():
    """With the variables of `masugata env` alone, boto3 speaks HTTPS and trusts the server."""
    assert os.environ["AWS_ENDPOINT_URL"].startswith("https://127.0.0.1:")
    assert boto3.client("sts").get_caller_identity()["Arn"].endswith(":user/admin")


def test_nobody_trusts_it_by_default(server):
    """Without the authority, clients refuse the certificate."""
    with pytest.raises(SSLError):
        server.client("sts").get_caller_identity()


def test_secure_transport(trusting):
    """Over HTTPS `aws:SecureTransport` is true, and events show that TLS was used."""
    only_secure = policy(allow("iam:ListUsers"), deny("*", Bool={"aws:SecureTransport": "false"}))
    key = trusting.user("secure", p=only_secure)
    assert trusting.client("iam", key).list_users()["Users"]
    never_secure = policy(allow("iam:ListUsers"), deny("*", Bool={"aws:SecureTransport": "true"}))
    key = trusting.user("insecure", p=never_secure)
    with pytest.raises(ClientError, match="explicit deny"):
        trusting.client("iam", key).list_users()
    (event, *_) = trusting.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateUser"}]
    )["Events"]
    assert "tlsDetails" in json.loads(event["CloudTrailEvent"])


def test_plain_http_has_no_secure_transport(tmp_path):
    """Over plain HTTP a header does not make `aws:SecureTransport` true."""
    for server in running(tmp_path / "data"):
        only_secure = policy(allow("*"), deny("*", Bool={"aws:SecureTransport": "false"}))
        iam = server.client("iam", server.user("plain", p=only_secure))
        iam.meta.events.register(
            "before-send", lambda request, **_: request.headers.update({"X-Forwarded-Proto": "https"})
        )
        with pytest.raises(ClientError, match="explicit deny"):
            iam.list_users()


def test_old_tls(server):
    """TLS before 1.2 is not spoken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(server.data / "tls" / "ca.pem")
    context.set_ciphers("ALL:@SECLEVEL=0")
    connection = HTTPSConnection("127.0.0.1", port(server), context=context, timeout=20)
    connection.request("GET", "/_masugata/health/live")
    assert connection.getresponse().read()
    connection.close()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError):
        connection.request("GET", "/_masugata/health/live")
    connection.close()


def port(server):
    return int(server.url.rpartition(":")[2])


def test_authority_outlives_the_server(tmp_path):
    """After a restart clients that trust the authority still do; a certificate that is gone is made again."""
    for server in running(tmp_path / "data", "--tls", "auto"):
        authority = (server.data / "tls" / "ca.pem").read_bytes()
        certificate = (server.data / "tls" / "server.pem").read_bytes()
        server.stop()
        (server.data / "tls" / "server.pem").unlink()
        server.start()
        assert (server.data / "tls" / "ca.pem").read_bytes() == authority
        assert (server.data / "tls" / "server.pem").read_bytes() != certificate
        variables = exported(server)
        client = boto3.client(
            "sts",
            endpoint_url=variables["AWS_ENDPOINT_URL"],
            region_name=variables["AWS_REGION"],
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            verify=variables["AWS_CA_BUNDLE"],
        )
        assert client.get_caller_identity()["Arn"].endswith(":user/admin")


def test_given_certificate(server, tmp_path):
    """A certificate and key of one's own are served; `masugata env` names no authority then."""
    for name in ("server.pem", "ca.pem"):
        shutil.copy(server.data / "tls" / name, tmp_path / name)
    for other in running(tmp_path / "data", "--tls", f"{tmp_path / 'server.pem'},{tmp_path / 'server.pem'}"):
        variables = exported(other)
        assert "AWS_CA_BUNDLE" not in variables
        context = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
        connection = HTTPSConnection("127.0.0.1", port(other), context=context, timeout=20)
        connection.request("GET", "/_masugata/health/ready")
        assert connection.getresponse().status == 200
        connection.close()
        assert not (other.data / "tls").exists()


def test_plain_http_to_a_tls_port(server):
    """Who speaks plain HTTP to the TLS port gets no answer in clear, and the server lives on."""
    with socket.create_connection(("127.0.0.1", port(server)), timeout=20) as client:
        client.sendall(b"GET /_masugata/health/live HTTP/1.1\r\nhost: localhost\r\n\r\n")
        with suppress(ConnectionError):
            assert b"HTTP" not in client.recv(65_536)
    assert server.process.poll() is None


def test_graceful_stop(tmp_path):
    """A server that speaks TLS stops as quietly as one that does not."""
    for server in running(tmp_path / "data", "--tls", "auto"):
        context = ssl.create_default_context(cafile=str(server.data / "tls" / "ca.pem"))
        connection = HTTPSConnection("localhost", port(server), context=context, timeout=20)
        connection.request("GET", "/_masugata/health/live")
        assert connection.getresponse().read()
        assert server.stop() == 0
        connection.close()

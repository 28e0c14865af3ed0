"""An edge that has nothing in common with its server but the network: it asks AWS's API for its web ACL."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from e2e.conftest import Server
from e2e.test_edge_web_acls import Protected, blocking, get
from edge_house import Recorder, until
from edge_processes import EdgeProcess, upstream
from firehose_sink import FirehoseSink
from marked_web_acls import path_rule, visibility
from masugata.edge.planning.endpoint import ACTIONS, Endpoint
from masugata.edge.planning.endpoint_source import EndpointSource
from masugata.edge.planning.sources import Found, Source
from masugata.edge.planning.store_source import StoreOnThisMachine, StoreSource
from masugata.edge.settings import Address, EndpointSettings, SiteSettings, StoreSettings
from masugata.errors import MasugataError
from masugata.server import Credentials


def allowing(*actions: str) -> dict[str, Any]:
    """A policy."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


class House(Protected):
    """A server with an edge that is registered, and a user who may read for it."""

    def __init__(self, server: Server, recorder: Recorder) -> None:
        super().__init__(server, recorder, 0)
        self.keys = server.user("edge", reading=allowing(*ACTIONS))
        self._arn = register(server.data)

    @property
    def arn(self) -> str:
        """That of the edge."""
        return self._arn

    def environ(self, keys: Credentials | None = None) -> dict[str, str]:
        """What the edge's process has in its environment."""
        key = keys or self.keys
        return {"AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1]}


def register(data: Path, name: str = "shop") -> str:
    """The ARN of an edge, by the command for it."""
    command = [sys.executable, "-m", "masugata", "edges", "register", name, "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house."""
    with upstream() as recorder:
        server = Server(tmp_path / "server").start()
        try:
            yield House(server, recorder)
        finally:
            if server.process is not None:
                server.stop()


def edge(house: House, folder: Path, *arguments: str) -> EdgeProcess:
    """The edge, with a folder of its own, which asks every second."""
    return EdgeProcess(
        f"127.0.0.1:{house.recorder.port}",
        "--endpoint", house.server.url, "--resource", house.arn, "--data", str(folder),
        "--set", "poll_seconds=1", *arguments,
        workers=1,
    )  # fmt: skip


def status(folder: Path) -> dict[str, Any]:
    """What the edge tells of itself."""
    try:
        return dict(orjson.loads((folder / "edge/status.json").read_bytes())["site"])
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {"error": None}


def test_an_edge_on_another_machine(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes at the server bind; while it cannot be asked the plan before serves, also after a new start."""
    for name, value in house.environ().items():
        monkeypatch.setenv(name, value)
    folder, stream = tmp_path / "edge", "aws-waf-logs-shop"
    with FirehoseSink() as sink:
        logged = ("--log-sink", f"{stream}={sink.url}")
        with edge(house, folder, *logged) as process:
            until(lambda: status(folder).get("checked"))
            assert get(process, "/") == 503
            summary = house.create(blocking(b"secret"))
            until(lambda: get(process, "/secret") == 403)
            assert get(process, "/") == 200
            destination = f"arn:aws:firehose:us-east-1:111122223333:deliverystream/{stream}"
            house.waf.put_logging_configuration(
                LoggingConfiguration={
                    "ResourceArn": summary["ARN"], "LogDestinationConfigs": [destination]
                }
            )  # fmt: skip
            until(lambda: get(process, "/secret") == 403 and sink.records)
            house.update(summary, blocking(b"hidden"))
            until(lambda: get(process, "/hidden") == 403)
            assert get(process, "/secret") == 200

            house.server.stop()
            until(lambda: "no answer from" in (status(folder)["error"] or ""))
            assert (get(process, "/hidden"), get(process, "/")) == (403, 200)
        checked = status(folder)["checked"]
        with edge(house, folder, *logged) as process:
            assert (get(process, "/hidden"), get(process, "/")) == (403, 200)
            until(lambda: "no answer from" in (status(folder)["error"] or ""))
            assert status(folder)["web_acl"] == summary["ARN"]
            assert status(folder).get("checked") is None
            port = house.server.url.rpartition(":")[2]
            house.server.arguments = ("--port", port)
            house.server.start()
            until(lambda: status(folder)["error"] is None and status(folder).get("checked"))
            assert status(folder)["checked"] > checked
            house.waf.disassociate_web_acl(ResourceArn=house.arn)
            until(lambda: get(process, "/") == 503)


def looked(source: Source) -> Found | None:
    """What a source brings when it is asked again, once it has been answered."""
    found = source.look(again=True)
    while found is None and isinstance(source, EndpointSource) and source._asking is not None:
        source._asking.exception()
        found = source.look(again=False)
    return found


def asking(house: House, folder: Path, keys: Credentials | None = None) -> EndpointSource:
    """A source that asks the server."""
    folder.mkdir(exist_ok=True)
    key = keys or house.keys
    file = folder / f"credentials-{key[0]}"
    file.write_text(f"[admin]\naws_access_key_id = {key[0]}\naws_secret_access_key = {key[1]}\n")
    settings = EndpointSettings(house.server.url, str(folder), {"shop": house.arn}, credentials=str(file))
    site = SiteSettings("shop", Address("127.0.0.1", 1), ())
    return EndpointSource(site, Endpoint(settings, {}, 5))


def test_both_ways_say_the_same(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A web ACL with all that it may refer to is the same ruleset through the API as out of the store.

    What has not changed is not got again.
    """
    monkeypatch.setattr("masugata.edge.planning.endpoint._LISTED", 1)
    waf, regional = house.waf, {"Scope": "REGIONAL"}
    waf.create_ip_set(Name="another", IPAddressVersion="IPV4", Addresses=[], **regional)
    office = waf.create_ip_set(
        Name="office", IPAddressVersion="IPV4", Addresses=["10.0.0.0/8"], **regional
    )["Summary"]  # fmt: skip
    bots = waf.create_regex_pattern_set(
        Name="bots", RegularExpressionList=[{"RegexString": "bot$"}], **regional
    )["Summary"]  # fmt: skip
    inner = path_rule("inner", 0, b"x", {"Block": {}})
    inner["Statement"] = {"IPSetReferenceStatement": {"ARN": office["ARN"]}}
    gone = path_rule("gone", 1, b"\xff\x00", {"Block": {}})
    group = waf.create_rule_group(
        Name="own", Capacity=50, VisibilityConfig=visibility("own"), Rules=[inner, gone], **regional
    )["Summary"]  # fmt: skip
    referring = path_rule("bots", 1, b"x", {"Count": {}})
    referring["Statement"] = {
        "RegexPatternSetReferenceStatement": {
            "ARN": bots["ARN"],
            "FieldToMatch": {"SingleHeader": {"Name": "user-agent"}},
            "TextTransformations": [{"Priority": 0, "Type": "LOWERCASE"}],
        }
    }
    overriding: list[dict[str, Any]] = [
        {"Name": name, "ActionToUse": {"Count": {}}} for name in ("inner", "gone")
    ]
    summary = waf.create_web_acl(
        Name="whole",
        DefaultAction={"Allow": {}},
        VisibilityConfig=visibility("whole"),
        AssociationConfig={"RequestBody": {"API_GATEWAY": {"DefaultSizeInspectionLimit": "KB_32"}}},
        TokenDomains=["shop.example"],
        CustomResponseBodies={"no": {"ContentType": "TEXT_PLAIN", "Content": "no"}},
        CaptchaConfig={"ImmunityTimeProperty": {"ImmunityTime": 60}},
        Rules=[
            {
                "Name": "group",
                "Priority": 0,
                "Statement": {
                    "RuleGroupReferenceStatement": {"ARN": group["ARN"], "RuleActionOverrides": overriding}
                },
                "OverrideAction": {"None": {}},
                "VisibilityConfig": visibility("group"),
            },
            referring,
            path_rule("bytes", 2, b"\xff", {"Block": {}}),
        ],
        **regional,
    )["Summary"]
    waf.associate_web_acl(WebACLArn=summary["ARN"], ResourceArn=house.arn)
    store = StoreOnThisMachine(StoreSettings(str(house.server.data)), {})
    near = StoreSource(SiteSettings("shop", Address("127.0.0.1", 1), ()), store)
    far = asking(house, tmp_path / "edge")
    try:
        first = looked(far)
        assert first is not None
        assert first.ruleset == (looked(near) or first).ruleset
        called: list[str] = []
        call = far._api.call

        def counted(operation: str, **request: Any) -> dict[str, Any]:
            called.append(operation)
            return call(operation, **request)

        monkeypatch.setattr(far._api, "call", counted)
        assert looked(far) is None
        assert sorted({*called}) == [
            "GetLoggingConfiguration", "GetWebACLForResource",
            "ListIPSets", "ListRegexPatternSets", "ListRuleGroups",
        ]  # fmt: skip
        assert called.count("ListIPSets") > 1

        token = waf.get_rule_group(Name="own", Id=group["Id"], **regional)["LockToken"]
        waf.update_rule_group(
            Name="own", Id=group["Id"], VisibilityConfig=visibility("own"), Rules=[inner], LockToken=token,
            **regional,
        )  # fmt: skip
        token = waf.get_ip_set(Name="office", Id=office["Id"], **regional)["LockToken"]
        waf.update_ip_set(
            Name="office", Id=office["Id"], Addresses=["192.0.2.0/24"], LockToken=token, **regional
        )
        second = looked(far)
        assert second is not None
        assert second.ruleset is not None
        assert second.ruleset.ip_sets == {office["ARN"]: ("192.0.2.0/24",)}
        assert second.ruleset == (looked(near) or first).ruleset
    finally:
        far.close()
        store.open()[0].close()


def test_what_is_refused_says_what_to_do(house: House, tmp_path: Path) -> None:
    """Keys that may not, keys that nobody has, an edge that there is not, and no keys at all."""
    house.create(blocking(b"secret"))
    for name in ("GetWebACLForResource", "GetLoggingConfiguration"):
        rest = [action for action in ACTIONS if action != f"wafv2:{name}"]
        denied = house.server.user(name, reading=allowing(*rest))
        refused(asking(house, tmp_path, denied), f"{name} is denied to this edge, whose keys need ")
    wrong = Credentials(house.keys[0], "wrong")
    refused(asking(house, tmp_path, wrong), f"does not accept this edge's keys (`{house.keys[0]}`)")
    refused(asking(house, tmp_path, Credentials("AKIANOBODY0000000000", "x")), "AKIANOBODY")
    missing = asking(house, tmp_path)
    missing._arn = f"{house.arn[:-1]}{'0' if house.arn[-1] != '0' else '1'}"
    refused(missing, "masugata edges register")


def refused(source: EndpointSource, text: str) -> None:
    """The source says this instead of bringing anything."""
    try:
        with pytest.raises(MasugataError) as raised:
            looked(source)
        assert text in str(raised.value)
    finally:
        source.close()


def test_edges_are_told(house: House) -> None:
    """All of them, with their web ACLs; one that is registered again keeps its ARN."""
    command = [sys.executable, "-m", "masugata", "edges", "list", "--data", str(house.server.data)]
    summary = house.create(blocking(b"secret"))
    other = register(house.server.data, "other")
    assert register(house.server.data) == house.arn
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert told.splitlines() == [f"{other}  no web ACL", f"{house.arn}  {summary['ARN']}"]
    listed = subprocess.run([*command, "--json"], capture_output=True, check=True).stdout
    assert orjson.loads(listed)[1] == {"edge": house.arn, "webACL": summary["ARN"]}


def test_what_an_edge_needs(house: House, tmp_path: Path) -> None:
    """Without keys, or without the ARN of each site, it does not start, and says why."""
    without = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MASUGATA_"))
    }
    without["HOME"] = str(tmp_path)
    site = "shop=127.0.0.1:0=127.0.0.1:1"
    for arguments, environ, text in (
        (("--resource", house.arn), {}, "AWS_SHARED_CREDENTIALS_FILE"),
        ((), house.environ(), "--resource shop=ARN"),
        (("--resource", "shop=arn:aws:s3:::x"), house.environ(), "masugata edges register"),
        (("--resource", f"other={house.arn}"), house.environ(), "`shop` needs"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "masugata", "edge", "--endpoint", house.server.url, *arguments, site],
            capture_output=True,
            text=True,
            check=False,
            env=without | environ,
            cwd=tmp_path,
        )
        assert (done.returncode, text in done.stderr) == (2, True), done.stderr

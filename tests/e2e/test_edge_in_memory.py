"""An edge beside a server that keeps everything in memory: it asks that server's API."""

from pathlib import Path

import orjson
import pytest

from e2e.conftest import Server
from e2e.test_edge_upstreams import free_port
from e2e.test_edge_web_acls import Protected, blocking
from e2e.test_server import ROOT, signed
from edge_house import until
from edge_processes import upstream


@pytest.mark.parametrize("tls", [(), ("--tls", "auto")], ids=["http", "https"])
def test_an_ephemeral_server_with_an_edge(
    tmp_path: Path, tls: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Web ACLs are associated as elsewhere; a reset takes them away, and leaves the edge that runs."""
    data, port = tmp_path / "data", free_port()
    root = {
        "MASUGATA_ROOT_ACCESS_KEY_ID": ROOT.access_key_id,
        "MASUGATA_ROOT_SECRET_ACCESS_KEY": ROOT.secret_access_key,
    }
    with upstream() as recorder:
        site = f"shop=127.0.0.1:{port}=127.0.0.1:{recorder.port}"
        server = Server(data, ("--ephemeral", "--edge", site, *tls), root).start()
        if tls:
            monkeypatch.setenv("AWS_CA_BUNDLE", str(data / "tls/ca.pem"))
        try:
            house = Protected(server, recorder, port)

            def checked() -> object:
                file = data / "edge/status.json"
                return file.exists() and orjson.loads(file.read_bytes())["shop"].get("checked")

            until(checked)
            assert house.get("/")[0] == 503
            summary = house.create(blocking(b"secret"))
            until(lambda: house.get("/secret")[0] == 403)
            assert house.get("/")[0] == 200
            listed = house.waf.list_resources_for_web_acl(WebACLArn=summary["ARN"])
            assert listed["ResourceArns"] == [house.arn]
            if not tls:
                assert signed(server, "masugata", "/_masugata/reset", ROOT)[0] == 200
                until(lambda: house.get("/")[0] == 503)
                house.waf = server.client("wafv2")
                house.create(blocking(b"hidden"))
                until(lambda: house.get("/hidden")[0] == 403)
                server.stop()
                server.start()
                assert house.get("/")[0] == 503
        finally:
            server.stop()

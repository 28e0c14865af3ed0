"""Members of a newer model than the server's: what is not understood is not dropped."""

import json
from typing import Any

import pytest

from support import House
from unit.services.wafv2.using_waf import VISIBILITY, contains, rule


@pytest.mark.parametrize("place", ["request", "rule", "statement", "field"])
def test_unknown_members_are_refused(tmp_path: Any, place: str) -> None:
    """A rule without a member that narrows it would be another rule."""
    house = House(tmp_path)
    waf = house.client("wafv2")
    one = rule("a", 1, contains(b"x"))
    request = {
        "Name": "shop",
        "Scope": "REGIONAL",
        "DefaultAction": {"Allow": {}},
        "VisibilityConfig": VISIBILITY,
        "Rules": [one],
    }

    def add(request: Any, **_: Any) -> None:
        body = json.loads(request.data)
        inner = body["Rules"][0]["Statement"]["ByteMatchStatement"]
        where = {
            "request": body,
            "rule": body["Rules"][0],
            "statement": inner,
            "field": inner["FieldToMatch"],
        }
        where[place]["FromTheFuture"] = {}
        request.data = json.dumps(body).encode()

    waf.meta.events.register_first("before-sign.wafv2.CreateWebACL", add)
    with pytest.raises(waf.exceptions.ClientError) as caught:
        waf.create_web_acl(**request)
    assert caught.value.response["Error"]["Code"] == "SerializationException"
    assert "`FromTheFuture`" in caught.value.response["Error"]["Message"]
    house.store.close()

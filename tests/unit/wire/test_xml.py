"""Answers of the query protocol."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from masugata.errors import MasugataError
from masugata.wire import OutputError, codec
from masugata.wire.xml import escape

NS = "{https://iam.amazonaws.com/doc/2010-05-08/}"


def answer(operation: str, output: dict[str, Any]) -> ET.Element:
    return ET.fromstring(codec("iam", operation, "query").serialize(output, "r-1").body)


def test_result_and_metadata() -> None:
    """The result stands in its wrapper and namespace, the request id in body and header."""
    moment = datetime(2026, 11, 23, 19, 0, 0, tzinfo=timezone(timedelta(hours=9)))
    output = {"Users": [{"UserName": "a", "CreateDate": moment}, {"UserName": "b"}], "IsTruncated": False}
    response = codec("iam", "ListUsers", "query").serialize(output, "r-1")
    assert response.headers == (("Content-Type", "text/xml"), ("x-amzn-RequestId", "r-1"))
    root = ET.fromstring(response.body)
    assert root.tag == f"{NS}ListUsersResponse"
    result = root[0]
    assert result.tag == f"{NS}ListUsersResult"
    assert [user.findtext(f"{NS}UserName") for user in result.iter(f"{NS}member")] == ["a", "b"]
    assert result.findtext(f".//{NS}CreateDate") == "2026-11-23T10:00:00Z"
    assert result.findtext(f"{NS}IsTruncated") == "false"
    assert root.findtext(f"{NS}ResponseMetadata/{NS}RequestId") == "r-1"


def test_operation_without_output_has_no_result() -> None:
    """79 operations of iam answer with their metadata alone."""
    assert [child.tag for child in answer("DeleteUser", {})] == [f"{NS}ResponseMetadata"]
    with pytest.raises(OutputError, match="has no output"):
        answer("DeleteUser", {"User": {}})


def test_policy_documents_are_url_encoded() -> None:
    """Shape policyDocumentType is encoded by RFC 3986, and only that shape."""
    document = '{"Statement": "a+b ~*é/"}\r\n'
    root = answer("GetUserPolicy", {"UserName": "a+b", "PolicyName": "p", "PolicyDocument": document})
    encoded = root.findtext(f".//{NS}PolicyDocument") or ""
    assert encoded == "%7B%22Statement%22%3A%20%22a%2Bb%20~%2A%C3%A9%2F%22%7D%0D%0A"
    assert unquote(encoded) == document
    assert root.findtext(f".//{NS}UserName") == "a+b"


@pytest.mark.parametrize("text", ["<a>&amp;</a>", "]]>", "a\r\nb\tc", " x ", "日本 𐍈", "'\"", ""])
def test_text_arrives_as_it_is(text: str) -> None:
    """Markup, line ends and spaces survive an XML parser."""
    assert (answer("GetUser", {"User": {"UserName": text}}).findtext(f".//{NS}UserName") or "") == text


@pytest.mark.parametrize("code", [0x00, 0x01, 0x08, 0x0B, 0x1F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_characters_that_xml_forbids_never_break_the_answer(code: int) -> None:
    """XML 1.0 cannot say them, so U+FFFD stands in their place."""
    root = answer("GetUser", {"User": {"UserName": f"a{chr(code)}b"}})
    assert root.findtext(f".//{NS}UserName") == "a\ufffdb"


def test_request_id_is_escaped() -> None:
    """Nothing that comes from outside reaches the XML bare."""
    assert escape("</x>") == "&lt;/x&gt;"
    body = codec("iam", "DeleteUser", "query").serialize({}, "<&>").body
    assert ET.fromstring(body).findtext(f".//{NS}RequestId") == "<&>"


def test_output_that_the_operation_does_not_have_is_refused() -> None:
    """A misspelled member is a mistake of ours and must not vanish; None is absent."""
    with pytest.raises(OutputError, match="`Username`"):
        answer("GetUser", {"User": {"Username": "a"}})
    assert answer("GetUser", {"User": {"UserName": "a", "Path": None}}).find(f".//{NS}Path") is None


def test_a_naive_timestamp_is_refused() -> None:
    """A time without a zone could mean anything."""
    naive = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(MasugataError, match="no time zone"):
        answer("GetUser", {"User": {"CreateDate": naive}})

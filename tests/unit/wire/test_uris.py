"""URI templates and raw paths."""

import pytest

from masugata.errors import AwsError
from masugata.wire import HttpRequest
from masugata.wire.uris import matcher, template


@pytest.mark.parametrize(
    ("uri", "path", "labels"),
    [
        ("/detector", "/detector", {}),
        ("/detector", "/detector/", None),
        ("/detector", "/Detector", None),
        ("/backup/plans/", "/backup/plans/", {}),
        ("/tags/{ResourceArn}", "/tags/a%2Fb%3Ac", {"ResourceArn": "a/b:c"}),
        ("/tags/{ResourceArn}", "/tags/a/b", None),
        ("/tags/{ResourceArn}", "/tags/", None),
        ("/tags/{ResourceArn}", "/tags/%E6%97%A5+%25", {"ResourceArn": "日+%"}),
        ("/tags/{ResourceArn}", "/tags/..", {"ResourceArn": ".."}),
        ("/a/{x}/b/{y}", "/a/1/b/2", {"x": "1", "y": "2"}),
        ("/insights/{Arn+}", "/insights/arn:a/b/c%2Fd", {"Arn": "arn:a/b/c/d"}),
        ("/insights/{Arn+}", "/insights/", None),
        ("/p/{arn+}/settings", "/p/a/b/settings", {"arn": "a/b"}),
        ("/p/{arn+}/settings", "/p/settings", None),
        ("/{Bucket}/{Key+}?uploads", "/b//k", {"Bucket": "b", "Key": "/k"}),
        ("/{Bucket}", "/a\nb", {"Bucket": "a\nb"}),
        ("/v1.0/x", "/v1a0/x", None),
    ],
)
def test_labels_of_raw_paths(uri: str, path: str, labels: dict[str, str] | None) -> None:
    """Slashes divide before anything is decoded; greedy labels take several segments, none takes nothing."""
    assert template(uri).labels_of(path) == labels


@pytest.mark.parametrize(
    "path", ["/tags/%", "/tags/%4", "/tags/%zz", "/tags/%ff", "/tags/\xff", "/tags/%ed%a0%80"]
)
def test_labels_that_cannot_be_decoded(path: str) -> None:
    """A broken escape, or bytes that are not UTF-8, are refused and never guessed at."""
    with pytest.raises(AwsError) as refused:
        template("/tags/{ResourceArn}").labels_of(path)
    assert refused.value.code == "MalformedInput"


def test_constants_of_the_query_string() -> None:
    """A constant without a value must be there, one with a value must have it."""
    assert template("/{Bucket}?policy").constants == {"policy": None}
    assert template("/users?operation=create").constants == {"operation": "create"}
    find = matcher("chime").operation
    path = "/accounts/a/users"
    assert find(HttpRequest(method="POST", path=path, query="operation=create")) == "CreateUser"
    assert find(HttpRequest(method="POST", path=path, query="operation=suspend")) == "BatchSuspendUser"
    assert find(HttpRequest(method="POST", path=path, query="operation=nothing")) == "BatchUpdateUser"
    # A signature covers parameters in any order, so their order must not choose the operation.
    for query in ("operation=create&operation=suspend", "operation=suspend&operation=create"):
        assert find(HttpRequest(method="POST", path=path, query=query)) == "BatchUpdateUser"


@pytest.mark.parametrize("path", ["", "*", "detector", "//", "/detector/a/b/c/d/e/f", "/" + "a/" * 30_000])
def test_paths_of_nobody(path: str) -> None:
    """What no template has is nobody's, however long it is."""
    assert matcher("guardduty").operation(HttpRequest(method="GET", path=path)) is None


def test_every_template_finds_its_own_operation() -> None:
    """In the services that are called by path and served, no two operations can be taken for each other."""
    for service in ("guardduty", "inspector2", "artifact", "accessanalyzer", "securityhub", "ram", "account"):
        find = matcher(service)
        for entries in find._entries.values():
            places = [(entry.template.pattern, tuple(entry.template.constants)) for entry in entries]
            assert len(set(places)) == len(places), service

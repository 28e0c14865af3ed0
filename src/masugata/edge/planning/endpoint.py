"""The API of a server elsewhere, as an edge asks it for what is to be inspected by."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from masugata.client import Client, HttpTransport
from masugata.client.credentials import NO_KEYS, configured_keys
from masugata.edge.planning.sources import NotYetError
from masugata.edge.settings import EndpointSettings
from masugata.errors import AwsError, MasugataError
from masugata.feeds import Feeds

SERVICE: Final = "wafv2"
_LISTED: Final = 100
_AT_ONCE: Final = 4
_DENIED: Final = frozenset({"AccessDenied", "AccessDeniedException"})
_UNKNOWN_CALLER: Final = frozenset(
    {
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)
ACTIONS: Final = (
    "elasticloadbalancing:GetLoadBalancerWebACL",
    "wafv2:GetIPSet",
    "wafv2:GetLoggingConfiguration",
    "wafv2:GetRegexPatternSet",
    "wafv2:GetRuleGroup",
    "wafv2:GetWebACL",
    "wafv2:GetWebACLForResource",
    "wafv2:ListIPSets",
    "wafv2:ListRegexPatternSets",
    "wafv2:ListRuleGroups",
)
"""What the owner of an edge's keys must be allowed."""


class Endpoint:
    """What all sites of an edge ask; their questions wait in threads of its own."""

    def __init__(self, settings: EndpointSettings, log_sinks: Mapping[str, str], seconds: float) -> None:
        """`seconds` are between two questions of a site."""
        data = Path(settings.data)
        self.resources: Final = settings.resources
        self.log_sinks: Final = log_sinks
        self.logs: Final = data / "waf-logs"
        self.feeds: Final = Feeds(data)
        self.seconds: Final = seconds
        self.pool: Final = ThreadPoolExecutor(_AT_ONCE)
        self.environ: Final = _environ(settings)
        self._url = settings.url

    def api(self, region: str) -> "Api":
        """Calls for one site; raises `MasugataError` for a URL or an authority that cannot be one."""
        environ = self.environ
        send = HttpTransport(self._url, environ.get("AWS_CA_BUNDLE") or None)
        return Api(send, region, environ, lambda: datetime.now(UTC))


def _environ(settings: EndpointSettings) -> Mapping[str, str]:
    """AWS's variables: those of this process, but for what the settings say."""
    environ = dict(os.environ)
    if settings.credentials is not None:
        environ = {"AWS_SHARED_CREDENTIALS_FILE": settings.credentials, "AWS_PROFILE": "admin"}
    if settings.authority is not None:
        environ["AWS_CA_BUNDLE"] = settings.authority
    return environ


class Api:
    """Calls as the owner of the keys that the environment has or names, which may be others each time."""

    def __init__(
        self,
        send: HttpTransport,
        region: str,
        environ: Mapping[str, str],
        clock: Callable[[], datetime],
    ) -> None:
        self._send = send
        self._region = region
        self._environ = environ
        self._clock = clock

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """The answer; raises `AwsError` for what wafv2 says, else `MasugataError`, which says what to do."""
        file = self._environ.get("AWS_SHARED_CREDENTIALS_FILE")
        if file and not Path(file).exists():
            raise NotYetError(f"there are no credentials in `{file}` yet")
        keys = configured_keys(self._environ)
        if keys is None:
            raise MasugataError(NO_KEYS)
        client = Client(self._send, keys, clock=self._clock, host=self._send.host, region=self._region)
        try:
            return client.call(SERVICE, operation, **request)
        except AwsError as error:
            said = f"{error.code}: {error.message}"
            if error.code in _DENIED:
                raise MasugataError(
                    f"{operation} is denied to this edge, whose keys need {', '.join(ACTIONS)}: {said}"
                ) from error
            if error.code in _UNKNOWN_CALLER:
                raise MasugataError(
                    f"{operation} is refused, because the server does not accept this edge's keys "
                    f"(`{keys.access_key_id}`) or its clock: {said}"
                ) from error
            raise

    def listed(self, operation: str, member: str) -> Iterator[dict[str, Any]]:
        """All summaries of a listing, page by page; raises as `call`."""
        marker: dict[str, str] = {}
        while True:
            answer = self.call(operation, Scope="REGIONAL", Limit=_LISTED, **marker)
            yield from answer.get(member, ())
            following = answer.get("NextMarker")
            if not following or not answer.get(member):
                return
            if marker == {"NextMarker": following}:
                raise MasugataError(f"{operation} gave the same page twice")
            marker = {"NextMarker": following}

    def close(self) -> None:
        """Let the connection go."""
        self._send.close()

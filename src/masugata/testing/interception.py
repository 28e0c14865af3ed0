"""Catching what botocore's clients send: through their sessions, and for older ones at its sender."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import botocore
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from botocore.loaders import Loader
from botocore.signers import RequestSigner

from masugata.testing.clients import HOME, Transport

Innermost = Callable[[], Transport | None]


class Interception:
    """Hooks into botocore, from `install` to `uninstall`; `innermost` says who answers at the moment.

    A session that is made meanwhile is given the transport of that moment, for good. The clients of all
    other sessions are answered by the innermost one; those of them that were not given credentials
    explicitly are the administrator there, and what they found outside, if anything, stays unused.
    """

    def __init__(self, innermost: Innermost) -> None:
        self._innermost = innermost
        self._chosen = threading.local()
        self._replaced: tuple[tuple[Any, str, Any, Any], ...] = ()

    def install(self) -> None:
        """Step in."""
        send, sign = URLLib3Session.send, RequestSigner.sign

        def send_inside(session: Any, request: Any) -> Any:
            transport = self._innermost()
            return send(session, request) if transport is None else transport.answer(request)

        def sign_inside(signer: Any, operation_name: str, request: Any, *args: Any, **kwargs: Any) -> Any:
            transport = self._innermost()
            if transport is not None and _comes_from_outside(signer):
                signing = request.context.get("signing", {})
                credentials = Credentials(*transport.administrator())
                request.context["signing"] = {**signing, "request_credentials": credentials}
            return sign(signer, operation_name, request, *args, **kwargs)

        self._replaced = (
            (URLLib3Session, "send", send_inside, send),
            (RequestSigner, "sign", sign_inside, sign),
        )
        for owner, name, ours, _ in self._replaced:
            setattr(owner, name, ours)
        botocore.register_initializer(self._initialize)

    def uninstall(self) -> None:
        """Step out, but not past somebody who has stepped in meanwhile: then ours pass everything on."""
        botocore.unregister_initializer(self._initialize)
        for owner, name, ours, before in self._replaced:
            if getattr(owner, name) is ours:
                setattr(owner, name, before)

    @contextmanager
    def sessions_of(self, transport: Transport) -> Iterator[None]:
        """Sessions that this thread makes here belong to `transport`."""
        self._chosen.transport = transport
        try:
            yield
        finally:
            self._chosen.transport = None

    def _initialize(self, session: Any) -> None:
        """A session is being made."""
        transport = getattr(self._chosen, "transport", None) or self._innermost()
        if transport is None:
            return
        events = session.get_component("event_emitter")
        # First, so that of several answers to one request ours counts.
        events.register_first("before-send", transport.before_send)
        events.register(HOME, transport.home)
        if "AWS_DATA_PATH" not in os.environ:
            session.register_component("data_loader", _shared_loader())


def _comes_from_outside(signer: Any) -> bool:
    """Whether a client's session was made outside any `local_aws`, and the client without explicit keys."""
    if any(answer is not None for _, answer in signer._event_emitter.emit(HOME)):  # noqa: SLF001
        return False
    credentials = signer._credentials  # noqa: SLF001  botocore has no other way to ask
    return credentials is None or credentials.method != "explicit"


class _SearchPaths(list[str]):
    """Paths, each once: every boto3 session appends its own to those of its loader."""

    def append(self, path: str) -> None:
        if path not in self:
            super().append(path)


@lru_cache(maxsize=1)
def _shared_loader() -> Loader:
    """One loader of AWS's models for all sessions: reading them is most of what a session costs."""
    return Loader(extra_search_paths=_SearchPaths())

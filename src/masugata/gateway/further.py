"""Further permissions that an operation asks for while it runs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from masugata.authorization.access import Access, Context
from masugata.identity.caller import Caller
from masugata.store import Records

if TYPE_CHECKING:
    from masugata.gateway.exchange import Exchange


class Further:
    """What the caller of a request is asked for beyond it, on the state and in the context of the request."""

    def __init__(self, exchange: "Exchange", caller: Caller, records: Records) -> None:
        self._authorizer = exchange.gateway.authorizer
        self._service = exchange.route.service
        self._region = exchange.region
        self._context = exchange.context
        self._caller = caller
        self._records = records

    def authorize(self, action: str, resource: str, context: Context | None = None) -> None:
        """One permission, on a resource of the caller's account: see `masugata.call.Authorize`."""
        access = Access(
            action=action, resource=resource, resource_account=self._caller.account, context=context or {}
        )
        self._authorizer.authorize(access, self._caller, self._context, self._records)

    def authorize_operation(
        self, operation: str, request: Mapping[str, Any], *, region: str | None = None
    ) -> None:
        """Another operation of the service: see `masugata.call.AuthorizeOperation`."""
        where = region or self._region
        self._authorizer.authorize_operation(
            self._service,
            operation,
            request,
            self._caller,
            {**self._context, "aws:RequestedRegion": where},
            self._records,
            where,
        )

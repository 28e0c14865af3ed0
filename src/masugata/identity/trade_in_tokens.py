"""Trade-in tokens: what an account exchanges for the access that a delegation request gave it."""

import base64
import binascii

from masugata.keeper import Keeper, SealBrokenError

PURPOSE = "trade-in-token"


class InvalidTradeInTokenError(Exception):
    """A token was not issued here for this account."""


def seal_trade_in_token(request_id: str, requester: str, keeper: Keeper) -> str:
    """A token for a request; only the account that made the request can use it."""
    sealed = keeper.seal(PURPOSE, request_id.encode(), requester.encode())
    return base64.urlsafe_b64encode(sealed).decode()


def open_trade_in_token(token: str, requester: str, keeper: Keeper) -> str:
    """The id of the request that a token stands for; raises `InvalidTradeInTokenError`."""
    try:
        sealed = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        return keeper.unseal(PURPOSE, sealed, requester.encode()).decode()
    except (binascii.Error, ValueError, SealBrokenError) as error:
        raise InvalidTradeInTokenError from error

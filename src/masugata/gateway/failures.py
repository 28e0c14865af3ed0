"""What a caller is told of something that went wrong."""

import logging

from masugata.errors import AwsError
from masugata.gateway.keeper_errors import keeper_unavailable
from masugata.store import StoreBusyError, StoreUnavailableError

_log = logging.getLogger(__name__)


def as_aws_error(error: BaseException, request_id: str) -> AwsError:
    """The caller's own error as it is, or ours without a word of the inside, which is logged."""
    if isinstance(error, AwsError):
        return error
    if isinstance(error, StoreBusyError):
        return AwsError("Throttling", "Rate exceeded", 400)
    if isinstance(error, StoreUnavailableError):
        # The store has said so once; one line for each refused request would fill what is left.
        _log.info("request %s: the store is unavailable: %s", request_id, error)
        return AwsError("ServiceUnavailable", "The store does not answer; try again.", 503)
    if (unavailable := keeper_unavailable(error)) is not None:
        _log.info("request %s: %s", request_id, error)
        return unavailable
    _log.error("request %s failed", request_id, exc_info=error)
    message = f"The request failed inside masugata; its log has the cause under {request_id}."
    return AwsError("InternalFailure", message, 500)

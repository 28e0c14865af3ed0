"""Remembers why calls were denied, so that a test can ask."""

import sys
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from masugata.authorization.access import Access, Context
from masugata.authorization.authorizer import Authorizer, engine_input
from masugata.authorization.denial import reason
from masugata.authorization.explanation import explanation_lines
from masugata.authorization.levels import LevelTargets, level_targets
from masugata.engines.policy import Decision, Explanation, Policies, Request, explain
from masugata.errors import AwsError, MasugataError
from masugata.identity.caller import Caller
from masugata.keeper import Keeper
from masugata.store import Records

MESSAGE_HEADER = "x-masugata-authorization-message"
_REMEMBERED = 1000


class Denial(NamedTuple):
    """Why a call was denied: who asked for what, and how each statement took part.

    As text it is what `masugata policy explain` prints. Unlike the error that the caller got, it knows
    the policies of other accounts too.
    """

    principal: str
    action: str
    resource: str
    reason: str
    explanation: Explanation

    def __str__(self) -> str:
        """Lines for a reader."""
        head = (self.principal, f"  {self.action} on {self.resource}", f"denied: {self.reason}")
        return "\n".join((*head, *explanation_lines(self.explanation)))


class RememberingAuthorizer(Authorizer):
    """Decides as always, and keeps what the last denials were decided from.

    It knows them by their messages, so each has one, of whatever length.
    """

    message_limit = sys.maxsize

    def __init__(self, keeper: Keeper) -> None:
        super().__init__(keeper)
        self._denied: OrderedDict[str, tuple[Policies, Request, LevelTargets]] = OrderedDict()

    def authorize(self, access: Access, caller: Caller, context: Context, records: Records) -> Decision:
        """One permission; raises AccessDenied in AWS's words."""
        try:
            return super().authorize(access, caller, context, records)
        except AwsError as error:
            if error.encoded_message is not None:
                policies, request = engine_input(caller, access, context, records)
                targets = level_targets(caller.account, request.resource_account, records)
                self._denied[error.encoded_message] = policies, request, targets
                if len(self._denied) > _REMEMBERED:
                    self._denied.popitem(last=False)
            raise

    def denial(self, error: BaseException) -> Denial:
        """The denial behind botocore's ClientError; raises `MasugataError` if it is none of the last 1000."""
        found = self._denied.get(_message(error))
        if found is None:
            raise MasugataError(f"no policy of this local_aws denied `{error}`")
        request, explanation = found[1], explain(*found)
        return Denial(
            principal=request.principal.arn,
            action=request.action,
            resource=request.resource,
            reason=reason(request.action, explanation.decision),
            explanation=explanation,
        )


def _message(error: BaseException) -> str:
    """The encoded authorization message that came with an error, or the empty text."""
    response: Mapping[str, Any] = getattr(error, "response", {})
    headers: Mapping[str, str] = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return headers.get(MESSAGE_HEADER, "")

"""The whole way from a description to an organization that is as described."""

from masugata.apply.changes import Plan
from masugata.apply.description import Account, Description
from masugata.apply.planning import make_plan
from masugata.apply.sessions import Sessions
from masugata.apply.state import State, read_state


def plan_of(description: Description, sessions: Sessions, *, prune: bool = False) -> tuple[Plan, State]:
    """What has to be done, and the state that it was compared with; changes nothing.

    Raises `InvalidFileError` for what no call can do, `MasugataError` for what cannot be read.
    """

    def wants_iam(account: Account) -> bool:
        described = description.account(account.key)
        return described is not None and described.iam is not None

    state = read_state(sessions, wants_iam, description)
    return make_plan(description, state, prune=prune), state

"""Accounts that invite, answer, take back and leave at random, beside a plain model of it."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from masugata.limits import LIMITS
from masugata.testing import local_aws
from property.services.handshake_model import WANTED, Invitation, Model

FOUNDERS = ("111122223333", "222233334444")
ACCOUNTS = (*FOUNDERS, "333344445555", "444455556666")


def outcome(call: Any, **request: Any) -> tuple[str, str]:
    """State and id of the handshake that a call answers with, or its error and nothing."""
    try:
        handshake = call(**request)["Handshake"]
    except ClientError as error:
        return error.response["Error"]["Code"], ""
    return handshake["State"], handshake["Id"]


class Handshakes(RuleBasedStateMachine):
    """Two organizations, and two more accounts."""

    def __init__(self) -> None:
        super().__init__()
        self.manager = local_aws()
        self.model = Model(FOUNDERS)

    @initialize()
    def begin(self) -> None:
        """Found the organizations."""
        self.aws = self.manager.__enter__()
        self.aws.clock.freeze()
        # the model does not count what is sent on one day
        self.aws._installation.gateway.limits = {**LIMITS, "organizations.handshakes-per-day": 1000}
        self.clients = {account: self.aws.account(account).client("organizations") for account in ACCOUNTS}
        for founder in FOUNDERS:
            self.clients[founder].create_organization()
            self.model.organization[founder] = founder

    def teardown(self) -> None:
        """Leave the `local_aws`."""
        self.manager.__exit__(None, None, None)

    @rule(sender=st.sampled_from(FOUNDERS), account=st.sampled_from(ACCOUNTS), by_address=st.booleans())
    def invite(self, sender: str, account: str, by_address: bool) -> None:
        """An organization invites an account by its id or its e-mail address."""
        target = {"Type": "ACCOUNT", "Id": account}
        if by_address:
            target = {"Type": "EMAIL", "Id": f"{account}@Example.com"}
        expected = self.model.invite(sender, account)
        state, identifier = outcome(self.clients[sender].invite_account_to_organization, Target=target)
        assert state == expected
        if identifier:
            self.model.invitations[identifier] = Invitation(sender, account, self.model.today)

    @precondition(lambda self: self.model.invitations)
    @rule(actor=st.sampled_from(ACCOUNTS), operation=st.sampled_from(sorted(WANTED)), data=st.data())
    def act(self, actor: str, operation: str, data: st.DataObject) -> None:
        """Anybody accepts, declines or cancels, whether it may or not."""
        identifier = data.draw(st.sampled_from(list(self.model.invitations)))
        expected = self.model.act(actor, operation, identifier)
        call = getattr(self.clients[actor], f"{operation}_handshake")
        assert outcome(call, HandshakeId=identifier)[0] == expected

    @precondition(lambda self: self.model.invitations)
    @rule(operation=st.sampled_from(sorted(WANTED)), data=st.data())
    def act_rightly(self, operation: str, data: st.DataObject) -> None:
        """Whoever may do it does it."""
        one = self.model.invitations[data.draw(st.sampled_from(list(self.model.invitations)))]
        identifier = next(name for name, other in self.model.invitations.items() if other is one)
        actor = one.sender if operation == "cancel" else one.recipient
        expected = self.model.act(actor, operation, identifier)
        call = getattr(self.clients[actor], f"{operation}_handshake")
        assert outcome(call, HandshakeId=identifier)[0] == expected

    @rule(account=st.sampled_from(ACCOUNTS[2:]))
    def leave(self, account: str) -> None:
        """An account leaves its organization, if it is in one."""
        if self.model.organization.pop(account, None) is not None:
            self.clients[account].leave_organization()

    @rule(days=st.sampled_from([1, 14, 15, 30]))
    def wait(self, days: int) -> None:
        """Time goes by."""
        self.aws.clock.advance(days=days)
        self.model.today += days

    @invariant()
    def shows_what_the_model_has(self) -> None:
        """Memberships and both lists are the model's."""
        for account, client in getattr(self, "clients", {}).items():
            received = client.get_paginator("list_handshakes_for_account").paginate()
            shown = {found["Id"]: found["State"] for page in received for found in page["Handshakes"]}
            assert shown == self.model.listed("recipient", account)
            expected = self.model.organization.get(account)
            try:
                organization = client.describe_organization()["Organization"]
                assert organization["MasterAccountId"] == expected
            except client.exceptions.AWSOrganizationsNotInUseException:
                assert expected is None
            if account in FOUNDERS:
                sent = client.get_paginator("list_handshakes_for_organization").paginate()
                states = {found["Id"]: found["State"] for page in sent for found in page["Handshakes"]}
                assert states == self.model.listed("sender", account)


TestHandshakes = Handshakes.TestCase
TestHandshakes.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)


@pytest.mark.nightly
class TestHandshakesForLong(Handshakes.TestCase):
    """The same, many more and longer histories."""

    settings = settings(max_examples=100, stateful_step_count=60, deadline=None)

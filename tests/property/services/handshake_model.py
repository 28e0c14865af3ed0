"""What handshakes of the action INVITE do, said as plainly as possible; times are in days."""

from dataclasses import dataclass, field

OPEN, EXPIRY, SHOWN = "OPEN", 15, 30
WANTED = {"accept": "ACCEPTED", "decline": "DECLINED", "cancel": "CANCELED"}


@dataclass
class Invitation:
    """One invitation: who asked whom when, what was answered, and when."""

    sender: str
    recipient: str
    sent: int
    answer: str | None = None
    answered: int = 0

    def state(self, today: int) -> str:
        """Its state on a day."""
        return self.answer or (OPEN if today < self.sent + EXPIRY else "EXPIRED")

    def shown(self, today: int) -> bool:
        """Whether it is still there."""
        over = self.answered if self.answer else self.sent + EXPIRY
        return self.state(today) == OPEN or today < over + SHOWN


@dataclass
class Model:
    """Which account is in whose organization, and all invitations by id; `founders` have organizations."""

    founders: tuple[str, ...]
    today: int = 0
    organization: dict[str, str] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)

    def invite(self, sender: str, account: str) -> str:
        """What inviting gives: OPEN, or the error."""
        if self.organization.get(account) == sender:
            return "HandshakeConstraintViolationException"
        if any(
            (one.sender, one.recipient, one.state(self.today)) == (sender, account, OPEN)
            for one in self.invitations.values()
        ):
            return "DuplicateHandshakeException"
        return OPEN

    def act(self, actor: str, operation: str, identifier: str) -> str:
        """Do it; what it gives: the new state, or the error."""
        one = self.invitations[identifier]
        if not one.shown(self.today) or actor not in {one.sender, one.recipient}:
            return "HandshakeNotFoundException"
        if actor != (one.sender if operation == "cancel" else one.recipient):
            return "AccessDeniedException"
        state = one.state(self.today)
        if state == WANTED[operation]:
            return "HandshakeAlreadyInStateException"
        if state != OPEN:
            return "InvalidHandshakeTransitionException"
        if operation == "accept":
            if self.organization.get(actor) == one.sender:
                return "HandshakeConstraintViolationException"
            if actor in self.founders:
                return "MasterCannotLeaveOrganizationException"
            self.organization[actor] = one.sender
        one.answer, one.answered = WANTED[operation], self.today
        return one.answer

    def listed(self, side: str, account: str) -> dict[str, str]:
        """The states of what an account, as `sender` or `recipient`, is shown."""
        return {
            identifier: one.state(self.today)
            for identifier, one in self.invitations.items()
            if getattr(one, side) == account and one.shown(self.today)
        }

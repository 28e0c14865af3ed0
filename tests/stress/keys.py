"""Principals who encrypt, and whom the policy of the key stops while others go on."""

import base64

import orjson

from stress.members import Member, Organization
from stress.principals import ACCOUNT, Principal, credentials, document

PLAINTEXT = base64.b64encode(b"espresso").decode()


def statement(effect, principal, action):
    """A statement of a key policy."""
    return {"Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}


DELEGATION = statement("Allow", ACCOUNT, "kms:*")
KEEPS_ADMIN = statement("Allow", f"arn:aws:iam::{ACCOUNT}:user/admin", "kms:*")


class KeyUser(Principal):
    """A user who encrypts with a key of its own as long as the key's policy lets it."""

    may = False
    """Whether its own policies allow it, too."""

    def setup(self):
        super().setup()
        if self.may:
            policy = document(action="kms:Encrypt")
            self.ask("iam", "PutUserPolicy", UserName=self.name, PolicyName="a", PolicyDocument=policy)
        self.arn = f"arn:aws:iam::{ACCOUNT}:user/{self.name}"
        self.make_kms_key()

    def make_kms_key(self):
        """A key that does not let it, and the request to encrypt with it."""
        made = orjson.loads(self.ask("kms", "CreateKey", Policy=self.policy(*self.without())))
        self.key = made["KeyMetadata"]["Arn"]
        self.request = ("kms", "Encrypt", {"KeyId": self.key, "Plaintext": PLAINTEXT})

    def policy(self, *statements):
        """A key policy."""
        return orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()

    def grant(self):
        self.ask("kms", "PutKeyPolicy", KeyId=self.key, Policy=self.policy(*self.granting()))

    def revoke(self):
        self.ask("kms", "PutKeyPolicy", KeyId=self.key, Policy=self.policy(*self.without()))

    def granting(self):
        """The statements that let it."""
        raise NotImplementedError

    def without(self):
        """The statements that do not."""
        return [DELEGATION]


class NamedInKeyPolicy(KeyUser):
    """The statement that names it leaves the policy."""

    def granting(self):
        return [DELEGATION, statement("Allow", self.arn, "kms:Encrypt")]


class DelegatedToIam(KeyUser):
    """Its own policies allow it, and the key policy leaves nothing to them any more."""

    may = True

    def granting(self):
        return [DELEGATION]

    def without(self):
        return [KEEPS_ADMIN]


class DeniedByKeyPolicy(KeyUser):
    """The key policy denies it what its own policies allow."""

    may = True

    def granting(self):
        return [DELEGATION]

    def without(self):
        return [DELEGATION, statement("Deny", self.arn, "kms:Encrypt")]


class OfAnotherAccount(KeyUser):
    """It is of a member account, which the key policy trusts no more."""

    def setup(self):
        if "organization" not in self.shared:
            self.shared["organization"] = Organization(self.ask)
        member: Member = self.shared["organization"].member
        self.account = member.id
        name = {"UserName": self.name, "by": member.admin}
        self.ask("iam", "CreateUser", **name)
        self.credentials = credentials(self.ask("iam", "CreateAccessKey", **name))
        policy = document(action="kms:Encrypt")
        self.ask("iam", "PutUserPolicy", PolicyName="a", PolicyDocument=policy, **name)
        self.make_kms_key()

    def granting(self):
        return [DELEGATION, statement("Allow", self.account, "kms:Encrypt")]

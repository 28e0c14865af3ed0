"""Users whose right is a grant of a KMS key."""

import orjson

from stress.principals import ACCOUNT, Principal


class RevokedGrant(Principal):
    """It encrypts by a grant, which is revoked."""

    def setup(self):
        super().setup()
        made = orjson.loads(self.ask("kms", "CreateKey"))
        self.key = made["KeyMetadata"]["KeyId"]
        self.request = ("kms", "Encrypt", {"KeyId": self.key, "Plaintext": "ZXNwcmVzc28="})

    def grant(self):
        grantee = f"arn:aws:iam::{ACCOUNT}:user/{self.name}"
        body = self.ask(
            "kms", "CreateGrant", KeyId=self.key, GranteePrincipal=grantee, Operations=("Encrypt",)
        )
        self.granted = orjson.loads(body)

    def revoke(self):
        self.ask("kms", "RevokeGrant", KeyId=self.key, GrantId=self.granted["GrantId"])


class RetiredGrant(RevokedGrant):
    """The grant is retired, by its token."""

    def revoke(self):
        self.ask("kms", "RetireGrant", GrantToken=self.granted["GrantToken"])

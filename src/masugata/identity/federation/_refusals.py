"""What is answered to a token or assertion that does not convince, in AWS's codes and, where known, words."""

from masugata.errors import AwsError


def invalid_token(message: str) -> AwsError:
    """InvalidIdentityToken: the token or assertion is not one that can be accepted."""
    return AwsError("InvalidIdentityToken", message, 400)


def expired_token(message: str) -> AwsError:
    """ExpiredTokenException: its time is over."""
    return AwsError("ExpiredTokenException", message, 400)


def not_a_token() -> AwsError:
    """The text that AWS answers to whatever is not a signed JWT."""
    return invalid_token(
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
    )


def no_key() -> AwsError:
    """AWS's text where an issuer's keys cannot be had, or where the one that is named is not among them."""
    return invalid_token(
        "Couldn't retrieve verification key from your identity provider,  "
        "please reference AssumeRoleWithWebIdentity documentation for requirements"
    )


def no_communication() -> AwsError:
    """The identity provider does not answer."""
    return AwsError(
        "IDPCommunicationError", "The identity provider that issued the token could not be reached.", 400
    )

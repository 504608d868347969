"""The links to the identity provider that concern everyone: the secret, the sign-in and the permissions."""

from botocore.exceptions import ClientError

from headshot.identity.errors import ConfigurationError, DeniedError, SecretError, TransientError
from headshot_cli.doctor.case import Case
from headshot_cli.doctor.link import Broken, NotChecked, is_denied


def secret(case: Case) -> str:
    """Read the secret, and look for the fields that the identity provider needs."""
    if case.provider_name == "None":
        raise NotChecked("The stack has no identity provider, so it publishes nowhere.")
    name = case.stack.parameter("IdentityProviderSecret")
    try:
        _ = case.secret
    except ClientError as error:
        if is_denied(error):
            raise NotChecked(
                f'Your AWS credentials may not read the secret "{name}". Allow secretsmanager:GetSecretValue on it.'
            ) from error
        raise Broken(_unreadable(case, name, error)) from error
    except SecretError as error:
        raise Broken(str(error)) from error
    if isinstance(case.found, SecretError):
        raise Broken(str(case.found))
    return f'The secret "{name}" has the fields that {case.provider_name} needs.'


def sign_in(case: Case) -> str:
    """Sign in to the identity provider, and send it a request."""
    if isinstance(case.found, TransientError):
        advice = f"If this persists, check IdentityProviderUrl and the status page of {case.provider_name}."
        raise Broken(f"{case.found} {advice}")
    failed = isinstance(case.found, ConfigurationError) and not isinstance(case.found, DeniedError)
    if failed:
        raise Broken(str(case.found))
    return f"{case.provider_name} accepts the credentials."


def permissions(case: Case) -> str:
    """Judge whether the identity provider lets Headshot look up users."""
    if isinstance(case.found, DeniedError):
        raise Broken(str(case.found))
    return f"{case.provider_name} lets Headshot look up users."


def _unreadable(case: Case, name: str, error: ClientError) -> str:
    code, region = error.response["Error"]["Code"], case.stack.session.region_name
    match code:
        case "ResourceNotFoundException":
            return (
                f'There is no secret "{name}" with a value in {region}. Create it there, or deploy with the right'
                " IdentityProviderSecret."
            )
        case "InvalidRequestException":
            return (
                f'The secret "{name}" is scheduled for deletion. Run:'
                f" aws secretsmanager restore-secret --secret-id {name}"
            )
    return f'The secret "{name}" cannot be read ({code}). Check its encryption key.'

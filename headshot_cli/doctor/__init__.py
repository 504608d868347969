"""Follows a photo from the caller's AWS credentials to Atlassian, link by link, and finds the broken link."""

from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from headshot_cli.doctor import delivery, directory, infrastructure, provider, signing
from headshot_cli.doctor.case import Case
from headshot_cli.doctor.link import BROKEN, NOT_CHECKED, NOT_REACHED, OK, Broken, Link, NotChecked, Result, Row
from headshot_cli.stack import StackError

__all__ = ["BROKEN", "NOT_CHECKED", "NOT_REACHED", "OK", "Case", "Row", "diagnose"]

# In the order in which a photo depends on them, so that the first broken link is the cause of those after it.
LINKS = [
    Link("credentials", infrastructure.credentials),
    Link("stack", infrastructure.stack, after=("credentials",)),
    Link("functions", infrastructure.functions, after=("stack",)),
    Link("API", delivery.api, after=("stack",)),
    Link("record", delivery.record, after=("API",), of_user=True),
    Link("URL", delivery.url, after=("stack", "record")),
    Link("DNS and TLS", delivery.connection, after=("URL",)),
    Link("HEAD", delivery.head, after=("DNS and TLS",)),
    Link("GET", delivery.get, after=("DNS and TLS",)),
    Link("secret", signing.secret, after=("stack",)),
    Link("sign-in", signing.sign_in, after=("secret",)),
    Link("permissions", signing.permissions, after=("sign-in",)),
    Link("user", provider.user, after=("permissions",), of_user=True),
    Link("attribute", provider.attribute, after=("record", "user"), of_user=True),
    Link("value", provider.value, after=("attribute",), of_user=True),
    Link("published", provider.published, after=("record",), of_user=True),
    Link("directory", directory.copy, after=("record",), of_user=True),
    Link("queues", infrastructure.queues, after=("stack",)),
]


def diagnose(case: Case) -> Iterator[Row]:
    """Yield the result for each link, in order. Without a user, the links of one person are left out."""
    results: dict[str, Result] = {}
    for link in LINKS:
        if link.of_user and case.user_id is None:
            continue
        missing = [name for name in link.after if results.get(name, OK) != OK]
        row = Row(link.name, NOT_REACHED, f"It depends on {missing[0]}.") if missing else _checked(link, case)
        results[link.name] = row.result
        yield row


def _checked(link: Link, case: Case) -> Row:
    try:
        return Row(link.name, OK, link.check(case))
    except NotChecked as reason:
        return Row(link.name, NOT_CHECKED, str(reason))
    except (Broken, StackError) as fault:
        return Row(link.name, BROKEN, str(fault))
    except (BotoCoreError, ClientError) as error:
        return Row(link.name, BROKEN, f"AWS does not answer as it should: {error}")

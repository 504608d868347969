"""Commands about everyone."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from headshot_cli import listing, output
from headshot_cli.api import Api
from headshot_cli.commands.options import AsJson, BindDn, StackName, UserId
from headshot_cli.importing import IN_FLIGHT, NOT_STARTED, Import, Result, ResultName
from headshot_cli.journal import Journal, journal_file
from headshot_cli.publishing import follow
from headshot_cli.report import Report
from headshot_cli.sheet import contact_sheet
from headshot_cli.sources import vetted
from headshot_cli.sources.find import find
from headshot_cli.stack import Stack, StackError
from headshot_cli.users import user_ids, users


def import_photos(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A folder, a CSV file, `entra`, or an LDAP URL.")],
    stack: StackName = "headshot",
    user_id: UserId = None,
    bind_dn: BindDn = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every file as the API does, but upload nothing.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also upload what has not changed since the last import.")
    ] = False,
    report: Annotated[Path, typer.Option(metavar="FILE", help="The CSV file for the report.")] = Path(
        "headshot-import.csv"
    ),
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the photos are published, and list those that are not.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Upload everyone's photo.

    SOURCE is one of

    - a folder of image files named after their users, such as `00u1example.jpg`;
    - a CSV file with the columns `user_id` and `file`, a path beside the CSV file. Save it from Excel as you like:
      commas, semicolons and tabs all work;
    - `entra`, the members of a Microsoft Entra directory. Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and
      AZURE_CLIENT_SECRET for an app with the permission User.Read.All. For a national cloud, use the address of its
      Microsoft Graph;
    - `ldaps://ldap.example.com/ou=people,dc=example,dc=com`, the people there, with their `jpegPhoto` or else their
      `thumbnailPhoto`. Attributes, scope and a filter may follow: `?jpegPhoto?sub?(department=Sales)`.

    Only pictures that changed since this machine last uploaded them are uploaded, and those of users who have no photo.
    Files over 4.5 MB or 20 megapixels are scaled down first. BMP, TIFF and AVIF are converted to JPEG; so is HEIC on
    macOS or with the extra `heic`.

    The summary and the report have one of these results for each person:

    - *accepted*: the picture is the person's new photo;
    - *unchanged*: the picture was the person's photo already;
    - *rejected*: the file or line has a fault. The reason says how to fix it; nothing else is held up;
    - *missing*: the source has no picture of the person;
    - *unknown*: the import stopped first, or the API did not answer. Run it again.

    If interrupted, run the same command again: it resumes where it stopped. At the end, the command says what comes
    next. With `--wait`, it follows the photos until the identity provider has them or nothing has changed for 15
    minutes; after Ctrl-C, they are still published. The exit code is 1 if any result is rejected or unknown or, with
    `--wait`, if a photo is not published.
    """
    target = Stack(stack)
    api = Api(target)
    candidates = find(source, user_id, bind_dn).candidates()
    if not candidates:
        raise StackError(f"{source} has nobody to import.")
    with_photo = set(user_ids(api))
    candidates = vetted(candidates, with_photo)
    with closing(Journal(journal_file(target.output("ApiEndpoint")), () if everything else with_photo)) as journal:
        results = Report(report, candidates)
        published: dict[str, int] = {}
        try:
            try:
                with Import(candidates, api, journal, dry_run=dry_run, tell=output.note) as work:
                    _follow(work, results, len(candidates))
            except KeyboardInterrupt:
                output.note("Interrupted. Run the same command again to resume.")
                raise
            finally:
                results.close()
                if not as_json:
                    _summarise(results.counts, report)
            is_followed = wait and not dry_run and target.has("PublishQueue")
            is_done = _follow_publishing(api, results.stored, published) if is_followed else True
            if not as_json and is_done:
                _say_what_comes_next(target, results.counts, report, dry_run=dry_run, is_followed=is_followed)
        finally:
            if as_json:
                shown = {"published": published} if wait else {}
                output.show_one(results.counts | {"report": str(report)} | shown, as_json=True)
    raise typer.Exit(int(bool(results.counts["rejected"] or results.counts["unknown"] or not is_done)))


def _follow(work: Import, report: Report, total: int) -> None:
    """Report every result, including those of an import that is stopped."""

    def take(result: Result) -> None:
        report.add(result)
        if result.name in {"rejected", "unknown"} and result.reason not in {NOT_STARTED, IN_FLIGHT}:
            output.note(f"{result.candidate.name}: {result.reason}")

    with output.progress(total) as advance:
        try:
            for result in work.results():
                take(result)
                advance()
        except BaseException:
            for result in work.stop():
                take(result)
            raise


def _summarise(counts: dict[ResultName, int], report: Path) -> None:
    shown = ", ".join(f"{count} {name}" for name, count in counts.items() if count or name != "unknown")
    output.say(f"{shown}; see {report}")


def _follow_publishing(api: Api, user_ids: list[str], counts: dict[str, int]) -> bool:
    """Wait until the photos are published, and return whether all are. Put the counts by status into `counts`."""
    try:
        state = follow(api, user_ids, output.note)
    except KeyboardInterrupt:
        output.note("Interrupted. Publishing goes on. Follow it with: headshot list --unpublished")
        raise
    counts.update(state.counts)
    for user_id, error in state.errors.items():
        output.note(f"{user_id}: {error}")
    if state.is_done:
        return True
    advice = "Publishing takes longer. Follow it with: headshot list --unpublished"
    if not state.is_pending:
        advice = "Fix the causes, then run: headshot retry. To examine one person, run: headshot doctor USER"
    output.note(advice)
    return False


def _say_what_comes_next(
    stack: Stack, counts: dict[ResultName, int], report: Path, *, dry_run: bool, is_followed: bool
) -> None:
    if counts["unknown"]:
        return  # the reason says what to do
    if counts["rejected"]:
        output.say(f"Next: fix what {report} lists as rejected, then run the same command again.")
    elif dry_run:
        output.say("Next: run the same command without --dry-run.")
    elif counts["accepted"] and not is_followed:
        if stack.has("PublishQueue"):
            output.say("Next: the photos are published within minutes. Follow that with: headshot list --unpublished")
        else:
            output.say("Next: deploy with IdentityProvider, so that the photos are published.")


def list_people(
    stack: StackName = "headshot",
    unpublished: Annotated[
        bool, typer.Option("--unpublished", help="List only photos whose URL the identity provider does not have.")
    ] = False,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="List files in the drop box that were rejected, with the reasons.")
    ] = False,
    without_photo: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="List people in SOURCE who have no photo; SOURCE is as for `import`."),
    ] = None,
    user_id: UserId = None,
    bind_dn: BindDn = None,
    as_json: AsJson = False,
) -> None:
    """List photos, or people without one.

    By default it lists all photos: user id, time of the last change, status at the identity provider, URL, and the
    identity provider's last error. The options list something else instead.
    """
    target = Stack(stack)
    api = Api(target)
    if without_photo:
        candidates = find(without_photo, user_id, bind_dn).candidates()
        for candidate in candidates:
            if candidate.flaw:
                output.note(f"{candidate.name}: {candidate.flaw}")
        rows = listing.without_photo(api, candidates)
    elif rejected:
        rows = listing.rejected(api)
    else:
        rows = listing.photos(api, unpublished=unpublished)
    output.show(rows, as_json=as_json)


def write_contact_sheet(
    stack: StackName = "headshot",
    page: Annotated[Path, typer.Option("--output", metavar="FILE", help="The HTML file to write.")] = Path(
        "headshot.html"
    ),
) -> None:
    """Write an HTML page with everyone's photo.

    Look it over in a browser, or print it. It loads the photos from the URLs that Atlassian uses.
    """
    html = contact_sheet(users(Api(Stack(stack))))
    head = next(html)  # has read every record: a failure of the API leaves the previous page
    with output.writing(page), page.open("w", encoding="utf-8") as file:
        file.write(head)
        file.writelines(html)
    output.say(f"Open {page.resolve().as_uri()}")

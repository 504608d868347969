"""Commands about everybody."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from headshot_cli import output, records
from headshot_cli.api import Api
from headshot_cli.commands.options import AsJson, BindDn, StackName, UserId
from headshot_cli.importing import IN_FLIGHT, NOT_BEGUN, Import, Result, ResultName
from headshot_cli.journal import Journal, journal_file
from headshot_cli.known import user_ids
from headshot_cli.report import Report
from headshot_cli.sheet import contact_sheet
from headshot_cli.sources import vetted
from headshot_cli.sources.find import find
from headshot_cli.stack import Stack, StackError


def import_photos(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A folder, a CSV file, `entra`, or an LDAP URL.")],
    stack: StackName = "headshot",
    user_id: UserId = None,
    bind_dn: BindDn = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every file as the API does, and upload nothing.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what has not changed since the last import.")] = False,
    report: Annotated[Path, typer.Option(metavar="FILE", help="CSV file for the result of each.")] = Path(
        "headshot-import.csv"
    ),
    as_json: AsJson = False,
) -> None:
    """Upload everybody's photo, and report what became of each.

    SOURCE is

    - a folder of image files that are named after their users, such as `00u1example.jpg`;

    - a CSV file, as Excel saves it, too, with the columns `user_id` and `file`, a file's name from where the table is;

    - `entra`: the members of a Microsoft Entra directory. Run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and
      AZURE_CLIENT_SECRET, for an app with the permission User.Read.All. For a national cloud, give
      its Graph's address;

    - `ldaps://ldap.example.com/ou=people,dc=example,dc=com`: the `jpegPhoto`, else the `thumbnailPhoto`, of everybody
      there. Attributes, scope and a filter may follow: `?jpegPhoto?sub?(department=Sales)`.

    Eight pictures are sent at a time, and only those that have changed since they were last sent from this machine, or
    whose users have no photo any more. Files over 4.5 MB or 20 megapixels are made smaller on the way, to 1,024 pixels
    of the shorter side, of which 512 are kept; BMP, TIFF and AVIF become JPEG, and
    so does HEIC on macOS or with the extra `heic`.

    A file or line that cannot be imported is rejected with its reason, and the others go on. If interrupted, run the
    same command again: it resumes where it stopped. The report lists everybody, also after Ctrl-C or SIGTERM; the
    result is "unknown" where the import stopped too early.
    """
    target = Stack(stack)
    api = Api(target)
    candidates = find(source, user_id, bind_dn).candidates()
    if not candidates:
        raise StackError(f"There is nobody to import in {source}.")
    with_photo = set(user_ids(target))
    candidates = vetted(candidates, with_photo)
    with closing(Journal(journal_file(target.output("ApiEndpoint")), () if everything else with_photo)) as journal:
        results = Report(report, candidates)
        try:
            with Import(candidates, api, journal, dry_run=dry_run, tell=output.note) as work:
                _follow(work, results, len(candidates))
        except KeyboardInterrupt:
            output.note("Interrupted. The same command goes on from here.")
            raise
        finally:
            results.close()
            _summarise(results.counts, report, as_json=as_json)
    raise typer.Exit(int(bool(results.counts["rejected"] or results.counts["unknown"])))


def _follow(work: Import, report: Report, total: int) -> None:
    """Report every result, those of an import that is stopped included."""

    def take(result: Result) -> None:
        report.add(result)
        if result.name in {"rejected", "unknown"} and result.reason not in {NOT_BEGUN, IN_FLIGHT}:
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


def _summarise(counts: dict[ResultName, int], report: Path, *, as_json: bool) -> None:
    if as_json:
        output.show_one(counts | {"report": str(report)}, as_json=True)
    else:
        shown = ", ".join(f"{count} {name}" for name, count in counts.items() if count or name != "unknown")
        output.say(f"{shown}; {report} has each.")


def list_people(
    stack: StackName = "headshot",
    unpublished: Annotated[
        bool, typer.Option("--unpublished", help="Only photos that the identity provider does not hold, and why.")
    ] = False,
    rejected: Annotated[
        bool, typer.Option("--rejected", help="Instead, files in the drop box that were rejected, and why.")
    ] = False,
    without_photo: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="Instead, people of a source, as import has them, without photo."),
    ] = None,
    user_id: UserId = None,
    bind_dn: BindDn = None,
    as_json: AsJson = False,
) -> None:
    """List photos, files that were rejected, or people who have no photo.

    `headshot list --without-photo entra`

    `headshot list --without-photo records.csv --user-id login`, of a table that needs no other column
    """
    target = Stack(stack)
    if without_photo:
        candidates = find(without_photo, user_id, bind_dn).candidates()
        for candidate in candidates:
            if candidate.flaw:
                output.note(f"{candidate.name}: {candidate.flaw}")
        found = records.without_photo(target, candidates)
    elif rejected:
        found = records.rejected(Api(target))
    else:
        done = {"published", "never"} if unpublished else set()
        found = (row for row in records.records(target) if row["published"] not in done)
    output.show(found, as_json=as_json)


def write_contact_sheet(
    stack: StackName = "headshot",
    page: Annotated[Path, typer.Option("--output", metavar="FILE", help="The HTML file to write.")] = Path(
        "headshot.html"
    ),
) -> None:
    """Write a page with everybody's current photo, to look over in a browser."""
    html = contact_sheet(records.records(Stack(stack)))
    with output.writing(page):
        page.write_text(html, "utf-8")
    output.say(f"Look at {page.resolve().as_uri()}")

"""`convenor conference plan` and `apply`: what an edited programme would do, and doing exactly that."""

import getpass
import json
from collections.abc import Iterator
from typing import Annotated, NoReturn

import typer

from cli.start import WRONG_USE, fail, is_terminal, said_plainly, settings_of, toolbox_of
from domain.plans.changes import SessionChange
from domain.plans.plan import Letters, NotApplied, Plan, Reminded, said_hours
from workers.plans import Planner

Id = Annotated[str, typer.Argument(metavar="ID", help="The conference's id.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON")]
Digest = Annotated[str | None, typer.Option("--plan", metavar="DIGEST", help="The plan that was shown, by its digest.")]
Yes = Annotated[bool, typer.Option("--yes", help="Apply the plan that is shown without asking.")]

_IN_FORCE = "The file says what is in force already: nothing to do."
_FATES = {
    "moves": "move", "again": "go again in the new hour", "new": "are new", "void": "are void",
    "too-late": "are too late",
}  # fmt: skip


def plan(conference: Id, as_json: Json = False) -> None:
    """Say what the edited file would do: sessions, letters, reminders. Changes nothing, sends nothing.

    Ends with 1 where the change cannot be applied.
    """
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        made = _planned(Planner(toolbox), conference)
    if as_json:
        typer.echo(json.dumps(made.as_json(), ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(written(made)))
    raise typer.Exit(1 if made.refusals else 0)


def apply(conference: Id, digest: Digest = None, yes: Yes = False, as_json: Json = False) -> None:
    """Put the edited file in force, and tell everybody whom it concerns: exactly what `plan` has shown.

    Without --plan the plan is shown, and asked about. Refuses where anything has changed since.
    """
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        planner = Planner(toolbox)
        if digest is None:
            digest = _agreed(_planned(planner, conference), yes=yes, as_json=as_json)
        try:
            done = planner.apply(conference, digest, f"cli:{getpass.getuser()}")
        except NotApplied as refused:
            _refuse(refused)
    if as_json:
        typer.echo(json.dumps(done.as_json(), ensure_ascii=False, indent=2))
    elif done.is_empty:
        typer.echo(_IN_FORCE)
    else:
        typer.echo(f"In force, as version {done.version + 1}. Letters that go: {done.total}.")


def _planned(planner: Planner, conference: str) -> Plan:
    try:
        return planner.plan(conference)
    except NotApplied as refused:
        _refuse(refused)


def _agreed(made: Plan, *, yes: bool, as_json: bool) -> str:
    """The digest of the plan that was shown and agreed to."""
    if not as_json:
        typer.echo("\n".join(written(made)))
    if made.is_empty or made.refusals or yes:
        return made.digest
    if not is_terminal():
        fail("Give the plan's digest with --plan, or say --yes.", WRONG_USE)
    typer.confirm("Apply it?", abort=True)
    return made.digest


def _refuse(refused: NotApplied) -> NoReturn:
    lines = ["Nothing was changed.", *refused.reasons]
    if refused.plan is not None and not refused.plan.refusals:
        lines.append(f"What holds now: convenor conference plan {refused.plan.conference}")
    fail("\n".join(lines))


def written(made: Plan) -> Iterator[str]:
    """A plan in lines, for people."""
    yield f"{made.title} ({made.conference}), version {made.version} is in force"
    if made.is_empty:
        yield _IN_FORCE
        return
    for change in made.changes:
        yield ""
        yield from _change(change)
    if made.fields:
        yield ""
        yield f"Of the conference itself: {', '.join(made.fields)}"
    yield ""
    yield from _letters(made)
    yield from _reminders(made)
    for clash in made.clashes:
        may = "overlap" if clash.certain else "may overlap"
        yield f"New: {clash.first} and {clash.second} {may}; registered for both: {clash.people}"
    yield ""
    if made.refusals:
        yield "This cannot be applied:"
        yield from (f"  {one}" for one in made.refusals)
        return
    yield f"Digest: {made.digest}"
    yield f"To apply it: convenor conference apply {made.conference} --plan {made.digest}"


def _change(change: SessionChange) -> Iterator[str]:
    yield f"{change.session}: {', '.join(change.kinds)}"
    yield f"  {change.title}"
    if change.was != change.will_be:
        other = "  (another day)" if change.other_day else ""
        yield f"  {said_hours(change.was, change.zone)}"
        yield f"  → {said_hours(change.will_be, change.zone)}{other}"
    for what, old, new in change.details:
        yield f"  {what}: {old} → {new}"


def _letters(made: Plan) -> Iterator[str]:
    yield f"Letters: {made.total}"
    by_kind: dict[tuple[str, str], list[Letters]] = {}
    for one in made.letters:
        by_kind.setdefault((one.kind, one.session), []).append(one)
    for (kind, session), found in by_kind.items():
        languages = ", ".join(f"{one.language} {one.count}" for one in found)
        wait = sum(one.wait for one in found)
        waiting = f"; {wait} of them when Zoom has given the link" if wait else ""
        yield f"  {kind}, {session}: {sum(one.count for one in found)} ({languages}){waiting}"
    if made.replaced:
        yield f"  in place of letters that have not gone yet: {made.replaced}"
    if made.waiting:
        yield f"  Not invited yet, for their link is still to come: {made.waiting}"
    if made.events:
        yield f"  Links are obtained anew for: {', '.join(made.events)}. Join pages keep their addresses."


def _reminders(made: Plan) -> Iterator[str]:
    if made.reminders:
        yield "Reminders:"
    for one in made.reminders:
        yield f"  {one.kind}: {one.count} {_FATES[one.fate]}{_hours(one)}"


def _hours(one: Reminded) -> str:
    old, new = (None if at is None else f"{at:%Y-%m-%d %H:%M} UTC" for at in (one.old, one.new))
    return f", {old} → {new}" if old and new else f", {old or new}"

"""`convenor participant`: one participant, as the monitor shows them, and what can be done for them."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from adapters.toolbox import Toolbox
from cli.monitor import AsJson
from cli.start import WRONG_USE, fail, said_plainly, settings_of, toolbox_of
from cli.who import who
from domain.deeds import told
from domain.moments import written
from schemas.deed import Done
from schemas.programme import CORRESPONDENCE_LANGUAGES
from web.admin.participants import found, reveal
from web.admin.person import Shown, person
from workers import app as corridor
from workers.attendant import Attendant

app = typer.Typer(help="One participant: what happened, and what can be done for them.", no_args_is_help=True)

Whom = Annotated[
    str, typer.Argument(help="Whom: their address, or an id: par_…, reg_…, let_…, a receipt (env_…), a Message-ID.")
]
One = Annotated[str, typer.Argument(help="The participant (par_…).")]
Why = Annotated[str, typer.Option("--reason", help="Why: for the record. It is kept sealed.")]


@app.command("show")
def show(
    whom: Whom, revealed: Annotated[bool, typer.Option("--reveal", help="With name and address; noted.")] = False,
    reason: Why = "", as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show why something did not reach somebody, how they stand, and everything that happened. Masked."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        one = _whom(toolbox, whom)
        if revealed:
            _noted(toolbox, one, reason, "participant-revealed")
        shown = person(toolbox, one, revealed=revealed)
        if shown is None:
            fail(f"No programme is in force for the conference of {one}.")
        typer.echo(_as_json(shown) if as_json else "\n".join(_written(shown)))


@app.command("export")
def export(whom: Whom, reason: Why = "") -> None:
    """Write all that is kept of somebody, as JSON, for themselves (GDPR, Art. 15): with what is masked otherwise."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        one = _whom(toolbox, whom)
        _noted(toolbox, one, reason, "participant-exported")
        shown = person(toolbox, one, revealed=True, needs=True)
        if shown is None:
            fail(f"No programme is in force for the conference of {one}.")
        typer.echo(_as_json(shown))


@app.command("resend")
def resend(letter: Annotated[str, typer.Argument(help="The letter (let_…).")], reason: Why = "") -> None:
    """Send a letter again, as things stand now; the newest about its matter, and once."""
    _do(lambda attendant: attendant.resend(letter, who(), reason))


@app.command("correct-address")
def correct_address(participant: One, reason: Why) -> None:
    """Give somebody another address, which is asked for: it stands in no shell's history. All links are renewed."""
    typed = typer.prompt("The right address", prompt_suffix=": ", err=True).strip()
    _do(lambda attendant: attendant.correct_address(participant, typed, who(), _needed(reason)))


@app.command("hold")
def hold(participant: One, reason: Why) -> None:
    """Hold all mail to somebody, until it is released."""
    _do(lambda attendant: attendant.hold(participant, who(), _needed(reason)))


@app.command("release")
def release(participant: One, reason: Why = "") -> None:
    """Let mail to somebody go, with what was held and is still of use."""
    _do(lambda attendant: attendant.release(participant, who(), reason))


@app.command("lift")
def lift(participant: One, reason: Why) -> None:
    """Let letters go to somebody's address again, with what was held and is still of use."""
    _do(lambda attendant: attendant.lift(participant, who(), _needed(reason)))


@app.command("ask-zoom")
def ask_zoom(participant: One, reason: Why = "") -> None:
    """Have Zoom asked again at once for what it has not of somebody."""
    _do(lambda attendant: attendant.ask_zoom(participant, who(), reason))


@app.command("withdraw")
def withdraw(
    participant: One, reason: Why, sessions: Annotated[list[str] | None, typer.Argument(help="None: from all.")] = None
) -> None:
    """Withdraw somebody from sessions; a letter tells them."""
    _do(lambda attendant: attendant.withdraw(participant, sessions or (), who(), _needed(reason)))


@app.command("language")
def language(
    participant: One, code: Annotated[str, typer.Argument(help=", ".join(CORRESPONDENCE_LANGUAGES))], reason: Why = ""
) -> None:
    """Write to somebody in another language from now on."""
    if code not in CORRESPONDENCE_LANGUAGES:
        fail(f"Letters are written in {', '.join(CORRESPONDENCE_LANGUAGES)}.", WRONG_USE)
    _do(lambda attendant: attendant.prefer_language(participant, code, who(), reason))


def _do(deed: Any) -> None:  # noqa: ANN401 - a callable of Attendant
    """Do it, and say what was done. Exit 1 where nothing was."""
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        corridor.configure(toolbox.settings)
        corridor.use(toolbox)
        done: Done = deed(Attendant(toolbox))
        typer.echo(told(done))
        if done.audit is None:
            raise typer.Exit(1)


def _needed(reason: str) -> str:
    return reason.strip() or fail("Say why, with --reason.", WRONG_USE)


def _noted(toolbox: Toolbox, one: str, reason: str, action: str) -> None:
    reveal(toolbox, one, who(), _needed(reason), action)


def _whom(toolbox: Toolbox, whom: str) -> str:
    with toolbox.database.read() as session:
        them = found(toolbox, session, whom)
    if not them:
        fail("Nobody is known by this.")
    if len(them) > 1:
        fail("Several are known by this: " + ", ".join(f"{one.id} ({one.conference})" for one in them), WRONG_USE)
    return them[0].id


def _as_json(shown: Shown) -> str:
    answer: Mapping[str, Any] = asdict(shown)
    plain = {**answer, "findings": [one._asdict() for one in shown.findings]}
    if shown.revealed is not None:
        plain["revealed"] = {**answer["revealed"], "profile": shown.revealed.profile.model_dump()}
    return json.dumps(plain, indent=2, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever JSON lacks
    return str(value.isoformat())


def _written(one: Shown) -> list[str]:
    seen = one.revealed
    name = [] if seen is None else [f"{seen.profile.full_name}, {seen.profile.organisation or '–'}"]
    return [
        f"{one.id}  {seen.address if seen else one.address}  {one.conference}  {one.language}  {one.visibility}", *name,
        *(f"! {found.what}\n  {found.do}" for found in one.findings),
        *(f"{each.id}  {each.session}: {each.state}, {each.attendance}, interpretation {each.interpretation}, "
          f"link {each.link}" for each in one.places),
        *(f"{mail.id}  {mail.name}: {mail.state}{': ' if mail.reason else ''}{mail.reason}" for mail in one.mails),
        "",
        *(f"{written(line.at)}  {line.what}{': ' if line.more else ''}{line.more}  {line.ref}" for line in one.lines),
    ]  # fmt: skip

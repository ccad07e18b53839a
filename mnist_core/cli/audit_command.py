"""`digit-duel audit`: what was done on a public server that writes its runs into this folder."""

from argparse import ArgumentParser, Namespace
from dataclasses import asdict

from rich.text import Text

from mnist_core.access.audit import SHOWN, DatabaseAuditLog
from mnist_core.cli.console import plain_table, print_json, print_table
from mnist_core.cli.examples import describe


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `audit`."""
    describe(
        parser,
        f"Show the last {SHOWN} entries of the audit log, the newest first: who signed in, started, stopped, promoted, "
        "renamed or deleted what, and when (UTC). A public server keeps it beside the runs.",
        examples={"audit": "the last entries", "audit --json": "the same for programs"},
    )


def audit_command(options: Namespace) -> None:
    """Print the latest entries."""
    entries = DatabaseAuditLog().last()
    if options.json:
        print_json([asdict(entry) for entry in entries])
        return
    if not entries:
        print("The audit log is empty. Only a public server writes it.")
        return
    table = plain_table("when (UTC)", "who", "what", "of")
    for entry in entries:
        who = f"{entry.role} {entry.name}".strip()
        table.add_row(*map(_as_it_is, (entry.at, who, entry.action, entry.subject)))
    print_table(table)


def _as_it_is(text: str) -> Text:
    """A text that is neither taken for markup nor for commands to the terminal."""
    return Text("".join(sign if sign.isprintable() else " " for sign in text))

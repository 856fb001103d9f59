"""`roundbook schema`: the JSON Schema of round files."""

from __future__ import annotations

import click

from roundbook.schema import text


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of round files, for editors.

    Editors complete and check a file that begins with this comment:

    \b
        # yaml-language-server: $schema=PATH/OF/round.schema.json
    """
    click.echo(text(), nl=False)

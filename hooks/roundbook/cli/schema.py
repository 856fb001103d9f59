"""`roundbook schema`: the JSON Schemas of round files and of the settings."""

from __future__ import annotations

import click

from roundbook import schema
from roundbook.settings import schema_text


@click.command("schema")
@click.option("--settings", is_flag=True, help="The schema of the settings, data/roundbook.yml.")
@click.option("--path", "path", is_flag=True, help="Print the path of the schema in the installed package instead.")
def command(settings: bool, path: bool) -> None:
    """Print the JSON Schema of round files, for editors.

    Editors complete and check a file that begins with this comment:

    \b
        # yaml-language-server: $schema=ADDRESS/OR/PATH/OF/round.schema.json
    """
    if path:
        click.echo(schema.packaged("settings" if settings else "round"))
    else:
        click.echo(schema_text() if settings else schema.text(), nl=False)

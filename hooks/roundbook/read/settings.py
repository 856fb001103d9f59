"""In: `data/roundbook.yml`, as bytes. Out: the settings, or the defaults with every fault of the file."""

from __future__ import annotations

from pydantic import ValidationError

from roundbook.errors import Finding
from roundbook.git.files import Files
from roundbook.settings import Settings, defaults
from roundbook.yamlfile import reader
from roundbook.yamlfile.schema_errors import explain


def read(files: Files) -> tuple[Settings, tuple[Finding, ...]]:
    """Return the settings; a project without the file has the defaults."""
    data = files.contents.get(files.settings)
    if data is None:
        return defaults(), files.faults.get(files.settings, ())
    return parse(data, files.settings)


def parse(data: bytes, path: str) -> tuple[Settings, tuple[Finding, ...]]:
    """Make settings of the file's content; where it is at fault, the defaults stand in and the faults are returned."""
    tree, findings = reader.parse(data, path)
    if any(f.severity == "error" for f in findings) or tree is None or (isinstance(tree, reader.Text) and tree.empty):
        return defaults(), findings
    if not isinstance(tree, reader.Map):
        fault = Finding("error", "not-a-mapping", "expected a mapping", tree.place, "write keys such as title: …")
        return defaults(), (*findings, fault)
    try:
        return Settings.model_validate(tree), findings
    except ValidationError as error:
        return defaults(), (*findings, *explain(error, tree, Settings))

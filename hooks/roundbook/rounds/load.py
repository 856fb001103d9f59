"""Round files read as rounds and phases, the settings of a project, and the files of decision records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from roundbook.adr import AdrRecord
from roundbook.errors import Finding, Place
from roundbook.frozen import frozen
from roundbook.git import files as git_files
from roundbook.git.files import Files
from roundbook.rounds.parsed import Parsed, ParsedFiles, RoundFiles, Written
from roundbook.schema.base import Record, is_empty, is_many, kebab
from roundbook.schema.ids import Space, id_fault, inside, is_of_records, is_phase, is_record, natural_key
from roundbook.schema.round import Phase, Round
from roundbook.schema.statuses import Status
from roundbook.settings import Settings, defaults
from roundbook.yamlfile import reader
from roundbook.yamlfile.reader import Items, Map, Node, Text, schema_findings

_ROUND_FILE = re.compile(r"[^/.~#][^/]*/[^/.~#][^/]*?(?:/[^/.~#][^/]*)?\.ya?ml")


@frozen
class LoadedRounds:
    """Records, the files of each by its key, and findings; `broken` are the files without a record, with their text.

    `parsed` holds what each round or phase was parsed as, by its files and their contents; `words` are the status words.
    """

    rounds: tuple[Round, ...] = ()
    phases: tuple[Phase, ...] = ()
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    broken: tuple[tuple[RoundFiles, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    parsed: Mapping[Written, Parsed] = field(default_factory=dict, repr=False)
    words: Mapping[str, Status] = field(default_factory=dict, repr=False)


NOTHING_KEPT = ParsedFiles(None)
Step = Callable[[int, int], None]


def read(
    files: Files,
    status_words: Mapping[str, Status] | None = None,
    last: LoadedRounds | None = None,
    step: Step = lambda _done, _total: None,
    kept: ParsedFiles = NOTHING_KEPT,
) -> LoadedRounds:
    """Return the records of all round files and all findings; nothing in a file raises an exception.

    `last` is what was read before, and `kept` what earlier runs read: what is written as it was is not parsed again.
    `step` is called before each round with how many are done, and how many there are.
    """
    contents = {path: data for path, data in files.contents.items() if path != files.settings}
    findings = [f for path, faults in files.faults.items() if path != files.settings for f in faults]
    loaded = parse(contents, files.rounds, status_words, last, step, kept)
    return replace(loaded, findings=(*findings, *loaded.findings))


def parse(
    contents: Mapping[str, bytes],
    base: str = "data/rounds",
    status_words: Mapping[str, Status] | None = None,
    last: LoadedRounds | None = None,
    step: Step = lambda _done, _total: None,
    kept: ParsedFiles = NOTHING_KEPT,
) -> LoadedRounds:
    """Return the records of round files, whose contents are given by path relative to the project.

    A round is a file `<phase>/<round>.yml`, or a folder `<phase>/<round>/*.yml` whose fragments are joined.
    """
    groups, findings = _group(contents, base)
    rounds: list[Round] = []
    phases: list[Phase] = []
    broken: list[tuple[RoundFiles, str]] = []
    words = dict(status_words or {})
    whole = [(sources, tuple(contents[path] for path in sources.paths)) for sources in groups]
    known = dict(last.parsed if last and last.words == words else {})
    known |= kept.get((written for written in whole if written not in known), words)
    parsed: dict[Written, Parsed] = {}
    for done, written in enumerate(whole):
        step(done, len(groups))
        sources, _ = written
        parsed[written] = record, faults = known.get(written) or _record(sources, contents, words)
        findings.extend(sorted(faults, key=lambda f: f.place or Place("")))
        if isinstance(record, Round):
            rounds.append(record)
        elif isinstance(record, Phase):
            phases.append(record)
        else:
            text = "\n".join(contents[p].decode("utf-8", "backslashreplace") for p in sources.paths)
            broken.append((sources, text))
    kept.put({written: made for written, made in parsed.items() if written not in known}, words, whole)
    rounds.sort(key=lambda r: natural_key(r.key))
    phases.sort(key=lambda p: natural_key(p.phase))
    files = {sources.key: sources.paths for sources in groups}
    return LoadedRounds(tuple(rounds), tuple(phases), files, tuple(broken), tuple(findings), parsed, words)


def key_of(name: str) -> str:
    """Return the round or phase that a path below the folder of rounds is a file of; the empty text where it is none."""
    return _key(PurePosixPath(name).with_suffix("").parts) if _ROUND_FILE.fullmatch(name) else ""


def _key(parts: Sequence[str]) -> str:
    return f"{parts[0]}/" if parts[1:] == ("phase",) else "/".join(parts[:2])


def _group(contents: Iterable[str], base: str) -> tuple[list[RoundFiles], list[Finding]]:
    groups: dict[str, list[str]] = {}
    findings: list[Finding] = []
    for path in sorted(contents, key=natural_key):
        parts = PurePosixPath(path).relative_to(base).with_suffix("").parts
        if len(parts) not in (2, 3):
            fix = f"move it to {base}/<phase>/<round>.yml or {base}/<phase>/<round>/<fragment>.yml"
            findings.append(Finding("error", "file-misplaced", "this is not the path of a round", Place(path), fix))
            continue
        groups.setdefault(_key(parts), []).append(path)
    for key, paths in groups.items():
        findings.extend(_twice(key, paths, base))
    findings.extend(_alike(groups))
    return [RoundFiles(key, tuple(paths)) for key, paths in groups.items()], findings


def _twice(key: str, paths: list[str], base: str) -> Iterator[Finding]:
    files = [p for p in paths if len(PurePosixPath(p).relative_to(base).parts) == 2]
    if files and len(paths) > 1:
        others = ", ".join(p for p in paths if p != files[0])
        fix = "keep the file or the folder"
        yield Finding("error", "round-twice", f"round {key} is also in {others}", Place(files[0], 1, 1), fix)


def _alike(groups: Mapping[str, list[str]]) -> Iterator[Finding]:
    # Ids that differ only in case would share a page on file systems that ignore case.
    seen: dict[str, tuple[str, str]] = {}
    for key, paths in groups.items():
        phase = key.partition("/")[0]
        for one in dict.fromkeys((phase, key.rstrip("/"))):
            other, where = seen.setdefault(one.casefold(), (one, paths[0]))
            if other != one:
                message = f'the id "{one}" differs from "{other}" only in case'
                yield Finding("error", "id-alike", message, Place(paths[0], 1, 1), f"rename this file or {where}")
                break


def _record(sources: RoundFiles, contents: Mapping[str, bytes], status_words: Mapping[str, Status]) -> Parsed:
    trees: list[Map] = []
    findings: list[Finding] = []
    for path in sources.paths:
        tree, faults = reader.parse(contents[path], path)
        findings.extend(faults)
        if isinstance(tree, Map):
            trees.append(tree)
        elif not any(f.severity == "error" for f in faults):
            findings.append(_not_a_mapping(tree, path))
    if len(trees) < len(sources.paths):
        return None, findings
    model = Phase if is_phase(sources.key) else Round
    tree, conflicts = join(trees, model)
    findings.extend(conflicts)
    findings.extend(_settle_ids(tree, sources))
    try:
        record = model.model_validate(tree, context={"status_words": status_words})
    except ValidationError as error:
        findings.extend(schema_findings(error, tree, model))
        return None, findings
    return (None if any(f.severity == "error" for f in findings) else record), findings


def _not_a_mapping(tree: object, path: str) -> Finding:
    what = "the file is empty" if tree is None else "expected a mapping"
    fix = 'write keys such as "round: 4" and "focus: …", one per line'
    return Finding("error", "not-a-mapping", what, getattr(tree, "place", None) or Place(path, 1, 1), fix)


def _settle_ids(tree: Map, sources: RoundFiles) -> Iterator[Finding]:
    """Compare `phase` and `round` with the path, and add the phase if it is left out."""
    phase, _, number = sources.key.partition("/")
    if is_empty(tree.get("phase")):
        tree["phase"] = Text(phase, tree.place)
    for key, from_path in (("phase", phase), ("round", number)):
        written = tree.get(key)
        if not from_path or (isinstance(written, Text) and str(written) == from_path):
            continue  # an invalid id is reported where it is written
        if fault := id_fault(from_path):
            message = f'the id "{from_path}" of the path {fault}'
            yield Finding("error", "id-not-usable", message, tree.place, "rename it")
        if isinstance(written, Text) and not written.empty:
            message = f'{key} is "{written}" here and "{from_path}" in the path {sources.paths[0]}'
            fix = f"write {key}: {from_path}, or rename the file"
            yield Finding("error", f"{key}-mismatch", message, written.place, fix)


def join(trees: Sequence[Map], model: type[Record]) -> tuple[Map, tuple[Finding, ...]]:
    """Return the trees as one: lists are appended, mappings merged; a value in two fragments is an error.

    What the model takes as a list is appended even if a fragment has a single entry without a list.
    """
    lists = {kebab(name) for name, field in model.model_fields.items() if is_many(field)}
    whole = Map(place=trees[0].place)
    findings: list[Finding] = []
    for tree in trees:
        for key, value in tree.items():
            name = key.replace("_", "-")
            if name in lists and not isinstance(value, Items):
                value = Items(value.place, [value])
            _add(whole, name if not key.startswith("x-") else key, value, tree, key, findings)
    return whole, tuple(findings)


def _add(whole: Map, name: str, value: Node, tree: Map, key: str, findings: list[Finding]) -> None:
    old = whole.get(name)
    if is_empty(value) and old is not None:
        return
    if old is None or is_empty(old):
        whole[name] = Items(value.place, value) if isinstance(value, Items) else value
        whole.keys_at[name] = tree.keys_at.get(key, value.place)
    elif isinstance(old, Items) and isinstance(value, Items):
        old.extend(value)
    elif isinstance(old, Map) and isinstance(value, Map):
        whole[name] = _merged(old, value, findings)
    elif old.place.path == value.place.path:
        message = f'duplicate key "{key}": the same as at {whole.keys_at[name]}, since _ and - are the same'
        fix = "remove or rename one of them"
        findings.append(Finding("error", "duplicate-key", message, tree.keys_at.get(key, value.place), fix))
    else:
        message = f'"{name}" is also written at {old.place}'
        findings.append(Finding("error", "fragment-conflict", message, value.place, "keep one of the two"))


def _merged(one: Map, other: Map, findings: list[Finding]) -> Map:
    both = Map(place=one.place)
    for tree in (one, other):
        for key, value in tree.items():
            _add(both, key, value, tree, key, findings)
    return both


def read_settings(files: Files) -> tuple[Settings, tuple[Finding, ...]]:
    """Return the settings, or the defaults for a project without the file."""
    data = files.contents.get(files.settings)
    if data is None:
        return defaults(), files.faults.get(files.settings, ())
    return parse_settings(data, files.settings)


def parse_settings(data: bytes, path: str) -> tuple[Settings, tuple[Finding, ...]]:
    """Return the settings in the content of the file at `path`, or the defaults with the findings if it has errors."""
    tree, findings = reader.parse(data, path)
    if any(f.severity == "error" for f in findings) or tree is None or (isinstance(tree, Text) and tree.empty):
        return defaults(), findings
    if not isinstance(tree, Map):
        fault = Finding("error", "not-a-mapping", "expected a mapping", tree.place, "write keys such as title: …")
        return defaults(), (*findings, fault)
    try:
        return Settings.model_validate(tree), findings
    except ValidationError as error:
        return defaults(), (*findings, *schema_findings(error, tree, Settings))


# ---------------------------------------------------------------------------------- decision records


@frozen
class AdrRecords:
    """The decision records of a project, with their folders, their files and all findings."""

    spaces: tuple[Space, ...] = ()
    files: Files = field(default_factory=lambda: Files(""))
    records: tuple[AdrRecord, ...] = ()
    findings: tuple[Finding, ...] = ()

    @cached_property
    def ids(self) -> dict[str, str]:
        """Return the ids of the records that have a file of their own, by path."""
        return {one.path: one.id for one in self.records if one.own_file}


def adr_files(root: Path, settings: Settings, commit: str = "", prefix: str = "") -> Files:
    """Return the files of the folders that the settings name, from the working tree or from a commit.

    What cannot be read is a warning, never an exception. Of a commit, a fixed number of processes reads them.
    """
    spaces = settings.spaces
    if not spaces:
        return Files("")

    def wanted(path: str, entry: git_files.TreeEntry | None = None) -> bool:
        return is_of_records(path, spaces) and (entry is None or entry.type != "tree")

    if commit:
        contents, faults = git_files.read_commit(root, commit, prefix, wanted)
    else:
        found = [_listed(root, space.path) for space in spaces]
        contents, faults = git_files.read_files(
            root, sorted({path for names, _ in found for path in names if wanted(path)})
        )
        faults |= {path: unread for _, left_out in found for path, unread in left_out.items()}
    return Files("", contents, {path: tuple(one.as_warning for one in found) for path, found in faults.items()})


def read_adr_records(found: Files, settings: Settings) -> AdrRecords:
    """Return the decision records in files of the folders that the settings name."""
    if not settings.adrs:
        return AdrRecords()
    from roundbook.adr import folders  # takes 40 ms

    spaces = settings.spaces
    made = folders.parse(found.contents, spaces)
    faults = (finding for one in found.faults.values() for finding in one)
    return AdrRecords(
        spaces, found, made.records, (*_empty_folders(settings, found, made.records), *faults, *made.findings)
    )


def _listed(root: Path, path: str) -> tuple[list[str], dict[str, tuple[Finding, ...]]]:
    """Return the files of a folder and its subfolders, or the file itself, and the findings for folders that were not read."""
    if (root / path).is_dir():
        return git_files.listed(root, path, lambda name: is_record(name) or is_of_records(name, ()))
    return [path] if (root / path).exists() else [], {}


def changed_adr_files(root: Path, found: Files, commit: str, prefix: str, spaces: Sequence[Space]) -> tuple[str, ...]:
    """Return the paths of the Markdown files that differ from `commit`."""
    if not spaces:
        return ()
    places = [place for space in spaces for place in (space.path, f"{space.path}/")]
    return git_files.changed(root, found, commit, prefix, places, lambda path: is_of_records(path, spaces))


def _empty_folders(settings: Settings, found: Files, records: Sequence[AdrRecord]) -> Iterator[Finding]:
    """Yield a finding for each folder in the settings that has no records or lies outside the project."""
    held = {*(record.path for record in records), *found.faults}
    for folder in settings.adrs:
        path, place = inside(folder.path), folder.place_of("path")
        if not path:
            message, fix = f'the folder "{folder.path}" is outside the project', "write a path inside the project"
            if folder.path.strip().strip("./") == "" and ".." not in folder.path:
                message, fix = "the whole project is no folder of records", "name the folder, such as docs/adr"
            yield Finding("warning", "outside-project", message, place, fix)
        elif not any(one == path or one.startswith(f"{path}/") for one in held):
            message, fix = f'no decision records found in "{path}"', "correct the path, or remove it from adrs:"
            yield Finding("warning", "records-missing", message, place, fix)

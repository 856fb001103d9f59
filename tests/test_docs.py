"""The documentation: it is complete, its examples work as they stand, and it names only what there is."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from mkdocs.__main__ import cli as mkdocs_cli

from repository import ADA, START, Repository
from roundbook.book.attribution import RULES
from roundbook.checks.registry import CHECKS
from roundbook.cli import COMMANDS, cli
from roundbook.engines.mkdocs import RoundbookConfig
from roundbook.rounds import load
from roundbook.schema import schema
from roundbook.settings import Settings
from roundbook.site.indexes import FRONT_PAGES
from roundbook.site.registry import VIEWS
from site_trial import environment, text

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
LOOSE = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
TUTORIAL = ROOT / "docs/tutorial.md"
ENGINES = ROOT / "docs/how-to/other-engines.md"
PROGRAM = Path(sys.executable).parent

_FENCE = re.compile(
    r'^(?P<indent>[ ]*)```(?P<language>\w+)(?: title="(?P<title>[^"]*)")?\n(?P<body>.*?)^(?P=indent)```$', re.M | re.S
)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_ID = re.compile(r'\bid="([^"]+)"')
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Fence:
    """A block of code of a page."""

    page: str
    language: str
    title: str
    body: str

    def __str__(self) -> str:
        return f"{self.page}: {self.title or self.body.partition(chr(10))[0]}"


def fences(path: Path) -> list[Fence]:
    """Return the blocks of a page, as a reader of the built page copies them."""
    source = path.read_text("utf-8").replace("{% raw %}", "").replace("{% endraw %}", "")
    name = path.relative_to(ROOT).as_posix()
    return [Fence(name, m["language"], m["title"] or "", m["body"]) for m in _FENCE.finditer(source)]


def fences_of(*languages: str) -> list[Fence]:
    return [f for path in (*PAGES, *LOOSE) for f in fences(path) if f.language in languages]


@pytest.fixture(scope="module")
def site(own_site: Path) -> Path:
    """Return the folder of this built site; no warning is about a page of the documentation."""
    said = own_site.with_name("build.txt").read_text("utf-8").splitlines()
    assert not [line for line in said if ("WARNING" in line or "ERROR" in line) and ".md" in line], said
    return own_site


def built(site: Path, name: str) -> str:
    """Return the article of a built page."""
    whole = (site / name / "index.html").read_text("utf-8")
    return whole.partition("<article")[2].partition("</article>")[0]


# ----------------------------------------------------------------------------------------------- completeness


def test_every_macro_and_its_parameters_are_described(site: Path) -> None:
    shown = built(site, "reference/macros")
    ids = set(_ID.findall(shown))
    intro = shown.partition("<h2")[0]
    for view in VIEWS.values():
        assert view.documentation, f"{view.name} has no docstring"
        assert view.name in ids
        assert {f"{view.name}.{p.name}" for p in view.parameters} <= ids
        for parameter in view.parameters:
            told = f"<code>{parameter.name}</code> is" in intro
            told = told or bool(re.search(rf"\b{parameter.name}\b", view.documentation))
            assert told, f"{view.name}: say in its docstring what {parameter.name} is"


def test_no_example_of_a_macro_is_refused(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert "Macro Rendering Error" not in page.read_text("utf-8")
    for name in ("", "reference/macros", "explanation/accounting"):
        assert 'class="rb-error"' not in built(site, name)


def test_every_command_and_its_options_are_described(site: Path) -> None:
    shown = built(site, "reference/commands")
    words = text(f"<article{shown}</article>")
    for name in COMMANDS:
        assert name in _ID.findall(shown)
        assert f"Usage: roundbook {name}" in words
        for option in parameters(command(name)):
            for flag in option.opts if isinstance(option, click.Option) else ():
                assert flag in words, f"{name} {flag}"
            assert not isinstance(option, click.Option) or option.help, f"{name} {option.opts} has no help"


def parameters(one: click.Command) -> Iterator[click.Parameter]:
    """Yield the parameters of a command and of the commands below it."""
    yield from one.params
    for below in one.commands.values() if isinstance(one, click.Group) else ():
        yield from parameters(below)


def test_every_key_of_a_round_file_is_described(site: Path) -> None:
    shown = built(site, "reference/round-files")
    ids = set(_ID.findall(shown))
    made = schema()
    for name, record in {"Round": made, **made["$defs"]}.items():
        for key, field in properties(record).items():
            anchor = f"{name.lower()}.{key}"
            assert anchor in ids, f"{anchor} is not in the reference"
            assert described(shown, anchor), f"{anchor} has no description"
            assert field


def test_every_setting_is_described(site: Path) -> None:
    shown = built(site, "reference/settings")
    ids = set(_ID.findall(shown))
    made = Settings.model_json_schema(by_alias=True)
    for name, record in {"Settings": made, **made["$defs"]}.items():
        for key in properties(record):
            assert f"{name.lower()}.{key}" in ids
            assert described(shown, f"{name.lower()}.{key}")


def properties(record: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of a record of a JSON Schema, which may be one of several alternatives."""
    for one in (record, *record.get("anyOf", ())):
        if "properties" in one:
            return dict(one["properties"])
    return {}


def described(shown: str, anchor: str) -> str:
    """Return the last cell of the row that has an anchor."""
    row = shown.partition(f'id="{anchor}"')[2].partition("</tr>")[0]
    return re.sub(r"<[^>]+>", "", row.rpartition("<td>")[2]).strip()


def test_every_option_of_the_plugin_is_described(site: Path) -> None:
    shown = built(site, "reference/plugin")
    for name, _ in RoundbookConfig()._schema:
        assert described(shown, name)


def test_every_rule_of_attribution_is_described_in_order(site: Path) -> None:
    words = text(f"<article{built(site, 'explanation/attribution')}</article>")
    at = [words.find(" ".join((rule.__doc__ or "?").split())) for rule in RULES]
    assert -1 not in at
    assert at == sorted(at)


def test_every_finding_is_described_and_no_other() -> None:
    listed = re.findall(r'reference_finding\("([^"]+)"\)', (ROOT / "docs/reference/findings.md").read_text("utf-8"))
    assert [slug for slug, count in Counter(listed).items() if count > 1] == []
    known = slugs()
    assert sorted(known - set(listed)) == [], "write what they mean into docs/reference/findings.md"
    assert sorted(set(listed) - known) == [], "no code makes them any more"


# Which argument of a call is the slug of a finding.
_FIRST = ("Gap", "complaint", "refused", "PydanticCustomError", "_RefusedError", "_finding", "_refuse", "_named")
_MAKERS = {"Finding": 1, **dict.fromkeys(_FIRST, 0)}
_LOOKED_UP = ("round", "phase", "decision", "metric", "version", "check")
# Slugs that are put together when the program runs, and the values that they are put together from.
_COMPOSED = {
    "f'{key}-mismatch'": ("phase-mismatch", "round-mismatch"),
    "f'{what}-unknown'": tuple(f"{what}-unknown" for what in _LOOKED_UP),
}


def slugs() -> set[str]:
    """Return the slugs of all findings that the code can make."""
    found: set[str] = set()
    for path in sorted((ROOT / "hooks/roundbook").rglob("*.py")):
        if path.parent.name == "checks" and path.name != "registry.py":
            continue  # checks have a page of their own, made from their registry
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            for one in slugs_at(node, path.name):
                found.update(_COMPOSED.get(ast.unparse(one), ()))
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and _SLUG.fullmatch(one.value):
                    found.add(one.value)
    return found


def slugs_at(node: ast.AST, file: str) -> Iterator[ast.expr]:
    """Yield the expressions of a node that are slugs."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        place = _MAKERS.get(name)
        if place is not None and len(node.args) > place:
            yield node.args[place]
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
        yield from (v for t, v in zip(node.targets[0].elts, node.value.elts, strict=False) if ast.unparse(t) == "slug")
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "slug" and isinstance(node.value, ast.IfExp):
        yield from (node.value.body, node.value.orelse)
    # The modules that speak of single characters return a slug and the words for it.
    in_words = file == "source.py"
    if in_words and isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple) and len(node.value.elts) > 1:
        yield node.value.elts[0]


def test_every_check_is_described_with_its_fix(site: Path) -> None:
    shown = built(site, "reference/checks")
    for slug, one in CHECKS.items():
        assert f'id="{slug}"' in shown, slug
        assert one.documentation.partition("Fix:")[2].strip(), f"{slug} does not say how to fix it"


def test_every_composed_slug_is_still_composed() -> None:
    calls = {ast.unparse(one) for path in (ROOT / "hooks/roundbook").rglob("*.py") for one in calls_of(path)}
    assert set(_COMPOSED) <= calls
    for what in _LOOKED_UP:
        assert any(f"unknown('{what}'" in call for call in calls), what


def calls_of(path: Path) -> Iterator[ast.expr]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield node
            yield from node.args


# ----------------------------------------------------------------------------------------------- built pages


def test_no_page_has_an_anchor_twice(site: Path) -> None:
    for path in PAGES:
        name = path.relative_to(ROOT / "docs").with_suffix("").as_posix().removesuffix("index").rstrip("/")
        twice = [i for i, count in Counter(_ID.findall(built(site, name))).items() if count > 1]
        assert twice == [], name


def test_no_page_asks_another_server(site: Path) -> None:
    asks = re.compile(r'<(?:script|img|iframe|source)\b[^>]*\bsrc="(?:https?:)?//|<link\b[^>]*\bhref="(?:https?:)?//')
    for page in site.rglob("*.html"):
        found = [m[0] for m in asks.finditer(page.read_text("utf-8")) if 'rel="canonical"' not in m[0]]
        assert found == [], page.relative_to(site)


def test_the_module_of_the_reference_is_not_published(site: Path) -> None:
    assert not list(site.rglob("*.py*"))


def test_no_page_names_this_machine_or_a_registry() -> None:
    for path in (*PAGES, *LOOSE, ROOT / "docs/reference/generated.py", ROOT / "mkdocs.yml"):
        found = re.search(r"/(?:home|root|work|tmp|Users)/|pypi|files\.pythonhosted|npmjs", path.read_text("utf-8"))
        assert found is None, f"{path.name}: {found}"


# -------------------------------------------------------------------------------------------------- examples


@pytest.mark.parametrize("fence", fences_of("yaml", "yml"), ids=str)
def test_every_yaml_block_is_what_it_shows(fence: Fence) -> None:
    data = fence.body.encode()
    if fence.title.startswith("data/rounds/") or re.search(r"^round:", fence.body, re.M):
        path = fence.title or "data/rounds/3/5.yml"
        loaded = load.parse({path: data})
        assert [str(f) for f in loaded.findings] == []
        assert len(loaded.rounds) + len(loaded.phases) == 1
    elif fence.title.endswith("data/roundbook.yml"):
        _, findings = load.parse_settings(data, fence.title)
        assert [str(f) for f in findings] == []
    else:
        content = yaml.safe_load(fence.body)
        if fence.title in (".gitlab-ci.yml", ".pre-commit-config.yaml"):
            return  # tests/test_workflows.py and tests/cli/test_fmt.py hold them against what there is
        kind = "workflow" if fence.title.startswith((".github/", ".forgejo/")) else "mkdocs.yml"
        known = (
            {"name", "permissions", "concurrency", "env", "jobs", True} if kind == "workflow" else set(mkdocs_keys())
        )
        assert set(content) <= known, f"say in the title what it is, or correct it: {set(content) - known}"


def test_the_actions_of_the_workflow_are_those_that_this_repository_uses() -> None:
    used = "\n".join(path.read_text("utf-8") for path in (ROOT / ".github/workflows").glob("*.yml"))
    shown = [action for fence in fences_of("yaml") for action in re.findall(r"uses: (.+)", fence.body)]
    shown = [action for action in shown if not action.startswith("example-org/")]  # ours, at a version to be filled in
    assert shown
    assert [action for action in shown if f"uses: {action}" not in used] == []


def mkdocs_keys() -> Iterator[str]:
    from mkdocs.config.defaults import MkDocsConfig

    yield from (name for name, _ in MkDocsConfig()._schema)


@pytest.mark.parametrize("fence", fences_of("python"), ids=str)
def test_every_python_block_runs(fence: Fence) -> None:
    done = subprocess.run(
        [sys.executable, "-c", fence.body], cwd=ROOT, env=environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None, f"roundbook has no command {name}"
    return found


def shown_lines() -> list[tuple[str, str]]:
    """Return every line of a shell that the documentation shows, with its page."""
    return [
        (fence.page, part.strip())
        for fence in fences_of("sh")
        for line in fence.body.splitlines()
        for part in re.split(r"&&|\|\||;", re.sub(r"\s+#\s.*", "", line))
        if part.strip()
    ]


def spans() -> list[tuple[str, str]]:
    """Return every code span that begins with a command, with its page."""
    found = [(p, m[1]) for p in (*PAGES, *LOOSE) for m in _SPAN.finditer(_FENCE.sub("", p.read_text("utf-8")))]
    return [(p.relative_to(ROOT).as_posix(), text_) for p, text_ in found]


def test_every_roundbook_command_line_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "website").mkdir()  # which a page names with --root
    lines = [line.partition(">")[0] for _, line in shown_lines() if line.startswith("roundbook ")]
    assert lines
    for line in lines:
        parse(shlex.split(line)[1:])
    for page, span in spans():
        if span.startswith("roundbook "):
            name, *words = shlex.split(span)[1:]
            if name.startswith("-"):
                name, words = "", [name, *words]
            options = [o for p in (command(name) if name else cli).params for o in (*p.opts, *p.secondary_opts)]
            assert all(w in options for w in words if w.startswith("-")), f"{page}: {span}"


def parse(words: list[str]) -> None:
    """Parse a command line as the program would; a wrong one raises."""
    with cli.make_context("roundbook", list(words)) as top:
        name, *rest = [*top._protected_args, *top.args]
        with command(name).make_context(name, rest, parent=top) as context:
            what = context.params.get("what")
    if what is not None:
        assert what in VIEWS or re.fullmatch(r"/?(rounds|decisions|changelog|commits|open-items)/[\w/.-]*", what), what


def test_every_mkdocs_command_line_has_options_that_there_are() -> None:
    lines = [span for _, span in spans() if span.startswith("mkdocs ")]
    lines += [line for _, line in shown_lines() if re.match(r"(\w+=\S+ )*mkdocs ", line)]
    for line in lines:
        words = shlex.split(line[line.index("mkdocs ") :])
        assert isinstance(mkdocs_cli, click.Group)
        options = [o for p in mkdocs_cli.commands[words[1]].params for o in (*p.opts, *p.secondary_opts)]
        assert all(w in options for w in words[2:] if w.startswith("-")), line


def test_strict_is_never_silenced() -> None:
    for page, line in shown_lines():
        assert not ("--strict" in line and re.search(r"\s-q\b|--quiet", line)), f"{page}: {line}"


# --------------------------------------------------------------------------------------- README, CONTRIBUTING


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))


def test_make_has_every_target_that_is_named() -> None:
    named = {line for _, line in (*shown_lines(), *spans()) if line.startswith("make ")}
    assert {"make serve", "make test"} <= named
    for line in named:
        goals = [w for w in shlex.split(line)[1:] if "=" not in w]
        assert set(goals) <= targets(), line


def test_the_first_block_of_the_readme_is_the_two_commands() -> None:
    first = next(f for f in fences(ROOT / "README.md") if f.language == "sh")
    assert [line.split("#")[0].strip() for line in first.body.splitlines()] == ["make serve", "make test"]


# Written relative to what the sentence around them is about.
_INSIDE = {"rounds/build/": "data", "rounds/3/": "data", "cases/": "tests"}
_EXAMPLE = "data/rounds/3/5.yml"


def test_files_that_are_named_exist() -> None:
    for path in LOOSE:
        source = path.read_text("utf-8")
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", source)
        files = [s for s in _SPAN.findall(source) if re.fullmatch(r"\.?[\w-]+(/[\w.-]+)*(/|\.(py|yml|toml|txt|md))", s)]
        for name in {*links, *files} - {_EXAMPLE, "history.yml", "expected/"}:
            assert (ROOT / _INSIDE.get(name, "") / name).exists(), f"{path.name}: {name}"


def test_every_page_of_the_design_is_linked_from_its_index() -> None:
    for folder in ("how-to", "reference", "explanation"):
        index = (ROOT / "docs" / folder / "index.md").read_text("utf-8")
        for page in (ROOT / "docs" / folder).glob("*.md"):
            assert page.name == "index.md" or f"]({page.name})" in index, f"{folder}/{page.name}"


# --------------------------------------------------------------------------------------------- the tutorial


@dataclass
class Reader:
    """Somebody who follows a page to the letter, but for making an environment and for serving."""

    folder: Path
    output: str = ""

    def follow(self, fence: Fence) -> None:
        if fence.language == "sh":
            self.type(fence.body, 1 if "exit code 1" in fence.title else 0)
        elif fence.title == "you see":
            for line in fence.body.splitlines():
                assert line in self.output.splitlines(), f"{fence}: {line!r} is not in\n{self.output}"
        elif fence.title:
            path = self.folder / fence.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(fence.body, "utf-8")

    def type(self, script: str, code: int = 0) -> None:
        lines = [line for line in script.splitlines() if not re.match(r"python3 -m venv|\. \.venv|pip ", line)]
        words = "\n".join(lines).replace("mkdocs serve", "true")  # the block after it builds
        path = f"{PROGRAM}{os.pathsep}{os.environ['PATH']}"
        env = {**Repository(self.folder, make=False)._environment(ADA, START), "PATH": path, "NO_MKDOCS_2_WARNING": "1"}
        done = subprocess.run(
            ["sh", "-ec", words], cwd=self.folder, env=env, capture_output=True, text=True, check=False
        )
        self.output = done.stdout + done.stderr
        assert done.returncode == code, f"{words}\n{self.output}"
        if "cd greeter" in lines:
            self.folder /= "greeter"

    def sees(self, name: str) -> str:
        return text((self.folder / "site" / name.strip("/") / "index.html").read_text("utf-8"))


def test_the_tutorial_can_be_followed_to_the_letter(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for fence in fences(TUTORIAL):
        reader.follow(fence)
    for address in re.findall(r"^\| `(/[^`]*)` \|", TUTORIAL.read_text("utf-8"), re.M):
        assert reader.sees(address)
    front = reader.sees("/")
    assert "in progress" in front
    assert "1 of 2 done" in front
    assert "Left open 2" in front
    assert "by trailer Round: 1/1" in reader.sees("/rounds/1/1/")
    assert "accepted" in reader.sees("/decisions/greet-in-english-first/")
    assert "A greeting." in reader.sees("/changelog/")
    assert "Translate it" in reader.sees("/rounds/1/1/")

    reader.type("sed 's/in-progress/done/' data/rounds/1/1.yml > n && mv n data/rounds/1/1.yml")
    reader.type('git commit -a -m "docs: close the round" -m "Round: 1/1"\nmkdocs build --strict')
    assert "2 of 2 done" in reader.sees("/")
    assert "accepted" in reader.sees("/decisions/greet-in-english-first/")
    assert "docs: close the round" in reader.sees("/rounds/1/1/")

    # The same project, without the plugin: the page about other engines.
    for fence in fences(ENGINES):
        if fence.language in ("sh", "yaml"):
            reader.follow(fence)
    reader.type("rm -r site && mkdocs build --strict")
    assert "docs: close the round" in reader.sees("/rounds/1/1/")
    assert "2 of 2 done" in reader.sees("/")
    assert (reader.folder / "site/assets/roundbook/roundbook.css").is_file()


@pytest.mark.parametrize("path", ["README.md", "docs/how-to/other-plugins.md", "docs/how-to/other-engines.md"])
def test_lists_of_all_folders_name_those_of_all_pages(path: str) -> None:
    shown = (ROOT / path).read_text("utf-8")
    folders = {front.uri.partition("/")[0] for front in FRONT_PAGES}
    assert {folder for folder in folders if not re.search(rf"(?<!api)[/ \[]{folder}\b", shown)} == set()

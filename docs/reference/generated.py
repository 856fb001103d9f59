"""The macros that generate this site's reference from the code."""

from __future__ import annotations

import ast
import functools
import html
import inspect
import itertools
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click
import yaml
from jinja2 import pass_context
from jinja2.runtime import Context
from pydantic.fields import FieldInfo

from roundbook.book.attribution import RULES
from roundbook.checks.registry import CHECKS
from roundbook.cli import cli
from roundbook.engines import mkdocs
from roundbook.git.forge import KNOWN_HOSTS
from roundbook.schema.base import Date, Id, Record, StatusField, TextField, kebab
from roundbook.schema.decision import Revision, Sha
from roundbook.schema.round import LISTS, SECTIONS, Phase, Round
from roundbook.schema.statuses import DECISION_STATUSES, RESULT_SIGNS_OF, RESULT_WORDS_OF, SIGNS_OF, WORDS_OF
from roundbook.settings import Pattern, Settings
from roundbook.site import links, prose
from roundbook.site import views as _views
from roundbook.site.api import FILES, schema
from roundbook.site.feeds import FEEDS
from roundbook.site.indexes import FRONT_PAGES
from roundbook.site.registry import VIEWS, View
from roundbook.site.views.commits import MEANINGS

assert _views  # noqa: S101 - importing the package fills the registry

WIDTH = 88
ACTION = Path(__file__).resolve().parents[2] / "action.yml"
# What a macro's example is called with, where a call without arguments would show too much or nothing.
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "round_table": ("limit=3",),
    "round_commits": ("limit=3",),
    "round_decisions": ("limit=3",),
    "round_open_items": ("limit=3",),
    "round_activity": ("limit=3",),
    "round_metrics": ('"3/4"', 'name="tests", phase="3"'),
    "round_trends": ('phase="3"',),
    "round_link": ("", '"3/4"', '"3/4", text="the round of WASM"'),
    "round_card": ('"3/4"',),
    "round_ref": ('"3/4"', '"wasm-target"', '"data/rounds/3/4.yml", text="its file"'),
}
# These bring headings of their own, which a page of many examples cannot hold; the page shows the same.
ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "round_page": ('"3/4"', "../rounds/3/4.md"),
    "round_decision": ('"wasm-target"', "../decisions/wasm-target.md"),
    "round_changelog": ("limit=1", "../changelog/index.md"),
}
_NAMED: tuple[tuple[Any, str], ...] = (
    (TextField, "text"),
    (Id, "id"),
    (StatusField, "[status](#status)"),
    (Date, "[date](#date)"),
    (Sha, "commit id"),
    (Revision, "commit id or tag"),
    (Pattern, "regular expression"),
    (bool, "`true` or `false`"),
    (str, "text"),
    (int, "number"),
)


def define_env(env: Any) -> None:
    """Give the macros to mkdocs-macros."""
    for macro in (
        keys, settings, statuses, commands, action, options, pages, anchors, rules, coverage, hosts, finding, data, feed_list
    ):  # fmt: skip
        env.macro(macro, f"reference_{macro.__name__}")
    env.macro(check_list, "reference_checks")
    env.macro(macro_list(env), "reference_macros")


# ---------------------------------------------------------------------------------------------------- parts


def table(caption: str, columns: Iterable[str], rows: Iterable[tuple[str, ...]], ids: Iterable[str] = ()) -> str:
    """Return a table as HTML on lines of its own; the cells are ready HTML, and `ids` the anchors of the rows."""
    head = "".join(f'<th scope="col">{html.escape(c)}</th>' for c in columns)
    marks = iter(ids)
    body = []
    for first, *rest in rows:
        mark = next(marks, "")
        link = f'<a class="rb-permalink" href="#{mark}" aria-label="Link to this entry">¶</a>' if mark else ""
        cells = "".join(f"<td>{cell}</td>" for cell in rest)
        body.append(
            f'<tr{f" id={chr(34)}{mark}{chr(34)}" if mark else ""}><th scope="row">{first}{link}</th>{cells}</tr>'
        )
    name = html.escape(caption)
    start = f'<div class="rb-scroll" role="region" aria-label="{name}" tabindex="0"><table class="rb-table">'
    return "\n".join((start, f'<caption class="rb-hidden">{name}</caption>', f"<thead><tr>{head}</tr></thead>",
                      "<tbody>", *body, "</tbody></table></div>", ""))  # fmt: skip


def words(text: str) -> str:
    """Return a line of Markdown as HTML."""
    return str(prose.inline(text))


def code(text: object) -> str:
    """Return code as HTML; braces too, so that no template language sees them."""
    return f"<code>{html.escape(str(text)).replace('{', '&#123;').replace('}', '&#125;')}</code>"


def fence(text: str, language: str = "text") -> str:
    """Return a block of code as Markdown."""
    return f"```{language}\n{text}\n```\n"


# -------------------------------------------------------------------------------------- round files, settings


def keys() -> str:
    """Describe every record of a round file with its keys."""
    parts = [record(Round), _phase()]
    return "\n".join(parts + [record(model) for model in below(Round)])


def settings() -> str:
    """Describe every setting of `data/roundbook.yml`."""
    return "\n".join([record(Settings)] + [record(model) for model in below(Settings)])


def record(model: type[Record]) -> str:
    """Return a record under its heading: what it is, what may stand for it, and a table of its keys."""
    name = model.__name__.lower()
    parts = [f"## {model.__name__} {{ #{name} }}", "", prose_of(model), ""]
    if said := _shorthand(model):
        parts += [said, ""]
    hints = get_type_hints(model, include_extras=True)
    rows = [
        (code(kebab(key)), words(kind(hints[key])), _default(field), words(field.description or ""))
        for key, field in model.model_fields.items()
    ]
    ids = [f"{name}.{kebab(key)}" for key in model.model_fields]
    return "\n".join((*parts, table(f"Keys of {model.__name__}", ("Key", "Type", "Default", "Meaning"), rows, ids)))


def prose_of(thing: Any) -> str:
    """Return the docstring of a class or function as Markdown without its line breaks."""
    return " ".join((inspect.getdoc(thing) or "").split())


def _phase() -> str:
    own = [key for key in Phase.model_fields if key not in Round.model_fields]
    assert not own, f"keys that only a phase has need a table: {own}"  # noqa: S101
    where = "It is in `phase.yml` and has the keys of a round except `round` and `closed`."
    return f"## Phase {{ #phase }}\n\n{prose_of(Phase)} {where}\n"


def _shorthand(model: type[Record]) -> str:
    said = []
    if model.SHORT:
        said.append(f"A text alone is short for `{{{kebab(model.SHORT)}: …}}`.")
    if model.ANY_OF:
        said.append(f"One of {', '.join(f'`{kebab(k)}`' for k in model.ANY_OF)} is required.")
    uses = [f"`{kebab(key)}` of {owner.__name__.lower()}" for owner, key in used_in(model)]
    if uses:
        said.append(f"Used in {', '.join(uses)}.")
    return " ".join(said)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value is None or value == () or field.default_factory is not None:
        return "–"
    return code(str(value).lower() if isinstance(value, bool) else value)


def kind(hint: Any) -> str:
    """Return a type in words, as Markdown."""
    for known, name in _NAMED:
        if hint == known:
            return name
    if isinstance(hint, type) and issubclass(hint, Record):
        return f"[{hint.__name__.lower()}](#{hint.__name__.lower()})"
    origin, parts = get_origin(hint), [part for part in get_args(hint) if part is not NoneType]
    if origin in (Union, UnionType) and all(get_origin(part) is Literal for part in parts):
        parts, origin = [word for part in parts for word in get_args(part)], Literal
    if origin in (Union, UnionType):
        return " or ".join(dict.fromkeys(kind(part) for part in parts))
    if origin is Literal:
        return "one of " + ", ".join(f"`{word}`" for word in parts)
    if origin is tuple:
        return f"list of {kind(parts[0])}"
    if origin is dict:
        return f"name → {kind(parts[1])}"
    return kind(parts[0])  # Annotated


def below(model: type[Record]) -> tuple[type[Record], ...]:
    """Return the records that a record holds, and those that they hold, in the order of their first use."""
    found: dict[type[Record], None] = {}
    for _, _, child in _uses(model):
        found.setdefault(child)
    return tuple(found)


def used_in(model: type[Record]) -> Iterator[tuple[type[Record], str]]:
    """Yield where a record stands: the record that holds it, and the key."""
    for top in (Round, Settings):
        yield from dict.fromkeys((owner, key) for owner, key, child in _uses(top) if child is model)


@functools.cache
def _uses(top: type[Record]) -> tuple[tuple[type[Record], str, type[Record]], ...]:
    found: list[tuple[type[Record], str, type[Record]]] = []
    done: set[type[Record]] = set()
    work = [top]
    while work:
        owner = work.pop(0)
        if owner in done:
            continue
        done.add(owner)
        for key, hint in get_type_hints(owner, include_extras=True).items():
            for child in _records(hint) if key in owner.model_fields else ():
                found.append((owner, key, child))
                work.append(child)
    return tuple(found)


def _records(hint: Any) -> Iterator[type[Record]]:
    if isinstance(hint, type) and issubclass(hint, Record):
        yield hint
    for part in get_args(hint):
        yield from _records(part)


def statuses() -> str:
    """Show the words and signs that are read as a status or a result, and the statuses of decisions."""
    rows = [
        (code(one), _codes(w for w in words if w != one), " ".join(SIGNS_OF[one])) for one, words in WORDS_OF.items()
    ]
    results = [(code(one), _codes(words), " ".join(RESULT_SIGNS_OF[one])) for one, words in RESULT_WORDS_OF.items()]
    own = ", ".join(f"`{word}`" for word in DECISION_STATUSES)
    return (
        table("Words for a status", ("Status", "Also read as", "Signs"), rows)
        + f"\nA decision has statuses of its own: {own}.\n\n"
        + "The `result` of a check is one of the words on the left. `roundbook import` reads the others as these.\n\n"
        + table("Words for a result", ("Result", "Imported from", "Signs"), results)
    )


def _codes(words: Iterable[str]) -> str:
    return ", ".join(code(word) for word in words)


# ------------------------------------------------------------------------------------------------------ macros


def macro_list(env: Any) -> Any:
    """Return the macro that describes every macro, with examples made of this site's own book."""

    @pass_context
    def macros(context: Context) -> str:
        head = env.conf["plugins"]["roundbook"].book.history.head
        more = {"round_commit": (f'"{head[:7]}"',)} if head else {}
        return "\n".join(_macro(context, view, {**EXAMPLES, **more}) for view in VIEWS.values())

    return macros


def _macro(context: Context, view: View, examples: Mapping[str, tuple[str, ...]]) -> str:
    required = [p.name for p in view.parameters if p.default is inspect.Parameter.empty]
    parts = [f"## {view.name} {{ #{view.name} }}", "", str(prose.block(view.documentation)), ""]
    if view.parameters:
        hints = get_type_hints(view.function)
        rows = [
            (code(p.name), words(kind(hints[p.name])), "required" if p.name in required else code(repr(p.default)))
            for p in view.parameters
        ]
        ids = [f"{view.name}.{p.name}" for p in view.parameters]
        parts += [table(f"Parameters of {view.name}", ("Parameter", "Type", "Default"), rows, ids)]
    if view.name in ELSEWHERE:
        arguments, page = ELSEWHERE[view.name]
        parts += [_call(view.name, arguments), f"Its output is the same as on [this page]({page}).", ""]
    elif not required or view.name in examples:
        for arguments in examples.get(view.name, ("",)):
            parts += [_call(view.name, arguments), _live(context, f"{view.name}({arguments})"), ""]
    return "\n".join(parts)


def _call(name: str, arguments: str) -> str:
    return fence(f"{{{{ {name}({arguments}) }}}}", "jinja")


def _live(context: Context, call: str) -> str:
    shown = context.environment.from_string(f"{{{{ {call} }}}}").render(context.get_all())
    return f'<div class="rb-example">\n{shown.strip()}\n</div>\n' if shown.strip() else "*(nothing here)*\n"


# ---------------------------------------------------------------------------------------------------- commands


def commands() -> str:
    """Show the help of every command, as the command itself prints it."""
    top = click.Context(cli, info_name="roundbook", help_option_names=["-h", "--help"], terminal_width=WIDTH)
    parts = [f"## roundbook {{ #roundbook }}\n\n{fence(cli.get_help(top))}"]
    for name in cli.list_commands(top):
        command = cli.get_command(top, name)
        assert command is not None, name  # noqa: S101
        context = click.Context(command, parent=top, info_name=name, terminal_width=WIDTH)
        parts.append(f"## roundbook {name} {{ #{name} }}\n\n{fence(command.get_help(context))}")
        for part, below in command.commands.items() if isinstance(command, click.Group) else ():
            inner = click.Context(below, parent=context, info_name=part, terminal_width=WIDTH)
            parts.append(f"### roundbook {name} {part} {{ #{name}-{part} }}\n\n{fence(below.get_help(inner))}")
    return "\n".join(parts)


def action() -> str:
    """Show the inputs and outputs of the action for GitHub, with the texts that stand in it."""
    whole = yaml.safe_load(ACTION.read_text("utf-8"))
    inputs = (
        (code(name), code(told["default"]) if told.get("default") else "", words(told["description"]))
        for name, told in whole["inputs"].items()
    )
    outputs = ((code(name), words(told["description"])) for name, told in whole["outputs"].items())
    return (
        table("Inputs of the action", ("Input", "Default", "Meaning"), inputs)
        + "\n"
        + table("Outputs of the action", ("Output", "Meaning"), outputs)
    )


# ---------------------------------------------------------------------------------------------- plugin options


def options() -> str:
    """Describe the options of the plugin, with the texts that stand below them in its source."""
    defaults = {key: option.default for key, option in mkdocs.RoundbookConfig()._schema}
    rows = [
        (
            code(name),
            code(str(defaults[name]).lower() if isinstance(defaults[name], bool) else defaults[name]),
            words(text),
        )
        for name, text in option_texts().items()
    ]
    return table("Options of the plugin", ("Option", "Default", "Meaning"), rows, option_texts())


def option_texts() -> dict[str, str]:
    """Return the options of the plugin and the text below each."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(mkdocs.RoundbookConfig)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found: dict[str, str] = {}
    for one, following in itertools.pairwise(body):
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            said = following.value if isinstance(following, ast.Expr) else None
            found[one.targets[0].id] = str(said.value) if isinstance(said, ast.Constant) else ""
    return found


# --------------------------------------------------------------------------------------------------- addresses


def pages() -> str:
    """Show the address of every kind of page."""
    rows = [
        *((front.uri, front.description) for front in FRONT_PAGES),
        (links.phase_page("PHASE"), "One phase."),
        (links.round_page("PHASE/ROUND"), "One round."),
        (links.decision("ID"), "One decision."),
        (links.release("VERSION"), "One version."),
        ("commits/YYYY-MM.md", "The commits of one month, by the day they were committed."),
        ("commits/undated.md", "Commits with an invalid date."),
        (links.GO, "Finds the page of any name."),
    ]
    shown = ((code(_url(uri)), code(uri), words(what)) for uri, what in rows)
    return table("Addresses", ("Address", "Source file", "Content"), shown)


def data() -> str:
    """Show the files of data with the keys of what stands in each."""
    parts = []
    for name, said in FILES.items():
        path = "api/commits/YYYY-MM.json" if name == "month" else f"api/{name}.json"
        whole = schema(name)
        thing = whole["$defs"][said.thing.__name__]
        record = thing["properties"].get("record", {}).get("$ref", "").rpartition("/")[2]
        keys = [
            (key, f"what the file says, as `{record}`" if key == "record" else _shape(value, whole["$defs"]))
            for key, value in thing["properties"].items()
        ]
        rows = [(code(key), words(shape), "always" if key in thing["required"] else "") for key, shape in keys]
        told = table(
            f"Keys of {path}",
            ("Key", "Type", "Present"),
            rows,
            [f"{name}.{key}" for key, _ in keys],
        )
        parts += [f"### {code(path)} {{ #{name} }}", "", f"{said.what} Under {code(said.key)}:", "", told]
    return "\n".join(parts)


def _shape(shape: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """Return the type of a value of JSON in words."""
    if "$ref" in shape:
        return _shape(defs[shape["$ref"].rpartition("/")[2]], defs)
    if "enum" in shape:
        return "one of " + ", ".join(f"`{word}`" for word in shape["enum"])
    if shape.get("type") == "array":
        return f"list: {_shape(shape['items'], defs)}"
    if shape.get("type") == "object":
        inner = shape.get("additionalProperties")
        return f"by name: {_shape(inner, defs)}" if inner else ", ".join(f"`{key}`" for key in shape["properties"])
    return str(shape.get("description") or shape.get("type"))


def feed_list() -> str:
    """Show the feeds."""
    rows = [
        (code(f"/feeds/{name}.xml"), code(f"/feeds/{name}.json"), words(f"{what}, as on `{_url(home)}`"))
        for name, what, home in FEEDS
    ]
    return table("Feeds", ("Atom", "JSON Feed", "Content"), rows)


def _url(uri: str) -> str:
    return "/" + uri.removesuffix("index.md").removesuffix("index.html").removesuffix(".md").rstrip("/") + "/"


def anchors() -> str:
    """Show the anchors on the page of a round."""
    rows = [(code(name), code(f"#{one.prefix}NAME" if one.prefix else "#ID")) for name, one in LISTS.items()]
    entries = table("Anchors of entries", ("List", "Anchor of an entry"), rows)
    sections = ", ".join(f"`#{name}`" for name in sorted(SECTIONS))
    return f"{entries}\nThe sections of a round's page: {sections}.\n"


# ------------------------------------------------------------------------------------------------- attribution


def rules() -> str:
    """Show the rules by which commits find their rounds, in their order."""
    return "".join(f"{number}. {prose_of(rule)}\n" for number, rule in enumerate(RULES, 1))


def coverage() -> str:
    """Show the accounts of commits and what they mean."""
    return table(
        "Coverage of commits", ("Counted as", "Meaning"), ((code(name), words(text)) for name, text in MEANINGS.items())
    )


def hosts() -> str:
    """Show the hosts whose forge is known."""
    rows = ((code(host), words(forge)) for host, forge in KNOWN_HOSTS.items())
    return table("Known hosts", ("Host", "Forge"), rows)


def finding(slug: str) -> str:
    """Show the slug of a finding with an anchor of its own; what it means is written by hand, and held by a test."""
    return f'<code id="{html.escape(slug)}">{html.escape(slug)}</code>'


def check_list() -> str:
    """Return every check with what it demands, its fix, its severity, and whether it needs the whole history."""
    return "\n".join(_check_entry(slug) for slug in CHECKS)


def _check_entry(slug: str) -> str:
    one = CHECKS[slug]
    needs = "It needs the complete history; without it, the result is “not checked”." if one.history else ""
    words, _, fix = one.documentation.partition("Fix:")
    how = f"\n\n*Fix:* {' '.join(fix.split())}" if fix else ""
    severity = f"Its default severity is `{one.severity}`."
    return f"## {slug} {{ #{slug} }}\n\n{' '.join(words.split())}{how}\n\n{severity} {needs}\n"

"""Names, paths and numbers as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from roundbook.importer.vocabulary import key_names
from roundbook.markdown import (
    lead_of,
    pair_of,
    plain,
    remark_of,
)
from roundbook.schema.ids import slug

_PEOPLE_APART = re.compile(r"\s*[,;]\s*(?:and\s+)?|\s+(?:and|&|\+)\s+")
_NOBODY = re.compile(
    r"TBD|TBA|TODO|n/?a|none|auto-?generated|nobody|unassigned|unknown|open|pending|all|everyone|team|various", re.I
)
_SIGNS = re.compile(r"[,;:!?()/&+=<>|]| and ")


def is_name(text: str) -> bool:
    """Tell whether a text may be the name of one person or program: a few words, the first of them like a name."""
    words = text.split()
    if not 0 < len(words) <= 4 or _SIGNS.search(text) or _NOBODY.fullmatch(text.strip("*_` ")):
        return False
    if sum(word[:1].islower() for word in words[1:]) > 1:
        return False  # `Ready for more work`
    first = words[0].strip("*_`")
    return first.startswith("@") or words[0].startswith("`") or (first[:1].isalpha() and not first[:1].islower())


def names_of(text: str) -> list[str]:
    """Return the names that a text lists, one or several; nothing where it says anything else."""
    names = _PEOPLE_APART.split(" ".join(text.split()))
    return names if all(map(is_name, names)) else []


_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]+?)\1(?!`)")
_BETWEEN = re.compile(r"[\s\])]*(?:[,;&+]|\band\b|\bund\b|/)?(?:\s*and\b)?[\s\[(]*")
_LINE = re.compile(r"(?:[:#]L?\d+(?:[-:]L?\d+)*|#[\w-]+)$")
_PATH = re.compile(r"(?!/|-|~|\.\.?$|https?:|mailto:)[\w.@*{}\[\],+~-]+(?:/[\w.@*{}\[\],+~ -]+)*/?")
_MEDIA = re.compile(r"(?:application|audio|font|image|multipart|text|video)/[\w.+-]+$")
_SHOUT = re.compile(r"[A-Z0-9]{1,4}/[A-Z0-9]{1,4}")
_SUFFIXES = frozenset(
    re.findall(
        r"\S+",
        """adoc asm avif bash bat bib bzl c cc cfg cjs clj cmake conf cpp cs css csv cue cxx dart diff dockerfile ejs el elm
        env erb erl ex exs feature fish gif go gql gradle graphql groovy h hbs hcl hpp hrl hs htm html http ico inc ini ipynb
        j2 jade java jinja jpeg jpg js json json5 jsonl jsx jl key kt kts less lock lua m4 md mdx mermaid mjs mk ml mli mm mod
        mts nim nix parquet patch pdf php pl plist png po pom prisma properties proto ps1 psd pug puml py pyi pyx rake rb rego
        rs rst sass scala scm scss sh snap sol sql styl sum svelte svg swift sv tcl template tex tf tfvars toml tpl ts tsv tsx
        txt twig v vhd vim vue wasm wat webp wgsl wit xml xsd yaml yml zig zsh""",
    )
)
_NAMES = frozenset(
    {"makefile", "dockerfile", "justfile", "procfile", "gemfile", "rakefile", "vagrantfile", "jenkinsfile", "license"}
    | {"codeowners", "brewfile", "caddyfile", ".gitignore", ".dockerignore", ".editorconfig", ".env", ".gitattributes"}
)


_DOTTED = re.compile(
    r"\.[a-z][a-z_-]*(?:rc|ignore|example|config|version|modules|local|sample|keep)|\.env(?:\.[a-z]+)*"
)


def is_path(text: str) -> bool:
    """Tell whether a code span names a file or a folder."""
    path = _from_root(_LINE.sub("", text))
    if not _PATH.fullmatch(path) or len(path) > 200 or _MEDIA.match(path) or _SHOUT.fullmatch(path):
        return False
    return "/" in path.rstrip("/") or path.endswith("/") or has_suffix(path)


# The folders of a machine: what lies there is no file of the project.
_MACHINE = re.compile(r"/(?:home|users|mnt|tmp|var|etc|usr|opt|root|private|volumes|dev|proc|sys)/", re.IGNORECASE)


_WINDOWS = re.compile(r"(?:[\w.@-]+\\{1,2})+[\w.@-]+")


def _from_root(path: str) -> str:
    """Return the path of a file as git writes it: without the root of the project before it, and with `/` for `\\`.

    `/api/users` may be an address.
    """
    if _WINDOWS.fullmatch(path) and has_suffix(path):
        return re.sub(r"\\+", "/", path)
    return path[1:] if path.startswith("/") and has_suffix(path) and not _MACHINE.match(path) else path


def has_suffix(path: str) -> bool:
    """Tell whether a path ends like the name of a file."""
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return name.lower() in _NAMES or bool(_DOTTED.fullmatch(name)) or bool(dot and stem and suffix.lower() in _SUFFIXES)


def paths_in(text: str) -> list[str]:
    """Return the paths of the code spans of a text, each once, with the folder that it inherits."""
    found: list[str] = []
    folder, end = "", -1
    for span in _SPAN.finditer(text):
        if end < 0 or not _BETWEEN.fullmatch(text, end, span.start()):
            folder = ""
        end = span.end()
        said = span[2].strip()
        if not is_path(said):
            folder = ""
            continue
        path = _from_root(_LINE.sub("", said))
        if "/" in path:
            folder = "" if path.endswith("/") else path.rpartition("/")[0] + "/"
        else:
            path = folder + path
        found.append(path.removeprefix("./"))
    return list(dict.fromkeys(found))


def bare_path(text: str) -> str:
    """Return the path that a text is, with or without the marks of code, or the empty text."""
    span = _SPAN.fullmatch(text.strip())
    said = span[2].strip() if span else text.strip()
    sure = is_path(said) and (bool(span) or has_suffix(said) or said.endswith("/"))
    return _from_root(said) if sure and not _LINE.search(said) else ""


# What stands between a path and words about it: `a.py (120 lines)`, `**a.py** - the start`, `a.py: the start`.
_LINKED = re.compile(r"[*_]*\[`?(?P<label>[^\[\]`]+)`?\]\([^()\s]+\)")
_ABOUT = re.compile(r"\s+\(|\s+(?:--?|[–—→])\s|:(?:\s|\*\*)")


def leading_paths(text: str) -> list[str]:
    """Return the paths that a text begins with, whatever it says of them; nothing where it begins with anything else."""
    if (link := _LINKED.match(text)) and (path := bare_path(link["label"])):
        return [path]
    cut = _ABOUT.search(text)
    lead = text[: cut.start()].strip(" *_") if cut else text.strip(" *_")
    return only_paths(lead) or (paths_in(text) if text.lstrip("* ").startswith("`") and not cut else [])


def only_paths(text: str) -> list[str]:
    """Return the paths of a text that is nothing else: one, or several behind each other; else nothing."""
    if one := bare_path(text):
        return [one]
    rest = _SPAN.sub("", text)
    spans = _SPAN.findall(text)
    if spans and not re.sub(r"[\s,;&+]|\band\b|<br ?/?>", "", rest) and all(is_path(said.strip()) for _, said in spans):
        return paths_in(text)
    pieces = [bare_path(piece) for piece in re.split(r"[,;\n]|<br ?/?>", text)]
    return pieces if len(pieces) > 1 and all(pieces) else []


ARROW = re.compile(r"\s*(?:-{1,2}>|→|=>|⟶|➜)\s*")
_NUMBER = r"[~≈<>≤≥]{0,2}\s?[-+±]?[$€£]?\d[\d,']*(?:\.\d+)?[+]?(?:\s?[kKMG](?![A-Za-z]))?"
_UNIT = r"\s?(?:%|[^\W\d]{1,12}(?:/[^\W\d]{1,12})?)"
_QUANTITY = re.compile(rf"{_NUMBER}(?:\s?(?:/|of|[-–])\s?{_NUMBER})?(?:{_UNIT}(?:\s[^\W\d]{{1,15}}){{0,2}})?")
_DURATION = re.compile(r"~?(?:\d+(?:\.\d+)?\s?(?:d|h|hrs?|m|min|mins|s|sec|ms)\b\s?)+")
_UNKNOWN = re.compile(r"(?:TBD|TBA|n/?a|none|nil|\?+|unknown|pending)", re.IGNORECASE)
_TARGET = re.compile(r"(?:target|goal|budget|limit|threshold)\s*:?\s*(?P<target>.+)", re.IGNORECASE)
_COUNTED = re.compile(
    r"\b(?:tests?|coverage|count|size|time|duration|loc|lines|files|errors?|warnings?|bugs|velocity|points|score|total|"
    r"passed|passing|failed|failing|skipped|latency|throughput|memory|startup|builds?|number|rate|effort|hours|days|"
    r"commits|prs|issues|crates|modules|functions|budget|cost|tokens)\b"
)
_CODED = re.compile(r"`([^`]+)`")
_LABELLED = re.compile(r"(?P<label>[^:\n]{1,60}?)\s*:\s+(?P<value>\S.*)", re.DOTALL)
_DASHED = re.compile(r"(?P<label>[^:\n]{1,60}?)\s+(?:--|[–—-])\s+(?P<value>[~≈<>≤≥+-]?\d.*)", re.DOTALL)
# Names that teams give to one number, so that it goes on from round to round.
_SAME = {
    **dict.fromkeys(("tests", "test count", "total tests", "tests total", "number of tests", "test total"), "tests"),
    **dict.fromkeys(("coverage", "test coverage", "code coverage", "line coverage"), "coverage"),
}


# Labels of what is no measurement, though it may begin with a number: `Next phase: 10B`.
_NO_NUMBER = re.compile(
    r"\W*(?:(?:status|severity|priority|version)\W*$|next\b|0x|(?:current|starting) (?:phase|sprint|round|week)\b)",
    re.IGNORECASE,
)


def metric(label: str, value: str, *, sure: bool = False) -> tuple[str, dict[str, Any]] | None:
    """Return name and entry of the number that a label and a value state, or `None` where they state none.

    `sure` says that the place is one for numbers, so that any label will do, and `TBD` and `> 80%` for a value.
    """
    base, key_remark = remark_of(one_line(label))
    when = key_names().get(plain(key_remark), "") if key_remark else ""
    name = (base if when in ("before", "after") else one_line(label)).replace("**", "")
    found = _values(one_line(value), when if when in ("before", "after") else "value", sure)
    if not found or _NO_NUMBER.match(name) or not (sure or _measured(base, value)):
        return None
    return name_of_metric(name), {"label": name, **found}


_TALLY = re.compile(
    r"\W*(?:all |test result: ok\. )?(?P<value>(?:\d[\d,]* test files?, )?\d[\d,]*(?: ?(?:/|of) ?\d[\d,]*)?"
    r"(?: (?:[a-z-]+ )?tests?)?(?: --?|,)?(?: all| are)? (?:pass(?:ed|ing|es)?|green)\b(?:[,;] \d[\d,]* \w+)*)(?P<rest>\W.*)?",
    re.IGNORECASE | re.DOTALL,
)
_MEASURE = rf"{_NUMBER}(?:{_UNIT})?"
_FROM = rf"from (?P<before>{_MEASURE}) to (?P<after>{_MEASURE})(?=[\s.,;)]|$)"
_CHANGED = re.compile(
    r"(?P<label>[A-Z][^\W\d]*(?: [^\W\d]+){0,3}?) (?:has |have )?(?:rose|risen|grew|grown|went|gone|increased|improved|climbed|"
    rf"dropped|fell|fallen|decreased|shrank|moved)(?: up| down)? {_FROM}"
)


def tally(text: str) -> tuple[str, dict[str, Any]] | None:
    """Return name and entry of the count of tests that a text is: `**41/41 passing**`, `All 12 tests pass (3 new)`."""
    bare = one_line(text).replace("*", "").replace("`", "").strip()
    match = _TALLY.fullmatch(bare)
    if not match or len(bare) > 120:
        return None
    said = {"note": bare} if (match["rest"] and match["rest"].strip(" .!✅")) or match.start("value") else {}
    return "tests", {"label": "Tests", "value": match["value"], **said}


def changes_in(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Return names and entries of the numbers that sentences say the change of: `Coverage rose from 80 % to 91 %`."""
    found = _CHANGED.finditer(one_line(text).replace("*", "").replace("`", ""))
    labels = ((match["label"].removeprefix("The "), match) for match in found)
    return [
        (
            name_of_metric(label),
            {"label": label[:1].upper() + label[1:], "before": one["before"], "after": one["after"]},
        )
        for label, one in labels
    ]


def name_of_metric(label: str) -> str:
    """Return the name under which a number goes on from round to round."""
    return _SAME.get(plain(label)) or slug(label, 40)


def is_quantity(text: str) -> bool:
    """Tell whether a text is a number with or without a unit, and nothing else."""
    return bool(_QUANTITY.fullmatch(text.strip()) or _DURATION.fullmatch(text.strip()))


def labelled(text: str) -> tuple[str, str] | None:
    """Return label and value of an entry of a list of numbers: `Tests: 1,048`, `**Tests** -- 1,048`."""
    if pair := pair_of(text) or lead_of(text):
        return pair
    match = _LABELLED.fullmatch(text) or _DASHED.fullmatch(text)
    return (match["label"], match["value"]) if match else None


def _measured(label: str, value: str) -> bool:
    """Tell whether a pair is about a number rather than a name that has digits (`Toolchain: 1.85`, `Build: 4711`)."""
    return bool(_COUNTED.search(plain(label)) or ARROW.search(value) or "%" in value)


def _values(text: str, key: str, sure: bool) -> dict[str, Any]:
    base, remark = remark_of(text)
    bare = base.strip("*_` ")
    steps = ARROW.split(bare)
    if len(steps) == 2 and all(_is_value(step, True) for step in steps):
        found: dict[str, Any] = {"before": steps[0], "after": steps[1]}
    elif _is_value(bare, sure):
        found = {key: _CODED.sub(r"\1", base) if base.startswith("`") else base}
    else:
        return {}
    if remark:
        target = _TARGET.fullmatch(remark)
        found |= {"target": target["target"]} if target else {"before-note" if key == "before" else "note": remark}
    return found


def _is_value(text: str, sure: bool) -> bool:
    if re.match(r"\d{4}-\d\d-\d\d", text):
        return False  # a day, or a time
    return is_quantity(text) or (sure and bool(_UNKNOWN.fullmatch(text) or re.match(_NUMBER, text)) and len(text) <= 80)


def remembered(entry: dict[str, Any], key: str, text: str, by: str = "; ") -> None:
    """Add a text to a field that may have one already."""
    entry[key] = joined((str(entry.get(key, "")), text), by)


def one_line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def joined(texts: Iterable[str], by: str = "; ") -> str:
    """Return texts in one, without those that are empty."""
    return by.join(text for text in texts if text)


_LIMBS = re.compile(r"[\s│├└─┬┌┐|`+]*(?:[-*]\s+|[MADRU?]{1,2}\s+(?=\S))?")
_MARKS = re.compile(r"\s+(?:\[[A-Z]+\]|#|//|--?|[–—→|(])")


def listed_paths(text: str) -> list[tuple[int, str, str]]:
    """Return the files that lines list, as a tree or one a line, with the number of the line and what is said of each.

    Lines that are moved in below a file say more of it. There are none where a line is anything else.
    """
    found: list[tuple[int, str, str]] = []
    folders: list[tuple[int, str]] = []
    for n, line in enumerate(text.split("\n")):
        limbs = _LIMBS.match(line)
        at = limbs.end() if limbs else 0
        cut = _MARKS.search(line, at)
        name = line[at : cut.start() if cut else len(line)].strip(" `")
        while folders and at <= folders[-1][0]:
            folders.pop()
        above = "".join(one for _, one in folders)
        if not name or set(name) <= {"."}:
            continue
        if name.endswith("/") and is_path(name):
            folders.append((at, name.removeprefix("./").lstrip("/")))
        elif path := bare_path(name.removeprefix("./")):
            found.append((n, above + path, line[cut.start() :].strip() if cut else ""))
        elif not (found and at):
            return []
    return found


def drop_doubles(entries: Iterable[dict[str, Any]]) -> None:
    """Make the id of an entry that an earlier one has a note."""
    seen: set[str] = set()
    for one in entries:
        if one["id"] in seen:
            note = f"{one['id']}; {one['note']}" if one.get("note") else one["id"]
            one["note"] = note
            del one["id"]
        else:
            seen.add(one["id"])


_OF_A_PATH = re.compile(
    r"(?P<path>\S+?)(?:\s+\((?P<remark>[^()]+)\)|(?:\s+(?:--?|[–—])|:)\s+(?P<words>\S.*))", re.DOTALL
)


def about_path(text: str) -> str:
    """Return what a text says of the one path that it begins with: `a.py - the start`, `a.py (120 lines)`."""
    match = _OF_A_PATH.fullmatch(text)
    return (match["words"] or match["remark"] or "") if match and bare_path(match["path"].strip("*")) else ""


def is_whole(text: str) -> bool:
    """Tell whether every bracket in a text is closed in it."""
    return text.count("(") == text.count(")") and text.count("[") == text.count("]")

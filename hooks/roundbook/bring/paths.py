"""In: a text. Out: the paths of files and folders that it names, told from other code by a slash or a known suffix.

A name without a folder behind one with a folder lies in the same: `docs/a.md`, `b.md` are `docs/a.md` and `docs/b.md`.
"""

from __future__ import annotations

import re

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


def is_path(text: str) -> bool:
    """Tell whether a code span names a file or a folder."""
    path = _LINE.sub("", text)
    if not _PATH.fullmatch(path) or len(path) > 200 or _MEDIA.match(path) or _SHOUT.fullmatch(path):
        return False
    return "/" in path.rstrip("/") or path.endswith("/") or has_suffix(path)


def has_suffix(path: str) -> bool:
    """Tell whether a path ends like the name of a file."""
    name = path.rpartition("/")[2]
    stem, dot, suffix = name.rpartition(".")
    return name.lower() in _NAMES or bool(dot and stem and suffix.lower() in _SUFFIXES)


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
        path = _LINE.sub("", said)
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
    return said if sure and not _LINE.search(said) else ""


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

"""What a template sees, and the rendering of templates."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

from roundbook.book.facts import Anchored, CheckResult, Decision
from roundbook.book.model import Book, Entry
from roundbook.errors import plural
from roundbook.frozen import frozen
from roundbook.git.forge import Forge
from roundbook.git.history import Commit, Marker, Person
from roundbook.schema.base import Item, Record
from roundbook.schema.decision import Selection
from roundbook.schema.ids import FIRST, called, is_phase
from roundbook.schema.items import leads
from roundbook.site import links, prose, widgets
from roundbook.site.charts import marks
from roundbook.site.escape import BODY_LIMIT, clean, cut, encode, finalize, path_code, spell
from roundbook.site.links import Here, named
from roundbook.site.outline import beyond
from roundbook.site.resolve import Target, commit_ids, exact
from roundbook.site.widgets import RESULTS, day, link, mark, status

_REFERENCES = frozenset({"refs", "to", "from_", "since", "resolved", "blocks", "prs", "issues", "decision", "commits"})
_CODE = frozenset({"branch", "command"})
_NUMBERED = re.compile(r"(?P<stem>(?:[a-z]+-)*?[a-z]{0,5})-?\d+(?=-|$)")
_ISSUE = re.compile(r"(?:(?P<repository>[\w.-]+/[\w.-]+))?[#!](?P<number>\d{1,9})")

_ANCHOR = re.compile(r"</?a\b[^>]*>")


@frozen
class PageContext:
    """What a template may ask for, besides its own values: `s.commit(id)`, `s.round(key)`, `s.md(text)`."""

    book: Book
    here: Here

    @cached_property
    def _keys(self) -> dict[str, Markup]:
        # A page names the same few rounds again and again.
        return {}

    @cached_property
    def forge(self) -> Forge | None:
        """Return the web side of this repository."""
        return self.book.forge

    # ------------------------------------------------------------------ text

    def md(self, text: str | None) -> Markup:
        """Return the prose of a round file as HTML blocks."""
        return prose.block(text, self.refer) if text else Markup("")

    def line(self, text: str | None, *, bare: bool = True) -> Markup:
        """Return a line of a round file's prose as HTML for running text; without `bare`, for the inside of a link, no link."""
        if bare or not text:
            return prose.inline(text, self.refer, bare=bare) if text else Markup("")
        return Markup(_ANCHOR.sub("", prose.name(text, self.refer)))  # noqa: S704 - less of what is safe

    def brief(self, text: str) -> Markup:
        """Return the first sentence of a round file's prose for a list, which is cut at a word where it is long."""
        said, is_plain = prose.brief(text)
        return encode(said) if is_plain else self.line(said)

    def lines(self, texts: Iterable[str]) -> list[Markup]:
        """Return each of several lines of a round file's prose."""
        return [self.line(text) for text in texts]

    def refer(self, text: str) -> str | None:
        """Return where the text of a code span leads: a decision's id or a commit's id of this book, or nowhere.

        A single word leads nowhere, also where a decision is called like that: in code it is nearly always something else.
        """
        if not text.isalpha() and (name := self.book.decision_index.find(text)):
            return self.here.to(links.decision(name))
        found = commit_ids(self.book, text) if not text.isdecimal() else ()
        return self.commit_url(found[0]) if len(found) == 1 else None

    def body(self, text: str) -> Markup:
        """Return a commit's body for a `<pre>`, cut where it is enormous."""
        return encode(cut(clean(text), BODY_LIMIT))

    # ---------------------------------------------------------------- entries

    def entry(self, item: Item, forge: Forge | None = None, *shown: str) -> Markup:
        """Return an entry of a list: its status, its words, then all else that it says, each behind its name."""
        label = next((name for name in (*item.LABEL, "text") if getattr(item, name, None)), "")
        text = getattr(item, "text", None) if label != "text" else None
        parts = [Markup("")]
        word, said = getattr(item, "status", None), getattr(item, "status_text", None)
        if word or said:
            parts.append(status(word, said) + Markup(" "))
        title = self.line(item.label)
        parts.append(Markup("<strong>") + title + Markup("</strong>") if text else title)
        if text:
            parts.append(Markup(" ") + self._text(text))
        return Markup("").join(parts) + self.rest(
            item, forge, label, "text", "status", "status_text", "commits", *shown
        )

    def rest(self, record: Record, forge: Forge | None = None, *shown: str) -> Markup:
        """Return all that a record says beyond the fields `shown`, each behind its name, so that no key is forgotten."""
        parts = []
        for name, words, value in beyond(record, shown):
            label = Markup(' <span class="rb-label">') + encode(words) + Markup("</span>")
            parts.append(label + Markup(" ") + self.value(name, value, forge))
        return Markup("").join(parts)

    def value(self, name: str, value: object, forge: Forge | None = None) -> Markup:
        """Return the value of a field: references as links, commands as code, records with all that they say."""
        if isinstance(value, tuple):
            return Markup(", ").join(self.value(name, one, forge) for one in value)
        if isinstance(value, dict):
            return Markup(", ").join(encode(f"{key}: ") + self.value("", one, forge) for key, one in value.items())
        if isinstance(value, Record) and not isinstance(value, Selection):
            return self.rest(value, forge)
        if value is True:
            return Markup("✓")
        if name in _CODE:
            return Markup("<code>") + encode(str(value)) + Markup("</code>")
        return self.reference(str(value), forge) if name in _REFERENCES else self._text(str(value))

    def _text(self, text: str) -> Markup:
        if "\n" not in text.strip():
            return self.line(text)
        return Markup('<div class="rb-prose">') + self.md(text) + Markup("</div>")

    def unresolved(self, written: Iterable[str], known: Collection[str] = ()) -> tuple[str, ...]:
        """Return what a decision refers to and the book has no decision of; `known` are those that it is related to."""
        return tuple(text for text in written if text not in known and not self.book.decision_index.find(text))

    # ----------------------------------------------------------------- links

    def commit_url(self, commit_id: str) -> str | None:
        """Return where a commit is shown: on its forge where that is known, else in the list of its month."""
        book = self.book.holding(commit_id)
        if book.forge and (url := book.forge.commit(commit_id)):
            return url
        month = book.index_page_of.get(commit_id)
        return self.here.to(links.month(month), links.commit_anchor(commit_id)) if month else None

    def commit(self, commit_id: str, reason: str = "") -> Markup:
        """Return a link to a commit by its short id, with its subject, and why it is named, as the title."""
        commit = self.book.holding(commit_id).commit(commit_id)
        code = Markup(f"<code>{encode(commit_id[:7])}</code>")  # noqa: S704
        title = f"commit {cut(commit.subject, 80)}" if commit else "commit"
        return link(self.commit_url(commit_id), code, title=f"{title} ({reason})" if reason else title)

    def sha(self, commit_id: str) -> Markup:
        """Return a link to a commit whose subject stands beside it, by its short id."""
        return link(self.commit_url(commit_id), Markup(f"<code>{encode(commit_id[:7])}</code>"))  # noqa: S704

    def person(self, person: Person) -> Markup:
        """Return the name of a person, never an address."""
        return Markup("<bdi>") + encode(named(person.name)) + Markup("</bdi>")

    def signed(self, commit: Commit) -> Markup:
        """Return a commit with who wrote it and when."""
        return self.commit(commit.id) + " " + self.person(commit.author) + " " + day(commit.authored)

    def subject(self, commit: Commit) -> Markup:
        """Return a commit's subject as text."""
        return encode(cut(commit.subject)) if commit.subject else Markup('<em class="rb-unknown">(no message)</em>')

    def round(self, key: str, text: str = "", anchor: str = "") -> Markup:
        """Return a link to a round or phase by its name, or the key alone where there is no such round."""
        entry = self.book.entries.get(key)
        shown = encode(text) if text else prose.name(entry.round.name) if entry else encode(key)
        return link(self.here.to(links.round_page(key), anchor) if self._has_page(key) else None, shown)

    def _has_page(self, key: str) -> bool:
        return key in self.book.entries or any(b.key == key for b in self.book.broken)

    def round_key(self, key: str) -> Markup:
        """Return a link to a round by its short key, `3/4`, or to `phase 3`, with its focus as the title."""
        if key not in self._keys:
            self._keys[key] = self._round_key(key)
        return self._keys[key]

    def _round_key(self, key: str) -> Markup:
        entry = self.book.entries.get(key)
        return self.round_link(key, prose.plain_name(entry.round.focus or entry.round.name) if entry else "")

    def round_link(self, key: str, about: str = "") -> Markup:
        """Return a link to a round by its short key alone, for lists that name the same rounds again and again."""
        words = called(key) if is_phase(key) else key
        return link(self.here.to(links.round_page(key)) if self._has_page(key) else None, encode(words), title=about)

    def number(self, decision: Decision) -> Markup:
        """Return the number of a decision, `ADR-0044`, as a link to it; of one without a number, what took it."""
        if number := number_of(decision):
            return link(self.here.to(links.decision(decision.id)), encode(number))
        return self.round_key(decision.round) if decision.round else Markup("")

    def taken_in(self, decision: Decision) -> Markup:
        """Return a link to what took a decision: its place on the page of a round, or the file that records it."""
        if decision.round:
            return self.round(decision.round, anchor=decision.anchor)
        return self.file(decision.origin, decision.origin)

    def file(self, path: str, shown: str) -> Markup:
        """Return a file of the project as code, linked to it on the forge where HEAD holds it."""
        history, code = self.book.history, path_code(shown)
        there = self.forge is not None and history.head is not None and history.prefix + path in history.tree
        return link(self.forge.file(str(history.head), history.prefix + path) if there and self.forge else None, code)

    def titled(self, key: str, title: str) -> Markup:
        """Return a link to a round by words of its title or focus; its whole name is the tip."""
        entry = self.book.entries[key]
        tip = prose.plain_name(entry.round.name)
        shown = prose.name(title)
        return link(self.here.to(links.round_page(key)), shown, title="" if tip == prose.plain_name(title) else tip)

    def phase(self, key: str) -> Markup:
        """Return a link to a phase by its name."""
        phase = self.book.phases.get(key)
        return link(self.here.to(links.phase_page(key)), prose.name(phase.name) if phase else encode(f"Phase {key}"))

    def decision(self, name: str, *, with_status: bool = True) -> Markup:
        """Return a link to a decision by its title, with its status where that is not `accepted`."""
        decision = self.book.decisions.get(name)
        if decision is None:
            return encode(name)
        shown = link(self.here.to(links.decision(name)), prose.name(decision.record.title))
        return shown + " " + status(decision.shown) if with_status and decision.status != "accepted" else shown

    def gist(self, decision: Decision) -> Markup:
        """Return why a decision was taken in one sentence, or else what was decided."""
        record, adopted = decision.record, decision.adopted
        texts = (*record.rationale[:1], record.decision, record.context, adopted.prose if adopted else "")
        return encode(next((said for text in texts if text and (said := prose.gist(text))), ""))

    @property
    def all_decisions(self) -> str:
        """Return the address of the page of all decisions."""
        return self.here.to(links.DECISIONS) or ""

    def decisions(self, names: Iterable[str], *, with_status: bool = True) -> list[Markup]:
        """Return links to several decisions."""
        return [self.decision(name, with_status=with_status) for name in names]

    def pull(self, number_: int) -> Markup:
        """Return a link to a pull request of this repository."""
        return link(self.forge.pull(number_) if self.forge else None, Markup(f"#{number_}"), kind="rb-pull")  # noqa: S704

    def reference(self, text: str, forge: Forge | None = None) -> Markup:
        """Return any reference of a round file as a link where it resolves, else as text."""
        own = forge or self.forge
        match = _ISSUE.fullmatch(text)
        if match and own and not match["repository"]:
            return link(own.issue(int(match["number"])), encode(text))
        found = exact(self.book, text)
        if len(found) == 1:
            return self._target(found[0])
        return encode(text) if found else self.line(text)

    def _target(self, found: Target) -> Markup:
        if found.kind in ("round", "phase"):
            return self.round_key(found.name)
        return self.decision(found.name) if found.kind == "decision" else self.commit(found.id)

    def former_anchors(self, key: str, anchor: str) -> Markup:
        """Return the anchors that an entry of a round had before, as places that links to them still find."""
        olds = self.book.aliases.anchors.get((key, anchor), ())
        return Markup("").join(Markup(f'<span id="{encode(old)}"></span>') for old in olds)  # noqa: S704

    def backlinks(self) -> tuple[tuple[str, str], ...]:
        """Return the addresses and titles of the hand-written pages that refer to this page."""
        found = self.book.backlinks.get(self.here.uri, ())
        return tuple((url, m.title) for m in found if (url := self.here.to(m.uri, address=m.address)))

    def path(self, entry: Entry | None, path: str, shown: str = "") -> Markup:
        """Return a path, or the part of it that is `shown`, as code; linked to the file at the round's last commit.

        It is a link only where git says that the file is there.
        Where no round names it, HEAD is asked. A round of a repository whose history is not here gets a link to the
        branch, since nothing can be verified.
        """
        if entry is None:
            return self.file(path.removeprefix("./"), path)
        code = path_code(shown or path)
        forge = self.book.forges.get(entry.repository)
        home = self.book.home(entry.key)
        entry = home.entries.get(entry.key, entry)
        if not forge or any(c in path for c in "*?[{ "):
            return code
        if not entry.verified:
            return link(forge.file(forge.branch, path), code, title="on the branch of another repository, not verified")
        at = entry.last_commit or home.history.head
        for full in (home.history.prefix + path, path):
            if at and home.git_facts.spots.get((at, full)):
                return link(forge.file(at, full), code, title=f"the file at commit {at[:7]}")
        return code

    def paths(self, entry: Entry | None, paths: Iterable[str]) -> Markup:
        """Return several paths, with commas between."""
        return Markup(", ").join(self.path(entry, path) for path in paths)

    def marker(self, marker: Marker, name: str = "") -> Markup:
        """Return the file, or its `name`, and the line of a marker as code, linked to that line at the commit of this book."""
        return self._marker(marker, path_code(f"{cut(name or marker.path)}:{marker.line}"))

    def marker_line(self, marker: Marker) -> Markup:
        """Return the line of a marker alone, where the file was named before."""
        return self._marker(marker, Markup(f"<code>{marker.line}</code>"))  # noqa: S704

    def _marker(self, marker: Marker, code: Markup) -> Markup:
        at = self.book.history.head
        return link(self.forge.file(at, marker.path, marker.line) if self.forge and at else None, code)

    def url(self, address: str, text: str | None = None) -> Markup:
        """Return an outside link of a round file, if its scheme is one of the web or of mail."""
        known = leads(address)
        shown = prose.inline(text, self.refer) if text else encode(address)
        beside = (
            Markup("") if known or not text else Markup(' <span class="rb-note">') + encode(address) + Markup("</span>")
        )
        return link(address if known else None, shown) + beside

    def entry_url(self, key: str, anchor: str) -> str:
        """Return the address of an entry of a round, or of a decision that no round took."""
        if not key and anchor in self.book.decisions:
            return self.here.to(links.decision(anchor)) or "#"
        return self.here.to(links.round_page(key), anchor) or f"#{anchor}"

    def check_marks(self, key: str, anchor: str, *, verified: bool = True) -> Markup:
        """Return small marks beside a claim: one for each contradiction, one each for what is verified and not checked.

        A list of claims of which nearly all are `verified` says so for all of them.
        """
        url = self.entry_url(key, "evidence")
        found: dict[str, list[CheckResult]] = {}
        for result in self.book.results_at.get((key, anchor), ()):
            if result.is_claim:
                found.setdefault(result.outcome, []).append(result)
        parts = [self._contradiction(result, url) for result in found.pop("contradicted", ())]
        for outcome in ("verified", "not-checked") if verified else ("not-checked",):
            if results := found.get(outcome):
                tip = "; ".join(f"{v.claim}: {v.evidence}" for v in results[:3])
                parts.append(mark(outcome, RESULTS[outcome], outcome.replace("-", " "), tip, url))
        return Markup("").join(parts)

    def _contradiction(self, result: CheckResult, url: str) -> Markup:
        lenient = "waived" if result.waived else "noted" if result.severity == "info" else ""
        tip = f"{result.claim}: {result.evidence}" + (f" (waived: {result.waived})" if result.waived else "")
        word = f"{result.check} ({lenient})" if lenient else result.check
        kind = f"contradicted rb-{lenient}" if lenient else "contradicted"
        return mark(kind, RESULTS[lenient or "contradicted"], word, tip, url)

    def result(self, outcome: str, count: int) -> Markup:
        """Return how many claims came to a result, with its mark and in its colour."""
        shown = Markup(f'<span aria-hidden="true">{RESULTS[outcome]}</span> {count:,} {outcome.replace("-", " ")}')  # noqa: S704
        return Markup(f'<span class="rb-status rb-{outcome}">{shown}</span>')  # noqa: S704

    # -------------------------------------------------------------- findings

    def successors(self, decision: Decision) -> Markup:
        """Return the decisions that replaced one, as links."""
        return Markup(", ").join(self.decision(name, with_status=False) for name in decision.superseded_by)


def number_of(decision: Decision) -> str:
    """Return the number that a decision is known by, `ADR-0044`, or the empty text."""
    found = _NUMBERED.match(decision.id)
    if not found or (decision.round and found[0] != decision.id):
        return ""
    return found[0].upper() if found["stem"] == FIRST else found[0]


_HEADING = re.compile(r"(#{1,6} )(.*?)( \{ #[\w-]+ \})?")


class _AsWritten(CodeGenerator):
    """Leaves what filters make of constants to each rendering: their code may change while the template stays."""

    def _output_child_to_const(self, node: nodes.Expr, frame: Frame, finalize: Any) -> str:
        if not isinstance(node, nodes.TemplateData):
            raise nodes.Impossible
        return super()._output_child_to_const(node, frame, finalize)


class CompiledTemplates(FileSystemBytecodeCache):
    """Compiled templates, kept as Python keeps compiled modules: beside them in `__pycache__`, where it may write."""

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """Return a template as it is compiled for an environment; another one may compile the same text otherwise."""
        key = f"{self.get_cache_key(name, filename)}.{_form(environment)}"
        bucket = Bucket(environment, key, self.get_source_checksum(source))
        self.load_bytecode(bucket)
        return bucket

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a template that is kept, or nothing where the folder is none."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template, or nothing where the folder cannot be written."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("roundbook", "site/views"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        amount=widgets.amount,
        change=widgets.change,
        reached=widgets.reached,
        difference=widgets.difference,
        plural=plural,
        day=widgets.day,
        status=widgets.status,
    )
    environment.filters["link"] = lambda words, url: widgets.link(url, finalize(words))
    environment.filters.update(bar=marks.bar, sparkline=marks.sparkline, squares=marks.squares)
    environment.filters.update(by_group=by_group, path=path_code, sentence=prose.sentence)
    keep_compiled(environment)
    return environment


def keep_compiled(environment: Environment) -> None:
    """Have an environment keep its compiled templates."""
    environment.code_generator_class, environment.optimized = _AsWritten, False
    environment.bytecode_cache = CompiledTemplates(str(Path(__file__).with_name("views") / "__pycache__"), "%s.jinja")


def _form(environment: Environment) -> str:
    """Return a digest of all of an environment that the code of its templates depends on."""
    own = (str(value) for name, value in sorted(vars(environment).items()) if isinstance(value, bool | str))
    passed = (
        f"{name} {getattr(one, 'jinja_pass_arg', '')}"
        for functions in (environment.filters, environment.tests)
        for name, one in sorted(functions.items())
    )
    form = "\n".join((jinja2.__version__, *own, *sorted(environment.extensions), *passed))
    return blake2b(form.encode(), digest_size=6).hexdigest()


def render(template: str, book: Book, here: Here, **values: Any) -> Markup:
    """Return a template of `site/views` rendered with the context of a page and with values."""
    made = _environment().get_template(template).render(s=PageContext(book, here), book=book, **values)
    return Markup(tidy(made))  # noqa: S704 - the template has encoded what it printed


def by_group(entries: Iterable[Anchored]) -> list[tuple[str | None, list[Anchored]]]:
    """Return entries by their `group`, groups in the order in which they first appear."""
    groups: dict[str | None, list[Anchored]] = {}
    for entry in entries:
        groups.setdefault(getattr(entry.item, "group", None), []).append(entry)
    return list(groups.items())


def filled(columns: Mapping[str, str], entries: Iterable[Anchored]) -> dict[str, str]:
    """Return the first of some columns of fields, and of the others those that any entry says something in."""
    items = [entry.item for entry in entries]
    return {
        name: head
        for i, (name, head) in enumerate(columns.items())
        if not i or any(getattr(x, name) or getattr(x, f"{name}_text", None) for x in items)
    }


def tidy(text: str) -> str:
    """Return Markdown without blank lines or indentation inside HTML blocks, and with one around each heading."""
    lines: list[str] = []
    for raw in text.split("\n"):
        line = raw.strip()
        if heading := _HEADING.fullmatch(line):
            line = f"{heading[1]}{spell(Markup(heading[2]))}{heading[3] or ''}"  # noqa: S704 - a template's own
            lines += ["", line, ""] if lines and lines[-1] else [line, ""]
        elif line:
            lines.append(line)
    return "\n".join(lines).strip("\n") + "\n" if lines else ""

"""In: the book. Out: a link to whatever a reference means, and the hand-written pages that refer to a page."""

from __future__ import annotations

from markupsafe import Markup

from roundbook.book.model import Book
from roundbook.errors import RoundbookError
from roundbook.show.encode import encode, spell
from roundbook.show.here import Here
from roundbook.show.marks import link
from roundbook.show.resolve import missing, near, resolve
from roundbook.show.scene import Scene
from roundbook.show.targets import Target
from roundbook.show.view import complaint, view


@view
def round_ref(book: Book, here: Here, to: str, text: str = "") -> Markup:
    """Show a link to whatever a reference means: `[[3/4]]` as a macro, for engines that do not know the brackets.

    `to` is what may stand in `[[…]]`: a round, an entry of one, a decision, version, pull request, commit or data file;
    `text` is shown instead of its name.
    """
    found = the_one(book, to)
    return spell(link(here.to(found.uri, found.anchor), encode(text or found.shown), title=found.tip))


def the_one(book: Book, text: str) -> Target:
    """Return the one target of a reference; a complaint where it means nothing, or more than one thing."""
    found = resolve(book, text)
    if len(found) != 1:
        raise unresolved(book, text, found)
    return found[0]


def unresolved(book: Book, text: str, found: tuple[Target, ...]) -> RoundbookError:
    """Return the complaint for a reference that means nothing, or more than one thing."""
    shown = text if len(text) <= 60 else text[:59] + "…"
    if found:
        names = ", ".join(f'"{t.name}"' for t in found[:4])
        return complaint("reference-unresolved", f'"{shown}" may be {names}', "write more of it")
    close = near(book, text)
    mend = f'did you mean "{close[0]}"?' if close else "correct it, or write \\[[ where no reference is meant"
    return complaint("reference-unresolved", f'"{shown}" {missing(book, text)}', mend)


def mentioned_in(book: Book, here: Here) -> Markup:
    """Return the hand-written pages that refer to this page, as a section; nothing where there is none."""
    found = [link(url, encode(title)) for url, title in Scene(book, here).mentions()]
    if not found:
        return Markup("")
    items = Markup("").join(Markup("<li>") + one + Markup("</li>") for one in found)
    return Markup('\n## Mentioned in { #mentioned-in }\n\n<ul class="rb-plain">') + items + Markup("</ul>\n")

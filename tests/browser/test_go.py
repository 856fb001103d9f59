"""Tests of `/go/` in a browser: every name leads to its page and anchor, served or opened as a file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser.reader import Opener, Scheme, Site
from browser.test_access import MODES, barriers
from links import dead_links
from site_trial import MKDOCS, build, project

ROUND = """\
round: 4
phase: 3
was: 4b
focus: Make it fast
goals: [{id: speed, was: tempo, title: Be fast}]
decisions: [{id: wasm-target, was: wasm32, title: Target <b>wasip1</b>}]
"""
# So many names that the index has several files.
MANY = "round: 1\nfocus: many\ndecisions:\n" + "".join(
    f"  - {{id: choice-{n}, title: Choice {n}}}\n" for n in range(100)
)
YML = MKDOCS + "site_url: https://example.org/some/path/\n"
YML += """\
theme:
  name: material
  font: false
  palette:
    - {media: "(prefers-color-scheme: light)", scheme: default}
    - {media: "(prefers-color-scheme: dark)", scheme: slate}
"""


@dataclass(frozen=True)
class Trial:
    """A site below `some/path/`, with what was committed in it."""

    site: Site
    commits: tuple[str, ...]

    @property
    def files(self) -> str:
        """Return the address of the site as files."""
        return self.site.path.as_uri() + "/some/path/"

    def url(self, address: str = "") -> str:
        """Return the address of a page of the site."""
        return f"{self.site.url}some/path/{address}"


@pytest.fixture(scope="module")
def trial(served: partial[Site], tmp_path_factory: pytest.TempPathFactory) -> Trial:
    top = tmp_path_factory.mktemp("go")
    repo = project(
        top / "repo",
        mkdocs_dot_yml=YML,
        data__rounds__3__4_dot_yml=ROUND,
        data__rounds__4__4_dot_yml="round: 4\nfocus: again\n",
        data__rounds__5__1_dot_yml=MANY,
        docs__index_dot_md="# Home\n\n[[3/4]]\n",
    )
    commits = [repo.commit("feat: one (#27)\n\nRound: 3/4", {"a.txt": "1"}), repo.commit("fix: two", {"a.txt": "2"})]
    repo.tag("v0.3.0")
    folder = top / "web/some/path"
    done = build(repo, "-q", "-d", str(folder))
    assert done.code == 0, done.output
    assert [d for d in dead_links(folder) if not d.startswith("404.html -> /some/path/")] == []
    return Trial(served(top / "web"), tuple(commits))


def arrives(page: Page, url: str) -> None:
    page.wait_for_url(url)
    expect(page.locator("article h1")).to_be_visible()


def test_a_pasted_sha_leads_to_its_anchor(opened: Opener, trial: Trial) -> None:
    for digits in (7, 12, 40):
        watched = opened(trial.site)
        page = watched.go("some/path/go/")
        page.get_by_label("Round, decision").fill(f"  {trial.commits[0][:digits]} ")
        page.get_by_role("button", name="Go").click()
        arrives(page, trial.url(f"commits/2026-01/#c-{trial.commits[0][:12]}"))
        assert page.locator(f"#c-{trial.commits[0][:12]}").is_visible()
        assert watched.wrongs == []


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("#3/4", "rounds/3/4/"),
        ("#3%2F4", "rounds/3/4/"),
        ("?q=3/4", "rounds/3/4/"),
        ("?q=3%2F4%23goal-speed", "rounds/3/4/#goal-speed"),
        ("#3/4#goal-speed", "rounds/3/4/#goal-speed"),
        ("#Wasm-Target", "decisions/wasm-target/"),
        ("#wasm32", "decisions/wasm-target/"),
        ("#3/4b", "rounds/3/4/"),
        ("#3/4#wasm-target", "decisions/wasm-target/"),
        ("#v0.3.0", "changelog/0.3.0/"),
        ("##27", "rounds/3/4/#pull-27"),
        ("#27", "rounds/3/4/#pull-27"),
        ("#!27", "rounds/3/4/#pull-27"),
        ("#data/rounds/3/4.yml", "rounds/3/4/"),
        ("#choice-7", "decisions/choice-7/"),
        ("#5/1#choice-93", "decisions/choice-93/"),
    ],
)
def test_an_address_with_a_name_leads_on_at_once(opened: Opener, trial: Trial, name: str, address: str) -> None:
    watched = opened(trial.site)
    page = watched.go("some/path/")
    page.goto(trial.url("go/" + name))
    arrives(page, trial.url(address))
    assert watched.wrongs == []
    page.go_back()
    assert "/go/" not in page.url  # the way back leads to where the reader came from


def test_a_site_that_is_opened_as_files_leads_on_too(opened: Opener, trial: Trial) -> None:
    page = opened(trial.site).page
    page.goto(trial.files + "go/index.html?q=wasm-target")
    page.wait_for_url(lambda url: url.endswith("/decisions/wasm-target/index.html"))
    page.goto(trial.files + "go/index.html")
    page.get_by_label("Round, decision").fill(trial.commits[1][:9])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith(f"/index.html#c-{trial.commits[1][:12]}"))
    page.goto(trial.files + "rounds/3/4b/index.html#goal-tempo")
    page.wait_for_url(lambda url: url.endswith("/rounds/3/4/index.html#goal-tempo"))


def test_an_ambiguous_name_lists_what_it_may_be(opened: Opener, trial: Trial) -> None:
    watched = opened(trial.site)
    page = watched.go("some/path/go/#4")
    expect(page.get_by_role("status")).to_have_text("“4” may be one of 2:")
    links = page.locator("[data-rb-go] li a")
    assert links.all_text_contents() == ["Phase 3 Round 4", "Phase 4 Round 4"]
    links.nth(1).click()
    arrives(page, trial.url("rounds/4/4/"))
    assert watched.wrongs == []


HOSTILE = (
    "nope",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example/",
    "https://evil.example/",
    "<img src=x onerror=alert(1)>",
    "{{ 7*7 }}",
    "__proto__",
    "constructor",
    "../../../etc/passwd",
    "%",
    "%E0%A4%A",
    "0000000",
    "\u202eabc",
    "w" * 5000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: t[:12])
def test_what_means_nothing_is_said_and_stays_text(opened: Opener, trial: Trial, text: str) -> None:
    watched = opened(trial.site)
    page = watched.go("some/path/go/")
    page.get_by_label("Round, decision").evaluate("(input, text) => { input.value = text }", text)
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing here is called")
    assert text[:300] in (page.get_by_role("status").text_content() or "")
    assert "/some/path/go/" in page.url
    assert page.locator("[data-rb-go] img, [data-rb-go] script").count() == 0
    search = page.get_by_role("link", name="Search the site for it")
    assert (search.get_attribute("href") or "").startswith(trial.url("?q="))
    page.goto(trial.url("go/#" + text))
    expect(page.get_by_role("status")).to_contain_text("Nothing here is called")
    assert watched.wrongs == []


def test_a_query_does_not_open_the_search(opened: Opener, trial: Trial) -> None:
    page = opened(trial.site).go("some/path/go/?q=nope")
    expect(page.get_by_role("status")).to_contain_text("“nope”")
    assert page.locator("#__search").is_checked() is False
    assert page.url == trial.url("go/#nope")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("threads/", "open-items/"),
        ("rounds/3/4b", "rounds/3/4/"),
        ("rounds/3/4b/?x=1#goal-tempo", "rounds/3/4/?x=1#goal-tempo"),
        ("decisions/wasm32/", "decisions/wasm-target/"),
    ],
)
def test_redirects_keep_the_query_and_the_hash(opened: Opener, trial: Trial, old: str, new: str) -> None:
    watched = opened(trial.site)
    page = watched.page
    page.goto(trial.url(old))
    arrives(page, trial.url(new))
    assert watched.wrongs == []
    if new.endswith("#goal-tempo"):
        assert page.evaluate("document.getElementById('goal-tempo').closest('li').id") == "goal-speed"


def test_without_javascript_redirects_lead_on_and_the_resolver_says_what_it_needs(opened: Opener, trial: Trial) -> None:
    page = opened(trial.site, java_script_enabled=False).page
    page.goto(trial.url("rounds/3/4b/"))
    arrives(page, trial.url("rounds/3/4/"))
    page.goto(trial.url("go/"))
    assert "needs JavaScript" in page.locator("noscript p").inner_text()
    assert page.locator("noscript p").is_visible()
    assert not page.locator("form[method=get]:has([name=q])").first.is_visible()
    page.locator("article").get_by_role("link", name="rounds").click()
    arrives(page, trial.url("rounds/"))


def test_the_page_that_says_that_there_is_none_leads_there(opened: Opener, trial: Trial) -> None:
    page = opened(trial.site).go("some/path/404.html")
    page.get_by_label("Looking for").fill("wasm-target")
    page.get_by_role("button", name="Go").click()
    arrives(page, trial.url("decisions/wasm-target/"))


@pytest.mark.parametrize(("name", "address"), [("3/4", "rounds/3/4/"), ("v0.3.0", "changelog/0.3.0/"), ("wasm-t", "")])
def test_the_search_offers_the_page_of_a_name_first(opened: Opener, trial: Trial, name: str, address: str) -> None:
    watched = opened(trial.site)
    page = watched.go("some/path/")
    box = page.get_by_role("textbox", name="Search")
    box.click()
    box.press_sequentially(name)
    if not address:
        page.locator(".md-search-result__item").first.wait_for()
        assert not page.locator(".rb-goto").is_visible()
        return
    expect(page.locator(".rb-goto a").first).to_contain_text("Go to")
    page.keyboard.press("Enter")
    arrives(page, trial.url(address))
    assert watched.wrongs == []


def test_a_visitor_loads_a_few_files_of_the_index(opened: Opener, trial: Trial) -> None:
    watched = opened(trial.site)
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url))
    watched.page.goto(trial.url("go/#" + trial.commits[0][:7]))
    watched.page.wait_for_url(lambda url: "/commits/" in url)
    parts = [url for url in asked if "/go/" in url and url.endswith(".js")]
    assert 1 <= len(parts) <= 3


@pytest.mark.parametrize(("scheme", "width"), MODES)
def test_the_resolver_has_no_barrier(opened: Opener, trial: Trial, scheme: Scheme, width: int) -> None:
    watched = opened(trial.site, scheme=scheme, width=width)
    assert barriers(watched, "some/path/go/#4") == []
    assert barriers(watched, "some/path/go/#nope") == []
    assert barriers(watched, "some/path/404.html") == []
    assert watched.wrongs == []


def test_a_redirect_page_has_no_barrier(opened: Opener, trial: Trial) -> None:
    watched = opened(trial.site)
    watched.page.route("**/moved.js", lambda route: route.fulfill(body=""))
    assert barriers(watched, "some/path/rounds/3/4b/") == []
    assert watched.page.get_by_role("link", name="Phase 3 Round 4").is_visible()


def test_scripts_of_addresses_are_small_and_call_nobody(root: Path) -> None:
    assets = root / "hooks/roundbook/theme/assets/roundbook"
    go, moved = (assets / "go.js").read_bytes(), (assets / "moved.js").read_bytes()
    assert len(go) <= 7 * 1024
    assert len(moved) <= 1024
    assert [word for word in (b"://", b"fetch(", b"innerHTML", b"eval") if word in go + moved] == []


def test_the_site_can_be_walked_below_its_path(opened: Opener, trial: Trial) -> None:
    """Open a page of each kind, and ask the server for all that it leads to: nothing is missing, nothing leads above."""
    watched = opened(trial.site)
    kinds = (
        "",
        "rounds/3/4/",
        "decisions/wasm-target/",
        "changelog/0.3.0/",
        "commits/2026-01/",
        "evidence/",
        "activity/",
    )
    seen: set[str] = set()
    for address in kinds:
        page = watched.go("some/path/" + address)
        links = page.eval_on_selector_all("a[href], link[href]", "all => all.map(one => one.href.split('#')[0])")
        seen.update(link for link in links if link.startswith(trial.site.url))
    assert len(seen) > 20
    for link in sorted(seen):
        assert link.startswith(trial.url()), link
        assert watched.page.request.get(link).ok, link
    assert watched.wrongs == []

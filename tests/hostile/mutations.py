"""`make mutations`: each defence is switched off in turn, and a test that holds it must fail.

    python tests/hostile/mutations.py               all
    python tests/hostile/mutations.py encoder       some

Prints the table *defence → test that fails*. Exits with 1 where a defence can be switched off without a failing test, or where
its tests fail anyway. Each runs in a process of its own, in which a function or a value of the package is replaced.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from markupsafe import Markup

sys.path.insert(0, str(Path(__file__).resolve().parent))

import run as cases

READY = Markup  # what is passed on as it is


class Mutation(NamedTuple):
    """A defence: what of the package is replaced, by what is made of the original, and the tests that must notice."""

    defence: str
    target: str
    made: Callable[[Any], Any]
    tests: tuple[str, ...]
    late: bool = False  # only where it lies: the tests hold the original, such as a limit that they go beyond


def _same(value: Any, *_: object, **__: object) -> Any:
    return value


def _without(*names: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda fixed: {name: value for name, value in fixed.items() if name not in names}


def _hostile(name: str) -> str:
    return f"git/test_hostile_git.py::test_{name}"


MUTATIONS = (
    Mutation(
        "addresses in files of other repositories",
        "book.gathered:_address",
        lambda _: lambda url, base: url or base,
        ("site/test_repositories.py::test_nothing_that_another_repository_says_has_an_effect",),
    ),
    Mutation(
        "encoder of HTML", "site.escape:encode", lambda _: READY, ("site/test_show.py::test_no_text_is_more_than_text",)
    ),
    Mutation(
        "encoding by default in templates",
        "site.escape:finalize",
        lambda _: lambda value: "" if value is None else READY(value),
        ("site/test_show.py::test_no_page_holds_anything_that_acts",),
    ),
    Mutation(
        "encoder of running text",
        "site.escape:spell",
        lambda _: _same,
        ("site/test_show.py::test_spelled_out_they_stay_words_in_headings_and_running_text",),
    ),
    Mutation(
        "encoder of titles",
        "site.escape:title",
        lambda _: _same,
        ("site/test_show.py::test_a_title_is_inert_and_one_line",),
    ),
    Mutation(
        "characters that hide",
        "site.escape:clean",
        lambda _: _same,
        ("site/test_show.py::test_clean_text_holds_nothing_that_hides",),
    ),
    Mutation(
        "encoder of Markdown",
        "site.escape:text",
        lambda _: _same,
        ("site/test_markdown.py::test_text_shows_what_it_was_given_and_does_nothing",),
    ),
    Mutation(
        "encoder of code in Markdown",
        "site.escape:code",
        lambda _: lambda v: f"`{v}`",
        ("site/test_markdown.py::test_code_shows_what_it_was_given",),
    ),
    Mutation(
        "prose of round files",
        "site.escape:prose",
        lambda _: _same,
        ("site/test_markdown.py::test_prose_shows_its_words_and_nothing_in_it_acts",),
    ),
    Mutation(
        "addresses that are linked",
        "schema.items:leads",
        lambda _: lambda *_: True,
        ("hostile/test_more_of_each_kind.py::test_s11_what_pages_do_not_link_is_said_at_its_line",),
    ),
    Mutation(
        "links in prose",
        "schema.items:leads_in_prose",
        lambda _: lambda _url: True,
        ("site/test_show.py::test_prose_is_never_active",),
    ),
    Mutation(
        "size of a page",
        "site.paging:LONGEST",
        lambda most: most * 1_000,
        ("site/test_paging.py::test_no_page_is_large_and_nothing_is_lost",),
        True,
    ),
    Mutation(
        "text for XML",
        "site.links:xml",
        lambda _: _same,
        ("site/test_api.py::test_text_for_xml_holds_nothing_that_xml_cannot",),
    ),
    Mutation(
        "names without addresses of mail",
        "schema.ids:person",
        lambda _: _same,
        ("book/test_people.py::test_a_name_is_shown_without_an_address",),
    ),
    Mutation(
        "ids that addresses and file systems hold",
        "schema.ids:id_fault",
        lambda _: lambda _id: "",
        ("rounds/test_read_rounds.py::test_reserved_names_are_refused",),
    ),
    Mutation(
        "clean environment of git",
        "git.process:_COPIED",
        lambda names: (
            *names,
            "GIT_DIR",
            "GIT_INDEX_FILE",
            "GIT_COMMON_DIR",
            "GIT_WORK_TREE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_CONFIG_COUNT",
            "GIT_CONFIG_KEY_0",
            "GIT_CONFIG_VALUE_0",
        ),
        (_hostile("g46_the_environment_of_a_hook"),),
    ),
    Mutation(
        "refusal of lazy fetches",
        "git.process:find",
        lambda find: lambda *words: _fetching(find(*words)),
        (_hostile("g04_a_partial_clone_asks_nobody"),),
    ),
    Mutation(
        "programs that a configuration names",
        "git.process:_OVERRIDES",
        lambda _: (),
        (_hostile("g44_nothing_that_a_configuration_names_is_run"),),
    ),
    Mutation(
        "history as it is stored",
        "git.process:_FIXED",
        _without("GIT_NO_REPLACE_OBJECTS"),
        (_hostile("g19_replaced_objects_are_shown_as_stored"),),
    ),
    Mutation(
        "credentials of remotes",
        "git.refs:_parse_url",
        lambda _: _leaking,
        (_hostile("a_credential_never_gets_through"),),
    ),
    Mutation(
        "a damaged repository is not an absent one",
        "git.repository:_no_repository",
        lambda _: lambda _root: importlib.import_module("roundbook.git.repository").NO_REPOSITORY,
        ("cli/test_early_stops.py::test_s3_a_damaged_repository_is_never_an_empty_answer",),
    ),
    Mutation(
        "refusal of links out of the project",
        "yamlfile.source:_bytes",
        lambda _: lambda path, _top: path.read_bytes(),
        ("yamlfile/test_hostile_yaml.py::test_Y36_links",),
    ),
    Mutation(
        "refusal of what is no file",
        "yamlfile.source:_must_be_regular",
        lambda _: lambda _status: None,
        ("yamlfile/test_hostile_yaml.py::test_Y35_device",),
    ),
    Mutation(
        "refusal of folders that are links",
        "git.files:_linked",
        lambda _: lambda path: _note(path),
        ("rounds/test_read_rounds.py::test_s5_a_folder_that_is_a_link_is_left_out_and_said",),
    ),
    Mutation(
        "a data folder inside the project",
        "git.files:data_folder",
        lambda _: lambda _root, written: written,
        ("cli/test_early_stops.py::test_s2_a_data_folder_outside_the_project_is_refused",),
    ),
    Mutation(
        "refusal of anchors, aliases and tags",
        "yamlfile.reader:refused",
        lambda real: lambda slug, place: real(slug, place).as_warning,
        ("yamlfile/test_hostile_yaml.py::test_refused[Y06",),
    ),
    Mutation(
        "size of a file",
        "yamlfile.source:MAX_BYTES",
        lambda most: most * 4,
        ("yamlfile/test_hostile_yaml.py::test_too_large",),
        True,
    ),
    Mutation(
        "number of values",
        "yamlfile.reader:MAX_NODES",
        lambda most: most * 4,
        ("yamlfile/test_hostile_yaml.py::test_too_many_values",),
        True,
    ),
    Mutation(
        "depth of nesting",
        "yamlfile.reader:MAX_DEPTH",
        lambda most: most * 2,
        ("yamlfile/test_hostile_yaml.py::test_Y05_nesting",),
        True,
    ),
    Mutation(
        "size of a comment",
        "compare.comment:LIMIT",
        lambda most: most * 100,
        ("compare/test_pr.py::test_the_comment_is_bounded_whatever_the_branch_holds",),
        True,
    ),
    Mutation(
        "size of a job summary",
        "cli.common:SUMMARY_LIMIT",
        lambda most: most * 100,
        ("hostile/test_other_cases.py::test_c09_c10_annotations_and_the_summary_are_cut",),
        True,
    ),
    Mutation(
        "length of a word in a message",
        "errors:short",
        lambda _: _same,
        ("hostile/test_edges.py::test_s12_a_message_is_short",),
    ),
    Mutation(
        "atomic writes",
        "yamlfile.edit:replace_file",
        lambda _: lambda path, data: path.write_bytes(data),
        ("yamlfile/test_write.py::test_a_file_that_cannot_be_replaced_stays_as_it_was",),
    ),
    Mutation(
        "a site that appears whole",
        "engines.staging:_stage",
        lambda _: lambda _folder: None,
        ("engines/test_staging.py::test_the_new_folder_takes_the_place_of_the_old_one",),
    ),
    Mutation(
        "files of a living process stay",
        "yamlfile.edit:_lock",
        lambda _: lambda _handle: True,
        ("importer/test_import_interrupted.py::test_s6_what_another_process_still_writes_is_not_taken_for_left_over",),
    ),
    Mutation(
        "output on a terminal",
        "terminal:safe",
        lambda _: _same,
        ("hostile/test_other_cases.py::test_c01_c02_what_a_terminal_obeys_is_written_out",),
    ),
    Mutation(
        "output as JSON",
        "terminal:printable",
        lambda _: lambda data: json.dumps(data),
        ("hostile/test_more_of_each_kind.py::test_s7_words_of_the_command_line_and_addresses_are_no_commands",),
    ),
    Mutation(
        "pages on a terminal",
        "cli.output:_inert",
        lambda _: _same,
        ("hostile/test_more_of_each_kind.py::test_s7_words_of_the_command_line_and_addresses_are_no_commands",),
    ),
    Mutation(
        "annotations of a runner",
        "cli.common:_data",
        lambda _: _same,
        ("hostile/test_other_cases.py::test_c06_c07_a_message_stays_one_annotation",),
    ),
    Mutation(
        "checksums of the cache",
        "cache:_checksum",
        lambda _: lambda _key, _value: b"x" * 16,
        ("test_cache.py::test_a_damaged_file_gives_only_what_was_put_and_heals",),
    ),
)


def _fetching(git: Any) -> Any:
    process: Any = importlib.import_module("roundbook.git.process")
    process._OVERRIDES = tuple(
        one for one in process._OVERRIDES if not one.startswith(("protocol.", "core.sshCommand"))
    )
    return git and type(git)(git.program, git.root, _without("GIT_NO_LAZY_FETCH")(dict(git.environment)))


def _leaking(name: str, url: str) -> Any:
    refs = importlib.import_module("roundbook.git.refs")
    return refs._remote(name, url.partition("://")[2].partition("/")[0], url.partition("://")[2].partition("/")[2])


def _note(path: str) -> Any:
    errors = importlib.import_module("roundbook.errors")
    return errors.Finding("info", "linked-folder", "left out", errors.Place(f"{path}/"))


def original(target: str) -> tuple[Any, str]:
    """Return what holds a defence, and its name there; raises `AttributeError` where there is none."""
    module, _, name = target.partition(":")
    holder: Any = importlib.import_module(f"roundbook.{module}")
    *way, last = name.split(".")
    for part in way:
        holder = getattr(holder, part)
    getattr(holder, last)
    return holder, last


def switch_off(one: Mutation) -> None:
    """Replace a defence where it lies and, unless it is `late`, wherever it was imported to."""
    holder, name = original(one.target)
    real = getattr(holder, name)
    new = one.made(real)
    setattr(holder, name, new)
    for module in () if one.late else [*sys.modules.values()]:
        for key, value in [*getattr(module, "__dict__", {}).items()]:
            if value is real and isinstance(key, str) and module.__name__.startswith("roundbook"):
                setattr(module, key, new)


class _Quick:
    def pytest_sessionstart(self) -> None:
        """Let a failing example stand as it was found: nobody reads the smallest one."""
        from hypothesis import Phase, settings  # its own plugin wants to be the first to import it

        phases = (Phase.explicit, Phase.generate)
        settings.register_profile("mutations", settings.get_profile("roundbook"), phases=phases)
        settings.load_profile("mutations")


class _Late:
    def __init__(self, one: Mutation) -> None:
        self.one = one

    def pytest_collection_finish(self) -> None:
        switch_off(self.one)


def outcome(one: Mutation | None, names: Sequence[str]) -> str:
    """Run tests in a process of its own with a defence switched off; return the first that failed, or nothing."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        _child(one, names, write)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def _child(one: Mutation | None, names: Sequence[str], write: int) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    said = "the run ended early"
    try:
        if one and not one.late:
            switch_off(one)
        made = cases.Run(names)
        plugins = [made, _Quick(), *([_Late(one)] if one and one.late else [])]
        pytest.main(["-q", "-x", "-p", "no:cacheprovider", *cases.files(names)], plugins)
        said = next((item for item, ended in made.outcomes.items() if ended == "failed"), "")
        said = said if made.outcomes else "no test ran"
    except BaseException as error:
        said = f"the run ended early: {error!r}"
    finally:
        os.write(write, said.encode())
        os._exit(0)


def main(wanted: Sequence[str]) -> int:
    """Switch each defence off, print the test that then fails, and return the exit code."""
    chosen = [one for one in MUTATIONS if not wanted or any(word in one.defence for word in wanted)]
    survived = 0
    for one in chosen:
        failed = outcome(one, one.tests)
        good = "::" in failed
        survived += not good
        print(f"{one.defence:45} {failed if good else f'NO TEST FAILS ({failed})'}", flush=True)
    names = [name for one in chosen for name in one.tests]
    if broken := outcome(None, names):
        print(f"with all defences on, this fails: {broken}")
    print(f"{len(chosen) - survived} of {len(chosen)} defences are held by a test")
    return bool(survived or broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

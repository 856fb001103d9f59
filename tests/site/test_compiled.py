"""What compiled templates depend on."""

from __future__ import annotations

from roundbook.site import context


def test_no_function_of_ours_runs_while_a_template_is_compiled() -> None:
    """Jinja evaluates constants then. The code of such a function would be another thing that decides on the code."""
    environment = context._environment.__wrapped__()

    def fails(*_: object, **__: object) -> str:
        raise AssertionError

    own = [name for name, one in environment.filters.items() if one.__module__.startswith("roundbook")]
    environment.filters.update(dict.fromkeys(own, fails))
    environment.finalize = fails
    names = environment.list_templates(extensions=["j2"])
    assert own
    assert names
    assert environment.loader
    for name in names:
        source, path, _ = environment.loader.get_source(environment, name)
        environment.compile(source, name, path)

"""In: a project's root. Out: its `Book`; this is the package's public door."""

__version__ = "0.1.0"

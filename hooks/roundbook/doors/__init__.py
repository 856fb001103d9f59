"""The doors: MkDocs, mkdocs-macros and the command line. They hold no logic of their own."""

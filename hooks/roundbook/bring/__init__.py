"""In: documents and repositories of others. Out: round files; used by the command line alone."""

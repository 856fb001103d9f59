"""`python -m roundbook`: the command line."""

from roundbook.cli import main

if __name__ == "__main__":
    main()

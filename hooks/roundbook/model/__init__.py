"""The values that walk through the program: records of round files, the git history, and the book made of both."""

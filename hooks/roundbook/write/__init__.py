"""In: records and texts of round files. Out: the same files with something added, byte for byte as a person left the rest."""

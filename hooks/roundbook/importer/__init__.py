"""Documents of others, turned into round files."""

from __future__ import annotations

from collections.abc import Mapping

from roundbook.errors import Finding
from roundbook.frozen import frozen
from roundbook.markdown import Document
from roundbook.yamlfile.writer import Data


@frozen
class ImportResult:
    """What documents were made into: `key` is `3/4` for a round and `3` for a phase, as in `read.rounds.Sources`.

    `tree` has the keys of the model `Round` or `Phase` in any order. `notes` are what the importer could not be sure of.
    """

    key: str
    tree: Mapping[str, Data]
    documents: tuple[Document, ...] = ()
    notes: tuple[Finding, ...] = ()

    @property
    def is_phase(self) -> bool:
        """Tell whether it is a phase, and not a round."""
        return "/" not in self.key

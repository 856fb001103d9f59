"""Round files, fragments and versions of them, loaded."""

from __future__ import annotations

"""The book: rounds, decisions, releases and commits, each linked to the others."""

from __future__ import annotations

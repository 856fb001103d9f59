"""YAML text and trees with places: reading, writing, editing."""

from __future__ import annotations

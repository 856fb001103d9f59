"""Showing: pure functions from the book to text; a view is a macro, and pages are made of views."""

from __future__ import annotations

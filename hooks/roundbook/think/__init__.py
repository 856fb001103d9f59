"""Thinking: pure functions from records and history to the book."""

"""Thinking: pure functions from records and history to the book; nothing here reads a file or runs a program."""

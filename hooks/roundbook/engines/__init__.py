"""Engines that build sites."""

from __future__ import annotations

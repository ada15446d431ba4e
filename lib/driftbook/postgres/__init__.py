"""Servers and sessions: the only package that starts processes and opens connections."""

from __future__ import annotations

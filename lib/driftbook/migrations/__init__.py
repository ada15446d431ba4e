"""Migration files as the tools see them: which are read, in which order, under which version."""

from __future__ import annotations

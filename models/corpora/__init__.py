"""Texts to learn from: files today, generated worlds later."""

from models.corpora.text import read_text, split

__all__ = ["read_text", "split"]

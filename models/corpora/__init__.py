"""Texts to learn from: files, and a generated world whose true distribution is known (`little_world`)."""

from models.corpora.text import read_text

__all__ = ["read_text"]

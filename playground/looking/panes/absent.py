"""What panes say in the place of what is not there, so that all say it alike."""

from __future__ import annotations

NO_TEXT = "type a prompt: press e"
NO_COUNTS = "this model has no counts beside it: one that is trained in Train (F3) has them"

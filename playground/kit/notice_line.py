"""The notice that stands, in the place of the footer: so it covers nothing that it speaks of."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from playground import text
from playground.kit.layout import SMALLEST
from playground.kit.pane_app import PaneApp

LINES = 3
FOOTER = 1  # line
SLACK = 24  # cells that whole words may leave empty at the ends of lines


class NoticeLine(Static):
    """Panes give way to its further lines; where they are at their smallest it stands on the last of theirs.

    What stands below them is of the class `aside`, and is never covered.
    """

    ALLOW_SELECT = False
    app: PaneApp

    def on_mount(self) -> None:
        """What was told before it was there is shown as well."""
        self.app.notices_changed.subscribe(self, self.show)
        self.show()

    def show(self, _none: None = None) -> None:
        """Show what stands now."""
        notice, size = self.app.notices.shown, self.screen.size
        self.display = notice is not None
        if notice is None:
            return
        width = max(size.width - 2, 1)  # a cell is free on both sides
        self.update(Content(text.cut(notice.words, max(LINES * width - SLACK, width))))
        self.set_class(notice.wrong, "wrong")
        height = min(self.get_content_height(size, size, width), LINES)
        aside = sum(each.size.height for each in self.screen.query(".aside"))
        over = size.height - aside - height < SMALLEST.height - 1
        self.set_class(over, "over")
        self.styles.offset = (0, -(aside + FOOTER) if over and aside else 0)

    def on_resize(self) -> None:
        """Another width, other lines."""
        self.show()

    def on_click(self) -> None:
        """It has been read."""
        self.app.notices.read()
        self.app.notices_changed.publish(None)

"""What each model writes from the place looked at, all with the same seed: where two part, they thought differently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.style import Style

from playground import text
from playground.cells import cell_len, wrap
from playground.compare.panes.pane_kinds import TextPane
from playground.compare.scene import Compared, CompareScene, CompareView, reseed, see
from playground.kit.canvas import Canvas
from playground.kit.flow import Unit, flow, headline, paragraph

NAME = 14  # cells of a model's name, at most
CAME = "the text"  # the name of what really came
PARTS = "┊"
ENDED = "nothing: no text of its world goes on from here"
ON_ITS_OWN = 20  # cells that the words need beside a name; else the name stands above them


class Writes(TextPane):
    """A text a model."""

    name = "writes"
    title = "What each writes"
    gist = "What each model writes from here"
    help = (
        "What each model writes after the text before the place looked at. All draw with the same seed, that is, with "
        "the same random numbers at the same steps: as long as two models think alike they write alike, so where "
        "their texts part, ┊ and the strong words after it, they gave the tokens other probabilities. What is as the "
        "GPT wrote it is muted. 'the text' is what really came.\n\n"
        "Enter writes with the next seed. Left and right move along the text, up and down scroll what is too long. "
        "The truth writes only where the text so far is one that its world can make."
    )

    def __init__(self) -> None:
        self.most = 0  # lines that can be scrolled by, in the last picture

    def draw_results(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        """Title, and a block a model."""
        after = [f"after '{results.labels[scene.place - 1]}'"] if scene.place else []
        headline(canvas, self.title, [f"seed {scene.view.seed}", *after, f"place {scene.place:,}"])
        if not scene.place:
            words = "nothing stands before the first token: nobody has anything to go on from"
            paragraph(canvas, 1, words, canvas.palette.muted)
            return
        self._blocks(scene, results, canvas)

    def _blocks(self, scene: CompareScene, results: Compared, canvas: Canvas) -> None:
        """As many lines of each as there is room for, scrolled together."""
        names = [*([CAME] if scene.place < results.end else []), *scene.names]
        wide = min(max(map(cell_len, map(text.visible, names))), NAME) + 2
        above = not (canvas.width - wide >= ON_ITS_OWN or canvas.height - 1 < 2 * len(names))
        x = 0 if above else wide
        drawn = [_lines(scene, results, name, canvas, canvas.width - x) for name in names]
        heights, gap = _shares([len(lines) + above for lines in drawn], canvas.height - 1)
        self.most = max(len(lines) - max(height - above, 0) for lines, height in zip(drawn, heights, strict=True))
        scroll, y = max(0, min(scene.view.scroll, self.most)), 1
        for name, lines, height in zip(names, drawn, heights, strict=True):
            style = canvas.palette.strong if name in (scene.leads, CAME) else canvas.palette.text
            canvas.put(0, y, text.cut(name, canvas.width if above else wide - 2), style)
            first = min(scroll, max(len(lines) - (height - above), 0))
            for row, line in enumerate(lines[first : first + height - above], y + above):
                for at, words, look in line:
                    canvas.put(x + at, row, words, look)
            y += height + gap

    def move(self, scene: CompareScene, dx: int, dy: int) -> CompareView:
        """Along the text, or scrolled."""
        if dx or scene.results is None:
            return super().move(scene, dx, dy)
        return see(scene.view, scroll=max(0, min(scene.view.scroll + dy, self.most)))

    def enter(self, scene: CompareScene) -> CompareView:
        """The next seed."""
        return reseed(scene.view)


def _shares(heights: Sequence[int], room: int) -> tuple[list[int], int]:
    """Lines of each block, the same for all that want more than their share, and whether a line is between two."""
    gap = 1 if sum(heights) + len(heights) - 1 <= room or room >= 4 * len(heights) else 0
    room -= gap * (len(heights) - 1)
    share = 1
    while share < max(heights, default=0) and sum(min(height, share + 1) for height in heights) <= room:
        share += 1
    return [min(height, share) for height in heights], gap


def parts_at(written: Sequence[int], other: Sequence[int]) -> int | None:
    """The first of the tokens that is another one; None as long as both go the same way."""
    pairs = zip(written, other, strict=False)
    return next((at for at, (one, two) in enumerate(pairs) if one != two), None)


def _running(raw: str) -> str:
    """A token as part of running text."""
    return text.visible(raw, keep="\n").replace("\n", "⏎") or text.token(raw)


Line = list[tuple[int, str, Style]]  # x, words, style


def _lines(scene: CompareScene, results: Compared, name: str, canvas: Canvas, width: int) -> list[Line]:
    """What one model writes, or what came, over lines of so many cells, at least one."""
    palette, leads = canvas.palette, scene.leads
    tokens = results.tokens[scene.place :] if name == CAME else scene.continuations.get(name)
    if tokens is None:
        return [[(0, "writing ...", palette.muted)]]
    if not tokens:
        return [[(0, line, palette.muted)] for line in wrap(ENDED, width)]
    # where it leaves what the leading model wrote; the leading one itself leaves nothing
    parts = None if name == leads else parts_at(tokens, scene.continuations.get(leads, ()))
    strong = 0 if name == leads else len(tokens) if parts is None else parts

    def style(unit: Unit) -> Style:
        return palette.accent if unit.mark else palette.muted if unit.token < strong else palette.text

    spelled = scene.tokenizer.tokens(tokens, results.tokens[: scene.place])
    lines = flow(_units(spelled, parts, apart=scene.tokenizer.kind == "word"), max(width, 1))
    return [[(x, unit.mark + unit.shown, style(unit)) for x, unit in line] for line in lines]


def _units(spelled: Sequence[str], marked: int | None, *, apart: bool) -> Iterator[Unit]:
    before = " "
    for at, raw in enumerate(spelled):
        opens = apart or before[-1:].isspace() or raw[:1].isspace()
        yield Unit(_running(raw), at, mark=PARTS if at == marked else "", opens=opens, gap=apart)
        before = raw

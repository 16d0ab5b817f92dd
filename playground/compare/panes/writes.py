"""What each model writes from the place looked at, all with the same seed: where two part, they thought differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style

from playground import text
from playground.compare.panes.not_yet import nothing
from playground.compare.scene import Compared, CompareScene, CompareView, reseed, see
from playground.kit.canvas import Canvas
from playground.kit.flow import Unit, flow, headline, paragraph
from playground.kit.pane import Pane

NAME = 14  # cells of a model's name, at most
CAME = "the text"  # the name of what really came
PARTS = "┊"
ON_ITS_OWN = 20  # cells that the words need beside a name; else the name stands above them


class Writes(Pane[CompareScene, CompareView]):
    """A text a model."""

    name = "writes"
    title = "What each writes"
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

    def draw(self, scene: CompareScene, canvas: Canvas) -> None:
        """Title, and a block a model."""
        results = scene.results
        if results is None:
            nothing(scene, canvas, self.title)
            return
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
        beside = canvas.width - wide >= ON_ITS_OWN or canvas.height - 1 < 2 * len(names)
        drawn = [_Block(scene, results, name).lines(canvas, canvas.width - wide * beside) for name in names]
        share, gap = _shares([len(lines) + (not beside) for lines in drawn], canvas.height - 1)
        fits = [max(height - (not beside), 0) for height in share]
        self.most = max((len(lines) - height for lines, height in zip(drawn, fits, strict=True)), default=0)
        scroll, y = max(0, min(scene.view.scroll, self.most)), 1
        for name, lines, height in zip(names, drawn, share, strict=True):
            style = canvas.palette.strong if name in (scene.leads, CAME) else canvas.palette.text
            canvas.put(0, y, text.cut(name, wide - 2 if beside else canvas.width), style)
            first = min(scroll, max(len(lines) - (height - (not beside)), 0))
            for row, line in enumerate(lines[first : first + height - (not beside)], y + (not beside)):
                for x, words, look in line:
                    canvas.put(wide * beside + x, row, words, look)
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


@dataclass(frozen=True, slots=True)
class _Block:
    """What one model writes, or what came."""

    scene: CompareScene
    results: Compared
    name: str

    def lines(self, canvas: Canvas, width: int) -> list[Line]:
        """Over lines of so many cells, at least one."""
        tokens, palette = self._tokens(), canvas.palette
        if tokens is None:
            return [[(0, "writing ...", palette.muted)]]
        if not tokens:
            return [[(0, text.cut("nothing: no text of its world goes on from here", width), palette.muted)]]
        parts = self._parts(tokens)
        return [
            [self._shown(x, unit, parts, canvas) for x, unit in line]
            for line in flow(self._units(tokens, parts), max(width, 1))
        ]

    def _tokens(self) -> Sequence[int] | None:
        if self.name == CAME:
            return self.results.tokens[self.scene.place :]
        return self.scene.continuations.get(self.name)

    def _parts(self, tokens: Sequence[int]) -> int | None:
        """Where it leaves what the leading model wrote; the leading one itself leaves nothing."""
        if self.name == self.scene.leads:
            return 0
        return parts_at(tokens, self.scene.continuations.get(self.scene.leads, ()))

    def _units(self, tokens: Sequence[int], parts: int | None) -> list[Unit]:
        assert self.scene.tokenizer is not None, "a model without a tokenizer cannot be compared"
        apart = self.scene.tokenizer.kind == "word"
        marked = parts if self.name != self.scene.leads else None
        units: list[Unit] = []
        before = " "
        for at, token in enumerate(tokens):
            raw = self.scene.tokenizer.token(token)
            opens = apart or before[-1:].isspace() or raw[:1].isspace()
            units.append(Unit(_running(raw), at, mark=PARTS if at == marked else "", opens=opens, gap=apart))
            before = raw
        return units

    def _shown(self, x: int, unit: Unit, parts: int | None, canvas: Canvas) -> tuple[int, str, Style]:
        palette = canvas.palette
        if unit.mark:
            return x, unit.mark + unit.shown, palette.accent
        same = parts is None or unit.token < parts
        return x, unit.shown, palette.muted if same else palette.text

"""Memories: the neurons of the MLPs, as a list and one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from models.lenses.inside.neurons import BY, Neurons, measured, neurons, writes
from models.lenses.inside.one_token import token_of
from models.measures import ranked
from models.ops import Array
from models.switches import NeuronOff, NeuronSet, NeuronSwitch, value_of
from playground.inside.panes.memory_list import List, ranked_by
from playground.inside.panes.one_memory import One
from playground.inside.panes.pane_kinds import InsidePane
from playground.inside.reading import Library
from playground.inside.remembered import FIRED, LISTED, TEXTS, Seen, Words, in_layer, layer_shown, look_of, switch_at
from playground.inside.scene import InsideScene, InsideView, Subject
from playground.kit.canvas import Canvas
from playground.looking.switching import toggle

WRITES = 8  # words that a neuron writes, either way
PAGE = 10  # lines of a page, by which the layer is turned
NO_MLP = "the model was built without MLPs: it has no neurons"


class Asked(NamedTuple):
    """What is found for a look."""

    row: int
    token: int | None  # None for the answer
    layer: int  # -1 for all
    inside: tuple[int, int] | None


class Memories(InsidePane[Seen]):
    """What each neuron added, what is lost without it, what fires it and what it writes."""

    name = "memories"
    title = "Memories"
    idle = "the list of neurons is above: ⌫ goes back to it"
    gist = "Which neurons did most"
    help = (
        "Every MLP is a store of memories (Geva et al. 2020): thousands of neurons, each of which fires on certain "
        "texts, and then writes certain words into the stream. The list has those that did most for the token that "
        "the model would say after the place looked at. Activation is how strongly one fires there; adds is what "
        "that adds to the token's score, through the final norm as it stood; off is what really happens without the "
        "neuron, tried out in turn: how far the answer moves, and the token said then. The two differ, since others "
        "read what one writes, and a fact is seldom in one neuron alone.\n\n"
        "v ranks them by what they add, by activation or by effect. Page up and page down turn from all layers to one. "
        "f types another token to ask for. x silences the neuron under the cursor.\n\n"
        "Enter goes into one: the words that it raises and lowers most, your text shaded by how strongly it fires, and "
        "the texts that fire it most, with [the word] at which it does: fresh texts of the little world, what a run "
        "held out, or the text typed. f sets its activation by hand, everywhere: a switch as any other. Page up and "
        "page down go to its neighbours in the list, backspace back to that."
    )

    def __init__(self) -> None:
        self._library: Library | None = None  # the worker's

    def asks(self, scene: InsideScene) -> Asked | None:
        """Neurons of all layers or of one, after the row looked at."""
        if scene.subject is None or not scene.play.model.config.has("mlp"):
            return None
        here, layer = look_of(scene.view), layer_shown(scene.view)
        if here.inside is not None and layer >= 0:
            layer = here.inside[0]
        return Asked(scene.row, here.token, layer, here.inside)

    def find(self, subject: Subject, asked: Asked) -> Iterator[Seen | None]:
        """At once what they add; then what is lost without each, or what fires the one gone into."""
        found = neurons(subject.now, asked.row, asked.token, None if asked.layer < 0 else [asked.layer])
        if asked.inside is not None:
            yield from self._find_one(subject, found, found.at(*asked.inside))
            return
        switched = _switched(subject, found)
        most = [*found.ranked("adds", LISTED), *found.ranked("activation", FIRED)]
        which = [*dict.fromkeys([*switched, *most])]
        seen = Seen(found, _words(subject, found, which), switched)
        yield seen
        for known in measured(subject.now, found, which):
            yield replace(seen, neurons=known)

    def _find_one(self, subject: Subject, found: Neurons, at: int) -> Iterator[Seen | None]:
        *_, found = measured(subject.now, found, [at])
        layer, neuron = (int(each) for each in found.places[at])
        here = subject.now.blocks[layer].mlp_act[:, neuron]
        seen = Seen(found, _words(subject, found, [at]), here=here)
        yield seen
        library = self._library
        if library is None or not library.serves(subject):
            library = self._library = Library(subject)
        for fires in library.firing(layer, neuron):
            yield replace(seen, fires=fires, read=library.says)

    def missing(self, scene: InsideScene) -> str:
        """Why there is nothing."""
        return super().missing(scene) if scene.play.model.config.has("mlp") else NO_MLP

    def draw_found(self, scene: InsideScene, found: Seen, canvas: Canvas) -> None:
        """The list, or one of them."""
        inside = look_of(scene.view).inside
        if inside is None:
            List(scene, found, canvas).draw(self.title)
        else:
            One(scene, found, found.neurons.at(*inside), canvas).draw(self.title)

    # keys ------------------------------------------------------------------------------------------------------

    def move(self, scene: InsideScene, dx: int, dy: int) -> InsideView:
        """Along the text; in the list; a page: to another layer, or from one neuron to the next."""
        here, found = look_of(scene.view), self._found(scene)
        if dx or found is None:
            return scene.moved(dx, dy)
        page = 0 if abs(dy) < PAGE else 1 if dy > 0 else -1
        if here.inside is not None:
            if page:
                return scene.view.looking(replace(here, inside=_beside(found, here.inside, page), text=0))
            last = len(found.fires.strongest(TEXTS)) - 1 if found.fires else 0
            return scene.view.looking(replace(here, text=_within(here.text + dy, last)))
        if page:
            layer = layer_shown(scene.view) + page
            return in_layer(max(-1, min(layer, scene.play.model.config.n_layer - 1)), scene.view)
        order = found.listed(here.by)
        if not order:
            return scene.view
        line = _within(found.cursor(here) + dy, len(order) - 1)
        return scene.view.looking(replace(here, line=line, on=found.place(order[line])))

    def enter(self, scene: InsideScene) -> InsideView:
        """Into the neuron under the cursor."""
        chosen, here = self._chosen(scene), look_of(scene.view)
        if here.inside is not None or chosen is None:
            return scene.view
        return scene.view.looking(replace(here, inside=chosen, text=0))

    def back(self, scene: InsideScene) -> InsideView:
        """Back to the list."""
        here = look_of(scene.view)
        return scene.view if here.inside is None else scene.view.looking(replace(here, inside=None))

    def otherwise(self, scene: InsideScene) -> InsideView:
        """Ranked by the next thing."""
        here = look_of(scene.view)
        return scene.view if here.inside else ranked_by(BY[(BY.index(here.by) + 1) % len(BY)], scene.view)

    def put_in(self, scene: InsideScene) -> InsideView:
        """The neuron silenced; or whatever is done to it taken back."""
        chosen, session = self._chosen(scene), scene.view.session
        if chosen is None:
            return scene.view
        view = scene.view.looking(replace(look_of(scene.view), on=chosen))
        return view.with_session(toggle(session, switch_at(session, *chosen) or NeuronOff(*chosen)))

    def question(self, scene: InsideScene) -> str:
        """A token in the list, a number in one neuron."""
        inside = look_of(scene.view).inside
        return "Ask for which token? (nothing: the answer)" if inside is None else f"Set L{inside[0]} N{inside[1]} to"

    def suggestion(self, scene: InsideScene) -> str:
        """In one neuron its activation."""
        here, found = look_of(scene.view), self._found(scene)
        if here.inside is None or found is None:
            return ""
        return f"{float(found.neurons.activation[found.neurons.at(*here.inside)]):.2f}"

    def told(self, scene: InsideScene, words: str) -> InsideView:
        """Another token asked for, or the neuron set; UserError for what is no token, or no number."""
        here, session = look_of(scene.view), scene.view.session
        if here.inside is None:
            token = token_of(scene.play.model, words) if words else None
            return scene.view.looking(replace(here, token=token, line=0, on=None))
        put = NeuronSet(*here.inside, value_of(words))
        return scene.view if put in session.switches else scene.view.with_session(toggle(session, put))

    def _chosen(self, scene: InsideScene) -> tuple[int, int] | None:
        """Layer and number of the neuron gone into, or under the cursor."""
        here, found = look_of(scene.view), self._found(scene)
        if here.inside is not None or found is None:
            return here.inside
        order = found.listed(here.by)
        return found.place(order[found.cursor(here)]) if order else None

    def _found(self, scene: InsideScene) -> Seen | None:
        found = scene.found.get(self.name)
        return found if isinstance(found, Seen) else None


def _within(at: int, last: int) -> int:
    return max(0, min(at, last))


def _beside(found: Seen, one: tuple[int, int], by: int) -> tuple[int, int]:
    """The neuron before or after one in the list of what they add."""
    order = [found.place(at) for at in found.neurons.ranked("adds", LISTED)]
    return order[_within(order.index(one) + by, len(order) - 1)] if one in order else order[0]


def _switched(subject: Subject, found: Neurons) -> Sequence[int]:
    """The neurons that a switch acts on, of those that were found."""
    mine = [each for each in subject.now.switches if isinstance(each, NeuronSwitch)]
    return [found.at(each.layer, each.neuron) for each in mine if each.layer in found.places[:, 0]]


def _words(subject: Subject, found: Neurons, which: Sequence[int]) -> Mapping[int, Words]:
    rows = writes(subject.now, found.row, found.places[[*which]])
    return {at: Words(_most(row, 1), _most(row, -1)) for at, row in zip(which, rows, strict=True)}


def _most(row: Array, sign: int) -> Sequence[tuple[int, float]]:
    """The tokens raised most by scores (V,), or with -1 lowered most."""
    return [(int(token), float(row[token])) for token in ranked(sign * row, WRITES)]

"""What the Play screen finds out while nobody presses a key: what mattered, what moved, what looks are worth."""

from __future__ import annotations

from models.switches import HeadOff, Switch
from playground.kit.choosing import Choose
from playground.kit.described import Acts
from playground.kit.screen import PaneScreen
from playground.looking.edges import Listed, Worth
from playground.looking.effects import changed_most, heading, listed, told_most
from playground.looking.engine import Asked
from playground.looking.panes.heads import Heads
from playground.looking.panes.switch_board import item_of
from playground.looking.panes.switches import Switches
from playground.looking.scene import Costs, Moved, Results, Scene, Swept
from playground.looking.session import Session, choose_head, look
from playground.play.acts import ACTS
from playground.play.edge_words import edge_options, no_edges, share_said
from playground.play.panes.attention import Attention
from playground.play.panes.cell import Cell
from playground.play.panes.row import Row
from playground.play.why import unmeasured

SEE_EDGES = frozenset({Attention.name, Row.name, Cell.name})  # panes that show what edges are worth


class Mattering:
    """Hears what the engine finds out in idle time, keeps it as long as it is true, and answers the keys about it."""

    def __init__(self, screen: PaneScreen[Scene, Session]) -> None:
        self.screen = screen
        self.swept: Swept | None = None  # what mattered for what follows the row looked at
        self.moved_most: Moved | None = None
        self.costs: Costs | None = None  # of the switches, one by one
        self.worth: Worth | None = None  # of the edges looked at
        self.lists: Listed | None = None  # of all edges
        self.lists_wanted = False
        self.thrown = False  # a switch, of which is not said yet what it moved

    @property
    def acts(self) -> Acts:
        """What the keys do that ask for what was found."""
        return {"most": self.to_most, "effects": self.list_effects, "list_edges": self.list_edges}

    @property
    def sees_edges(self) -> bool:
        """Whether a pane is on screen that shows what edges are worth."""
        return not SEE_EDGES.isdisjoint(self.screen.board.order)

    def moved_in(self, results: Results | None) -> Moved | None:
        """What the switches moved, where it was read off these results."""
        return self.moved_most if self.moved_most is not None and self.moved_most.results is results else None

    def forget(self, before: Asked | None, wanted: Asked) -> None:
        """What another request makes wrong goes."""
        if before is None:
            self.moved_most = self.costs = None
        if before is None or before.swept != wanted.swept:
            self.swept = None
        if before is None or before.worth != wanted.worth:
            self.worth = None
        if before is None or before.listed[0] != wanted.listed[0]:
            self.lists, self.lists_wanted = None, False

    def hear(self, asked: Asked, content: Moved | Costs | Swept | Worth | Listed) -> None:
        """Something was found; what is no longer wanted is dropped."""
        if isinstance(content, Moved):
            self.take_moved(content)
        elif isinstance(content, Costs):
            self.costs = content
        elif isinstance(content, Swept):
            if asked.swept == self.screen.asked.swept:
                self.take_swept(content)
        elif isinstance(content, Worth):
            if asked.worth == self.screen.asked.worth:
                self.worth = content
        elif asked.listed == self.screen.asked.listed:
            self.take_lists(content)

    def throw(self, view: Session) -> None:
        """Switches are about to be thrown; one that can change nothing in this model says so."""
        scene = self.screen.scene
        assert scene is not None
        config, thrown = scene.model.config, set(view.switches) - set(scene.session.switches)
        for switch in thrown:
            if switch.idle_in(config):
                lacks = ", ".join(sorted(switch.parts.intersection(config.lacks)))
                self.screen.app.say(f"{switch} changes nothing: the model was built without {lacks}")
        self.thrown = any(not switch.idle_in(config) for switch in thrown)

    def take_moved(self, moved: Moved) -> None:
        """Say where to look, once, if a switch was thrown."""
        self.moved_most = moved
        scene = self.screen.scene
        if self.thrown and scene is not None and scene.is_fresh and self.screen.is_current:
            self.thrown = False
            if says := changed_most(scene):
                self.screen.app.say(says)

    def take_swept(self, swept: Swept) -> None:
        """Look at the head that matters most, until the person has chosen one in this text."""
        self.swept = swept
        session, head = self.screen.view, swept.head
        if head is not None and not session.view.chosen and not session.switches:
            self.screen.view = look(session, layer=head.layer, head=head.head)
            self.screen.ask()

    def to_most(self) -> None:
        """To the head that mattered most; what it does, and whether an MLP does more."""
        assert self.screen.scene is not None
        self.screen.see(ACTS["most"](self.screen.scene), "most")
        scene = self.screen.scene
        if scene.swept is not None and scene.swept.head is not None:
            self.screen.app.say(told_most(scene, self.screen.app.unit))

    def list_edges(self) -> None:
        """What to cut, and what is heavy but does nothing: as soon as it is known, or what is known if asked again."""
        scene = self.screen.scene
        assert scene is not None
        if says := no_edges(scene):
            self.screen.app.say(says)
        elif self.lists is not None:
            self.show_lists(self.lists)
        else:
            self.lists_wanted = True
            self.screen.app.say("cutting edges to see what each is worth")
            self.screen.ask()

    def take_lists(self, lists: Listed) -> None:
        """Show them once they are complete, to who still waits for them."""
        self.lists = lists
        if lists.done and self.lists_wanted:
            self.show_lists(lists)

    def show_lists(self, lists: Listed) -> None:
        """Both in one dialog; the edge that is chosen is looked at."""
        scene, self.lists_wanted = self.screen.scene, False
        assert scene is not None
        options = edge_options(scene, lists.found, self.screen.app.unit)
        if options:
            self.screen.consult(Choose(share_said(lists.found), options, wide="broad"), self.look_at_edge)
        else:
            self.screen.app.say("no look has any effect here, and none is heavy")

    def look_at_edge(self, key: str) -> None:
        """The cursor on an edge, in a pane of attention."""
        layer, head, row, column = map(int, key.split("."))
        dropped = self.screen.scene.dropped if self.screen.scene is not None else 0
        chosen = choose_head(self.screen.view, layer, head)
        self.screen.see(look(chosen, row=row + dropped, column=column + dropped))
        if not self.sees_edges:
            self.screen.go_to(Attention.name)

    def list_effects(self) -> None:
        """What every part does to the next token; one that is chosen is looked at."""
        scene = self.screen.scene
        assert scene is not None
        if says := unmeasured(scene, all_of_it=False):
            self.screen.app.say(says)
            return
        assert scene.swept is not None
        parts = {str(part): part for part in scene.swept.by_part}
        options = listed(scene, self.screen.app.unit)
        if not options:
            self.screen.app.say("every head and every MLP is off")
            return
        self.screen.consult(Choose(heading(scene), options, wide="broad"), lambda key: self.look_at(parts[key]))

    def look_at(self, part: Switch) -> None:
        """The head, or the switch of the MLP."""
        if isinstance(part, HeadOff):
            self.screen.see(choose_head(self.screen.view, part.layer, part.head))
            if not {Heads.name, Attention.name} & set(self.screen.board.order):
                self.screen.go_to(Heads.name)
        else:
            assert self.screen.scene is not None
            self.screen.go_to(Switches.name)
            self.screen.see(look(self.screen.view, item=item_of(self.screen.scene.model.config, part)))

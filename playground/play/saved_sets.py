"""Sets of switches that are saved under a name, and recalled."""

from __future__ import annotations

from models.errors import UserError
from models.switches import check, parse
from playground.kit.choosing import Choose
from playground.kit.described import Acts
from playground.kit.dialogs import Ask
from playground.kit.screen import PaneScreen
from playground.looking.host import Host
from playground.looking.scene import Scene
from playground.looking.session import Session, decide_anew


class SavedSets:
    """Those that the app remembers, and the switches of the session."""

    def __init__(self, screen: PaneScreen[Scene, Session], app: Host) -> None:
        self.screen, self.app = screen, app

    @property
    def acts(self) -> Acts:
        """What the keys do with them."""
        return {"save_set": self.save, "recall_set": self.choose}

    def save(self) -> None:
        """Save the switches that are on under a name."""
        switches = tuple(map(str, self.screen.view.switches))
        if not switches:
            raise UserError("no switch is on", "switch something off first, then save it")
        ask = Ask("Save these switches as", "a name", check=_a_name)
        self.screen.consult(ask, lambda name: self.app.keep(self.app.store.with_set(name, switches)))

    def choose(self) -> None:
        """Choose a saved set, to switch to it; or forget one."""
        sets = self.app.store.sets
        if not sets:
            raise UserError("no set is saved yet", "switch something off and press n")

        def forget(name: str) -> None:
            self.app.keep(self.app.store.without_set(name))

        options = [(name, name, ", ".join(switches)) for name, switches in sets.items()]
        self.screen.consult(Choose("Recall a set of switches", options, forget), self.recall)

    def recall(self, name: str) -> None:
        """Switch to a saved set; one with a switch for a place this model does not have is refused."""
        scene = self.screen.scene
        assert scene is not None
        switches = check(map(parse, self.app.store.sets[name]), scene.model.config)
        self.screen.see(decide_anew(scene.session, switches=switches), "recall")


def _a_name(value: str) -> str | None:
    return None if value.strip() else "a set needs a name - type at least one letter"

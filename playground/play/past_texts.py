"""The texts that were typed before, newest first, and the way back to one of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from playground.kit.described import Acts
from playground.kit.screen import PaneScreen
from playground.looking.host import Host
from playground.looking.prompts import draft_of, opening, written
from playground.looking.scene import Scene
from playground.looking.session import Session, look


class PastTexts:
    """Those that the app remembers, and the text of the session."""

    def __init__(self, screen: PaneScreen[Scene, Session], app: Host) -> None:
        self.screen, self.app = screen, app

    @property
    def acts(self) -> Acts:
        """What the keys do that walk through them."""
        return {"prompt_before": partial(self.recall, 1), "prompt_after": partial(self.recall, -1)}

    def remember(self) -> None:
        """The text, now that it is typed, is one of them; not the one that the model begins with."""
        scene, text = self.screen.scene, self.screen.view.text
        if text and scene is not None and text not in (opening(scene.model), *self.app.store.prompts[:1]):
            self.app.keep(self.app.store.with_prompt(text))

    def take(self, text: str) -> None:
        """This text in the place of the one there is; typed on, if that was being typed."""
        scene = self.screen.scene
        assert scene is not None
        caret = None if scene.session.view.caret is None else len(text)
        own = replace(written(scene.session, scene.model, text), aside=None)
        self.screen.see(look(own, caret=caret, row=None), "retype")

    def recall(self, by: int) -> None:
        """The text typed so many before or after this one; nothing after the newest."""
        scene = self.screen.scene
        assert scene is not None
        prompts, now = ("", *self.app.store.prompts), draft_of(scene.session, scene.model)
        at = (prompts.index(now) if now in prompts else 0) + by
        if 0 <= at < len(prompts):
            self.take(prompts[at])
        else:
            self.app.say("there is no text before that one" if by > 0 else "that is the newest")

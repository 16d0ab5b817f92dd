"""The line about the model says what runs, and drops what matters least."""

from __future__ import annotations

from dataclasses import replace

from models.switches import HeadOff, MaskOff
from playground.looking.panes.model_line import ModelLine
from tests.models.kin import KIN
from tests.models.saved_models import random_model
from tests.playground.looking.panes.text_scenes import TEXT, model, picture, scene
from tests.playground.looking.scenes import CORPUS


def test_status_says_what_runs() -> None:
    shown = replace(scene(TEXT, [HeadOff(0, 1), MaskOff()]), frame_milliseconds=8.44, running=True, speed=0.5)
    shown = replace(shown, results=replace(shown.results, milliseconds=1.26)) if shown.results else shown
    assert picture(ModelLine(), shown, 200, 1).plain() == (
        "random · 2 layers × 4 heads × 32 wide · 28.3 K parameters · context 19/64 · 2 switches on · "
        "head-off:0.1 0.09, mask-off 0.02 bits · step 1.3 ms · frame 8.4 ms · ▶ running at 0.5/s"
    )
    said = picture(ModelLine(), replace(shown, held=123_456_789), 200, 1).plain()
    assert "frame 8.4 ms · holds 123 MB · ▶ running" in said


def test_a_family_that_is_not_the_usual_one_is_named() -> None:
    usual = model()
    config = replace(KIN["llama"], vocab_size=usual.vocab_size, block_size=64)
    llama = replace(random_model(config), tokenizer=usual.tokenizer, name="theirs")
    said = picture(ModelLine(), scene(TEXT, of=llama), 200, 1).plain()
    assert said.startswith("theirs · Llama · 2 layers × 4 heads × 16 wide")
    assert picture(ModelLine(), scene(TEXT, of=llama), 40, 1).plain().startswith("theirs · Llama · context")


def test_status_leaves_out_what_matters_least() -> None:
    shown = scene(TEXT, [HeadOff(0, 1)])
    for width in range(1, 160):
        said = picture(ModelLine(), shown, width, 1).plain()
        assert said.startswith("random"[:width])
        assert not said.endswith(" ·")
        if "layers" in said:
            assert "step" in said
        if "step" in said:
            assert "1 switch on" in said
    assert picture(ModelLine(), shown, 24, 1).plain() == "random · 1 switch on"


def test_status_of_many_switches_and_a_full_context() -> None:
    shown = scene(CORPUS[:70], [HeadOff(0, head) for head in range(4)])
    said = picture(ModelLine(), shown, 200, 1).plain()
    assert "4 switches on · head-off:0.0 0.07, head-off:0.1 0.04, head-off:0.2 0.12 bits +1 ·" in said
    assert "context 64/64" in said
    assert "paused, 4/s" in said
    narrow = {width: picture(ModelLine(), shown, width, 1).plain() for width in range(1, 160)}
    assert narrow[80] == "random · context 64/64 · 4 switches on · head-off:0.0 0.07 bits +3 · paused, 4/s"
    assert narrow[67] == "random · context 64/64 · 4 switches on · head-off:0.0 0.07 bits +3"
    assert all("head-off:0.0 0.07" in said for width, said in narrow.items() if width >= 67), (
        "what is thrown comes first"
    )

"""playground probe: what it prints is what the probes measure, at any width, and a wrong model gets a sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

import models
from models import baselines, model_folders
from models.baselines import Bigram
from models.baselines.gru import GRU, GRUConfig, weight_shapes
from models.corpora import little_world
from models.corpora.spec import CorpusSpec
from models.gpt import GPT, GPTConfig
from models.lenses import abilities, probes
from models.lenses.looking import by_head, induction, looking_back
from models.lenses.probes.few_shot import by_examples
from models.lenses.sweep import sweep
from models.runs import TrainConfig, catalogue, snapshots
from models.tokenizers import Tokenizer
from playground.commands.probe import report
from tests.conftest import random_gpt
from tests.playground.commands.calling import Command
from tests.playground.program import in_terminal


@pytest.fixture(scope="module")
def guesser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the little world that has learned nothing, with a bigram beside it."""
    words = Tokenizer.of_words(*little_world.world().vocabulary)
    config = GPTConfig(words.vocab_size, block_size=96, n_layer=2, n_head=2, n_embd=8)
    folder = tmp_path_factory.mktemp("models") / "guesser"
    model_folders.save(random_gpt(config, dtype=np.float32, tokenizer=words, name="guesser"), folder)
    said = [words.ids[word] for text, _ in zip(little_world.world("training").texts(1), range(300), strict=False)
            for word in ("\n", *text.words)]  # fmt: skip
    baselines.save([Bigram.count(np.array(said), words.vocab_size, tokenizer=words)], folder)
    return folder


@pytest.fixture
def model(guesser: Path) -> GPT:
    return models.load(guesser)


def test_the_table_has_a_line_a_probe(call: Command, guesser: Path, model: GPT) -> None:
    answer = call("probe", guesser, "--no-cuts")
    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.split("\n")
    bigram = baselines.load(guesser, model.tokenizer)["bigram"]
    assert [line.split()[0] for line in lines[1 : len(probes.ALL) + 1]] == [kind.slug for kind in probes.ALL]
    for line, kind in zip(lines[1:], probes.ALL, strict=False):
        if kind.slug not in ("agreement", "senses", "sense-vectors", "analogies"):
            continue
        found = kind().measure(model)
        against = "–" if kind.gpt_only else f"{kind().measure(bigram).score:.2f}"
        assert kind.title in line
        newest = "–" if found.newest is None else f"{found.newest:.2f}"
        last = [f"{found.score:.2f}", against, newest, f"{found.chance:.2f}", f"{found.cases:,}"]
        assert line.split()[-5:] == last
    assert all(kind.asks.split()[0] in answer.out for kind in probes.ALL)
    assert all(cell_len(line) <= 100 for line in lines)


def test_the_cuts_are_the_sweep_s(call: Command, guesser: Path, model: GPT) -> None:
    answer = call("probe", guesser, "--probe", "order", "--probe", "analogies")
    assert re.fullmatch(
        r"note: 15 parts are switched off in turn, about \d+ s; --no-cuts leaves this out\n", answer.err
    )
    header, order, analogies = answer.out.split("the score with a part switched off\n")[1].split("\n")[:3]
    assert header.split() == "probe one head later part positions mask linear no MLP no attn".split()
    scores = {cut.name: cut.score for cut in sweep(model, probes.ALL[[p.slug for p in probes.ALL].index("order")]())}
    assert order.split()[-5:] == [f"{scores[name]:.2f}" for name in report.LARGE]
    assert analogies.split() == ["analogies", *["–"] * 7]


def test_a_part_is_named_only_if_the_probe_breaks_without_it() -> None:
    from models.lenses.abilities import Ability
    from models.lenses.sweep import Cut
    from models.switches import AttentionOff, HeadOff, MLPOff

    def alone(**scores: float) -> tuple[str, ...]:
        kinds = {"head": HeadOff(1, 0), "first": MLPOff(0), "mlp": MLPOff(1), "attn": AttentionOff(1)}
        cuts = [Cut(str(kinds[name]), (kinds[name],), score) for name, score in scores.items()]
        return report._alone(Ability(probes.ALL[0](), None, probes.Finding(0.9, 0.5, 10), 0.0, tuple(cuts)))

    assert alone(head=0.2, first=0.0, mlp=0.5, attn=0.4) == ("1.0 0.20", "attn 1 0.40")
    assert alone(head=0.88, first=0.0, mlp=0.3, attn=0.4) == ("none alone", "MLP 1 0.30")
    assert alone(first=0.0) == ("–", "–")


def test_examples_show_text_and_what_was_said(call: Command, guesser: Path, model: GPT) -> None:
    answer = call("probe", guesser, "--no-cuts", "--probe", "order", "--examples", 2)
    case = probes.ALL[[p.slug for p in probes.ALL].index("order")]()
    assert isinstance(case, probes.CaseProbe)
    shown = " ".join(answer.out.split())
    for each in case.answers(model, 2):
        text = " ".join(each.case.words[1:]).replace(" .", ".")
        said = ", ".join(f"{word} {p:.2f}" for word, p in each.said)
        assert f"wrong: {text} … {said} - right: {min(each.case.right)}" in shown
    assert len(re.findall("wrong:", answer.out)) == 2
    assert len(re.findall("wrong:", call("probe", guesser, "--no-cuts", "--probe", "order", "--examples").out)) == 3


def test_inside_looks_inside(call: Command, guesser: Path, model: GPT) -> None:
    chosen = ("--probe", "few-shot", "--probe", "facts", "--probe", "induction")
    answer = call("probe", guesser, "--no-cuts", "--inside", *chosen)
    for title in ("if it stopped after a layer", "how many examples", "what followed it first", "another's sport"):
        assert title in answer.out
    told = json.loads(call("probe", guesser, "--no-cuts", "--inside", "--json", *chosen).out)["inside"]
    assert told["few_shot"] == list(by_examples(model))
    assert told["induction"] == dict(by_head(induction(model))) and len(told["facts"]) == 6
    assert told["looking_back"] == dict(by_head(looking_back(model)))
    assert set(told["layers"]) == {"few-shot", "facts", "induction"}
    assert list(told["parts"]) == [part.name for part in little_world.ALL]
    story = told["parts"]["story"]
    assert f"{story['above']['value']:.3f}  {story['above']['error']:6.3f}" in answer.out


def test_json_holds_everything_the_table_says(call: Command, guesser: Path, model: GPT) -> None:
    argv = ("probe", guesser, "--json", "--probe", "countries", "--probe", "sense-vectors", "--examples", 1)
    told = json.loads(call(*argv).out)
    assert [probe["name"] for probe in told["probes"]] == ["sense-vectors", "countries"]
    vectors, countries = told["probes"]
    assert vectors["bigram"] is None and "examples" not in vectors and len(vectors["cuts"]) == 15
    assert set(countries["kinds"]) == {"capital", "language", "dish"}
    assert len(countries["examples"]) == 1 and set(countries["examples"][0]) == {"text", "right", "said"}
    plain = json.loads(call(*argv, "--no-cuts").out)["probes"]
    assert "cuts" not in plain[0] and "inside" not in told
    assert [probe["score"] for probe in plain] == [probe["score"] for probe in told["probes"]]


def test_without_a_bigram_beside_it_one_is_counted(
    call: Command, model: GPT, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abilities, "WORDS", 5000)
    model_folders.save(model, tmp_path / "alone")
    told = json.loads(call("probe", tmp_path / "alone", "--no-cuts", "--json", "--probe", "senses").out)
    assert told["probes"][0]["bigram"] > 0.1


def test_a_recurrent_model_is_asked_what_needs_no_inside(call: Command, model: GPT, tmp_path: Path) -> None:
    assert model.tokenizer is not None
    config = GRUConfig(model.vocab_size, n_layer=1, n_embd=4)
    rng = np.random.default_rng(0)
    weights = {name: rng.normal(0, 1, shape).astype(np.float32) for name, shape in weight_shapes(config).items()}
    GRU(config, weights, model.tokenizer).save(tmp_path / "gru")
    chosen = ("--probe", "senses", "--probe", "analogies")
    baselines.save([Bigram.count(np.arange(50), model.vocab_size)], tmp_path / "gru")
    answer = call("probe", tmp_path / "gru", *chosen, "--inside")
    assert (answer.code, answer.err) == (0, "")
    assert "switched off" not in answer.out and "stopped after a layer" not in answer.out
    assert answer.out.split("\n")[2].split() == ["analogies", "analogies", *["–"] * 5]
    told = json.loads(call("probe", tmp_path / "gru", *chosen, "--inside", "--json").out)
    assert told["probes"][1]["score"] is None and "cuts" not in told["probes"][0] and "inside" not in told
    found = probes.ALL[[p.slug for p in probes.ALL].index("senses")]().measure(model_folders.load_any(tmp_path / "gru"))
    assert told["probes"][0]["score"] == found.score


def test_a_narrow_terminal_gets_sentences(guesser: Path) -> None:
    argv = ("probe", str(guesser), "--probe", "order", "--examples", "1", "--inside")
    code, seen = in_terminal(argv, COLUMNS="40")
    assert code == 0
    lines = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", seen).splitlines()
    assert max(cell_len(line) for line in lines if not line.startswith("note: ")) <= 40
    assert any(line.startswith("order: who chased whom, score 0.") for line in lines)
    wide = in_terminal((*argv[:4], "--no-cuts"), COLUMNS="100", NO_COLOR="1")[1]
    assert "\x1b" not in wide and "probe                                     score" in wide


def test_a_model_of_another_world_gets_a_sentence(call: Command, tiny_folder: Path, guesser: Path) -> None:
    answer = call("probe", tiny_folder)
    assert (answer.code, answer.out) == (2, "")
    assert re.fullmatch(r"error: tiny does not know \d+ words of the little world, '\w+' for one - .*\n", answer.err)
    answer = call("probe", guesser, "--probe", "facts", "--probe", "\x1b[31mnone")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error: there is no probe '\\x1b[31mnone' - there are right-name, owner, ")
    assert call("probe", guesser / "none").code == 2
    for wrong in (("--examples", "0"), ("--cuts", "x", "y"), ("--probe",)):
        assert call("probe", guesser, *wrong).code == 2


def test_without_a_model_it_asks_the_bundled_one(call: Command) -> None:
    answer = call("probe", "--no-cuts", "--json", "--probe", "agreement", "--probe", "analogies")
    told = json.loads(answer.out)
    assert (answer.code, answer.err, told["model"]) == (0, "", "little-world")
    assert all(probe["score"] > 0.95 for probe in told["probes"])


@pytest.fixture(scope="module")
def run(guesser: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with three snapshots that have learned nothing."""
    run = tmp_path_factory.mktemp("runs") / "run"
    catalogue.create(run, TrainConfig(), catalogue.LearnsFrom(CorpusSpec("little-world", (), None)), ["train"])
    for step in (0, 100, 2000):
        snapshots.write(run, models.load(guesser), step)
    return run


def test_the_snapshots_of_a_run_are_asked(call: Command, run: Path, model: GPT) -> None:
    asked = ("--snapshots", "--probe", "made-up-names", "--probe", "agreement", "--probe", "analogies")
    answer = call("probe", run, *asked, "--json")
    told = json.loads(answer.out)
    agreement, names = told["abilities"]
    score = probes.Agreement().measure(model).score
    assert told["steps"] == [0, 100, 2000] and agreement["scores"] == [score] * 3 and "head" not in agreement
    head, weight = next(by_head(induction(model, probes.MadeUpNames().cases())))
    assert names["head"] == head and names["weights"] == pytest.approx([weight] * 3, rel=1e-3)
    answer = call("probe", run, *asked)
    lines = [line.split() for line in answer.out.splitlines()]
    assert lines[0] == ["0", "100", "2,000", "since"] and lines[1] == ["agreement", *[f"{score:.2f}"] * 3, "–"]
    assert lines[2][:3] == [f"L{head[0]}", f"H{head[2]}", "looks"] and lines[3][0] == "made-up-names"
    assert "3 snapshots are asked" in answer.err


def test_a_table_of_many_snapshots_fits_the_terminal(run: Path) -> None:
    code, seen = in_terminal(("probe", str(run), "--snapshots", "--probe", "agreement"), COLUMNS="40")
    told = seen[seen.index("since") - 33 :]
    assert code == 0 and all(cell_len(line) <= 40 for line in told.splitlines()), seen


def test_what_has_no_snapshots_to_ask_is_refused(call: Command, guesser: Path, run: Path, tmp_path: Path) -> None:
    data = catalogue.LearnsFrom(CorpusSpec("little-world", (), None))
    catalogue.create(tmp_path / "new", TrainConfig(), data, ["train"])
    for words, says in (
        ((guesser,), "is not the folder of a run"),
        ((tmp_path / "new",), "has no snapshot yet"),
        ((run, "--inside"), "are of one model"),
        ((run, "--probe", "analogies"), "no snapshot is asked that"),
    ):
        answer = call("probe", *words, "--snapshots")
        assert answer.code == 2 and says in answer.err, answer.err

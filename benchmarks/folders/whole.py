"""The folders that are damaged: a model of every kind, and runs that were left halfway."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from queue import SimpleQueue
from typing import get_args

import numpy as np

from models import model_folders
from models.baselines import ALL, Baseline
from models.baselines.gru import GRU, GRUConfig
from models.baselines.gru import weight_shapes as gru_shapes
from models.formats import safetensors
from models.gpt import GPT, GPTConfig, weight_shapes
from models.parts import Part, Store
from models.runs import TrainConfig
from models.runs.events import Inbox, Leave
from models.tokenizers import Tokenizer

TEXT = "to be, or not to be, that is the question:\nwhether 'tis nobler in the mind to suffer\n" * 20


def make(folder: Path) -> tuple[list[Path], list[Path]]:
    """Model folders, and folders of runs."""
    return _models(folder / "models"), _runs(folder / "runs", folder / "text.txt")


def _models(folder: Path) -> list[Path]:
    folder.mkdir()
    char, word = Tokenizer.train_char(TEXT), Tokenizer.train_word(TEXT)
    bpe = Tokenizer.train_bpe(TEXT, vocab_size=280)
    kinds: list[tuple[Tokenizer, tuple[Part, ...], bool]] = [
        (char, (), True),
        (word, ("mask",), True),
        (bpe, (), False),
    ]
    for number, (tokenizer, without, tied) in enumerate(kinds):
        config = GPTConfig(tokenizer.vocab_size, 16, 2, 2, 8, tied=tied, without=without)
        weights = _random(weight_shapes(config), number)
        store = get_args(Store)[number]
        model_folders.save(GPT(config, weights, tokenizer), folder / tokenizer.kind, store, beside=_counted(tokenizer))
    sizes = GRUConfig(char.vocab_size, 2, 6)
    GRU(sizes, _random(gru_shapes(sizes), 9), char).save(folder / "gru", beside=_counted(char))
    foreign = Path(shutil.copytree(folder / "char", folder / "foreign"))
    (foreign / "training.json").unlink()
    _shard(Path(shutil.copytree(folder / "char", folder / "shards")))
    for name, zipped in (("pickled", True), ("old", False)):
        _pickled(Path(shutil.copytree(folder / "bpe", folder / name)), zipped)
    _checkpoints(folder)
    return sorted(folder.iterdir())


def _pickled(folder: Path, zipped: bool) -> None:
    """As GPT-2 lies where it was published: the weights in a pickle, the tokenizer in two files."""
    import torch

    header = safetensors.read_header(folder / "model.safetensors")
    arrays = dict(safetensors.tensors(folder / "model.safetensors", header, header.entries))
    weights = {name: torch.tensor(array) for name, array in arrays.items()}
    torch.save(weights, folder / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in model["merges"]))
    for name in ("model.safetensors", "tokenizer.json", "tokenizer_config.json", "training.json"):
        (folder / name).unlink()


def _checkpoints(folder: Path) -> None:
    """Those of nanoGPT and minGPT."""
    import torch

    from tests.models.checkpoints import checkpoint, mingpt, nanogpt, write_meta

    for name in ("nanogpt", "mingpt"):
        write_meta(folder / name)
    torch.save(checkpoint(nanogpt(bias=False), bias=False, prefix="_orig_mod."), folder / "nanogpt" / "ckpt.pt")
    torch.save(mingpt().state_dict(), folder / "mingpt" / "model.pt")
    (folder / "mingpt" / "config.json").write_text('{"model": {"model_type": "gpt-tiny", "n_head": 2}}')


def _random(shapes: dict[str, tuple[int, ...]], seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


def _counted(tokenizer: Tokenizer) -> list[Baseline]:
    tokens = np.array(tokenizer.encode(TEXT))
    return [kind.count(tokens, tokenizer.vocab_size, tokens, tokenizer) for kind in ALL]


def _shard(folder: Path) -> None:
    """The weights in two files and an index."""
    from models.formats import digests

    whole = folder / "model.safetensors"
    header = safetensors.read_header(whole)
    arrays = dict(safetensors.tensors(whole, header, header.entries))
    halves = [list(arrays)[::2], list(arrays)[1::2]]
    table = dict[str, str]()
    for number, names in enumerate(halves, 1):
        file = folder / f"model-{number:05}-of-00002.safetensors"
        safetensors.write(file, {name: arrays[name] for name in names}, "float32", {})
        table |= dict.fromkeys(names, file.name)
    whole.unlink()
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": table}))
    digests.seal(folder)


def _runs(folder: Path, text: Path) -> list[Path]:
    from models.training import opening
    from models.training.corpus import text_spec
    from models.training.run import How

    text.write_text(TEXT)
    small = TrainConfig(
        n_layer=1, n_head=1, n_embd=8, block_size=8, batch=2, steps=6, eval_every=2, warmup=1, threads=1,
        dtype="float32",
    )  # fmt: skip
    other = TrainConfig.from_dict(small.as_dict() | {"n_embd": 12, "model": "gru", "method": "adamw"})
    for name, config in (("small", small), ("other", other)):
        inbox: Inbox = SimpleQueue()
        with opening.create(folder / name, config, text_spec(text), ("playground", "train")) as run:
            for event in run.events(inbox, How(every=0)):
                if getattr(event, "step", 0) == 4:
                    inbox.put(Leave("as asked", 0))
    return sorted(folder.iterdir())

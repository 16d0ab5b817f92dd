"""The folders that are damaged: a model of every kind and family, and runs that were left halfway."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import get_args

import numpy as np

from models import model_folders
from models.baselines import ALL, Baseline
from models.baselines.gru import GRU, GRUConfig
from models.baselines.gru import weight_shapes as gru_shapes
from models.formats import arrays, digests, safetensors
from models.gpt import GPT, GPTConfig, weight_shapes
from models.parts import Part, Store
from models.runs import TrainConfig
from models.runs.events import Inbox, Leave
from models.tokenizers import Tokenizer

Keep = Callable[[Path], None]
Save = Callable[[Path, Mapping[str, np.ndarray]], None]
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
    _sealed(Path(shutil.copytree(folder / "char", folder / "shards")))
    for name, zipped in (("pickled", True), ("old", False)):
        _published(Path(shutil.copytree(folder / "bpe", folder / name)), zipped)
    digests.seal(folder / "old")
    _checkpoints(folder)
    _families(folder)
    return sorted(folder.iterdir())


def _families(folder: Path) -> None:
    """A model of each family, with a tokenizer of other programs, its weights in every way that they lie on a disk."""
    from tests.models import foreign_tokenizers
    from tests.models.kin import KIN

    for number, ((name, config), (tokenizer, keep)) in enumerate(zip(KIN.items(), BESIDE.items(), strict=True)):
        place = folder / name
        known = Tokenizer.load(foreign_tokenizers.put(tokenizer, folder.parent))
        sized = replace(config, vocab_size=known.vocab_size)
        model_folders.save(GPT(sized, _random(weight_shapes(sized), number), known), place)
        (place / "training.json").unlink()
        foreign_tokenizers.put(tokenizer, place)  # as they wrote it
        keep(place)


def _whole(folder: Path) -> None:
    """As it was saved."""


def _published(folder: Path, zipped: bool) -> None:
    """As GPT-2 lies where it was published: the weights in a pickle, the tokenizer in two files."""
    _pickled(folder, zipped)
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in model["merges"]))
    for name in ("tokenizer.json", "tokenizer_config.json", "training.json"):
        (folder / name).unlink()


def _pickled(folder: Path, zipped: bool = True) -> None:
    """The weights in a pickle."""
    _save(folder / "pytorch_model.bin", _taken(folder), zipped)


def _pickled_shards(folder: Path) -> None:
    """The weights in two pickles and an index."""
    _put_shards(folder, "pytorch_model", "bin", _save)


def _checkpoints(folder: Path) -> None:
    """Those of nanoGPT and minGPT, and one as Lightning saves it."""
    import torch

    from tests.models.checkpoints import checkpoint, lightning, mingpt, nanogpt, write_meta

    for name in ("nanogpt", "mingpt", "lightning"):
        write_meta(folder / name)
    torch.save(checkpoint(nanogpt(bias=False), bias=False, prefix="_orig_mod."), folder / "nanogpt" / "ckpt.pt")
    torch.save(lightning(nanogpt()), folder / "lightning" / "last.ckpt")
    torch.save(mingpt().state_dict(), folder / "mingpt" / "model.pt")
    (folder / "mingpt" / "config.json").write_text('{"model": {"model_type": "gpt-tiny", "n_head": 2}}')


def _random(shapes: dict[str, tuple[int, ...]], seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}


def _counted(tokenizer: Tokenizer) -> list[Baseline]:
    tokens = np.array(tokenizer.encode(TEXT))
    return [kind.count(tokens, tokenizer.vocab_size, tokens, tokenizer) for kind in ALL]


def _shards(folder: Path) -> None:
    """The weights in two files and an index."""
    _put_shards(folder, "model", "safetensors", arrays.write)


def _sealed(folder: Path, keep: Keep = _shards) -> None:
    """The digests of all of it as well."""
    keep(folder)
    digests.seal(folder)


def _taken(folder: Path) -> dict[str, np.ndarray]:
    """The weights, whose file is gone then."""
    file = folder / "model.safetensors"
    header = safetensors.read_header(file)
    weights = dict(safetensors.tensors(file, header, header.entries))
    file.unlink()
    return weights


def _put_shards(folder: Path, stem: str, suffix: str, save: Save) -> None:
    weights, table = _taken(folder), dict[str, str]()
    for number in (1, 2):
        part = {name: weights[name] for name in list(weights)[number - 1 :: 2]}
        file = folder / f"{stem}-{number:05}-of-00002.{suffix}"
        save(file, part)
        table |= dict.fromkeys(part, file.name)
    index = json.dumps({"metadata": {}, "weight_map": table})
    (folder / f"{stem}.{suffix}.index.json").write_text(index)


def _save(file: Path, weights: Mapping[str, np.ndarray], zipped: bool = True) -> None:
    """As torch does."""
    import torch

    tensors = {name: torch.tensor(weight) for name, weight in weights.items()}
    torch.save(tensors, file, _use_new_zipfile_serialization=zipped)


# a tokenizer for a model of each family, and how its weights are kept
BESIDE: dict[str, Keep] = {
    "Llama 2": _pickled, "Unigram, NFKC": _shards, "Qwen": partial(_sealed, keep=_pickled_shards), "Llama 3": _sealed,
    "pairs, goings on": _whole, "Unigram, SentencePiece's rules": partial(_pickled, zipped=False),
}  # fmt: skip


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

"""Tokenizers as other programs train them, of every kind that is opened here, and texts to hold them to."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from tests.conftest import DATA

LEARNED = [
    "The quick brown fox jumps over the lazy dog. It's 3.14 or 2,000: isn't it?\n",
    "Ünïcödé — naïve café, déjà vu; ﬁne ﬂow １２３ ...  Ça va?\n\n",
    "def f(x):\n    return x ** 2  # hm\n\n\n\tif not y: pass\r\n",
    "中文 日本語 한국어 عربى हिन्दी 👩\u200d🚀🏳\ufe0f\u200d🌈 𝕏 e\u0301 n\u0303",
]
WORDS = (
    "The quick brown fox ISN'T it's café cafe\u0301 naïve ﬁne １２３ 42 2,000 def f(x): ** 中文 हिन्दी 👩\u200d🚀 ß €5"
).split()
BLANKS = [" ", " ", " ", "  ", "\n", "\n\n", "\t", "\r\n", "   ", "\u00a0", "", "-", "... "]
LLAMA3, QWEN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|" + digits + r"| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+"
    for digits in (r"\p{N}{1,3}", r"\p{N}")
)
# what sentencepiece makes of a dozen rules: "\ufb01" to "fi", "\u00dc" to "ue", a tab to a blank, "\u200d" to nothing
FEW_RULES = DATA / "few_rules.charsmap"
SPECIAL = ["<unk>", "<s>", "</s>"]
BEGUN = processors.TemplateProcessing(single="<s> $A", pair="<s> $A $B", special_tokens=[("<s>", 1)])
ENDED = processors.TemplateProcessing(
    single="<s> $A </s>", pair="<s> $A $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
)


def varied(count: int, seed: int = 0) -> list[str]:
    """Texts of words, blanks, marks and single characters of any script."""
    rng = random.Random(seed)
    strange = [chr(code) for code in range(0x20, 0x3000, 7) if unicodedata.category(chr(code))[0] not in "C"]
    texts = []
    for _ in range(count):
        parts = rng.choices(WORDS, k=rng.randrange(9)) + rng.choices(strange, k=rng.randrange(3))
        rng.shuffle(parts)
        texts.append("".join(part + rng.choice(BLANKS) for part in parts))
    return texts


def _learned(model: Any, trainer: Any, texts: Sequence[str] = LEARNED, **parts: Any) -> Tokenizer:
    made = Tokenizer(model)
    for name, part in parts.items():
        if name != "post_processor":
            setattr(made, name, part)
    made.train_from_iterator([*texts] * 4, trainer)
    if "post_processor" in parts:  # which needs the numbers of its tokens
        made.post_processor = parts["post_processor"]
    return made


def _bytes(size: int = 420, **parts: Any) -> Tokenizer:
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=alphabet, special_tokens=SPECIAL, show_progress=False
    )
    return _learned(models.BPE(), trainer, decoder=decoders.ByteLevel(), **parts)


def _cut(*before: Any, use_regex: bool = False) -> Any:
    return pre_tokenizers.Sequence([*before, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=use_regex)])


def _split(expression: str) -> Any:
    return pre_tokenizers.Split(Regex(expression), "isolated")


def _pairs(unk: str | None, learn: dict[str, Any] | None = None, **parts: Any) -> Tokenizer:
    trainer = trainers.BpeTrainer(vocab_size=260, special_tokens=SPECIAL, show_progress=False, **(learn or {}))
    return _learned(models.BPE(unk_token=unk), trainer, **parts)


def _llama2() -> Tokenizer:
    """Pairs of characters that fall back to bytes, and ▁ put in by the normalizer: nothing is cut before."""
    learned = _pairs("<unk>", texts=LEARNED[::2], pre_tokenizer=pre_tokenizers.Metaspace(prepend_scheme="always"))
    spec = json.loads(learned.to_str())
    vocab = {token: number for number, token in enumerate(SPECIAL)}
    vocab |= {f"<0x{byte:02X}>": len(SPECIAL) + byte for byte in range(256)}
    for token in sorted(spec["model"]["vocab"], key=spec["model"]["vocab"].__getitem__):
        vocab.setdefault(token, len(vocab))
    spec["model"] |= {"vocab": vocab, "byte_fallback": True, "fuse_unk": True}
    spec["pre_tokenizer"] = None
    spec["normalizer"] = {
        "type": "Sequence",
        "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        ],
    }
    made = Tokenizer.from_str(json.dumps(spec))
    made.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    made.post_processor = BEGUN
    return made


def _unigram(normalizer: Any, **parts: Any) -> Tokenizer:
    trainer = trainers.UnigramTrainer(vocab_size=220, special_tokens=SPECIAL, unk_token="<unk>", show_progress=False)
    return _learned(
        models.Unigram(), trainer, normalizer=normalizer, pre_tokenizer=pre_tokenizers.Metaspace(),
        decoder=decoders.Metaspace(), **parts,
    )  # fmt: skip


def _given() -> Tokenizer:
    """Pieces with their scores, which nobody learned."""
    pieces = [
        ("▁", -4.0),
        ("▁f", -3.0),
        ("ox", -3.0),
        ("▁fo", -5.0),
        *((c, -9.0) for c in "abcdefghijklmnopqrstuvwxyz"),
    ]
    made = Tokenizer(models.Unigram([*((token, 0.0) for token in SPECIAL), *pieces], 0))
    made.pre_tokenizer, made.decoder, made.post_processor = pre_tokenizers.Metaspace(), decoders.Metaspace(), BEGUN
    made.add_special_tokens(SPECIAL)
    return made


def _wordpiece(normalizer: Any, pre_tokenizer: Any) -> Tokenizer:
    trainer = trainers.WordPieceTrainer(vocab_size=220, special_tokens=["<unk>", "<s>"], show_progress=False)
    model = models.WordPiece(unk_token="<unk>")
    return _learned(model, trainer, normalizer=normalizer, pre_tokenizer=pre_tokenizer, decoder=decoders.WordPiece())


def _whole(*members: Any) -> Any:
    return normalizers.Sequence(list(members))


KINDS: dict[str, tuple[str, Callable[[], Tokenizer]]] = {
    "byte-level, begun": ("bpe", lambda: _bytes(pre_tokenizer=_cut(use_regex=True), post_processor=BEGUN)),
    "byte-level, begun and ended": ("bpe", lambda: _bytes(pre_tokenizer=_cut(use_regex=True), post_processor=ENDED)),
    "byte-level, NFC": ("bpe", lambda: _bytes(pre_tokenizer=_cut(use_regex=True), normalizer=normalizers.NFC())),
    "byte-level, NFKC, small": (
        "bpe",
        lambda: _bytes(
            pre_tokenizer=_cut(use_regex=True), normalizer=_whole(normalizers.NFKC(), normalizers.Lowercase())
        ),
    ),
    "byte-level, digits": (
        "bpe", lambda: _bytes(pre_tokenizer=_cut(pre_tokenizers.Digits(individual_digits=True), use_regex=True))
    ),
    "byte-level, few bytes": (
        "bpe",
        lambda: _pairs(
            "<unk>", pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=True), decoder=decoders.ByteLevel()
        ),
    ),
    "Llama 3": (
        "bpe",
        lambda: _bytes(
            pre_tokenizer=_cut(_split(LLAMA3)),
            post_processor=processors.Sequence([processors.ByteLevel(trim_offsets=False), BEGUN]),
        ),
    ),
    "Qwen": ("bpe", lambda: _bytes(pre_tokenizer=_cut(_split(QWEN)), normalizer=normalizers.NFC())),
    "Llama 2": ("subword", _llama2),
    "pairs, Whitespace": ("subword", lambda: _pairs("<unk>", pre_tokenizer=pre_tokenizers.Whitespace())),
    "pairs, ends of words": (
        "subword",
        lambda: _pairs(
            "<unk>", {"end_of_word_suffix": "</w>"},
            pre_tokenizer=pre_tokenizers.WhitespaceSplit(), decoder=decoders.BPEDecoder("</w>"),
        ),
    ),
    "pairs, goings on": (
        "subword",
        lambda: _pairs(
            "<unk>", {"continuing_subword_prefix": "##"},
            pre_tokenizer=pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()]),
            decoder=decoders.WordPiece(),
        ),
    ),
    "Unigram, given": ("subword", _given),
    "Unigram, NFKC": ("subword", lambda: _unigram(normalizers.NFKC(), post_processor=ENDED)),
    "Unigram, blanks joined": (
        "subword", lambda: _unigram(_whole(normalizers.NFC(), normalizers.Replace(Regex(" {2,}"), " ")))
    ),
    "Unigram, SentencePiece's rules": (
        "subword",
        lambda: _unigram(
            _whole(normalizers.Precompiled(FEW_RULES.read_bytes()), normalizers.Replace(Regex(" {2,}"), " "))
        ),
    ),
    "WordPiece, BERT's": (
        "subword", lambda: _wordpiece(normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer())
    ),
    "WordPiece, Whitespace": (
        "subword",
        lambda: _wordpiece(
            _whole(normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()),
            pre_tokenizers.Whitespace(),
        ),
    ),
}  # fmt: skip


@cache
def made(name: str) -> Tokenizer:
    """The tokenizer of that name."""
    return KINDS[name][1]()


def put(name: str, folder: Path) -> Path:
    """Its tokenizer.json in a folder."""
    made(name).save(str(folder / "tokenizer.json"))
    return folder

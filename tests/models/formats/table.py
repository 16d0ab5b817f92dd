"""Writes `docs/formats.md` anew: what is opened here and what is not, from the code's own lists, and how exactly.

python -m tests.models.formats.table
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.formats import (
    checkpoints,
    families,
    others,
    tensor_names,
    tokenizer_files,
    tokenizer_json,
    tokenizer_parts,
)
from models.model_files import LAYOUTS
from models.model_folders import USUAL
from tests.models import foreign_tokenizers, test_foreign_folders, test_foreign_kin, test_foreign_tokenizers, test_gpt
from tests.models.formats import (
    test_mingpt,
    test_nanogpt,
    test_others,
    test_places,
    test_tokenizer_files,
    test_torch_files,
)
from tests.models.formats.families import test_gpt2, test_gpt_neo, test_gpt_neox, test_llama
from tests.models.formats.families.theirs import TOLERANCE, compared, difference

PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
Measure = Callable[
    [str, str, Mapping[str, Any]], str
]  # transformers' name, type of numbers and settings to a difference
Test = Callable[..., object]

NUMBERS, TOKENS, SCORES = "every number", "tokens", "scores, to 1e-5"  # that are the same
WEIGHTS: tuple[Test, ...] = (  # of LAYOUTS
    test_gpt.test_their_shards_and_their_bfloat16_are_read,
    test_foreign_kin.test_weights_in_pickles_are_the_same,
)
CHECKPOINTS: tuple[tuple[str, Test], ...] = (  # of FORMATS
    ("nanoGPT's ckpt.pt", test_nanogpt.test_its_scores_are_nanogpts),
    ("minGPT's model.pt", test_mingpt.test_its_scores_are_mingpts),
)
NESTED: tuple[tuple[str, Test], ...] = (
    (
        "a GPT under state_dict, as Lightning saves it",
        test_mingpt.test_weights_under_state_dict_as_lightning_saves_them_are_read,
    ),
)
TOKENIZERS: tuple[tuple[str, Test], ...] = (  # of tokenizer_files
    ("", test_foreign_tokenizers.test_a_thousand_texts_have_the_same_tokens_as_in_transformers),
    (", merges.txt", test_tokenizer_files.test_gpt2s_two_files_give_the_tokens_of_its_one),
    (", nanoGPT's", test_tokenizer_files.test_a_table_of_characters_is_read_and_saved_as_everyones),
)
FOLDERS: tuple[tuple[str, Test], ...] = (
    ("a trainer's folder with a checkpoint-500", test_places.test_a_folder_with_one_checkpoint_of_a_trainer_is_entered),
    ("a folder of a cache of models", test_places.test_a_caches_folder_is_entered_where_it_points),
    (
        f"names that begin with {', '.join(tensor_names.BEFORE)}",
        test_foreign_kin.test_what_stands_before_all_names_is_taken_off,
    ),
    (
        f"beside them, and left out, {', '.join(tensor_names.HEADS)}",
        test_foreign_kin.test_a_head_for_another_task_is_left_out_with_a_word,
    ),
    ("files that begin with a byte order mark", test_foreign_folders.test_files_that_begin_with_a_byte_order_mark_open),
    ("more rows than tokens", test_foreign_folders.test_more_rows_than_tokens_are_spare),
    ("fewer rows than tokens", test_foreign_folders.test_fewer_rows_than_tokens_open_and_the_token_is_the_error),
)
FAMILIES = ((test_gpt2, "GPT2"), (test_gpt_neo, "GPTNeo"), (test_gpt_neox, "GPTNeoX"))
REFUSED: tuple[tuple[str, str, Test], ...] = (
    ("an adapter (LoRA) alone", "merge it with its model", test_others.test_an_adapter_alone_names_its_model),
    (
        "weights that are quantised",
        "give the model that they were made from",
        test_others.test_quantised_weights_are_told_by_their_tensors_where_config_says_nothing,
    ),
    (
        "a TorchScript, or a pickle of anything but weights",
        "save the model's state_dict",
        test_torch_files.test_what_is_no_dense_tensor_is_refused_by_name,
    ),
)


def page(measure: Measure) -> str:
    """The whole page."""
    return "\n".join(
        [
            "# What opens here",
            "",
            "Written by `python -m tests.models.formats.table` from the program's own lists, to which a test holds it.",
            "Nothing in a file is ever run, and nothing is downloaded.",
            *_section("Files", ("what", "the same", "test"), _files()),
            *_section(
                "Families",
                ("family", "in transformers", "option", "float32", "float64", "test"),
                _families(measure),
                "How far logits, hidden states and patterns of small random models are from transformers': the largest "
                "difference, as a share of the largest number where that is above 1.",
            ),
            *_section(
                "Tokenizers",
                ("tokenizer", "kind"),
                _tokenizers(),
                "Each gives 1,000 varied texts the very tokens that they have in transformers: "
                f"{_test(TOKENIZERS[0][1])}.",
            ),
            *_section(
                "Members of a tokenizer.json",
                ("part", "members"),
                _members(),
                "Any other is refused by its name, and so is an expression that no tokenizer of these families has.",
            ),
            *_section("What is not opened", ("what it is called", "the way on", "test"), _refused()),
            "",
        ]
    )


def measured(kind: str, dtype: str, settings: Mapping[str, Any]) -> str:
    """The largest difference between a model of theirs and what is computed here of it."""
    with tempfile.TemporaryDirectory() as folder:
        _, pairs = compared(kind, dtype, Path(folder), **settings)
    return f"{max(difference(ours, there) for ours, there in pairs):.1e}"


def _section(title: str, head: Sequence[str], rows: Iterator[Sequence[str]], says: str = "") -> list[str]:
    lines = ["", f"## {title}", "", *([says, ""] if says else [])]
    return [*lines, _line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _test(test: Test) -> str:
    """Its file and name, which so are never those of none."""
    return f"`{test.__module__.rpartition('.')[2]}.py::{test.__name__}`"


def _files() -> Iterator[Sequence[str]]:
    for (whole, index, _), test in zip(LAYOUTS, WEIGHTS, strict=True):
        yield f"{whole}, or shards and {index}", NUMBERS, _test(test)
    for _, (says, test) in zip(checkpoints.FORMATS, CHECKPOINTS, strict=True):
        yield says, SCORES, _test(test)
    for says, test in NESTED:
        yield says, SCORES, _test(test)
    for name, (also, test) in zip(tokenizer_files.ALL, TOKENIZERS, strict=True):
        yield name + also, TOKENS, _test(test)
    for says, test in FOLDERS:
        yield says, NUMBERS, _test(test)


def _families(measure: Measure) -> Iterator[Sequence[str]]:
    for kind, option, settings, test in options():
        found = [measure(kind, dtype, settings) for dtype in TOLERANCE]
        yield _title(kind), kind, option, *found, _test(test)


def _title(kind: str) -> str:
    """Of the family of a model that transformers calls so."""
    return next((each.title for each in families.ALL if f"{kind}ForCausalLM" in each.architectures.values()), USUAL)


def options() -> Iterator[tuple[str, str, dict[str, Any], Test]]:
    """What transformers calls a model, what an option of it is called, its settings, and the test of it."""
    for of, kind in FAMILIES:
        for option, settings in of.OPTIONS.items():
            yield kind, option, of.SIZES | settings, of.test_it_computes_what_transformers_computes
    for option, (kind, settings) in test_llama.OPTIONS.items():
        yield kind, option, test_llama.SIZES | settings, test_llama.test_it_computes_what_transformers_computes


def _tokenizers() -> Iterator[Sequence[str]]:
    for name, (kind, _) in foreign_tokenizers.KINDS.items():
        yield name, kind


def _members() -> Iterator[Sequence[str]]:
    for part, known in tokenizer_parts.MEMBERS.items():
        yield part, ", ".join(sorted(known))
    yield "model", ", ".join(sorted(["WordLevel", *tokenizer_json.MODEL_SETTINGS]))


def _refused() -> Iterator[Sequence[str]]:
    for other in others.OTHERS:
        yield (
            other.is_a,
            other.do,
            _test(test_others.test_a_file_of_another_program_is_called_what_it_is_alone_and_in_a_folder),
        )
    for does in dict.fromkeys(others.TYPES.values()):
        kinds = ", ".join(kind for kind, each in others.TYPES.items() if each == does)
        yield (
            f"{kinds}: {does}",
            others.DECODER,
            _test(test_others.test_a_model_that_does_not_write_from_left_to_right_is_called_what_it_is),
        )
    for says, do, test in REFUSED:
        yield says, do, _test(test)


if __name__ == "__main__":
    PAGE.write_text(page(measured), encoding="utf-8")

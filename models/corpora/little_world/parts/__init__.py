"""The parts the world is made of, one file each. To add one: a file, and its `PART` in `ALL`."""

from models.corpora.little_world.parts import (
    animals,
    brackets,
    countries,
    echoes,
    facts,
    few_shot,
    roles,
    senses,
    story,
)
from models.corpora.little_world.parts.part import Part

ALL: tuple[Part, ...] = tuple(
    module.PART for module in (story, roles, countries, animals, facts, echoes, few_shot, senses, brackets)
)

__all__ = ["ALL", "Part"]

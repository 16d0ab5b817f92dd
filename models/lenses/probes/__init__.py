"""What a model of the little world can do, claim by claim. To add one: a `Probe` in a file here, a line in `ALL`."""

from models.lenses.probes.analogies import Analogies
from models.lenses.probes.facts import Countries, Facts, Roles
from models.lenses.probes.few_shot import FewShot
from models.lenses.probes.induction import Echo, MadeUpNames
from models.lenses.probes.long_range import Agreement, Owner, RightName
from models.lenses.probes.order import Brackets, Order
from models.lenses.probes.probe import Answer, Case, CaseProbe, Finding, Probe
from models.lenses.probes.senses import Senses, SenseVectors

ALL: tuple[type[Probe], ...] = (
    RightName,
    Owner,
    Agreement,
    Brackets,
    MadeUpNames,
    Echo,
    FewShot,
    Senses,
    SenseVectors,
    Order,
    Facts,
    Countries,
    Roles,
    Analogies,
)

__all__ = ["ALL", "Answer", "Case", "CaseProbe", "Finding", "Probe"]

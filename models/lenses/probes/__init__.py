"""What a model of the little world can do, one claim a file. To add one: a file with a `Probe`, and a line in `ALL`."""

from models.lenses.probes.agreement import Agreement
from models.lenses.probes.analogies import Analogies
from models.lenses.probes.brackets import Brackets
from models.lenses.probes.countries import Countries
from models.lenses.probes.echo import Echo
from models.lenses.probes.facts import Facts
from models.lenses.probes.few_shot import FewShot
from models.lenses.probes.made_up_names import MadeUpNames
from models.lenses.probes.order import Order
from models.lenses.probes.owner import Owner
from models.lenses.probes.probe import Answer, Case, CaseProbe, Finding, Probe
from models.lenses.probes.right_name import RightName
from models.lenses.probes.roles import Roles
from models.lenses.probes.sense_vectors import SenseVectors
from models.lenses.probes.senses import Senses

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

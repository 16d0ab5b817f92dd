"""What a model of the little world can do, claim by claim. To add one: a `Probe` in a file here, imported below."""

from models.lenses.probes.probe import Answer, Case, CaseProbe, Finding, Probe
from models.lists import imported

# in the order in which they are asked
# isort: off
from models.lenses.probes.long_range import RightName as RightName, Owner as Owner, Agreement as Agreement
from models.lenses.probes.order import Brackets as Brackets
from models.lenses.probes.long_range import MadeUpNames as MadeUpNames
from models.lenses.probes.induction import Induction as Induction, Echo as Echo
from models.lenses.probes.few_shot import FewShot as FewShot
from models.lenses.probes.senses import Senses as Senses, SenseVectors as SenseVectors
from models.lenses.probes.order import Order as Order
from models.lenses.probes.facts import Facts as Facts, Countries as Countries, Roles as Roles
from models.lenses.probes.analogies import Analogies as Analogies
# isort: on

ALL: tuple[type[Probe], ...] = imported(globals(), Probe, "slug")

__all__ = ["ALL", "Answer", "Case", "CaseProbe", "Finding", "Probe"]

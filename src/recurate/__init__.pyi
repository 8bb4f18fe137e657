# The public names, for lazy_loader as for type checkers and editors.
# Imports are relative because lazy_loader takes no others.

from . import rules as rules
from . import strategies as strategies
from . import testing as testing
from .numerics.compression.summary import Summary as Summary
from .numerics.compression.summary import law_of_parts as law_of_parts
from .numerics.curation.floats import log_curation_ratio as log_curation_ratio
from .numerics.fixed_points.condensation import condensation_threshold as condensation_threshold
from .numerics.inference.bootstrap import bootstrap_bands as bootstrap_bands
from .numerics.inference.choosing import choose as choose
from .numerics.laws.reward_law import RewardLaw as RewardLaw
from .numerics.loop import CurationLoop as CurationLoop
from .numerics.network import Network as Network
from .numerics.sampling.curate import curate as curate
from .numerics.schedules import Accumulate as Accumulate
from .numerics.simulation.simulate import simulate as simulate
from .numerics.simulation.simulate_loop import simulate_loop as simulate_loop
from .numerics.simulation.simulated_trajectory import SimulatedTrajectory as SimulatedTrajectory
from .numerics.trajectory import Trajectory as Trajectory
from .numerics.votes.calibration import Scale as Scale
from .numerics.votes.calibration import calibrate_scale as calibrate_scale
from .numerics.votes.fit import VotedRewards as VotedRewards
from .numerics.votes.fit import rewards_from_votes as rewards_from_votes
from .paper_checks.hunt.hunt import hunt as hunt
from .paper_checks.trials.altered import check as check
from .sweeping.sweep import sweep as sweep
from .theory.catalogue import statement as statement
from .theory.envelopes.divergence import worst_divergence as worst_divergence
from .theory.envelopes.shares import share_envelope as share_envelope

__version__: str

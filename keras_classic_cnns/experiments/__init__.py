"""Floor 7: the lecture's figures, one command each."""

from keras_classic_cnns.experiments.entrants import ENTRANTS, Entrant
from keras_classic_cnns.experiments.history_race import RaceResult, race
from keras_classic_cnns.experiments.race_row import Row
from keras_classic_cnns.experiments.race_settings import RaceSettings

__all__ = ["ENTRANTS", "Entrant", "RaceResult", "RaceSettings", "Row", "race"]

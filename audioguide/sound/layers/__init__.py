"""The kinds of layers that a background is made of, by the word that a preset writes. A new kind is one line here."""

from audioguide.sound.layers.binaural import BinauralForm
from audioguide.sound.layers.bowls import BowlsForm
from audioguide.sound.layers.drone import DroneForm
from audioguide.sound.layers.drops import DropsForm
from audioguide.sound.layers.form import KindForm
from audioguide.sound.layers.music import MusicForm
from audioguide.sound.layers.noise import NoiseForm

KINDS: dict[str, type[KindForm]] = {
    "drone": DroneForm,
    "noise": NoiseForm,
    "drops": DropsForm,
    "bowls": BowlsForm,
    "binaural": BinauralForm,
    "music": MusicForm,
}

"""What a sound file carries: its routine, options and voice, so that it can be changed on any machine.

`written` makes the bytes, and `read_carried` finds them in a file and reads them. A file may be a stranger's: it is
data, of limited size, and held against the same forms as everything that is written by hand.
"""

from audioguide.carried.carried import Carried, read_carried
from audioguide.carried.payload import Belongings, marked, payload

__all__ = ["Belongings", "Carried", "marked", "payload", "read_carried"]

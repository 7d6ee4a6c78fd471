"""What a code of the guard needs to be told in words, and the words that many of them share."""
from typing import NamedTuple


class Wording(NamedTuple):
    """One code: what tripped and what to do, in both languages, and the unit of its values."""

    en: str
    en_next: str
    ko: str
    ko_next: str
    unit: str = ''
    scale: float = 1.0


RESUME = 'Then reset, then arm.'
RESUME_KO = '그다음 리셋하고 다시 무장(arm)하십시오.'

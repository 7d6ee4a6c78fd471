"""Names in sentences: a Korean and an English name enter, what a template asks for leaves.

A Korean particle depends on how the word before it ends when it is read aloud: 볼트를, 너트를 but
핀을, and `BJ-20`, read 이십, takes 을. Digits and capitals are read one by one; a Latin word in
small letters is taken to end open unless it ends in l, m, n or ng.
"""
from dataclasses import dataclass

# particle: after a closed syllable, after an open one
PARTICLES = {'을': ('을', '를'), '이': ('이', '가'), '은': ('은', '는'), '와': ('과', '와'),
             '로': ('으로', '로')}
_FIRST, _LAST, _FINALS, _RIEUL = 0xAC00, 0xD7A3, 28, 8
_RIEULS, _CLOSED = '178LRl', '036MNmn'   # 일 칠 팔 엘 알; 영 삼 육 엠 엔


def particle(word: str, kind: str) -> str:
    """Return the form of a particle that goes after a word.

    Args:
        word: Any name; what is neither letter nor digit at its end is not read.
        kind: One of `PARTICLES`.
    """
    closed, rieul = _ending(word)
    return PARTICLES[kind][0 if closed and not (rieul and kind == '로') else 1]


def _ending(word: str) -> tuple[bool, bool]:
    """Return whether a word ends with a closed syllable, and whether with ㄹ."""
    read = [letter for letter in word if letter.isalnum()]
    last = read[-1] if read else ''
    if last and _FIRST <= ord(last) <= _LAST:
        final = (ord(last) - _FIRST) % _FINALS
        return final > 0, final == _RIEUL
    closed = last in _RIEULS + _CLOSED if last else False
    return closed or ''.join(read[-2:]) == 'ng', bool(last) and last in _RIEULS


@dataclass(frozen=True)
class Name:
    """What something is called; how a template may ask for it.

    `{part:은}` is the Korean name with that particle, `{part:ko}` and `{part:en}` are the bare
    names, `{part:the}` and `{part:The}` the English one with an article, which a name that ends
    in a number or a capital, such as `slot K1`, does without.

    Attributes:
        korean, english: The names.
    """

    korean: str
    english: str

    def __format__(self, form: str) -> str:
        if form in PARTICLES:
            return self.korean + particle(self.korean, form)
        if form == 'ko':
            return self.korean
        last = self.english.split()[-1]
        if form != 'en' and not last.isupper() and not last.isdigit():
            return f'{form} {self.english}'
        return self.english[:1].upper() + self.english[1:] if form == 'The' else self.english

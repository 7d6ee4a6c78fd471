"""Hangul by its letters: which particle a word takes, and the letters of a syllable.

Text enters as composed Hangul; particles and letters (jamo) leave. Sentences need the
first to sound like a person, typing errors and the reader that forgives them need the
second. Only arithmetic on Unicode code points, no tables of words.
"""
INITIALS = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ'
VOWELS = 'ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ'
FINALS = ('', *'ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ')

_FIRST, _LAST = ord('가'), ord('힣')

# After a closed syllable the first form is used, after an open one the second.
_PARTICLES = {'을': ('을', '를'), '은': ('은', '는'), '이': ('이', '가'), '과': ('과', '와'),
              '으로': ('으로', '로'), '이야': ('이야', '야'), '이에요': ('이에요', '예요')}


def is_syllable(character: str) -> bool:
    """Return whether `character` is one composed Hangul syllable."""
    return _FIRST <= ord(character) <= _LAST


def split_syllable(syllable: str) -> tuple[str, str, str]:
    """Return initial, vowel and final letter ('' when open) of a composed syllable."""
    index = ord(syllable) - _FIRST
    initial, rest = divmod(index, 21 * 28)
    vowel, final = divmod(rest, 28)
    return INITIALS[initial], VOWELS[vowel], FINALS[final]


def join_syllable(initial: str, vowel: str, final: str = '') -> str:
    """Return the composed syllable of three letters.

    Raises:
        ValueError: A letter cannot stand in its place.
    """
    return chr(_FIRST + (INITIALS.index(initial) * 21 + VOWELS.index(vowel)) * 28
               + FINALS.index(final))


def with_particle(word: str, particle: str) -> str:
    """Return `word` with `particle` in the form its last sound asks for.

    Args:
        word: Ends in a Hangul syllable; anything else counts as open.
        particle: In its form after a closed syllable, for example '을' or '으로'.
    """
    closed, opened = _PARTICLES[particle]
    final = split_syllable(word[-1])[2] if word and is_syllable(word[-1]) else ''
    if not final or (final == 'ㄹ' and particle == '으로'):
        return word + opened
    return word + closed


# Keys pressed for a letter that has no key of its own on the two-set keyboard.
_STROKES = {'ㅘ': 'ㅗㅏ', 'ㅙ': 'ㅗㅐ', 'ㅚ': 'ㅗㅣ', 'ㅝ': 'ㅜㅓ', 'ㅞ': 'ㅜㅔ', 'ㅟ': 'ㅜㅣ',
            'ㅢ': 'ㅡㅣ', 'ㄳ': 'ㄱㅅ', 'ㄵ': 'ㄴㅈ', 'ㄶ': 'ㄴㅎ', 'ㄺ': 'ㄹㄱ', 'ㄻ': 'ㄹㅁ',
            'ㄼ': 'ㄹㅂ', 'ㄽ': 'ㄹㅅ', 'ㄾ': 'ㄹㅌ', 'ㄿ': 'ㄹㅍ', 'ㅀ': 'ㄹㅎ', 'ㅄ': 'ㅂㅅ'}


def keystrokes(text: str) -> str:
    """Return the letters one types for `text`; what is not Hangul stays as it is."""
    typed: list[str] = []
    for character in text:
        letters = split_syllable(character) if is_syllable(character) else (character,)
        typed.extend(_STROKES.get(letter, letter) for letter in letters)
    return ''.join(typed)

"""Is a sentence plainly an order and nothing else? Its text and tokens enter, yes or no leaves.

Only what is plain gets the benefit of the doubt: that a word nobody knows may mean nothing, that
another reader, or a language model, may say what was meant. The answer errs on the side of no: a
sentence that forbids, takes back, talks about limits or hides something is read to the letter.
"""
from collections.abc import Sequence
import re
import unicodedata

from lam_ws.grounding.factory.reading.tokens import Token
from lam_ws.grounding.korean import is_syllable

_NEGATED = re.compile(r"지는?\s*(마|말)(?!고)|\b(don'?t|never|do not|must not|shouldn'?t|"
                      r'should not|(any|every)thing but)\b', re.IGNORECASE)
LONGEST = 500   # letters of a sentence
_SORTS = ('widening', 'amount', 'not', 'instead')   # of tokens that say so in the lexicon
_SAYS = re.compile(
    # takes back or forbids
    r'않|안\s*[돼되]|(?<!\S)안\s|절대|못\s*하|하지\s|[말마]\s*[고아라세]|빼[고구]|금지|제외|멈[춰추]|정지|중지|취소|'
    r"n['’]t\b|\b(no|not|never|nothing|without|except|unless|until|avoid|stop|cancel|cannot|forbid\w*|"
    r'prohibit\w*|refrain|nobody)\b|'
    # limits, what enforces them, and units that they are in
    r'속도|속력|초속|시속|[초분]당|한계|제한|규칙|규정|무시|안전|비상|생략|미터|센티|파운드|뉴턴|'
    r'\b(limits?|speed|velocity|force|rules?|safety|emergency|ignore|override|disable|mute|skip|'
    r'suppress|per|a second|(kilo)?newtons?|inch(es)?|(centi|kilo)?met(er|re)s?|knots?)\b|'
    r'[a-z]/(s|sec|min|h)\b|'
    # touches people, switches something off, goes on blindly, or waits for something
    r'손가락|손[이을에]|손\s*[넣대올집]|소매|머리|몸[에을이]|팔[을에]|발[을에]|사람|끄고|꺼\s*[두놓]|감지|안\s*보고|눈\s*감|'
    r'\b(fingers?|sleeves?|hands|(my|a|your|his|her) (hand|arm|foot|head|hair)|feet|person|people|'
    r'somebody|someone|switch(ed)? off|turn(ed)? off|once|in case|blind(ly)?|fails?)\b|'
    # is code rather than speech
    r'[<>{}\[\]=`\\&$*_]', re.IGNORECASE)


def negation(text: str) -> str:
    """Return the words of a text that forbid something, '' where none do."""
    found = _NEGATED.search(text)
    return found.group() if found is not None else ''


def hides(text: str) -> bool:
    """Return whether there are letters in a text that nobody sees."""
    return any(unicodedata.category(letter)[0] == 'C' for letter in text.strip())


def is_plain(text: str, tokens: Sequence[Token]) -> bool:
    """Return whether a sentence is short, plainly written and says what to do, nothing else.

    Args:
        text: What the operator says.
        tokens: The words of it.
    """
    return len(text) <= LONGEST and all(map(_is_plain_letter, text)) \
        and not (hides(text) or negation(text) or _SAYS.search(text)) \
        and all(token.sort not in _SORTS and token.role != 'not' for token in tokens)


def _is_plain_letter(letter: str) -> bool:
    """Return whether a letter is what it looks like: no Cyrillic a, no raised or full-width 3."""
    if letter.isalnum() or unicodedata.category(letter)[0] == 'M':
        return letter.isascii() or is_syllable(letter) or 'ㄱ' <= letter <= 'ㅣ'
    return True

"""Sentences an operator might say for any goal of the factory suite.

A goal and a random generator enter, one sentence leaves, sound in its particles and endings
and clear about what is acted on and where it goes. The wordings lie in `asking_ko.py` and
`asking_en.py`, the nouns in `asking_words.py`; `noise.py` adds typing errors. The colour is
left out only where it is no loss: a nest or a socket is the only one of its scene, and the
quarantine bin is the red one.
"""
from functools import cache
import re
import zlib

from lam_ws.grounding import asking_en, asking_ko, asking_words
from lam_ws.grounding.sentences import Draw, fill
from lam_ws.grounding.words import COLOURS
from lam_ws.types import Goal
import numpy as np

SPLITS = ('train', 'heldout')
PLACES = frozenset(('bin', 'slot', 'nest', 'socket', 'carton', 'cube', 'pad', 'line'))
_SOURCES = {'bin_pick': 'crate', 'belt_pick': 'belt'}
_FIXTURES = frozenset(('button', 'lever', 'stripe'))
ALONE = frozenset(('nest', 'socket'))  # a scene has one of each, so its colour may be left out
_UNSAID = 0.15                          # how often it is
_JOINED = 0.08                          # how often a Korean noun is typed without its spaces
_WORDINGS = {'ko': {'train': asking_ko.TRAIN, 'heldout': asking_ko.HELDOUT},
             'en': {'train': asking_en.TRAIN, 'heldout': asking_en.HELDOUT}}
_CANONICAL = {
    'ko': {'kit': '{o:을} {d}에 넣어 줘', 'nest': '{o:을} {d}에 놓아 줘',
           'pick_place': '{o:을} {d}에 넣어 줘', 'bin_pick': '{s}에서 {o:을} 꺼내 {d}에 넣어 줘',
           'insert': '{o:을} {d}에 끼워 줘', 'stack': '{o:을} {d} 위에 쌓아 줘',
           'hand_over': '{o:을} {d}에 올려놓아 줘', 'press': '{o:을} 눌러 줘',
           'belt_pick': '{s}에서 {o:을} 집어 {d}에 넣어 줘', 'open_clamp': '{o:을} 열어 줘',
           'close_clamp': '{o:을} 닫아 줘', 'push': '{o:을} {d} 너머로 밀어 줘',
           'wipe': '{o:을} 닦아 줘'},
    'en': {'kit': 'put the {o} in the {d}', 'nest': 'set the {o} in the {d}',
           'pick_place': 'put the {o} in the {d}', 'stack': 'stack the {o} on the {d}',
           'bin_pick': 'take the {o} out of the {s} and put it in the {d}',
           'insert': 'insert the {o} into the {d}', 'hand_over': 'lay the {o} on the {d}',
           'belt_pick': 'pick the {o} off the {s} and put it in the {d}',
           'press': 'press the {o}', 'open_clamp': 'open the {o}',
           'close_clamp': 'close the {o}', 'push': 'push the {o} over the {d}',
           'wipe': 'wipe the {o}'},
}


def held_out(goal: Goal) -> bool:
    """Return whether training never shows this part, colour, place and destination together.

    An eighth of all combinations, chosen by a checksum and so the same on every machine. Goals
    without a place to choose (buttons, clamps, stripes) are never held out: leaving one out
    would leave out a whole colour of theirs.
    """
    if goal.place not in PLACES:
        return False
    name = f'{goal.kind} {goal.colour} {goal.place} {goal.destination}'
    return zlib.crc32(name.encode()) % 8 == 0


def canonical_request(goal: Goal, language: str) -> str:
    """Return the one sentence that stands for a goal wherever the operator's own does not.

    Args:
        goal: Any goal of the suite.
        language: 'ko' or 'en'.
    """
    words, colours = asking_words.TRAIN[language], COLOURS[language]
    slots = {'o': _named(_colour(colours, goal.colour)[0], words[_row(goal)][0])}
    if goal.place in words:
        slots['d'] = _named(_colour(colours, goal.destination)[0], words[goal.place][0])
    if goal.skill in _SOURCES:
        slots['s'] = words[_SOURCES[goal.skill]][0]
    return fill(_CANONICAL[language][goal.skill], slots)


def sample_request(goal: Goal, language: str, rng: np.random.Generator,
                   split: str = 'train') -> str:
    """Return one sentence that asks for the goal.

    Args:
        goal: Any goal of the suite; its `text` is not read.
        language: 'ko' or 'en'.
        rng: Source of every choice.
        split: 'train' or 'heldout', which wordings and nouns to draw from.

    Raises:
        KeyError: A skill, kind, colour, language or split that does not exist.
    """
    draw = Draw(rng, 28)
    wording = draw.one(_WORDINGS[language][split][goal.skill])
    return (_korean if language == 'ko' else _english)(goal, draw, wording, split)


def wordings(skill: str, language: str, split: str) -> int:
    """Return how many different wordings a split has for a skill in one language."""
    return len(set(_WORDINGS[language][split][skill]))


def _row(goal: Goal) -> str:
    """Return the row of nouns for what is acted on."""
    return 'clamp' if goal.kind == 'lever' else goal.kind


def _colour(colours: dict[str, tuple[str, ...]], name: str) -> tuple[str, ...]:
    return ('',) if name == 'none' else colours[name]


def _named(colour: str, noun: str) -> str:
    """Return a noun with its colour, which goes where '|' stands or else first."""
    before, bar, after = noun.partition('|')
    if not colour:
        return before + after
    return f'{before}{colour} {after}' if bar else f'{colour} {noun}'


class _Phrases(dict[str, str]):
    """The slots of one sentence, each made up when a wording first asks for it."""

    def __init__(self, goal: Goal, draw: Draw, language: str, split: str):
        super().__init__()
        self.goal, self.draw, self.split = goal, draw, split
        self.words = asking_words.TRAIN if split == 'train' else asking_words.HELDOUT
        self.rows, self.colours = self.words[language], COLOURS[language]

    def __missing__(self, slot: str) -> str:
        text = self[slot] = self.made(slot)
        return text

    def made(self, slot: str) -> str:
        """Return the text of a slot."""
        raise NotImplementedError

    def thing(self) -> str:
        """Return colour and noun of what is acted on."""
        goal, row = self.goal, _row(self.goal)
        if row == 'ball_joint' and goal.skill == 'pick_place':
            row = 'ball_joint_good'  # beside defective ones people say that it is not
        return self.coloured(goal.colour, row)

    def place(self) -> str:
        """Return colour and noun of the second thing, without the colour where it is alone."""
        place, colour = self.goal.place, self.goal.destination
        if place in ALONE and self.draw.chance(_UNSAID):
            colour = 'none'
        if place == 'bin' and colour == 'red' and self.draw.chance(0.5):
            place, colour = 'quarantine', colour if self.draw.chance(0.3) else 'none'
        return self.coloured(colour, place)

    def coloured(self, colour: str, row: str) -> str:
        """Return a colour word with a noun of a row."""
        return _named(self.draw.one(_colour(self.colours, colour)), self.draw.one(self.rows[row]))

    def source(self) -> str:
        """Return the noun of the crate or the belt that a part comes from."""
        return self.draw.one(self.rows[_SOURCES[self.goal.skill]])


class _Korean(_Phrases):
    """Slots of a Korean sentence; `ending` is shared by the verbs of one."""

    ending = '{a}'

    def coloured(self, colour: str, row: str) -> str:
        """Return colour and noun, now and then typed as one word."""
        text = super().coloured(colour, row)
        return text.replace(' ', '') if self.draw.chance(_JOINED) else text

    def made(self, slot: str) -> str:
        """Return the text of a slot."""
        if slot == 'o':
            forms = asking_ko.FIXED if self.goal.kind in _FIXTURES else asking_ko.PARTS
            return fill(self.draw.one(forms), {'n': self.thing()})
        if slot == 'd':
            return self.place()
        if slot in ('in', 'to'):
            forms = (asking_ko.IN if slot == 'in' else asking_ko.TO)[self.goal.place]
            return fill(self.draw.one(forms), {'': self['d']})
        if slot == 's':
            return self.source()
        if slot == 'l':
            return self.coloured(self.goal.colour, 'lever')
        connective, stem = self.draw.one(asking_ko.VERBS[slot])
        return fill(self.ending, {'a': connective, 'e': stem})


def _korean(goal: Goal, draw: Draw, wording: str, split: str) -> str:
    phrases = _Korean(goal, draw, 'ko', split)
    register = int(draw.chance(0.5))
    phrases.ending = draw.one(asking_ko.ENDINGS[split][register])
    text = fill(wording, phrases).replace('?,', ',')
    if not _spoken(wording):
        if draw.chance(0.2):
            text = draw.one(asking_ko.NEUTRAL) + text
        return text + '.' if draw.chance(0.2) and not text.endswith('?') else text
    if draw.chance(0.25):
        text = draw.one(asking_ko.PREFIXES[register]) + text
    if draw.chance(0.25) and not text.endswith(('?', '감사하겠습니다')):
        text += draw.one(asking_ko.SUFFIXES[register])
    return text


@cache
def _spoken(wording: str) -> bool:
    """Return whether a Korean wording has a verb that is inflected for its speaker."""
    return any(slot in asking_ko.VERBS for slot in re.findall(r'{(\w+)', wording))


class _English(_Phrases):
    """Slots of an English sentence."""

    def made(self, slot: str) -> str:
        """Return the text of a slot."""
        if slot == 'o':
            forms = asking_en.FIXED if self.goal.kind in _FIXTURES else asking_en.PARTS
            return fill(self.draw.one(forms), {'n': self.thing()})
        if slot == 'd':
            return fill(self.draw.one(asking_en.FIXED), {'n': self.place()})
        if slot == 'in':
            return self.draw.one(asking_en.IN)
        if slot == 's':
            return f'the {self.source()}'
        return f'the {self.coloured(self.goal.colour, "lever")}'


def _english(goal: Goal, draw: Draw, wording: str, split: str) -> str:
    text = fill(wording, _English(goal, draw, 'en', split))
    imperative = _imperative(wording)
    asks = imperative and draw.chance(0.3)
    if asks and draw.chance(0.5):
        text = draw.one(asking_en.QUESTIONS) + text + draw.one(asking_en.ASKED)
    elif asks:
        text = draw.one(asking_en.REQUESTS) + text
        text += draw.one(asking_en.PLAIN_SUFFIXES) if draw.chance(0.25) else ''
    elif draw.chance(0.25):
        text += draw.one(asking_en.SUFFIXES if imperative else asking_en.STATED)
    return text[0].upper() + text[1:] if draw.chance(0.4) else text


@cache
def _imperative(wording: str) -> bool:
    first = re.split(r'[ ,:]', wording)[0].lower()
    return not first.startswith('{') and first not in asking_en.STATEMENTS

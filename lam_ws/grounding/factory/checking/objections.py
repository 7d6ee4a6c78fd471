"""What speaks against an order: a code and what it rests on enter, an objection leaves."""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lam_ws.grounding.factory.checking.particles import Name
from lam_ws.grounding.factory.order import Citation

# Of several objections to one step the one that stands first here is given.
REASONS = ('keep_out', 'out_of_reach', 'too_heavy', 'too_wide', 'too_hot', 'wrong_disposition',
           'not_accepted', 'rule', 'out_of_order', 'not_in_scene', 'rule_asks')
ASKS = 'rule_asks'
# code: reason, Korean, English
SENTENCES: Mapping[str, tuple[str, str, str]] = {
    'keep_out': ('keep_out', '{place:은} 로봇이 들어가서는 안 되는 곳입니다.',
                 '{place:The} is off limits to the robot.'),
    'far': ('out_of_reach',
            '{place:은} {distance:.2f} m 떨어져 있어 팔이 닿는 {reach:g} m를 넘습니다.',
            '{place:The} is {distance:.2f} m away, and the arm reaches no further than '
            '{reach:g} m.'),
    'elsewhere': ('out_of_reach', '{place:은} 이 셀에 있지 않아 팔이 닿지 않습니다.',
                  '{place:The} is not in this cell, the arm does not reach it.'),
    'heavy': ('too_heavy', '{part:은} {mass:g} kg으로, 로봇이 드는 {limit:g} kg을 넘습니다.',
              '{part:The} weighs {mass:g} kg, and the robot lifts no more than {limit:g} kg.'),
    'heavy_tool': ('too_heavy',
                   '{part:은} {mass:g} kg으로, {tool:이} 드는 {limit:g} kg을 넘습니다.',
                   '{part:The} weighs {mass:g} kg, and {tool:the} holds no more than '
                   '{limit:g} kg.'),
    'heavy_place': ('too_heavy',
                    '{place:ko}에 놓을 무게가 {mass:g} kg으로, 견디는 {limit:g} kg을 넘습니다.',
                    '{place:The} would carry {mass:g} kg, and it takes no more than '
                    '{limit:g} kg.'),
    'heavy_rule': ('too_heavy',
                   '{part:ko}의 무게가 {mass:g} kg으로, 규칙이 정한 {limit:g} kg을 넘습니다.',
                   'That makes {mass:g} kg of {part:en}, and a rule allows no more than '
                   '{limit:g} kg.'),
    'no_grip': ('too_wide', '{part:은} {tool:로} 잡을 수 없습니다.',
                '{tool:The} cannot hold {part:the}.'),
    'no_tool': ('too_wide', '{part:을} 잡을 수 있는 공구가 없습니다.',
                'There is no tool that can hold {part:the}.'),
    'wide': ('too_wide', '{part:은} 너비가 {width:g} mm로, {tool:이} 잡는 {low:g}~{high:g} mm를 '
             '벗어납니다.',
             '{part:The} is {width:g} mm wide, and {tool:the} takes {low:g} to {high:g} mm.'),
    'hot_tool': ('too_hot', '{part:은} {heat:g}도로, {tool:이} 견디는 {limit:g}도를 넘습니다.',
                 '{part:The} is at {heat:g} C, and {tool:the} stands no more than {limit:g} C.'),
    'hot_place': ('too_hot', '{part:은} {heat:g}도로, {place:이} 견디는 {limit:g}도를 넘습니다.',
                  '{part:The} is at {heat:g} C, and {place:the} stands no more than {limit:g} C.'),
    'astray': ('wrong_disposition',
               '{part:은} {defect:ko} 때문에 {place:ko}에 두지 않고 {right:로} 보내야 합니다.',
               '{part:The} with the defect "{defect:en}" must go to {right:the}, not to '
               '{place:the}.'),
    'no_defect': ('wrong_disposition', '{defect:은} {part:ko}에 생기는 불량이 아닙니다.',
                  'The defect "{defect:en}" does not occur on {part:the}.'),
    'not_accepted': ('not_accepted', '{place:ko}에는 {part:을} 둘 수 없습니다.',
                     '{place:The} does not take {part:the}.'),
    'other_tool': ('rule', '{part:은} {tool:로} 잡지 않고 {allowed:로}만 잡아야 합니다.',
                   '{part:The} must be held with {allowed:en}, not with {tool:the}.'),
    'rule': ('rule', '{rule:ko}', '{rule:en}'),
    'too_early': ('out_of_order', '{late:은} {early:을} 한 다음에 해야 합니다.',
                  '"{late:en}" comes only after "{early:en}".'),
    'unseen': ('not_in_scene', '지금 카메라에 {thing:이} 보이지 않습니다.',
               'The camera does not see {thing:the} now.'),
    ASKS: (ASKS, '{rule:ko}', '{rule:en}'),
}
DONE = ('지시대로 할 수 있습니다.', 'This can be done.')
SENT = ('{part:은} {defect:ko} 때문에 {place:로} 보냅니다.',
        '{part:The} with the defect "{defect:en}" goes to {place:the}.')


@dataclass(frozen=True)
class Objection:
    """Something that speaks against a step.

    Attributes:
        reason: One of `REASONS`.
        text_ko, text_en: What the operator is told.
        citations: What it rests on, most important first.
        rule: Id of the rule that speaks, '' where none does.
    """

    reason: str
    text_ko: str
    text_en: str
    citations: tuple[Citation, ...]
    rule: str = ''

    @property
    def rank(self) -> int:
        """Return how many reasons go before this one."""
        return REASONS.index(self.reason)


def objection(code: str, citations: Iterable[Citation], **values: Name | float) -> Objection:
    """Return an objection.

    Args:
        code: One of `SENTENCES`.
        citations: What it rests on.
        values: What its sentences name.
    """
    reason, korean, english = SENTENCES[code]
    return Objection(reason, korean.format(**values), english.format(**values),
                     tuple(citations))

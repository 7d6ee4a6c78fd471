"""The example company, in a folder of its own for each test."""
from example_company import DEFECTS, PARTS, PLACES, PROCEDURES, RULES, SITE, STEPS, TOOLS, write
import pytest


@pytest.fixture
def company(tmp_path):
    """Return the folder of the company layer."""
    return write(tmp_path / 'example', site=SITE.format(level='company'), parts=PARTS,
                 places=PLACES, tools=TOOLS,
                 procedures=PROCEDURES, steps=STEPS, defects=DEFECTS, rules=RULES)

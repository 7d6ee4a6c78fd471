"""The site's contract, and the error that all checks share."""
from lam_ws.resources import share
from lam_ws.testing import check_site, ContractError
from lam_ws.testing.contract import findings
import pytest


def test_a_broken_site_is_found_out_with_all_its_faults(tmp_path):
    """Pins that a new site ends with one call that names file and line of every fault."""
    text = (share() / 'config' / 'sites' / 'sim_bench.yaml').read_text()
    path = tmp_path / 'sim_bench.yaml'
    path.write_text(text.replace('model: fr3', 'model: fr4').replace('task: pick', 'task: pik'))
    with pytest.raises(ContractError) as caught:
        check_site(path)
    assert len(caught.value.breaches) == 2
    assert all('sim_bench.yaml:' in breach for breach in caught.value.breaches)


def test_an_exception_does_not_hide_the_breaches_before_it():
    """Pins that a part that crashes half-way still reports everything seen so far."""
    with pytest.raises(ContractError) as caught, findings('x') as found:
        found.require(False, 'first')
        raise KeyError('second')
    assert caught.value.breaches == ('first', "raises KeyError: 'second'")
    assert isinstance(caught.value, AssertionError)


def test_a_refusal_must_be_of_the_right_kind():
    """Pins that silence and the wrong exception are both breaches."""
    with pytest.raises(ContractError) as caught, findings('x') as found:
        found.refuses(lambda: None, ValueError, 'nothing')
        found.refuses(lambda: int('x'), KeyError, 'text')
        found.refuses(lambda: int('x'), ValueError, 'text')
    assert caught.value.breaches == ('accepts nothing, must raise ValueError',
                                     'answers text with ValueError instead of KeyError')

"""The node table is data that follows from the site."""
from dataclasses import FrozenInstanceError, replace

from lam_ws import graph
from lam_ws.errors import ConfigurationError
from lam_ws.plc_file import PlcSettings
from lam_ws.site import ConsoleSettings, load_site
import pytest


@pytest.fixture(scope='module')
def site():
    """A site with every section."""
    return load_site('sim_bench')


def names(rows):
    """Return the names of rows in order."""
    return [row.name for row in rows]


def test_order_is_that_of_the_data_path(site):
    """Bring-up activates in this order; the recorder comes last and may be missing."""
    whole = ['sim', 'perception', 'task', 'policy', 'guard', 'record']
    assert names(graph.nodes(site)) == whole
    assert names(graph.nodes(replace(site, record=None))) == whole[:-1]


def test_hardware_has_no_simulator(site):
    """A simulator beside a real arm would be a second publisher of joint_states."""
    assert names(graph.nodes(replace(site, sim=None)))[0] == 'perception'


def test_cameras_have_a_node_where_the_site_says_where_images_come_from(site):
    """The simulator sends those of its own cell, and two would send one camera's images."""
    front = replace(site.cameras[0], source='/dev/video0')
    real = replace(site, sim=None, cameras=(front, *site.cameras[1:]))
    assert 'camera' in names(graph.nodes(real)) and 'camera' not in names(graph.nodes(site))


def test_a_plc_has_a_node_that_motion_depends_on_and_that_may_rejoin(site):
    """Its death stops the arm by the supervisor, and by the guard, which no longer hears it."""
    rows = graph.nodes(replace(site, plc=PlcSettings('modbus', 'plc:502')))
    row, = (row for row in rows if row.name == 'plc')
    assert row.motion_critical and row.rejoins
    assert 'plc' not in names(graph.nodes(site))


def test_only_recorder_and_console_may_die_in_motion(site):
    """A supervisor that let the guard die quietly would leave the arm without one."""
    rows = graph.nodes(site, console=True)
    assert [row.name for row in rows if not row.motion_critical] == ['record', 'console']


def test_the_console_is_there_when_the_site_or_the_operator_wants_it(site):
    """A page that nobody asked for is a port that nobody watches."""
    assert 'console' not in names(graph.nodes(site))
    for rows in (graph.nodes(site, console=True),
                 graph.nodes(replace(site, console=ConsoleSettings()))):
        assert names(rows)[-1] == 'console' and rows[-1].rejoins and rows[-1].lifecycle


def test_rows_cannot_be_changed(site):
    """Two readers of the table, launch and `lam run`, must see the same."""
    row = graph.nodes(site)[0]
    with pytest.raises(FrozenInstanceError):
        row.name = 'other'
    with pytest.raises(TypeError):
        row.parameters['site'] = 'other'


def test_parameters_say_only_which_site(site):
    """ROS ignores a misspelt parameter; whatever can be set belongs in the checked site."""
    for row in graph.nodes(site):
        assert dict(row.parameters) == {'site': str(site.path)}
        assert row.namespace == site.namespace


def test_select_keeps_the_order(site):
    """The order of `only` is an accident of typing, the order of the table is not."""
    rows = graph.nodes(site)
    assert names(graph.select(rows, only=['guard', 'sim'])) == ['sim', 'guard']
    assert names(graph.select(rows, without=['policy'])) == [
        'sim', 'perception', 'task', 'guard', 'record']
    assert graph.select(rows) == rows


def test_select_refuses_what_is_not_there(site):
    """An empty or misspelt selection is a fault of the caller, not an empty cell."""
    rows = graph.nodes(site)
    with pytest.raises(ConfigurationError, match="'teleop'.*sim, perception"):
        graph.select(rows, only=['teleop'])
    with pytest.raises(ConfigurationError, match='no node is left'):
        graph.select(rows, only=['sim'], without=['sim'])


def test_manager_brings_up_what_was_selected(site):
    """It runs beside the rows, in their namespace, and is not itself managed."""
    rows = graph.select(graph.nodes(site), only=['sim'])
    manager = graph.manager(rows)
    assert not manager.lifecycle
    assert (manager.namespace, manager.parameters['nodes']) == (site.namespace, 'sim')

"""URDFs that PyBullet would load and that must not reach it, each refused at its line."""
import time

from lam_ws.errors import ConfigurationError
from lam_ws.sim.urdf import arm_urdf
from lam_ws.sim.urdf_check import check_urdf, examine_urdf
from lam_ws.sim.urdf_elements import LARGEST_FILE
from lam_ws.site import load_arm
import pytest

SOUND = """<?xml version="1.0"?>
<robot name="two">
  <link name="base"><inertial><mass value="1"/>
    <inertia ixx="0.1" iyy="0.1" izz="0.1" ixy="0" ixz="0" iyz="0"/></inertial></link>
  <link name="arm">
    <inertial><mass value="2"/>
    <inertia ixx="0.1" iyy="0.1" izz="0.1" ixy="0" ixz="0" iyz="0"/></inertial>
    <collision><geometry><box size="0.1 0.2 0.3"/></geometry></collision></link>
  <link name="tool"/>
  <joint name="turn" type="revolute"><parent link="base"/><child link="arm"/>
    <origin xyz="0 0 0.1" rpy="0 0 0"/><axis xyz="0 0 1"/>
    <limit lower="-1" upper="1" velocity="2" effort="10"/></joint>
  <joint name="mount" type="fixed"><parent link="arm"/><child link="tool"/></joint>
</robot>
"""
BOMB = '<!DOCTYPE robot [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'
OUTSIDE = '<!DOCTYPE robot [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'
# what: (text, what stands there instead, line of the fault, part of the message)
WRONG = {
    'nan mass': ('mass value="2"', 'mass value="nan"', 6, 'must be a finite number'),
    'infinite limit': ('upper="1"', 'upper="inf"', 12, 'must be a finite number'),
    '1e308': ('xyz="0 0 0.1"', 'xyz="0 0 1e308"', 11, 'must be within'),
    'overflow': ('xyz="0 0 0.1"', 'xyz="0 0 1e999"', 11, 'must be a finite number'),
    'hexadecimal': ('value="2"', 'value="0x10"', 6, 'must be a finite number'),
    'negative mass': ('mass value="2"', 'mass value="-2"', 6, 'must be within'),
    'no mass': ('mass value="2"', 'mass value="0"', 6, 'needs a mass greater than 0'),
    'negative inertia': ('ixx="0.1" iyy="0.1" izz="0.1" ixy="0" ixz="0" iyz="0"/></inertial>\n',
                         'ixx="-1" iyy="0.1" izz="0.1" ixy="0" ixz="0" iyz="0"/></inertial>\n',
                         7, 'must be within'),
    'impossible inertia': ('ixx="0.1" iyy="0.1" izz="0.1" ixy="0" ixz="0" iyz="0"/></inertial>\n',
                           'ixx="9" iyy="0.1" izz="0.1" ixy="0" ixz="0" iyz="0"/></inertial>\n',
                           7, 'no body has these'),
    'negative size': ('size="0.1', 'size="-0.1', 8, 'must be within'),
    'two sizes': ('size="0.1 0.2 0.3"', 'size="0.1 0.2"', 8, 'must be 3 numbers'),
    'no limit': ('<limit lower="-1" upper="1" velocity="2" effort="10"/>', '', 10, 'no <limit>'),
    'misspelt limit': ('<limit lower', '<limits lower', 12, "did you mean 'limit'"),
    'half a limit': (' upper="1"', '', 12, 'needs upper'),
    'no speed': ('velocity="2"', 'velocity="0"', 12, 'must be within'),
    'limits turned round': ('lower="-1" upper="1"', 'lower="1" upper="-1"', 12, 'less than'),
    'an axis of nothing': ('axis xyz="0 0 1"', 'axis xyz="0 0 0"', 11, 'no direction'),
    'no such link': ('child link="arm"', 'child link="amr"', 10, "did you mean 'arm'"),
    'two parents': ('child link="tool"', 'child link="arm"', 13, 'two parents'),
    'a circle': ('parent link="base"', 'parent link="tool"', 2, 'part of a circle'),
    'a link twice': ('link name="tool"', 'link name="arm"', 9, 'stands twice'),
    'an unknown joint': ('type="revolute"', 'type="revolut"', 10, "did you mean 'revolute'"),
    'entities': ('<robot name="two">', BOMB + '<robot name="two">', 2, 'not allowed'),
    'a file of the host': ('<robot name="two">', OUTSIDE + '<robot name="two">', 2,
                           'not allowed'),
    'a mesh elsewhere': ('<box size="0.1 0.2 0.3"/>', '<mesh filename="/etc/passwd"/>', 8,
                         'near the URDF'),
    'a mesh above': ('<box size="0.1 0.2 0.3"/>', '<mesh filename="a/../../b.stl"/>', 8,
                     'near the URDF'),
    'an absent mesh': ('<box size="0.1 0.2 0.3"/>', '<mesh filename="b.stl"/>', 8, 'no mesh'),
    'no shape': ('<box size="0.1 0.2 0.3"/>', '', 8, 'needs one shape'),
    'cut short': ('</robot>', '', 15, 'not valid XML'),
    'another document': ('robot', 'sdf', 2, 'expected <robot>'),
}


@pytest.mark.parametrize('what', WRONG)
def test_what_pybullet_would_load_is_refused_at_its_line(tmp_path, what):
    """Pins a typed error with file and line for each of the ways in which a URDF is wrong."""
    old, new, line, message = WRONG[what]
    path = tmp_path / 'arm.urdf'
    assert old in SOUND
    path.write_text(SOUND.replace(old, new))
    with pytest.raises(ConfigurationError) as refusal:
        check_urdf(path)
    found = {fault.line: fault.message for fault in examine_urdf(path)}
    assert line in found and str(path) in str(refusal.value)
    assert any(message in str(fault) for fault in examine_urdf(path) if fault.line == line)


@pytest.mark.parametrize('name', ['fr3', 'ur5e'])
def test_what_is_sound_passes(tmp_path, name):
    """Pins a check that refuses the arms of this project, or a plain URDF with a mesh."""
    (tmp_path / 'arm.urdf').write_text(arm_urdf(load_arm(name)))
    assert not examine_urdf(tmp_path / 'arm.urdf')
    (tmp_path / 'meshes').mkdir()
    (tmp_path / 'meshes' / 'a.stl').write_bytes(b'')
    for mesh in ('meshes/a.stl', 'package://arm_description/meshes/a.stl'):
        (tmp_path / 'two.urdf').write_text(SOUND.replace('<box size="0.1 0.2 0.3"/>',
                                                         f'<mesh filename="{mesh}"/>'))
        assert not examine_urdf(tmp_path / 'two.urdf')


@pytest.mark.parametrize('text', [
    '<robot name="a">' + '<link name="l"/>' * 100_000 + '</robot>',
    '<robot name="a"><joint>' + '<origin/>' * 9_000 + '</joint></robot>',
    '<robot name="a">' + ''.join(f'<link name="l{i}"/><joint name="j{i}" type="fixed"><parent '
                                 f'link="m{i}"/><child link="n{i}"/></joint>'
                                 for i in range(2_000)) + '</robot>',
    '<a>' * 20_000, 'x' * (LARGEST_FILE + 1), ''])
def test_a_large_file_takes_no_long_time(tmp_path, text):
    """Pins a check that a file can keep busy: squares of its length, or depth without end."""
    path = tmp_path / 'arm.urdf'
    path.write_text(text)
    started = time.process_time()
    assert examine_urdf(path)
    assert time.process_time() - started < 5.0


def test_files_that_cannot_be_read(tmp_path):
    """Pins a traceback for a folder, a missing file, and bytes that are no text."""
    for path in (tmp_path, tmp_path / 'absent.urdf'):
        assert 'cannot be read' in str(examine_urdf(path)[0])
    (tmp_path / 'odd.urdf').write_bytes(b'<?xml version="1.0" encoding="no-such"?><robot/>')
    assert 'not valid XML' in str(examine_urdf(tmp_path / 'odd.urdf')[0])
    (tmp_path / 'odd.urdf').write_bytes(bytes(range(256)))
    assert 'not valid XML' in str(examine_urdf(tmp_path / 'odd.urdf')[0])

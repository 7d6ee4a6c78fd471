"""Files of Asset Administration Shells as objects of basyx: hostile bytes enter, objects leave.

A package is looked through before it is opened: nothing in it may grow, lead out of it, or define
entities. Nothing is unpacked to disk and nothing that it names is fetched.
"""
import io
from pathlib import Path
from typing import Any
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.reading import LARGEST
from lam_ws.source import shown

MOST = 1000   # parts of a package


class _Doctype(Exception):
    """An XML file defines entities, or could."""


def objects(path: Path) -> list[Any]:
    """Return the shells, submodels and concept descriptions of a file.

    Args:
        path: Ends with .aasx, .json or .xml.

    Raises:
        ConfigurationError: It cannot be read, is too large, or is not what its name says.
    """
    try:
        with path.open('rb') as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f'cannot be read: {error.strerror}', shown(path)) from error
    if len(data) > LARGEST:
        raise ConfigurationError(f'is larger than {LARGEST} bytes', shown(path))
    try:
        if path.suffix == '.aasx':
            _look_through(data)
        elif path.suffix == '.xml':
            _refuse_entities(data)
        return _read(data, path.suffix)
    except _Doctype:
        raise ConfigurationError('has a DOCTYPE, which no shell needs', shown(path)) from None
    except ModuleNotFoundError:
        raise
    except Exception as error:   # basyx and what it reads with promise no errors of their own
        why = ' '.join(str(error).split())[:200]
        raise ConfigurationError(f'is no {path.suffix[1:]} of shells: {type(error).__name__}: '
                                 f'{why}', shown(path)) from error


def _read(data: bytes, ending: str) -> list[Any]:
    from basyx.aas.adapter.aasx import AASXReader, DictSupplementaryFileContainer
    from basyx.aas.adapter.json import read_aas_json_file
    from basyx.aas.adapter.xml import read_aas_xml_file
    from basyx.aas.model.provider import DictIdentifiableStore
    if ending == '.json':
        return list(read_aas_json_file(io.StringIO(data.decode('utf-8-sig')), failsafe=False))
    if ending == '.xml':
        return list(read_aas_xml_file(io.BytesIO(data), failsafe=False))
    store = DictIdentifiableStore()
    with AASXReader(io.BytesIO(data), failsafe=False) as reader:
        reader.read_into(store, DictSupplementaryFileContainer())
    return list(store)


def _look_through(data: bytes) -> None:
    """Refuse a package that grows, leads out of itself, or defines entities."""
    with ZipFile(io.BytesIO(data)) as package:
        parts = package.infolist()
        if len(parts) > MOST or sum(part.file_size for part in parts) > LARGEST:
            raise BadZipFile(f'more than {MOST} parts, or {LARGEST} bytes unpacked')
        for part in parts:
            name = part.filename.replace('\\', '/')
            if name.startswith('/') or '..' in name.split('/') or ':' in name:
                raise BadZipFile(f'a part leads out of it: {ascii(part.filename[:80])}')
            text = package.read(part)   # zipfile stops at the size that is told
            if name.endswith(('.xml', '.rels')) or text.lstrip()[:1] == b'<':
                _refuse_entities(text)


def _refuse_entities(data: bytes) -> None:
    def refuse(*_: object) -> None:
        raise _Doctype

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(data, True)

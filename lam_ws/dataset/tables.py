"""Parquet files: columns of numpy arrays enter, files leave, and the other way round.

Only this module knows pyarrow. A row of numbers is a list of fixed length, as LeRobot writes
it; a row of one number is the number itself.
"""
from collections.abc import Mapping, Sequence
import json
from pathlib import Path
from typing import Any

from lam_ws.errors import ConfigurationError
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

# How pandas finds its index again: Apache Arrow's documentation, "Pandas Integration", and
# pandas' developer guide, "Storing pandas DataFrame objects in Apache Parquet format".
_WORDS = {'pandas_type': 'unicode', 'numpy_type': 'object', 'metadata': None}
_NUMBERS = {'pandas_type': 'int64', 'numpy_type': 'int64', 'metadata': None}


def write_columns(path: Path, columns: Mapping[str, Any]) -> None:
    """Write columns of equal length to `path`, replacing it at once.

    Args:
        path: The file.
        columns: [T] or [T, n] arrays, or lists of texts or of lists of texts.
    """
    _write(path, pa.table({name: _column(values) for name, values in columns.items()}))


def write_tasks(path: Path, sentences: Sequence[str]) -> None:
    """Write the sentences with their numbers, the sentence as the index of pandas."""
    table = pa.table({'task_index': pa.array(range(len(sentences)), pa.int64()),
                      'task': pa.array(sentences, pa.string())})
    named = {'index_columns': ['task'],
             'column_indexes': [{'name': None, 'field_name': None, 'pandas_type': 'unicode',
                                 'numpy_type': 'object', 'metadata': {'encoding': 'UTF-8'}}],
             'columns': [{'name': 'task_index', 'field_name': 'task_index', **_NUMBERS},
                         {'name': 'task', 'field_name': 'task', **_WORDS}],
             'creator': {'library': 'pyarrow', 'version': pa.__version__},
             'pandas_version': '2.2.0'}
    _write(path, table.replace_schema_metadata({'pandas': json.dumps(named)}))


def read_tasks(path: Path) -> list[str]:
    """Return the sentences in the order of their numbers.

    Raises:
        ConfigurationError: The file is missing or is not one of sentences.
    """
    table = _read(path)
    names = [name for name in ('task', '__index_level_0__') if name in table.column_names]
    if not names or 'task_index' not in table.column_names:
        raise ConfigurationError('must have the columns task_index and task; write it anew from '
                                 'the recording', path)
    found = dict(zip(table['task_index'].to_pylist(), table[names[0]].to_pylist(), strict=True))
    if sorted(found) != list(range(len(found))):
        raise ConfigurationError('task_index must count from 0 without gaps', path)
    return [str(found[i]) for i in range(len(found))]


def read_columns(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """Return columns as arrays [T] or [T, n]; texts and images as lists.

    Raises:
        ConfigurationError: The file is missing or lacks a column.
    """
    table = _read(path, names)
    return {name: _values(path, name, table[name].combine_chunks()) for name in names}


def set_rows(path: Path, key: str, rows: Mapping[int, Mapping[str, Any]]) -> None:
    """Replace values of a file by the number in its column `key`, or add columns of them.

    Every row of the file must stand in `rows`, with the same columns.
    """
    table = _read(path)
    told = [rows[number] for number in table[key].to_pylist()]
    for name in told[0] if told else ():
        column = pa.array([row[name] for row in told])
        place = table.schema.get_field_index(name)
        table = table.append_column(name, column) if place < 0 \
            else table.set_column(place, name, column)
    _write(path, table)


def column_names(path: Path) -> list[str]:
    """Return the names of the columns of a file."""
    try:
        return list(pq.read_schema(path).names)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from None


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + '.part')
    pq.write_table(table, part, compression='snappy')
    part.replace(path)


def _read(path: Path, names: Sequence[str] | None = None) -> pa.Table:
    """Return the table of a file, of the columns `names` only if they are given."""
    there = column_names(path)
    for name in names or ():
        if name not in there:
            raise ConfigurationError(f'lacks the column {name!r} that meta/info.json promises; '
                                     'record the dataset anew', path)
    try:
        return pq.ParquetFile(path).read(columns=None if names is None else list(names))
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> ConfigurationError:
    what = 'is missing' if isinstance(error, FileNotFoundError) else f'cannot be read ({error})'
    return ConfigurationError(f'{what}; fetch or record the dataset anew', path)


def _column(values: Any) -> pa.Array:
    """Return one column; [T, n] becomes a list of n numbers a row, [T, 1] a number a row."""
    if not isinstance(values, np.ndarray):
        return pa.array(values)
    if values.ndim == 1:
        return pa.array(values)
    if values.shape[1] == 1:
        return pa.array(values[:, 0])
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])


def _values(path: Path, name: str, column: pa.Array) -> Any:
    """Return a column as an array, or as a list where it does not hold numbers."""
    kind = column.type
    if pa.types.is_boolean(kind):
        return column.to_numpy(zero_copy_only=False).astype(bool)
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return column.to_numpy(zero_copy_only=False)
    is_list = pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind)
    if is_list and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)):
        flat = column.flatten().to_numpy(zero_copy_only=False)
        if len(column) == 0 or len(flat) % len(column):
            raise ConfigurationError(f'the rows of {name!r} are not of one length; record the '
                                     'dataset anew', path)
        return flat.reshape(len(column), -1)
    return column.to_pylist()

"""SPARQL on a company: answers with names, and no way out of this machine."""
import json
import socket

from lam_ws.cli import main
from lam_ws.errors import ConfigurationError
from lam_ws.knowledge.exchange.asking import ask, LONGEST
from lam_ws.knowledge.exchange.writing import export, stored
import pytest

NAMES = 'SELECT ?part ?name ?mass { ?part a table:parts ; column:name_ko ?name ; ' \
        'column:mass_kg ?mass } ORDER BY ?mass'


def test_a_question_is_answered_for_people_and_programs(company, capsys):
    """Pins the table and the object."""
    assert main(['kb', 'query', str(company), NAMES]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ['part', 'name', 'mass'] and len(lines) == 3
    assert lines[1].split() == ['id:bj20', '볼조인트', '20@ko', '0.35']
    assert main(['kb', 'query', str(company), NAMES, '--json']) == 0
    found = json.loads(capsys.readouterr().out)
    assert found['rows'][0][1] == '"볼조인트 20"@ko'


def test_units_languages_and_documents_can_be_asked_for(company):
    """Pins what an export says beside the values."""
    store = stored(export(company)[1])
    assert ask(store, 'ASK { column:mass_kg qudt:hasUnit unit:KiloGM }')[1][0][0].value == 'true'
    names, rows = ask(store, """SELECT ?file ?row ?source { ?fact rdf:subject id:bj20 ;
        rdf:predicate column:max_force_n ; where:file ?file ; where:row ?row ;
        dcterms:source ?source }""")
    assert names == ['file', 'row', 'source']
    assert [[term.value for term in row] for row in rows] == [['example/parts.csv', '2', 'QS-1 2']]
    _, rows = ask(store, 'CONSTRUCT { ?a column:tools ?b } WHERE { ?a column:tools ?b }')
    assert [str(term) for term in rows[0]][2] == '<https://lam-ws.invalid/id#jaw>'


@pytest.mark.parametrize('question', [
    'SELECT * { SERVICE <{url}> { ?s ?p ?o } }', 'SELECT * { service silent<{url}>{ ?s ?p ?o } }',
    'SELECT * { SER\\u0056ICE <{url}> { ?s ?p ?o } }',
    'SELECT * { SERVICE # \n <{url}> { ?s ?p ?o } }',
    'SELECT * FROM <{url}> { ?s ?p ?o }', 'LOAD <{url}>', 'CLEAR ALL', 'SELECT', '',
    'SELECT * { FILTER(' + '!' * (LONGEST + 1) + '1) }',
    'SELECT * { FILTER(' + '(' * 1000 + '1' + ')' * 1000 + ') }'])
def test_no_question_leaves_this_machine(company, question):
    """Pins with a real listener that nobody is ever called."""
    store = stored(export(company)[1])
    with socket.create_server(('127.0.0.1', 0)) as listener:
        listener.settimeout(0.05)
        url = f'http://127.0.0.1:{listener.getsockname()[1]}/sparql'
        try:
            assert ask(store, question.replace('{url}', url))[1] == []
        except ConfigurationError as error:
            assert '\n' not in str(error).strip()
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_name_that_has_the_word_is_no_service(company):
    """Pins that variables and prefixes may be called so."""
    assert ask(stored(export(company)[1]), 'SELECT ?service { ?service a table:tools }')[1]

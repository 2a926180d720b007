"""Writes what expressions of chat templates become in the environment that transformers has for them.

    python make_expressions.py ../data/goldens

Writes OUT/expressions.json. `variables` are those of each template. `tables` are by what stands between or behind VALUES: of
each operator the results for each left and right value, of each filter and test those for each value. `sources` are other
templates by their text. A result is the text, or null where Python refuses.
"""

import json
import sys
from pathlib import Path
from typing import Any

from transformers.utils.chat_template_utils import _compile_jinja_template

VARIABLES = {
    "rows": [{"n": "b", "k": 2, "f": {"g": 1}}, {"n": "A", "k": 3}, {"n": "c", "k": 1, "f": {"g": 0}}, {"n": "a", "k": 2}],
    "text": "The cat, the dog\tand 2 birds",
    "odd": "é😀ß Ǆ\n",
    "negative": -7,
}
VALUES = ["none", "true", "0", "3", "negative", "2.5", "''", "'b'", "odd", "[]", "[1, 'b', 3]", "(3, 1)", "({})", "({'b': 1, 'A': 3})", "missing"]
RIGHT = ["none", "true", "0", "negative", "2.5", "'b'", "[1, 'b', 3]", "(3, 1)", "({'b': 1, 'A': 3})", "missing"]
OPERATORS = ["+", "-", "*", "/", "//", "%", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
FILTERS = [
    "abs", "capitalize", "count", "d", "default('q')", "default('q', true)", "dictsort", "e", "escape", "first", "float", "float(1.5)", "indent", "int", "int(9)", "items|list",
    "join", "join('-')", "last", "length", "list", "lower", "max", "min", "reject|list", "replace('b', 'xy')", "reverse|list", "round", "round(1)", "round(0, 'floor')", "round(0, 'ceil')",
    "safe", "select|list", "sort", "sort(reverse=true)", "string", "sum", "title", "tojson", "tojson(indent=1)", "trim", "unique|list", "upper", "map('string')|list",
]
TESTS = [
    "boolean", "callable", "defined", "even", "odd", "false", "true", "float", "integer", "number", "iterable", "sequence", "mapping", "string", "lower", "upper", "none", "undefined",
]
CHOICES = ["'divisibleby', 3", "'in', [3, 'b']", "'eq', 3", "'equalto', 'b'", "'==', true", "'ne', 3", "'!=', 0", "'lt', 3", "'lessthan', 1", "'<', 'c'", "'le', 3", "'<=', 3", "'gt', 0", "'greaterthan', 2", "'>', 'a'", "'ge', 3", "'>=', 3", "'sameas', none"]
WHOLE = [
    "'-0x1f'", "'+0x1f'", "'0x+1f'", "'0x'", "'-'", "'1f'", "'-1f'", "'0X1F'", "'-0b101'", "'+0o17'", "'0b-11'", "' -0x1f '", "'1 f'", "'0x1.5'", "'_1'", "'1_'", "'1__0'", "'1_0'", "'0x_1f'",
    "'0_x1f'", "'1e5'", "'12abc'", "'010'", "'0_0'", "'0_1'", "'--1'", "'+-1'", "'\\x1c5'", "'\\x1c٣'",
]
FLOATS = [
    "'1_0'", "'1_0.2_5e1_0'", "'1_.0'", "'1._0'", "'1_e5'", "'_1'", "'inf'", "'-Inf'", "'INFINITY'", "'+nan'", "'in_f'", "'infi'", "'0x1p3'", "'1e400'", "'-1e400'", "'.'", "'1.e5'", "'٣.٥e٢'", "'\u30001.5'", "'\\x1c5'", "''",
]
POWERS = [
    *[(base, -exponent) for base in (2, 3, 7, 10, 12, 1000) for exponent in (1, 2, 3, 5, 6, 12)], *[(-10, exponent) for exponent in (-5, -4, 3)],
    *[(base, exponent) for base in ("1.1", "0.1", "1.05", "2.5", "(-1.5)", "10.0") for exponent in (2, 3, 10, 20, -2, -7, "0.5", "-0.5", "1.5", "2.5", "-2.5") if (base != "(-1.5)" or isinstance(exponent, int)) and (base, exponent) not in (("1.1", 10), ("2.5", "2.5"), ("10.0", "2.5"))],
    (2, "0.5"), (3, "0.5"), (2, "-0.5"), ("0.5", "-0.5"), (2, "-2.5"), (9, "1.5"), ("10.0", 400), ("2.5", 1000), (10, "400.0"), (10, -400), ("(-10.0)", -401), (2, -1074), (10, -320), ("2.0", 1023), ("2.0", 1024), (10, 15),
    (0, "-0.0"), ("(-0.0)", -1), ("(-0.0)", 3), ("(-0.0)", "0.5"), (0, -1), ("0.0", "-1.5"), ("false", -1), ("true", -1), (1, "2.5"), (-1, "3.0"), (-1, -2), (-1, 5), (-1, 0), (0, 5), ("(10.0 ** 22)", 2), ("(10.0 ** 22)", -2),
    *[(f"'{base}'|float", f"('{exponent}'|float)") for base in ("inf", "-inf", "nan", "1", "-1", "0", "0.5", "2") for exponent in ("inf", "-inf", "nan", "0", "3", "-3", "0.5") if (base, exponent) not in (("-1", "0.5"), ("0", "-inf"))],
    ("'a'", 2), (2, "none"), (2, "missing"),
]
KEYS = ["missing", "0.5", "1.0", "true", "none", "[]", "{}", "namespace()", "range", "range(2)", "''.upper", "(1, 2)", "(1, [2])", "((1, {}), 2)", "'a'"]
SOURCES = [
    # loops
    "{% for x in rows %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}",
    "{% for x in [4, 5, 6] %}{{ loop.previtem }}<{{ loop.nextitem }}{{ loop.previtem is defined }}{{ loop.nextitem is defined }};{% endfor %}",
    "{% for x in [1, 1, 2, 2, 1] %}{{ loop.changed(x) }}{{ loop.changed(x, 1) }}{{ loop.cycle('a', 'b', 'c') }}{% endfor %}",
    "{% for x in [1] %}{{ loop.cycle() }}{% endfor %}",
    "{% for a, b in [[1, 2], [3, 4]] %}{{ a }}{{ b }}{% endfor %}",
    "{% for a, b in [[1, 2, 3]] %}{{ a }}{% endfor %}",
    "{% for k in {'a': 1, 'b': 2} %}{{ k }}{% endfor %}{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}",
    "{% for x in [1, 2, 3, 4] if x > 2 %}{{ x }}{{ loop.length }}{% else %}none{% endfor %}{% for x in [1] if x > 2 %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in [1, 2, 3] %}{% for y in [1, 2, 3] %}{% if y == 2 %}{% break %}{% endif %}{{ x }}{{ y }}{% endfor %}{% if x == 2 %}{% continue %}{% endif %}|{% endfor %}",
    "{% for x in [] %}{% else %}{% set y = 1 %}{{ y }}{% endfor %}{{ y }}",
    # conditions
    "{% for x in [none, false, 0, 0.0, '', [], {}, missing, true, 1, 0.5, 'a', [0], {'a': 0}, range] %}{{ 1 if x else 0 }}{{ not x }}{% endfor %}",
    "{% if 0 %}a{% elif '' %}b{% elif 'x' %}c{% else %}d{% endif %}{% if 0 %}a{% endif %}{{ 'a' if 1 == 2 }}|{{ ('a' if 1 == 2) is defined }}",
    # assignments and macros
    "{% set a, b = [1, 2] %}{{ a }}{{ b }}{% set n = namespace(x=1, y=[2]) %}{% set n.x = 5 %}{{ n.x }}{{ n.y }}{{ n.z is defined }}",
    "{% set n = namespace({'a': 1}, b=2) %}{{ n.a }}{{ n.b }}{% for x in [1, 2] %}{% set n.a = n.a + x %}{% endfor %}{{ n.a }}",
    "{% set n = {} %}{% set n.a = 1 %}", "{% set n = namespace() %}{% set n._a = 1 %}", "{% set a, b = [1] %}",
    "{% macro m(a, b=2, c=b) %}{{ a }}{{ b }}{{ c }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(b=4, a=5) }}{{ m() }}{{ m(1, 2, 3, 4, 5, d=6) }}{{ m(*[7, 8]) }}{{ m(**{'a': 9}) }}",
    "{% macro m(a) %}<{{ caller(a) }}{{ caller(2) }}>{% endmacro %}{% call(x) m(1) %}{{ x }}!{% endcall %}",
    "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}{% macro k() %}{{ caller() }}{% endmacro %}{{ k() }}",
    "{% set x %}a{{ 1 }}{% set y = 2 %}{% endset %}{{ x }}{{ y }}{% filter upper %}ab{{ x }}{% endfilter %}{% filter replace('b', 'c') %}ab{% endfilter %}",
    "{% filter upper %}{% set x = 'a' %}{{ x }}{% endfilter %}{{ x is defined }}", "{{ '%d %d' % (-2.5, 2.5) }}",
    "{{ m }}{% macro m() %}a{% endmacro %}{{ m()|upper }}",
    # items
    "{{ [1, 2, 3][0] }}{{ [1, 2, 3][-1] }}{{ [1, 2, 3][true] }}{{ (1, 2)[1] }}{{ 'a😀c'[-2] }}{{ {'a': 1}['a'] }}{{ {1: 2}[1] }}{{ {1: 2}[true] }}{{ [1][4] }}|{{ 'a'[7] }}|{{ {}['a'] }}|{{ [1]['a'] }}|{{ rows[0].n }}{{ rows.0 }}",
    "{{ 'abcdef'[1:4] }}{{ 'abcdef'[:-2] }}{{ 'abcdef'[-2:] }}{{ 'abcdef'[::2] }}{{ 'abcdef'[4:1:-1] }}{{ 'abcdef'[9:] }}{{ 'abcdef'[-9:2] }}{{ 'abcdef'[::-2] }}{{ [1, 2, 3][1:] }}{{ (1, 2, 3)[:1] }}{{ 'abcdef'[5:-9:-1] }}{{ 'abcdef'[none:3] }}",
    "{{ [1][::0] }}", "{{ missing['a'] }}", "{{ none['a'] }}", "{{ 3.a }}|{{ true['a'] }}|{{ 3[0] }}", "{{ {'keys': 1}['keys'] }}{{ {'a': 1}['keys'] is defined }}",
    # filters with arguments
    "{{ rows|map(attribute='n')|sort|list }}{{ rows|map(attribute='n')|sort(case_sensitive=true) }}{{ rows|sort(attribute='k')|map(attribute='n')|join }}{{ rows|sort(attribute='k', reverse=true)|map(attribute='n')|join }}{{ rows|sort(true, false, 'n')|map(attribute='n')|join }}",
    "{{ rows|map(attribute='f.g')|list }}", "{{ rows|map(attribute='f', default='q')|list }}{{ rows|map(attribute='q')|list }}{{ [[1, 2], [3, 4]]|map(attribute=1)|list }}{{ [[1, 2]]|map(attribute='0')|list }}{{ ['a', 'b']|map('upper')|list }}{{ ['ab', 'b']|map('replace', 'b', 'x')|list }}{{ [1.25, 2.75]|map('round', 1)|list }}{{ [1.25]|map('round', precision=1, method='floor')|list }}",
    "{{ [1]|map|list }}", "{{ [[1]]|map(attribute='5')|list }}",
    "{{ rows|selectattr('f')|map(attribute='n')|join }}{{ rows|selectattr('f', 'defined')|map(attribute='n')|join }}{{ rows|rejectattr('f')|map(attribute='n')|join }}{{ rows|rejectattr('k', 'eq', 2)|map(attribute='n')|join }}{{ rows|selectattr('k', '>=', 2)|map(attribute='n')|join }}{{ rows|selectattr('n', 'in', ['a', 'b'])|map(attribute='n')|join }}{{ rows|selectattr('k', 'lessthan', 3)|map(attribute='n')|join }}{{ rows|selectattr('k', 'greaterthan', 1)|map(attribute='n')|join }}",
    "{{ [0, 1, 2, 3]|select|list }}{{ [1, 2, 3]|select('divisibleby', 2)|list }}{{ [1, 2, 3]|reject('odd')|list }}{{ [1, 2, 3]|select('!=', 2)|list }}{{ [1, 2, 3]|select('<', 2)|list }}{{ [1, 2, 3]|select('<=', 2)|list }}{{ [1, 2, 3]|select('>', 2)|list }}{{ [1, 2, 3]|reject('==', 2)|list }}",
    "{{ {'b': 1, 'A': 3, 'c': 2}|dictsort }}{{ {'b': 1, 'A': 3, 'c': 2}|dictsort(true) }}{{ {'b': 1, 'A': 3, 'c': 2}|dictsort(by='value') }}{{ {'b': 1, 'A': 3}|dictsort(reverse=true) }}{{ {'b': 'B', 'A': 'a'}|dictsort(false, 'value', true) }}",
    "{{ rows|max(attribute='k') }}{{ rows|min(attribute='n') }}{{ ['b', 'A', 'c']|max }}{{ ['b', 'A', 'c']|min }}{{ ['b', 'A', 'c']|max(case_sensitive=true) }}{{ ['b', 'A', 'c']|min(true) }}",
    "{{ ['a', 'A', 'b', 'a']|unique|list }}{{ ['a', 'A', 'b', 'a']|unique(true)|list }}{{ rows|unique(attribute='k')|map(attribute='n')|join }}{{ [1, 1.0, true, 2]|unique|list }}",
    "{{ [(1, 2), (1, 2), missing, missing, range(2), range(2)]|unique|list }}", "{{ [[1], [1]]|unique|list }}", "{{ [{}]|unique|list }}", "{{ [(1, [2])]|unique|list }}", "{{ rows|unique(attribute='f')|list }}",
    "{{ [1, 2]|sum(start=10) }}{{ rows|sum(attribute='k') }}{{ rows|sum('k', 5) }}{{ [1, 2]|join(', ') }}{{ rows|join('-', attribute='n') }}{{ [1, none, 'a']|join(2) }}",
    "{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb\n\nc'|indent(2, true) }}|{{ 'a\nb\n\nc'|indent(2, false, true) }}|{{ 'a\nb'|indent(width='>', first=true) }}|{{ 'a\n'|indent(3) }}|{{ 'a'|indent(0) }}",
    "{{ '12'|int }}{{ ' -12 '|int }}{{ '+7'|int }}{{ '1_000'|int }}{{ '_1'|int }}{{ '1.9'|int }}{{ '1e3'|int }}{{ '0x1F'|int(0, 16) }}{{ '1F'|int(0, 16) }}{{ '0o17'|int(0, 8) }}{{ '17'|int(0, 8) }}{{ '0b101'|int(0, 2) }}{{ '102'|int(5, 2) }}{{ 'z'|int(default=3) }}{{ -2.9|int }}{{ [1]|int }}",
    "{{ '1.5'|float }}{{ '.5'|float }}{{ '5.'|float }}{{ '-1e-3'|float }}{{ ' 2 '|float }}{{ 'e1'|float }}{{ '1e'|float(2.5) }}{{ true|float }}{{ [1]|float }}",
    "{{ 0.5|round }}{{ 1.5|round }}{{ 2.5|round }}{{ -1.5|round }}{{ 2.4|round }}{{ 2.6|round }}{{ 1.255|round(2) }}{{ 1.21|round(1, 'ceil') }}{{ 1.29|round(1, 'floor') }}{{ 7|round }}{{ 7.0|round }}{{ 1234|round(-2) }}", "{{ 1|round(0, 'q') }}", "{{ 'a'|round }}",
    "{{ 'aXbXc'|replace('X', '') }}{{ 'aXbXc'|replace('X', '-', 1) }}{{ 'aXbXc'|replace('X', '-', 0) }}{{ 'ab'|replace('', '.') }}{{ 'ab'|replace('', '.', 2) }}{{ 'aab'|replace('aa', 'a') }}{{ 121|replace(1, 3) }}",
    "{{ 'hello wORLD-foo (bar [baz {q <x'|title }}{{ 'hELLO wORLD'|capitalize }}{{ ''|capitalize }}{{ 'xxaxx'|trim('x') }}{{ ' \t a \n'|trim }}|{{ 'xya'|trim('yx') }}{{ '<a href=\"x\">\\'&amp;'|e }}",
    "{{ {'b': [1, {'a': none}], 'a': 'é\"\\n<>&'}|tojson }}{{ {'b': 1, 'a': [2]}|tojson(sort_keys=true) }}{{ [1, [2, []], {}]|tojson(indent=2) }}{{ {'a': {'b': 1}}|tojson(indent='-') }}{{ 'é😀'|tojson(ensure_ascii=true) }}{{ [1, 2]|tojson(separators=(';', '=')) }}{{ {'a': 1}|tojson(separators=(';', '=')) }}{{ [1, {'a': 2}]|tojson(true, 3, (',', ':'), true) }}{{ {'a': true, 'b': 1.5, none: 2}|tojson }}", "{{ [range]|tojson }}", "{{ 1|tojson(separators=',') }}", "{{ {1: 2, 'a': 3}|tojson(sort_keys=true) }}",
    "{{ missing|default(none) }}{{ missing|d(none) is none }}{{ [1]|select('sameas', none)|list }}{{ [none, 1]|select('eq', none)|list }}", "{{ rows|map(attribute='f', default=none)|list }}",
    "{{ 'b'|default }}{{ missing|default }}|{{ missing|default(3) }}{{ ''|d(4, true) }}{{ 0|default(5, boolean=true) }}{{ 'é'|length }}{{ {}|length }}{{ [1, 2]|first }}{{ 'ab'|last }}{{ 'ab'|list }}", "{{ 1|list }}", "{{ 1|length }}", "{{ 1|reverse }}", "{{ 1 is q }}", "{{ [1]|first(2) }}", "{{ 'a'|trim('b', 'c') }}", "{{ [2, 'a']|sort }}", "{{ [1]|dictsort }}", "{{ missing|items|list }}",
    # methods of texts
    "{{ 'aBc'.upper() }}{{ 'aBc'.lower() }}{{ 'aBß'.casefold() }}{{ 'aBC dE'.capitalize() }}{{ 'aB cD1e'.title() }}{{ \"it's\".title() }}",
    "{{ '  ab '.strip() }}|{{ '  ab '.lstrip() }}|{{ '  ab '.rstrip() }}|{{ 'xyabyx'.strip('xy') }}|{{ 'xab'.lstrip('x') }}|{{ 'abx'.rstrip('x') }}|{{ ' a '.strip(none) }}|{{ '😀a😀'.strip('😀') }}|{{ '😀ab😀'.lstrip('b😀') }}|{{ '😀ab😀'.rstrip('b😀') }}|{{ ''.strip('😀') }}",
    "{{ text.startswith('The') }}{{ text.startswith('the') }}{{ text.startswith(('a', 'The')) }}{{ text.endswith('birds') }}{{ text.endswith(('a', 'b')) }}", "{{ 'a'.startswith(1) }}", "{{ 'a'.startswith(['a']) }}",
    "{{ 'abab'.removeprefix('ab') }}{{ 'abab'.removeprefix('b') }}{{ 'abab'.removesuffix('ab') }}{{ 'abab'.removesuffix('a') }}{{ 'ab'.removesuffix('') }}{{ 'ab'.removeprefix('') }}",
    "{{ 'a,b,c'.split(',') }}{{ 'a,b,c'.split(',', 1) }}{{ 'a,b,c'.split(',', 0) }}{{ 'a,b,c'.split(sep=',', maxsplit=5) }}{{ 'a,b,c'.rsplit(',', 1) }}{{ 'a,b,c'.rsplit(',', 0) }}{{ 'a,b,c'.rsplit(',') }}{{ ''.split(',') }}{{ ''.split() }}{{ ' a  b\tc '.split() }}{{ ' a  b\tc '.split(none, 1) }}{{ ' a  b\tc '.rsplit(none, 1) }}{{ ' a  b\tc '.split(none, 2) }}{{ ' a  b\tc '.rsplit(none, 2) }}{{ ' a b '.split(none, 0) }}{{ ' a b '.rsplit(none, 0) }}{{ 'a,,b'.split(',') }}", "{{ 'a'.split('') }}", "{{ 'a'.split(1) }}",
    "{{ 'a\nb\r\nc\rd\n'.splitlines() }}{{ 'a\nb\r\nc'.splitlines(true) }}{{ ''.splitlines() }}{{ 'a\x0bb\u2028c'.splitlines() }}{{ 'a\nb'.splitlines(keepends=true) }}",
    "{{ 'a-b-c'.partition('-') }}{{ 'a-b-c'.rpartition('-') }}{{ 'abc'.partition('-') }}{{ 'abc'.rpartition('-') }}{{ 'a--b'.partition('--') }}", "{{ 'a'.partition('') }}",
    "{{ 'aXbX'.replace('X', 'yy') }}{{ 'aXbX'.replace('X', '', 1) }}{{ 'ab'.replace('', '-') }}{{ 'ab'.replace('', '-', 1) }}{{ 'ab'.replace('', '-', 9) }}{{ 'aXbX'.replace('X', 'y', -1) }}{{ 'aXbX'.replace('X', 'y', 0) }}",
    "{{ '-'.join(['a', 'b']) }}{{ '-'.join('abc') }}{{ ''.join([]) }}{{ '-'.join({'x': 1, 'y': 2}) }}", "{{ '-'.join([1]) }}",
    "{{ 'a😀ca'.find('a') }}{{ 'a😀ca'.rfind('a') }}{{ 'a😀ca'.find('q') }}{{ 'a😀ca'.rfind('q') }}{{ 'a😀ca'.index('c') }}{{ 'a😀ca'.rindex('a') }}{{ 'aaa'.count('a') }}{{ 'aaa'.count('aa') }}{{ 'aaa'.count('') }}", "{{ 'a'.rindex('b') }}",
    "{{ '12'.isdigit() }}{{ '1a'.isdigit() }}{{ ''.isdigit() }}{{ '²'.isdigit() }}{{ '²'.isdecimal() }}{{ '½'.isnumeric() }}{{ 'ab'.isalpha() }}{{ 'a1'.isalpha() }}{{ 'a1'.isalnum() }}{{ 'a 1'.isalnum() }}{{ ' \t'.isspace() }}{{ ''.isspace() }}{{ ' a'.isspace() }}{{ 'AB1'.isupper() }}{{ 'Ab'.isupper() }}{{ '1'.isupper() }}{{ 'ab1'.islower() }}{{ 'aB'.islower() }}{{ '1'.islower() }}",
    "{{ 'a'.ljust(3) }}|{{ 'a'.rjust(3) }}|{{ 'a'.ljust(3, '-') }}|{{ 'a'.rjust(3, '-') }}|{{ 'abcd'.ljust(3) }}|{{ '😀'.rjust(2, '.') }}",
    "{{ 'a'.q }}", "{{ 'a'.upper(1) }}", "{{ 'a'.q() }}",
    # methods of lists and dicts
    "{{ [1, 2, 1].index(2) }}{{ [1, 2, 1].count(1) }}{{ [1, 2].copy() }}{{ (1, 2).index(2) }}{{ (1, 1).count(1) }}", "{{ [1].index(2) }}", "{{ (1, 2).copy() }}", "{{ [1].append(2) }}", "{{ [1].sort() }}", "{{ {}.setdefault('a', 1) }}", "{{ {'a': 1}.pop('a') }}",
    "{{ {'a': 1}.get('a') }}{{ {'a': 1}.get('b') }}{{ {'a': 1}.get('b', 2) }}{{ {'a': none}.get('a', 2) }}{{ {'a': 1, 'b': 2}.keys()|list }}{{ {'a': 1, 'b': 2}.values()|list }}{{ {'a': 1, 'b': 2}.items()|list }}{{ {'a': 1}.copy() }}",
    # numbers and texts
    "{{ 7 // 2 }}{{ 7 // -2 }}{{ 7.5 // 2 }}{{ -7 % 3 }}{{ 7 % -3 }}{{ 7.5 % 2 }}{{ 6 % 3 }}{{ -6 % 3 }}{{ 2 ** 10 }}{{ 2 ** -1 }}{{ 0 ** 0 }}{{ 0.0 ** 2 }}{{ 2.0 ** 2 }}{{ 6 / 3 }}{{ 1 / 3 }}{{ -3 }}{{ +3 }}{{ -2.5 }}{{ -true }}{{ - - 3 }}",
    "{{ 'a' * 3 }}|{{ 3 * 'a' }}|{{ 'a' * -1 }}|{{ [1] * 2 }}|{{ 2 * (1, 2) }}|{{ 'a' * true }}|{{ [] * 3 }}|{{ [[1]] * 2 }}", "{{ 'a' * 1.5 }}", "{{ 0 ** -1 }}", "{{ 0.0 ** -2 }}", "{{ [1] + (2, 3) }}", "{{ 1 // 0 }}", "{{ 1 % 0 }}", "{{ -'a' }}", "{{ -missing }}",
    "{{ '%s %d %r %%' % ('a', 3.7, 'b') }}{{ '%.2f %f' % (1.005, 2) }}{{ '%s' % [1] }}{{ '%.0f' % 2.7 }}{{ 'a' % {} }}", "{{ '%s %s' % 'a' }}", "{{ '%s' % ('a', 'b') }}",
    "{{ 10.0 ** 16 }}{{ 10.0 ** 15 }}{{ 123456789012345.0 }}{{ 0.1 }}{{ 0.00001 }}{{ 0.0001 }}{{ 10.0 ** 300 * 10.0 ** 300 }}{{ -1 * 10.0 ** 300 * 10.0 ** 300 }}{{ 10.0 ** 22 }}{{ 12.0 }}{{ 0.0 }}{{ -0.0 }}{{ 100.0 }}{{ 0.000000125 }}{{ [10.0 ** 300 * 10.0 ** 300]|tojson }}",
    "{{ ['a\\'b', 'a\"b', 'a\\'\"b', '\\\\', '\\t\\r\\n', '\\x00\\x7f', 'é', none, 1.0] }}{{ [odd] }}",
    "{{ [1, 2] < [1, 3] }}{{ [1] < [1, 0] }}{{ [] < [1] }}{{ [2] < [1, 5] }}{{ (1, 2) <= (1, 2) }}{{ 'a' < 'B' }}{{ 'ab' < 'abc' }}{{ 1 < 1.5 }}{{ true < 2 }}{{ [1, 'a'] == [1, 'a'] }}{{ [1] == [1, 2] }}{{ {'a': 1} == {'a': 1.0} }}{{ {'a': 1} == {'b': 1} }}{{ {'a': 1} == {'a': 1, 'b': 2} }}{{ missing == missing }}{{ 'a' == missing }}",
    "{{ 'b' in 'abc' }}{{ '' in 'a' }}{{ 2 in [1, 2.0] }}{{ [1] in [[1]] }}{{ 'a' in {'a': 1} }}{{ 1 in {'a': 1} }}{{ 2 in (1, 2) }}{{ 1 in missing }}{{ 'x' not in 'abc' }}", "{{ 1 in 2 }}", "{{ 1 in 'a' }}", "{{ [] in {} }}", "{{ missing in 'a' }}",
    *[f"{{{{ {value}|int(99, {base}) }}}}" for value in WHOLE for base in (0, 2, 8, 10, 16, 36, 1)],
    *[f"{{{{ {value}|float('q') }}}}" for value in FLOATS],
    "{{ '٣'|int }}{{ '-४२'|int }}{{ ' 12\u3000'|int }}{{ '𝟙𝟡'|int }}{{ 'inf'|int(4) }}{{ '1_0.5'|int }}", "{{ 'inf'|float|int }}", "{{ 'nan'|float|int(4) }}",
    *[f"{{{{ {base} ** {exponent} }}}}" for base, exponent in POWERS],
    *[f"{{{{ {value}|round({digits}) }}}}" for value in ("-2.5", "-0.0", "0.15", "2.675", "25.000000000000004", "25.0", "35.5", "(10.0 ** 22)", "15", "-25", "true") for digits in (0, 1, 2, -1, -400)],
    *[f"{{{{ {value}|round({digits}, '{method}') }}}}" for value in ("-0.0", "-0.5", "123456.7", "7") for digits in (0, 1, -1, -5) for method in ("ceil", "floor")],
    "{{ 'inf'|float|round(0, 'ceil') }}", "{{ 'inf'|float|round }}{{ 'nan'|float|round(2) }}",
    # what is a key of no dict
    *[f"{{{{ {key} in {{'a': 1, 1: 2}} }}}}" for key in KEYS], *[f"{{{{ {{'a': 1, 1: 2}}.get({key}, 7) }}}}" for key in KEYS], *[f"{{{{ {{'a': 1, 1: 2}}[{key}] is defined }}}}" for key in KEYS],
    # filters and tests that are not looked for
    *[f"{{{{ {value}|{name}|list }}}}" for value in ("''", "[]", "0", "missing") for name in ("map()", "map('nosuch')", "reject('nosuch')", "selectattr('a', 'nosuch')")],
    # ranges are no lists
    "{{ range(3) }}{{ range(1, 5, 2) }}{{ [range(2)] }}{{ range(3) == range(3) }}{{ range(3) == [0, 1, 2] }}{{ range(1, 5, 2) == range(1, 4, 2) }}{{ 1 in range(3) }}{{ range(3).index(2) }}{{ range(3).count(2) }}{{ range(1, 5, 2).stop }}{{ range(3)[1] }}{{ range(3)[-1] }}",
    "{{ range(9)[2:] }}{{ range(9)[::-1] }}{{ range(1, 9, 3)[:-1] }}{{ range(9)[7:2:-2] }}{{ range(9)[5:2] }}{{ range(3)|reverse|list }}{{ range(3)|sum }}{{ range(3)|join }}{{ '%s' % range(3) }}",
    "{{ range(3) * 2 }}", "{{ 2 * range(3) }}", "{{ range(3) + range(3) }}", "{{ range(3) + [1] }}", "{{ [1] + range(3) }}", "{{ range(3) < range(4) }}", "{{ range(3)|tojson }}", "{{ range(3).copy() }}", "{{ range(3).append(1) }}",
    "{{ '一二'.isnumeric() }}{{ '½'.isnumeric() }}{{ '²'.isnumeric() }}{{ 'Ⅷ'.isnumeric() }}{{ '人'.isnumeric() }}{{ '𠀁'.isnumeric() }}{{ '٣'.isdecimal() }}{{ '½'.isdecimal() }}",
    # functions
    "{{ range(4)|list }}{{ range(2, 5)|list }}{{ range(5, 1)|list }}{{ range(5, 1, -2)|list }}{{ range(0, 7, 3)|list }}{{ range(0)|list }}{{ range(100000)|length }}", "{{ range() }}", "{{ range(1, 2, 3, 4) }}", "{{ range(1, 2, 0) }}", "{{ range(1.5) }}", "{{ range(100001) }}",
    "{{ dict() }}{{ dict(a=1) }}{{ dict([('a', 1), ('b', 2)]) }}{{ dict({'a': 1}, a=2) }}{{ dict(**{'x': 1}) }}", "{{ dict(1) }}", "{{ raise_exception('a') }}", "{{ none() }}", "{{ missing() }}", "{{ 'a'() }}",
]


def rendered(source: str) -> Any:
    try:
        return _compile_jinja_template(source).render(**VARIABLES)
    except Exception:
        return None


def main(out: Path) -> None:
    tables = {
        "operators": {name: [[rendered(f"{{{{ {left} {name} {right} }}}}") for right in RIGHT] for left in VALUES] for name in OPERATORS},
        "filters": {name: [rendered(f"{{{{ {value}|{name} }}}}") for value in VALUES] for name in FILTERS},
        "choices": {name: [rendered(f"{{{{ [{value}]|select({name})|list }}}}") for value in VALUES] for name in CHOICES},
        "tests": {name: [rendered(f"{{{{ {value} is {name} }}}}") for value in VALUES] for name in TESTS},
    }
    sources = {source: rendered(source) for source in SOURCES}
    text = json.dumps({"variables": VARIABLES, "values": VALUES, "right": RIGHT, **tables, "sources": sources}, ensure_ascii=False)
    (out / "expressions.json").write_text(text + "\n", encoding="utf-8")


main(Path(sys.argv[1]))

"""Writes what small templates become in the environment that transformers has for chat templates.

    python make_templates.py ../data/goldens

Writes OUT/templates.jsonl: one JSON object a line with the `source`, the `variables` beside the messages and the `text` that
it becomes. Where Python refuses, `text` is null.
"""

import json
import sys
from pathlib import Path

from transformers.utils.chat_template_utils import _compile_jinja_template

DATA = {"b": [1, 2.5, None, True, "é\x7f😀\u2028"], "a": {}, "c": [], "items": "key"}
MESSAGES = [{"role": "user", "content": "x'y"}, {"role": "assistant", "content": "b"}]
VARIABLES = {"d": DATA, "three": 3, "bos_token": "<s>"}

SOURCES = [
    # names and their scopes
    "{% for i in [1,2,3] %}{{ x is defined }}{% set x=1 %}{% endfor %}",
    "{% set x=0 %}{% for i in [1,2,3] %}{{ x }}{% set x=x+1 %}{{x}} {% endfor %}{{x}}",
    "{% set x=0 %}{% for i in [1,2] %}{% set x=x+1 %}{% for j in [1,2] %}{% set x=x+10 %}{{x}},{% endfor %}{{x}} {% endfor %}{{x}}",
    "{% macro m() %}{{ y }}{% endmacro %}{% set y=5 %}{{ m() }}",
    "{% for y in [1,2] %}{% macro m() %}{{ y }}{% endmacro %}{{ m() }}{% endfor %}",
    "{% macro m() %}{{ y }}{% endmacro %}{% for y in [1,2] %}{{ m() }}{% endfor %}",
    "{% if true %}{% set z=1 %}{% endif %}{{z}}",
    "{% set z=3 %}{% generation %}{{z}}{% set z=1 %}{{z}}{% endgeneration %}{{z}}",
    "{% macro m(a,b=a) %}{{a}}{{b}}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1) }}{{ m(1,2,3,c=4) }}",
    "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}a{% endcall %}",
    "{% set ns = namespace(a=1) %}{% set ns.a = ns.a + 1 %}{{ ns.a }}{{ ns }}",
    "{% set ns = namespace(_a=1) %}",
    "{% set bos_token = 'z' %}{{ bos_token }}",
    "{% filter upper %}{% set q = 1 %}a{{ q }}{% endfilter %}",
    # loops
    "{% for a, b in d.items() %}{{a}}{{loop.last}}{% endfor %}",
    "{% for a in 'héy' %}{{a}}.{{loop.index}}{% else %}none{% endfor %}{% for a in u %}x{% else %}none{% endfor %}",
    "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in [1,2,3,4] if i is even %}{{ loop.index }}{{ i }}{{ loop.previtem }}{{ loop.nextitem }}{{ loop.revindex0 }}{% endfor %}",
    "{% for i in [1,1,2] %}{{ loop.cycle('a','b') }}{{ loop.changed(i) }}{% endfor %}",
    "{% for i in 3 %}{% endfor %}",
    "{% for i in none %}{% endfor %}",
    # what is printed
    "{{ [1,'a',none,1.5,true,(1,2)] }}{{ {'a':1} }}{{ 10.0 ** 20 }}{{ 'a' ~ 1 ~ none ~ [1] }}",
    "{{ messages }}{{ messages[0] }}{{ messages[-1]['role'] }}",
    "{{ d }}",
    "{{ 3.0 }}{{ 0.0001 }}{{ 0.00001 }}{{ 1.1 + 2.2 }}{{ 10 / 3 }}{{ 10.0 ** 15 + 0.5 }}{{ 2.0 ** 60 }}",
    "{{ 'a\\nb\\x41\\u00e9' }}{{ \"it's\" }}",
    "{{ ['\\n\\t\\\\', \"it's\", 'a\"b', \"'\\\"\", '\u00a0\u200b\U0001f600\ue000'] }}",
    # what is missing
    "{{ x.y }}",
    "{{ d.x.y }}",
    "{{ x }}{{ d.x }}{{ d['x'] }}{{ none.a }}",
    "{{ none.a.b }}",
    "{{ none + 1 }}",
    "{{ u + 1 }}",
    "{{ u ~ 'a' }}{{ 'a' if false }}|{{ (a if false) is defined }}{{ 1 in u }}{{ u == v }}{{ none == u }}",
    "{{ 'abc'[9] }}{{ [1][5] }}",
    # items and attributes
    "{{ d['items'] }}{{ d.get('q') }}{{ d.get('q', 2) }}{{ d.a }}{{ d['b'][2] }}",
    "{{ 'abc'[1] }}{{ 'a😀c'[1] }}{{ 'abc'[-1] }}{{ 'abc'[::-1] }}{{ 'a😀c'[1:] }}{{ [1,2,3][:2] }}{{ [1,2,3][-2:] }}{{ [1,2,3][::2] }}",
    "{{ [].append(1) }}",
    "{{ {}.update({}) }}",
    "{{ ''.__class__ }}{{ d._y }}",
    # operators
    "{{ 1 == 1.0 }}{{ true == 1 }}{{ 'a' in {'a':1} }}{{ '1' == 1 }}{{ [1] == [1.0] }}{{ (1,2) == [1,2] }}{{ {'a':[]} == {'a':[]} }}",
    "{{ 7 // 2 }}{{ -7 // 2 }}{{ -7 % 3 }}{{ 7 % -3 }}{{ 7 / 2 }}{{ 4 / 2 }}{{ 2 ** 3 }}{{ 2 ** -1 }}{{ -three }}{{ 7.5 // 2 }}",
    "{{ not 1 in [1] }}{{ 'a' not in 'abc' }}{{ 'é' < 'z' }}{{ [1,2] < [1,3] }}{{ '\uffff' < '\U00010000' }}",
    "{{ 'a' + 1 }}",
    "{{ [1] + 'a' }}",
    "{{ 'a' < 1 }}",
    "{{ 1 in 'a' }}",
    "{{ 1 / 0 }}",
    "{{ 'a' * 3 }}{{ [1] * 2 }}{{ '%s-%d-%s' % ('a', 3, none) }}{{ '%.2f' % 3 }}",
    "{{ [1] + [2] }}{{ (1,2) + (2,3) }}{{ 1 or 2 }}{{ 0 or '' }}{{ [] and 1 }}{{ none and 1 }}",
    # filters
    "{{ [3,1,2]|sort }}{{ ['b','A']|sort }}{{ {'b':1,'A':2}|dictsort }}{{ [1,1,2]|unique|list }}{{ [1,2]|map('string')|join(',') }}",
    "{{ 'a b-c (d'|title }}{{ 'ǆx ﬁ'|capitalize }}{{ 'ab cd'.title() }}{{ \"it's ǆ\".title() }}{{ 'straße'|upper }}{{ 'ÀÉ'|lower }}",
    "{{ ' a '|trim }}|{{ none|trim }}|{{ u|trim }}|{{ [' a']|trim }}|{{ none|upper }}|{{ '\x1c\x85a\ufeff'|trim }}|{{ 'xax'|trim('x') }}",
    "{{ none|length }}",
    "{{ 'x'|indent(2) }}{{ 'a\n\nb\r\nc'|indent(2) }}|{{ 'a\nb'|indent('>',true) }}|{{ 'a\n\nb'|indent(2,blank=true) }}",
    "{{ '3'|int }}{{ '3.7'|int }}{{ 'x'|int }}{{ 3.7|int }}{{ '0x1f'|int(0,16) }}{{ true|int }}{{ none|int }}{{ 'q'|int(7) }}{{ '2.5'|float }}{{ 'q'|float }}",
    "{{ [1,2,3]|first }}{{ []|first }}{{ 'abc'|last }}{{ [1,2]|reverse|list }}{{ 'ab'|reverse }}{{ [none]|first }}",
    "{{ 'a'|default('b') }}{{ u|default('b') }}{{ ''|default('b', true) }}{{ none|default('b') }}{{ u|d }}{{ u|default(none) }}",
    "{{ d|tojson }}",
    "{{ d|tojson(indent=2) }}{{ [[], {}, [1, [2]]]|tojson(indent=1) }}",
    "{{ d|tojson(sort_keys=true,separators=(',',':')) }}{{ d|tojson(ensure_ascii=true)}}",
    "{{ {1: 2, 'a': 1.0, 'z': 10.0 ** 20, 'e': '\\x00\\\"\\\\'}|tojson }}",
    "{{ u|tojson }}",
    "{{ messages|selectattr('role','equalto','user')|list }}{{ messages|map(attribute='role')|list }}{{ messages|rejectattr('x')|list }}{{ messages|selectattr('x','defined')|list }}{{ [1,2,3]|select('odd')|list }}{{ [0,1]|reject|list }}",
    "{{ ['a',1]|join('-') }}{{ 'abc'|join(',') }}{{ [{'a':1}]|join(',', attribute='a') }}{{ [[1,2],[3]]|sum(start=[]) }}{{ [1,2]|max }}{{ ['b','A']|min }}{{ 2.5|round }}{{ 2.567|round(1) }}{{ 3|round|int }}{{ [1,2]|sum }}",
    "{{ true|string }}{{ none|string }}{{ '<a>'|e }}{{ 'a'|safe }}{{ [1]|length }}{{ 'a😀'|length }}{{ {'a':1}|length }}{{ {'a':1}|list }}{{ {'a':1}|items|list }}{{ -3|abs }}",
    "{{ 'aXbX'|replace('X','-') }}{{ 'aXbX'|replace('X','-',1) }}{{ 'ab'|replace('','-') }}",
    # methods
    "{{ 'a,b'.split(',') }}{{ ' a  b '.split() }}{{ 'a,b,c'.split(',',1) }}{{ 'a,b,c'.rsplit(',',1) }}{{ ' a b  c '.split(none,1) }}{{ ' a b  c '.rsplit(none,1) }}{{ ' a b '.split(none,1) }}{{ ' a b '.rsplit(none,1) }}{{ ' a b '.split(none,2) }}{{'a\nb\x1cc\r\n'.splitlines()}}",
    "{{ 'xxabcxx'.strip('x') }}{{ 'abc'.find('c') }}{{ 'a😀c'.find('c') }}{{ 'aXbX'.replace('X','-',1) }}{{ 'abc'.startswith(('a','b')) }}{{ 'ab'.join(['1','2']) }}{{'abc'.count('b')}}{{'abc'.removeprefix('a')}}{{'abc'.removesuffix('c')}}",
    "{{ '\n\n a\n'.lstrip('\n') }}|{{ 'a b '.rstrip() }}|{{ 'a-b'.partition('-') }}{{ 'a-b-c'.rpartition('-') }}{{ '12'.isdigit() }}{{ 'a1'.isalnum() }}{{ ' '.isspace() }}{{ 'aB'.islower() }}{{ 'ab'.index('b') }}",
    "{{ 'ab'.index('q') }}",
    "{{ [1,2,3].index(2) }}{{ [1,1].count(1) }}{{ d.keys()|list }}{{ {'a': 1}.values()|list }}{{ 'a'.ljust(3) }}|{{ 'a'.rjust(3) }}",
    # tests
    "{{ u is iterable }}{{ {} is iterable }}{{ 'a' is iterable }}{{ {} is sequence }}{{ 1 is number }}{{ true is number }}{{ true is integer }}{{ 1.0 is float }}{{u is sequence}}{{ none is iterable }}{{ d is mapping }}{{ 'a' is string }}{{ none is none }}{{ true is boolean }}",
    "{{ 'a' is lower }}{{ 'A' is upper }}{{ 5 is odd }}{{ 4 is even }}{{ true is true }}{{ 1 is true }}{{ false is false }}{{ range is callable }}",
    # functions
    "{{ range(3)|list }}{{ range(1,7,2)|list }}{{ range(3,0,-1)|list }}{{ dict(a=1) }}{{ dict({'b': 2}, a=1) }}",
    "{{ range(100001) }}",
    "{{ raise_exception('no') }}",
    "{{ q() }}",
    # white space
    "{%- set x -%}  a  {%- endset -%}{{ x }}|{{ x|length }}",
    "  {% if true %}  \n  a\n  {%- endif %}\n b {# c #}\n  d",
    "a\n{{ 1 }}\nb\n",
    "a\r\n{% if true %}\r\nb\r\n{% endif %}\r\nc\rd",
    "{{ 1 }}\n\n",
    "    {%- generation -%}  a  {%- endgeneration -%}  b",
    "x {% generation %}\n  y\n{% endgeneration %}\n z",
]

with open(Path(sys.argv[1]) / "templates.jsonl", "w", encoding="utf-8") as file:
    for source in SOURCES:
        try:
            text = _compile_jinja_template(source).render(messages=MESSAGES, **VARIABLES)
        except Exception:
            text = None
        line = {"source": source, "messages": MESSAGES, "variables": VARIABLES, "text": text}
        file.write(json.dumps(line, ensure_ascii=False) + "\n")

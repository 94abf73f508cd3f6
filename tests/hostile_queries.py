"""Queries that mean harm: each has to end in a problem document, and in time."""

from typing import Final

CROSS: Final = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o"
COUNT: Final = "SELECT (COUNT(*) AS ?z)"
TENFOLD: Final = " ".join(f"BIND(CONCAT({', '.join([f'?v{n}'] * 10)}) AS ?v{n + 1})" for n in range(10))
REPLACED: Final = " ".join(f'BIND(REPLACE(?v{n}, ".", ?v{n}) AS ?v{n + 1})' for n in range(6))
DIGITS: Final = 'BIND("0123456789" AS ?v0)'
ANY: Final = "(<x:a>|!<x:a>)"

PRODUCTS: Final = {
    "endless": f"{COUNT} {{ {CROSS} }}",
    "sorted": f"SELECT * {{ {CROSS} }} ORDER BY ?a ?d DESC(?g) ?j LIMIT 3",
    "sorted by texts": f"SELECT * {{ {CROSS} }} ORDER BY CONCAT(STR(?a), STR(?f), STR(?i)) LIMIT 1",
    "distinct": f"{COUNT} {{ SELECT DISTINCT ?a ?d ?g ?j {{ {CROSS} }} }}",
    "grouped": f"SELECT ?a ?d (COUNT(*) AS ?z) {{ {CROSS} }} GROUP BY ?a ?d ORDER BY ?z",
    "negation": f"SELECT * {{ {CROSS} FILTER NOT EXISTS {{ ?q ?r ?s . ?t ?u ?v . ?w ?x 0 }} }} ORDER BY ?a",
    "minus": f"{COUNT} {{ {CROSS} MINUS {{ ?a ?q ?r . ?s ?t ?u . ?v ?w ?x }} }}",
    "optional": f"{COUNT} {{ ?a ?b ?c OPTIONAL {{ ?d ?e ?f }} OPTIONAL {{ ?g ?h ?i . ?j ?k ?l }} }}",
    "offset": f"SELECT * {{ {CROSS} }} OFFSET 1000000000000 LIMIT 1",
    "subqueries": f"{COUNT} {{ {{ SELECT ?a {{ {CROSS} }} }} {{ SELECT ?q {{ ?q ?r ?s }} }} }}",
    "values": f"{COUNT} {{ "
    + " ".join(f"VALUES ?v{n} {{ {' '.join(map(str, range(200)))} }}" for n in range(8))
    + " }",
    "exists in a filter": f"ASK {{ ?a ?b ?c FILTER(!EXISTS {{ {CROSS} FILTER(?o = 7) }}) }}",
    "describe": f"DESCRIBE ?a ?d {{ {CROSS} FILTER(?c = ?z) }}",
}

PATHS: Final = {
    "closure": f"{COUNT} {{ ?a (!<x:a>|^!<x:a>)* ?b . ?c !<x:a>+ ?d . ?e !<x:a>* ?f }}",
    "closure of everything": f"{COUNT} {{ ?a {ANY}+ ?b . ?b {ANY}+ ?c . ?c {ANY}* ?d . ?d {ANY}+ ?e }}",
    "nested closures": f"{COUNT} {{ ?a (({ANY}*/^{ANY}*)*)+ ?b . ?c (({ANY}+)*)+ ?d }}",
    "alternatives": f"{COUNT} {{ ?a ({'|'.join([ANY + '*'] * 30)}) ?b . ?b ({ANY}+|^{ANY}+) ?c }}",
    "long path": f"{COUNT} {{ ?a {'/'.join(['(!<x:a>|^!<x:a>)'] * 60)} ?b }}",
}

TEXTS: Final = {
    "growing text": f"SELECT (STRLEN(?v10) AS ?z) {{ {DIGITS} {TENFOLD} }}",
    "growing replacement": f"SELECT (STRLEN(?v6) AS ?z) {{ {DIGITS} {REPLACED} }}",
    "grouped text": f"SELECT (STRLEN(GROUP_CONCAT(CONCAT(STR(?a), STR(?f)))) AS ?z) {{ {CROSS} }}",
    "grouped long text": f"SELECT (GROUP_CONCAT(?v4) AS ?z) {{ ?a ?b ?c . ?d ?e ?f {DIGITS} {TENFOLD} }}",
    "grouped distinct text": f"SELECT (GROUP_CONCAT(DISTINCT CONCAT(STR(?a), STR(?d))) AS ?z) {{ {CROSS} }}",
    "hashes": f"{COUNT} {{ {CROSS} FILTER(CONTAINS(SHA512(CONCAT(STR(?a), STR(?d), STR(?g))), 'zz')) }}",
    "regular expression": f"{COUNT} {{ {CROSS} "
    'FILTER(REGEX(CONCAT(STR(?a), STR(?d), STR(?g)), "((.*[a-z]){20}.*){9}(x+x+)+y$", "i")) }',
    "large automaton": f'{COUNT} {{ {CROSS} FILTER(REGEX(STR(?c), "(((a{{0,90}}){{0,90}}){{0,90}})b")) }}',
    "many expressions": f"{COUNT} {{ {CROSS} FILTER(REGEX(STR(?a), CONCAT(STR(?d), STR(?g)))) }}",
    "size": f"SELECT * {{ {CROSS} }}",
    "size of a graph": f"CONSTRUCT {{ ?a <x:y> ?f }} {{ {CROSS} }}",
    "size of one value": f"SELECT ?v6 {{ {DIGITS} {TENFOLD} }}",
}

FORMS: Final = {
    "nested": "SELECT * {" + "{" * 50_000 + "}" * 50_000 + "}",
    "nested optionals": "SELECT * " + "{ ?a ?b ?c OPTIONAL " * 10_000 + "{}" + "}" * 10_000,
    "nested unions": "SELECT * {" + "{ ?a ?b ?c } UNION {" * 10_000 + "}" * 10_000 + "}",
    "many unions": f"{COUNT} {{ " + " UNION ".join(["{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"] * 2_000) + " }",
    "nested brackets": "SELECT * { ?a ?b " + "[ ?c " * 20_000 + "1" + "]" * 20_000 + " }",
    "nested expression": "SELECT (" + "(" * 40_000 + "1" + ")" * 40_000 + " AS ?z) {}",
    "nested negation": "ASK { FILTER(" + "!" * 100_000 + "true) }",
    "nested path": f"SELECT * {{ ?a {'(' * 40_000}<x:a>{')*' * 40_000} ?b }}",
    "nested subqueries": "SELECT * { " + "{ SELECT * { " * 5_000 + "} }" * 5_000 + " }",
    "long list": "SELECT * { ?a ?b (" + "1 " * 200_000 + ") }",
    "huge values": f"{COUNT} {{ VALUES ?v {{ {'1 ' * 400_000} }} {CROSS} }}",
    "readings": "SELECT * {" + "p." * 49_990 + "}",
    "escapes": "SELECT * { ?a ?b '" + "\\u0041" * 150_000 + "' ",
    "prefixes": "".join(f"PREFIX p{n}: <x:{n}> " for n in range(30_000)) + "ASK { p0:a ?b }",
    "ten megabytes": "ASK {} #" + "x" * 10_000_000,
    "empty": "",
    "blank": " \n",
    "no query": "SELEKT * { ?s ?p ?o }",
    "no text": "ASK { ?s ?p '\ud800' }".encode("utf-8", "surrogatepass"),
    "unknown function": f"SELECT (<x:f>(?a) AS ?z) {{ {CROSS} }}",
}

HOSTS: Final = {
    "by name": "http://localhost:8000/",
    "by name and port": "https://LOCALHOST.:443/x",
    "by number": "http://127.0.0.1/",
    "short": "http://127.1/",
    "decimal": "http://2130706433/",
    "hexadecimal": "http://0x7f000001/",
    "octal": "http://0177.0.0.1/",
    "IPv6": "http://[::1]/",
    "mapped": "http://[::ffff:127.0.0.1]/",
    "link-local": "http://169.254.169.254/latest/meta-data/",
    "link-local IPv6": "http://[fe80::1]/",
    "any": "http://0.0.0.0/",
    "with a user": "http://example.org@127.0.0.1/",
    "file": "file:///etc/passwd",
}

SPELLINGS: Final = {
    "plain": "SELECT * {{ SERVICE <{0}> {{ ?s ?p ?o }} }}",
    "small, with a comment": "SELECT * {{ service # <x:a>\n<{0}> {{ ?s ?p ?o }} }}",
    "silent": "SELECT * {{ SERVICE SILENT <{0}> {{ ?s ?p ?o }} }}",
    "by a variable": "SELECT * {{ VALUES ?h {{ <{0}> }} SERVICE ?h {{ ?s ?p ?o }} }}",
    "escaped": "SELECT * {{ \\u0053ERVI\\U00000043E <{0}> {{ ?s ?p ?o }} }}",
    "without spaces": "SELECT * {{ FILTER(true)SERVICE<{0}>{{?s ?p ?o}} }}",
    "load": "LOAD <{0}>",
    "escaped load": "L\\u004FAD SILENT <{0}> INTO GRAPH <x:g>",
}

NETWORK: Final = {
    f"{how}, {where}": text.format(address)
    for (where, address), (how, text) in zip(
        HOSTS.items(), [*SPELLINGS.items(), *SPELLINGS.items()], strict=False
    )
} | {
    "update": "DELETE WHERE { ?s ?p ?o }",
    "insert": "INSERT DATA { <x:a> <x:b> <x:c> }",
    "drop": "ASK {} ; DROP ALL",
}

HOSTILE: Final[dict[str, str | bytes]] = {**PRODUCTS, **PATHS, **TEXTS, **FORMS, **NETWORK}

"""What changes of functions, triggers, types and what extends the server mean, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftbook.rules.meanings.shape import Texts

RESULTS = "Expressions that use it give other results, or fail."
INDEXES = "Queries and indexes that use it are planned in another way, or fail."
STORED = "Values are read, written or compared by other code: stored ones may be misread."
OTHER_CODE = "Other code runs behind it."
ABSENT = {
    "function": ("Whatever calls it fails: code, triggers, policies, defaults.", ""),
    "trigger": (
        "What the trigger keeps true is no longer kept.",
        "Writes do more than the files say, or fail.",
    ),
    "event_trigger": (
        "Statements on the schema are not watched or stopped as the files say.",
        "Statements on the schema, those of migrations too, do more than the files say.",
    ),
    "rule": (
        "Statements on the table are no longer rewritten.",
        "Statements on the table are rewritten into others.",
    ),
    "cast": (
        "Expressions that convert between the two types fail or need another cast.",
        "Values are converted where the files would refuse.",
    ),
    "operator": ("Expressions that use this operator fail.", RESULTS),
    "language": ("Its functions cannot be made or run.", "Functions can be written in it."),
    "transform": (
        "Its language hands values of the type to functions in another form.",
        "Its language hands values of the type to functions in another form.",
    ),
    "access_method": ("Tables or indexes of this kind cannot be made.", ""),
    "operator_family": (INDEXES, INDEXES),
    "operator_class": (
        "Indexes that name it cannot be made, and queries lose theirs.",
        INDEXES,
    ),
    "conversion": (
        "Text between the two encodings is not converted.",
        "Text between the two encodings is converted by other code.",
    ),
    "enum": ("Columns and functions of this type cannot be made.", ""),
    "domain": ("Columns and functions of this type cannot be made.", ""),
    "composite_type": ("Columns and functions of this type cannot be made.", ""),
    "range_type": ("Columns and functions of this type cannot be made.", ""),
    "base_type": ("Columns and functions of this type cannot be made.", ""),
    "collation": ("What names this collation fails.", ""),
    "text_search_configuration": ("Searches that name this configuration fail.", ""),
    "text_search_dictionary": ("Words are not normalised by it: searches find other rows.", ""),
    "text_search_parser": ("Configurations that use this parser cannot be made.", ""),
    "text_search_template": ("Dictionaries of this template cannot be made.", ""),
}
FUNCTION_TEXTS: Texts = {
    ("function", "kind"): "It has to be called in another way: CALL, SELECT, OVER.",
    ("function", "arguments"): "Calls with names or defaults of arguments fail or change.",
    ("function", "result"): "Callers get another type, or other columns.",
    ("function", "language"): "Its body is run by another language.",
    ("function", "body"): "Callers run other code than was tested.",
    ("function", "volatility"): {
        "immutable": "The planner may run it once and keep the result, in indexes too: wrong when "
        "it reads anything.",
        "stable": "The planner may run it once per statement, and may use an index for it.",
        "": "It runs for every row, and indexes on its result cannot be used or made.",
    },
    ("function", "strict"): {
        "true": "With a NULL argument it returns NULL without running.",
        "": "It runs with NULL arguments, which the files keep from it.",
    },
    ("function", "parallel"): "Queries that call it are run in parallel, or are no more.",
    ("function", "security_definer"): {
        "true": "It runs with the rights of its owner, whoever calls it.",
        "": "It runs with the rights of its caller: what only its owner may do fails.",
    },
    ("function", "leakproof"): {
        "true": "The planner may run it before policies are checked: it sees rows that they hide.",
        "": "Policies are checked before it: queries that filter by it may lose their index.",
    },
    ("function", "config"): "It runs with other settings, perhaps with its caller's search_path.",
    ("function", "cost"): "The planner takes it for cheaper, or dearer, than was tested.",
    ("function", "rows"): "The planner counts on another number of rows from it.",
    ("function", "support"): "The planner simplifies its calls in another way.",
    ("function", "transforms"): "It gets values of some types in another form.",
}
TRIGGER_TEXTS: Texts = {
    ("trigger", "definition"): "It runs at other times or for other rows, or runs other code.",
    ("trigger", "enabled"): {
        "disabled": "It does not run: what it keeps true is no longer kept.",
        "replica": "It runs only for replicated changes, and not for those of the application.",
        "always": "It runs for replicated changes too: they may be counted twice.",
        "": "It runs for changes of the application, which the files keep it from.",
    },
    ("event_trigger", "event"): "It runs at another moment.",
    ("event_trigger", "tags"): "It runs for other statements.",
    ("event_trigger", "function"): "It runs other code.",
    ("event_trigger", "enabled"): {
        "disabled": "It does not run: statements on the schema are not watched or stopped.",
        "": "It runs in other sessions than the files say.",
    },
    ("rule", "definition"): "Statements on the table are rewritten into others.",
    ("rule", "enabled"): {
        "disabled": "Statements on the table are no longer rewritten.",
        "": "Statements are rewritten in other sessions than the files say.",
    },
}
CODE_TEXTS: Texts = {
    ("cast", "function"): "Values are converted by other code.",
    ("cast", "context"): "Values are converted without being asked for, or no longer are.",
    ("cast", "method"): "Values are converted in another way.",
    ("operator", "function"): RESULTS,
    ("operator", "result"): RESULTS,
    ("operator", "commutator"): INDEXES,
    ("operator", "negator"): INDEXES,
    ("operator", "restrict"): "The planner guesses other numbers of rows.",
    ("operator", "join"): "The planner guesses other numbers of rows.",
    ("operator", "hashes"): "Hash joins on it are possible on one side only.",
    ("operator", "merges"): "Merge joins on it are possible on one side only.",
    ("language", "trusted"): {
        "true": "Whoever may create functions may write in it: its code must be harmless.",
        "": "Only superusers may write functions in it.",
    },
    ("language", "handler"): "Its functions are run by other code.",
    ("language", "inline"): "DO blocks in it are run by other code, or fail.",
    ("language", "validator"): "Functions in it are checked by other code when they are made.",
    ("transform", "from_sql"): "Functions get values of the type in another form.",
    ("transform", "to_sql"): "Functions return values of the type in another form.",
    ("access_method", "type"): "Tables or indexes of this kind are not what the files say.",
    ("access_method", "handler"): "Its tables or indexes are read and written by other code.",
    ("operator_family", "operators"): INDEXES,
    ("operator_family", "functions"): INDEXES,
    ("operator_class", "input"): INDEXES,
    ("operator_class", "default"): "Indexes that name no class are made with another one.",
    ("operator_class", "family"): INDEXES,
    ("operator_class", "storage"): "Its indexes keep values of another type.",
    ("operator_class", "operators"): INDEXES,
    ("operator_class", "functions"): INDEXES,
    ("conversion", "source"): "Text of another encoding is converted by it.",
    ("conversion", "target"): "Text is converted by it to another encoding.",
    ("conversion", "function"): "Text is converted by other code.",
    ("conversion", "default"): "Clients of the encoding are served by another conversion.",
}
TYPE_TEXTS: Texts = {
    ("domain", "base_type"): "Its values are stored, rounded and compared in another way.",
    ("domain", "default"): "Columns of it that are left out get another value.",
    ("domain", "not_null"): {
        "false": "NULL can be written to columns of it.",
        "": "NULL in columns of it is refused.",
    },
    ("domain", "not_null_name"): "Migrations that name its NOT NULL constraint do not find it.",
    ("domain", "collation"): "Its values sort and compare by another rule.",
    ("composite_type", "attributes"): "Code that names its attributes, or their order, fails.",
    ("range_type", "subtype"): "Its bounds are of another type.",
    (
        "range_type",
        "collation",
    ): "Its bounds sort by another rule: ranges overlap otherwise.",
    ("range_type", "operator_class"): "Its bounds sort by another rule.",
    ("range_type", "canonical"): "Equal ranges are written, and compared, in another form.",
    ("range_type", "subtype_diff"): "Indexes on it get better, or worse.",
    ("range_type", "multirange"): "Code that names its multirange type does not find it.",
    **{
        ("base_type", name): STORED
        for name in "input output receive send modifiers layout element defined".split()
    },
    ("base_type", "analyze"): "The planner samples its columns by other code.",
    ("base_type", "subscript"): "Subscripts of its values give other results, or fail.",
    ("base_type", "category"): "Operators and functions with several fits choose another one.",
    ("base_type", "default"): "Columns of it that are left out get another value.",
    ("base_type", "collation"): "Its values sort and compare by another rule.",
    **{
        ("collation", name): "Text sorts and compares by another rule: indexes made under the "
        "other one miss rows."
        for name in "provider locale lc_collate lc_ctype rules".split()
    },
    ("collation", "deterministic"): "Texts that differ in bytes are equal on one side only.",
    ("text_search_configuration", "parser"): "Text is cut into other words: searches find others.",
    ("text_search_configuration", "mappings"): "Words are normalised in another way: stored "
    "search vectors and new queries do not fit each other.",
    ("text_search_dictionary", "template"): "Words are normalised by other code.",
    ("text_search_dictionary", "options"): "Words are normalised in another way.",
    **{
        ("text_search_parser", name): "Text is cut into words by other code."
        for name in "start token end types".split()
    },
    ("text_search_parser", "headline"): "Headlines of results are made by other code.",
    ("text_search_template", "init"): OTHER_CODE,
    ("text_search_template", "lexize"): "Words are normalised by other code.",
}
TEXTS: Texts = FUNCTION_TEXTS | TRIGGER_TEXTS | CODE_TEXTS | TYPE_TEXTS

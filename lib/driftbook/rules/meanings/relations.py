"""What changes of tables, views, sequences and their parts mean, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftbook.rules.meanings.shape import Texts

PLANS = "Queries may be planned in another way than was tested."
INHERITED = "A change of the parent's reaches it on one side only."
DISK = "Its files lie on another disk: space and speed are not what was tested."
NUMBERS = "New numbers are other ones: they may run out, or meet ones that are in use."
ABSENT = {
    "schema": (
        "Every statement that names something in this schema fails.",
        "Objects can be made in it that the files do not know.",
    ),
    "extension": (
        "What uses its functions, types and operators fails.",
        "Code can come to need it, and environments built from the files lack it.",
    ),
    "extension_dependency": (
        "The object stays when its extension is dropped.",
        "The object is dropped with the extension, without a word.",
    ),
    "table": ("Statements that name this table fail, and so do migrations that alter it.", ""),
    "column": (
        "Statements that name this column fail.",
        "INSERT without a column list and SELECT * give other columns than the files say.",
    ),
    "constraint": (
        "Rows that the files forbid can be written.",
        "Rows that the files allow are refused.",
    ),
    "index": (
        "Queries that it serves scan the whole table, and get slower as it grows.",
        "Every write pays for an index that the files do not have.",
    ),
    "view": ("Queries that read this view fail.", ""),
    "materialized_view": ("Queries that read this materialized view fail.", ""),
    "sequence": ("What draws numbers from it fails, defaults of columns as well.", ""),
    "statistics": (
        "The planner does not know that these columns depend on each other: plans get worse.",
        PLANS,
    ),
}
SCHEMA_TEXTS: Texts = {
    ("extension", "schema"): "Names that were qualified with its other schema are not found.",
    ("extension", "version"): "Functions of the extension may differ in detail.",
    ("extension", "relocatable"): "It can be moved to another schema on one side only.",
}
TABLE_TEXTS: Texts = {
    ("table", "kind"): "Its rows are kept in another way: in one table, in parts, or elsewhere.",
    ("table", "persistence"): {
        "unlogged": "An unlogged table is empty after a crash and on every replica.",
        "": "It survives a crash, which the files do without, and writes cost more.",
    },
    ("table", "rls_enabled"): {
        "false": "Its policies decide nothing: every role with a grant reaches every row.",
        "": "Only rows that a policy lets through are reached; without one nobody but the owner "
        "sees any.",
    },
    ("table", "rls_forced"): {
        "false": "Its owner, and all code that runs as it, passes row level security.",
        "": "Its owner, and all code that runs as it, reaches only what policies let through.",
    },
    ("table", "replica_identity"): {
        "nothing": "UPDATE and DELETE fail as soon as the table is published.",
        "full": "Each UPDATE and DELETE logs the whole old row: replication gets slower.",
        "": "Subscribers look for the changed row by other columns than was tested.",
    },
    ("table", "partition_key"): "Rows are spread over its partitions by another rule.",
    ("table", "partition_bound"): "Rows go to other partitions than the files say, or to none.",
    ("table", "parents"): {
        None: "It is no longer part of another table: queries there miss its rows.",
        "": "Queries of its parent return its rows too, or those of another parent do.",
    },
    ("table", "access_method"): "Rows are stored by other code: size, speed and features differ.",
    ("table", "tablespace"): DISK,
    ("table", "options"): "Autovacuum, fill factor or parallel scans do not work as was tested.",
    ("table", "of_type"): "It follows the definition of its type on one side only.",
    ("table", "foreign_server"): "Its rows come from another server.",
    ("table", "foreign_options"): "Its rows come from another remote table, or in another way.",
    ("table", "column_order"): "INSERT without a column list and SELECT * give other columns.",
}
COLUMN_TEXTS: Texts = {
    ("column", "collation"): "Values sort and compare by another rule: ORDER BY, unique indexes "
    "and ranges give other results.",
    ("column", "not_null"): {
        "false": "NULL can be written where code counts on a value.",
        "": "INSERTs and UPDATEs that leave it NULL fail.",
    },
    ("column", "not_null_state"): {
        None: "Every row was checked for NULL and children inherit the rule, which the files "
        "do not say.",
        "": "Rows from before may hold NULL, or children do not inherit NOT NULL.",
    },
    ("column", "not_null_name"): "Migrations that name the NOT NULL constraint do not find it.",
    ("column", "identity"): {
        None: "It gets no number by itself: INSERTs without a value fail.",
        "always": "INSERTs that bring a value fail unless they say OVERRIDING SYSTEM VALUE.",
        "": "INSERTs may bring numbers that the sequence gives out again later.",
    },
    ("column", "identity_options"): NUMBERS,
    ("column", "identity_sequence"): "Code that names its sequence does not find it.",
    ("column", "generated"): {
        None: "It is not computed any more: it keeps what is written, and NULL where nothing is.",
        "virtual": "It is computed at each read and not stored: reads cost more, and an index on "
        "it is not possible.",
        "": "It is computed: statements that write it fail.",
    },
    ("column", "generation"): "It holds the result of another expression.",
    ("column", "inherited"): INHERITED,
    ("column", "local"): "Dropping the parent's column drops it on one side only.",
    ("column", "storage"): "Long values are kept in another way; results are the same.",
    ("column", "compression"): "New long values are compressed in another way.",
    ("column", "statistics"): "The planner samples it more, or less: plans may differ.",
    ("column", "options"): "The planner counts on another number of distinct values.",
    ("column", "foreign_options"): "It is read from another remote column, or in another way.",
}
CHECKS_NOTHING = "Triggers of the foreign key are switched off: it checks nothing, or less."
CONSTRAINT_TEXTS: Texts = {
    ("constraint", "type"): "Another rule has its name: rows pass on one side and are refused on "
    "the other.",
    ("constraint", "definition"): "Rows pass on one side and are refused on the other.",
    ("constraint", "triggers"): {
        None: "The foreign key checks, which it does not by the files.",
        "": CHECKS_NOTHING,
    },
    ("constraint", "inherited"): INHERITED,
    ("constraint", "local"): "Dropping the parent's constraint drops it on one side only.",
    ("constraint", "of"): "It is on a domain on one side and on a table on the other.",
    ("constraint", "validated"): {
        "false": "Rows from before were never checked and may break it.",
        "": "Every row was checked, which the files do not say.",
    },
}
INDEX_TEXTS: Texts = {
    ("index", "table"): "It serves queries of another table.",
    ("index", "definition"): "It serves other queries: those of the files may scan the table.",
    ("index", "primary"): "Foreign keys, replication and tools count on another primary key.",
    ("index", "valid"): {
        "false": "No query uses it and every write pays for it: a concurrent build failed.",
        "": "Queries use it, which they do not by the files.",
    },
    ("index", "clustered"): "CLUSTER puts the rows in another order.",
    ("index", "replica_identity"): "Subscribers look for the changed row by other columns.",
    ("index", "parent_index"): "It is no part of the same index of the partitioned table.",
    ("index", "statistics"): "The planner samples its expressions more, or less.",
    ("index", "tablespace"): DISK,
    ("index", "unique"): {
        "false": "Duplicates can be written, and ON CONFLICT on its columns fails.",
        "": "Duplicates that the files allow are refused.",
    },
}
VIEW_TEXTS: Texts = {
    ("view", "definition"): "Readers of the view get other rows or values than the files say.",
    ("view", "columns"): "Statements that name its columns, or their order, fail or change.",
    ("materialized_view", "definition"): "Readers get other rows or values than the files say.",
    ("materialized_view", "options"): "Autovacuum or fill factor do not work as was tested.",
    ("materialized_view", "columns"): "Statements that name its columns fail or change.",
    ("materialized_view", "populated"): {
        "false": "Every query of it fails until it is refreshed.",
        "": "Queries of it work, which they do not by the files.",
    },
    ("materialized_view", "access_method"): "Rows are stored by other code.",
    ("materialized_view", "tablespace"): DISK,
}
SEQUENCE_TEXTS: Texts = {
    ("sequence", "type"): "Numbers run out earlier, or outgrow the column that holds them.",
    ("sequence", "start"): "After RESTART it begins with another number.",
    ("sequence", "increment"): NUMBERS,
    ("sequence", "min"): NUMBERS,
    ("sequence", "max"): "Drawing a number fails at another one.",
    ("sequence", "cache"): "Sessions take more numbers at once, or fewer: gaps and speed differ.",
    ("sequence", "cycle"): {
        "true": "After the last number it begins again: keys are given out twice.",
        "": "After the last number nextval fails.",
    },
    ("sequence", "owned_by"): "Dropping its column drops it, or leaves it, unlike in the files.",
    ("sequence", "persistence"): {
        "unlogged": "It begins again after a crash: keys are given out twice.",
        "": "It survives a crash, which the files do without.",
    },
    ("statistics", "definition"): "The planner knows of other columns that depend on each other.",
    ("statistics", "target"): "The planner samples its columns more, or less: plans may differ.",
}
TEXTS: Texts = (
    SCHEMA_TEXTS
    | TABLE_TEXTS
    | COLUMN_TEXTS
    | CONSTRAINT_TEXTS
    | INDEX_TEXTS
    | VIEW_TEXTS
    | SEQUENCE_TEXTS
)

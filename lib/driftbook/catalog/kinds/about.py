"""What is said of objects: who owns them, who may do what, policies and comments."""

from __future__ import annotations

from driftbook.catalog.properties import (
    BEHAVIOUR,
    COSMETIC,
    ON_TABLE,
    SECURITY,
    Kind,
    flag,
    text,
)

ABOUT = (
    Kind(
        "policy",
        ON_TABLE,
        (
            *text(SECURITY, "command roles"),
            *flag(SECURITY, "permissive"),
            *text(SECURITY, "using with_check"),
        ),
        parent="table",
        cls=SECURITY,
    ),
    Kind(
        "privilege",
        ("object_kind", "schema", "name", "column", "grantee", "privilege"),
        (
            *flag(SECURITY, "grantable"),
            *text(SECURITY, "grantor", compared=False),
            *flag(SECURITY, "is_owner", compared=False),
        ),
        cls=SECURITY,
        packed=("privilege", "grantable", "grantor"),
    ),
    Kind(
        "initial_privilege",
        ("object_kind", "schema", "name", "column", "grantee", "privilege"),
        (
            *flag(SECURITY, "granted grantable"),
            *text(SECURITY, "extension", compared=False),
        ),
        cls=SECURITY,
    ),
    Kind(
        "default_privilege",
        ("role", "schema", "object_kind", "grantee", "privilege"),
        flag(SECURITY, "granted grantable"),
        parent="schema",
        cls=SECURITY,
    ),
    Kind("owner", ("object_kind", "schema", "name"), text(SECURITY, "role"), cls=SECURITY),
    Kind(
        "comment",
        ("object_kind", "schema", "name", "sub"),
        text(COSMETIC, "text"),
        cls=COSMETIC,
    ),
    Kind(
        "extension_dependency",
        ("object_kind", "schema", "name", "sub", "extension"),
        (),
        cls=BEHAVIOUR,
    ),
    Kind(
        "security_label",
        ("object_kind", "schema", "name", "sub", "provider"),
        text(SECURITY, "label"),
        cls=SECURITY,
    ),
)

"""What happened to the demo's production, as data: an audit has to find every line of it.

The nine lost rows belong to files whose objects are there. Expected is what the recorded files
make, so an audit shows those objects as ``only_live`` (functions, a trigger, a view, indexes,
comments; never a table) until the rows are written again. No recorded file needs a lost one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from driftbook.model import ChangeKind, ObjectRef

HERE = Path(__file__).parent
MIGRATIONS = HERE / "migrations"
SQL = HERE / "wounds"

# Files with a lower version were applied on the old host.
MOVED = "20260111000000"
EDITED = "20250121143000"  # another text was applied: wounds/edited
APPLIED_BY_HAND = "20260120100000"
# One lies below the newest applied version, one above it.
NEVER_APPLIED = ("20260115113000", "20260210090000")
LOST_ROWS = (
    "20250610101500",  # assign_invoice_numbers: a function and a trigger
    "20250701090000",  # create_open_invoices_view
    "20250805090000",  # add_dashboard_functions: two functions
    "20250819143000",  # add_report_indexes: three indexes
    "20251014110000",  # seed_plans: rows only, so nothing in the catalogs tells of it
    "20251028093000",  # add_overdue_function
    "20251111100000",  # add_task_search_index
    "20251216093000",  # comment_billing_tables: comments only
    "20260106101500",  # add_unread_count_function
)
# What the lost files made, and an audit therefore shows as only live.
LOST_EFFECTS = (
    ObjectRef("comment", ("column", "public", "invoices", "due_on")),
    ObjectRef("comment", ("column", "public", "payments", "provider_reference")),
    ObjectRef("comment", ("table", "public", "payments", "")),
    ObjectRef("comment", ("table", "public", "subscriptions", "")),
    ObjectRef("function", ("app_private", "assign_invoice_number()")),
    ObjectRef("function", ("app_private", "overdue_invoices(date)")),
    ObjectRef("function", ("public", "hours_by_project(date, date)")),
    ObjectRef("function", ("public", "open_tasks_by_member()")),
    ObjectRef("function", ("public", "unread_notifications()")),
    ObjectRef("index", ("public", "expenses_project_id_idx")),
    ObjectRef("index", ("public", "invoices_tenant_id_issued_on_idx")),
    ObjectRef("index", ("public", "orders_tenant_id_placed_at_idx")),
    ObjectRef("index", ("public", "tasks_search_idx")),
    ObjectRef("trigger", ("public", "invoices", "invoices_assign_number")),
    ObjectRef("view", ("public", "open_invoices")),
)
UNTRACKED_FILE = SQL / "untracked_tables.sql"
CREATE_TABLE = re.compile(r"^\s*create table (public)\.(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wound:
    """One change of the schema that no migration makes.

    Attributes:
        name: Short name; with ``.sql`` the file in ``wounds/`` that did it, if one did.
        what: What happened, for people.
        object: What an audit has to name.
        change: How it differs.
        property: What differs of an altered object.
    """

    name: str
    what: str
    object: ObjectRef
    change: ChangeKind
    property: str = ""


WOUNDS = (
    Wound(
        "type_changed",
        "prices became floating point numbers",
        ObjectRef("column", ("public", "products", "unit_price")),
        ChangeKind.ALTERED,
        "type",
    ),
    Wound(
        "index_dropped",
        "the index on the invoice of a payment was dropped",
        ObjectRef("index", ("public", "payments_invoice_id_idx")),
        ChangeKind.ONLY_EXPECTED,
    ),
    Wound(
        "policy_loosened",
        "every tenant sees the projects of all others",
        ObjectRef("policy", ("public", "projects", "projects_tenant")),
        ChangeKind.ALTERED,
        "using",
    ),
    Wound(
        "rls_disabled",
        "customers are open to everybody who has the public key of the API",
        ObjectRef("table", ("public", "customers")),
        ChangeKind.ALTERED,
        "rls_enabled",
    ),
    Wound(
        "granted_to_anon",
        "visitors may read invoices, as far as the policies let them",
        ObjectRef("privilege", ("table", "public", "invoices", "", "anon", "SELECT")),
        ChangeKind.ONLY_LIVE,
    ),
    Wound(
        "function_replaced",
        "approving an invoice no longer asks whose invoice it is",
        ObjectRef("function", ("public", "approve_invoice(uuid)")),
        ChangeKind.ALTERED,
        "body",
    ),
    Wound(
        "edited_default",
        "a file got a default after it had been applied",
        ObjectRef("column", ("public", "orders", "currency")),
        ChangeKind.ALTERED,
        "default",
    ),
    Wound(
        "edited_check",
        "a file got a check after it had been applied",
        ObjectRef("constraint", ("public", "orders", "orders_total_check")),
        ChangeKind.ONLY_EXPECTED,
    ),
)


@cache
def find_untracked_tables() -> tuple[ObjectRef, ...]:
    """Return the tables that were made through ``exec_sql`` and by no file, in their order."""
    text = UNTRACKED_FILE.read_text(encoding="utf-8")
    return tuple(ObjectRef("table", (match[1], match[2])) for match in CREATE_TABLE.finditer(text))

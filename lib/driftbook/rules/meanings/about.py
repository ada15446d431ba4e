"""What changes of policies, privileges, roles, replication and rows of the platform mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from driftbook.rules.meanings.shape import Texts

REMOTE = "Statements on it are sent elsewhere, or in another way."
COUNTED = "Other changes are sent to subscribers than the files say."
ABSENT = {
    "policy": (
        "Its roles no longer reach the rows that this policy gives.",
        "Its roles reach rows that the files do not give.",
    ),
    "privilege": (
        "Its holder gets “permission denied” where the files allow it.",
        "Its holder may do more than the files allow.",
    ),
    "initial_privilege": (
        "A privilege on an object of an extension or of the server is as that one made it.",
        "Somebody got or lost a privilege on an object of an extension or of the server.",
    ),
    "default_privilege": (
        "Objects made from now on lack privileges that the files give.",
        "Objects made from now on are open to more than the files say.",
    ),
    "owner": ("Nobody is said to own it.", "Somebody owns what the files do not have."),
    "comment": ("Nobody is told what the files say about this object.", "The files do not say it."),
    "security_label": (
        "Its provider judges the object without the label.",
        "Its provider judges the object by a label that the files do not have.",
    ),
    "publication": ("Its subscribers get nothing.", "Changes are sent that the files keep."),
    "subscription": ("Changes of the publisher do not arrive.", "Changes arrive that others made."),
    "foreign_data_wrapper": ("Its servers cannot be made or asked.", ""),
    "foreign_server": ("Foreign tables on this server cannot be made or read.", ""),
    "user_mapping": (
        "The role cannot reach the foreign server, or is another one there.",
        "The role reaches the foreign server, which the files do not let it.",
    ),
    "role": (
        "Nobody can log in or act as this role, and grants to it fail.",
        "There is a role that the files do not make: whoever has it has its rights.",
    ),
    "membership": (
        "The member has lost the rights of the role.",
        "The member has the rights of the role, which the files do not give it.",
    ),
    "database": ("There is no such database.", "The files do not know of this database."),
    "database_setting": (
        "Sessions run with the server's value instead of that of the files.",
        "Sessions run with a value that the files do not set.",
    ),
    "storage_bucket": (
        "Uploads to this bucket fail.",
        "It keeps what people upload, and the files do not have it.",
    ),
    "cron_job": ("The job does not run.", "A job runs that the files do not have."),
    "vault_secret_name": ("Code that reads this secret gets nothing.", "The files do not name it."),
}
ACCESS_TEXTS: Texts = {
    ("policy", "command"): "It decides for other commands.",
    ("policy", "roles"): "It decides for other roles.",
    ("policy", "permissive"): {
        "true": "It lets rows through by itself, where it only kept some back.",
        "": "It only keeps rows back, where it let them through.",
    },
    ("policy", "using"): "Its roles see, change and delete other rows than the files say.",
    ("policy", "with_check"): "Its roles may write other rows than the files say.",
    ("privilege", "grantable"): {
        "true": "Its holder may give it to anybody.",
        "": "Its holder can no longer pass it on.",
    },
    ("initial_privilege", "granted"): {
        "true": "Its holder may do more than the extension or the server lets.",
        "": "Its holder has lost what the extension or the server gives.",
    },
    ("initial_privilege", "grantable"): {
        "true": "Its holder may give it to anybody.",
        "": "Its holder can no longer pass it on.",
    },
    ("default_privilege", "granted"): "Objects made from now on get other privileges.",
    ("default_privilege", "grantable"): "Holders on new objects may pass the privilege on, or not.",
    ("comment", "text"): "Readers are told something else than the files say.",
    ("security_label", "label"): "Its provider judges the object by another label.",
}
REPLICATION_TEXTS: Texts = {
    ("publication", "all_tables"): {
        "true": "Every table, new ones too, is sent to subscribers.",
        "": "New tables are not sent to subscribers.",
    },
    ("publication", "via_root"): "Changes of partitions arrive under another name.",
    ("publication", "tables"): "Changes of other tables, rows or columns are sent to subscribers.",
    ("publication", "schemas"): "Changes of other tables are sent to subscribers.",
    ("publication", "generated_columns"): "Computed columns are sent to subscribers, or not.",
    ("subscription", "enabled"): {
        "false": "Changes do not arrive, and the publisher keeps its log for them.",
        "": "Changes of the publisher arrive, which the files do not let.",
    },
    ("subscription", "publications"): "Other changes arrive.",
    ("subscription", "slot"): "It reads from another place of the publisher: changes may be lost.",
    ("subscription", "synchronous_commit"): "A crash may lose changes, or commits wait longer.",
    ("subscription", "binary"): "Values are sent in another form: fails where types differ.",
    ("subscription", "streaming"): "Long transactions are sent before they end, or after.",
    ("subscription", "two_phase"): "Prepared transactions arrive earlier, or later.",
    ("subscription", "disable_on_error"): "A conflict stops it, or is tried again for ever.",
    ("subscription", "origin"): "Changes that came from elsewhere arrive too: they may go round.",
    ("subscription", "run_as_owner"): "Changes are written with the rights of another role.",
    ("subscription", "password_required"): "Its owner may connect without a password, or not.",
    ("subscription", "failover"): "After a failover it goes on, or has to be made again.",
    **{
        (kind, name): REMOTE
        for kind, names in (
            ("foreign_data_wrapper", "handler validator options"),
            ("foreign_server", "wrapper type version options"),
        )
        for name in names.split()
    },
}
CLUSTER_TEXTS: Texts = {
    ("role", "superuser"): {
        "true": "It may do everything, and no policy or privilege holds for it.",
        "": "It may no longer do what only superusers do.",
    },
    ("role", "bypass_rls"): {
        "true": "It reaches every row of every table that it has a grant on.",
        "": "Policies hold for it: it sees fewer rows, perhaps none.",
    },
    ("role", "inherit"): {
        "true": "It has the rights of its roles without asking.",
        "": "It has the rights of its roles only after SET ROLE.",
    },
    ("role", "create_role"): "It may make and change other roles, or not.",
    ("role", "create_db"): "It may make databases, or not.",
    ("role", "login"): {
        "true": "Somebody can log in as it.",
        "": "Nobody can log in as it.",
    },
    ("role", "replication"): {
        "true": "It may copy the whole cluster.",
        "": "Replication and backups as this role fail.",
    },
    ("role", "connection_limit"): "Sessions are refused at another number.",
    ("role", "valid_until"): "Its password ends at another time.",
    ("role", "comment"): "Readers are told something else than the files say.",
    ("membership", "admin"): {
        "true": "The member may make others members.",
        "": "The member may not make others members.",
    },
    ("membership", "inherit"): {
        "true": "The member has the rights of the role without asking.",
        "": "The member has the rights of the role only after SET ROLE.",
    },
    ("membership", "set"): {
        "true": "The member may act as the role.",
        "": "The member may not act as the role.",
    },
    ("database", "connection_limit"): "Sessions are refused at another number.",
    ("database", "allow_connections"): {
        "false": "Nobody can connect.",
        "": "People can connect, which the files do not let.",
    },
    ("database", "is_template"): "Whoever may make databases may copy it, or not.",
    **{
        ("database", name): "Text sorts, compares or is stored by another rule."
        for name in "encoding locale_provider lc_collate lc_ctype locale icu_rules".split()
    },
    ("database", "tablespace"): "Its files lie on another disk.",
    ("database", "comment"): "Readers are told something else than the files say.",
    ("database_setting", "value"): "Sessions run with another value than the files say.",
}
PLATFORM_TEXTS: Texts = {
    ("storage_bucket", "public"): {
        "true": "Anybody with the address reads every file in it, without logging in.",
        "": "Links to its files fail without a token.",
    },
    ("storage_bucket", "file_size_limit"): "Uploads are refused at another size.",
    ("storage_bucket", "allowed_mime_types"): "Files of other types are taken, or refused.",
    ("storage_bucket", "type"): "It holds another kind of objects.",
    ("storage_bucket", "label"): "People see another name for it.",
    ("cron_job", "schedule"): "The job runs at other times.",
    ("cron_job", "command"): "The job runs other statements.",
    ("cron_job", "active"): {"false": "The job does not run.", "": "The job runs."},
    ("cron_job", "username"): "The job runs with the rights of another role.",
    ("cron_job", "database"): "The job runs in another database.",
    ("vault_secret_name", "description"): "Readers are told something else than the files say.",
}
TEXTS: Texts = ACCESS_TEXTS | REPLICATION_TEXTS | CLUSTER_TEXTS | PLATFORM_TEXTS

"""How each migration tool is spoken of: its table, its commands, and what it does with a wound."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """One migration tool in words.

    Attributes:
        name: The convention, as a target names it.
        title: What people call the tool.
        table: Where it records what it ran, if nobody says otherwise; empty: nowhere.
        run: The command that brings files to the database.
        record: The command that records a file without running it; ``{}`` is its version.
        orphan: What it does when a record has no file, one sentence.
        older: What it does with a file that is older than the newest recorded one, one sentence.
        run_older: The command that runs such a file all the same; empty: there is none.
        edited: What it does when a file was edited after it ran, one sentence.
        accept_edit: The command that takes an edit as it is; empty: there is none.
        failed: The command that clears a failed migration, ``{}`` is its version.
        other_files: Pattern of the names of files that it keeps for another occasion.
        keeps_text: Whether it records the SQL itself.
        keeps_checksum: Whether it records a checksum of the file.
    """

    name: str
    title: str
    table: str
    run: str
    orphan: str
    older: str
    edited: str
    record: str = ""
    run_older: str = ""
    accept_edit: str = ""
    failed: str = ""
    other_files: str = ""
    keeps_text: bool = False
    keeps_checksum: bool = False

    @property
    def subject(self) -> str:
        """Return what brings files to the database, as the subject of a sentence."""
        return self.run or self.title


SUPABASE = Tool(
    "supabase",
    "the Supabase CLI",
    "supabase_migrations.schema_migrations",
    run="supabase db push",
    record="supabase migration repair --status applied {}",
    orphan="Supabase db push refuses to run anything.",
    older="Supabase db push refuses to run anything while it stands there.",
    run_older="supabase db push --include-all",
    edited="The Supabase CLI never compares a file with its record.",
    keeps_text=True,
)
FLYWAY = Tool(
    "flyway",
    "Flyway",
    "public.flyway_schema_history",
    run="flyway migrate",
    orphan="Flyway's validation fails, and flyway migrate runs nothing.",
    older="Flyway's validation fails, and flyway migrate runs nothing while it stands there.",
    run_older="flyway migrate -outOfOrder=true",
    edited="Flyway's validation fails, and flyway migrate runs nothing.",
    accept_edit="flyway repair",
    failed="flyway repair",
    other_files=r"(.*/)?[BUV][0-9].*",  # undo, and what a baseline stands for
    keeps_checksum=True,
)
DBMATE = Tool(
    "dbmate",
    "dbmate",
    "public.schema_migrations",
    run="dbmate up",
    orphan="Dbmate does not notice: an environment built from the files lacks what it did.",
    older="Dbmate up runs it after newer ones; with --strict it runs nothing.",
    run_older="dbmate up",
    edited="Dbmate never compares a file with anything.",
)
GOLANG_MIGRATE = Tool(
    "golang-migrate",
    "golang-migrate",
    "public.schema_migrations",
    run="migrate up",
    record="migrate force {}",
    orphan="Golang-migrate finds no file of its version, and migrate up runs nothing.",
    older="Golang-migrate knows only its newest version, and never runs it.",
    edited="Golang-migrate never compares a file with anything.",
    failed="migrate force {}",
    other_files=r".*\.down\.sql",
)
PRISMA = Tool(
    "prisma",
    "Prisma Migrate",
    "public._prisma_migrations",
    run="prisma migrate deploy",
    record="prisma migrate resolve --applied {}",
    orphan="Prisma migrate deploy goes on; prisma migrate dev wants to reset the database.",
    older="Prisma migrate deploy runs it after newer ones.",
    run_older="prisma migrate deploy",
    edited="Prisma migrate deploy goes on; prisma migrate dev wants to reset the database.",
    failed="prisma migrate resolve --rolled-back {}",
    keeps_checksum=True,
)
DRIZZLE = Tool(
    "drizzle",
    "Drizzle",
    "drizzle.__drizzle_migrations",
    run="drizzle-kit migrate",
    orphan="Drizzle does not notice: an environment built from the files lacks what it did.",
    older="Drizzle runs only what is newer than the newest record: it never runs this file.",
    edited="Drizzle records the hash and never compares it.",
    keeps_checksum=True,
)
PLAIN = Tool(
    "plain",
    "the migration tool",
    "",
    run="",
    orphan="An environment built from the files lacks what it did.",
    older="A tool that looks only at the newest version never runs it.",
    edited="",
    keeps_text=True,
)
# They order versions as text, and files by their names; the others order files their own way.
BY_NAME = frozenset({"supabase", "plain"})
TOOLS = {
    tool.name: tool for tool in (SUPABASE, FLYWAY, DBMATE, GOLANG_MIGRATE, PRISMA, DRIZZLE, PLAIN)
}

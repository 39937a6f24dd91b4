import secrets
from io import StringIO

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from interviewprep import backups, statistics
from interviewprep.database import MISSING, NOT_PREPARED, problem, sqlite_path
from questions.models import ChangeSet, ContentVersion
from questions.search import index


class Command(BaseCommand):
    help = (
        "Make the site ready to serve: migrate (an SQLite database is backed up first), load the shipped "
        "bank, and make a first admin account. Safe to repeat; says only what it changed."
    )

    def execute(self, *args, **options):
        self.check_database(options["existing"])  # before the system checks, which may open it
        try:  # around the system checks too: they may be the first to miss the database
            return super().execute(*args, **options)
        except DatabaseError as error:
            reason = str(error).strip().partition("\n")[0]
            raise CommandError(
                f"The database cannot be used ({reason}): see that DATABASE_URL is right, and that its "
                "server runs or its folder can be written."
            ) from error

    def add_arguments(self, parser):
        parser.add_argument(
            "--existing", action="store_true", help="stop if there is no database yet, in place of making one"
        )

    def handle(self, **options):
        self.migrate()
        self.run("rerender")
        index.make_current()
        self.load()
        statistics.gather()
        self.make_first_admin()

    def check_database(self, existing):
        """Raise CommandError where there is a database that cannot be this site's, or where it was lost."""
        path = sqlite_path()
        if path and not (path.exists() and path.stat().st_size):
            self.check_absence(path, existing)
        elif (wrong := problem(thorough=True)) and (existing or wrong != NOT_PREPARED):
            raise CommandError(wrong)

    def check_absence(self, path, existing):
        """A database is made at the first start only, never in place of one that was lost."""
        traces = [*path.parent.glob(f"{path.name}-wal"), *path.parent.glob(f"backups/{path.stem}-*")]
        if existing or traces:
            found = f", but there is {traces[0]}" if traces else ""
            raise CommandError(f"{path} does not exist{found}. {MISSING}")

    def migrate(self):
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not plan:
            return
        if connection.vendor == "sqlite" and connection.introspection.table_names():
            self.back_up()
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"Applied {len(plan)} migrations.")

    def load(self):
        try:
            self.run("loadbank", if_changed=True)
        except CommandError as error:  # no reason not to serve what there is
            self.stderr.write(f"The shipped bank was not loaded, and the site keeps what it has. {error}")

    def back_up(self):
        try:
            path = backups.keep_present()
        except backups.BackupError as error:
            raise CommandError(f"Nothing was migrated. {error}") from error
        self.stdout.write(f"Backed up the database to {path}.")

    def run(self, command, **options):
        """Run a command, and pass on what it says if the bank is another afterwards."""
        before, output = self.state_of_bank(), StringIO()
        call_command(command, stdout=output, **options)
        if self.state_of_bank() != before:
            self.stdout.write(output.getvalue(), ending="")

    def state_of_bank(self):
        return list(ContentVersion.objects.values_list("number")), ChangeSet.objects.count()

    def make_first_admin(self):
        users = get_user_model().objects
        if users.exists():
            return
        password = secrets.token_urlsafe(12)
        users.create_superuser("curator", password=password)
        self.stdout.write(
            f"Made the first admin account; this is shown only once:\n"
            f"  address   {settings.SITE_URL}{reverse('admin:index')}\n"
            f"  user      curator\n"
            f"  password  {password}"
        )

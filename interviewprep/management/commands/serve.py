import errno
import os
import resource
import socket
import sys
from importlib.util import find_spec

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from interviewprep.database import problem, sqlite_path

# Of each worker: 103 of them may wait, for a body, a miss, the desk, a log-in, a report or practice. They
# start as needed.
THREADS = 112
CONNECTIONS = 8192  # that may be open at once, idle ones included
# For glibc: one heap for all threads, as Python runs one at a time; and what is freed in large pieces,
# as after a page was compressed, goes back to the system at once. It saves 16 MB a worker.
MEMORY = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}


class Command(BaseCommand):
    help = "Serve the site at HOST:PORT, with the production server."
    requires_system_checks = []  # `prepare` has them, and this start is to be quick

    def add_arguments(self, parser):
        parser.add_argument(
            "--reload", action="store_true", help="with Django's development server, which reloads code"
        )

    def handle(self, *, reload, **options):
        host = free_address(settings.HOST, settings.PORT)
        if sqlite_path() and (wrong := problem()):  # a server comes back by itself, a file does not
            raise CommandError(wrong)
        allow_connections()
        command = development_server(host) if reload else production_server(host)
        self.stdout.write(self.style.SUCCESS(f"Serving {settings.SITE_URL}/ (Ctrl+C stops it)."))
        self.stdout.flush()
        os.execve(sys.executable, [sys.executable, *command], MEMORY | os.environ)  # noqa: S606 - no shell is wanted


def allow_connections():
    """Each connection takes a descriptor, of which a process is often allowed 1,024 only."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, CONNECTIONS + 1000), hard))


def free_address(host, port):
    """The numeric address of `host`. Raises CommandError if one cannot listen there."""
    try:
        family, kind, _protocol, _name, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As the server will: connections that are still closing do not count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address[0], port, *address[2:]))
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            problem = "the port is taken. Stop what uses it, or set PORT to another"
        elif isinstance(error, socket.gaierror) or getattr(error, "errno", None) == errno.EADDRNOTAVAIL:
            problem = "HOST is no address of this machine. Set it to one, or to 0.0.0.0 for all"
        else:
            problem = f"set HOST and PORT to others ({error})"
        raise CommandError(f"Cannot listen at {host}, port {port}: {problem}.") from error
    return address[0]


def production_server(host):
    """The command of the server that SERVER names. Raises CommandError where there is none such."""
    servers = {"granian": granian, "gunicorn": gunicorn}
    if settings.SERVER not in servers:
        raise CommandError(f"There is no SERVER {settings.SERVER!r}: set it to {' or '.join(servers)}.")
    if not find_spec(settings.SERVER):
        raise CommandError(f"{settings.SERVER} is missing: {sys.executable} -m pip install {settings.SERVER}")
    return ["-m", settings.SERVER, *servers[settings.SERVER](host)]


def granian(host):
    json_log = ["--log-config", str(settings.BASE_DIR / "deploy" / "granian-log.json")]
    return [
        # Only with --http 1 does it close connections that send no head.
        *("--interface", "wsgi", "--no-ws", "--http", "1", "--host", host, "--port", str(settings.PORT)),
        *("--workers", str(settings.WORKERS), "--blocking-threads", str(THREADS)),
        *("--backlog", "1024", "--backpressure", str(CONNECTIONS)),
        *("--http1-header-read-timeout", "10000", "--http1-buffer-size", "65536"),
        # Its warnings are advice on the numbers of threads and workers.
        *("--respawn-failed-workers", "--workers-kill-timeout", "30", "--log-level", "error"),
        *(json_log if settings.LOG_FORMAT == "json" else []),
        *("--factory", f"{__name__}:worker"),
    ]


def worker():
    """The application, in a process of the server's that Ctrl+C reaches through its parent only.

    Granian 2.8 misses the end when a worker gets SIGINT from the terminal and SIGTERM from its parent.
    """
    from interviewprep.wsgi import application

    os.setpgid(0, 0)
    return application


def gunicorn(host):
    return [
        *("--bind", f"{bracketed(host)}:{settings.PORT}", "--backlog", "1024", "--log-level", "warning"),
        *("--workers", str(settings.WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)),
        *("--worker-connections", str(CONNECTIONS)),
        *("--timeout", "30", "--graceful-timeout", "30", "--keep-alive", "30"),
        settings.WSGI_APPLICATION.replace(".application", ":application"),
    ]


def development_server(host):
    return [str(settings.BASE_DIR / "manage.py"), "runserver", f"{bracketed(host)}:{settings.PORT}"]


def bracketed(host):
    return f"[{host}]" if ":" in host else host

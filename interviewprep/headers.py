"""The headers of every answer, whoever gives it: Django, the page cache, the file server or a probe."""

from django.conf import settings

PERMISSIONS = (
    *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope"),
    *("magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "usb"),
)


def security_headers():
    """Names and values, as the settings have them."""
    headers = {
        "Content-Security-Policy": "; ".join(
            f"{name} {' '.join(sources)}" for name, sources in settings.SECURE_CSP.items()
        ),
        "Cross-Origin-Embedder-Policy": "require-corp",
        "Cross-Origin-Opener-Policy": settings.SECURE_CROSS_ORIGIN_OPENER_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in PERMISSIONS),
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
    }
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = "; ".join(
            [
                f"max-age={settings.SECURE_HSTS_SECONDS}",
                *["includeSubDomains"] * settings.SECURE_HSTS_INCLUDE_SUBDOMAINS,
                *["preload"] * settings.SECURE_HSTS_PRELOAD,
            ]
        )
    return headers


def plain(status, text, *headers):
    """A WSGI application that answers every request with one line of text."""
    body = f"{text}\n".encode()
    all_headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *security_headers().items(),
        *headers,
    ]

    def application(environ, start_response):
        start_response(status, all_headers[:])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return application

"""The pages on this machine alone: http.server, bound to localhost."""

import errno
import os
import sys
import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from tools.dashboards.store import Refused

ADDRESS = "127.0.0.1"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, asks browsers to look again each time, and prints no line per file."""

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_):
        pass


def listen(folder, port):
    """A server of a folder that listens already. Raises Refused when the port cannot be had."""
    try:
        return ThreadingHTTPServer((ADDRESS, port), partial(Quiet, directory=str(folder)))
    except (OSError, OverflowError) as problem:
        why = "is taken" if getattr(problem, "errno", None) == errno.EADDRINUSE else f"cannot be opened ({problem})"
        raise Refused(f"port {port} {why}: choose another with PORT=…") from None


def serve(server):
    """Serve until interrupted."""
    address = f"http://{ADDRESS}:{server.server_port}/"
    print(f"The dashboards are at {address} (Ctrl-C ends this)", flush=True)
    show(address)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()


def show(address):
    """Open a browser with a window, if there is one; one for the terminal would take the terminal away."""
    if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)

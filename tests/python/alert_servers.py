"""Servers on this machine that stand in for PagerDuty, Slack, webhooks and a mail server, and record what they are sent.

`Web` is also a proxy that answers for any host over TLS, so that the alerts can be tested with the real addresses of the
services: HTTPS_PROXY leads here, and its certificate is trusted through the usual variables.
"""

import datetime
import json
import socketserver
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOSTS = ["events.pagerduty.com", "events.eu.pagerduty.com", "hooks.slack.com", "localhost"]


@dataclass(frozen=True)
class Request:
    host: str
    path: str
    body: dict


class Web(ThreadingHTTPServer):
    """Takes every POST and answers as the services do, unless it is to fail."""

    daemon_threads = True

    def __init__(self, certificate):
        super().__init__(("127.0.0.1", 0), WebHandler)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate)
        self.requests = []
        self.failing_hosts = {}  # host: status
        self.failures = 0  # so many requests fail with 500, whatever their host

    def to(self, host):
        return [request.body for request in self.requests if request.host.split(":")[0] == host]


class WebHandler(BaseHTTPRequestHandler):
    def do_CONNECT(self):
        """Be the host that is asked for: talk TLS, then HTTP, on the same connection."""
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.handle_one_request()
        self.close_connection = True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        host = self.headers["Host"]
        self.server.requests.append(Request(host, self.path, body))
        status = self.server.failing_hosts.get(host.split(":")[0], 202 if "pagerduty" in host else 200)
        if self.server.failures:
            self.server.failures -= 1
            status = 500
        answer = b"ok" if "slack" in host else json.dumps({"status": "success", "dedup_key": body.get("dedup_key")}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Mail(socketserver.ThreadingTCPServer):
    """As much of SMTP as it takes to be handed a letter."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), MailHandler)
        self.letters = []


class MailHandler(socketserver.StreamRequestHandler):
    def handle(self):
        self.answer("220 here")
        for line in self.rfile:
            [command, *_] = line.decode().upper().split()
            if command == "DATA":
                self.answer("354 go on")
                self.server.letters.append(message_from_bytes(b"".join(iter(self.rfile.readline, b".\r\n"))))
            self.answer({"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 welcome", "QUIT": "221 bye"}.get(command, "250 fine"))

    def answer(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def write_certificate(path):
    """A key and a self-signed certificate for all hosts that are stood in for, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "alerts test")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([*map(x509.DNSName, HOSTS), x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ) + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path

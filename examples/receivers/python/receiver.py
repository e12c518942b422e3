"""A receiver of Postrider's messages: Python 3.9 or later, and nothing to install.

    WEBHOOK_SECRET=whsec_... PORT=4000 python3 receiver.py

It keeps its messages in DATABASE, and has at most WAITING_MAX of them wait for work.
"""

import base64
import hashlib
import hmac
import os
import re
import sqlite3
import sys
import threading
import time
import traceback
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ.get("WEBHOOK_SECRET", "")
PORT = int(os.environ.get("PORT", "4000"))
DATABASE = os.environ.get("DATABASE", "receiver.sqlite")
WAITING_MAX = int(os.environ.get("WAITING_MAX", "1000"))
# An empty key would be one that everybody knows.
if not re.fullmatch(r"whsec_[A-Za-z0-9+/]{32,}={0,2}", SECRET):
    sys.exit("Set WEBHOOK_SECRET to the whsec_ secret of the sender.")
KEY = base64.b64decode(SECRET[len("whsec_"):])

TOLERANCE_SECONDS = 5 * 60
BODY_BYTES_MAX = 256 * 1024  # Postrider sends no more.
RETRY_AFTER_SECONDS = 30


def is_genuine(headers, body):
    """Whether Postrider sent exactly this body, just now. `body` are the bytes as they came."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    if message_id == "" or not re.fullmatch("[0-9]{1,12}", timestamp):
        return False

    # Whoever has recorded a request cannot send it again later on.
    if abs(int(time.time()) - int(timestamp)) > TOLERANCE_SECONDS:
        return False

    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(KEY, signed, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    return any(
        hmac.compare_digest(given.encode(), expected) for given in signatures.split(" ")
    )


# Remove what is done when no repeat of it can come any more: 30 days, unless you say otherwise.
SCHEMA = """
CREATE TABLE IF NOT EXISTS inbox (
    webhook_id TEXT PRIMARY KEY, body BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'waiting');
CREATE INDEX IF NOT EXISTS inbox_state ON inbox (state);
CREATE TABLE IF NOT EXISTS orders (body BLOB NOT NULL);
"""


def connect():
    return closing(sqlite3.connect(DATABASE, timeout=5))


def store(database, message_id, body):
    """Stores a message, unless it is a repeat. Returns the status to answer."""
    known = "SELECT 1 FROM inbox WHERE webhook_id = ?"
    # A repeat is answered like the first one: all is well, there is no need to come again.
    if database.execute(known, (message_id,)).fetchone():
        return 204
    waiting = "SELECT count(*) FROM inbox WHERE state = 'waiting'"
    if database.execute(waiting).fetchone()[0] >= WAITING_MAX:
        return 503

    insert = "INSERT OR IGNORE INTO inbox (webhook_id, body) VALUES (?, ?)"
    with database:  # One transaction. Of two that come at once, the primary key lets one in.
        database.execute(insert, (message_id, body))
    stored.set()
    return 204


def work(database, message_id, body):
    """Your work. The effect and the mark that it is done are one transaction: both or neither."""
    with database:
        database.execute("INSERT INTO orders (body) VALUES (?)", (body,))
        database.execute("UPDATE inbox SET state = 'done' WHERE webhook_id = ?", (message_id,))
    print(f"worked on {message_id}, {len(body)} bytes", flush=True)


stored = threading.Event()
stored.set()  # There may be work left from before the last stop.


def work_off(database):
    oldest = "SELECT webhook_id, body FROM inbox WHERE state = 'waiting' ORDER BY rowid LIMIT 1"
    failed = "UPDATE inbox SET state = 'failed' WHERE webhook_id = ?"
    while stored.wait():
        stored.clear()
        while row := database.execute(oldest).fetchone():
            try:
                work(database, *row)
            except Exception:
                # Postrider has its 2xx and will not come again: what fails now is yours to repeat.
                traceback.print_exc()
                with database:
                    database.execute(failed, row[:1])


class Receiver(BaseHTTPRequestHandler):
    timeout = 15  # Seconds without a byte, after which a caller is given up.

    def do_POST(self):
        try:
            status = self.receive()
        except sqlite3.Error:
            traceback.print_exc()
            status = 503  # Not stored, so no 2xx: Postrider comes again.
        self.send_response(status)
        if status == 503:
            self.send_header("retry-after", str(RETRY_AFTER_SECONDS))
        self.end_headers()

    def receive(self):
        length = self.headers.get("content-length", "")
        if not re.fullmatch("[0-9]{1,12}", length):
            return 411
        # Read whatever the answer: it can be lost if the connection is closed with bytes unread.
        body = self.rfile.read(min(int(length), BODY_BYTES_MAX + 1))
        # Nobody listens there any more, and nobody will: Postrider gives up at once.
        if self.path == "/old-hook":
            return 410
        if self.path != "/hook":
            return 404
        if len(body) > BODY_BYTES_MAX:
            return 413
        if not is_genuine(self.headers, body):
            return 401
        with connect() as database:
            return store(database, self.headers["webhook-id"], body)

    def log_message(self, *_):
        """Nothing: the default writes a line for each request to stderr."""


class Server(ThreadingHTTPServer):
    request_queue_size = 128  # With the default, 5, a burst of connections waits for seconds.


if __name__ == "__main__":
    with connect() as database:
        database.executescript(SCHEMA)
        server = Server(("127.0.0.1", PORT), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"Listening on http://127.0.0.1:{server.server_port}/hook", flush=True)
        # The work, not the server, is the main thread: if it ends, the process does, and the next
        # start goes on where this one stopped.
        work_off(database)

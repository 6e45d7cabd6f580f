"""One handshake of RMAP as programs in Python do it, with PGPy and requests, up to the PDF file.

Prints what came back as JSON. Which generation of clients it behaves like is chosen by --send (how messages are
written) and --read (which answers can be read).
"""

import argparse
import base64
import json
import re
import secrets
import sys
import warnings

warnings.simplefilter("ignore")

import pgpy  # noqa: E402
import requests  # noqa: E402


def armor_body(armored):
    """What stands between the lines of an armor, the checksum included."""
    lines = armored.strip().splitlines()
    return "\n".join(lines[lines.index("") + 1 : -1])


def bare_body(armored):
    return "".join(line for line in armor_body(armored).splitlines() if not line.startswith("="))


def to_base64(text):
    return base64.b64encode(text.encode()).decode()


WRITERS = {
    "armor-body": armor_body,
    "base64-of-armor": to_base64,
    "base64-of-armor-body": lambda armored: to_base64(armor_body(armored)),
    "bare-body": bare_body,
}


def read_base64_of_armor(payload):
    text = base64.b64decode(payload, validate=True).decode("utf-8")
    return pgpy.PGPMessage.from_blob(text)


def read_bare_body(payload):
    if not re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", payload):
        raise ValueError("not one line of base64")
    return pgpy.PGPMessage.from_blob(base64.b64decode(payload, validate=True))


READERS = {"base64-of-armor": read_base64_of_armor, "bare-body": read_bare_body}


class Client:
    def __init__(self, arguments):
        self.base = arguments.server
        self.write = WRITERS[arguments.send]
        self.read = READERS[arguments.read]
        self.server_key, _ = pgpy.PGPKey.from_file(arguments.server_pub)
        self.own_key, _ = pgpy.PGPKey.from_file(arguments.client_priv)

    def exchange(self, path, message):
        sealed = self.server_key.encrypt(pgpy.PGPMessage.new(json.dumps(message)))
        answer = requests.post(self.base + path, json={"payload": self.write(str(sealed))}, timeout=10)
        fields = answer.json()
        if answer.status_code >= 400 or "error" in fields:
            sys.exit(f"{path}: {answer.status_code} {fields}")
        opened = self.own_key.decrypt(self.read(fields["payload"])).message
        return json.loads(opened if isinstance(opened, str) else bytes(opened).decode())


def main():
    parser = argparse.ArgumentParser()
    for name in ("server", "identity", "server-pub", "client-priv", "send", "read"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    client = Client(arguments)
    nonce_client = secrets.randbits(64)
    first = client.exchange("/api/rmap-initiate", {"nonceClient": nonce_client, "identity": arguments.identity})
    second = client.exchange("/api/rmap-get-link", {"nonceServer": first["nonceServer"]})
    link = f"{client.base}/api/get-version/{second['result']}"
    posted = requests.post(link, json={}, timeout=10)
    fetched = requests.get(link, json={}, timeout=15)
    report = {
        "isEchoed": first["nonceClient"] == nonce_client,
        "isExpectedResult": second["result"] == f"{nonce_client:016x}{first['nonceServer']:016x}",
        "postStatus": posted.status_code,
        "status": fetched.status_code,
        "contentType": fetched.headers["content-type"],
        "start": fetched.content[:5].decode("latin-1"),
    }
    print(json.dumps(report))


main()

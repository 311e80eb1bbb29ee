"""Asking a relay (TURN) whether it works, as a device would: an allocation, and peers that it must not reach.

Of RFC 8656 and RFC 8489 as much as that needs, over UDP and TCP. ``turns:`` goes through TLS.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import socket
import ssl
import struct
import zlib
from dataclasses import dataclass
from ipaddress import ip_address

from calls.providers.signing import turn_credential

SECONDS = 4.0
PRIVATE_PEERS = ("10.0.0.5", "127.0.0.1", "169.254.169.254", "192.168.1.1")
"""Where no relay may send anything: somebody's network, the machine itself, a cloud's secrets."""

_COOKIE = 0x2112A442
_ALLOCATE, _REFRESH, _CREATE_PERMISSION = 0x003, 0x004, 0x008
_USERNAME, _INTEGRITY, _ERROR, _LIFETIME, _PEER = 0x0006, 0x0008, 0x0009, 0x000D, 0x0012
_REALM, _NONCE, _RELAYED, _TRANSPORT, _FINGERPRINT = 0x0014, 0x0015, 0x0016, 0x0019, 0x8028
_UDP = 17 << 24
_URL = re.compile(r"(turns?):(\[[0-9A-Fa-f:]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?")


class TurnRefused(Exception):
    """The relay said no, with a code of STUN (401: the credential; 403: the peer; 486 and 508: too many), or 0: it said
    nothing that can be understood, or nothing at all."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass(frozen=True, slots=True)
class TurnReport:
    """What an allocation showed: the address it was given, and the private peers that the relay would have reached."""

    relayed: str
    reached: tuple[str, ...]


def probe(url: str, secret: str) -> TurnReport:
    """Allocate with a fresh credential, ask for private peers, and give the allocation back. Raises TurnRefused."""
    username, password = turn_credential(secret, "doctor", seconds=60)
    return examine(url, username, password)


def examine(url: str, username: str, password: str, *, peers: tuple[str, ...] = PRIVATE_PEERS) -> TurnReport:
    """:func:`probe`, with a given credential and other peers."""
    try:
        with _Client(url, username, password) as client:
            relayed = client.allocate()
            try:
                return TurnReport(relayed, tuple(peer for peer in peers if client.may_reach(peer)))
            finally:
                client.free()
    except OSError as error:
        raise TurnRefused(0, f"It cannot be reached: {error.strerror or type(error).__name__}.") from error


class _Client:
    """One allocation over one socket."""

    def __init__(self, url: str, username: str, password: str) -> None:
        found = _URL.fullmatch(url)
        if not found:
            raise TurnRefused(0, "This is no address of a relay.")
        scheme, host, port, transport = found.groups()
        self._host = host.strip("[]")
        self._port = int(port or (5349 if scheme == "turns" else 3478))
        self._is_tls = scheme == "turns"
        self._is_stream = self._is_tls or transport == "tcp"
        self._username, self._password = username, password
        self._realm = self._nonce = b""

    def __enter__(self) -> _Client:
        kind = socket.SOCK_STREAM if self._is_stream else socket.SOCK_DGRAM
        family, _, _, _, address = socket.getaddrinfo(self._host, self._port, type=kind)[0]
        plain = socket.socket(family, kind)
        plain.settimeout(SECONDS)
        try:
            plain.connect(address)
            self._socket = (
                ssl.create_default_context().wrap_socket(plain, server_hostname=self._host) if self._is_tls else plain
            )
        except BaseException:
            plain.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def allocate(self) -> str:
        wanted = [(_TRANSPORT, struct.pack("!I", _UDP))]
        try:
            self._ask(_ALLOCATE, wanted)
        except TurnRefused as refused:
            if refused.code != 401 or not self._nonce:
                raise
            answer = self._ask(_ALLOCATE, wanted)
        else:
            raise TurnRefused(0, "It relays for anybody, without a credential.")
        if _RELAYED not in answer:
            raise TurnRefused(0, "Its answer cannot be read.")
        return _address(answer[_RELAYED])

    def may_reach(self, peer: str) -> bool:
        try:
            self._ask(_CREATE_PERMISSION, [(_PEER, _xored(peer, 9999))])
        except TurnRefused as refused:
            if refused.code != 403:
                raise
            return False
        return True

    def free(self) -> None:
        """Or it would lie there for ten minutes."""
        try:
            self._ask(_REFRESH, [(_LIFETIME, struct.pack("!I", 0))])
        except (OSError, TurnRefused):
            return

    def _ask(self, method: int, attributes: list[tuple[int, bytes]]) -> dict[int, bytes]:
        transaction = os.urandom(12)
        message = self._message(method, transaction, attributes)
        answer = self._exchange(message, transaction)
        found = _attributes(answer)
        self._realm, self._nonce = found.get(_REALM, self._realm), found.get(_NONCE, self._nonce)
        if struct.unpack("!H", answer[:2])[0] & 0x0110 != 0x0100:
            code = found.get(_ERROR, bytes(4))
            number = (code[2] & 7) * 100 + code[3]
            raise TurnRefused(number, f"It refuses with error {number}.")
        return found

    def _message(self, method: int, transaction: bytes, attributes: list[tuple[int, bytes]]) -> bytes:
        body = b"".join(_attribute(*one) for one in attributes)
        if self._nonce:
            known = ((_USERNAME, self._username.encode()), (_REALM, self._realm), (_NONCE, self._nonce))
            body += b"".join(_attribute(*one) for one in known)
            head = struct.pack("!HHI", method, len(body) + 24, _COOKIE) + transaction
            login = b":".join((self._username.encode(), self._realm, self._password.encode()))
            key = hashlib.md5(login, usedforsecurity=False).digest()
            body += _attribute(_INTEGRITY, hmac.new(key, head + body, hashlib.sha1).digest())
        head = struct.pack("!HHI", method, len(body) + 8, _COOKIE) + transaction
        checksum = zlib.crc32(head + body) ^ 0x5354554E
        return head + body + _attribute(_FINGERPRINT, struct.pack("!I", checksum))

    def _exchange(self, message: bytes, transaction: bytes) -> bytes:
        """The answer to it. Over UDP it is sent three times, as any of them may be lost."""
        if self._is_stream:
            self._socket.sendall(message)
            return self._read_stream(transaction)
        for _ in range(3):
            self._socket.settimeout(SECONDS / 3)
            self._socket.send(message)
            try:
                while (answer := self._socket.recv(2048))[8:20] != transaction:
                    pass
            except TimeoutError:
                continue
            return answer
        raise TurnRefused(0, "It does not answer.")

    def _read_stream(self, transaction: bytes) -> bytes:
        while True:
            head = self._read(20)
            answer = head + self._read(struct.unpack("!H", head[2:4])[0])
            if head[8:20] == transaction:
                return answer

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise TurnRefused(0, "It closed the connection.")
            data += more
        return data


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _attributes(message: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 20
    while at + 4 <= len(message):
        kind, size = struct.unpack("!HH", message[at : at + 4])
        found.setdefault(kind, message[at + 4 : at + 4 + size])
        at += 4 + size + -size % 4
    return found


def _xored(host: str, port: int) -> bytes:
    address = ip_address(host)
    if address.version == 6:
        raise ValueError("Peers of version 4 only.")
    return struct.pack("!BBHI", 0, 1, port ^ (_COOKIE >> 16), int(address) ^ _COOKIE)


def _address(value: bytes) -> str:
    if len(value) != 8:
        return "an address of version 6"
    _, _, port, address = struct.unpack("!BBHI", value)
    return f"{ip_address(address ^ _COOKIE)}:{port ^ (_COOKIE >> 16)}"

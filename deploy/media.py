"""Janus and coturn, with settings that are written from the environment: ``python -m deploy.media janus|turn``.

Both run as services of docker-compose.yml, and beside the tests. They are written here, and not kept as files, because
they hold secrets and the machine's own addresses.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

WEBSOCKET_PORT, TURN_PORT = 8188, 3478

DENIED_PEERS = (
    "0.0.0.0-0.255.255.255",
    "10.0.0.0-10.255.255.255",
    "100.64.0.0-100.127.255.255",
    "127.0.0.0-127.255.255.255",
    "169.254.0.0-169.254.255.255",
    "172.16.0.0-172.31.255.255",
    "192.0.0.0-192.0.0.255",
    "192.0.2.0-192.0.2.255",
    "192.88.99.0-192.88.99.255",
    "192.168.0.0-192.168.255.255",
    "198.18.0.0-198.19.255.255",
    "198.51.100.0-198.51.100.255",
    "203.0.113.0-203.0.113.255",
    "240.0.0.0-255.255.255.255",
    "::1",
    "64:ff9b::-64:ff9b::ffff:ffff",
    "::ffff:0.0.0.0-::ffff:255.255.255.255",
    "100::-100::ffff:ffff:ffff:ffff",
    "2001::-2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
    "2002::-2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
)
"""Networks that are nobody's on the internet (IANA's special-purpose registries, 2026): without this list a relay is a
way into the network it stands in. https://www.iana.org/assignments/iana-ipv4-special-registry/"""


@dataclass(frozen=True, kw_only=True)
class TurnSettings:
    """Of coturn. ``public_address`` is what the world sees when ``address``, which it listens on, is not that."""

    secret: str
    realm: str
    address: str
    public_address: str
    port: int
    relay_ports: tuple[int, int]
    certificate: str = ""
    key: str = ""
    tls_port: int = 443
    user_quota: int = 12
    total_quota: int = 1200
    bytes_a_second: int = 1_000_000
    """Of one allocation, in each direction."""
    denied_peers: tuple[str, ...] = DENIED_PEERS


@dataclass(frozen=True, kw_only=True)
class JanusSettings:
    """Of Janus. ``bind`` is the address of its socket and its admin API, ``address`` the one that media goes through;
    ``public_address`` what the world sees of that, where it is another."""

    folder: Path
    token_secret: str
    admin_secret: str
    room_key: str
    bind: str
    websocket_port: int
    admin_port: int
    media_ports: tuple[int, int]
    address: str
    public_address: str
    reclaim_seconds: int = 30


def coturn_config(given: TurnSettings) -> str:
    """``turnserver.conf``."""
    seen_as = f"{given.public_address}/{given.address}" if given.public_address else ""
    own = [address for address in dict.fromkeys([given.address, given.public_address]) if address]
    tls = (
        [f"cert={given.certificate}", f"pkey={given.key}", f"tls-listening-port={given.tls_port}"]
        if given.certificate
        else ["no-tls"]
    )
    lines = [
        "use-auth-secret",
        f"static-auth-secret={given.secret}",
        f"realm={given.realm}",
        f"listening-ip={given.address}",
        f"relay-ip={given.address}",
        *([f"external-ip={seen_as}"] if seen_as else []),
        f"listening-port={given.port}",
        f"min-port={given.relay_ports[0]}",
        f"max-port={given.relay_ports[1]}",
        *tls,
        "no-dtls",
        "no-tlsv1",
        "no-tlsv1_1",
        "fingerprint",
        "no-cli",
        "no-multicast-peers",
        f"user-quota={given.user_quota}",
        f"total-quota={given.total_quota}",
        f"max-bps={given.bytes_a_second}",
        "log-file=stdout",
        "simple-log",
        *(f"denied-peer-ip={networks}" for networks in given.denied_peers),
        # Two people who both come through this relay meet at its own address.
        *(f"allowed-peer-ip={address}" for address in own),
    ]
    return "\n".join(lines) + "\n"


def write_janus(given: JanusSettings) -> None:
    """Its files, readable by nobody else, into the folder."""
    for name, text in _janus_files(given).items():
        path = given.folder / name
        path.touch(mode=0o600)
        path.write_text(text)


def janus_command(folder: Path) -> tuple[str, ...]:
    """How it is started with them."""
    return ("janus", "-F", str(folder), "-C", str(folder / "janus.jcfg"))


def _janus_files(given: JanusSettings) -> dict[str, str]:
    return {
        "janus.jcfg": _janus_core(given),
        "janus.transport.websockets.jcfg": (
            f'general: {{ ws = true; ws_port = {given.websocket_port}; ws_ip = "{given.bind}"; wss = false;\n'
            '  ws_logging = "err"; pingpong_trigger = 15; pingpong_timeout = 10; }\n'
            "admin: { admin_ws = false; }\n"
        ),
        "janus.transport.http.jcfg": (
            "general: { http = false; https = false; }\n"
            f'admin: {{ admin_base_path = "/admin"; admin_http = true; admin_port = {given.admin_port};\n'
            f'  admin_ip = "{given.bind}"; admin_https = false; }}\n'
        ),
        "janus.plugin.videoroom.jcfg": f'general: {{ admin_key = "{given.room_key}"; string_ids = true; }}\n',
    }


def _janus_core(given: JanusSettings) -> str:
    library = _library()
    unused = ",".join(sorted(path.name for path in (library / "plugins").glob("*.so") if "videoroom" not in path.name))
    mapping = f'nat_1_1_mapping = "{given.public_address}"; ' if given.public_address else ""
    return (
        f'general: {{ configs_folder = "{given.folder}"; plugins_folder = "{library}/plugins";\n'
        f'  transports_folder = "{library}/transports"; events_folder = "{library}/events";\n'
        f'  loggers_folder = "{library}/loggers"; debug_level = 3; debug_timestamps = true; debug_colors = false;\n'
        f'  admin_secret = "{given.admin_secret}"; token_auth = true; token_auth_secret = "{given.token_secret}";\n'
        f"  session_timeout = 60; reclaim_session_timeout = {given.reclaim_seconds}; candidates_timeout = 45;\n"
        '  server_name = "kintsugi"; }\n'
        f'media: {{ rtp_port_range = "{given.media_ports[0]}-{given.media_ports[1]}"; no_media_timer = 2;\n'
        "  slowlink_threshold = 4; }\n"
        f'nat: {{ nice_debug = false; {mapping}ice_enforce_list = "{given.address}"; ice_ignore_list = "vmnet"; }}\n'
        f'plugins: {{ disable = "{unused}"; }}\n'
        'transports: { disable = "libjanus_rabbitmq.so,libjanus_pfunix.so,libjanus_mqtt.so,libjanus_nanomsg.so"; }\n'
    )


def _library() -> Path:
    """Where the package keeps its plugins."""
    return next(Path("/usr/lib").glob("*/janus"))


def _janus_from(env: Mapping[str, str]) -> JanusSettings:
    return JanusSettings(
        folder=Path(env.get("JANUS_FOLDER") or "/run/janus"),
        token_secret=_secret(env, "JANUS_TOKEN_SECRET"),
        admin_secret=_secret(env, "JANUS_ADMIN_SECRET"),
        room_key=_secret(env, "JANUS_ROOM_KEY"),
        bind=_address(env.get("JANUS_BIND") or "0.0.0.0"),
        websocket_port=WEBSOCKET_PORT,
        admin_port=7088,
        media_ports=_ports(env.get("SFU_PORTS") or "10000-10199"),
        address=_own_address(),
        public_address=_address(env.get("PUBLIC_IP") or ""),
    )


def _turn_from(env: Mapping[str, str]) -> TurnSettings:
    return TurnSettings(
        secret=_secret(env, "TURN_SECRET"),
        realm=env.get("TURN_REALM") or "kintsugi",
        address=_own_address(),
        public_address=_address(env.get("PUBLIC_IP") or ""),
        port=TURN_PORT,
        relay_ports=_ports(env.get("TURN_PORTS") or "49160-49359"),
        certificate=env.get("TURN_CERTIFICATE", ""),
        key=env.get("TURN_KEY", ""),
    )


def _secret(env: Mapping[str, str], name: str) -> str:
    """A secret that may stand in the settings as it is."""
    value = env.get(name, "")
    if not re.fullmatch(r"[\w.~+/=-]{20,}", value, re.ASCII):
        raise SystemExit(f"{name} must be set: at least 20 letters, digits and . ~ + / = - _")
    return value


def _address(text: str) -> str:
    if text and not re.fullmatch(r"[0-9a-fA-F.:]+", text):
        raise SystemExit(f"{text} is not an IP address")
    return text


def _ports(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{4,5})-(\d{4,5})", text)
    if not found or not 1024 <= int(found[1]) <= int(found[2]) <= 65535:
        raise SystemExit(f"{text} is not a range of ports such as 10000-10199")
    return int(found[1]), int(found[2])


def _own_address() -> str:
    """The one this machine, or container, sends from."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent
        address: str = probe.getsockname()[0]
    return address


def _run(what: str) -> None:
    if what == "janus":
        given = _janus_from(os.environ)
        given.folder.mkdir(parents=True, exist_ok=True)
        write_janus(given)
        command = janus_command(given.folder)
    else:
        path = Path(os.environ.get("TURN_CONFIG") or "/run/turnserver.conf")
        path.touch(mode=0o600)
        path.write_text(coturn_config(_turn_from(os.environ)))
        command = ("turnserver", "-c", str(path), "--pidfile", f"{path}.pid")
    os.execv(shutil.which(command[0]) or command[0], command)


def _is_healthy(what: str) -> bool:
    """Whether it answers: coturn to a question of STUN (RFC 8489), Janus to a connection."""
    address = (_own_address(), TURN_PORT) if what == "turn" else ("127.0.0.1", WEBSOCKET_PORT)
    kind = socket.SOCK_DGRAM if what == "turn" else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.settimeout(3)
        try:
            probe.connect(address)
            if what == "turn":
                probe.send(bytes.fromhex("000100002112a442") + b"are-you-here")
                return probe.recv(100)[8:20] == b"are-you-here"
        except OSError:
            return False
    return True


def main(words: list[str]) -> None:
    match words:
        case ["janus" | "turn" as what]:
            _run(what)
        case ["healthy", "janus" | "turn" as what]:
            sys.exit(0 if _is_healthy(what) else 1)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Encrypted model fields, with keys that can be changed.

AES-256-GCM. Every key of ``settings.ENCRYPTION_KEYS`` is stretched with HKDF; the first one encrypts, all of them
decrypt. A stored value is ``enc1:<key id>:<base64 of nonce and ciphertext>``, bound to its model and field: copied into
another column it does not decrypt. To change the key: put the new one first, restart, run ``manage.py rotate_keys``,
then take the old one away.
"""

from core.crypto.cipher import DecryptionFailed
from core.crypto.cipher import Secret
from core.crypto.cipher import decrypt
from core.crypto.cipher import encrypt
from core.crypto.cipher import key_ids
from core.crypto.fields import EncryptedTextField
from core.crypto.rotation import Rotation
from core.crypto.rotation import examine_all
from core.crypto.rotation import rotate
from core.crypto.rotation import rotate_all
from core.crypto.rotation import waiting_all

__all__ = [
    "DecryptionFailed",
    "EncryptedTextField",
    "Rotation",
    "Secret",
    "decrypt",
    "encrypt",
    "examine_all",
    "key_ids",
    "rotate",
    "rotate_all",
    "waiting_all",
]

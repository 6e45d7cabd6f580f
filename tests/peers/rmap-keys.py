"""Makes a pair of RSA keys as programs in Python do it, with PGPy: rmap-keys.py NAME PRIVATE-FILE PUBLIC-FILE."""

import sys
import warnings

warnings.simplefilter("ignore")

from pgpy import PGPKey, PGPUID  # noqa: E402
from pgpy.constants import (  # noqa: E402
    CompressionAlgorithm,
    HashAlgorithm,
    KeyFlags,
    PubKeyAlgorithm,
    SymmetricKeyAlgorithm,
)

name, private_file, public_file = sys.argv[1:]
key = PGPKey.new(PubKeyAlgorithm.RSAEncryptOrSign, 2048)
key.add_uid(
    PGPUID.new(name),
    usage={KeyFlags.Sign, KeyFlags.EncryptCommunications, KeyFlags.EncryptStorage},
    hashes=[HashAlgorithm.SHA256],
    ciphers=[SymmetricKeyAlgorithm.AES256],
    compression=[CompressionAlgorithm.ZLIB, CompressionAlgorithm.Uncompressed],
)
for path, text in ((private_file, str(key)), (public_file, str(key.pubkey))):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)

"""Identifiers are in the order of time and secrets can't be guessed from one another."""

import time
import uuid

from unknot.kernel.ids import digest, new_id, new_secret


def test_ids_are_version_7_and_grow_with_time() -> None:
    earlier = new_id()
    time.sleep(0.002)
    later = new_id()
    assert (earlier.version, earlier.variant) == (7, uuid.RFC_4122)
    assert earlier < later
    assert abs((later.int >> 80) / 1000 - time.time()) < 5


def test_ten_thousand_of_a_moment_are_all_different() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_secrets_carry_256_bits_and_only_their_digest_is_kept() -> None:
    made = {new_secret() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(one) == 43 for one in made)  # 32 bytes in base64, unpadded
    assert digest("a") == "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"

import stat

import pytest

from zhike.core import clock, sealing
from zhike.core.models import PersonKey
from zhike.core.sealing.ring import ring_path

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(given) -> PersonKey:
    with given():
        return sealing.new_key(clock.now())


def test_what_is_sealed_comes_back_and_is_unreadable_meanwhile(key: PersonKey) -> None:
    token = sealing.seal(key, "13812346027")
    assert token.startswith(f"v1:{key.pk}:")
    assert "13812346027" not in token
    assert sealing.unseal(token) == "13812346027"
    assert sealing.seal(key.pk, "13812346027") != token


def test_a_value_moved_to_another_person_does_not_open(key: PersonKey, given) -> None:
    with given():
        other = sealing.new_key(clock.now())
    version, _key_id, nonce, text = sealing.seal(key, "河南省周口市").split(":")
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(":".join((version, str(other.pk), nonce, text)))


def test_an_altered_value_does_not_open(key: PersonKey) -> None:
    token = sealing.seal(key, "13812346027")
    altered = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(altered)


def test_destroying_the_key_closes_everything_for_good(key: PersonKey, given) -> None:
    token = sealing.seal(key, "13812346027")
    assert sealing.unseal(token)
    with given():
        sealing.destroy_key(key.pk, clock.now())
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(token)


def test_many_keys_are_made_with_ids(given) -> None:
    with given():
        keys = sealing.new_keys(3, clock.now())
    assert len({key.pk for key in keys}) == 3
    assert sealing.unseal(sealing.seal(keys[1], "a")) == "a"


def test_blind_indexes_are_equal_for_equal_values_and_apart_by_kind() -> None:
    assert sealing.blind("phone", "+8613812346027") == sealing.blind("phone", "+8613812346027")
    assert sealing.blind("phone", "1") != sealing.blind("id", "1")


def test_the_master_ring_is_the_owners_alone(key: PersonKey) -> None:
    assert stat.S_IMODE(ring_path().stat().st_mode) == 0o600

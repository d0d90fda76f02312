"""How a pair begins: a server that was alone so far gets a partner, and one that waits for its first partner serves."""

import shutil
import unittest

import case
from lab.newcomers import Newcomers
from lab.pair import ROLES, Pair

RELATIONSHIP = "west"


class TestLoneServerGetsAPartner(case.LaboratoryCase):
    """R-43: a server without failover, once restored from a checkpoint, is given a partner with an empty disk. Its
    leases are no old copy: the partner, which never knew of them, says nothing of them, and they stay."""

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, capture=False)
        lone = cls.pair["primary"]
        failover = lone.configuration.pop("failover")
        for link in lone.configuration["links"]:
            del link["relationship"]
        lone.start()
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x20000).play(count=40, rate=200).finish()
        copy = cls.lab.work_folder("copy") / "leases"
        lone.ask("storage", "checkpoint", copy).check_returncode()
        lone.stop()
        shutil.rmtree(lone.folder / "leases")
        copy.rename(lone.folder / "leases")
        lone.start()
        lone.stop()
        lone.configuration["failover"] = failover
        for link in lone.configuration["links"]:
            link["relationship"] = RELATIONSHIP
        cls.pair.start()
        cls.pair.wait_until_equal()
        cls.known = cls.pair.leases("secondary")
        cls.flow.close()

    def test_every_lease_is_known_to_both(self):
        self.assertEqual(len(self.flow.served()), 40)
        for newcomer in self.flow.served():
            for lease in newcomer.leases:
                self.assertEqual(self.known[str(lease)].replace(":", ""), newcomer.duid.hex())


class TestFirstOfTwo(case.LaboratoryCase):
    """F-293: with `start-alone` the first server serves before it ever met its partner, after a restart too, and its
    leases stay when the partner comes."""

    @classmethod
    def set_up_scene(cls):
        cls.pair = Pair(cls.lab, capture=False, **{"start-alone": True})
        first = cls.pair["primary"]
        first.start()
        cls.pair.wait_for(primary="PARTNER-DOWN")
        cls.flow = Newcomers(cls.pair.add_host("clients"), "wan", 0x30000).play(count=20, rate=200).finish()
        first.kill()
        first.start()
        cls.pair.wait_for(primary="PARTNER-DOWN")
        cls.flow.play(count=20, rate=200).finish()
        cls.pair["secondary"].start()
        cls.pair.wait_for(**dict.fromkeys(ROLES, "NORMAL"))
        cls.pair.wait_until_equal()
        cls.known = cls.pair.leases("secondary")
        cls.flow.close()

    def test_everybody_is_served(self):
        self.assertEqual(len(self.flow.served()), 40)

    def test_every_lease_is_known_to_both(self):
        for newcomer in self.flow.served():
            for lease in newcomer.leases:
                self.assertEqual(self.known[str(lease)].replace(":", ""), newcomer.duid.hex())


if __name__ == "__main__":
    unittest.main()

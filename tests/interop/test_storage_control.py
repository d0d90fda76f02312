"""The leases on disk as an operator meets them: what stops a start, checkpoints while serving, checks, damage."""

import ipaddress
import json
import os
import shutil
import socket
import struct
import subprocess
import time
import unittest
import urllib.request
from pathlib import Path

import case
from lab import configuration, dhcp6, laboratory, perfdhcp, probe, process, rocks
from lab.scene import PORT, Scene
from lab.server import DAEMON, Server


def crc32c(octets):
    value = 0xffffffff
    for octet in octets:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
    return value ^ 0xffffffff


def active_record(address, duid):
    """Key and value of an ACTIVE binding, as storage/README.md has them."""
    key = bytes([1]) + ipaddress.IPv6Address(address).packed + bytes([128]) + (7).to_bytes(4, "big") + duid
    never, now = 0xffffffff, int(time.time()) - 946_684_800
    value = struct.pack("<BBBB2I8I", 1, 1, 0, 0, 3600, 7200, now, never, now, 0, 0, 0, 0, 0)
    return key, value + crc32c(key + value).to_bytes(4, "little")


class StorageCase(unittest.TestCase):
    """A scene for each test: these daemons are ended, and their leases meddled with."""

    def setUp(self):
        case.require_namespaces()
        self.lab = self.enterContext(laboratory.Laboratory())
        self.scene = Scene(self.lab, capture=False)
        self.server = self.scene.server

    @property
    def leases_folder(self):
        return Path(self.server.configuration["storage"]["path"])

    def lease_one(self, number=1):
        if not hasattr(self, "client"):
            self.client = self.scene.add_host("client")
        with probe.Probe(self.client, "wan") as asking:
            _, reply = probe.acquire(asking, dhcp6.duid_ll(number), dhcp6.ia_na(1), dhcp6.ia_pd(2))
        return {str(reply.ia(kind).leases[0]) for kind in (dhcp6.IA_NA, dhcp6.IA_PD)}

    def ask_json(self, *words, code=0, server=None):
        done = (server or self.server).ask(*words, as_json=True, timeout=30)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def leases(self, server=None):
        rows = self.ask_json("lease", "list", server=server)["leases"]
        return {(row["lease"], row["duid"]) for row in rows if row["status"] == "ACTIVE"}

    def start_in_vain(self, server):
        """What a server that cannot start says on its way out, without its log."""
        file = server.folder / "tandem6.yaml"
        file.write_text(configuration.to_yaml(server.configuration) + "\n")
        done = server.host.run([DAEMON, "--config", file], timeout=20, check=False, private_files={})
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertFalse(server.socket.exists())
        said = [line for line in done.stderr.splitlines() if line.startswith("tandem6d: ")]
        self.assertEqual(len(said), 1, done.stderr)
        return said[0]


class TestStartsInVain(StorageCase):
    """Each time: one line for the operator, exit code 1, nothing left behind."""

    def test_two_servers_with_one_folder(self):
        self.server.start()
        kept = self.lease_one()
        other = Server(self.lab, self.scene.add_host("other", interface=PORT), PORT, [configuration.DIRECT_LINK],
                       name="other")
        other.configuration["storage"]["path"] = str(self.leases_folder)
        said = self.start_in_vain(other)
        self.assertEqual(said, f"tandem6d: {self.leases_folder}: another server has these leases open")
        self.assertEqual({lease for lease, _ in self.leases()}, kept)
        self.assertEqual(len(self.lease_one(2)), 2)

    def test_a_newer_format(self):
        self.server.start()
        self.server.stop()
        rocks.put(self.leases_folder, "default", b"format", (7).to_bytes(4, "little"))
        said = self.start_in_vain(self.server)
        self.assertIn(str(self.leases_folder), said)
        self.assertIn("of format 7", said)

    def test_a_file_where_the_folder_should_be(self):
        self.leases_folder.write_text("no folder")
        self.assertIn(str(self.leases_folder), self.start_in_vain(self.server))
        self.assertEqual(self.leases_folder.read_text(), "no folder")

    def test_a_read_only_file_system(self):
        self.leases_folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", self.leases_folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.leases_folder], check=True)
        said = self.start_in_vain(self.server)
        self.assertIn(str(self.leases_folder), said)
        self.assertIn("Read-only file system", said)

    def test_an_identity_that_is_damaged(self):
        """A server that silently became another one would lose its clients."""
        self.server.start()
        self.server.stop()
        rocks.put(self.leases_folder, "default", b"server-duid", bytes(22))
        self.assertIn("server-duid", self.start_in_vain(self.server))


class TestCheckpoint(StorageCase):
    def test_while_clients_come(self):
        """What had been granted before the checkpoint began is in it, and nothing that was granted after its end."""
        self.server.start()
        host = self.scene.add_host("load")
        load = self.lab.spawn(host, ["perfdhcp", "-6", "-l", "wan", "-e", "address-and-prefix", "-r", "300",
                                     "-R", "100000", "-p", "20", "-g", "single", "all"], "load")
        process.wait_until(lambda: self.ask_json("status")["bindings"]["count"] > 1000, 15, "the first leases")
        copy = self.lab.folder / "copy"
        before = self.leases()
        made = self.ask_json("storage", "checkpoint", str(copy))
        after = self.leases()
        self.assertTrue(load.is_running())
        load.stop()
        self.assertEqual(made["folder"], str(copy))
        self.assertGreater(made["octets"], 20 * len(before))  # 80 each, compressed
        self.assertEqual(copy.stat().st_mode & 0o777, 0o700)

        checked = self.ask_json("storage", "verify", str(copy))
        self.assertTrue(checked["sound"])
        self.assertGreaterEqual(checked["held"], len(before))
        self.assertTrue(self.ask_json("storage", "verify")["sound"])

        own_duid = self.duid_in_log(self.server)
        self.assertEqual(self.server.stop(), 0)
        other = Server(self.lab, self.scene.server_host, PORT, [configuration.DIRECT_LINK, configuration.RELAYED_LINK],
                       name="restored")
        other.configuration["storage"]["path"] = str(copy)
        other.start()
        restored = self.leases(other)
        self.assertEqual(before - restored, set())
        self.assertEqual(restored - after, set())
        self.assertEqual(self.duid_in_log(other), own_duid)
        self.assertEqual(self.ask_json("storage", "status", server=other)["loaded"]["leases"], len(restored))
        self.assertEqual(other.stop(), 0)

    def duid_in_log(self, server):
        return server.program.output().split("server DUID ")[1].split()[0]

    def test_refusals(self):
        self.server.start()
        taken = self.lab.folder / "taken"
        taken.mkdir()
        (taken / "file").write_text("precious")
        for folder in (taken, self.lab.folder / "no" / "such" / "parent", "/proc/copy"):
            with self.subTest(folder=folder):
                done = self.server.ask("storage", "checkpoint", str(folder))
                self.assertEqual(done.returncode, 1)
                self.assertIn(str(folder), done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)
        self.assertEqual((taken / "file").read_text(), "precious")
        for folder in (taken, self.lab.folder / "nowhere", self.leases_folder):
            with self.subTest(verify=folder):
                done = self.server.ask("storage", "verify", str(folder))
                self.assertEqual(done.returncode, 1)
                self.assertIn(str(folder), done.stderr)
        self.assertEqual([each.name for each in taken.iterdir()], ["file"])
        self.assertEqual(len(self.lease_one()), 2)


class TestDamage(StorageCase):
    """The rest is served, and what is lost is said: in the log, on the status screen, by the check, in the metrics."""

    METRICS = "[::1]:9547"

    def metric(self, name):
        with probe.network_of(self.scene.server_host):
            text = urllib.request.urlopen(f"http://{self.METRICS}/metrics", timeout=5).read().decode()
        return float(next(line.split()[1] for line in text.splitlines() if line.startswith(name + " ")))

    def test_a_damaged_table(self):
        self.server.configuration["server"]["metrics"] = self.METRICS
        self.server.start()
        perfdhcp.run(self.scene.add_host("load"), "wan", perfdhcp.ADDRESS, 500, 5, 10000)
        before = self.leases()
        self.assertGreater(len(before), 2000)
        self.assertEqual(self.server.stop(), 0)
        # A start turns what the log has into tables.
        self.server.start()
        self.assertEqual(self.leases(), before)
        self.assertEqual(self.server.stop(), 0)
        # Tables name their column family in their last block; others may say "lease" in what they hold.
        table = max((file for file in self.leases_folder.glob("*.sst") if b"lease" in file.read_bytes()[-2000:]),
                    key=lambda file: file.stat().st_size)
        octets = bytearray(table.read_bytes())
        self.assertGreater(len(octets), 50_000)
        octets[len(octets) // 2] ^= 0x10
        table.write_bytes(octets)
        copy = shutil.copytree(self.leases_folder, self.lab.folder / "copy")

        self.server.start()
        served = self.leases()
        self.assertEqual(served - before, set())
        self.assertLess(len(served), len(before))
        self.assertGreater(len(served), len(before) / 2)
        self.assertIn("damaged places in the leases", self.server.program.output())
        self.assertEqual(self.ask_json("storage", "status")["loaded"]["damaged_places"], 1)
        self.assertTrue([alarm for alarm in self.ask_json("status")["alarms"] if "damaged places" in alarm])
        checked = self.ask_json("storage", "verify", str(copy), code=1)
        self.assertEqual((checked["sound"], checked["damaged_places"]), (False, 1))
        self.assertEqual(self.metric("tandem6_storage_loaded_leases"), len(served))
        self.assertEqual(self.metric("tandem6_storage_serving"), 1)
        self.assertEqual(len(self.lease_one()), 2)

    def test_a_record_that_does_not_check(self):
        """It is set aside, kept and counted; the next start does not stumble over it again."""
        self.server.start()
        kept = self.lease_one()
        self.server.stop()
        key = bytes([1]) + bytes.fromhex("20010db8000700000000000000000099") + bytes([128]) + bytes(4) + b"\0\3\0\1wan"
        rocks.put(self.leases_folder, "lease", key, bytes(60))
        for _ in range(2):
            self.server.start()
            self.assertEqual({lease for lease, _ in self.leases()}, kept)
            process.wait_until(lambda: self.ask_json("storage", "status")["set_aside"] == 1, 10, "the disk's numbers")
            self.assertTrue([alarm for alarm in self.ask_json("status")["alarms"] if "set aside" in alarm])
            checked = self.ask_json("storage", "verify")
            self.assertTrue(checked["sound"])
            self.assertEqual(checked["set_aside"], [{"why": "does not fit its checksum", "count": 1}])
            self.server.stop()
        self.assertEqual(self.server.program.output().count("1 lease records were set aside"), 1)

    def test_a_lease_that_two_hold(self):
        """The check names the lease; a start serves one of the two and sets the other aside."""
        self.server.start()
        address = next(lease for lease in self.lease_one() if "/" not in lease)
        copy = self.lab.folder / "copy"
        self.ask_json("storage", "checkpoint", str(copy))
        self.assertTrue(self.ask_json("storage", "verify", str(copy))["sound"])
        rocks.put(copy, "lease", *active_record(address, dhcp6.duid_ll(0x99)))
        done = self.server.ask("storage", "verify", str(copy))
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAULTY", done.stdout)
        self.assertIn(f"held_twice: 1\n  {address} is held by two bindings", done.stdout)
        self.server.stop()

        self.server.configuration["storage"]["path"] = str(copy)
        self.server.start()
        self.assertEqual([lease for lease, _ in self.leases()].count(address), 1)
        self.assertEqual(self.ask_json("storage", "status")["loaded"]["set_aside"], 1)
        checked = self.ask_json("storage", "verify")
        self.assertTrue(checked["sound"])
        self.assertEqual([each["count"] for each in checked["set_aside"]], [1])


class TestFullDisk(StorageCase):
    """While the disk takes nothing, everybody is told; when it does again, the server goes on by itself."""

    def setUp(self):
        super().setUp()
        self.leases_folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", self.leases_folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.leases_folder], check=True)
        self.notify = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        path = str(self.lab.folder / "notify")
        self.notify.bind(path)
        self.notify.setblocking(False)
        os.environ["NOTIFY_SOCKET"] = path
        self.addCleanup(os.environ.pop, "NOTIFY_SOCKET", None)
        self.filler = open(self.leases_folder / "filler", "wb", buffering=0)
        self.addCleanup(self.filler.close)
        self.told = []  # the service manager

    def fill(self):
        """Again and again: a server that opens its leases anew gives the room of its log back."""
        try:
            while True:
                self.filler.write(bytes(4096))
        except OSError:
            pass

    def is_told(self, text):
        try:
            while True:
                self.told.append(self.notify.recv(4096).decode())
        except BlockingIOError:
            return any(text in line for line in self.told)

    def until_full(self, condition, what):
        def tried():
            self.fill()
            return condition()
        return process.wait_until(tried, 20, what)

    def test_a_full_disk(self):
        self.server.start()
        self.assertEqual(len(self.lease_one(1)), 2)
        self.lab.spawn(self.scene.add_host("load"), ["perfdhcp", "-6", "-l", "wan", "-r", "200", "-R", "100000",
                                                     "-p", "60", "-g", "single", "all"], "load")
        status = self.until_full(lambda: next((status for status in [self.ask_json("status")]
                                               if not status["storage"]["serving"]), None), "the disk to be full")
        self.assertIn("No space left on device", status["storage"]["trouble"])
        (alarm,) = (alarm for alarm in status["alarms"] if alarm.startswith("storage does not take changes: "))
        self.assertIn("No space left on device", alarm)
        refused = self.until_full(lambda: next(
            (done for done in [self.server.ask("storage", "checkpoint", str(self.lab.folder / "copy"))]
             if done.returncode == 1), None), "a checkpoint to be refused")
        self.assertIn("No space left on device", refused.stderr)
        self.until_full(lambda: "NOT SERVING" in self.server.ask("status").stdout, "the status screen to say so")
        self.until_full(lambda: self.is_told("STATUS=storage does not take changes: "), "the service manager to know")

        self.told.clear()
        self.filler.truncate(0)
        process.wait_until(lambda: self.ask_json("status")["storage"]["serving"], 10, "the disk to be used again")
        process.wait_until(lambda: self.is_told("STATUS=serving"), 5, "the service manager to know")
        self.assertEqual(len(self.lease_one(2)), 2)
        self.assertEqual(self.ask_json("storage", "status")["trouble"], "")
        self.assertIn("no more: storage does not take changes", self.server.program.output())
        self.assertTrue(self.ask_json("storage", "verify")["sound"])
        self.assertEqual(self.server.stop(), 0)


class TestStatus(case.LaboratoryCase):
    @classmethod
    def set_up_scene(cls):
        cls.scene = Scene(cls.lab, capture=False).start()

    def test_storage_status(self):
        """After some exchanges: durability, numbers that belong together, and the same data in words."""
        perfdhcp.run(self.scene.add_host("load"), "wan", perfdhcp.BOTH, 200, 2, 1000)
        data = json.loads(self.scene.server.ask("storage", "status", as_json=True).stdout)
        self.assertEqual((data["durability"], data["serving"], data["trouble"]), ("power", True, ""))
        self.assertGreater(data["changes"]["total"], 500)
        self.assertGreaterEqual(data["changes"]["total"], data["writes"]["total"])
        self.assertGreater(data["writes"]["octets_per_change"], 60)
        times = data["write_seconds"]
        self.assertGreater(times["last"], 0)
        self.assertLessEqual(times["p50"], times["p99"])
        process.wait_until(
            lambda: json.loads(self.scene.server.ask("storage", "status", as_json=True).stdout)["file_octets"] > 0,
            10, "the disk's numbers")
        text = self.scene.server.ask("storage", "status").stdout
        for words in ("durability   power", "serving      yes", data["path"]):
            self.assertIn(words, text)
        self.assertIn("durability: power", self.scene.server.ask("status").stdout)

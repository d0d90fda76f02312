"""The daemon's life: ready, ended by signals, killed and started again, several of them side by side."""

import os
import signal
import socket
import unittest

import case
from lab import configuration, dhcp6, laboratory, probe, process
from lab.scene import PORT, Scene
from lab.server import DAEMON, Server


class LifecycleCase(unittest.TestCase):
    """A scene for each test: these daemons are ended."""

    def setUp(self):
        case.require_namespaces()
        self.lab = self.enterContext(laboratory.Laboratory())
        self.scene = Scene(self.lab, capture=False)
        self.server = self.scene.server

    def serves(self, number, patience=2.0):
        """A new client gets a lease."""
        if not hasattr(self, "client"):
            self.client = self.scene.add_host("client")
        with probe.Probe(self.client, "wan") as asking:
            _, reply = probe.acquire(asking, dhcp6.duid_ll(number), dhcp6.ia_na(1))
            return bool(reply.ia(dhcp6.IA_NA).leases)


class TestEnds(LifecycleCase):
    def check_end(self, signal_number):
        self.server.start()
        self.assertTrue(self.serves(1))
        self.assertEqual(self.server.stop(signal_number), 0)
        self.assertFalse(self.server.socket.exists())

    def test_termination(self):
        self.check_end(signal.SIGTERM)

    def test_control_c(self):
        self.check_end(signal.SIGINT)

    def test_it_ends_at_once_under_load(self):
        """A server that is being asked all the time still ends, and still says 0."""
        self.server.start()
        host = self.scene.add_host("load")
        load = self.lab.spawn(host, ["perfdhcp", "-6", "-l", "wan", "-r", "500", "-R", "1000", "-p", "10",
                                     "-g", "single", "all"], "load")
        process.wait_until(lambda: self.server.call("stats")["counters"]["sent.reply"]["sum"] > 100, 10,
                           "the load to be served")
        self.assertEqual(self.server.stop(timeout=5), 0)
        load.stop()


class TestStarts(LifecycleCase):
    def test_it_tells_the_service_manager_that_it_is_ready(self):
        """READY=1 on NOTIFY_SOCKET comes once clients can be served, not before."""
        path = self.lab.folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(path))
            notify.settimeout(15)
            os.environ["NOTIFY_SOCKET"] = str(path)
            self.addCleanup(os.environ.pop, "NOTIFY_SOCKET", None)
            self.server.start()
            self.assertIn(b"READY=1", notify.recv(4096))
            self.assertTrue(self.serves(1))
            self.server.stop()

    def test_kill_and_start_again(self):
        """What a killed daemon leaves behind (its socket) does not keep the next one from starting."""
        self.server.start()
        self.server.kill()
        self.assertTrue(self.server.socket.exists())
        self.server.start()
        self.assertTrue(self.serves(1))
        self.assertEqual(self.server.stop(), 0)

    def test_two_daemons_on_one_socket(self):
        """A second daemon with the same socket says so and ends; the first one stays reachable."""
        self.server.start()
        other_host = self.scene.add_host("other", interface=PORT)
        other = Server(self.lab, other_host, PORT, [configuration.DIRECT_LINK], name="other")
        other.configuration["server"]["control-socket"] = str(self.server.socket)
        file = other.folder / "tandem6.yaml"
        file.write_text(configuration.to_yaml(other.configuration))
        done = other_host.run([DAEMON, "--config", file], timeout=20, check=False, private_files={})
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.server.socket), done.stderr)
        self.assertEqual(self.server.ask("status").returncode, 0)

    def test_a_device_that_is_not_there(self):
        """One line says why, and the exit code is 1."""
        self.server.configuration["dataplane"]["ports"][0]["device"] = "net_af_packet0,iface=nowhere"
        file = self.server.folder / "tandem6.yaml"
        file.write_text(configuration.to_yaml(self.server.configuration))
        done = self.scene.server_host.run([DAEMON, "--config", file], timeout=20, check=False, private_files={})
        self.assertEqual(done.returncode, 1)
        self.assertIn("nowhere", done.stderr)
        self.assertFalse(self.server.socket.exists())


class TestUsage(unittest.TestCase):
    def test_usage_is_2(self):
        for words in ([], ["--no-such-option"], ["--config"]):
            with self.subTest(words=words):
                self.assertEqual(process.run([DAEMON, *words], check=False).returncode, 2)

    def test_help_and_version_are_0(self):
        for word in ("--help", "--version"):
            done = process.run([DAEMON, word], check=False)
            self.assertEqual(done.returncode, 0)
            self.assertIn("tandem6d", done.stdout)

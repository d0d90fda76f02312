// A datapath with a server that gives everybody the same short answer, for the tests of the way out
// to the kernel. Ends on SIGTERM and prints its counters.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

#include "dataplane/net/datapath.h"
#include "tests/net/fake_server.h"

namespace tandem6 {
namespace {

volatile std::sig_atomic_t stopped = 0;

int run(NetSettings settings) {
  auto eal = Eal::start(settings);
  if (!eal) return std::fprintf(stderr, "%s\n", eal.error().c_str()), 1;
  std::vector<std::unique_ptr<FakeServer>> servers;
  std::vector<CommittedMark> marks(settings.worker_count);
  std::vector<WireCounters> wire(settings.worker_count);
  std::vector<Datapath::WorkerParts> parts;
  for (unsigned i = 0; i < settings.worker_count; ++i) {
    servers.push_back(std::make_unique<FakeServer>(i, settings.worker_count));
    servers[i]->remember = false;
    marks[i].advance(UINT64_MAX);
    parts.push_back({servers[i].get(), &marks[i], &wire[i]});
  }
  auto datapath = Datapath::open(**eal, settings, parts);
  if (!datapath) return std::fprintf(stderr, "%s\n", datapath.error().c_str()), 1;
  const auto started = (*datapath)->start();
  if (!started) return std::fprintf(stderr, "%s\n", started.error().c_str()), 1;
  std::puts("ready");
  std::fflush(stdout);
  while (stopped == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    for (const std::string& text : (*datapath)->tend()) std::fprintf(stderr, "%s\n", text.c_str());
  }
  (*datapath)->stop();
  for (const PortInfo& port : (*datapath)->ports()) {
    std::printf("%s: kernel: %s, queues %u, received %lu, sent %lu\n", port.name.c_str(),
                port.kernel_path.c_str(), port.queue_count, port.received, port.sent);
  }
  for (unsigned i = 0; i < settings.worker_count; ++i) {
    for (const auto& [name, member] : kNetCounterEntries) {
      const std::uint64_t value = ((*datapath)->counters(i).*member).read();
      if (value != 0) std::printf("worker %u: %s %lu\n", i, name, value);
    }
    for (std::size_t reason = 0; reason < wire[i].dropped.size(); ++reason) {
      const std::uint64_t value = wire[i].dropped[reason].read();
      if (value != 0) {
        std::printf("worker %u: drop.%s %lu\n", i, name_of(static_cast<DropReason>(reason)), value);
      }
    }
  }
  return 0;
}

}  // namespace
}  // namespace tandem6

int main(int argc, char** argv) {
  using namespace tandem6;
  CLI::App app("a datapath with a server that gives everybody the same short answer");
  PortSettings port;
  std::vector<std::string> addresses;
  std::string kernel_path = "automatic";
  bool poll = false;
  NetSettings settings;
  app.add_option("--device", port.device)->required();
  app.add_option("--name", port.name)->required();
  app.add_option("--address", addresses)->required();
  app.add_option("--kernel-path", kernel_path);
  app.add_option("--workers", settings.worker_count);
  app.add_flag("--poll", poll);
  CLI11_PARSE(app, argc, argv);
  for (const std::string& text : addresses) {
    port.addresses.push_back(Ipv6Address::parse(text).value());
  }
  if (kernel_path == "tap") port.kernel_path = KernelPathKind::kTap;
  if (kernel_path == "none") port.kernel_path = KernelPathKind::kNone;
  settings.ports = {port};
  settings.idle = poll ? IdleMode::kPoll : IdleMode::kSleep;
  settings.eal_arguments = {"--no-huge", "--no-pci", "-m", "256"};
  for (const int number : {SIGTERM, SIGINT}) std::signal(number, [](int) { stopped = 1; });
  return run(settings);
}

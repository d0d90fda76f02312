// libFuzzer's entry: octets of a frame without its size. Built and run by tests/fuzz/run.
#include "tests/fuzz/failover_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tandem6::try_failover_message({data, size});
  return 0;
}

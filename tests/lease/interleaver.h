// Runs several bodies of code as if on several threads, one shared step at a time, in an order
// drawn from a seed: what fails, fails again. For code built with T6_STEP_BY_STEP.
#pragma once

#include <ucontext.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace tandem6 {

class Interleaver {
 public:
  /// Runs all bodies to their ends.
  void run(std::vector<std::function<void()>> bodies, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    // Each run favours long or short turns of one body: some races want a long sleep.
    const std::uint64_t turn_length = 1 + random() % 8;
    fibers_.resize(bodies.size());
    std::vector<Fiber*> running;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      start(fibers_[i], std::move(bodies[i]));
      running.push_back(&fibers_[i]);
    }
    std::size_t turn = 0;
    while (!running.empty()) {
      if (turn >= running.size() || random() % turn_length == 0) turn = random() % running.size();
      step(*running[turn]);
      if (running[turn]->ended) running.erase(running.begin() + static_cast<std::ptrdiff_t>(turn));
    }
  }

  /// What before_shared_step does.
  static void pause() noexcept {
    if (current_ != nullptr) ::swapcontext(&current_->context, &scheduler_);
  }

 private:
  struct Fiber {
    ucontext_t context{};
    std::unique_ptr<std::array<std::byte, 256 * 1024>> stack =
        std::make_unique<std::array<std::byte, 256 * 1024>>();
    std::function<void()> body;
    bool ended = false;
  };

  static void enter() {
    current_->body();
    current_->ended = true;
  }

  static void start(Fiber& fiber, std::function<void()> body) {
    fiber.body = std::move(body);
    fiber.ended = false;
    ::getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack->data();
    fiber.context.uc_stack.ss_size = fiber.stack->size();
    fiber.context.uc_link = &scheduler_;
    ::makecontext(&fiber.context, &enter, 0);
  }

  static void step(Fiber& fiber) {
    current_ = &fiber;
    ::swapcontext(&scheduler_, &fiber.context);
    current_ = nullptr;
  }

  static inline Fiber* current_ = nullptr;
  static inline ucontext_t scheduler_{};
  std::vector<Fiber> fibers_;
};

}  // namespace tandem6

// Random lives of a shard against a dumb twin made of maps: insertions, deletions, renewals,
// releases, expiry, eviction; DUIDs of 3 to 130 octets, many of them alike. One seed, one life.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <list>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "dataplane/lease/shard.h"
#include "tests/lease/shard_maker.h"

namespace tandem6 {
namespace {

using test::client;
using test::key;
using test::Octets;

struct TwinBinding {
  Octets duid;
  IaType type;
  Iaid iaid;
  Ipv6Prefix lease;
  bool claimed = false;
  std::int64_t deadline = 0;  // 0: not armed
  std::int64_t ended_at = 0;
  bool in_history = false;
};

class Life {
 public:
  explicit Life(unsigned seed)
      : random_(seed),
        binding_count_max_(20 + pick(200)),
        shard_(0, {.binding_count_max = binding_count_max_, .change_ring_size = 1024}, key()) {
    for (unsigned i = 0; i < 5 + pick(60); ++i) duids_.push_back(random_duid());
  }

  void live(int step_count) {
    for (int step = 0; step < step_count && !testing::Test::HasFatalFailure(); ++step) {
      SCOPED_TRACE(testing::Message() << "step " << step);
      switch (pick(8)) {
        case 0:
        case 1:
        case 2:
          grant();
          break;
        case 3:
          renew();
          break;
        case 4:
          release();
          break;
        case 5:
          erase();
          break;
        case 6:
          pass_time();
          break;
        default:
          look();
      }
      take_evictions();
    }
    look_at_all();
  }

 private:
  unsigned pick(unsigned below) { return static_cast<unsigned>(random_() % below); }

  /// Alike on purpose: few octets differ, and lengths lie around every border.
  Octets random_duid() {
    constexpr std::array<unsigned, 8> kSizes = {3, 14, 15, 16, 18, 72, 73, 130};
    const unsigned size = pick(2) == 0 ? kSizes[pick(kSizes.size())] : 3 + pick(128);
    Octets duid(size, 0);
    duid[pick(size)] = static_cast<std::uint8_t>(pick(3));
    duid.back() = static_cast<std::uint8_t>(pick(4));
    return duid;
  }

  /// Few leases, so that clients want the same ones.
  Ipv6Prefix random_lease() {
    return pick(2) == 0 ? test::address_lease(pick(binding_count_max_))
                        : test::prefix_lease(pick(binding_count_max_ / 2), pick(2) == 0 ? 56 : 60);
  }

  BindingIndex random_binding() {
    if (twin_.empty()) return kNoBinding;
    auto at = twin_.begin();
    std::advance(at, pick(static_cast<unsigned>(twin_.size())));
    return at->first;
  }

  std::vector<BindingIndex> twin_find_client(const Octets& duid) const {
    std::vector<BindingIndex> found;
    for (const BindingIndex index : order_) {
      if (twin_.at(index).duid == duid) found.push_back(index);
    }
    return found;
  }

  BindingIndex twin_holder(const Ipv6Prefix& lease) const {
    for (const auto& [index, binding] : twin_) {
      if (binding.claimed && binding.lease == lease) return index;
    }
    return kNoBinding;
  }

  void forget(BindingIndex index) {
    twin_.erase(index);
    order_.remove(index);
    history_.remove(index);
  }

  // As the server does: a lease is given only when nobody holds it.
  void grant() {
    const Octets& duid = duids_[pick(static_cast<unsigned>(duids_.size()))];
    const Ipv6Prefix lease = random_lease();
    const BindingIndex holder = shard_.find_lease(lease.address, lease.length);
    if (holder != kNoBinding && shard_.at(holder).claimed) return;
    // Its own former binding of this lease would be renewed instead.
    for (const BindingIndex index : twin_find_client(duid)) {
      if (twin_.at(index).lease == lease) return;
    }
    const IaType type =
        lease.length == 128 ? IaType::kNonTemporaryAddress : IaType::kPrefixDelegation;
    const Iaid iaid{pick(3)};
    const bool had_room = twin_.size() < binding_count_max_;
    const BindingIndex index = shard_.insert(client(duid), type, iaid, lease);
    take_evictions();
    if (index == kNoBinding) {
      const bool could_evict =
          std::ranges::any_of(history_, [&](BindingIndex at) { return twin_.at(at).duid != duid; });
      const bool too_many = twin_find_client(duid).size() >= Shard::kClientBindingCountMax;
      // With every lease's attributes empty the attribute store holds all DUIDs.
      ASSERT_TRUE(too_many || (!had_room && !could_evict)) << "refused without need";
      return;
    }
    ASSERT_FALSE(twin_.contains(index)) << "a live binding was given away";
    twin_[index] = {.duid = duid, .type = type, .iaid = iaid, .lease = lease};
    order_.push_back(index);
    hold(index);
  }

  void hold(BindingIndex index) {
    TwinBinding& twin = twin_.at(index);
    Binding& binding = shard_.at(index);
    binding.claimed = true;
    twin.claimed = true;
    twin.deadline = pick(10) == 0 ? INT64_MAX : now_ + 1 + static_cast<std::int64_t>(pick(5000));
    binding.state_expiration_time = WallTime{twin.deadline};
    shard_.arm(index, WallTime{now_});
    twin.in_history = false;
    history_.remove(index);
  }

  void renew() {
    const BindingIndex index = random_binding();
    if (index == kNoBinding) return;
    if (!twin_.at(index).claimed) {
      const Ipv6Prefix lease = twin_.at(index).lease;
      const BindingIndex found = shard_.find_lease(lease.address, lease.length);
      if (shard_.at(found).claimed) return;  // somebody else has it now
    }
    hold(index);
  }

  void put_into_history(BindingIndex index) {
    TwinBinding& twin = twin_.at(index);
    Binding& binding = shard_.at(index);
    binding.claimed = false;
    binding.start_time_of_state = WallTime{now_};
    binding.state_expiration_time = kNoTime;
    twin.claimed = false;
    twin.deadline = 0;
    twin.ended_at = now_;
    twin.in_history = true;
    history_.remove(index);
    history_.push_back(index);
    shard_.keep_in_history(index);
  }

  void release() {
    const BindingIndex index = random_binding();
    if (index != kNoBinding && twin_.at(index).claimed) put_into_history(index);
  }

  void erase() {
    const BindingIndex index = random_binding();
    if (index == kNoBinding || pick(3) != 0) return;
    shard_.at(index).claimed = false;
    shard_.erase(index);
    forget(index);
  }

  void pass_time() {
    now_ += pick(3) == 0 ? pick(3000) : pick(20);
    const auto callback = [](void* context, BindingIndex index) {
      static_cast<Life*>(context)->on_expiry(index);
    };
    while (shard_.has_due(WallTime{now_}))
      shard_.expire(WallTime{now_}, 1 + pick(8), callback, this);
    for (const auto& [index, twin] : twin_) {
      ASSERT_FALSE(twin.deadline != 0 && twin.deadline <= now_) << index << " is overdue";
    }
  }

  void on_expiry(BindingIndex index) {
    ASSERT_TRUE(twin_.contains(index));
    ASSERT_NE(twin_.at(index).deadline, 0);
    ASSERT_LE(twin_.at(index).deadline, now_) << "early";
    if (pick(4) == 0) {
      shard_.at(index).claimed = false;
      shard_.erase(index);
      forget(index);
    } else {
      put_into_history(index);
      take_evictions();
    }
  }

  /// What left the history by itself must have been there, and must say so to the disk.
  void take_evictions() {
    for (const Change& change : test::take_changes(shard_)) {
      ASSERT_EQ(change.number, ++last_change_);
      ASSERT_EQ(change.kind, ChangeKind::kErase);
      const auto victim = std::ranges::find_if(history_, [&](BindingIndex index) {
        const TwinBinding& twin = twin_.at(index);
        return Duid(twin.duid) == change.duid && twin.lease == change.binding.lease() &&
               twin.iaid == change.binding.iaid &&
               twin.ended_at == WallTime(change.binding.start_time_of_state).seconds;
      });
      ASSERT_NE(victim, history_.end()) << "what is not in the history was forgotten";
      forget(*victim);
    }
  }

  void look() {
    const Octets duid = pick(4) == 0 ? random_duid() : duids_[pick(duids_.size())];
    std::array<BindingIndex, 64> found;
    const std::size_t count = shard_.find_client(client(duid), found);
    ASSERT_EQ(std::vector(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(count)),
              twin_find_client(duid));
    const Ipv6Prefix lease = random_lease();
    const BindingIndex at = shard_.find_lease(lease.address, lease.length);
    const BindingIndex holder = twin_holder(lease);
    if (holder != kNoBinding) {
      ASSERT_EQ(at, holder);
    } else {
      const bool any = std::ranges::any_of(
          twin_, [&](const auto& entry) { return entry.second.lease == lease; });
      ASSERT_EQ(at != kNoBinding, any);
      if (any) {
        ASSERT_EQ(shard_.at(at).lease(), lease);
      }
    }
    ASSERT_EQ(shard_.binding_count(), twin_.size());
  }

  void look_at_all() {
    std::set<BindingIndex> live;
    std::set<Ipv6Prefix> held;
    for (BindingIndex at = shard_.first_from(0); at != kNoBinding; at = shard_.first_from(at + 1)) {
      live.insert(at);
      const Binding& binding = shard_.at(at);
      ASSERT_TRUE(twin_.contains(at));
      const TwinBinding& twin = twin_.at(at);
      ASSERT_EQ(shard_.duid_of(binding), Duid(twin.duid));
      ASSERT_EQ(binding.lease(), twin.lease);
      ASSERT_EQ(binding.ia_type, twin.type);
      ASSERT_EQ(binding.iaid, twin.iaid);
      ASSERT_EQ(binding.claimed, twin.claimed);
      if (binding.claimed) {
        ASSERT_TRUE(held.insert(binding.lease()).second) << "two bindings own one lease";
      }
    }
    ASSERT_EQ(live.size(), twin_.size());
    ASSERT_EQ(live.size(), shard_.binding_count());
    for (const Octets& duid : duids_) {
      ASSERT_EQ(shard_.find_client(client(duid), {}), twin_find_client(duid).size());
    }
  }

  std::mt19937 random_;
  std::uint32_t binding_count_max_;
  Shard shard_;
  std::vector<Octets> duids_;
  std::map<BindingIndex, TwinBinding> twin_;
  std::list<BindingIndex> order_;    // of creation
  std::list<BindingIndex> history_;  // of ending
  std::int64_t now_ = 830'000'000;
  std::uint64_t last_change_ = 0;
};

class ShardLife : public testing::TestWithParam<unsigned> {};

TEST_P(ShardLife, AgreesWithMapsAndNoLeaseHasTwoOwners) {
  SCOPED_TRACE(testing::Message() << "seed " << GetParam());
  Life(GetParam()).live(6000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ShardLife, testing::Range(1U, 31U));

}  // namespace
}  // namespace tandem6

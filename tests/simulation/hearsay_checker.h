// What a server does with leases that it, or its partner, cannot know of: with an old copy of its
// disk, and for a partner that has forgotten. Judged from what is written down and
// said.
//
//   - what had left when the copy was taken, unheard by the partner, may have come back
//   - what the copy says runs is told to nobody when all has been heard: the partner knows better
//   - what the partner says of a lease in doubt is taken: that it is free, that it runs, that it is
//     another client's; and so is what runs there since a contact that is forgotten here
//   - and of a block of prefixes, when no lease of the copy is in it any more; but what the partner
//     has given of it since has left it
//   - what the partner acked of a lease that is not known here was promised here
//   - to a partner that has forgotten, nothing is over that it may have promised
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/record_checker.h"

namespace tandem6::simulation::hearsay {

using Report = std::function<void(std::string)>;

void doubted(const LeaseRecord& record, const LeaseRecord* before, Role role, const Report& report);
void settled(const LeaseRecord& record, const Report& report);
/// `before`: of the same client, or null; `holder`: another client's that is kept, or null.
void refused(const LeaseUpdate& update, const LeaseRecord* before, const LeaseRecord* holder,
             const Report& report);
/// `before`: of the same client, or null. An update was taken by a server that lost its disk.
void taken(const LeaseRecord& record, const LeaseRecord* before, const LeaseUpdate& update,
           Lifetime mclt, const Report& report);
/// When all has been heard: of blocks that were told to be the secondary's, what was given to
/// clients since is so no more, and the rest is.
void given_since_settled(const SimulatedDisk::Content& disk, const std::vector<Ipv6Prefix>& blocks,
                         const std::set<Ipv6Prefix>& given, const Report& report);
/// When all has been heard: a block that was refused for a lease of the copy is whose the partner
/// said.
void block_settled(const SimulatedDisk::Content& disk, const Ipv6Prefix& block,
                   BindingStatus status, const Report& report);
/// A partner that has asked for everything is told that this was all; `record` was so before it
/// asked.
void all_said(const LeaseRecord& record, WallTime now, Lifetime mclt, const Report& report);

}  // namespace tandem6::simulation::hearsay

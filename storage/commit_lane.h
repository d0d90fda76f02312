// What joins one worker to the committer: the ring its changes come through, and the mark that
// tells it how far they are kept.
#pragma once

#include "dataplane/lease/change.h"
#include "dataplane/lease/committed_mark.h"
#include "dataplane/lease/spsc_ring.h"

namespace tandem6 {

/// Borrowed: both outlive the committer. The committer alone reads the ring and writes the mark.
struct CommitLane {
  SpscRing<Change>* changes = nullptr;
  CommittedMark* mark = nullptr;
};

}  // namespace tandem6

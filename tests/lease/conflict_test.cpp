// Figure 4 of RFC 8156 section 7.5.4, cell by cell: rows F-214 to F-245. What the cells do not say
// is tested in conflict_rulings_test.cpp.
//
// A cell of the tables below: the number of its requirement, a sign for the two times that it
// compares, and what becomes of an update whose time lies so many seconds from the known one.
//
//   :  accept   time of the update, time of the binding
//   =  time(1)  now, state-expiration-time of the binding
//   #  time(2)  the client's last contact, start-time-of-state of the binding
//   !  accept   the last contact with either server that each knows of, exactly: of an ABANDONED
//   and
//               an end that cross both judge alike
//   ~  time(1) in the partner's clock: start-time-of-state of the update instead of now
//
//   T take it, M merge it, o refuse it as outdated, u refuse it as in use
#include "dataplane/lease/conflict.h"

#include <gtest/gtest.h>

#include <array>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace tandem6 {
namespace {

using Steps = std::array<int, 5>;

struct Figure {
  const char* name;
  bool from_partner;  // the binding known here
  bool is_same_client;
  Role receiver;
  Steps steps;
  const char* cells;
};

constexpr Steps kAroundTolerance = {-6, -5, 0, 5, 6};
constexpr Steps kAroundEqual = {-6, -1, 0, 1, 6};

// In all of them no cell but one compares two ACTIVE clients: rows 2 to 6 are those of the figure,
// whoever the client is. F-135, F-246: 5 s apart is a tie, 6 s is not.
constexpr const char* kSameClient = R"(
                ACTIVE       EXPIRED      RELEASED     FREE         RESET        ABANDONED
    ACTIVE      214:MMMMT    217=ooooT    218:ooooT    219=ooooT    220:ooooT    220:oTTTT
    EXPIRED     221:oTTTT    222:oTTTT    223:oTTTT    224:oTTTT    225:oTTTT    225!oooTT
    RELEASED    226:oTTTT    227:oTTTT    228:oTTTT    229:oTTTT    230:oTTTT    230!oooTT
    FREE        231:oTTTT    232:oTTTT    233:oTTTT    234:oTTTT    235:oTTTT    235!oooTT
    RESET       236#oTTTT    237:oTTTT    238:oTTTT    239:oTTTT    240:oTTTT    240!oooTT
    ABANDONED   241:oTTTT    242!ooTTT    243!ooTTT    244!ooTTT    245!ooTTT    245:oTTTT
)";

// R-29, R-50: another client's lease is not ended, what is free keeps nobody from it, and the
// secondary yields ...
constexpr const char* kOtherClientToSecondary = R"(
                ACTIVE       EXPIRED      RELEASED     FREE         RESET        ABANDONED
    ACTIVE      215:TTTTT    217=ooooT    218:ooooo    219=ooooT    220:ooooo    220:oTTTT
    EXPIRED     221:oTTTT    222:oTTTT    223:oTTTT    224:oTTTT    225:oTTTT    225!oooTT
    RELEASED    226:oTTTT    227:oTTTT    228:oTTTT    229:oTTTT    230:oTTTT    230!oooTT
    FREE        231:TTTTT    232:oTTTT    233:oTTTT    234:oTTTT    235:oTTTT    235!oooTT
    RESET       236#oTTTT    237:oTTTT    238:oTTTT    239:oTTTT    240:oTTTT    240!oooTT
    ABANDONED   241:oTTTT    242!ooTTT    243!ooTTT    244!ooTTT    245!ooTTT    245:oTTTT
)";
// ... and the primary only to a later one.
constexpr const char* kOtherClientToPrimary = R"(
                ACTIVE       EXPIRED      RELEASED     FREE         RESET        ABANDONED
    ACTIVE      216#uuuuT    217=ooooT    218:ooooo    219=ooooT    220:ooooo    220:oTTTT
)";

// R-27: what the partner told is compared exactly, and as late is late enough.
constexpr const char* kSameClientFromPartner = R"(
                ACTIVE       EXPIRED      RELEASED     FREE         RESET        ABANDONED
    ACTIVE      214:MMTTT    217~ooTTT    218:ooTTT    219~ooTTT    220:ooTTT    220:ooTTT
    EXPIRED     221:ooTTT    222:ooTTT    223:ooTTT    224:ooTTT    225:ooTTT    225!oooTT
    RELEASED    226:ooTTT    227:ooTTT    228:ooTTT    229:ooTTT    230:ooTTT    230!oooTT
    FREE        231:ooTTT    232:ooTTT    233:ooTTT    234:ooTTT    235:ooTTT    235!oooTT
    RESET       236#ooTTT    237:ooTTT    238:ooTTT    239:ooTTT    240:ooTTT    240!oooTT
    ABANDONED   241:ooTTT    242!ooTTT    243!ooTTT    244!ooTTT    245!ooTTT    245:ooTTT
)";
// Our own clock says whether another client's lease is over: here it is not.
constexpr const char* kOtherClientFromPartnerToSecondary = R"(
                ACTIVE       EXPIRED      RELEASED     FREE         RESET        ABANDONED
    ACTIVE      215:TTTTT    217~ooooo    218:ooooo    219~ooooo    220:ooooo    220:ooTTT
)";
constexpr const char* kOtherClientFromPartnerToPrimary = R"(
                ACTIVE       EXPIRED      RELEASED     FREE         RESET        ABANDONED
    ACTIVE      216#uuTTT    217~ooooo    218:ooooo    219~ooooo    220:ooooo    220:ooTTT
)";

constexpr Figure kFigures[] = {
    {"SameClientToPrimary", false, true, Role::kPrimary, kAroundTolerance, kSameClient},
    {"SameClientToSecondary", false, true, Role::kSecondary, kAroundTolerance, kSameClient},
    {"OtherClientToSecondary", false, false, Role::kSecondary, kAroundTolerance,
     kOtherClientToSecondary},
    {"OtherClientToPrimary", false, false, Role::kPrimary, kAroundTolerance, kOtherClientToPrimary},
    {"SameClientFromPartnerToPrimary", true, true, Role::kPrimary, kAroundEqual,
     kSameClientFromPartner},
    {"SameClientFromPartnerToSecondary", true, true, Role::kSecondary, kAroundEqual,
     kSameClientFromPartner},
    {"OtherClientFromPartnerToSecondary", true, false, Role::kSecondary, kAroundEqual,
     kOtherClientFromPartnerToSecondary},
    {"OtherClientFromPartnerToPrimary", true, false, Role::kPrimary, kAroundEqual,
     kOtherClientFromPartnerToPrimary},
};
void PrintTo(const Figure& figure, std::ostream* out) { *out << figure.name; }

struct Cell {
  std::string requirement;
  char comparison;
  std::string outcomes;
  std::vector<BindingStatus> known;
  std::vector<BindingStatus> received;
};

std::vector<BindingStatus> statuses_of(const std::string& name) {
  if (name == "ACTIVE") return {BindingStatus::kActive};
  if (name == "EXPIRED") return {BindingStatus::kExpired};
  if (name == "RELEASED") return {BindingStatus::kReleased};
  if (name == "FREE") return {BindingStatus::kFree, BindingStatus::kFreeBackup};
  if (name == "RESET") return {BindingStatus::kReset};
  if (name == "ABANDONED") return {BindingStatus::kAbandoned};
  ADD_FAILURE() << name;
  return {};
}

std::vector<Cell> cells_of(const char* text) {
  std::vector<Cell> cells;
  std::vector<std::string> columns;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<std::string> row;
    for (std::string word; words >> word;) row.push_back(word);
    if (row.empty()) continue;
    if (columns.empty()) {
      columns = row;
      continue;
    }
    EXPECT_EQ(row.size(), columns.size() + 1) << line;
    for (std::size_t i = 1; i < row.size(); ++i) {
      cells.push_back({.requirement = row[i].substr(0, 3),
                       .comparison = row[i][3],
                       .outcomes = row[i].substr(4),
                       .known = statuses_of(row[0]),
                       .received = statuses_of(columns[i - 1])});
    }
  }
  return cells;
}

char letter_of(Judgement judgement) {
  switch (judgement) {
    case Judgement::kTake:
      return 'T';
    case Judgement::kMerge:
      return 'M';
    case Judgement::kOutdated:
      return 'o';
    case Judgement::kAddressInUse:
      return 'u';
    case Judgement::kTooEarly:
      return 'e';
  }
  return '?';
}

/// A binding and an update whose times that the cell compares lie `step` seconds apart; what it
/// must not look at would have it judged otherwise.
struct Case {
  Case(const Figure& figure, char comparison, int step) {
    binding.from_partner = figure.from_partner;
    const bool by_start = comparison == '#';
    (figure.from_partner ? binding.partner_raw_clt_time : binding.client_last_transaction_time) =
        by_start ? WallTime{5} : WallTime{10'000};
    (figure.from_partner ? binding.client_last_transaction_time : binding.partner_raw_clt_time) =
        figure.from_partner ? WallTime{50'000} : WallTime{4};
    binding.start_time_of_state = by_start ? WallTime{10'000} : WallTime{9000};
    if (comparison == '!' && figure.from_partner) {
      binding.client_last_transaction_time = WallTime{4};
    }
    binding.state_expiration_time = WallTime{20'000};
    update.client_time = WallTime{10'000 + step};
    update.start_time_of_state = WallTime{8000};
    update.state_expiration_time = WallTime{100'000};
    if (by_start) update.start_time_of_state = WallTime{99'000};
    if (comparison == '=') {
      now = WallTime{20'000 + step};
      update.client_time = WallTime{12'000};
      update.start_time_of_state = WallTime{30'000};
    } else if (comparison == '~') {
      update.client_time = WallTime{12'000};
      update.start_time_of_state = WallTime{20'000 + step};
    }
  }

  Binding binding;
  LeaseUpdate update;
  WallTime now{15'000};
};

class Figure4 : public testing::TestWithParam<Figure> {};

TEST_P(Figure4, cell) {  // F-214 to F-246, R-27, R-28, R-29, R-50
  const Figure& figure = GetParam();
  for (const Cell& cell : cells_of(figure.cells)) {
    for (const BindingStatus known : cell.known) {
      for (const BindingStatus received : cell.received) {
        std::string outcomes;
        for (const int step : figure.steps) {
          Case each(figure, cell.comparison, step);
          each.binding.status = known;
          each.update.status = received;
          outcomes +=
              letter_of(judge({.binding = &each.binding, .is_same_client = figure.is_same_client},
                              each.update, figure.receiver, each.now));
        }
        EXPECT_EQ(outcomes, cell.outcomes) << "F-" << cell.requirement << ": known "
                                           << name_of(known) << ", received " << name_of(received);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Figure4, testing::ValuesIn(kFigures),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace tandem6

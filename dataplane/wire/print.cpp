#include "dataplane/wire/print.h"

#include <utility>

#include "dataplane/wire/client_fqdn.h"
#include "dataplane/wire/cursor.h"
#include "dataplane/wire/identity_association.h"
#include "dataplane/wire/ipv6.h"
#include "dataplane/wire/lease_option.h"
#include "dataplane/wire/message_type.h"
#include "dataplane/wire/print_partner.h"
#include "dataplane/wire/status_code.h"

namespace tandem6 {
namespace {

// Nine relays at two levels each, then message, IA and lease; garbage may nest far deeper.
constexpr int kDepthMax = 24;

std::string seconds(std::uint32_t value) {
  return value == 0xffffffff ? "infinity" : std::to_string(value) + "s";
}

bool is_relayed(MessageType type) {
  return type == MessageType::kRelayForward || type == MessageType::kRelayReply;
}

std::size_t header_size(MessageType type) {
  return is_relayed(type) ? 34 : is_failover(type) ? 8 : 4;
}

/// Where the options of a message stand.
Place place_in(MessageType type) {
  if (is_relayed(type)) return Place::kRelayMessage;
  if (is_failover(type)) return Place::kFailoverMessage;
  switch (type) {
    case MessageType::kAdvertise:
    case MessageType::kReply:
    case MessageType::kReconfigure:
    case MessageType::kLeasequeryReply:
      return Place::kServerMessage;
    default:
      return Place::kClientMessage;
  }
}

bool is_of_failover(Place place) {
  return place == Place::kFailoverMessage || place == Place::kClientData ||
         place == Place::kFailoverIa;
}

class Printer {
 public:
  explicit Printer(Bytes datagram) : datagram_(datagram) {}

  std::string print() {
    message(datagram_);
    return std::move(text_);
  }

 private:
  void line(const std::string& text) {
    text_.append(static_cast<std::size_t>(depth_) * 2, ' ');
    text_ += text;
    text_ += '\n';
  }
  void fault(const std::string& text) { line("! " + text); }

  /// Where in the datagram a view into it starts.
  std::string place(Bytes view) const {
    return "@" + std::to_string(view.data() - datagram_.data());
  }

  /// Opens one level of nesting; false when it is one too many.
  bool descend() {
    if (depth_ >= kDepthMax) {
      fault("nested too deep to print");
      return false;
    }
    ++depth_;
    return true;
  }

  void message(Bytes bytes);
  void options(Bytes bytes, Place where);
  void option(const OptionView& view, Place where, const std::string& at);
  void contents(const OptionRow& row, Bytes value, Place where);
  std::string summary(const OptionRow& row, Bytes value) const;

  Bytes datagram_;
  std::string text_;
  int depth_ = 0;
};

void Printer::message(Bytes bytes) {
  Cursor cursor(bytes);
  const auto type = static_cast<MessageType>(cursor.u8());
  const std::string name = name_of(type);
  if (bytes.size() < header_size(type)) {
    fault("message of " + std::to_string(bytes.size()) +
          " octets is shorter than its header: " + print_hex(bytes));
    return;
  }
  if (is_relayed(type)) {
    const std::uint8_t hop_count = cursor.u8();
    const Ipv6Address link_address = Ipv6Address::from_bytes(cursor.bytes(16));
    const Ipv6Address peer_address = Ipv6Address::from_bytes(cursor.bytes(16));
    line(name + " hop-count " + std::to_string(hop_count) + " link-address " +
         link_address.to_string() + " peer-address " + peer_address.to_string());
  } else {
    std::string text = name + " (" + std::to_string(static_cast<unsigned>(type)) +
                       ") transaction-id " + print_hex(cursor.bytes(3));
    if (is_failover(type)) text += " sent-time " + print_time(cursor.u32());
    line(text);
  }
  if (!descend()) return;
  options(cursor.rest(), place_in(type));
  --depth_;
}

void Printer::options(Bytes bytes, Place where) {
  Cursor cursor(bytes);
  while (!cursor.at_end()) {
    const Bytes rest = cursor.rest();
    const std::string at = place(rest);
    const OptionView view = next_option(cursor);
    if (cursor.ok()) {
      option(view, where, at);
    } else if (rest.size() < 4) {
      fault(at + " " + std::to_string(rest.size()) +
            " stray octets at the end: " + print_hex(rest));
    } else {
      Cursor length(rest.subspan(2));
      fault(at + " option " + std::to_string(view.code) + " announces " +
            std::to_string(length.u16()) + " octets, " + std::to_string(rest.size() - 4) +
            " are left");
    }
  }
}

void Printer::option(const OptionView& view, Place where, const std::string& at) {
  const OptionRow* const row = find_option(view.code);
  const std::string head = at + " " + (row == nullptr ? "unknown" : row->name) + " (" +
                           std::to_string(view.code) + "), " + std::to_string(view.value.size());
  if (row == nullptr) {
    line(head + ": " + print_hex(view.value));
    return;
  }
  const std::string shown = summary(*row, view.value);
  line(shown.empty() ? head : head + ": " + shown);
  if (!length_fits(*row, view.value.size())) {
    fault("length is not one that this option may have");
    return;
  }
  if (!may_stand_in(*row, where)) {
    fault("does not belong here");
    return;
  }
  contents(*row, view.value, where);
}

std::string Printer::summary(const OptionRow& row, Bytes value) const {
  if (!length_fits(row, value.size())) return print_hex(value);
  Cursor cursor(value);
  switch (static_cast<OptionCode>(row.code)) {
    case OptionCode::kIaNa:
    case OptionCode::kIaPd: {
      const std::uint32_t iaid = cursor.u32();
      const std::uint32_t t1 = cursor.u32();
      return "iaid " + std::to_string(iaid) + " t1 " + seconds(t1) + " t2 " + seconds(cursor.u32());
    }
    case OptionCode::kIaTa:
      return "iaid " + std::to_string(cursor.u32());
    case OptionCode::kLqRelayData:
      return "peer-address " + Ipv6Address::from_bytes(cursor.bytes(16)).to_string();
    case OptionCode::kIaAddr: {
      const Ipv6Address address = Ipv6Address::from_bytes(cursor.bytes(16));
      const std::uint32_t preferred = cursor.u32();
      return address.to_string() + " preferred " + seconds(preferred) + " valid " +
             seconds(cursor.u32());
    }
    case OptionCode::kIaPrefix: {
      const std::uint32_t preferred = cursor.u32();
      const std::uint32_t valid = cursor.u32();
      const std::uint8_t length = cursor.u8();
      return Ipv6Prefix{Ipv6Address::from_bytes(cursor.bytes(16)), length}.to_string() +
             " preferred " + seconds(preferred) + " valid " + seconds(valid);
    }
    case OptionCode::kOptionRequest: {
      std::string codes;
      while (!cursor.at_end()) {
        const std::uint16_t code = cursor.u16();
        codes += (codes.empty() ? "" : " ") + std::to_string(code);
      }
      return codes;
    }
    case OptionCode::kStatusCode: {
      const auto code = static_cast<StatusCode>(cursor.u16());
      std::string text = name_of(code);
      text += " (" + std::to_string(static_cast<unsigned>(code)) + ")";
      if (!cursor.at_end()) text += " " + print_text(cursor.rest());
      return text;
    }
    case OptionCode::kClientFqdn:
      return "flags " + std::to_string(value[0]) + " name " + name_to_text(value.subspan(1));
    default:
      if (const auto text = print_partner_value(row, value)) return *text;
      return row.format == ValueFormat::kContainer ? "" : print_value(row, value);
  }
}

void Printer::contents(const OptionRow& row, Bytes value, Place where) {
  if (row.format != ValueFormat::kContainer || !descend()) return;
  const Place in_ia = is_of_failover(where) ? Place::kFailoverIa : Place::kIa;
  const Place in_lease = is_of_failover(where) ? Place::kFailoverLease : Place::kLease;
  switch (static_cast<OptionCode>(row.code)) {
    case OptionCode::kRelayMessage:
      message(value);
      break;
    case OptionCode::kIaNa:
    case OptionCode::kIaPd:
      options(value.subspan(12), in_ia);
      break;
    case OptionCode::kIaTa:
      options(value.subspan(4), in_ia);
      break;
    case OptionCode::kIaAddr:
      options(value.subspan(24), in_lease);
      break;
    case OptionCode::kIaPrefix:
      options(value.subspan(25), in_lease);
      break;
    case OptionCode::kClientData:
      options(value, Place::kClientData);
      break;
    case OptionCode::kDnsRemovalInfo:
      options(value, Place::kDnsRemovalInfo);
      break;
    case OptionCode::kLqRelayData:
      message(value.subspan(16));
      break;
    default:
      options(value, Place::kServerMessage);
      break;
  }
  --depth_;
}

}  // namespace

std::string print_datagram(std::span<const std::uint8_t> datagram) {
  return Printer(datagram).print();
}

}  // namespace tandem6

// Changes that reach the disk together or not at all.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "dataplane/lease/change.h"
#include "dataplane/lease/leases_origin.h"
#include "storage/endpoint_format.h"
#include "storage/record_fault.h"

namespace tandem6 {

using RecordOctets = std::span<const std::uint8_t>;

class Store;

/// The thread that writes to the store, alone.
class WriteSet {
 public:
  /// Borrows the store that it will be written to.
  explicit WriteSet(const Store& store);
  ~WriteSet();
  WriteSet(const WriteSet&) = delete;
  WriteSet& operator=(const WriteSet&) = delete;

  /// The binding as it is after the change, or its end; what that means for the dirty index; and
  /// that its prefix has left its half.
  void add(const Change& change);
  /// The block is of `half` from now on, and no part of it of another one: records of blocks inside
  /// of it end. REQUIRES: no bits past its length.
  void move_block(const Ipv6Prefix& block, Half half);
  void put_endpoint(std::string_view relationship, const EndpointRecord& record);
  /// Takes a record out of "lease" and keeps it, with the reason, where it harms nobody.
  void set_aside(RecordOctets key, RecordOctets value, RecordFault fault);
  /// The same out of "delegable".
  void set_block_aside(RecordOctets key, RecordOctets value, RecordFault fault);
  /// What the server knows of itself ("server-duid"), under its name in "default"; a checksum goes
  /// with it.
  void put_server(std::string_view name, RecordOctets value);
  void put_origin(LeasesOrigin origin);
  void clear();

  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept;  // octets, about as they will stand in the log

 private:
  void put_aside(RecordOctets key, RecordOctets value, RecordFault fault);
  void put_raw(std::string_view name, RecordOctets value);

  friend class Store;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tandem6

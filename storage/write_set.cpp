#include "storage/write_set.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "storage/block_format.h"
#include "storage/checksum.h"
#include "storage/lease_format.h"
#include "storage/octet_codec.h"
#include "storage/store_impl.h"

namespace tandem6 {

std::vector<std::uint8_t> server_record(std::string_view name, RecordOctets value) {
  std::vector<std::uint8_t> checked(value.size() + sizeof(std::uint32_t));
  RecordWriter writer(checked);
  writer.octets(value);
  writer.number(crc32c(value, crc32c(octets_of(rocksdb::Slice(name)))));
  return checked;
}

WriteSet::WriteSet(const Store& store) : impl_(std::make_unique<Impl>(store.impl_.get())) {}

WriteSet::~WriteSet() = default;

void WriteSet::add(const Change& change) {
  const LeaseKey key(change.binding, change.duid.bytes());
  const rocksdb::Slice key_slice = slice_of(key.octets());
  rocksdb::WriteBatch& batch = impl_->batch;
  rocksdb::ColumnFamilyHandle* leases = impl_->store->family(Family::kLease);
  if (change.kind == ChangeKind::kPut) {
    const LeaseValue value(change.binding, change.attributes(), key.octets());
    batch.Put(leases, key_slice, slice_of(value.octets())).PermitUncheckedError();
  } else {
    batch.Delete(leases, key_slice).PermitUncheckedError();
  }
  rocksdb::ColumnFamilyHandle* dirty = impl_->store->family(Family::kDirty);
  switch (change.dirty_index) {
    case DirtyIndex::kKeep:
      break;
    case DirtyIndex::kAdd:
      batch.Put(dirty, key_slice, rocksdb::Slice()).PermitUncheckedError();
      break;
    case DirtyIndex::kRemove:
      batch.Delete(dirty, key_slice).PermitUncheckedError();
      break;
  }
  if (change.binding.half_left) move_block(change.binding.lease(), Half::kFree);
}

void WriteSet::move_block(const Ipv6Prefix& block, Half half) {
  const BlockKey key(block);
  const BlockKey end = BlockKey::end_inside(block);
  const BlockValue value(half, key);
  rocksdb::WriteBatch& batch = impl_->batch;
  rocksdb::ColumnFamilyHandle* blocks = impl_->store->family(Family::kDelegable);
  batch.DeleteRange(blocks, slice_of(key.octets()), slice_of(end.octets())).PermitUncheckedError();
  batch.Put(blocks, slice_of(key.octets()), slice_of(value.octets())).PermitUncheckedError();
}

void WriteSet::put_endpoint(std::string_view relationship, const EndpointRecord& record) {
  const std::string key = endpoint_key(relationship);
  put_raw(key, endpoint_value(record, octets_of(rocksdb::Slice(key))));
}

void WriteSet::put_server(std::string_view name, RecordOctets value) {
  put_raw(name, server_record(name, value));
}

void WriteSet::put_origin(LeasesOrigin origin) {
  const std::array<std::uint8_t, 1> value{static_cast<std::uint8_t>(origin)};
  put_server(kOriginName, value);
}

void WriteSet::put_raw(std::string_view name, RecordOctets value) {
  impl_->batch.Put(impl_->store->family(Family::kServer), rocksdb::Slice(name), slice_of(value))
      .PermitUncheckedError();
}

void WriteSet::put_aside(RecordOctets key, RecordOctets value, RecordFault fault) {
  std::vector<std::uint8_t> kept(1 + value.size());
  kept[0] = static_cast<std::uint8_t>(fault);
  std::ranges::copy(value, kept.begin() + 1);
  impl_->batch.Put(impl_->store->family(Family::kSetAside), slice_of(key), slice_of(kept))
      .PermitUncheckedError();
}

void WriteSet::set_block_aside(RecordOctets key, RecordOctets value, RecordFault fault) {
  put_aside(key, value, fault);
  impl_->batch.Delete(impl_->store->family(Family::kDelegable), slice_of(key))
      .PermitUncheckedError();
}

void WriteSet::set_aside(RecordOctets key, RecordOctets value, RecordFault fault) {
  put_aside(key, value, fault);
  impl_->batch.Delete(impl_->store->family(Family::kLease), slice_of(key)).PermitUncheckedError();
  impl_->batch.Delete(impl_->store->family(Family::kDirty), slice_of(key)).PermitUncheckedError();
}

void WriteSet::clear() { impl_->batch.Clear(); }

bool WriteSet::empty() const noexcept { return impl_->batch.Count() == 0; }

std::size_t WriteSet::size() const noexcept { return impl_->batch.GetDataSize(); }

}  // namespace tandem6

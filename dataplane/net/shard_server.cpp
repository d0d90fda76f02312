#include "dataplane/net/shard_server.h"

#include "dataplane/wire/check.h"

namespace tandem6 {

unsigned ShardServer::locate(Bytes client_id) noexcept {
  const ClientKey client = service_->client_key(client_id);
  const ShardId home = service_->home_of(client);
  if (home == shard_->id()) shard_->prefetch(client);
  return home;
}

void ShardServer::answer(const ShardQuery& query, SpscRing<ShardAnswer>& answers) noexcept {
  const ClientKey client = service_->client_key(query.duid.bytes());
  answer_shard_query(query, client, *shard_,
                     [&answers](const ShardAnswer& answer) { T6_CHECK(answers.push(answer)); });
}

void ShardServer::use(const Service& service) noexcept {
  service_ = &service;
  responder_.use(service);
}

}  // namespace tandem6

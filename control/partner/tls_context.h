// The certificates of one relationship, read from files, and how TLS is spoken (RFC 9325): versions
// 1.2 and 1.3, ECDHE with AEAD suites, both sides show a certificate; no renegotiation, no
// compression, no resumption.
#pragma once

#include <openssl/types.h>

#include <expected>
#include <memory>
#include <string>

#include "control/failover/partner_settings.h"

namespace tandem6 {

/// Immutable once loaded; connections share it. Control thread.
class TlsContext {
 public:
  /// The error names the file, for people. Asks nobody for a passphrase.
  [[nodiscard]] static std::expected<std::shared_ptr<const TlsContext>, std::string> load(
      const TlsSettings& settings);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// A session that verifies that the other side is `partner_name`. Owned by the caller, who keeps
  /// `fault` for as long: it gets a line when a certificate is refused.
  [[nodiscard]] SSL* make_session(std::string& fault) const;
  [[nodiscard]] const std::string& partner_name() const noexcept { return partner_name_; }

 private:
  TlsContext(SSL_CTX* context, std::string partner_name);

  SSL_CTX* context_;
  std::string partner_name_;
};

}  // namespace tandem6

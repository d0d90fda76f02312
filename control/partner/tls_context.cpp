#include "control/partner/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "control/partner/certificate_text.h"

namespace tandem6 {
namespace {

constexpr const char* kTls12Suites = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";
constexpr const char* kGroups = "X25519:P-256:P-384";

/// An encrypted key is a fault: nobody is there to be asked.
int refuse_passphrase(char*, int, int, void*) { return 0; }

std::unexpected<std::string> fault_of(const std::string& what, const std::string& path) {
  std::string reason = take_tls_error();
  if (reason.empty()) reason = "cannot be read";
  return std::unexpected(what + " " + path + ": " + reason);
}

/// Called by OpenSSL for each certificate of a chain.
int note_fault(int is_good, X509_STORE_CTX* chain) {
  if (is_good != 0) return is_good;
  const auto* session = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* fault = static_cast<std::string*>(SSL_get_ex_data(session, 0));
  const auto* context =
      static_cast<const TlsContext*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), 0));
  if (fault != nullptr && fault->empty()) {
    *fault = text_of_certificate_fault(chain, context->partner_name());
  }
  return is_good;
}

void set_rules(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kTls12Suites);
  SSL_CTX_set1_groups_list(context, kGroups);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, note_fault);
  SSL_CTX_set_default_passwd_cb(context, refuse_passphrase);
}

std::expected<void, std::string> read_files(SSL_CTX* context, const TlsSettings& settings) {
  if (SSL_CTX_load_verify_file(context, settings.ca.c_str()) != 1) {
    return fault_of("the CA", settings.ca);
  }
  if (SSL_CTX_use_certificate_chain_file(context, settings.certificate.c_str()) != 1) {
    return fault_of("the certificate", settings.certificate);
  }
  if (SSL_CTX_use_PrivateKey_file(context, settings.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return fault_of("the key", settings.key);
  }
  return {};
}

/// The names that a certificate may be for, and no more: no part of a label is a wildcard, and the
/// subject counts for nothing.
std::expected<void, std::string> expect_partner(SSL_CTX* context, const std::string& name) {
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_hostflags(
      parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1) return {};
  ERR_clear_error();
  if (!name.empty() && X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), 0) == 1) return {};
  ERR_clear_error();
  return std::unexpected("partner-name \"" + name + "\" is neither a name nor an address");
}

}  // namespace

std::expected<std::shared_ptr<const TlsContext>, std::string> TlsContext::load(
    const TlsSettings& settings) {
  ERR_clear_error();
  SSL_CTX* context = SSL_CTX_new(TLS_method());
  if (context == nullptr) return std::unexpected("TLS cannot be started: " + take_tls_error());
  const std::shared_ptr<TlsContext> loaded(new TlsContext(context, settings.partner_name));
  set_rules(context);
  if (auto read = read_files(context, settings); !read) return std::unexpected(read.error());
  if (auto set = expect_partner(context, settings.partner_name); !set) {
    return std::unexpected(set.error());
  }
  return loaded;
}

TlsContext::TlsContext(SSL_CTX* context, std::string partner_name)
    : context_(context), partner_name_(std::move(partner_name)) {
  SSL_CTX_set_ex_data(context_, 0, this);
}
TlsContext::~TlsContext() { SSL_CTX_free(context_); }

SSL* TlsContext::make_session(std::string& fault) const {
  SSL* session = SSL_new(context_);
  if (session != nullptr) SSL_set_ex_data(session, 0, &fault);
  return session;
}

}  // namespace tandem6

#include "control/partner/certificate_text.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <memory>
#include <system_error>

namespace tandem6 {
namespace {

std::string text_of_string(const ASN1_STRING* string) {
  const unsigned char* octets = ASN1_STRING_get0_data(string);
  std::string text(octets, octets + ASN1_STRING_length(string));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';  // it goes to logs and terminals
  }
  return text;
}

std::string text_of_address(const ASN1_OCTET_STRING* octets) {
  constexpr int kIpv4Size = 4;
  constexpr int kIpv6Size = 16;
  const int size = ASN1_STRING_length(octets);
  if (size != kIpv4Size && size != kIpv6Size) return "?";
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(size == kIpv4Size ? AF_INET : AF_INET6, ASN1_STRING_get0_data(octets), text.data(),
            text.size());
  return text.data();
}

std::string subject_of(const X509* certificate) {
  if (certificate == nullptr) return "?";
  std::array<char, 256> text{};
  X509_NAME_oneline(X509_get_subject_name(certificate), text.data(), text.size());
  return text.data();
}

/// The partner's own, or one of those that vouch for it.
std::string what_at(int depth, const X509* certificate) {
  if (depth == 0) return "the partner's certificate";
  return "the certificate " + subject_of(certificate) + " above the partner's";
}

std::string text_of_reason(unsigned long error) {
  if (ERR_SYSTEM_ERROR(error)) return std::generic_category().message(ERR_GET_REASON(error));
  const char* text = ERR_reason_error_string(error);
  return text == nullptr ? "error " + std::to_string(error) : text;
}

}  // namespace

std::string names_of(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::string text;
  const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    if (!text.empty()) text += ", ";
    text += name->type == GEN_DNS ? text_of_string(name->d.dNSName)
                                  : text_of_address(name->d.iPAddress);
  }
  return text.empty() ? subject_of(certificate) + " without a DNS name or an address" : text;
}

std::string time_text(const ASN1_TIME* time) {
  std::tm calendar{};
  if (ASN1_TIME_to_tm(time, &calendar) != 1) return "an unreadable time";
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &calendar);
  return text.data();
}

std::string text_of_certificate_fault(X509_STORE_CTX* chain, const std::string& wanted) {
  const int fault = X509_STORE_CTX_get_error(chain);
  const X509* certificate = X509_STORE_CTX_get_current_cert(chain);
  const std::string what = what_at(X509_STORE_CTX_get_error_depth(chain), certificate);
  switch (fault) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return what + " is for " + names_of(certificate) + ", not for " + wanted;
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return what + " expired on " + time_text(X509_get0_notAfter(certificate));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return what + " is not valid before " + time_text(X509_get0_notBefore(certificate));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "the partner's certificate is not signed by our CA";
    default:
      return what + ": " + X509_verify_cert_error_string(fault);
  }
}

std::string take_tls_error() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  if (error == 0) return {};
  const int reason = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return text_of_reason(error);
  if (reason >= SSL_AD_REASON_OFFSET) return "the partner ends TLS: " + text_of_reason(error);
  switch (reason) {
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "the partner shows no certificate";
    case SSL_R_HTTP_REQUEST:
    case SSL_R_WRONG_VERSION_NUMBER:
      return "what the partner says is not TLS";
    default:
      return "TLS: " + text_of_reason(error);
  }
}

}  // namespace tandem6

#include "tests/partner/certificates.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace tandem6 {
namespace {

void add_extension(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

/// Without its signature.
X509* blank_certificate(const std::string& name, EVP_PKEY* key, const CertificateWish& wish) {
  static long serial = 0;
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), wish.begins);
  X509_gmtime_adj(X509_getm_notAfter(certificate), wish.ends);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

template <typename Write>
void write_file(const std::string& path, Write write) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr) << path;
  write(file);
  std::fclose(file);
}

void write_certificate(const std::string& path, X509* certificate) {
  write_file(path, [&](std::FILE* file) { PEM_write_X509(file, certificate); });
}

}  // namespace

CertificateFolder::CertificateFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "tandem6-test-XXXXXX";
  path_ = mkdtemp(pattern.data());
}
CertificateFolder::~CertificateFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Authority::Authority(const CertificateFolder& folder, const std::string& name)
    : folder_(folder), name_(name), key_(EVP_EC_gen("P-256")) {
  certificate_ = blank_certificate(name, key_, {.subject_alt_name = {}, .ends = 86400});
  X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
  add_extension(certificate_, certificate_, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate_, key_, EVP_sha256());
  write_certificate(folder.path(name + ".pem"), certificate_);
}

Authority::~Authority() {
  X509_free(certificate_);
  EVP_PKEY_free(key_);
}

void Authority::issue(const std::string& name, const CertificateWish& wish) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = blank_certificate(name, key, wish);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_));
  if (!wish.subject_alt_name.empty()) {
    add_extension(certificate, certificate_, NID_subject_alt_name, wish.subject_alt_name);
  }
  X509_sign(certificate, key_, EVP_sha256());
  write_certificate(folder_.path(name + ".pem"), certificate);
  write_file(folder_.path(name + ".key"), [&](std::FILE* file) {
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  X509_free(certificate);
  EVP_PKEY_free(key);
}

void Authority::encrypt_key(const std::string& name) const {
  write_file(folder_.path(name + ".key"), [this](std::FILE* file) {
    unsigned char phrase[] = "secret";
    PEM_write_PrivateKey(file, key_, EVP_aes_256_cbc(), phrase, 6, nullptr, nullptr);
  });
}

TlsSettings Authority::settings(const std::string& name, const std::string& partner_name) const {
  return {.certificate = folder_.path(name + ".pem"),
          .key = folder_.path(name + ".key"),
          .ca = folder_.path(name_ + ".pem"),
          .partner_name = partner_name};
}

}  // namespace tandem6

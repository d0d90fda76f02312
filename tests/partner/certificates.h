// Certificates for tests, made on the spot in a folder that is gone with them.
#pragma once

#include <openssl/types.h>

#include <string>

#include "control/failover/partner_settings.h"

namespace tandem6 {

class CertificateFolder {
 public:
  CertificateFolder();
  ~CertificateFolder();
  CertificateFolder(const CertificateFolder&) = delete;
  CertificateFolder& operator=(const CertificateFolder&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// What a certificate says; times in seconds from now.
struct CertificateWish {
  std::string subject_alt_name;  // "DNS:a.example" or "IP:::1"; empty: none
  long begins = -3600;
  long ends = 3600;
};

/// A CA. Its certificate and all that it issues are files of the folder.
class Authority {
 public:
  Authority(const CertificateFolder& folder, const std::string& name);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// Writes `name`.pem and `name`.key.
  void issue(const std::string& name, const CertificateWish& wish) const;
  /// The key of `name` is written anew, under a passphrase.
  void encrypt_key(const std::string& name) const;
  /// The settings of who has this certificate, trusts this CA and expects that partner.
  [[nodiscard]] TlsSettings settings(const std::string& name,
                                     const std::string& partner_name) const;

 private:
  const CertificateFolder& folder_;
  std::string name_;
  EVP_PKEY* key_;
  X509* certificate_;
};

}  // namespace tandem6

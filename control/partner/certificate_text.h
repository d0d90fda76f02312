// What is wrong with a certificate or a handshake, in one line for people. OpenSSL's types are
// borrowed for the call.
#pragma once

#include <openssl/types.h>

#include <string>

namespace tandem6 {

/// Whom it is for: "a.example, 2001:db8::1", from subjectAltName, else the subject.
[[nodiscard]] std::string names_of(const X509* certificate);
/// "2027-02-11 08:00:00 UTC".
[[nodiscard]] std::string time_text(const ASN1_TIME* time);
/// Why the chain that is being verified is refused; `wanted` is whom it should be for.
[[nodiscard]] std::string text_of_certificate_fault(X509_STORE_CTX* chain,
                                                    const std::string& wanted);
/// The oldest error of OpenSSL's queue, which is emptied; "" when there is none.
[[nodiscard]] std::string take_tls_error();

}  // namespace tandem6

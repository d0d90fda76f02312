"""A certification authority of the laboratory, and the certificates of a pair."""

from . import process


class Authority:
    def __init__(self, folder, name="ca"):
        self.folder = folder
        self.certificate = folder / f"{name}.pem"
        self._key = folder / f"{name}.key"
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                      "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.certificate)

    def issue(self, name, days=2):
        """(certificate, key) for this DNS name."""
        key, request, certificate, names = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem", "names"))
        names.write_text(f"subjectAltName=DNS:{name}\n")
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                      "-keyout", key, "-out", request)
        self._openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
                      "-days", str(days), "-extfile", names, "-out", certificate)
        return certificate, key

    @staticmethod
    def _openssl(*words):
        process.run(["openssl", *[str(word) for word in words]], timeout=30)


def settings_of(authority, own_name, partner_name):
    """The `tls` mapping of a server that is `own_name`."""
    certificate, key = authority.issue(own_name)
    return {"certificate": str(certificate), "key": str(key), "ca": str(authority.certificate),
            "partner-name": partner_name}

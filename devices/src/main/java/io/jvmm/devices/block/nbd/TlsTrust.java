package io.jvmm.devices.block.nbd;

import io.jvmm.devices.block.DiskException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/** Whose certificates a server may show. Read once, before the machine runs. */
final class TlsTrust {
  private final NbdTarget target;
  private final SSLContext context;

  private TlsTrust(NbdTarget target, SSLContext context) {
    this.target = target;
    this.context = context;
  }

  /**
   * Reads what the target names, or takes what Java trusts.
   *
   * @throws DiskException where the file cannot be used
   */
  static TlsTrust of(NbdTarget target) {
    try {
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      String file = target.tlsCa();
      trust.init(file == null ? null : read(target, file));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return new TlsTrust(target, context);
    } catch (IOException | GeneralSecurityException e) {
      throw new DiskException(
          target.text(), "has certificates of authorities that cannot be read: " + e);
    }
  }

  private static KeyStore read(NbdTarget target, String file)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int count = 0;
    try (InputStream pem = Files.newInputStream(Path.of(file))) {
      for (Certificate certificate :
          CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("ca" + count++, certificate);
      }
    }
    if (count == 0) {
      throw new DiskException(target.text(), "has a tls-ca without a certificate: " + file);
    }
    return store;
  }

  /** The client's side of one connection. The server's name is checked where there is one. */
  SSLEngine engine() {
    String host = target.host();
    SSLEngine engine =
        host == null ? context.createSSLEngine() : context.createSSLEngine(host, target.port());
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    if (host != null) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 2818: names and addresses
    }
    engine.setSSLParameters(parameters);
    return engine;
  }
}

package io.trimtab.adaptation;

import io.trimtab.adaptation.gate.Envelope;
import io.trimtab.adaptation.gate.EnvelopeJson;
import io.trimtab.store.BlobDraft;
import io.trimtab.store.ObjectStore;
import io.trimtab.store.Sha256;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** An envelope on its way to the store; its name is known ahead, so that it can be pinned. */
final class EnvelopeBlob {
  private final byte[] contents;
  private final String digest;

  EnvelopeBlob(Envelope envelope) {
    this.contents = EnvelopeJson.write(envelope);
    this.digest = HexFormat.of().formatHex(Sha256.start().digest(contents));
  }

  /** Its name in the store: sha-256, hex. */
  String digest() {
    return digest;
  }

  /** Makes it durable there. */
  void commit(ObjectStore store) {
    try (BlobDraft draft = store.newBlob(contents.length)) {
      draft.write(ByteBuffer.wrap(contents));
      draft.commit();
    }
  }
}

package io.trimtab.adapter;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.trimtab.store.BlobDraft;
import io.trimtab.store.ObjectStore;
import java.nio.ByteBuffer;
import java.util.List;

/** Revisions for tests of the registry, which never looks into their files. */
final class Revisions {
  private static final String BASE_DIGEST = "ba".repeat(32);

  private Revisions() {}

  /** With files in the store that say what they are of. */
  static NewRevision stored(ObjectStore store, String contents) {
    return stored(store, contents, RevisionState.STAGED);
  }

  static NewRevision stored(ObjectStore store, String contents, RevisionState state) {
    String config = put(store, "config");
    String weights = put(store, contents);
    return of(state, new RevisionFiles(config, weights, 6 + contents.length()));
  }

  static NewRevision of(RevisionState state) {
    return of(state, new RevisionFiles("c0".repeat(32), "f0".repeat(32), 2));
  }

  static NewRevision of(RevisionState state, RevisionFiles files) {
    return of(state, files, "a note", 1);
  }

  static NewRevision of(RevisionState state, RevisionFiles files, String note, float scale) {
    return new NewRevision(
        files.weights(),
        state,
        "upload",
        16,
        List.of("q_proj", "v_proj"),
        1234,
        files,
        note,
        "",
        BASE_DIGEST,
        scale,
        null);
  }

  static String put(ObjectStore store, String contents) {
    try (BlobDraft draft = store.newBlob(1 << 20)) {
      draft.write(ByteBuffer.wrap(contents.getBytes(UTF_8)));
      return draft.commit();
    }
  }
}

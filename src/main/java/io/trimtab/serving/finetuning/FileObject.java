package io.trimtab.serving.finetuning;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.trimtab.adaptation.files.TrainingFile;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's file object. A file is checked before it is kept, so its status is always {@code
 * processed}; none expires.
 */
record FileObject(
    String id,
    String object,
    long bytes,
    @JsonProperty("created_at") long createdAt,
    @JsonProperty("expires_at") @Nullable Long expiresAt,
    String filename,
    String purpose,
    String status) {
  static final String PURPOSE = "fine-tune";

  static FileObject of(TrainingFile file) {
    return new FileObject(
        file.id(),
        "file",
        file.bytes(),
        file.created().getEpochSecond(),
        null,
        file.name(),
        PURPOSE,
        "processed");
  }
}

package io.trimtab.serving.adapters;

import io.trimtab.adaptation.AdapterExamination;
import io.trimtab.adaptation.AdapterUpload;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FileChunk;
import io.trimtab.v1.UploadHeader;
import io.trimtab.v1.UploadRequest;
import java.util.Optional;

/** Reads the messages of an upload in their order: one header, then chunks of files. */
final class UploadReader {
  private final UploadInbox inbox;

  UploadReader(UploadInbox inbox) {
    this.inbox = inbox;
  }

  UploadHeader header() {
    UploadRequest first =
        inbox
            .next()
            .orElseThrow(
                () -> TrimtabException.invalid("The upload is empty, expected a header first"));
    if (!first.hasHeader()) {
      throw TrimtabException.invalid("The upload begins with a file, expected a header first");
    }
    return first.getHeader();
  }

  /** Reads to the end of the files, or to the first thing wrong with them, and examines them. */
  AdapterExamination examined(AdapterUpload upload) {
    for (Optional<UploadRequest> next = inbox.next(); next.isPresent(); next = inbox.next()) {
      FileChunk chunk = chunk(next.get());
      if (chunk.getPath().isEmpty() && chunk.getData().isEmpty()) {
        // It would keep the upload's place and bring nothing.
        return AdapterExamination.refused("A chunk without a path and without data came");
      }
      try {
        upload.file(chunk.getPath());
        upload.data(chunk.getData().asReadOnlyByteBuffer());
      } catch (TrimtabException refusal) {
        if (refusal.code() == ErrorCode.INVALID_ARGUMENT) {
          return AdapterExamination.refused(String.valueOf(refusal.getMessage()));
        }
        throw refusal;
      }
    }
    return upload.examine();
  }

  private static FileChunk chunk(UploadRequest message) {
    return switch (message.getMessageCase()) {
      case FILE -> message.getFile();
      case HEADER -> throw TrimtabException.invalid("A second header, expected a file or the end");
      case MESSAGE_NOT_SET ->
          throw TrimtabException.invalid("An empty message, expected a file or the end");
    };
  }
}

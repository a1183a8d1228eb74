package io.trimtab.testing;

import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.store.BlobDraft;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A draft on a disk that has room for so many bytes more. */
public record FullDiskDraft(BlobDraft draft, long bytesFree) implements BlobDraft {
  @Override
  public void write(ByteBuffer bytes) {
    if (draft.bytes() + bytes.remaining() > bytesFree) {
      throw new TrimtabException(ErrorCode.RESOURCE_EXHAUSTED, "No space left on device");
    }
    draft.write(bytes);
  }

  @Override
  public long bytes() {
    return draft.bytes();
  }

  @Override
  public Path file() {
    return draft.file();
  }

  @Override
  public String commit() {
    return draft.commit();
  }

  @Override
  public void close() {
    draft.close();
  }
}

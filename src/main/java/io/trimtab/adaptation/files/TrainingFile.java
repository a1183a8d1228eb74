package io.trimtab.adaptation.files;

import java.time.Instant;

/**
 * A file of training data, as it is kept.
 *
 * @param id {@code file-} and 32 hexadecimal digits, made by the server
 * @param name as the client calls it; never a path here
 * @param bytes of the contents
 * @param lines that hold an example
 * @param blob digest of the blob that the contents lie in, behind {@link #headBytes} of its own
 */
public record TrainingFile(
    String tenant,
    String id,
    String name,
    long bytes,
    int lines,
    String blob,
    int headBytes,
    Instant created) {}

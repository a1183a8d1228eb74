package io.trimtab.adaptation;

import io.trimtab.adapter.AdapterId;

/**
 * What an upload is for.
 *
 * @param note a person's words about the revision; may be empty
 */
public record UploadOrder(AdapterId id, String note, NoopPolicy noop, AfterUpload after) {}

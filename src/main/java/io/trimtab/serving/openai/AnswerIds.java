package io.trimtab.serving.openai;

import io.trimtab.engine.api.ServedBy;

/**
 * What every piece of one answer carries.
 *
 * @param id of the prediction, which feedback accepts
 * @param created seconds since 1970
 * @param model as the request named it
 */
record AnswerIds(String id, long created, String model) {
  /** Digest of what answered: the delta's, or the model's where there is none. */
  static String fingerprint(ServedBy by) {
    return by.adapterDigest().isEmpty() ? by.modelDigest() : by.adapterDigest();
  }
}

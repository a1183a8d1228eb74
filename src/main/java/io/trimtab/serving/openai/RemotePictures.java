package io.trimtab.serving.openai;

import io.trimtab.model.text.Picture;
import io.trimtab.serving.http.FieldException;

/** Where pictures that lie elsewhere come from. */
public interface RemotePictures {
  /**
   * Fetches one; waits for it.
   *
   * @param path of the field that has the URL
   * @throws FieldException for a URL that may not be fetched, or whose picture can't
   */
  Picture fetch(String url, String path);

  /** From nowhere: what there is must come with the request. */
  static RemotePictures none() {
    return (_, path) -> {
      throw FieldException.invalid(
          path,
          path
              + " is an http URL, which this server does not fetch"
              + " (trimtab.openai.image-urls.enabled); expected a data URL");
    };
  }
}

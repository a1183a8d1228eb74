package io.trimtab.serving.openai;

import io.trimtab.error.Quoted;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import io.trimtab.serving.http.DataUrl;
import io.trimtab.serving.http.FieldException;

/** Reads the pictures that requests name by URL: those inside the URL, and fetched ones. */
final class PictureUrls {
  private final RemotePictures remote;

  PictureUrls(RemotePictures remote) {
    this.remote = remote;
  }

  /**
   * The picture; waits for another server where it must be fetched.
   *
   * @param path of the field that has the URL
   */
  Picture read(String url, String path) {
    if (DataUrl.is(url)) {
      try {
        return DataUrl.picture(url, path);
      } catch (TrimtabException e) {
        throw new FieldException(path, e);
      }
    }
    if (url.regionMatches(true, 0, "http:", 0, 5) || url.regionMatches(true, 0, "https:", 0, 6)) {
      return remote.fetch(url, path);
    }
    throw FieldException.invalid(
        path, "%s is %s, expected a data URL".formatted(path, Quoted.of(url)));
  }
}
